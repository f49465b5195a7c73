"""The verbs that use a scale: score, check, link, prevalence, simulate."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evenhand.errors import EstimationError, OptionError, ScaleFileError
from evenhand.measure.patterns import collapse
from evenhand.measure.prevalence import fao_prevalence, posterior_prevalence
from evenhand.measure.responses import CodeArray
from evenhand.measure.score import ScoreMethod, score_patterns
from evenhand.programme.answers import Answers, answers_from_codes
from evenhand.service.calibrate import calibrate
from evenhand.service.check import check
from evenhand.service.link import Reference, fies_global, link, reference_of_scale
from evenhand.service.options import Options
from evenhand.service.prevalence import MIN_GROUP, prevalence, share_of_patterns
from evenhand.service.score import score
from evenhand.service.simulate import simulate, written_codes
from tests.service.invented import FIES, B, answers_of, codes_of, codings, grouped, scale_of, weighted

ONE = np.ones(8)
SCALE = scale_of(ONE, B)


def ordinary(n: int = 300, seed: int = 1) -> Answers:
    return answers_of(codes_of(seed, n, ONE, B))


def other_items() -> Answers:
    codes = codes_of(1, 30, ONE, B)
    return answers_from_codes(codes, codings((*FIES[:7], "OTHER")), source="x")


# --- Score ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["eap", "map", "wle", "ml"])
def test_people_who_answered_nothing_get_no_measure(method: ScoreMethod) -> None:
    codes = codes_of(2, 40, ONE, B)
    codes[[0, 7, 39]] = -1
    codes[5, 2:] = -1
    found = score(SCALE, answers_of(codes), method=method)
    nobody = np.isin(np.arange(40), [0, 7, 39])
    np.testing.assert_array_equal(np.isnan(found.theta), nobody)
    np.testing.assert_array_equal(np.isnan(found.se), nobody)
    np.testing.assert_array_equal(found.answered, np.where(nobody, 0, np.where(np.arange(40) == 5, 2, 8)))
    assert found.row.tolist() == list(range(1, 41))


@pytest.mark.parametrize("method", ["eap", "map", "wle", "ml"])
def test_each_row_has_the_score_of_its_own_pattern(method: ScoreMethod) -> None:
    codes = codes_of(3, 60, ONE, B)
    codes[np.random.default_rng(4).random(codes.shape) < 0.2] = -1
    found = score(SCALE, answers_of(codes), method=method)
    prior = {"mean": 0.0, "sd": 1.5} if method in {"eap", "map"} else {}
    for row in range(60):
        alone = answers_of(codes[row : row + 1]).responses
        expected = score_patterns(collapse(alone), SCALE.model_items(), method, **prior)
        assert found.theta[row] == pytest.approx(expected.theta[0], abs=1e-8)
        assert found.se[row] == pytest.approx(expected.se[0], abs=1e-8)


def test_unknown_is_never_zero() -> None:
    codes = np.array([[1, 1, 1, -1, -1, -1, -1, -1], [1, 1, 1, 0, 0, 0, 0, 0], [0] * 8], dtype=np.int8)
    for method in ("eap", "map", "wle"):
        unknown, denied, nothing = score(SCALE, answers_of(codes), method=method).theta
        assert unknown > denied + 0.3 > nothing


def test_a_threshold_is_a_name_or_a_number() -> None:
    by_name = score(SCALE, ordinary(), threshold="severe").p_at_least
    by_number = score(SCALE, ordinary(), threshold=1.9).p_at_least
    assert by_name is not None
    assert by_number is not None
    np.testing.assert_array_equal(by_name, by_number)
    assert score(SCALE, ordinary()).p_at_least is None


def test_nobody_gets_a_probability_from_no_answers() -> None:
    codes = codes_of(5, 20, ONE, B)
    codes[3] = -1
    above = score(SCALE, answers_of(codes), threshold="moderate").p_at_least
    assert above is not None
    assert np.flatnonzero(np.isnan(above)).tolist() == [3]


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({"threshold": "extreme"}, ScaleFileError, "scale.unknown-threshold"),
        ({"method": "ml", "threshold": 0.0}, OptionError, "score.no-probability"),
        ({"method": "wle", "threshold": "severe"}, OptionError, "score.no-probability"),
    ],
)
def test_scores_that_cannot_be_had_are_refused(
    options: dict[str, Any], error: type[OptionError], code: str
) -> None:
    with pytest.raises(error) as caught:
        score(SCALE, ordinary(), **options)
    assert caught.value.code == code


@pytest.mark.parametrize("method", ["eap", "map"])
def test_a_scale_without_latent_distribution_gives_no_posterior(method: ScoreMethod) -> None:
    with pytest.raises(ScaleFileError) as caught:
        score(scale_of(ONE, B, sd=None), ordinary(), method=method)
    assert caught.value.code == "scale.no-latent"
    assert np.isfinite(score(scale_of(ONE, B, sd=None), ordinary(), method="wle").theta).all()


@pytest.mark.parametrize("verb", [score, check, lambda s, a: prevalence(s, a, threshold="severe")])
def test_answers_to_other_items_are_refused(verb: Any) -> None:
    with pytest.raises(ScaleFileError) as caught:
        verb(SCALE, other_items())
    assert caught.value.code == "scale.other-items"


# --- Check ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [Options(), Options(method="cml"), Options(model="2pl")])
def test_clean_answers_have_no_findings(options: Options) -> None:
    answers = ordinary(3_000)
    found = check(calibrate(answers, options).record, answers)
    assert found.findings == ()
    assert found.reliability is not None
    assert 0.5 < found.reliability < 0.9


def spoiled(seed: int) -> tuple[CodeArray, CodeArray]:
    """Answers in which item 1 is answered by chance, and answers in which items 3 and 4 are nearly the same."""
    by_chance, alike = codes_of(seed, 3_000, ONE, B), codes_of(seed, 3_000, ONE, B)
    rng = np.random.default_rng(seed)
    by_chance[:, 0] = rng.random(3_000) < 0.7
    copied = rng.random(3_000) < 0.6
    alike[copied, 3] = alike[copied, 4]
    return by_chance, alike


def test_planted_misfit_is_found_and_named() -> None:
    by_chance, alike = spoiled(6)
    misfit = check(SCALE, answers_of(by_chance)).findings
    assert any(finding.startswith("WORRIED: outfit") and "less predictable" in finding for finding in misfit)
    assert not any(finding.startswith(name) for finding in misfit for name in FIES[3:])
    dependence = check(SCALE, answers_of(alike)).findings
    assert any(finding.startswith("SKIPPED and ATELESS: residual correlation") for finding in dependence)


def test_a_2pl_scale_is_checked_with_eap_and_only_upward() -> None:
    scale = scale_of(ONE, B, model="2pl", sd=1.5)
    found = check(scale, answers_of(spoiled(6)[0]))
    assert found.fit.person_values == "EAP"
    assert any(finding.startswith("WORRIED: outfit") for finding in found.findings)
    with pytest.raises(ScaleFileError) as caught:
        check(scale_of(ONE, B, model="2pl", sd=None), ordinary())
    assert caught.value.code == "scale.no-latent"


def test_a_rasch_scale_needs_no_latent_distribution_to_be_checked() -> None:
    found = check(scale_of(ONE, B, sd=None), ordinary(2_000))
    assert found.reliability is None
    assert found.fit.person_values == "conditional probabilities"


def test_extreme_answers_cannot_be_checked_on() -> None:
    with pytest.raises(EstimationError) as caught:
        check(SCALE, answers_of(np.repeat([[0] * 8, [1] * 8], 10, axis=0).astype(np.int8)))
    assert caught.value.code == "check.only-extremes"


def test_checking_keeps_the_scales_rule_for_missing_answers() -> None:
    codes = codes_of(7, 1_000, ONE, B)
    codes[:400, 0] = -1
    kept, dropped = (check(replace(SCALE, missing=rule), answers_of(codes)).fit.n for rule in ("keep", "drop"))
    assert kept > dropped
    assert dropped <= 600


# --- Link ----------------------------------------------------------------------------------------------------


def reference() -> Reference:
    """A metric on which the severities are .5 + 1.3 b, one item being elsewhere."""
    severities = {name: 0.5 + 1.3 * float(b) for name, b in zip(FIES, B, strict=True)}
    return Reference("elsewhere", {**severities, "HUNGRY": 4.0}, {"moderate": 0.11, "severe": 2.97})


@pytest.mark.parametrize("options", [Options(), Options(method="cml")])
def test_linking_renames_theta_and_changes_no_statement_about_people(options: Options) -> None:
    answers = ordinary(500)
    record = calibrate(answers, options).record
    found = link(record, fies_global())
    linked, move = found.record, found.link
    for t in (-1.0, 0.2, 1.7):
        one, other = (
            score(record, answers, threshold=t),
            score(linked, answers, threshold=move.shift + move.scale * t),
        )
        np.testing.assert_allclose(other.theta, move.shift + move.scale * one.theta, rtol=0, atol=1e-8)
        np.testing.assert_allclose(other.se, move.scale * one.se, rtol=0, atol=1e-8)
        np.testing.assert_allclose(np.array(other.p_at_least), np.array(one.p_at_least), rtol=0, atol=1e-8)
        for rule in ("posterior", "fao"):
            before = prevalence(record, answers, threshold=t, rule=rule).everybody.share
            after = prevalence(
                linked,
                answers,
                threshold=move.shift + move.scale * t,
                rule=rule,
            ).everybody.share
            assert before is not None
            assert after is not None
            assert after.value == pytest.approx(before.value, abs=1e-6)
            assert after.se == pytest.approx(before.se, rel=1e-4)
    for method in ("map", "wle"):
        one, other = (score(each, answers, method=method) for each in (record, linked))
        np.testing.assert_allclose(other.theta, move.shift + move.scale * one.theta, rtol=0, atol=1e-7)
    fit, moved_fit = check(record, answers).fit, check(linked, answers).fit
    np.testing.assert_allclose(moved_fit.infit, fit.infit, rtol=1e-9)


def test_a_link_moves_everything_together() -> None:
    found = link(SCALE, reference())
    linked = found.record
    assert linked.link is not None
    assert (linked.link.to, linked.link.unique) == ("elsewhere", ("HUNGRY",))
    assert linked.link.scale == pytest.approx(1.3)
    assert linked.link.shift == pytest.approx(0.5)
    np.testing.assert_allclose(linked.difficulties(), 0.5 + 1.3 * B, rtol=0, atol=1e-12)
    np.testing.assert_allclose(linked.slopes(), 1 / 1.3, rtol=1e-12)
    assert linked.latent is not None
    moved = (linked.latent.mean, linked.latent.sd, linked.latent.se_mean, linked.latent.se_sd)
    assert moved == pytest.approx((0.5, 1.3 * 1.5, 1.3 * 0.02, 1.3 * 0.05), rel=1e-12)
    assert linked.items[0].se_b == pytest.approx((0.13,))
    assert linked.thresholds == {"moderate": 0.11, "severe": 2.97}
    assert linked.warnings == ()
    assert found.reference[6] == 4.0


def test_a_link_that_breaks_the_rule_warns_and_names_the_worst() -> None:
    far = {"WORRIED": 5.0, "FEWFOOD": -6.0, "RUNOUT": 7.0, "WHLDAY": -9.0}
    bad = reference()
    found = link(SCALE, replace(bad, severities={**bad.severities, **far}))
    (warning,) = found.record.warnings
    assert "does not meet the FAO's rule" in warning
    worst = FIES[int(np.argmax(np.where(found.link.common, found.link.distance, 0)))]
    assert worst in warning


def test_a_scale_can_be_the_reference() -> None:
    found = link(SCALE, reference_of_scale(scale_of(ONE, 2 + B), "wave one"))
    assert found.link.scale == pytest.approx(1)
    assert found.link.shift == pytest.approx(2)
    assert found.record.thresholds == {"moderate": -0.3, "severe": 1.9}


def test_the_global_standard_is_the_faos() -> None:
    standard = fies_global()
    published = [-1.2230564, -0.8471210, -1.1056616, 0.3509848, -0.3117999, 0.5065051, 0.7546138, 1.8755353]
    assert [standard.severities[name] for name in FIES] == published
    assert standard.thresholds["moderate"] == pytest.approx(-0.3117999)
    assert standard.thresholds["severe"] == pytest.approx(1.8755353)


def test_links_without_meaning_are_refused() -> None:
    linked = link(SCALE, reference()).record
    with pytest.raises(ScaleFileError) as caught:
        link(linked, reference())
    assert caught.value.code == "link.already-linked"
    with pytest.raises(ScaleFileError) as caught:
        link(scale_of(ONE, B, model="2pl"), reference(), "fao")
    assert caught.value.code == "link.needs-rasch"
    with pytest.raises(EstimationError) as few:
        link(SCALE, Reference("small", {"WORRIED": 0.0, "HUNGRY": 1.0}, {}))
    assert few.value.code == "link.too-few-items"


# --- Prevalence ----------------------------------------------------------------------------------------------


def test_everybodys_share_is_the_engines() -> None:
    codes = codes_of(8, 400, ONE, B)
    codes[:50, 0] = -1
    codes[50:53] = -1
    answers = weighted(answers_of(codes), np.random.default_rng(9).random(400))
    patterns = collapse(answers.responses)
    found = prevalence(SCALE, answers, threshold="severe")
    assert found.everybody.share == posterior_prevalence(patterns, SCALE.model_items(), 1.9)
    assert (found.threshold, found.value, found.rule, found.left_out) == ("severe", 1.9, "posterior", 3)
    assert found.by == ()
    complete = collapse(answers.responses, missing="drop")
    found = prevalence(SCALE, answers, threshold="severe", rule="fao")
    assert found.everybody.share == fao_prevalence(complete, SCALE.model_items(), 1.9)
    assert found.left_out == 53
    assert share_of_patterns(SCALE, complete, "severe", "fao") == found.everybody.share


def test_groups_have_their_own_share_and_small_ones_none() -> None:
    sizes = [100, MIN_GROUP, MIN_GROUP - 1, 200]
    index = np.repeat([0, 1, 2, 3], sizes)
    index[:5] = -1  # an empty cell belongs to no group
    answers = grouped(ordinary(sum(sizes)), ("a", "b", "c", "d"), index)
    found = prevalence(SCALE, answers, threshold="moderate", by="area")
    assert [group.label for group in found.by] == ["a", "b", "c", "d"]
    small = found.by[2]
    assert (small.share, small.n) == (None, None)
    assert small.reason
    assert [found.by[place].n for place in (0, 1, 3)] == [95, MIN_GROUP, 200]
    own = collapse(answers_of(np.ascontiguousarray(answers.responses.codes[index == 3])).responses)
    assert found.by[3].share == posterior_prevalence(own, SCALE.model_items(), -0.3)
    assert found.everybody.n == sum(sizes)


def test_people_without_an_answer_do_not_fill_a_group() -> None:
    codes = codes_of(10, 100, ONE, B)
    codes[MIN_GROUP - 1 : 30] = -1
    answers = grouped(answers_of(codes), ("a", "b", "c"), np.repeat([0, 1, 2], [30, 30, 40]))
    found = prevalence(SCALE, answers, threshold="moderate", by="area")
    # with b shown, a could be had by subtraction from everybody: b, the smaller of the others, goes with it
    assert [(group.share is None, group.n) for group in found.by] == [(True, None), (True, None), (False, 40)]


def test_subtraction_from_everybody_never_finds_fewer_than_eleven() -> None:
    rng = np.random.default_rng(13)
    codes = codes_of(13, 400, ONE, B)
    for _ in range(15):
        sizes = rng.integers(1, 25, 5)
        n = int(sizes.sum())
        index = np.repeat(np.arange(5), sizes)
        index[: int(rng.integers(0, 6))] = -1
        found = prevalence(SCALE, grouped(answers_of(codes[:n]), tuple("abcde"), index), threshold=0.2, by="area")
        shown = [group.n for group in found.by if group.n is not None]
        rest = n - sum(shown)
        assert rest == 0 or rest >= MIN_GROUP or not shown
        assert all(size >= MIN_GROUP for size in shown)
        for place, group in enumerate(found.by):
            assert group.n in {None, int((index == place).sum())}


def test_people_with_a_hole_do_not_fill_a_group_under_the_faos_rule() -> None:
    codes = codes_of(11, 60, ONE, B)
    codes[: 30 - MIN_GROUP + 1, 4] = -1
    answers = grouped(answers_of(codes), ("a", "b"), np.repeat([0, 1], 30))
    assert (codes[:30] >= 0).all(axis=1).sum() == MIN_GROUP - 1
    found = prevalence(SCALE, answers, threshold="moderate", by="area", rule="fao")
    assert found.by[0].share is None
    assert prevalence(SCALE, answers, threshold="moderate", by="area").by[0].share is not None


def test_a_group_whose_answers_do_not_vary_has_a_reason_and_no_figure() -> None:
    codes = codes_of(12, 60, ONE, B)
    codes[:30] = np.where(np.arange(30)[:, None] % 2 == 0, [1, 1, 0, 0, 1, 0, 0, 1], [0, 0, 1, 1, 0, 1, 1, 0])
    answers = grouped(answers_of(codes), ("a", "b"), np.repeat([0, 1], 30))
    found = prevalence(SCALE, answers, threshold="moderate", by="area")
    assert found.by[0].share is None
    assert found.by[0].n == 30
    assert "vary no more than chance" in found.by[0].reason
    assert found.by[1].share is not None


@pytest.mark.parametrize(
    ("options", "code"),
    [({"rule": "mean"}, "options.unknown-value"), ({"by": "region"}, "groups.not-read")],
)
def test_shares_that_cannot_be_had_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        prevalence(SCALE, ordinary(), threshold="severe", **options)
    assert caught.value.code == code


def test_the_faos_rule_refuses_a_2pl_scale() -> None:
    a = np.linspace(0.5, 2, 8)
    with pytest.raises(EstimationError) as caught:
        prevalence(scale_of(a, B, model="2pl"), ordinary(), threshold="severe", rule="fao")
    assert caught.value.code == "prevalence.fao-needs-rasch"


# --- Simulate ------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_people() -> None:
    one, again, other = (simulate(SCALE, n=200, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.codes, again.codes)
    np.testing.assert_array_equal(one.theta, again.theta)
    assert (one.codes != other.codes).any()


def test_what_is_simulated_from_a_scale_calibrates_back_to_it() -> None:
    invented = simulate(SCALE, n=8_000, seed=5)
    record = calibrate(answers_of(invented.codes)).record
    assert record.latent is not None
    assert record.latent.se_sd is not None
    assert abs(record.latent.sd - 1.5) < 3 * record.latent.se_sd
    for item, b in zip(record.items, B, strict=True):
        assert item.se_b is not None
        assert item.se_b[0] is not None
        assert abs(item.b[0] - b) < 3.5 * item.se_b[0]


def test_written_codes_are_read_back_as_they_were() -> None:
    labelled = replace(SCALE.items[1], codes={"no": 0, "0": 0, "yes": 1, "1": 1})
    record = replace(SCALE, items=(SCALE.items[0], labelled, *SCALE.items[2:]))
    codes = simulate(record, n=50, seed=6).codes
    written = written_codes(record, codes)
    assert list(written) == list(FIES)
    assert set(written["HEALTHY"]) == {"no", "yes"}
    for index, item in enumerate(record.items):
        assert [item.codes[text] for text in written[item.name]] == codes[:, index].tolist()


@pytest.mark.parametrize(("n", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_impossible_numbers_are_refused(n: int, seed: int) -> None:
    with pytest.raises(OptionError) as caught:
        simulate(SCALE, n=n, seed=seed)
    assert caught.value.code == "simulate.number"


def test_nobody_can_be_drawn_from_no_distribution() -> None:
    with pytest.raises(ScaleFileError) as caught:
        simulate(scale_of(ONE, B, sd=None), n=10, seed=1)
    assert caught.value.code == "scale.no-latent"
