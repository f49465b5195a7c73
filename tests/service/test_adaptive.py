"""Which scales may be asked adaptively, what an interview stores, and the command."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from evenhand.cli.adaptive import app
from evenhand.errors import EstimationError, EvenhandError, OptionError, ScaleFileError
from evenhand.measure.adaptive import AdaptiveState
from evenhand.measure.adaptive_study import administer
from evenhand.programme.answers import Answers
from evenhand.programme.coding import MISSING_REASONS
from evenhand.programme.instrument import load_instrument
from evenhand.programme.scale import InstrumentReference, LinkRecord, ScaleRecord
from evenhand.service.adaptive import (
    AdaptivePlan,
    Area,
    bank_of_scale,
    missing_reasons,
    refuse,
    require_marginal,
    scoring_of,
    simulate_adaptive,
)
from tests.service.invented import B, answers_of, codes_of, scale_of

PLAN = AdaptivePlan(max_items=5, min_items=2, threshold="moderate")


@pytest.fixture
def scale() -> ScaleRecord:
    """Eight yes/no items of need, known well."""
    return replace(scale_of(np.ones(8), B), n=1200)


def as_fies(record: ScaleRecord) -> ScaleRecord:
    return replace(record, instrument=InstrumentReference("fies", "0" * 64))


def as_linked(record: ScaleRecord) -> ScaleRecord:
    return replace(record, link=LinkRecord("fies-global", 1.0, 0.0, ()))


def with_capacity(record: ScaleRecord) -> ScaleRecord:
    return replace(record, items=(*record.items[:7], replace(record.items[7], component="capacity")))


Change = Callable[[ScaleRecord], ScaleRecord]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (as_fies, "adaptive.raw-score"),
        (as_linked, "adaptive.raw-score"),
        (lambda record: replace(record, latent=None), "adaptive.not-calibrated"),
        (lambda record: replace(record, converged=False), "adaptive.not-calibrated"),
        (lambda record: replace(record, n=0), "adaptive.not-calibrated"),
        (with_capacity, "adaptive.other-component"),
    ],
    ids=["fies", "linked", "no latent", "not converged", "nobody", "capacity"],
)
def test_scales_that_are_asked_in_full_are_refused(scale: ScaleRecord, change: Change, code: str) -> None:
    with pytest.raises(ScaleFileError) as raised:
        bank_of_scale(change(scale), PLAN)
    assert raised.value.code == code
    assert raised.value.why
    assert raised.value.mend


def test_calibrated_and_published_scales_are_accepted(scale: ScaleRecord) -> None:
    refuse(scale)
    refuse(replace(scale, method="published", n=0))


def test_the_scoring_that_is_told_overrides_the_library(scale: ScaleRecord) -> None:
    refuse(as_fies(scale), scoring="model")
    with pytest.raises(ScaleFileError, match=r"adaptive\.raw-score"):
        refuse(scale, scoring="raw")
    assert scoring_of(scale) is None
    deprivation = replace(scale, instrument=InstrumentReference("material-deprivation", "0" * 64))
    assert scoring_of(deprivation) == load_instrument("material-deprivation").scoring


def test_the_name_in_a_scale_file_never_opens_a_file(
    scale: ScaleRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("not an instrument", encoding="utf-8")
    assert scoring_of(replace(scale, instrument=InstrumentReference("mine.yaml", "0" * 64))) is None


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: AdaptivePlan(max_items=3, min_items=4), "adaptive.item-numbers"),
        (lambda: AdaptivePlan(max_items=3, min_items=0), "adaptive.item-numbers"),
        (lambda: AdaptivePlan(max_items=3, certain_no=0.9, certain_yes=0.9), "adaptive.band"),
        (lambda: AdaptivePlan(max_items=3, certain_yes=float("nan")), "adaptive.band"),
        (lambda: AdaptivePlan(max_items=3, se_target=0.0), "adaptive.se-target"),
        (lambda: AdaptivePlan(max_items=3, best_of=0), "adaptive.choice"),
        (lambda: AdaptivePlan(max_items=3, rule="luck"), "adaptive.choice"),  # type: ignore[arg-type]
    ],
)
def test_plans_without_meaning_are_refused(make: Callable[[], AdaptivePlan], code: str) -> None:
    with pytest.raises(OptionError) as raised:
        make()
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (replace(PLAN, first="NOSUCH"), "adaptive.unknown-item"),
        (replace(PLAN, areas={"x": Area(("NOSUCH",))}), "adaptive.unknown-item"),
        (replace(PLAN, enemies=(("WORRIED", "WORRIED"),)), "adaptive.enemies"),
        (replace(PLAN, areas={"x": Area(("WORRIED",)), "y": Area(("WORRIED",))}), "adaptive.area"),
        (replace(PLAN, areas={"x": Area(("WORRIED", "WORRIED"))}), "adaptive.area"),
        (replace(PLAN, areas={"x": Area(("WORRIED", "HEALTHY"), 2, 1)}), "adaptive.area"),
        (replace(PLAN, areas={"x": Area(("WORRIED",), 2, 3)}), "adaptive.constraints"),
        (
            replace(PLAN, areas={"x": Area(("WORRIED", "HEALTHY"), 2)}, enemies=(("WORRIED", "HEALTHY"),)),
            "adaptive.constraints",
        ),
        (replace(PLAN, threshold="extreme"), "scale.unknown-threshold"),
    ],
)
def test_plans_that_do_not_fit_the_scale_are_refused(scale: ScaleRecord, plan: AdaptivePlan, code: str) -> None:
    with pytest.raises(EvenhandError) as raised:
        bank_of_scale(scale, plan)
    assert raised.value.code == code


def test_areas_enemies_and_the_first_item_are_kept(scale: ScaleRecord) -> None:
    plan = AdaptivePlan(
        max_items=5,
        first="WHLDAY",
        areas={"worry": Area(("WORRIED", "HEALTHY", "FEWFOOD"), 2, 2)},
        enemies=(("WORRIED", "FEWFOOD"),),
    )
    bank = bank_of_scale(scale, plan)
    for codes in codes_of(4, 50, np.ones(8), B):
        asked = [scale.names[item] for item in administer(bank, codes).asked]
        assert asked[0] == "WHLDAY"
        assert len(asked) == 5
        assert sum(name in {"WORRIED", "HEALTHY", "FEWFOOD"} for name in asked) == 2
        assert not {"WORRIED", "FEWFOOD"} <= set(asked)


@settings(max_examples=30, deadline=None)
@given(codes=st.lists(st.integers(-1, 1), min_size=8, max_size=8))
def test_what_was_left_out_is_coded_as_such_and_what_was_refused_is_not(codes: list[int]) -> None:
    record = replace(scale_of(np.ones(8), B), n=1200)
    state = administer(bank_of_scale(record, PLAN), np.array(codes, dtype=np.int8))
    reasons = missing_reasons(record, state, dict.fromkeys(record.names, "refused"))
    for item, name in enumerate(record.names):
        if item not in state.asked:
            assert reasons[name] == "not_asked_by_design"
        elif codes[item] < 0:
            assert reasons[name] == "refused"
        else:
            assert name not in reasons
    assert set(reasons.values()) <= set(MISSING_REASONS)


def test_an_item_without_a_reason_is_blank(scale: ScaleRecord) -> None:
    assert missing_reasons(scale, AdaptiveState((0, 1), (-1, 1)))["WORRIED"] == "blank"


def routed(n_left_out: int) -> Answers:
    answers = answers_of(codes_of(1, 50, np.ones(8), B))
    return replace(answers, missing_counts={"not_asked_by_design": np.array([n_left_out, *[0] * 7])})


def test_conditional_likelihood_refuses_adaptively_collected_answers() -> None:
    with pytest.raises(EstimationError) as raised:
        require_marginal(routed(3), "cml")
    assert raised.value.code == "estimation.adaptive-needs-mml"
    with pytest.raises(EstimationError) as raised:
        require_marginal(routed(3), "mml", "drop")
    assert raised.value.code == "estimation.adaptive-needs-keep"


def test_marginal_likelihood_and_other_missing_answers_pass() -> None:
    require_marginal(routed(3), "mml", "keep")
    require_marginal(routed(0), "cml", "drop")
    require_marginal(answers_of(codes_of(1, 50, np.ones(8), B)), "cml", "drop")


def test_the_same_seed_gives_the_same_study(scale: ScaleRecord) -> None:
    plan = replace(PLAN, best_of=3)
    one, two = (simulate_adaptive(scale, plan, n=200, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.study.run.codes, two.study.run.codes)
    assert one.adaptive == two.adaptive
    other = simulate_adaptive(scale, plan, n=200, seed=6)
    assert (other.study.theta != one.study.theta).any()


def test_without_a_threshold_nobody_is_classified(scale: ScaleRecord) -> None:
    done = simulate_adaptive(scale, replace(PLAN, threshold=None), n=50, seed=1)
    assert done.adaptive is done.fixed is done.full is None


@pytest.fixture
def path(scale: ScaleRecord, tmp_path: Path) -> Path:
    """The scale as a file."""
    file = tmp_path / "scale.json"
    file.write_text(scale.to_json(), encoding="utf-8")
    return file


def call(*words: object) -> str:
    """Run `adaptive …`; errors of ours pass through, as they do to the command's frame."""
    ended = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert ended.exit_code == 0
    return ended.stdout


def test_the_command_prints_one_object_for_machines(path: Path) -> None:
    found = json.loads(
        call(
            "simulate",
            "--scale",
            path,
            "--n",
            120,
            "--seed",
            1,
            "--threshold",
            "moderate",
            "--max-items",
            6,
            "--json",
        )
    )
    assert found["n"] == 120
    assert 4 <= found["items"]["mean"] <= 6
    assert set(found["classified"]) == {"adaptive", "fixed", "full"}
    assert sum(found["stopped"].values()) == 120
    assert len(found["exposure"]) == 8
    assert found["by_theta"]["n"][0] == 120


def test_the_command_writes_a_table_and_a_report(path: Path, tmp_path: Path) -> None:
    table, page = tmp_path / "table.csv", tmp_path / "adaptive.html"
    constraints = ("--area", "severe=1-2:WHLDAY,HUNGRY", "--enemies", "SKIPPED,ATELESS", "--first", "WORRIED")
    rule = ("--threshold", "-0.3", "--max-items", 6)
    shown = call(
        "simulate", "--scale", path, "--n", 100, "--seed", 1, *rule, *constraints, "--out", table, "--report", page
    )
    assert "everybody" in shown
    assert "asked most often: WORRIED" in shown
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("theta_from,theta_to,n,items,adaptive_rmse")
    assert len(lines) == 8
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--area", "WORRIED"), "options.area"),
        (("--enemies", "WORRIED"), "options.enemies"),
        (("--rule", "luck"), "adaptive.choice"),
        (("--instrument", "fies"), "adaptive.raw-score"),
        (("--n", "0"), "simulate.number"),
    ],
)
def test_bad_words_are_refused_with_a_code(path: Path, words: tuple[str, ...], code: str) -> None:
    with pytest.raises(EvenhandError) as raised:
        call("simulate", "--scale", path, "--seed", 1, "--max-items", 5, *words)
    assert raised.value.code == code


def test_help_shows_an_example() -> None:
    assert "evenhand adaptive simulate --scale" in " ".join(call("simulate", "--help").split())
