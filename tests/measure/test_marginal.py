"""Marginal maximum likelihood: against a brute-force twin, against the truth, and on ugly answers.

The twin adds up the likelihood on a dense grid (checked against adaptive quadrature in test_posterior.py) and
maximises it with SciPy. 1e-5 in the log-likelihood is what the design asks; both stop on gradients far smaller.
Parameters are compared to 1e-3: SciPy's numeric gradients stop about there.
"""

from typing import Literal

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from evenhand.errors import EstimationError
from evenhand.measure.marginal import MarginalFit, Slopes, fit_marginal
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse, from_table
from evenhand.measure.precision import marginal_errors
from evenhand.measure.problem import Problem
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from tests.measure.twins import all_patterns, collapsed, draw, log_marginal_by_quad, log_marginals, with_holes

A4, B4 = np.array([1.3, 0.8, 1.8, 1.0]), np.array([-1.0, 0.4, 0.9, -0.2])


def people(n: int, a: FloatArray, b: FloatArray, seed: int, *, sd: float = 1.0, holes: float = 0.0) -> CodeArray:
    rng = np.random.default_rng(seed)
    return with_holes(rng, draw(rng, a, b, rng.normal(0, sd, n)), holes)


def severities(fit: MarginalFit) -> FloatArray:
    """(J,) thresholds on the metric of theta, on which shared slopes are 1 or -1."""
    slope = fit.items.slope
    on_theta = np.sign(slope) if np.ptp(np.abs(slope)) == 0 else slope
    out: FloatArray = -fit.items.intercept[:, 1] / on_theta
    return out


def problem_of(
    patterns: Patterns, slopes: Slopes, sign: FloatArray | None = None, fixed_sd: float | None = None
) -> tuple[Problem, FloatArray]:
    """What the estimator maximises, and about where it starts."""
    started = fit_marginal(patterns, slopes=slopes, sign=sign, fixed_sd=fixed_sd, max_passes=1)
    return started.problem, started.parameters


# --- The gradient is the derivative, and no step goes down ---------------------------------------------------


@pytest.mark.parametrize(
    ("slopes", "fixed_sd"), [("free", None), ("shared", None), ("shared", 1.3)], ids=["2pl", "rasch", "fixed"]
)
@pytest.mark.parametrize("kind", ["binary", "graded"])
def test_the_gradient_is_the_derivative_of_the_loglikelihood(
    slopes: Slopes, fixed_sd: float | None, kind: str
) -> None:
    sign = np.array([1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    if kind == "binary":
        codes = people(300, 1.2 * sign, np.linspace(-1, 1, 6), 1, holes=0.1)
        patterns = collapsed(codes, weights=np.linspace(0.2, 3, 300), weights_kind="sampling")
    else:
        items = items_from_thresholds(sign, np.tile([-0.5, 0.5], (6, 1)))
        rng = np.random.default_rng(2)
        patterns = collapse(Responses(simulate_codes(rng, items, rng.normal(size=300)), np.full(6, 3)))
    problem, start = problem_of(patterns, slopes, sign, fixed_sd)
    at = start + np.random.default_rng(3).normal(0, 0.2, len(start))
    numeric = np.empty(len(at))
    for index in range(len(at)):
        step = np.zeros(len(at))
        step[index] = 1e-5
        up, down = (problem.evaluate(at + shift).loglik for shift in (step, -step))
        numeric[index] = (up - down) / 2e-5
    # central differences of a log-likelihood of about 1,000: rounding leaves 1e-8, the third derivative 1e-8
    np.testing.assert_allclose(problem.evaluate(at).gradient, numeric, rtol=0, atol=2e-6)


def test_the_gradient_through_tables_is_the_derivative_too() -> None:
    codes = people(6_000, np.full(14, 0.6), np.linspace(-2, 2, 14), 4)
    patterns = collapsed(codes)
    problem, start = problem_of(patterns, "free")
    at = 0.5 * start
    # the largest sum of 28 slopes needs 2 * 16 * sum + 64 patterns to be tabulated: make sure that it is
    assert patterns.n_patterns > 2 * 16 * np.abs(at[:14]).sum() + 64
    gradient = problem.evaluate(at).gradient
    for index in (0, 5, 20):
        step = np.zeros(28)
        step[index] = 1e-4
        up, down = (problem.evaluate(at + shift).loglik for shift in (step, -step))
        assert gradient[index] == pytest.approx((up - down) / 2e-4, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("slopes", ["free", "shared"])
@pytest.mark.parametrize("seed", range(3))
def test_no_step_lowers_the_loglikelihood(slopes: Slopes, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0, 0.6, 7) if slopes == "free" else np.ones(7)
    patterns = collapsed(people(400, a, rng.normal(size=7), seed, holes=0.1))
    problem, _ = problem_of(patterns, slopes)
    at = rng.normal(0, 2, 14 if slopes == "free" else 8)
    if slopes == "shared":
        at[0] = abs(at[0]) + 0.1
    before = -np.inf
    for _ in range(40):
        here = problem.evaluate(at)
        assert here.loglik >= before - 1e-12 * abs(here.loglik)
        before, at = here.loglik, problem.improve(at, here.state)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_the_end_is_the_highest_point_seen(slopes: Slopes) -> None:
    seen: list[float] = []
    patterns = collapsed(people(500, A4, B4, 5))
    fit = fit_marginal(patterns, slopes=slopes, on_pass=lambda _, value: seen.append(value))
    assert len(seen) == fit.passes
    assert fit.loglik >= max(seen) - 1e-9
    assert fit.converged
    assert fit.change < 1e-6
    assert fit.gradient_norm < 1e-6
    assert fit.node_error < 1e-4


# --- The twin ------------------------------------------------------------------------------------------------

Kind = Literal["rasch", "fixed", "2pl"]


def twin_loglik(at: FloatArray, codes: CodeArray, w: FloatArray, kind: Kind, fixed_sd: float) -> float:
    """Log-likelihood at (SD, severities), severities alone, or (slopes, severities)."""
    j = codes.shape[1]
    a = at[:j] if kind == "2pl" else np.ones(j)
    sd = {"rasch": float(at[0]), "fixed": fixed_sd, "2pl": 1.0}[kind]
    return float(w @ log_marginals(codes, a, at[-j:], 0.0, sd))


TINY = np.array(
    [
        [0, 0, 0, 0, 9], [1, 0, 0, 0, 7], [0, 0, 0, 1, 3], [1, 1, 0, 0, 6], [1, 0, 0, 1, 5], [1, 1, 0, 1, 8],
        [1, 1, 1, 1, 7], [0, 1, 0, 0, 2], [0, 1, 1, 0, 2], [1, 0, 1, 1, 3], [0, 0, 1, 0, 1], [1, -1, 0, 0, 2],
        [1, -1, 1, 1, 2], [0, 0, -1, 1, 2], [-1, -1, 1, 1, 1],
    ]
)  # fmt: skip


@pytest.mark.parametrize(("kind", "n_items"), [("rasch", 4), ("fixed", 4), ("2pl", 4), ("rasch", 3)])
def test_the_maximum_equals_that_of_the_brute_force_twin(kind: Kind, n_items: int) -> None:
    codes, w = TINY[:, :n_items].astype(np.int8), TINY[:, 4].astype(np.float64)
    patterns = collapsed(codes, weights=w, weights_kind="frequency")
    slopes: Slopes = "free" if kind == "2pl" else "shared"
    fit = fit_marginal(patterns, slopes=slopes, fixed_sd=0.8 if kind == "fixed" else None)
    head = {"rasch": [1.0], "fixed": [], "2pl": [1.0] * n_items}[kind]

    def value(at: FloatArray) -> float:
        return twin_loglik(at, codes, w, kind, 0.8)

    def minus(at: FloatArray) -> float:
        return -value(at)

    start = np.array([*head, *[0.1] * n_items], dtype=np.float64)
    best = minimize(minus, start, method="BFGS", options={"gtol": 1e-4})
    assert fit.converged
    assert fit.loglik == pytest.approx(-best.fun, rel=0, abs=1e-5)
    own_head = {"rasch": [fit.sd], "fixed": [], "2pl": list(fit.items.slope)}[kind]
    own = np.array([*own_head, *severities(fit)])
    np.testing.assert_allclose(own, best.x, rtol=0, atol=1e-3)
    # and the log-likelihood that is reported is that of the parameters that are reported
    assert value(own) == pytest.approx(fit.loglik, rel=0, abs=1e-5)
    numeric = approx_fprime(own, value, 1e-6)
    np.testing.assert_allclose(numeric, 0, rtol=0, atol=2e-3)


def test_the_loglikelihood_equals_adaptive_quadrature() -> None:
    patterns = collapsed(people(60, A4, B4, 6))
    fit = fit_marginal(patterns, slopes="shared")
    one, b = np.ones(4), severities(fit)
    each = [log_marginal_by_quad(code, one, b, 0.0, fit.sd) for code in patterns.codes]
    assert fit.loglik == pytest.approx(float(patterns.w @ np.array(each)), rel=0, abs=1e-4)


def test_rasch_with_a_free_sd_is_the_2pl_with_one_slope() -> None:
    codes = people(400, np.full(5, 1.6), np.linspace(-1, 1, 5), 7)
    patterns = collapsed(codes)
    fit = fit_marginal(patterns, slopes="shared")

    def common_slope(at: FloatArray) -> float:
        return -float(patterns.w @ log_marginals(patterns.codes, np.full(5, at[0]), at[1:]))

    best = minimize(common_slope, np.array([1.0, *np.zeros(5)]), method="BFGS", options={"gtol": 1e-3})
    assert fit.loglik == pytest.approx(-best.fun, rel=0, abs=1e-5)
    assert fit.sd == pytest.approx(best.x[0], abs=1e-4)
    np.testing.assert_allclose(severities(fit), best.x[0] * best.x[1:], rtol=0, atol=1e-4)


def test_a_partial_credit_fit_equals_its_twin() -> None:
    items = items_from_thresholds(np.ones(3), np.array([[-1.0, 0.5], [0.0, np.nan], [-0.3, 0.2]]))
    rng = np.random.default_rng(8)
    categories = np.array([3, 2, 3])
    patterns = collapse(Responses(simulate_codes(rng, items, rng.normal(0, 1.2, 400)), categories))
    fit = fit_marginal(patterns, slopes="shared")
    free = ~np.isnan(np.array([[0.0, 0.0], [0.0, np.nan], [0.0, 0.0]]))

    def minus(at: FloatArray) -> float:
        total = np.zeros((patterns.n_patterns, 2001))
        theta = at[0] * np.linspace(-9, 9, 2001)
        b = np.full((3, 2), np.nan)
        b[free] = at[1:]
        for item in range(3):
            steps = b[item, : categories[item] - 1]
            power = np.stack([k * theta - steps[:k].sum() for k in range(categories[item])])
            total += (power - np.logaddexp.reduce(power, axis=0))[patterns.codes[:, item]]
        weight = np.exp(-(np.linspace(-9, 9, 2001) ** 2) / 2)
        return -float(patterns.w @ np.log(np.exp(total) @ (weight / weight.sum())))

    best = minimize(minus, np.array([1.0, *np.zeros(5)]), method="BFGS", options={"gtol": 1e-3})
    assert fit.loglik == pytest.approx(-best.fun, rel=0, abs=1e-5)
    assert fit.sd == pytest.approx(best.x[0], abs=1e-3)


# --- Invariances ---------------------------------------------------------------------------------------------


def assert_same_fit(one: MarginalFit, other: MarginalFit, tolerance: float) -> None:
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=0, atol=tolerance)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-10)


@pytest.mark.parametrize("slopes", ["free", "shared"])
@pytest.mark.parametrize("errors", ["robust", "model"])
def test_frequency_weights_give_the_expanded_fit(slopes: Slopes, errors: Literal["robust", "model"]) -> None:
    codes = people(150, A4, B4, 9, holes=0.1)
    counts = np.random.default_rng(10).integers(0, 5, 150)
    weighted = fit_marginal(
        collapsed(codes, weights=counts.astype(np.float64), weights_kind="frequency"), slopes=slopes
    )
    expanded = fit_marginal(collapsed(np.repeat(codes, counts, axis=0)), slopes=slopes)
    assert_same_fit(weighted, expanded, 1e-8)
    one, many = marginal_errors(weighted, errors), marginal_errors(expanded, errors)
    np.testing.assert_allclose(one.se_b, many.se_b, rtol=1e-6)
    np.testing.assert_allclose(one.se_a, many.se_a, rtol=1e-6)
    np.testing.assert_allclose(one.se_sd, many.se_sd, rtol=1e-6)


@pytest.mark.parametrize("slopes", ["free", "shared"])
@pytest.mark.parametrize("constant", [1e-6, 0.01, 1e6])
def test_a_constant_factor_of_sampling_weights_changes_nothing_but_the_scale(
    slopes: Slopes, constant: float
) -> None:
    codes = people(400, A4, B4, 11)
    w = np.random.default_rng(12).lognormal(0, 1, 400)
    one, other = (
        fit_marginal(collapsed(codes, weights=weights, weights_kind="sampling"), slopes=slopes)
        for weights in (w, constant * w)
    )
    # the nodes may be refined once more when the log-likelihood is a million times larger: 1e-5, not rounding
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=0, atol=1e-5)
    assert other.loglik == pytest.approx(constant * one.loglik, rel=1e-7)
    for kind in ("robust", "model"):
        first, second = marginal_errors(one, kind), marginal_errors(other, kind)
        np.testing.assert_allclose(first.se_b, second.se_b, rtol=1e-4)
        np.testing.assert_allclose(first.se_a, second.se_a, rtol=1e-4)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_neither_order_nor_splitting_of_rows_matters(slopes: Slopes) -> None:
    codes = people(300, A4, B4, 13, holes=0.1)
    shuffled = codes[np.random.default_rng(14).permutation(300)]
    one, other = (fit_marginal(collapsed(each), slopes=slopes) for each in (codes, shuffled))
    np.testing.assert_array_equal(one.parameters, other.parameters)
    table = collapsed(codes)
    order = np.random.default_rng(15).permutation(table.n_patterns)
    again = fit_marginal(from_table(table.codes[order], table.categories, table.n[order]), slopes=slopes)
    assert_same_fit(one, again, 1e-8)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_everyone_twice_gives_the_same_estimates(slopes: Slopes) -> None:
    codes = people(300, A4, B4, 13)
    one, twice = (fit_marginal(collapsed(each), slopes=slopes) for each in (codes, np.tile(codes, (2, 1))))
    np.testing.assert_allclose(one.parameters, twice.parameters, rtol=0, atol=1e-5)
    assert twice.loglik == pytest.approx(2 * one.loglik, rel=1e-8)
    single, double = marginal_errors(one, "robust"), marginal_errors(twice, "robust")
    np.testing.assert_allclose(single.se_b, np.sqrt(2) * double.se_b, rtol=1e-4)


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_two_runs_give_the_same_bits(slopes: Slopes) -> None:
    codes = people(2_000, np.ones(12), np.linspace(-2, 2, 12), 16, holes=0.05)
    one, other = (fit_marginal(collapsed(codes), slopes=slopes) for _ in range(2))
    np.testing.assert_array_equal(one.parameters, other.parameters)
    assert one.loglik == other.loglik
    np.testing.assert_array_equal(marginal_errors(one, "robust").se_b, marginal_errors(other, "robust").se_b)


def test_people_who_answered_nothing_change_nothing() -> None:
    codes = people(300, A4, B4, 17)
    more = np.concatenate([codes, np.full((50, 4), -1, dtype=np.int8)])
    one, other = (fit_marginal(collapsed(each), slopes="free") for each in (codes, more))
    np.testing.assert_array_equal(one.parameters, other.parameters)
    assert one.loglik == other.loglik


# --- Direction -----------------------------------------------------------------------------------------------


def test_an_item_recoded_backwards_gets_the_opposite_slope_and_nothing_else_moves() -> None:
    codes = people(1_000, A4, B4, 18)
    turned = codes.copy()
    turned[:, 1] = 1 - turned[:, 1]
    one, other = (fit_marginal(collapsed(each), slopes="free") for each in (codes, turned))
    assert other.items.slope[1] < 0
    np.testing.assert_allclose(other.items.slope, one.items.slope * [1, -1, 1, 1], rtol=0, atol=1e-5)
    np.testing.assert_allclose(severities(other), severities(one), rtol=0, atol=1e-5)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-10)


def test_a_declared_direction_carries_a_rasch_item_backwards() -> None:
    codes = people(1_000, np.ones(4), B4, 19, sd=1.5)
    turned = codes.copy()
    turned[:, 1] = 1 - turned[:, 1]
    sign = np.array([1.0, -1.0, 1.0, 1.0])
    one, other = fit_marginal(collapsed(codes), slopes="shared"), None
    other = fit_marginal(collapsed(turned), slopes="shared", sign=sign)
    assert other.sd == pytest.approx(one.sd, abs=1e-5)
    np.testing.assert_allclose(other.items.slope, one.items.slope * sign, rtol=0, atol=1e-5)
    np.testing.assert_allclose(severities(other), severities(one), rtol=0, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_theta_points_where_the_directions_point(seed: int) -> None:
    codes = people(500, A4, B4, 20 + seed)
    up = fit_marginal(collapsed(codes), slopes="free", sign=np.ones(4))
    down = fit_marginal(collapsed(codes), slopes="free", sign=-np.ones(4))
    assert (up.items.slope > 0).all()
    np.testing.assert_allclose(down.items.slope, -up.items.slope, rtol=0, atol=1e-5)
    np.testing.assert_allclose(down.items.intercept, up.items.intercept, rtol=0, atol=1e-5)


# --- The truth -----------------------------------------------------------------------------------------------


def zscores(fit: MarginalFit, b: FloatArray, a: FloatArray | None, sd: float | None) -> FloatArray:
    errors = marginal_errors(fit, "robust")
    parts = [(severities(fit) - b) / errors.se_b[:, 0]]
    if a is not None:
        parts.append((fit.items.slope - a) / errors.se_a)
    if sd is not None:
        parts.append((fit.sd - sd) / np.atleast_1d(errors.se_sd))
    return np.concatenate(parts)


@pytest.mark.parametrize("kind", ["rasch", "2pl"])
def test_the_truth_lies_within_the_intervals_as_often_as_they_say(kind: str) -> None:
    b = np.linspace(-1.5, 1.5, 6)
    a = np.array([0.7, 1.0, 1.3, 1.6, 1.0, 0.8]) if kind == "2pl" else np.ones(6)
    z = []
    for seed in range(60):
        rng = np.random.default_rng(1_000 + seed)
        sd = 1.0 if kind == "2pl" else 1.4
        codes = with_holes(rng, draw(rng, a, b, rng.normal(0, sd, 600)), 0.05)
        fit = fit_marginal(collapsed(codes), slopes="free" if kind == "2pl" else "shared")
        z.append(zscores(fit, b, a if kind == "2pl" else None, None if kind == "2pl" else sd))
    covered = float((np.abs(np.array(z)) < 1.96).mean())
    # 420 (720) intervals, those of one data set dependent: a standard error near .015
    assert 0.92 < covered < 0.98
    assert np.abs(np.array(z).mean(axis=0)).max() < 3.3 / np.sqrt(60) + 0.15  # small-sample bias of slopes


# The truth of the FAO's data: a latent SD of 4.5 with items that most people do not affirm
WIDE_SD, HARD = 4.5, np.linspace(2.0, 6.0, 8)


def test_a_wide_latent_sd_is_recovered() -> None:
    codes = people(6_000, np.ones(8), HARD, 30, sd=WIDE_SD)
    fit = fit_marginal(collapsed(codes), slopes="shared")
    errors = marginal_errors(fit, "robust")
    se_sd = float(np.atleast_1d(errors.se_sd)[0])
    assert abs(fit.sd - WIDE_SD) < 2.5 * se_sd
    assert np.abs((severities(fit) - HARD) / errors.se_b[:, 0]).max() < 3
    assert se_sd < 0.2


def test_a_grid_fixed_at_six_logits_would_shrink_it() -> None:
    patterns = collapsed(people(6_000, np.ones(8), HARD, 30, sd=WIDE_SD))
    fit = fit_marginal(patterns, slopes="shared")
    theta = np.linspace(-6, 6, 61)

    def on_fixed_grid(at: FloatArray) -> float:
        log_weight = -(theta**2) / (2 * at[0] ** 2)
        log_weight -= np.logaddexp.reduce(log_weight)
        p = 1 / (1 + np.exp(-(theta - at[1:, None])))
        codes = patterns.codes.astype(np.float64)
        joint = codes @ np.log(p) + (1 - codes) @ np.log(1 - p) + log_weight
        return -float(patterns.w @ np.logaddexp.reduce(joint, axis=1))

    # the best SD that such a grid finds for the true severities, against ours at the same severities
    grid_values = [on_fixed_grid(np.array([sd, *severities(fit)])) for sd in np.linspace(2, 6, 41)]
    assert min(grid_values) + fit.loglik > 20  # log-units lost (loglik is minus the value)
    best = minimize(
        on_fixed_grid, np.array([3.0, *(HARD - 1)]), method="L-BFGS-B", bounds=[(0.5, 50)] + [(-9, 15)] * 8
    )
    assert best.fun + fit.loglik > 1
    assert abs(np.diff(best.x[[1, 8]])[0] - 4.0) < 1.0  # it is the people it gets wrong, not the items' order
    assert abs(best.x[0] - WIDE_SD) > 5 * abs(fit.sd - WIDE_SD)


# --- Ugly answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_weights_from_a_millionth_to_a_million_converge_to_the_twins_maximum(slopes: Slopes) -> None:
    codes = people(300, A4, B4, 31)
    w = 10.0 ** np.random.default_rng(32).uniform(-6, 6, 300)
    patterns = collapsed(codes, weights=w, weights_kind="sampling")
    fit = fit_marginal(patterns, slopes=slopes)
    head = fit.items.slope if slopes == "free" else np.ones(4)
    value = patterns.w @ log_marginals(patterns.codes, head, severities(fit), 0.0, fit.sd)
    assert fit.loglik == pytest.approx(value, rel=1e-8)
    if slopes == "shared":
        assert fit.converged
        assert np.isfinite(marginal_errors(fit, "robust").se_b).all()


def test_a_huge_slope_is_recovered_as_far_as_the_answers_tell_it() -> None:
    a, b = np.array([1.0, 1.2, 0.8, 1.1, 25.0, 1.0, 0.9, 1.3]), np.linspace(-1, 1, 8)
    patterns = collapsed(people(1_500, a, b, 33))
    fit = fit_marginal(patterns, slopes="free")
    value = patterns.w @ log_marginals(patterns.codes, fit.items.slope, severities(fit))
    assert fit.loglik == pytest.approx(value, rel=0, abs=2e-4)
    truth = float(patterns.w @ log_marginals(patterns.codes, a, b))
    assert 0 < 2 * (fit.loglik - truth) < 39  # chi-squared with 16 degrees of freedom: one time in 1,000
    others = np.arange(8) != 4
    errors = marginal_errors(fit, "robust")
    assert np.abs((fit.items.slope - a) / errors.se_a)[others].max() < 3.2
    assert abs(severities(fit)[4] - b[4]) < 4 * max(float(errors.se_b[4, 0]), 0.01)
    assert fit.items.slope[4] > 4 * fit.items.slope[others].mean()


def test_slopes_are_not_held_to_a_range() -> None:
    a = np.array([0.05, 1.5, 6.0, -1.5, 1.0, 1.2])
    fit = fit_marginal(collapsed(people(8_000, a, np.zeros(6), 34)), slopes="free")
    errors = marginal_errors(fit, "robust")
    assert fit.converged
    assert np.abs((fit.items.slope - a) / errors.se_a).max() < 3


def test_an_empty_category_has_no_pull_on_the_others() -> None:
    items = items_from_thresholds(np.ones(4), np.tile([-0.5, 0.5], (4, 1)))
    rng = np.random.default_rng(35)
    codes = simulate_codes(rng, items, rng.normal(size=500))
    codes[:, 0] = np.minimum(codes[:, 0], 1)
    declared = fit_marginal(collapse(Responses(codes, np.array([2, 3, 3, 3]))), slopes="shared")
    assert declared.converged
    assert np.isneginf(declared.items.intercept[0, 2])
    assert np.isfinite(declared.items.intercept[1:]).all()
    assert np.isfinite(marginal_errors(declared, "robust").se_b[1:]).all()
    assert np.isnan(marginal_errors(declared, "robust").se_b[0, 1])


def test_answers_that_vary_by_chance_alone_give_a_small_sd_with_an_error_that_says_so() -> None:
    codes = (np.random.default_rng(36).random((800, 5)) < [0.2, 0.4, 0.5, 0.6, 0.8]).astype(np.int8)
    fit = fit_marginal(collapsed(codes), slopes="shared")
    assert fit.sd < 0.5
    share = codes.mean(axis=0)
    np.testing.assert_allclose(severities(fit), -np.log(share / (1 - share)), rtol=0, atol=0.1)


def test_every_pattern_once_has_no_finite_surprise() -> None:
    patterns = collapsed(all_patterns(4, missing=True))
    fit = fit_marginal(patterns, slopes="shared")
    assert np.isfinite(fit.parameters).all()
    np.testing.assert_allclose(severities(fit), 0, rtol=0, atol=1e-5)


def test_a_fixed_sd_stays_fixed() -> None:
    patterns = collapsed(people(300, np.ones(4), B4, 37))
    fit = fit_marginal(patterns, slopes="shared", fixed_sd=2.25)
    assert fit.sd == 2.25
    assert len(fit.parameters) == 4
    value = patterns.w @ log_marginals(patterns.codes, np.ones(4), severities(fit), 0.0, 2.25)
    assert fit.loglik == pytest.approx(value, rel=0, abs=1e-4)


def test_too_few_passes_are_not_called_converged() -> None:
    fit = fit_marginal(collapsed(people(300, A4, B4, 38)), slopes="free", max_passes=4)
    assert not fit.converged
    assert fit.passes <= 7  # a cycle of three may be finished


@pytest.mark.parametrize("slopes", ["free", "shared"])
def test_what_is_reported_is_what_the_problem_says_there(slopes: Slopes) -> None:
    fit = fit_marginal(collapsed(people(200, A4, B4, 39, holes=0.1)), slopes=slopes)
    here = fit.problem.evaluate(fit.parameters)
    assert here.loglik == pytest.approx(fit.loglik, rel=0, abs=1e-4)  # the nodes may have been refined since
    assert np.abs(here.gradient).max() / 200 < 1e-5


def test_a_perfect_guttman_scale_is_given_up_within_a_few_hundred_passes() -> None:
    """Slopes grow without end; the nodes are refined as long as they do, and the information is singular."""
    codes = (np.arange(20) < np.arange(21)[:, None]).astype(np.int8)
    fit = fit_marginal(collapse(Responses(codes, np.full(20, 2))), slopes="free")
    assert not fit.converged
    assert fit.passes < 500
    with pytest.raises(EstimationError, match=r"estimation\.singular"):
        marginal_errors(fit, "robust")
