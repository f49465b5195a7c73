from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from evenhand.store import migrate, schema
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.store import Store
from tests.store.stores import Maker
from tests.store.town import full_case, open_town


class CutError(Exception):
    """The power went."""


def shape(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys and indexes."""
    found = inspect(store.engine)
    return {
        table: (
            [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(table)],
            sorted(found.get_pk_constraint(table)["constrained_columns"]),
            sorted((each["name"], tuple(each["column_names"])) for each in found.get_indexes(table)),
            sorted(
                (tuple(each["constrained_columns"]), each["referred_table"])
                for each in found.get_foreign_keys(table)
            ),
            sorted(tuple(each["column_names"]) for each in found.get_unique_constraints(table)),
        )
        for table in sorted(found.get_table_names())
        if table != "alembic_version"
    }


def test_the_steps_are_those_in_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(each.revision for each in reversed(scripts)) == migrate.STEPS


def test_the_steps_lead_to_the_tables_that_the_code_uses(stores: Maker, keys: MemoryKeys) -> None:
    migrated = stores.new(keys)
    made = stores.open(stores.url(), keys)
    schema.metadata.create_all(made.engine)
    assert shape(migrated) == shape(made)


def test_migrating_twice_changes_nothing(stores: Maker, keys: MemoryKeys) -> None:
    store = stores.new(keys)
    open_town(store)
    full_case(store)
    before = shape(store)
    assert store.migrate() == migrate.CURRENT
    assert shape(store) == before
    assert fsck(store) == ()


def statements(store: Store) -> int:
    """How many statements a whole migration takes."""
    seen: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    store.migrate()
    return len(seen)


@pytest.mark.parametrize(
    "start", [None, *(pytest.param(each, marks=pytest.mark.slow) for each in migrate.STEPS[:-1])]
)
def test_cut_at_each_statement_the_old_tables_stay_and_a_rerun_ends_the_same(
    stores: Maker, keys: MemoryKeys, start: str | None, tmp_path: Path
) -> None:
    def begun() -> Store:
        store = stores.open(stores.url(), keys)
        if start is not None:
            migrate.upgrade(store.engine, start)
        return store

    whole = begun()
    total = statements(whole)
    wanted = shape(whole)
    store = begun()
    before = shape(store)
    cut_at = [0]

    def cut(*_given: object) -> None:
        cut_at[0] -= 1
        if cut_at[0] == 0:
            raise CutError

    event.listen(store.engine, "before_cursor_execute", cut)
    for number in range(2, total + 1):
        cut_at[0] = number
        with pytest.raises(CutError):
            store.migrate()
        assert (store.version(), shape(store)) == (start, before), number
    cut_at[0] = -1
    store.migrate()
    assert shape(store) == wanted
    assert tmp_path.exists()
