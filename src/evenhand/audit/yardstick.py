"""Does the yardstick measure two groups alike? Item bias, and more error in every answer, told apart.

A group whose answers carry more error looks like a group with several biased items: its easy items seem harder
and its hard ones easier. So both explanations stand in one model, and the one that explains most comes first:
a score test of each candidate (the slope factor, and the location of each item), Holm's adjustment over all
candidates and groups, the strongest let free, and so on until nothing stands out.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import chi2

from evenhand.audit.figures import Figure, unknown
from evenhand.audit.likelihood import Maximum, TwoGroups, maximise
from evenhand.audit.people import People, patterns_of
from evenhand.errors import EstimationError
from evenhand.measure.holm import ALPHA, Size, holm, size_of
from evenhand.measure.normal import Z95
from evenhand.measure.responses import FloatArray
from evenhand.measure.threads import one_blas_thread

MIN_GROUP_N = 100
"""People a group needs before its answers are compared, as in `evenhand dif`."""

MIN_ALIKE = 3
"""Items that must stay alike in both groups: they are what the groups are compared by."""

MODERATE, LARGE = 0.426, 0.638
"""Size of an item's bias in logits at which it is B and C: 1 and 1.5 on the ETS delta scale (Zieky 1993)."""

Kind = Literal["item", "error"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the yardstick differs between two groups.

    Attributes:
        kind: `item` (one item is biased) or `error` (every answer carries more, or less, error).
        item: name of the item; empty for `error`.
        effect: `item`: logits by which the group reports it less readily at equal need (negative: more readily).
            `error`: how many times as large the error of its answers is.
        p: p-value, adjusted by Holm over all candidates and groups.
        size: A negligible, B moderate, C large; None for `error`.
    """

    kind: Kind
    item: str
    effect: Figure
    p: float
    size: Size | None


@dataclass(frozen=True, slots=True)
class GroupYardstick:
    """What was found of one group beside the reference group.

    Attributes:
        group: label.
        error: how many times as large the error of its answers is, the biased items let free; 1 for the same.
        differences: what stands out, the strongest first.
        reason: why nothing can be said, starting with "insufficient evidence"; empty where it can.
    """

    group: str
    error: Figure
    differences: tuple[Difference, ...]
    reason: str = ""


def yardstick(
    people: People, item_names: tuple[str, ...], *, min_n: int = MIN_GROUP_N
) -> tuple[GroupYardstick, ...]:
    """Compare the answers of each group with those of the largest, the reference.

    Args:
        people: answers and groups; what was decided is not looked at.
        item_names: names of the J items.
        min_n: fewest people of a group.

    Returns:
        a row a group, the reference left out.
    """
    reference = people.reference()
    enough = people.shown(min_n)
    places = [place for place in range(len(people.labels)) if place != reference]
    tested = sum(enough[place] for place in places)
    with one_blas_thread():
        return tuple(
            _compare(people, reference, place, item_names, max(tested, 1))
            if enough[place] and enough[reference]
            else _nothing(
                people.labels[place], f"fewer than {min_n} people of the group or of the reference group"
            )
            for place in places
        )


def _nothing(label: str, why: str) -> GroupYardstick:
    none = unknown(why)
    return GroupYardstick(label, none, (), none.reason)


def _compare(people: People, reference: int, place: int, names: tuple[str, ...], n_groups: int) -> GroupYardstick:
    label = people.labels[place]
    try:
        pair = [patterns_of(people, people.in_group[each]) for each in (reference, place)]
        groups = TwoGroups(people.need.items, people.need.mean, people.need.sd, pair[0], pair[1])
        best, found = _search(groups, n_groups)
        return _told(label, groups, best, found, names)
    except (EstimationError, np.linalg.LinAlgError) as error:
        why = error.what if isinstance(error, EstimationError) else "the groups' answers vary too little"
        return _nothing(label, why)


def _search(groups: TwoGroups, n_groups: int) -> tuple[Maximum, list[tuple[int, float]]]:
    """The model in which nothing more stands out, and what was let free, in order, with adjusted p-values."""
    free = np.zeros(groups.n_all, dtype=np.bool_)
    free[: groups.n_shared] = True
    now, found = maximise(groups, free), list[tuple[int, float]]()
    candidates = list(range(groups.n_shared, groups.n_all))
    while True:
        left = [place for place in candidates if not now.free[place]]
        shifts = sum(place != groups.n_shared for place, _ in found)
        if groups.items.n_items - shifts <= MIN_ALIKE:
            left = [place for place in left if place == groups.n_shared]
        if not left:
            return now, found
        p: FloatArray = np.array([chi2.sf(now.test(place), 1) for place in left])
        # the family holds the candidates of every group; this group's smallest stands for all of them
        best = int(np.argmin(p))
        adjusted = min(1.0, float(holm(np.append(p, np.ones((n_groups - 1) * len(candidates))))[best]))
        if adjusted >= ALPHA:
            return now, found
        free = now.free.copy()
        free[left[best]] = True
        now = maximise(groups, free, now.at)
        found.append((left[best], adjusted))


def _told(
    label: str, groups: TwoGroups, best: Maximum, found: list[tuple[int, float]], names: tuple[str, ...]
) -> GroupYardstick:
    factor = groups.n_shared
    free = best.free.copy()
    free[factor] = True
    with_error = best if best.free[factor] else maximise(groups, free, best.at)
    differences = []
    for place, p in found:
        if place == factor:
            differences.append(Difference("error", "", _error(best, factor), p, None))
            continue
        item = place - factor - 1
        figure = _figure(best, place)
        logits = (figure.value or 0.0) * float(abs(groups.items.slope[item]))
        differences.append(Difference("item", names[item], figure, p, size_of(logits, MODERATE, LARGE)))
    return GroupYardstick(label, _error(with_error, factor), tuple(differences))


def _figure(found: Maximum, place: int) -> Figure:
    value, se = float(found.at[place]), _se(found, place)
    return Figure(value, value - Z95 * se, value + Z95 * se)


def _error(found: Maximum, place: int) -> Figure:
    """1 / slope factor: the error of an answer, in logits of need, is inversely proportional to the slope."""
    value, se = float(found.at[place]), _se(found, place)
    factor, low, high = (float(np.exp(-each)) for each in (value, value + Z95 * se, value - Z95 * se))
    return Figure(factor, low, high)


def _se(found: Maximum, place: int) -> float:
    own = int(found.free[:place].sum())
    return float(np.sqrt(found.covariance()[own, own]))
