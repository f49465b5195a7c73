"""Tests of differences between groups: against fairlearn, against a known truth, and quiet without bias."""

from dataclasses import replace
from math import erfc, sqrt

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate

from evenhand.audit.corrected import RATES, corrected_rate, observed_rate, own_need
from evenhand.audit.fairness import Fairness, equal_measure, fairness
from evenhand.audit.null import support_curve
from evenhand.audit.people import People
from evenhand.errors import EstimationError
from tests.audit.towns import THRESHOLD, by_need, few, held_back, town

FEWER = {"mean": (0.0, -0.6), "sd": (1.5, 1.0)}


def sure(value: float | None) -> float:
    assert value is not None
    return value


@pytest.mark.parametrize("weighted", [False, True])
def test_observed_rates_are_fairlearn_s(weighted: bool) -> None:
    people, _ = town(1)
    weights = np.random.default_rng(1).uniform(0.5, 2, people.n) if weighted else None
    people = replace(people, weights=weights)
    frame = MetricFrame(
        metrics={"support": selection_rate, "missed": false_negative_rate, "unneeded": false_positive_rate},
        y_true=people.observed,
        y_pred=people.support,
        sensitive_features=people.group,
        sample_params={name: {"sample_weight": people.w} for name in ("support", "missed", "unneeded")},
    )
    for place, own in enumerate(people.in_group):
        for rate in RATES:
            assert observed_rate(people, own, rate, 50).value == pytest.approx(frame.by_group[rate][place])


def test_differences_are_fairlearn_s() -> None:
    people, _ = town(2)
    found = fairness(people, sets=20)
    frame = MetricFrame(
        metrics=false_negative_rate,
        y_true=people.observed,
        y_pred=people.support,
        sensitive_features=people.group,
    )
    (row,) = (each for each in found.differences if each.rate == "missed")
    assert row.observed.value == pytest.approx(frame.by_group[1] - frame.by_group[0])


def test_the_correction_recovers_the_error_that_the_yardstick_hides() -> None:
    """True exclusion errors of both groups, from the theta that was drawn, over 20 towns."""
    gaps = []
    for seed in range(20):
        people, theta = town(100 + seed, **FEWER)  # type: ignore[arg-type]
        for own in people.in_group:
            truth = float((1 - people.support)[own & (theta >= THRESHOLD)].mean())
            corrected = sure(corrected_rate(people, own_need(people, own), "missed", 50).value)
            observed = sure(observed_rate(people, own, "missed", 50).value)
            gaps.append((observed - truth, corrected - truth))
    observed_gap, corrected_gap = np.mean(gaps, axis=0)
    assert abs(corrected_gap) < 0.012
    assert observed_gap < -0.04


def alarms(found: Fairness) -> bool:
    return any(row.beyond for row in found.differences) or any(row.stands_out for row in found.treatment)


def test_unlike_need_alone_differs_as_observed_and_not_beyond_the_null() -> None:
    people, _ = town(31, **FEWER)  # type: ignore[arg-type]
    found = fairness(people, sets=60)
    (support,) = (row for row in found.differences if row.rate == "support")
    assert sure(support.observed_p) < 0.05
    assert not alarms(found)


def test_people_held_back_are_found_at_equal_measure_and_beyond_the_null() -> None:
    people, _ = town(32, support=held_back)
    found = fairness(people, sets=60)
    assert {row.rate for row in found.differences if row.beyond} >= {"support", "missed"}
    (treatment,) = found.treatment
    assert treatment.stands_out
    assert sure(treatment.difference.value) == pytest.approx(-0.13, abs=0.06)


@pytest.mark.slow
def test_towns_without_bias_are_called_quiet_at_the_nominal_rate() -> None:
    runs = 200
    found = [fairness(town(5000 + run, **FEWER)[0], sets=100) for run in range(runs)]  # type: ignore[arg-type]
    by_null = sum(any(row.beyond for row in each.differences) for each in found)
    by_treatment = sum(each.treatment[0].stands_out for each in found)
    assert by_null <= 21  # .05 of 200 with 3.6 standard deviations of a count
    assert by_treatment <= 21


def test_equal_measure_by_hand() -> None:
    """Two steps: (1, 0 | 1, 1) and (0, 0 | 1, 0), reference after the bar: U = 1 * -.5 + 1 * -.5, over 2."""
    support = np.array([1.0, 0, 1, 1, 0, 0, 1, 0])
    focal = np.array([True, True, False, False] * 2)
    step = np.repeat([0, 1], 4)
    found, p = equal_measure(support, focal, step)
    assert found.value == pytest.approx(-0.5)
    variance = np.var(support[:4], ddof=1) + np.var(support[4:], ddof=1)
    assert sure(p) == pytest.approx(erfc(1 / sqrt(2 * variance)))
    rng = np.random.default_rng(1)
    shuffled = [rng.permuted(support.reshape(2, 4), axis=1) for _ in range(4000)]
    u = np.array([(each[:, :2].mean(axis=1) - each[:, 2:].mean(axis=1)).sum() for each in shuffled])
    assert u.var() == pytest.approx(variance, rel=0.08)


def test_groups_without_common_measure_cannot_be_compared() -> None:
    found, p = equal_measure(np.ones(4), np.array([True, True, False, False]), np.array([0, 0, 1, 1]))
    assert found.value is None
    assert p is None


def test_a_small_group_reads_insufficient_evidence_everywhere() -> None:
    people, _ = town(41, n=(400, 30))
    found = fairness(people, sets=20)
    for row in found.differences:
        assert row.observed.value is None
        assert row.corrected.value is None
        assert row.null_p is None
        assert row.observed.reason.startswith("insufficient evidence")
    assert found.treatment[0].p is None


def test_no_group_can_be_found_by_subtraction() -> None:
    """Groups of 300, 60 and 5: the 5 are hidden, and the 60 with them, else everybody less both shows the 5."""
    people, _ = town(42, n=(300, 65))
    people = replace(people, group=np.where(np.arange(365) >= 360, 2, people.group), labels=("a", "b", "c"))
    assert people.shown(50) == (True, False, False)


@pytest.mark.parametrize("given", [0.0, 1.0])
def test_support_for_none_or_all_is_no_difference(given: float) -> None:
    people, _ = town(43)
    people = replace(people, support=np.full(people.n, given))
    found = fairness(people, sets=20)
    assert not alarms(found)
    assert all(row.observed.value == 0 for row in found.differences)


def test_one_group_and_nobody_have_nothing_to_compare() -> None:
    people, _ = town(44)
    alone = replace(people, group=np.zeros(people.n, dtype=np.int64), labels=("all of them",))
    assert fairness(alone).reference is None
    none = people.take(np.zeros(people.n, dtype=np.bool_))
    assert fairness(none).reference is None


def test_a_person_who_answered_nothing_counts_by_the_group_s_distribution() -> None:
    people, _ = town(45)
    people.codes[:20] = -1
    own = own_need(people, people.in_group[0])
    assert np.ptp(own.p[:20]) == 0
    assert 0 < own.p[0] < 1


def test_the_curve_of_support_gives_each_p_its_mean_where_p_takes_few_values() -> None:
    people, _ = town(46)
    curve = support_curve(people)
    value = np.unique(people.p)[3]
    at = people.p == value
    assert curve.support[curve.step(np.array([value]))[0]] == pytest.approx(people.support[at].mean())


def test_people_that_do_not_fit_together_are_refused() -> None:
    people = few([[0] * 8], [1.0], [0], ("a",))
    for wrong in ({"support": np.array([2.0])}, {"group": np.array([3])}, {"p": np.array([np.nan])}):
        with pytest.raises(EstimationError) as error:
            replace(people, **wrong)  # type: ignore[arg-type]
        assert error.value.code == "audit.people"


def test_the_lottery_of_the_towns_treats_groups_alike() -> None:
    rng = np.random.default_rng(1)
    p = np.full(20_000, 0.4)
    given = by_need(rng, p, np.zeros(20_000, dtype=np.int64))
    assert given.mean() == pytest.approx(0.4, abs=0.015)
    assert isinstance(town(1)[0], People)
