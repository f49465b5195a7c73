"""The receipt of an event: what shows offline that it is in the ledger."""

from sqlalchemy import select
from sqlalchemy.engine import Connection

from evenhand.errors import StoreError
from evenhand.store import history, ledger, schema
from evenhand.store.keyring import KeyHolder
from evenhand.store.receipts import Receipt


def receipt_of(connection: Connection, keys: KeyHolder, index: int) -> Receipt:
    """The receipt of an event under a checkpoint that holds it.

    Raises:
        StoreError: no such event, it was erased, or no checkpoint holds it yet.
    """
    table = schema.event
    row = connection.execute(select(table).where(table.c.index == index)).first()
    found = ledger.checkpoint_from(connection, index + 1)
    if row is None or found is None:
        raise no_event(index)
    size, note = found
    key = history.data_key(connection, keys, row.case_id) if row.case_id else None
    payload = history.payload_of(index, row.body, key)
    proof = ledger.inclusion(connection, index, size)
    signer, before = str(ledger.signer_of(note, keys)), ledger.rotations(connection, size)
    return Receipt(index, row.kind, row.at, bytes(row.salt), payload, proof, note, signer, before)


def no_event(index: int) -> StoreError:
    """The error for an event that is not there."""
    return StoreError(
        "store.no-event",
        "There is no such event in the store.",
        where=f"index {index}",
        why="It was erased, or the ledger is shorter.",
        mend="A receipt that was given before stays valid; a new one cannot be made of an erased event.",
    )
