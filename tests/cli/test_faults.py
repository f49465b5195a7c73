"""Bad input gets one clear error, exit code 2, and nothing is lost or half-written."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evenhand.measure import problem
from tests.cli.conftest import Run

ITEMS = ("--items", "Q1,Q2,Q3,Q4,Q5")
GOOD = "Q1,Q2,Q3\n" + "1,0,0\n0,1,1\n1,1,0\n0,0,1\n" * 5

FAULTS = {
    "wrong code": ("fies", "WORRIED,HEALTHY\n1,0\n7,1\n", "answers.unknown-code"),
    "unknown column": ("Q1,Q2,Q9", GOOD, "answers.unknown-column"),
    "duplicate header": ("Q1,Q2", "Q1,Q1,Q2\n1,1,0\n0,1,1\n", "answers.duplicate-column"),
    "empty file": ("Q1,Q2", "", "answers.empty-file"),
    "header only": ("Q1,Q2", "Q1,Q2\n", "answers.no-rows"),
    "all missing": ("Q1,Q2", "Q1,Q2\n,\n,\n", "answers.all-missing"),
    "constant item": ("Q1,Q2", "Q1,Q2\n1,0\n1,1\n1,0\n", "answers.constant-item"),
    "one item": ("Q1", GOOD, "estimation.one-item"),
    "fewer people than parameters": ("Q1,Q2,Q3", "Q1,Q2,Q3\n1,0,0\n0,1,1\n", "estimation.too-few-people"),
    "cut off in its last line": ("Q1,Q2,Q3", GOOD + "1,0", "answers.cut-off"),
    "three categories": ("Q1,Q2", "Q1,Q2\n0,0\n1,1\n2,0\n0,1\n", "estimation.not-binary"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_clear_error_and_no_output(run: Run, tmp_path: Path, fault: str) -> None:
    names, text, code = FAULTS[fault]
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    chosen = ("--instrument", names, "--items", "WORRIED,HEALTHY") if names == "fies" else ("--items", names)
    ended = run("calibrate", "bad.csv", *chosen, "--report", "report.html")
    assert ended.code == 2
    assert f"[{code}]" in ended.err
    assert "mend" in ended.err
    assert ended.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_a_folder_another_encoding_and_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "latin.csv").write_bytes("Q1,Q2\n1,\xe9\n".encode("latin-1"))
    for name, code in (
        ("folder.csv", "answers.directory"),
        ("latin.csv", "answers.not-utf8"),
        ("nowhere.csv", "answers.not-found"),
    ):
        ended = run("calibrate", name, "--items", "Q1,Q2")
        assert ended.code == 2
        assert f"[{code}]" in ended.err


def test_an_error_for_machines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("WORRIED,HEALTHY\n1,0\n7,1\n", encoding="utf-8")
    words = ("calibrate", "bad.csv", "--instrument", "fies", "--items", "WORRIED,HEALTHY", "--json")
    error = json.loads(run(*words).err)["error"]
    assert error["code"] == "answers.unknown-code"
    assert "WORRIED" in error["where"]
    assert "row 2" in error["where"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--model", "3pl"), "options.unknown-value"),
        (("--method", "bayes"), "options.unknown-value"),
        (("--method", "cml", "--model", "2pl"), "options.cml-needs-rasch"),
        (("--errors", "fao"), "options.fao-needs-cml"),
        (("--weights", "wt"), "weights.kind-missing"),
        (("--weights", "wt", "--weights-kind", "heavy"), "options.unknown-value"),
        (("--out", "nowhere/scale.json"), "output.unwritable"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
@pytest.mark.usefixtures("survey")
def test_options_that_cannot_be(run: Run, words: tuple[str, ...], code: str) -> None:
    ended = run("calibrate", "survey.csv", *ITEMS, *words)
    assert ended.code == 2
    assert f"[{code}]" in ended.err


@pytest.mark.usefixtures("survey")
def test_usage_errors_end_with_2(run: Run) -> None:
    assert run("calibrate").code == 2
    assert run("calibrate", "survey.csv").code == 2  # neither items nor instrument
    assert run("nonsense").code == 2
    assert run("score", "survey.csv", "--scale", "nowhere.json").code == 2


def test_scale_files_that_are_none(run: Run, survey: Path) -> None:
    survey.with_name("broken.json").write_text("{", encoding="utf-8")
    survey.with_name("other.json").write_text("{}", encoding="utf-8")
    assert "[scale.not-json]" in run("score", "survey.csv", "--scale", "broken.json").err
    assert "[scale.format]" in run("score", "survey.csv", "--scale", "other.json").err


@pytest.mark.usefixtures("survey")
def test_a_threshold_and_a_reference_nobody_knows(run: Run) -> None:
    run("calibrate", "survey.csv", *ITEMS)
    assert (
        "[scale.unknown-threshold]"
        in run("score", "survey.csv", "--scale", "scale.json", "--threshold", "moderate").err
    )
    assert (
        "[score.no-probability]"
        in run("score", "survey.csv", "--scale", "scale.json", "--threshold", "1", "--method", "ml").err
    )
    assert "[link.too-few-items]" in run("link", "--scale", "scale.json", "--to", "fies-global").err


@pytest.mark.parametrize("column", ["passport_no", "religion", "ethnicity", "gps_lat", "снилс", "phone_number"])
def test_no_figures_by_what_is_never_asked(run: Run, survey: Path, column: str) -> None:
    """The boundary: no identity, location or forbidden group, not even by a renamed column's own name."""
    text = survey.read_text("utf-8")
    survey.write_text(text.replace("region", column, 1), encoding="utf-8")
    run("calibrate", "survey.csv", *ITEMS)
    words = ("prevalence", "survey.csv", "--scale", "scale.json", "--threshold", "0", "--by", column)
    ended = run(*words)
    assert ended.code == 2
    assert "[boundary." in ended.err


def test_a_group_of_one_person_shows_no_figure(run: Run, survey: Path) -> None:
    """Nor can it be found by subtraction: a second group is withheld with it."""
    lines = survey.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace("north", "island").replace("south", "island").replace("west", "island")
    survey.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run("calibrate", "survey.csv", *ITEMS)
    words = ("prevalence", "survey.csv", "--scale", "scale.json", "--threshold", "0", "--by", "region", "--json")
    by = json.loads(run(*words).out)["by"]
    assert by["island"] == {
        "prevalence": None,
        "se": None,
        "n": None,
        "n_weighted": None,
        "reason": "too few people",
    }
    assert sum(figures["prevalence"] is None for figures in by.values()) == 2


def test_a_column_of_names_is_not_a_group(run: Run, survey: Path) -> None:
    run("calibrate", "survey.csv", *ITEMS)
    words = ("prevalence", survey, "--scale", "scale.json", "--threshold", "0", "--by", "favourite_dish")
    ended = run(*words)
    assert ended.code == 2
    assert "[groups.too-many]" in ended.err


def test_an_interrupt_leaves_no_file(run: Run, survey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(problem.Problem, "improve", interrupted)
    ended = run("calibrate", "survey.csv", *ITEMS, "--report", "report.html")
    assert ended.code == 3
    assert "Interrupted" in ended.err
    assert [path.name for path in survey.parent.iterdir()] == ["survey.csv"]


SLOW_COMMAND = """
import time
from evenhand.cli import main
from evenhand.measure import problem

def slow(*_):
    print("working", flush=True)
    time.sleep(60)

problem.Problem.improve = slow
main()
"""


def test_a_real_interrupt_ends_with_3(survey: Path) -> None:
    """Ctrl-C in the middle of the estimation, as the operating system sends it."""
    words = [sys.executable, "-c", SLOW_COMMAND, "calibrate", "survey.csv", *ITEMS, "--report", "report.html"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=survey.parent, stdout=pipe, stderr=pipe, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "working\n"
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=60)
    assert started.returncode == 3
    assert "Interrupted" in err
    assert [path.name for path in survey.parent.iterdir()] == ["survey.csv"]
