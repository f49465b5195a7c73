"""Deciding a case, saying why, contesting it and complaining: as caseworkers and people use the commands."""

import io
import json
import os
import re
import sys

import pytest

from tests.cli.offices import Town, split

REASON = "No answer says that food is short."


def refused(town: Town, *words: object) -> str:
    ended = town.run(*words, "--json")
    assert ended.code == 2
    assert not ended.out
    found: dict[str, str] = json.loads(ended.err)["error"]
    assert found["what"]
    assert found["mend"]
    return found["code"]


def case_in_the_queue(town: Town) -> str:
    rows = json.loads(town.good(*split("queue winter --as clara --json")).out)["cases"]
    assert len(rows) == 1
    return str(rows[0]["pseudonym"])


@pytest.fixture
def decided(town: Town) -> Town:
    """One case that gets nothing in this round, by clara; dora has no part in it."""
    town.good(*split("staff add dora --role caseworker --as anna"))
    town.finished("10000000")
    words = ("decide", case_in_the_queue(town), "--as", "clara", "--not-this-round", "--reason", REASON)
    town.good(*words)
    return town


# the queue


def test_the_queue_says_why_a_case_needs_a_person_and_shows_no_measure(town: Town) -> None:
    town.finished("11110000")
    (row,) = json.loads(town.good(*split("queue winter --as clara --json")).out)["cases"]
    assert set(row) == {"pseudonym", "why", "reasons", "state", "since", "answer_by"}
    assert (row["state"], row["answer_by"]) == ("proposed", None)
    told = town.good(*split("queue winter --as clara")).out
    assert row["pseudonym"] in told
    assert "1 open cases" in told


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("queue winter --as boris", "case.not-allowed"),
        ("queue winter --as nobody", "staff.unknown"),
        ("decide nobody --as clara --not-this-round --reason words", "case.unknown"),
        ("decide nobody --as boris --not-this-round --reason words", "case.not-allowed"),
        ("decide nobody --as clara --reason words", "decide.one-outcome"),
        ("decide nobody --as clara --reason words --offer x --not-this-round", "decide.one-outcome"),
        ("appeal list winter --as boris", "case.not-allowed"),
        ("appeal list other --as clara", "programme.not-open"),
        ("appeal answer nobody --as clara --reason words", "case.unknown"),
        ("complain other --text words.txt", "programme.not-open"),
        ("complain winter --text empty.txt", "complaint.empty"),
        ("complain winter --text nowhere.txt", "options.unreadable-file"),
        ("complain winter --text long.txt", "complaint.words"),
        ("case why winter --code-file words.txt", "code.check"),
    ],
)
def test_what_cannot_be_done_is_one_explained_error(town: Town, words: str, code: str) -> None:
    (town.folder / "words.txt").write_text("The sheet came late.", encoding="utf-8")
    (town.folder / "empty.txt").write_text(" \n", encoding="utf-8")
    (town.folder / "long.txt").write_text("a" * 5001, encoding="utf-8")
    assert refused(town, *words.split()) == code


# deciding


def test_an_offer_is_decided_with_a_reason(town: Town) -> None:
    town.finished("11111111")
    case = case_in_the_queue(town)
    words = ("decide", case, "--as", "clara", "--offer", "food-parcel", "--reason", "The answers are clear.")
    body = json.loads(town.good(*words, "--json").out)
    assert (body["kind"], body["support"], body["overrides"]) == ("offered", "food-parcel", False)
    assert "case" not in body
    assert json.loads(town.case("show", "--json").out)["state"] == "offer"


def test_not_this_round_says_until_when_it_can_be_contested(town: Town) -> None:
    town.finished("10000000")
    words = ("decide", case_in_the_queue(town), "--as", "clara", "--not-this-round", "--reason", REASON)
    assert "It can be contested until " in town.good(*words).err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--offer", "gold", "--reason", "The answers are clear."), "programme.no-such-support"),
        (("--offer", "food-parcel", "--reason", "no"), "decide.reason"),
        (("--not-this-round", "--reason", "no"), "case.no-automatic-refusal"),
    ],
)
def test_a_decision_that_cannot_be_leaves_the_case_as_it_was(
    town: Town, words: tuple[str, ...], code: str
) -> None:
    town.finished("11110000")
    assert refused(town, "decide", case_in_the_queue(town), "--as", "clara", *words) == code
    assert json.loads(town.case("show", "--json").out)["decision"] is None


# why


def test_why_is_told_in_the_terminal(decided: Town) -> None:
    ended = decided.case("why")
    told = ended.out
    assert "evenhand case appeal winter" in ended.err
    assert re.search(r"^Why: ", told)
    assert REASON in told
    assert "clara" not in told
    assert "do not add up" in told


def test_why_is_told_in_the_language_of_the_consent_or_in_another(town: Town) -> None:
    town.finished("11110000")
    assert json.loads(town.case("why", "--json").out)["language"] == "en"
    assert json.loads(town.case("why", "--language", "ru", "--json").out)["language"] == "ru"
    words = ("case", "why", "winter", "--code-file", "mine.txt", "--language", "fr")
    assert refused(town, *words) == "explain.language"


def test_why_for_machines_holds_the_page_and_its_figures(decided: Town) -> None:
    body = json.loads(decided.case("why", "--json").out)
    assert body["sections"][0]["key"] == "decision"
    assert len(body["explanation"]["counted"]) == 8
    shown = json.loads(decided.case("show", "--json").out)
    assert body["explanation"]["measured"]["p"] == shown["p"]
    assert body["may_contest"] is True


@pytest.mark.parametrize("language", ["en", "ru"])
def test_why_is_written_as_a_page_for_its_owner_alone(decided: Town, language: str) -> None:
    words = ("--out", "why.html", "--language", language, "--json")
    assert json.loads(decided.case("why", *words).out) == {"out": "why.html", "language": language}
    path = decided.folder / "why.html"
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text("utf-8")
    assert f'<html lang="{language}">' in text
    assert text.count("<svg") == 2
    assert "<script" not in text
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert REASON in text
    assert {"en": "without its button", "ru": "кнопки в ней нет"}[language] in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert refused(decided, *split("case why winter --code-file mine.txt --out why.html")) == "output.exists"


def test_nothing_is_written_where_there_is_nothing_to_explain(town: Town) -> None:
    town.joined()
    words = split("case why winter --code-file mine.txt --out why.html")
    assert refused(town, *words) == "explain.not-assessed"
    assert not (town.folder / "why.html").exists()


# contesting


def test_an_appeal_is_opened_listed_and_answered_by_somebody_else(decided: Town) -> None:
    (decided.folder / "words.txt").write_text("Two of us\nshare one meal.\n", encoding="utf-8")
    opened = json.loads(decided.case("appeal", "--words", "words.txt", "--json").out)
    (row,) = json.loads(decided.good(*split("appeal list winter --as dora --json")).out)["appeals"]
    assert row["words"] == "Two of us\nshare one meal."
    assert (row["decision"], row["answer_by"]) == ("not-this-round", opened["answer_by"])
    assert row["may_answer"] is True
    (same,) = json.loads(decided.good(*split("appeal list winter --as clara --json")).out)["appeals"]
    assert same["may_answer"] is False
    answer = ("appeal", "answer", row["pseudonym"], "--reason", "One meal for two is too little.")
    assert refused(decided, *answer, "--as", "clara", "--offer", "food-parcel") == "appeal.same-person"
    body = json.loads(decided.good(*answer, "--as", "dora", "--offer", "food-parcel", "--json").out)
    assert body["changed"] is True
    assert json.loads(decided.case("show", "--json").out)["state"] == "offer"
    assert json.loads(decided.good(*split("appeal list winter --as dora --json")).out) == {"appeals": []}
    assert refused(decided, *answer, "--as", "dora") == "case.no-appeal"


def test_an_appeal_needs_no_words_and_can_leave_the_decision_as_it_was(decided: Town) -> None:
    assert "The answer comes by " in decided.case("appeal", "--on-behalf").err
    told = decided.good(*split("appeal list winter --as dora")).out
    assert "opened by somebody whom the person chose" in told
    case = case_in_the_queue(decided)
    assert case in told
    answer = ("appeal", "answer", case, "--as", "dora", "--reason", "Nothing new was said.")
    assert "the decision stands" in decided.good(*answer).err
    assert "No appeal is open" in decided.good(*split("appeal list winter --as dora")).err
    assert json.loads(decided.case("show", "--json").out)["state"] == "not_this_round"


def test_words_of_an_appeal_come_from_a_pipe(decided: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("I was ill.\n"))
    decided.case("appeal", "--words", "-")
    (row,) = json.loads(decided.good(*split("appeal list winter --as dora --json")).out)["appeals"]
    assert row["words"] == "I was ill."


@pytest.mark.parametrize("place", ["nobody-decided", "opened-before"])
def test_an_appeal_that_cannot_be_opened_is_explained(town: Town, place: str) -> None:
    town.finished("10000000")
    expected = "appeal.no-decision"
    if place == "opened-before":
        words = ("decide", case_in_the_queue(town), "--as", "clara", "--not-this-round", "--reason", REASON)
        town.good(*words)
        town.case("appeal")
        expected = "case.appeal-open"
    assert refused(town, *split("case appeal winter --code-file mine.txt")) == expected


# complaining


def test_a_complaint_is_passed_on_and_nothing_of_it_is_kept(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    office = town.folder / "evenhand-office"
    before = json.loads(town.good("office", "show", "--json").out)["entries"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("The library is closed\non Mondays.\n"))
    body = json.loads(town.good("complain", "winter", "--json").out)
    assert body["characters"] == len("The library is closed\non Mondays.")
    (letter,) = (office / "messages").iterdir()
    assert "The library is closed" in json.loads(letter.read_text("utf-8"))["text"]
    assert letter.stat().st_mode & 0o777 == 0o600
    assert json.loads(town.good("office", "show", "--json").out)["entries"] == before
    kept = b"".join(path.read_bytes() for path in office.iterdir() if path.is_file() and os.access(path, os.R_OK))
    assert b"Mondays" not in kept


def test_a_complaint_needs_no_code_and_drops_one_that_stands_in_it(town: Town) -> None:
    town.finished("10000000")
    code = town.kept("access code")
    (town.folder / "words.txt").write_text(f"My code is {code} and nobody helps.", encoding="utf-8")
    ended = town.good("complain", "winter", "--text", "words.txt")
    assert "keeps nothing of it" in ended.err
    (letter,) = (town.folder / "evenhand-office" / "messages").iterdir()
    assert code not in letter.read_text("utf-8")
