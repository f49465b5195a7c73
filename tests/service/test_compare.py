"""Models of the same answers, compared."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

import evenhand as eh
from evenhand.errors import EstimationError, OptionError
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.responses import CodeArray
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.answers import Answers, answers_from_codes
from evenhand.programme.coding import ItemCoding
from evenhand.service import compare as module
from evenhand.service.calibrate import Calibrated, calibrate
from evenhand.service.compare import ModelComparison, compare
from evenhand.service.options import Options
from tests.figures import rows
from tests.service.invented import B, answers_of, codes_of, weighted

ONES = np.ones(8)
STEEP = np.array([0.5, 2.4, 1.0, 0.7, 1.6, 1.0, 1.9, 1.0])


def lsat6() -> Answers:
    """The 1,000 people of LSAT section 6, as frequency-weighted patterns."""
    table = rows("lsat6_patterns")
    codes = np.array([[int(row[f"Item_{j}"]) for j in range(1, 6)] for row in table], dtype=np.int8)
    return weighted(answers_of(codes), np.array([float(row["n"]) for row in table]), "frequency")


def several(seed: int = 1, n: int = 1_500) -> Answers:
    """Five items of three categories that follow the generalised partial credit model."""
    slope = np.array([0.5, 1.8, 1.0, 0.7, 1.4])
    middle = np.linspace(-1, 1, 5)[:, None]
    items = items_from_thresholds(slope, middle + np.array([-0.7, 0.7]))
    rng = np.random.default_rng(seed)
    codes: CodeArray = simulate_codes(rng, items, rng.normal(size=n))
    coding = tuple(ItemCoding(f"Q{j}", 3, {"0": 0, "1": 1, "2": 2}, {}, 1) for j in range(5))
    return answers_from_codes(codes, coding, source="invented.csv")


def of(found: ModelComparison) -> dict[str, Any]:
    return {each.name: each for each in found.models}


def test_lsat6_has_its_published_likelihoods_and_the_test_between_them() -> None:
    found = compare(lsat6(), ["2pl", "rasch"])
    assert [each.name for each in found.models] == ["rasch", "2pl"]
    assert [each.n_parameters for each in found.models] == [6, 10]
    assert found.models[0].loglik == pytest.approx(-2466.938, abs=0.001)
    assert found.models[1].loglik == pytest.approx(-2466.653, abs=0.001)
    assert found.n == 1_000
    (test,) = found.tests
    assert (test.ratio.smaller, test.ratio.larger, test.ratio.df) == ("rasch", "2pl", 4)
    assert test.ratio.statistic == pytest.approx(0.570, abs=0.002)
    assert test.p_adjusted == pytest.approx(chi2.sf(0.570, 4), abs=0.001)
    assert found.best == "rasch"


def test_the_criteria_are_those_of_their_formulas() -> None:
    for each in compare(lsat6(), ["rasch", "2pl"]).models:
        assert each.criteria is not None
        assert each.criteria.aic == pytest.approx(-2 * each.loglik + 2 * each.n_parameters)
        assert each.criteria.bic == pytest.approx(-2 * each.loglik + each.n_parameters * np.log(1_000))
        assert each.criteria.sabic == pytest.approx(-2 * each.loglik + each.n_parameters * np.log(1_002 / 24))


def test_unequal_slopes_are_found_by_test_criteria_and_overall_fit() -> None:
    found = compare(answers_of(codes_of(2, 3_000, STEEP, B)), ["rasch", "2pl"])
    assert found.best == "2pl"
    assert found.tests[0].p_adjusted < 0.001
    assert any("worth having" in sentence for sentence in found.findings)
    rasch, free = (each.overall for each in found.models)
    assert rasch is not None
    assert free is not None
    assert rasch.kind == free.kind == "M2"
    assert rasch.rmsea > 0.03 > free.rmsea


def test_equal_slopes_are_hardly_ever_called_unequal() -> None:
    p = [
        compare(answers_of(codes_of(seed, 500, ONES, B)), ["rasch", "2pl"]).tests[0].p_adjusted
        for seed in range(60)
    ]
    assert 0 <= np.mean(np.array(p) < 0.05) <= 0.15
    assert 0.35 < np.mean(p) < 0.65


def test_graded_items_are_nested_in_nothing_and_compared_by_criteria() -> None:
    found = compare(several(), ["pcm", "gpcm", "grm"])
    assert {(test.ratio.smaller, test.ratio.larger) for test in found.tests} == {("pcm", "gpcm")}
    assert found.best == "gpcm"
    assert all(each.overall is not None and each.overall.kind == "C2" for each in found.models)


def test_models_of_different_families_have_no_test_at_all() -> None:
    found = compare(several(), ["pcm", "grm"])
    assert found.tests == ()
    assert any("nested" in note for note in found.notes)


@pytest.mark.parametrize(
    "models", [["rasch"], ["rasch", "pcm"], ["2pl", "grm"], ["gpcm", "grm", "rasch"], ["2pl", "2pl"], []]
)
def test_fewer_than_two_different_models_are_refused(models: Any) -> None:
    with pytest.raises(OptionError) as refusal:
        compare(lsat6(), models)
    assert refusal.value.code == "compare.models"


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(OptionError) as refusal:
        compare(lsat6(), ["rasch", "3pl"])  # type: ignore[list-item]
    assert refusal.value.code == "options.unknown-value"


def test_rasch_for_items_of_three_categories_is_refused_by_the_calibration() -> None:
    with pytest.raises(EstimationError) as refusal:
        compare(several(), ["rasch", "gpcm"])
    assert refusal.value.code == "estimation.not-binary"


def test_sampling_weights_leave_no_criterion_no_test_and_a_reason() -> None:
    codes = codes_of(5, 1_000, ONES, B)
    answers = weighted(answers_of(codes), np.random.default_rng(5).uniform(0.5, 2, 1_000))
    found = compare(answers, ["rasch", "2pl"])
    assert found.tests == ()
    assert found.best is None
    assert found.findings == ()
    assert all(each.criteria is None and each.overall is None for each in found.models)
    assert any("pseudo-likelihood" in note for note in found.notes)


def test_frequency_weights_are_people() -> None:
    codes = codes_of(6, 800, STEEP, B)
    rows_, count = np.unique(codes, axis=0, return_counts=True)
    short = compare(weighted(answers_of(rows_), count.astype(np.float64), "frequency"), ["rasch", "2pl"])
    long = compare(answers_of(codes), ["rasch", "2pl"])
    assert short.n == long.n == 800
    for brief, full in zip(short.models, long.models, strict=True):
        assert brief.criteria is not None
        assert full.criteria is not None
        assert brief.criteria.bic == pytest.approx(full.criteria.bic, abs=1e-3)


def test_missing_answers_are_kept_or_dropped_alike_for_every_model() -> None:
    codes = codes_of(7, 1_000, ONES, B).copy()
    codes[:100, 2] = -1
    kept, dropped = (compare(answers_of(codes), ["rasch", "2pl"], missing=rule).n for rule in ("keep", "drop"))
    assert (kept, dropped) == (1_000, 900)


def test_a_model_that_did_not_converge_takes_part_in_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(answers: Answers, options: Options, **more: Any) -> Calibrated:
        done = calibrate(answers, options, **more)
        return replace(done, record=replace(done.record, converged=options.model != "2pl"))

    monkeypatch.setattr(module, "calibrate", stopped)
    found = compare(lsat6(), ["rasch", "2pl"])
    assert found.tests == ()
    assert found.best == "rasch"
    assert any("did not converge" in note for note in found.notes)


def test_python_has_it_by_one_name() -> None:
    assert eh.compare(lsat6(), models=["rasch", "2pl"]).best == "rasch"
