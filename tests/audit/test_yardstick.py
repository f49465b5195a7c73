"""Tests of the comparison of answers: planted biases are found, and told apart."""

import numpy as np
import pytest

from evenhand.audit.likelihood import TwoGroups, evaluate, maximise, moved
from evenhand.audit.people import patterns_of
from evenhand.audit.yardstick import yardstick
from evenhand.measure.examples import CREDIT_ITEMS, GRADED_ITEMS
from evenhand.measure.models import log_probabilities
from tests.audit.towns import ITEMS, NAMES, NEED, town

SKIPPED = 0.9 * np.eye(8)[3]


def pair(seed: int, slope: float = 1.0) -> TwoGroups:
    people, _ = town(seed, n=(300, 300), slope=slope)
    first, second = (patterns_of(people, own) for own in people.in_group)
    return TwoGroups(ITEMS, NEED.mean, NEED.sd, first, second)


def test_the_scores_are_the_derivatives_of_the_loglikelihood() -> None:
    groups = pair(1)
    rng = np.random.default_rng(1)
    at = rng.normal(0, 0.2, groups.n_all)
    free = np.ones(groups.n_all, dtype=np.bool_)
    here = evaluate(groups, at, free)
    for place in range(groups.n_all):
        step = 1e-4 * np.eye(groups.n_all)[place]
        slope = (evaluate(groups, at + step, free).loglik - evaluate(groups, at - step, free).loglik) / 2e-4
        assert here.w @ here.scores[:, place] == pytest.approx(slope, abs=1e-2)


def test_the_score_test_comes_close_to_the_likelihood_ratio() -> None:
    groups = pair(2, slope=0.8)
    free = np.zeros(groups.n_all, dtype=np.bool_)
    free[: groups.n_shared] = True
    plain = maximise(groups, free)
    more = free.copy()
    more[groups.n_shared] = True
    ratio = 2 * (maximise(groups, more, plain.at).loglik - plain.loglik)
    assert ratio > 4
    assert plain.test(groups.n_shared) == pytest.approx(ratio, rel=0.25)


@pytest.mark.parametrize("items", [ITEMS, CREDIT_ITEMS, GRADED_ITEMS])
def test_moving_locations_is_moving_theta_the_other_way(items: object) -> None:
    from evenhand.measure.models import Items

    assert isinstance(items, Items)
    theta = np.array([-1.0, 0.3, 2.0])
    there = log_probabilities(moved(items, np.full(items.n_items, 0.7), 1.0), theta)
    np.testing.assert_allclose(there, log_probabilities(items, theta - 0.7), atol=1e-10)


def test_a_group_measured_with_more_error_is_found_and_no_item_blamed() -> None:
    people, _ = town(11, slope=0.6)
    (found,) = yardstick(people, NAMES)
    assert [each.kind for each in found.differences] == ["error"]
    assert found.error.low is not None
    assert found.error.high is not None
    assert 1 < found.error.low < 1 / 0.6 < found.error.high


def test_a_biased_item_is_found_and_the_error_called_equal() -> None:
    people, _ = town(12, shift=SKIPPED)
    (found,) = yardstick(people, NAMES)
    assert [(each.kind, each.item, each.size) for each in found.differences] == [("item", "SKIPPED", "C")]
    effect = found.differences[0].effect
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 0.9 < effect.high
    assert found.error.low is not None
    assert found.error.high is not None
    assert found.error.low < 1 < found.error.high


def test_both_planted_together_are_both_found() -> None:
    people, _ = town(13, n=(1500, 1200), slope=0.6, shift=2 * SKIPPED)
    (found,) = yardstick(people, NAMES)
    assert {(each.kind, each.item) for each in found.differences} >= {("error", ""), ("item", "SKIPPED")}


def test_alike_groups_of_unlike_need_stay_quiet() -> None:
    people, _ = town(14, mean=(0.0, -1.0), sd=(1.5, 0.9))
    (found,) = yardstick(people, NAMES)
    assert found.differences == ()


def test_few_people_read_insufficient_evidence() -> None:
    people, _ = town(15, n=(400, 60))
    (found,) = yardstick(people, NAMES)
    assert found.reason.startswith("insufficient evidence")
    assert found.error.value is None


def test_a_group_that_answers_all_alike_has_a_reason_and_no_number() -> None:
    people, _ = town(16, n=(300, 200))
    people.codes[people.group == 1] = 0
    (found,) = yardstick(people, NAMES)
    assert found.reason.startswith("insufficient evidence")


def false_alarms(runs: int) -> int:
    return sum(bool(yardstick(town(900 + run)[0], NAMES)[0].differences) for run in range(runs))


def test_few_runs_of_alike_groups_raise_few_alarms() -> None:
    assert false_alarms(20) <= 4  # at a rate of .05, 5 or more of 20 have a chance of .003


@pytest.mark.slow
def test_alike_groups_raise_alarms_at_the_nominal_rate() -> None:
    assert 25 <= false_alarms(1000) <= 75  # .05 of 1,000 with 3.6 standard deviations of a count


@pytest.mark.slow
def test_planted_biases_are_told_apart_nearly_always() -> None:
    noise = [yardstick(town(3000 + run, slope=0.6)[0], NAMES)[0] for run in range(200)]
    item = [yardstick(town(4000 + run, shift=SKIPPED)[0], NAMES)[0] for run in range(200)]
    assert sum(found.differences[0].kind == "error" for found in noise if found.differences) >= 195
    assert sum(found.differences[0].item == "SKIPPED" for found in item if found.differences) >= 195
    assert sum(each.kind == "item" for found in noise for each in found.differences) <= 30
    assert sum(each.kind == "error" for found in item for each in found.differences) <= 10
