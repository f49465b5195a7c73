"""Changes of several cases in one transaction, while others wait for their turn anyway.

Half of what an answer costs is its transaction: the lock, the right edge of the tree, and the wait until the disk
holds it. Whoever gets the turn takes along what waits behind them, at most one change of each case, and
everybody learns of theirs once all are kept. Where one of them fails nothing is kept, and each is made by
itself: none fails for another's sake.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from evenhand.errors import StoreError
from evenhand.store.known import Known, Remembered
from evenhand.store.unit import Unit

MOST = 32
"""Changes in one transaction: the first of them waits for the last."""

Done = TypeVar("Done")
Change = Callable[[Unit], Done]


class Changing(Protocol):
    """What of a store is needed."""

    seen: Remembered

    def turn(self) -> AbstractContextManager[None]:
        """One writer at a time."""
        ...

    def unit_in_turn(self) -> AbstractContextManager[Unit]:
        """A unit, in one's turn."""
        ...

    def transact(self, change: Change[Done], *, known: Known | None = None) -> Done:
        """A change by itself, again where it is certain that it did not happen."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A change that waits; `made` is set once `result` holds or `unknown` says that nobody knows."""

    change: Change[Any]
    known: Known
    made: threading.Event = field(default_factory=threading.Event)
    taken: bool = False
    kept: bool = False
    result: Any = None
    unknown: StoreError | None = None


class Together:
    """The line of changes of a store that may share a transaction.

    Args:
        store: the store.
    """

    def __init__(self, store: Changing) -> None:
        self._store = store
        self._line: list[_Waiting] = []
        self._lock = threading.Lock()

    def transact(self, change: Change[Done], known: Known) -> Done:
        """Make a change of one case; acknowledged means stored.

        Args:
            change: what to do; it may run more than once and in another thread, so it only touches the unit, and
                there only this case.
            known: the case as the caller read it; where it was changed since, it is read anew.

        Raises:
            StoreError: it did not happen, or nobody knows (`store.outcome-unknown`, never tried again).
        """
        mine = _Waiting(change, known)
        with self._lock:
            self._line.append(mine)
        try:
            with self._store.turn():
                self._make(self._take(mine))
        except StoreError:
            if self._left(mine):
                raise
        mine.made.wait()
        if mine.unknown is not None:
            raise mine.unknown
        return cast("Done", mine.result) if mine.kept else self._store.transact(change, known=known)

    def _take(self, first: _Waiting) -> list[_Waiting]:
        """Who goes now: nobody, where the first was taken along before; else it and others, a case each."""
        with self._lock:
            if first.taken:
                return []
            going = {first.known.case.case_id: first}
            for each in self._line:
                if len(going) < MOST:
                    going.setdefault(each.known.case.case_id, each)
            for each in going.values():
                each.taken = True
                self._line.remove(each)
            return list(going.values())

    def _left(self, mine: _Waiting) -> bool:
        """Leave the line; False where somebody took the change along."""
        with self._lock:
            if not mine.taken:
                self._line.remove(mine)
            return not mine.taken

    def _make(self, going: list[_Waiting]) -> None:
        """Make changes in one unit. Where one fails, each is left to who sent it."""
        if not going:
            return
        kept, unknown = False, None
        try:
            with self._store.unit_in_turn() as unit:
                for each in going:
                    unit.resume(each.known)
                    each.result = each.change(unit)
                left = [unit.known(each.known.case.case_id) for each in going]
            kept = True
            for known in left:  # not before the commit: another change could come to look the same
                self._store.seen.keep(known)
        except StoreError as error:
            unknown = error if error.code == "store.outcome-unknown" else None
        except Exception:  # noqa: BLE001, S110 - each makes its change by itself, and meets its own fault there
            pass
        finally:
            for each in going:
                each.kept, each.unknown = kept, unknown
                each.made.set()
