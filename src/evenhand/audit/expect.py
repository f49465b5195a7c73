"""Before launch: what a rule is expected to get right and wrong, on invented people whose need is known.

The rule's chances of support come in as numbers, so that this module knows no rule. They stand beside what the
same places would do otherwise: by a hard cut-off on the measure, by a lottery with chances in proportion to P, by
a lottery with equal chances, and by a perfect measure that nobody has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.audit.targeting import NEEDIEST, neediest_ratio
from evenhand.measure.responses import FloatArray, IntArray

Way = Literal["rule", "hard cut-off", "proportional lottery", "uniform lottery", "perfect measure"]
WAYS: tuple[Way, ...] = ("rule", "hard cut-off", "proportional lottery", "uniform lottery", "perfect measure")


@dataclass(frozen=True, slots=True)
class Town:
    """Invented people.

    Attributes:
        theta: (N,) true need.
        in_need: (N,) whether theta is at or above the threshold.
        p: (N,) P(need >= threshold) from their answers.
        measure: (N,) posterior mean of need.
        group: (N,) place of each person's group.
    """

    theta: FloatArray
    in_need: FloatArray
    p: FloatArray
    measure: FloatArray
    group: IntArray


@dataclass(frozen=True, slots=True)
class Expected:
    """One figure over many invented towns: its mean, and the middle 95 % of them.

    Attributes:
        value: mean; None where it has no meaning in any town.
        low: 2.5 % of the towns lie below.
        high: 2.5 % lie above.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class WayExpected:
    """What one way of giving the places is expected to come to.

    Attributes:
        way: which.
        group: label, `all` for everybody.
        support: share of people who get support.
        exclusion: share of those in need who do not.
        inclusion: share of the support that goes to people not in need.
        ratio: share of the support that goes to the neediest 40 %, over .4; for everybody only.
    """

    way: Way
    group: str
    support: Expected
    exclusion: Expected
    inclusion: Expected
    ratio: Expected


Chances = Callable[[Town], FloatArray]
"""From a town to the chance of support that the rule gives to each person."""


def expect(
    towns: list[Town], chances: list[FloatArray], places: int, labels: tuple[str, ...] = ()
) -> tuple[WayExpected, ...]:
    """Errors of the rule and of the four other ways, averaged over the draw, in many towns.

    Args:
        towns: invented towns of N people each.
        chances: (N,) for each town, the rule's chance of support for each person.
        places: places that the other ways give; the rule's own may leave some reserved.
        labels: names of the groups; none for everybody only.
    """
    given: dict[Way, list[FloatArray]] = {
        "rule": chances,
        "hard cut-off": [best_first(town.measure, places) for town in towns],
        "proportional lottery": [in_proportion(town.p, places) for town in towns],
        "uniform lottery": [in_proportion(np.ones(len(town.p)), places) for town in towns],
        "perfect measure": [best_first(town.theta, places) for town in towns],
    }
    rows = []
    for way in WAYS:
        rows.append(_row(way, "all", towns, given[way], None))
        rows += [_row(way, label, towns, given[way], place) for place, label in enumerate(labels)]
    return tuple(rows)


def best_first(order: FloatArray, places: int) -> FloatArray:
    """(N,) chance of support where the greatest come first; those who tie at the edge share what is left.

    Example:
        >>> best_first(np.array([3.0, 2.0, 2.0, 1.0]), 2)
        array([1. , 0.5, 0.5, 0. ])
    """
    if places >= len(order):
        return np.ones(len(order))
    if places <= 0:
        return np.zeros(len(order))
    edge = np.partition(order, len(order) - places)[len(order) - places]
    above, at = order > edge, order == edge
    out: FloatArray = above + at * ((places - above.sum()) / at.sum())
    return out


def in_proportion(size: FloatArray, places: int) -> FloatArray:
    """(N,) chances in proportion to size, at most 1, that add to the places or the people of a size above 0.

    Example:
        >>> in_proportion(np.array([0.8, 0.1, 0.1]), 2)
        array([1. , 0.5, 0.5])
    """
    chance = np.zeros(len(size))
    free = size > 0
    left = float(min(places, int(free.sum())))
    while left > 0 and free.any():
        trial = left * size / size[free].sum()
        over = free & (trial >= 1)
        if not over.any():
            chance[free] = trial[free]
            break
        chance[over] = 1.0
        left -= float(over.sum())
        free &= ~over
    return chance


def _row(way: Way, group: str, towns: list[Town], given: list[FloatArray], place: int | None) -> WayExpected:
    found = np.array([_errors(town, chance, place) for town, chance in zip(towns, given, strict=True)])
    return WayExpected(way, group, *(_over_towns(column) for column in found.T))


def _errors(town: Town, chance: FloatArray, place: int | None) -> tuple[float, float, float, float]:
    own = np.ones(len(chance), dtype=np.bool_) if place is None else town.group == place
    need, got = town.in_need[own], chance[own]
    ratio = neediest_ratio(town.theta, chance, np.ones(len(chance)), NEEDIEST) if place is None else np.nan
    return (
        float(got.mean()) if len(got) else np.nan,
        float(need @ (1 - got) / need.sum()) if need.sum() > 0 else np.nan,
        float((1 - need) @ got / got.sum()) if got.sum() > 0 else np.nan,
        ratio,
    )


def _over_towns(values: FloatArray) -> Expected:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return Expected(None)
    low, high = np.quantile(known, (0.025, 0.975))
    return Expected(float(known.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the rule would come to with another number of places.

    Attributes:
        places: places given by the draw.
        money: what they would cost at most, in the budget's currency.
        support: share of people who get support.
        exclusion: share of those in need who do not.
        inclusion: share of the support that goes to people not in need.
    """

    places: int
    money: float
    support: Expected
    exclusion: Expected
    inclusion: Expected


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a programme is expected to get right and wrong, before anybody is asked.

    Attributes:
        programme: its name.
        definition_hash: hash of the definition that was simulated.
        n: people in each invented town.
        towns: how many towns.
        seed: of their invention.
        places: places that the draw gives.
        reserved: places kept for appeals and reviews, counted as not given.
        currency: of the money.
        in_need: share of people in need.
        proposals: share of people with each proposal, by its name.
        ways: the rule and four other ways with the same places, for everybody and each group.
        what_if: the rule with other numbers of places.
        notes: what the figures rest on, one sentence each.
    """

    programme: str
    definition_hash: str
    n: int
    towns: int
    seed: int
    places: int
    reserved: int
    currency: str
    in_need: Expected
    proposals: dict[str, Expected]
    ways: tuple[WayExpected, ...]
    what_if: tuple[WhatIf, ...]
    notes: tuple[str, ...]


def over_towns(values: list[float]) -> Expected:
    """One figure over towns."""
    return _over_towns(np.array(values, dtype=np.float64))


def what_if(towns: list[Town], chances: list[FloatArray], places: int, money: float) -> WhatIf:
    """The rule's errors with another number of places, from its chances with them."""
    row = _row("rule", "all", towns, chances, None)
    return WhatIf(places, money, row.support, row.exclusion, row.inclusion)
