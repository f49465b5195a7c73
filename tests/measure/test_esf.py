"""Elementary symmetric functions against enumeration of every answer pattern, J up to 8. 1e-11 relative: both
sides add at most 256 positive numbers."""

import itertools

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

from evenhand.measure.esf import (
    conditional_information,
    conditional_probabilities,
    log_gamma,
    log_gamma_without,
)
from evenhand.measure.responses import FloatArray
from tests.measure.twins import all_patterns

RNG = np.random.default_rng(1)
CASES = [
    np.array([0.3]),
    np.zeros(2),
    np.array([0.5, -0.5]),
    np.zeros(6),
    np.array([1.0, 1.0, -1.0, -1.0, 0.0]),
    np.array([0.0, 5e-4, 1e-3, 1.5e-3, 2.0]),
    RNG.normal(0, 2, 7),
    RNG.normal(0, 6, 8),
]


def by_enumeration(log_eps: FloatArray) -> tuple[FloatArray, FloatArray, list[FloatArray]]:
    """log gamma, P(x_j = 1 | r) and the covariance matrix of x given each r."""
    n_items = len(log_eps)
    every = all_patterns(n_items).astype(np.float64)
    power, raw = every @ log_eps, every.sum(axis=1)
    gamma, probability, covariance = np.empty(n_items + 1), np.empty((n_items, n_items + 1)), []
    for r in range(n_items + 1):
        own = raw == r
        gamma[r] = logsumexp(power[own])
        p = np.exp(power[own] - gamma[r])
        mean = p @ every[own]
        probability[:, r] = mean
        covariance.append((every[own].T * p) @ every[own] - np.outer(mean, mean))
    return gamma, probability, covariance


@pytest.mark.parametrize("log_eps", CASES)
def test_gamma_equals_enumeration(log_eps: FloatArray) -> None:
    np.testing.assert_allclose(log_gamma(log_eps), by_enumeration(log_eps)[0], rtol=0, atol=1e-11)


@pytest.mark.parametrize("log_eps", CASES)
def test_conditional_probabilities_equal_enumeration(log_eps: FloatArray) -> None:
    found = conditional_probabilities(log_eps)
    np.testing.assert_allclose(found, by_enumeration(log_eps)[1], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=0), np.arange(len(log_eps) + 1), rtol=0, atol=1e-11)
    assert (found[:, 0] == 0).all()
    np.testing.assert_allclose(found[:, -1], 1, rtol=0, atol=1e-13)


@pytest.mark.parametrize("log_eps", CASES[1:])
def test_information_equals_enumeration(log_eps: FloatArray) -> None:
    weight = np.random.default_rng(2).random(len(log_eps) + 1) * 10
    expected = sum(w * each for w, each in zip(weight, by_enumeration(log_eps)[2], strict=True))
    found = conditional_information(log_eps, conditional_probabilities(log_eps), weight)
    # the quotient formula loses up to three digits where severities are 1e-3 apart
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=0), 0, rtol=0, atol=1e-9)


@pytest.mark.parametrize("distance", [0.0, 1e-12, 1e-6, 9.9e-4, 1.01e-3, 0.01])
def test_information_does_not_jump_between_close_and_far_severities(distance: float) -> None:
    log_eps = np.array([-1.0, 0.4, 0.4 + distance, 1.3, 0.4 - distance])
    weight = np.arange(1.0, 7.0)
    expected = sum(w * each for w, each in zip(weight, by_enumeration(log_eps)[2], strict=True))
    found = conditional_information(log_eps, conditional_probabilities(log_eps), weight)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("n_left_out", [1, 2])
def test_gamma_without_items_equals_that_of_the_others(n_left_out: int) -> None:
    log_eps = RNG.normal(0, 1.5, 6)
    left_out = np.array(list(itertools.combinations(range(6), n_left_out)))
    found = log_gamma_without(log_eps, left_out)
    for row, items in zip(found, left_out, strict=True):
        others = np.delete(log_eps, items)
        np.testing.assert_allclose(row[: len(others) + 1], log_gamma(others), rtol=0, atol=1e-11)
        assert np.isneginf(row[len(others) + 1 :]).all()


@pytest.mark.parametrize(("n_items", "spread"), [(200, 1.0), (200, 5.0), (60, 0.0)])
def test_two_hundred_items_stay_finite_and_symmetric(n_items: int, spread: float) -> None:
    log_eps = spread * np.linspace(-3, 3, n_items)
    gamma = log_gamma(log_eps)
    assert np.isfinite(gamma).all()
    # severities symmetric about 0: the functions are, too
    np.testing.assert_allclose(gamma, gamma[::-1], rtol=1e-12, atol=1e-9)
    probability = conditional_probabilities(log_eps)
    np.testing.assert_allclose(probability.sum(axis=0), np.arange(n_items + 1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(probability, 1 - probability[::-1, ::-1], rtol=0, atol=1e-11)
    information = conditional_information(log_eps, probability, np.ones(n_items + 1))
    np.testing.assert_array_equal(information, information.T)
    np.testing.assert_allclose(information.sum(axis=0), 0, rtol=0, atol=1e-7)
    assert np.linalg.eigvalsh(information)[0] > -1e-8


def test_equal_items_give_binomial_coefficients() -> None:
    r = np.arange(201)
    expected = gammaln(201) - gammaln(r + 1) - gammaln(201 - r)
    np.testing.assert_allclose(log_gamma(np.zeros(200)), expected, rtol=1e-12, atol=1e-10)
    expected = np.broadcast_to(r / 200, (200, 201))
    np.testing.assert_allclose(conditional_probabilities(np.zeros(200)), expected, rtol=0, atol=1e-11)
