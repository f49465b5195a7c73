"""The pass over patterns of graded items.

They are no exponential family: the posterior needs every answer. Patterns are taken in blocks; the log-likelihood
at the nodes is a product of the block's indicators with the items' log probabilities, and the expected counts are
the transposed product. Two threads work on blocks, which are added up in their order: the sums do not depend on
which thread was first.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.models import SMALLEST, Items, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import CodeArray, FloatArray, IntArray
from evenhand.measure.threads import in_order

BLOCK = 1_024
"""Patterns worked on at once: their joint distribution stays in the second-level cache."""


@dataclass(frozen=True, slots=True)
class GradedPass:
    """What a pass yields.

    Attributes:
        loglik: sum of w log P(x), less what the divide-by-total items add whatever z is.
        nodes: (M, Q) expected weight at each node, by mask.
        mean: (P,) E(z | x).
        above: (J_g, K - 1, Q) expected weight of each category above the lowest of the graded items at each node.
    """

    loglik: float
    nodes: FloatArray
    mean: FloatArray
    above: FloatArray


def graded_pass(
    patterns: Patterns, items: Items, t: FloatArray | None, log_prior: FloatArray, nodes: FloatArray
) -> GradedPass:
    """One pass over all patterns.

    Args:
        patterns: P patterns.
        items: items on the scale of a standard normal z, some of them graded.
        t: (P,) slope-weighted scores of the divide-by-total items, None without any.
        log_prior: (M, Q) log weight of each node with all that depends on the mask only.
        nodes: (Q,).
    """
    lift, column = graded_lift(items, nodes), np.flatnonzero(items.is_graded)
    flat, mask_of = lift.reshape(-1, len(nodes)), patterns.mask_of

    def block(begin: int) -> tuple[float, FloatArray, IntArray, FloatArray, FloatArray]:
        own = slice(begin, begin + BLOCK)
        chosen = indicators(patterns.codes[own], column, lift.shape[1])
        joint: FloatArray = chosen @ flat
        mask = mask_of[own]
        joint += log_prior[mask[0]] if mask[0] == mask[-1] else log_prior[mask]
        if t is not None:
            joint += t[own][:, None] * nodes
        top = joint.max(axis=1)
        joint -= top[:, None]
        np.exp(joint, out=joint)
        total = joint.sum(axis=1)
        w = patterns.w[own]
        mean: FloatArray = (joint @ nodes) / total
        joint *= (w / total)[:, None]
        start = np.flatnonzero(np.diff(mask, prepend=-1))
        by_mask: FloatArray = np.add.reduceat(joint, start, axis=0)
        return float(w @ (top + np.log(total))), by_mask, mask[start], mean, chosen.T @ joint

    expected, counts = np.zeros(log_prior.shape), np.zeros(flat.shape)
    loglik, means = 0.0, []
    for part, by_mask, mask, mean, chosen in in_order(block, range(0, patterns.n_patterns, BLOCK)):
        loglik += part
        expected[mask] += by_mask
        means.append(mean)
        counts += chosen
    return GradedPass(loglik, expected, np.concatenate(means), counts.reshape(lift.shape))


def graded_lift(items: Items, nodes: FloatArray) -> FloatArray:
    """(J_g, K - 1, Q) log P_k - log P_0 of the graded items; 0 for categories that an item does not have."""
    own = items.take(items.is_graded)
    logs = np.log(np.maximum(probabilities(own, nodes), SMALLEST))
    return np.where(np.isfinite(own.intercept[:, 1:, None]), logs[:, 1:, :] - logs[:, :1, :], 0.0)


def indicators(codes: CodeArray, column: IntArray, n_steps: int) -> FloatArray:
    """(B, J_g (K - 1)) 1.0 where a pattern has category k >= 1 of a graded item."""
    own = codes[:, column, None] == np.arange(1, n_steps + 1, dtype=np.int8)
    out: FloatArray = own.reshape(len(codes), -1).astype(np.float64)
    return out
