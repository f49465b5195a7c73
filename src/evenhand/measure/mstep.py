"""Maximise the expected complete-data log-likelihood: a regression for each item, by Newton's method.

For one item it is  a S + sum_k c_k R_k - sum_q N_q B(z_q; a, c),  which is concave in (a, c_1, .., c_m), with
S the weighted sum of x E(z | x), R_k the weight of category k and N_q the expected weight at node q. Either
every item has its own slope, or all share the latent SD (Rasch): then a_j = sign_j sigma.
"""

import numpy as np

from evenhand.measure.models import Items, log_normaliser, probabilities
from evenhand.measure.responses import BoolArray, FloatArray

MAX_NEWTON = 4
"""Newton steps an M-step: an M-step need not be finished for the cycles to converge to the maximum."""

MAX_HALVINGS = 30


class Counts:
    """What an M-step is given.

    Attributes:
        S: (J,) weighted sum of x E(z | x).
        R: (J, K - 1) weight of each category above 0.
        N: (J, Q) or (1, Q) expected weight of those who answered the item, at each node.
        nodes: (Q,).
        free: (J, K - 1) whether the intercept is a parameter of the item.
    """

    __slots__ = ("N", "R", "S", "free", "nodes")

    def __init__(self, S: FloatArray, R: FloatArray, N: FloatArray, nodes: FloatArray, free: BoolArray) -> None:
        self.S, self.R, self.N, self.nodes, self.free = S, R, N, nodes, free

    def value(self, items: Items) -> FloatArray:
        """(J,) expected complete-data log-likelihood of each item."""
        c = np.where(self.free, items.intercept[:, 1:], 0.0)
        fit = items.slope * self.S + (c * self.R).sum(axis=1)
        out: FloatArray = fit - (self.N * log_normaliser(items, self.nodes)).sum(axis=1)
        return out

    def derivatives(self, items: Items) -> tuple[FloatArray, FloatArray]:
        """Gradient (J, K) and negative Hessian (J, K, K) for (a, c_1, .., c_{K-1}) of each item."""
        p = probabilities(items, self.nodes)[:, 1:, :]
        k = np.arange(1, p.shape[1] + 1, dtype=np.float64)
        mean = np.einsum("jkq,k->jq", p, k)
        square = np.einsum("jkq,k->jq", p, k**2)
        z, N = self.nodes, self.N
        size = p.shape[1] + 1
        gradient = np.empty((len(mean), size))
        gradient[:, 0] = self.S - (N * mean) @ z
        expected = np.einsum("jkq,jq->jk", p, np.broadcast_to(N, mean.shape))
        gradient[:, 1:] = np.where(self.free, self.R - expected, 0.0)
        hessian = np.empty((len(mean), size, size))
        hessian[:, 0, 0] = (N * (square - mean**2)) @ z**2
        cross = np.einsum("jkq,jq->jk", p * (k[:, None] - mean[:, None, :]), N * z)
        hessian[:, 0, 1:] = hessian[:, 1:, 0] = np.where(self.free, cross, 0.0)
        block = -np.einsum("jkq,jlq->jkl", p * np.broadcast_to(N, mean.shape)[:, None, :], p)
        own = np.arange(size - 1)
        block[:, own, own] += expected
        block = np.where(self.free[:, :, None] & self.free[:, None, :], block, 0.0)
        block[:, own, own] = np.where(self.free, block[:, own, own], 1.0)
        hessian[:, 1:, 1:] = block
        return gradient, hessian


def free_slopes(items: Items, counts: Counts) -> Items:
    """The items that maximise the expected log-likelihood, each with its own slope."""
    value = counts.value(items)
    for _ in range(MAX_NEWTON):
        gradient, hessian = counts.derivatives(items)
        step = np.asarray(np.linalg.solve(_regular(hessian), gradient[:, :, None])[:, :, 0], dtype=np.float64)
        gain = (step * gradient).sum(axis=1)
        items, value = _halve(items, counts, value, step)
        if gain.max() < 1e-10 * max(1.0, float(np.abs(value).max())):
            break
    return items


def shared_slope(items: Items, counts: Counts, sign: FloatArray, *, sd_is_free: bool) -> Items:
    """The items that maximise the expected log-likelihood under a_j = sign_j sigma.

    With `sd_is_free` false sigma stays as it is.
    """
    for _ in range(MAX_NEWTON):
        gradient, hessian = counts.derivatives(items)
        hessian = _regular(hessian)
        inner, coupling = hessian[:, 1:, 1:], hessian[:, 0, 1:] * sign[:, None]
        solved = np.linalg.solve(inner, np.stack([gradient[:, 1:], coupling], axis=2))
        sigma_gradient = float(sign @ gradient[:, 0]) - float((coupling * solved[:, :, 0]).sum())
        curvature = float(hessian[:, 0, 0].sum()) - float((coupling * solved[:, :, 1]).sum())
        move = sigma_gradient / curvature if sd_is_free and curvature > 0 else 0.0
        step = np.concatenate([(sign * move)[:, None], solved[:, :, 0] - move * solved[:, :, 1]], axis=1)
        gain = float((step * gradient).sum())
        value = counts.value(items)
        items = _halve_together(items, counts, float(value.sum()), step, sign)
        if gain < 1e-10 * max(1.0, abs(float(value.sum()))):
            break
    return items


def _regular(hessian: FloatArray) -> FloatArray:
    """The negative Hessian with a ridge too small to matter where it is well conditioned."""
    size = hessian.shape[1]
    trace = np.trace(hessian, axis1=1, axis2=2) / size
    out: FloatArray = hessian + (1e-10 * trace + 1e-12)[:, None, None] * np.eye(size)
    return out


def _moved(items: Items, step: FloatArray, length: FloatArray) -> Items:
    intercept = items.intercept.copy()
    intercept[:, 1:] += length[:, None] * step[:, 1:]
    return Items(items.slope + length * step[:, 0], intercept)


def _halve(items: Items, counts: Counts, value: FloatArray, step: FloatArray) -> tuple[Items, FloatArray]:
    """Halve each item's step until its own expected log-likelihood does not fall."""
    length = np.ones(len(value))
    for _ in range(MAX_HALVINGS):
        trial = _moved(items, step, length)
        new = counts.value(trial)
        worse = ~(new >= value - 1e-12 * np.abs(value))
        if not worse.any():
            return trial, new
        length = np.where(worse, length / 2, length)
    return items, value


def _halve_together(items: Items, counts: Counts, value: float, step: FloatArray, sign: FloatArray) -> Items:
    length = 1.0
    for _ in range(MAX_HALVINGS):
        trial = _moved(items, step, np.full(len(step), length))
        if float(sign @ trial.slope) > 0 and float(counts.value(trial).sum()) >= value - 1e-12 * abs(value):
            return trial
        length /= 2
    return items
