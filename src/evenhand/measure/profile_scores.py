"""The joint posterior of need and capacity, for reports; and the way back to need alone, for everything else.

With correlated components the answers about capacity move the posterior of need: at a correlation of -.6 the
joint P(need) would fall from .61 to .19 as capacity rises. No decision, rank or selection probability may do
that. The joint posterior is therefore a type of its own, `JointScores`, which no function that scores or decides
accepts, and which has neither a probability nor a field named as in `score.Scores`; those functions take the
patterns and a scale calibrated from the need items alone, which `need_only` provides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.models import SMALLEST, Items
from evenhand.measure.patterns import ClusterTotals, Patterns, from_table, nobody_left
from evenhand.measure.profile import (
    BLOCK,
    ProfileFit,
    ProfileProblem,
    couple,
    profile_problem,
)
from evenhand.measure.profile_items import JointItems, Part, distinct, likelihoods
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class JointScores:
    """The joint posterior of need and capacity for each of P patterns: for reports only.

    Attributes:
        joint_mean: (P, 2) posterior means of need and capacity.
        joint_covariance: (P, 2, 2) posterior covariances.
    """

    joint_mean: FloatArray
    joint_covariance: FloatArray


@dataclass(frozen=True, slots=True)
class PosteriorBlock:
    """The joint posterior of some patterns at the nodes.

    Attributes:
        own: (B,) which patterns.
        need: (B, Q) posterior weight of need's nodes.
        capacity: (B, Q) of capacity's.
        product: (B,) E(z1 z2 | x).
    """

    own: IntArray
    need: FloatArray
    capacity: FloatArray
    product: FloatArray


def posterior_blocks(problem: ProfileProblem, parameters: FloatArray) -> Iterator[PosteriorBlock]:
    """The joint posterior of all patterns, a block at a time.

    P(z1 | x) = L1 o (L2 W) / P(x), P(z2 | x) likewise, E(z1 z2 | x) = rowsum(L1 z o (L2 z) W) / P(x).
    """
    *items, phi = problem.unpack(parameters)
    nodes, weights = problem.nodes, couple(phi, problem.nodes).weights
    first, second = (likelihoods(part, own, nodes)[0] for part, own in zip(problem.parts, items, strict=True))
    to_first, to_second, to_product = second @ weights, first @ weights, (second * nodes) @ weights
    for begin in range(0, len(problem.order), BLOCK):
        own = problem.order[begin : begin + BLOCK]
        s, t = (part.owner[own] for part in problem.parts)
        need = first[s] * to_first[t]
        capacity = second[t] * to_second[s]
        product = np.einsum("pq,q,pq->p", first[s], nodes, to_product[t])
        p = np.maximum(need.sum(axis=1), SMALLEST)
        yield PosteriorBlock(own, need / p[:, None], capacity / p[:, None], product / p)


def joint_scores(fit: ProfileFit, patterns: Patterns | None = None) -> JointScores:
    """Means and covariances of the joint posterior on the metric of theta = sd z.

    Args:
        fit: the fitted profile.
        patterns: people to describe, with the same columns; those of the fit when left out.

    Raises:
        OptionError: the patterns have other items.
    """
    fitted = fit.problem
    problem = fitted if patterns is None else _same_model(fitted, patterns)
    nodes = rectangular(2 * len(fitted.nodes) - 1, float(fitted.nodes[-1]) + 1).nodes
    return _moments(replace(problem, nodes=nodes), fit.parameters, fit.sd)


def joint_scores_of(
    patterns: Patterns,
    items: JointItems,
    *,
    need: IntArray,
    capacity: IntArray,
    sd: FloatArray,
    correlation: float,
) -> JointScores:
    """Means and covariances of the joint posterior under a profile that is known, as a scale file records it.

    Args:
        patterns: P patterns on J items.
        items: the J items, each on the scale of its own component's standard normal z.
        need: columns of the need items.
        capacity: columns of the capacity items.
        sd: (2,) latent SDs of need and capacity, theta = sd z.
        correlation: of the two, between -1 and 1.

    Raises:
        OptionError: an item on both components, twice on one, or not in the patterns.
    """
    plain = items.for_reports()
    problem = profile_problem(patterns, need, capacity, "free", graded=plain.is_graded)
    own = [_of_part(plain, part) for part in problem.parts]
    parameters = problem.pack(own[0], own[1], float(np.arctanh(correlation)))
    # a correlation near one needs finer nodes: about five to the narrowest SD of the joint density
    n_nodes = int(np.clip(np.ceil(70 / np.sqrt(1 - correlation**2)), 121, 601)) // 2 * 2 + 1
    return _moments(replace(problem, nodes=rectangular(n_nodes, 7.0).nodes), parameters, sd)


def _of_part(items: Items, part: Part) -> Items:
    columns = part.columns
    return Items(items.slope[columns], items.intercept[columns, : part.width], items.is_graded[columns])


def _moments(problem: ProfileProblem, parameters: FloatArray, sd: FloatArray) -> JointScores:
    nodes, n_patterns = problem.nodes, problem.patterns.n_patterns
    mean, covariance = np.empty((n_patterns, 2)), np.empty((n_patterns, 2, 2))
    for block in posterior_blocks(problem, parameters):
        for index, weights in enumerate((block.need, block.capacity)):
            first = weights @ nodes
            mean[block.own, index] = first
            covariance[block.own, index, index] = weights @ nodes**2 - first**2
        between = block.product - mean[block.own, 0] * mean[block.own, 1]
        covariance[block.own, 0, 1] = covariance[block.own, 1, 0] = between
    return JointScores(mean * sd, covariance * np.outer(sd, sd))


def _same_model(fitted: ProfileProblem, patterns: Patterns) -> ProfileProblem:
    if not np.array_equal(patterns.categories, fitted.patterns.categories):
        raise OptionError(
            "profile.other-items",
            "The answers have other items, or other categories, than the profile was fitted to.",
            mend="Give the columns of the calibration in the same order.",
        )
    first, second = fitted.parts
    sign, graded = np.ones(patterns.n_items), np.zeros(patterns.n_items, dtype=np.bool_)
    for part in fitted.parts:
        sign[part.columns], graded[part.columns] = part.sign, part.graded
    slopes = (first.slopes, second.slopes)
    return profile_problem(patterns, first.columns, second.columns, slopes, sign, graded)


def need_only(patterns: Patterns, need: IntArray) -> Patterns:
    """The patterns of the need items alone: what every decision works on.

    People, weights, rows and clusters stay; people who answered no need item are counted as empty. The patterns,
    their order and everything scored from them depend on no other answer.

    Args:
        patterns: P patterns on J items.
        need: columns of the need items.

    Raises:
        EstimationError: nobody answered a need item.
    """
    codes = np.ascontiguousarray(patterns.codes[:, need])
    kept = np.flatnonzero((codes >= 0).any(axis=1))
    if len(kept) == 0:
        raise nobody_left("keep")
    unique, owner = distinct(codes[kept])
    totals = [
        np.bincount(owner, weights=each[kept], minlength=len(unique)).astype(np.float64)
        for each in (patterns.n, patterns.w, patterns.w2)
    ]
    table = from_table(unique, patterns.categories[need], *totals)
    # `from_table` has put the patterns in its own order: find where each went
    place = np.argsort(distinct(table.codes)[1])
    of_pattern = np.full(patterns.n_patterns, -1, dtype=np.int64)
    of_pattern[kept] = place[owner]
    rows = patterns.rows
    if rows is not None:
        rows = np.where(rows >= 0, of_pattern[rows], -1)
    n_empty = patterns.n_empty + round(float(patterns.n.sum() - table.n.sum()))
    clusters = None if patterns.clusters is None else _clusters(patterns.clusters, of_pattern)
    return replace(table, rows=rows, clusters=clusters, n_empty=n_empty, n_incomplete=patterns.n_incomplete)


def _clusters(clusters: ClusterTotals, of_pattern: IntArray) -> ClusterTotals:
    pattern = of_pattern[clusters.pattern]
    kept = pattern >= 0
    pair, place = np.unique(pattern[kept] * clusters.n_clusters + clusters.cluster[kept], return_inverse=True)
    w = np.bincount(place, weights=clusters.w[kept]).astype(np.float64)
    return ClusterTotals(pair // clusters.n_clusters, pair % clusters.n_clusters, w, clusters.n_clusters)
