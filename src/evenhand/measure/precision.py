"""Standard errors of marginal maximum-likelihood estimates.

The observed information is the derivative of the marginal score (Oakes 1999 gives the same matrix from the
expected log-likelihood); the score is exact, and its derivative is taken by central differences. The robust
covariance is H^-1 M H^-1 with M the sum of w^2 s s' over people, or over clusters of the squared sums of w s
(Huber 1967; White 1982; Binder 1983).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from evenhand.errors import EstimationError
from evenhand.measure.marginal import MarginalFit, Problem
from evenhand.measure.models import Items, log_normaliser, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import posterior_rows
from evenhand.measure.responses import BoolArray, CodeArray, FloatArray

ErrorModel = Literal["robust", "model"]

DIFFERENCE = 1e-4
"""Step of the central differences: their error is then about 1e-8 of the information."""

BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class ItemErrors:
    """Standard errors on the metric of the scale file.

    Attributes:
        se_a: (J,) of the slopes, NaN where the slope is fixed.
        se_b: (J, K - 1) of the thresholds, NaN where an item has fewer.
        se_sd: of the latent SD, NaN where it is fixed.
        covariance: (n, n) of (slopes or SD, thresholds), in that order.
    """

    se_a: FloatArray
    se_b: FloatArray
    se_sd: float
    covariance: FloatArray


def marginal_errors(fit: MarginalFit, kind: ErrorModel) -> ItemErrors:
    """Standard errors of a marginal fit.

    Args:
        fit: the fit.
        kind: `robust`, or `model` (inverse information, weights rescaled to add to the number of people).

    Raises:
        EstimationError: the information is singular; some parameter cannot be told from the others.
    """
    information = observed_information(fit.problem, fit.parameters)
    inverse = invert(information)
    patterns = fit.problem.patterns
    if kind == "robust":
        covariance = inverse @ middle(patterns, pattern_scores(fit.problem, fit.parameters)) @ inverse
    else:
        covariance = inverse * float(patterns.w.sum() / patterns.n.sum())
    return _on_file_metric(fit, covariance)


def observed_information(problem: Problem, parameters: FloatArray) -> FloatArray:
    """(n, n) negative second derivative of the marginal log-likelihood."""
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


def pattern_scores(problem: Problem, parameters: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Blocks of patterns and their (B, n) gradients of log P(x)."""
    items = problem.unpack(parameters)
    patterns, nodes = problem.patterns, problem.quadrature.nodes
    p = probabilities(items, nodes)
    k = np.arange(p.shape[1], dtype=np.float64)
    expected = np.einsum("jkq,k->jq", p, k)
    log_prior = problem.quadrature.log_weights - patterns.masks @ log_normaliser(items, nodes)
    mask_of = patterns.mask_of
    for begin in range(0, patterns.n_patterns, BLOCK):
        own = slice(begin, begin + BLOCK)
        codes = patterns.codes[own]
        answered = codes >= 0
        t = np.where(answered, codes, 0) @ items.slope
        rows = posterior_rows(t, log_prior[mask_of[own]], nodes)
        by_slope = answered * (codes * rows.mean[:, None] - rows.posterior @ (expected * nodes).T)
        yield own, _arrange(problem, by_slope, _by_intercept(problem, codes, answered, rows.posterior, p))


def _by_intercept(
    problem: Problem, codes: CodeArray, answered: BoolArray, posterior: FloatArray, p: FloatArray
) -> FloatArray:
    """(B, free intercepts)."""
    columns = [
        answered[:, item] * ((codes[:, item] == step + 1) - posterior @ p[item, step + 1])
        for item, step in np.argwhere(problem.free)
    ]
    return np.stack(columns, axis=1)


def _arrange(problem: Problem, by_slope: FloatArray, by_intercept: FloatArray) -> FloatArray:
    if problem.slopes == "free":
        return np.concatenate([by_slope, by_intercept], axis=1)
    if problem.fixed_sd is not None:
        return by_intercept
    return np.concatenate([(by_slope @ problem.sign)[:, None], by_intercept], axis=1)


def middle(patterns: Patterns, scores: Iterator[tuple[slice, FloatArray]]) -> FloatArray:
    """(n, n) sum of w^2 s s' over people, or over clusters when the patterns name them.

    With C clusters the sum is multiplied by C / (C - 1).
    """
    if patterns.clusters is not None:
        return _clustered(patterns, np.concatenate([block for _, block in scores]))
    return sum_of_blocks((block.T * patterns.w2[own]) @ block for own, block in scores)


def sum_of_blocks(blocks: Iterator[FloatArray]) -> FloatArray:
    """The sum of equally shaped arrays, without keeping them."""
    total = next(blocks)
    for block in blocks:
        total = total + block
    return total


def _clustered(patterns: Patterns, scores: FloatArray) -> FloatArray:
    clusters = patterns.clusters
    assert clusters is not None  # noqa: S101 - the caller asked
    if clusters.n_clusters < 2:
        raise EstimationError(
            "estimation.one-cluster",
            "All respondents are in one cluster.",
            why="The spread between clusters is what the errors are made of.",
            mend="Leave out --cluster, or name the column of the sampling units.",
        )
    shape = (clusters.n_clusters, patterns.n_patterns)
    totals = np.asarray(csr_array((clusters.w, (clusters.cluster, clusters.pattern)), shape=shape) @ scores)
    out: FloatArray = totals.T @ totals * (clusters.n_clusters / (clusters.n_clusters - 1))
    return out


def _on_file_metric(fit: MarginalFit, covariance: FloatArray) -> ItemErrors:
    """The delta method from (slopes or SD, intercepts) to (slopes or SD, thresholds)."""
    problem = fit.problem
    slope = fit.items.slope if problem.slopes == "free" else problem.sign
    jacobian = _threshold_jacobian(problem, fit.items, slope)
    own = jacobian @ covariance @ jacobian.T
    se = np.sqrt(np.maximum(np.diag(own), 0.0))
    n_head = len(se) - int(problem.free.sum())
    se_b = np.full(problem.free.shape, np.nan)
    se_b[problem.free] = se[n_head:]
    se_a = se[:n_head] if problem.slopes == "free" else np.full(len(slope), np.nan)
    se_sd = float(se[0]) if problem.slopes == "shared" and n_head == 1 else np.nan
    return ItemErrors(se_a, se_b, se_sd, own)


def _threshold_jacobian(problem: Problem, items: Items, slope: FloatArray) -> FloatArray:
    """(n, n) derivative of (slopes or SD, thresholds): b_k = -(c_k - c_{k-1}) / a."""
    place = np.full(problem.free.shape, -1)
    n_free = int(problem.free.sum())
    n_head = len(problem.pack(items)) - n_free
    place[problem.free] = n_head + np.arange(n_free)
    jacobian = np.eye(n_head + n_free)
    for item, step in np.argwhere(problem.free):
        row = place[item, step]
        previous = items.intercept[item, step]
        jacobian[row, row] = -1 / slope[item]
        if step > 0:
            jacobian[row, place[item, step - 1]] = 1 / slope[item]
        if problem.slopes == "free":
            jacobian[row, item] = (items.intercept[item, step + 1] - previous) / slope[item] ** 2
    return jacobian
