"""`evenhand instrument`: files out, findings as exit code 1, errors as exit code 2."""

import json
from pathlib import Path

import pytest

from evenhand.programme.instrument import load_instrument
from tests.cli.conftest import Run
from tests.programme.forms import SURVEY, write_form


def test_out_and_back(run: Run) -> None:
    assert run("instrument", "to-xlsform", "fies", "--out", "fies.xlsx").code == 0
    made = run("instrument", "from-xlsform", "fies.xlsx", "--out", "back.yaml", "--json")
    assert made.code == 0
    body = json.loads(made.out)
    assert body["hash"] == load_instrument("fies").hash() == load_instrument("back.yaml").hash()
    assert body["findings"] == []
    assert set(body) == {"out", "name", "hash", "items", "languages", "notes", "findings"}
    assert run("instrument", "check", "fies.xlsx").code == 0
    assert json.loads(run("instrument", "check", "back.yaml", "--json").out) == {
        "file": "back.yaml",
        "findings": [],
    }


def test_a_form_with_options(run: Run, tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx")
    items = ("--items", "SKIPPED,WARM", "--direction", "more", "--direction", "WARM=less", "--language", "en")
    codes = ("--categories", "have:1=0,2=2,3=1", "--missing", "98=refused", "--component", "capacity")
    facts = ("--name", "mine", "--respondent", "household", "--wording", "own", "--licence", "CC0-1.0")
    words = (*items, *codes, *facts, "--citation", "Town, 2026")
    ended = run("instrument", "from-xlsform", "form.xlsx", *words, "--out", "mine.yaml")
    assert ended.code == 0, ended.err
    assert "98 (Don't know) is no answer, refused" in ended.out
    made = load_instrument("mine.yaml")
    assert (made.name, made.component, made.respondent, made.licence) == (
        "mine",
        "capacity",
        "household",
        "CC0-1.0",
    )
    assert [(item.name, item.direction) for item in made.items] == [("SKIPPED", "more"), ("WARM", "less")]
    assert made.coding()[1].categories == 3


def test_findings_end_with_1(run: Run, tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx", [*SURVEY, ("start", "start")])
    ended = run("instrument", "check", "form.xlsx")
    assert ended.code == 1
    assert "boundary.paradata" in ended.out
    body = json.loads(run("instrument", "check", "form.xlsx", "--json").out)
    assert [(each["rule"], each["row"]) for each in body["findings"]] == [("boundary.paradata", 7)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("from-xlsform", "form.xlsx"), "xlsform.direction"),
        (("from-xlsform", "nowhere.xlsx"), "xlsform.unreadable"),
        (("from-xlsform", "form.xlsx", "--direction", "up"), "options.form"),
        (("from-xlsform", "form.xlsx", "--missing", "98"), "options.form"),
        (("from-xlsform", "form.xlsx", "--missing", "98=shrugged"), "options.form"),
        (("from-xlsform", "form.xlsx", "--categories", "have=1"), "options.form"),
        (("from-xlsform", "form.xlsx", "--language", "Klingon"), "options.form"),
        (("from-xlsform", "form.xlsx", "--component", "worth"), "options.unknown-value"),
        (("from-xlsform", "form.xlsx", "--direction", "more", "--out", "no/where.yaml"), "output.unwritable"),
        (("to-xlsform", "nothing"), "instrument.not-found"),
        (("to-xlsform", "fies", "--out", "form.csv"), "output.form-extension"),
        (("check", "nothing"), "instrument.not-found"),
    ],
)
def test_one_clear_error_and_no_output(words: tuple[str, ...], code: str, run: Run, tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx")
    ended = run("instrument", *words, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == code
    assert [path.name for path in tmp_path.iterdir()] == ["form.xlsx"]


def test_a_form_beyond_the_boundary_is_refused_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx", [*SURVEY, ("geopoint", "where", "Where?", "Где?")])
    ended = run("instrument", "from-xlsform", "form.xlsx", "--direction", "more", "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "boundary.paradata"
    assert not (tmp_path / "instrument.yaml").exists()
