"""Linking: putting a scale on the metric of another through the items they share."""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.responses import BoolArray, FloatArray

FAO_TOLERANCE = 0.35
"""An item further off than this, once equated, is unique to the country (Cafiero, Viviani & Nord 2018)."""

FAO_MOST_UNIQUE = 3
FEWEST_COMMON = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A linear link: reference = shift + scale * own.

    Attributes:
        scale: multiplier, above 0.
        shift: constant.
        common: (J,) items the link rests on.
        dropped: items left out of it, in the order they were dropped.
        distance: (J,) |shift + scale * own - reference| at the end, NaN where an item has no reference.
        rule_met: whether every common item is within the tolerance.
    """

    scale: float
    shift: float
    common: BoolArray
    dropped: tuple[int, ...]
    distance: FloatArray
    rule_met: bool

    def severities(self, own: FloatArray) -> FloatArray:
        """Severities or thresholds on the reference metric."""
        return self.shift + self.scale * own


def mean_sigma(own: FloatArray, reference: FloatArray, common: BoolArray) -> tuple[float, float]:
    """Scale and shift that give the common items the reference's mean and SD (Marco 1977).

    Args:
        own: (J,) severities on the own metric.
        reference: (J,) on the reference metric.
        common: (J,) items to use; at least two that differ.
    """
    scale = float(np.std(reference[common]) / np.std(own[common]))
    return scale, float(np.mean(reference[common]) - scale * np.mean(own[common]))


def fao_link(
    own: FloatArray,
    reference: FloatArray,
    *,
    tolerance: float = FAO_TOLERANCE,
    most_unique: int = FAO_MOST_UNIQUE,
) -> Link:
    """Link by the FAO's rule.

    Equate mean and SD on the common items; while the item furthest off is off by more than the tolerance, drop
    it and equate again, `most_unique` items at most.

    Args:
        own: (J,) severities.
        reference: (J,) severities on the reference metric, NaN where the reference lacks the item.
        tolerance: in logits of the reference metric.
        most_unique: items that may be dropped.

    Raises:
        EstimationError: fewer than three items in common, or all of them equally severe.
    """
    known = ~np.isnan(reference)
    common = known.copy()
    dropped: list[int] = []
    while True:
        _check_common(own, reference, common)
        scale, shift = mean_sigma(own, reference, common)
        distance = np.abs(shift + scale * own - reference)
        worst = int(np.argmax(np.where(common, distance, -1.0)))
        met = bool(distance[worst] <= tolerance)
        if met or len(dropped) == most_unique or common.sum() == FEWEST_COMMON:
            return Link(scale, shift, common, tuple(dropped), distance, met)
        common[worst] = False
        dropped.append(worst)


def _check_common(own: FloatArray, reference: FloatArray, common: BoolArray) -> None:
    if common.sum() < FEWEST_COMMON:
        raise EstimationError(
            "link.too-few-items",
            f"The scale shares {int(common.sum())} items with the reference.",
            why=f"A link needs at least {FEWEST_COMMON} items in common.",
            mend="Use the reference's item names (FIES: WORRIED, HEALTHY, FEWFOOD, SKIPPED, ATELESS, RUNOUT, "
            "HUNGRY, WHLDAY).",
        )
    if np.ptp(own[common]) < 1e-6 or np.ptp(reference[common]) < 1e-6:
        raise EstimationError(
            "link.no-spread",
            "The items in common are all equally severe.",
            why="Their spread is what the unit of the link is taken from.",
            mend="Link through items of different severity.",
        )
