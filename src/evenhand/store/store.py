"""The store: opening it, changing it, reading it.

store = open_store("sqlite:///town.db", keys, tombstones=FileTombstones(path))
store.migrate()
with store.unit() as unit:            # all of it, or nothing
    index = unit.append(event)
with store.reading() as reading:      # one snapshot
    reading.events(case_id)
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import ModuleType, TracebackType
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from evenhand.errors import StoreError
from evenhand.store import ledger, migrate, postgres, schema
from evenhand.store.engine import begin_nothing, begun, drop_if_broken, open_engine, open_glances
from evenhand.store.faults import FAULTS, explained
from evenhand.store.keyring import KeyHolder
from evenhand.store.known import Known, Remembered, is_same
from evenhand.store.read import Reading
from evenhand.store.receiptmaking import no_event, receipt_of
from evenhand.store.receipts import Receipt
from evenhand.store.scrub import scrubbed
from evenhand.store.sealing import Random
from evenhand.store.together import Together
from evenhand.store.tombstones import MemoryTombstones, Tombstones, settle
from evenhand.store.unit import Unit

WAIT = 10.0
"""Seconds that a change waits for the one before it."""

AGAIN = frozenset({"store.busy", "store.unavailable"})
"""Faults after which nothing was stored and another try may do."""

_FIRST_READ = f"SELECT size FROM {schema.frontier.name}"  # noqa: S608 - a name of our own

PAUSE = 0.05
"""Seconds before a second try; doubled before each further one."""
Done = TypeVar("Done")


def open_store(
    url: str,
    keys: KeyHolder,
    *,
    tombstones: Tombstones | None = None,
    random: Random = secrets.token_bytes,
    wait: float = WAIT,
    sqlite: ModuleType | None = None,
) -> "Store":
    """Open a store. Its tables are made or brought up to date by `Store.migrate`, on request only.

    Args:
        url: `sqlite:///path` or `postgresql+pg8000://…`.
        keys: the keys.
        tombstones: the list of erasures, kept outside the store; None: in memory, for tests and invented towns.
        random: source of salts, case ids and nonces.
        wait: seconds to wait for another writer.
        sqlite: SQLite driver; None: the best that is installed.

    Raises:
        StoreError: no such kind of store, it cannot be reached, or it would not keep its promises.
    """
    engine = open_engine(url, wait=wait, module=sqlite)
    if engine.dialect.name == "postgresql":
        try:
            with engine.connect() as connection:
                postgres.require_durable(connection)
        except FAULTS as error:
            engine.dispose()
            raise explained(error) from None
        except StoreError:
            engine.dispose()
            raise
    glances = open_glances(url, engine, wait=wait)
    return Store(
        engine, keys, tombstones if tombstones is not None else MemoryTombstones(), random, wait, glances=glances
    )


class Store:
    """A store that is open. Safe to share between threads; each process opens its own."""

    def __init__(
        self,
        engine: Engine,
        keys: KeyHolder,
        tombstones: Tombstones,
        random: Random,
        wait: float,
        *,
        glances: Engine,
    ) -> None:
        self.engine, self.glances = engine, glances
        self.keys = keys
        self.tombstones = tombstones
        self.random = random
        self._wait = wait
        self._writing = threading.Lock()
        self.together = Together(self)
        self.seen = Remembered()
        self._ready = False

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """One change: kept whole when the block ends, undone when it raises.

        Raises:
            StoreError: `store.outcome-unknown` where the fault came during the commit; every other code means
                that nothing was stored.
        """
        with self.turn(), self.unit_in_turn() as unit:
            yield unit

    @contextmanager
    def unit_in_turn(self) -> Iterator[Unit]:
        """As `unit`, for who holds the `turn`."""
        self._require_ready()
        with self._transaction(self._begin_writing) as connection:
            unit = Unit(connection, self.keys, self.random, self.tombstones)
            try:
                yield unit
                unit.finish()
                self._commit(connection)
            except BaseException as error:
                self._settle(unit, error)
                raise
            self._settle(unit, None)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer of this process at a time, in the order they came; other processes wait at the database."""
        if not self._writing.acquire(timeout=self._wait):
            raise StoreError(
                "store.busy",
                "The store is busy.",
                why="Another change held it for too long. Nothing was stored.",
                mend="Try again in a moment.",
            )
        try:
            yield
        finally:
            self._writing.release()

    def transact(self, change: Callable[[Unit], Done], *, tries: int = 5, known: Known | None = None) -> Done:
        """Make a change, again where it is certain that it did not happen.

        Args:
            change: what to do; it may run more than once, so it only touches the unit.
            tries: how often at most.
            known: a case as the caller read it, to go on from; where it was changed since, it is read anew.

        Raises:
            StoreError: it did not happen, or nobody knows (`store.outcome-unknown`, never tried again).
        """
        for attempt in range(tries):
            try:
                with self.unit() as unit:
                    if known is not None:
                        unit.resume(known)
                    result = change(unit)
            except StoreError as error:
                if known is not None and error.code == "store.changed-meanwhile":
                    return self.transact(change, tries=tries)
                if error.code not in AGAIN or attempt == tries - 1:
                    raise
                time.sleep(PAUSE * 2**attempt)
            else:
                return result
        raise AssertionError("at least one try")

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One consistent snapshot to read from."""
        self._require_ready()
        with self._transaction(self._begin_reading) as connection:
            yield Reading(connection, self.keys)

    def known(self, case_id: str) -> Known:
        """A case as it stands. Its events are opened again only where it was changed since it was last seen here.

        Raises:
            StoreError: no such case.
            KeysError: its key or an event does not open.
        """
        before = self.seen.find(case_id)
        if before is not None and self._is_still(before):
            return before
        with self.reading() as reading:
            found = reading.known(case_id)
        self.seen.keep(found)
        return found

    def _is_still(self, known: Known) -> bool:
        """Whether a case is as it was; False too where the line had died, for the read after it opens another."""
        self._require_ready()
        try:
            with self._transaction(begin_nothing, self.glances) as connection:
                return is_same(connection, known)
        except StoreError as error:
            if error.code != "store.unavailable" or self.is_sqlite:
                raise
        self.glances.dispose()
        return False

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The snapshot itself, for the other modules of the store."""
        self._require_ready()
        with self._transaction(self._begin_reading) as connection:
            yield connection

    def checkpoint(self, at: datetime) -> str:
        """Sign the ledger as it stands, and keep the checkpoint.

        Args:
            at: when.

        Returns:
            The signed note.
        """
        with self.unit() as unit:
            return ledger.add_checkpoint(unit.connection, self.keys, at)

    def receipt(self, index: int, at: datetime) -> Receipt:
        """What shows that an event is in the ledger; makes a checkpoint where none holds the event yet.

        Args:
            index: index of the event.
            at: time of the checkpoint, if one is made.

        Raises:
            StoreError: no such event, or it was erased.
        """
        with self.reading() as reading:
            if index >= reading.size():
                raise no_event(index)
        with self.snapshot() as connection:
            found = ledger.checkpoint_from(connection, index + 1)
        if found is None:
            self.checkpoint(at)
        with self.snapshot() as connection:
            return receipt_of(connection, self.keys, index)

    def migrate(self) -> str:
        """Make the tables, or bring them up to this version. Interrupted, it changes nothing; run it again.

        Returns:
            The version of the tables.

        Raises:
            StoreError: the store is newer than this software.
        """
        with self.turn():
            try:
                return migrate.upgrade(self.engine)
            except FAULTS as error:
                raise explained(error) from None

    def version(self) -> str | None:
        """The version of the tables; None where there are none yet."""
        try:
            return migrate.version(self.engine)
        except FAULTS as error:
            raise explained(error) from None

    def scrub(self, *, vacuum: bool = True) -> bool:
        """Bring what was erased out of the files too.

        SQLite: pages that were freed are overwritten (`secure_delete`); this rewrites the file (`VACUUM`) and
        empties the WAL. PostgreSQL: `VACUUM FULL` of the tables that held it; the server recycles its WAL.

        Args:
            vacuum: rewrite the file or tables too, which takes time in proportion to their size.

        Returns:
            False where somebody reads an old snapshot, so the WAL could not be emptied yet: try again later.
        """
        with self.turn():
            try:
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    return scrubbed(connection, vacuum=vacuum)
            except FAULTS as error:
                raise explained(error) from None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.glances.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(
        self, begin: Callable[[Connection], None], engine: Engine | None = None
    ) -> Iterator[Connection]:
        """A transaction that is rolled back unless it was committed inside; faults come out explained."""
        connection = begun(engine or self.engine, begin)
        try:
            yield connection
        except (SQLAlchemyError, ConnectionError) as error:
            drop_if_broken(connection, error)
            raise explained(error) from None
        finally:
            with suppress(*FAULTS):
                connection.close()

    def _begin_writing(self, connection: Connection) -> None:
        if self.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(postgres.TAKE_LOCK, {"wait": f"{round(self._wait * 1000)}ms"})

    def _begin_reading(self, connection: Connection) -> None:
        if self.is_sqlite:
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql(_FIRST_READ).close()  # SQLite takes its snapshot at the first read
        else:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except FAULTS as error:
            with suppress(*FAULTS):
                connection.invalidate()
            raise explained(error, committing=True) from None

    def _settle(self, unit: Unit, error: BaseException | None) -> None:
        """Note in the list of erasures what became of this unit's; an unknown outcome stays open."""
        if unit.intents:
            self.seen.clear()
        if isinstance(error, StoreError) and error.code == "store.outcome-unknown":
            return
        for number in unit.intents:
            # One that cannot be noted now stays open, and `settle_open` finds out later what became of it.
            with suppress(StoreError):
                settle(self.tombstones, self.keys, number, done=error is None)

    def _require_ready(self) -> None:
        if not self._ready:
            try:
                migrate.require_current(self.engine)
            except FAULTS as error:
                raise explained(error) from None
            self._ready = True
