"""The null distribution of Q3 on simulated people."""

import numpy as np
import pytest

from evenhand.errors import OptionError
from evenhand.measure.itemfit import residual_correlations
from evenhand.measure.meansquares import eap, residual_moments
from evenhand.measure.models import Items
from evenhand.measure.patterns import in_place
from evenhand.measure.q3null import q3_null
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from tests.measure.test_sx2 import binary_items, mixed_items

PAIRS = np.triu_indices(6, 1)


def q3_of(codes: CodeArray, items: Items) -> FloatArray:
    patterns = in_place(Responses(codes, items.top.astype(np.int64) + 1))
    residual = residual_moments(patterns, items, eap(patterns, items, rectangular(121)))[0]
    return residual_correlations(residual, np.ones(len(residual)))


def test_the_same_seed_gives_the_same_limits() -> None:
    one, two = (q3_null(binary_items(), n=100, mean=0.0, sd=1.0, seed=1, sets=20) for _ in range(2))
    np.testing.assert_array_equal(one.largest, two.largest)
    np.testing.assert_array_equal(one.above_mean, two.above_mean)
    other = q3_null(binary_items(), n=100, mean=0.0, sd=1.0, seed=2, sets=20)
    assert not np.array_equal(one.largest, other.largest)


def test_the_limit_is_passed_as_often_as_it_says() -> None:
    items, rng = binary_items(), np.random.default_rng(3)
    null = q3_null(items, n=200, mean=0.0, sd=1.0, seed=3, sets=199)
    at_largest, at_mean = null.critical()
    largest, above = [], []
    for _ in range(300):
        q3 = q3_of(simulate_codes(rng, items, rng.normal(size=200)), items)[PAIRS]
        largest.append(q3.max())
        above.append(q3.max() - q3.mean())
    error = 3 * np.sqrt(0.05 * 0.95 * (1 / 300 + 1 / 199))
    assert abs(np.mean(np.array(largest) > at_largest) - 0.05) < error
    assert abs(np.mean(np.array(above) > at_mean) - 0.05) < error


def test_two_items_that_share_more_than_theta_pass_it() -> None:
    items, rng = binary_items(), np.random.default_rng(4)
    codes = simulate_codes(rng, items, rng.normal(size=500))
    same = rng.random(500) < 0.5
    codes[same, 4] = codes[same, 3]
    q3 = q3_of(codes, items)[PAIRS]
    null = q3_null(items, n=500, mean=0.0, sd=1.0, seed=4, sets=99)
    assert q3.max() > null.critical()[0]
    assert null.p_value(q3.max() - q3.mean()) == pytest.approx(0.01)
    assert null.p_value(-1.0) == 1.0


def test_more_people_narrow_it_and_missing_answers_widen_it() -> None:
    items = mixed_items()
    few, many = (q3_null(items, n=n, mean=0.2, sd=1.1, seed=5, sets=60).critical()[1] for n in (100, 1_000))
    masks = np.array([[True, True, True, True], [True, True, False, False]])
    holes = q3_null(items, n=1_000, mean=0.2, sd=1.1, seed=5, sets=60, answered=(masks, np.array([0.1, 0.9])))
    assert many < few
    assert holes.critical()[1] > many


def test_correlations_are_those_of_people_with_both_answers() -> None:
    residual: FloatArray = np.random.default_rng(6).standard_normal((50, 3))
    residual[:10, 0] = np.nan
    residual[:, 2] = 1.0
    found = residual_correlations(residual, np.ones(len(residual)))
    assert found[0, 1] == pytest.approx(np.asarray(np.corrcoef(residual[10:, :2].T))[0, 1])
    assert np.isnan(found[0, 2])
    assert np.isnan(np.diag(found)).all()


def test_sets_in_which_nothing_varies_have_finite_limits() -> None:
    certain = Items(np.ones(3), np.tile([0.0, 900.0], (3, 1)))
    null = q3_null(certain, n=10, mean=0.0, sd=1.0, seed=7, sets=5)
    assert np.isfinite(null.largest).all()
    assert np.isfinite(null.mean)


@pytest.mark.parametrize(("items", "n", "sets"), [(1, 10, 5), (3, 2, 5), (3, 10, 0)])
def test_what_cannot_be_simulated_is_refused(items: int, n: int, sets: int) -> None:
    with pytest.raises(OptionError, match=r"q3\.size"):
        q3_null(binary_items(items), n=n, mean=0.0, sd=1.0, seed=1, sets=sets)


def test_masks_and_levels_are_checked() -> None:
    masks, share = np.ones((2, 3), dtype=np.bool_), np.array([0.5, 0.6])
    with pytest.raises(OptionError, match=r"q3\.masks"):
        q3_null(binary_items(3), n=10, mean=0.0, sd=1.0, seed=1, sets=5, answered=(masks, share))
    null = q3_null(binary_items(3), n=10, mean=0.0, sd=1.0, seed=1, sets=5)
    with pytest.raises(OptionError, match=r"q3\.level"):
        null.critical(0.01)
