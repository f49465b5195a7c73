"""Every fit statistic on answers: quiet where nothing is wrong, in words where something is, never about a row."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

import evenhand as eh
from evenhand.errors import OptionError
from evenhand.measure.limited import limited_fit
from evenhand.measure.meansquares import eap_mean_squares
from evenhand.measure.patterns import collapse
from evenhand.measure.personfit import person_fit
from evenhand.measure.responses import CodeArray, FloatArray
from evenhand.measure.sx2 import s_x2
from evenhand.programme.scale import ScaleRecord
from evenhand.service.calibrate import calibrate
from evenhand.service.fit import fit
from evenhand.service.fit_statistics import was_calibrated_on
from evenhand.service.options import Options
from tests.service.invented import B, answers_of, codes_of, scale_of, weighted

ONES = np.ones(8)
STEEP = np.array([0.4, 2.6, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def fitting(seed: int = 3, n: int = 2_000) -> CodeArray:
    return codes_of(seed, n, ONES, B)


def calibrated(codes: CodeArray, **options: Any) -> ScaleRecord:
    return calibrate(answers_of(codes), Options(**options)).record


def dependent(seed: int = 9, n: int = 1_500) -> CodeArray:
    """The second item is a repetition of the first for half of the people."""
    codes = fitting(seed, n).copy()
    half = np.random.default_rng(seed).random(n) < 0.5
    codes[half, 1] = codes[half, 0]
    return codes


@pytest.mark.parametrize("options", [{}, {"method": "cml"}, {"model": "2pl"}], ids=str)
def test_answers_that_fit_raise_no_finding(options: dict[str, Any]) -> None:
    codes = fitting()
    found = fit(calibrated(codes, **options), answers_of(codes))
    assert found.findings == ()
    assert found.notes == ()


@pytest.mark.parametrize(
    ("options", "estimated"),
    [({}, "common slope"), ({"method": "cml"}, "common slope"), ({"model": "2pl"}, "items")],
    ids=["rasch", "cml", "2pl"],
)
def test_a_scale_knows_the_answers_it_was_calibrated_on(options: dict[str, Any], estimated: str) -> None:
    codes = fitting()
    record = calibrated(codes, **options)
    assert fit(record, answers_of(codes), fast=True).estimated == estimated
    assert fit(record, answers_of(fitting(4)), fast=True).estimated == "latent"


@pytest.mark.parametrize("options", [{}, {"method": "cml"}], ids=str)
def test_as_many_other_people_with_as_many_patterns_are_not_taken_for_the_same(options: dict[str, Any]) -> None:
    codes = fitting()
    record = calibrated(codes, **options)
    assert was_calibrated_on(record, collapse(answers_of(codes).responses))
    assert not was_calibrated_on(record, collapse(answers_of(codes[:, ::-1].copy()).responses))


def test_the_figures_are_those_of_the_measures() -> None:
    codes = fitting()
    record = calibrated(codes, model="2pl")
    patterns, items = collapse(answers_of(codes).responses), record.model_items()
    assert record.latent is not None
    prior = {"mean": record.latent.mean, "sd": record.latent.sd}
    found = fit(record, answers_of(codes), seed=5)
    assert found.s_x2 is not None
    assert found.standardised is not None
    np.testing.assert_array_equal(
        found.s_x2.statistic, s_x2(patterns, items, estimated="items", **prior).statistic
    )
    assert found.overall == limited_fit(
        patterns, items, mean=record.latent.mean, sd=record.latent.sd, estimated="items"
    )
    assert found.person == person_fit(patterns, items, seed=5, **prior)
    np.testing.assert_array_equal(found.standardised.z_infit, eap_mean_squares(patterns, items, **prior).z_infit)


def test_standardised_values_of_rasch_items_belong_to_the_mean_squares_beside_them() -> None:
    codes = fitting()
    found = fit(calibrated(codes), answers_of(codes), fast=True)
    assert found.z_from == found.items.person_values == "conditional probabilities"
    assert found.standardised is not None
    np.testing.assert_allclose(found.standardised.infit, found.items.infit, rtol=1e-12)
    np.testing.assert_allclose(found.standardised.outfit, found.items.outfit, rtol=1e-12)


def test_standardised_values_from_conditional_probabilities_are_standard_normal_where_the_items_are_known() -> (
    None
):
    z = []
    for seed in range(60):
        found = fit(scale_of(ONES, B), answers_of(fitting(seed, 400)), fast=True)
        assert found.standardised is not None
        z.append([found.standardised.z_infit, found.standardised.z_outfit])
    spread = np.array(z)
    assert np.abs(spread.mean(axis=(0, 2))).max() < 0.15
    assert np.abs(spread.std(axis=(0, 2)) - 1).max() < 0.12


def test_unequal_slopes_are_found_by_s_x2_and_said_with_the_mend() -> None:
    codes = codes_of(2, 3_000, STEEP, B)
    found = fit(calibrated(codes), answers_of(codes), fast=True)
    named = [sentence for sentence in found.findings if "S-X2" in sentence]
    assert {sentence.split(":")[0] for sentence in named} >= {"WORRIED", "HEALTHY"}
    assert all("Try a model with its own slope" in sentence for sentence in named)
    assert found.s_x2_adjusted is not None
    assert (found.s_x2_adjusted >= np.nan_to_num(found.s_x2.p if found.s_x2 else ONES)).all()


def test_a_pair_that_repeats_is_found_beside_its_null_distribution() -> None:
    codes = dependent()
    found = fit(calibrated(codes), answers_of(codes))
    assert found.dependence is not None
    assert found.dependence.pairs[0] == (0, 1)
    assert any("WORRIED and HEALTHY" in sentence and "strong" in sentence for sentence in found.findings)
    assert found.overall is not None
    assert found.overall.p < 0.001


def test_a_pair_beyond_chance_is_found_that_the_fixed_limit_would_miss() -> None:
    codes = fitting(9, 6_000).copy()
    some = np.random.default_rng(9).random(6_000) < 0.16
    codes[some, 1] = codes[some, 0]
    record = calibrated(codes)
    exact = fit(record, answers_of(codes), sets=40)
    assert any("WORRIED and HEALTHY" in each and "slight, though not chance" in each for each in exact.findings)
    assert not any("WORRIED and HEALTHY" in each for each in fit(record, answers_of(codes), fast=True).findings)


def test_people_who_answer_at_random_are_told_as_a_share_of_everybody() -> None:
    codes = fitting(11, 2_000).copy()
    rng = np.random.default_rng(11)
    codes[:500] = rng.integers(0, 2, (500, 8))
    found = fit(scale_of(ONES, B), answers_of(codes), sets=19)
    assert any("not about any person" in sentence for sentence in found.findings)
    assert found.person is not None
    assert found.person.share_below_5 - 2 * found.person.se_below_5 > found.person.expected_below_5


def test_needier_people_are_no_misfit() -> None:
    found = [
        fit(scale_of(ONES, B), answers_of(codes_of(seed, 800, ONES, B, mean=1.2, sd=0.9)), fast=True)
        for seed in range(60)
    ]
    alarms = np.mean([any("S-X2" in sentence for sentence in each.findings) for each in found])
    assert alarms < 0.15  # 5 % by chance: more than 8 of 60 in fewer than 1 of 200 runs
    means = [each.latent.mean for each in found if each.latent is not None]
    assert np.mean(means) == pytest.approx(1.2, abs=0.05)
    assert all("are not the answers" in each.notes[0] for each in found)


def test_fast_leaves_out_what_is_simulated_and_says_so() -> None:
    found = fit(scale_of(ONES, B), answers_of(fitting()), fast=True)
    assert found.dependence is None
    assert found.person is None
    assert any("--fast" in note for note in found.notes)


def test_the_same_seed_gives_the_same_figures_and_another_gives_others() -> None:
    answers = answers_of(fitting())
    first, again, other = (fit(scale_of(ONES, B), answers, sets=19, seed=seed) for seed in (4, 4, 5))
    assert first.dependence is not None
    assert again.dependence is not None
    assert other.dependence is not None
    assert first.dependence.critical == again.dependence.critical
    assert first.dependence.critical != other.dependence.critical
    assert first.person == again.person != other.person


def test_sampling_weights_leave_out_what_they_make_wrong_and_say_why() -> None:
    w = np.random.default_rng(1).uniform(0.5, 2.0, 2_000)
    found = fit(scale_of(ONES, B), weighted(answers_of(fitting()), w), sets=19)
    assert found.s_x2 is None
    assert found.overall is None
    assert found.dependence is not None
    assert found.dependence.people < 2_000
    assert found.person is not None
    assert sum("not available with sampling weights" in note for note in found.notes) == 2


def test_frequency_weights_give_the_figures_of_the_expanded_answers() -> None:
    codes = fitting()
    rows, count = np.unique(codes, axis=0, return_counts=True)
    short = weighted(answers_of(rows), count.astype(np.float64), "frequency")
    long, brief = fit(scale_of(ONES, B), answers_of(codes), fast=True), fit(scale_of(ONES, B), short, fast=True)
    assert long.s_x2 is not None
    assert brief.s_x2 is not None
    np.testing.assert_allclose(long.s_x2.statistic, brief.s_x2.statistic, rtol=1e-9)
    assert long.overall is not None
    assert brief.overall is not None
    assert long.overall.statistic == pytest.approx(brief.overall.statistic, rel=1e-9)


def test_missing_answers_are_missing_in_the_simulated_sets_too() -> None:
    codes = fitting().copy()
    codes[np.random.default_rng(2).random(codes.shape) < 0.2] = -1
    found = fit(scale_of(ONES, B), answers_of(codes), sets=19)
    assert found.findings == ()
    assert found.s_x2 is not None
    assert found.s_x2.n + found.s_x2.n_incomplete == 2_000


def test_simulated_sets_stay_of_a_size_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evenhand.service.fit_statistics.MOST_SIMULATED", 500)
    found = fit(scale_of(ONES, B), answers_of(fitting()), sets=19)
    assert found.dependence is not None
    assert found.dependence.people == 500
    assert any("have 500 people" in note for note in found.notes)


def test_a_group_too_small_for_person_fit_shows_none() -> None:
    found = fit(scale_of(ONES, B), answers_of(fitting(n=40)), sets=19)
    assert found.person is None
    assert any("50 or more" in note for note in found.notes)


def test_a_scale_without_a_distribution_gets_the_answers_own() -> None:
    found = fit(scale_of(ONES, B, sd=None), answers_of(fitting()), fast=True)
    assert found.latent is not None
    assert found.latent.sd == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize(("sets", "seed"), [(18, 1), (0, 1), (19, -1)])
def test_too_few_sets_or_a_negative_seed_are_refused(sets: int, seed: int) -> None:
    with pytest.raises(OptionError) as refusal:
        fit(scale_of(ONES, B), answers_of(fitting(n=100)), sets=sets, seed=seed)
    assert refusal.value.code == "fit.sets"


def arrays(value: object) -> list[FloatArray]:
    """Every array within a result."""
    if isinstance(value, np.ndarray):
        return [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [each for field in dataclasses.fields(value) for each in arrays(getattr(value, field.name))]
    if isinstance(value, (list, tuple)):
        return [each for part in value for each in arrays(part)]
    return []


def test_nothing_in_the_result_is_as_long_as_the_people_or_their_patterns() -> None:
    codes = fitting(n=501)
    found = fit(calibrated(codes), answers_of(codes), sets=23)
    sizes = {size for each in arrays(found) for size in each.shape}
    assert sizes <= {8, 13, 23}


def test_information_is_that_of_the_items() -> None:
    found = fit(scale_of(ONES, B), answers_of(fitting()), fast=True).information
    p = expit(found.theta[:, None] - B)
    np.testing.assert_allclose(found.information, (p * (1 - p)).sum(axis=1))
    np.testing.assert_allclose(found.se, found.information**-0.5)


def test_python_has_it_by_one_name() -> None:
    codes = fitting()
    scale = eh.Scale(calibrated(codes))
    assert eh.fit(scale, answers_of(codes), fast=True).findings == ()
