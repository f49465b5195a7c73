"""The privacy budget of a programme's year, in exact fractions.

The file declares rho a year. Every month is released once, and each release costs each invitation that stands in
it the same: rho / K, of which a part buys the region totals. An invitation stands in at most K months of a year
(`bound.py`), so what a year can cost it is the sum of the K largest charges: K * rho / K = rho when all twelve
months are released. It is that sum that the ledger keeps within the budget; with K = 1 it is the largest charge,
and with K = 12 the plain sum.

A month that was charged is never charged or released again. Years are apart: an invitation that takes part in
several adds up its years.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from evenhand.errors import StatisticsError
from evenhand.statistics.bound import checked_cells
from evenhand.statistics.noise import Mechanism, mechanism

REGION_SHARE = Fraction(15, 100)
"""Part of the budget that buys the region totals."""

REGION_SHARES = (Fraction(1, 10), Fraction(1, 5))
"""Least and greatest part that may be chosen."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What each month's release costs and with how much noise: known before the first answer.

    Attributes:
        programme: its name.
        rho_per_year: zCDP of a year.
        delta: at which epsilon is told.
        cells_a_year: K.
        region_share: part that buys the region totals.
    """

    programme: str
    rho_per_year: Fraction
    delta: float
    cells_a_year: int
    region_share: Fraction = REGION_SHARE

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be kept.

        Raises:
            StatisticsError: K is not 1 to 12, the region totals get less than 10 or more than 20 %, or the
                budget is not above 0.
        """
        checked_cells(self.cells_a_year)
        low, high = REGION_SHARES
        if not low <= self.region_share <= high or not self.rho_per_year > 0:
            raise StatisticsError(
                "statistics.plan",
                "The budget must be above 0, with 10 to 20 % of it for the region totals.",
                why=f"It is {float(self.rho_per_year)}, with {float(self.region_share)} for them.",
                mend="Set statistics.rho_per_year above 0 and leave the region share as it is.",
            )

    @property
    def month_cost(self) -> Fraction:
        """What one release costs an invitation that stands in it."""
        return self.rho_per_year / self.cells_a_year

    @property
    def cells_cost(self) -> Fraction:
        """The part of it that buys the cells of the districts."""
        return self.month_cost * (1 - self.region_share)

    @property
    def regions_cost(self) -> Fraction:
        """The part of it that buys the region totals."""
        return self.month_cost * self.region_share

    def cells_mechanism(self) -> Mechanism:
        """The noise of each cell. Within one month an invitation moves one cell by one."""
        return mechanism(self.cells_cost, 1)

    def regions_mechanism(self) -> Mechanism:
        """The noise of each region's class."""
        return mechanism(self.regions_cost, 1)


def exact(number: float) -> Fraction:
    """The fraction that a file's decimal number means: 0.1 is 1/10, not the nearest binary number."""
    return Fraction(repr(float(number)))


@dataclass(frozen=True, slots=True)
class Charge:
    """What one release cost an invitation that stood in it; `month` is YYYY-MM."""

    month: str
    rho: Fraction


@dataclass(frozen=True, slots=True)
class BudgetLedger:
    """The charges of one programme, in their order.

    Attributes:
        plan: what was declared.
        charges: all charges so far.
    """

    plan: Plan
    charges: tuple[Charge, ...] = ()

    def spent(self, year: int) -> Fraction:
        """Most that the year's releases can have cost one invitation: the sum of the K largest charges."""
        return _largest((each.rho for each in self._of(year)), self.plan.cells_a_year)

    def left(self, year: int) -> Fraction:
        """What is left of the year's budget."""
        return self.plan.rho_per_year - self.spent(year)

    def over_years(self) -> Fraction:
        """Most that all releases so far can have cost an invitation that stood in every year."""
        return sum((self.spent(year) for year in {int(each.month[:4]) for each in self.charges}), Fraction(0))

    def charge(self, month: str, rho: Fraction | None = None) -> "BudgetLedger":
        """The ledger with one more release paid for; nothing may be drawn before.

        Args:
            month: YYYY-MM, not released before.
            rho: what it costs; the plan's month by default.

        Raises:
            StatisticsError: the month was released, the charge is not above 0, or the year's budget would be
                exceeded; says when it renews.
        """
        cost = self.plan.month_cost if rho is None else rho
        if any(each.month == month for each in self.charges):
            raise StatisticsError(
                "statistics.already-released",
                f"{month} was released before.",
                why="A released month is never noised again: a second release would cost a second time.",
                mend="Serve the stored release.",
            )
        if not cost > 0:
            raise StatisticsError(
                "statistics.rho",
                "A release that costs nothing cannot be charged.",
                mend="Give a cost above 0.",
            )
        new = BudgetLedger(self.plan, (*self.charges, Charge(month, cost)))
        year = int(month[:4])
        if new.spent(year) > self.plan.rho_per_year:
            raise StatisticsError(
                "statistics.budget-spent",
                f"The privacy budget of {self.plan.programme} for {year} does not pay for this release.",
                why=f"It costs {cost}; {self.left(year)} of {self.plan.rho_per_year} is left.",
                mend=f"Wait: the budget renews on {renews(year)}.",
            )
        return new

    def _of(self, year: int) -> tuple[Charge, ...]:
        return tuple(each for each in self.charges if int(each.month[:4]) == year)


def renews(year: int) -> str:
    """The day from which the budget of the year after is open (YYYY-MM-DD)."""
    return f"{year + 1}-01-01"


def _largest(costs: Iterable[Fraction], k: int) -> Fraction:
    return sum(sorted(costs, reverse=True)[:k], Fraction(0))
