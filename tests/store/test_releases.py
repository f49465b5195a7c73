"""The contribution rule on both stores: as its twin in memory says, row by row, over a year of releases."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from evenhand.errors import StatisticsError, StoreError
from evenhand.statistics.bound import Cell, Counter, region_totals
from evenhand.store import schema
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.registers import Registers
from evenhand.store.spending import keep_release
from evenhand.store.store import Store, open_store
from evenhand.store.unit import Unit
from tests.store.statistics_history import (
    LAYOUT,
    MONTHS,
    TARGET,
    Act,
    History,
    Town,
    at,
    history,
    moved,
    short_history,
    told,
)

SEEDS = range(4)
PLANTED = range(10)
"""Short histories among which a planted bug must show."""


def as_the_twin(town: Town, _now: int) -> None:
    assert town.rows() == town.intake.rows
    assert town.counters() == town.intake.counters


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rows_are_those_of_the_twin_month_after_month(store: Store, seed: int) -> None:
    town = told(store, history(seed), "town", after_month=as_the_twin)
    as_the_twin(town, 12)
    assert len(town.given) == 12
    assert [{cell: n for cell, n in each.items() if n} for each in town.given] == town.intake.released
    assert fsck(store) == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_invitation_moves_the_year_by_no_more_than_k(store: Store, seed: int) -> None:
    story = history(seed)
    one, other = told(store, story, "town"), told(store, story, "town-without")
    assert moved(one, other) <= story.cells_a_year
    pairs = zip(one.given, other.given, strict=True)
    assert all(sum((a[cell] - b[cell]) ** 2 for cell in a) <= 1 for a, b in pairs)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_region_totals_are_sums_of_the_cells(store: Store, seed: int) -> None:
    for release in told(store, history(seed), "town").kept():
        counts = {Cell(release.month, e.area, e.need_class, e.field_value): e.value for e in release.cells}
        totals = {Cell(release.month, e.area, e.need_class, e.field_value): e.value for e in release.regions}
        assert region_totals(counts, LAYOUT.region_of) == totals


def counter_per_month(_self: Any, _invitation: str, _year: int, _most: int) -> bool:
    """Each month has a counter of its own."""
    return True


def counter_after_the_join(self: Any, invitation: str, year: int, most: int) -> bool:
    """Counts the rows that stand there: one that was erased is a month given back."""
    table = schema.contribution
    query = select(func.count()).where(table.c.invitation == invitation, table.c.month.startswith(str(year)))
    return int(self.connection.execute(query).scalar_one()) < most


_CONTRIBUTE = Registers.contribute


def correction_counted_twice(self: Any, case_id: str, **contribution: Any) -> bool:
    """Puts a correction beside what it corrects."""
    table = schema.contribution
    row = self.connection.execute(select(table).where(table.c.case_id == case_id)).first()
    counted = _CONTRIBUTE(self, case_id, **contribution)
    if counted and row is not None and row.month == contribution["month"]:
        ghost = self.open_case(row.programme, definition_hash="d1", at=at(0), invitation=row.invitation)
        self.connection.execute(table.insert(), {**row._mapping, "case_id": ghost})
    return counted


def caught(store: Store, after_month: Callable[[Town, int], None] | None = None) -> bool:
    """Whether any of the histories shows more than K."""
    for seed in PLANTED:
        story = short_history(seed)
        one, other = (told(store, story, f"t{seed}{end}", after_month=after_month) for end in ("", "-without"))
        if moved(one, other) > story.cells_a_year:
            return True
    return False


def counted_again(town: Town, _now: int) -> None:
    """Gives every released month to the noise once more, as it stands now."""
    closed = {next(iter(each)).month for each in town.given}
    with town.store.reading() as reading:
        for month in sorted(closed):
            cells = reading.cells(town.name, month)
            town.given.append({cell: cells.get(cell, 0) for cell in LAYOUT.cells(month)})


@pytest.mark.parametrize(
    ("method", "bug"),
    [
        ("_take_cell", counter_per_month),
        ("_take_cell", counter_after_the_join),
        ("contribute", correction_counted_twice),
    ],
)
def test_the_property_catches_a_planted_bug_of_the_intake(
    store: Store, monkeypatch: pytest.MonkeyPatch, method: str, bug: Callable[..., bool]
) -> None:
    monkeypatch.setattr(Registers, method, bug)
    assert caught(store)


def test_the_property_catches_a_released_month_that_is_counted_again(store: Store) -> None:
    assert caught(store, counted_again)


@pytest.mark.slow
def test_the_same_histories_hold_without_a_planted_bug(store: Store) -> None:
    assert not caught(store)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 64))
def test_one_invitation_moves_many_other_years_by_no_more_than_k(store: Store, seed: int) -> None:
    story = history(seed)
    one, other = (told(store, story, name, after_month=as_the_twin) for name in ("town", "town-without"))
    assert moved(one, other) <= story.cells_a_year


def one_person(*acts: Act, k: int = 1, released_after: tuple[int, ...] = tuple(range(12))) -> History:
    return History(tuple(acts), released_after, k)


def test_a_correction_after_the_release_does_not_enter_a_later_month(store: Store) -> None:
    story = one_person(Act(0, TARGET, "enter", 1), Act(3, TARGET, "enter", 2))
    town = told(store, story, "town")
    assert [sum(each.values()) for each in town.given] == [1, *[0] * 11]
    assert town.counters() == {town.invitation(TARGET): Counter(2026, 1)}


def test_with_more_months_it_enters_the_later_month_and_stays_in_the_release(store: Store) -> None:
    story = one_person(Act(0, TARGET, "enter", 1), Act(3, TARGET, "enter", 2), k=2)
    town = told(store, story, "town")
    assert [sum(each.values()) for each in town.given] == [1, 0, 0, 1, *[0] * 8]


def test_nothing_enters_a_released_month(store: Store) -> None:
    story = one_person(Act(0, TARGET, "enter", 1))
    town = told(store, story, "town")
    case = town.cases[TARGET]
    assert case is not None
    with store.unit() as unit:
        assert not unit.contribute(case, month=MONTHS[0], need_class=3, cells_a_year=12)
    assert town.rows()[town.invitation(TARGET)].cell.need_class == 1


def test_an_erasure_after_the_release_changes_no_release(store: Store) -> None:
    story = one_person(Act(0, TARGET, "enter", 1), Act(3, TARGET, "erase"))
    town = told(store, story, "town")
    assert town.rows() == {}
    assert sum(each.value for each in town.kept()[0].cells) == 1


def test_a_frozen_case_is_in_no_release_until_the_freeze_is_lifted(store: Store) -> None:
    people = (Act(0, TARGET, "enter", 1), Act(0, "a", "enter", 2), Act(0, TARGET, "freeze"))
    story = one_person(*people, Act(3, TARGET, "lift"), released_after=(1, *range(1, 12)))
    frozen = told(store, story, "town")
    assert [sum(each.values()) for each in frozen.given] == [1, *[0] * 11]
    assert len(frozen.rows()) == 2  # the row stays, and stands in a month that is closed
    lifted = told(store, one_person(*people, Act(1, TARGET, "lift"), released_after=(1, *range(1, 12))), "other")
    assert [sum(each.values()) for each in lifted.given] == [2, *[0] * 11]


def test_counting_a_month_touches_no_row_of_a_case_but_the_frozen(tmp_path: Path) -> None:
    """SQLite's plan: everybody from one index, the frozen from theirs."""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", MemoryKeys())
    store.migrate()
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    with store.reading() as reading:
        reading.cells("town", MONTHS[0])
    with store.engine.connect() as connection:
        plans = [
            " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given))
            for text, given in asked[-2:]
        ]
    frozen, every = plans
    assert "COVERING INDEX ix_case_file_frozen" in frozen
    assert "SCAN" not in frozen
    assert every == "SEARCH contribution USING COVERING INDEX ix_contribution_cell (programme=? AND month=?)"
    store.close()


def test_a_frozen_case_enters_no_month(store: Store) -> None:
    story = one_person(Act(0, TARGET, "enter", 1), Act(0, TARGET, "freeze"), Act(1, TARGET, "enter", 2), k=2)
    town = told(store, story, "town")
    assert town.rows()[town.invitation(TARGET)].cell == Cell(MONTHS[0], "d0", 1)
    assert town.counters() == {town.invitation(TARGET): Counter(2026, 1)}
    assert all(sum(each.values()) == 0 for each in town.given)


def test_cells_of_some_definitions_are_those_of_their_cases(store: Store) -> None:
    town = told(store, one_person(Act(11, TARGET, "enter", 2), released_after=()), "town")
    with store.reading() as reading:
        assert reading.cells(town.name, MONTHS[11], ["d1"]) == {Cell(MONTHS[11], "d0", 2): 1}
        assert reading.cells(town.name, MONTHS[11], ["d2"]) == {}


def test_consenting_again_gives_no_month_back(store: Store) -> None:
    story = one_person(Act(0, TARGET, "enter", 1), Act(0, TARGET, "refuse"), Act(1, TARGET, "enter", 2))
    assert all(sum(each.values()) == 0 for each in told(store, story, "town").given)


def test_a_month_is_released_once(store: Store) -> None:
    town = told(store, one_person(), "town")
    with pytest.raises(StatisticsError) as error:
        town.release(0, 11)
    assert error.value.code == "statistics.already-released"


def test_the_tables_refuse_a_second_release_whoever_asks(store: Store) -> None:
    town = told(store, one_person(), "town")
    with pytest.raises((StoreError, IntegrityError)), store.unit() as unit:
        keep_release(unit, town.kept()[0], at=at(11), actor="ana")
    assert fsck(store) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE budget SET spent = '1/20'", "projection"),
        ("DELETE FROM budget", "projection"),
        ("UPDATE release SET period = '2027-01' WHERE period = '2026-01'", "projection"),
        ("DELETE FROM release WHERE period = '2026-01'", "projection"),
        ("UPDATE document SET content = '{}' WHERE kind = 'statistics-release'", "document"),
    ],
)
def test_a_changed_row_of_the_statistics_is_found(store: Store, change: str, code: str) -> None:
    told(store, one_person(), "town")
    assert fsck(store) == ()
    text = change.replace("'{}'", "'{}'::bytea") if not store.is_sqlite else change.replace("'{}'", "x'7b7d'")
    with store.engine.begin() as connection:
        connection.exec_driver_sql(text)
    assert code in {each.code for each in fsck(store)}


def test_a_release_without_its_charge_is_found(store: Store) -> None:
    town = told(store, one_person(released_after=()), "town")
    release = told(store, one_person(), "other").kept()[0]
    with store.unit() as unit:
        keep_release(unit, replace(release, programme=town.name), at=at(11), actor="ana")
    assert ("budget", "The release was not paid for.") in {(each.code, each.what) for each in fsck(store)}


def test_a_unit_gives_the_same_counts_as_a_reading(store: Store) -> None:
    town = told(store, one_person(Act(11, TARGET, "enter", 2, "alone"), released_after=()), "town")
    expected = {Cell(MONTHS[11], "d0", 2, "alone"): 1}
    with store.reading() as reading:
        assert reading.cells(town.name, MONTHS[11]) == expected
    with store.unit() as unit:
        assert isinstance(unit, Unit)
        assert unit.reading.cells(town.name, MONTHS[11]) == expected
