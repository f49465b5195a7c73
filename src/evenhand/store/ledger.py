"""The ledger in the database: its leaves and complete subtrees, its right edge, checkpoints and proofs.

Level 0 of the tree is the table `leaf`, all levels above are `node`; appending writes the leaf and the one
subtree it completes on average, and replaces the right edge (`frontier`) if it is still the one that was read.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from evenhand.casework.events import SigningKeyRotated
from evenhand.errors import KeysError, LedgerError, StoreError
from evenhand.store import merkle, schema
from evenhand.store.history import moment
from evenhand.store.keychain import Rotation, Span, own_spans
from evenhand.store.keyring import KeyHolder
from evenhand.store.merkle import HASH_BYTES, Frontier
from evenhand.store.notes import Checkpoint, Signer, VerifierKey, parse_note, sign_note
from evenhand.store.receipts import Later

FRONTIER = 0
"""The one row of `frontier`."""

# Statements of every append are made once: building them anew costs more than the database takes to run them.
_READ_EDGE = select(schema.frontier).where(schema.frontier.c.id == FRONTIER)
ADD_LEAF = insert(schema.leaf).prefix_with(schema.LATER)
ADD_NODE = insert(schema.node).prefix_with(schema.LATER)
_MOVE_EDGE = update(schema.frontier).where(
    schema.frontier.c.id == FRONTIER, schema.frontier.c.size == bindparam("read")
)


def read_frontier(connection: Connection) -> Frontier:
    """The right edge of the tree.

    Raises:
        LedgerError: its row was changed.
    """
    row = connection.execute(_READ_EDGE).one()
    packed = bytes(row.hashes)
    return Frontier(row.size, tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)))


def packed(frontier: Frontier) -> bytes:
    """The hashes of a right edge as they lie in its row."""
    return b"".join(frontier.hashes)


def append_leaf(frontier: Frontier, leaf: bytes) -> tuple[Frontier, dict[str, Any], list[dict[str, Any]]]:
    """Append a leaf. The edge is written by `replace_frontier`.

    Args:
        frontier: the right edge before.
        leaf: hash of the leaf, 32 bytes.

    Returns:
        The right edge after; the leaf's row (`ADD_LEAF`) and those of the subtrees that it completes (`ADD_NODE`).
    """
    grown, nodes = frontier.append(leaf)
    rows = [{"level": level, "index": index, "hash": value} for level, index, value in nodes[1:]]
    return grown, {"index": frontier.size, "hash": leaf}, rows


def replace_frontier(connection: Connection, old: Frontier, new: Frontier) -> None:
    """Write the right edge, if it is still the one that was read.

    Raises:
        StoreError: another writer came in between: the lock does not hold.
    """
    done = connection.execute(_MOVE_EDGE, {"read": old.size, "size": new.size, "hashes": packed(new)})
    if done.rowcount != 1:
        raise StoreError(
            "store.two-writers",
            "Two writers appended to the ledger at once.",
            why="Nothing of this change was stored.",
            mend="Keep the store on a local disk, where its lock holds, and repeat the change.",
        )


def node_of(connection: Connection, level: int, index: int) -> bytes:
    """The hash of a complete subtree.

    Raises:
        LedgerError: it is not there.
    """
    table = schema.node if level else schema.leaf
    query = select(table.c.hash).where(table.c.index == index)
    if level:
        query = query.where(schema.node.c.level == level)
    found = connection.execute(query).scalar()
    if found is None:
        raise LedgerError(
            "ledger.missing-node",
            f"The ledger lacks the subtree {index} of level {level}.",
            mend="Run `evenhand fsck`, and restore the last backup.",
        )
    return bytes(found)


def add_checkpoint(
    connection: Connection, keys: KeyHolder, at: datetime, *, successor: Signer | None = None
) -> str:
    """The signed checkpoint of the ledger as it stands; one that is stored already is given again.

    Below the three lines of a checkpoint stands its time, `at …`, as the format allows, so that it is signed too.

    Args:
        connection: the unit's.
        keys: sign it.
        at: when.
        successor: the key that signs from here on, which signs this one as well.

    Raises:
        KeysError: another key signs this ledger by now (`keys.superseded`).
    """
    frontier = read_frontier(connection)
    table = schema.checkpoint
    stored = connection.execute(select(table.c.note).where(table.c.size == frontier.size)).scalar()
    if stored is not None:
        return str(stored)
    root = merkle.root(frontier)
    _require_current(connection, keys)
    signers = (keys.signer,) if successor is None else (keys.signer, successor)
    note = sign_note(checkpoint_text(keys.verifier.name, frontier.size, root, moment(at)), *signers)
    values = {"size": frontier.size, "root": root, "note": note, "at": moment(at)}
    connection.execute(insert(table), values)
    return note


def checkpoint_text(origin: str, size: int, root: bytes, at: str) -> str:
    """What is signed as a checkpoint: origin, size and root, and below them the time."""
    return f"{Checkpoint(origin, size, root).text()}at {at}\n"


def _require_current(connection: Connection, keys: KeyHolder) -> None:
    """See that no key signs that was followed by another: the last checkpoint is ours, or one of ours before."""
    table = schema.checkpoint
    last = connection.execute(select(table.c.note).order_by(table.c.size.desc()).limit(1)).scalar()
    ours = {key.hash for key in (keys.verifier, *keys.former)}
    if last is None or parse_note(last).signatures[-1].hash in ours:
        return
    raise KeysError(
        "keys.superseded",
        "Another key signs this ledger by now.",
        why="A change of the signing key was not finished, or the keys at hand are older than the ledger.",
        mend="Run evenhand keys rotate-signing again to finish it, or bring back the newer key.",
    )


def rotations(connection: Connection, size: int | None = None) -> tuple[Rotation, ...]:
    """The record of each change of the signing key, oldest first.

    Args:
        connection: a snapshot.
        size: only changes within the first so many entries; None: all.

    Raises:
        LedgerError: the checkpoint of a change is not stored.
    """
    table = schema.event
    query = (
        select(table.c.index, table.c.salt, table.c.body)
        .where(table.c.kind == SigningKeyRotated.kind)
        .order_by(table.c.index)
    )
    found = [(index, bytes(salt), bytes(body)) for index, salt, body in connection.execute(query)]
    return tuple(_rotation(connection, *each) for each in found if size is None or each[0] < size)


def _rotation(connection: Connection, index: int, salt: bytes, body: bytes) -> Rotation:
    return Rotation(index, salt, body, inclusion(connection, index, index + 1), exactly(connection, index + 1))


def signer_of(note: str, keys: KeyHolder) -> VerifierKey:
    """The key of ours, now or before, that signed a stored note: the last one that did."""
    signed = {each.hash for each in parse_note(note).signatures}
    return next((key for key in (keys.verifier, *reversed(keys.former)) if key.hash in signed), keys.verifier)


def signers(connection: Connection, keys: KeyHolder) -> tuple[Span, ...]:
    """Which key may have signed which of the ledger's checkpoints."""
    return own_spans(rotations(connection), keys.verifier, keys.former)


def checkpoint_from(connection: Connection, least: int) -> tuple[int, str] | None:
    """The smallest stored checkpoint of at least that many leaves: its size and note; None where there is none."""
    table = schema.checkpoint
    query = select(table.c.size, table.c.note).where(table.c.size >= least).order_by(table.c.size).limit(1)
    row = connection.execute(query).first()
    return (row.size, row.note) if row else None


def inclusion(connection: Connection, index: int, size: int) -> tuple[bytes, ...]:
    """The proof that a leaf is in the tree of a size.

    Raises:
        LedgerError: no such leaf.
    """
    return merkle.inclusion_proof(index, size, lambda level, at: node_of(connection, level, at))


def consistency(connection: Connection, old: int, new: int) -> Later:
    """The stored checkpoint of size `new` with the proof that it continues the tree of size `old`.

    Raises:
        LedgerError: no checkpoint of that size is stored, or the sizes are impossible.
    """
    note = exactly(connection, new)
    proof = merkle.consistency_proof(old, new, lambda level, at: node_of(connection, level, at))
    return Later(note, proof, rotations(connection, new))


def exactly(connection: Connection, size: int) -> str:
    """The note of the stored checkpoint of that many entries.

    Raises:
        LedgerError: none is stored.
    """
    found = checkpoint_from(connection, size)
    if found is None or found[0] != size:
        raise LedgerError(
            "ledger.no-checkpoint",
            f"No checkpoint of {size} entries is stored.",
            mend="Ask for the size of a checkpoint that was published.",
        )
    return found[1]
