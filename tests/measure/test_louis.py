"""The information from sums over people equals differences of the score: 1e-7 of the diagonal, 1e-5 where a latent
mean or SD is free, whose nodes the differences move."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest

from evenhand.measure.gradients import cross_products
from evenhand.measure.louis import louis_information
from evenhand.measure.marginal import MarginalFit, fit_anchored, fit_groups, fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.precision import by_differences, marginal_errors, observed_information
from evenhand.measure.responses import BoolArray, Responses
from evenhand.measure.simulate import simulate_codes

N = 1_200
CATEGORIES = np.array([2, 3, 4, 4, 4])


def items() -> Items:
    b = np.array([-0.6, 0.1, 0.5, -0.2, 0.3])[:, None] + np.array([-1.0, 0.2, 1.0])
    b[0, 1:], b[1, 2:] = np.nan, np.nan
    return items_from_thresholds(np.array([0.8, 1.3, -1.0, 1.6, 0.7]), b)


def people(*, missing: float = 0.0, weighted: bool = False, begin: int = 0, end: int = N) -> Patterns:
    rng = np.random.default_rng(1)
    codes = simulate_codes(rng, items(), rng.normal(0.3, 1.2, N)).copy()
    codes[rng.random(codes.shape) < missing] = -1
    weights = rng.uniform(0.5, 2.0, N)[begin:end] if weighted else None
    return collapse(Responses(codes[begin:end], CATEGORIES, weights, "sampling" if weighted else None))


def which(*chosen: int) -> BoolArray:
    return np.isin(np.arange(5), chosen)


SIGN = np.sign(items().slope)


def grouped(slopes: Literal["free", "shared"]) -> MarginalFit:
    groups = (people(missing=0.2, end=700), people(missing=0.2, begin=700))
    return fit_groups(groups, slopes=slopes, sign=SIGN)


CASES: dict[str, tuple[Callable[[], MarginalFit], float]] = {
    "free slopes": (lambda: fit_marginal(people(), slopes="free", sign=SIGN), 1e-7),
    "shared slopes, weights": (lambda: fit_marginal(people(weighted=True), slopes="shared", sign=SIGN), 1e-7),
    "some slopes shared, answers missing": (
        lambda: fit_marginal(people(missing=0.2), slopes=which(0, 1, 4), sign=SIGN),
        1e-7,
    ),
    "groups, free slopes": (lambda: grouped("free"), 1e-5),
    "groups, shared slopes": (lambda: grouped("shared"), 1e-5),
    "items fixed, free mean and SD": (
        lambda: fit_anchored(
            people(missing=0.1), known=items(), fixed_items=which(0, 2), unit_slopes=which(3), sign=SIGN
        ),
        1e-5,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_differences_of_the_score(name: str) -> None:
    make, tolerance = CASES[name]
    fit = make()
    found = louis_information(fit.problem, fit.parameters)
    expected = by_differences(fit.problem, fit.parameters)
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(found.observed / size, expected / size, rtol=0, atol=tolerance)
    outer = cross_products(fit.problem, fit.parameters)
    np.testing.assert_allclose(found.outer / size, outer / size, rtol=0, atol=1e-12)


def test_graded_items_are_left_to_differences() -> None:
    rng = np.random.default_rng(2)
    codes = simulate_codes(rng, items(), rng.normal(size=N))
    graded = which(2, 3)
    fit = fit_marginal(collapse(Responses(codes, CATEGORIES)), slopes="free", sign=SIGN, graded=graded)
    expected = by_differences(fit.problem, fit.parameters)
    np.testing.assert_array_equal(observed_information(fit.problem, fit.parameters), expected)


def test_robust_errors_are_the_same_whether_or_not_weights_of_one_are_named() -> None:
    """The middle of the sandwich is taken over from the information only where no weight can change it."""
    rng = np.random.default_rng(3)
    codes = simulate_codes(rng, items(), rng.normal(size=N))
    plain = collapse(Responses(codes, CATEGORIES))
    twice = collapse(Responses(codes, CATEGORIES, np.full(N, 2.0), "sampling"))
    one, two = (marginal_errors(fit_marginal(each, slopes="free", sign=SIGN), "robust") for each in (plain, twice))
    np.testing.assert_allclose(one.se_a, two.se_a, rtol=1e-4)
    np.testing.assert_allclose(one.se_b, two.se_b, rtol=1e-4)
