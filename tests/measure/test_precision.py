"""Standard errors against numerical second derivatives and per-person scores of a brute-force likelihood.

The engine differentiates its exact gradient with a step of 1e-4; the twin differentiates a log-likelihood twice
with a step of 1e-3, which is good to about 1e-5 of an element. Hence 1e-4.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

from evenhand.errors import EstimationError
from evenhand.measure.marginal import MarginalFit, Slopes, fit_marginal
from evenhand.measure.precision import ItemErrors, invert, marginal_errors, observed_information
from evenhand.measure.responses import CodeArray, FloatArray
from tests.measure.twins import collapsed, draw, log_marginals, with_holes

A, B = np.array([1.2, 0.8, -1.6, 1.0]), np.array([-0.8, 0.5, 0.9, 0.0])
KINDS: list[tuple[Slopes, float | None]] = [("free", None), ("shared", None), ("shared", 1.2)]
IDS = ["2pl", "rasch", "fixed"]
H = 1e-3


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


@dataclass(frozen=True)
class Twin:
    """The brute-force likelihood of a fit in (slopes, or the SD unless fixed, and thresholds)."""

    codes: CodeArray
    w: FloatArray
    slopes: Slopes
    fixed_sd: float | None
    at: FloatArray

    def each(self, at: FloatArray) -> FloatArray:
        """(N,) log P(x)."""
        j = self.codes.shape[1]
        if self.slopes == "free":
            return log_marginals(self.codes, at[:j], at[j:])
        sd = float(at[0]) if self.fixed_sd is None else self.fixed_sd
        return log_marginals(self.codes, np.sign(A), at[-j:], 0.0, sd)

    def scores(self) -> FloatArray:
        """(N, n) of each person, by central differences."""
        step = H * np.eye(len(self.at))
        parts = [(self.each(self.at + s) - self.each(self.at - s)) / (2 * H) for s in step]
        return np.stack(parts, axis=1)

    def inverse(self) -> FloatArray:
        """(n, n) of the negative Hessian, by central differences."""
        n = len(self.at)
        step, hessian = H * np.eye(n), np.empty((n, n))
        for i in range(n):
            for j in range(i + 1):
                corners = [
                    sign * (self.w @ self.each(self.at + one * step[i] + two * step[j]))
                    for one, two, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
                ]
                hessian[i, j] = hessian[j, i] = sum(corners) / (4 * H * H)
        return np.asarray(np.linalg.inv(-hessian), dtype=np.float64)


def twin_of(fit: MarginalFit, codes: CodeArray, w: FloatArray, slopes: Slopes, fixed_sd: float | None) -> Twin:
    head = fit.items.slope if slopes == "free" else np.array([fit.sd])[: fixed_sd is None]
    slope = fit.items.slope if slopes == "free" else np.sign(A)
    return Twin(codes, w, slopes, fixed_sd, np.concatenate([head, -fit.items.intercept[:, 1] / slope]))


def assert_errors(found: ItemErrors, covariance: FloatArray, slopes: Slopes, fixed_sd: float | None) -> None:
    se = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.se_b[:, 0], se[-4:], rtol=1e-4)
    if slopes == "free":
        np.testing.assert_allclose(found.se_a, se[:4], rtol=1e-4)
    else:
        assert np.isnan(found.se_a).all()
    sd = np.nan if slopes == "free" or fixed_sd is not None else se[0]
    np.testing.assert_allclose(np.atleast_1d(found.se_sd), [sd], rtol=1e-4)


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_model_errors_are_the_inverse_of_the_numerical_hessian(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(300, slopes, 1)
    fit = fitted(codes, w, slopes, fixed_sd)
    expected = twin_of(fit, codes, w, slopes, fixed_sd).inverse() * w.sum() / len(w)
    assert_errors(marginal_errors(fit, "model"), expected, slopes, fixed_sd)


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_robust_errors_are_the_sandwich_of_per_person_scores(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(300, slopes, 2)
    fit = fitted(codes, w, slopes, fixed_sd)
    twin = twin_of(fit, codes, w, slopes, fixed_sd)
    weighted, inverse = w[:, None] * twin.scores(), twin.inverse()
    assert_errors(marginal_errors(fit, "robust"), inverse @ weighted.T @ weighted @ inverse, slopes, fixed_sd)


@pytest.mark.parametrize(("slopes", "fixed_sd"), KINDS, ids=IDS)
def test_cluster_errors_are_the_sandwich_of_cluster_totals(slopes: Slopes, fixed_sd: float | None) -> None:
    codes, w = survey(300, slopes, 3)
    cluster = np.random.default_rng(4).integers(0, 25, len(w))
    fit = fitted(codes, w, slopes, fixed_sd, clusters=cluster)
    twin = twin_of(fit, codes, w, slopes, fixed_sd)
    scores, inverse = twin.scores(), twin.inverse()
    total = np.zeros((25, scores.shape[1]))
    for person, own in enumerate(cluster):
        total[own] += w[person] * scores[person]
    expected = inverse @ (total.T @ total) @ inverse * 25 / 24
    assert_errors(marginal_errors(fit, "robust"), expected, slopes, fixed_sd)


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


def test_under_the_model_robust_errors_are_the_models_for_more_patterns_than_a_block() -> None:
    rng = np.random.default_rng(10)
    patterns = collapsed(draw(rng, np.ones(14), np.zeros(14), rng.normal(size=20_000)))
    assert patterns.n_patterns > 8_192
    fit = fit_marginal(patterns, slopes="shared")
    # the middle of the sandwich is a sum over 20,000 people: within about 2 % of the information
    np.testing.assert_allclose(marginal_errors(fit, "robust").se_b, marginal_errors(fit, "model").se_b, rtol=0.03)
