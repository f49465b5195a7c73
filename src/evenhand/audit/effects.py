"""What each item does to decisions: whose row of the decision table would change if the item were left out.

A biased item matters for people only as far as it moves them over a bound. The answers are scored again without
the item, on the same scale, and the rows of the table compared: offer, between, not this round.
"""

import numpy as np

from evenhand.audit.overrides import GroupShare, group_shares, shares_of_everybody
from evenhand.audit.people import People, score_codes
from evenhand.measure.responses import MISSING, CodeArray, FloatArray, IntArray


def item_effects(
    people: People, item_names: tuple[str, ...], bounds: tuple[float, float], *, min_n: int
) -> tuple[GroupShare, ...]:
    """Share of everybody, and of each group, whose row changes without an item; a row an item and group.

    Args:
        people: the assessed people.
        item_names: names of the J need items.
        bounds: `certain_no` and `certain_yes` of the rule.
        min_n: fewest effective people of a share.
    """
    columns = [(name, row_changes(people, place, bounds)) for place, name in enumerate(item_names)]
    rows = shares_of_everybody(columns, people.w, min_n=min_n)
    if len(people.labels) < 2:
        return rows
    shown = people.shown(min_n)
    return (*rows, *group_shares(people.group, people.labels, people.w, columns, shown, min_n=min_n))


def row_changes(people: People, item: int, bounds: tuple[float, float]) -> FloatArray:
    """(N,) 1 where the row of the decision table changes when the item is left out, else 0."""
    without: CodeArray = people.codes.copy()
    without[:, item] = MISSING
    before, after = (
        rows_of(score_codes(codes, people.need, people.threshold)[0], bounds) for codes in (people.codes, without)
    )
    out: FloatArray = (before != after).astype(np.float64)
    return out


def rows_of(p: FloatArray, bounds: tuple[float, float]) -> IntArray:
    """(N,) 2 at or above `certain_yes`, 0 at or below `certain_no`, 1 between."""
    low, high = bounds
    out: IntArray = np.where(p >= high, 2, np.where(p <= low, 0, 1)).astype(np.int64)
    return out
