"""The noise is the exact discrete Gaussian, and costs what OpenDP and the formulas say."""

from fractions import Fraction
from math import inf, log, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from evenhand.errors import StatisticsError
from evenhand.statistics.discrete import draw_gaussian, gaussian_pmf
from evenhand.statistics.noise import LARGEST, Mechanism, composed_cost, epsilon, mechanism

TENTH = Fraction(1, 10)


def chi_square_p(values: Any, sigma: float) -> float:
    """P of a chi-square at least as large, over values with at least 20 expected and the two tails."""
    x, p = gaussian_pmf(sigma)
    inner = p * len(values) >= 20
    low, high = x[inner].min(), x[inner].max()
    cut = np.clip(values, low, high)
    seen = np.bincount(cut - low, minlength=high - low + 1)
    expected = np.bincount(np.clip(x, low, high) - low, weights=p) * len(values)
    return float(chi2.sf(((seen - expected) ** 2 / expected).sum(), len(seen) - 1))


@pytest.mark.parametrize("squared", [1, 12])
def test_released_noise_is_the_discrete_gaussian(squared: int) -> None:
    noise = mechanism(TENTH, squared)
    drawn = np.array(noise.release([7] * 30_000)) - 7
    assert chi_square_p(drawn, noise.sigma) > 1e-7  # unseeded: one run in ten million fails by chance


def test_another_scale_would_be_seen() -> None:
    noise = mechanism(TENTH, 1)
    drawn = np.array(noise.release([0] * 30_000))
    assert chi_square_p(drawn, noise.sigma * 1.05) < 1e-7


def test_simulated_noise_is_the_discrete_gaussian() -> None:
    assert chi_square_p(draw_gaussian(np.random.default_rng(3), 2.4, (100_000,)), 2.4) > 1e-3


def test_noise_of_two_cells_is_independent() -> None:
    drawn = np.array(mechanism(TENTH, 1).release([0] * 40_000)).reshape(2, -1)
    assert abs(np.corrcoef(drawn)[0, 1]) < 6 / sqrt(20_000)


@pytest.mark.parametrize("rho", [Fraction(1, 1000), TENTH, Fraction(17, 240), Fraction(1)])
@pytest.mark.parametrize("squared", [1, 2, 12])
def test_the_scale_is_the_formula_s_and_its_account_is_within_rho(rho: Fraction, squared: int) -> None:
    found = mechanism(rho, squared)
    assert found.sigma == pytest.approx(sqrt(squared / (2 * float(rho))), rel=1e-12)
    assert Fraction(found.cost()) <= rho
    assert found.cost() == pytest.approx(float(rho), rel=1e-12)


def test_losses_add_up_in_opendp_s_account_as_in_ours() -> None:
    parts = [mechanism(Fraction(85, 1000), 1), mechanism(Fraction(15, 1000), 1), mechanism(TENTH, 3)]
    assert composed_cost(parts) == pytest.approx(0.2, rel=1e-9)
    assert composed_cost([]) == 0


@pytest.mark.parametrize(("rho", "delta"), [(TENTH, 1e-6), (Fraction(1, 2), 1e-6), (Fraction(1), 1e-9)])
def test_epsilon_is_the_minimum_over_orders(rho: Fraction, delta: float) -> None:
    """Canonne, Kamath & Steinke 2020, corollary 13."""

    def at(log_order: float) -> float:
        order = 1 + np.exp(log_order)
        return float(float(rho) * order + log(1 / (order * delta)) / (order - 1) + log(1 - 1 / order))

    expected = minimize_scalar(at, bounds=(-3, 8), method="bounded", options={"xatol": 1e-10}).fun
    assert epsilon(rho, delta) == pytest.approx(expected, rel=1e-5)


def test_the_default_budget_s_epsilon() -> None:
    assert epsilon(TENTH, 1e-6) == pytest.approx(2.142, abs=5e-4)
    assert epsilon(Fraction(0), 1e-6) == 0


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), inf, True, "1", None, np.float64(2), LARGEST + 1, -LARGEST - 1, 2**64]
)
def test_only_whole_numbers_within_bounds_are_noised(value: Any) -> None:
    with pytest.raises(StatisticsError) as error:
        mechanism(TENTH, 1).release([0, value])
    assert error.value.code == "statistics.not-a-count"


def test_numpy_integers_are_whole_numbers() -> None:
    assert len(mechanism(TENTH, 1).release(list(np.arange(3)))) == 3


def test_nothing_is_released_from_nothing() -> None:
    assert mechanism(TENTH, 1).release([]) == ()


@pytest.mark.parametrize(("rho", "squared"), [(Fraction(0), 1), (Fraction(-1), 1), (Fraction(1), 0)])
def test_free_noise_is_refused(rho: Fraction, squared: int) -> None:
    with pytest.raises(StatisticsError) as error:
        mechanism(rho, squared)
    assert error.value.code == "statistics.rho"


@pytest.mark.parametrize("delta", [0.0, 1.0, -1e-6, float("nan")])
def test_epsilon_needs_a_delta(delta: float) -> None:
    with pytest.raises(StatisticsError) as error:
        epsilon(TENTH, delta)
    assert error.value.code == "statistics.delta"


def test_a_mechanism_s_values_can_be_compared() -> None:
    assert mechanism(TENTH, 1) == Mechanism(mechanism(TENTH, 1).sigma, 1, TENTH)
