"""From a measure to a proposal."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from evenhand.casework.assess import NeedMeasure, measure_need
from evenhand.casework.decide import by_table, fitting_support, priority_of, propose
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.need import NeedItems
from evenhand.programme.definitionparts import ExtraField, Rule, Support

RULE = Rule(version="1", certain_yes=0.9, certain_no=0.1, middle="lottery", reserved_share=0.05)
TEXT = {"en": "x", "ru": "x"}
PARCEL, STAY = (
    Support(name="parcel", title=TEXT, cost=10.0, capacity="low"),
    Support(name="advice", title=TEXT, cost=5.0, capacity="high"),
)


def measure(p: float, p_range: tuple[float, float] | None = None, answered: int = 8) -> NeedMeasure:
    return NeedMeasure(0.0, 0.8, p, p_range or (p, p), answered)


def proposal(found: NeedMeasure, **options: Any) -> str:
    return propose(found, RULE, min_answered=5, support=(PARCEL,), **options).proposal


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.9, "offer"), (0.8999, "lottery"), (0.1001, "lottery"), (0.1, "not_this_round"), (0, "not_this_round")],
)
def test_the_decision_table(p: float, expected: str) -> None:
    assert by_table(p, RULE)[0] == expected
    assert proposal(measure(p)) == expected


def test_an_unknown_answer_that_could_change_the_proposal_brings_a_person() -> None:
    found = propose(measure(0.95, (0.7, 0.95)), RULE, min_answered=5, support=(PARCEL,))
    assert found.proposal == "review"
    assert found.reasons == ("certainly-above", "unknown-answers-could-change-it")


def test_an_unknown_answer_that_changes_nothing_does_not() -> None:
    assert proposal(measure(0.95, (0.91, 0.97))) == "offer"


def test_too_few_answers_bring_a_person_whatever_p_is() -> None:
    assert proposal(measure(0.99, answered=4)) == "review"
    assert proposal(measure(0.01, answered=0)) == "review"


def test_capacity_chooses_the_support_and_nothing_else() -> None:
    results = [
        propose(measure(p), RULE, min_answered=5, support=(PARCEL, STAY), capacity=level)
        for p in (0.05, 0.5, 0.95)
        for level in ("low", "high", "unknown")
    ]
    for k in range(0, 9, 3):
        assert len({(each.proposal, each.reasons) for each in results[k : k + 3]}) == 1
    assert [each.support for each in results[:3]] == ["parcel", "advice", None]


def test_a_person_chooses_where_several_kinds_fit() -> None:
    anyone = Support(name="coupon", title=TEXT, cost=1.0, capacity="any")
    assert fitting_support((anyone,), "unknown") == "coupon"
    assert fitting_support((anyone, PARCEL), "low") is None


CHILD = ExtraField(
    name="children_under_2", label=TEXT, kind="whole-number", purpose=TEXT, expires_days=30, lowest=0, highest=9,
    adds_priority=True, priority_from=1,
)  # fmt: skip


@pytest.mark.parametrize(("value", "counts"), [("0", False), ("1", True), ("3", True), (None, False)])
def test_an_extra_fact_can_only_add_priority_and_unknown_is_never_held_against_anyone(
    value: str | None, counts: bool
) -> None:
    assert priority_of((CHILD,), {"children_under_2": value}) == (("children_under_2",) if counts else ())


def three_items(kind: str) -> NeedItems:
    """Items of two and three categories, rising and falling."""
    a = np.array([1.2, -0.8, 1.7])
    b = np.array([[-0.5, np.nan], [-1.0, 0.6], [0.1, 1.1]])
    if kind == "graded":
        b[1] = [0.6, -1.0]
    graded = np.full(3, kind == "graded")
    graded[0] = False
    return NeedItems(items_from_thresholds(a, b, graded), 0.2, 1.3)


@pytest.mark.parametrize("kind", ["partial credit", "graded"])
def test_two_completions_stand_for_all(kind: str) -> None:
    need = three_items(kind)
    tops = [2, 3, 3]
    for codes in product(*[range(-1, top) for top in tops]):
        given = np.array(codes, dtype=np.int8)
        unknown = given == -1
        found = measure_need(need, given, unknown, 0.4)
        every = [
            measure_need(need, np.array(each, dtype=np.int8), np.zeros(3, dtype=np.bool_), 0.4).p
            for each in product(*[range(top) if c == -1 else [c] for c, top in zip(codes, tops, strict=True)])
        ]
        assert found.p_range == pytest.approx((min(every), max(every)), abs=1e-12)


def test_answers_that_do_not_exist_are_not_completed() -> None:
    need = three_items("partial credit")
    codes = np.array([1, -1, -1], dtype=np.int8)
    found = measure_need(need, codes, np.array([False, False, False]), 0.4)
    assert found.p_range == (found.p, found.p)
    assert found.answered == 1


def test_no_answer_at_all_leaves_the_prior() -> None:
    need = three_items("partial credit")
    found = measure_need(need, np.full(3, -1, dtype=np.int8), np.zeros(3, dtype=np.bool_), 0.2)
    assert (found.theta, found.se, found.p, found.answered) == (0.2, 1.3, 0.5, 0)


def test_unknown_answers_move_the_estimate_to_the_mean_and_are_never_zero() -> None:
    items = items_from_thresholds(np.ones(8), np.linspace(-2, 2, 8)[:, None])
    need = NeedItems(items, 0.0, 2.0)
    none_unknown = np.zeros(8, dtype=np.bool_)
    four_yes = np.array([1, 1, 1, 1, -1, -1, -1, -1], dtype=np.int8)
    four_no = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=np.int8)
    unknown = measure_need(need, four_yes, none_unknown, 0.0).theta
    assert unknown > measure_need(need, four_no, none_unknown, 0.0).theta
    assert unknown < measure_need(need, np.ones(8, dtype=np.int8), none_unknown, 0.0).theta
