"""SQLite: which build may be used and how, and every setting read back.

Builds from 3.7.0 to 3.51.2, other than the mended 3.50.7 and 3.44.6, can lose acknowledged commits in WAL mode
when a checkpoint and a writer meet (sqlite.org/wal.html, the WAL-reset bug). With those a rollback journal is
used, synced with its folder (`EXTRA`); with all others WAL, synced at each commit (`FULL`).
"""

import os
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from evenhand.errors import StoreError

Version = tuple[int, int, int]

OLDEST: Version = (3, 35, 0)
"""Older builds lack what the migrations rely on (`ALTER TABLE … DROP COLUMN`, 3.35)."""

FIRST_WAL: Version = (3, 7, 0)
LAST_FAULTY: Version = (3, 51, 2)
MENDED: frozenset[Version] = frozenset({(3, 50, 7), (3, 44, 6)})

PRIVATE = 0o600
"""Mode of the store's file; SQLite gives its journal and WAL the same."""

Journal = Literal["wal", "delete"]
SYNCHRONOUS: dict[Journal, int] = {"wal": 2, "delete": 3}
"""FULL for WAL, EXTRA for a rollback journal."""


def driver() -> ModuleType:
    """pysqlite3, which brings its own mended SQLite, where it is installed; else the standard library's."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3 as dbapi2
    return dbapi2  # type: ignore[no-any-return]


def version_of(module: ModuleType) -> Version:
    """The version of the SQLite that a driver is linked with."""
    major, minor, patch, *_ = (int(part) for part in module.sqlite_version.split("."))
    return major, minor, patch


def journal_for(version: Version) -> Journal:
    """The journal that keeps every acknowledged commit with a build.

    Raises:
        StoreError: the build is too old to be used at all.
    """
    if version < OLDEST:
        raise StoreError(
            "store.sqlite-too-old",
            f"SQLite {_text(version)} is too old for the store.",
            why=f"It needs {_text(OLDEST)} or newer.",
            mend="Install pysqlite3-binary, which brings its own SQLite, or use PostgreSQL.",
        )
    faulty = FIRST_WAL <= version <= LAST_FAULTY and version not in MENDED
    return "delete" if faulty else "wal"


def prepare_file(path: Path) -> None:
    """Make the store's file, private, where there is none.

    Raises:
        StoreError: it cannot be made there.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE))
    except OSError as error:
        raise StoreError(
            "store.unavailable",
            "The store's file cannot be opened.",
            where=str(path),
            why=str(error.strerror),
            mend="Check that its folder is there and that the service's user may write in it.",
        ) from error


def settings(journal: Journal, wait: float) -> dict[str, int | str]:
    """Every setting of a connection, as it must read back."""
    return {
        "busy_timeout": round(wait * 1000),
        "journal_mode": journal,
        "synchronous": SYNCHRONOUS[journal],
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "temp_store": 2,
        "mmap_size": 0,
    }


def set_up(connection: Any, journal: Journal, wait: float) -> None:
    """Set every setting on a new connection, and read each one back.

    Raises:
        StoreError: one did not take.
    """
    connection.isolation_level = None  # transactions begin where the store says, not where the driver guesses
    for name, wanted in settings(journal, wait).items():
        connection.execute(f"PRAGMA {name}={wanted}").close()
        row = connection.execute(f"PRAGMA {name}").fetchone()
        # mmap_size reads back as nothing where the build leaves memory mapping out: nothing is mapped.
        if row is not None and row[0] != wanted:
            raise StoreError(
                "store.setting",
                f"SQLite does not take the setting {name}={wanted}.",
                why=f"It reads back as {row[0]}; without it an answer could be lost or kept too long.",
                mend="Keep the store on a local disk, not a network share, and let no other program hold it.",
            )


def _text(version: Version) -> str:
    return ".".join(map(str, version))
