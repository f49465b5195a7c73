"""One person's need from their own answers, with what the unknown ones could still change.

A case is always scored by itself, never in a batch: the same answers on the same scale give the same figures to
the last bit on the same processor, whenever and beside whomever they are scored.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evenhand.measure.need import NeedItems, score_need
from evenhand.measure.patterns import from_table
from evenhand.measure.responses import MISSING, BoolArray, CodeArray
from evenhand.programme.coding import MissingReason

COMPLETED_BY_THOUGHT: frozenset[MissingReason] = frozenset({"dont_know", "refused", "not_asked", "blank"})
"""Reasons behind which an answer exists that nobody knows. What does not apply has none, and what was not asked
by design was left out because of the answers given, which makes leaving it out ignorable (Mislevy & Wu 1996)."""


@dataclass(frozen=True, slots=True)
class NeedMeasure:
    """Need of one person.

    Attributes:
        theta: posterior mean, logits.
        se: posterior SD, logits.
        p: P(need >= threshold).
        p_range: least and greatest P that any completion of the unknown answers would give.
        answered: how many need items were answered.
    """

    theta: float
    se: float
    p: float
    p_range: tuple[float, float]
    answered: int


def measure_need(need: NeedItems, codes: CodeArray, unknown: BoolArray, threshold: float) -> NeedMeasure:
    """Measure one person's need.

    The likelihood ratio of a higher to a lower category of a rising item grows with theta, in every model here, so
    P is least when each unknown answer is the lowest of a rising item (the highest of a falling one), and greatest
    the other way round: two completions stand for all.

    Args:
        need: items and latent distribution, from need answers alone.
        codes: (J,) category codes, -1 where there is no answer.
        unknown: (J,) answers that exist and are not known.
        threshold: point on theta's metric.
    """
    top = (np.isfinite(need.items.intercept).sum(axis=1) - 1).astype(np.int8)
    rising = need.items.slope >= 0
    least = np.where(unknown & (codes == MISSING), np.where(rising, 0, top), codes)
    greatest = np.where(unknown & (codes == MISSING), np.where(rising, top, 0), codes)
    theta, se, p = _score(need, codes, threshold)
    low, high = (
        p if np.array_equal(each, codes) else _score(need, each, threshold)[2] for each in (least, greatest)
    )
    return NeedMeasure(theta, se, p, (low, high), int((codes != MISSING).sum()))


def _score(need: NeedItems, codes: CodeArray, threshold: float) -> tuple[float, float, float]:
    """Posterior mean, SD and P(theta >= threshold) of one pattern; the prior's where nothing was answered."""
    if (codes == MISSING).all():
        return need.mean, need.sd, float(ndtr((need.mean - threshold) / need.sd))
    categories = np.isfinite(need.items.intercept).sum(axis=1).astype(np.int64)
    one = from_table(codes[None, :].astype(np.int8), categories, np.ones(1))
    found = score_need(one, need, threshold=threshold)
    return float(found.theta[0]), float(found.se[0]), float(found.p_at_least[0])
