"""The latent distribution, Normal(mean, sd), when the items are known.

Items from conditional likelihood or from a publication come without a distribution of theta. It is estimated
here by maximum likelihood with the items fixed, so that a posterior has a prior that belongs to the people.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.digits import Digits, cut
from evenhand.measure.gradients import middle
from evenhand.measure.models import Items, on_standard_scale
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import expectation, posterior_means
from evenhand.measure.quadrature import Quadrature, rectangular
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import extremes

MAX_STEPS = 100
FLATTEST = 1e-6
"""Information per unit of weight below this: the likelihood hardly falls toward infinity."""

SMALLEST_LOG_SD = float(np.log(0.02))
LARGEST = 60.0
"""A mean this many logits from the items, or an SD that large, is on its way to infinity."""


@dataclass(frozen=True, slots=True)
class LatentFit:
    """An estimated latent distribution.

    Attributes:
        mean: mean of theta.
        sd: standard deviation of theta.
        covariance: (2, 2) robust covariance of (mean, log sd).
        loglik: marginal log-likelihood, weights as given.
        influence: (P, 2) change of (mean, log sd) for one more unit of weight on each pattern.
    """

    mean: float
    sd: float
    covariance: FloatArray
    loglik: float
    influence: FloatArray

    @property
    def se_mean(self) -> float:
        """Standard error of the mean."""
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def se_sd(self) -> float:
        """Standard error of the SD."""
        return float(self.sd * np.sqrt(self.covariance[1, 1]))


def fit_latent(patterns: Patterns, items: Items) -> LatentFit:
    """Estimate the latent mean and SD with the items fixed.

    Args:
        patterns: P patterns.
        items: items on the metric of theta.

    Raises:
        EstimationError: no finite maximum: everyone at the same end, or answers that vary less than the items
            alone would make them.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> found = fit_latent(LSAT6, LSAT6_ITEMS)
        >>> bool(abs(found.mean) < 0.01), round(found.sd, 2)
        (True, 1.0)
    """
    _check_ends(patterns, items)
    digits, quadrature = cut(patterns), rectangular()
    where = np.array([_start(items), 0.0])
    while True:
        where, loglik = _newton(patterns, digits, items, quadrature, where)
        n_nodes = 2 * len(quadrature.nodes) - 1
        finer = rectangular(n_nodes, float(quadrature.nodes[-1]) + 2)
        if abs(_evaluate(patterns, digits, items, finer, where)[0] - loglik) < 1e-5 or n_nodes > 2_000:
            break
        quadrature = finer
    information = _information(patterns, digits, items, quadrature, where)
    if not np.linalg.eigvalsh(information)[0] > FLATTEST * patterns.w.sum():
        raise _no_maximum()
    scores = latent_scores(patterns, items, quadrature, where)
    inverse = np.linalg.inv(information)
    core = middle(patterns, iter([(slice(None), scores)]))
    return LatentFit(float(where[0]), float(np.exp(where[1])), inverse @ core @ inverse, loglik, scores @ inverse)


def _check_ends(patterns: Patterns, items: Items) -> None:
    lowest, highest = extremes(patterns, items)
    counted = patterns.w > 0
    if lowest[counted].all() or highest[counted].all():
        raise _no_maximum()


def _start(items: Items) -> float:
    return float(np.median(-items.intercept[:, 1] / items.slope))


def _evaluate(
    patterns: Patterns, digits: Digits, items: Items, quadrature: Quadrature, where: FloatArray
) -> tuple[float, FloatArray]:
    """Log-likelihood and its gradient in (mean, log sd)."""
    sd = float(np.exp(where[1]))
    found = expectation(patterns, digits, on_standard_scale(items, float(where[0]), sd), quadrature)
    nodes = found.nodes.sum(axis=0)
    first = float(nodes @ quadrature.nodes)
    second = float(nodes @ quadrature.nodes**2)
    return found.loglik, np.array([first / sd, second - float(nodes.sum())])


def _information(
    patterns: Patterns, digits: Digits, items: Items, quadrature: Quadrature, where: FloatArray
) -> FloatArray:
    out = np.empty((2, 2))
    for index in range(2):
        shift = np.zeros(2)
        shift[index] = 1e-4
        up = _evaluate(patterns, digits, items, quadrature, where + shift)[1]
        down = _evaluate(patterns, digits, items, quadrature, where - shift)[1]
        out[index] = (down - up) / 2e-4
    return (out + out.T) / 2


def _newton(
    patterns: Patterns, digits: Digits, items: Items, quadrature: Quadrature, where: FloatArray
) -> tuple[FloatArray, float]:
    value, gradient = _evaluate(patterns, digits, items, quadrature, where)
    weight = float(patterns.w.sum())
    for _ in range(MAX_STEPS):
        information = _information(patterns, digits, items, quadrature, where)
        eigenvalue, vector = np.linalg.eigh(information)
        # outside the concave region the step follows the gradient; no step is longer than one logit
        step = vector @ ((vector.T @ gradient) / np.maximum(np.abs(eigenvalue), 1e-3 * weight))
        step /= max(1.0, float(np.abs(step).max()))
        while True:
            trial = where + step
            new_value, new_gradient = _evaluate(patterns, digits, items, quadrature, trial)
            if new_value >= value - 1e-10 * abs(value) or np.abs(step).max() < 1e-10:
                break
            step = step / 2
        where, value, gradient = trial, new_value, new_gradient
        _check_finite(where)
        if np.abs(step).max() < 1e-8:
            break
    return where, value


def _check_finite(where: FloatArray) -> None:
    if where[1] < SMALLEST_LOG_SD:
        raise EstimationError(
            "latent.no-spread",
            "The people's answers vary no more than chance would make equal people's vary.",
            why="The estimated SD of theta is zero: on these answers the items measure no difference.",
            mend="Use more respondents or items, or check that the items belong to one scale.",
        )
    if abs(where[0]) > LARGEST or where[1] > np.log(LARGEST):
        raise _no_maximum()


def _no_maximum() -> EstimationError:
    return EstimationError(
        "latent.no-maximum",
        "The latent distribution has no finite estimate.",
        why="Everyone, or nearly everyone, gave the lowest, or the highest, answer to every item.",
        mend="Use answers that reach both sides of at least one item.",
    )


def latent_scores(patterns: Patterns, items: Items, quadrature: Quadrature, where: FloatArray) -> FloatArray:
    """(P, 2) gradient of each pattern's log-likelihood in (mean, log sd).

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> scores = latent_scores(LSAT6, LSAT6_ITEMS, rectangular(), np.array([0.0, 0.0]))
        >>> bool(np.abs(LSAT6.w @ scores).max() < 0.1)  # near zero at the maximum
        True
    """
    sd = float(np.exp(where[1]))
    standard = on_standard_scale(items, float(where[0]), sd)
    z = quadrature.nodes
    moments = posterior_means(patterns, standard, quadrature, np.stack([z, z**2]))
    return np.stack([moments[:, 0] / sd, moments[:, 1] - 1], axis=1)
