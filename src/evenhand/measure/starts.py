"""Starting values for marginal maximum likelihood."""

from typing import Literal

import numpy as np

from evenhand.measure.digits import Digits
from evenhand.measure.models import Items
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import FloatArray

MAX_PATTERNS = 20_000
"""Patterns used for starting values; more would cost time and change nothing."""


def starting_items(
    patterns: Patterns, digits: Digits, slopes: Literal["free", "shared"], sign: FloatArray, fixed_sd: float | None
) -> Items:
    """Items on the scale of z to start from: slopes from the first principal component, intercepts from shares.

    The component's signs follow the data, so that an item which points the other way starts there.
    """
    loading = _loadings(patterns)
    if loading @ sign < 0:
        loading = -loading
    slope = 1.7 * loading / np.sqrt(1 - loading**2)
    if slopes == "shared":
        slope = sign * (fixed_sd if fixed_sd is not None else float(np.clip(np.abs(slope).mean(), 0.3, 5.0)))
    total = digits.totals
    share = (total + 0.25) / (total.sum(axis=1, keepdims=True) + 0.25 * total.shape[1])
    exists = np.arange(total.shape[1]) < patterns.categories[:, None]
    step = np.log(share) - np.log(share[:, :1])
    widen = np.sqrt(1 + slope**2 / 2.9)  # a logistic curve averaged over z is flatter by about this factor
    intercept = np.where(exists, step * widen[:, None], -np.inf)
    intercept[:, 0] = 0.0
    return Items(slope, intercept)


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
