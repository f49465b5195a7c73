"""Conditional maximum likelihood against the likelihood by enumeration, maximised by SciPy.

Both are concave with a smooth maximum: 1e-6 in the log-likelihood, 1e-4 in severities (where SciPy's numeric
gradients stop) and 1e-4 relative in standard errors (numeric second derivatives).
"""

from typing import Literal

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from evenhand.errors import EstimationError
from evenhand.measure.conditional import (
    ConditionalFit,
    conditional_errors,
    conditional_scores,
    expected_given_raw,
    fit_conditional,
    informative,
    oriented,
)
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import CodeArray, FloatArray
from tests.measure.twins import all_patterns, collapsed, draw, with_holes

B = np.array([-1.2, -0.3, 0.0, 0.5, 1.0])


def people(n: int, b: FloatArray, seed: int, holes: float = 0.0) -> CodeArray:
    rng = np.random.default_rng(seed)
    return with_holes(rng, draw(rng, np.ones(len(b)), b, rng.normal(0.2, 1.3, n)), holes)


def each_loglik(codes: CodeArray, b: FloatArray, sign: FloatArray) -> FloatArray:
    """(N,) log of exp(-x b) over the sum of the same over all patterns with that raw score, by enumeration."""
    out = np.zeros(len(codes))
    for place, row in enumerate(codes):
        items = np.flatnonzero(row >= 0)
        if len(items) == 0:
            continue
        turned = np.where(sign[items] > 0, row[items], 1 - row[items]).astype(np.float64)
        every = all_patterns(len(items)).astype(np.float64)
        same = every[every.sum(axis=1) == turned.sum()]
        out[place] = -turned @ b[items] - logsumexp(-same @ b[items])
    return out


def centred(free: FloatArray) -> FloatArray:
    b = np.append(free, 0.0)
    out: FloatArray = b - b.mean()
    return out


def twin_maximum(patterns: Patterns, sign: FloatArray) -> tuple[float, FloatArray]:
    def minus(free: FloatArray) -> float:
        return -float(patterns.w @ each_loglik(patterns.codes, centred(free), sign))

    best = minimize(minus, np.zeros(patterns.n_items - 1), method="BFGS", options={"gtol": 1e-5})
    return -float(best.fun), centred(best.x)


@pytest.mark.parametrize(
    ("holes", "sign", "weighted"),
    [
        (0.0, np.ones(5), False),
        (0.2, np.ones(5), False),
        (0.2, np.array([1.0, -1.0, 1.0, 1.0, -1.0]), False),
        (0.2, np.ones(5), True),
    ],
    ids=["complete", "missing", "reversed", "weighted"],
)
def test_the_maximum_equals_that_of_the_brute_force_twin(
    holes: float,
    sign: FloatArray,
    weighted: bool,
) -> None:
    codes = people(150, B, 1, holes)
    codes = np.where((codes >= 0) & (sign < 0), 1 - codes, codes).astype(np.int8)
    w = np.random.default_rng(2).lognormal(0, 1, 150)
    more = {"weights": w, "weights_kind": "sampling"} if weighted else {}
    patterns = collapsed(codes, **more)
    fit = fit_conditional(patterns, sign=sign)
    loglik, b = twin_maximum(patterns, sign)
    assert fit.converged
    assert fit.gradient_norm < 1e-8
    assert fit.loglik == pytest.approx(loglik, rel=0, abs=1e-6)
    np.testing.assert_allclose(fit.b, b, rtol=0, atol=1e-4)
    assert fit.b.mean() == pytest.approx(0, abs=1e-12)


def test_a_loose_tolerance_stops_early_and_tells_the_gradient_that_is_left() -> None:
    patterns = collapsed(people(150, B, 1, 0.3))
    fit = fit_conditional(patterns, tolerance=10.0)
    assert fit.iterations == 1
    step = 1e-5 * np.eye(5)
    up, down = (
        np.array([patterns.w @ each_loglik(patterns.codes, fit.b + s, fit.sign) for s in shift])
        for shift in (step, -step)
    )
    expected = np.abs((up - down) / 2e-5).max() / fit.patterns.w.sum()
    assert expected > 1e-6  # or this would show nothing
    assert fit.gradient_norm == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("weighted", [False, True])
def test_two_items_have_a_closed_form(weighted: bool) -> None:
    codes = people(300, np.array([-0.4, 0.7]), 3, 0.1)
    w = np.random.default_rng(4).random(300) if weighted else np.ones(300)
    fit = fit_conditional(collapsed(codes, weights=w, weights_kind="sampling"))
    first, second = (w[(codes == pair).all(axis=1)].sum() for pair in ([1, 0], [0, 1]))
    assert fit.b[1] - fit.b[0] == pytest.approx(np.log(first / second), abs=1e-9)


def test_items_recoded_backwards_with_their_direction_change_nothing() -> None:
    codes, sign = people(300, B, 5, 0.1), np.array([1.0, -1.0, 1.0, -1.0, 1.0])
    turned = np.where((codes >= 0) & (sign < 0), 1 - codes, codes).astype(np.int8)
    one, other = fit_conditional(collapsed(codes)), fit_conditional(collapsed(turned), sign=sign)
    np.testing.assert_allclose(one.b, other.b, rtol=0, atol=1e-9)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-12)


def test_extreme_people_and_people_without_weight_change_nothing() -> None:
    codes = people(200, B, 6)
    w = np.ones(200)
    more = np.concatenate([codes, np.ones((40, 5)), np.zeros((30, 5)), [[1, 0, 1, 0, 1]]]).astype(np.int8)
    more_w = np.concatenate([w, np.ones(70), [0.0]])
    one = fit_conditional(collapsed(codes))
    other = fit_conditional(collapsed(more, weights=more_w, weights_kind="sampling"))
    np.testing.assert_allclose(one.b, other.b, rtol=0, atol=1e-12)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-12)
    np.testing.assert_allclose(
        conditional_errors(one, "robust", collapsed(codes)),
        conditional_errors(other, "robust", collapsed(more, weights=more_w, weights_kind="sampling")),
        rtol=1e-10,
    )


def test_frequency_weights_give_the_expanded_fit_and_errors() -> None:
    codes = people(150, B, 7, 0.1)
    counts = np.random.default_rng(8).integers(0, 4, 150)
    weighted = collapsed(codes, weights=counts.astype(np.float64), weights_kind="frequency")
    expanded = collapsed(np.repeat(codes, counts, axis=0))
    one, many = fit_conditional(weighted), fit_conditional(expanded)
    np.testing.assert_allclose(one.b, many.b, rtol=0, atol=1e-10)
    assert one.loglik == pytest.approx(many.loglik, rel=1e-12)
    kinds: tuple[Literal["robust", "model", "fao"], ...] = ("robust", "model", "fao")
    for kind in kinds:
        np.testing.assert_allclose(
            conditional_errors(one, kind, weighted), conditional_errors(many, kind, expanded), rtol=1e-9
        )


@pytest.mark.parametrize("kind", ["robust", "model", "fao"])
def test_a_constant_factor_of_sampling_weights_changes_no_error(kind: Literal["robust", "model", "fao"]) -> None:
    codes, w = people(200, B, 9, 0.1), np.random.default_rng(10).lognormal(0, 1, 200)
    one, other = (collapsed(codes, weights=c * w, weights_kind="sampling") for c in (1.0, 1e-4))
    fits = fit_conditional(one), fit_conditional(other)
    np.testing.assert_allclose(fits[0].b, fits[1].b, rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        conditional_errors(fits[0], kind, one), conditional_errors(fits[1], kind, other), rtol=1e-7
    )


def numeric(codes: CodeArray, fit: ConditionalFit, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, J) scores and (J, J) negative Hessian by differences of the enumerated likelihood."""
    h, j = 1e-3, len(fit.b)
    step = h * np.eye(j)

    def value(b: FloatArray) -> FloatArray:
        return each_loglik(codes, b, fit.sign)

    scores = np.stack([(value(fit.b + s) - value(fit.b - s)) / (2 * h) for s in step], axis=1)
    hessian = np.empty((j, j))
    for i in range(j):
        up, down = (
            np.array([w @ (value(at + s) - value(at - s)) / (2 * h) for s in step])
            for at in (fit.b + step[i], fit.b - step[i])
        )
        hessian[i] = (down - up) / (2 * h)
    return scores, hessian


def test_errors_equal_those_of_the_enumerated_likelihood() -> None:
    codes, w = people(120, B, 11, 0.15), np.random.default_rng(12).lognormal(0, 0.7, 120)
    cluster = np.arange(120) % 20
    patterns = collapsed(codes, weights=w, weights_kind="sampling")
    fit = fit_conditional(patterns)
    scores, hessian = numeric(codes, fit, w)
    inverse = np.linalg.pinv(hessian, rcond=1e-6)
    np.testing.assert_allclose(fit.information, hessian, rtol=0, atol=1e-4)
    counted = informative(patterns, fit.sign)
    rescale = patterns.n[counted].sum() / patterns.w[counted].sum()
    model = np.sqrt(np.diag(inverse) / rescale)
    np.testing.assert_allclose(conditional_errors(fit, "model", patterns), model, rtol=1e-4)
    fao = 1 / np.sqrt(np.diag(hessian) * rescale)
    np.testing.assert_allclose(conditional_errors(fit, "fao", patterns), fao, rtol=1e-4)
    weighted = w[:, None] * scores
    robust = np.sqrt(np.diag(inverse @ weighted.T @ weighted @ inverse))
    np.testing.assert_allclose(conditional_errors(fit, "robust", patterns), robust, rtol=1e-4)
    total = np.stack([weighted[cluster == each].sum(axis=0) for each in range(20)])
    clustered = np.sqrt(np.diag(inverse @ total.T @ total @ inverse) * 20 / 19)
    named = collapsed(codes, weights=w, weights_kind="sampling", clusters=cluster)
    np.testing.assert_allclose(conditional_errors(fit_conditional(named), "robust", named), clustered, rtol=1e-4)


def test_expectations_given_the_raw_score_equal_enumeration() -> None:
    patterns = collapsed(people(60, B, 13, 0.2))
    fit = fit_conditional(patterns)
    expected = expected_given_raw(fit)
    np.testing.assert_array_equal(np.isnan(expected), ~fit.patterns.answered)
    answers = oriented(fit.patterns, fit.sign)
    np.testing.assert_allclose(np.nansum(expected, axis=1), np.nansum(answers, axis=1), rtol=0, atol=1e-11)
    scores, _ = numeric(fit.patterns.codes, fit, fit.patterns.w)
    np.testing.assert_allclose(conditional_scores(fit), scores, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["robust", "model"])
def test_the_truth_lies_within_the_intervals_as_often_as_they_say(kind: Literal["robust", "model"]) -> None:
    z = []
    for seed in range(120):
        patterns = collapsed(people(400, B, 100 + seed, 0.05))
        fit = fit_conditional(patterns)
        z.append((fit.b - B) / conditional_errors(fit, kind, patterns))
    # 600 intervals, those of one data set dependent: a standard error of about .01
    assert 0.925 < float((np.abs(z) < 1.96).mean()) < 0.975
    assert np.abs(np.mean(z, axis=0)).max() < 3.3 / np.sqrt(120)


def test_forty_items_recover_the_truth() -> None:
    b = np.linspace(-2, 2, 40)
    fit = fit_conditional(collapsed(people(1_500, b, 14)))
    assert fit.converged
    assert np.abs(fit.b - b).max() < 4 * np.sqrt(1 / np.diag(fit.information)).max()


# --- Ugly answers --------------------------------------------------------------------------------------------


def refusal(codes: list[list[int]]) -> EstimationError:
    with pytest.raises(EstimationError) as caught:
        fit_conditional(collapsed(np.array(codes, dtype=np.int8)))
    return caught.value


def test_only_extremes_are_refused() -> None:
    assert refusal([[1, 1, 1], [0, 0, 0], [1, -1, 1], [-1, 0, -1]]).code == "estimation.only-extremes"


@pytest.mark.parametrize(
    ("codes", "where"),
    [
        ([[1, 0, 1], [0, 1, 1], [0, 1, 1]], "items 3"),  # always affirmed
        ([[1, 0, 0], [0, 1, 0]], "items 3"),  # never affirmed
        ([[1, 0, -1], [0, 1, -1], [-1, -1, 1]], "items 3"),  # never compared
        ([[1, 0, -1], [0, 1, -1]], "items 3"),  # never asked
    ],
)
def test_an_item_without_a_finite_severity_is_named(codes: list[list[int]], where: str) -> None:
    error = refusal(codes)
    assert error.code == "estimation.not-connected"
    assert error.where == where


def test_two_groups_of_items_never_compared_are_refused() -> None:
    codes = [[1, 0, -1, -1], [0, 1, -1, -1], [-1, -1, 1, 0], [-1, -1, 0, 1]]
    assert refusal(codes).code == "estimation.not-connected"


def test_a_perfect_guttman_scale_is_refused() -> None:
    assert refusal([[1, 0, 0], [1, 1, 0]]).code == "estimation.not-connected"


def test_a_split_joined_by_people_without_weight_is_refused() -> None:
    codes = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.int8)
    patterns = collapsed(codes, weights=np.array([1.0, 1.0, 0.0]), weights_kind="sampling")
    with pytest.raises(EstimationError) as caught:
        fit_conditional(patterns)
    assert caught.value.code == "estimation.not-connected"


def test_severities_far_apart_are_found() -> None:
    b = np.array([-6.0, -5.0, 5.0, 6.0])
    rng = np.random.default_rng(15)
    codes = draw(rng, np.ones(4), b, rng.normal(0, 5, 20_000))
    fit = fit_conditional(collapsed(codes))
    errors = conditional_errors(fit, "robust", collapsed(codes))
    assert fit.converged
    assert np.abs((fit.b - b) / errors).max() < 3


def test_two_runs_give_the_same_bits() -> None:
    codes = people(500, B, 16, 0.1)
    np.testing.assert_array_equal(fit_conditional(collapsed(codes)).b, fit_conditional(collapsed(codes)).b)
