"""Adaptive asking by dense integration, exhaustive choice and exhaustive feasibility; the study against truth.

The twins share nothing with the code: posteriors on 48,001 points by Simpson, information by central differences
of the category curves. Ordinary slopes agree to 1e-7, steps of slope 24 to 68 to 1e-3 of a logit.
"""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson
from scipy.special import expit
from scipy.stats import norm

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.adaptive import (
    STOP_REASONS,
    AdaptiveBank,
    AdaptiveRule,
    AdaptiveState,
    Constraints,
    Stopping,
    adaptive_bank,
    next_item,
    posterior,
    record,
    stop_reason,
    unconstrained,
)
from evenhand.measure.adaptive_study import (
    administer,
    administer_all,
    classified,
    estimates,
    fixed_order,
    study,
)
from evenhand.measure.conditional import fit_conditional
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.score import score_patterns
from evenhand.measure.simulate import simulate_codes

MEAN, SD, CUT = 0.4, 1.3, 0.9
THETA: FloatArray = np.linspace(MEAN - 10 * SD, MEAN + 10 * SD, 48_001)
A: FloatArray = np.array([1.0, 1.7, -0.8, 1.2, 0.6])
B: FloatArray = np.array(
    [[-1.0, np.nan, np.nan], [-0.5, 0.4, 1.1], [0.8, -0.3, np.nan], [-0.6, 0.2, 1.5], [1.4, np.nan, np.nan]]
)
GRADED = np.array([False, False, False, True, False])
TOP = (1, 3, 2, 3, 1)
RULES: tuple[AdaptiveRule, ...] = ("expected", "fisher")


def category_curves(a: float, b: FloatArray, graded: bool, theta: FloatArray) -> FloatArray:
    """(K, T) by the formulas of interfaces.md, one item."""
    b = b[~np.isnan(b)]
    if graded:
        upper = [np.ones_like(theta), *(expit(a * (theta - each)) for each in b), np.zeros_like(theta)]
        return -np.diff(np.array(upper), axis=0)
    logit = np.array([np.zeros_like(theta), *np.cumsum([a * (theta - each) for each in b], axis=0)])
    share = np.exp(logit - logit.max(axis=0))
    out: FloatArray = share / share.sum(axis=0)
    return out


def dense_information(a: float, b: FloatArray, graded: bool, theta: FloatArray) -> FloatArray:
    """Of one item by central differences: sum of (dP/dtheta)^2 / P."""
    step = 1e-5
    slope = (category_curves(a, b, graded, theta + step) - category_curves(a, b, graded, theta - step)) / (
        2 * step
    )
    out: FloatArray = (slope**2 / np.maximum(category_curves(a, b, graded, theta), 1e-300)).sum(axis=0)
    return out


def dense_posterior(state: AdaptiveState, a: FloatArray = A) -> tuple[FloatArray, float, float, float]:
    """Density on THETA, its mean, SD and P(theta >= CUT)."""
    density = norm.pdf(THETA, MEAN, SD)
    for item, code in zip(state.asked, state.codes, strict=True):
        if code >= 0:
            density = density * category_curves(float(a[item]), B[item], bool(GRADED[item]), THETA)[code]
    density = density / simpson(density, x=THETA)
    mean = float(simpson(density * THETA, x=THETA))
    sd = float(np.sqrt(simpson(density * (THETA - mean) ** 2, x=THETA)))
    above = np.concatenate([[CUT], THETA[CUT < THETA]])
    return density, mean, sd, float(simpson(np.interp(above, THETA, density), x=above))


def mixed(rule: AdaptiveRule = "expected", a: FloatArray = A) -> AdaptiveBank:
    """Binary, generalised partial credit and graded items, one of negative slope."""
    items = items_from_thresholds(a, B, GRADED)
    return adaptive_bank(items, mean=MEAN, sd=SD, threshold=CUT, rule=rule, stopping=Stopping(5, 5, 1.0, 0.0))


def binary(rng: np.random.Generator, n_items: int) -> Items:
    return items_from_thresholds(rng.lognormal(0.2, 0.3, n_items), rng.normal(0, 1.2, n_items)[:, None])


def plain_bank(items: Items, max_items: int, min_answered: int = 1, **others: Any) -> AdaptiveBank:
    return adaptive_bank(items, mean=0.0, sd=1.0, stopping=Stopping(max_items, min_answered), **others)


states = st.lists(st.integers(0, 4), unique=True, max_size=4).flatmap(
    lambda asked: st.tuples(*(st.integers(-1, TOP[item]) for item in asked)).map(
        lambda codes: AdaptiveState(tuple(asked), codes)
    )
)


@settings(max_examples=40, deadline=None)
@given(state=states)
def test_the_posterior_equals_dense_integration(state: AdaptiveState) -> None:
    found = posterior(mixed(), state)
    _, mean, sd, above = dense_posterior(state)
    assert found.mean == pytest.approx(mean, abs=1e-7)
    assert found.sd == pytest.approx(sd, abs=1e-7)
    assert found.p_above == pytest.approx(above, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(state=states, rule=st.sampled_from(RULES))
def test_the_next_item_is_the_best_of_all_by_exhaustive_computing(
    state: AdaptiveState, rule: AdaptiveRule
) -> None:
    density, mean, _, _ = dense_posterior(state)
    values = {}
    for item in set(range(5)) - set(state.asked):
        if rule == "expected":
            curve = dense_information(float(A[item]), B[item], bool(GRADED[item]), THETA)
            values[item] = float(simpson(curve * density, x=THETA))
        else:
            values[item] = float(
                dense_information(float(A[item]), B[item], bool(GRADED[item]), np.array([mean]))[0]
            )
    chosen = next_item(mixed(rule), state)
    assert chosen is not None
    assert values[chosen] == pytest.approx(max(values.values()), rel=1e-5)


def test_steep_slopes_keep_a_posterior_and_a_choice() -> None:
    steep = A * 40
    bank, state = mixed(a=steep), AdaptiveState((0, 1, 2), (1, 1, 0))
    found = posterior(bank, state)
    _, mean, sd, above = dense_posterior(state, steep)
    assert found.mean == pytest.approx(mean, abs=1e-3)
    assert found.sd == pytest.approx(sd, abs=1e-3)
    assert found.p_above == pytest.approx(above, abs=1e-3)
    assert next_item(bank, state) in {3, 4}
    contradiction = posterior(mixed(a=A * 1e4), AdaptiveState((0, 4), (0, 1)))
    assert np.isfinite([contradiction.mean, contradiction.sd]).all()


def test_the_order_of_asking_changes_no_bit_of_the_posterior() -> None:
    forward = AdaptiveState((0, 1, 2, 3), (1, 2, 0, 3))
    backward = AdaptiveState(forward.asked[::-1], forward.codes[::-1])
    assert posterior(mixed(), forward) == posterior(mixed(), backward)


def test_it_agrees_with_the_score_of_the_same_answers() -> None:
    rng = np.random.default_rng(3)
    items = binary(rng, 12)
    bank = plain_bank(items, 12, threshold=0.5)
    codes = np.where(rng.random((40, 12)) < 0.3, -1, simulate_codes(rng, items, rng.normal(size=40))).astype(
        np.int8
    )
    found = estimates(bank, codes)
    people = in_place(Responses(codes, np.full(12, 2)))
    scores = score_patterns(people, items, "eap", mean=0.0, sd=1.0, threshold=0.5)
    assert people.rows is not None
    np.testing.assert_allclose(found.mean, scores.theta[people.rows], atol=1e-7)
    np.testing.assert_allclose(found.sd, scores.se[people.rows], atol=1e-7)
    assert scores.p_at_least is not None
    np.testing.assert_allclose(found.above, scores.p_at_least[people.rows], atol=1e-7)


def test_an_unanswered_item_is_not_asked_again_and_says_nothing() -> None:
    bank = mixed()
    first = next_item(bank, AdaptiveState())
    assert first is not None
    refused = record(AdaptiveState(), first, -1)
    assert posterior(bank, refused) == posterior(bank, AdaptiveState())
    second = next_item(bank, refused)
    assert second is not None
    assert second != first
    assert refused.n_answered == 0


def test_someone_who_answers_nothing_is_asked_the_most_items_and_keeps_the_prior() -> None:
    bank = mixed()
    state = administer(bank, np.full(5, -1, dtype=np.int8))
    assert len(state.asked) == 5
    assert stop_reason(bank, state) == "most items"
    found = posterior(bank, state)
    assert (found.mean, found.sd) == pytest.approx((MEAN, SD), abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_a_bank_of_one_item_asks_it_and_stops(rule: AdaptiveRule) -> None:
    bank = plain_bank(items_from_thresholds(np.ones(1), np.zeros((1, 1))), 3, rule=rule)
    state = administer(bank, np.ones(1, dtype=np.int8))
    assert state == AdaptiveState((0,), (1,))
    assert stop_reason(bank, state) == "no item left"
    assert stop_reason(bank, AdaptiveState()) is None


def test_equal_items_are_asked_in_their_order() -> None:
    bank = plain_bank(items_from_thresholds(np.ones(6), np.zeros((6, 1))), 6)
    assert administer(bank, np.ones(6, dtype=np.int8)).asked == (0, 1, 2, 3, 4, 5)


def test_asking_stops_when_certain_but_not_before_enough_answers() -> None:
    items = items_from_thresholds(np.full(20, 2.0), np.zeros((20, 1)))
    yes = np.ones(20, dtype=np.int8)
    for least in (1, 4, 7):
        bank = plain_bank(items, 20, least, threshold=-0.5)
        state = administer(bank, yes)
        above = posterior(bank, state).p_above
        assert above is not None
        assert above >= 0.9
        assert len(state.asked) >= least
        assert stop_reason(bank, state) == "certain"
        if len(state.asked) > least:
            before = posterior(bank, AdaptiveState(state.asked[:-1], state.codes[:-1])).p_above
            assert before is not None
            assert 0.1 < before < 0.9
    unanswered = yes.copy()
    unanswered[:3] = -1  # equal items are asked in order: the first three without an answer
    assert len(administer(plain_bank(items, 20, 7, threshold=-0.5), unanswered).asked) == 10


def test_certainty_of_no_stops_too() -> None:
    items = items_from_thresholds(np.full(20, 2.0), np.zeros((20, 1)))
    bank = plain_bank(items, 20, 2, threshold=0.5)
    state = administer(bank, np.zeros(20, dtype=np.int8))
    assert stop_reason(bank, state) == "certain"
    assert (posterior(bank, state).p_above or 0.0) <= 0.1


def test_asking_stops_at_the_target_error() -> None:
    items = items_from_thresholds(np.full(30, 2.0), np.linspace(-2, 2, 30)[:, None])
    bank = adaptive_bank(items, mean=0.0, sd=1.0, stopping=Stopping(30, 3, se_target=0.45))
    state = administer(bank, simulate_codes(np.random.default_rng(0), items, np.zeros(1))[0])
    assert stop_reason(bank, state) == "precise"
    assert posterior(bank, state).sd <= 0.45
    assert posterior(bank, AdaptiveState(state.asked[:-1], state.codes[:-1])).sd > 0.45


def test_without_a_threshold_there_is_no_probability_and_no_certainty() -> None:
    bank = plain_bank(binary(np.random.default_rng(1), 8), 8)
    assert posterior(bank, AdaptiveState()).p_above is None
    assert len(administer(bank, np.ones(8, dtype=np.int8)).asked) == 8


@pytest.mark.parametrize("threshold", [-40.0, 40.0])
def test_a_threshold_beyond_everybody_is_certain_from_the_start(threshold: float) -> None:
    bank = plain_bank(binary(np.random.default_rng(1), 8), 8, 3, threshold=threshold)
    assert posterior(bank, AdaptiveState()).p_above == (1.0 if threshold < 0 else 0.0)
    assert len(administer(bank, np.ones(8, dtype=np.int8)).asked) == 3


def test_a_fixed_first_item_comes_first() -> None:
    bank = plain_bank(binary(np.random.default_rng(1), 8), 4, first=5)
    codes = simulate_codes(np.random.default_rng(2), bank.items, np.zeros(30))
    assert {administer(bank, each).asked[0] for each in codes} == {5}
    assert (administer_all(bank, codes).first == 5).all()


def test_a_draw_among_the_best_replays_from_its_seed_and_spreads_exposure() -> None:
    items = binary(np.random.default_rng(1), 30)
    bank = plain_bank(items, 6, best_of=5)
    codes = simulate_codes(np.random.default_rng(2), items, np.random.default_rng(3).normal(size=300))
    one, two = (administer_all(bank, codes, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.asked, two.asked)
    best = administer_all(replace(bank, best_of=1), codes)
    assert one.asked.mean(axis=0).max() < 0.8  # measured: .70
    assert best.asked.mean(axis=0).max() == 1.0
    assert len(set(one.first.tolist())) == 5
    single = administer(bank, codes[0], np.random.default_rng(7))
    assert single == administer(bank, codes[0], np.random.default_rng(7))
    with pytest.raises(OptionError, match=r"adaptive\.needs-rng"):
        next_item(bank, AdaptiveState())


def test_recording_twice_or_beyond_the_bank_is_refused() -> None:
    bank = mixed()
    state = record(AdaptiveState(), 1, 3)
    with pytest.raises(EstimationError, match="asked before"):
        record(state, 1, 0)
    with pytest.raises(EstimationError, match=r"adaptive\.record"):
        record(state, 0, -2)
    for wrong in (AdaptiveState((0,), (2,)), AdaptiveState((9,), (0,))):
        with pytest.raises(EstimationError, match=r"adaptive\.other-bank"):
            posterior(bank, wrong)


@st.composite
def tangled(draw: st.DrawFn) -> tuple[Constraints, int]:
    """Areas, counts and enemies of 8 items, and the most items asked."""
    area = np.array(draw(st.lists(st.integers(0, 2), min_size=8, max_size=8)))
    least = np.array([draw(st.integers(0, 2)) for _ in range(3)])
    most = least + np.array([draw(st.integers(0, 3)) for _ in range(3)])
    enemies = np.zeros((8, 8), dtype=np.bool_)
    for one, other in draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=9)):
        if one != other:
            enemies[one, other] = enemies[other, one] = True
    return Constraints(area, least, most, enemies), draw(st.integers(1, 8))


def possible(constraints: Constraints, max_items: int) -> bool:
    """Whether any set of items meets the least counts, by trying all of them."""
    for size in range(max_items + 1):
        for chosen in itertools.combinations(range(8), size):
            counts = np.bincount(constraints.area[list(chosen)], minlength=3)
            clash = constraints.enemies[np.ix_(chosen, chosen)].any()
            if not clash and (counts >= constraints.least).all() and (counts <= constraints.most).all():
                return True
    return False


@settings(max_examples=150, deadline=None)
@given(case=tangled(), seed=st.integers(0, 10_000), best_of=st.integers(1, 3))
def test_constraints_are_always_met_or_refused_at_the_start(
    case: tuple[Constraints, int], seed: int, best_of: int
) -> None:
    constraints, max_items = case
    rng = np.random.default_rng(seed)
    items = binary(rng, 8)
    others: dict[str, Any] = {"constraints": constraints, "best_of": best_of, "threshold": 0.3}
    if not possible(constraints, max_items):
        with pytest.raises(OptionError, match=r"adaptive\.constraints"):
            plain_bank(items, max_items, **others)
        return
    bank = plain_bank(items, max_items, **others)
    codes = np.where(rng.random(8) < 0.2, -1, rng.integers(0, 2, 8)).astype(np.int8)
    state = administer(bank, codes, rng)
    chosen = list(state.asked)
    counts = np.bincount(constraints.area[chosen], minlength=3)
    assert len(set(chosen)) == len(chosen) <= max_items
    assert (counts >= constraints.least).all()
    assert (counts <= constraints.most).all()
    assert not constraints.enemies[np.ix_(chosen, chosen)].any()


def test_content_is_asked_early_so_that_certainty_need_not_wait_for_it() -> None:
    items = items_from_thresholds(np.array([2.0] * 8 + [0.2] * 4), np.zeros((12, 1)))
    area = np.array([0] * 8 + [1] * 4)
    limits = Constraints(area, np.array([0, 2]), np.array([12, 12]), np.zeros((12, 12), dtype=np.bool_))
    bank = plain_bank(items, 12, 5, threshold=-0.5, constraints=limits)
    state = administer(bank, np.ones(12, dtype=np.int8))
    assert len(state.asked) == 5
    assert sum(item >= 8 for item in state.asked) == 2


def limits_for(n_items: int) -> Constraints:
    area = np.arange(n_items) % 3
    enemies = np.zeros((n_items, n_items), dtype=np.bool_)
    enemies[0, 1] = enemies[1, 0] = enemies[3, 7] = enemies[7, 3] = True
    return Constraints(area, np.array([2, 1, 0]), np.array([5, 3, 4]), enemies)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("limits", [unconstrained, limits_for])
def test_many_people_at_once_are_asked_what_each_would_be_asked_alone(rule: AdaptiveRule, limits: object) -> None:
    rng = np.random.default_rng(11)
    items = binary(rng, 25)
    assert callable(limits)
    bank = plain_bank(items, 9, 3, threshold=0.6, rule=rule, constraints=limits(25))
    codes = simulate_codes(rng, items, rng.normal(size=60))
    codes = np.where(rng.random(codes.shape) < 0.1, -1, codes).astype(np.int8)
    run = administer_all(bank, codes)
    for person in range(60):
        state = administer(bank, codes[person])
        assert set(np.flatnonzero(run.asked[person]).tolist()) == set(state.asked)
        assert run.first[person] == state.asked[0]
        assert STOP_REASONS[run.reason[person]] == stop_reason(bank, state)
        assert run.estimates.mean[person] == pytest.approx(posterior(bank, state).mean, abs=1e-12)


def replayed(bank: AdaptiveBank, state: AdaptiveState) -> AdaptiveState:
    """The same interview, every item chosen anew from the answers before it."""
    again = AdaptiveState()
    for code in state.codes:
        item = next_item(bank, again)
        assert item is not None
        again = record(again, item, code)
    return again


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_interview_replays_from_its_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = binary(rng, 15)
    bank = plain_bank(items, 8, 3, threshold=0.4)
    codes = np.where(rng.random(15) < 0.15, -1, rng.integers(0, 2, 15)).astype(np.int8)
    state = administer(bank, codes)
    assert replayed(bank, state) == state
    assert next_item(bank, state) is None


def invented(seed: int, n: int, n_items: int) -> tuple[Items, FloatArray, CodeArray]:
    rng = np.random.default_rng(seed)
    items = binary(rng, n_items)
    theta = rng.normal(size=n)
    return items, theta, simulate_codes(rng, items, theta)


def test_adaptive_asking_saves_items_at_equal_precision() -> None:
    items, theta, codes = invented(1, 2000, 60)
    found = study(plain_bank(items, 12), theta, codes)
    everybody = found.lines[0]
    assert everybody.items == 12
    assert found.fixed_length == 12
    assert everybody.adaptive.rmse < everybody.fixed.rmse
    assert everybody.full.rmse < everybody.adaptive.rmse
    assert found.fixed_for_rmse is not None
    assert found.fixed_for_rmse - 12 > 2  # measured: 3 to 5 items
    assert everybody.adaptive.rmse == pytest.approx(everybody.adaptive.se, abs=0.02)
    assert abs(everybody.adaptive.bias) < 0.03
    assert sum(line.n for line in found.lines[1:]) == everybody.n == 2000
    assert found.exposure.sum() == pytest.approx(12)


def test_adaptive_classes_are_right_as_often_as_they_say() -> None:
    items, theta, codes = invented(2, 3000, 60)
    bank = plain_bank(items, 12, 4, threshold=0.8)
    found = study(bank, theta, codes)
    own = classified(bank, theta, found.run.estimates, found.full)
    short = classified(bank, theta, found.fixed, found.full)
    assert found.lines[0].items < 8
    assert own.right > 0.93
    assert own.decided > short.decided
    assert own.as_full > short.as_full
    assert own.wrong < short.wrong
    assert found.fixed_for_wrong is not None
    assert found.fixed_for_wrong > found.lines[0].items + 3
    assert classified(bank, theta, found.full, found.full).as_full == 1
    # P is a probability although asking stopped because of it
    p, truth = found.run.estimates.above, theta >= 0.8
    for low, high in itertools.pairwise((0.0, 0.1, 0.3, 0.7, 0.9, 1.0)):
        inside = (p >= low) & (p <= high)
        error = 4 * np.sqrt(0.25 / inside.sum())
        assert truth[inside].mean() == pytest.approx(p[inside].mean(), abs=error)


def test_the_best_fixed_form_takes_each_time_the_item_that_lowers_the_variance_most() -> None:
    bank = plain_bank(binary(np.random.default_rng(5), 6), 6)
    order, chosen, prior = fixed_order(bank).tolist(), list[int](), np.exp(bank.log_prior)
    for item in order:
        loss = {
            each: float(prior @ (1 / (1 + bank.information[[*chosen, each]].sum(axis=0))))
            for each in set(range(6)) - set(chosen)
        }
        assert loss[item] == pytest.approx(min(loss.values()))
        chosen.append(item)


ROUTED: FloatArray = np.concatenate(
    [np.linspace(-0.8, 0.8, 5), np.linspace(-2.2, -1.4, 5), np.linspace(1.4, 2.2, 5)]
)


def rasch_people(seed: int, n: int) -> CodeArray:
    rng = np.random.default_rng(seed)
    theta = rng.normal(0, 1.2, n)
    return (rng.random((n, len(ROUTED))) < expit(theta[:, None] - ROUTED)).astype(np.int8)


def patterns_of(codes: CodeArray) -> Patterns:
    return collapse(Responses(codes, np.full(codes.shape[1], 2)))


def marginal_severities(patterns: Patterns) -> FloatArray:
    fit = fit_marginal(patterns, slopes="shared", sign=np.ones(patterns.n_items))
    return -fit.items.intercept[:, 1]


def test_conditional_likelihood_is_biased_by_two_stage_routing_and_marginal_is_not() -> None:
    """Five middle items send people to five easy or five hard ones: CML moves these by -.44 and +.45 logits."""
    full = rasch_people(0, 8000)
    routed, high = full.copy(), full[:, :5].sum(axis=1) >= 3
    routed[high, 5:10] = -1
    routed[~high, 10:] = -1
    centred = ROUTED - ROUTED.mean()
    everything = fit_conditional(patterns_of(full)).b - centred
    biased = fit_conditional(patterns_of(routed)).b - centred
    assert np.abs(everything).max() < 0.12
    assert biased[5:10].mean() == pytest.approx(-0.44, abs=0.08)
    assert biased[10:].mean() == pytest.approx(0.45, abs=0.08)
    right = marginal_severities(patterns_of(routed)) - ROUTED
    assert np.abs(right).max() < 0.15
    assert abs(right[5:10].mean()) < 0.06
    assert abs(right[10:].mean()) < 0.06


def test_conditional_likelihood_has_no_maximum_on_fully_adaptive_answers_and_marginal_is_right() -> None:
    full = rasch_people(1, 8000)
    items = items_from_thresholds(np.ones(15), ROUTED[:, None])
    bank = adaptive_bank(items, mean=0.0, sd=1.2, stopping=Stopping(7, 7))
    run = administer_all(bank, full)
    asked = patterns_of(run.codes)
    with pytest.raises(EstimationError, match=r"estimation\.not-connected"):
        fit_conditional(asked)
    often = run.asked.mean(axis=0) > 0.2
    error = (marginal_severities(asked) - ROUTED)[often]
    assert np.abs(error).max() < 0.3
    assert abs(error.mean()) < 0.08
