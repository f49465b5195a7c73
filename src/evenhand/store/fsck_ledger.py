"""Check of the ledger: leaves without a gap, the tree, its right edge, the checkpoints, the tombstones."""

from collections.abc import Iterator

from sqlalchemy import Row, select
from sqlalchemy.engine import Connection

from evenhand.errors import EvenhandError, LedgerError
from evenhand.store import ledger, merkle, schema
from evenhand.store.findings import Finding
from evenhand.store.fsck_seen import Seen
from evenhand.store.history import moment
from evenhand.store.keychain import forged, keys_at, named, own_spans, require
from evenhand.store.keyring import KeyHolder
from evenhand.store.merkle import frontier_at, node_hash
from evenhand.store.notes import VerifierKey, open_checkpoint, parse_note

Levels = list[list[bytes]]
"""Hashes of the complete subtrees, computed anew: level, then index."""


def check_ledger(connection: Connection, seen: Seen) -> Iterator[Finding]:
    """Check the whole ledger."""
    leaves = connection.execute(select(schema.leaf).order_by(schema.leaf.c.index)).all()
    for position, row in enumerate(leaves):
        if row._mapping["index"] != position:
            yield Finding("leaf", f"leaf {position}", "The ledger has a gap.")
            return
    levels = _levels([bytes(row.hash) for row in leaves])
    yield from _nodes(connection, levels)
    yield from _frontier(connection, levels)
    spans = own_spans((), seen.keys.verifier, seen.keys.former)
    try:
        _require_rotations(connection, seen.keys)
        spans = ledger.signers(connection, seen.keys)
    except LedgerError as error:
        yield Finding("checkpoint", "signing keys", f"{error.what} {error.why}".strip())
    for row in connection.execute(select(schema.checkpoint).order_by(schema.checkpoint.c.size)):
        yield from _checkpoint(row, levels, keys_at(spans, row.size))
    yield from _tombstones(connection, len(leaves), seen)


def _levels(leaves: list[bytes]) -> Levels:
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return levels


def _nodes(connection: Connection, levels: Levels) -> Iterator[Finding]:
    table = schema.node
    for level in range(1, len(levels)):
        query = select(table.c.index, table.c.hash).where(table.c.level == level)
        stored = {index: bytes(value) for index, value in connection.execute(query)}
        expected = dict(enumerate(levels[level]))
        for index in sorted(stored.keys() | expected.keys()):
            if stored.get(index) != expected.get(index):
                yield Finding("node", f"node {level}/{index}", "The subtree is not that of its leaves.")
    beyond = (table.c.level < 1) | (table.c.level >= len(levels))
    for row in connection.execute(select(table.c.level, table.c.index).where(beyond)):
        yield Finding("node", f"node {row.level}/{row._mapping['index']}", "The tree has no such subtree.")


def _frontier(connection: Connection, levels: Levels) -> Iterator[Finding]:
    expected = _edge(len(levels[0]), levels)
    row = connection.execute(select(schema.frontier).where(schema.frontier.c.id == ledger.FRONTIER)).first()
    if row is None or (row.size, bytes(row.hashes)) != (expected.size, ledger.packed(expected)):
        yield Finding("frontier", "frontier", "The right edge is not that of the leaves.")


def _edge(size: int, levels: Levels) -> merkle.Frontier:
    return frontier_at(size, lambda level, index: levels[level][index])


def _checkpoint(
    row: Row[tuple[int, bytes, str, str]], levels: Levels, keys: tuple[VerifierKey, ...]
) -> Iterator[Finding]:
    """Signed by a key that signed then, says what its columns say, and has the root that the leaves have."""
    where = f"checkpoint {row.size}"
    try:
        opened = open_checkpoint(row.note, keys)
    except EvenhandError as error:
        yield Finding("checkpoint", where, error.what)
        return
    text = ledger.checkpoint_text(opened.origin, row.size, bytes(row.root), row.at)
    if parse_note(row.note).text != text:
        yield Finding("checkpoint", where, "The signed note says something else than its columns.")
    elif row.size > len(levels[0]):
        yield Finding("checkpoint", where, "The ledger is shorter than this checkpoint: entries were cut off.")
    elif merkle.root(_edge(row.size, levels)) != opened.root:
        yield Finding("checkpoint", where, "The ledger does not begin with what was signed: entries were changed.")


def _require_rotations(connection: Connection, keys: KeyHolder) -> None:
    """Each change of the signing key is signed with both keys and begins where the last ended; ours ends them."""
    signing: VerifierKey | None = None
    for rotation in ledger.rotations(connection):
        old, new = named(rotation)
        if signing not in (None, old):
            raise forged(rotation, "It does not begin at the key that signed until then.")
        require(rotation, old, new)
        signing = new
    ours = {keys.verifier, *keys.former} | ({keys.waiting.verifier} if keys.waiting else set())
    if signing is not None and signing not in ours:
        raise forged(rotation, "It names a key that is not held.")


def _tombstones(connection: Connection, size: int, seen: Seen) -> Iterator[Finding]:
    """Each leaf has its event, or a tombstone that a `CaseErased` event names; each such event its tombstones."""
    stored = {int(row._mapping["index"]): row for row in connection.execute(select(schema.tombstone))}
    for index in sorted(set(range(size)) - seen.indexes - stored.keys()):
        yield Finding("tombstone", f"event {index}", "The event is missing, and no tombstone says why.")
    for index in sorted(stored.keys() & seen.indexes):
        yield Finding(
            "tombstone", f"event {index}", "The event is there, and a tombstone says that it was erased."
        )
    for index in sorted(stored.keys() | seen.erased.keys()):
        row, named = stored.get(index), seen.erased.get(index)
        told = named and (named[0], named[1].cause, moment(named[1].at))
        if row is None or told != (row.event_index, row.cause, row.at):
            yield Finding("tombstone", f"event {index}", "Tombstone and erasure event do not name each other.")
