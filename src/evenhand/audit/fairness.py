"""Are groups served alike? Differences of error rates in three readings, and where they can come from.

1. *observed*: the measure at its word, in need is who has P >= .5;
2. *corrected*: each group's own distribution of need fitted with the items fixed (`corrected.py`);
3. *null*: what the observed differences would be if everybody were treated alike (`null.py`).

Beside them a test of treatment: support at equal measure, groups compared within steps of P (Mantel 1963). Holm's
adjustment is over all groups and rates of a reading.
"""

from dataclasses import dataclass, replace

import numpy as np

from evenhand.audit.corrected import RATES, OwnNeed, Rate, corrected_or_reason, corrected_rate, observed_rate
from evenhand.audit.figures import (
    MIN_N,
    Figure,
    difference,
    difference_p,
    normal_figure,
    normal_p,
    too_few,
    unknown,
)
from evenhand.audit.null import null_rates, support_curve
from evenhand.audit.people import People
from evenhand.measure.holm import ALPHA, holm
from evenhand.measure.normal import Z95
from evenhand.measure.responses import FloatArray

SETS = 200

YARDSTICK_ERRS = (
    "The yardstick itself errs, and by itself makes groups look unfairly served: a group with less need, or with "
    "less of it far from the line, has more of its people on the wrong side by chance. Observed differences are "
    "therefore shown beside those that would remain if everybody were treated alike."
)


@dataclass(frozen=True, slots=True)
class GroupRate:
    """A rate of one group.

    Attributes:
        group: label.
        rate: `support`, `missed` or `unneeded`.
        observed: the measure at its word.
        corrected: by the group's own distribution of need.
    """

    group: str
    rate: Rate
    observed: Figure
    corrected: Figure


@dataclass(frozen=True, slots=True)
class RateDifference:
    """A rate of one group less that of the reference group.

    Attributes:
        group: label.
        rate: which.
        observed: difference with its interval.
        observed_p: p-value, adjusted by Holm; None without evidence.
        corrected: the same, corrected for measurement error.
        corrected_p: likewise.
        null: the observed difference if everybody were treated alike, with the middle 95 % of what chance makes.
        null_p: p-value of the observed difference under that, adjusted by Holm.
    """

    group: str
    rate: Rate
    observed: Figure
    observed_p: float | None
    corrected: Figure
    corrected_p: float | None
    null: Figure
    null_p: float | None

    @property
    def beyond(self) -> bool:
        """Whether the observed difference is more than the yardstick, need and chance would make."""
        return self.null_p is not None and self.null_p < ALPHA


@dataclass(frozen=True, slots=True)
class Treatment:
    """Support of a group at equal measure.

    Attributes:
        group: label.
        difference: mean support less that of the reference group at equal P.
        p: p-value, adjusted by Holm over the groups; None without evidence.
    """

    group: str
    difference: Figure
    p: float | None

    @property
    def stands_out(self) -> bool:
        """Whether it is more than chance."""
        return self.p is not None and self.p < ALPHA


@dataclass(frozen=True, slots=True)
class Fairness:
    """What was found about groups.

    Attributes:
        reference: the group the others are compared with; None where there are no two groups.
        rates: a row a group and rate.
        differences: a row a group and rate, the reference left out.
        treatment: a row a group, the reference left out.
        caution: what the reader must know of the yardstick.
    """

    reference: str | None
    rates: tuple[GroupRate, ...]
    differences: tuple[RateDifference, ...]
    treatment: tuple[Treatment, ...]
    caution: str = YARDSTICK_ERRS


def fairness(people: People, *, min_n: int = MIN_N, sets: int = SETS, seed: int = 1) -> Fairness:
    """Compare each group with the largest.

    Args:
        people: the audited people.
        min_n: fewest people of a group and fewest effective people of a rate; fewer read "insufficient evidence".
        sets: how many times people are invented for the null.
        seed: of the invention.
    """
    reference = people.reference()
    if reference < 0 or len(people.labels) < 2:
        return Fairness(None, (), (), ())
    enough = people.shown(min_n)
    own: dict[int, OwnNeed | Figure] = {
        place: corrected_or_reason(people, people.in_group[place])
        for place in range(len(people.labels))
        if enough[place]
    }
    rates = {(place, rate): _rate(people, own.get(place), place, rate, min_n) for place, rate in _pairs(people)}
    fitted = {place: found for place, found in own.items() if isinstance(found, OwnNeed)}
    null = null_rates(people, fitted, sets=sets, seed=seed, min_n=min_n) if reference in fitted else {}
    rows = [
        _difference(rates, null, people.labels[place], place, reference, rate)
        for place, rate in _pairs(people)
        if place != reference
    ]
    return Fairness(
        people.labels[reference], tuple(rates.values()), _adjusted(rows), _treatments(people, reference, enough)
    )


def _pairs(people: People) -> list[tuple[int, Rate]]:
    return [(place, rate) for rate in RATES for place in range(len(people.labels))]


def _rate(people: People, own: OwnNeed | Figure | None, place: int, rate: Rate, min_n: int) -> GroupRate:
    label = people.labels[place]
    if own is None:
        return GroupRate(label, rate, too_few(min_n), too_few(min_n))
    observed = observed_rate(people, people.in_group[place], rate, min_n)
    corrected = own if isinstance(own, Figure) else corrected_rate(people, own, rate, min_n)
    return GroupRate(label, rate, observed, corrected)


def _difference(
    rates: dict[tuple[int, Rate], GroupRate],
    null: dict[tuple[int, Rate], FloatArray],
    label: str,
    place: int,
    reference: int,
    rate: Rate,
) -> RateDifference:
    focal, other = rates[place, rate], rates[reference, rate]
    observed = difference(focal.observed, other.observed)
    corrected, se = _corrected(focal.corrected, other.corrected)
    expected, null_p = _null(observed, null.get((place, rate)), null.get((reference, rate)))
    return RateDifference(
        label,
        rate,
        observed,
        _known(difference_p(focal.observed, other.observed)),
        corrected,
        _known(normal_p(corrected.value, se)) if corrected.value is not None else None,
        expected,
        null_p,
    )


def _corrected(focal: Figure, other: Figure) -> tuple[Figure, float]:
    """Difference of two corrected rates of different people, and its standard error."""
    for each in (focal, other):
        if each.value is None:
            return each, float("nan")
    ends = [(each.value or 0.0, each.low or 0.0, each.high or 0.0) for each in (focal, other)]
    # an interval cut at 0 or 1 is longer on the other side: that side tells the standard error
    first, second = (max(value - low, high - value) / Z95 for value, low, high in ends)
    se = float(np.hypot(first, second))
    return normal_figure(ends[0][0] - ends[1][0], se), se


def _null(observed: Figure, focal: FloatArray | None, other: FloatArray | None) -> tuple[Figure, float | None]:
    if focal is None or other is None:
        return unknown("a group's distribution of need has no estimate"), None
    gaps = (focal - other)[np.isfinite(focal - other)]
    if observed.value is None or len(gaps) < len(focal) / 2 or len(gaps) < 2:
        return (observed if observed.value is None else unknown("too few invented people for this rate")), None
    low, high = np.quantile(gaps, (0.025, 0.975))
    mean, sd = float(gaps.mean()), float(gaps.std(ddof=1))
    p = 1.0 if sd == 0 and observed.value == mean else normal_p(observed.value - mean, max(sd, 1e-12))
    return Figure(mean, float(low), float(high)), p


def _adjusted(rows: list[RateDifference]) -> tuple[RateDifference, ...]:
    """The same with Holm's adjustment over the rows of each reading."""
    observed, corrected, null = (
        holm(np.array([np.nan if each is None else each for each in column], dtype=np.float64))
        for column in (
            [row.observed_p for row in rows],
            [row.corrected_p for row in rows],
            [row.null_p for row in rows],
        )
    )
    return tuple(
        replace(row, observed_p=_known(a), corrected_p=_known(b), null_p=_known(c))
        for row, a, b, c in zip(rows, observed, corrected, null, strict=True)
    )


def _treatments(people: People, reference: int, enough: tuple[bool, ...]) -> tuple[Treatment, ...]:
    step = support_curve(people).step(people.p)
    rows = []
    for place, label in enumerate(people.labels):
        if place == reference:
            continue
        if not (enough[place] and enough[reference]):
            rows.append(Treatment(label, unknown("too few people of the group or of the reference group"), None))
            continue
        own = people.group == place
        both = own | (people.group == reference)
        figure, p = equal_measure(people.support[both], own[both], step[both])
        rows.append(Treatment(label, figure, p))
    adjusted = holm(np.array([np.nan if row.p is None else row.p for row in rows], dtype=np.float64))
    return tuple(
        Treatment(row.group, row.difference, _known(float(p))) for row, p in zip(rows, adjusted, strict=True)
    )


def equal_measure(support: FloatArray, focal: np.ndarray, step: np.ndarray) -> tuple[Figure, float | None]:
    """Mean support of the focal group less the reference's within steps of P, as permutation would make it.

    With n_F, n_R people and variance s^2 of support in a step: U = sum n_F n_R / n (mean_F - mean_R), Var U =
    sum n_F n_R s^2 / n (Mantel 1963); the difference is U / sum n_F n_R / n.

    Args:
        support: (N,) 0 to 1.
        focal: (N,) who is in the focal group; the others are in the reference group.
        step: (N,) step of P.
    """
    u = variance = total = 0.0
    for each in np.unique(step):
        own = support[(step == each) & focal]
        other = support[(step == each) & ~focal]
        if len(own) == 0 or len(other) == 0:
            continue
        weight = len(own) * len(other) / (len(own) + len(other))
        u += weight * float(own.mean() - other.mean())
        variance += weight * float(np.concatenate([own, other]).var(ddof=1))
        total += weight
    if total <= 0:
        return unknown("no two people of the two groups have a like measure"), None
    if variance <= 0:
        return Figure(u / total, u / total, u / total), 1.0
    return normal_figure(u / total, float(np.sqrt(variance)) / total), normal_p(u, float(np.sqrt(variance)))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
