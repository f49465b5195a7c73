"""The public statistics' promises, measured: intervals, attacks, false alerts. Figures for the documentation."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.statistics.attack import (
    advantage_bound,
    best_advantage,
    differencing_score,
    measured,
    membership_score,
    noise_scores,
)
from evenhand.statistics.bound import Cell
from evenhand.statistics.budget import BudgetLedger, Plan
from evenhand.statistics.noise import epsilon
from evenhand.statistics.release import Layout, Release, make_release
from evenhand.statistics.trend import MOST_FALSE, alerts
from tests.reliability.conftest import Record
from tests.statistics.coverage import demo_model, published_years, simulate_series, simulate_years

SIGMA = 2.42535625
"""The default budget's noise in a cell of a district, K = 1."""

RHO, DELTA = Fraction(1, 10), 1e-6
SHIFTED = 0.6
"""SDs from which on a district counts as far from the calibration."""

MEASURES = ("people", "mean_need", "moderate", "severe")
LAYOUT = Layout((("north", ("mill", "orchard")), ("south", ("ferry", "station"))), 4, has_incomplete=True)
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 13))


def held(inside: FloatArray, cells: BoolArray) -> dict[str, float]:
    """The share of the cells whose interval holds the truth, for each measure."""
    return dict(zip(MEASURES, inside[cells].mean(axis=0).round(4).tolist(), strict=True))


def within(found: dict[str, float], cells: BoolArray, full: bool) -> bool:
    """Whether 88 to 92 % were held; a short run is allowed four of its standard errors more."""
    more = 0.0 if full else 4 * np.sqrt(0.09 / int(cells.sum()))
    return all(0.88 - more <= each <= 0.92 + more for each in found.values())


@pytest.mark.parametrize("years", [5, pytest.param(2_000, marks=pytest.mark.slow)])
def test_intervals_hold_the_truth_in_shifted_districts(record: Record, years: int) -> None:
    found, full = simulate_years(demo_model(), SIGMA, years, seed=11), years == 2_000
    every = found.n > 0
    large = found.n >= 8 * SIGMA * np.sqrt(10)
    for name, cells in (
        ("all cells before suppression", every),
        ("8 SDs of the noise or more", large),
        (f"of these, shifted by more than {SHIFTED} SD", large & (np.abs(found.shift) > SHIFTED)),
    ):
        got = held(found.inside, cells)
        assert within(got, cells, full), (name, got)
        record(26, name, full, years=years, cells=int(cells.sum()), **got)


@pytest.mark.parametrize("years", [1, pytest.param(334, marks=pytest.mark.slow)])
def test_published_figures_hold_the_truth(record: Record, years: int) -> None:
    """334 years of the six districts of the demo town are 2,004 of one district."""
    full = years > 1
    found = published_years(years, seed=12, months=12 if full else 2)
    large, region, year = found.sds >= 8, found.region == 1, found.year == 1
    for name, cells in (
        ("published months of districts, 8 SDs of the noise or more", large & ~region & ~year),
        ("published months of regions, likewise", large & region & ~year),
        ("published years, likewise", large & year),
    ):
        assert cells.any()
        got = held(found.inside, cells)
        assert within(got, cells, full), (name, got)
        record(26, name, full, years=years, cells=int(cells.sum()), **got)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "worlds"), [(1, 200_000), (12, 50_000)])
def test_the_measured_epsilon_is_below_the_claim(record: Record, k: int, worlds: int) -> None:
    """The short version stands in tests/statistics/test_attack.py."""
    plan = Plan("winter", RHO, DELTA, k)
    present, absent = noise_scores(plan, worlds)
    found, claimed = measured(present, absent, DELTA, confidence=0.999), epsilon(RHO, DELTA)
    advantage, most = best_advantage(present, absent), advantage_bound(RHO)
    assert 0.5 < found.epsilon < claimed
    assert 0.15 < advantage < most
    record(
        25,
        f"the noise of a year, K = {k}",
        True,
        worlds=worlds,
        epsilon_at_least=round(found.epsilon, 3),
        claimed=round(claimed, 3),
        advantage=round(advantage, 3),
        at_most=round(most, 3),
    )


def a_year(plan: Plan, counts: dict[Cell, int]) -> list[Release]:
    ledger, out = BudgetLedger(plan), []
    for month in MONTHS:
        own = {cell: n for cell, n in counts.items() if cell.month == month}
        release, ledger = make_release(ledger, LAYOUT, own, month=month, definition="", today=date(2027, 1, 1))
        out.append(release)
    return out


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 12])
def test_membership_and_differencing_on_a_year_of_releases_stay_within_the_bound(record: Record, k: int) -> None:
    """The short version, of three months, stands in tests/statistics/test_attack.py."""
    plan, worlds = Plan("winter", RHO, DELTA, k), 4_000
    target = [Cell(month, "mill", 1) for month in MONTHS[:k]]
    areas = tuple(LAYOUT.region_of)
    others = {Cell(month, area, band): 4 * band + 3 for month in MONTHS for area in areas for band in range(4)}
    scores = {}
    for here in (True, False):
        counts = others | ({cell: others[cell] + 1 for cell in target} if here else {})
        years = [a_year(plan, counts) for _ in range(worlds)]
        scores["membership", here] = np.array([membership_score(each, LAYOUT, others, target) for each in years])
        scores["differencing", here] = np.array(
            [differencing_score(each, LAYOUT, others, target[0]) for each in years]
        )
    claimed, most = epsilon(RHO, DELTA), advantage_bound(RHO)
    for attack in ("membership", "differencing"):
        present, absent = scores[attack, True], scores[attack, False]
        found, advantage = measured(present, absent, DELTA), best_advantage(present, absent)
        assert found.epsilon < claimed
        assert advantage < most
        record(
            25,
            f"{attack} on a year of releases, K = {k}",
            True,
            worlds=2 * worlds,
            epsilon_at_least=round(found.epsilon, 3),
            claimed=round(claimed, 3),
            advantage=round(advantage, 3),
            at_most=round(most, 3),
        )


@pytest.mark.slow
@pytest.mark.parametrize("people", [30.0, 60.0, 150.0])
def test_fitted_months_without_a_change_rarely_alert(record: Record, people: float) -> None:
    """Short versions, on errors that are exactly normal, stand in tests/statistics/test_trend.py."""
    model, n = demo_model(), 500
    found = [simulate_series(model, SIGMA, people, months=36, seed=int(1000 * people) + i) for i in range(n)]
    raised = float(np.mean([bool(alerts([each])) for each in found]))
    assert raised < MOST_FALSE + 3 * np.sqrt(MOST_FALSE * (1 - MOST_FALSE) / n)
    record(
        27,
        f"{people:.0f} people a month, three years",
        True,
        series=n,
        alerted=round(raised, 4),
        design=MOST_FALSE,
    )
