"""Maximise the expected complete-data log-likelihood: a regression for each item, by Newton's method.

For a divide-by-total item it is  a S + sum_k c_k R_k - sum_q N_q B(theta_q; a, c),  concave in (a, c_1, .., c_m),
with S the weighted sum of x E(theta | x), R_k the weight of category k and N_q the expected weight at node q. For
a graded item it is  sum_kq r_kq log P_k(theta_q)  with r_kq the expected weight of category k at node q; Newton's
method then uses the expected information. Parameters may be fixed, and slopes shared: a_j = sign_j sigma.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.models import SMALLEST, Items, graded_curves, log_normaliser, probabilities
from evenhand.measure.responses import BoolArray, FloatArray

MAX_NEWTON = 4
"""Newton steps an M-step: an M-step need not be finished for the cycles to converge to the maximum."""

ENOUGH = 1e-3
"""A step that promises less than this share of the largest before it is the last."""

MAX_HALVINGS = 30

NOISE = 1e-12
"""Rounding of an expected log-likelihood, as a share of the size of its terms."""


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
        return self.value_and_size(items)[0]

    def value_and_size(self, items: Items) -> tuple[FloatArray, FloatArray]:
        """(J,) expected complete-data log-likelihood of each item, and (J,) the sum of its terms' sizes.

        The terms of a divide-by-total item cancel where its curve is steep: rounding goes with their size.
        """
        if self.graded is None:
            return self._divided_value(items)
        own = items.is_graded
        p = probabilities(items.take(own), self.nodes)
        value = (self.graded * np.log(np.maximum(p, SMALLEST))).sum(axis=(1, 2))
        if own.all():
            return value, -value
        out, size = self._divided_value(items)
        out[own], size[own] = value, -value
        return out, size

    def _divided_value(self, items: Items) -> tuple[FloatArray, FloatArray]:
        c = np.where(self.exists, items.intercept[:, 1:], 0.0)
        by_slope, by_category = items.slope * self.S, c * self.R
        norm = (self.N * log_normaliser(items, self.nodes)).sum(axis=1)
        return by_slope + by_category.sum(axis=1) - norm, np.abs(by_slope) + np.abs(by_category).sum(axis=1) + norm

    def derivatives(self, items: Items) -> tuple[FloatArray, FloatArray]:
        """Gradient (J, K) and negative Hessian (J, K, K) for (a, c_1, .., c_{K-1}) of each item."""
        if self.graded is None:
            return self._divided(items)
        own = items.is_graded
        found = self._graded(items.take(own), self.graded)
        if own.all():
            return found
        gradient, hessian = self._divided(items)
        gradient[own], hessian[own] = found
        return gradient, hessian

    def gradient(self, items: Items) -> FloatArray:
        """(J, K) the gradient alone."""
        if self.graded is None:
            return self._divided_gradient(items)
        own = items.is_graded
        found = self._graded_gradient(*graded_curves(items.take(own), self.nodes), self.graded)
        if own.all():
            return found
        out = self._divided_gradient(items)
        out[own] = found
        return out

    def _divided_gradient(self, items: Items) -> FloatArray:
        p = probabilities(items, self.nodes)[:, 1:, :]
        k = np.arange(1, p.shape[1] + 1, dtype=np.float64)
        by_slope = self.S - (np.einsum("jkq,k->jq", p, k) * self.N) @ self.nodes
        expected = np.einsum("jkq,jq->jk", p, np.broadcast_to(self.N, (len(p), p.shape[2])))
        return np.concatenate([by_slope[:, None], np.where(self.exists, self.R - expected, 0.0)], axis=1)

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

    def _graded_gradient(self, p: FloatArray, s: FloatArray, weight: FloatArray) -> FloatArray:
        """(J, K) from P_k = F_k - F_(k+1) and the slopes s of F: each curve moves weight between its two sides."""
        ratio = weight / np.maximum(p, SMALLEST)
        moved = s[:, 1:-1] * (ratio[:, 1:] - ratio[:, :-1])
        by_slope = moved.sum(axis=1) @ self.nodes
        return np.concatenate([by_slope[:, None], moved.sum(axis=2)], axis=1)

    def _graded(self, items: Items, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The gradient, and the expected information sum of N (dP_k)(dP_k)' / P_k."""
        p, s = graded_curves(items, self.nodes)
        gradient = self._graded_gradient(p, s, weight)
        per_p = weight.sum(axis=1)[:, None, :] / np.maximum(p, SMALLEST)
        rise = s[:, :-1] - s[:, 1:]
        share = rise * per_p
        size = p.shape[1]
        inner = s[:, 1:-1]
        out = np.zeros((len(p), size, size))
        out[:, 0, 0] = (share * rise).sum(axis=1) @ self.nodes**2
        out[:, 0, 1:] = out[:, 1:, 0] = (inner * (share[:, 1:] - share[:, :-1])) @ self.nodes
        own = np.arange(1, size)
        out[:, own, own] = (inner**2 * (per_p[:, 1:] + per_p[:, :-1])).sum(axis=2)
        out[:, own[1:], own[:-1]] = -(inner[:, 1:] * inner[:, :-1] * per_p[:, 1:-1]).sum(axis=2)
        out[:, own[:-1], own[1:]] = out[:, own[1:], own[:-1]]
        return gradient, out


def graded_jet(items: Items, nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(J, K, K, Q) derivatives of P_k in (a, c_1, .., c_{K-1}), and (J, K, Q) P_k."""
    p, s = graded_curves(items, nodes)
    n_categories = p.shape[1]
    jet = np.zeros((len(p), n_categories, n_categories, len(nodes)))
    jet[:, :, 0, :] = nodes * (s[:, :-1, :] - s[:, 1:, :])
    for step in range(1, n_categories):
        jet[:, step, step, :] = s[:, step, :]
        jet[:, step - 1, step, :] = -s[:, step, :]
    return jet, p


def maximise(items: Items, counts: Counts, free: Free) -> Items:
    """The items that maximise the expected log-likelihood over their free parameters."""
    value, size = counts.value_and_size(items)
    own, shared = free.own, free.shared
    enough = 0.0
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
        enough = max(enough, ENOUGH * gain, 1e-10 * max(1.0, float(np.abs(value).sum())))
        items, value, size = _halve(items, counts, (value, size), step, together=bool(shared.any()))
        if gain < enough:
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
    items: Items, counts: Counts, at: tuple[FloatArray, FloatArray], step: FloatArray, *, together: bool
) -> tuple[Items, FloatArray, FloatArray]:
    """Halve each item's step until its own expected log-likelihood does not fall; together, until the sum does."""
    value, size = at
    noise = NOISE * size
    length = np.ones(len(value))
    for _ in range(MAX_HALVINGS):
        trial = _moved(items, step, length)
        new, new_size = counts.value_and_size(trial)
        if together:
            fallen = not new.sum() >= value.sum() - noise.sum()
            worse = np.full(len(value), fallen)
        else:
            worse = ~(new >= value - noise)
        if not worse.any():
            return trial, new, new_size
        length = np.where(worse, length / 2, length)
    return items, value, size
