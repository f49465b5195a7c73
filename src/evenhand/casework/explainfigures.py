"""The figures of an explanation: how sure a measure of need is, and what each answer does to it.

All of it is computed from need's own items and answers. An answer is left out by scoring the others exactly as a
case without it would be scored. Such figures do not add up: each is a difference from the same whole, answers that
say the same thing share what they say, and the distribution that is assumed beforehand has its own part.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.casework.assess import NeedMeasure, measure_need
from evenhand.measure.models import log_probabilities
from evenhand.measure.need import NeedItems
from evenhand.measure.responses import MISSING, BoolArray, CodeArray, FloatArray

INSIDE = 0.90
"""Probability of the interval that is shown; it leaves as much below it as above it."""

REACH = 10.0
"""The posterior is summed up over so many SDs of the distribution beforehand, on both sides of its mean."""

FINE = 8_001
"""Points of that sum: an SD of 1.5 logits is then cut into pieces of 0.004 logits."""

CURVE = 121
"""Points of the curve in the picture."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The posterior density of need.

    Attributes:
        theta: CURVE points, logits, rising, the threshold always within them.
        density: the density at each, per logit.
    """

    theta: tuple[float, ...]
    density: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Need without one answer.

    Attributes:
        item: place of the item.
        theta: posterior mean from the other answers, logits.
        p: P(need >= threshold) from the other answers.
    """

    item: int
    theta: float
    p: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the answers say about need.

    Attributes:
        measure: need, as it is scored for a decision.
        interval: equal-tailed posterior interval of probability INSIDE, logits.
        curve: the posterior.
        without: for each answer, need without it, in the items' order.
    """

    measure: NeedMeasure
    interval: tuple[float, float]
    curve: Curve
    without: tuple[Without, ...]


def figures(need: NeedItems, codes: CodeArray, unknown: BoolArray, threshold: float) -> Figures:
    """Every figure of an explanation.

    Args:
        need: items and latent distribution.
        codes: (J,) category codes, -1 where there is no answer.
        unknown: (J,) answers that exist and are not known.
        threshold: point on theta's metric.
    """
    measure = measure_need(need, codes, unknown, threshold)
    low, high = interval(need, codes)
    answered = np.flatnonzero(codes != MISSING)
    without = tuple(_without(need, codes, int(item), threshold) for item in answered)
    return Figures(measure, (low, high), curve(need, codes, measure, threshold), without)


def interval(need: NeedItems, codes: CodeArray) -> tuple[float, float]:
    """Equal-tailed posterior interval of probability INSIDE, by adding up the density over a fine grid."""
    theta = np.linspace(need.mean - REACH * need.sd, need.mean + REACH * need.sd, FINE)
    log_density = _log_density(need, codes, theta)
    share = np.exp(log_density - log_density.max())
    below = np.concatenate([[0.0], np.cumsum((share[1:] + share[:-1]) / 2)])
    rising = np.flatnonzero(np.diff(below, prepend=-1.0) > 0)
    tail = (1 - INSIDE) / 2
    low, high = np.interp([tail, 1 - tail], below[rising] / below[-1], theta[rising])
    return float(low), float(high)


def curve(need: NeedItems, codes: CodeArray, measure: NeedMeasure, threshold: float) -> Curve:
    """The posterior density where it can be seen, and on to the threshold."""
    low = min(measure.theta - 4 * measure.se, threshold - measure.se)
    high = max(measure.theta + 4 * measure.se, threshold + measure.se)
    theta = np.linspace(low, high, CURVE)
    fine = np.linspace(need.mean - REACH * need.sd, need.mean + REACH * need.sd, FINE)
    whole = _log_density(need, codes, fine)
    top = whole.max()
    area = float(np.trapezoid(np.exp(whole - top), fine))
    density = np.exp(_log_density(need, codes, theta) - top) / area
    return Curve(tuple(map(float, theta)), tuple(map(float, density)))


def _without(need: NeedItems, codes: CodeArray, item: int, threshold: float) -> Without:
    rest = codes.copy()
    rest[item] = MISSING
    found = measure_need(need, rest, np.zeros(len(rest), dtype=np.bool_), threshold)
    return Without(item, found.theta, found.p)


def _log_density(need: NeedItems, codes: CodeArray, theta: FloatArray) -> FloatArray:
    """(Q,) log posterior density, but for a constant."""
    answered = np.flatnonzero(codes != MISSING)
    prior: FloatArray = -0.5 * ((theta - need.mean) / need.sd) ** 2
    if not len(answered):
        return prior
    each = log_probabilities(need.items, theta)[answered, codes[answered].astype(np.intp)]
    total: FloatArray = prior + each.sum(axis=0)
    return total
