"""Groups, fixed items, two components, plausible values and raw scores as an analyst uses them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes
from tests.cli.conftest import Run

ITEMS = "Q1,Q2,Q3,Q4,Q5"
CALIBRATE = ("calibrate", "survey.csv", "--items", ITEMS)
COMPONENTS = "need=N1,N2,N3,N4;capacity=C1,C2,C3,C4"


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """500 invented people with need and capacity, correlated -.6."""
    rng = np.random.default_rng(8)
    first, second = rng.normal(size=(2, 500))
    items = items_from_thresholds(np.full(4, 1.5), np.array([[-1.0], [-0.3], [0.4], [1.0]]))
    codes = [simulate_codes(rng, items, each) for each in (first, -0.6 * first + 0.8 * second)]
    lines = [",".join([f"{which}{place}" for which in "NC" for place in range(1, 5)])]
    lines += [",".join(map(str, row)) for row in np.concatenate(codes, axis=1)]
    path = tmp_path / "both.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def scale_in(folder: Path, name: str = "scale.json") -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def words(text: str) -> str:
    """The text on one line: titles are folded to the width of their table."""
    return " ".join(text.split())


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


# --- Groups --------------------------------------------------------------------------------------------------


def test_groups_are_shown_and_recorded(run: Run, survey: Path) -> None:
    ended = run(*CALIBRATE, "--group", "region", "--reference", "west", "--anchors", "Q1,Q2,Q3,Q4")
    assert ended.code == 0, ended.err
    shown = words(ended.out)
    assert "Groups by region" in shown
    assert "west (reference)" in shown
    assert "Items with parameters of a group's own" in shown
    groups = scale_in(survey.parent)["groups"]
    assert [group["label"] for group in groups["each"]] == ["north", "south", "west"]
    assert groups["anchors"] == ["Q1", "Q2", "Q3", "Q4"]
    assert [item["name"] for item in groups["each"][0]["items"]] == ["Q5"]
    assert "region" not in json.dumps(scale_in(survey.parent)["items"])


@pytest.mark.usefixtures("survey")
def test_groups_in_json(run: Run) -> None:
    body = json.loads(run(*CALIBRATE, "--group", "region", "--json").out)
    assert {group["label"] for group in body["groups"]["each"]} == {"north", "south", "west"}
    assert (body["fixed"], body["joint"]) == (None, None)


@pytest.mark.parametrize("column", ["religion", "passport_number", "nationality"])
def test_the_guard_stands_before_the_group_column_and_the_file(run: Run, column: str) -> None:
    ended = run("calibrate", "no-such-file.csv", "--items", ITEMS, "--group", column, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"].startswith("boundary.")


def test_a_small_group_is_named_and_shows_no_figure(run: Run, survey: Path) -> None:
    lines = survey.read_text("utf-8").splitlines()
    for place in range(1, 8):
        lines[place] = lines[place].replace("north", "isle").replace("south", "isle").replace("west", "isle")
    survey.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ended = run(*CALIBRATE, "--group", "region")
    assert ended.code == 0, ended.err
    assert "fewer than 11 people were left out, of the items as well: isle" in ended.out
    assert [line for line in ended.out.splitlines() if "isle" in line and "│" in line] == []
    assert scale_in(survey.parent)["n"] == 593


def test_scoring_has_no_way_to_name_a_group(run: Run, survey: Path) -> None:
    run(*CALIBRATE, "--group", "region")
    assert run("score", "survey.csv", "--scale", "scale.json", "--group", "region").code == 2
    ended = run("score", "survey.csv", "--scale", "scale.json", "--threshold", "0.5")
    assert ended.code == 0, ended.err
    assert "region" not in survey.with_name("scores.csv").read_text("utf-8")


# --- Fixed items ---------------------------------------------------------------------------------------------


def test_held_items_keep_their_parameters(run: Run, survey: Path) -> None:
    run(*CALIBRATE, "--out", "one.json")
    ended = run(*CALIBRATE, "--fixed", "one.json", "--fixed-items", "Q1,Q2", "--out", "two.json")
    assert ended.code == 0, ended.err
    assert "held as in items: Q1, Q2" in ended.out
    one, two = scale_in(survey.parent, "one.json"), scale_in(survey.parent, "two.json")
    assert two["fixed"]["items"] == ["Q1", "Q2"]
    for place in range(2):
        assert two["items"][place]["b"] == one["items"][place]["b"]
        assert two["items"][place]["se_b"] is None
    # on the same answers the others, the mean and the SD stay where they were
    np.testing.assert_allclose(
        [item["b"][0] for item in two["items"]], [item["b"][0] for item in one["items"]], atol=2e-3
    )
    assert two["latent"]["mean"] == pytest.approx(0.0, abs=2e-3)


def test_the_published_severities_can_be_held(run: Run, tmp_path: Path) -> None:
    assert run("demo", "--dir", "demo", "--people", "1", "--no-serve").code == 0
    run("simulate", "--scale", "demo/scale.json", "--n", "100", "--seed", "1")
    ended = run("calibrate", "simulated.csv", "--instrument", "fies", "--fixed", "fies-global")
    assert ended.code == 0, ended.err
    scale = scale_in(tmp_path)
    assert scale["fixed"]["source"] == "fies-global"
    assert scale["thresholds"]["moderate"] == pytest.approx(-0.3117999)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--anchors", "Q1"), "options.alone"),
        (("--reference", "north"), "options.alone"),
        (("--fixed-items", "Q1"), "options.alone"),
        (("--fixed", "missing.json"), "scale.unreadable"),
        (("--components", "need=Q1,Q2"), "options.components"),
        (("--components", "need"), "options.components"),
        (("--components", "need=Q1,Q2,Q3;wealth=Q4,Q5"), "options.components"),
        (("--components", "need=Q1,Q2,Q3;need=Q4,Q5"), "options.components"),
        (("--components", "need=Q1,Q2,Q3;capacity=Q3,Q4,Q5"), "options.components"),
    ],
)
@pytest.mark.usefixtures("survey")
def test_options_without_meaning_are_refused(run: Run, words: tuple[str, ...], code: str) -> None:
    ended = run(*CALIBRATE, *words, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == code


def test_an_instrument_says_itself_what_its_items_measure(run: Run) -> None:
    ended = run("calibrate", "x.csv", "--instrument", "fies", "--components", COMPONENTS, "--json")
    assert json.loads(ended.err)["error"]["code"] == "options.components"


# --- Two components ------------------------------------------------------------------------------------------


def test_two_components_give_a_scale_of_need_with_the_joint_model_beside_it(run: Run, both: Path) -> None:
    ended = run("calibrate", "both.csv", "--components", COMPONENTS, "--model", "2pl", "--report", "report.html")
    assert ended.code == 0, ended.err
    assert "joint model, for reports only" in words(ended.out)
    assert "correlation -0." in words(ended.out)
    scale = scale_in(both.parent)
    assert scale["components"] == ["need", "capacity"]
    assert [item["name"] for item in scale["items"]] == ["N1", "N2", "N3", "N4"]
    assert -0.85 < scale["joint"]["correlation"] < -0.35
    page = both.with_name("report.html").read_text("utf-8")
    assert "Need and capacity together, for reports only" in page


@pytest.mark.usefixtures("both")
def test_the_joint_model_in_json(run: Run) -> None:
    joint = json.loads(run("calibrate", "both.csv", "--components", COMPONENTS, "--json").out)["joint"]
    assert joint["low"] < joint["correlation"] < joint["high"]
    assert len(joint["items"]) == 8


def test_scores_are_of_need_and_read_no_capacity_column(run: Run, both: Path) -> None:
    run("calibrate", "both.csv", "--components", COMPONENTS)
    ended = run("score", "both.csv", "--scale", "scale.json", "--threshold", "0.5")
    assert ended.code == 0, ended.err
    whole = rows_of(both.with_name("scores.csv"))
    assert list(whole[0]) == ["row", "answered", "theta", "se", "p_at_least"]
    need = "\n".join(",".join(line.split(",")[:4]) for line in both.read_text("utf-8").splitlines())
    both.with_name("need.csv").write_text(need + "\n", encoding="utf-8")
    assert run("score", "need.csv", "--scale", "scale.json", "--threshold", "0.5").code == 0
    assert rows_of(both.with_name("scores.csv")) == whole


def test_joint_columns_are_marked_and_leave_need_alone(run: Run, both: Path) -> None:
    run("calibrate", "both.csv", "--components", COMPONENTS)
    run("score", "both.csv", "--scale", "scale.json", "--threshold", "0.5", "--out", "plain.csv")
    ended = run("score", "both.csv", "--scale", "scale.json", "--threshold", "0.5", "--joint")
    assert ended.code == 0, ended.err
    assert "for reports only" in words(ended.err)
    plain, joint = (rows_of(both.with_name(name)) for name in ("plain.csv", "scores.csv"))
    extra = [name for name in joint[0] if name not in plain[0]]
    assert len(extra) == 5
    assert all(name.startswith("report_only_") for name in extra)
    assert [{name: row[name] for name in plain[0]} for row in joint] == plain


@pytest.mark.usefixtures("survey")
def test_a_scale_of_one_component_has_no_joint_columns(run: Run) -> None:
    run(*CALIBRATE)
    ended = run("score", "survey.csv", "--scale", "scale.json", "--joint", "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "scale.one-component"


# --- Plausible values ----------------------------------------------------------------------------------------


def test_plausible_values_are_columns_of_draws_that_the_seed_repeats(run: Run, survey: Path) -> None:
    run(*CALIBRATE)
    score = ("score", "survey.csv", "--scale", "scale.json", "--plausible", "3")
    ended = run(*score, "--seed", "7")
    assert ended.code == 0, ended.err
    assert "serves no decision" in words(ended.err)
    first = rows_of(survey.with_name("scores.csv"))
    assert list(first[0])[-3:] == ["pv1", "pv2", "pv3"]
    run(*score, "--seed", "7")
    assert rows_of(survey.with_name("scores.csv")) == first
    run(*score, "--seed", "8")
    other = rows_of(survey.with_name("scores.csv"))
    assert [row["theta"] for row in other] == [row["theta"] for row in first]
    assert [row["pv1"] for row in other] != [row["pv1"] for row in first]


@pytest.mark.parametrize(
    "words", [("--plausible", "0"), ("--plausible", "101"), ("--plausible", "2", "--seed", "-1")]
)
@pytest.mark.usefixtures("survey")
def test_sets_and_seeds_without_meaning_are_refused(run: Run, words: tuple[str, ...]) -> None:
    run(*CALIBRATE)
    ended = run("score", "survey.csv", "--scale", "scale.json", *words, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "plausible.sets"


# --- Raw scores ----------------------------------------------------------------------------------------------


def test_the_table_of_raw_scores_agrees_with_the_scores_of_people(run: Run, survey: Path) -> None:
    run(*CALIBRATE)
    ended = run("score-table", "--scale", "scale.json", "--threshold", "0.5", "--out", "table.csv")
    assert ended.code == 0, ended.err
    table = {int(row["raw"]): row for row in rows_of(survey.with_name("table.csv"))}
    assert sorted(table) == [0, 1, 2, 3, 4, 5]
    run("score", "survey.csv", "--scale", "scale.json", "--threshold", "0.5")
    answers = rows_of(survey)
    for person, found in zip(answers, rows_of(survey.with_name("scores.csv")), strict=True):
        row = table[sum(int(person[item]) for item in ITEMS.split(","))]
        for name in ("theta", "se", "p_at_least"):
            assert float(found[name]) == pytest.approx(float(row[name]), abs=1e-6)


@pytest.mark.usefixtures("survey")
def test_the_table_of_raw_scores_in_json(run: Run) -> None:
    run(*CALIBRATE)
    body = json.loads(run("score-table", "--scale", "scale.json", "--json").out)
    assert body["raw"] == [0, 1, 2, 3, 4, 5]
    assert "p_at_least" not in body
    assert body["theta_at_expected"][0] is None
    assert sum(body["share"]) == pytest.approx(1.0)
    shown = run("score-table", "--scale", "scale.json")
    assert "raw scores of 5 items" in shown.out
    refused = run("score-table", "--scale", "scale.json", "--threshold", "grave", "--json")
    assert json.loads(refused.err)["error"]["code"] == "scale.unknown-threshold"
