"""Need and capacity together: against R mirt, a brute-force twin and the truth; and need kept to itself.

Tolerances against R mirt 1.47 (61 nodes on +-6 a component): log-likelihoods 2e-3 (it prints three decimals),
parameters and EAP scores 2e-3. The twin adds up the likelihood on a dense grid of both components (checked against
SciPy's double integral) and maximises it with SciPy, whose numeric gradients stop at about 1e-3.
"""

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.optimize import approx_fprime, minimize
from scipy.special import log_expit

import evenhand
from evenhand.errors import EstimationError, OptionError
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.need import NeedItems, NeedScores, score_need
from evenhand.measure.patterns import Patterns, collapse, from_table
from evenhand.measure.profile import ProfileFit, couple, fit_profile, improve_phi, profile_problem
from evenhand.measure.profile_items import JointItems, Slopes
from evenhand.measure.profile_precision import (
    file_metric_errors,
    on_file_metric,
    profile_errors,
    profile_gradients,
)
from evenhand.measure.profile_scores import JointScores, joint_scores, joint_scores_of, need_only
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import BoolArray, CodeArray, FloatArray, IntArray, Responses
from evenhand.measure.score import Scores, score_patterns
from evenhand.measure.simulate import simulate_codes
from tests.figures import column, larger, rows
from tests.measure.twins import collapsed, two, with_holes

NEED, CAPACITY = np.arange(0, 5), np.arange(5, 10)
A = np.array([1.0, 1.5, 0.8, 1.2, 1.8, 1.4, 0.9, 1.6, 1.1, 1.3])
B = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 0.8, 0.3, 0.0, -0.4, -0.9])


def thetas(rng: np.random.Generator, n: int, rho: float) -> FloatArray:
    first, second = rng.normal(size=(2, n))
    return np.stack([first, rho * first + np.sqrt(1 - rho**2) * second])


def people(n: int, rho: float, seed: int, *, holes: float = 0.0, items: Items | None = None) -> CodeArray:
    """Answers to five need items and five capacity items."""
    rng = np.random.default_rng(seed)
    items = items_from_thresholds(A, B[:, None]) if items is None else items
    z = thetas(rng, n, rho)
    first = np.arange(items.n_items) < 5
    codes = [simulate_codes(rng, items.take(own), each) for own, each in zip((first, ~first), z, strict=True)]
    out: CodeArray = with_holes(rng, np.concatenate(codes, axis=1), holes)
    return out


def fit_binary(codes: CodeArray, slopes: Slopes = "free", **others: str | FloatArray) -> ProfileFit:
    return fit_profile(collapsed(codes, **others), need=NEED, capacity=CAPACITY, slopes=slopes)


def mixed() -> tuple[Patterns, BoolArray]:
    """Binary, partial-credit and graded items on both components, missing answers, sampling weights."""
    a = np.array([1.0, 1.5, -0.8, 1.2, 1.4, -0.9, 1.6])
    b = np.array([[0.0, np.nan, np.nan], [-0.5, 0.6, np.nan], [0.8, -0.4, np.nan], [-1, 0, 1.0]] * 2)[:7]
    graded = np.array([False, False, True, True, True, True, False])
    b[5] = [0.7, -0.7, np.nan]
    b[1] = [-0.5, 0.6, np.nan]
    items = items_from_thresholds(a, b, graded)
    rng = np.random.default_rng(5)
    z = thetas(rng, 400, -0.5)
    first = np.arange(7) < 4
    codes = np.concatenate(
        [simulate_codes(rng, items.take(first), z[0]), simulate_codes(rng, items.take(~first), z[1])], axis=1
    )
    codes = with_holes(rng, codes, 0.1)
    categories = items.top.astype(np.int64) + 1
    weights = np.linspace(0.2, 3, 400)
    return collapse(Responses(codes, categories, weights, "sampling")), graded


SIGN7 = np.array([1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0])


# --- Against R mirt ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "graded", "loglik", "correlation"),
    [
        ("verbal_aggression2", "va_2d_2PL_mirt", False, -3965.260, 0.7660),
        ("verbal_aggression3", "va_2d_graded_mirt", True, -6226.697, 0.7609),
    ],
)
def test_verbal_aggression_equals_r_mirt(
    data: str, name: str, graded: bool, loglik: float, correlation: float
) -> None:
    codes = larger(data)
    if codes is None:
        pytest.skip(f"not run: {data}.csv is not at hand")
    want, do = np.arange(0, 24, 2), np.arange(1, 24, 2)
    categories = np.full(24, 3 if graded else 2)
    patterns = collapse(Responses(codes, categories), with_rows=True)
    fit = fit_profile(patterns, need=want, capacity=do, graded=np.full(24, graded))
    assert fit.converged
    assert fit.loglik == pytest.approx(loglik, rel=0, abs=2e-3)
    assert fit.correlation == pytest.approx(correlation, abs=2e-4)
    intercepts = [field for field in rows(name)[0] if field.startswith("d")]
    expected = np.stack([column(name, field) for field in intercepts], axis=1)
    for items, own, slope in ((fit.need, want, "a1"), (fit.capacity, do, "a2")):
        np.testing.assert_allclose(items.slope, column(name, slope)[own], rtol=0, atol=2e-3)
        np.testing.assert_allclose(items.intercept[:, 1:], expected[own], rtol=0, atol=2e-3)
    found = joint_scores(fit)
    assert patterns.rows is not None
    mean, covariance = found.joint_mean[patterns.rows], found.joint_covariance[patterns.rows]
    for index, which in enumerate("WP"):
        np.testing.assert_allclose(mean[:, index], column(f"{name}_EAP", which), rtol=0, atol=2e-3)
        se = np.sqrt(covariance[:, index, index])
        np.testing.assert_allclose(se, column(f"{name}_EAP", f"SE_{which}"), rtol=0, atol=2e-3)


# --- Against a brute-force twin ------------------------------------------------------------------------------

GRID: FloatArray = np.linspace(-7.6, 7.6, 77)
"""Step .2: doubling it moves nothing here by 1e-8 (the double integral below agrees)."""


def twin_joint(codes: CodeArray, a: FloatArray, b: FloatArray, n_first: int, rho: float) -> FloatArray:
    """(P, G, G) P(x, z1, z2) of binary patterns on a dense grid, one item after the other."""
    out = np.zeros((len(codes), len(GRID), len(GRID)))
    for item in range(len(a)):
        eta = a[item] * (GRID - b[item])
        for code, value in ((0, log_expit(-eta)), (1, log_expit(eta))):
            out[codes[:, item] == code] += value[:, None] if item < n_first else value
    x, y = GRID[:, None], GRID
    log_density = -(x**2 - 2 * rho * x * y + y**2) / (2 * (1 - rho**2))
    step = GRID[1] - GRID[0]
    p: FloatArray = np.exp(out + log_density + 2 * np.log(step) - np.log(2 * np.pi * np.sqrt(1 - rho**2)))
    return p


def twin_marginals(codes: CodeArray, a: FloatArray, b: FloatArray, n_first: int, rho: float) -> FloatArray:
    out: FloatArray = twin_joint(codes, a, b, n_first, rho).sum(axis=(1, 2))
    return out


def test_the_twin_adds_up_to_the_double_integral() -> None:
    code, a, b = np.array([1, 0, 0, 1], dtype=np.int8), A[:4], B[:4]

    def inside(y: float, x: float) -> float:
        theta = np.array([x, x, y, y])
        eta = np.where(code == 1, 1, -1) * a * (theta - b)
        density = np.exp(-(x**2 - 1.2 * x * y + y**2) / (2 * 0.64)) / (2 * np.pi * 0.8)
        return float(np.exp(log_expit(eta).sum()) * density)

    value, _ = dblquad(inside, -8, 8, -8, 8, epsabs=1e-9, epsrel=1e-8)
    assert twin_marginals(code[None, :], a, b, 2, 0.6)[0] == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize(("slopes", "each"), [("free", 3), ("shared", 2)])
def test_the_maximum_is_the_twins_maximum(slopes: Slopes, each: int) -> None:
    chosen = np.concatenate([np.arange(each), 5 + np.arange(each)])
    codes = with_holes(np.random.default_rng(1), people(400, 0.6, 2)[:, chosen], 0.05)
    patterns = collapsed(codes)
    fit = fit_profile(patterns, need=np.arange(each), capacity=each + np.arange(each), slopes=slopes)
    n = 2 * each

    def minus(at: FloatArray) -> float:
        a = at[:n] if slopes == "free" else np.repeat(at[:2], each)
        b = -at[-n - 1 : -1] / a
        return -float(patterns.w @ np.log(twin_marginals(patterns.codes, a, b, each, float(np.tanh(at[-1])))))

    head = np.concatenate([fit.need.slope, fit.capacity.slope]) if slopes == "free" else fit.sd
    own = np.concatenate([head, fit.need.intercept[:, 1], fit.capacity.intercept[:, 1], [fit.parameters[-1]]])
    assert fit.converged
    assert fit.loglik == pytest.approx(-minus(own), rel=0, abs=1e-4)
    start = own + 0.2 * np.random.default_rng(8).normal(size=len(own))
    best = minimize(minus, start, method="L-BFGS-B", options={"ftol": 1e-13, "gtol": 1e-4})
    assert fit.loglik == pytest.approx(-best.fun, rel=0, abs=2e-4)
    np.testing.assert_allclose(own, best.x, rtol=0, atol=1e-2)


def test_joint_scores_are_the_dense_posterior_s_moments() -> None:
    codes = with_holes(np.random.default_rng(3), people(300, -0.7, 4), 0.2)
    patterns = collapsed(codes)
    fit = fit_profile(patterns, need=NEED, capacity=CAPACITY)
    a = np.concatenate([fit.need.slope, fit.capacity.slope])
    b = -np.concatenate([fit.need.intercept[:, 1], fit.capacity.intercept[:, 1]]) / a
    some = slice(0, 60)
    joint = twin_joint(patterns.codes[some], a, b, 5, fit.correlation)
    joint /= joint.sum(axis=(1, 2), keepdims=True)
    first, second = joint.sum(axis=2), joint.sum(axis=1)
    mean = np.stack([first @ GRID, second @ GRID], axis=1)
    found = joint_scores(fit)
    np.testing.assert_allclose(found.joint_mean[some], mean, rtol=0, atol=1e-7)
    np.testing.assert_allclose(
        found.joint_covariance[some, 0, 0], first @ GRID**2 - mean[:, 0] ** 2, rtol=0, atol=1e-7
    )
    between = np.einsum("pxy,x,y->p", joint, GRID, GRID) - mean.prod(axis=1)
    np.testing.assert_allclose(found.joint_covariance[some, 0, 1], between, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(found.joint_covariance[:, 0, 1], found.joint_covariance[:, 1, 0])


def test_others_are_scored_with_the_fitted_profile() -> None:
    codes = people(400, 0.5, 6)
    fit = fit_binary(codes, "shared")
    assert not np.allclose(fit.sd, 1.0)
    whole = joint_scores(fit)
    some = collapsed(codes[:7], weights=np.arange(1.0, 8), weights_kind="sampling")
    alone = joint_scores(fit, some)
    for pattern, mean, covariance in zip(some.codes, alone.joint_mean, alone.joint_covariance, strict=True):
        same = np.flatnonzero((fit.problem.patterns.codes == pattern).all(axis=1))[0]
        np.testing.assert_allclose(mean, whole.joint_mean[same], rtol=0, atol=1e-12)
        np.testing.assert_allclose(covariance, whole.joint_covariance[same], rtol=0, atol=1e-12)
    other = collapse(Responses(codes, np.full(10, 3)))
    with pytest.raises(OptionError, match=r"profile\.other-items"):
        joint_scores(fit, other)


# --- Gradients and steps -------------------------------------------------------------------------------------


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_the_gradient_is_the_derivative_whatever_the_items(slopes: Slopes) -> None:
    patterns, graded = mixed()
    problem = profile_problem(patterns, np.arange(4), np.arange(4, 7), slopes, SIGN7, graded)
    fit = fit_profile(
        patterns, need=np.arange(4), capacity=np.arange(4, 7), slopes=slopes, sign=SIGN7, graded=graded
    )
    assert fit.converged
    at = fit.parameters + 0.1 * np.random.default_rng(7).normal(size=len(fit.parameters))
    evaluated = problem.evaluate(at)

    def loglik(x: FloatArray) -> float:
        return problem.evaluate(x).loglik

    numeric = approx_fprime(at, loglik, 1e-6)
    np.testing.assert_allclose(evaluated.gradient, numeric, rtol=0, atol=2e-2)
    summed = np.zeros(len(at))
    for own, block in profile_gradients(problem, at):
        summed += patterns.w[own] @ block
    np.testing.assert_allclose(summed, evaluated.gradient, rtol=0, atol=1e-9)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_no_cycle_of_em_goes_down(slopes: Slopes) -> None:
    patterns, graded = mixed()
    problem = profile_problem(patterns, np.arange(4), np.arange(4, 7), slopes, SIGN7, graded)
    fit = fit_profile(
        patterns, need=np.arange(4), capacity=np.arange(4, 7), slopes=slopes, sign=SIGN7, graded=graded
    )
    first, second = (
        Items(items.slope * 0.4, items.intercept * 0.5, items.graded) for items in (fit.need, fit.capacity)
    )
    at = problem.pack(first, second, 1.5)
    values = []
    for _ in range(25):
        evaluated = problem.evaluate(at)
        values.append(evaluated.loglik)
        at = problem.improve(at, evaluated.state)
    assert (np.diff(values) > -1e-9).all()
    assert values[-1] <= fit.loglik + 1e-3


@pytest.mark.parametrize("rho", [-0.95, -0.3, 0.0, 0.5, 0.99])
def test_the_step_of_the_correlation_is_its_maximum(rho: float) -> None:
    nodes = rectangular(61, 8).nodes
    phi = float(np.arctanh(rho))
    sums = 1000 * couple(phi, nodes).moments
    assert improve_phi(0.1, sums, 1000.0, nodes) == pytest.approx(phi, abs=1e-7)
    assert couple(phi, nodes).weights.sum() == pytest.approx(1.0, abs=1e-12)


# --- The truth -----------------------------------------------------------------------------------------------


def test_the_interval_of_the_correlation_holds_the_truth_as_often_as_it_says() -> None:
    rho, held, z = -0.6, 0, []
    for seed in range(200):
        fit = fit_binary(people(500, rho, 10_000 + seed), "free")
        errors = profile_errors(fit, "robust")
        low, high = errors.correlation_interval()
        held += low <= rho <= high
        z.append((np.arctanh(fit.correlation) - np.arctanh(rho)) / np.sqrt(errors.covariance[-1, -1]))
    # a standard error of .015 of the share
    assert 0.92 <= held / 200 <= 0.98
    assert abs(float(np.mean(z))) < 0.35


@pytest.mark.parametrize("rho", [0.0, 0.95, -0.95])
@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_no_and_near_perfect_correlations_are_recovered(rho: float, slopes: Slopes) -> None:
    items = items_from_thresholds(A if slopes == "free" else np.full(10, 1.4), B[:, None])
    fit = fit_binary(people(3_000, rho, 20, items=items), slopes)
    assert fit.converged
    errors = profile_errors(fit, "robust")
    low, high = errors.correlation_interval(0.998)
    assert low < rho < high
    assert -1 < low < high < 1
    assert abs(fit.correlation - rho) < 4 * errors.se_correlation + 1e-3


def test_two_components_that_are_one_are_not_called_converged_or_lie_at_one() -> None:
    fit = fit_binary(people(1_500, 1.0, 21))
    assert fit.correlation > 0.97
    assert fit.loglik >= fit_marginal(collapsed(people(1_500, 1.0, 21)), slopes="free").loglik - 0.05


def test_uncorrelated_components_are_two_separate_fits() -> None:
    patterns = collapsed(people(2_000, 0.4, 22))
    problem = profile_problem(patterns, NEED, CAPACITY)
    alone = [fit_marginal(need_only(patterns, own), slopes="free") for own in (NEED, CAPACITY)]
    at = problem.pack(alone[0].items, alone[1].items, 0.0)
    assert problem.evaluate(at).loglik == pytest.approx(alone[0].loglik + alone[1].loglik, abs=2e-3)
    fit = fit_profile(patterns, need=NEED, capacity=CAPACITY)
    assert fit.loglik > alone[0].loglik + alone[1].loglik + 10


# --- Invariances ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_frequency_weights_give_the_expanded_fit(slopes: Slopes) -> None:
    codes = people(300, 0.5, 30, holes=0.1)
    counts = np.random.default_rng(31).integers(1, 5, 300)
    one = fit_binary(codes, slopes, weights=counts.astype(np.float64), weights_kind="frequency")
    many = fit_binary(np.repeat(codes, counts, axis=0), slopes)
    np.testing.assert_allclose(one.parameters, many.parameters, rtol=0, atol=1e-8)
    assert one.loglik == pytest.approx(many.loglik, rel=1e-12)
    first, second = profile_errors(one, "robust"), profile_errors(many, "robust")
    np.testing.assert_allclose(first.covariance, second.covariance, rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("constant", [0.01, 1e4])
def test_a_constant_factor_of_sampling_weights_leaves_estimates_and_errors(constant: float) -> None:
    codes = people(400, 0.5, 32)
    w = np.random.default_rng(33).lognormal(0, 0.5, 400)
    one = fit_binary(codes, weights=w, weights_kind="sampling")
    other = fit_binary(codes, weights=constant * w, weights_kind="sampling")
    np.testing.assert_allclose(other.parameters, one.parameters, rtol=0, atol=1e-5)
    assert other.loglik == pytest.approx(constant * one.loglik, rel=1e-7)
    first, second = profile_errors(one, "robust"), profile_errors(other, "robust")
    assert second.se_correlation == pytest.approx(first.se_correlation, rel=1e-4)
    np.testing.assert_allclose(second.need.se_slope, first.need.se_slope, rtol=1e-3)


def test_clusters_of_one_person_give_the_robust_errors_and_larger_ones_other_errors() -> None:
    codes = people(300, 0.5, 34)
    plain = profile_errors(fit_binary(codes), "robust")
    own = profile_errors(fit_profile_clustered(codes, np.arange(300)), "robust")
    assert own.se_correlation == pytest.approx(plain.se_correlation * np.sqrt(300 / 299), rel=1e-6)
    doubled = fit_profile_clustered(np.repeat(codes, 2, axis=0), np.repeat(np.arange(300), 2))
    assert profile_errors(doubled, "robust").se_correlation == pytest.approx(own.se_correlation, rel=1e-4)
    with pytest.raises(EstimationError, match=r"estimation\.one-cluster"):
        profile_errors(fit_profile_clustered(codes, np.zeros(300, dtype=np.int64)), "robust")


def fit_profile_clustered(codes: CodeArray, clusters: IntArray) -> ProfileFit:
    patterns = collapse(Responses(codes, two(codes), clusters=clusters))
    return fit_profile(patterns, need=NEED, capacity=CAPACITY)


def test_robust_and_model_errors_agree_where_the_model_holds() -> None:
    fit = fit_binary(people(5_000, 0.5, 35))
    robust, model = profile_errors(fit, "robust"), profile_errors(fit, "model")
    assert robust.se_correlation == pytest.approx(model.se_correlation, rel=0.1)
    np.testing.assert_allclose(robust.capacity.se_slope, model.capacity.se_slope, rtol=0.15)
    assert np.isnan(model.need.se_sd)
    shared = profile_errors(fit_binary(people(500, 0.5, 35), "shared"), "model")
    assert shared.need.se_sd > 0
    assert np.isnan(shared.need.se_slope).all()


def test_two_runs_and_another_order_of_rows_give_the_same_bits() -> None:
    codes = people(600, 0.5, 36, holes=0.1)
    shuffled = codes[np.random.default_rng(37).permutation(600)]
    one, two_, three = (fit_binary(each) for each in (codes, codes, shuffled))
    np.testing.assert_array_equal(one.parameters, two_.parameters)
    np.testing.assert_array_equal(one.parameters, three.parameters)
    np.testing.assert_array_equal(
        profile_errors(one, "robust").covariance, profile_errors(three, "robust").covariance
    )
    np.testing.assert_array_equal(joint_scores(one).joint_covariance, joint_scores(three).joint_covariance)


def test_need_and_capacity_may_change_places_and_columns_may_move() -> None:
    codes = people(600, -0.5, 38)
    one = fit_binary(codes)
    swapped = fit_profile(collapsed(codes), need=CAPACITY, capacity=NEED)
    assert swapped.correlation == pytest.approx(one.correlation, abs=1e-5)
    np.testing.assert_allclose(swapped.capacity.slope, one.need.slope, rtol=0, atol=1e-5)
    order = np.random.default_rng(39).permutation(10)
    moved = fit_profile(collapsed(codes[:, order]), need=np.argsort(order)[:5], capacity=np.argsort(order)[5:])
    np.testing.assert_allclose(moved.need.slope, one.need.slope, rtol=0, atol=1e-5)


def test_an_item_recoded_backwards_turns_its_slope_alone_and_all_of_them_the_correlation() -> None:
    codes = people(800, 0.5, 40)
    one = fit_binary(codes)
    turned = codes.copy()
    turned[:, 6] = 1 - turned[:, 6]
    other = fit_binary(turned)
    np.testing.assert_allclose(other.capacity.slope, one.capacity.slope * [1, -1, 1, 1, 1], rtol=0, atol=1e-5)
    assert other.correlation == pytest.approx(one.correlation, abs=1e-5)
    sign = np.concatenate([np.ones(5), -np.ones(5)])
    down = fit_profile(collapsed(codes), need=NEED, capacity=CAPACITY, sign=sign)
    assert down.correlation == pytest.approx(-one.correlation, abs=1e-5)
    np.testing.assert_allclose(down.capacity.slope, -one.capacity.slope, rtol=0, atol=1e-5)
    rasch = fit_profile(collapsed(1 - codes), need=NEED, capacity=CAPACITY, sign=-np.ones(10), slopes="shared")
    straight = fit_binary(codes, "shared")
    np.testing.assert_allclose(rasch.sd, straight.sd, rtol=0, atol=1e-5)
    assert rasch.correlation == pytest.approx(straight.correlation, abs=1e-5)


def test_each_component_may_have_slopes_of_its_own_kind() -> None:
    fit = fit_profile(collapsed(people(800, 0.5, 41)), need=NEED, capacity=CAPACITY, slopes=("shared", "free"))
    assert fit.converged
    assert len(np.unique(fit.need.slope)) == 1
    assert len(np.unique(fit.capacity.slope)) == 5
    assert fit.sd[0] == fit.need.slope[0]
    assert fit.sd[1] == 1.0


# --- Missing answers -----------------------------------------------------------------------------------------


def test_people_who_answered_one_component_inform_it_and_nothing_else() -> None:
    codes = people(800, 0.5, 42)
    only_need = people(400, 0.5, 43)
    only_need[:, 5:] = -1
    fit = fit_binary(np.concatenate([codes, only_need]))
    assert fit.converged
    patterns = fit.problem.patterns
    silent = (patterns.codes[:, 5:] == -1).all(axis=1)
    found = joint_scores(fit)
    mean, covariance = found.joint_mean[silent], found.joint_covariance[silent]
    np.testing.assert_allclose(mean[:, 1], fit.correlation * mean[:, 0], rtol=0, atol=1e-8)
    expected = 1 - fit.correlation**2 * (1 - covariance[:, 0, 0])
    np.testing.assert_allclose(covariance[:, 1, 1], expected, rtol=0, atol=1e-7)


def test_answers_missing_at_random_leave_the_truth_within_reach() -> None:
    fit = fit_binary(people(4_000, -0.6, 44, holes=0.3))
    errors = profile_errors(fit, "robust")
    assert abs(fit.correlation + 0.6) < 3.5 * errors.se_correlation
    slopes = np.concatenate([fit.need.slope, fit.capacity.slope])
    se = np.concatenate([errors.need.se_slope, errors.capacity.se_slope])
    assert np.abs((slopes - A) / se).max() < 3.7


# --- What is refused -----------------------------------------------------------------------------------------


def test_a_component_of_one_item_is_refused_and_told_why() -> None:
    with pytest.raises(EstimationError, match=r"only their product shows") as refused:
        fit_profile(collapsed(people(100, 0.5, 50)), need=NEED, capacity=np.array([7]))
    assert refused.value.code == "profile.one-item"


@pytest.mark.parametrize(
    ("need", "capacity"), [([0, 1], [1, 2]), ([0, 0], [1, 2]), ([0, 1], [2, 10]), ([-1, 1], [2, 3])]
)
def test_items_that_overlap_repeat_or_do_not_exist_are_refused(need: list[int], capacity: list[int]) -> None:
    with pytest.raises(OptionError, match=r"profile\.items"):
        fit_profile(collapsed(people(100, 0.5, 51)), need=np.array(need), capacity=np.array(capacity))


def test_a_category_that_nobody_chose_is_refused_and_named() -> None:
    codes = people(100, 0.5, 52)
    codes[:, 3] = 0
    with pytest.raises(EstimationError, match=r"category 1 of item 3"):
        fit_binary(codes)


def test_too_few_passes_are_not_called_converged() -> None:
    fit = fit_profile(collapsed(people(300, 0.5, 53)), need=NEED, capacity=CAPACITY, max_passes=3)
    assert not fit.converged


# --- Need kept to itself -------------------------------------------------------------------------------------


def need_scores(codes: CodeArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Everything a decision uses, from answers to a calibrated scale to each person's measure."""
    patterns = need_only(collapse(Responses(codes, two(codes)), with_rows=True), NEED)
    fit = fit_marginal(patterns, slopes="free")
    found = score_patterns(patterns, fit.items, "eap", mean=0.0, sd=1.0, threshold=0.5)
    assert patterns.rows is not None
    assert found.p_at_least is not None
    return found.theta[patterns.rows], found.se[patterns.rows], found.p_at_least[patterns.rows]


@pytest.mark.parametrize("how", ["turned", "random", "missing"])
def test_changing_every_capacity_answer_changes_nothing_in_need_only_scores(how: str) -> None:
    codes = people(1_000, -0.6, 60)
    changed = codes.copy()
    if how == "turned":
        changed[:, CAPACITY] = 1 - codes[:, CAPACITY]
    elif how == "missing":
        changed[:, CAPACITY] = -1
    else:
        changed[:, CAPACITY] = np.random.default_rng(61).integers(-1, 2, (1_000, 5))
    for before, after in zip(need_scores(codes), need_scores(changed), strict=True):
        np.testing.assert_array_equal(before, after)
    if how == "turned":
        fit = fit_binary(codes)
        means = [
            joint_scores(fit, patterns).joint_mean[patterns.rows]
            for patterns in (collapse(Responses(each, two(each)), with_rows=True) for each in (codes, changed))
        ]
        assert np.abs(means[0][:, 0] - means[1][:, 0]).mean() > 0.1
        assert np.abs(means[0][:, 0] - means[1][:, 0]).max() > 0.5


def test_need_only_keeps_people_weights_rows_and_clusters() -> None:
    codes = people(300, 0.5, 62, holes=0.4)
    w = np.random.default_rng(63).lognormal(0, 1, 300)
    clusters = np.random.default_rng(64).integers(0, 20, 300)
    responses = Responses(codes, two(codes), w, "sampling", clusters)
    found = need_only(collapse(responses, with_rows=True), NEED)
    direct = collapse(
        Responses(np.ascontiguousarray(codes[:, NEED]), two(codes)[:5], w, "sampling", clusters), with_rows=True
    )
    assert found.rows is not None
    assert direct.rows is not None
    assert found.n_empty == direct.n_empty > 0
    assert found.n_patterns == direct.n_patterns
    np.testing.assert_array_equal(found.rows >= 0, direct.rows >= 0)
    there = found.rows >= 0
    np.testing.assert_array_equal(found.codes[found.rows[there]], codes[there][:, NEED])
    for own in ("n", "w", "w2"):
        mine, theirs = getattr(found, own)[found.rows[there]], getattr(direct, own)[direct.rows[there]]
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    assert found.clusters is not None
    assert direct.clusters is not None
    for patterns, totals in ((found, found.clusters), (direct, direct.clusters)):
        by_pattern = np.bincount(totals.pattern, weights=totals.w, minlength=patterns.n_patterns)
        np.testing.assert_allclose(by_pattern, patterns.w, rtol=1e-12)
    by_cluster = [np.bincount(each.clusters.cluster, each.clusters.w) for each in (found, direct)]  # type: ignore[union-attr]
    np.testing.assert_allclose(by_cluster[0], by_cluster[1], rtol=1e-12)


def test_need_only_of_people_who_answered_no_need_item_is_refused() -> None:
    codes = people(50, 0.5, 65)
    codes[:, NEED] = -1
    with pytest.raises(EstimationError, match=r"answers\.nobody-left"):
        need_only(collapsed(codes), NEED)


def test_need_only_of_a_table_has_no_rows() -> None:
    codes = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=np.int8)
    table = from_table(codes, np.full(3, 2), np.array([3.0, 4.0, 5.0]))
    found = need_only(table, np.array([0, 1]))
    assert found.rows is None
    np.testing.assert_array_equal(found.n[found.codes[:, 0] == 0], [8.0])


def test_joint_scores_look_like_nothing_that_a_decision_takes() -> None:
    mine = {field.name for field in dataclasses.fields(JointScores)}
    assert mine.isdisjoint(field.name for field in dataclasses.fields(Scores))
    assert not issubclass(JointScores, Scores)


def test_what_the_joint_model_says_of_items_cannot_be_scored_with() -> None:
    """Each `type: ignore` here is an error of the type checker: strict mypy reports one that is not needed."""
    fit = fit_binary(people(300, -0.6, 70))
    patterns = need_only(fit.problem.patterns, NEED)
    assert not issubclass(JointItems, Items)
    with pytest.raises(OptionError, match=r"score\.joint-items"):
        score_patterns(patterns, fit.need, "eap", mean=0.0, sd=1.0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"need\.not-need-only"):
        NeedItems(fit.need, 0.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"need\.not-need-only"):
        score_need(patterns, fit.need, threshold=0.0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"need\.not-need-only"):
        score_need(patterns, fit.need.for_reports(), threshold=0.0)  # type: ignore[arg-type]


def test_a_decision_s_scores_are_those_of_need_alone() -> None:
    patterns = need_only(collapsed(people(300, -0.6, 71)), NEED)
    items = items_from_thresholds(A[:5], B[:5, None])
    found = score_need(patterns, NeedItems(items, 0.2, 1.3), threshold=0.5)
    plain = score_patterns(patterns, items, "eap", mean=0.2, sd=1.3, threshold=0.5)
    np.testing.assert_array_equal(found.theta, plain.theta)
    np.testing.assert_array_equal(found.se, plain.se)
    np.testing.assert_array_equal(found.p_at_least, plain.p_at_least)
    assert not isinstance(joint_scores(fit_binary(people(300, -0.6, 71))), NeedScores)


def test_a_decision_refuses_patterns_with_capacity_answers_in_them() -> None:
    items = items_from_thresholds(A[:5], B[:5, None])
    with pytest.raises(OptionError, match=r"need\.other-items"):
        score_need(collapsed(people(50, 0.5, 72)), NeedItems(items, 0.0, 1.0), threshold=0.0)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_a_recorded_profile_gives_the_fitted_one_s_joint_scores(slopes: Slopes) -> None:
    fit = fit_binary(people(500, -0.6, 73, holes=0.2), slopes)
    slope = np.concatenate([fit.need.slope, fit.capacity.slope])
    intercept = np.concatenate([fit.need.intercept, fit.capacity.intercept])
    found = joint_scores_of(
        fit.problem.patterns,
        JointItems(slope, intercept),
        need=NEED,
        capacity=CAPACITY,
        sd=fit.sd,
        correlation=fit.correlation,
    )
    expected = joint_scores(fit)
    np.testing.assert_allclose(found.joint_mean, expected.joint_mean, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.joint_covariance, expected.joint_covariance, rtol=0, atol=1e-6)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_errors_on_the_file_s_metric_are_those_of_the_spread_over_samples(slopes: Slopes) -> None:
    items = items_from_thresholds(A if slopes == "free" else np.full(10, 1.4), B[:, None])
    found, errors = [], []
    for seed in range(40):
        fit = fit_binary(people(800, 0.5, 7_000 + seed, items=items), slopes)
        found.append(on_file_metric(fit.problem, fit.parameters)[1])
        errors.append(file_metric_errors(fit, profile_errors(fit, "robust"))[1])
    spread = np.std([part.b[:, 0] for part in found], axis=0, ddof=1)
    told = np.mean([part.b[:, 0] for part in errors], axis=0)
    # the SD of 40 draws is known to 11 %; the mean ratio of five items to about half of that
    assert 0.8 < float(np.mean(told / spread)) < 1.25
    if slopes == "shared":
        np.testing.assert_array_equal(found[0].a, np.ones(5))
        assert np.isnan(errors[0].a).all()
        spread_sd = float(np.std([part.sd for part in found], ddof=1))
        assert 0.65 < float(np.mean([part.sd for part in errors])) / spread_sd < 1.5
    else:
        assert found[0].sd == 1.0
        assert np.isnan(errors[0].sd)


FITTED = frozenset(
    f"measure/{name}.py" for name in ("profile", "profile_items", "profile_scores", "profile_precision")
)
JOINT_NAMES = ("JointScores", "joint_scores", "joint_scores_of", "posterior_blocks", "JointItems", "joint_items")
COLUMN_NAMES = ("JointAnswers", "describe_jointly")
MAY_KNOW = {
    **dict.fromkeys(JOINT_NAMES, FITTED | {"service/joint.py"}),
    **dict.fromkeys(COLUMN_NAMES, frozenset({"service/joint.py", "cli/score.py", "api.py"})),
}
"""Which modules may import what the joint posterior is had from, beside reports."""

MAY_READ = {
    "api.py",
    "cli/calibrate.py",
    "programme/scale.py",
    "service/calibrate.py",
    "service/joint.py",
}
"""Which modules may read a scale's or a calibration's `joint`, beside reports."""


def test_no_module_that_scores_or_decides_knows_the_joint_posterior() -> None:
    """Reports may import it; so may the one service that writes its columns, and who asks it for them."""
    package = Path(evenhand.__file__).parent
    offenders = []
    for path in package.rglob("*.py"):
        own = path.relative_to(package)
        if own.parts[0] == "report":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            offenders += [
                f"{own}: {name}" for name in names if own.as_posix() not in MAY_KNOW.get(name, {str(own)})
            ]
            if isinstance(node, ast.Attribute):
                if node.attr == "for_reports" and own.as_posix() not in MAY_KNOW["JointItems"]:
                    offenders.append(f"{own}: for_reports")
                if node.attr == "joint" and own.as_posix() not in MAY_READ:
                    offenders.append(f"{own}: joint")
            if isinstance(node, ast.Import) and any("profile" in alias.name for alias in node.names):
                offenders.append(f"{own}: a whole module")
    assert offenders == []
