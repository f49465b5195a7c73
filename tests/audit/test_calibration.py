"""Tests of calibration: worked by hand, quiet where P is right, loud where it is not."""

import numpy as np
import pytest

from evenhand.audit.calibration import calibration, expected_error


def test_brier_error_and_gap_worked_by_hand() -> None:
    """P .2 for 50 of whom 20 are in need, P .9 for 50 of whom 40 are: gaps +.2 and -.1."""
    p = np.repeat([0.2, 0.9], 50)
    need = np.concatenate([np.repeat([1.0, 0.0], [20, 30]), np.repeat([1.0, 0.0], [40, 10])])
    found = calibration(p, need)
    assert found.brier.value == pytest.approx((20 * 0.64 + 30 * 0.04 + 40 * 0.01 + 10 * 0.81) / 100)
    assert found.error.value == pytest.approx(0.15)
    assert found.gap.value == pytest.approx(0.55 - 0.6)
    assert [each.need.value for each in found.bins if each.p is not None] == pytest.approx([0.4, 0.8])


def test_a_right_p_errs_no_more_than_chance_makes_it() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(4000)
    found = calibration(p, (rng.random(4000) < p).astype(np.float64))
    assert found.error_by_chance is not None
    assert found.error.value == pytest.approx(found.error_by_chance, abs=0.015)
    assert found.gap.low is not None
    assert found.gap.high is not None
    assert found.gap.low < 0 < found.gap.high


def test_a_p_that_promises_too_much_shows_a_gap_beyond_chance() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.2, 1, 2000)
    found = calibration(p, (rng.random(2000) < p - 0.15).astype(np.float64))
    assert found.gap.value == pytest.approx(0.15, abs=0.03)
    assert found.gap.low is not None
    assert found.gap.low > 0.1
    assert found.error_by_chance is not None
    assert (found.error.value or 0) > 3 * found.error_by_chance


def test_a_probability_as_yardstick_gives_the_expected_brier_score() -> None:
    """E (P - Y)^2 with Y of probability q, against a mean over drawn Y."""
    rng = np.random.default_rng(4)
    p, q = rng.random(60), rng.random(60)
    drawn = np.mean([((p - (rng.random(60) < q)) ** 2).mean() for _ in range(4000)])
    assert calibration(p, q).brier.value == pytest.approx(float(drawn), abs=0.003)


def test_bins_of_few_people_and_p_of_one_have_their_place() -> None:
    p = np.concatenate([np.ones(60), [0.05]])
    found = calibration(p, np.ones(61))
    assert found.bins[9].need.value == 1
    assert found.bins[0].p is None
    assert found.bins[0].need.value is None


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_person_give_no_number(n: int) -> None:
    found = calibration(np.ones(n), np.ones(n))
    assert found.error_by_chance is None
    assert all(each.value is None for each in (found.brier, found.error, found.gap))


def test_the_error_weighs_people() -> None:
    p, need, place = np.array([0.2, 0.9]), np.array([1.0, 0.0]), np.array([2, 9])
    assert expected_error(p, need, np.array([3.0, 1.0]), place) == pytest.approx((3 * 0.8 + 0.9) / 4)
