"""The figures of the privacy promise: what a year costs an invitation, and what years add up to."""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from evenhand.service.office import Office
from evenhand.service.publish import ledger_in_force
from evenhand.statistics.budget import BudgetLedger, Plan
from evenhand.statistics.guarantee import YEARS
from evenhand.statistics.noise import epsilon

USUAL = Plan("", Fraction(1, 10), 1e-6, 1)
"""The budget that the library's programme declares: rho = 0.1 a year at delta = 1e-6, one month a year."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What some years can cost one invitation.

    Attributes:
        years: how many.
        rho: zCDP, years added up.
        epsilon: the same as (epsilon, delta).
        guess: no guess whether the answers are in the figures is right with a greater probability.
    """

    years: int
    rho: float
    epsilon: float
    guess: float


@dataclass(frozen=True, slots=True)
class Promise:
    """The promise of a budget.

    Attributes:
        rho: zCDP of a year.
        delta: at which epsilon is told.
        months: monthly tables of a year that one invitation can stand in.
        years: the loss of one year, then of several.
        cell_noise: standard deviation of the noise of each number of a district, people.
        region_noise: of each of a region.
        released: months released so far, by year.
        spent: most that all of them can have cost one invitation; None where nothing was released.
    """

    rho: float
    delta: float
    months: int
    years: tuple[Loss, ...]
    cell_noise: float
    region_noise: float
    released: tuple[tuple[int, int], ...]
    spent: Loss | None

    @property
    def year(self) -> Loss:
        """The loss of one year."""
        return self.years[0]


def promise_of(office: Office, programme: str) -> Promise:
    """The promise of a programme with its own figures. Open to anybody, and reads no case.

    Raises:
        CaseError: no such programme was opened.
    """
    with office.store.reading() as reading:
        office.programme(reading, programme)
        ledger = ledger_in_force(office, reading, programme)
    return promise(ledger)


def promise(ledger: BudgetLedger) -> Promise:
    """The promise of a budget and its charges so far."""
    plan = ledger.plan
    by_year: dict[int, int] = {}
    for each in ledger.charges:
        by_year[int(each.month[:4])] = by_year.get(int(each.month[:4]), 0) + 1
    return Promise(
        rho=float(plan.rho_per_year),
        delta=plan.delta,
        months=plan.cells_a_year,
        years=tuple(_loss(plan, n, n * plan.rho_per_year) for n in YEARS),
        cell_noise=plan.cells_mechanism().sigma,
        region_noise=plan.regions_mechanism().sigma,
        released=tuple(sorted(by_year.items())),
        spent=_loss(plan, len(by_year), ledger.over_years()) if by_year else None,
    )


def most_right(rho: Fraction) -> float:
    """With which probability a guess can be right at most, where a coin decided: (1 + sqrt(rho / 2)) / 2.

    The total variation of two distributions is at most sqrt(KL / 2) (Pinsker), and rho-zCDP bounds the
    Kullback-Leibler divergence by rho (Bun & Steinke 2016).
    """
    return min(1.0, (1 + sqrt(rho / 2)) / 2)


def _loss(plan: Plan, years: int, rho: Fraction) -> Loss:
    return Loss(years, float(rho), epsilon(rho, plan.delta), most_right(rho))
