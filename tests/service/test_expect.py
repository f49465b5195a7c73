"""Tests of expected errors of a programme: against the rounds' own lottery, and what they say of themselves."""

import numpy as np
import pytest

from evenhand.errors import OptionError
from evenhand.programme.definition import Programme, load_programme
from evenhand.report.expectation import expectation_body, render_expectation
from evenhand.service.expect import expected_errors

DEMO = load_programme("demo-town")


def changed(**rule: object) -> Programme:
    out = DEMO.model_copy(update={"rule": DEMO.rule.model_copy(update=rule)})
    out._measured = DEMO._measured
    return out


def test_the_rule_lies_between_the_uniform_lottery_and_the_perfect_measure() -> None:
    found = expected_errors(DEMO, n=200, towns=20)
    rows = {row.way: row.exclusion.value or 0.0 for row in found.ways}
    assert rows["perfect measure"] <= rows["hard cut-off"] + 1e-9
    assert rows["hard cut-off"] < rows["rule"] < rows["uniform lottery"]


def test_shares_of_people_and_of_places_are_those_of_the_programme() -> None:
    found = expected_errors(DEMO, n=200, towns=20)
    assert (found.places, found.reserved) == (
        74,
        4,
    )  # 150,000 over 1,900 is 78 places, 5 % of them rounded up kept
    (rule,) = (row for row in found.ways if row.way == "rule")
    assert rule.support.value == pytest.approx(74 / 200)
    assert sum(share.value or 0 for share in found.proposals.values()) == pytest.approx(1)


def test_more_places_never_leave_more_of_those_in_need_without() -> None:
    found = expected_errors(DEMO, n=300, towns=10)
    shares = [each.exclusion.value or 0.0 for each in found.what_if]
    assert shares == sorted(shares, reverse=True)
    assert [each.money for each in found.what_if] == [1900 * each.places for each in found.what_if]


def test_a_rule_with_review_counts_the_band_as_not_drawn_and_says_so() -> None:
    review = expected_errors(changed(middle="review"), n=100, towns=10)
    assert any("go to a person" in note for note in review.notes)
    (rule,) = (row for row in review.ways if row.way == "rule")
    (support,) = (each for name, each in review.proposals.items() if name == "offer")
    assert (rule.support.value or 0) == pytest.approx(support.value or 0, abs=0.02)


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    one, two, other = (expected_errors(DEMO, n=100, towns=3, seed=seed) for seed in (1, 1, 2))
    assert expectation_body(one) == expectation_body(two)
    assert expectation_body(one) != expectation_body(other)


def test_one_person_is_a_town_too() -> None:
    found = expected_errors(DEMO, n=1, towns=2)
    assert np.isfinite(found.in_need.value or 0)
    assert render_expectation(found)


@pytest.mark.parametrize(("n", "towns", "seed"), [(0, 5, 1), (5, 1, 1), (5, 5, -1), (2_000_000, 5, 1)])
def test_numbers_that_cannot_be_are_refused(n: int, towns: int, seed: int) -> None:
    with pytest.raises(OptionError) as error:
        expected_errors(DEMO, n=n, towns=towns, seed=seed)
    assert error.value.code == "expect.number"
