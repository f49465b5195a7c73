"""`evenhand programme guard`, and the guard before every command that takes a column or a file of names."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from tests.cli.conftest import Run

GUARD = ("programme", "guard")
FORBIDDEN = (
    "passport_no",
    "religion",
    "gps_lat",
    "снилс",
    "party_vote",
    "debt_register",
    "trust_score",
    "paspоrt",
)
ITEMS = ("--items", "Q1,Q2,Q3,Q4,Q5")


def write(tmp_path: Path, name: str, text: str) -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return name


def test_phrases_one_a_line(run: Run, tmp_path: Path) -> None:
    name = write(tmp_path, "p.txt", "What is your religion?\n\nDo you skip meals?\nhome_language\n")
    ended = run(*GUARD, name, "--json")
    assert ended.code == 1
    assert json.loads(ended.out) == [
        {"text": "What is your religion?", "verdict": "refuse", "rule": "boundary.religion"},
        {"text": "Do you skip meals?", "verdict": "allow", "rule": None},
        {"text": "home_language", "verdict": "doubt", "rule": "boundary.ethnicity"},
    ]


def test_a_table_for_a_person(run: Run, tmp_path: Path) -> None:
    ended = run(*GUARD, write(tmp_path, "p.txt", "What is your religion?\n"))
    assert "refuse" in ended.out
    assert "boundary.religion" in ended.out
    assert "1 refused, 0 doubted, 0 allowed." in ended.err


def test_all_allowed_ends_with_0(run: Run, tmp_path: Path) -> None:
    assert run(*GUARD, write(tmp_path, "p.txt", "\ufeffDo you skip meals?\r\nХватает ли еды?\r\n")).code == 0


def test_a_doubt_alone_ends_with_1(run: Run, tmp_path: Path) -> None:
    assert run(*GUARD, write(tmp_path, "p.txt", "home_language\n")).code == 1


@pytest.mark.parametrize(
    ("words", "text"), [((), "id,text\n1,snils\n"), (("--column", "ask"), "id;ask\n1;snils\n")]
)
def test_a_column_of_a_table(run: Run, tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    ended = run(*GUARD, write(tmp_path, "p.csv", text), *words, "--json")
    assert [row["rule"] for row in json.loads(ended.out)] == ["boundary.identity"]


def test_the_kind_may_be_said(run: Run, tmp_path: Path) -> None:
    name = write(tmp_path, "p.txt", "party\n")
    assert run(*GUARD, name, "--kind", "name").code == 1
    assert run(*GUARD, name, "--kind", "wording").code == 0
    assert "[options.unknown-value]" in run(*GUARD, name, "--kind", "song").err


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("p.txt", b"", "phrases.empty"),
        ("p.txt", "\xe9t\xe9".encode("latin-1"), "phrases.not-utf8"),
        ("p.csv", b"a,b\n1,2\n", "phrases.unknown-column"),
        ("p.csv", b"text,text\n1,2\n", "phrases.unknown-column"),
        ("p.csv", b'text\n"open\n', "phrases.table"),
        ("p.csv", b"text\n\n", "phrases.empty"),
    ],
)
def test_files_that_cannot_be_read(run: Run, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    ended = run(*GUARD, name)
    assert ended.code == 2
    assert f"[{code}]" in ended.err
    assert ended.out == ""


def test_no_file_and_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "[phrases.not-found]" in run(*GUARD, "nowhere.txt").err
    assert "[phrases.directory]" in run(*GUARD, "folder").err


@pytest.fixture
def scaled(run: Run, survey: Path) -> Path:
    """A survey and its scale."""
    assert run("calibrate", survey, *ITEMS).code == 0
    return survey


def refused(run: Run, *words: object) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert "[boundary." in ended.err
    assert "why" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("option", ["--items", "--weights", "--cluster"])
@pytest.mark.parametrize("column", FORBIDDEN)
def test_calibrate_reads_no_forbidden_column(run: Run, survey: Path, option: str, column: str) -> None:
    chosen = {"--items": ("--items", f"Q1,Q2,{column}")}.get(option, (*ITEMS, option, column))
    kind = ("--weights-kind", "sampling") if option == "--weights" else ()
    refused(run, "calibrate", survey, *chosen, *kind)


@pytest.mark.parametrize("column", [*FORBIDDEN, "citizenship", "country_of_birth"])
def test_no_group_by_what_is_never_asked(run: Run, scaled: Path, column: str) -> None:
    refused(run, "prevalence", scaled, "--scale", "scale.json", "--threshold", "0", "--by", column)
    refused(run, "dif", scaled, "--scale", "scale.json", "--group", column)
    refused(run, "check", scaled, "--scale", "scale.json", "--group", column)


@pytest.mark.parametrize("option", ["--weights", "--cluster"])
def test_no_weight_or_cluster_in_the_commands_that_use_a_scale(run: Run, scaled: Path, option: str) -> None:
    kind = ("--weights-kind", "sampling") if option == "--weights" else ()
    for command in (("prevalence", "--threshold", "0"), ("check",)):
        refused(run, command[0], scaled, "--scale", "scale.json", *command[1:], option, "passport_no", *kind)


def test_an_instrument_with_a_forbidden_item_is_refused(run: Run, survey: Path) -> None:
    library = files("evenhand.programme") / "library" / "fies.yaml"
    text = re.sub(r"(wording:\s+en: )[^\n]+", r'\1"What is your religion?"', library.read_text("utf-8"), count=1)
    survey.with_name("own.yaml").write_text(text, encoding="utf-8")
    ended = run("calibrate", survey, "--instrument", "own.yaml")
    assert ended.code == 2
    assert ended.out == ""
    assert "[boundary.religion]" in ended.err


def test_a_scale_file_with_a_forbidden_item_is_not_scored(run: Run, scaled: Path) -> None:
    path = scaled.with_name("scale.json")
    path.write_text(path.read_text("utf-8").replace('"Q1"', '"passport_no"'), encoding="utf-8")
    refused(run, "score", scaled, "--scale", "scale.json")
