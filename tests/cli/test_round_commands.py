"""A whole round on the command line, and anyone's replay of it."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from evenhand.service.office import open_office
from evenhand.store.tickets import set_results, tickets
from tests.cli.conftest import Run
from tests.cli.offices import Town, make_town, split
from tests.cli.test_how_to_pages import commands_of, follow
from tests.service.offices import finished

PAGE = "run-a-round.md"
PLAN = "round plan winter one --as boris --approved-by elena --second-value-from the-auditor --places 8"
CLOSE = "round close winter one --as boris"
DRAW = "round draw winter one --as boris --value 417 --source letter"
REVEAL = "round reveal winter one --as boris"
FILES = "round files winter one --out files"
VOID = "round void winter one --as boris --reason too-early"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town with 22 people who finished: 11 of each of two patterns, so that the tickets can be public."""
    folder = tmp_path_factory.mktemp("crowd")
    make_town(folder)
    office = open_office(folder / "evenhand-office")
    with office.store:
        for pattern in ("11110000", "11111111"):
            for _ in range(11):
                finished(office, pattern, programme="winter")
    return folder


@pytest.fixture
def many(run: Run, crowd: Path, tmp_path: Path) -> Town:
    shutil.copytree(crowd, tmp_path, dirs_exist_ok=True)
    return Town(run, tmp_path)


@pytest.fixture(scope="module")
def published(crowd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public files of the same town's round."""
    from evenhand.service.round_files import round_files, write_round_files
    from evenhand.service.rounds import close, plan, record_second_value, reveal
    from tests.service.offices import ANALYST

    folder = tmp_path_factory.mktemp("public")
    shutil.copytree(crowd / "evenhand-office", folder / "office")
    office = open_office(folder / "office")
    with office.store:
        plan(office, ANALYST, "winter", "one", approved_by="elena", second_value_from="the auditor", places=8)
        close(office, ANALYST, "winter", "one")
        record_second_value(office, ANALYST, "winter", "one", value="417", source="letter")
        reveal(office, ANALYST, "winter", "one")
        write_round_files(round_files(office, "winter", "one"), folder / "one")
    return folder / "one"


def test_a_whole_round_for_machines(many: Town) -> None:
    planned = json.loads(many.good(*split(PLAN), "--json").out)
    assert (planned["places"], planned["approved_by"]) == (8, "elena")
    closed = json.loads(many.good(*split(CLOSE), "--json").out)
    assert closed["entries"] == 22
    drawn = json.loads(many.good(*split(DRAW), "--json").out)
    assert drawn == {"round": "one", "second_value": "417", "source": "letter"}
    done = json.loads(many.good(*split(REVEAL), "--out", "public", "--json").out)
    to_draw = planned["places"] - planned["reserved"]
    assert (done["offered"], done["waiting"], done["gone"]) == (to_draw, 22 - to_draw, 0)
    assert done["files"] == ["public/protocol.json", "public/tickets.csv"]
    with (many.folder / "public" / "tickets.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 22
    assert sum(row["result"] == "offer" for row in rows) == to_draw
    body = json.loads(many.good("replay", "public", "--json").out)
    assert body == {"round": "one", "identical": True, "difference": None}
    seen = json.loads(many.good(*split("round replay winter one --as elena --json")).out)
    assert (seen["identical"], seen["entries"], seen["offered"]) == (True, 22, to_draw)
    states = json.loads(many.good(*split("queue winter --as clara --json")).out)["cases"]
    assert [row["why"] for row in states] == ["waiting"] * (22 - to_draw)
    assert json.loads(many.good("fsck", "--json").out) == {"findings": []}


def test_a_whole_round_for_people(many: Town) -> None:
    told = many.good(*split(PLAN)).out
    assert "8 places" in told
    assert "approved by elena; second value from: the-auditor" in told
    assert "22 entries" in many.good(*split(CLOSE)).err
    assert "Recorded" in many.good(*split(DRAW)).err
    assert "wait for the next round" in many.good(*split(REVEAL)).err
    assert "files/tickets.csv" in many.good(*split(FILES)).err
    assert "Identical: 22 tickets" in many.good("replay", "files/tickets.csv").err


def test_the_protocol_is_public_before_the_list_is_closed(many: Town) -> None:
    many.good(*split(PLAN))
    assert json.loads(many.good(*split(FILES), "--json").out) == {"files": ["files/protocol.json"]}
    body = json.loads((many.folder / "files" / "protocol.json").read_text("utf-8"))
    assert body["plan"]["commitment"]
    assert body["secret"] is None


def test_a_void_round_says_why_and_changes_no_case(many: Town) -> None:
    before = json.loads(many.good(*split("queue winter --as clara --json")).out)
    many.good(*split(PLAN))
    many.good(*split(CLOSE))
    assert json.loads(many.good(*split(VOID), "--json").out) == {"round": "one", "reason": "too-early"}
    assert json.loads(many.good(*split("queue winter --as clara --json")).out) == before
    ended = many.run(*split(DRAW), "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "round.order"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (CLOSE, "round.order"),
        (DRAW, "round.order"),
        (REVEAL, "round.order"),
        (VOID, "round.order"),
        (FILES, "round.order"),
        (PLAN.replace("winter", "other"), "programme.not-open"),
        (PLAN.replace("--as boris", "--as clara"), "case.not-allowed"),
        (PLAN.replace("--approved-by elena", "--approved-by boris"), "round.approval"),
        (PLAN.replace("--places 8", "--places 8000"), "round.places"),
        (PLAN.replace("winter one", "winter One"), "round.name"),
        (CLOSE.replace("boris", "elena"), "case.not-allowed"),
        ("replay nowhere", "round.file"),
    ],
)
def test_what_cannot_be_done_is_one_explained_error(town: Town, words: str, code: str) -> None:
    ended = town.run(*split(words), "--json")
    assert ended.code == 2
    assert not ended.out
    found = json.loads(ended.err)["error"]
    assert found["code"] == code
    assert found["mend"]


@pytest.mark.parametrize(
    ("file", "old", "new", "step"),
    [
        ("tickets.csv", ",waiting", ",offer", "results"),
        ("tickets.csv", ",10,", ",9,", "list"),
        ("protocol.json", '"second_value": "417"', '"second_value": "418"', "results"),
        ("protocol.json", '"offered": ', '"offered": 1', "sum"),
    ],
)
def test_replay_ends_with_1_and_names_the_first_difference(
    run: Run, published: Path, tmp_path: Path, file: str, old: str, new: str, step: str
) -> None:
    shutil.copytree(published, tmp_path / "copy")
    path = tmp_path / "copy" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    ended = run("replay", "copy", "--json")
    assert ended.code == 1
    body = json.loads(ended.out)
    assert body["identical"] is False
    assert body["difference"]["step"] == step
    assert body["difference"]["where"]
    told = run("replay", "copy")
    assert told.code == 1
    assert body["difference"]["where"] in told.err


def test_replay_needs_no_office(run: Run, published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "elsewhere")
    ended = run("replay", tmp_path / "elsewhere")
    assert ended.code == 0
    assert "Identical" in ended.err


def test_a_round_is_run_as_the_page_says(many: Town) -> None:
    many.finished("00000000")
    rows = json.loads(many.good(*split("queue winter --as clara --json")).out)["cases"]
    (case,) = [row["pseudonym"] for row in rows if row["why"] == "not_this_round"]
    lines = commands_of(PAGE)
    assert len(lines) > 14
    for line in lines:
        follow(many.run, many.folder, line.replace("PSEUDONYM", case))
    assert json.loads(many.case("show", "--json").out)["state"] == "offer"
    assert json.loads(many.good("fsck", "--json").out) == {"findings": []}


def test_an_auditor_s_replay_counts_what_differs_and_names_no_ticket(many: Town) -> None:
    for step in (PLAN, CLOSE, DRAW, REVEAL):
        many.good(*split(step))
    office = open_office(many.folder / "evenhand-office")
    with office.store, office.store.unit() as unit:
        won = next(row.ticket for row in tickets(unit.reading, "winter", "one") if row.result == "offer")
        set_results(unit, [(won, "waiting")])
    ended = many.run(*split("round replay winter one --as elena"))
    assert ended.code == 1
    assert "results, results that differ: 1" in ended.err + ended.out
    assert won not in ended.err + ended.out
    refused = many.run(*split("round replay winter one --as boris --json"))
    assert json.loads(refused.err)["error"]["code"] == "case.not-allowed"
