"""Faults that these tests found, each as the smallest case that shows it. A repaired one stays as a regression."""

from dataclasses import replace

import numpy as np
import pytest

from evenhand.errors import EstimationError, EvenhandError, OptionError, ScaleFileError
from evenhand.measure.conditional import fit_conditional
from evenhand.measure.latent import fit_latent
from evenhand.measure.prevalence import posterior_prevalence
from evenhand.measure.responses import CodeArray
from evenhand.measure.score import score_patterns
from evenhand.programme.answers import Answers, GroupColumn, answers_from_codes
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import (
    InstrumentReference,
    LatentRecord,
    ScaleItem,
    ScaleRecord,
    scale_from_json,
)
from evenhand.service.check import check
from evenhand.service.prevalence import MIN_GROUP, prevalence
from tests.measure.twins import collapsed, draw, items_of, with_holes

B = np.linspace(-1.5, 1.5, 6)
ONE = np.ones(6)


def people(n: int, seed: int) -> CodeArray:
    rng = np.random.default_rng(seed)
    return draw(rng, ONE, B, rng.normal(0, 1.5, n))


def scale() -> ScaleRecord:
    items = tuple(
        ScaleItem(f"Q{j}", "need", "rasch", 1, 2, 1.0, (float(b),), None, None, {"0": 0, "1": 1}, {})
        for j, b in enumerate(B)
    )
    return ScaleRecord(
        InstrumentReference("items", ""), "rasch", "mml", items, LatentRecord(0.0, 1.5, "estimated")
    )


def answers(codes: CodeArray) -> Answers:
    coding = tuple(ItemCoding(f"Q{j}", 2, {"0": 0, "1": 1}) for j in range(codes.shape[1]))
    return answers_from_codes(codes, coding, source="found")


# --- patterns.take: with more than 50 items, chosen patterns may pack into words of other items ----------------


def test_patterns_of_sixty_items_can_be_chosen_from() -> None:
    rng = np.random.default_rng(1)
    b = np.linspace(-2, 2, 60)
    codes = with_holes(rng, draw(rng, np.ones(60), b, rng.normal(size=300)), 0.02)
    patterns = collapsed(codes)
    keep = np.asarray(patterns.answered[:, :20].all(axis=1))
    np.testing.assert_array_equal(patterns.take(keep).codes, patterns.codes[keep])


def test_sixty_items_with_holes_in_extreme_answers_are_calibrated() -> None:
    rng = np.random.default_rng(2)
    codes = draw(rng, np.ones(60), np.linspace(-1, 1, 60), rng.normal(size=500))
    codes[:, 5:] = with_holes(rng, codes[:, 5:], 0.03)
    codes[0] = 1  # an extreme pattern, and the only one in which items 1 to 5 are missing
    codes[0, :5] = -1
    assert fit_conditional(collapsed(codes)).converged


# --- score: WLE ------------------------------------------------------------------------------------------------


def test_wle_of_steep_items_does_not_stop_where_the_information_underflows() -> None:
    items = items_of(np.full(5, 25.0), np.array([-4.2, -1.0, 0.0, 1.0, 4.2]))
    found = score_patterns(collapsed(np.ones((1, 5), dtype=np.int8)), items, "wle")
    # near 4.2 only the last item counts: its closed form is b + log(3) / a
    assert found.theta[0] == pytest.approx(4.2 + np.log(3) / 25, abs=1e-6)
    assert found.se[0] < 1


@pytest.mark.parametrize("item", range(4))
def test_wle_of_one_answer_has_a_closed_form(item: int) -> None:
    # q + (q - p) / 2 = 0 at p = 3/4. Newton steps with the information, half of the slope there, swing round it.
    a, b = np.array([1.0, 1.6, 2.0, 0.6]), np.array([-0.8, 0.4, 0.1, 1.5])
    codes = np.full((1, 4), -1, dtype=np.int8)
    codes[0, item] = 1
    found = score_patterns(collapsed(codes), items_of(a, b), "wle")
    assert found.theta[0] == pytest.approx(b[item] + np.log(3) / a[item], abs=1e-8)


# --- latent: everybody at one end -----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [0, 1])
def test_people_all_at_one_end_have_no_latent_distribution(answer: int) -> None:
    with pytest.raises(EstimationError) as caught:
        fit_latent(collapsed(np.full((50, 6), answer, dtype=np.int8)), items_of(ONE, B))
    assert caught.value.code == "latent.no-maximum"


def test_a_group_that_all_said_no_has_no_share_with_an_error_of_nothing() -> None:
    with pytest.raises(EstimationError):
        posterior_prevalence(collapsed(np.zeros((50, 6), dtype=np.int8)), items_of(ONE, B), 0.5)


# --- prevalence: people without weight ------------------------------------------------------------------------


def grouped(codes: CodeArray, w: list[float], kind: str, index: list[int]) -> Answers:
    plain = answers(codes)
    responses = replace(plain.responses, weights=np.array(w), weights_kind=kind)  # type: ignore[arg-type]
    return replace(plain, responses=responses, groups={"area": GroupColumn("area", ("a", "b"), np.array(index))})


def test_a_group_without_any_weight_is_withheld_and_stops_nobody_else() -> None:
    survey = grouped(people(80, 3), [0.0] * 30 + [1.0] * 50, "sampling", [0] * 30 + [1] * 50)
    try:
        found = prevalence(scale(), survey, threshold=0.5, by="area")
    except OptionError as error:
        pytest.fail(f"one group's weights stopped everybody's figure: {error.code}")
    assert found.by[0].share is None
    assert found.everybody.share is not None


def test_people_without_weight_do_not_fill_a_group() -> None:
    few = MIN_GROUP - 1
    survey = grouped(
        people(120, 4),
        [1.0] * few + [0.0] * 30 + [1.0] * (80 - few + 10),
        "sampling",
        [0] * (few + 30) + [1] * (90 - few),
    )
    found = prevalence(scale(), survey, threshold=0.5, by="area")
    assert found.by[0].share is None  # the figure would rest on ten people


def test_frequency_weights_count_the_people_left_out() -> None:
    codes = people(40, 5)
    codes[:2] = -1
    codes[2, 0] = -1
    one = grouped(codes, [4.0, 3.0, 2.0, *[1.0] * 37], "frequency", [0] * 20 + [1] * 20)
    many = answers(np.repeat(codes, [4, 3, 2, *[1] * 37], axis=0))
    for rule in ("posterior", "fao"):
        counted = [prevalence(scale(), each, threshold=0.5, rule=rule).left_out for each in (one, many)]
        assert counted[0] == counted[1]


# --- check: an item that nobody answered ----------------------------------------------------------------------


def test_an_item_that_nobody_answered_has_no_fit_and_raises_no_stray_warning() -> None:
    codes = people(200, 6)
    codes[:, 2] = -1
    try:
        found = check(scale(), answers(codes)).fit
    except EvenhandError:
        return  # a refusal that names the item would do as well
    assert np.isnan(found.infit[2])
    assert np.isnan(found.outfit[2])
    assert np.isfinite(np.delete(found.infit, 2)).all()


# --- scale files: values that no scale can have ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"mean": 0.0', '"mean": NaN'),
        ('"sd": 1.5', '"sd": Infinity'),
        ('"mean": 0.0', '"mean": "none"'),
        ('"direction": 1', '"direction": 5'),
        ('"model": "rasch"', '"model": "nominal"'),
        ('"method": "mml"', '"method": "guess"'),
        ('"thresholds": {}', '"thresholds": {"severe": "high"}'),
        ('"thresholds": {}', '"thresholds": {"severe": NaN}'),
    ],
)
def test_values_that_no_scale_can_have_are_refused(old: str, new: str) -> None:
    text = scale().to_json()
    assert old in text
    with pytest.raises(ScaleFileError) as caught:
        scale_from_json(text.replace(old, new), source="found.json")
    assert caught.value.code == "scale.field"


# --- score: a method that does not exist ----------------------------------------------------------------------


def test_an_unknown_method_is_not_taken_for_eap() -> None:
    with pytest.raises(OptionError):
        score_patterns(collapsed(people(20, 7)), items_of(ONE, B), "mle", mean=0.0, sd=1.0)  # type: ignore[arg-type]
