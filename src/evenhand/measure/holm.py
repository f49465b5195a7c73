"""Decisions over several items: adjusted p-values, sizes and which items stay anchors.

Testing J items at .05 each raises a false alarm in up to J of 20 sets of fair items. Holm's step-down adjustment
(Holm 1979) holds the chance of any false alarm in the family at .05 whatever the dependence between the tests.
"""

from typing import Literal

import numpy as np

from evenhand.measure.responses import BoolArray, FloatArray

Size = Literal["A", "B", "C"]
"""A negligible, B moderate, C large: the letters of the Educational Testing Service (Zieky 1993)."""

ALPHA = 0.05
"""Chance of any false alarm in a family of tests."""


def holm(p: FloatArray) -> FloatArray:
    """Holm's adjusted p-values: adjusted_(i) = max_{h <= i} min(1, (m - h + 1) p_(h)), p_(1) <= .. <= p_(m).

    Args:
        p: p-values of any shape; NaN where there is no test, which is then no member of the family.

    Returns:
        adjusted p-values of the same shape, NaN where p is.

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3)
        array([0.03, 0.06, 0.06])
    """
    flat = np.asarray(p, dtype=np.float64).ravel()
    out = np.full(len(flat), np.nan)
    tested = np.flatnonzero(np.isfinite(flat))
    order = tested[np.argsort(flat[tested], kind="stable")]
    factor = len(order) - np.arange(len(order))
    out[order] = np.minimum(1.0, np.maximum.accumulate(flat[order] * factor)) if len(order) else []
    return out.reshape(np.shape(p))


def size_of(effect: float, moderate: float, large: float) -> Size:
    """The letter of an effect: C from `large`, B from `moderate`, A below, by its absolute value.

    Example:
        >>> size_of(-0.5, 0.426, 0.638)
        'B'
    """
    return "C" if abs(effect) >= large else "B" if abs(effect) >= moderate else "A"


def flags(p: FloatArray, sizes: tuple[Size | None, ...], alpha: float = ALPHA) -> BoolArray:
    """(m,) which of a family of items stand out: adjusted p below alpha and an effect that is not negligible.

    Args:
        p: (m,) p-values, NaN where there is no test.
        sizes: (m,) letters, None where there is no effect.
        alpha: chance of any false alarm.

    Example:
        >>> flags(np.array([0.001, 0.001, 0.5]), ("C", "A", "C"))
        array([ True, False, False])
    """
    adjusted = np.nan_to_num(holm(p), nan=1.0)
    large = np.array([size in {"B", "C"} for size in sizes], dtype=np.bool_)
    out: BoolArray = (adjusted < alpha) & large
    return out


def anchors_left(flagged: BoolArray, p: FloatArray, at_least: int) -> BoolArray:
    """(J,) the items that stay anchors: those not flagged, and the least flagged ones until there are enough.

    Args:
        flagged: (J,) items that stand out.
        p: (J,) their p-values.
        at_least: fewest anchors that carry a comparison.

    Example:
        >>> anchors_left(np.array([True, True, False]), np.array([0.01, 0.04, 0.6]), 2)
        array([False,  True,  True])
    """
    anchors = ~flagged
    missing = min(at_least, len(flagged)) - int(anchors.sum())
    if missing > 0:
        places = np.flatnonzero(flagged)
        order = places[np.argsort(-np.nan_to_num(p[places], nan=1.0), kind="stable")]
        anchors = anchors.copy()
        anchors[order[:missing]] = True
    return anchors
