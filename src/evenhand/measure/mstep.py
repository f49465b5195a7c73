"""Maximise the expected complete-data log-likelihood: a regression for each item, by Newton's method.

For a divide-by-total item it is  a S + sum_k c_k R_k - sum_q N_q B(theta_q; a, c),  concave in (a, c_1, .., c_m),
with S the weighted sum of x E(theta | x), R_k the weight of category k and N_q the expected weight at node q. For
a graded item it is  sum_kq r_kq log P_k(theta_q)  with r_kq the expected weight of category k at node q; Newton's
method then uses the expected information. Parameters may be fixed, and slopes shared: a_j = sign_j sigma.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.models import SMALLEST, Items, cumulative_slopes, log_normaliser, probabilities
from evenhand.measure.responses import BoolArray, FloatArray

MAX_NEWTON = 4
"""Newton steps an M-step: an M-step need not be finished for the cycles to converge to the maximum."""

MAX_HALVINGS = 30


@dataclass(frozen=True, slots=True)
class Free:
    """Which item parameters are estimated.

    Attributes:
        slope: (J,) slopes that are free, each on its own.
        shared: (J,) slopes that are sign_j times one shared, free number.
        sign: (J,) +1 or -1, the direction of each item.
        intercept: (J, K - 1) free intercepts.
    """

    slope: BoolArray
    shared: BoolArray
    sign: FloatArray
    intercept: BoolArray

    @property
    def own(self) -> BoolArray:
        """(J, K) free parameters of each item's own: slope, then intercepts."""
        return np.concatenate([self.slope[:, None], self.intercept], axis=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """The sufficient statistics of an M-step.

    Attributes:
        S: (J,) weighted sum of x E(theta | x).
        R: (J, K - 1) weight of each category above 0.
        N: (J, Q) or (1, Q) expected weight of those who answered the item, at each node.
        nodes: (Q,) nodes on the metric of theta, those of all groups in a row.
        exists: (J, K - 1) whether the item has the category.
        graded: (J_g, K, Q) expected weight of each category of the graded items at each node, None without any.
    """

    S: FloatArray
    R: FloatArray
    N: FloatArray
    nodes: FloatArray
    exists: BoolArray
    graded: FloatArray | None = None

    def value(self, items: Items) -> FloatArray:
        """(J,) expected complete-data log-likelihood of each item."""
        c = np.where(self.exists, items.intercept[:, 1:], 0.0)
        fit = items.slope * self.S + (c * self.R).sum(axis=1)
        out: FloatArray = fit - (self.N * log_normaliser(items, self.nodes)).sum(axis=1)
        if self.graded is not None:
            graded = items.is_graded
            p = probabilities(items.take(graded), self.nodes)
            out[graded] = (self.graded * np.log(np.maximum(p, SMALLEST))).sum(axis=(1, 2))
        return out

    def derivatives(self, items: Items) -> tuple[FloatArray, FloatArray]:
        """Gradient (J, K) and negative Hessian (J, K, K) for (a, c_1, .., c_{K-1}) of each item."""
        gradient, hessian = self._divided(items)
        if self.graded is not None:
            graded = items.is_graded
            gradient[graded], hessian[graded] = self._graded(items.take(graded), self.graded)
        return gradient, hessian

    def gradient(self, items: Items) -> FloatArray:
        """(J, K) the gradient alone."""
        p = probabilities(items, self.nodes)[:, 1:, :]
        k = np.arange(1, p.shape[1] + 1, dtype=np.float64)
        by_slope = self.S - (np.einsum("jkq,k->jq", p, k) * self.N) @ self.nodes
        expected = np.einsum("jkq,jq->jk", p, np.broadcast_to(self.N, (len(p), p.shape[2])))
        out = np.concatenate([by_slope[:, None], np.where(self.exists, self.R - expected, 0.0)], axis=1)
        if self.graded is not None:
            graded = items.is_graded
            jet, p = graded_jet(items.take(graded), self.nodes)
            out[graded] = np.einsum("jkq,jklq->jl", self.graded / np.maximum(p, SMALLEST), jet)
        return out

    def _divided(self, items: Items) -> tuple[FloatArray, FloatArray]:
        p = probabilities(items, self.nodes)[:, 1:, :]
        k = np.arange(1, p.shape[1] + 1, dtype=np.float64)
        mean = np.einsum("jkq,k->jq", p, k)
        square = np.einsum("jkq,k->jq", p, k**2)
        z, N = self.nodes, np.broadcast_to(self.N, mean.shape)
        size = p.shape[1] + 1
        gradient = np.empty((len(mean), size))
        gradient[:, 0] = self.S - (N * mean) @ z
        expected = np.einsum("jkq,jq->jk", p, N)
        gradient[:, 1:] = np.where(self.exists, self.R - expected, 0.0)
        hessian = np.empty((len(mean), size, size))
        hessian[:, 0, 0] = (N * (square - mean**2)) @ z**2
        cross = np.einsum("jkq,jq->jk", p * (k[:, None] - mean[:, None, :]), N * z)
        hessian[:, 0, 1:] = hessian[:, 1:, 0] = cross
        block = -np.einsum("jkq,jlq->jkl", p * N[:, None, :], p)
        own = np.arange(size - 1)
        block[:, own, own] += expected
        hessian[:, 1:, 1:] = block
        return gradient, hessian

    def _graded(self, items: Items, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        jet, p = graded_jet(items, self.nodes)
        p = np.maximum(p, SMALLEST)
        gradient = np.einsum("jkq,jklq->jl", weight / p, jet)
        scaled = jet * np.sqrt(weight.sum(axis=1)[:, None, :] / p)[:, :, None, :]
        flat = scaled.transpose(0, 2, 1, 3).reshape(len(p), jet.shape[2], -1)
        return gradient, flat @ flat.transpose(0, 2, 1)


def graded_jet(items: Items, nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(J, K, K, Q) derivatives of P_k in (a, c_1, .., c_{K-1}), and (J, K, Q) P_k."""
    p = probabilities(items, nodes)
    s = cumulative_slopes(items, nodes)
    n_categories = p.shape[1]
    jet = np.zeros((len(p), n_categories, n_categories, len(nodes)))
    jet[:, :, 0, :] = nodes * (s[:, :-1, :] - s[:, 1:, :])
    for step in range(1, n_categories):
        jet[:, step, step, :] = s[:, step, :]
        jet[:, step - 1, step, :] = -s[:, step, :]
    return jet, p


def maximise(items: Items, counts: Counts, free: Free) -> Items:
    """The items that maximise the expected log-likelihood over their free parameters."""
    value = counts.value(items)
    own, shared = free.own, free.shared
    for _ in range(MAX_NEWTON):
        gradient, hessian = counts.derivatives(items)
        held = _regular(np.where(own[:, :, None] & own[:, None, :], hessian, 0.0), own)
        coupling = np.where(own, hessian[:, 0, :], 0.0) * (free.sign * shared)[:, None]
        solved = np.linalg.solve(held, np.stack([np.where(own, gradient, 0.0), coupling], axis=2))
        step = solved[:, :, 0]
        if shared.any():
            sigma_gradient = float((free.sign * gradient[:, 0])[shared].sum() - (coupling * step).sum())
            curvature = float(hessian[shared, 0, 0].sum() - (coupling * solved[:, :, 1]).sum())
            move = sigma_gradient / curvature if curvature > 0 else 0.0
            step = step - move * solved[:, :, 1]
            step[:, 0] += np.where(shared, free.sign * move, 0.0)
        gain = float((step * gradient).sum())
        items, value = _halve(items, counts, value, step, together=bool(shared.any()))
        if gain < 1e-10 * max(1.0, float(np.abs(value).sum())):
            break
    return items


def _regular(hessian: FloatArray, own: BoolArray) -> FloatArray:
    """Ones for fixed parameters, and a ridge too small to matter where a matrix is well conditioned."""
    size = hessian.shape[1]
    place = np.arange(size)
    out = hessian.copy()
    trace = np.trace(hessian, axis1=1, axis2=2) / size
    out[:, place, place] += np.where(own, (1e-10 * trace + 1e-12)[:, None], 1.0)
    return out


def _moved(items: Items, step: FloatArray, length: FloatArray) -> Items:
    intercept = items.intercept.copy()
    intercept[:, 1:] += length[:, None] * step[:, 1:]
    return Items(items.slope + length * step[:, 0], intercept, items.graded)


def _halve(
    items: Items, counts: Counts, value: FloatArray, step: FloatArray, *, together: bool
) -> tuple[Items, FloatArray]:
    """Halve each item's step until its own expected log-likelihood does not fall; together, until the sum does."""
    length = np.ones(len(value))
    for _ in range(MAX_HALVINGS):
        trial = _moved(items, step, length)
        new = counts.value(trial)
        if together:
            fallen = not new.sum() >= value.sum() - 1e-12 * abs(float(value.sum()))
            worse = np.full(len(value), fallen)
        else:
            worse = ~(new >= value - 1e-12 * np.abs(value))
        if not worse.any():
            return trial, new
        length = np.where(worse, length / 2, length)
    return items, value
