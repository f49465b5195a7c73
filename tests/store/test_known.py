"""Going on from a case that was read before, and events that wait to be written together."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event as events
from sqlalchemy import select, text

from evenhand.casework.events import AnswerRecorded, Assessed
from evenhand.errors import CaseError, StoreError
from evenhand.store import schema
from evenhand.store.erase import erase_case
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.known import CHANGING, Known, Remembered
from evenhand.store.projection import beginning
from evenhand.store.store import Store
from evenhand.store.unit import Unit
from tests.store.stores import Maker, PostgresBox
from tests.store.town import AT, TOWN, answer, finish, full_case, open_case, open_town

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def case(store: Store) -> str:
    with store.unit() as unit:
        return open_case(unit)


def read(store: Store, case: str) -> Known:
    with store.reading() as reading:
        return reading.known(case)


def go_on(store: Store, known: Known, *added: AnswerRecorded) -> None:
    with store.unit() as unit:
        unit.resume(known)
        for each in added:
            unit.append(each)


def test_the_columns_that_change_are_those_of_a_beginning() -> None:
    assert tuple(beginning("")) == CHANGING


def test_a_change_that_goes_on_from_what_was_read_reads_no_event_again(store: Store, case: str) -> None:
    known, seen = read(store, case), []
    events.listen(store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    store.transact(lambda unit: unit.append(answer(case, "WORRIED")), known=known)
    assert not [text for text in seen if "FROM event" in text or "FROM case_file" in text]
    assert read(store, case).case.answers["need", "WORRIED"].code == "yes"
    assert fsck(store) == ()


def test_what_was_added_since_makes_the_change_fail(store: Store, case: str) -> None:
    known = read(store, case)
    with store.unit() as unit:
        unit.append(answer(case, "HUNGRY"))
    with pytest.raises(StoreError) as error:
        go_on(store, known, answer(case, "WORRIED"))
    assert error.value.code == "store.changed-meanwhile"
    assert set(read(store, case).case.answers) == {("need", "HUNGRY")}


def test_a_change_that_knew_an_older_case_is_made_from_the_new_one(store: Store, case: str) -> None:
    known = read(store, case)
    with store.unit() as unit:
        unit.append(answer(case, "WORRIED"))

    def change(unit: Unit) -> int:
        before = unit.case(case).answers.get(("need", "WORRIED"))
        return unit.append(answer(case, "WORRIED", "no", version=before.version + 1 if before else 1))

    store.transact(change, known=known)
    assert read(store, case).case.answers["need", "WORRIED"].version == 2
    assert fsck(store) == ()


def test_a_case_erased_since_takes_no_answer(store: Store) -> None:
    case = full_case(store)
    known = read(store, case)
    with store.unit() as unit:
        erase_case(unit, case, "request", at=AT)
    with pytest.raises(StoreError) as error:
        store.transact(lambda unit: unit.append(answer(case, "WORRIED", version=2)), known=known)
    assert error.value.code == "store.no-case"
    assert fsck(store) == ()


def test_two_changes_may_go_on_from_one_reading_and_neither_sees_the_other_s(store: Store, case: str) -> None:
    known = read(store, case)
    with pytest.raises(CaseError):
        go_on(store, known, answer(case, "HUNGRY"), answer(case, "WORRIED", version=7))
    store.transact(lambda unit: unit.append(answer(case, "WORRIED")), known=known)
    assert set(read(store, case).case.answers) == {("need", "WORRIED")}


def test_what_waits_is_seen_by_whoever_reads_in_the_same_change(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        index = unit.append(answer(case, "WORRIED"))
        assert unit.reading.case(case).answers["need", "WORRIED"].code == "yes"
        assert unit.reading.case_file(case).last_index == index
        table = schema.leaf
        assert unit.connection.execute(select(table.c.index).where(table.c.index == index)).scalar() == index
    assert fsck(store) == ()


def test_events_of_one_change_are_written_together(store: Store) -> None:
    seen: list[str] = []
    with store.unit() as unit:
        case = open_case(unit)
        unit.next_index  # noqa: B018 - reads the edge
        events.listen(store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        for number in range(20):
            unit.append(answer(case, f"Q{number}"))
        assert seen == []
    assert [text.partition(" INTO ")[2].split()[0] for text in seen if text.startswith("INSERT")] == [
        "leaf",
        "node",
        "event",
    ]
    assert fsck(store) == ()


def test_one_kind_of_events_is_read_in_pages_of_every_case(stores: Maker, keys: MemoryKeys) -> None:
    store = stores.new(keys)
    open_town(store)
    with store.unit() as unit:
        cases = [open_case(unit) for _ in range(5)]
        for each in cases:
            finish(unit, each)
    with store.reading() as reading:
        names = [reading.case_file(each).pseudonym for each in cases]
        first = reading.of_kind(TOWN, Assessed.kind, limit=3)
        rest = reading.of_kind(TOWN, Assessed.kind, limit=3, after=first[-1][0])
        assert reading.of_kind("another", Assessed.kind) == ()
    assert [name for _, name, _ in first + rest] == names
    assert {type(event) for _, _, event in first + rest} == {Assessed}


def statements(store: Store) -> list[str]:
    seen: list[str] = []
    for engine in {store.engine, store.glances}:
        events.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    return seen


def test_a_case_that_was_seen_a_moment_ago_is_not_opened_again(store: Store, case: str) -> None:
    first = store.known(case)
    seen = statements(store)
    again = store.known(case)
    assert again == first
    assert len(seen) == 1
    assert "FROM case_file" in seen[0]


def test_after_an_answer_no_event_is_opened_for_the_next_page(store: Store, case: str) -> None:
    store.together.transact(lambda unit: unit.append(answer(case, "WORRIED")), store.known(case))
    seen = statements(store)
    found = store.known(case)
    assert len(seen) == 1
    assert found == read(store, case)


def test_what_others_changed_is_read_anew(store: Store, case: str) -> None:
    store.known(case)
    with store.unit() as unit:
        unit.append(answer(case, "WORRIED"))
    assert set(store.known(case).case.answers) == {("need", "WORRIED")}
    assert store.known(case) == read(store, case)


def test_a_line_that_died_since_is_no_fault_of_a_case_that_was_seen(
    postgres_box: Callable[[], PostgresBox], keys: MemoryKeys, tmp_path: Path
) -> None:
    with closing(Maker("postgres", tmp_path, postgres_box)) as stores:
        url = stores.url()
        store = stores.open(url, keys)
        store.migrate()
        open_town(store)
        with store.unit() as unit:
            case = open_case(unit)
        first = store.known(case)
        assert store.known(case) == first
        with stores.open(url, keys) as other, other.snapshot() as connection:
            ended = connection.execute(text(END_OTHERS)).all()
        assert len(ended) >= 2, "the line of the reads of one statement is one of them"
        assert store.known(case) == first
        assert store.known(case) == first


def test_a_change_that_was_not_kept_is_not_remembered(
    store: Store, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = store.known(case)

    def lost(_connection: object) -> None:
        raise StoreError("store.outcome-unknown", "Nobody knows.", mend="Look.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "_commit", lost)
        with pytest.raises(StoreError):
            store.together.transact(lambda unit: unit.append(answer(case, "WORRIED")), known)
    with store.unit() as unit:  # the same index and the same second, another answer
        unit.append(answer(case, "WORRIED", "no"))
    assert store.known(case).case.answers["need", "WORRIED"].code == "no"


def test_a_case_erased_meanwhile_is_not_there(store: Store) -> None:
    case = full_case(store)
    store.known(case)
    with store.unit() as unit:
        erase_case(unit, case, "request", at=AT)
    assert store.seen.find(case) is None
    with pytest.raises(StoreError) as error:
        store.known(case)
    assert error.value.code == "store.no-case"


def test_an_erasure_of_which_nobody_knows_leaves_nothing_in_mind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = full_case(store)
    store.known(case)

    def lost(_connection: object) -> None:
        raise StoreError("store.outcome-unknown", "Nobody knows.", mend="Look.")

    monkeypatch.setattr(store, "_commit", lost)
    with pytest.raises(StoreError), store.unit() as unit:
        erase_case(unit, case, "request", at=AT)
    assert store.seen.find(case) is None


def test_a_case_erased_by_another_process_is_not_there(stores: Maker, keys: MemoryKeys) -> None:
    url = stores.url()
    store, other = stores.open(url, keys), stores.open(url, keys)
    store.migrate()
    open_town(store)
    case = full_case(store)
    store.known(case)
    with other.unit() as unit:
        erase_case(unit, case, "request", at=AT)
    with pytest.raises(StoreError) as error:
        store.known(case)
    assert error.value.code == "store.no-case"


def test_who_changes_what_was_remembered_changes_a_copy(store: Store, case: str) -> None:
    store.known(case).row["state"] = "closed"
    found = store.known(case)
    found.row["state"] = "closed"
    assert store.known(case) == read(store, case)


def test_cases_are_remembered_for_a_minute_and_so_many(store: Store) -> None:
    now = [0.0]
    with store.unit() as unit:
        cases = [open_case(unit) for _ in range(3)]
    kept = Remembered(most=2, seconds=60, clock=lambda: now[0])
    for each in cases:
        kept.keep(read(store, each))
    assert [kept.find(each) is not None for each in cases] == [False, True, True]
    now[0] = 59.9
    assert kept.find(cases[1]) is not None
    now[0] = 60.0
    assert kept.find(cases[2]) is None
    assert not kept._kept
