"""Linking: putting a scale on the metric of another through the items they share.

Here the links by moments: of severities (the FAO's rule, mean-sigma) and of slopes and severities (mean-mean).
`curve_linking` has those by the items' curves (Haebara, Stocking-Lord), and the standard errors of all of them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.responses import BoolArray, FloatArray

LinkMethod = Literal["fao", "mean-mean", "mean-sigma", "haebara", "stocking-lord"]

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
        method: how the link was found.
        covariance: (2, 2) of scale and shift from the errors of the items' parameters; None where not asked for.
    """

    scale: float
    shift: float
    common: BoolArray
    dropped: tuple[int, ...]
    distance: FloatArray
    rule_met: bool
    method: LinkMethod = "fao"
    covariance: FloatArray | None = None

    @property
    def se_scale(self) -> float | None:
        """Standard error of the scale."""
        return None if self.covariance is None else float(np.sqrt(self.covariance[0, 0]))

    @property
    def se_shift(self) -> float | None:
        """Standard error of the shift."""
        return None if self.covariance is None else float(np.sqrt(self.covariance[1, 1]))

    def severities(self, own: FloatArray) -> FloatArray:
        """Severities or thresholds on the reference metric."""
        return self.shift + self.scale * own


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """Parameters of J items on one metric, with the covariance of their errors.

    Attributes:
        a: (J,) slopes.
        b: (J, M) thresholds, NaN where an item has fewer.
        graded: (J,) which items are graded, or None.
        covariance: (n, n) of (a, b by rows), n = J + J M, as `precision` has it; what is NaN or left out is taken
            as known without error.
    """

    a: FloatArray
    b: FloatArray
    graded: BoolArray | None = None
    covariance: FloatArray | None = None

    def items(self) -> Items:
        """The items as the models take them."""
        return items_from_thresholds(self.a, self.b, self.graded)

    def flat(self) -> FloatArray:
        """(n,) slopes, then thresholds by rows."""
        return np.concatenate([self.a, self.b.ravel()])

    def at(self, values: FloatArray) -> "ItemParameters":
        """The same items with other parameters (n,)."""
        n_items = len(self.a)
        return ItemParameters(values[:n_items], values[n_items:].reshape(self.b.shape), self.graded)

    def take(self, chosen: BoolArray) -> "ItemParameters":
        """The items where `chosen` (J,) is true, with their part of the covariance."""
        kept = np.concatenate([chosen, np.repeat(chosen, self.b.shape[1])])
        covariance = None if self.covariance is None else self.covariance[np.ix_(kept, kept)]
        graded = None if self.graded is None else self.graded[chosen]
        return ItemParameters(self.a[chosen], self.b[chosen], graded, covariance)


def diagonal_covariance(se_a: FloatArray, se_b: FloatArray) -> FloatArray:
    """The covariance of parameters whose errors (J,) and (J, M) are known and their correlations are not.

    Example:
        >>> diagonal_covariance(np.array([0.1]), np.array([[0.2]]))
        array([[0.01, 0.  ],
               [0.  , 0.04]])
    """
    return np.diag(np.nan_to_num(np.concatenate([se_a, se_b.ravel()])) ** 2)


def mean_mean(own: ItemParameters, reference: ItemParameters) -> tuple[float, float]:
    """Scale and shift from mean slopes and mean thresholds (Loyd & Hoover 1980).

    Slopes count by their size: a reversed item bears on the unit as any other.

    Args:
        own: J items on the own metric.
        reference: the same items on the reference metric.

    Example:
        >>> own = ItemParameters(np.array([1.0, 2.0, 1.5]), np.array([[-1.0], [0.0], [1.0]]))
        >>> reference = ItemParameters(own.a / 2, 1 + 2 * own.b)
        >>> [round(value, 6) for value in mean_mean(own, reference)]
        [2.0, 1.0]
    """
    scale = float(np.abs(own.a).mean() / np.abs(reference.a).mean())
    return scale, float(np.nanmean(reference.b) - scale * np.nanmean(own.b))


def mean_sigma(own: FloatArray, reference: FloatArray, common: BoolArray) -> tuple[float, float]:
    """Scale and shift that give the common items the reference's mean and SD (Marco 1977).

    Args:
        own: (J,) severities on the own metric.
        reference: (J,) on the reference metric.
        common: (J,) items to use; at least two that differ.

    Example:
        >>> own = np.array([-1.0, 0.0, 1.0])
        >>> [round(value, 6) for value in mean_sigma(own, 1 + 2 * own, np.ones(3, dtype=np.bool_))]
        [2.0, 1.0]
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

    Example:
        >>> own = np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
        >>> link = fao_link(own, own + np.array([0.0, 0.0, 2.0, 0.0, 0.0]))
        >>> link.dropped, round(link.scale, 3), round(link.shift, 3) + 0.0
        ((2,), 1.0, 0.0)
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
    check_number(common)
    check_spread(own, reference, common)


def check_number(common: BoolArray) -> None:
    """Refuse to link by fewer than three items.

    Raises:
        EstimationError: always then.

    Example:
        >>> check_number(np.array([True, True, True]))  # enough: no error
    """
    if common.sum() < FEWEST_COMMON:
        raise EstimationError(
            "link.too-few-items",
            f"The scale shares {int(common.sum())} items with the reference.",
            why=f"A link needs at least {FEWEST_COMMON} items in common.",
            mend="Use the reference's item names (FIES: WORRIED, HEALTHY, FEWFOOD, SKIPPED, ATELESS, RUNOUT, "
            "HUNGRY, WHLDAY).",
        )


def check_spread(own: FloatArray, reference: FloatArray, common: BoolArray) -> None:
    """Refuse to take the unit from severities that do not differ.

    Raises:
        EstimationError: always then.

    Example:
        >>> own = np.array([-1.0, 0.0, 1.0])
        >>> check_spread(own, own, np.ones(3, dtype=np.bool_))  # they differ: no error
    """
    if np.ptp(own[common]) < 1e-6 or np.ptp(reference[common]) < 1e-6:
        raise EstimationError(
            "link.no-spread",
            "The items in common are all equally severe.",
            why="Their spread is what the unit of the link is taken from.",
            mend="Link through items of different severity.",
        )
