"""Attacks by somebody who knows everything else find no more than is claimed; and they do find something."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

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

LAYOUT = Layout((("north", ("mill", "orchard")),), 3, has_incomplete=True)
MONTHS = ("2026-01", "2026-02", "2026-03")
WORLDS = 500


def year(plan: Plan, counts: dict[Cell, int]) -> list[Release]:
    ledger, out = BudgetLedger(plan), []
    for month in MONTHS:
        own = {cell: n for cell, n in counts.items() if cell.month == month}
        release, ledger = make_release(ledger, LAYOUT, own, month=month, definition="", today=date(2027, 1, 1))
        out.append(release)
    return out


@pytest.mark.parametrize("k", [1, 3])
def test_the_noise_of_the_worst_year_gives_away_less_than_epsilon(k: int) -> None:
    plan = Plan("winter", Fraction(1, 10), 1e-6, k)
    present, absent = noise_scores(plan, 12_000)
    found = measured(present, absent, 1e-6, confidence=0.999)
    assert 0.2 < found.epsilon < epsilon(plan.rho_per_year, 1e-6)
    assert 0.1 < best_advantage(present, absent) < advantage_bound(plan.rho_per_year) + 4 / np.sqrt(12_000)


def test_noise_for_a_tenth_of_what_is_claimed_would_be_found() -> None:
    spent = Plan("winter", Fraction(1), 1e-6, 1)
    present, absent = noise_scores(spent, 12_000)
    claimed = Fraction(1, 100)
    assert measured(present, absent, 1e-6, confidence=0.999).epsilon > epsilon(claimed, 1e-6)
    assert best_advantage(present, absent) > advantage_bound(claimed) + 4 / np.sqrt(12_000)


def test_membership_and_differencing_on_a_year_of_releases_stay_within_the_bound() -> None:
    plan = Plan("winter", Fraction(1, 2), 1e-6, 1)
    target = Cell("2026-02", "mill", 1)
    others = {
        Cell(month, area, k): 4 * k + 3 for month in MONTHS for area in ("mill", "orchard") for k in range(3)
    }
    member = {True: np.empty(WORLDS), False: np.empty(WORLDS)}
    difference = {True: np.empty(WORLDS), False: np.empty(WORLDS)}
    for here in (True, False):
        counts = others | ({target: others[target] + 1} if here else {})
        for world in range(WORLDS):
            releases = year(plan, counts)
            member[here][world] = membership_score(releases, LAYOUT, others, [target])
            difference[here][world] = differencing_score(releases, LAYOUT, others, target)
    most = advantage_bound(plan.rho_per_year) + 4 / np.sqrt(WORLDS)
    by_member, by_difference = (best_advantage(each[True], each[False]) for each in (member, difference))
    assert 0.2 < by_member < most
    assert by_difference < by_member + 4 / np.sqrt(WORLDS)
    assert measured(member[True], member[False], 1e-6).epsilon < epsilon(plan.rho_per_year, 1e-6)


def test_the_bound_on_the_advantage() -> None:
    assert advantage_bound(Fraction(1, 10)) == pytest.approx(0.2236, abs=1e-4)
    assert advantage_bound(Fraction(50)) == 1


def test_an_attack_that_knows_nothing_shows_nothing() -> None:
    rng = np.random.default_rng(1)
    assert measured(rng.normal(size=2000), rng.normal(size=2000), 1e-6).epsilon == 0
