"""Starting values for marginal maximum likelihood."""

import numpy as np

from evenhand.measure.digits import Digits
from evenhand.measure.models import Items
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import BoolArray, FloatArray

MAX_PATTERNS = 20_000
"""Patterns used for starting values; more would cost time and change nothing."""


def starting_items(patterns: Patterns, digits: Digits, sign: FloatArray, graded: BoolArray | None) -> Items:
    """Items on the scale of a standard normal to start from.

    Slopes come from the first principal component, intercepts from the shares of the categories. The component's
    signs follow the data, so that an item which points the other way starts there.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> from evenhand.measure.digits import cut
        >>> starting_items(LSAT6, cut(LSAT6), np.ones(5), None).slope.round(1)
        array([0.8, 1.1, 1.3, 1. , 0.9])
    """
    loading = _loadings(patterns)
    if loading @ sign < 0:
        loading = -loading
    slope = 1.7 * loading / np.sqrt(1 - loading**2)
    total = digits.totals
    exists = np.arange(total.shape[1]) < patterns.categories[:, None]
    share = np.where(exists, total + 0.25, 0.0)
    share /= share.sum(axis=1, keepdims=True)
    widen = np.sqrt(1 + slope**2 / 2.9)[:, None]  # a logistic curve averaged over z is flatter by this factor
    with np.errstate(divide="ignore"):
        intercept = np.where(exists, (np.log(share) - np.log(share[:, :1])) * widen, -np.inf)
    intercept[:, 0] = 0.0
    items = Items(slope / np.maximum(1, patterns.categories - 1) ** 0.5, intercept, graded)
    own = items.is_graded
    if own.any():
        above = np.clip(np.cumsum(share[:, ::-1], axis=1)[:, ::-1], 1e-6, 1 - 1e-6)
        cumulative = np.where(exists, np.log(above / (1 - above)) * widen, -np.inf)
        cumulative[:, 0] = 0.0
        items = Items(np.where(own, slope, items.slope), np.where(own[:, None], cumulative, intercept), graded)
    return items


def _loadings(patterns: Patterns) -> FloatArray:
    """(J,) loadings of the items' first principal component, within +-0.95."""
    stride = max(1, patterns.n_patterns // MAX_PATTERNS)
    codes = patterns.codes[::stride].astype(np.float64)
    answered = codes >= 0
    w = patterns.w[::stride, None] * answered
    total = np.maximum(w.sum(axis=0), 1e-300)
    mean = (w * codes).sum(axis=0) / total
    deviation = np.where(answered, codes - mean, 0.0)
    sd = np.sqrt(np.maximum((w * deviation**2).sum(axis=0) / total, 1e-12))
    standard = deviation / sd * np.sqrt(patterns.w[::stride, None])
    together = np.maximum(answered.T.astype(np.float64) @ w, 1e-12)
    correlation = standard.T @ standard / together
    np.fill_diagonal(correlation, 1.0)
    value, vector = np.linalg.eigh(correlation)
    loading: FloatArray = vector[:, -1] * np.sqrt(max(float(value[-1]), 0.0))
    return np.clip(loading, -0.95, 0.95)
