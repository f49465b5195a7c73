"""Who is reached: exclusion and inclusion error, shares by need, concentration.

Everything here takes the support of each person as a number from 0 to 1 (given or not, or the chance of it) and
the yardstick of need as a number from 0 to 1 (in need or not, or its probability). Sources: Coady, Grosh &
Hoddinott (2004) for the ratio, Kakwani, Wagstaff & van Doorslaer (1997) for the concentration index.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.audit.figures import MIN_N, Figure, share_of, too_few, unknown
from evenhand.errors import EstimationError
from evenhand.measure.responses import FloatArray

NEEDIEST = 0.4
"""Whose share of the support the ratio of Coady, Grosh and Hoddinott compares with their share of people."""

RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Targeting:
    """How well support reaches need.

    Attributes:
        support: share of people who get it.
        exclusion: share of those in need who do not get it.
        inclusion: share of the support that goes to people who are not in need.
        ratio: share of the support that goes to the neediest 40 %, over .4 (Coady, Grosh & Hoddinott).
        concentration: concentration index, negative where support goes to the neediest; -1 to 1.
        incidence: share of the support that each fifth gets, the neediest first.
        coverage: share of each fifth that gets support.
    """

    support: Figure
    exclusion: Figure
    inclusion: Figure
    ratio: Figure
    concentration: Figure
    incidence: tuple[Figure, ...]
    coverage: tuple[Figure, ...]


def check_people(n: int, **columns: FloatArray) -> None:
    """Refuse columns of other lengths, and numbers outside 0 to 1 (weights: below 0).

    Raises:
        EstimationError: with the column's name.
    """
    for name, column in columns.items():
        top = np.inf if name == "weights" else 1.0
        if column.shape != (n,) or not np.all((column >= 0) & (column <= top) & np.isfinite(column)):
            raise EstimationError(
                "audit.column",
                f"The column {name!r} cannot be used.",
                why=f"It needs {n} numbers from 0 {'upwards' if name == 'weights' else 'to 1'}.",
                mend="Give one number for each person; leave out people of whom it is not known.",
            )


def targeting(
    need: FloatArray,
    severity: FloatArray,
    support: FloatArray,
    weights: FloatArray | None = None,
    *,
    min_n: int = MIN_N,
    seed: int = 1,
) -> Targeting:
    """How well support reaches need, with 95 % intervals (Wilson; the ratio and the index by bootstrap).

    Args:
        need: (N,) in need or not, or the probability of it.
        severity: (N,) what people are ordered by, greater where need is greater; ties share their rank.
        support: (N,) given or not, or the chance of it.
        weights: (N,) sampling weights.
        min_n: fewest effective people of a figure.
        seed: of the bootstrap.

    Raises:
        EstimationError: columns that do not fit together.
    """
    w = np.ones(len(need)) if weights is None else weights
    check_people(len(need), need=need, support=support, weights=w)
    found = _by_rank(np.asarray(severity, dtype=np.float64), support, w, min_n, seed)
    return Targeting(
        share_of(support, w, min_n=min_n),
        share_of(1 - support, w * need, min_n=min_n),
        share_of(1 - need, w * support, min_n=min_n),
        found[0],
        found[1],
        found[2:7],
        found[7:],
    )


def neediest_ratio(
    severity: FloatArray, support: FloatArray, weights: FloatArray, neediest: float = NEEDIEST
) -> float:
    """Share of the support that goes to the neediest part, over that part; NaN where nobody gets any.

    Example:
        >>> round(neediest_ratio(np.arange(10.0), np.repeat([0.0, 1.0], [8, 2]), np.ones(10)), 6)
        2.5
    """
    if not weights @ support > 0:
        return float("nan")
    return float(cumulative_support(severity, support, weights, np.array([neediest]))[0]) / neediest


def cumulative_support(
    severity: FloatArray, support: FloatArray, weights: FloatArray, at: FloatArray
) -> FloatArray:
    """Share of the support that goes to the neediest `at` of the people: the concentration curve.

    People of equal severity stand in no order: the curve runs straight through them.

    Args:
        severity: (N,).
        support: (N,).
        weights: (N,).
        at: shares of people, 0 to 1.
    """
    _, place = np.unique(-severity, return_inverse=True)
    people = np.bincount(place, weights)
    given = np.bincount(place, weights * support)
    x = np.concatenate([[0.0], np.cumsum(people) / people.sum()])
    y = np.concatenate([[0.0], np.cumsum(given) / given.sum()])
    out: FloatArray = np.interp(at, x, y)
    return out


def concentration_index(severity: FloatArray, support: FloatArray, weights: FloatArray) -> float:
    """1 - 2 x the area under the concentration curve, people ordered from the neediest; NaN without support.

    Negative where support goes to the neediest, 0 where it follows no order. The same as
    2 cov(support, rank) / mean(support), with tied people sharing the middle of their ranks.

    Example:
        >>> concentration_index(np.array([3.0, 2.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4))
        -0.75
    """
    total = float(weights @ support)
    if total <= 0:
        return float("nan")
    _, place = np.unique(-severity, return_inverse=True)
    share = np.bincount(place, weights) / weights.sum()
    rank = (np.cumsum(share) - share / 2)[place]
    return float(2 * (weights * support) @ rank / total - 1)


def rank_figures(severity: FloatArray, support: FloatArray, weights: FloatArray) -> FloatArray:
    """(12,) the ratio, the concentration index, the share of the support of each fifth, the coverage of each.

    NaN where nobody gets any support, coverage apart, which is then 0.
    """
    total = float(weights @ support)
    if total <= 0:
        return np.concatenate([np.full(7, np.nan), np.zeros(5)])
    curve = cumulative_support(severity, support, weights, np.array([0.2, 0.4, 0.6, 0.8]))
    incidence = np.diff(np.concatenate([[0.0], curve, [1.0]]))
    coverage = 5 * incidence * total / weights.sum()
    index = concentration_index(severity, support, weights)
    return np.concatenate([[curve[1] / NEEDIEST, index], incidence, coverage])


def _by_rank(
    severity: FloatArray, support: FloatArray, weights: FloatArray, min_n: int, seed: int
) -> tuple[Figure, ...]:
    """The figures of `rank_figures` with percentile intervals of a bootstrap of people."""
    n = len(weights)
    if n < min_n or not weights.sum() > 0:
        return (too_few(min_n),) * 12
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, n, n) for _ in range(RESAMPLES)]
    draws = np.array([rank_figures(severity[r], support[r], weights[r]) for r in rows if weights[r].sum() > 0])
    values = rank_figures(severity, support, weights)
    return tuple(
        Figure(float(value), *_middle(column[np.isfinite(column)]), float(n))
        if np.isfinite(value)
        else unknown("nobody gets support")
        for value, column in zip(values, draws.T, strict=True)
    )


def _middle(draws: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)
