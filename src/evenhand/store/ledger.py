"""The ledger in the database: its leaves and complete subtrees, its right edge, checkpoints and proofs.

Level 0 of the tree is the table `leaf`, all levels above are `node`; appending writes the leaf and the one
subtree it completes on average, and replaces the right edge (`frontier`) if it is still the one that was read.
"""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from evenhand.errors import LedgerError, StoreError
from evenhand.store import merkle, schema
from evenhand.store.history import moment
from evenhand.store.keyring import KeyHolder
from evenhand.store.merkle import HASH_BYTES, Frontier
from evenhand.store.notes import Checkpoint, sign_note
from evenhand.store.receipts import Later

FRONTIER = 0
"""The one row of `frontier`."""

# Statements of every append are made once: building them anew costs more than the database takes to run them.
_READ_EDGE = select(schema.frontier).where(schema.frontier.c.id == FRONTIER)
_ADD_LEAF = insert(schema.leaf)
_ADD_NODE = insert(schema.node)
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


def append_leaf(connection: Connection, frontier: Frontier, leaf: bytes) -> Frontier:
    """Append a leaf; write it and the subtrees that it completes. The edge is written by `replace_frontier`.

    Args:
        connection: the unit's.
        frontier: the right edge before.
        leaf: hash of the leaf, 32 bytes.

    Returns:
        The right edge after.
    """
    grown, nodes = frontier.append(leaf)
    connection.execute(_ADD_LEAF, {"index": frontier.size, "hash": leaf})
    for level, index, value in nodes[1:]:
        connection.execute(_ADD_NODE, {"level": level, "index": index, "hash": value})
    return grown


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


def add_checkpoint(connection: Connection, keys: KeyHolder, at: datetime) -> str:
    """The signed checkpoint of the ledger as it stands; one that is stored already is given again.

    Below the three lines of a checkpoint stands its time, `at …`, as the format allows, so that it is signed too.
    """
    frontier = read_frontier(connection)
    table = schema.checkpoint
    stored = connection.execute(select(table.c.note).where(table.c.size == frontier.size)).scalar()
    if stored is not None:
        return str(stored)
    root = merkle.root(frontier)
    note = sign_note(checkpoint_text(keys.verifier.name, frontier.size, root, moment(at)), keys.signer)
    values = {"size": frontier.size, "root": root, "note": note, "at": moment(at)}
    connection.execute(insert(table), values)
    return note


def checkpoint_text(origin: str, size: int, root: bytes, at: str) -> str:
    """What is signed as a checkpoint: origin, size and root, and below them the time."""
    return f"{Checkpoint(origin, size, root).text()}at {at}\n"


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
    found = checkpoint_from(connection, new)
    if found is None or found[0] != new:
        raise LedgerError(
            "ledger.no-checkpoint",
            f"No checkpoint of {new} entries is stored.",
            mend="Ask for the size of a checkpoint that was published.",
        )
    proof = merkle.consistency_proof(old, new, lambda level, at: node_of(connection, level, at))
    return Later(found[1], proof)
