"""The version of the tables, and the way from one to the next.

All steps that are due run in one transaction, on SQLite and on PostgreSQL, under the lock of the writers:
interrupted anywhere, the tables are as they were.
"""

from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import Connection

from evenhand.errors import StoreError
from evenhand.store import postgres

STEPS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every version of the tables, oldest first; the last is this software's."""

CURRENT = STEPS[-1]

SCRIPTS = Path(__file__).parent / "migrations"


def version(engine: Engine) -> str | None:
    """The version of a store's tables; None where there are none."""
    with engine.connect() as connection:
        return _version(connection)


def require_current(engine: Engine) -> None:
    """See that the tables are this software's.

    Raises:
        StoreError: there are none, or they are older or newer.
    """
    found = version(engine)
    if found is None:
        raise StoreError(
            "store.empty",
            "There is no store there yet.",
            where=engine.url.render_as_string(hide_password=True),
            mend="Make one, or check the address.",
        )
    _refuse_newer(found)
    if found != CURRENT:
        raise StoreError(
            "store.older",
            f"The store has the tables of version {found}; this software uses {CURRENT}.",
            why="They are brought up to date on request only, after a backup.",
            mend="Back up, then migrate the store.",
        )


def upgrade(engine: Engine, target: str = CURRENT) -> str:
    """Bring the tables to a version.

    Args:
        engine: the store's.
        target: the version; another than this software's for tests only.

    Returns:
        The version reached.

    Raises:
        StoreError: the store is newer.
    """
    with engine.connect() as connection:
        _lock(connection)
        found = _version(connection)
        if found is not None:
            _refuse_newer(found)
        if found != target:
            _run(connection, target)
        connection.commit()
    return target


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _refuse_newer(found: str) -> None:
    if found not in STEPS:
        raise StoreError(
            "store.newer",
            f"The store has the tables of version {found}, which this software does not know.",
            why="A later version of Evenhand wrote it.",
            mend="Use that version, or restore a backup of this one's.",
        )


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({postgres.LEDGER_LOCK})"))


def _run(connection: Connection, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
