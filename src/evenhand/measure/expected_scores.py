"""Expected raw score at theta (the test characteristic curve), and theta at an expected score.

The raw score counts each answer in the direction of theta: where the slope is negative it counts the top
category less the answer. The curve T(theta) then rises from 0 to the highest score and can be inverted
(Lord 1980, ch. 4; Kolen & Brennan 2014, ch. 6). It has no finite inverse at 0 and at the highest score.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.models import Items, category_moments, derivatives
from evenhand.measure.responses import BoolArray, FloatArray

TOLERANCE = 1e-10
MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Raw scores and where the expected score equals them.

    Attributes:
        score: (R,) raw scores 0, 1, .., highest.
        theta: (R,) theta with that expected score; -inf and +inf at the ends.
        se: (R,) SD of the raw score at theta over the slope of T there; inf at the ends.
    """

    score: FloatArray
    theta: FloatArray
    se: FloatArray


def expected_item_scores(items: Items, theta: FloatArray) -> FloatArray:
    """(J, Q) expected score of each item at each theta, in the direction of theta; any model.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> expected_item_scores(LSAT6_ITEMS, np.array([0.0])).ravel().round(2)
        array([0.94, 0.73, 0.56, 0.78, 0.89])
    """
    mean = category_moments(items, theta)[0]
    out: FloatArray = np.where(_reversed(items), items.top[:, None] - mean, mean)
    return out


def expected_score(items: Items, theta: FloatArray) -> FloatArray:
    """(Q,) T(theta): expected raw score at each theta.

    Args:
        items: items of any model.
        theta: (Q,) points, which may be infinite.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> expected_score(LSAT6_ITEMS, np.array([-1.0, 0.0, 1.0])).round(2)
        array([3.23, 3.9 , 4.39])
    """
    out = np.empty(len(theta))
    finite = np.isfinite(theta)
    out[finite] = expected_item_scores(items, theta[finite]).sum(axis=0)
    constant = category_moments(items, np.zeros(1))[0][items.slope == 0].sum()
    top = float(items.top[items.slope != 0].sum())
    out[~finite] = np.where(theta[~finite] > 0, top, 0.0) + constant
    return out


def theta_for_score(items: Items, score: FloatArray) -> FloatArray:
    """(R,) theta whose expected raw score is each of these; -inf at and below 0, +inf at the highest and above.

    Newton steps inside a shrinking bracket.

    Args:
        items: items of any model, none with slope 0.
        score: (R,) scores.

    Raises:
        OptionError: an item has slope 0, so that the curve does not reach 0.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> theta_for_score(LSAT6_ITEMS, np.array([0.0, 3.0, 5.0])).round(2)
        array([ -inf, -1.31,   inf])
    """
    if np.any(items.slope == 0):
        raise OptionError(
            "score.flat-item",
            "An item has slope 0: its expected score does not depend on theta.",
            mend="Leave the item out of the score.",
        )
    top = float(items.top.sum())
    out = np.where(score <= 0, -np.inf, np.inf)
    inside = np.flatnonzero((score > 0) & (score < top))
    wanted = score[inside]
    low, high = _bracket(items, wanted)
    theta = (low + high) / 2
    for _ in range(MAX_STEPS):
        value, slope, _ = _curve(items, theta)
        low, high = np.where(value < wanted, theta, low), np.where(value < wanted, high, theta)
        new = theta + (wanted - value) / np.maximum(slope, 1e-290)
        new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
        moved, theta = np.abs(new - theta), new
        if not np.any(moved > TOLERANCE):
            break
    out[inside] = theta
    return out


def score_table(items: Items) -> ScoreTable:
    """The table of theta for every raw score of these items, all answered.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> score_table(LSAT6_ITEMS).theta.round(2)
        array([ -inf, -4.15, -2.62, -1.31,  0.17,   inf])
    """
    score = np.arange(int(items.top.sum()) + 1, dtype=np.float64)
    theta = theta_for_score(items, score)
    se = np.full(len(score), np.inf)
    finite = np.isfinite(theta)
    _, slope, variance = _curve(items, theta[finite])
    se[finite] = np.sqrt(variance) / slope
    return ScoreTable(score, theta, se)


def _reversed(items: Items) -> BoolArray:
    out: BoolArray = (items.slope < 0)[:, None]
    return out


def _curve(items: Items, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """T, dT/dtheta and the variance of the raw score at each theta."""
    _, first, _ = derivatives(items, theta)
    k = np.arange(first.shape[1], dtype=np.float64)
    slope = np.abs(np.einsum("jkq,k->jq", first, k)).sum(axis=0)
    return expected_item_scores(items, theta).sum(axis=0), slope, category_moments(items, theta)[1].sum(axis=0)


def _bracket(items: Items, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre = float(np.median(-items.intercept[:, 1] / items.slope))
    low, high = np.full(len(wanted), centre - 1.0), np.full(len(wanted), centre + 1.0)
    width = 1.0
    while width < 1e8:
        below = expected_score(items, low) > wanted
        above = expected_score(items, high) < wanted
        if not (below.any() or above.any()):
            break
        width *= 2
        low[below], high[above] = centre - width, centre + width
    return low, high
