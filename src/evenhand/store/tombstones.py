"""The list of erasures, kept outside the store and its backups, so that no restore brings anyone back.

An erasure is written down before it is committed and settled after: `intent`, then `done` or `void`. Each line
carries a tag that only the holder of the keys can make, over the line and the one before, so that a line
changed or taken from the middle shows. Lines name the hashes of leaves and nothing else: an index may be
another event's after a restore, a leaf never is. Format `evenhand.tombstones/1`, JSON, one record a line.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from evenhand.errors import StoreError
from evenhand.store.keyring import KeyHolder

Scope = Literal["case", "events"]
"""A whole case, or some events of one (an extra fact or a contact past its expiry)."""

MakeLine = Callable[[tuple[str, ...]], str]
"""Makes a line from the lines before it."""

PRIVATE = 0o600
PURPOSE = "tombstones"


@dataclass(frozen=True, slots=True)
class Intent:
    """An erasure.

    Attributes:
        number: its number in the list, from 0.
        programme: the programme.
        scope: a whole case, or some of its events.
        cause: `request` or `retention`.
        rule: name and days of the retention rule, or empty.
        at: when, ISO 8601 UTC.
        leaves: hashes of the leaves of the erased events, hexadecimal.
    """

    number: int
    programme: str
    scope: Scope
    cause: str
    rule: str
    at: str
    leaves: tuple[str, ...]


class Tombstones(Protocol):
    """Where the list is kept."""

    def lines(self) -> tuple[str, ...]:
        """Every whole line, in order."""
        ...

    def add(self, make: MakeLine) -> None:
        """Append the line made of the lines before; it has reached the disk when this returns."""
        ...


class MemoryTombstones:
    """The list in memory, for tests and invented towns."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def lines(self) -> tuple[str, ...]:
        """Every line."""
        return tuple(self._lines)

    def add(self, make: MakeLine) -> None:
        """Append a line."""
        self._lines.append(make(self.lines()))


class FileTombstones:
    """The list in a private file, beside the keys; each line is synced before the erasure is committed.

    Args:
        path: the file; made where there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> tuple[str, ...]:
        """Every whole line; one that a crash cut short says nothing, and its erasure was not committed."""
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise _unusable(self._path, error) from error
        return tuple(line for line in text.split("\n")[:-1] if line)

    def add(self, make: MakeLine) -> None:
        """Append a line and sync it, one process at a time.

        Raises:
            StoreError: the file cannot be written.
        """
        try:
            new = not self._path.exists()
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE)
            with os.fdopen(handle, "ab", buffering=0) as file:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX)
                self._drop_cut_line(file.fileno())
                file.write(make(self.lines()).encode() + b"\n")
                os.fsync(file.fileno())
            if new:
                _sync_folder(self._path.parent)
        except OSError as error:
            raise _unusable(self._path, error) from error

    @staticmethod
    def _drop_cut_line(handle: int) -> None:
        """Cut off what a crash left of a line."""
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            whole = os.pread(handle, size, 0).rfind(b"\n") + 1
            os.truncate(handle, whole)


def read_intents(tombstones: Tombstones, keys: KeyHolder) -> tuple[tuple[Intent, ...], frozenset[int]]:
    """Every erasure in the list that was not void, and the numbers of those not settled.

    Raises:
        StoreError: a line was changed or taken out.
    """
    intents: dict[int, Intent] = {}
    open_numbers: set[int] = set()
    before = ""
    for line in tombstones.lines():
        record = _checked(line, before, keys)
        before = line
        number = int(record["number"])
        if record["is"] == "intent":
            intents[number] = _intent(record)
            open_numbers.add(number)
            continue
        open_numbers.discard(number)
        if record["is"] == "void":
            intents.pop(number, None)
    return tuple(intents.values()), frozenset(open_numbers)


def add_intent(
    tombstones: Tombstones,
    keys: KeyHolder,
    *,
    programme: str,
    scope: Scope,
    cause: str,
    rule: str,
    at: str,
    leaves: Iterable[str],
) -> int:
    """Write an erasure down, before it is committed.

    Returns:
        Its number.
    """
    erased = tuple(leaves)
    number = -1

    def make(lines: tuple[str, ...]) -> str:
        nonlocal number
        number = sum(1 for line in lines if '"is":"intent"' in line)
        record = {
            "is": "intent",
            "number": number,
            "programme": programme,
            "scope": scope,
            "cause": cause,
            "rule": rule,
            "at": at,
            "leaves": list(erased),
        }
        return _line(record, lines, keys)

    tombstones.add(make)
    return number


def settle(tombstones: Tombstones, keys: KeyHolder, number: int, *, done: bool) -> None:
    """Note that an erasure was committed, or that it was not."""
    record = {"is": "done" if done else "void", "number": number}
    tombstones.add(lambda lines: _line(record, lines, keys))


def _line(record: dict[str, Any], lines: tuple[str, ...], keys: KeyHolder) -> str:
    return _text({**record, "tag": _tag(keys, record, lines[-1] if lines else "")})


def _checked(line: str, before: str, keys: KeyHolder) -> dict[str, Any]:
    try:
        record = json.loads(line)
        tag = record.pop("tag")
    except (ValueError, KeyError, AttributeError) as error:
        raise _changed() from error
    if tag != _tag(keys, record, before):
        raise _changed()
    return dict(record)


def _tag(keys: KeyHolder, record: dict[str, Any], before: str) -> str:
    return keys.integrity_tag(PURPOSE, before.encode() + b"\n" + _text(record).encode()).hex()


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))


def _intent(record: dict[str, Any]) -> Intent:
    fields = {name: record[name] for name in ("number", "programme", "scope", "cause", "rule", "at")}
    return Intent(**fields, leaves=tuple(record["leaves"]))


def _changed() -> StoreError:
    return StoreError(
        "store.tombstones-changed",
        "The list of erasures was changed.",
        why="A line does not carry the tag that belongs to it and to the line before.",
        mend="Bring the list back from the copy kept with the keys. Without it no backup may be restored.",
    )


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        "store.tombstones",
        "The list of erasures cannot be read or written.",
        where=str(path),
        why=str(error.strerror),
        mend="Give the service's user its own folder for it, beside the keys. Nothing was erased.",
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
