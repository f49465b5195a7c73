"""Fit and reliability on simulated people, and against loops.

5,000 people: a mean square's standard error under the model is at most .05 here (outfit of the hardest item), and
.01-.03 for infit. Reliability has one of about .005.
"""

import numpy as np
import pytest
from scipy.special import expit

from evenhand.measure.conditional import expected_given_raw, fit_conditional, oriented
from evenhand.measure.itemfit import ItemFit, conditional_fit, eap_fit, marginal_reliability
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.score import score_patterns
from tests.measure.twins import collapsed, draw, items_of, with_holes

B = np.linspace(-1.5, 1.5, 8)
ONE = np.ones(8)
PAIRS = np.triu_indices(8, 1)


def people(seed: int, n: int = 5_000, holes: float = 0.0) -> CodeArray:
    rng = np.random.default_rng(seed)
    return with_holes(rng, draw(rng, ONE, B, rng.normal(0, 1.5, n)), holes)


def with_conditional(codes: CodeArray) -> ItemFit:
    return conditional_fit(fit_conditional(collapsed(codes)))


def with_eap(codes: CodeArray) -> ItemFit:
    return eap_fit(collapsed(codes), items_of(ONE, B), 0.0, 1.5)


@pytest.mark.parametrize("holes", [0.0, 0.1])
def test_conditional_fit_is_one_under_the_model(holes: float) -> None:
    fit = with_conditional(people(1, holes=holes))
    assert fit.person_values == "conditional probabilities"
    assert np.abs(fit.infit - 1).max() < 0.06
    assert np.abs(fit.outfit - 1).max() < 0.15
    assert fit.infit.mean() == pytest.approx(1, abs=0.01)
    # given the raw score residuals add to 0: their correlations are about -1 / (J - 1)
    assert np.abs(fit.q3[PAIRS] + 1 / 7).max() < 0.08


def test_eap_fit_is_below_one_by_what_the_answer_itself_tells() -> None:
    fit = with_eap(people(1))
    assert fit.person_values == "EAP"
    assert (fit.infit < 1.0).all()
    assert (fit.infit > 0.75).all()
    assert np.ptp(fit.infit) < 0.08
    assert fit.n == 5_000


@pytest.mark.parametrize("kind", [with_conditional, with_eap])
def test_an_item_answered_by_chance_stands_out(kind) -> None:  # type: ignore[no-untyped-def]
    codes = people(2)
    codes[:, 0] = np.random.default_rng(3).random(5_000) < 0.5
    fit = kind(codes)
    assert fit.outfit[0] > 1.3
    assert fit.infit[0] > 1.15
    assert fit.outfit[0] == fit.outfit.max()
    assert fit.infit[0] == fit.infit.max()


@pytest.mark.parametrize("kind", [with_conditional, with_eap])
def test_two_items_that_share_more_than_theta_stand_out(kind) -> None:  # type: ignore[no-untyped-def]
    codes = people(4)
    same = np.random.default_rng(5).random(5_000) < 0.6
    codes[same, 4] = codes[same, 3]
    fit = kind(codes)
    assert np.argmax(fit.q3[PAIRS]) == np.flatnonzero((PAIRS[0] == 3) & (PAIRS[1] == 4))[0]
    assert fit.q3[3, 4] > np.nanmean(fit.q3) + 0.3


def by_loops(
    residual: FloatArray, variance: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Infit, outfit and Q3 from the residuals of each pattern, NaN where missing."""
    j = residual.shape[1]
    infit, outfit, q3 = np.empty(j), np.empty(j), np.full((j, j), np.nan)
    for item in range(j):
        own = ~np.isnan(residual[:, item])
        square, known = residual[own, item] ** 2, variance[own, item]
        infit[item] = (w[own] @ square) / (w[own] @ known)
        outfit[item] = (w[own] @ (square / known)) / w[own].sum()
        for other in range(j):
            both = own & ~np.isnan(residual[:, other])
            if other != item:
                covariance = np.cov(residual[both][:, [item, other]].T, aweights=w[both], ddof=0)
                q3[item, other] = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    return infit, outfit, q3


def weighted(seed: int) -> Patterns:
    codes = people(seed, 300, 0.15)
    return collapsed(codes, weights=np.random.default_rng(seed).lognormal(0, 1, 300), weights_kind="sampling")


def assert_equal_loops(fit: ItemFit, residual: FloatArray, variance: FloatArray, w: FloatArray) -> None:
    for found, expected in zip((fit.infit, fit.outfit, fit.q3), by_loops(residual, variance, w), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_conditional_fit_equals_loops() -> None:
    fit = fit_conditional(weighted(6))
    expected = expected_given_raw(fit)
    residual = oriented(fit.patterns, fit.sign) - expected
    assert_equal_loops(conditional_fit(fit), residual, expected * (1 - expected), fit.patterns.w)
    assert conditional_fit(fit).n == fit.patterns.n.sum()


def test_eap_fit_equals_loops() -> None:
    patterns, a = weighted(7), np.where(np.arange(8) % 3 == 0, -1.2, 0.8)
    theta = score_patterns(patterns, items_of(a, B), "eap", mean=0.3, sd=1.2).theta
    p = expit(a * (theta[:, None] - B))
    residual = np.where(patterns.answered, patterns.codes - p, np.nan)
    assert_equal_loops(eap_fit(patterns, items_of(a, B), 0.3, 1.2), residual, p * (1 - p), patterns.w)


def test_frequency_weights_give_the_expanded_files_fit() -> None:
    codes = people(8, 200, 0.1)
    counts = np.random.default_rng(9).integers(0, 4, 200)
    one = collapsed(codes, weights=counts.astype(np.float64), weights_kind="frequency")
    many = collapsed(np.repeat(codes, counts, axis=0))
    for first, second in (
        (conditional_fit(fit_conditional(one)), conditional_fit(fit_conditional(many))),
        (eap_fit(one, items_of(ONE, B), 0.0, 1.5), eap_fit(many, items_of(ONE, B), 0.0, 1.5)),
    ):
        np.testing.assert_allclose(first.infit, second.infit, rtol=1e-9)
        np.testing.assert_allclose(first.outfit, second.outfit, rtol=1e-9)
        np.testing.assert_allclose(first.q3, second.q3, rtol=1e-7)
        assert first.n == second.n
    reliability = [marginal_reliability(each, items_of(ONE, B), 0.0, 1.5) for each in (one, many)]
    assert reliability[0] == pytest.approx(reliability[1], rel=1e-10)


def test_pairs_never_answered_together_have_no_correlation() -> None:
    codes = people(10, 500)
    codes[:250, 0] = -1
    codes[250:, 1] = -1
    fit = with_eap(codes)
    assert np.isnan(fit.q3[0, 1])
    assert np.isfinite(fit.q3[0, 2:]).all()
    assert np.isnan(np.diag(fit.q3)).all()


@pytest.mark.parametrize(("sd", "holes"), [(0.7, 0.0), (1.5, 0.0), (3.0, 0.0), (1.5, 0.3)])
def test_reliability_is_the_squared_correlation_with_the_truth(sd: float, holes: float) -> None:
    rng = np.random.default_rng(11)
    theta = rng.normal(0.4, sd, 20_000)
    codes = with_holes(rng, draw(rng, ONE, B, theta), holes)
    theta, codes = theta[(codes >= 0).any(axis=1)], codes[(codes >= 0).any(axis=1)]
    patterns = collapse(Responses(codes, np.full(8, 2)), with_rows=True)
    assert patterns.rows is not None
    eap = score_patterns(patterns, items_of(ONE, B), "eap", mean=0.4, sd=sd).theta[patterns.rows]
    reliability = marginal_reliability(patterns, items_of(ONE, B), 0.4, sd)
    assert reliability == pytest.approx(np.corrcoef(eap, theta)[0, 1] ** 2, abs=0.02)
    assert reliability == pytest.approx(np.var(eap) / sd**2, abs=0.02)
