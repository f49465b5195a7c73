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
    """Items from slopes (J,) and thresholds (J, K - 1), NaN where an item has fewer; steps, or graded ones.

    Example:
        >>> items_from_thresholds(np.array([1.0, 2.0]), np.array([[0.5], [-1.0]])).intercept
        array([[ 0. , -0.5],
               [ 0. ,  2. ]])
    """
    steps = np.where(np.isnan(b), -np.inf, -a[:, None] * b)
    with np.errstate(invalid="ignore"):
        added = np.cumsum(steps, axis=1)
    if graded is not None:
        added = np.where(graded[:, None], steps, added)
    intercept = np.concatenate([np.zeros((len(a), 1)), added], axis=1)
    return Items(a, np.where(np.isnan(intercept), -np.inf, intercept), graded)


def thresholds_from_items(items: Items) -> FloatArray:
    """(J, K - 1) thresholds, NaN where an item has fewer: the inverse of `items_from_thresholds`.

    Example:
        >>> from evenhand.measure.examples import CREDIT_ITEMS
        >>> thresholds_from_items(CREDIT_ITEMS)
        array([[-1. ,  0.5],
               [-0.5,  0.8],
               [ 0. ,  1.2]])
    """
    c = items.intercept
    with np.errstate(invalid="ignore"):
        steps = np.diff(c, axis=1)
    added = np.where(items.is_graded[:, None], c[:, 1:], steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isfinite(c[:, 1:]), -added / items.slope[:, None], np.nan)


def on_standard_scale(items: Items, mean: float, sd: float) -> Items:
    """The same items for z = (theta - mean) / sd.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> on_standard_scale(LSAT6_ITEMS, 1.0, 2.0).slope.round(2)
        array([1.65, 1.45, 1.78, 1.38, 1.32])
    """
    k = np.arange(items.intercept.shape[1])
    times = np.where(items.is_graded[:, None], np.minimum(k, 1), k)
    return Items(items.slope * sd, items.intercept + items.slope[:, None] * mean * times, items.graded)


def is_binary(items: Items) -> bool:
    """Whether every item has two categories.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> is_binary(LSAT6_ITEMS)
        True
    """
    return bool(items.intercept.shape[1] == 2)


def log_normaliser(items: Items, theta: FloatArray) -> FloatArray:
    """(J, Q) B_j(theta_q) of divide-by-total items, 0 for graded ones.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> log_normaliser(LSAT6_ITEMS, np.array([0.0])).ravel().round(2)
        array([2.83, 1.31, 0.83, 1.53, 2.17])
    """
    if is_binary(items):
        eta = items.slope[:, None] * theta + items.intercept[:, 1:]
        out: FloatArray = np.maximum(eta, 0) + log1p(np.exp(-np.abs(eta)))
        return out
    eta = _linear(items, theta)
    top = eta.max(axis=1)
    summed: FloatArray = top + np.log(np.exp(eta - top[:, None, :]).sum(axis=1))
    return np.where(items.is_graded[:, None], 0.0, summed)


def probabilities(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K, Q) P(x_j = k | theta_q); 0 for categories that an item does not have.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> probabilities(LSAT6_ITEMS, np.array([-1.0, 1.0]))[2].round(3)
        array([[0.655, 0.242],
               [0.345, 0.758]])
    """
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
    return graded_curves(items, theta)[0]


def graded_curves(items: Items, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities (J, K, Q) and slopes (J, K + 1, Q) of the cumulative curves of graded items.

    With F the logistic function P_k = F(u) - F(l) = F(u) F(-l) (1 - exp(l - u)), u and l the logits of the curves
    above and below category k. Their distance does not depend on theta, and nothing cancels. The slopes are
    s_k = F(u) F(-u), 0 at both ends.

    Example:
        >>> from evenhand.measure.examples import GRADED_ITEMS
        >>> graded_curves(GRADED_ITEMS, np.array([0.0]))[0][0].ravel().round(3)
        array([0.269, 0.354, 0.378])
    """
    c = items.intercept[:, 1:]
    eta = items.slope[:, None, None] * theta + c[:, :, None]
    small = np.exp(-np.abs(eta))
    large = 1 / (1 + small)
    small *= large
    positive = eta > 0
    edge = np.ones((len(c), 1, len(theta)))
    above = np.concatenate([edge, np.where(positive, large, small)], axis=1)
    below = np.concatenate([np.where(positive, small, large), edge], axis=1)
    apart = np.ones((len(c), c.shape[1] + 1, 1))
    there = np.isfinite(c[:, 1:])
    with np.errstate(invalid="ignore"):
        apart[:, 1:-1, 0] = np.where(there, -np.expm1(np.minimum(c[:, 1:] - c[:, :-1], 0.0)), 1.0)
    slopes = np.concatenate([0 * edge, large * small, 0 * edge], axis=1)
    return above * below * apart, slopes


def cumulative_slopes(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K + 1, Q) derivatives s_k = P*(1 - P*) of the cumulative curves of graded items; 0 at both ends.

    Example:
        >>> from evenhand.measure.examples import GRADED_ITEMS
        >>> cumulative_slopes(GRADED_ITEMS, np.array([0.0]))[0].ravel().round(3)
        array([0.   , 0.197, 0.235, 0.   ])
    """
    return graded_curves(items, theta)[1]


def category_moments(items: Items, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, variance and third central moment of the category given theta: three (J, Q) arrays.

    Example:
        >>> from evenhand.measure.examples import CREDIT_ITEMS
        >>> mean, variance, third = category_moments(CREDIT_ITEMS, np.array([0.0]))
        >>> mean.ravel().round(2), variance.ravel().round(2)
        (array([1.12, 0.92, 0.7 ]), array([0.48, 0.51, 0.47]))
    """
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
    """P, dP/dtheta and d2P/dtheta2 of every category: three (J, K, Q) arrays.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> p, first, second = derivatives(LSAT6_ITEMS, np.array([0.0]))
        >>> first[2].ravel().round(3)
        array([-0.219,  0.219])
    """
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
    """(J, Q) Fisher information: sum_k (dP_k/dtheta)^2 / P_k, which is a^2 Var(x | theta) if divide-by-total.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> information(LSAT6_ITEMS, np.array([0.0])).ravel().round(3)
        array([0.038, 0.103, 0.195, 0.08 , 0.044])
    """
    out: FloatArray = items.slope[:, None] ** 2 * category_moments(items, theta)[1]
    graded = items.is_graded
    if graded.any():
        p, first, _ = derivatives(items.take(graded), theta)
        out[graded] = (first**2 / np.maximum(p, SMALLEST)).sum(axis=1)
    return out


def log_probabilities(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K, Q) log P(x_j = k | theta_q), exact in the tails of divide-by-total items.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> np.exp(log_probabilities(LSAT6_ITEMS, np.array([0.0])))[2].ravel().round(3)
        array([0.438, 0.562])
    """
    if not items.is_graded.any():
        return _linear(items, theta) - log_normaliser(items, theta)[:, None, :]
    return np.log(np.maximum(probabilities(items, theta), SMALLEST))


def _linear(items: Items, theta: FloatArray) -> FloatArray:
    k = np.arange(items.intercept.shape[1])
    out: FloatArray = (items.slope[:, None] * k)[:, :, None] * theta + items.intercept[:, :, None]
    return out
