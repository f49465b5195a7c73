"""Row 10: a form sent twice at once makes one event."""

import threading
from functools import partial
from pathlib import Path

import pytest

from evenhand.store.store import Store
from evenhand.store.unit import Unit
from tests.reliability.conftest import Record
from tests.reliability.scenes import clean, town
from tests.store.stores import Maker
from tests.store.town import answer


def doubled(store: Store, case: str, pairs: int) -> None:
    """Send each form from two threads at the same moment; one of them may share a transaction with others."""
    answers: list[list[int]] = [[], []]
    barrier = threading.Barrier(2)

    def send(side: int) -> None:
        for number in range(pairs):
            barrier.wait()
            change = partial(_once, case=case, number=number)
            with store.reading() as reading:
                known = reading.known(case)
            answers[side].append(store.transact(change) if side else store.together.transact(change, known))

    threads = [threading.Thread(target=send, args=(side,)) for side in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert len(answers[0]) == len(set(answers[0])) == pairs


def _once(unit: Unit, case: str, number: int) -> int:
    before = unit.once(f"{case}{number:032d}", case)
    return before if before is not None else unit.append(answer(case, f"Q{number % 20}", version=number // 20 + 1))


def submitted(stores: Maker, keys: Path, pairs: int) -> None:
    """A hundred pairs a case, so that no case grows beyond what cases are."""
    store, cases = town(stores.url(), keys, -(-pairs // 100))
    for case in cases:
        doubled(store, case, min(100, pairs))
    assert sum(len(store_events(store, case)) for case in cases) == pairs
    assert clean(store)
    store.close()


def store_events(store: Store, case: str) -> list[int]:
    with store.reading() as reading:
        return [index for index, event in reading.events(case) if event.kind == "answer-recorded"]


def test_a_form_sent_twice_at_once_makes_one_event(stores: Maker, key_folder: Path, record: Record) -> None:
    submitted(stores, key_folder, 30)
    record(10, stores.kind, False, pairs=30, doubled=0)


@pytest.mark.slow
def test_10000_forms_sent_twice_at_once_make_one_event_each(
    stores: Maker, key_folder: Path, record: Record
) -> None:
    submitted(stores, key_folder, 10_000)
    record(10, stores.kind, True, pairs=10_000, doubled=0)
