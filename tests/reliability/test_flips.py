"""Row 5: a bit changed in a row, on the disk or by a statement, is found."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from evenhand.errors import StoreError
from evenhand.store import schema
from evenhand.store.erase import erase_now
from evenhand.store.fsck import examine, fsck
from evenhand.store.store import Store
from tests.reliability.cells import Cell, cells
from tests.reliability.conftest import Record
from tests.reliability.scenes import town
from tests.store.stores import PostgresBox
from tests.store.town import AT, finish, full_case, open_case

CHECKED = ("event", "leaf", "node", "checkpoint", "case_file", "case_key", "tombstone", "frontier", "document")
"""Tables in which every change must be found."""


def furnished(url: str, keys: Path) -> Store:
    """A town with whole cases, erased ones and a checkpoint."""
    store, _ = town(url, keys, 1)
    for _ in range(3):
        with store.unit() as unit:
            gone = open_case(unit)
        erase_now(store, gone, "request", at=AT, vacuum=False)
    full_case(store)
    with store.unit() as unit:
        finish(unit, open_case(unit))
    store.checkpoint(AT)
    store.scrub()
    return store


def contents(store: Store) -> Any:
    """What the checked tables say; None where they cannot be read."""
    try:
        with store.snapshot() as connection:
            # As a tuple: the text of a row itself leaves out the middle of long values.
            return [
                sorted(repr(tuple(row)) for row in connection.execute(schema.metadata.tables[name].select()))
                for name in CHECKED
            ]
    except (StoreError, SQLAlchemyError, ValueError, TypeError):
        return None


def noticed(store: Store) -> bool:
    try:
        return fsck(store) != ()
    except StoreError:
        return True  # the store refuses to be read at all, and says why


def on_disk(keys: Path, folder: Path, chance: random.Random, tables: Sequence[str], wanted: int) -> int:
    """Flip bits in rows, one at a time, until so many changed what is stored; how many were tried."""
    file = folder / "live.db"
    store = furnished(f"sqlite:///{file}", keys)
    before = contents(store)
    with store.snapshot() as connection:
        found = connection.exec_driver_sql("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'")
        roots = {name: page for name, page in found if name in tables}
    store.close()
    whole = file.read_bytes()
    lying = cells(whole, roots)
    flips = mattered = 0
    while mattered < wanted:
        place = place_in(lying, chance)
        file.write_bytes(flipped(whole, place, chance))
        flips += 1
        if contents(store) != before:
            mattered += 1
            assert noticed(store), f"the flip at byte {place} is not found"
        store.close()
    return flips


def place_in(lying: Sequence[Cell], chance: random.Random) -> int:
    """A byte of some row; every table is as likely, however few rows it has."""
    table = chance.choice(sorted({each.table for each in lying}))
    cell = chance.choice([each for each in lying if each.table == table])
    return chance.randrange(cell.begin, cell.end)


def flipped(value: bytes, place: int, chance: random.Random) -> bytes:
    """The bytes with one bit of one of them changed."""
    changed = bytearray(value)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize(("tables", "name"), [(CHECKED[:1], "events"), (CHECKED[1:], "other tables")])
def test_every_bit_flipped_in_a_row_is_found(
    key_folder: Path, tmp_path: Path, chance: random.Random, record: Record, tables: Sequence[str], name: str
) -> None:
    flips = on_disk(key_folder, tmp_path, chance, tables, 15)
    record(5, f"sqlite, {name}", False, flips=flips, mattered=15, found=15)


@pytest.mark.slow
@pytest.mark.parametrize(("tables", "name"), [(CHECKED[:1], "events"), (CHECKED[1:], "other tables")])
def test_every_one_of_1000_bits_flipped_in_rows_is_found(
    key_folder: Path, tmp_path: Path, chance: random.Random, record: Record, tables: Sequence[str], name: str
) -> None:
    flips = on_disk(key_folder, tmp_path, chance, tables, 1000)
    record(5, f"sqlite, {name}", True, flips=flips, mattered=1000, found=1000)


def other(value: Any, chance: random.Random) -> Any:
    """The value with one bit changed; None where that is no value of its kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(31)
    whole = value.encode() if isinstance(value, str) else bytes(value)
    if not whole:
        return None
    changed = flipped(whole, chance.randrange(len(whole)), chance)
    if not isinstance(value, str):
        return changed
    return None if 0 in changed else changed.decode(errors="ignore") or None


def by_statement(store: Store, chance: random.Random, tables: Sequence[str], wanted: int) -> int:
    """Change values by statements, one at a time, and undo each; how many the server took."""
    chosen = [schema.metadata.tables[name] for name in tables]
    with store.snapshot() as connection:
        rows = {table.name: [row._mapping for row in connection.execute(table.select())] for table in chosen}
    taken = 0
    while taken < wanted:
        table = chance.choice(chosen)
        row = chance.choice(rows[table.name])
        column = chance.choice([each for each in table.columns if row[each.name] is not None])
        value = other(row[column.name], chance)
        if value is None or value == row[column.name]:
            continue
        with store.engine.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # as a disk: no rule is asked
            keys = [each == row[each.name] for each in table.primary_key.columns]
            try:
                connection.execute(table.update().where(*keys).values({column.name: value}))
            except SQLAlchemyError:
                continue  # another row has that key
            taken += 1
            found = examine(connection, store.keys, store.tombstones)
            assert found, f"{table.name}.{column.name}: {row[column.name]!r} -> {value!r} is not found"
    return taken


@pytest.mark.parametrize(("tables", "name"), [(CHECKED[:1], "events"), (CHECKED[1:], "other tables")])
def test_every_value_changed_by_a_statement_is_found(
    postgres_box: Callable[[], PostgresBox], key_folder: Path, chance: random.Random, record: Record,
    tables: Sequence[str], name: str,
) -> None:  # fmt: skip
    store = furnished(postgres_box().new_url(), key_folder)
    taken = by_statement(store, chance, tables, 15)
    store.close()
    record(5, f"postgres, {name}", False, flips=taken, mattered=taken, found=taken)


@pytest.mark.slow
@pytest.mark.parametrize(("tables", "name"), [(CHECKED[:1], "events"), (CHECKED[1:], "other tables")])
def test_every_one_of_1000_values_changed_by_statements_is_found(
    postgres_box: Callable[[], PostgresBox], key_folder: Path, chance: random.Random, record: Record,
    tables: Sequence[str], name: str,
) -> None:  # fmt: skip
    store = furnished(postgres_box().new_url(), key_folder)
    taken = by_statement(store, chance, tables, 1000)
    store.close()
    record(5, f"postgres, {name}", True, flips=taken, mattered=taken, found=taken)
