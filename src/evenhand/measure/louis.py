"""The observed information of divide-by-total items, from one pass over the patterns (Louis 1982).

With s the gradient of log P(x, theta) and S = E(s | x) that of log P(x),

    information = sum of w [ E(-d2 log P(x, theta) | x) - E(s s' | x) + S S' ]

Write D_jk = 1(x_j = k) - P_jk(theta), k >= 1. Then s is D in the intercepts and theta sum_k k D_jk in the slopes,
so that sums of w E(theta^m D D' | x), m = 0, 1, 2, are all that is needed: matrix products. They take as long as a
few passes, where differences of the score take two a parameter.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import log_priors, posterior_rows, slope_scores
from evenhand.measure.problem import Problem
from evenhand.measure.responses import BoolArray, FloatArray, IntArray
from evenhand.measure.threads import in_order

BLOCK = 2_048
TOGETHER = 4
"""Blocks whose sums are added up before they are handed over: sums of many categories take megabytes."""


@dataclass(frozen=True, slots=True)
class Information:
    """Sums over people, n parameters.

    Attributes:
        observed: (n, n) negative second derivative of the marginal log-likelihood.
        outer: (n, n) sum of w S S'.
    """

    observed: FloatArray
    outer: FloatArray


@dataclass(frozen=True, slots=True)
class _Functions:
    """Functions of theta at the nodes, for one group; F = J (K - 1) categories above the lowest.

    Attributes:
        z: (Q,) nodes of a standard normal.
        powers: (3, Q) theta^m.
        latent: (2, Q) gradients of log phi by the mean and by the logarithm of the SD.
        p: (J, K - 1, Q) category probabilities.
        log_prior: (M, Q) see `log_priors`.
    """

    z: FloatArray
    powers: FloatArray
    latent: FloatArray
    p: FloatArray
    log_prior: FloatArray


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of w over patterns.

    Attributes:
        chosen: (3, F, F) of E(theta^m | x) 1(x_j = k) 1(x_i = l).
        mixed: (3, F, F) of 1(x_j = k) E(theta^m P_il | x).
        latent: (2, 2, F) of 1(x_j = k) E(latent theta^m | x), m = 0, 1.
        outer: (J K + 2, J K + 2) of S S'.
    """

    chosen: FloatArray
    mixed: FloatArray
    latent: FloatArray
    outer: FloatArray

    def plus(self, other: "_Sums") -> "_Sums":
        """Sum by sum."""
        return _Sums(
            self.chosen + other.chosen,
            self.mixed + other.mixed,
            self.latent + other.latent,
            self.outer + other.outer,
        )


def louis_information(problem: Problem, vector: FloatArray) -> Information:
    """The observed information of a problem without graded items.

    Args:
        problem: the data and the free parameters.
        vector: (n,) where.
    """
    items, latents = problem.unpack(vector)
    n = len(vector)
    observed, outer = np.zeros((n, n)), np.zeros((n, n))
    for place, (patterns, mean, sd) in enumerate(zip(problem.groups, latents.mean, latents.sd, strict=True)):
        at = _functions(problem, patterns, items, float(mean), float(sd))
        sums, nodes = _add_up(patterns, items, at, float(sd))
        whole = _assemble(patterns.masks, nodes, at, sums, float(sd))
        turn = _jacobian(problem, place)
        observed += turn.T @ whole @ turn
        outer += turn.T @ sums.outer @ turn
    observed += outer
    return Information((observed + observed.T) / 2, (outer + outer.T) / 2)


def _functions(problem: Problem, patterns: Patterns, items: Items, mean: float, sd: float) -> _Functions:
    z = problem.quadrature.nodes
    theta = mean + sd * z
    return _Functions(
        z,
        np.stack([np.ones_like(z), theta, theta**2]),
        np.stack([z / sd, z**2 - 1]),
        probabilities(items, theta)[:, 1:, :],
        log_priors(patterns, on_standard_scale(items, mean, sd), problem.quadrature),
    )


def _add_up(patterns: Patterns, items: Items, at: _Functions, sd: float) -> tuple[_Sums, FloatArray]:
    """The sums, and (M, Q) the expected weight at each node, by mask."""
    n_items, n_steps, n_nodes = at.p.shape
    t = sd * slope_scores(patterns, items)
    mask_of = patterns.mask_of
    functions = np.concatenate([at.powers, (at.latent[:, None] * at.powers[:2]).reshape(4, -1)]).T
    by_category = (at.powers[:, None, None] * at.p).reshape(-1, n_nodes).T
    k = np.arange(1, n_steps + 1)

    def block(begin: int) -> tuple[_Sums, FloatArray, IntArray]:
        own = slice(begin, begin + BLOCK)
        codes, w, mask = patterns.codes[own], patterns.w[own], mask_of[own]
        rows = posterior_rows(t[own], at.log_prior[mask], at.z)
        moment = rows.posterior @ functions
        chosen = (codes[:, :, None] == k).astype(np.float64)
        expected = (rows.posterior @ by_category).reshape(len(codes), 3, n_items, n_steps)
        if codes.min() < 0:
            expected *= (codes >= 0)[:, None, :, None]
        flat, weighed = chosen.reshape(len(codes), -1), (chosen * w[:, None, None]).reshape(len(codes), -1)
        score = np.empty((len(codes), n_items, n_steps + 1))
        score[:, :, 0] = (chosen * moment[:, 1, None, None] - expected[:, 1]) @ k
        score[:, :, 1:] = chosen - expected[:, 0]
        whole = np.concatenate([score.reshape(len(codes), -1), moment[:, [3, 5]]], axis=1)
        start = np.flatnonzero(np.diff(mask, prepend=-1))
        sums = _Sums(
            np.stack([weighed.T @ (flat * moment[:, [m]]) for m in range(3)]),
            (weighed.T @ expected.reshape(len(codes), -1)).reshape(flat.shape[1], 3, -1).swapaxes(0, 1),
            (moment[:, 3:].T @ weighed).reshape(2, 2, -1),
            (whole * w[:, None]).T @ whole,
        )
        return sums, np.add.reduceat(rows.posterior * w[:, None], start, axis=0), mask[start]

    def several(begin: int) -> tuple[_Sums, list[tuple[FloatArray, IntArray]]]:
        total, by_mask, mask = block(begin)
        parts = [(by_mask, mask)]
        for each in range(begin + BLOCK, min(begin + TOGETHER * BLOCK, patterns.n_patterns), BLOCK):
            sums, by_mask, mask = block(each)
            total = total.plus(sums)
            parts.append((by_mask, mask))
        return total, parts

    total, nodes = None, np.zeros(at.log_prior.shape)
    for sums, parts in in_order(several, range(0, patterns.n_patterns, TOGETHER * BLOCK)):
        total = sums if total is None else total.plus(sums)
        for by_mask, mask in parts:
            nodes[mask] += by_mask
    assert total is not None  # noqa: S101 - there is at least one pattern
    return total, nodes


def _assemble(masks: BoolArray, nodes: FloatArray, at: _Functions, sums: _Sums, sd: float) -> FloatArray:
    """(J K + 2, J K + 2) sum of w [E(-d2 log P(x, theta) | x) - E(s s' | x)], by item, then mean and log SD."""
    n_items, n_steps, n_nodes = at.p.shape
    item, flat = np.repeat(np.arange(n_items), n_steps), at.p.reshape(-1, n_nodes)
    together, answered = _together(masks, nodes, at)
    single = answered[item]
    kernel = sums.mixed + sums.mixed.swapaxes(1, 2) - sums.chosen - together
    kernel -= np.where(item[:, None] == item, together, 0.0)
    kernel[:, np.arange(len(item)), np.arange(len(item))] += at.powers @ (flat * single).T
    by_intercept, by_slope = _places(n_items, n_steps)
    size = n_items * (n_steps + 1)
    out = np.empty((size + 2, size + 2))
    cross = by_slope @ kernel[1] @ by_intercept.T
    out[:size, :size] = by_intercept @ kernel[0] @ by_intercept.T + cross + cross.T
    out[:size, :size] += by_slope @ kernel[2] @ by_slope.T
    for g, latent in enumerate(at.latent):
        zeroth, first = sums.latent[g] - at.powers[:2] @ (flat * single * latent).T
        out[size + g, :size] = out[:size, size + g] = -(by_intercept @ zeroth + by_slope @ first)
    z = at.z
    bend = np.array([[np.full_like(z, 1 / sd**2), 2 * z / sd], [2 * z / sd, 2 * z**2]])
    out[size:, size:] = (bend - at.latent[:, None] * at.latent) @ nodes.sum(axis=0)
    return out


def _together(masks: BoolArray, nodes: FloatArray, at: _Functions) -> tuple[FloatArray, FloatArray]:
    """Sums over nodes of the expected weight of those who answered.

    Returns:
        (3, F, F) of theta^m P_jk P_il with the weight of those who answered both, and (J, Q) the weight itself.
    """
    n_items, n_steps, n_nodes = at.p.shape
    flat = at.p.reshape(-1, n_nodes)
    if masks.all():
        total = nodes.sum(axis=0)
        return np.stack([(flat * power) @ flat.T for power in at.powers * total]), np.tile(total, (n_items, 1))
    out, answered = np.empty((3, len(flat), len(flat))), np.empty((n_items, n_nodes))
    for j in range(n_items):
        both = np.zeros((n_items, n_nodes))
        for begin in range(0, len(masks), BLOCK):
            some = masks[begin : begin + BLOCK]
            own = some[:, j]
            both += some[own].T.astype(np.float64) @ nodes[begin : begin + BLOCK][own]
        rows, answered[j] = slice(j * n_steps, (j + 1) * n_steps), both[j]
        for m, power in enumerate(at.powers):
            out[m, rows] = flat[rows] @ (both.repeat(n_steps, axis=0) * power * flat).T
    return out, answered


def _places(n_items: int, n_steps: int) -> tuple[FloatArray, FloatArray]:
    """(J K, F) twice: D_jk stands in the score of its intercept once, in that of its item's slope k times."""
    n = n_items * n_steps
    item, step = np.divmod(np.arange(n), n_steps)
    by_intercept, by_slope = np.zeros((2, n_items * (n_steps + 1), n))
    by_intercept[item * (n_steps + 1) + step + 1, np.arange(n)] = 1.0
    by_slope[item * (n_steps + 1), np.arange(n)] = step + 1.0
    return by_intercept, by_slope


def _jacobian(problem: Problem, place: int) -> FloatArray:
    """(J K + 2, n) of a group's items, mean and log SD by the parameter vector."""
    free, latents = problem.free, problem.latents
    n_items, n_steps = free.intercept.shape
    position = np.arange(n_items * (n_steps + 1)).reshape(n_items, -1)
    size = position.size
    columns: list[tuple[IntArray, FloatArray | float]] = []
    if free.shared.any():
        columns.append((position[free.shared, 0], free.sign[free.shared]))
    columns += [(each[None], 1.0) for each in position[free.slope, 0]]
    columns += [(each[None], 1.0) for each in position[:, 1:][free.intercept]]
    for which, mask in enumerate((latents.mean_free, latents.sd_free)):
        own = [np.array([size + which]) if group == place else position[:0, 0] for group in np.flatnonzero(mask)]
        columns += [(each, 1.0) for each in own]
    out = np.zeros((size + 2, len(columns)))
    for column, (rows, value) in enumerate(columns):
        out[rows, column] = value
    return out
