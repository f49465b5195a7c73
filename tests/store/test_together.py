"""Changes that share a transaction: all are kept, or each is made by itself, and everybody learns of their own."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event as events

from evenhand.errors import CaseError, EvenhandError, StoreError
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.known import Known
from evenhand.store.store import Store
from evenhand.store.together import MOST
from evenhand.store.unit import Unit
from tests.store.stores import Maker
from tests.store.town import answer, open_case, open_town

Change = Callable[[Unit], int]


@pytest.fixture
def cases(store: Store) -> list[str]:
    with store.unit() as unit:
        return [open_case(unit) for _ in range(4)]


def read(store: Store, case: str) -> Known:
    with store.reading() as reading:
        return reading.known(case)


def answering(case: str, item: str = "WORRIED", version: int = 1, token: str | None = None) -> Change:
    def change(unit: Unit) -> int:
        before = unit.once(token, case) if token else None
        return unit.append(answer(case, item, version=version)) if before is None else before

    return change


def sent_while_busy(store: Store, changes: list[tuple[Change, Known]]) -> list[Future[int]]:
    """Each change from a thread of its own, all of them in line before the first can begin."""
    with ThreadPoolExecutor(len(changes)) as pool:
        with store.turn():
            sent = []
            for number, (change, known) in enumerate(changes, start=1):
                sent.append(pool.submit(store.together.transact, change, known))
                in_line(store, number)
        return sent


def in_line(store: Store, number: int) -> None:
    until = time.monotonic() + 10
    while len(store.together._line) < number:
        assert time.monotonic() < until
        time.sleep(0.001)


@contextmanager
def commits(store: Store) -> Iterator[list[int]]:
    """How many transactions are committed."""
    found: list[int] = []

    def count(_connection: object) -> None:
        found.append(1)

    events.listen(store.engine, "commit", count)
    yield found
    events.remove(store.engine, "commit", count)


def test_what_waits_is_kept_in_one_transaction(store: Store, cases: list[str]) -> None:
    changes = [(answering(case), read(store, case)) for case in cases]
    with commits(store) as found:
        done = [each.result(10) for each in sent_while_busy(store, changes)]
    assert len(found) == 1
    assert sorted(done) == list(range(min(done), min(done) + len(cases)))
    for case, index in zip(cases, done, strict=True):
        with store.reading() as reading:
            assert reading.events(case)[-1][0] == index
    assert fsck(store) == ()


def test_alone_in_line_it_is_made_at_once(store: Store, cases: list[str]) -> None:
    index = store.together.transact(answering(cases[0]), read(store, cases[0]))
    with store.reading() as reading:
        assert reading.events(cases[0])[-1][0] == index
    assert store.together._line == []


def test_one_that_fails_takes_no_other_along(store: Store, cases: list[str]) -> None:
    changes = [(answering(case), read(store, case)) for case in cases]
    changes[1] = (answering(cases[1], version=7), read(store, cases[1]))
    first, wrong, third, fourth = sent_while_busy(store, changes)
    with pytest.raises(CaseError) as error:
        wrong.result(10)
    assert error.value.code == "case.version"
    assert len({each.result(10) for each in (first, third, fourth)}) == 3
    answered = [case for case in cases if read(store, case).case.answers]
    assert answered == [cases[0], cases[2], cases[3]]
    assert fsck(store) == ()


def test_two_changes_of_one_case_do_not_share(store: Store, cases: list[str]) -> None:
    known = read(store, cases[0])
    changes = [(answering(cases[0]), known), (answering(cases[0], "HUNGRY"), known)]
    with commits(store) as found:
        done = [each.result(10) for each in sent_while_busy(store, changes)]
    assert len(found) == 2
    assert len(set(done)) == 2
    assert set(read(store, cases[0]).case.answers) == {("need", "WORRIED"), ("need", "HUNGRY")}
    assert fsck(store) == ()


def test_a_case_that_was_changed_since_it_was_read_is_read_anew(store: Store, cases: list[str]) -> None:
    changes = [(answering(case), read(store, case)) for case in cases]
    with store.unit() as unit:
        unit.append(answer(cases[2], "HUNGRY"))
    done = [each.result(10) for each in sent_while_busy(store, changes)]
    assert len(set(done)) == len(cases)
    assert set(read(store, cases[2]).case.answers) == {("need", "WORRIED"), ("need", "HUNGRY")}
    assert fsck(store) == ()


def test_a_form_sent_twice_at_once_makes_one_event(store: Store, cases: list[str]) -> None:
    known = read(store, cases[0])
    changes = [(answering(cases[0], token="a" * 64), known) for _ in range(3)]
    done = [each.result(10) for each in sent_while_busy(store, changes)]
    assert len(set(done)) == 1
    with store.reading() as reading:
        assert sum(index == done[0] for index, _ in reading.events(cases[0])) == 1
        assert len(reading.case(cases[0]).answers) == 1


def test_a_form_of_another_case_is_refused_in_the_same_transaction_too(store: Store, cases: list[str]) -> None:
    with store.unit() as unit:
        assert unit.once("b" * 64, cases[0]) is None
        unit.append(answer(cases[0], "WORRIED"))
        with pytest.raises(StoreError) as error:
            unit.once("b" * 64, cases[1])
    assert error.value.code == "store.other-form"


def test_where_nobody_knows_everybody_is_told_and_nothing_is_tried_again(
    store: Store, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def lost(_connection: object) -> None:
        begun.append(1)
        raise StoreError("store.outcome-unknown", "Nobody knows.", mend="Look.")

    changes = [(answering(case), read(store, case)) for case in cases]
    monkeypatch.setattr(store, "_commit", lost)
    for each in sent_while_busy(store, changes):
        with pytest.raises(StoreError) as error:
            each.result(10)
        assert error.value.code == "store.outcome-unknown"
    assert len(begun) == 1


def test_who_waits_too_long_leaves_the_line_and_nothing_of_theirs_is_stored(
    stores: Maker, keys: MemoryKeys
) -> None:
    store = stores.new(keys, wait=0.2)
    open_town(store)
    with store.unit() as unit:
        case = open_case(unit)
    known = read(store, case)
    with store.turn(), ThreadPoolExecutor(1) as pool:
        sent = pool.submit(store.together.transact, answering(case), known)
        assert isinstance(error := sent.exception(10), EvenhandError)
        assert error.code == "store.busy"
    assert store.together._line == []
    store.together.transact(answering(case, "HUNGRY"), known)
    assert set(read(store, case).case.answers) == {("need", "HUNGRY")}


def test_a_long_line_is_made_in_several_transactions(store: Store) -> None:
    with store.unit() as unit:
        cases = [open_case(unit) for _ in range(MOST + 2)]
    changes = [(answering(case), read(store, case)) for case in cases]
    with commits(store) as found:
        done = [each.result(10) for each in sent_while_busy(store, changes)]
    assert len(found) == 2
    assert len(set(done)) == len(cases)


def test_a_change_runs_in_the_thread_of_who_has_the_turn(store: Store, cases: list[str]) -> None:
    ran: list[int] = []

    def noted(case: str) -> Change:
        def change(unit: Unit) -> int:
            ran.append(threading.get_ident())
            return unit.append(answer(case, "WORRIED"))

        return change

    for each in sent_while_busy(store, [(noted(case), read(store, case)) for case in cases]):
        each.result(10)
    assert len(ran) == len(cases)
    assert len(set(ran)) == 1
