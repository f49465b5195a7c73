"""Plausible values: draws of theta from each person's posterior, for statistics of groups.

An EAP is drawn towards the mean, so that the EAPs' spread and shares above a threshold are not the people's.
Draws from the posterior have the right spread; a statistic is computed once for each set of draws and combined by
Rubin's rules. A draw says nothing about its person. (Rubin 1987; Mislevy 1991.)

The draws are exact, by adaptive rejection (Gilks & Wild 1992): the posterior of every model here, normal prior
included, is log-concave. On cells of a quarter SD the tangent at the middle of each cell lies above the log
density. A cell and a point in it are drawn from the tangents by inverting their distribution function and are
kept with probability density / tangent, decided without evaluating the density where the chords below it
suffice. Only what lies beyond 9 SD of the latent distribution is left out.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import stdtrit

from evenhand.errors import OptionError
from evenhand.measure.models import SMALLEST, Items, derivatives, on_standard_scale
from evenhand.measure.patterns import Patterns
from evenhand.measure.profile_items import log_table
from evenhand.measure.responses import CodeArray, FloatArray, IntArray

HALF_WIDTH = 9.0
CELL = 0.25
"""Width of a cell in latent SDs: nineteen draws in twenty are then kept at once."""

BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class Combined:
    """An estimate from M sets of plausible values.

    Attributes:
        estimate: mean of the M estimates.
        se: standard error, by Rubin's rules.
        df: degrees of freedom of its t distribution, inf when the sets agree.
        missing_information: share of the variance that is due to not knowing theta.
    """

    estimate: float
    se: float
    df: float
    missing_information: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The interval at this level."""
        reach = float(stdtrit(min(self.df, 1e10), 0.5 + level / 2)) * self.se
        return self.estimate - reach, self.estimate + reach


def combine(estimates: FloatArray, variances: FloatArray) -> Combined:
    """Combine one estimate and its sampling variance from each of M >= 2 sets (Rubin 1987, ch. 3).

    Args:
        estimates: (M,) the statistic, computed from each set as if theta were known.
        variances: (M,) its squared standard error in each set.

    Raises:
        OptionError: fewer than two sets.

    Example:
        >>> found = combine(np.array([0.50, 0.52, 0.48]), np.array([0.01, 0.01, 0.01]))
        >>> round(found.estimate, 3), round(found.se, 3)
        (0.5, 0.103)
    """
    if len(estimates) < 2:
        raise OptionError(
            "plausible.one-set",
            "Standard errors need at least two sets of plausible values.",
            mend="Draw five or more.",
        )
    within = float(variances.mean())
    between = float(estimates.var(ddof=1)) * (1 + 1 / len(estimates))
    total = within + between
    share = between / total if total > 0 else 0.0
    df = (len(estimates) - 1) / share**2 if share > 0 else float("inf")
    return Combined(float(estimates.mean()), float(np.sqrt(total)), df, share)


def plausible_values(
    patterns: Patterns,
    items: Items,
    *,
    mean: float,
    sd: float,
    seed: int,
    n_sets: int = 10,
    covariance: FloatArray | None = None,
) -> FloatArray:
    """Draw theta from its posterior under the prior Normal(mean, sd).

    Args:
        patterns: P patterns; with `rows`, every respondent gets draws of their own.
        items: items of any model on the metric of theta.
        mean: mean of the latent distribution.
        sd: its SD.
        seed: of the random numbers; set m is the same whatever `n_sets`.
        n_sets: M.
        covariance: (2, 2) of (mean, log sd), as `latent.LatentFit` has it. Each set then draws its own mean and SD
            first, which is needed for intervals to hold the truth as often as they say when the mean and SD were
            estimated from these people. Without it they are taken as known.

    Returns:
        (M, N) with NaN for respondents left out when the patterns know their rows, else (M, P).

    Raises:
        OptionError: no sets, or an SD that is not positive.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> values = plausible_values(LSAT6, LSAT6_ITEMS, mean=0.0, sd=1.0, seed=1, n_sets=5)
        >>> values.shape
        (5, 30)
    """
    if n_sets < 1 or not sd > 0:
        raise OptionError(
            "plausible.sets",
            f"Cannot draw {n_sets} sets with a latent SD of {sd}.",
            mend="Ask for at least one set, and give the latent SD of the scale.",
        )
    rows = np.arange(patterns.n_patterns) if patterns.rows is None else patterns.rows
    person = np.flatnonzero(rows >= 0)
    person = person[np.argsort(rows[person], kind="stable")]
    out = np.full((n_sets, len(rows)), np.nan)
    for index, rng in enumerate(np.random.default_rng(seed).spawn(n_sets)):
        own_mean, own_sd = _latent(rng, mean, sd, covariance)
        standard = on_standard_scale(items, own_mean, own_sd)
        out[index, person] = own_mean + own_sd * _draw(rng, patterns, standard, rows[person])
    return out


def _latent(
    rng: np.random.Generator, mean: float, sd: float, covariance: FloatArray | None
) -> tuple[float, float]:
    if covariance is None:
        return mean, sd
    shift = rng.multivariate_normal(np.zeros(2), covariance, method="eigh")
    return mean + float(shift[0]), sd * float(np.exp(shift[1]))


def _draw(rng: np.random.Generator, patterns: Patterns, items: Items, who: IntArray) -> FloatArray:
    """(R,) draws of z, one for each entry of `who` (R,), ascending pattern indices."""
    middle: FloatArray = np.arange(-HALF_WIDTH + CELL / 2, HALF_WIDTH, CELL)
    table = np.concatenate([log_table(items, middle), _log_slopes(items, middle)], axis=2)
    flat = table.reshape(-1, table.shape[2])
    out = np.empty(len(who))
    for begin in range(0, patterns.n_patterns, BLOCK):
        codes = patterns.codes[begin : begin + BLOCK]
        first, last = np.searchsorted(who, [begin, begin + BLOCK])
        if first == last:
            continue
        summed = np.asarray(_one_hot(codes, table.shape[1]) @ flat)
        level = summed[:, : len(middle)] - middle**2 / 2
        slope = summed[:, len(middle) :] - middle
        out[first:last] = _reject(rng, items, codes, _Hull(middle, level, slope), who[first:last] - begin)
    return out


@dataclass(frozen=True, slots=True)
class _Hull:
    """Tangents of B log densities at the middles of C cells.

    Attributes:
        middle: (C,).
        level: (B, C) log density there.
        slope: (B, C) its derivative.
    """

    middle: FloatArray
    level: FloatArray
    slope: FloatArray

    def distribution(self) -> FloatArray:
        """(B, C) distribution function of the cell under the tangents."""
        half = np.abs(self.slope) * CELL / 2
        safe = np.maximum(half, 1e-8)
        log_mass = self.level + safe + np.log(-np.expm1(-2 * safe) / (2 * safe))
        mass = np.exp(log_mass - log_mass.max(axis=1, keepdims=True))
        out: FloatArray = np.cumsum(mass, axis=1)
        return out / out[:, -1:]


def _reject(rng: np.random.Generator, items: Items, codes: CodeArray, hull: _Hull, who: IntArray) -> FloatArray:
    """(R,) exact draws for rows `who` of a block of patterns."""
    distribution = hull.distribution()
    last_cell = len(hull.middle) - 1
    out = np.empty(len(who))
    waiting = np.arange(len(who))
    while len(waiting):
        row = who[waiting]
        cell = (rng.random(len(row))[:, None] > distribution[row]).sum(axis=1)
        slope = hull.slope[row, cell]
        offset = _within_cell(slope, rng.random(len(row)))
        z = hull.middle[cell] + offset
        level = hull.level[row, cell]
        drawn = np.log1p(-rng.random(len(row))) + level + slope * offset  # log of a height under the tangent
        beside = cell + np.where(offset > 0, 1, -1)
        inside = (beside >= 0) & (beside <= last_cell)
        other = np.where(inside, hull.level[row, np.clip(beside, 0, last_cell)], -np.finfo(np.float64).max)
        share = np.abs(offset) / CELL
        chord = level * (1 - share) + share * other
        kept = drawn <= chord
        unsure = np.flatnonzero(~kept)
        kept[unsure] = drawn[unsure] <= _log_density(items, codes[row[unsure]], z[unsure])
        out[waiting[kept]] = z[kept]
        waiting = waiting[~kept]
    return out


def _within_cell(slope: FloatArray, uniform: FloatArray) -> FloatArray:
    """(R,) offsets from the middle of a cell with density proportional to exp(slope offset)."""
    steep = np.abs(slope)
    safe = np.maximum(steep, 1e-8)
    from_edge = np.where(steep > 1e-8, -np.log1p(uniform * np.expm1(-safe * CELL)) / safe, uniform * CELL)
    out: FloatArray = np.where(slope >= 0, 1.0, -1.0) * (CELL / 2 - from_edge)
    return out


def _log_density(items: Items, codes: CodeArray, z: FloatArray) -> FloatArray:
    """(R,) log posterior density less its constant, of each row of codes (R, J) at its own z."""
    if len(z) == 0:
        return np.zeros(0)
    table = log_table(items, z)
    chosen = np.take_along_axis(table, np.maximum(codes, 0).T.astype(np.int64)[:, None, :], axis=1)[:, 0, :]
    out: FloatArray = np.where(codes.T >= 0, chosen, 0.0).sum(axis=0) - z**2 / 2
    return out


def _log_slopes(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K, Q) derivatives of log P_k: a (k - E x) if divide-by-total, (dP_k / dtheta) / P_k if graded."""
    p, first, _ = derivatives(items, theta)
    k = np.arange(p.shape[1], dtype=np.float64)
    mean = np.einsum("jkq,k->jq", p, k)
    divided = items.slope[:, None, None] * (k[:, None] - mean[:, None, :])
    out: FloatArray = np.where(items.is_graded[:, None, None], first / np.maximum(p, SMALLEST), divided)
    return out


def _one_hot(codes: CodeArray, width: int) -> csr_array:
    """(B, J K) 1 in the category chosen."""
    answered = codes >= 0
    column = codes.astype(np.int64) + width * np.arange(codes.shape[1])
    start = np.concatenate(([0], np.cumsum(answered.sum(axis=1))))
    shape = (len(codes), codes.shape[1] * width)
    return csr_array((np.ones(int(start[-1])), column[answered], start), shape=shape)
