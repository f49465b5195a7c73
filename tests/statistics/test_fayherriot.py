"""Fay-Herriot: closed forms where variances are equal, recovery where they are not."""

import numpy as np
import pytest

from evenhand.errors import StatisticsError
from evenhand.statistics.fayherriot import small_areas

RNG = np.random.default_rng(6)


def test_with_equal_variances_the_between_variance_is_the_sample_s_less_the_noise() -> None:
    direct = RNG.normal(0, 2, 30)
    found = small_areas(direct, np.ones(30))
    assert found.between == pytest.approx(direct.var(ddof=1) - 1, abs=1e-5)
    g = found.between / (found.between + 1)
    assert found.value == pytest.approx(g * direct + (1 - g) * direct.mean(), abs=1e-9)


def test_areas_no_more_different_than_noise_get_the_common_mean() -> None:
    direct = np.array([0.1, -0.1, 0.05, -0.05])
    found = small_areas(direct, np.ones(4))
    assert found.between == 0
    assert found.value == pytest.approx(np.zeros(4), abs=1e-12)


def test_a_precise_area_keeps_its_own_value() -> None:
    direct = np.array([3.0, -2.0, 1.0, -1.0, 0.5, 2.0])
    found = small_areas(direct, np.array([1e-8, 1, 1, 1, 1, 1]))
    assert found.value[0] == pytest.approx(3.0, abs=1e-6)
    assert found.rmse[0] < 1e-3 < found.rmse[1]


def test_the_covariates_coefficients_are_found() -> None:
    x = np.column_stack([np.ones(400), RNG.normal(size=400)])
    variance = RNG.uniform(0.05, 0.5, 400)
    direct = x @ np.array([1.0, 2.0]) + RNG.normal(0, 0.5, 400) + RNG.normal(0, np.sqrt(variance))
    found = small_areas(direct, variance, x)
    assert found.beta == pytest.approx([1.0, 2.0], abs=0.15)
    assert found.between == pytest.approx(0.25, abs=0.12)


def test_the_reported_error_is_the_error_made_and_less_than_the_direct_one() -> None:
    made, told, direct_made = [], [], []
    variance = np.linspace(0.2, 1.5, 20)
    for _ in range(400):
        truth = RNG.normal(0, 0.7, 20)
        direct = truth + RNG.normal(0, np.sqrt(variance))
        found = small_areas(direct, variance)
        made.append(((found.value - truth) ** 2).mean())
        direct_made.append(((direct - truth) ** 2).mean())
        told.append((found.rmse**2).mean())
    assert np.mean(told) == pytest.approx(np.mean(made), rel=0.1)
    assert np.mean(made) < 0.6 * np.mean(direct_made)


@pytest.mark.parametrize(
    ("direct", "variance"),
    [([1.0, 2.0], [1.0, 1.0]), ([1.0, 2.0, np.nan], [1.0] * 3), ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0])],
    ids=["two areas", "no value", "no variance"],
)
def test_what_cannot_be_modelled_is_refused(direct: list[float], variance: list[float]) -> None:
    with pytest.raises(StatisticsError) as error:
        small_areas(np.array(direct), np.array(variance))
    assert error.value.code == "statistics.small-areas"


def test_the_values_are_labelled() -> None:
    assert "Fay-Herriot" in small_areas(np.arange(4.0), np.ones(4)).method
