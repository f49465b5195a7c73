"""Attacks on releases: what they measure must stay under what is claimed. For tests and the promise's figures.

Nothing here is needed to publish. Each attacker is the strongest that the guarantee speaks of: knows every other
contribution exactly, knows in which cells the target would stand, and sees every release.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import log, sqrt

import numpy as np
from scipy.stats import beta

from evenhand.measure.responses import FloatArray
from evenhand.statistics.bound import Cell, region_totals
from evenhand.statistics.budget import Plan
from evenhand.statistics.consistency import added_up
from evenhand.statistics.release import Layout, Release


@dataclass(frozen=True, slots=True)
class Measured:
    """What an attack achieved.

    Attributes:
        epsilon: lower bound of the epsilon actually spent, with the confidence asked for; 0 at least.
        true_rate: share of worlds with the target that the attack called.
        false_rate: share of worlds without.
    """

    epsilon: float
    true_rate: float
    false_rate: float


def advantage_bound(rho: Fraction) -> float:
    """Largest advantage that any attack can have at a zCDP loss: sqrt(rho / 2) (Pinsker), at most 1."""
    return min(1.0, sqrt(float(rho) / 2))


def measured(present: FloatArray, absent: FloatArray, delta: float, *, confidence: float = 0.99) -> Measured:
    """Lower bound of epsilon from an attack's scores.

    A threshold is chosen on the first half of the scores and judged on the second, by exact binomial bounds
    (Clopper & Pearson 1934): epsilon >= log((true rate, lower) - delta) - log(false rate, upper).

    Args:
        present: scores in worlds with the target; higher means "present".
        absent: scores in worlds without.
        delta: of the claim.
        confidence: of the bound.
    """
    half = min(len(present), len(absent)) // 2
    best = max(
        np.quantile(absent[:half], np.linspace(0.02, 0.995, 60)),
        key=lambda cut: _lower(present[:half] > cut, absent[:half] > cut, delta, confidence),
    )
    hits, false = present[half:] > best, absent[half:] > best
    return Measured(_lower(hits, false, delta, confidence), float(hits.mean()), float(false.mean()))


def best_advantage(present: FloatArray, absent: FloatArray) -> float:
    """Largest true rate minus false rate, its threshold chosen on the first half and judged on the second."""
    half = min(len(present), len(absent)) // 2
    cuts = np.quantile(absent[:half], np.linspace(0.05, 0.95, 19))
    best = max(cuts, key=lambda cut: float((present[:half] > cut).mean() - (absent[:half] > cut).mean()))
    return float((present[half:] > best).mean() - (absent[half:] > best).mean())


def noise_scores(plan: Plan, worlds: int) -> tuple[FloatArray, FloatArray]:
    """Likelihood-ratio scores of a year's worst target, who stands in K months: with it (N,), and without (N,).

    All other cells are independent of the target and tell nothing; those left are K cells and K region totals.

    Args:
        plan: its mechanisms draw the noise.
        worlds: N.
    """
    k, out = plan.cells_a_year, []
    for here in (1, 0):
        score = np.zeros(worlds)
        for noise in (plan.cells_mechanism(), plan.regions_mechanism()):
            drawn = np.array(noise.release([here] * (worlds * k)), dtype=np.float64).reshape(worlds, k)
            score += drawn.sum(axis=1) / noise.sigma**2
        out.append(score)
    return out[0], out[1]


def membership_score(
    releases: Iterable[Release], layout: Layout, others: Mapping[Cell, int], target: Iterable[Cell]
) -> float:
    """The log-likelihood ratio that the target stands in its cells, from all releases and everybody else.

    Args:
        releases: of the year.
        layout: the public keys.
        others: exact counts without the target.
        target: the cells in which it would stand.
    """
    region_of, totals = layout.region_of, region_totals(others, layout.region_of)
    seen: dict[tuple[str, Cell], tuple[int, float]] = {}
    for each in releases:
        for kind, cells, sigma in (("c", each.cells, each.sigma_cells), ("r", each.regions, each.sigma_regions)):
            for cell in cells:
                key = Cell(each.month, cell.area, cell.need_class, cell.field_value)
                seen[kind, key] = (cell.value, sigma**2)
    score = 0.0
    for own in target:
        region = own._replace(district=region_of[own.district])
        for kind, key, known in (("c", own, others.get(own, 0)), ("r", region, totals.get(region, 0))):
            value, variance = seen[kind, key]
            score += (value - known - 0.5) / variance
    return score


def differencing_score(
    releases: Iterable[Release], layout: Layout, others: Mapping[Cell, int], target: Cell
) -> float:
    """What is left of the target's class when all else is subtracted from the year's consistent totals.

    The region's total less its other districts, and the district itself, summed over the year's months.

    Args:
        releases: of the year.
        layout: the public keys.
        others: exact counts without the target.
        target: the cell in which it would stand.
    """
    year = added_up(releases, layout)
    key = (target.need_class, target.field_value)
    region = layout.region_of[target.district]
    rest = sum(
        histogram.values[key]
        for area, histogram in year.districts.items()
        if area != target.district and layout.region_of[area] == region
    )
    known = sum(
        count
        for cell, count in others.items()
        if (cell.district, cell.need_class, cell.field_value) == (target.district, *key)
    )
    return float(year.regions[region].values[key] - rest - known)


def _lower(hits: FloatArray, false: FloatArray, delta: float, confidence: float) -> float:
    tail = (1 - confidence) / 2
    n_hits, n_false = int(hits.sum()), int(false.sum())
    least = float(beta.ppf(tail, n_hits, len(hits) - n_hits + 1)) if n_hits else 0.0
    most = float(beta.ppf(1 - tail, n_false + 1, len(false) - n_false)) if n_false < len(false) else 1.0
    return max(0.0, log((least - delta) / most)) if least > delta else 0.0
