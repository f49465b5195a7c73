"""What leaving out an item does to the rows of the decision table."""

import numpy as np
import pytest

from evenhand.audit.effects import item_effects, row_changes, rows_of
from evenhand.audit.people import People, score_codes
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.need import NeedItems

BOUNDS = (0.1, 0.9)
NAMES = ("A", "B", "C", "D")
NEED = NeedItems(items_from_thresholds(np.array([0.4, 1.0, 1.0, 3.0]), np.zeros((4, 1))), 0.0, 1.5)


def people_of(n: int = 400, seed: int = 1) -> People:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, 2, (n, 4)).astype(np.int8)
    p, theta = score_codes(codes, NEED, 0.2)
    return People(codes, NEED, 0.2, p, theta, np.zeros(n), rng.integers(0, 2, n), ("north", "south"))


@pytest.mark.parametrize(("p", "row"), [(0.0, 0), (0.1, 0), (0.11, 1), (0.89, 1), (0.9, 2), (1.0, 2)])
def test_the_rows_of_the_table(p: float, row: int) -> None:
    assert rows_of(np.array([p]), BOUNDS).tolist() == [row]


def test_changes_are_those_of_scoring_each_person_alone() -> None:
    people = people_of(60)
    for item in range(4):
        changed = []
        for codes in people.codes:
            without = codes.copy()
            without[item] = -1
            rows = [rows_of(score_codes(each[None, :], NEED, 0.2)[0], BOUNDS)[0] for each in (codes, without)]
            changed.append(float(rows[0] != rows[1]))
        assert row_changes(people, item, BOUNDS).tolist() == changed


def test_an_item_that_nobody_answered_changes_nothing() -> None:
    people = people_of()
    people.codes[:, 2] = -1
    assert row_changes(people, 2, BOUNDS).sum() == 0


def test_a_steeper_item_moves_more_people() -> None:
    everybody = {row.what: row.share.value for row in item_effects(people_of(), NAMES, BOUNDS, min_n=50)[:4]}
    assert (everybody["D"] or 0) > (everybody["A"] or 0)


def test_small_groups_read_insufficient_evidence() -> None:
    found = item_effects(people_of(60), NAMES, BOUNDS, min_n=50)
    assert found[0].share.known
    assert not any(row.share.known for row in found[4:])
