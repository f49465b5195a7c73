"""What several proofs share: a town, what lies in it, and what was acknowledged."""

import json
import shutil
from pathlib import Path
from typing import Any

from evenhand.casework.events import AnswerRecorded
from evenhand.store.fsck import fsck
from evenhand.store.store import Store
from tests.reliability.children import opened
from tests.store.town import open_case, open_town

NOTHING_STORED = frozenset({"store.busy", "store.full", "store.io", "store.read-only", "store.unavailable"})
"""Codes that promise that nothing was stored."""


def town(url: str, keys: Path, cases: int, driver: str | None = None) -> tuple[Store, list[str]]:
    """A migrated store with that many cases that consented."""
    store = opened(url, str(keys), driver)
    store.migrate()
    open_town(store)
    with store.unit() as unit:
        made = [open_case(unit) for _ in range(cases)]
    return store, made


def items(store: Store, case: str) -> dict[str, int]:
    """Index of each answer of a case by its item; each item is there once."""
    with store.reading() as reading:
        found = [(event.item, index) for index, event in reading.events(case) if isinstance(event, AnswerRecorded)]
    assert len(dict(found)) == len(found)
    return dict(found)


def notes(path: Path) -> list[Any]:
    """What children noted."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def clean(store: Store) -> bool:
    return fsck(store) == ()


def copied(source: Path, target: Path, *, suffixes: tuple[str, ...] = ("", "-wal", "-journal")) -> Path:
    """A copy of a SQLite file with its WAL or journal."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    for suffix in suffixes:
        if Path(f"{source}{suffix}").exists():
            shutil.copyfile(f"{source}{suffix}", f"{target}{suffix}")
    return target
