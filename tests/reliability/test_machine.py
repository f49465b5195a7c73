"""Row 9: anything people and offices may do, in any order, beside a model in memory."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from evenhand.casework.events import FieldRecorded
from evenhand.errors import CaseError, StoreError
from evenhand.store.erase import erase_case, erase_events
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.tombstones import MemoryTombstones
from evenhand.store.unit import Unit
from tests.reliability.conftest import Record
from tests.store.stores import KINDS, Maker, PostgresBox
from tests.store.town import AT, TOWN, answer, extra, open_case, open_town, withdrawn

ITEMS = st.sampled_from(["WORRIED", "HUNGRY", "RUNOUT"])


class Model:
    """What a case must say."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str]] = {}
        self.facts: list[str] = []
        self.withdrawn = False


class Town(RuleBasedStateMachine):
    """The store beside the model. Subclasses say which database."""

    kind = "sqlite"
    box: Callable[[], PostgresBox]
    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.maker = Maker(self.kind, Path(self.folder.name), type(self).box)
        self.keys, self.list = MemoryKeys(), MemoryTombstones()
        self.url = self.maker.url()
        self.store = self.maker.open(self.url, self.keys, self.list)
        self.store.migrate()
        open_town(self.store)
        self.size = 1
        self.model: dict[str, Model] = {}
        self.tokens: dict[str, tuple[str, int]] = {}

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

    @rule(target=cases)
    def open_again(self) -> object:
        self.store.close()
        self.store = self.maker.open(self.url, self.keys, self.list)
        return multiple()

    @invariant()
    def ledger_is_as_long_as_the_model_says(self) -> None:
        with self.store.reading() as reading:
            assert reading.size() == self.size

    def teardown(self) -> None:
        try:
            with self.store.reading() as reading:
                assert sum(reading.counts(TOWN).values()) == len(self.model)
                for case, model in self.model.items():
                    told = reading.case(case)
                    assert {
                        item: (each.version, each.code) for (_, item), each in told.answers.items()
                    } == model.answers
                    assert [each.value for each in told.fields.values()] == model.facts[-1:]
                    assert (told.state == "withdrawn") == model.withdrawn
            assert fsck(self.store) == ()
        finally:
            self.maker.close()
            self.folder.cleanup()

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


def run(kind: str, box: Callable[[], PostgresBox], runs: int, steps: int) -> None:
    machine = type("Town", (Town,), {"kind": kind, "box": staticmethod(box)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_store_does_what_the_model_does(
    kind: str, postgres_box: Callable[[], PostgresBox], record: Record
) -> None:
    if kind == "postgres":
        postgres_box()
    runs, steps = (12, 25) if kind == "sqlite" else (4, 25)
    run(kind, postgres_box, runs, steps)
    record(9, kind, False, runs=runs, steps=steps)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_store_does_what_the_model_does_2000_times(
    kind: str, postgres_box: Callable[[], PostgresBox], record: Record
) -> None:
    if kind == "postgres":
        postgres_box()
    run(kind, postgres_box, 2000, 50)
    record(9, kind, True, runs=2000, steps=50)
