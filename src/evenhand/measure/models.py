"""Item response models: probabilities, their derivatives and information.

Two families, in slope-intercept form, mixed at will in one scale.

Divide-by-total models (Rasch, 2PL, partial credit, generalised partial credit) are exponential families in theta:

    log P(x = k | theta) = k a theta + c_k - B(theta),    B(theta) = log sum_k exp(k a theta + c_k),  c_0 = 0

so that the likelihood of a pattern depends on its answers only through t = sum_j a_j x_j (and through which
items were answered). For a binary item c_1 = -a b; with step thresholds c_k = -a (b_1 + .. + b_k).
(Rasch 1960; Birnbaum 1968; Masters 1982; Muraki 1992.)

Graded items (Samejima 1969) have P(x >= k | theta) = 1 / (1 + exp(-(a theta + c_k))) with c_1 > c_2 > .. and
c_k = -a b_k (so that b_k fall where a is negative). A graded item of two categories is the same as a binary
divide-by-total item and is treated as one.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log1p

from evenhand.measure.responses import BoolArray, FloatArray

SMALLEST = 1e-300
"""Probabilities below this are taken as this in logarithms and quotients: no answer is impossible."""


@dataclass(frozen=True, slots=True)
class Items:
    """J items in slope-intercept form.

    Attributes:
        slope: (J,) slopes a.
        intercept: (J, K) intercepts c_k with c_0 = 0; -inf for categories that an item does not have.
        graded: (J,) which items are graded; None for none.
    """

    slope: FloatArray
    intercept: FloatArray
    graded: BoolArray | None = None

    @property
    def n_items(self) -> int:
        """J."""
        return int(self.slope.shape[0])

    @property
    def top(self) -> FloatArray:
        """(J,) the highest category of each item."""
        out: FloatArray = np.isfinite(self.intercept).sum(axis=1) - 1.0
        return out

    @property
    def is_graded(self) -> BoolArray:
        """(J,) which items are graded and have more than two categories."""
        if self.graded is None:
            return np.zeros(self.n_items, dtype=np.bool_)
        out: BoolArray = self.graded & (self.top > 1)
        return out

    def take(self, chosen: BoolArray) -> "Items":
        """The items where `chosen` (J,) is true, with the same number of category columns."""
        graded = None if self.graded is None else self.graded[chosen]
        return Items(self.slope[chosen], self.intercept[chosen], graded)


def items_from_thresholds(a: FloatArray, b: FloatArray, graded: BoolArray | None = None) -> Items:
    """Items from slopes (J,) and thresholds (J, K - 1), NaN where an item has fewer; steps, or graded ones."""
    steps = np.where(np.isnan(b), -np.inf, -a[:, None] * b)
    with np.errstate(invalid="ignore"):
        added = np.cumsum(steps, axis=1)
    if graded is not None:
        added = np.where(graded[:, None], steps, added)
    intercept = np.concatenate([np.zeros((len(a), 1)), added], axis=1)
    return Items(a, np.where(np.isnan(intercept), -np.inf, intercept), graded)


def thresholds_from_items(items: Items) -> FloatArray:
    """(J, K - 1) thresholds, NaN where an item has fewer: the inverse of `items_from_thresholds`."""
    c = items.intercept
    with np.errstate(invalid="ignore"):
        steps = np.diff(c, axis=1)
    added = np.where(items.is_graded[:, None], c[:, 1:], steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isfinite(c[:, 1:]), -added / items.slope[:, None], np.nan)


def on_standard_scale(items: Items, mean: float, sd: float) -> Items:
    """The same items for z = (theta - mean) / sd."""
    k = np.arange(items.intercept.shape[1])
    times = np.where(items.is_graded[:, None], np.minimum(k, 1), k)
    return Items(items.slope * sd, items.intercept + items.slope[:, None] * mean * times, items.graded)


def is_binary(items: Items) -> bool:
    """Whether every item has two categories."""
    return bool(items.intercept.shape[1] == 2)


def log_normaliser(items: Items, theta: FloatArray) -> FloatArray:
    """(J, Q) B_j(theta_q) of divide-by-total items, 0 for graded ones."""
    if is_binary(items):
        eta = items.slope[:, None] * theta + items.intercept[:, 1:]
        out: FloatArray = np.maximum(eta, 0) + log1p(np.exp(-np.abs(eta)))
        return out
    eta = _linear(items, theta)
    top = eta.max(axis=1)
    summed: FloatArray = top + np.log(np.exp(eta - top[:, None, :]).sum(axis=1))
    return np.where(items.is_graded[:, None], 0.0, summed)


def probabilities(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K, Q) P(x_j = k | theta_q); 0 for categories that an item does not have."""
    if is_binary(items):
        upper = expit(items.slope[:, None] * theta + items.intercept[:, 1:])
        return np.stack([1 - upper, upper], axis=1)
    graded = items.is_graded
    if graded.any():
        out = np.empty((items.n_items, items.intercept.shape[1], len(theta)))
        out[~graded] = _divided(items.take(~graded), theta)
        out[graded] = _graded(items.take(graded), theta)
        return out
    return _divided(items, theta)


def _divided(items: Items, theta: FloatArray) -> FloatArray:
    eta = _linear(items, theta)
    unscaled = np.exp(eta - eta.max(axis=1, keepdims=True))
    out: FloatArray = unscaled / unscaled.sum(axis=1, keepdims=True)
    return out


def _graded(items: Items, theta: FloatArray) -> FloatArray:
    """Differences of cumulative curves, taken on the side where they do not cancel."""
    eta = items.slope[:, None, None] * theta + items.intercept[:, :, None]
    eta[:, 0, :] = np.inf
    below = np.concatenate([eta[:, 1:, :], np.full((items.n_items, 1, len(theta)), -np.inf)], axis=1)
    upper_side = expit(eta) - expit(below)
    lower_side = expit(-below) - expit(-eta)
    middle = np.where(np.isfinite(eta), eta, 0) + np.where(np.isfinite(below), below, 0)
    out: FloatArray = np.where(middle > 0, lower_side, upper_side)
    return np.maximum(out, 0.0)


def cumulative_slopes(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K + 1, Q) derivatives s_k = P*(1 - P*) of the cumulative curves of graded items; 0 at both ends."""
    eta = items.slope[:, None, None] * theta + items.intercept[:, 1:, None]
    curve = expit(eta)
    s = np.where(np.isfinite(eta), curve * (1 - curve), 0.0)
    edge = np.zeros((items.n_items, 1, len(theta)))
    return np.concatenate([edge, s, edge], axis=1)


def category_moments(items: Items, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, variance and third central moment of the category given theta: three (J, Q) arrays."""
    if is_binary(items):
        eta = items.slope[:, None] * theta + items.intercept[:, 1:]
        p, q = expit(eta), expit(-eta)  # 1 - p would lose the upper tail
        variance = p * q
        return p, variance, variance * (q - p)
    p = probabilities(items, theta)
    k = np.arange(p.shape[1], dtype=np.float64)
    mean = np.einsum("jkq,k->jq", p, k)
    deviation = k[None, :, None] - mean[:, None, :]
    variance = np.einsum("jkq,jkq->jq", p, deviation**2)
    return mean, variance, np.einsum("jkq,jkq->jq", p, deviation**3)


def derivatives(items: Items, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """P, dP/dtheta and d2P/dtheta2 of every category: three (J, K, Q) arrays."""
    p = probabilities(items, theta)
    k = np.arange(p.shape[1], dtype=np.float64)
    a = items.slope[:, None, None]
    mean, variance, _ = category_moments(items, theta)
    deviation = k[None, :, None] - mean[:, None, :]
    first = a * p * deviation
    second = a**2 * p * (deviation**2 - variance[:, None, :])
    graded = items.is_graded
    if graded.any():
        own = items.take(graded)
        s = cumulative_slopes(own, theta)
        curve = np.cumsum(p[graded][:, ::-1, :], axis=1)[:, ::-1, :]  # P(x >= k)
        bend = s[:, :-1, :] * (1 - 2 * curve)
        bend = np.concatenate([bend, np.zeros_like(bend[:, :1, :])], axis=1)
        first[graded] = a[graded] * (s[:, :-1, :] - s[:, 1:, :])
        second[graded] = a[graded] ** 2 * (bend[:, :-1, :] - bend[:, 1:, :])
    return p, first, second


def information(items: Items, theta: FloatArray) -> FloatArray:
    """(J, Q) Fisher information: sum_k (dP_k/dtheta)^2 / P_k, which is a^2 Var(x | theta) if divide-by-total."""
    out: FloatArray = items.slope[:, None] ** 2 * category_moments(items, theta)[1]
    graded = items.is_graded
    if graded.any():
        p, first, _ = derivatives(items.take(graded), theta)
        out[graded] = (first**2 / np.maximum(p, SMALLEST)).sum(axis=1)
    return out


def log_probabilities(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K, Q) log P(x_j = k | theta_q), exact in the tails of divide-by-total items."""
    if not items.is_graded.any():
        return _linear(items, theta) - log_normaliser(items, theta)[:, None, :]
    return np.log(np.maximum(probabilities(items, theta), SMALLEST))


def _linear(items: Items, theta: FloatArray) -> FloatArray:
    k = np.arange(items.intercept.shape[1])
    out: FloatArray = (items.slope[:, None] * k)[:, :, None] * theta + items.intercept[:, :, None]
    return out
