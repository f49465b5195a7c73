"""Releases: public keys, signed values, sums that hold, figures that are withheld."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import StatisticsError
from evenhand.programme.definition import load_programme
from evenhand.statistics.bound import Cell
from evenhand.statistics.budget import BudgetLedger, Plan
from evenhand.statistics.consistency import added_up, consistent
from evenhand.statistics.figures import figures, to_csv, to_json, too_few
from evenhand.statistics.guarantee import guarantee, guarantee_json
from evenhand.statistics.noise import Mechanism, epsilon
from evenhand.statistics.release import Layout, Release, layout_of, make_release, plan_of, release_from_json
from tests.statistics.coverage import demo_model

LAYOUT = Layout((("north", ("mill", "orchard")), ("south", ("ferry",))), 10, has_incomplete=True)
PLAN = Plan("winter", Fraction(1, 10), 1e-6, 1)
MODEL = demo_model()
TODAY = date(2027, 1, 3)


def exact_draw(_noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(counts)


def drowned(_noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(each - 40 for each in counts)


def released(counts: dict[Cell, int], month: str = "2026-11", layout: Layout = LAYOUT, **options: Any) -> Release:
    return make_release(
        BudgetLedger(PLAN), layout, counts, month=month, definition="00" * 32, today=TODAY, **options
    )[0]


def test_every_public_key_has_a_cell_whether_anybody_stands_in_it() -> None:
    one, none = released({Cell("2026-11", "mill", 3): 1}), released({})
    assert [each[:3] for each in one.cells] == [each[:3] for each in none.cells]
    assert len(none.cells) == 30
    assert len(none.regions) == 20


def test_without_noise_the_cells_are_the_counts_and_the_regions_their_sums() -> None:
    found = released({Cell("2026-11", "mill", 3): 5, Cell("2026-11", "orchard", 3): 2}, draw=exact_draw)
    assert {(each.area, each.value) for each in found.cells if each.value} == {("mill", 5), ("orchard", 2)}
    assert [each for each in found.regions if each.value] == [("north", 3, None, 7)]


def test_the_noise_has_the_plan_s_scale() -> None:
    values = [each.value for month in range(1, 13) for each in released({}, f"2026-{month:02d}").cells]
    assert np.std(values) == pytest.approx(PLAN.cells_mechanism().sigma, rel=0.25)  # 360 draws: 6 errors


def test_some_values_are_negative_and_stay_so() -> None:
    found = released({})
    assert min(each.value for each in found.cells) < 0
    assert release_from_json(found.to_json()) == found


def test_a_release_costs_the_month() -> None:
    release, ledger = make_release(BudgetLedger(PLAN), LAYOUT, {}, month="2026-11", definition="", today=TODAY)
    assert release.rho == PLAN.month_cost == ledger.spent(2026)
    with pytest.raises(StatisticsError, match="released before"):
        make_release(ledger, LAYOUT, {}, month="2026-11", definition="", today=TODAY)


@pytest.mark.parametrize("month", ["2027-01", "2027-02"])
def test_a_month_that_is_not_over_is_not_released(month: str) -> None:
    with pytest.raises(StatisticsError) as error:
        released({}, month)
    assert error.value.code == "statistics.month-open"


@pytest.mark.parametrize(
    "cell", [Cell("2026-11", "elsewhere", 3), Cell("2026-11", "mill", 10), Cell("2026-10", "mill", 3)]
)
def test_a_cell_that_is_not_public_stops_the_release_before_any_noise(cell: Cell) -> None:
    def no_draw(_noise: Mechanism, _counts: Sequence[int]) -> tuple[int, ...]:
        raise AssertionError("noise was drawn")

    with pytest.raises(StatisticsError) as error:
        released({cell: 1}, draw=no_draw)
    assert error.value.code == "statistics.unknown-cell"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "evenhand.release/1"}', '{"format": "other"}', "null"]
)
def test_another_text_is_no_release(text: str) -> None:
    with pytest.raises(StatisticsError) as error:
        release_from_json(text)
    assert error.value.code == "statistics.not-a-release"


def test_the_demo_programme_s_layout_and_plan() -> None:
    programme = load_programme("demo-town")
    layout = layout_of(programme)
    assert layout.n_classes == 10
    assert layout.field_values == ("alone", "others", None)
    assert len(layout.cells("2026-11")) == 6 * 10 * 3
    assert plan_of(programme) == Plan("demo-town", Fraction(1, 10), 1e-6, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-50, 400), min_size=50, max_size=50))
def test_districts_add_up_to_their_region_exactly(values: list[int]) -> None:
    supply = iter(values)
    found = released({}, draw=lambda _noise, counts: tuple(next(supply) for _ in counts))
    whole = consistent(found, LAYOUT)
    for region, members in LAYOUT.regions:
        for key, total in whole.regions[region].values.items():
            assert sum(whole.districts[area].values[key] for area in members) == total


def test_consistent_values_are_generalised_least_squares() -> None:
    """The same by matrices: x = V A' ... of all values under the constraint, for one class of one region."""
    found = released({Cell("2026-11", "mill", 3): 30, Cell("2026-11", "orchard", 3): 9})
    v, total_v = found.sigma_cells**2, found.sigma_regions**2
    raw = {each.area: each.value for each in (*found.cells, *found.regions) if each.need_class == 3}
    y = np.array([raw["mill"], raw["orchard"], raw["north"]], dtype=float)
    covariance, constraint = np.diag([v, v, total_v]), np.array([[1.0, 1.0, -1.0]])
    gain = covariance @ constraint.T @ np.linalg.inv(constraint @ covariance @ constraint.T)
    expected, left = y - (gain @ constraint @ y), covariance - gain @ constraint @ covariance
    whole = consistent(found, LAYOUT)
    got = [whole.districts["mill"], whole.districts["orchard"], whole.regions["north"]]
    assert [float(each.values[3, None]) for each in got] == pytest.approx(expected)
    assert [float(each.variance) for each in got] == pytest.approx(np.diag(left))


def test_a_year_is_the_sum_of_its_months() -> None:
    months = [released({}, f"2026-{month:02d}") for month in range(1, 13)]
    year = added_up(months, LAYOUT)
    by_month = [consistent(each, LAYOUT).districts["mill"] for each in months]
    assert year.districts["mill"].values[0, None] == sum(each.values[0, None] for each in by_month)
    assert year.districts["mill"].variance == 12 * by_month[0].variance
    assert len(figures(months, LAYOUT, MODEL, period="2026")) == 5


def test_a_month_is_not_added_twice() -> None:
    one = released({})
    with pytest.raises(StatisticsError) as error:
        added_up([one, one], LAYOUT)
    assert error.value.code == "statistics.months"


def test_a_region_of_one_district_is_told_better_by_both() -> None:
    found = consistent(released({}), LAYOUT)
    assert found.districts["ferry"] == found.regions["south"]
    assert found.districts["ferry"].variance < found.districts["mill"].variance


@pytest.mark.parametrize(("people", "sd", "withheld"), [(10.9, 0.1, True), (11, 0.1, False), (40, 10.1, True)])
def test_too_few_is_under_eleven_and_under_four_sigma(people: float, sd: float, withheld: bool) -> None:
    assert too_few(people, sd) is withheld


def shown(draw: Any = exact_draw) -> dict[str, Any]:
    counts = {Cell("2026-11", "mill", k): 30 for k in range(9)} | {Cell("2026-11", "orchard", 2): 3}
    return {each.area: each for each in figures([released(counts, draw=draw)], LAYOUT, MODEL, period="2026-11")}


def test_an_empty_district_is_too_few_and_has_no_number() -> None:
    found = shown()
    assert [found[area].status for area in ("mill", "orchard", "ferry")] == ["shown", "too few", "too few"]
    rows = list(csv.DictReader(io.StringIO(to_csv(list(found.values()), ["moderate", "severe"]))))
    empty = next(row for row in rows if row["area"] == "ferry")
    assert {name for name, value in empty.items() if value} == {
        "period",
        "kind",
        "area",
        "status",
        "noise_sd",
        "group",
    }
    body = json.loads(to_json(list(found.values()), ["moderate", "severe"]))
    assert body["figures"][2]["people"] is None
    assert body["figures"][0]["shares"]["severe"]["low"] < body["figures"][0]["shares"]["severe"]["high"]


def test_all_negative_noise_shows_nothing() -> None:
    assert {each.status for each in shown(drowned).values() if each.area != "mill"} == {"too few"}


def test_the_same_release_gives_the_same_figures() -> None:
    one = released({Cell("2026-11", "mill", k): 30 for k in range(9)})
    assert figures([one], LAYOUT, MODEL, period="2026-11") == figures([one], LAYOUT, MODEL, period="2026-11")


def test_figures_by_the_extra_field_add_up_to_all() -> None:
    layout = Layout((("north", ("mill",)),), 10, has_incomplete=True, field_values=("alone", None))
    counts = {Cell("2026-11", "mill", k, value): n for k in range(9) for value, n in (("alone", 40), (None, 15))}
    found = figures([released(counts, layout=layout)], layout, MODEL, period="2026-11")
    people = {each.group: each.estimate.people.value for each in found[:3] if each.estimate}
    assert people["alone"] + people[""] == pytest.approx(people["all"])


def test_the_guarantee_says_what_was_charged() -> None:
    ledger = BudgetLedger(PLAN).charge("2026-11").charge("2026-12").charge("2027-01")
    found = json.loads(guarantee_json(ledger))
    assert found == guarantee(ledger)
    assert found["rho_per_year"] == {"exact": "1/10", "value": 0.1}
    assert found["epsilon_per_year"] == epsilon(Fraction(1, 10), 1e-6)
    assert [(each["year"], each["rho"]["exact"]) for each in found["charged"]] == [(2026, "1/10"), (2027, "1/10")]
    assert found["charged_over_all_years"]["rho"]["exact"] == "1/5"
    assert found["years"][1]["epsilon"] == epsilon(Fraction(2, 10), 1e-6)
    assert found["month"]["cells"]["accounted"] <= found["month"]["cells"]["rho"]["value"]
    assert guarantee(BudgetLedger(PLAN))["charged"] == []
