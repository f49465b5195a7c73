"""Tests of expected errors: chances by hand, and a simulated twin of a published comparison."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from evenhand.audit.expect import Town, best_first, expect, in_proportion
from evenhand.measure.responses import FloatArray


def test_the_greatest_come_first_and_ties_share_the_edge() -> None:
    np.testing.assert_allclose(best_first(np.array([5.0, 3, 3, 3, 1]), 2), [1, 1 / 3, 1 / 3, 1 / 3, 0])
    np.testing.assert_allclose(best_first(np.zeros(4), 1), np.full(4, 0.25))


@pytest.mark.parametrize("places", [0, 3, 5, 9])
def test_chances_add_to_the_places_and_none_is_above_one(places: int) -> None:
    size = np.array([0.9, 0.9, 0.05, 0.0, 0.3])
    for chance, most in ((best_first(size, places), 5), (in_proportion(size, places), 4)):
        assert chance.sum() == pytest.approx(min(places, most))
        assert chance.max(initial=0) <= 1


def test_nobody_gets_nothing() -> None:
    assert len(best_first(np.zeros(0), 3)) == 0
    assert len(in_proportion(np.zeros(0), 3)) == 0
    np.testing.assert_array_equal(in_proportion(np.zeros(3), 2), np.zeros(3))


def invented(rng: np.random.Generator, n: int = 5004, poor: float = 0.3, r2: float = 0.47) -> Town:
    """Log-normal consumption, and a proxy of it with that R squared; need is minus the logarithm."""
    proxy, rest = rng.normal(size=n), rng.normal(size=n)
    theta = np.sqrt(r2) * proxy + np.sqrt(1 - r2) * rest
    threshold = float(np.quantile(theta, 1 - poor))
    p = ndtr((np.sqrt(r2) * proxy - threshold) / np.sqrt(1 - r2))
    return Town(theta, (theta >= threshold).astype(np.float64), p, proxy, np.zeros(n, dtype=np.int64))


def near_the_cut(town: Town, places: int, half: float = 0.5, r2: float = 0.47) -> FloatArray:
    """Above cut + half an SE for certain, below cut - half an SE never, between a lottery with equal chances."""
    predicted = np.sqrt(r2) * town.measure
    cut, se = float(np.quantile(predicted, 1 - places / len(predicted))), float(np.sqrt(1 - r2))
    sure, band = predicted > cut + half * se, np.abs(predicted - cut) <= half * se
    return np.asarray(sure + band * (places - sure.sum()) / band.sum(), dtype=np.float64)


def test_a_simulated_twin_comes_near_the_published_comparison_of_ways() -> None:
    """Simulated, not the Indonesian data of Alatas et al.: log-normal people with the same n, share and R squared.

    On the data: exclusion error and ratio .39, 1.86 with a hard cut; .46, 1.69 with a lottery within half a
    standard error; .51, 1.54 with a proportional lottery; .70, 1.00 with a uniform one.
    """
    rng = np.random.default_rng(1)
    towns = [invented(rng) for _ in range(10)]
    places = round(0.3 * 5004)
    found = expect(towns, [near_the_cut(town, places) for town in towns], places)
    rows = {row.way: (row.exclusion.value, row.ratio.value) for row in found}
    assert rows["perfect measure"] == pytest.approx((0, 2.5), abs=0.01)
    assert rows["uniform lottery"] == pytest.approx((0.70, 1.0), abs=0.01)
    assert rows["hard cut-off"] == pytest.approx((0.39, 1.86), abs=0.05)
    assert rows["rule"] == pytest.approx((0.46, 1.69), abs=0.05)
    assert rows["proportional lottery"] == pytest.approx((0.51, 1.54), abs=0.06)


def test_the_hard_cut_errs_as_the_bivariate_normal_says() -> None:
    """Exclusion error = 1 - P(both in the top 30 %) / .3, by numerical integration."""
    cut = float(ndtri(0.7))
    x = np.linspace(cut, 9, 20001)
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    both = np.trapezoid(density * ndtr((np.sqrt(0.47) * x - cut) / np.sqrt(0.53)), x)
    towns = [invented(np.random.default_rng(2), n=100_000)]
    (row,) = (each for each in expect(towns, [np.zeros(100_000)], 30_000) if each.way == "hard cut-off")
    assert row.exclusion.value == pytest.approx(1 - both / 0.3, abs=0.01)


def test_groups_get_rows_of_their_own_and_an_empty_one_has_no_errors() -> None:
    rng = np.random.default_rng(3)
    town = invented(rng, n=400)
    found = expect([town], [np.full(400, 0.25)], 100, ("everyone", "nobody"))
    nobody = [row for row in found if row.group == "nobody"]
    assert len(nobody) == 5
    assert all(row.exclusion.value is None and row.support.value is None for row in nobody)
    (own,) = (row for row in found if row.way == "rule" and row.group == "everyone")
    assert own.exclusion.value == pytest.approx(0.75)
