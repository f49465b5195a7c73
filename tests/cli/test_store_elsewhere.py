"""An office whose store is elsewhere: told once, remembered, and on PostgreSQL as on SQLite."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from evenhand.service.storeplace import STORE_URL
from tests.cli.commands import Run
from tests.cli.offices import STAFF, Town, programme_text, split
from tests.store.conftest import postgres_box
from tests.store.stores import PostgresBox

__all__ = ["postgres_box"]

NEW = ("office", "new", "evenhand-office", "--origin", "town.example/evenhand")


def refused(run: Run, *words: object) -> str:
    ended = run(*words, "--json")
    assert (ended.code, ended.out) == (2, "")
    return str(json.loads(ended.err)["error"]["code"])


def remembered(folder: Path) -> Path:
    return folder / "evenhand-office" / STORE_URL


def elsewhere(folder: Path, name: str = "elsewhere.db") -> str:
    return f"sqlite:///{folder / name}"


def test_a_store_that_was_named_once_is_found_from_then_on(run: Run, tmp_path: Path) -> None:
    assert run(*NEW, "--store", "sqlite:///elsewhere.db").code == 0
    place = remembered(tmp_path)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert place.read_text("utf-8") == elsewhere(tmp_path) + "\n"
    assert run(*split("staff add anna --role administrator --as anna")).code == 0
    assert json.loads(run("office", "show", "--json").out)["entries"] == 1
    assert not (tmp_path / "evenhand-office" / "store.db").exists()


def test_a_store_named_by_a_variable_is_not_written_down(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENHAND_STORE", elsewhere(tmp_path))
    assert run(*NEW).code == 0
    assert not remembered(tmp_path).exists()
    assert run("office", "show").code == 0


def test_an_office_is_told_where_its_store_went(town: Town) -> None:
    (town.folder / "evenhand-office" / "store.db").rename(town.folder / "moved.db")
    assert refused(town.run, "office", "show") == "store.empty"
    town.good("office", "remember", elsewhere(town.folder, "moved.db"))
    assert json.loads(town.good("office", "show", "--json").out)["entries"] == 5
    town.good("office", "remember", elsewhere(town.folder, "moved.db"), "--json")


def test_what_others_can_read_is_not_used(town: Town) -> None:
    town.good("office", "remember", elsewhere(town.folder))
    remembered(town.folder).chmod(0o644)
    assert refused(town.run, "office", "show") == "store.place"


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://somewhere/else", "postgresql+pg8000://u:secret@127.0.0.1:1/x"]
)
def test_nothing_is_made_for_a_store_that_cannot_be_reached(run: Run, tmp_path: Path, url: str) -> None:
    ended = run(*NEW, "--store", url, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert "secret" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_new_keys_are_not_made_for_another_office_s_store(town: Town) -> None:
    taken = f"sqlite:///{town.folder / 'evenhand-office' / 'store.db'}"
    words = ("office", "new", "second", "--origin", "other.example/x", "--store", taken)
    assert refused(town.run, *words) == "store.taken"
    assert not (town.folder / "second").exists()


@pytest.mark.parametrize("audited", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "audited"])
def test_an_office_lives_on_postgresql_from_its_making_to_its_audit(
    run: Run, tmp_path: Path, postgres_box: Callable[[], PostgresBox], audited: bool
) -> None:
    town = Town(run, tmp_path)
    (tmp_path / "winter.yaml").write_text(programme_text(), encoding="utf-8")
    town.good(*NEW, "--store", postgres_box().new_url())
    for name, role in STAFF:
        town.good("staff", "add", name, "--role", role, "--as", "anna")
    town.good(*split("programme open winter.yaml --as boris"))
    town.finished("10000000")
    (row,) = json.loads(town.good(*split("queue winter --as clara --json")).out)["cases"]
    reason = "No answer says that food is short."
    town.good("decide", row["pseudonym"], "--as", "clara", "--not-this-round", "--reason", reason)
    assert "no answer" in town.case("why").out.casefold()
    town.good(*split("keys rotate winter --as anna"))
    town.good(*split("keys rotate-signing --as anna"))
    town.good(*split("receipt 0 --as elena --out first.json"))
    keys = json.loads(town.good("keys", "show", "--json").out)
    assert town.good("verify", "first.json", "--key", keys["former"][0]).code == 0
    if audited:  # the audit itself takes most of the time, whatever the database
        town.good(*split("audit winter --as elena --out evidence"))
    town.case("erase", "--receipt", "erased.json")
    assert town.good(*split("fsck")).code == 0
    assert not (tmp_path / "evenhand-office" / "store.db").exists()
