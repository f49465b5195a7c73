"""Standard errors of marginal maximum-likelihood estimates.

The observed information is the derivative of the marginal score: from sums over people (`louis`), or, with graded
items, by central differences of the score, which is exact. The robust
covariance is H^-1 M H^-1 with M the sum of w^2 s s' over people, or over clusters of the squared sums of w s
(Huber 1967; White 1982; Binder 1983). Figures on the metric of the scale file follow by the delta method.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.gradients import group_scores, middle
from evenhand.measure.louis import louis_information
from evenhand.measure.marginal import MarginalFit
from evenhand.measure.models import thresholds_from_items
from evenhand.measure.problem import Problem
from evenhand.measure.responses import FloatArray

ErrorModel = Literal["robust", "model"]

DIFFERENCE = 1e-4
"""Step of the central differences: their error is then about 1e-8 of the information."""


@dataclass(frozen=True, slots=True)
class FileMetric:
    """Estimates on the metric of the scale file: shared slopes are 1 (or -1), and the latent SD is what they were.

    Attributes:
        a: (J,) slopes.
        b: (J, K - 1) thresholds, NaN where an item has fewer.
        mean: (G,) latent means.
        sd: (G,) latent SDs.
    """

    a: FloatArray
    b: FloatArray
    mean: FloatArray
    sd: FloatArray

    def flat(self) -> FloatArray:
        """All of them in a row."""
        return np.concatenate([self.a, self.b.ravel(), self.mean, self.sd])


@dataclass(frozen=True, slots=True)
class ItemErrors:
    """Standard errors on the metric of the scale file; NaN for what is fixed or does not exist.

    Attributes:
        se_a: (J,) of the slopes.
        se_b: (J, K - 1) of the thresholds.
        se_mean: (G,) of the latent means.
        se_sd: (G,) of the latent SDs.
        covariance: (n, n) of (a, b by rows, means, SDs), n = J K + 2 G; NaN rows for thresholds that do not exist.
    """

    se_a: FloatArray
    se_b: FloatArray
    se_mean: FloatArray
    se_sd: FloatArray
    covariance: FloatArray


def on_file_metric(problem: Problem, vector: FloatArray) -> FileMetric:
    """Estimates on the metric of the scale file."""
    items, latents = problem.unpack(vector)
    unit = float(vector[0]) if problem.free.shared.any() else 1.0
    b = thresholds_from_items(items) * unit
    return FileMetric(items.slope / unit, b, latents.mean * unit, latents.sd * unit)


def marginal_errors(fit: MarginalFit, kind: ErrorModel) -> ItemErrors:
    """Standard errors of a marginal fit.

    Args:
        fit: the fit.
        kind: `robust`, or `model` (inverse information, weights rescaled to add to the number of people).

    Raises:
        EstimationError: the information is singular; some parameter cannot be told from the others.
    """
    information, outer = _information(fit.problem, fit.parameters)
    inverse = invert(information)
    groups = fit.problem.groups
    if kind == "robust":
        unweighted = all(each.clusters is None and np.array_equal(each.w, each.w2) for each in groups)
        core = outer if unweighted and outer is not None else _middle(fit)
        covariance = inverse @ core @ inverse
    else:
        weight = sum(float(patterns.w.sum()) for patterns in groups)
        covariance = inverse * weight / sum(float(patterns.n.sum()) for patterns in groups)
    return file_errors(fit, covariance)


def _middle(fit: MarginalFit) -> FloatArray:
    n = len(fit.parameters)
    scores = group_scores(fit.problem, fit.parameters)
    return sum((middle(patterns, blocks) for patterns, blocks in scores), np.zeros((n, n)))


def observed_information(problem: Problem, parameters: FloatArray) -> FloatArray:
    """(n, n) negative second derivative of the marginal log-likelihood."""
    return _information(problem, parameters)[0]


def _information(problem: Problem, parameters: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """The information, and the sum of w S S' where it came along."""
    if problem.start.is_graded.any():
        return by_differences(problem, parameters), None
    found = louis_information(problem, parameters)
    return found.observed, found.outer


def by_differences(problem: Problem, parameters: FloatArray) -> FloatArray:
    """(n, n) central differences of the score."""
    n = len(parameters)
    out = np.empty((n, n))
    for index in range(n):
        step = DIFFERENCE * max(1.0, abs(float(parameters[index])))
        shift = np.zeros(n)
        shift[index] = step
        up = problem.evaluate(parameters + shift).gradient
        down = problem.evaluate(parameters - shift).gradient
        out[index] = (down - up) / (2 * step)
    return (out + out.T) / 2


def invert(information: FloatArray) -> FloatArray:
    """The inverse of a positive definite information matrix.

    Raises:
        EstimationError: it is not positive definite.
    """
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    value, vector = np.linalg.eigh(information / np.outer(scale, scale))
    if not value[0] > 1e-10:
        raise EstimationError(
            "estimation.singular",
            "The answers do not determine every parameter.",
            why="The information matrix is singular: two parameters can be traded for each other.",
            mend="Use more respondents, fewer items, or --model rasch.",
        )
    inverse: FloatArray = (vector / value) @ vector.T / np.outer(scale, scale)
    return inverse


def file_errors(fit: MarginalFit, covariance: FloatArray) -> ItemErrors:
    """Standard errors on the metric of the scale file from a covariance (n, n) of the parameter vector."""
    at = on_file_metric(fit.problem, fit.parameters)
    jacobian = np.empty((len(at.flat()), len(covariance)))
    for index, value in enumerate(fit.parameters):
        shift = np.zeros(len(covariance))
        shift[index] = 1e-6 * max(1.0, abs(float(value)))
        up = on_file_metric(fit.problem, fit.parameters + shift).flat()
        down = on_file_metric(fit.problem, fit.parameters - shift).flat()
        jacobian[:, index] = (up - down) / (2 * shift[index])
    own = jacobian @ covariance @ jacobian.T
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.diag(own))
    se = np.where(np.abs(jacobian).max(axis=1, initial=0.0) > 1e-9, se, np.nan)  # what does not move is fixed
    a, b, mean, sd = np.split(se, np.cumsum([len(at.a), at.b.size, len(at.mean)]))
    return ItemErrors(a, b.reshape(at.b.shape), mean, sd, own)
