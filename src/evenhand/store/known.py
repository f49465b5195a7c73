"""A case as it was read: its fold, the columns that change, and its key; and cases that were read a moment ago."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.errors import StoreError
from evenhand.store import history, schema
from evenhand.store.keyring import KeyHolder, Wrapped
from evenhand.store.sealing import Secret

CHANGING = (
    "state", "since", "district", "language", "proposal", "restricted", "appeal_open", "answer_by", "updated_at",
    "last_index",
)  # fmt: skip
"""Columns of a case's row that events change: those of `projection.beginning`."""

_CHANGING = [schema.case_file.c[name] for name in CHANGING]
_FIXED = [schema.case_file.c.programme, schema.case_file.c.definition_hash]
_KEY = [schema.case_key.c.wrapped, schema.case_key.c.key_version]
_READ = (
    select(*_CHANGING, *_FIXED, *_KEY)
    .select_from(schema.case_file.outerjoin(schema.case_key))
    .where(schema.case_file.c.case_id == bindparam("case_id"))
)


MOST, SECONDS = 10_000, 60.0
"""How many cases are kept in mind, and for how long since they were read or changed here."""


@dataclass(slots=True)
class Known:
    """A case as it was at one moment. A unit may go on from it: what was added since makes the change fail.

    Attributes:
        case: the fold of its events.
        definition_hash: the definition under which it was opened.
        row: the columns of its row that change, `last_index` among them.
        key: its data key.
    """

    case: Case
    definition_hash: str
    row: dict[str, Any]
    key: Secret


def read_known(connection: Connection, keys: KeyHolder, case_id: str) -> Known:
    """Read a case: one statement for its row and its key, one for its events.

    Raises:
        StoreError: no such case, or it has no key.
        KeysError: its key or an event does not open.
    """
    row = connection.execute(_READ, {"case_id": case_id}).first()
    if row is None:
        raise no_case()
    if row.wrapped is None:
        raise history.no_key()
    key = keys.unwrap(row.programme, case_id, Wrapped(row.key_version, bytes(row.wrapped)))
    events = history.case_events(connection, case_id, key)
    case = history.fold(case_id, row.programme, [event for _, event in events])
    changing = dict(zip(CHANGING, row, strict=False))
    return Known(case, row.definition_hash, changing, key)


def is_same(connection: Connection, known: Known) -> bool:
    """Whether a case's row says what it said when the case was read, and its key is still there."""
    row = connection.execute(_READ, {"case_id": known.case.case_id}).first()
    if row is None or row.wrapped is None or row.definition_hash != known.definition_hash:
        return False
    return row[: len(CHANGING)] == tuple(known.row[name] for name in CHANGING)


class Remembered:
    """Cases that were read or changed a moment ago, so that the page after an answer opens no event again.

    They are taken only where the case's row still says the same. What is opened lies in the memory of the process
    for a minute, and not after an erasure.

    Args:
        most: how many.
        seconds: for how long.
        clock: a clock that never goes back.
    """

    def __init__(
        self, most: int = MOST, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._kept: OrderedDict[str, tuple[float, Known]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, known: Known) -> None:
        """Keep a case as it is now."""
        with self._lock:
            self._forget()
            self._kept.pop(known.case.case_id, None)
            self._kept[known.case.case_id] = (self._clock(), replace(known, row=dict(known.row)))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def find(self, case_id: str) -> Known | None:
        """A case as it was; None where it is not kept."""
        with self._lock:
            self._forget()
            found = self._kept.get(case_id)
        return None if found is None else replace(found[1], row=dict(found[1].row))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def _forget(self) -> None:
        now = self._clock()
        while self._kept and now - next(iter(self._kept.values()))[0] >= self._seconds:
            self._kept.popitem(last=False)


def no_case() -> StoreError:
    """The error for a case that is not there."""
    return StoreError(
        "store.no-case",
        "There is no such case.",
        why="It was erased, or it never was.",
        mend="Look at the queue again.",
    )
