"""The commands as an analyst uses them."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run

CALIBRATE = ("calibrate", "survey.csv", "--items", "Q1,Q2,Q3,Q4,Q5")


def test_calibrate_writes_a_scale_and_a_report(run: Run, survey: Path) -> None:
    ended = run(*CALIBRATE, "--report", "report.html")
    assert ended.code == 0, ended.err
    scale = json.loads(survey.with_name("scale.json").read_text("utf-8"))
    assert scale["format"] == "evenhand.scale/1"
    assert [item["name"] for item in scale["items"]] == ["Q1", "Q2", "Q3", "Q4", "Q5"]
    assert scale["n"] == 600
    assert scale["latent"]["source"] == "estimated"
    assert "<svg" in survey.with_name("report.html").read_text("utf-8")


def test_the_same_answers_give_the_same_bytes(run: Run, survey: Path) -> None:
    run(*CALIBRATE, "--out", "a.json", "--report", "a.html")
    run(*CALIBRATE, "--out", "b.json", "--report", "b.html")
    assert survey.with_name("a.json").read_bytes() == survey.with_name("b.json").read_bytes()
    assert survey.with_name("a.html").read_bytes() == survey.with_name("b.html").read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ("--model", "2pl"),
        ("--method", "cml"),
        ("--method", "cml", "--errors", "fao", "--missing", "drop"),
        ("--errors", "model"),
        ("--weights", "wt", "--weights-kind", "sampling"),
        ("--weights", "wt", "--weights-kind", "sampling", "--method", "cml"),
        ("--cluster", "wt"),
    ],
    ids=" ".join,
)
def test_every_kind_of_calibration_speaks_json(run: Run, survey: Path, options: tuple[str, ...]) -> None:
    ended = run(*CALIBRATE, *options, "--json")
    assert ended.code == 0, ended.err
    body = json.loads(ended.out)
    assert body["converged"] is True
    assert all(item["se_b"][0] > 0 for item in body["items"])
    assert survey.with_name("scale.json").exists()


def test_scores_hold_row_numbers_and_no_carried_columns(run: Run, survey: Path) -> None:
    run(*CALIBRATE)
    ended = run("score", "survey.csv", "--scale", "scale.json", "--threshold", "0.5")
    assert ended.code == 0, ended.err
    text = survey.with_name("scores.csv").read_text("utf-8")
    header, *rows = csv.reader(text.splitlines())
    assert header == ["row", "answered", "theta", "se", "p_at_least"]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 601)]
    assert "person" not in text
    probability = np.array([float(row[4]) for row in rows])
    assert probability.min() >= 0
    assert probability.max() <= 1


@pytest.mark.parametrize("method", ["eap", "map", "wle", "ml"])
@pytest.mark.usefixtures("survey")
def test_every_kind_of_score_as_parquet(run: Run, method: str) -> None:
    run(*CALIBRATE)
    ended = run("score", "survey.csv", "--scale", "scale.json", "--method", method, "--out", "s.parquet", "--json")
    assert ended.code == 0, ended.err
    body = json.loads(ended.out)
    assert body["n"] == 600
    assert bool(body["notes"]) == (method == "ml")  # only maximum likelihood is infinite at the ends


def test_a_row_without_answers_has_no_measure(run: Run, survey: Path) -> None:
    run(*CALIBRATE)
    survey.with_name("blank.csv").write_text("Q1,Q2,Q3,Q4,Q5\n1,0,1,0,0\n,,,,\n", encoding="utf-8")
    ended = run("score", "blank.csv", "--scale", "scale.json")
    assert "1 rows hold no answer" in ended.err
    rows = list(csv.DictReader(survey.with_name("scores.csv").read_text("utf-8").splitlines()))
    assert rows[1] == {"row": "2", "answered": "0", "theta": "", "se": ""}


@pytest.mark.usefixtures("survey")
def test_check_is_quiet_about_answers_that_fit(run: Run) -> None:
    run(*CALIBRATE)
    ended = run("check", "survey.csv", "--scale", "scale.json", "--json")
    body = json.loads(ended.out)
    assert ended.code == (1 if body["findings"] else 0)
    assert set(body["infit"]) == {"Q1", "Q2", "Q3", "Q4", "Q5"}
    assert body["findings"] == []


def test_check_ends_with_1_when_an_item_does_not_fit(run: Run, survey: Path) -> None:
    run(*CALIBRATE)
    header, *rows = survey.read_text("utf-8").splitlines()
    rng = np.random.default_rng(1)
    spoiled = [",".join([*row.split(",")[:4], str(rng.integers(0, 2)), *row.split(",")[5:]]) for row in rows]
    survey.write_text("\n".join([header, *spoiled]) + "\n", encoding="utf-8")
    ended = run("check", "survey.csv", "--scale", "scale.json")
    assert ended.code == 1
    assert "Q5: outfit" in ended.out


@pytest.mark.usefixtures("survey")
def test_prevalence_by_group(run: Run) -> None:
    run(*CALIBRATE)
    words = ("prevalence", "survey.csv", "--scale", "scale.json", "--threshold", "0.5", "--by", "region")
    body = json.loads(run(*words, "--json").out)
    assert set(body) == {"threshold", "rule", "prevalence", "se", "n", "n_weighted", "by"}
    assert set(body["by"]) == {"north", "south", "west"}
    assert body["n"] == 600
    assert 0 < body["se"] < 0.05
    shown = run(*words, "--weights", "wt", "--weights-kind", "sampling")
    assert shown.code == 0, shown.err
    assert "north" in shown.out


def test_the_fies_way_from_simulated_answers_to_the_global_thresholds(run: Run, tmp_path: Path) -> None:
    assert run("demo", "--dir", "demo", "--people", "1", "--no-serve").code == 0
    assert run("simulate", "--scale", "demo/scale.json", "--n", "3000", "--seed", "1", "--truth").code == 0
    simulated = (tmp_path / "simulated.csv").read_text("utf-8")
    truth = [float(row["theta"]) for row in csv.DictReader(simulated.splitlines())]
    ended = run("calibrate", "simulated.csv", "--instrument", "fies", "--method", "cml")
    assert ended.code == 0, ended.err
    linked = run("link", "--scale", "scale.json", "--to", "fies-global", "--json")
    assert linked.code == 0, linked.err
    assert json.loads(linked.out)["thresholds"]["moderate"] == pytest.approx(-0.3117999)
    for rule in ("posterior", "fao"):
        words = ("--scale", "linked.json", "--threshold", "moderate", "--rule", rule, "--json")
        body = json.loads(run("prevalence", "simulated.csv", *words).out)
        if rule == "posterior":
            share = float(np.mean(np.array(truth) >= -0.3117999))
            assert body["prevalence"] == pytest.approx(share, abs=0.05)  # the link has an error of its own


def test_link_to_another_scale(run: Run, survey: Path) -> None:
    run(*CALIBRATE, "--out", "one.json")
    run(*CALIBRATE, "--method", "cml", "--out", "two.json")
    ended = run("link", "--scale", "two.json", "--to", "one.json")
    assert ended.code == 0, ended.err
    one, linked = (json.loads(survey.with_name(name).read_text("utf-8")) for name in ("one.json", "linked.json"))
    for own, other in zip(linked["items"], one["items"], strict=True):
        assert own["b"][0] == pytest.approx(other["b"][0], abs=0.05)


def test_demo_writes_what_it_says(run: Run, tmp_path: Path) -> None:
    ended = run("demo", "--dir", "town", "--people", "40", "--json")
    assert ended.code == 0, ended.err
    body = json.loads(ended.out)
    assert sorted(path.name for path in (tmp_path / "town").iterdir()) == [
        "office",
        "public",
        "report.html",
        "scale.json",
        "scores.csv",
    ]
    share = {(line["threshold"], line["rule"]): line["value"] for line in body["prevalence"]}
    assert share["moderate", "fao"] == pytest.approx(0.7269, abs=1e-3)  # RM.weights .72687 without incomplete rows
    rows = list(csv.DictReader((tmp_path / "town" / "scores.csv").read_text("utf-8").splitlines()))
    assert sum(float(row["people"]) for row in rows) == 1000


def test_demo_makes_a_town_that_its_commands_work_on(run: Run, tmp_path: Path) -> None:
    ended = run("demo", "--dir", "town", "--people", "30", "--no-serve")
    assert ended.code == 0, ended.err
    assert "30 of 168 invited people" in ended.out
    assert "demo-codes.txt" in ended.out
    assert "town/office" in ended.err
    office, codes = ("--office", "town/office"), tmp_path / "town" / "office" / "demo-codes.txt"
    body = json.loads(run("case", "show", "demo-town", "--code-file", codes, *office, "--json").out)
    assert body["state"] in {"proposed", "offer", "waiting"}
    assert json.loads(run("rescore", "demo-town", "--as", "elena", *office, "--json").out)["identical"] == 30
    join = ("case", "join", "demo-town", "--invitation", codes, "--district", "mill", "--agree", "decide")
    assert run(*join, *office).code == 0
    assert run("fsck", *office).code == 0
    assert run("demo", "--dir", "town", "--people", "1", "--no-serve").code == 0
    assert run("case", "show", "demo-town", "--code-file", codes, *office).code == 0


def test_demo_leaves_an_office_alone_that_is_somebody_s(run: Run, tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    assert run("office", "new", "town/office", "--origin", "real.example/evenhand").code == 0
    ended = run("demo", "--dir", "town", "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "output.not-a-demo"
    assert [path.name for path in (tmp_path / "town").iterdir()] == ["office"]
    assert run("office", "show", "--office", "town/office").code == 0


def test_an_interrupted_demo_ends_with_3_and_leaves_nothing_half_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_words: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evenhand.service.demo_town._one", interrupted)
    ended = run("demo", "--dir", "town", "--people", "5", "--no-serve")
    assert ended.code == 3
    assert "Interrupted" in ended.err
    assert sorted(path.name for path in (tmp_path / "town").iterdir()) == [
        "report.html",
        "scale.json",
        "scores.csv",
    ]


def test_version_and_help(run: Run) -> None:
    assert run("--version").out.startswith("evenhand ")
    for command in ("demo", "calibrate", "score", "check", "link", "prevalence", "simulate"):
        ended = run(command, "--help")
        assert ended.code == 0
        assert "Example:" in ended.out
