"""Standard errors against numerical second derivatives and per-person scores of a brute-force likelihood.

The engine differentiates its exact gradient with a step of 1e-4; the twin differentiates a log-likelihood twice
with a step of 1e-3, which is good to about 1e-5 of an element. Hence 1e-4.
"""

from typing import Literal

import numpy as np
import pytest
from twins import collapsed, draw, log_marginals, with_holes

from evenhand.errors import EstimationError
from evenhand.measure.marginal import MarginalFit, Slopes, fit_marginal
from evenhand.measure.precision import invert, marginal_errors, middle, observed_information, pattern_scores
from evenhand.measure.responses import CodeArray, FloatArray

A, B = np.array([1.2, 0.8, -1.6, 1.0]), np.array([-0.8, 0.5, 0.9, 0.0])
KINDS: list[tuple[Slopes, float | None]] = [("free", None), ("shared", None), ("shared", 1.2)]
IDS = ["2pl", "rasch", "fixed"]


def survey(n: int, slopes: Slopes, seed: int) -> tuple[CodeArray, FloatArray]:
    rng = np.random.default_rng(seed)
    a = A if slopes == "free" else np.sign(A)
    codes = with_holes(rng, draw(rng, a, B, rng.normal(0, 1.2, n)), 0.1)
    codes = codes[(codes >= 0).any(axis=1)]
    return codes, rng.lognormal(0, 0.7, len(codes))


def fitted(codes: CodeArray, w: FloatArray, slopes: Slopes, fixed_sd: float | None, **more: object) -> MarginalFit:
    patterns = collapsed(codes, weights=w, weights_kind="sampling", **more)
    sign = None if slopes == "free" else np.sign(A)
    return fit_marginal(patterns, slopes=slopes, sign=sign, fixed_sd=fixed_sd)


def each_loglik(fit: MarginalFit, codes: CodeArray, at: FloatArray) -> FloatArray:
    """(N,) log P(x) at (slopes or SD, thresholds): the parameters as the scale file has them."""
    j = codes.shape[1]
    if fit.problem.slopes == "free":
        return log_marginals(codes, at[:j], at[j:])
    sd = fit.sd if len(at) == j else float(at[0])
    return log_marginals(codes, fit.problem.sign, at[-j:], 0.0, sd)


def on_file_metric(fit: MarginalFit) -> FloatArray:
    head = fit.items.slope if fit.problem.slopes == "free" else np.array([fit.sd])[: fit.problem.fixed_sd is None]
    slope = fit.items.slope / fit.sd
    return np.concatenate([head, -fit.items.intercept[:, 1] / slope])


def derivatives(fit: MarginalFit, codes: CodeArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, n) scores and (n, n) negative Hessian by differences."""
    at, h = on_file_metric(fit), 1e-3
    n = len(at)
    step = h * np.eye(n)
    scores = np.stack(
        [(each_loglik(fit, codes, at + s) - each_loglik(fit, codes, at - s)) / (2 * h) for s in step], axis=1
    )
    hessian = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            corners = [
                sign * (w @ each_loglik(fit, codes, at + one * step[i] + two * step[j]))
                for one, two, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
            ]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4 * h * h)
    return scores, -hessian


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_model_errors_are_the_inverse_of_the_numerical_hessian(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(300, slopes, 1)
    fit = fitted(codes, w, slopes, fixed_sd)
    _, hessian = derivatives(fit, codes, w)
    expected = np.linalg.inv(hessian) * w.sum() / len(w)
    found = marginal_errors(fit, "model")
    np.testing.assert_allclose(found.covariance, expected, rtol=2e-4, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_robust_errors_are_the_sandwich_of_per_person_scores(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(300, slopes, 2)
    fit = fitted(codes, w, slopes, fixed_sd)
    scores, hessian = derivatives(fit, codes, w)
    inverse = np.linalg.inv(hessian)
    weighted = w[:, None] * scores
    expected = inverse @ (weighted.T @ weighted) @ inverse
    found = marginal_errors(fit, "robust")
    np.testing.assert_allclose(found.covariance, expected, rtol=2e-4, atol=1e-4 * np.abs(expected).max())
    se = np.sqrt(np.diag(found.covariance))
    np.testing.assert_allclose(found.se_b[:, 0], se[-4:], rtol=1e-12)
    if slopes == "free":
        np.testing.assert_allclose(found.se_a, se[:4], rtol=1e-12)
        assert np.isnan(found.se_sd)
    else:
        assert np.isnan(found.se_a).all()
        np.testing.assert_allclose(found.se_sd, np.nan if fixed_sd else se[0], rtol=1e-12)


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_cluster_errors_are_the_sandwich_of_cluster_totals(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(300, slopes, 3)
    cluster = np.random.default_rng(4).integers(0, 25, len(w))
    fit = fitted(codes, w, slopes, fixed_sd, clusters=cluster)
    scores, hessian = derivatives(fit, codes, w)
    inverse, total = np.linalg.inv(hessian), np.zeros((25, scores.shape[1]))
    for person, own in enumerate(cluster):
        total[own] += w[person] * scores[person]
    expected = inverse @ (total.T @ total) @ inverse * 25 / 24
    found = marginal_errors(fit, "robust").covariance
    np.testing.assert_allclose(found, expected, rtol=3e-4, atol=2e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_each_person_a_cluster_gives_the_persons_errors(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(200, slopes, 5)
    n = len(w)
    alone = fitted(codes, w, slopes, fixed_sd, clusters=np.arange(n))
    people = fitted(codes, w, slopes, fixed_sd)
    np.testing.assert_allclose(
        marginal_errors(alone, "robust").covariance,
        marginal_errors(people, "robust").covariance * n / (n - 1),
        rtol=1e-8,
    )


def test_one_cluster_has_no_spread() -> None:
    codes, w = survey(200, "shared", 6)
    fit = fitted(codes, w, "shared", None, clusters=np.zeros(len(w), dtype=np.int64))
    with pytest.raises(EstimationError) as caught:
        marginal_errors(fit, "robust")
    assert caught.value.code == "estimation.one-cluster"


@pytest.mark.parametrize("kind", ["robust", "model"])
def test_two_slopes_of_two_items_cannot_be_told_apart(kind: Literal["robust", "model"]) -> None:
    rng = np.random.default_rng(7)
    codes = draw(rng, np.full(2, 1.5), np.zeros(2), rng.normal(size=1_000))
    fit = fit_marginal(collapsed(codes), slopes="free")
    with pytest.raises(EstimationError) as caught:
        marginal_errors(fit, kind)
    assert caught.value.code == "estimation.singular"


@pytest.mark.parametrize("matrix", [np.ones((2, 2)), np.diag([1.0, 0.0]), np.diag([1.0, -1.0])])
def test_a_matrix_that_is_not_positive_definite_is_refused(matrix: FloatArray) -> None:
    with pytest.raises(EstimationError) as caught:
        invert(matrix)
    assert caught.value.code == "estimation.singular"


def test_matrices_of_very_different_scales_are_inverted() -> None:
    size = np.array([1e-6, 1.0, 1e6])
    core = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 3.0]])
    expected = np.linalg.inv(core) / np.outer(size, size)
    np.testing.assert_allclose(invert(core * np.outer(size, size)), expected, rtol=1e-12)


def test_scores_of_the_patterns_add_up_to_the_gradient() -> None:
    codes, w = survey(300, "free", 8)
    fit = fitted(codes, w, "free", None)
    elsewhere = fit.parameters + 0.3
    total = sum(fit.problem.patterns.w[own] @ scores for own, scores in pattern_scores(fit.problem, elsewhere))
    np.testing.assert_allclose(total, fit.problem.evaluate(elsewhere).gradient, rtol=0, atol=1e-8)


def test_information_on_the_internal_metric_is_symmetric_and_the_derivative_of_the_gradient() -> None:
    codes, w = survey(300, "free", 9)
    fit = fitted(codes, w, "free", None)
    found = observed_information(fit.problem, fit.parameters)
    np.testing.assert_array_equal(found, found.T)
    direction, h = np.linspace(-1, 1, 8), 1e-4
    up, down = (fit.problem.evaluate(fit.parameters + s * direction).loglik for s in (h, -h))
    curvature = (2 * fit.loglik - up - down) / h**2
    # rounding of a log-likelihood near 1,000 over h^2 leaves about 1e-4 of the curvature
    assert direction @ found @ direction == pytest.approx(curvature, rel=1e-3)


def test_the_middle_is_the_same_in_one_block_or_in_many() -> None:
    rng = np.random.default_rng(10)
    codes = draw(rng, np.ones(13), np.zeros(13), rng.normal(size=9_000))
    patterns = collapsed(codes, weights=rng.random(9_000), weights_kind="sampling")
    assert patterns.n_patterns > 4_096
    fit = fit_marginal(patterns, slopes="shared")
    blocks = list(pattern_scores(fit.problem, fit.parameters))
    assert len(blocks) > 1
    whole = np.concatenate([scores for _, scores in blocks])
    expected = (whole.T * patterns.w2) @ whole
    np.testing.assert_allclose(middle(patterns, iter(blocks)), expected, rtol=1e-10, atol=1e-10)
