"""Plausible values are draws from the posterior; statistics of them are right; expected scores and their inverse.

Moments of draws are compared with the exact posterior's within five standard errors of the draws.
"""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from evenhand.errors import OptionError
from evenhand.measure.expected_scores import expected_item_scores, expected_score, score_table, theta_for_score
from evenhand.measure.latent import fit_latent
from evenhand.measure.models import Items, items_from_thresholds, probabilities
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.plausible import Combined, combine, plausible_values
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.score import score_patterns
from evenhand.measure.simulate import simulate_codes
from tests.measure.twins import collapsed, items_of

A = np.array([0.8, 1.6, 1.2, 2.0, 1.0, 1.8, 1.4, 0.9])
B = np.linspace(-1.4, 1.4, 8)
MEAN, SD, THRESHOLD = 0.3, 1.2, 1.0

MIXED = items_from_thresholds(
    np.array([1.0, -1.5, 1.3, -0.9, 1.7]),
    np.array([[0.0, np.nan, np.nan], [0.6, -0.5, np.nan], [0.8, -0.4, 0.9], [1.0, 0.0, -1.0], [-1.0, 0.2, 0.7]]),
    np.array([False, False, False, True, True]),
)


def dense_posterior(items: Items, codes: CodeArray, theta: FloatArray, mean: float, sd: float) -> FloatArray:
    """(P, G) posterior weights on a dense grid, item by item."""
    p = probabilities(items, theta)
    out = np.tile(np.exp(-((theta - mean) ** 2) / (2 * sd**2)), (len(codes), 1))
    for item in range(items.n_items):
        answered = codes[:, item] >= 0
        out[answered] *= p[item, codes[answered, item]]
    weights: FloatArray = out / out.sum(axis=1, keepdims=True)
    return weights


# --- The draws -----------------------------------------------------------------------------------------------


def ugly() -> tuple[Patterns, Items]:
    """All models, a missing answer, the extremes."""
    codes = np.array(
        [[0, 2, 0, 3, 0], [1, 0, 3, 0, 3], [1, 1, -1, 2, 1], [-1, -1, -1, -1, 3], [0, 0, 3, 3, 0]], dtype=np.int8
    )
    return in_place(Responses(codes, MIXED.top.astype(np.int64) + 1)), MIXED


def test_draws_are_from_the_posterior_whatever_the_items() -> None:
    patterns, items = ugly()
    theta = np.linspace(-9, 9, 6001)
    posterior = dense_posterior(items, patterns.codes, theta, MEAN, SD)
    draws = plausible_values(patterns, items, mean=MEAN, sd=SD, seed=1, n_sets=4_000)
    assert patterns.rows is not None
    for person, row in enumerate(patterns.rows):
        cumulative = np.cumsum(posterior[row]) - posterior[row] / 2
        uniform = np.interp(draws[:, person], theta, cumulative)
        assert kstest(uniform, "uniform").pvalue > 1e-4


def test_a_sharp_posterior_is_drawn_exactly() -> None:
    """Slopes of 8 on forty items: a posterior SD of .05, a fifth of a cell."""
    rng = np.random.default_rng(2)
    items = items_of(np.full(40, 8.0), np.linspace(-1, 1, 40))
    codes = simulate_codes(rng, items, np.array([0.1, -0.7]))
    patterns = in_place(Responses(codes, np.full(40, 2)))
    draws = plausible_values(patterns, items, mean=0.0, sd=1.0, seed=3, n_sets=4_000)
    theta = np.linspace(-3, 3, 12_001)
    posterior = dense_posterior(items, patterns.codes, theta, 0.0, 1.0)
    for row in range(2):
        uniform = np.interp(draws[:, row], theta, np.cumsum(posterior[row]) - posterior[row] / 2)
        assert kstest(uniform, "uniform").pvalue > 1e-4


def test_draws_have_the_eap_s_mean_variance_and_probability() -> None:
    rng = np.random.default_rng(4)
    items = items_of(A, B)
    patterns = collapsed(simulate_codes(rng, items, rng.normal(MEAN, SD, 300)))
    draws = plausible_values(patterns, items, mean=MEAN, sd=SD, seed=5, n_sets=1_000)
    exact = score_patterns(patterns, items, "eap", mean=MEAN, sd=SD, threshold=THRESHOLD)
    assert draws.shape == (1_000, patterns.n_patterns)
    z = (draws.mean(axis=0) - exact.theta) / (exact.se / np.sqrt(1_000))
    assert np.abs(z).max() < 5
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / len(z))
    assert draws.var(axis=0) / exact.se**2 == pytest.approx(1.0, abs=0.3)
    assert exact.p_at_least is not None
    share = (draws >= THRESHOLD).mean(axis=0)
    assert share == pytest.approx(exact.p_at_least, abs=0.08)
    assert share.mean() == pytest.approx(exact.p_at_least.mean(), abs=0.005)


def test_every_respondent_has_draws_of_their_own_and_the_silent_have_none() -> None:
    codes = np.array([[0, 1], [0, 1], [-1, -1], [1, 1]], dtype=np.int8)
    patterns = collapse(Responses(codes, np.full(2, 2)), with_rows=True)
    draws = plausible_values(patterns, items_of(A[:2], B[:2]), mean=0.0, sd=1.0, seed=6, n_sets=7)
    assert draws.shape == (7, 4)
    assert np.isnan(draws[:, 2]).all()
    assert np.isfinite(draws[:, [0, 1, 3]]).all()
    assert (draws[:, 0] != draws[:, 1]).all()


def test_a_seed_gives_the_same_draws_and_more_sets_do_not_change_the_first() -> None:
    rng = np.random.default_rng(7)
    items = items_of(A, B)
    patterns = collapse(
        Responses(simulate_codes(rng, items, rng.normal(size=3_000)), np.full(8, 2)), with_rows=True
    )
    few, again, more = (plausible_values(patterns, items, mean=0.0, sd=1.0, seed=8, n_sets=n) for n in (2, 2, 3))
    np.testing.assert_array_equal(few, again)
    np.testing.assert_array_equal(few, more[:2])
    assert not np.array_equal(few, plausible_values(patterns, items, mean=0.0, sd=1.0, seed=9, n_sets=2))


@pytest.mark.parametrize(("n_sets", "sd"), [(0, 1.0), (5, 0.0), (5, float("nan"))])
def test_no_sets_and_no_sd_are_refused(n_sets: int, sd: float) -> None:
    patterns, items = ugly()
    with pytest.raises(OptionError, match=r"plausible\.sets"):
        plausible_values(patterns, items, mean=0.0, sd=sd, seed=1, n_sets=n_sets)


# --- Statistics of them --------------------------------------------------------------------------------------


def test_draws_recover_the_spread_that_eaps_shrink() -> None:
    rng = np.random.default_rng(10)
    items = items_of(A, B)
    theta = rng.normal(MEAN, SD, 20_000)
    patterns = collapse(Responses(simulate_codes(rng, items, theta), np.full(8, 2)), with_rows=True)
    assert patterns.rows is not None
    draws = plausible_values(patterns, items, mean=MEAN, sd=SD, seed=11, n_sets=5)
    eap = score_patterns(patterns, items, "eap", mean=MEAN, sd=SD).theta[patterns.rows]
    assert draws.mean() == pytest.approx(MEAN, abs=0.03)
    assert draws.std() == pytest.approx(SD, abs=0.03)
    assert eap.std() < 0.95 * SD
    assert (draws >= THRESHOLD).mean() == pytest.approx((theta >= THRESHOLD).mean(), abs=0.01)


def test_rubins_intervals_hold_the_mean_the_sd_and_the_prevalence_as_often_as_they_say() -> None:
    items = items_of(A, B)
    truth = np.array([MEAN, np.log(SD), norm.sf((THRESHOLD - MEAN) / SD)])
    held = np.zeros(3)
    n_sets, n = 200, 500
    for seed in range(n_sets):
        rng = np.random.default_rng(20_000 + seed)
        codes = simulate_codes(rng, items, rng.normal(MEAN, SD, n))
        patterns = collapse(Responses(codes, np.full(8, 2)), with_rows=True)
        latent = fit_latent(patterns, items)
        draws = plausible_values(
            patterns,
            items,
            mean=latent.mean,
            sd=latent.sd,
            covariance=latent.covariance,
            seed=seed,
            n_sets=20,
        )
        variance = draws.var(axis=1, ddof=1)
        share = (draws >= THRESHOLD).mean(axis=1)
        combined = (
            combine(draws.mean(axis=1), variance / n),
            combine(np.log(variance) / 2, np.full(20, 1 / (2 * (n - 1)))),
            combine(share, share * (1 - share) / n),
        )
        for index, found in enumerate(combined):
            low, high = found.interval()
            held[index] += low <= truth[index] <= high
    assert ((held / n_sets >= 0.92) & (held / n_sets <= 0.98)).all(), held / n_sets


def test_rubins_rules_by_hand() -> None:
    found = combine(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.7, 0.6]))
    total = 0.6 + (1 + 1 / 3) * 1.0
    assert found.estimate == 2.0
    assert found.se == pytest.approx(np.sqrt(total))
    assert found.missing_information == pytest.approx((4 / 3) / total)
    assert found.df == pytest.approx(2 * (total / (4 / 3)) ** 2)
    sure = combine(np.array([1.0, 1.0]), np.array([0.04, 0.04]))
    assert sure == Combined(1.0, pytest.approx(0.2), float("inf"), 0.0)  # type: ignore[arg-type]
    assert sure.interval()[1] == pytest.approx(1 + 1.959964 * 0.2)
    with pytest.raises(OptionError, match=r"plausible\.one-set"):
        combine(np.array([1.0]), np.array([1.0]))


# --- Expected scores -----------------------------------------------------------------------------------------


def test_expected_scores_add_up_categories_in_the_direction_of_theta() -> None:
    theta = np.linspace(-4, 4, 9)
    p = probabilities(MIXED, theta)
    by_hand = np.zeros(9)
    for item, slope in enumerate(MIXED.slope):
        top = int(MIXED.top[item])
        for category in range(top + 1):
            by_hand += p[item, category] * (category if slope > 0 else top - category)
    np.testing.assert_allclose(expected_score(MIXED, theta), by_hand, rtol=0, atol=1e-12)
    assert expected_item_scores(MIXED, theta).shape == (5, 9)
    assert (np.diff(expected_score(MIXED, np.linspace(-30, 30, 200))) > -1e-12).all()
    np.testing.assert_array_equal(expected_score(MIXED, np.array([-np.inf, np.inf])), [0.0, MIXED.top.sum()])


def test_expected_scores_are_the_means_of_simulated_answers() -> None:
    rng = np.random.default_rng(12)
    codes = simulate_codes(rng, MIXED, np.full(40_000, 0.4))
    raw = np.where(MIXED.slope > 0, codes, MIXED.top - codes).sum(axis=1)
    found = expected_score(MIXED, np.array([0.4]))[0]
    assert raw.mean() == pytest.approx(found, abs=5 * raw.std() / 200)


@pytest.mark.parametrize("items", [MIXED, items_of(A, B), items_of(np.full(30, 9.0), np.linspace(-8, 8, 30))])
def test_theta_for_a_score_is_the_inverse_of_the_expected_score(items: Items) -> None:
    top = float(items.top.sum())
    wanted = np.concatenate([np.linspace(0.01, top - 0.01, 57), [1e-6, top - 1e-6]])
    theta = theta_for_score(items, wanted)
    np.testing.assert_allclose(expected_score(items, theta), wanted, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(
        theta_for_score(items, np.array([0.0, -1.0, top, top + 1])), [-np.inf] * 2 + [np.inf] * 2
    )


def test_the_score_table_is_the_maximum_likelihood_of_rasch_raw_scores() -> None:
    items = items_of(np.ones(8), B)
    table = score_table(items)
    codes = np.tril(np.ones((9, 8)), -1).astype(np.int8)
    found = score_patterns(in_place(Responses(codes, np.full(8, 2))), items, "ml")
    np.testing.assert_array_equal(table.score, np.arange(9))
    np.testing.assert_allclose(table.theta, found.theta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(table.se, found.se, rtol=1e-6)
    assert table.theta[0] == -np.inf
    assert table.se[-1] == np.inf


def test_the_error_of_a_score_table_is_the_spread_of_raw_scores_through_the_curve() -> None:
    table = score_table(MIXED)
    rng = np.random.default_rng(13)
    middle = len(table.score) // 2
    codes = simulate_codes(rng, MIXED, np.full(40_000, table.theta[middle]))
    raw = np.where(MIXED.slope > 0, codes, MIXED.top - codes).sum(axis=1)
    around = table.theta[middle] + np.array([-1e-4, 1e-4])
    slope = np.diff(expected_score(MIXED, around))[0] / 2e-4
    assert table.se[middle] == pytest.approx(raw.std() / slope, rel=0.02)


def test_an_item_of_slope_zero_has_no_place_in_an_inverse() -> None:
    with pytest.raises(OptionError, match=r"score\.flat-item"):
        theta_for_score(items_of(np.array([1.0, 0.0]), np.zeros(2)), np.array([1.0]))
