"""Opening the database by its URL, and taking a connection to it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from evenhand.errors import StoreError
from evenhand.store import postgres, sqlite
from evenhand.store.faults import FAULTS, explained, kind_of

POOL = 16
"""Connections given out at most, for each process; PostgreSQL: as many again for reads of one statement."""


def open_engine(url: str, *, wait: float, module: ModuleType | None = None) -> Engine:
    """The engine for a URL; connects to nothing yet.

    Args:
        url: `sqlite:///path` or `postgresql+pg8000://…`.
        wait: seconds to wait for another writer, and for a connection.
        module: SQLite driver; None: `sqlite.driver()`.

    Raises:
        StoreError: no such kind of store, SQLite too old, or the way to the server is not private.
    """
    parsed = _parsed(url)
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed, wait, module or sqlite.driver())
    return _postgres_engine(parsed, wait)


def open_glances(url: str, engine: Engine, *, wait: float) -> Engine:
    """The engine for a read of one statement, which is a snapshot by itself and needs no transaction around it.

    PostgreSQL: connections of their own, because to change one to and fro costs more than the read. SQLite: those
    of `engine`, which begin no transaction by themselves.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return _postgres_engine(_parsed(url), wait, isolation_level="AUTOCOMMIT")


def begun(engine: Engine, begin: Callable[[Connection], None]) -> Connection:
    """A connection with its transaction begun; once again where the pool's connection had died.

    Raises:
        StoreError: the database says no, or is not there.
    """
    try:
        return _connect(engine, begin)
    except FAULTS as error:
        if kind_of(error) != "unavailable" or engine.dialect.name == "sqlite":
            raise explained(error) from None
    engine.dispose()
    try:
        return _connect(engine, begin)
    except FAULTS as error:
        raise explained(error) from None


def begin_nothing(_connection: Connection) -> None:
    """Begin nothing: one statement is a snapshot by itself."""


def drop_if_broken(connection: Connection, error: Exception) -> None:
    """Throw away a connection after a fault of the disk or the line; the next one starts clean."""
    if kind_of(error) in {"io", "full", "corrupt", "unavailable"}:
        with suppress(*FAULTS):
            connection.invalidate()


def _connect(engine: Engine, begin: Callable[[Connection], None]) -> Connection:
    connection = engine.connect()
    try:
        begin(connection)
    except BaseException as error:
        if isinstance(error, FAULTS):
            drop_if_broken(connection, error)
        with suppress(*FAULTS):
            connection.close()
        raise
    return connection


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        parsed = None
    if parsed is None or parsed.drivername not in {"sqlite", "postgresql+pg8000"} or not parsed.database:
        raise _no_store(url)
    if parsed.drivername == "sqlite" and (parsed.database == ":memory:" or parsed.query):
        raise _no_store(url)
    return parsed


def _sqlite_engine(url: URL, wait: float, module: ModuleType) -> Engine:
    journal = sqlite.journal_for(sqlite.version_of(module))
    sqlite.prepare_file(Path(str(url.database)))
    engine = create_engine(
        url,
        module=module,
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=wait,
        connect_args={"check_same_thread": False, "timeout": wait},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        sqlite.set_up(connection, journal, wait)

    return engine


def _postgres_engine(url: URL, wait: float, **more: Any) -> Engine:
    plain, arguments = postgres.connection_arguments(url)
    engine = create_engine(
        plain,
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=wait,
        connect_args={"timeout": None, **arguments},
        hide_parameters=True,
        **more,
    )

    @event.listens_for(engine, "do_connect")
    def on_connect(_dialect: Any, _record: Any, given: list[Any], options: dict[str, Any]) -> Any:
        return postgres.driver()(*given, **options)

    return engine


def _no_store(url: str) -> StoreError:
    return StoreError(
        "store.url",
        "This names no store.",
        where=url.rpartition("@")[2][:200],
        why="A store is a SQLite file or a PostgreSQL database.",
        mend="Write sqlite:///path/to/file or postgresql+pg8000://user@host/database.",
    )
