"""Where uploaded files are while they are worked on: a private folder, one thread, a short line, and an hour.

Nothing of it is in the store, in a log or in an address. A restart ends all of it; what a crash leaves is removed
when a service next takes a file.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
import threading
import traceback
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evenhand.errors import EvenhandError, WebError
from evenhand.service.dif import DifMethod
from evenhand.web.staff.calibrations_run import (
    Bias,
    Kept,
    Plan,
    StoppedError,
    calibrate_file,
    look_for_bias,
    without_path,
)

PREFIX = "evenhand-uploads-"
LOCK = "in-use"

Task = Callable[[], None]


class Faults(Protocol):
    """Takes a line about a fault of ours."""

    def __call__(self, kind: str, at: list[str]) -> None:
        """The kind of the error and the places in the code, no value."""


@dataclass(slots=True, eq=False)
class Place:
    """A place in the line, taken before a file is received.

    Attributes:
        owner: who sends the file.
        folder: where it is written.
    """

    owner: str
    folder: Path


class Calibrations:
    """Uploaded files and the one thread that works on them.

    Args:
        line: how many wait at most.
        each: how many files somebody may have here.
        most: how many everybody may have.
        keep: seconds that a file stays after the last work on it ended.
        on_fault: told of faults of ours.
        work: calibrates a file; for tests.
    """

    def __init__(
        self,
        *,
        line: int = 4,
        each: int = 4,
        most: int = 16,
        keep: float = 3600.0,
        on_fault: Faults = lambda kind, at: None,  # noqa: ARG005 - nobody listens
        work: Callable[[Kept], None] = calibrate_file,
    ) -> None:
        self._most_waiting, self._each, self._most, self._keep = line, each, most, keep
        self._on_fault, self._calibrate = on_fault, work
        self._lock = threading.RLock()
        self._kept: dict[str, Kept] = {}
        self._places: set[Place] = set()
        self._line: deque[tuple[Kept, Task]] = deque()
        self._timers: dict[str, threading.Timer] = {}
        self._at: Kept | None = None
        self._thread: threading.Thread | None = None
        self._root: Path | None = None
        self._remove: weakref.finalize[[Path, int], Calibrations] | None = None

    def reserve(self, owner: str) -> Place:
        """Take a place in the line before a file is received.

        Raises:
            WebError: the line is full, or too many files are here.
        """
        with self._lock:
            self._require_room()
            sending = [place.owner for place in self._places]
            owners = [*sending, *(kept.owner for kept in self._kept.values())]
            if owners.count(owner) >= self._each or len(owners) >= self._most:
                raise WebError(
                    "web.uploads-kept",
                    "Too many uploaded files are here.",
                    why=f"Somebody may have {self._each}, and all together {self._most}.",
                    mend="Drop one that is done, or wait: each is deleted after an hour.",
                )
            folder = self._folder() / secrets.token_hex(8)
            folder.mkdir(mode=0o700)
            place = Place(owner, folder)
            self._places.add(place)
            return place

    def release(self, place: Place) -> None:
        """Give a place back. What was received is deleted, unless it was added."""
        with self._lock:
            if place in self._places:
                self._places.remove(place)
                shutil.rmtree(place.folder, ignore_errors=True)

    def add(self, place: Place, path: Path, name: str, plan: Plan) -> Kept:
        """Put a received file into the line.

        Args:
            place: where it lies.
            path: the file.
            name: what its owner calls it.
            plan: how it is calibrated.
        """
        kept = Kept(secrets.token_hex(8), place.owner, place.folder, path, name, plan)
        with self._lock:
            self._places.remove(place)
            self._kept[kept.mark] = kept
            self._queue(kept, lambda: self._calibrating(kept))
        return kept

    def examine(self, kept: Kept, column: str, method: DifMethod) -> None:
        """Look for item bias in a file that is calibrated; what was found before goes.

        Raises:
            WebError: the line is full.
        """
        with self._lock:
            self._require_room()
            bias = kept.bias = Bias(column, method)
            kept.asked.clear()
            self._queue(kept, lambda: self._examining(kept, bias))

    def of(self, owner: str) -> tuple[Kept, ...]:
        """What somebody has here, the newest first."""
        with self._lock:
            return tuple(kept for kept in reversed(self._kept.values()) if kept.owner == owner)

    def find(self, owner: str, mark: str) -> Kept:
        """What a mark names, for its owner.

        Raises:
            WebError: nothing of theirs.
        """
        kept = self._kept.get(mark)
        if kept is None or kept.owner != owner:
            raise WebError(
                "web.no-calibration",
                "There is no such calibration.",
                why="Files are deleted after an hour, when they are dropped, and when the service restarts.",
                mend="Look at the list, or upload the file again.",
            )
        return kept

    def before(self, kept: Kept) -> int:
        """How many are worked on or wait before it."""
        with self._lock:
            waiting = [each for each, _ in self._line]
            return (waiting.index(kept) if kept in waiting else 0) + (self._at is not None)

    def stop(self, kept: Kept) -> None:
        """Stop the work on a file: at once where it waits, else at the next pass or step."""
        with self._lock:
            kept.asked.set()
            own = [each for each in self._line if each[0] is kept]
            for each in own:
                self._line.remove(each)
            if own:
                self._stopped(kept)
                self._expire_later(kept)

    def drop(self, kept: Kept) -> None:
        """Stop the work and delete everything of a file."""
        with self._lock:
            self.stop(kept)
            self._kept.pop(kept.mark, None)
            timer = self._timers.pop(kept.mark, None)
        if timer is not None:
            timer.cancel()
        shutil.rmtree(kept.folder, ignore_errors=True)

    def close(self) -> None:
        """Stop everything and delete everything."""
        with self._lock:
            everything, self._root = list(self._kept.values()), None
        for kept in everything:
            self.drop(kept)
        if self._remove is not None:
            self._remove()

    def _require_room(self) -> None:
        if len(self._line) + len(self._places) >= self._most_waiting:
            raise WebError(
                "web.line-full",
                "Too many files wait already.",
                why=f"One is calibrated at a time, and {self._most_waiting} wait.",
                mend="Try again in a few minutes.",
            )

    def _folder(self) -> Path:
        if self._root is None:
            self._root, lock = _new_root()
            self._remove = weakref.finalize(self, _remove, self._root, lock)
        return self._root

    def _queue(self, kept: Kept, task: Task) -> None:
        timer = self._timers.pop(kept.mark, None)
        if timer is not None:
            timer.cancel()
        self._line.append((kept, task))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="calibrations", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Until the line is empty: no thread stands idle."""
        while True:
            with self._lock:
                if not self._line:
                    self._thread = None
                    return
                self._at, task = self._line.popleft()
                kept = self._at
            try:
                task()
            finally:
                with self._lock:
                    self._at = None
                    if kept.mark in self._kept:
                        self._expire_later(kept)
                    else:  # dropped meanwhile: what it wrote since goes as well
                        shutil.rmtree(kept.folder, ignore_errors=True)

    def _calibrating(self, kept: Kept) -> None:
        try:
            kept.go_on()
            self._calibrate(kept)
            kept.stage = "done"
        except StoppedError:
            self._stopped(kept)
        except Exception as error:  # noqa: BLE001 - whatever it is, its owner sees a page and the log no value
            kept.error = self._told(kept, error)
            kept.stage = "failed"
        if kept.stage != "done":
            shutil.rmtree(kept.folder, ignore_errors=True)

    def _examining(self, kept: Kept, bias: Bias) -> None:
        try:
            kept.go_on()
            look_for_bias(kept, bias)
            bias.stage = "done"
        except StoppedError:
            bias.stage = "stopped"
        except Exception as error:  # noqa: BLE001 - as before
            bias.error = self._told(kept, error)
            bias.stage = "failed"

    def _told(self, kept: Kept, error: Exception) -> EvenhandError:
        if isinstance(error, EvenhandError):
            return without_path(error, kept)
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames]
        self._on_fault(type(error).__name__, places)
        return WebError(
            "web.calibration-fault",
            "Something broke while the file was worked on.",
            why="It is our fault. The operator's log says where, without any value.",
            mend="Tell the operator, or calibrate on the command line.",
        )

    def _stopped(self, kept: Kept) -> None:
        if kept.stage == "done" and kept.bias is not None:
            kept.bias.stage = "stopped"
            return
        kept.stage = "stopped"
        shutil.rmtree(kept.folder, ignore_errors=True)

    def _expire_later(self, kept: Kept) -> None:
        timer = threading.Timer(self._keep, _expire, (weakref.ref(self), kept))
        timer.daemon = True
        self._timers[kept.mark] = timer
        timer.start()


def _expire(of: "weakref.ref[Calibrations]", kept: Kept) -> None:
    found = of()
    if found is not None:
        found.drop(kept)


def _new_root() -> tuple[Path, int]:
    """A folder of our own, and the lock that this process holds on it while it lives.

    Folders whose process died are removed: the lock goes with a process, whatever ends it.
    """
    folder = Path(tempfile.gettempdir())
    for old in folder.glob(f"{PREFIX}*"):
        _remove_dead(old)
    fresh = Path(tempfile.mkdtemp(prefix="evenhand-new-"))
    lock = os.open(fresh / LOCK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return fresh.rename(folder / f"{PREFIX}{secrets.token_hex(8)}"), lock


def _remove_dead(root: Path) -> None:
    with suppress(OSError):
        if root.is_symlink() or root.stat().st_uid != os.getuid():
            return
        lock = os.open(root / LOCK, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(root, ignore_errors=True)
        finally:
            os.close(lock)


def _remove(root: Path, lock: int) -> None:
    shutil.rmtree(root, ignore_errors=True)
    os.close(lock)
