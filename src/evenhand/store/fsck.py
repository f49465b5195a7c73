"""The one check of the store, for tests and operators: everything that can be computed anew is, and compared.

What it cannot see: a ledger rewritten as a whole by whoever holds the signing key (earlier checkpoints and
receipts show that), and changed values that follow from nothing else (the hash of an unused code).
"""

from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from evenhand.errors import EvenhandError
from evenhand.store import migrate, schema
from evenhand.store.faults import kind_of
from evenhand.store.findings import Finding
from evenhand.store.fsck_cases import check_cases
from evenhand.store.fsck_ledger import check_ledger
from evenhand.store.fsck_office import check_office
from evenhand.store.fsck_rows import check_rows
from evenhand.store.fsck_seen import Seen
from evenhand.store.keyring import KeyHolder
from evenhand.store.store import Store
from evenhand.store.tombstones import Tombstones

__all__ = ["Finding", "examine", "fsck"]


def fsck(store: Store) -> tuple[Finding, ...]:
    """Check the whole store in one snapshot.

    Returns:
        What was found, in a stable order; empty where all is well.

    Raises:
        StoreError: the store cannot be reached, or holds no tables.
    """
    with store.snapshot() as connection:
        return examine(connection, store.keys, store.tombstones)


def examine(connection: Connection, keys: KeyHolder, tombstones: Tombstones) -> tuple[Finding, ...]:
    """The same, in a transaction that is open already.

    Returns:
        What was found, in a stable order; empty where all is well.
    """
    seen = Seen(keys)
    steps: tuple[Callable[[Connection], Iterator[Finding]], ...] = (
        _schema,
        lambda connection: check_cases(connection, seen),
        lambda connection: check_office(connection, seen),
        lambda connection: check_ledger(connection, seen),
        lambda connection: check_rows(connection, seen, tombstones),
    )
    found: list[Finding] = []
    if connection.dialect.name == "sqlite":
        found += _guarded(connection, _integrity)
    for step in steps:
        found += _guarded(connection, step)
    return tuple(found)


def _guarded(connection: Connection, step: Callable[[Connection], Iterator[Finding]]) -> list[Finding]:
    """What a step finds; rows that cannot be read at all are a finding, not an end."""
    found: list[Finding] = []
    try:
        with connection.begin_nested():
            for each in step(connection):
                found.append(each)  # noqa: PERF402 - what was found before a fault counts
    except SQLAlchemyError as error:
        found.append(Finding("database", kind_of(error), "The database cannot read its own rows."))
    except EvenhandError as error:
        found.append(Finding("database", error.code, error.what))
    except (ValueError, TypeError, OverflowError) as error:
        found.append(Finding("database", type(error).__name__, "A row holds what its column cannot."))
    return found


def _integrity(connection: Connection) -> Iterator[Finding]:
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
        if line != "ok":
            yield Finding("database", "integrity_check", str(line)[:200])
    for table, *_ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Finding("orphan", str(table), "A row points to one that is not there.")


def _schema(connection: Connection) -> Iterator[Finding]:
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    if list(found) != [migrate.CURRENT]:
        yield Finding("schema", "alembic_version", f"The tables say {found}, and are {migrate.CURRENT}.")
    rows = connection.execute(select(schema.frontier.c.id)).scalars().all()
    if list(rows) != [0]:
        yield Finding("frontier", "frontier", "There is one right edge, row 0.")
