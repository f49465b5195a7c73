"""Standard errors of a profile's parameters and of its correlation.

The observed information is the derivative of the analytic gradient, by central differences; the robust covariance
is H^-1 M H^-1 with M the sum of w^2 s s' over people, or over clusters of the squared sums of w s times
C / (C - 1) (Huber 1967; White 1982; Binder 1983). The interval of the correlation is symmetric in
phi = atanh(rho), where the estimate is nearly normal (Fisher 1915).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.special import ndtri

from evenhand.errors import EstimationError
from evenhand.measure.models import SMALLEST, Items, thresholds_from_items
from evenhand.measure.patterns import ClusterTotals
from evenhand.measure.profile import ProfileFit, ProfileProblem, couple
from evenhand.measure.profile_items import Part, log_derivatives
from evenhand.measure.profile_scores import posterior_blocks
from evenhand.measure.responses import FloatArray, IntArray

ErrorKind = Literal["robust", "model"]

DIFFERENCE = 1e-4
"""Step of the central differences: their error is then about 1e-8 of the information."""


@dataclass(frozen=True, slots=True)
class PartErrors:
    """Standard errors of one component's items in slope-intercept form, on the scale of z.

    Attributes:
        se_slope: (J,) NaN where the slope is shared.
        se_intercept: (J, K - 1) NaN where an item has fewer.
        se_sd: of the latent SD, NaN where slopes are free.
    """

    se_slope: FloatArray
    se_intercept: FloatArray
    se_sd: float


@dataclass(frozen=True, slots=True)
class ProfileErrors:
    """Standard errors of a profile.

    Attributes:
        correlation: the estimate they belong to.
        se_correlation: its standard error.
        need: of need's items.
        capacity: of capacity's.
        covariance: (n, n) of the parameter vector, phi = atanh(rho) last.
    """

    correlation: float
    se_correlation: float
    need: PartErrors
    capacity: PartErrors
    covariance: FloatArray

    def correlation_interval(self, level: float = 0.95) -> tuple[float, float]:
        """The interval of the correlation at this level, within -1 and 1."""
        reach = float(ndtri(0.5 + level / 2)) * float(np.sqrt(self.covariance[-1, -1]))
        phi = float(np.arctanh(self.correlation))
        return float(np.tanh(phi - reach)), float(np.tanh(phi + reach))


def profile_errors(fit: ProfileFit, kind: ErrorKind) -> ProfileErrors:
    """Standard errors of a fitted profile.

    Args:
        fit: the fit.
        kind: `robust`, or `model` (inverse information, weights rescaled to add to the number of people).

    Raises:
        EstimationError: the information is singular, or all people are in one cluster.
    """
    problem, patterns = fit.problem, fit.problem.patterns
    inverse = _invert(profile_information(problem, fit.parameters))
    if kind == "model":
        covariance = inverse * float(patterns.w.sum() / patterns.n.sum())
    else:
        covariance = inverse @ _middle(problem, fit.parameters) @ inverse
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    n_first = problem.parts[0].n_parameters
    return ProfileErrors(
        fit.correlation,
        float((1 - fit.correlation**2) * se[-1]),
        _part_errors(problem.parts[0], se[:n_first]),
        _part_errors(problem.parts[1], se[n_first:-1]),
        covariance,
    )


@dataclass(frozen=True, slots=True)
class PartMetric:
    """One component on the metric of the scale file: shared slopes are 1 (or -1), and the SD is what they were.

    Attributes:
        a: (J,) slopes; errors are NaN where they are fixed.
        b: (J, K - 1) thresholds, NaN where an item has fewer.
        sd: latent SD; its error is NaN where slopes are free.
    """

    a: FloatArray
    b: FloatArray
    sd: float

    def flat(self) -> FloatArray:
        """All of them in a row."""
        return np.concatenate([self.a, self.b.ravel(), [self.sd]])


def on_file_metric(problem: ProfileProblem, parameters: FloatArray) -> tuple[PartMetric, PartMetric]:
    """Need and capacity on the metric of the scale file."""
    first, second, _ = problem.unpack(parameters)
    return _part_metric(problem.parts[0], first), _part_metric(problem.parts[1], second)


def _part_metric(part: Part, items: Items) -> PartMetric:
    unit = 1.0 if part.slopes == "free" else float(np.mean(part.sign * items.slope))
    return PartMetric(items.slope / unit, thresholds_from_items(items) * unit, unit)


def file_metric_errors(fit: ProfileFit, errors: ProfileErrors) -> tuple[PartMetric, PartMetric]:
    """Standard errors of `on_file_metric`, by the delta method."""
    problem, at = fit.problem, fit.parameters
    own = on_file_metric(problem, at)
    jacobian = np.empty((sum(len(part.flat()) for part in own), len(at)))
    for index, value in enumerate(at):
        shift = np.zeros(len(at))
        shift[index] = 1e-6 * max(1.0, abs(float(value)))
        up, down = (
            np.concatenate([part.flat() for part in on_file_metric(problem, at + way * shift)]) for way in (1, -1)
        )
        jacobian[:, index] = (up - down) / (2 * shift[index])
    moving = np.abs(jacobian).max(axis=1) > 1e-9  # what does not move is fixed
    variance = np.einsum("ij,jk,ik->i", np.nan_to_num(jacobian), errors.covariance, np.nan_to_num(jacobian))
    se = np.where(moving, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    first, second = np.split(se, [len(own[0].flat())])
    return _split_metric(first, own[0]), _split_metric(second, own[1])


def _split_metric(flat: FloatArray, like: PartMetric) -> PartMetric:
    n_items = len(like.a)
    return PartMetric(flat[:n_items], flat[n_items:-1].reshape(like.b.shape), float(flat[-1]))


def profile_information(problem: ProfileProblem, parameters: FloatArray) -> FloatArray:
    """(n, n) negative second derivative of the marginal log-likelihood."""
    n = len(parameters)
    out = np.empty((n, n))
    for index in range(n):
        shift = np.zeros(n)
        shift[index] = DIFFERENCE * max(1.0, abs(float(parameters[index])))
        up, down = (problem.evaluate(parameters + way * shift).gradient for way in (1, -1))
        out[index] = (down - up) / (2 * shift[index])
    return (out + out.T) / 2


def _invert(information: FloatArray) -> FloatArray:
    scale = np.sqrt(np.maximum(np.diag(information), SMALLEST))
    value, vector = np.linalg.eigh(information / np.outer(scale, scale))
    if not value[0] > 1e-10:
        raise EstimationError(
            "estimation.singular",
            "The answers do not determine every parameter.",
            why="The information matrix is singular: two parameters can be traded for each other.",
            mend="Use more respondents, fewer items, or measure need alone.",
        )
    inverse: FloatArray = (vector / value) @ vector.T / np.outer(scale, scale)
    return inverse


def profile_gradients(problem: ProfileProblem, parameters: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
    """Blocks of patterns (B,) and their (B, n) gradients of log P(x)."""
    first, second, phi = problem.unpack(parameters)
    coupling, nodes = couple(phi, problem.nodes), problem.nodes
    each = [_derivatives(part, own, nodes) for part, own in zip(problem.parts, (first, second), strict=True)]
    for block in posterior_blocks(problem, parameters):
        by_part = [
            _part_scores(part, derivative, block.own, weights)
            for part, derivative, weights in zip(problem.parts, each, (block.need, block.capacity), strict=True)
        ]
        square = block.need @ nodes**2 + block.capacity @ nodes**2
        moments = np.stack([square, block.product], axis=1) - coupling.moments
        yield block.own, np.concatenate([*by_part, (moments @ coupling.slope)[:, None]], axis=1)


def _derivatives(part: Part, items: Items, nodes: FloatArray) -> FloatArray:
    """(Q, J K K) derivatives of log P_k, by item, category and parameter."""
    found = log_derivatives(part, items, nodes)[1]
    out: FloatArray = found.transpose(3, 0, 2, 1).reshape(len(nodes), -1)
    return out


def _part_scores(part: Part, derivative: FloatArray, own: IntArray, weights: FloatArray) -> FloatArray:
    codes = part.codes[part.owner[own]].astype(np.int64)
    expected = (weights @ derivative).reshape(len(own), part.n_items, part.width, part.width)
    chosen = np.take_along_axis(expected, np.maximum(codes, 0)[:, :, None, None], axis=2)[:, :, 0, :]
    return part.arrange(np.where((codes >= 0)[:, :, None], chosen, 0.0))


def _middle(problem: ProfileProblem, parameters: FloatArray) -> FloatArray:
    patterns, n = problem.patterns, len(parameters)
    blocks = profile_gradients(problem, parameters)
    if patterns.clusters is None:
        total = np.zeros((n, n))
        for own, block in blocks:
            total += (block.T * patterns.w2[own]) @ block
        return total
    scores = np.empty((patterns.n_patterns, n))
    for own, block in blocks:
        scores[own] = block
    return _by_cluster(patterns.clusters, scores)


def _by_cluster(clusters: ClusterTotals, scores: FloatArray) -> FloatArray:
    if clusters.n_clusters < 2:
        raise EstimationError(
            "estimation.one-cluster",
            "All respondents are in one cluster.",
            why="The spread between clusters is what the errors are made of.",
            mend="Leave out --cluster, or name the column of the sampling units.",
        )
    shape = (clusters.n_clusters, len(scores))
    totals = np.asarray(csr_array((clusters.w, (clusters.cluster, clusters.pattern)), shape=shape) @ scores)
    out: FloatArray = totals.T @ totals * (clusters.n_clusters / (clusters.n_clusters - 1))
    return out


def _part_errors(part: Part, se: FloatArray) -> PartErrors:
    intercept = np.full(part.free.shape, np.nan)
    intercept[part.free] = se[part.n_head :]
    if part.slopes == "free":
        return PartErrors(se[: part.n_head], intercept, np.nan)
    return PartErrors(np.full(part.n_items, np.nan), intercept, float(se[0]))
