"""The guard stands before every command that takes a file or the name of a column: one row a way in.

A command or an option that is new fails `test_every_way_in_is_listed` until it stands in a row, or among those
that name nothing that the guard reads.
"""

import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.main import get_command

import evenhand as eh
from evenhand.cli.app import app
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes
from tests.cli.conftest import Run
from tests.cli.offices import programme_text
from tests.programme.forms import SURVEY, write_form

ITEMS = "--items Q1,Q2,Q3"
WEIGHTS = "--weights-kind sampling --weights"
BAD = ("religion", "nomer_pasporta")
"""Columns: one in English, one in Russian written in Latin letters."""

COLUMNS = (
    "calibrate survey.csv --items Q1,Q2,{bad}",
    f"calibrate survey.csv {ITEMS} {WEIGHTS} {{bad}}",
    f"calibrate survey.csv {ITEMS} --cluster {{bad}}",
    f"calibrate survey.csv {ITEMS} --group {{bad}}",
    "calibrate survey.csv --items Q1,Q2,{bad} --components need=Q1,Q2;capacity={bad}",
    f"calibrate survey.csv {ITEMS},{{bad}} --fixed scale.json --fixed-items {{bad}}",
    f"calibrate survey.csv {ITEMS},{{bad}} --item-model {{bad}}=pcm",
    "compare survey.csv --models rasch,2pl --items Q1,Q2,{bad}",
    f"compare survey.csv --models rasch,2pl {ITEMS} {WEIGHTS} {{bad}}",
    "dif survey.csv --items Q1,Q2,{bad} --group region",
    f"dif survey.csv {ITEMS} --group {{bad}}",
    f"dif survey.csv {ITEMS} --group region --cluster {{bad}}",
    f"dif survey.csv {ITEMS} --group region {WEIGHTS} {{bad}}",
    "check survey.csv --scale scale.json --group {bad}",
    "check survey.csv --scale scale.json --cluster {bad}",
    f"check survey.csv --scale scale.json {WEIGHTS} {{bad}}",
    "prevalence survey.csv --scale scale.json --threshold 0 --by {bad}",
    "prevalence survey.csv --scale scale.json --threshold 0 --cluster {bad}",
    f"prevalence survey.csv --scale scale.json --threshold 0 {WEIGHTS} {{bad}}",
)
"""Commands with a column's name in their words."""

FILES = (
    "score survey.csv --scale bad-scale.json",
    "check survey.csv --scale bad-scale.json",
    "prevalence survey.csv --scale bad-scale.json --threshold 0",
    "dif survey.csv --scale bad-scale.json --group region",
    "link --scale bad-scale.json --to fies-global",
    "link --scale scale.json --to bad-scale.json",
    "simulate --scale bad-scale.json --n 10 --seed 1",
    "score-table --scale bad-scale.json",
    "adaptive simulate --scale bad-scale.json --seed 1 --n 10",
    "adaptive simulate --scale scale.json --seed 1 --n 10 --instrument bad-instrument.yaml",
    f"calibrate survey.csv {ITEMS} --fixed bad-scale.json",
    "calibrate survey.csv --instrument bad-instrument.yaml",
    "compare survey.csv --models rasch,2pl --instrument bad-instrument.yaml",
    "dif survey.csv --instrument bad-instrument.yaml --group region",
    "instrument to-xlsform bad-instrument.yaml",
    "instrument check bad-instrument.yaml",
    "instrument from-xlsform bad-form.xlsx --items WARM",
    "programme show bad-programme.yaml",
    "statistics power bad-programme.yaml",
)
"""Commands with a file in which a name or a question is forbidden."""

CHECKS = ("programme check bad-programme.yaml", "programme check bad-field.yaml")
"""Commands whose very work is to find such faults: all of them, and exit 1."""

NO_NAMES = {
    "--out", "--report", "--seed", "--n", "--threshold", "--model", "--models", "--method", "--missing",
    "--errors", "--weights-kind", "--reference", "--rule", "--plausible", "--joint", "--fast", "--sets",
    "--min-n", "--symmetric", "--truth", "--certain-yes", "--certain-no", "--min-items", "--max-items",
    "--se-target", "--best-of", "--expect", "--people", "--change", "--kind", "--column", "--direction",
    "--categories", "--language", "--name", "--component", "--respondent", "--wording", "--licence",
    "--citation", "--from",
}  # fmt: skip
"""Options that name no column and no file to read: numbers, choices, places to write to, what a new file says; and
the library's programme that a new one is made from."""

AMONG_ITEMS = {"--without", "--first", "--area", "--enemies", "--anchors"}
"""Options that choose among items that were read already: any other name is no item, and an error."""

AT_WORK = {
    "demo", "serve", "office", "staff", "api-token", "invite", "partner", "case", "collect", "queue", "decide",
    "appeal", "complain", "round", "replay", "publish", "audit", "sweep", "rescore", "fsck", "keys", "backup",
    "restore", "receipt", "verify", "statistics show", "programme open", "programme close",
}  # fmt: skip
"""Commands of an office: its programme was checked when it was opened, which reads as `programme check` does."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey with its scale, and beside each kind of file one that asks about religion."""
    folder = tmp_path_factory.mktemp("guarded")
    rng = np.random.default_rng(5)
    items = items_from_thresholds(np.ones(3), np.array([[-0.5], [0.0], [0.5]]))
    codes = simulate_codes(rng, items, rng.normal(0, 1.5, 300))
    lines = ["Q1,Q2,Q3,region,wt," + ",".join(BAD)]
    lines += [
        ",".join(map(str, row)) + f",{'ab'[n % 2]},1" + f",{n % 2}" * len(BAD) for n, row in enumerate(codes)
    ]
    (folder / "survey.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    eh.calibrate(eh.read_answers(folder / "survey.csv", items=["Q1", "Q2", "Q3"])).save(folder / "scale.json")
    scale = (folder / "scale.json").read_text("utf-8")
    (folder / "bad-scale.json").write_text(scale.replace('"Q1"', '"religion"'), encoding="utf-8")
    fies = (files("evenhand.programme") / "library" / "fies.yaml").read_text("utf-8")
    (folder / "bad-instrument.yaml").write_text(
        fies.replace("did you ever stay hungry because you could not pay for a meal?", "did you pray?"), "utf-8"
    )
    programme = programme_text()
    (folder / "bad-programme.yaml").write_text(
        programme.replace("Do you live alone or with others?", "What is your religion?"), encoding="utf-8"
    )
    (folder / "bad-field.yaml").write_text(
        programme.replace("name: home_kind", "name: passport_no").replace("home_kind", "passport_no"), "utf-8"
    )
    write_form(folder / "bad-form.xlsx", (*SURVEY, ("text", "religion", "Your faith", "Ваша вера", "")))
    return folder


@pytest.fixture
def guarded(made: Path, run: Run, tmp_path: Path) -> Run:
    """Run a command in a folder with these files."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return run


def refused(run: Run, folder: Path, words: list[str]) -> str:
    """The code with which a command was refused: exit 2, an explained error, nothing shown, nothing written."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ended = run(*words, "--json")
    assert ended.code == 2, ended.out
    assert ended.out == ""
    error: dict[str, Any] = json.loads(ended.err)["error"]
    assert error["what"]
    assert error["why"]
    assert error["mend"]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return str(error["code"])


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("command", COLUMNS)
def test_a_forbidden_column_is_refused(guarded: Run, tmp_path: Path, command: str, bad: str) -> None:
    words = [word.replace("{bad}", bad) for word in command.split()]
    assert refused(guarded, tmp_path, words).startswith("boundary.")


@pytest.mark.parametrize("command", FILES)
def test_a_file_with_a_forbidden_name_or_question_is_refused(guarded: Run, tmp_path: Path, command: str) -> None:
    assert refused(guarded, tmp_path, command.split()).startswith("boundary.")


@pytest.mark.parametrize("command", CHECKS)
def test_the_check_of_a_programme_names_it(guarded: Run, tmp_path: Path, command: str) -> None:
    before = sorted(tmp_path.iterdir())
    ended = guarded(*command.split(), "--json")
    assert ended.code == 1
    assert {each["code"].partition(".")[0] for each in json.loads(ended.out)["faults"]} == {"boundary"}
    assert sorted(tmp_path.iterdir()) == before


def ways_in(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Every command with every option or file that it takes."""
    if hasattr(command, "commands"):
        return [found for name, each in command.commands.items() for found in ways_in(each, (*path, name))]
    names = [each.opts[0] if each.param_type_name == "option" else each.name for each in command.params]
    return [(" ".join(path), name) for name in names if name not in {"--json", "--help"}]


def test_every_way_in_is_listed() -> None:
    assert isinstance(app, typer.Typer)
    rows = (*COLUMNS, *FILES, *CHECKS)
    for command, name in ways_in(get_command(app)):
        if name in NO_NAMES | AMONG_ITEMS or {command, command.split()[0]} & AT_WORK:
            continue
        if command in {"programme guard", "programme new"}:  # the guard itself, and a file of the library
            continue
        own = [row for row in rows if row.startswith(f"{command} ")]
        assert own, command
        if name.startswith("--"):
            assert any(f" {name} " in f"{row} " for row in own), f"{command} {name}"
