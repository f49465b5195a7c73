"""Standardised infit and outfit against R mirt and against loops.

1e-4 against R mirt; 1e-2 on the binary verbal aggression items, where it bounds small variances.
"""

import numpy as np
import pytest

from evenhand.errors import EstimationError
from evenhand.measure.meansquares import eap, eap_mean_squares, residual_moments, standardise
from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.patterns import collapse, in_place
from evenhand.measure.quadrature import panels
from evenhand.measure.responses import Responses
from evenhand.measure.simulate import simulate_codes
from tests.figures import column
from tests.measure.test_sx2 import CASES, binary_items, draw, mirt_items, mixed_items, patterns_of

R_MIRT_LEAST_VARIANCE = float(np.sqrt(1e-5))


@pytest.mark.parametrize(("data", "model", "parameters"), CASES)
def test_equals_r_mirt(data: str, model: str, parameters: str) -> None:
    items, sd = mirt_items(parameters)
    bounded = data == "verbal_aggression2"
    least = R_MIRT_LEAST_VARIANCE if bounded else 0.0
    found = eap_mean_squares(patterns_of(data), items, mean=0.0, sd=sd, least_variance=least)
    for ours, theirs in (
        (found.infit, "infit"),
        (found.outfit, "outfit"),
        (found.z_infit, "z.infit"),
        (found.z_outfit, "z.outfit"),
    ):
        expected = column(f"{data}_{model}_mirt_itemfit", theirs)
        np.testing.assert_allclose(ours, expected, atol=1e-2 if bounded else 1e-4)


def test_equals_loops_with_missing_answers_and_weights() -> None:
    items, rng = mixed_items(), np.random.default_rng(1)
    codes = simulate_codes(rng, items, rng.normal(size=150))
    codes[rng.random(codes.shape) < 0.2] = -1
    codes = codes[(codes >= 0).any(axis=1)]
    weight = rng.lognormal(0, 0.5, len(codes))
    patterns = collapse(Responses(codes, items.top.astype(np.int64) + 1, weight, "sampling"), with_rows=True)
    found = eap_mean_squares(patterns, items, mean=0.4, sd=1.2)
    standard = on_standard_scale(items, 0.4, 1.2)
    assert patterns.rows is not None
    theta = eap(patterns, standard, panels())[patterns.rows]
    for item in range(4):
        square, information, outfit, spread_out, spread_in, total = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for row, at, w in zip(codes, theta, weight, strict=True):
            if row[item] < 0:
                continue
            p = probabilities(standard, np.array([at]))[item, :, 0]
            k = np.arange(len(p))
            mean = k @ p
            v, c = p @ (k - mean) ** 2, p @ (k - mean) ** 4
            r = row[item] - mean
            square, information, total = square + w * r**2, information + w * v, total + w
            outfit += w * r**2 / v
            spread_out += w**2 * (c / v**2 - 1)
            spread_in += w**2 * (c - v**2)
        for mean_square, q, ours, z in (
            (outfit / total, np.sqrt(spread_out) / total, found.outfit, found.z_outfit),
            (square / information, np.sqrt(spread_in) / information, found.infit, found.z_infit),
        ):
            assert ours[item] == pytest.approx(mean_square, rel=1e-9)
            assert z[item] == pytest.approx((mean_square ** (1 / 3) - 1) * 3 / q + q / 3, rel=1e-7, abs=1e-9)
        assert found.n[item] == (codes[:, item] >= 0).sum()


def test_z_is_standard_normal_where_theta_is_known() -> None:
    items, rng = mixed_items(), np.random.default_rng(4)
    found = []
    for _ in range(250):
        theta = rng.normal(size=300)
        codes = simulate_codes(rng, items, theta)
        alone = in_place(Responses(codes, items.top.astype(np.int64) + 1))
        fit = standardise(*residual_moments(alone, items, theta), alone)
        found.append(np.concatenate([fit.z_infit, fit.z_outfit]))
    z = np.array(found)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.25)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=0.15)


def test_frequency_weights_are_counts() -> None:
    items, rng = binary_items(5), np.random.default_rng(5)
    codes = simulate_codes(rng, items, rng.normal(size=100))
    counts = rng.integers(1, 4, 100)
    one = collapse(Responses(codes, np.full(5, 2), counts.astype(np.float64), "frequency"))
    many = collapse(Responses(np.repeat(codes, counts, axis=0), np.full(5, 2)))
    first, second = (eap_mean_squares(each, items, mean=0.0, sd=1.0) for each in (one, many))
    np.testing.assert_allclose(first.z_infit, second.z_infit, rtol=1e-10)
    np.testing.assert_allclose(first.z_outfit, second.z_outfit, rtol=1e-10)


def test_an_item_nobody_answered_or_that_is_certain_has_no_figures() -> None:
    items = Items(np.array([1.0, 1.0, 1.0]), np.array([[0, 0.0], [0, 0.5], [0, 900.0]]))
    codes = np.array([[-1, 1, 1], [-1, 0, 1]], dtype=np.int8)
    found = eap_mean_squares(collapse(Responses(codes, np.full(3, 2))), items, mean=0.0, sd=1.0)
    for values in (found.infit, found.outfit, found.z_infit, found.z_outfit):
        np.testing.assert_array_equal(np.isnan(values), [True, False, True])
    np.testing.assert_array_equal(found.n, [0, 2, 2])


def test_moments_of_another_table_are_refused() -> None:
    patterns = draw(6, binary_items(3), 20)
    wrong = np.zeros((1, 3))
    with pytest.raises(EstimationError, match=r"fit\.shape"):
        standardise(wrong, wrong, wrong, patterns)
