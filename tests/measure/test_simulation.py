"""Simulated answers against the model's probabilities: within 4 binomial standard errors."""

import numpy as np
import pytest

from evenhand.measure.models import Items, items_from_thresholds, probabilities
from evenhand.measure.simulate import simulate_codes, simulate_theta

BINARY = items_from_thresholds(np.array([1.0, -2.0, 0.3, 9.0]), np.array([[0.0], [0.5], [-2.0], [0.1]]))
GRADED = items_from_thresholds(
    np.array([1.0, -1.5, 2.0]), np.array([[-1.0, 0.5, 1.0], [0.3, np.nan, np.nan], [0.8, -0.8, np.nan]])
)


@pytest.mark.parametrize("items", [BINARY, GRADED], ids=["binary", "graded"])
@pytest.mark.parametrize("theta", [-1.5, 0.0, 0.7])
def test_shares_match_probabilities(items: Items, theta: float) -> None:
    n = 40_000  # more than two blocks
    codes = simulate_codes(np.random.default_rng(1), items, np.full(n, theta))
    p = probabilities(items, np.array([theta]))[:, :, 0]
    for item in range(items.n_items):
        share = np.bincount(codes[:, item], minlength=p.shape[1]) / n
        assert (np.abs(share - p[item]) <= 4 * np.sqrt(p[item] * (1 - p[item]) / n)).all()


def test_answers_depend_on_theta_only() -> None:
    theta = simulate_theta(np.random.default_rng(2), 40_000, mean=0.5, sd=2.0)
    codes = simulate_codes(np.random.default_rng(3), BINARY, theta).astype(np.float64)
    residual = codes - probabilities(BINARY, theta)[:, 1].T
    correlation = np.asarray(np.corrcoef(residual.T))[np.triu_indices(4, 1)]
    assert np.abs(correlation).max() < 4 / np.sqrt(40_000)
    assert theta.mean() == pytest.approx(0.5, abs=4 * 2 / np.sqrt(40_000))
    assert theta.std() == pytest.approx(2.0, abs=4 * 2 / np.sqrt(80_000))


def test_the_same_seed_gives_the_same_people() -> None:
    once, again, other = (
        simulate_codes(np.random.default_rng(seed), GRADED, np.linspace(-2, 2, 500)) for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
    assert once.dtype == np.int8


def test_categories_that_an_item_lacks_are_never_given() -> None:
    codes = simulate_codes(np.random.default_rng(6), GRADED, np.random.default_rng(7).normal(0, 20, 50_000))
    assert codes.max(axis=0).tolist() == [3, 1, 2]
    assert codes.min() == 0
