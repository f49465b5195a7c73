"""What a noisy histogram says of an area, against enumeration, known truth and bad days."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import norm, poisson

from evenhand.errors import StatisticsError
from evenhand.measure.examples import LSAT6_ITEMS
from evenhand.statistics.area import AreaModel, fit_area
from evenhand.statistics.areacounts import draw_counts, log_count_table
from evenhand.statistics.classes import raw_table
from tests.statistics.coverage import demo_model

MODEL = demo_model()
SIGMA = 2.42535625
"""The default budget's, one month a year for each invitation."""


def test_the_likelihood_of_a_noisy_count_is_the_sum_over_counts() -> None:
    expected = np.array([0.3, 4.0, 25.0])
    for noisy in (-9.0, 0.0, 3.5, 40.0):
        counts = np.arange(400)
        full = [(poisson.pmf(counts, m) * norm.pdf(noisy, counts, SIGMA)).sum() for m in expected]
        keep = np.array(full) > 1e-12  # beyond that both are the noise's far tail
        assert np.exp(log_count_table(noisy, SIGMA**2, expected))[keep] == pytest.approx(
            np.array(full)[keep], rel=1e-6
        )


def test_drawn_counts_are_those_of_the_posterior() -> None:
    drawn = draw_counts(np.random.default_rng(2), np.array([3.0]), SIGMA**2, np.full((40_000, 1), 4.0))
    counts = np.arange(40)
    p = poisson.pmf(counts, 4.0) * norm.pdf(3.0, counts, SIGMA)
    p /= p.sum()
    assert drawn.mean() == pytest.approx(p @ counts, abs=0.05)
    assert drawn.var() == pytest.approx(p @ counts**2 - (p @ counts) ** 2, rel=0.05)


def test_the_latent_mean_is_that_of_a_brute_force_posterior() -> None:
    """The same posterior by summing over every grid point and every vector of true counts, three classes."""
    table = raw_table(LSAT6_ITEMS.take(np.array([True, True, False, False, False])), mean=0.0, sd=1.0)
    model, noisy, variance = AreaModel(table, 0.0, 1.0, (0.0,)), np.array([2.0, 5.0, 9.0]), 1.0
    means, log_sds, sizes = np.linspace(-4, 4, 61), np.linspace(-0.9, 0.9, 13), np.linspace(-0.69, 4.2, 81)
    counts = np.array(list(product(range(12), range(14), range(18))))
    noise = norm.pdf(noisy, counts, 1.0).prod(axis=1)
    n = counts.sum(axis=1)
    # Poisson counts: their number is Poisson, and given it they are multinomial
    ways = np.array([comb(a + b + c, a) * comb(b + c, b) for a, b, c in counts], dtype=float)
    total = first = 0.0
    sized = [poisson.pmf(np.arange(n.max() + 1), np.exp(size)) for size in sizes]
    for mean, log_sd in product(means, log_sds):
        p = table.probabilities(np.array([mean]), np.exp(np.array([log_sd])))[0]
        split = ways * (p**counts).prod(axis=1) * noise
        by_n = np.bincount(n, weights=split)
        prior = norm.pdf(mean) * norm.pdf(log_sd, 0, 0.25)
        weight = prior * sum(by_n @ own for own in sized)
        total, first = total + weight, first + weight * mean
    assert fit_area(model, noisy, variance, seed=1).latent_mean == pytest.approx(first / total, abs=0.01)


def test_much_data_without_noise_gives_the_truth() -> None:
    p = MODEL.table.probabilities(np.array([0.8]), np.array([1.3]))[0]
    found = fit_area(MODEL, np.rint(50_000 * p), 0.0, seed=1)
    assert found.latent_mean == pytest.approx(0.8, abs=0.03)
    assert found.latent_sd == pytest.approx(1.3, abs=0.03)
    for share, at in zip(found.shares, MODEL.thresholds, strict=True):
        assert share.value == pytest.approx(norm.sf(at, 0.8, 1.3), abs=0.01)
        assert share.high - share.low < 0.03


def test_a_district_one_sd_worse_is_not_pulled_back_to_the_calibration() -> None:
    p = MODEL.table.probabilities(np.array([1.5]), np.array([1.5]))[0]
    found = fit_area(MODEL, np.rint(600 * p), SIGMA**2, seed=1)
    truth = norm.sf(MODEL.thresholds[1], 1.5, 1.5)
    assert abs(found.shares[1].value - truth) < 0.04
    assert found.shares[1].low < truth < found.shares[1].high


def test_the_prior_can_be_taken_out_again() -> None:
    p = MODEL.table.probabilities(np.array([1.5]), np.array([1.5]))[0]
    found = fit_area(MODEL, np.rint(40 * p), SIGMA**2, seed=1)
    mean, se = found.without_prior(MODEL)
    assert found.latent_mean < mean < 3
    assert se > found.latent_mean_se
    empty = fit_area(MODEL, np.zeros(9), SIGMA**2, seed=1).without_prior(MODEL)
    assert np.isinf(empty[1]) or empty[1] > 2


@pytest.mark.parametrize("noisy", [np.zeros(10), np.full(10, -6.0), np.full(9, -30.0), np.r_[np.zeros(9), 40.0]])
def test_nobody_or_noise_below_zero_gives_wide_intervals_and_no_fault(noisy: np.ndarray) -> None:
    found = fit_area(MODEL, noisy, SIGMA**2, seed=1)
    assert found.people.low == 0 or noisy.sum() > 20
    assert found.latent_mean_se > 0.5
    for each in found.shares:
        assert np.isnan(each.value) or each.high - each.low > 0.3


def test_everybody_in_the_highest_class() -> None:
    found = fit_area(MODEL, np.r_[np.zeros(8), 200.0], SIGMA**2, seed=1)
    assert found.shares[1].low > 0.7
    assert np.isfinite(found.latent_mean)


def test_people_are_the_noisy_total_with_the_noise_s_interval() -> None:
    found = fit_area(MODEL, np.full(10, 12.0), SIGMA**2, seed=1).people
    assert found.value == 120
    assert found.high - found.value == pytest.approx(1.6449 * SIGMA * np.sqrt(10), rel=1e-4)


def test_the_same_seed_gives_the_same_figures() -> None:
    noisy = np.linspace(0.0, 45.0, 10)
    assert fit_area(MODEL, noisy, 6.0, seed=3) == fit_area(MODEL, noisy, 6.0, seed=3)


@pytest.mark.parametrize(
    ("noisy", "variance"),
    [(np.zeros(8), 1.0), (np.full(9, np.nan), 1.0), (np.zeros(9), -1.0), (np.zeros(9), float("nan"))],
)
def test_what_is_no_histogram_is_refused(noisy: np.ndarray, variance: float) -> None:
    with pytest.raises(StatisticsError) as error:
        fit_area(MODEL, noisy, variance, seed=1)
    assert error.value.code == "statistics.histogram"
