"""Integration rules against SciPy's normal distribution. 1e-9 for moments is what the design asks; the
indicator is exact up to the rule's error for the density, below 1e-12."""

import numpy as np
import pytest
from scipy.stats import norm

from evenhand.measure.quadrature import Quadrature, panels, rectangular

MOMENTS = (1, 0, 1, 0, 3, 0, 15)


def moments(rule: Quadrature) -> list[float]:
    weights = np.exp(rule.log_weights)
    return [float(weights @ rule.nodes**power) for power in range(7)]


@pytest.mark.parametrize(
    ("rule", "tolerance"),
    [
        (rectangular(121, 8.0), 1e-9),
        (rectangular(241, 10.0), 1e-9),
        (panels(), 1e-9),
        (panels(0.3), 1e-9),
        (panels(-7.77), 1e-9),
        (panels(50.0), 1e-9),
        # The default ends at 6 SD: what is beyond carries 15 P(|z| > 6) and more of the sixth moment. The
        # estimator widens it where that matters.
        (rectangular(), 7e-5),
    ],
)
def test_moments_of_the_normal_distribution(rule: Quadrature, tolerance: float) -> None:
    np.testing.assert_allclose(moments(rule), MOMENTS, rtol=0, atol=tolerance)


def test_the_default_grid_gives_mean_and_variance() -> None:
    np.testing.assert_allclose(moments(rectangular())[:3], MOMENTS[:3], rtol=0, atol=2e-7)


@pytest.mark.parametrize("cut", [-8.9, -3.0, -1.0, -0.1234567, 0.0, 1e-12, 0.05, 0.9999, 2.5, 6.1])
def test_an_indicator_is_integrated_exactly_at_its_jump(cut: float) -> None:
    rule = panels(cut)
    share = float(np.exp(rule.log_weights) @ (rule.nodes >= cut))
    assert share == pytest.approx(norm.sf(cut), rel=0, abs=1e-12)
    half = float(np.exp(rule.log_weights) @ ((rule.nodes >= cut) * rule.nodes))
    assert half == pytest.approx(norm.pdf(cut), rel=0, abs=1e-12)


@pytest.mark.parametrize(("cut", "share"), [(-9.0, 1.0), (-30.0, 1.0), (9.0, 0.0), (30.0, 0.0)])
def test_a_jump_outside_the_range_is_all_or_nothing(cut: float, share: float) -> None:
    rule = panels(cut)
    assert float(np.exp(rule.log_weights) @ (rule.nodes >= cut)) == pytest.approx(share, abs=1e-14)


def test_panels_never_exceed_their_width_and_break_at_the_split() -> None:
    rule = panels(0.1, half_width=1.0, width=0.25, order=3)
    edges = np.concatenate([np.linspace(-1, 0.1, 6), np.linspace(0.1, 1, 5)[1:]])
    count, _ = np.histogram(rule.nodes, edges)
    assert count.tolist() == [3] * 9


def test_nodes_are_symmetric_and_weights_add_to_one() -> None:
    for rule in (rectangular(33, 4.0), panels()):
        np.testing.assert_allclose(rule.nodes, -rule.nodes[::-1], rtol=0, atol=1e-14)
        assert np.exp(rule.log_weights).sum() == pytest.approx(1.0, abs=1e-14)
