from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, update
from sqlalchemy.engine import Connection

from evenhand.store import schema
from evenhand.store.erase import erase_now
from evenhand.store.fsck import examine, fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.notes import sign_checkpoint
from evenhand.store.store import Store
from tests.store.stores import KINDS, Maker, PostgresBox
from tests.store.town import AT, TOWN, full_case, open_case, open_town

EVERY_COLUMN = [
    (table, column.name)
    for table in (schema.event, schema.leaf, schema.node, schema.checkpoint, schema.case_file, schema.tombstone,
                  schema.frontier, schema.case_key, schema.document, schema.programme)
    for column in table.columns
]  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def town(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_box: Callable[[], PostgresBox],
) -> Iterator[Store]:
    """Two cases, one of them erased, and two checkpoints. Every test undoes what it does."""
    maker = Maker(request.param, tmp_path_factory.mktemp("town"), postgres_box)
    store = maker.new(MemoryKeys("town.example/evenhand"))
    open_town(store)
    full_case(store)
    with store.unit() as unit:
        gone = open_case(unit)
    store.checkpoint(AT)
    erase_now(store, gone, "request", at=AT)
    assert fsck(store) == ()
    yield store
    maker.close()


@contextmanager
def damaged(store: Store) -> Iterator[Connection]:
    """A transaction behind the store's back, without foreign keys, that is undone at the end."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=0")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.rollback()
        connection.invalidate()


def found_in(store: Store, connection: Connection) -> set[str]:
    return {each.code for each in examine(connection, store.keys, store.tombstones)}


def flipped(value: Any, binary: bool) -> Any:
    """The value with its last byte changed in its lowest bit; where there is none, one."""
    if value is None:
        return "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ 1
    data = bytes(value) if binary else str(value).encode()
    changed = data[:-1] + bytes([data[-1] ^ 1]) if data else b"\x01"
    return changed if binary else changed.decode()


@pytest.mark.parametrize(("table", "column"), EVERY_COLUMN, ids=lambda each: getattr(each, "name", each))
def test_one_changed_byte_is_found(town: Store, table: Any, column: str) -> None:
    key = [each.name for each in table.primary_key.columns]
    with damaged(town) as connection:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
        row = next((each for each in reversed(rows) if each[column] is not None), rows[-1])
        value = flipped(row[column], isinstance(table.c[column].type, LargeBinary))
        taken = {tuple(value if name == column else each[name] for name in key) for each in rows}
        if column in key and len(taken) < len(rows):
            value = 10**6 if isinstance(value, int) else value  # a free place, so that the change can be made
        where = [table.c[name] == row[name] for name in key]
        connection.execute(update(table).where(*where).values({column: value}))
        assert found_in(town, connection)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda c: c.execute(schema.event.delete().where(schema.event.c.index == 3)), "tombstone"),
        (lambda c: c.execute(schema.tombstone.delete()), "tombstone"),
        (lambda c: c.execute(schema.node.delete().where(schema.node.c.level == 1)), "node"),
        (lambda c: c.execute(schema.node.insert().values(level=9, index=0, hash=b"x" * 32)), "node"),
        (lambda c: c.execute(schema.leaf.delete().where(schema.leaf.c.index == 4)), "leaf"),
        (lambda c: c.execute(schema.case_key.delete()), "case-key"),
        (lambda c: c.execute(schema.case_file.delete()), "orphan"),
        (lambda c: c.execute(schema.programme.delete()), "projection"),
        (lambda c: c.execute(schema.submission.update().values(event_index=0)), "projection"),
        (lambda c: c.execute(schema.access_code.update().values(programme="other")), "projection"),
    ],
    ids=["event", "tombstones", "nodes", "extra-node", "leaf", "key", "case", "programme", "submission", "code"],
)
def test_a_missing_or_misplaced_row_is_found(town: Store, damage: Callable[[Any], object], code: str) -> None:
    with damaged(town) as connection:
        damage(connection)
        assert code in found_in(town, connection)


def test_entries_cut_off_behind_a_checkpoint_are_found(town: Store) -> None:
    with damaged(town) as connection:
        connection.execute(schema.frontier.update().values(size=2, hashes=b"x" * 32))
        connection.execute(schema.leaf.delete().where(schema.leaf.c.index >= 2))
        connection.execute(schema.event.delete().where(schema.event.c.index >= 2))
        connection.execute(schema.node.delete().where(schema.node.c.level > 1))
        assert "checkpoint" in found_in(town, connection)


def test_a_checkpoint_of_another_key_is_found(town: Store) -> None:
    note = sign_checkpoint(3, b"x" * 32, MemoryKeys("town.example/evenhand").signer)
    with damaged(town) as connection:
        connection.execute(schema.checkpoint.update().where(schema.checkpoint.c.size > 3).values(note=note))
        assert "checkpoint" in found_in(town, connection)


def test_a_store_of_two_programmes_is_well(store: Store) -> None:
    open_town(store, "summer")
    with store.unit() as unit:
        open_case(unit, programme="summer")
    assert fsck(store) == ()
    with store.reading() as reading:
        assert [each.name for each in reading.programmes()] == ["summer", TOWN]
