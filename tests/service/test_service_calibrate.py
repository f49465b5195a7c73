"""Calibrate: what it refuses, what it warns of, and that the record says what was done."""

from typing import Any

import numpy as np
import pytest

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.conditional import conditional_errors, fit_conditional
from evenhand.measure.latent import fit_latent
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import collapse
from evenhand.measure.precision import marginal_errors
from evenhand.measure.responses import CodeArray
from evenhand.programme.answers import Answers, answers_from_codes
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import ScaleRecord
from evenhand.service.calibrate import Calibrated, calibrate
from evenhand.service.options import Options
from tests.service.invented import FIES, B, answers_of, codes_of, weighted

ONE = np.ones(8)


def made(answers: Answers, **options: Any) -> Calibrated:
    return calibrate(answers, Options(**options))


def ordinary(n: int = 600, seed: int = 1) -> Answers:
    return answers_of(codes_of(seed, n, ONE, B))


# --- Options -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "3pl"}, "options.unknown-value"),
        ({"method": "jml"}, "options.unknown-value"),
        ({"method": "published"}, "options.unknown-value"),
        ({"missing": "zero"}, "options.unknown-value"),
        ({"errors": "oakes"}, "options.unknown-value"),
        ({"model": "2pl", "method": "cml"}, "options.cml-needs-rasch"),
        ({"errors": "fao"}, "options.fao-needs-cml"),
        ({"errors": "fao", "model": "2pl"}, "options.fao-needs-cml"),
        ({"latent_sd": 1.0, "model": "2pl"}, "options.latent-sd"),
        ({"latent_sd": 1.0, "method": "cml"}, "options.latent-sd"),
        ({"latent_sd": 0.0}, "options.latent-sd"),
        ({"latent_sd": -1.0}, "options.latent-sd"),
        ({"latent_sd": float("inf")}, "options.latent-sd"),
        ({"latent_sd": float("nan")}, "options.latent-sd"),
    ],
)
def test_options_without_meaning_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        Options(**options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "cml"},
        {"method": "cml", "errors": "fao", "missing": "drop"},
        {"method": "cml", "errors": "model"},
        {"model": "2pl", "errors": "model"},
        {"latent_sd": 1.2},
    ],
)
def test_options_with_meaning_are_recorded(options: dict[str, Any]) -> None:
    record = made(ordinary(), **options).record
    assert record.model == options.get("model", "rasch")
    assert record.method == options.get("method", "mml")
    assert record.errors == options.get("errors", "robust")
    assert record.missing == options.get("missing", "keep")
    assert record.converged
    assert record.warnings == ()
    assert (record.n, record.n_weighted) == (600, 600.0)
    assert record.names == FIES
    assert record.latent is not None


# --- Refusals ------------------------------------------------------------------------------------------------


def refusal(codes: list[list[int]] | CodeArray, **options: Any) -> EstimationError:
    with pytest.raises(EstimationError) as caught:
        made(answers_of(np.array(codes, dtype=np.int8)), **options)
    return caught.value


def test_one_item_is_refused() -> None:
    error = refusal([[0], [1]])
    assert (error.code, error.where) == ("estimation.one-item", "item WORRIED")


def test_an_item_of_several_categories_is_refused() -> None:
    coding = (ItemCoding("A", 2, {"0": 0, "1": 1}), ItemCoding("B", 3, {"0": 0, "1": 1, "2": 2}))
    answers = answers_from_codes(np.array([[0, 2], [1, 0]], dtype=np.int8), coding, source="x")
    with pytest.raises(EstimationError) as caught:
        calibrate(answers)
    assert (caught.value.code, caught.value.where) == ("estimation.not-binary", "item B")


@pytest.mark.parametrize("answer", [0, 1, -1])
@pytest.mark.parametrize("method", ["mml", "cml"])
def test_a_constant_item_is_refused_and_named(answer: int, method: str) -> None:
    codes = codes_of(2, 100, ONE[:4], B[:4])
    codes[:, 2] = answer
    error = refusal(codes, method=method)
    assert (error.code, error.where) == ("estimation.constant-item", "item FEWFOOD")
    assert ("nobody answered it" in error.what) == (answer < 0)


def test_an_item_that_only_people_without_weight_answer_otherwise_is_constant() -> None:
    codes = codes_of(3, 100, ONE[:4], B[:4])
    codes[:, 2] = 0
    codes[0, 2] = 1
    with pytest.raises(EstimationError) as caught:
        calibrate(weighted(answers_of(codes), np.where(np.arange(100) == 0, 0.0, 1.0)))
    assert caught.value.code == "estimation.constant-item"


@pytest.mark.parametrize(("model", "enough"), [("rasch", 4), ("2pl", 8)])
def test_fewer_people_than_parameters_are_refused(model: str, enough: int) -> None:
    codes = np.tile(np.array([[1, 0, 1, 0], [0, 1, 0, 1]], dtype=np.int8), (4, 1))
    assert refusal(codes[: enough - 1], model=model).code == "estimation.too-few-people"


def test_incomplete_people_do_not_count_under_drop() -> None:
    codes = np.tile(np.array([[1, 0, 1, 0], [0, 1, 0, 1]], dtype=np.int8), (4, 1))
    codes[3:, 0] = -1
    assert refusal(codes, missing="drop").code == "estimation.too-few-people"


def test_nobody_is_refused() -> None:
    assert refusal(np.full((5, 3), -1)).code == "answers.nobody-left"


def test_items_never_compared_are_refused_by_conditional_likelihood() -> None:
    codes = np.tile([[1, 0, -1, -1], [0, 1, -1, -1], [-1, -1, 1, 0], [-1, -1, 0, 1]], (10, 1))
    assert refusal(codes, method="cml").code == "estimation.not-connected"


# --- Records -------------------------------------------------------------------------------------------------


def with_holes(codes: CodeArray, share: float, seed: int) -> CodeArray:
    return np.where(np.random.default_rng(seed).random(codes.shape) < share, -1, codes).astype(np.int8)


def test_a_marginal_rasch_record_holds_the_engines_figures() -> None:
    answers = answers_of(with_holes(codes_of(4, 500, ONE, B), 0.1, 5))
    made_scale = made(answers)
    record, patterns = made_scale.record, collapse(answers.responses)
    fit = fit_marginal(patterns, slopes="shared")
    errors = marginal_errors(fit, "robust")
    assert [item.a for item in record.items] == [1.0] * 8
    np.testing.assert_allclose(record.difficulties(), -fit.items.intercept[:, 1], rtol=1e-12)
    se_b = np.array([item.se_b for item in record.items], dtype=np.float64)
    np.testing.assert_allclose(se_b, errors.se_b, rtol=1e-12)
    assert all(item.se_a is None for item in record.items)
    assert record.latent is not None
    assert (record.latent.mean, record.latent.sd, record.latent.source) == (0.0, fit.sd, "estimated")
    np.testing.assert_array_equal([record.latent.se_sd], np.atleast_1d(errors.se_sd))
    assert (record.loglik, record.iterations, record.patterns) == (fit.loglik, fit.passes, patterns.n_patterns)
    assert made_scale.patterns.n_patterns == patterns.n_patterns


def test_a_2pl_record_holds_slopes_and_their_errors() -> None:
    a = np.array([1.0, 1.5, 0.7, 1.2, 1.0, 2.0, 0.8, 1.1])
    record = made(answers_of(codes_of(6, 1_500, a, B, sd=1.0)), model="2pl").record
    assert record.latent is not None
    assert (record.latent.mean, record.latent.sd) == (0.0, 1.0)
    for item, slope, b in zip(record.items, a, B, strict=True):
        assert item.se_a is not None
        assert item.se_b is not None
        assert item.se_b[0] is not None
        assert abs(item.a - slope) < 3.5 * item.se_a
        assert abs(item.b[0] - b) < 3.5 * item.se_b[0]
    assert record.reliability.marginal is not None
    assert record.reliability.separation is None


def test_a_fixed_latent_sd_is_recorded_as_fixed() -> None:
    record = made(ordinary(), latent_sd=1.0).record
    assert record.latent is not None
    assert (record.latent.sd, record.latent.source, record.latent.se_sd) == (1.0, "fixed", None)


@pytest.mark.parametrize("errors", ["robust", "model", "fao"])
def test_a_conditional_record_holds_the_engines_figures(errors: Any) -> None:
    answers = answers_of(with_holes(codes_of(7, 500, ONE, B), 0.1, 8))
    record, patterns = made(answers, method="cml", errors=errors).record, collapse(answers.responses)
    fit = fit_conditional(patterns)
    latent = fit_latent(patterns, items_from_thresholds(ONE, fit.b[:, None]))
    np.testing.assert_array_equal(record.difficulties(), fit.b)
    se = conditional_errors(fit, errors, patterns)
    np.testing.assert_array_equal([item.se_b for item in record.items], se[:, None])
    assert record.latent is not None
    assert (record.latent.mean, record.latent.sd) == (latent.mean, latent.sd)
    assert record.latent.source == "estimated with items fixed"
    assert record.loglik == fit.loglik


def test_directions_turn_rasch_items_and_orient_theta() -> None:
    directions = (1, -1, 1, 1, -1, 1, 1, 1)
    codes = codes_of(9, 800, ONE, B)
    turned = np.where(np.array(directions) < 0, 1 - codes, codes).astype(np.int8)
    for options in ({}, {"method": "cml"}, {"model": "2pl"}):
        plain = made(answers_of(codes), **options).record
        other = made(answers_of(turned, directions), **options).record
        np.testing.assert_allclose(other.difficulties(), plain.difficulties(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(other.slopes(), plain.slopes() * directions, rtol=0, atol=1e-5)
        assert other.warnings == ()


@pytest.mark.parametrize("options", [{}, {"method": "cml"}, {"model": "2pl"}])
def test_frequency_weights_give_the_expanded_scale(options: dict[str, Any]) -> None:
    codes = codes_of(10, 200, ONE[:5], B[:5])
    counts = np.random.default_rng(11).integers(1, 4, 200)
    one = made(weighted(answers_of(codes), counts.astype(np.float64), "frequency"), **options).record
    many = made(answers_of(np.repeat(codes, counts, axis=0)), **options).record
    assert (one.n, one.n_weighted) == (many.n, many.n_weighted)
    assert one.weights_kind == "frequency"
    assert many.weights_kind is None
    assert one.loglik == pytest.approx(many.loglik, rel=1e-10)
    for first, second in zip(one.items, many.items, strict=True):
        np.testing.assert_allclose(first.b, second.b, rtol=0, atol=1e-7)
        np.testing.assert_allclose(np.array(first.se_b), np.array(second.se_b), rtol=1e-5)
    assert one.reliability.marginal == pytest.approx(many.reliability.marginal, abs=1e-7)


def test_people_and_weight_are_told_apart() -> None:
    record = made(weighted(ordinary(), np.full(600, 2.5))).record
    assert (record.n, record.n_weighted, record.weights_kind) == (600, 1_500.0, "sampling")


def test_rasch_reliabilities_are_in_the_order_that_theory_gives() -> None:
    reliability = made(ordinary(2_000), method="cml").record.reliability
    assert reliability.marginal is not None
    assert reliability.separation is not None
    assert reliability.separation_with_extremes is not None
    assert reliability.separation_equal is not None
    assert 0 < reliability.separation < reliability.separation_equal < 1
    assert reliability.separation < reliability.separation_with_extremes < 1


def test_items_without_an_instrument_are_known_by_their_content() -> None:
    one, other = made(ordinary()).record, made(ordinary(seed=2)).record
    assert one.instrument == other.instrument
    assert one.instrument.name == "items"
    assert made(answers_of(codes_of(1, 600, ONE[:7], B[:7]))).record.instrument.hash != one.instrument.hash


def test_progress_is_told() -> None:
    seen: list[int] = []
    record = calibrate(ordinary(), on_pass=lambda passes, _: seen.append(passes)).record
    assert seen == list(range(1, record.iterations + 1))


def test_two_runs_give_the_same_bytes() -> None:
    for options in ({}, {"method": "cml"}, {"model": "2pl"}):
        assert made(ordinary(), **options).record.to_json() == made(ordinary(), **options).record.to_json()


# --- Warnings ------------------------------------------------------------------------------------------------


def warnings_of(record: ScaleRecord, words: str) -> list[str]:
    return [warning for warning in record.warnings if words in warning]


def test_a_small_sample_is_warned_of() -> None:
    assert len(warnings_of(made(ordinary(249)).record, "Only 249 people")) == 1
    assert made(ordinary(250)).record.warnings == ()


def test_a_slope_like_a_step_is_warned_of_and_named() -> None:
    a = np.array([1.0, 1.0, 1.2, 40.0, 1.0, 1.0, 1.1, 0.9])
    record = made(answers_of(codes_of(14, 4_000, a, np.zeros(8), sd=1.0)), model="2pl").record
    (steep,) = warnings_of(record, "practically a step")
    assert "SKIPPED" in steep
    assert "WORRIED" not in steep


def test_a_slope_against_its_direction_is_warned_of_and_named() -> None:
    a = np.array([1.0, 1.0, -1.5, 1.0, 1.0, 1.0, 1.0, 1.0])
    record = made(answers_of(codes_of(13, 1_500, a, B)), model="2pl").record
    (against,) = warnings_of(record, "against the direction")
    assert "FEWFOOD" in against
    assert record.items[2].a < 0


def test_a_slope_that_is_only_by_chance_against_its_direction_is_not() -> None:
    a = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    codes = codes_of(13, 300, a, np.zeros(8))
    record = made(answers_of(codes), model="2pl").record
    assert abs(record.items[2].a) < 1.96 * (record.items[2].se_a or 0)
    assert warnings_of(record, "against the direction") == []


def test_an_estimation_that_stops_early_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # imported by the name under which calibrate uses it
    def stopped(*args: Any, **options: Any) -> Any:
        return fit_marginal(*args, **options, max_passes=3)

    monkeypatch.setattr("evenhand.service.calibrate.fit_marginal", stopped)
    record = made(ordinary(), model="2pl").record
    assert not record.converged
    assert len(warnings_of(record, "before it converged")) == 1


def test_a_conditional_scale_without_spread_has_no_latent_distribution_and_says_so() -> None:
    # everyone affirms exactly two items: severities can be had, a distribution of theta cannot
    rng = np.random.default_rng(14)
    codes = np.zeros((300, 4), dtype=np.int8)
    for row in codes:
        row[rng.choice(4, 2, replace=False, p=[0.4, 0.3, 0.2, 0.1])] = 1
    record = made(answers_of(codes), method="cml").record
    assert record.latent is None
    assert len(warnings_of(record, "No latent distribution")) == 1
    assert record.reliability.marginal is None
    assert all(np.isfinite(item.b[0]) for item in record.items)
