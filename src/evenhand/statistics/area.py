"""An area's people, mean need and shares above thresholds, from its noisy histogram of need classes.

Item parameters are frozen. The people of a cell are taken as drawn from Normal(mean, sd); their number and their
classes follow, and the published noise is added on top:

    c_k ~ Poisson(lambda p_k(mean, sd)),  p_k = integral P(class k | theta) N(theta; mean, sd),  y_k = c_k + noise

**What is estimated is the people who were counted**, not people like them: the true number in the cell, the mean
of their need and the share of them whose need is at or above a threshold. An interval holds 90 % of the
posterior, and so the privacy noise (y to c), the measurement error (c to need) and the sampling of mean and SD
together. For comparisons between months and areas, `latent_mean` and its error are of the distribution itself.
The number of people is the noisy total itself, with the noise's interval: it needs no model, and totals of
districts, regions and years add up.

**The prior is weak and stated** (`AreaPrior`): the mean lies around the calibration's with SD 1 (in its SDs),
log SD around the calibration's with SD 0.25, lambda uniform in its logarithm from 0.5. With few people and much
noise the interval is the prior's, and wide. An answer missing is taken as ignorable: people of the class
*incomplete* have the need of the others in the cell.

**A region is a mixture of its districts**, which no normal curve describes once thousands of people are counted.
Its distribution has the form of the mixture of the districts' estimates (`AreaModel.of_region`); its own mean and
SD are fitted to its own histogram, with the same prior: `latent_mean` and `latent_sd` are those. The form is taken
as known. Where few people are counted it hardly matters; where districts lie very far apart, intervals of regions
with many people hold somewhat too little (docs/explanation/public-statistics.md).

Posterior on a grid over (mean, log sd, log lambda), narrowed until it resolves the posterior; then draws of
counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import logsumexp, ndtri

from evenhand.errors import StatisticsError
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.statistics.areacounts import count_posterior, draw_counts, log_count_table, log_incomplete
from evenhand.statistics.classes import ClassTable
from evenhand.statistics.mixture import mixture

LEVEL = 0.9
DRAWS = 600
"""Draws behind an interval. The shortest interval of so many holds .89 of a normal posterior where it says .90."""
LEAST = 0.5
"""Smallest expected number of people that the prior allows."""

POINTS = (15, 9, 15)
"""Points of the last grid over mean, log SD and log lambda."""

REACH = (4.0, 3.0, 4.0)
"""SDs that it reaches to each side."""

TABLE = 64
"""Expected counts at which a class's likelihood is computed, linear between them."""


@dataclass(frozen=True, slots=True)
class AreaPrior:
    """What is taken as known of an area before its histogram.

    Attributes:
        mean_sd: SD of an area's mean around the calibration's, in the calibration's SDs.
        log_sd_sd: SD of log(area's SD / calibration's SD).
        incomplete: expected incomplete cases for each complete one (exponential).
    """

    mean_sd: float = 1.0
    log_sd_sd: float = 0.25
    incomplete: float = 0.1


WEAK = AreaPrior()


@dataclass(frozen=True, slots=True)
class AreaModel:
    """All that is the same for every area of a programme.

    Attributes:
        table: P(class | theta) on nodes.
        mean: the calibration's latent mean.
        sd: its SD.
        thresholds: (T,) points on theta's metric.
        prior: what is taken as known.
    """

    table: ClassTable
    mean: float
    sd: float
    thresholds: tuple[float, ...]
    prior: AreaPrior = WEAK
    _coarse: tuple[FloatArray, FloatArray, FloatArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Tabulate the first grid: (G,) means, (G,) log SDs, (G, C) class probabilities."""
        mean = self.mean + self.prior.mean_sd * self.sd * np.linspace(-3.5, 3.5, 33)
        log_sd = np.log(self.sd) + self.prior.log_sd_sd * np.linspace(-2.5, 2.5, 7)
        means, log_sds = (each.ravel() for each in np.meshgrid(mean, log_sd, indexing="ij"))
        object.__setattr__(self, "_coarse", (means, log_sds, self.table.probabilities(means, np.exp(log_sds))))

    def of_region(self, districts: "Sequence[AreaPosterior]") -> "AreaModel":
        """The model of a region: need has the form of the mixture of its districts, whatever its mean and SD.

        Args:
            districts: each district of the region, as estimated by this model; also those that are not shown.

        Raises:
            StatisticsError: no district.
        """
        latent = [(each.latent_mean, each.latent_sd, each.expected_people) for each in districts]
        mean, sd, people = np.array(latent, dtype=np.float64).reshape(-1, 3).T
        return replace(self, table=replace(self.table, shape=mixture(mean, sd, people)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value (posterior mean; of people, the noisy total) with its interval's ends; NaN if nothing is known."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AreaEstimate:
    """What an area's histogram says.

    Attributes:
        people: people counted.
        mean: mean need of those people, on theta's metric.
        shares: for each threshold, the share of them at or above it.
        level: posterior probability that each interval holds.
        latent_mean: posterior mean of the distribution's mean.
        latent_mean_se: its posterior SD.
        latent_sd: posterior mean of the distribution's SD.
    """

    people: Estimate
    mean: Estimate
    shares: tuple[Estimate, ...]
    level: float
    latent_mean: float
    latent_mean_se: float
    latent_sd: float

    def without_prior(self, model: AreaModel) -> tuple[float, float]:
        """Mean and standard error with the prior taken out again; (NaN, inf) where the prior is all there is.

        Both posteriors are read as normal: 1/v = 1/v_posterior - 1/v_prior.
        """
        prior = 1 / (model.prior.mean_sd * model.sd) ** 2
        left = 1 / self.latent_mean_se**2 - prior
        if left <= 0.02 * prior:
            return float("nan"), float("inf")
        mean = (self.latent_mean / self.latent_mean_se**2 - model.mean * prior) / left
        return float(mean), float(1 / np.sqrt(left))


@dataclass(frozen=True, slots=True)
class AreaPosterior:
    """What is known of an area's distribution, on a grid.

    Attributes:
        noisy: (C,) noisy counts of the classes.
        incomplete: noisy count of the incomplete cases; None where there is no such class.
        variance: of the noise of each.
        mean: (G,) means of need.
        log_sd: (G,) log SDs.
        log_lambda: (J,) logs of the expected number of people with all answers.
        p: (G, C) class probabilities.
        weight: (G, J) posterior weights, adding to 1.
    """

    noisy: FloatArray
    incomplete: float | None
    variance: float
    mean: FloatArray
    log_sd: FloatArray
    log_lambda: FloatArray
    p: FloatArray
    weight: FloatArray

    @property
    def latent_mean(self) -> float:
        """Posterior mean of the distribution's mean."""
        return float(self.weight.sum(axis=1) @ self.mean)

    @property
    def latent_mean_se(self) -> float:
        """Its posterior SD."""
        return float(np.sqrt(self.weight.sum(axis=1) @ (self.mean - self.latent_mean) ** 2))

    @property
    def latent_sd(self) -> float:
        """Posterior mean of the distribution's SD."""
        return float(self.weight.sum(axis=1) @ np.exp(self.log_sd))

    @property
    def expected_people(self) -> float:
        """Posterior mean of the expected number of people with all answers."""
        return float(self.weight.sum(axis=0) @ np.exp(self.log_lambda))


def fit_area(
    model: AreaModel,
    noisy: FloatArray,
    variance: float,
    *,
    seed: int,
    level: float = LEVEL,
    draws: int = DRAWS,
) -> AreaEstimate:
    """Estimate an area from its noisy histogram.

    Args:
        model: of the programme.
        noisy: (C,) or, with the class *incomplete* last, (C + 1,) noisy counts; any sign.
        variance: of the noise of each, >= 0.
        seed: of the draws: the same release gives the same figures.
        level: posterior probability of each interval.
        draws: number of draws.

    Raises:
        StatisticsError: another number of classes, a value that is not a number, or a negative variance.
    """
    return estimate_of(model, posterior_of(model, noisy, variance), seed=seed, level=level, draws=draws)


def posterior_of(model: AreaModel, noisy: FloatArray, variance: float) -> AreaPosterior:
    """What a noisy histogram says of an area's distribution: the first half of `fit_area`, same errors."""
    noisy = np.asarray(noisy, dtype=np.float64)
    n_classes = model.table.n_classes
    if noisy.shape not in {(n_classes,), (n_classes + 1,)} or not np.isfinite(noisy).all() or not variance >= 0:
        raise StatisticsError(
            "statistics.histogram",
            "This is not a noisy histogram of the programme's need classes.",
            why=f"It takes {n_classes} or, with the incomplete cases, {n_classes + 1} numbers, and a variance.",
            mend="Give the released values in the order of the classes.",
        )
    # a variance of 0 (a test without noise) is a spike that no grid resolves
    complete, variance = noisy[:n_classes], max(variance, 0.01)
    incomplete = float(noisy[n_classes]) if len(noisy) > n_classes else None
    return _posterior(model, complete, incomplete, variance)


def _log_prior(model: AreaModel, mean: FloatArray, log_sd: FloatArray, log_lambda: FloatArray) -> FloatArray:
    of_mean = ((mean - model.mean) / (model.prior.mean_sd * model.sd)) ** 2
    of_sd = ((log_sd - np.log(model.sd)) / model.prior.log_sd_sd) ** 2
    allowed = np.where(log_lambda < np.log(LEAST) - 1e-9, -np.inf, 0.0)
    out: FloatArray = -(of_mean + of_sd)[:, None] / 2 + allowed
    return out


def _normal_likelihood(p: FloatArray, log_lambda: FloatArray, noisy: FloatArray, variance: float) -> FloatArray:
    """(G, J) log-likelihood with the count's Poisson taken as normal: to find where the posterior is."""
    # far below 0 a value says "nobody" and no more, which the normal curve does not know
    noisy = np.maximum(noisy, -2 * np.sqrt(variance))
    expected = p[:, None, :] * np.exp(log_lambda)[:, None]
    spread = expected + variance
    out: FloatArray = -(np.log(spread) + (noisy - expected) ** 2 / spread).sum(axis=2) / 2
    return out


def _exact_likelihood(p: FloatArray, log_lambda: FloatArray, noisy: FloatArray, variance: float) -> FloatArray:
    """(G, J) log-likelihood, each class's read off a table over its range of expected counts."""
    out = np.zeros((len(p), len(log_lambda)))
    for own, value in zip(np.log(np.maximum(p, 1e-12)).T, noisy, strict=True):
        x = own[:, None] + log_lambda
        low, high = float(x.min()), float(x.max())
        place = (x - low) * ((TABLE - 1) / max(high - low, 1e-9))
        left = np.minimum(place.astype(np.int64), TABLE - 2)
        table = log_count_table(value, variance, np.exp(np.linspace(low, high, TABLE)))
        out += table[left] + (place - left) * (table[left + 1] - table[left])
    return out


def _normalised(log_weight: FloatArray) -> FloatArray:
    out: FloatArray = np.exp(log_weight - logsumexp(log_weight))
    return out


def _posterior(model: AreaModel, noisy: FloatArray, incomplete: float | None, variance: float) -> AreaPosterior:
    mean, log_sd, p = model._coarse
    most = max(float(noisy.sum()), 0.0) + 8 * np.sqrt(variance * len(noisy)) + 5
    log_lambda = np.linspace(np.log(LEAST), np.log(most), 40)
    for _ in range(6):
        weight = _normalised(
            _log_prior(model, mean, log_sd, log_lambda) + _normal_likelihood(p, log_lambda, noisy, variance)
        )
        axes, resolved = _narrowed(mean, log_sd, log_lambda, weight)
        means, log_sds = (each.ravel() for each in np.meshgrid(axes[0], axes[1], indexing="ij"))
        mean, log_sd, log_lambda = means, log_sds, axes[2]
        p = model.table.probabilities(mean, np.exp(log_sd))
        if resolved:
            break
    loglik = _exact_likelihood(p, log_lambda, noisy, variance)
    if incomplete is not None:
        loglik = loglik + log_incomplete(incomplete, variance, np.exp(log_lambda) * model.prior.incomplete)
    weight = _normalised(_log_prior(model, mean, log_sd, log_lambda) + loglik)
    return AreaPosterior(noisy, incomplete, variance, mean, log_sd, log_lambda, p, weight)


def _narrowed(
    mean: FloatArray, log_sd: FloatArray, log_lambda: FloatArray, weight: FloatArray
) -> tuple[list[FloatArray], bool]:
    """Axes around the posterior, and whether the grid that it was seen on resolves it."""
    of_pair, of_lambda = weight.sum(axis=1), weight.sum(axis=0)
    axes, resolved = [], True
    for values, own, points, reach in zip(
        (mean, log_sd, log_lambda), (of_pair, of_pair, of_lambda), POINTS, REACH, strict=True
    ):
        centre = float(values @ own)
        sd = float(np.sqrt(max((values - centre) ** 2 @ own, 0.0)))
        step = float(np.diff(np.unique(values)).max())
        resolved &= sd >= 0.45 * step
        axes.append(centre + max(sd, 0.35 * step) * np.linspace(-reach, reach, points))
    return axes, resolved


def estimate_of(
    model: AreaModel, grid: AreaPosterior, *, seed: int, level: float = LEVEL, draws: int = DRAWS
) -> AreaEstimate:
    """People, mean need and shares by draws from a posterior: the second half of `fit_area`, same arguments.

    Args:
        model: that the posterior was computed with.
        grid: the posterior.
        seed: of the draws.
        level: posterior probability of each interval.
        draws: number of draws.
    """
    rng, noisy, incomplete, variance = np.random.default_rng(seed), grid.noisy, grid.incomplete, grid.variance
    drawn = rng.choice(grid.weight.size, size=draws, p=grid.weight.ravel())
    pair, level_of = np.divmod(drawn, len(grid.log_lambda))
    size = np.exp(grid.log_lambda[level_of])
    counts = draw_counts(rng, noisy, variance, size[:, None] * grid.p[pair])
    if incomplete is not None:
        counts = np.hstack([counts, _incomplete_counts(rng, incomplete, variance, size * model.prior.incomplete)])
    n = counts.sum(axis=1)
    some = n > 0
    total = float(noisy.sum()) + (incomplete or 0.0)
    mean, shares = _needs(model, grid, pair, counts, rng)
    return AreaEstimate(
        people=_people(total, variance * counts.shape[1], level),
        mean=_estimate(mean[some] / n[some], level),
        shares=tuple(_estimate(above[some] / n[some], level) for above in shares),
        level=level,
        latent_mean=grid.latent_mean,
        latent_mean_se=grid.latent_mean_se,
        latent_sd=grid.latent_sd,
    )


def _incomplete_counts(rng: np.random.Generator, noisy: float, variance: float, expected: FloatArray) -> IntArray:
    counts, log_p = count_posterior(noisy, variance, expected, "geometric")
    p = np.exp(log_p - log_p.max(axis=1, keepdims=True)).cumsum(axis=1)
    found = (p < rng.random((len(p), 1)) * p[:, -1:]).sum(axis=1)
    out: IntArray = counts[found][:, None]
    return out


def _needs(
    model: AreaModel, grid: AreaPosterior, pair: IntArray, counts: IntArray, rng: np.random.Generator
) -> tuple[FloatArray, list[FloatArray]]:
    """Sums of need (S,) and, for each threshold, numbers above (S,) of the people counted in each draw."""
    used, own = np.unique(pair, return_inverse=True)
    parts = model.table.parts(grid.mean[used], np.exp(grid.log_sd[used]), model.thresholds)
    if counts.shape[1] == model.table.n_classes:
        parts = parts.complete_only()
    first = (counts * parts.mean[own]).sum(axis=1)
    spread = np.sqrt((counts * parts.variance[own]).sum(axis=1))
    sums = first + spread * rng.standard_normal(len(counts))
    return sums, [rng.binomial(counts, above[own]).sum(axis=1).astype(np.float64) for above in parts.above]


def _people(total: float, variance: float, level: float) -> Estimate:
    """The noisy total itself, so that districts add up to their region, and its normal interval cut at 0."""
    reach = float(ndtri((1 + level) / 2)) * float(np.sqrt(variance))
    return Estimate(total, max(0.0, total - reach), max(0.0, total + reach))


def _estimate(draws: FloatArray, level: float) -> Estimate:
    """Mean and the shortest interval that holds `level` of the draws."""
    if len(draws) < 20:
        return Estimate(float("nan"), float("nan"), float("nan"))
    ordered = np.sort(draws)
    held = min(int(np.ceil(level * len(ordered))), len(ordered) - 1)
    width = ordered[held:] - ordered[:-held]
    start = int(np.argmin(width))
    return Estimate(float(draws.mean()), float(ordered[start]), float(ordered[start + held]))
