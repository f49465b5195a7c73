"""Reliability of a scale on people's answers, in the field's senses."""

import numpy as np

from evenhand.measure.itemfit import marginal_reliability
from evenhand.measure.models import Items, is_binary
from evenhand.measure.patterns import Patterns
from evenhand.measure.rawscores import raw_scores, separation_reliability
from evenhand.measure.responses import FloatArray
from evenhand.programme.scale import LatentRecord, ReliabilityRecord


def reliability_of(
    patterns: Patterns, items: Items, latent: LatentRecord | None, *, all_rasch: bool
) -> ReliabilityRecord:
    """Reliability on these answers.

    Args:
        patterns: the people.
        items: J items on the metric of theta.
        latent: the distribution of theta, None where none is known: there is then no marginal reliability.
        all_rasch: whether every item has the slope 1 or -1, times one constant.

    Returns:
        Marginal (Green, Bock, Humphreys, Linn & Reckase 1984, of EAP scores); and for yes/no Rasch items, over
        complete answers, separation without the extremes, with them, and with every raw score equally frequent
        (Wright & Masters 1982).
    """
    marginal = None if latent is None else marginal_reliability(patterns, items, latent.mean, latent.sd)
    complete = patterns.complete
    if not (all_rasch and is_binary(items)) or not complete.any():
        return ReliabilityRecord(marginal)
    turned = np.where(items.slope > 0, patterns.codes, 1 - patterns.codes)[complete]
    weight: FloatArray = np.bincount(
        turned.sum(axis=1), weights=patterns.w[complete], minlength=patterns.n_items + 1
    ).astype(np.float64)
    person = raw_scores(-items.intercept[:, 1] * np.sign(items.slope))
    inner = slice(1, patterns.n_items)
    if not weight[inner].sum() > 0:
        return ReliabilityRecord(marginal)
    theta, se = person.theta[inner], person.se[inner]
    return ReliabilityRecord(
        marginal,
        separation_reliability(theta, se, weight[inner]),
        separation_reliability(person.theta, person.se, weight),
        separation_reliability(theta, se, np.ones(len(theta))),
    )
