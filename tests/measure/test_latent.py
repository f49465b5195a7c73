"""The latent distribution with known items, against SciPy on a dense grid.

1e-6 in the log-likelihood, 1e-4 in mean and SD (SciPy's numeric gradients stop there); covariances 1e-3
(numeric second derivatives).
"""

import numpy as np
import pytest
from scipy.optimize import minimize

from evenhand.errors import EstimationError
from evenhand.measure.latent import fit_latent
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import collapse
from evenhand.measure.precision import marginal_errors
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from tests.measure.twins import collapsed, draw, items_of, log_marginals, with_holes

A, B = np.array([1.0, 1.5, -0.8, 1.2, 2.0]), np.array([-0.5, 0.3, 0.8, -1.0, 0.0])


def survey(n: int, mean: float, sd: float, seed: int, holes: float = 0.1) -> CodeArray:
    rng = np.random.default_rng(seed)
    codes = with_holes(rng, draw(rng, A, B, rng.normal(mean, sd, n)), holes)
    return codes[(codes >= 0).any(axis=1)]


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (1.5, 0.7), (-2.0, 3.0)])
def test_mean_and_sd_equal_those_of_the_brute_force_twin(mean: float, sd: float) -> None:
    codes = survey(300, mean, sd, 1)
    w = np.random.default_rng(2).lognormal(0, 0.8, len(codes))
    found = fit_latent(collapsed(codes, weights=w, weights_kind="sampling"), items_of(A, B))

    def minus(at: FloatArray) -> float:
        return -float(w @ log_marginals(codes, A, B, float(at[0]), float(np.exp(at[1]))))

    best = minimize(minus, np.array([mean, np.log(sd)]), method="BFGS", options={"gtol": 1e-4})
    assert found.loglik == pytest.approx(-best.fun, rel=0, abs=2e-5)
    assert found.mean == pytest.approx(best.x[0], abs=2e-4)
    assert np.log(found.sd) == pytest.approx(best.x[1], abs=2e-4)


@pytest.mark.parametrize("clustered", [False, True])
def test_errors_equal_a_sandwich_from_scratch(clustered: bool) -> None:
    codes = survey(300, 0.5, 1.2, 3)
    n = len(codes)
    w, cluster = np.random.default_rng(4).lognormal(0, 0.8, n), np.arange(n) % 30
    more = {"clusters": cluster} if clustered else {}
    patterns = collapsed(codes, weights=w, weights_kind="sampling", **more)
    found = fit_latent(patterns, items_of(A, B))
    at, h = np.array([found.mean, np.log(found.sd)]), 1e-3

    def each(place: FloatArray) -> FloatArray:
        return log_marginals(codes, A, B, float(place[0]), float(np.exp(place[1])))

    step = h * np.eye(2)
    scores = np.stack([(each(at + s) - each(at - s)) / (2 * h) for s in step], axis=1)
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            up = w @ (each(at + step[i] + step[j]) - each(at + step[i] - step[j]))
            down = w @ (each(at - step[i] + step[j]) - each(at - step[i] - step[j]))
            hessian[i, j] = (down - up) / (4 * h * h)
    inverse, weighted = np.linalg.inv(hessian), w[:, None] * scores
    if clustered:
        weighted = np.stack([weighted[cluster == c].sum(axis=0) for c in range(30)]) * np.sqrt(30 / 29)
    expected = inverse @ weighted.T @ weighted @ inverse
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
    assert found.se_mean == pytest.approx(np.sqrt(expected[0, 0]), rel=1e-3)
    assert found.se_sd == pytest.approx(found.sd * np.sqrt(expected[1, 1]), rel=1e-3)
    _, first = np.unique(patterns.mask_of, return_index=True)
    for place in first:
        own = int(np.flatnonzero((codes == patterns.codes[place]).all(axis=1))[0])
        np.testing.assert_allclose(found.influence[place], inverse @ scores[own], rtol=0, atol=2e-5)


def test_the_truth_lies_within_the_intervals_as_often_as_they_say() -> None:
    inside = []
    for seed in range(200):
        found = fit_latent(collapsed(survey(250, 0.8, 1.5, 1_000 + seed, 0.2)), items_of(A, B))
        inside.append([abs(found.mean - 0.8) < 1.96 * found.se_mean, abs(found.sd - 1.5) < 1.96 * found.se_sd])
    share = np.mean(inside, axis=0)
    # 200 sets: a standard error of .015
    assert (share > 0.92).all()
    assert (share < 0.98).all()


def test_items_fixed_at_the_marginal_estimates_give_back_their_sd() -> None:
    rng = np.random.default_rng(5)
    codes = draw(rng, np.ones(6), np.linspace(-1, 1, 6), rng.normal(0, 1.4, 800))
    patterns = collapsed(codes)
    fit = fit_marginal(patterns, slopes="shared")
    found = fit_latent(patterns, items_of(np.ones(6), -fit.items.intercept[:, 1]))
    # at the joint maximum the SD's own equation holds; the mean's follows from those of the severities
    assert found.sd == pytest.approx(fit.sd, abs=2e-5)
    assert found.mean == pytest.approx(0, abs=2e-5)
    assert found.loglik == pytest.approx(fit.loglik, rel=0, abs=1e-4)
    assert found.se_sd <= marginal_errors(fit, "robust").se_sd


def test_frequency_weights_give_the_expanded_fit() -> None:
    codes = survey(120, 0.3, 1.0, 6)
    counts = np.random.default_rng(7).integers(0, 4, len(codes))
    one = fit_latent(collapsed(codes, weights=counts.astype(np.float64), weights_kind="frequency"), items_of(A, B))
    many = fit_latent(collapsed(np.repeat(codes, counts, axis=0)), items_of(A, B))
    assert one.loglik == pytest.approx(many.loglik, rel=1e-10)
    np.testing.assert_allclose(
        [one.mean, one.sd, one.se_mean, one.se_sd], [many.mean, many.sd, many.se_mean, many.se_sd], rtol=1e-6
    )


def test_a_constant_factor_of_sampling_weights_changes_nothing() -> None:
    codes, w = survey(200, 0.3, 1.0, 8), None
    w = np.random.default_rng(9).random(len(codes))
    one, other = (
        fit_latent(collapsed(codes, weights=c * w, weights_kind="sampling"), items_of(A, B)) for c in (1.0, 1e-5)
    )
    np.testing.assert_allclose(
        [one.mean, one.sd, one.se_mean, one.se_sd], [other.mean, other.sd, other.se_mean, other.se_sd], rtol=1e-5
    )


def test_moving_and_stretching_the_items_moves_and_stretches_the_people() -> None:
    patterns = collapsed(survey(300, 0.5, 1.0, 10))
    one, other = fit_latent(patterns, items_of(A, B)), fit_latent(patterns, items_of(A / 3, 7 + 3 * B))
    assert other.mean == pytest.approx(7 + 3 * one.mean, abs=1e-5)
    assert other.sd == pytest.approx(3 * one.sd, rel=1e-5)
    assert other.se_mean == pytest.approx(3 * one.se_mean, rel=1e-4)


def test_partial_credit_items_recover_the_truth() -> None:
    items = items_from_thresholds(np.ones(6), np.tile([-0.7, 0.4], (6, 1)))
    rng = np.random.default_rng(11)
    codes = simulate_codes(rng, items, rng.normal(0.6, 1.7, 2_000))
    found = fit_latent(collapse(Responses(codes, np.full(6, 3))), items)
    assert abs(found.mean - 0.6) < 3 * found.se_mean
    assert abs(found.sd - 1.7) < 3 * found.se_sd


def test_a_population_five_sd_wide_is_recovered() -> None:
    rng = np.random.default_rng(12)
    b = np.linspace(2, 6, 8)
    found = fit_latent(collapsed(draw(rng, np.ones(8), b, rng.normal(0, 4.5, 4_000))), items_of(np.ones(8), b))
    assert abs(found.sd - 4.5) < 3 * found.se_sd
    assert abs(found.mean) < 3 * found.se_mean


def refusal(codes: CodeArray, b: FloatArray) -> str:
    with pytest.raises(EstimationError) as caught:
        fit_latent(collapsed(codes), items_of(np.ones(len(b)), b))
    return caught.value.code


def test_people_who_all_have_the_same_score_have_no_spread() -> None:
    codes = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1]] * 20, dtype=np.int8)
    assert refusal(codes, np.linspace(-1, 1, 4)) == "latent.no-spread"


def test_people_only_at_both_ends_have_no_finite_estimate() -> None:
    codes = np.repeat(np.array([[0, 0, 0, 0], [1, 1, 1, 1]], dtype=np.int8), 30, axis=0)
    assert refusal(codes, np.linspace(-1, 1, 4)) == "latent.no-maximum"
