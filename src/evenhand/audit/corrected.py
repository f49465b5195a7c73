"""Error rates corrected for measurement error: need is what the answers say of it, not a line through a score.

Counting everybody with P >= .5 as in need takes the measure at its word, and its error makes errors of targeting
that nobody made. Here each group's own distribution of need is fitted with the items fixed, each person counts by
P(need >= threshold | answers, group), and intervals hold the chance of who was asked and the fitted distribution.
It rests on one thing: among people with the same answers, support does not depend on need. Decisions never use it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr

from evenhand.audit.figures import Figure, effective_n, normal_figure, share_of, too_few, unknown
from evenhand.audit.people import People, patterns_of
from evenhand.errors import EstimationError
from evenhand.measure.latent import LatentFit, fit_latent
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.measure.score import score_patterns

Rate = Literal["support", "missed", "unneeded"]
RATES: tuple[Rate, ...] = ("support", "missed", "unneeded")
"""Share of people offered support; of those in need who are not (equal opportunity asks for equal shares); of
those not in need who are (with the former, equal odds)."""

DIFFERENCE = 1e-4


@dataclass(frozen=True, slots=True)
class OwnNeed:
    """A group's need under its own distribution.

    Attributes:
        rows: (N,) who is in the group.
        mean: mean of theta in it.
        sd: SD of theta in it.
        p: (n,) P(need >= threshold) of each member under that distribution.
        up: (n, 2) derivative of p in (mean, log sd).
        influence: (n, 2) what one more unit of weight on a member moves (mean, log sd) by.
        covariance: (2, 2) covariance of (mean, log sd).
    """

    rows: BoolArray
    mean: float
    sd: float
    p: FloatArray
    up: FloatArray
    influence: FloatArray
    covariance: FloatArray


def own_need(people: People, rows: BoolArray) -> OwnNeed:
    """Fit a group's distribution of need with the items fixed, and count its members by it.

    Raises:
        EstimationError: the distribution has no finite estimate.
    """
    patterns = patterns_of(people, rows)
    fit = fit_latent(patterns, people.need.items)
    assert patterns.rows is not None  # noqa: S101 - rows were asked for
    of = patterns.rows
    p = _above(people, patterns, fit, np.zeros(2))
    up = np.stack(
        [
            (_above(people, patterns, fit, shift) - _above(people, patterns, fit, -shift)) / (2 * DIFFERENCE)
            for shift in DIFFERENCE * np.eye(2)
        ],
        axis=1,
    )
    influence = np.where((of >= 0)[:, None], fit.influence[np.maximum(of, 0)], 0.0)
    return OwnNeed(rows, fit.mean, fit.sd, p[of], up[of], influence, fit.covariance)


def _above(people: People, patterns: Patterns, fit: LatentFit, shift: FloatArray) -> FloatArray:
    """(P + 1,) P of each pattern, and last of somebody who answered nothing."""
    mean, sd = fit.mean + float(shift[0]), fit.sd * float(np.exp(shift[1]))
    found = score_patterns(patterns, people.need.items, "eap", mean=mean, sd=sd, threshold=people.threshold)
    assert found.p_at_least is not None  # noqa: S101 - a threshold was given
    return np.append(found.p_at_least, ndtr((mean - people.threshold) / sd))


def observed_rate(people: People, rows: BoolArray, rate: Rate, min_n: int) -> Figure:
    """A rate that takes the measure at its word: in need is who has P >= .5."""
    return share_of(*_counted(rate, people.observed[rows], people.support[rows], people.w[rows]), min_n=min_n)


def corrected_rate(people: People, found: OwnNeed, rate: Rate, min_n: int) -> Figure:
    """A rate by the group's own need, with the delta method's interval."""
    w, support = people.w[found.rows], people.support[found.rows]
    yes, base = _counted(rate, found.p, support, w)
    if effective_n(base) < min_n:
        return too_few(min_n)
    total = float(base.sum())
    value = float(base @ yes / total)
    sign = {"support": 0.0, "missed": 1.0, "unneeded": -1.0}[rate]
    slope = sign * (w * (yes - value)) @ found.up / total
    linear = base * (yes - value) / total + w * (found.influence @ slope)
    return normal_figure(value, float(np.sqrt((linear**2).sum())), effective_n(base), share=True)


def corrected_inclusion(people: People, found: OwnNeed, min_n: int) -> Figure:
    """Share of the support that goes to people not in need, by the group's own need."""
    base = people.w[found.rows] * people.support[found.rows]
    return _mean(people, found, 1 - found.p, base, -found.up, min_n)


def corrected_gap(people: People, found: OwnNeed, min_n: int) -> Figure:
    """Mean P that decisions used, less the mean by the group's own need."""
    gap = people.p[found.rows] - found.p
    return _mean(people, found, gap, people.w[found.rows], -found.up, min_n, share=False)


def _mean(
    people: People,
    found: OwnNeed,
    yes: FloatArray,
    base: FloatArray,
    up: FloatArray,
    min_n: int,
    *,
    share: bool = True,
) -> Figure:
    """A mean of something that moves with the fitted distribution as `up` (n, 2) says."""
    n = effective_n(base)
    if n < min_n:
        return too_few(min_n)
    total = float(base.sum())
    value = float(base @ yes / total)
    slope = base @ up / total
    linear = base * (yes - value) / total + people.w[found.rows] * (found.influence @ slope)
    return normal_figure(value, float(np.sqrt((linear**2).sum())), n, share=share)


def corrected_or_reason(people: People, rows: BoolArray) -> OwnNeed | Figure:
    """The group's own need, or why there is none."""
    try:
        return own_need(people, rows)
    except EstimationError as error:
        return unknown(error.what)


def _counted(rate: Rate, need: FloatArray, support: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n,) what is averaged, and the weights it is averaged with."""
    if rate == "support":
        return support, w
    return (1 - support, w * need) if rate == "missed" else (support, w * (1 - need))
