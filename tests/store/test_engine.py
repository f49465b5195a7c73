import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evenhand.errors import StoreError
from evenhand.store import migrate, sqlite
from evenhand.store.keys import MemoryKeys
from evenhand.store.store import open_store
from tests.store.stores import Maker
from tests.store.town import AT, open_case, open_town


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 35, 0), "delete"),
        ((3, 40, 1), "delete"),
        ((3, 44, 5), "delete"),
        ((3, 44, 6), "wal"),
        ((3, 50, 6), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 0), "delete"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 53, 4), "wal"),
    ],
)
def test_faulty_builds_get_a_rollback_journal(version: sqlite.Version, journal: str) -> None:
    assert sqlite.journal_for(version) == journal


def test_a_build_that_is_too_old_is_refused() -> None:
    with pytest.raises(StoreError, match=r"store\.sqlite-too-old"):
        sqlite.journal_for((3, 34, 1))


def pragmas(store: Any) -> dict[str, Any]:
    with store.engine.connect() as connection:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}


def test_the_bundled_build_runs_in_wal_synced_at_each_commit(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'a.db'}", MemoryKeys()) as store:
        assert pragmas(store) == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_a_faulty_build_runs_with_a_journal_synced_with_its_folder(tmp_path: Path) -> None:
    if sqlite.journal_for(sqlite.version_of(sqlite3)) == "wal":
        pytest.skip("not run: the standard library's SQLite has no fault here")
    with open_store(f"sqlite:///{tmp_path / 'a.db'}", MemoryKeys(), sqlite=sqlite3) as store:
        assert pragmas(store) == {
            "journal_mode": "delete",
            "synchronous": 3,
            "secure_delete": 1,
            "foreign_keys": 1,
        }
        store.migrate()
        open_town(store)
        with store.unit() as unit:
            open_case(unit)
        assert store.checkpoint(AT)


def test_an_old_driver_is_refused_before_the_file_is_made(tmp_path: Path) -> None:
    old: Any = SimpleNamespace(sqlite_version="3.31.1")
    with pytest.raises(StoreError, match=r"store\.sqlite-too-old"):
        open_store(f"sqlite:///{tmp_path / 'a.db'}", MemoryKeys(), sqlite=old)
    assert not (tmp_path / "a.db").exists()


def test_a_setting_that_does_not_take_is_an_error() -> None:
    class Stubborn:
        isolation_level: str | None = ""

        def execute(self, _statement: str) -> "Stubborn":
            return self

        def fetchone(self) -> tuple[str]:
            return ("memory",)

        def close(self) -> None: ...

    with pytest.raises(StoreError, match=r"store\.setting"):
        sqlite.set_up(Stubborn(), "wal", 1.0)


def test_the_file_is_private(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'a.db'}", MemoryKeys()) as store:
        store.migrate()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "a.db-wal" in modes


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "postgresql://x/y", "sqlite:///a?mode=ro"],
)
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        open_store(url, MemoryKeys())


def test_a_password_in_a_url_is_never_repeated() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("mysql://ann:hunter2@host/db", MemoryKeys())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("query", ["", "?sslmode=require", "?sslmode=prefer"])
def test_a_way_that_others_can_listen_on_is_refused(query: str) -> None:
    with pytest.raises(StoreError, match=r"store\.not-private"):
        open_store(f"postgresql+pg8000://u@db.example.org/town{query}", MemoryKeys())


def test_a_server_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.unavailable"):
        open_store(f"postgresql+pg8000://u@/town?unix_sock={tmp_path / 'none'}", MemoryKeys())


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.unavailable"):
        open_store(f"sqlite:///{tmp_path / 'none' / 'a.db'}", MemoryKeys())


def test_a_file_that_is_no_store_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database at all, but a long enough text to be read as one" * 20)
    with open_store(f"sqlite:///{tmp_path / 'a.db'}", MemoryKeys()) as store, pytest.raises(StoreError) as caught:
        store.version()
    assert caught.value.code == "store.corrupt"


def test_a_store_without_tables_is_explained(stores: Maker, keys: MemoryKeys) -> None:
    store = stores.open(stores.url(), keys)
    with pytest.raises(StoreError, match=r"store\.empty"), store.unit():
        pass


def test_an_older_store_is_refused_until_it_is_migrated(stores: Maker, keys: MemoryKeys) -> None:
    store = stores.open(stores.url(), keys)
    migrate.upgrade(store.engine, migrate.STEPS[0])
    with pytest.raises(StoreError, match=r"store\.older"), store.reading():
        pass
    assert store.migrate() == migrate.CURRENT
    with store.reading() as reading:
        assert reading.size() == 0


def test_a_newer_store_is_refused(stores: Maker, keys: MemoryKeys) -> None:
    store = stores.new(keys)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"store\.newer"), store.unit():
        pass
    with pytest.raises(StoreError, match=r"store\.newer"):
        store.migrate()


def test_a_server_that_would_lose_commits_is_refused(stores: Maker, keys: MemoryKeys) -> None:
    if stores.kind != "postgres":
        pytest.skip("SQLite has its own test")
    url = stores.url()
    store = stores.open(url, keys)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
    store.close()
    with pytest.raises(StoreError, match=r"store\.not-durable"):
        open_store(url, keys)
