"""The partial credit model by conditional likelihood, against enumeration of every answer pattern.

1e-11 where both sides add a few hundred positive numbers; thresholds 1e-4, where SciPy's numeric gradients stop;
1e-4 relative in standard errors (numeric second derivatives). R psychotools: 1e-4, its optimiser's tolerance.
"""

import itertools
from typing import Any, Literal

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from evenhand.errors import EstimationError
from evenhand.measure.conditional import conditional_errors, fit_conditional
from evenhand.measure.conditional_credit import (
    CreditFit,
    credit_errors,
    credit_expected,
    credit_item_fit,
    credit_scores,
    fit_credit,
    fixed_credit,
    informative_credit,
    oriented_credit,
)
from evenhand.measure.esf_credit import category_probabilities, moments, tree
from evenhand.measure.itemfit import conditional_fit
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import CodeArray, FloatArray, IntArray, Responses
from tests.figures import larger, rows
from tests.measure.twins import with_holes

Kind = Literal["robust", "model", "fao"]
KINDS: tuple[Kind, ...] = ("robust", "model", "fao")
NAN = np.nan

MIXED = np.array([[-1.0, 0.2, 1.1], [0.4, NAN, NAN], [-0.7, 0.6, NAN], [0.3, -0.9, NAN]])
MIXED -= np.nanmean(MIXED)
PLAIN = np.ones(4)
TURNED = np.array([-1.0, 1.0, 1.0, -1.0])


def numbers(b: FloatArray) -> IntArray:
    out: IntArray = (~np.isnan(b)).sum(axis=1) + 1
    return out


def log_weights(b: FloatArray) -> FloatArray:
    """(J, K), one threshold after the other."""
    out = np.full((b.shape[0], b.shape[1] + 1), -np.inf)
    for item, row in enumerate(b):
        out[item, 0] = 0.0
        for step, threshold in enumerate(row[~np.isnan(row)]):
            out[item, step + 1] = out[item, step] - threshold
    return out


def people(n: int, b: FloatArray, seed: int, holes: float = 0.0, sign: FloatArray | None = None) -> CodeArray:
    """Answers with slopes `sign`, drawn from P(x = k) proportional to exp(sum_{h <= k} sign (theta - b_h))."""
    rng = np.random.default_rng(seed)
    sign = np.ones(len(b)) if sign is None else sign
    theta = rng.normal(0.2, 1.2, n)
    c = np.where(np.isneginf(log_weights(b)), -np.inf, sign[:, None] * np.nan_to_num(log_weights(b), neginf=0.0))
    eta = (sign[:, None] * np.arange(c.shape[1]))[None] * theta[:, None, None] + c
    return with_holes(rng, (eta + rng.gumbel(size=eta.shape)).argmax(axis=2).astype(np.int8), holes)


def collapsed(codes: CodeArray, categories: IntArray, **others: Any) -> Patterns:
    return collapse(Responses(codes=codes, categories=categories, **others))


def every_pattern(categories: IntArray) -> CodeArray:
    return np.array(list(itertools.product(*(range(n) for n in categories))), dtype=np.int8)


def each_loglik(codes: CodeArray, b: FloatArray, sign: FloatArray) -> FloatArray:
    """(N,) log P(x | raw score, items answered) on the file's metric, by enumeration.

    The answers x of items with slope -1 add -x to the raw score.
    """
    categories, c = numbers(b), log_weights(b)
    out = np.zeros(len(codes))
    masks, owner = np.unique(codes >= 0, axis=0, return_inverse=True)
    for place, mask in enumerate(masks):
        items = np.flatnonzero(mask)
        every, mine = every_pattern(categories[items]), codes[owner.ravel() == place][:, items]
        power, score = (sign[items] * c[items, every]).sum(axis=1), every @ sign[items]
        log_total = {each: logsumexp(power[score == each]) for each in np.unique(score).tolist()}
        own = (sign[items] * c[items, mine]).sum(axis=1)
        out[owner.ravel() == place] = own - [log_total[each] for each in (mine @ sign[items]).tolist()]
    return out


def thresholds(free: FloatArray, like: FloatArray) -> FloatArray:
    """All but one threshold free, as (J, K - 1) with mean 0."""
    out = np.full(like.shape, NAN)
    flat = np.append(free, 0.0)
    out[~np.isnan(like)] = flat - flat.mean()
    return out


# --- Symmetric functions --------------------------------------------------------------------------------------

RNG = np.random.default_rng(1)
ITEMS = [
    MIXED,
    np.array([[0.3, -0.2]]),
    np.zeros((3, 3)),
    np.array([[0.4], [-1.0], [0.4]]),
    RNG.normal(0, 1, (4, 3)),
    RNG.normal(0, 8, (4, 2)),
]


def by_enumeration(b: FloatArray) -> tuple[FloatArray, FloatArray, list[FloatArray]]:
    """log gamma, (C, R) P(x_j = k | r) and the covariance matrix of the steps taken for each r."""
    every, c = every_pattern(numbers(b)), log_weights(b)
    power, raw = c[np.arange(len(b)), every].sum(axis=1), every.sum(axis=1)
    pairs = [(item, category) for item, n in enumerate(numbers(b)) for category in range(n)]
    chosen = np.stack([every[:, item] == category for item, category in pairs], axis=1).astype(np.float64)
    taken = np.stack([every[:, j] >= k for j, k in pairs if k > 0], axis=1).astype(np.float64)
    gamma, probability, covariance = [], [], []
    for r in range(int(raw.max()) + 1):
        own = raw == r
        gamma.append(logsumexp(power[own]))
        p = np.exp(power[own] - gamma[-1])
        probability.append(p @ chosen[own])
        away = taken[own] - p @ taken[own]
        covariance.append((away.T * p) @ away)
    return np.array(gamma), np.array(probability).T, covariance


@pytest.mark.parametrize("b", ITEMS)
def test_gamma_and_probabilities_equal_enumeration(b: FloatArray) -> None:
    gamma, probability, _ = by_enumeration(b)
    found = tree(log_weights(b)[None], numbers(b))
    np.testing.assert_allclose(found.log_gamma[0], gamma, rtol=0, atol=1e-11)
    # no cancellation: small probabilities are as good as large ones
    np.testing.assert_allclose(category_probabilities(found)[:, 0], probability, rtol=1e-11)


@pytest.mark.parametrize("b", ITEMS)
def test_expected_steps_and_information_equal_enumeration(b: FloatArray) -> None:
    _, _, covariance = by_enumeration(b)
    weight = np.random.default_rng(2).random(len(covariance)) * 10
    found = tree(log_weights(b)[None], numbers(b))
    expected, information = moments(found, weight[None])
    np.testing.assert_allclose(
        information, sum(w * each for w, each in zip(weight, covariance, strict=True)), rtol=0, atol=1e-11
    )
    assert expected.sum() == pytest.approx(weight @ np.arange(len(weight)), rel=1e-12)


def test_sets_of_items_taken_together_equal_each_alone() -> None:
    masks = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 0]], dtype=np.bool_)
    whole = np.where(masks[:, :, None] | (np.arange(4) == 0), log_weights(MIXED), -np.inf)
    found = tree(whole, numbers(MIXED))
    probability = category_probabilities(found)
    item = np.repeat(np.arange(4), numbers(MIXED))
    for place, mask in enumerate(masks):
        gamma, alone, _ = by_enumeration(MIXED[mask])
        np.testing.assert_allclose(found.log_gamma[place, : len(gamma)], gamma, rtol=0, atol=1e-11)
        assert np.isneginf(found.log_gamma[place, len(gamma) :]).all()
        np.testing.assert_allclose(probability[mask[item], place, : len(gamma)], alone, rtol=1e-11)
        assert (probability[:, place, len(gamma) :] == 0).all()


@pytest.mark.parametrize("spread", [0.0, 1.0, 6.0])
def test_sixty_items_of_five_categories_stay_finite_and_symmetric(spread: float) -> None:
    b = spread * np.linspace(-3, 3, 240).reshape(60, 4)
    found = tree(log_weights(b)[None], numbers(b))
    gamma = found.log_gamma[0]
    assert np.isfinite(gamma).all()
    np.testing.assert_allclose(gamma, gamma[::-1], rtol=1e-11, atol=1e-8)
    information = moments(found, np.ones((1, 241)))[1]
    np.testing.assert_allclose(information.sum(axis=0), 0, rtol=0, atol=1e-8)
    assert np.linalg.eigvalsh(information)[0] > -1e-8


# --- The maximum ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holes", "sign", "weighted"),
    [(0.0, PLAIN, False), (0.2, PLAIN, True), (0.2, TURNED, False)],
    ids=["complete", "missing-weighted", "missing-reversed"],
)
def test_the_maximum_equals_that_of_the_brute_force_twin(holes: float, sign: FloatArray, weighted: bool) -> None:
    codes = people(250, MIXED, 1, holes, sign)
    w = np.random.default_rng(2).lognormal(0, 1, 250)
    more = {"weights": w, "weights_kind": "sampling"} if weighted else {}
    patterns = collapsed(codes, numbers(MIXED), **more)
    fit = fit_credit(patterns, sign=sign)

    def minus(free: FloatArray) -> float:
        return -float(patterns.w @ each_loglik(patterns.codes, thresholds(free, MIXED), sign))

    best = minimize(minus, np.zeros(7), method="BFGS", options={"gtol": 1e-4})
    assert fit.converged
    assert fit.gradient_norm < 1e-10
    assert fit.loglik == pytest.approx(-best.fun, rel=0, abs=1e-6)
    np.testing.assert_allclose(fit.b, thresholds(best.x, MIXED), rtol=0, atol=1e-4)
    assert np.nanmean(fit.b) == pytest.approx(0, abs=1e-12)
    np.testing.assert_array_equal(np.isnan(fit.b), np.isnan(MIXED))


def test_binary_items_give_the_rasch_fit_and_its_errors() -> None:
    b = np.array([[-1.2], [-0.3], [0.0], [0.5], [1.0]])
    sign = np.array([1.0, 1.0, -1.0, 1.0, -1.0])
    w = np.random.default_rng(3).lognormal(0, 1, 300)
    patterns = collapsed(people(300, b, 4, 0.2, sign), numbers(b), weights=w, weights_kind="sampling")
    one, other = fit_credit(patterns, sign=sign), fit_conditional(patterns, sign=sign)
    np.testing.assert_allclose(one.b[:, 0], other.b, rtol=0, atol=1e-9)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-12)
    np.testing.assert_allclose(one.information, other.information, rtol=0, atol=1e-8)
    for kind in KINDS:
        np.testing.assert_allclose(
            credit_errors(one, kind, patterns)[:, 0], conditional_errors(other, kind, patterns), rtol=1e-8
        )
    mine, rasch = credit_item_fit(one), conditional_fit(other)
    np.testing.assert_allclose(mine.infit, rasch.infit, rtol=1e-8)
    np.testing.assert_allclose(mine.outfit, rasch.outfit, rtol=1e-8)
    np.testing.assert_allclose(mine.q3, rasch.q3, rtol=1e-7)


def test_verbal_aggression_equals_psychotools() -> None:
    codes = larger("verbal_aggression3")
    if codes is None:
        pytest.skip("not run: the verbal aggression answers are not at hand (see tests/reference/README.md)")
    fit = fit_credit(collapse(Responses(codes, np.full(24, 3))))
    expected = np.array([[float(row[key]) for key in ("C1", "C2")] for row in rows("va3_psychotools_PCM_CML")])
    np.testing.assert_allclose(fit.b, expected - expected.mean(), rtol=0, atol=1e-4)


def test_two_items_of_three_categories_recover_a_saturated_table() -> None:
    """One pair of patterns for each raw score but the middle: the ratios of counts are the model's."""
    codes = np.array([[0, 1], [1, 0], [1, 2], [2, 1], [0, 2], [1, 1], [2, 0]], dtype=np.int8)
    n = np.array([30.0, 10.0, 24.0, 12.0, 9.0, 20.0, 6.0])
    fit = fit_credit(collapsed(np.repeat(codes, n.astype(int), axis=0), np.array([3, 3])))
    expected = by_enumeration(fit.b)[1]  # (6, 5)
    observed = np.array([[w @ (codes[:, j] == k) for k in range(3)] for j, w in ((0, n), (1, n))]).ravel()
    weight = np.array([n[codes.sum(axis=1) == r].sum() for r in range(5)])
    np.testing.assert_allclose(expected @ weight, observed, rtol=1e-9)


# --- Directions and weights -----------------------------------------------------------------------------------


def test_items_recoded_backwards_keep_their_thresholds_in_reverse_order() -> None:
    codes, categories = people(400, MIXED, 5, 0.1), numbers(MIXED)
    back = np.where((codes >= 0) & (TURNED < 0), categories - 1 - codes, codes).astype(np.int8)
    one = fit_credit(collapsed(codes, categories))
    other = fit_credit(collapsed(back, categories), sign=TURNED)
    expected = one.b.copy()
    expected[0], expected[3, :2] = one.b[0, ::-1], one.b[3, 1::-1]
    np.testing.assert_allclose(other.b, expected, rtol=0, atol=1e-9)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-12)
    errors = credit_errors(one, "robust", collapsed(codes, categories))
    turned = credit_errors(other, "robust", collapsed(back, categories))
    np.testing.assert_allclose(turned[0], errors[0, ::-1], rtol=1e-8)
    np.testing.assert_allclose(turned[1:3], errors[1:3], rtol=1e-8)


def test_extreme_people_and_people_without_weight_change_nothing() -> None:
    codes, categories = people(300, MIXED, 6), numbers(MIXED)
    more = np.concatenate([codes, np.tile(categories - 1, (40, 1)), np.zeros((30, 4)), [[3, 0, 2, 0]]])
    w = np.concatenate([np.ones(370), [0.0]])
    one, all_one = fit_credit(collapsed(codes, categories)), collapsed(codes, categories)
    all_more = collapsed(more.astype(np.int8), categories, weights=w, weights_kind="sampling")
    other = fit_credit(all_more)
    np.testing.assert_allclose(one.b, other.b, rtol=0, atol=1e-12)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-12)
    np.testing.assert_allclose(
        credit_errors(one, "robust", all_one), credit_errors(other, "robust", all_more), rtol=1e-9
    )


def test_people_who_answered_one_item_change_nothing() -> None:
    codes, categories = people(300, MIXED, 23, 0.1), numbers(MIXED)
    more = np.concatenate([codes, np.tile(np.array([[2, -1, -1, -1], [-1, -1, 1, -1]]), (50, 1))]).astype(np.int8)
    one, other = (fit_credit(collapsed(each, categories)) for each in (codes, more))
    np.testing.assert_allclose(one.b, other.b, rtol=0, atol=1e-12)
    assert one.patterns.n.sum() == other.patterns.n.sum()
    np.testing.assert_allclose(credit_item_fit(one).outfit, credit_item_fit(other).outfit, rtol=1e-10)


def test_frequency_weights_give_the_expanded_fit_and_errors() -> None:
    codes, categories = people(200, MIXED, 7, 0.1), numbers(MIXED)
    counts = np.random.default_rng(8).integers(0, 4, 200)
    weighted = collapsed(codes, categories, weights=counts.astype(np.float64), weights_kind="frequency")
    expanded = collapsed(np.repeat(codes, counts, axis=0), categories)
    one, many = fit_credit(weighted), fit_credit(expanded)
    np.testing.assert_allclose(one.b, many.b, rtol=0, atol=1e-10)
    assert one.loglik == pytest.approx(many.loglik, rel=1e-12)
    for kind in KINDS:
        np.testing.assert_allclose(
            credit_errors(one, kind, weighted), credit_errors(many, kind, expanded), rtol=1e-9
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_factor_of_sampling_weights_changes_no_error(kind: Kind) -> None:
    codes, w = people(300, MIXED, 9, 0.1), np.random.default_rng(10).lognormal(0, 1, 300)
    one, other = (collapsed(codes, numbers(MIXED), weights=c * w, weights_kind="sampling") for c in (1.0, 1e-4))
    fits = fit_credit(one), fit_credit(other)
    np.testing.assert_allclose(fits[0].b, fits[1].b, rtol=0, atol=1e-9)
    np.testing.assert_allclose(credit_errors(fits[0], kind, one), credit_errors(fits[1], kind, other), rtol=1e-7)


# --- Errors, expectations, fit --------------------------------------------------------------------------------


def numeric(codes: CodeArray, fit: CreditFit, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, S) scores and (S, S) negative Hessian by differences of the enumerated likelihood."""
    there = ~np.isnan(fit.b)
    at, h = fit.b[there], 1e-3
    step = h * np.eye(len(at))

    def value(flat: FloatArray) -> FloatArray:
        b = np.full(fit.b.shape, NAN)
        b[there] = flat
        return each_loglik(codes, b, fit.sign)

    scores = np.stack([(value(at + s) - value(at - s)) / (2 * h) for s in step], axis=1)
    hessian = np.array(
        [
            [
                w @ (value(at + s + t) - value(at + s - t) - value(at - s + t) + value(at - s - t)) / (4 * h * h)
                for t in step
            ]
            for s in step
        ]
    )
    return scores, -hessian


def test_errors_equal_those_of_the_enumerated_likelihood() -> None:
    codes, w = people(150, MIXED, 11, 0.15, TURNED), np.random.default_rng(12).lognormal(0, 0.7, 150)
    cluster, categories = np.arange(150) % 20, numbers(MIXED)
    patterns = collapsed(codes, categories, weights=w, weights_kind="sampling")
    fit = fit_credit(patterns, sign=TURNED)
    scores, hessian = numeric(codes, fit, w)
    there = ~np.isnan(fit.b)
    inverse = np.linalg.pinv(hessian, rcond=1e-6)
    np.testing.assert_allclose(fit.information, hessian, rtol=0, atol=2e-4)
    counted = informative_credit(patterns, fit.sign)
    rescale = patterns.n[counted].sum() / patterns.w[counted].sum()
    weighted = w[:, None] * scores
    total = np.stack([weighted[cluster == each].sum(axis=0) for each in range(20)])
    named = collapsed(codes, categories, weights=w, weights_kind="sampling", clusters=cluster)
    for kind, with_clusters, expected in (
        ("model", patterns, np.diag(inverse) / rescale),
        ("fao", patterns, 1 / (np.diag(hessian) * rescale)),
        ("robust", patterns, np.diag(inverse @ weighted.T @ weighted @ inverse)),
        ("robust", named, np.diag(inverse @ total.T @ total @ inverse) * 20 / 19),
    ):
        found = credit_errors(fit, kind, with_clusters)  # type: ignore[arg-type]
        assert np.isnan(found[~there]).all()
        np.testing.assert_allclose(found[there], np.sqrt(expected), rtol=1e-4)


def test_expectations_and_scores_equal_enumeration() -> None:
    fit = fit_credit(collapsed(people(80, MIXED, 13, 0.2, TURNED), numbers(MIXED)), sign=TURNED)
    answers = oriented_credit(fit.patterns, fit.sign)
    expected, variance = credit_expected(fit)
    np.testing.assert_array_equal(np.isnan(expected), np.isnan(answers))
    np.testing.assert_allclose(np.nansum(expected, axis=1), np.nansum(answers, axis=1), rtol=0, atol=1e-11)
    scores, _ = numeric(fit.patterns.codes, fit, fit.patterns.w)
    np.testing.assert_allclose(credit_scores(fit), scores, rtol=0, atol=1e-5)
    np.testing.assert_allclose(fit.patterns.w @ credit_scores(fit), 0, atol=1e-8)
    b = fit.b.copy()  # of the turned items
    b[0], b[3, :2] = fit.b[0, ::-1], fit.b[3, 1::-1]
    for place, row in enumerate(answers):
        items = np.flatnonzero(~np.isnan(row))
        p = by_enumeration(b[items])[1][:, int(row[items].sum())]
        begin = 0
        for item in items:
            n = int(fit.patterns.categories[item])
            k, own = np.arange(n), p[begin : begin + n]
            assert expected[place, item] == pytest.approx(k @ own, abs=1e-11)
            assert variance[place, item] == pytest.approx(k**2 @ own - (k @ own) ** 2, abs=1e-11)
            begin += n


def test_thresholds_from_elsewhere_keep_their_expectations() -> None:
    patterns = collapsed(people(80, MIXED, 14), numbers(MIXED))
    fit = fit_credit(patterns)
    fixed = fixed_credit(fit.patterns, fit.b, fit.sign)
    np.testing.assert_array_equal(credit_expected(fixed)[0], credit_expected(fit)[0])
    assert np.isnan(fixed.loglik)


def test_an_item_that_does_not_measure_is_the_one_that_misfits() -> None:
    codes = people(2_000, MIXED, 15)
    codes[:, 2] = np.random.default_rng(16).integers(0, 3, 2_000)
    found = credit_item_fit(fit_credit(collapsed(codes, numbers(MIXED))))
    assert found.person_values == "conditional probabilities"
    assert int(np.argmax(found.infit)) == 2
    assert found.infit[2] > 1.15
    well = credit_item_fit(fit_credit(collapsed(people(2_000, MIXED, 15), numbers(MIXED))))
    assert np.abs(well.infit - 1).max() < 0.1
    assert np.abs(well.outfit - 1).max() < 0.1


@pytest.mark.parametrize("kind", ["robust", "model"])
def test_the_truth_lies_within_the_intervals_as_often_as_they_say(kind: Kind) -> None:
    z = []
    for seed in range(200):
        patterns = collapsed(people(500, MIXED, 100 + seed), numbers(MIXED))
        fit = fit_credit(patterns)
        z.append((fit.b - MIXED) / credit_errors(fit, kind, patterns))
    flat = np.array(z)[:, ~np.isnan(MIXED)]
    assert 0.92 < float((np.abs(flat) < 1.96).mean()) < 0.98
    assert np.abs(np.mean(flat, axis=0)).max() < 3.5 / np.sqrt(200)


def test_many_sets_of_answered_items_in_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = collapsed(people(300, MIXED, 17, 0.3), numbers(MIXED))
    one = fit_credit(patterns)
    errors = credit_errors(one, "robust", patterns)
    monkeypatch.setattr("evenhand.measure.conditional_credit.LARGEST_BLOCK", 1)
    monkeypatch.setattr("evenhand.measure.conditional_credit.PATTERNS_AT_ONCE", 3)
    other = fit_credit(patterns)
    np.testing.assert_allclose(other.b, one.b, rtol=0, atol=1e-10)
    np.testing.assert_allclose(credit_errors(other, "robust", patterns), errors, rtol=1e-9)


# --- Ugly answers ---------------------------------------------------------------------------------------------


def refusal(codes: list[list[int]], categories: list[int], names: list[str] | None = None) -> EstimationError:
    with pytest.raises(EstimationError) as caught:
        fit_credit(collapsed(np.array(codes, dtype=np.int8), np.array(categories)), names=names)
    return caught.value


def test_only_extremes_and_single_answers_are_refused() -> None:
    error = refusal([[2, 1, 1], [0, 0, 0], [2, -1, 1], [-1, 0, -1], [1, -1, -1]], [3, 2, 2])
    assert error.code == "estimation.only-extremes"


@pytest.mark.parametrize(
    ("gone", "put"), [(1, 0), (0, 1), (3, 2)], ids=["middle-category", "lowest-category", "highest-category"]
)
def test_an_empty_category_is_named(gone: int, put: int) -> None:
    codes = people(200, MIXED, 18)
    codes[codes[:, 0] == gone, 0] = put
    error = refusal(codes.tolist(), [4, 2, 3, 3], ["A", "B", "C", "D"])
    assert error.code == "estimation.empty-category"
    assert error.where == f"item A, category {gone}"
    assert "category:" in error.mend


def test_a_category_that_only_people_at_the_end_chose_is_named() -> None:
    codes = people(200, MIXED, 19)
    codes[codes[:, 2] == 2, 2] = 1
    error = refusal([*codes.tolist(), [3, 1, 2, 2]], [4, 2, 3, 3])
    assert (error.code, error.where) == ("estimation.empty-category", "item 3, category 2")


@pytest.mark.parametrize(
    ("codes", "categories", "where"),
    [
        ([[1, 0, 1], [0, 1, 1], [0, 1, 1]], [2, 2, 2], "items 3"),  # always the highest
        ([[2, 0, -1], [1, 1, -1], [0, 1, -1], [1, 0, -1]], [3, 2, 3], "items 3"),  # never asked
        ([[1, 0, -1], [0, 1, -1], [-1, -1, 1], [-1, -1, 2]], [2, 2, 4], "items 3"),  # never compared
    ],
)
def test_an_item_without_finite_thresholds_is_named(
    codes: list[list[int]], categories: list[int], where: str
) -> None:
    error = refusal(codes, categories)
    assert error.where == where
    assert error.code == "estimation.not-connected"


def test_two_groups_of_items_never_compared_are_refused() -> None:
    codes = [[1, 0, -1, -1], [2, 0, -1, -1], [0, 1, -1, -1], [-1, -1, 1, 0], [-1, -1, 0, 1]]
    assert refusal(codes, [3, 2, 2, 2]).code == "estimation.not-connected"


def test_a_category_always_beside_the_same_answers_has_no_finite_threshold() -> None:
    """Connected item by item, every category chosen, and yet the middle category of items 1 and 2 can run off.

    Raw score 2 is made by (1, 1) only, never by (0, 2) or (2, 0).
    """
    codes = [[1, 1]] * 20 + [[0, 1], [1, 0]] * 8 + [[1, 2], [2, 1]] * 7
    error = refusal(codes, [3, 3], ["first", "second"])
    assert error.code == "estimation.not-connected"
    assert error.where == "items first, second"


def test_disordered_thresholds_far_apart_are_found() -> None:
    b = np.array([[-3.0, -5.0], [4.0, 1.0], [-1.0, 2.0], [2.5, NAN], [-0.5, NAN]])
    codes = people(20_000, b, 20)
    patterns = collapsed(codes, numbers(b))
    fit = fit_credit(patterns)
    assert fit.converged
    z = (fit.b - b + np.nanmean(b)) / credit_errors(fit, "robust", patterns)
    assert np.nanmax(np.abs(z)) < 3.5


def test_a_loose_tolerance_stops_early() -> None:
    fit = fit_credit(collapsed(people(200, MIXED, 21), numbers(MIXED)), tolerance=10.0)
    assert fit.iterations == 1
    assert fit.gradient_norm > 1e-8


def test_two_runs_give_the_same_bits() -> None:
    patterns = collapsed(people(400, MIXED, 22, 0.2), numbers(MIXED))
    np.testing.assert_array_equal(fit_credit(patterns).b, fit_credit(patterns).b)
