"""Item response models: probabilities and information.

Every model here is written in slope-intercept form, in which it is an exponential family in theta:

    log P(x = k | theta) = k a theta + c_k - B(theta),    B(theta) = log sum_k exp(k a theta + c_k),  c_0 = 0

so that the likelihood of a pattern depends on its answers only through t = sum_j a_j x_j (and through which
items were answered). For a binary item c_1 = -a b. The Rasch model is a = 1 (or -1 for an item that points the
other way); the two-parameter logistic (2PL) model leaves a free. (Birnbaum 1968; Rasch 1960.)
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log1p

from evenhand.measure.responses import FloatArray


@dataclass(frozen=True, slots=True)
class Items:
    """J items in slope-intercept form.

    Attributes:
        slope: (J,) slopes a.
        intercept: (J, K) intercepts c_k with c_0 = 0; -inf for categories that an item does not have.
    """

    slope: FloatArray
    intercept: FloatArray

    @property
    def n_items(self) -> int:
        """J."""
        return int(self.slope.shape[0])


def items_from_thresholds(a: FloatArray, b: FloatArray) -> Items:
    """Items from slopes (J,) and step thresholds (J, K - 1), NaN where an item has fewer steps."""
    steps = np.where(np.isnan(b), -np.inf, -a[:, None] * b)
    with np.errstate(invalid="ignore"):
        intercept = np.concatenate([np.zeros((len(a), 1)), np.cumsum(steps, axis=1)], axis=1)
    return Items(a, np.where(np.isnan(intercept), -np.inf, intercept))


def on_standard_scale(items: Items, mean: float, sd: float) -> Items:
    """The same items for z = (theta - mean) / sd."""
    k = np.arange(items.intercept.shape[1])
    return Items(items.slope * sd, items.intercept + np.outer(items.slope * mean, k))


def is_binary(items: Items) -> bool:
    """Whether every item has two categories."""
    return bool(items.intercept.shape[1] == 2)


def log_normaliser(items: Items, theta: FloatArray) -> FloatArray:
    """(J, Q) B_j(theta_q)."""
    if is_binary(items):
        eta = items.slope[:, None] * theta + items.intercept[:, 1:]
        out: FloatArray = np.maximum(eta, 0) + log1p(np.exp(-np.abs(eta)))
        return out
    eta = _linear(items, theta)
    top = eta.max(axis=1)
    summed: FloatArray = top + np.log(np.exp(eta - top[:, None, :]).sum(axis=1))
    return summed


def probabilities(items: Items, theta: FloatArray) -> FloatArray:
    """(J, K, Q) P(x_j = k | theta_q)."""
    if is_binary(items):
        upper = expit(items.slope[:, None] * theta + items.intercept[:, 1:])
        return np.stack([1 - upper, upper], axis=1)
    eta = _linear(items, theta)
    unscaled = np.exp(eta - eta.max(axis=1, keepdims=True))
    out: FloatArray = unscaled / unscaled.sum(axis=1, keepdims=True)
    return out


def category_moments(items: Items, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, variance and third central moment of the category given theta: three (J, Q) arrays."""
    if is_binary(items):
        p = expit(items.slope[:, None] * theta + items.intercept[:, 1:])
        variance = p * (1 - p)
        return p, variance, variance * (1 - 2 * p)
    p = probabilities(items, theta)
    k = np.arange(p.shape[1], dtype=np.float64)
    mean = np.einsum("jkq,k->jq", p, k)
    deviation = k[None, :, None] - mean[:, None, :]
    variance = np.einsum("jkq,jkq->jq", p, deviation**2)
    return mean, variance, np.einsum("jkq,jkq->jq", p, deviation**3)


def information(items: Items, theta: FloatArray) -> FloatArray:
    """(J, Q) Fisher information of each item: a^2 Var(x | theta)."""
    return items.slope[:, None] ** 2 * category_moments(items, theta)[1]


def _linear(items: Items, theta: FloatArray) -> FloatArray:
    k = np.arange(items.intercept.shape[1])
    out: FloatArray = (items.slope[:, None] * k)[:, :, None] * theta + items.intercept[:, :, None]
    return out
