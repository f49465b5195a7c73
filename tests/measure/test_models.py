"""Item response models against their formulas written out. 1e-12: both sides are closed formulas."""

import numpy as np
import pytest
from scipy.special import expit

from evenhand.measure.models import (
    Items,
    category_moments,
    information,
    is_binary,
    items_from_thresholds,
    log_normaliser,
    on_standard_scale,
    probabilities,
)
from evenhand.measure.responses import FloatArray

THETA = np.array([-6.0, -1.3, 0.0, 0.4, 2.2, 7.0])
A = np.array([1.0, -1.4, 0.3, 25.0])
STEPS = np.array([[-0.5, 0.2, 1.0], [0.7, np.nan, np.nan], [1.0, -1.0, np.nan], [0.1, 0.1, 0.4]])
BINARY = items_from_thresholds(A, STEPS[:, :1])
PCM = items_from_thresholds(A, STEPS)


def by_formula(a: float, steps: FloatArray, theta: float) -> FloatArray:
    """P(x = k) proportional to exp(sum over h <= k of a (theta - b_h)), from interfaces.md."""
    steps = steps[~np.isnan(steps)]
    total = [sum(a * (theta - b) for b in steps[:k]) for k in range(len(steps) + 1)]
    power = np.exp(np.array(total) - max(total))
    out: FloatArray = power / power.sum()
    return out


@pytest.mark.parametrize("items", [BINARY, PCM], ids=["binary", "polytomous"])
def test_probabilities_add_to_one_and_lie_between(items: Items) -> None:
    p = probabilities(items, np.linspace(-1e4, 1e4, 41))
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=0, atol=1e-14)
    assert p.min() >= 0
    assert p.max() <= 1


def test_binary_items_follow_the_formula() -> None:
    expected = expit(A[:, None] * (THETA - STEPS[:, :1]))
    np.testing.assert_allclose(probabilities(BINARY, THETA)[:, 1], expected, rtol=1e-12)
    assert is_binary(BINARY)


def test_partial_credit_items_follow_the_formula() -> None:
    p = probabilities(PCM, THETA)
    assert not is_binary(PCM)
    for item, (a, steps) in enumerate(zip(A, STEPS, strict=True)):
        for place, theta in enumerate(THETA):
            expected = by_formula(float(a), steps, float(theta))
            np.testing.assert_allclose(p[item, : len(expected), place], expected, rtol=1e-11, atol=1e-300)
            assert (p[item, len(expected) :, place] == 0).all()


def test_a_binary_item_is_a_partial_credit_item_of_one_step() -> None:
    wide = Items(BINARY.slope, np.concatenate([BINARY.intercept, np.full((4, 1), -np.inf)], axis=1))
    np.testing.assert_allclose(
        probabilities(wide, THETA)[:, :2], probabilities(BINARY, THETA), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(log_normaliser(wide, THETA), log_normaliser(BINARY, THETA), rtol=1e-13, atol=1e-15)
    for one, two in zip(category_moments(wide, THETA), category_moments(BINARY, THETA), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-14)


@pytest.mark.parametrize("items", [BINARY, PCM], ids=["binary", "polytomous"])
def test_moments_equal_sums_over_categories(items: Items) -> None:
    p = probabilities(items, THETA)
    k = np.arange(p.shape[1])
    mean, variance, third = category_moments(items, THETA)
    for item in range(items.n_items):
        for place in range(len(THETA)):
            own = p[item, :, place]
            expected = sum(own * k)
            assert mean[item, place] == pytest.approx(expected, abs=1e-13)
            assert variance[item, place] == pytest.approx(sum(own * (k - expected) ** 2), abs=1e-13)
            assert third[item, place] == pytest.approx(sum(own * (k - expected) ** 3), abs=1e-13)


@pytest.mark.parametrize("items", [BINARY, PCM], ids=["binary", "polytomous"])
def test_information_is_the_curvature_of_the_normaliser(items: Items) -> None:
    # a second central difference of step 1e-3: good to about 1e-6 of a^2 (a = 25: its fourth derivative rules)
    gentle = Items(np.clip(items.slope, -2, 2), items.intercept)
    h = 1e-3
    mid, up, down = (log_normaliser(gentle, THETA + d) for d in (0, h, -h))
    np.testing.assert_allclose(information(gentle, THETA), (up - 2 * mid + down) / h**2, rtol=0, atol=5e-6)


def test_nothing_overflows_far_out() -> None:
    for size in (1e4, -1e4):
        theta = np.array([size])
        binary = items_from_thresholds(np.ones(1), np.zeros((1, 1)))
        assert log_normaliser(binary, theta)[0, 0] == max(size, 0.0)
        steps = items_from_thresholds(np.ones(1), np.zeros((1, 3)))
        assert log_normaliser(steps, theta)[0, 0] == max(3 * size, 0.0)
        for items in (binary, steps):
            assert np.isfinite(probabilities(items, theta)).all()
            assert all(np.isfinite(part).all() for part in category_moments(items, theta))


@pytest.mark.parametrize("items", [BINARY, PCM], ids=["binary", "polytomous"])
def test_the_standard_scale_is_another_name_for_theta(items: Items) -> None:
    mean, sd = 1.7, 4.5
    moved = on_standard_scale(items, mean, sd)
    z = (THETA - mean) / sd
    np.testing.assert_allclose(probabilities(moved, z), probabilities(items, THETA), rtol=1e-9, atol=1e-15)


def test_graded_probabilities_are_as_good_in_the_tails_as_in_the_middle() -> None:
    """Far above its curves a category has exp(-l) - exp(-u), far below exp(u) - exp(l): no difference of ones."""
    items = Items(np.ones(1), np.array([[0.0, 1.0, -0.5, -np.inf]]), np.ones(1, dtype=np.bool_))
    low, middle, high, none = probabilities(items, np.array([-60.0, 60.0]))[0]
    rise = 1 - np.exp(-1.5)
    np.testing.assert_allclose(middle, [np.exp(-59.0) * rise, np.exp(-59.5) * rise], rtol=1e-13)
    np.testing.assert_allclose(low, [1.0, np.exp(-61.0)], rtol=1e-13)
    np.testing.assert_allclose(high, [np.exp(-60.5), 1.0], rtol=1e-13)
    np.testing.assert_array_equal(none, 0.0)
    upside_down = Items(np.ones(1), np.array([[0.0, -0.5, 1.0]]), np.ones(1, dtype=np.bool_))
    np.testing.assert_array_equal(probabilities(upside_down, np.zeros(1))[0, 1], 0.0)
