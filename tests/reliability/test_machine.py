"""Row 9: anything people and offices may do, in any order, beside a model in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from evenhand.casework.events import FieldRecorded
from evenhand.errors import CaseError, StoreError
from evenhand.store import schema
from evenhand.store.erase import erase_case, erase_events
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.store import Store, open_store
from evenhand.store.tombstones import MemoryTombstones
from evenhand.store.unit import Unit
from tests.reliability.conftest import Record
from tests.store.stores import KINDS, Maker, PostgresBox, not_run
from tests.store.town import AT, TOWN, answer, extra, open_case, open_town, withdrawn

ITEMS = st.sampled_from(["WORRIED", "HUNGRY", "RUNOUT"])


class Model:
    """What a case must say."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str]] = {}
        self.facts: list[str] = []
        self.withdrawn = False


class Place:
    """One database for every run: each begins with the rows of a town just opened."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys, self._list = MemoryKeys(), MemoryTombstones()
        self.runs = self._looks = 0
        self.store = self._opened()
        self.store.migrate()
        open_town(self.store)
        with self.store.snapshot() as connection:
            self._rows: dict[str, list[dict[str, Any]]] = {
                each.name: [dict(row._mapping) for row in connection.execute(each.select())]
                for each in schema.metadata.sorted_tables
            }

    def begin(self) -> None:
        """Put the first rows in the place of what the run before left."""
        self.runs += 1
        self._list = self.store.tombstones = MemoryTombstones()
        with self.store.engine.begin() as connection:
            for table in reversed(schema.metadata.sorted_tables):
                connection.execute(table.delete())
            for table in schema.metadata.sorted_tables:
                if self._rows[table.name]:
                    connection.execute(table.insert(), self._rows[table.name])

    def looked(self) -> None:
        """Count a look at the store: one before the first step of a run, and one after each."""
        self._looks += 1

    @property
    def steps(self) -> int:
        """Steps of all runs together."""
        return self._looks - self.runs

    def open_again(self) -> None:
        """Close the store and open it anew."""
        self.store.close()
        self.store = self._opened()

    def _opened(self) -> Store:
        return open_store(self._url, self._keys, tombstones=self._list)


class Town(RuleBasedStateMachine):
    """The store beside the model. Subclasses say where it lies."""

    place: Place
    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.place.begin()
        self.size = 1
        self.looks = 0
        self.model: dict[str, Model] = {}
        self.tokens: dict[str, tuple[str, int]] = {}

    @property
    def store(self) -> Store:
        return self.place.store

    @rule(target=cases)
    def take_part(self) -> str:
        with self.store.unit() as unit:
            case = open_case(unit)
        self.size += 1
        self.model[case] = Model()
        return case

    @rule(case=cases, item=ITEMS, code=st.sampled_from(["yes", "no"]))
    def answer(self, case: str, item: str, code: str) -> None:
        model = self.model[case]
        version = model.answers.get(item, (0, ""))[0] + 1
        self._append(lambda unit: unit.append(answer(case, item, code, version)), model.withdrawn)
        if not model.withdrawn:
            model.answers[item] = (version, code)

    @rule(case=cases, item=ITEMS)
    def answer_out_of_turn(self, case: str, item: str) -> None:
        version = self.model[case].answers.get(item, (0, ""))[0] + 2
        self._append(lambda unit: unit.append(answer(case, item, "yes", version)), True)

    @rule(case=cases, value=st.sampled_from(["none", "one", "two"]))
    def give_fact(self, case: str, value: str) -> None:
        model = self.model[case]
        fact = extra(case, value, len(model.facts) + 1)
        self._append(lambda unit: unit.append(fact), model.withdrawn)
        if not model.withdrawn:
            model.facts.append(value)

    @rule(case=cases)
    def facts_expire(self, case: str) -> None:
        with self.store.reading() as reading:
            indexes = [index for index, event in reading.events(case) if isinstance(event, FieldRecorded)]
        if indexes:
            with self.store.unit() as unit:
                erase_events(unit, case, indexes, at=AT, rule="expires_days")
            self.size += 1
            self.model[case].facts = []

    @rule(case=cases, token=st.sampled_from(["t1", "t2", "t3"]))
    def send_form(self, case: str, token: str) -> None:
        model = self.model[case]
        if token in self.tokens and self.tokens[token][0] != case:
            with pytest.raises(StoreError, match=r"store\.other-form"), self.store.unit() as unit:
                unit.once(token, case)
            return
        if model.withdrawn and token not in self.tokens:
            return
        version = model.answers.get("FORM", (0, ""))[0] + 1
        with self.store.unit() as unit:
            before = unit.once(token, case)
            assert before == self.tokens.get(token, (case, None))[1]
            if before is None:
                self.tokens[token] = (case, unit.append(answer(case, "FORM", "yes", version)))
                self.size += 1
                model.answers["FORM"] = (version, "yes")

    @rule(case=cases)
    def withdraw(self, case: str) -> None:
        model = self.model[case]
        self._append(lambda unit: unit.append(withdrawn(case)), model.withdrawn)
        model.withdrawn = True

    @rule(case=cases)
    def change_is_given_up(self, case: str) -> None:
        with pytest.raises(CaseError), self.store.unit() as unit:
            _erase_and_fail(unit, case)

    @rule(case=consumes(cases))
    def erase(self, case: str) -> None:
        with self.store.unit() as unit:
            erase_case(unit, case, "request", at=AT)
        self.size += 1
        del self.model[case]
        self.tokens = {token: place for token, place in self.tokens.items() if place[0] != case}

    @rule()
    def sign_checkpoint(self) -> None:
        self.store.checkpoint(AT)

    @precondition(lambda self: self.looks % 8 == 0)  # of all rules by far the dearest
    @rule(target=cases)
    def open_again(self) -> object:
        self.place.open_again()
        return multiple()

    @invariant()
    def ledger_is_as_long_as_the_model_says(self) -> None:
        self.place.looked()
        self.looks += 1
        with self.store.reading() as reading:
            assert reading.size() == self.size

    def teardown(self) -> None:
        with self.store.reading() as reading:
            assert sum(reading.counts(TOWN).values()) == len(self.model)
            for case, model in self.model.items():
                told = reading.case(case)
                answers = {item: (each.version, each.code) for (_, item), each in told.answers.items()}
                assert answers == model.answers
                assert [each.value for each in told.fields.values()] == model.facts[-1:]
                assert (told.state == "withdrawn") == model.withdrawn
        assert fsck(self.store) == ()

    def _append(self, change: Callable[[Unit], int], refused: bool) -> None:
        if refused:
            with pytest.raises(CaseError), self.store.unit() as unit:
                change(unit)
            return
        with self.store.unit() as unit:
            assert change(unit) == self.size
        self.size += 1


def _erase_and_fail(unit: Unit, case: str) -> None:
    """Erase a case, then do what no case allows."""
    erase_case(unit, case, "request", at=AT)
    unit.append(answer(open_case(unit), "WORRIED", version=9))


def run(maker: Maker, runs: int, steps: int) -> Place:
    """So many runs, the same ones each time."""
    place = Place(maker.url())
    run_state_machine_as_test(
        type("Town", (Town,), {"place": place}),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    place.store.close()
    return place


def test_the_store_does_what_the_model_does(stores: Maker, record: Record) -> None:
    runs, steps = (6, 25) if stores.kind == "sqlite" else (3, 25)
    done = run(stores, runs, steps)
    record(9, stores.kind, False, runs=done.runs, steps=done.steps)


@pytest.fixture(params=KINDS)
def quick_stores(request: pytest.FixtureRequest, in_memory: Path) -> Iterator[Maker]:
    """Makes stores in memory, on a server of their own."""
    boxes: list[PostgresBox] = []
    if request.param == "postgres":
        try:
            boxes.append(PostgresBox(in_memory))
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the test is not run
            pytest.skip(not_run(error))
    yield Maker(request.param, in_memory, lambda: boxes[0])
    for each in boxes:
        each.close()


@pytest.mark.slow
def test_the_store_does_what_the_model_does_2000_times(quick_stores: Maker, record: Record) -> None:
    done = run(quick_stores, 2000, 50)
    assert done.runs >= 2000
    record(9, quick_stores.kind, True, runs=done.runs, steps=done.steps)
