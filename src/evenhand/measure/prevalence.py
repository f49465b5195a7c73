"""Prevalence: the share of people above a threshold, with its standard error.

Two rules. `fao` averages the FAO's probability over raw scores, to compare with published figures. `posterior`
fits the people's own latent distribution with the items fixed and averages P(theta >= t | answers) under it:
averaging individual probabilities under somebody else's distribution is biased toward that distribution.

Standard errors are by linearisation (Binder 1983) over people or clusters and take the items as known.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.gradients import middle
from evenhand.measure.latent import LatentFit, fit_latent
from evenhand.measure.models import Items, is_binary
from evenhand.measure.normal import share_interval95
from evenhand.measure.patterns import Patterns
from evenhand.measure.rawscores import fao_probability, raw_scores
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import score_patterns

DIFFERENCE = 1e-4


@dataclass(frozen=True, slots=True)
class Share:
    """A weighted share of people.

    Attributes:
        value: the share, 0 to 1.
        se: its standard error.
        n: people it rests on.
        n_weighted: their total weight.
    """

    value: float
    se: float
    n: float
    n_weighted: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, within 0 and 1."""
        return share_interval95(self.value, self.se)


def posterior_prevalence(patterns: Patterns, items: Items, threshold: float) -> Share:
    """Share of people with theta >= threshold, their latent mean and SD fitted with the items fixed.

    Args:
        patterns: the people.
        items: items on the metric of theta.
        threshold: on the same metric.

    Raises:
        EstimationError: their latent distribution has no finite estimate.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> found = posterior_prevalence(LSAT6, LSAT6_ITEMS, 0.0)
        >>> round(found.value, 2), round(found.se, 2)
        (0.5, 0.02)
    """
    latent = fit_latent(patterns, items)
    p = _above(patterns, items, latent.mean, latent.sd, threshold)
    total = float(patterns.w.sum())
    share = float(patterns.w @ p) / total
    slope = _slope(patterns, items, latent, threshold)
    linear = (p - share) / total + latent.influence @ slope
    return _share(patterns, share, linear)


def _above(patterns: Patterns, items: Items, mean: float, sd: float, threshold: float) -> FloatArray:
    above = score_patterns(patterns, items, "eap", mean=mean, sd=sd, threshold=threshold).p_at_least
    assert above is not None  # noqa: S101 - a threshold was given
    return above


def _slope(patterns: Patterns, items: Items, latent: LatentFit, threshold: float) -> FloatArray:
    """(2,) derivative of the share in (mean, log sd)."""
    share = patterns.w / patterns.w.sum()
    out = np.empty(2)
    for index in range(2):
        shift = np.zeros(2)
        shift[index] = DIFFERENCE
        up, down = (
            share @ _above(patterns, items, latent.mean + d[0], latent.sd * float(np.exp(d[1])), threshold)
            for d in (shift, -shift)
        )
        out[index] = (up - down) / (2 * DIFFERENCE)
    return out


def fao_prevalence(patterns: Patterns, items: Items, threshold: float) -> Share:
    """Share of people above the threshold by the FAO's rule.

    Args:
        patterns: complete answers to all items of a Rasch scale.
        items: items of slope `scale` (1, or the multiplier of a link) on the metric of the threshold.
        threshold: on the same metric.

    Raises:
        EstimationError: incomplete answers, or a scale that is not Rasch.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> from evenhand.measure.models import items_from_thresholds
        >>> items = items_from_thresholds(np.ones(5), np.array([[-1.26], [0.47], [1.24], [0.17], [-0.62]]))
        >>> round(fao_prevalence(LSAT6, items, 1.0).value, 2)
        0.57
    """
    unit = np.abs(items.slope)
    if not is_binary(items) or np.ptp(unit) > 1e-9:
        raise EstimationError(
            "prevalence.fao-needs-rasch",
            "The FAO's rule needs a Rasch scale of yes/no items.",
            why="It works on raw scores, which hold all the information only there.",
            mend="Use --rule posterior.",
        )
    if not patterns.masks.all():
        raise EstimationError(
            "prevalence.fao-needs-complete",
            "The FAO's rule needs complete answers.",
            why="A raw score out of fewer items means something else.",
            mend="Leave incomplete rows out, or use --rule posterior.",
        )
    by_raw = fao_probability(raw_scores(-items.intercept[:, 1] * np.sign(items.slope)), threshold * float(unit[0]))
    turned = np.where(items.slope > 0, patterns.codes, 1 - patterns.codes)
    p = by_raw[turned.sum(axis=1)]
    total = float(patterns.w.sum())
    share = float(patterns.w @ p) / total
    return _share(patterns, share, (p - share) / total)


def _share(patterns: Patterns, share: float, linear: FloatArray) -> Share:
    variance = float(middle(patterns, iter([(slice(None), linear[:, None])]))[0, 0])
    return Share(share, float(np.sqrt(variance)), float(patterns.n.sum()), float(patterns.w.sum()))
