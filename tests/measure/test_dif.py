"""Mantel-Haenszel and logistic regression beside hand-worked numbers and plain optimisation."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import chi2

from evenhand.errors import EstimationError
from evenhand.measure.dif import Cells, MantelHaenszel, cells, groups_of, mantel_haenszel, two_stage
from evenhand.measure.dif_logistic import LogisticDif, logistic, regress
from evenhand.measure.holm import anchors_left, flags, holm, size_of
from evenhand.measure.responses import CodeArray, FloatArray, IntArray, Responses


def counted(table: FloatArray) -> Cells:
    """Cells of (strata, 2, K) counts: reference first."""
    s, g, y = np.nonzero(table)
    n = table[s, g, y].astype(np.float64)
    return Cells(y, s.astype(np.float64), g, n, n, n)


TABLE = np.array([[[20, 10], [15, 15]], [[12, 18], [6, 24]]], dtype=np.float64)
"""Two strata; (no, yes) of the reference and of the focal group. A = 10, 18; B = 20, 12; C = 15, 24; D = 15, 6."""


def test_mantel_haenszel_is_what_it_is_by_hand() -> None:
    found = mantel_haenszel(counted(TABLE))
    r = 10 * 15 / 60 + 18 * 6 / 60
    s = 20 * 15 / 60 + 12 * 24 / 60
    assert found.log_odds == pytest.approx(np.log(r / s))
    assert found.effect == pytest.approx(-2.35 * np.log(4.3 / 9.8))
    expected = 30 * 25 / 60 + 30 * 42 / 60
    variance = 30 * 30 * 25 * 35 / (60**2 * 59) + 30 * 30 * 42 * 18 / (60**2 * 59)
    assert found.statistic == pytest.approx((abs(28 - expected) - 0.5) ** 2 / variance)
    assert mantel_haenszel(counted(TABLE), continuity=False).statistic == pytest.approx(
        (28 - expected) ** 2 / variance
    )
    assert found.p == pytest.approx(chi2.sf(found.statistic, 1))


def test_its_error_is_that_of_phillips_and_holland() -> None:
    (b, a), (d, c) = TABLE[:, 0].T, TABLE[:, 1].T
    n = TABLE.sum(axis=(1, 2))
    odds = (a * d / n).sum() / (b * c / n).sum()
    variance = (((a * d + odds * b * c) * (a + d + odds * (b + c))) / n**2).sum() / (2 * (a * d / n).sum() ** 2)
    assert mantel_haenszel(counted(TABLE)).se == pytest.approx(2.35 * np.sqrt(variance))


def test_one_graded_stratum_is_mantels_test_by_hand() -> None:
    found = mantel_haenszel(counted(np.array([[[4.0, 3, 3], [2, 3, 5]]])), continuity=False)
    pooled = np.repeat([0, 1, 2], [6, 6, 8])
    variance = 10 * 10 / 20 * pooled.var(ddof=1)
    assert found.statistic == pytest.approx((13 - 11) ** 2 / variance)
    assert found.effect == pytest.approx((1.3 - 0.9) / pooled.std())
    assert np.isnan(found.log_odds)


def test_two_categories_scored_as_graded_give_the_same_chi_square() -> None:
    graded = np.concatenate([TABLE, np.zeros((2, 2, 1))], axis=2)
    graded[0, 0, 2] = 1e-9  # a third category that hardly anybody chose
    as_graded = mantel_haenszel(counted(graded))
    assert as_graded.statistic == pytest.approx(mantel_haenszel(counted(TABLE)).statistic, rel=1e-6)


@pytest.mark.parametrize(
    ("odds", "times", "letter"), [(1.2, 50, "A"), (1.75, 10, "B"), (4.0, 20, "C"), (2.0, 1, "A")]
)
def test_letters_need_effect_and_certainty(odds: float, times: int, letter: str) -> None:
    focal = odds / (1 + odds)
    table = times * np.array([[[15, 15], [30 * (1 - focal), 30 * focal]]])
    assert mantel_haenszel(counted(table)).size == letter


def test_strata_of_one_group_or_one_answer_carry_no_evidence() -> None:
    more = np.concatenate([TABLE, [[[5, 5], [0, 0]], [[9, 0], [9, 0]]]])
    assert mantel_haenszel(counted(more)).log_odds == mantel_haenszel(counted(TABLE)).log_odds
    with pytest.raises(EstimationError, match="no-strata"):
        mantel_haenszel(counted(more[2:]))


def people(seed: int, n: int = 300, shift: float = 0.0, categories: int = 2) -> tuple[CodeArray, FloatArray]:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, n)
    theta = rng.normal(0.5 * group, 1.2)
    b = np.tile(np.linspace(-1, 1, 6), (n, 1))
    b[:, 2] += shift * group
    u = rng.logistic(size=(n, 6))
    steps = [theta[:, None] - b - 0.8 * k + u > 0 for k in range(categories - 1)]
    return np.sum(steps, axis=0).astype(np.int8), group.astype(np.float64)


def of(codes: CodeArray, group: FloatArray, item: int = 2, **others: object) -> Cells:
    k = int(codes.max()) + 1
    responses = Responses(codes, np.full(codes.shape[1], k), **others)  # type: ignore[arg-type]
    pair = groups_of(responses, group.astype(np.int64), 2)
    assert pair[0] is not None
    assert pair[1] is not None
    return cells((pair[0], pair[1]), item, np.ones(codes.shape[1], dtype=np.bool_))


@pytest.mark.parametrize("categories", [2, 4])
def test_regression_is_where_plain_optimisation_ends(categories: int) -> None:
    codes, group = people(3, 400, 0.5, categories)
    y = codes[:, 2].astype(np.int64)
    x = np.stack([codes.sum(axis=1) / 5, group], axis=1)
    found = regress(y, x, np.ones(len(y)))

    def minus(beta: FloatArray) -> float:
        tau = np.cumsum(np.concatenate([beta[:1], -np.exp(beta[1 : categories - 1])]))
        above = expit(tau + (x @ beta[categories - 1 :])[:, None])
        cut = np.concatenate([np.ones((len(y), 1)), above, np.zeros((len(y), 1))], axis=1)
        return -float(np.log(cut[np.arange(len(y)), y] - cut[np.arange(len(y)), y + 1]).sum())

    start = np.zeros(categories + 1)
    plain = minimize(minus, start, method="BFGS", options={"gtol": 1e-7})
    assert found.loglik == pytest.approx(-plain.fun, abs=1e-6)
    assert found.beta[-2:] == pytest.approx(plain.x[-2:], abs=1e-4)
    step = 1e-4
    numeric = [
        [minus_fixed(y, x, found.beta, i, j, step) for j in range(len(found.beta))] for i in range(len(found.beta))
    ]
    assert found.information == pytest.approx(np.array(numeric), rel=1e-3, abs=1e-2)


def minus_fixed(y: IntArray, x: FloatArray, beta: FloatArray, i: int, j: int, step: float) -> float:
    n_steps = int(y.max())

    def at(di: float, dj: float) -> float:
        moved = beta.copy()
        moved[i] += di
        moved[j] += dj
        above = expit(moved[:n_steps] + (x @ moved[n_steps:])[:, None])
        cut = np.concatenate([np.ones((len(y), 1)), above, np.zeros((len(y), 1))], axis=1)
        return -float(np.log(cut[np.arange(len(y)), y] - cut[np.arange(len(y)), y + 1]).sum())

    return (at(step, step) - at(step, -step) - at(-step, step) + at(-step, -step)) / (4 * step**2)


@pytest.mark.parametrize("study", [mantel_haenszel, logistic])
def test_frequency_weights_are_the_expanded_file(study) -> None:  # type: ignore[no-untyped-def]
    codes, group = people(4)
    times = np.random.default_rng(1).integers(1, 4, len(codes))
    weighted = study(of(codes, group, weights=times.astype(np.float64), weights_kind="frequency"))
    expanded = study(of(np.repeat(codes, times, axis=0), np.repeat(group, times)))
    assert weighted.statistic == pytest.approx(expanded.statistic)
    assert weighted.se == pytest.approx(expanded.se)


def test_robust_tests_do_not_change_when_all_weights_do() -> None:
    codes, group = people(5)
    w = np.random.default_rng(2).uniform(0.5, 3, len(codes))
    one = logistic(of(codes, group, weights=w, weights_kind="sampling"), robust=True)
    other = logistic(of(codes, group, weights=7 * w, weights_kind="sampling"), robust=True)
    assert one.statistic == pytest.approx(other.statistic)
    assert one.r2_change == pytest.approx(other.r2_change)


def test_equal_weights_make_robust_and_likelihood_tests_alike() -> None:
    codes, group = people(6, 4000, 0.4)
    data = of(codes, group)
    assert logistic(data, robust=True).statistic == pytest.approx(logistic(data).statistic, rel=0.1)


def test_a_cluster_of_doubles_counts_once() -> None:
    codes, group = people(7)
    once = logistic(of(codes, group, clusters=np.arange(len(codes))), robust=True)
    twice = logistic(
        of(np.repeat(codes, 2, axis=0), np.repeat(group, 2), clusters=np.repeat(np.arange(len(codes)), 2)),
        robust=True,
    )
    assert twice.se == pytest.approx(once.se, rel=1e-9)


def test_a_planted_item_alone_is_found_and_leaves_the_anchors() -> None:
    codes, group = people(8, 3000, 1.0)
    responses = Responses(codes, np.full(6, 2))
    reference, focal = groups_of(responses, group.astype(np.int64), 2)
    assert reference is not None
    assert focal is not None
    by_score, anchors = two_stage((reference, focal), mantel_haenszel)
    assert list(np.flatnonzero(~anchors)) == [2]
    assert isinstance(by_score[2], MantelHaenszel)
    assert by_score[2].effect < 0
    by_regression, anchors = two_stage((reference, focal), logistic)
    assert list(np.flatnonzero(~anchors)) == [2]
    assert isinstance(by_regression[2], LogisticDif)
    assert by_regression[2].uniform < 0


def test_an_item_that_a_group_answers_alike_is_refused_with_a_reason() -> None:
    codes, group = people(9)
    codes[group == 1, 2] = 1
    with pytest.raises(EstimationError, match="no-variation"):
        of(codes, group)


def test_an_answer_that_group_and_score_foretell_has_no_finite_regression() -> None:
    y = np.array([0, 0, 1, 1])
    with pytest.raises(EstimationError, match="separated"):
        regress(y, np.array([[0.0], [0.1], [0.9], [1.0]]), np.ones(4))


def test_extreme_total_scores_are_left_out_and_extreme_rest_scores_are_not() -> None:
    codes, group = people(10)
    data = of(codes, group)
    assert data.s.min() == 1
    assert data.s.max() == 5
    reference, focal = groups_of(Responses(codes, np.full(6, 2)), group.astype(np.int64), 2)
    assert reference is not None
    assert focal is not None
    assert cells((reference, focal), 2, np.ones(6, dtype=np.bool_), "rest").s.max() == 5
    assert cells((reference, focal), 2, np.ones(6, dtype=np.bool_), "rest").n.sum() == len(codes)


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, np.nan])) == pytest.approx(
        np.array([0.03, 0.06, 0.06, np.nan]), nan_ok=True
    )
    assert holm(np.array([0.9, 0.8])) == pytest.approx(np.array([1.0, 1.0]))
    assert holm(np.zeros(0)).shape == (0,)


def test_flags_need_significance_and_effect() -> None:
    p = np.array([0.001, 0.001, 0.5, np.nan])
    assert list(flags(p, ("A", "B", "C", None))) == [False, True, False, False]
    assert [size_of(x, 1.0, 1.5) for x in (-0.9, -1.0, 1.5)] == ["A", "B", "C"]


def test_enough_anchors_stay_the_least_suspicious_first() -> None:
    flagged = np.array([True, True, True, False])
    assert list(anchors_left(flagged, np.array([0.001, 0.01, 0.02, 0.9]), 3)) == [False, True, True, True]
