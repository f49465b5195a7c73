"""Scores of patterns against dense integration, SciPy's root finder and its minimiser.

ML, MAP and WLE solve their equation to a step of 1e-9; SciPy's root is taken to 1e-12. EAP and P(theta >= T) are
within 1e-7 of a dense rule for ordinary slopes. Slopes of 25 make a posterior narrower than the panels of .25 SD:
3e-4, still a thousandth of its SD.
"""

from typing import Literal

import numpy as np
import pytest
from scipy.integrate import simpson
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit
from scipy.stats import norm

from evenhand.errors import OptionError
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.score import ScoreMethod, Scores, extremes, score_patterns
from tests.measure.twins import all_patterns, draw, items_of, log_likelihoods, with_holes

A, B = np.array([1.0, 1.6, -0.9, 0.6]), np.array([-0.8, 0.4, 0.1, 1.5])
STEEP = np.array([25.0, 1.0, -25.0, 3.0])
MEAN, SD = 0.7, 1.4
CASES = [(A, 1e-7), (np.ones(4), 1e-7), (5 * A, 1e-6), (STEEP, 3e-4)]


def score(codes: CodeArray, a: FloatArray, method: ScoreMethod, threshold: float | None = None) -> Scores:
    prior = {"mean": MEAN, "sd": SD} if method in {"eap", "map"} else {}
    return score_patterns(from_codes(codes), items_of(a, B), method, threshold=threshold, **prior)


def from_codes(codes: CodeArray) -> Patterns:
    return in_place(Responses(codes, np.full(codes.shape[1], 2)))


def by_mask(codes: CodeArray) -> CodeArray:
    return from_codes(codes).codes


EVERY = by_mask(all_patterns(4, missing=True))


def integral(code: CodeArray, a: FloatArray, low: float, high: float, power: int) -> float:
    """Of theta^power times the joint density over [low, high], by Simpson on 20,001 points."""
    theta = np.linspace(low, high, 20_001)
    joint = np.exp(log_likelihoods(code[None, :], a, B, theta)[0]) * norm.pdf(theta, MEAN, SD)
    return float(simpson(joint * theta**power, x=theta))


RANGE = (MEAN - 10 * SD, MEAN + 10 * SD)


@pytest.mark.parametrize(("a", "tolerance"), CASES)
def test_eap_equals_dense_integration(a: FloatArray, tolerance: float) -> None:
    found = score(EVERY, a, "eap")
    for place, code in enumerate(EVERY):
        total, first, second = (integral(code, a, *RANGE, power) for power in range(3))
        assert found.theta[place] == pytest.approx(first / total, abs=tolerance)
        assert found.se[place] == pytest.approx(np.sqrt(second / total - (first / total) ** 2), abs=tolerance)
    assert (found.se > 0).all()
    assert found.p_at_least is None


@pytest.mark.parametrize(("a", "tolerance"), CASES)
# 0.7123 lies between nodes, 0.7 on the prior's mean, the others far out and beyond the 9 SD of the panels
@pytest.mark.parametrize("threshold", [0.7123, 0.7, -3.3, 6.0, 12.5, 14.0, -12.9, 40.0, -40.0])
def test_the_probability_equals_dense_integration(a: FloatArray, tolerance: float, threshold: float) -> None:
    chosen = EVERY[::3]
    above = score(chosen, a, "eap", threshold).p_at_least
    assert above is not None
    for place, code in enumerate(chosen):
        low, high = RANGE
        inside = min(max(threshold, low), high)
        expected = integral(code, a, inside, high, 0) / integral(code, a, low, high, 0) if inside < high else 0.0
        assert above[place] == pytest.approx(expected, abs=max(tolerance, 1e-7))
    assert above.min() >= 0
    assert above.max() <= 1


def test_the_probability_falls_as_the_threshold_rises() -> None:
    each = [score(EVERY, A, "eap", t).p_at_least for t in np.linspace(-9, 9, 73)]
    assert all(part is not None for part in each)
    assert (np.diff(np.stack([part for part in each if part is not None]), axis=0) <= 1e-9).all()


def test_the_probability_comes_with_map_too() -> None:
    np.testing.assert_array_equal(
        np.array(score(EVERY, A, "map", 0.3).p_at_least), np.array(score(EVERY, A, "eap", 0.3).p_at_least)
    )


def slope_of_loglik(theta: float, code: CodeArray, a: FloatArray) -> tuple[float, float, float]:
    """Score, information and the slope of the information at theta."""
    answered = code >= 0
    own, b, x = a[answered], B[answered], code[answered]
    p = expit(own * (theta - b))
    q = expit(-own * (theta - b))
    return (
        float(own @ np.where(x == 1, q, -p)),
        float(own**2 @ (p * q)),
        float(own**3 @ (p * q * (q - p))),
    )


@pytest.mark.parametrize(("a", "_tolerance"), CASES)
def test_map_equals_scipys_minimum(a: FloatArray, _tolerance: float) -> None:
    found = score(EVERY, a, "map")
    for place, code in enumerate(EVERY):

        def equation(theta: float, own: CodeArray = code) -> float:
            return slope_of_loglik(theta, own, a)[0] - (theta - MEAN) / SD**2

        root = brentq(equation, -40, 40, xtol=1e-12)
        assert found.theta[place] == pytest.approx(root, abs=1e-7)
        information = slope_of_loglik(root, code, a)[1] + 1 / SD**2
        assert found.se[place] == pytest.approx(information**-0.5, rel=1e-5)
        best = minimize_scalar(
            lambda t, own=code: (
                -log_likelihoods(own[None, :], a, B, np.array([t]))[0, 0] - norm.logpdf(t, MEAN, SD)
            ),
            bounds=(root - 2, root + 2),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert found.theta[place] == pytest.approx(best.x, abs=1e-5)


@pytest.mark.parametrize("a", [A, np.ones(4), -A, 5 * A], ids=["mixed", "rasch", "turned", "steep"])
def test_ml_equals_scipys_root_or_is_infinite(a: FloatArray) -> None:
    found = score(EVERY, a, "ml")
    lowest, highest = extremes(from_codes(EVERY), items_of(a, B))
    assert lowest.sum() == highest.sum() == 15
    for place, code in enumerate(EVERY):
        turned = (code == 1) == (a > 0)
        if turned[code >= 0].all() or not turned[code >= 0].any():
            expected = np.inf if turned[code >= 0].all() else -np.inf
            assert found.theta[place] == expected
            assert found.se[place] == np.inf
        else:
            root = brentq(lambda t, own=code: slope_of_loglik(t, own, a)[0], -60, 60, xtol=1e-12)
            assert found.theta[place] == pytest.approx(root, abs=1e-7)
            assert found.se[place] == pytest.approx(slope_of_loglik(root, code, a)[1] ** -0.5, rel=1e-5)
    assert not np.isnan(found.theta).any()
    assert found.p_at_least is None


@pytest.mark.parametrize("a", [A, np.ones(4), -A], ids=["mixed", "rasch", "turned"])
def test_wle_equals_scipys_maximum_and_is_always_finite(a: FloatArray) -> None:
    found = score(EVERY, a, "wle")
    assert np.isfinite(found.theta).all()
    assert np.isfinite(found.se).all()
    for place, code in enumerate(EVERY):

        def equation(theta: float, own: CodeArray = code) -> float:
            first, information, slope = slope_of_loglik(theta, own, a)
            return first + slope / (2 * information)

        at = float(found.theta[place])
        if (code >= 0).sum() == 1:  # test_found.py
            continue
        assert equation(at - 1e-6) > 0 > equation(at + 1e-6)
        assert found.se[place] == pytest.approx(slope_of_loglik(at, code, a)[1] ** -0.5, rel=1e-5)


def test_under_rasch_wle_maximises_likelihood_times_root_information() -> None:
    found = score(EVERY, np.ones(4), "wle")
    for place, code in enumerate(EVERY):

        def minus(theta: float, own: CodeArray = code) -> float:
            likelihood = log_likelihoods(own[None, :], np.ones(4), B, np.array([theta]))[0, 0]
            return -float(likelihood + 0.5 * np.log(slope_of_loglik(theta, own, np.ones(4))[1]))

        best = minimize_scalar(minus, bounds=(-12, 12), method="bounded", options={"xatol": 1e-10})
        assert found.theta[place] == pytest.approx(best.x, abs=1e-5)


def test_all_right_is_above_nine_of_ten() -> None:
    b = np.linspace(-2, 2, 10)
    codes = np.tril(np.ones((10, 10), dtype=np.int8))
    for method in ("ml", "wle", "map", "eap"):
        prior = {"mean": 0.0, "sd": 1.0} if method in {"eap", "map"} else {}
        found = score_patterns(from_codes(codes), items_of(np.ones(10), b), method, **prior)
        assert (np.diff(found.theta) > 0).all()
        assert np.isposinf(found.theta[-1]) == (method == "ml")


def test_ten_right_answers_of_turned_items_are_the_lowest() -> None:
    codes = np.array([[1] * 5, [0] * 5, [0, 0, 1, 1, 1]], dtype=np.int8)
    found = score_patterns(from_codes(codes), items_of(-np.ones(5), np.zeros(5)), "ml")
    assert np.isneginf(found.theta[0])
    assert np.isposinf(found.theta[1])
    assert np.isfinite(found.theta[2])


def test_unknown_is_never_zero() -> None:
    codes = np.array([[1, 1, -1, -1], [1, 1, 0, 0], [1, 1, 1, 1], [0, 0, -1, -1], [0, 0, 0, 0]], dtype=np.int8)
    ordered = from_codes(codes)
    assert ordered.rows is not None
    for method in ("eap", "map"):
        found = score_patterns(ordered, items_of(np.ones(4), B), method, mean=MEAN, sd=SD)
        unknown_yes, no_yes, all_yes, unknown_no, all_no = found.theta[ordered.rows]
        assert no_yes + 0.3 < unknown_yes < all_yes - 0.1
        assert all_no + 0.1 < unknown_no < MEAN  # pulled toward the prior, not down


@pytest.mark.parametrize("method", ["eap", "map", "wle"])
def test_one_answer_says_little_and_never_the_other_way(method: ScoreMethod) -> None:
    codes = np.array([[1, -1, -1, -1], [0, -1, -1, -1], [-1, -1, 1, -1], [-1, -1, 0, -1]], dtype=np.int8)
    ordered = from_codes(codes)
    assert ordered.rows is not None
    theta = score(codes, A, method).theta[ordered.rows]
    assert theta[0] > theta[1]
    assert theta[2] < theta[3]  # the item whose slope is negative
    if method != "wle":
        assert theta[1] < MEAN < theta[0]


@pytest.mark.parametrize("a", [A, STEEP], ids=["ordinary", "steep"])
def test_eap_of_a_crowd_by_table_equals_one_by_one(a: FloatArray) -> None:
    rng = np.random.default_rng(1)
    codes = with_holes(rng, draw(rng, A, B, rng.normal(MEAN, SD, 12_000)), 0.1)
    codes = codes[(codes >= 0).any(axis=1)]
    crowd = in_place(Responses(codes, np.full(4, 2)))
    together = score_patterns(crowd, items_of(a, B), "eap", mean=MEAN, sd=SD, threshold=0.2)
    alone = collapse(Responses(codes, np.full(4, 2)), with_rows=True)
    apart = score_patterns(alone, items_of(a, B), "eap", mean=MEAN, sd=SD, threshold=0.2)
    assert crowd.rows is not None
    assert alone.rows is not None
    for one, other in (
        (together.theta, apart.theta),
        (together.se, apart.se),
        (np.array(together.p_at_least), np.array(apart.p_at_least)),
    ):
        np.testing.assert_allclose(one[crowd.rows], other[alone.rows], rtol=0, atol=1e-7)


def test_partial_credit_items_are_scored_too() -> None:
    items = items_from_thresholds(np.array([1.0, 2.0, -0.7]), np.array([[-1.0, 0.5], [0.3, np.nan], [0.0, 0.2]]))
    codes = np.array([[2, 1, 0], [0, 0, 2], [1, 1, 1], [2, -1, 0], [1, -1, 2]], dtype=np.int8)
    patterns = collapse(Responses(codes, np.array([3, 2, 3])), with_rows=True)
    assert patterns.rows is not None
    ml = score_patterns(patterns, items, "ml").theta[patterns.rows]
    assert ml[0] == np.inf
    assert ml[1] == -np.inf
    assert ml[3] == np.inf
    assert np.isfinite(ml[[2, 4]]).all()
    wle = score_patterns(patterns, items, "wle")
    assert np.isfinite(wle.theta).all()
    assert (wle.se > 0).all()


def test_small_and_distant_items_are_bracketed() -> None:
    items = items_of(np.full(3, 0.01), np.array([-300.0, 0.0, 500.0]))
    codes = np.array([[1, 0, 0], [1, 1, 0]], dtype=np.int8)
    found = score_patterns(from_codes(codes), items, "ml")
    for theta, total in zip(found.theta, (1, 2), strict=True):
        assert expit(0.01 * (theta - np.array([-300.0, 0.0, 500.0]))).sum() == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("method", ["eap", "map"])
@pytest.mark.parametrize("prior", [{}, {"mean": 0.0}, {"sd": 1.0}])
def test_a_prior_is_never_taken_for_granted(method: Literal["eap", "map"], prior: dict[str, float]) -> None:
    with pytest.raises(OptionError) as caught:
        score_patterns(from_codes(EVERY), items_of(A, B), method, **prior)
    assert caught.value.code == "score.no-prior"


@pytest.mark.parametrize("method", ["ml", "wle"])
def test_without_a_posterior_there_is_no_probability(method: ScoreMethod) -> None:
    with pytest.raises(OptionError) as caught:
        score(EVERY, A, method, threshold=0.0)
    assert caught.value.code == "score.no-probability"


def test_intervals_from_the_posterior_hold_the_truth() -> None:
    rng = np.random.default_rng(2)
    theta = rng.normal(MEAN, SD, 20_000)
    b = np.linspace(-2, 3, 12)
    patterns = collapse(Responses(draw(rng, np.ones(12), b, theta), np.full(12, 2)), with_rows=True)
    assert patterns.rows is not None
    found = score_patterns(patterns, items_of(np.ones(12), b), "eap", mean=MEAN, sd=SD, threshold=1.0)
    error = found.theta[patterns.rows] - theta
    assert abs(error.mean()) < 3 * SD / np.sqrt(20_000)
    assert np.mean(error**2) == pytest.approx(np.mean(found.se[patterns.rows] ** 2), rel=0.03)
    # probabilities are calibrated: in each tenth, the share above 1 is what was said
    said = np.array(found.p_at_least)[patterns.rows]
    for low in np.arange(0, 1, 0.1):
        own = (said >= low) & (said < low + 0.1)
        if own.sum() > 200:
            assert np.mean(theta[own] >= 1.0) == pytest.approx(
                said[own].mean(), abs=3.5 * 0.5 / np.sqrt(own.sum())
            )


def test_collapsing_first_changes_no_score() -> None:
    rng = np.random.default_rng(3)
    codes = draw(rng, A, B, rng.normal(size=300))
    together = collapse(Responses(codes, np.full(4, 2)), with_rows=True)
    assert together.rows is not None
    for method in ("eap", "map", "wle", "ml"):
        prior = {"mean": MEAN, "sd": SD} if method in {"eap", "map"} else {}
        one = score_patterns(together, items_of(A, B), method, **prior)
        other = score_patterns(from_codes(codes), items_of(A, B), method, **prior)
        np.testing.assert_allclose(one.theta[together.rows], other.theta, rtol=0, atol=1e-8)
