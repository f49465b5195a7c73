"""`evenhand programme` as who writes a programme uses it."""

import json
from pathlib import Path

import pytest

from evenhand.programme.definition import library_text, load_programme
from tests.cli.conftest import Run


def test_new_writes_a_commented_file_that_has_no_fault(run: Run, tmp_path: Path) -> None:
    assert run("programme", "new", "winter.yaml").code == 0
    text = (tmp_path / "winter.yaml").read_text("utf-8")
    assert "\nname: winter\n" in text
    assert text.replace("name: winter", "name: demo-town", 1).encode() == library_text("demo-town")
    ended = run("programme", "check", "winter.yaml")
    assert ended.code == 0
    for heading in ("No fault", "Asked", "Stored", "Decided", "Published", "Erased", "Take note"):
        assert heading in ended.out


@pytest.mark.parametrize("name", ["police.yaml", "….yaml", "1.yaml"])
def test_a_file_name_that_makes_no_name_leaves_the_library_s(run: Run, tmp_path: Path, name: str) -> None:
    ended = run("programme", "new", name, "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out) == {"out": name, "name": "demo-town", "from": "demo-town"}
    assert (tmp_path / name).read_bytes() == library_text("demo-town")


def test_new_never_replaces_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("precious", encoding="utf-8")
    ended = run("programme", "new", "mine.yaml", "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "output.exists"
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("new", "no/such/folder/mine.yaml"), "output.unwritable"),
        (("new", "mine.yaml", "--from", "nowhere"), "programme.not-found"),
        (("check", "nowhere.yaml"), "programme.not-found"),
        (("check", "."), "programme.directory"),
        (("show", "nowhere.yaml"), "programme.not-found"),
    ],
)
def test_what_cannot_be_used_is_one_error(run: Run, words: tuple[str, ...], code: str) -> None:
    ended = run("programme", *words, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == code


def test_check_lists_every_fault_with_its_line(run: Run, tmp_path: Path) -> None:
    text = library_text("demo-town").decode().replace("certain_no: 0.10", "certain_no: 0.95")
    text = text.replace("cost: 1900", "cost: 190000").replace("key: quarry", "key: mill")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    ended = run("programme", "check", "mine.yaml", "--json")
    assert ended.code == 1
    body = json.loads(ended.out)
    assert [fault["code"] for fault in body["faults"]] == [
        "programme.band", "programme.cost", "programme.area-twice",
    ]  # fmt: skip
    assert all("mine.yaml, line " in fault["where"] and fault["mend"] for fault in body["faults"])
    assert body["all_looked_at"] is True
    assert body["meaning"] is None
    told = run("programme", "check", "mine.yaml")
    assert told.code == 1
    assert "3 faults" in told.out
    assert "programme.area-twice" in told.out


def test_check_says_when_not_everything_was_looked_at(run: Run, tmp_path: Path) -> None:
    text = library_text("demo-town").decode().replace("places: 100", "places: many")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    assert json.loads(run("programme", "check", "mine.yaml", "--json").out)["all_looked_at"] is False
    assert "once these are mended" in run("programme", "check", "mine.yaml").err


def test_check_lists_a_file_that_is_no_yaml_as_a_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: [", encoding="utf-8")
    ended = run("programme", "check", "mine.yaml", "--json")
    assert ended.code == 1
    assert [fault["code"] for fault in json.loads(ended.out)["faults"]] == ["programme.yaml"]


def test_show_names_the_hashes_that_decisions_are_bound_to(run: Run) -> None:
    town = load_programme("demo-town")
    body = json.loads(run("programme", "show", "demo-town", "--json").out)
    assert body["hashes"]["programme"] == town.hash()
    assert body["hashes"]["rule"] == town.rule_hash()
    assert body["hashes"]["notice"] == town.notice_hash()
    assert body["hashes"]["need_scale"] == town.need_scale().hash()
    assert "capacity_scale" not in body["hashes"]
    assert body["ends"] == "2027-06-30"
    told = run("programme", "show", "demo-town")
    assert told.code == 0
    assert town.hash() in told.out


def test_the_meaning_says_when_each_field_is_erased(run: Run) -> None:
    body = json.loads(run("programme", "check", "demo-town", "--json").out)
    erased = " ".join(body["meaning"]["erased"])
    for field in load_programme("demo-town").fields:
        assert f"{field.name}: {field.expires_days} days" in erased
    assert any("every level is unknown" in line for line in body["meaning"]["open"])
