"""The budget in exact fractions: never exceeded, no drift, and a date when it is spent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.errors import StatisticsError
from evenhand.statistics.bound import Counter, taken
from evenhand.statistics.budget import BudgetLedger, Plan, exact, renews
from evenhand.statistics.noise import composed_cost

TENTH = Fraction(1, 10)
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def plan(k: int = 1, rho: Fraction = TENTH) -> Plan:
    return Plan("winter", rho, 1e-6, k)


@pytest.mark.parametrize("k", range(1, 13))
def test_twelve_months_cost_the_year_s_budget_to_the_last_digit(k: int) -> None:
    ledger = BudgetLedger(plan(k))
    for month in MONTHS:
        ledger = ledger.charge(month)
    assert ledger.spent(2026) == TENTH
    assert ledger.left(2026) == 0


@pytest.mark.parametrize("k", [1, 5, 12])
def test_the_mechanisms_cost_the_month_by_opendp_s_account(k: int) -> None:
    one = plan(k)
    assert one.cells_cost + one.regions_cost == one.month_cost == TENTH / k
    account = composed_cost([one.cells_mechanism(), one.regions_mechanism()])
    assert account == pytest.approx(float(one.month_cost), rel=1e-9)


def test_a_decimal_of_the_file_is_the_fraction_it_means() -> None:
    assert exact(0.1) == TENTH
    assert exact(1e-6) == Fraction(1, 1_000_000)
    assert sum((exact(0.1) for _ in range(10)), Fraction(0)) == 1


def test_a_month_is_paid_once() -> None:
    with pytest.raises(StatisticsError) as error:
        BudgetLedger(plan()).charge("2026-03").charge("2026-03")
    assert error.value.code == "statistics.already-released"


def test_out_of_budget_says_when_it_renews() -> None:
    ledger = BudgetLedger(plan(2)).charge("2026-01").charge("2026-02", Fraction(1, 20))
    with pytest.raises(StatisticsError) as error:
        ledger.charge("2026-03", Fraction(6, 100))
    assert error.value.code == "statistics.budget-spent"
    assert "2027-01-01" in error.value.mend
    assert renews(2026) == "2027-01-01"
    assert ledger.charge("2027-01", TENTH).left(2027) == 0


def test_a_refused_charge_leaves_the_ledger_as_it_was() -> None:
    ledger = BudgetLedger(plan())
    with pytest.raises(StatisticsError):
        ledger.charge("2026-01", Fraction(2))
    assert ledger == BudgetLedger(plan())


def test_years_add_up() -> None:
    ledger = BudgetLedger(plan()).charge("2026-12").charge("2027-01").charge("2027-02")
    assert ledger.over_years() == 2 * TENTH


@given(st.lists(st.fractions(Fraction(1, 1000), Fraction(1, 20)), max_size=12), st.integers(1, 12))
def test_no_invitation_can_lose_more_than_the_ledger_says(costs: list[Fraction], k: int) -> None:
    """Over every way to take part: the months that an invitation takes cost no more than what is spent."""
    ledger = BudgetLedger(plan(k, Fraction(1)))
    for month, cost in zip(MONTHS, costs, strict=False):
        ledger = ledger.charge(month, cost)
    dearest = sorted(range(len(costs)), key=lambda index: -costs[index])
    counter, lost = Counter(), Fraction(0)
    for index in dearest:
        after = taken(counter, MONTHS[index], k)
        if after is not None:
            counter, lost = after, lost + costs[index]
    assert lost == ledger.spent(2026) <= 1


@pytest.mark.parametrize("share", [Fraction(9, 100), Fraction(21, 100)])
def test_the_regions_get_ten_to_twenty_percent(share: Fraction) -> None:
    with pytest.raises(StatisticsError) as error:
        Plan("winter", TENTH, 1e-6, 1, share)
    assert error.value.code == "statistics.plan"


def test_a_charge_of_nothing_is_refused() -> None:
    with pytest.raises(StatisticsError) as error:
        BudgetLedger(plan()).charge("2026-01", Fraction(0))
    assert error.value.code == "statistics.rho"
