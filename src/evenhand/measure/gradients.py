"""Gradients of log P(x) by pattern, and the sums that covariances are made of."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from evenhand.errors import EstimationError
from evenhand.measure.graded import graded_lift, indicators
from evenhand.measure.models import SMALLEST, Items, on_standard_scale, probabilities
from evenhand.measure.mstep import graded_jet
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import log_priors, posterior_rows
from evenhand.measure.problem import Latents, Problem
from evenhand.measure.responses import CodeArray, FloatArray

BLOCK = 2_048


def cross_products(problem: Problem, vector: FloatArray) -> FloatArray:
    """(n, n) sum of w s s' over people: an estimate of the information (Berndt, Hall, Hall & Hausman 1974).

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> from evenhand.measure.marginal import fit_marginal
        >>> fit = fit_marginal(LSAT6, slopes="shared")
        >>> np.diag(cross_products(fit.problem, fit.parameters)).round(0)
        array([268.,  65., 172., 199., 154., 101.])
    """
    return sum_of_blocks(
        (block.T * group.w[own]) @ block
        for group, scores in group_scores(problem, vector)
        for own, block in scores
    )


def group_scores(
    problem: Problem, vector: FloatArray
) -> Iterator[tuple[Patterns, Iterator[tuple[slice, FloatArray]]]]:
    """For each group its patterns, and blocks of them with their (B, n) gradients of log P(x).

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> from evenhand.measure.marginal import fit_marginal
        >>> fit = fit_marginal(LSAT6, slopes="shared")
        >>> [(patterns, blocks)] = list(group_scores(fit.problem, fit.parameters))
        >>> total = sum(patterns.w[own] @ scores for own, scores in blocks)
        >>> bool(np.abs(total).max() < 1e-2)  # zero at the maximum
        True
    """
    items, latents = problem.unpack(vector)
    for place, patterns in enumerate(problem.groups):
        yield patterns, _pattern_scores(problem, place, items, latents)


def _pattern_scores(
    problem: Problem, place: int, items: Items, latents: Latents
) -> Iterator[tuple[slice, FloatArray]]:
    patterns, mean, sd = problem.groups[place], float(latents.mean[place]), float(latents.sd[place])
    z = problem.quadrature.nodes
    standard = on_standard_scale(items, mean, sd)
    log_prior = log_priors(patterns, standard, problem.quadrature)
    graded = items.is_graded
    lift = graded_lift(standard, z).reshape(-1, len(z))
    jet = ScoreJet(items, mean + sd * z)
    mask_of = patterns.mask_of
    for begin in range(0, patterns.n_patterns, BLOCK):
        own = slice(begin, begin + BLOCK)
        codes = patterns.codes[own]
        t = np.where(codes >= 0, codes, 0) @ np.where(graded, 0.0, standard.slope)
        prior = log_prior[mask_of[own]]
        if graded.any():
            prior += indicators(codes, np.flatnonzero(graded), items.intercept.shape[1] - 1) @ lift
        rows = posterior_rows(t, prior, z)
        by_item = jet.scores(codes, rows.posterior)
        square = rows.posterior @ z**2
        latent = [rows.mean / sd] if latents.mean_free[place] else []
        latent_sd = [square - 1] if latents.sd_free[place] else []
        yield own, _arrange(problem, place, by_item, latent, latent_sd)


class ScoreJet:
    """Gradients of log P(x_j | theta) in (a, c_1, .., c_{K-1}) at the nodes, averaged over posteriors.

    Args:
        items: J items.
        theta: (Q,) nodes on their metric.
    """

    def __init__(self, items: Items, theta: FloatArray) -> None:
        p = probabilities(items, theta)
        k = np.arange(p.shape[1], dtype=np.float64)
        self._graded = items.is_graded
        self._theta, self._p = theta, p
        self._expected = np.einsum("jkq,k->jq", p, k)
        self._curves = None
        if self._graded.any():
            self._curves = graded_jet(items.take(self._graded), theta)

    def scores(self, codes: CodeArray, posterior: FloatArray) -> FloatArray:
        """(B, J, K) for codes (B, J) and posterior weights (B, Q); 0 where an item was not answered."""
        answered = codes >= 0
        n_steps = self._p.shape[1] - 1
        out = np.empty((*codes.shape, n_steps + 1))
        mean = posterior @ self._theta
        out[:, :, 0] = answered * (codes * mean[:, None] - posterior @ (self._expected * self._theta).T)
        for step in range(1, n_steps + 1):
            out[:, :, step] = answered * ((codes == step) - posterior @ self._p[:, step, :].T)
        if self._curves is not None:
            jet, p = self._curves
            for place, item in enumerate(np.flatnonzero(self._graded)):
                per_category = jet[place] / np.maximum(p[place], SMALLEST)[:, None, :]
                averaged = np.einsum("bq,klq->bkl", posterior, per_category)
                chosen = np.maximum(codes[:, item], 0).astype(np.intp)
                own = averaged[np.arange(len(codes)), chosen]
                out[:, item, :] = np.where(answered[:, item, None], own, 0.0)
        return out


def _arrange(
    problem: Problem, place: int, by_item: FloatArray, latent: list[FloatArray], latent_sd: list[FloatArray]
) -> FloatArray:
    """Scores (B, n) in the order of the parameter vector."""
    free, latents = problem.free, problem.latents
    n = len(by_item)
    parts = []
    if free.shared.any():
        parts.append((by_item[:, :, 0] @ (free.sign * free.shared))[:, None])
    parts.append(by_item[:, free.slope, 0])
    parts.append(by_item[:, :, 1:][:, free.intercept])
    for values, mask in ((latent, latents.mean_free), (latent_sd, latents.sd_free)):
        block = np.zeros((n, int(mask.sum())))
        if values:
            block[:, int(mask[:place].sum())] = values[0]
        parts.append(block)
    return np.concatenate(parts, axis=1)


def middle(patterns: Patterns, scores: Iterator[tuple[slice, FloatArray]]) -> FloatArray:
    """(n, n) sum of w^2 s s' over people, or over clusters when the patterns name them.

    With C clusters the sum is multiplied by C / (C - 1).

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> scores = np.ones((LSAT6.n_patterns, 1))
        >>> middle(LSAT6, iter([(slice(None), scores)]))
        array([[1000.]])
    """
    if patterns.clusters is not None:
        return _clustered(patterns, np.concatenate([block for _, block in scores]))
    return sum_of_blocks((block.T * patterns.w2[own]) @ block for own, block in scores)


def sum_of_blocks(blocks: Iterator[FloatArray]) -> FloatArray:
    """The sum of equally shaped arrays, without keeping them.

    Example:
        >>> sum_of_blocks(iter([np.ones(2), np.ones(2)]))
        array([2., 2.])
    """
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
