"""The contribution rule: nothing that one invitation does moves what is released by more than is claimed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from evenhand.errors import StatisticsError
from evenhand.statistics.bound import (
    Cell,
    Contribution,
    Counter,
    Intake,
    histogram,
    l2_sensitivity,
    region_totals,
    squared_distance,
    taken,
)

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
REGION_OF = {"d0": "r0", "d1": "r0", "d2": "r1"}


Step = Literal["enter", "leave", "freeze", "lift"]


@dataclass(frozen=True)
class Act:
    """What one invitation does in a month: enter (first, corrected or consented again), go, or freeze its use."""

    month: int
    invitation: str
    step: Step = "enter"
    district: str = "d0"
    need_class: int = 0
    field_value: str | None = None


STEPS: tuple[Step, ...] = ("enter", "enter", "enter", "leave", "freeze", "lift")


@dataclass(frozen=True)
class History:
    """Acts in their order, and after which month each month is released (None: never)."""

    acts: tuple[Act, ...]
    released_after: tuple[int | None, ...]
    cells_a_year: int


@st.composite
def histories(draw: st.DrawFn, *, most_acts: int = 40, prompt: bool = False) -> History:
    """Random years; prompt: K at most 2, and every month released as soon as it is over."""
    acts = draw(
        st.lists(
            st.builds(
                Act,
                st.integers(0, 11),
                st.sampled_from(["target", "a", "b"]),
                st.sampled_from(STEPS),
                st.sampled_from(sorted(REGION_OF)),
                st.integers(0, 3),
                st.sampled_from([None, "alone", "others"]),
            ),
            max_size=most_acts,
        )
    )
    after = list(range(12)) if prompt else [draw(st.none() | st.integers(month, 11)) for month in range(12)]
    return History(
        tuple(sorted(acts, key=lambda each: each.month)), tuple(after), draw(st.integers(1, 2 if prompt else 12))
    )


Made = Callable[[int], Intake]


def released(history: History, make: Made, *, without: str | None = None) -> list[Mapping[Cell, int]]:
    """Everything that is given to the noise in a year."""
    intake = make(history.cells_a_year)
    for now in range(12):
        for act in history.acts:
            if act.month != now or act.invitation == without:
                continue
            if act.step == "enter":
                cell = Cell(MONTHS[now], act.district, act.need_class, act.field_value)
                intake.enter(act.invitation, cell)
            elif act.step == "leave":
                intake.remove(act.invitation)
            else:
                intake.freeze(act.invitation, on=act.step == "freeze")
        for month, after in enumerate(history.released_after):
            if after == now:
                intake.release(MONTHS[month])
    return intake.released


def moved(history: History, make: Made = Intake) -> int:
    return squared_distance(released(history, make), released(history, make, without="target"))


@settings(max_examples=200)
@given(histories())
def test_one_invitation_moves_the_year_by_no_more_than_the_sensitivity(history: History) -> None:
    assert moved(history) <= history.cells_a_year
    assert moved(history) <= l2_sensitivity(history.cells_a_year) ** 2 + 1e-9


@settings(max_examples=200)
@given(histories())
def test_one_invitation_moves_a_month_by_one_cell(history: History) -> None:
    pairs = zip(released(history, Intake), released(history, Intake, without="target"), strict=True)
    assert all(squared_distance([one], [other]) <= 1 for one, other in pairs)


@settings(max_examples=200)
@given(histories())
def test_the_region_totals_move_no_more(history: History) -> None:
    one, other = (
        [region_totals(each, REGION_OF) for each in released(history, Intake, without=without)]
        for without in (None, "target")
    )
    assert squared_distance(one, other) <= history.cells_a_year


@pytest.mark.parametrize("k", [1, 3, 12])
def test_the_sensitivity_is_reached(k: int) -> None:
    acts = tuple(Act(month, "target") for month in range(12))
    assert moved(History(acts, tuple(range(12)), k)) == k


class CounterPerMonth(Intake):
    """Counts the months of each month apart."""

    def _take(self, invitation: str, month: str) -> bool:
        key = f"{invitation} {month}"
        counter = taken(self.counters.get(key, Counter()), month, self.cells_a_year)
        if counter is not None:
            self.counters[key] = counter
        return counter is not None


class CounterAfterTheJoin(Intake):
    """Counts the rows that stand there: a row that was erased is a month given back."""

    def _take(self, invitation: str, month: str) -> bool:
        row = self.rows.get(invitation)
        used = 0 if row is None else self.counters[invitation].used
        counter = taken(Counter(int(month[:4]), used), month, self.cells_a_year)
        if counter is not None:
            self.counters[invitation] = counter
        return counter is not None


class CorrectionTwice(Intake):
    """Puts a correction beside what it corrects."""

    def enter(self, invitation: str | None, cell: Cell) -> bool:
        if invitation is not None and invitation in self.rows:
            row = self.rows[invitation]
            if row.cell.month == cell.month and cell.month not in self._closed:
                self.rows[f"{invitation} {len(self.rows)}"] = Contribution(invitation, cell)
                return True
        return super().enter(invitation, cell)


class Recomputed(Intake):
    """Releases earlier months again with each month."""

    def release(self, month: str) -> Mapping[Cell, int] | None:
        for earlier in sorted(self._closed):
            self.released.append(histogram(r for r in self.rows.values() if r.cell.month == earlier))
        return super().release(month)


@pytest.mark.parametrize("bug", [CounterPerMonth, CounterAfterTheJoin, CorrectionTwice, Recomputed])
def test_the_property_catches_a_planted_bug(bug: Made) -> None:
    found = find(
        histories(most_acts=12, prompt=True),
        lambda history: moved(history, bug) > history.cells_a_year,
        settings=settings(max_examples=20_000, database=None, derandomize=True, phases=[Phase.generate]),
    )
    assert moved(found) <= found.cells_a_year  # and the rule itself holds on the same history


def test_a_correction_in_the_same_month_takes_the_place_and_no_month() -> None:
    intake = Intake(1)
    assert intake.enter("a", Cell(MONTHS[0], "d0", 3))
    assert intake.enter("a", Cell(MONTHS[0], "d0", 5))
    assert histogram(intake.rows.values()) == {Cell(MONTHS[0], "d0", 5): 1}
    assert intake.counters["a"] == Counter(2026, 1)


def test_an_entry_beyond_k_leaves_the_case_where_it_was() -> None:
    intake = Intake(1)
    intake.enter("a", Cell(MONTHS[0], "d0", 3))
    assert not intake.enter("a", Cell(MONTHS[1], "d0", 5))
    assert histogram(intake.rows.values()) == {Cell(MONTHS[0], "d0", 3): 1}


def test_a_frozen_case_is_not_counted_and_comes_back_where_it_stood() -> None:
    intake = Intake(2)
    for invitation in "ab":
        intake.enter(invitation, Cell(MONTHS[0], "d0", 3))
        intake.freeze(invitation, on=True)
    assert not intake.enter("a", Cell(MONTHS[1], "d0", 5))
    intake.freeze("a", on=False)
    assert intake.release(MONTHS[0]) == {Cell(MONTHS[0], "d0", 3): 1}
    intake.freeze("b", on=False)
    assert intake.release(MONTHS[0]) is None
    assert intake.enter("b", Cell(MONTHS[1], "d0", 4))
    assert intake.release(MONTHS[1]) == {Cell(MONTHS[1], "d0", 4): 1}


def test_without_an_invitation_nobody_is_counted() -> None:
    assert not Intake(1).enter(None, Cell(MONTHS[0], "d0", 3))


def test_a_new_year_has_months_of_its_own() -> None:
    assert taken(Counter(2026, 1), "2027-01", 1) == Counter(2027, 1)
    assert taken(Counter(2027, 1), "2026-12", 1) is None


def test_nobody_gives_an_empty_histogram() -> None:
    assert histogram([]) == {}


@pytest.mark.parametrize("k", [0, 13])
def test_k_is_a_number_of_months(k: int) -> None:
    with pytest.raises(StatisticsError, match="months of a year") as error:
        Intake(k)
    assert error.value.code == "statistics.cells"
