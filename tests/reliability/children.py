"""What children do until they end or are killed. What `_note` notes outlives a kill: it is a finished write."""

import ctypes
import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

from evenhand.casework.events import KeyRotated
from evenhand.casework.roles import Actor
from evenhand.errors import StoreError
from evenhand.service.office import Office
from evenhand.service.publish import publish
from evenhand.statistics.noise import Mechanism, mechanism
from evenhand.store.keys import FileKeys
from evenhand.store.rotation import resume, rotate
from evenhand.store.store import Store, open_store
from evenhand.store.tombstones import FileTombstones
from evenhand.store.unit import Unit
from tests.store.town import AT, TOWN, answer

NOISY = "EVENHAND_NOISY_CHILDREN"
"""Where it is set, children are born with OpenDP loaded: each of them would need seconds for it."""

if os.environ.get(NOISY):
    mechanism(Fraction(1), 1)

ANALYST = Actor("ana", frozenset({"analyst"}))
DECEMBER = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)

ONE_SHOT, LASTING, KILL, TORN_KILL = 1, 2, 3, 4
"""Fail one call; fail all from one on; kill before a call; kill in the middle of a write."""


def opened(url: str, keys: str, driver: str | None = None) -> Store:
    """A store with keys in files; `driver` "standard": the standard library's SQLite."""
    folder = Path(keys)
    return open_store(
        url,
        FileKeys(folder),
        tombstones=FileTombstones(folder.parent / "erasures.jsonl"),
        sqlite=sqlite3 if driver == "standard" else None,
    )


def write_answers(url: str, keys: str, jobs: list[dict[str, Any]]) -> None:
    """Answer without end, a thread for each case, so that answers share transactions; see `_write_one`."""
    store = opened(url, keys)
    threads = [threading.Thread(target=_write_one, args=(store,), kwargs=each) for each in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write_one(store: Store, case: str, start: int, acks: str, sends: str) -> None:
    """Answer a case, each with its form's token; the last form sent before a kill is sent again first."""
    number = start
    while True:
        _note(sends, number)
        with store.reading() as reading:
            known = reading.known(case)
        index = store.together.transact(partial(_answer_once, case=case, number=number), known)
        _note(acks, [number, index])
        number += 1


def _answer_once(unit: Unit, case: str, number: int) -> int:
    before = unit.once(f"{case}{number:032d}", case)
    return before if before is not None else unit.append(answer(case, f"Q{number}"))


def answer_with_fault(
    url: str, keys: str, case: str, item: str, call: int, mode: int, error: int, folder: str, result: str,
    driver: str | None = None,
) -> None:  # fmt: skip
    """One answer whose n-th call to the disk fails. Notes how many calls there were, and the outcome."""
    shim = ctypes.CDLL(None)
    store = opened(url, keys, driver)
    with store.reading() as reading:
        reading.size()
    shim.evenhand_arm(call, mode, error, folder.encode())
    outcome: dict[str, Any]
    try:
        with store.unit() as unit:
            index = unit.append(answer(case, item))
        outcome = {"stored": index}
    except StoreError as fault:
        outcome = {"code": fault.code}
    outcome["calls"] = shim.evenhand_disarm()
    _note(result, outcome)
    os._exit(0)  # as a crash leaves it: no tidy close


def migrate_killed(url: str, keys: str, statement: int) -> None:
    """Migrate, and die before the n-th statement."""
    store = opened(url, keys)
    left = [statement]

    def count(*_given: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), 9)

    event.listen(store.engine, "before_cursor_execute", count)
    store.migrate()


def rotate_keys(url: str, keys: str, batch: int) -> None:
    """Rotate, or go on with it where the ledger says that it was begun."""
    store = opened(url, keys)
    with store.reading() as reading:
        begun = reading.office_events(TOWN, kind=KeyRotated.kind)
    if begun:
        resume(store, TOWN, batch=batch)
    else:
        rotate(store, TOWN, at=AT, batch=batch)


def publish_killed(url: str, keys: str, statement: int, drawn: str) -> None:
    """Publish November, note what was drawn, and die before the n-th statement from the first write on."""
    store = opened(url, keys)
    left = [statement + 1]

    def count(_connection: object, _cursor: object, text: str, *_given: object) -> None:
        begun = left[0] <= statement or text.startswith(("INSERT", "UPDATE", "DELETE"))
        left[0] -= begun
        if left[0] == 0:
            os.kill(os.getpid(), 9)

    def draw(noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
        values = noise.release(counts)
        _note(drawn, values)
        return values

    event.listen(store.engine, "before_cursor_execute", count)
    publish(Office(store, lambda: DECEMBER), ANALYST, "demo-town", "2026-11", draw=draw)


def _note(path: str, what: Any) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, json.dumps(what).encode() + b"\n")
    os.close(handle)
