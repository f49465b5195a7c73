"""The commands of a person's own case: their code opens it, and never stands in a command."""

import csv
import io
import json
import sys

import pytest

from evenhand.casework.codes import read_code, read_phrase
from tests.cli.conftest import Ended
from tests.cli.offices import Town, split
from tests.test_docs import commands


def refused(ended: Ended) -> str:
    assert ended.code == 2
    assert not ended.out
    found: dict[str, str] = json.loads(ended.err)["error"]
    assert found["what"]
    assert found["mend"]
    return found["code"]


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What comes through a pipe."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


# joining


def test_joining_writes_codes_for_their_owner_alone(town: Town) -> None:
    town.joined()
    path = town.folder / "mine.txt"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_code("access", town.kept("access code"))) == 16
    assert len(read_phrase(town.kept("recovery phrase")).split()) == 6


def test_joining_shows_the_codes_where_no_file_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    made = town.good(*split("invite winter --partner library --count 2 --as clara --json")).out
    first, second = json.loads(made)["codes"]
    join = ["case", "join", "winter", "--district", "mill", "--agree", "decide"]
    typed(monkeypatch, first + "\n")
    body = json.loads(town.good(*join, "--json").out)
    assert len(read_code("access", body["access_code"])) == 16
    typed(monkeypatch, second.lower() + "\n")
    assert "recovery phrase: " in town.good(*join, "--invitation", "-", "--language", "ru").out


def test_an_access_code_comes_from_a_pipe_as_from_a_file(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.joined()
    for words in ((), ("--code-file", "-")):
        typed(monkeypatch, town.kept("access code") + "\n")
        assert town.good("case", "show", "winter", *words).code == 0


def test_a_code_is_asked_for_without_showing_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.joined()
    asked = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def prompt(text: str, *, hide_input: bool = False) -> str:
        asked.append((text, hide_input))
        return town.kept("access code")

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("evenhand.cli.private.typer.prompt", prompt)
    assert town.good("case", "show", "winter").code == 0
    assert asked == [("Access code", True)]


HARMLESS = {
    "agree",
    "district",
    "form",
    "language",
    "lift",
    "office",
    "on_behalf",
    "out",
    "receipt",
    "remove",
    "leave_rest",
}
"""What a command of a case may be told in words: nothing that opens a case or says how somebody fares."""


def test_no_command_of_a_case_takes_a_code_an_answer_or_a_contact_in_its_words() -> None:
    for name, command in commands().items():
        if not name.startswith("case "):
            continue
        files = {each.name for each in command.params if each.metavar == "FILE|-"}
        told = {each.name for each in command.params} - {"programme", "index", "store", "as_json", "help"}
        assert told - files <= HARMLESS, name


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("--agree", "statistics"), "consent.needed"),
        (("--agree", "decide", "--agree", "everything"), "consent.unknown-purpose"),
        (("--agree", "decide", "--language", "fr"), "consent.language"),
        (("--agree", "decide", "--district", "moon"), "programme.no-such-district"),
        (("--agree", "decide", "--invitation", "nowhere.txt"), "options.unreadable-file"),
        (("--agree", "decide", "--invitation", "empty.txt"), "options.nothing-given"),
        (("--agree", "decide", "--invitation", "wrong.txt"), "code.check"),
        (("--agree", "decide", "--out", "empty.txt"), "output.exists"),
    ],
)
def test_nothing_is_used_up_where_joining_fails(town: Town, change: tuple[str, ...], code: str) -> None:
    made = town.good(*split("invite winter --partner library --count 1 --as clara --json")).out
    (invitation,) = json.loads(made)["codes"]
    (town.folder / "sheet.txt").write_text(invitation, encoding="utf-8")
    wrong = ("1" if invitation[0] != "1" else "2") + invitation[1:]
    (town.folder / "wrong.txt").write_text(wrong, encoding="utf-8")
    (town.folder / "empty.txt").write_text("\n", encoding="utf-8")
    join = ("case", "join", "winter", "--invitation", "sheet.txt", "--district", "mill", "--out", "mine.txt")
    ended = town.run(*join, *change, "--json")
    assert refused(ended) == code
    assert invitation not in ended.err
    assert wrong not in ended.err
    assert not (town.folder / "mine.txt").exists()
    assert town.good(*join, "--agree", "decide").code == 0


# answering


def test_questions_are_shown_and_answered_from_a_file(town: Town) -> None:
    town.joined()
    body = json.loads(town.case("next", "--json").out)["question"]
    assert (body["component"], body["name"]) == ("need", "WORRIED")
    assert "1 = Yes" in town.case("next").out
    assert "1 = Да" in town.case("next", "--language", "ru").out
    town.answers({"WORRIED": "1", "need.HEALTHY": "0", "children_under_2": "2"})
    told = json.loads(town.case("answer", "--answers", "answers.csv", "--json").out)
    assert (told["answered"], told["next"]["name"]) == (3, "FEWFOOD")
    assert "1 answers saved. Next: SKIPPED" in _one(town, "FEWFOOD,1").err


def _one(town: Town, line: str) -> Ended:
    (town.folder / "one.csv").write_text(f"# a comment\n\n{line}\n", encoding="utf-8")
    return town.case("answer", "--answers", "one.csv")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("WORRIED,7", "answer.not-an-option"),
        ("SHOESIZE,1", "answer.no-question"),
        ("children_under_2,secret-many", "answer.not-a-number"),
        ("WORRIED", "options.answers-file"),
        ("WORRIED,", "options.answers-file"),
    ],
)
def test_a_file_of_answers_is_stored_whole_or_not_at_all(town: Town, line: str, code: str) -> None:
    town.joined()
    (town.folder / "answers.csv").write_text(f"HEALTHY,1\n{line}\n", encoding="utf-8")
    words = ("case", "answer", "winter", "--code-file", "mine.txt", "--answers", "answers.csv", "--json")
    ended = town.run(*words)
    assert refused(ended) == code
    assert "secret-many" not in ended.err
    assert json.loads(town.case("show", "--json").out)["answers"] == {}


def test_questions_are_asked_one_by_one_until_an_empty_answer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.joined()
    typed(monkeypatch, "1\n0\n\n")
    ended = town.case("answer")
    assert "2 answers saved. Next: FEWFOOD" in ended.err
    assert "WORRIED" in ended.out
    typed(monkeypatch, "1\n\n")
    assert json.loads(town.case("answer", "--json").out)["answered"] == 1
    typed(monkeypatch, "7\n")
    assert town.run("case", "answer", "winter", "--code-file", "mine.txt").code == 2


def test_a_person_who_mistypes_is_asked_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.joined()
    answers = iter(["7", "1", ""])

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("evenhand.cli.private.typer.prompt", lambda *_a, **_k: next(answers))
    ended = town.case("answer")
    assert "answer.not-an-option" in ended.err
    assert "1 answers saved. Next: HEALTHY" in ended.err


def test_finishing_needs_every_question_or_a_choice_to_leave_the_rest(town: Town) -> None:
    town.joined()
    town.answers({"WORRIED": "1"})
    town.case("answer", "--answers", "answers.csv")
    assert (
        refused(town.run("case", "finish", "winter", "--code-file", "mine.txt", "--json"))
        == "answer.open-questions"
    )
    body = json.loads(town.case("finish", "--leave-rest", "--json").out)
    assert body["proposal"] == "review"
    assert json.loads(town.case("next", "--json").out)["question"]["component"] == "field"


def test_a_correction_assesses_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.finished()
    before = json.loads(town.case("show", "--json").out)
    (town.folder / "right.csv").write_text("HUNGRY,1\nWHLDAY,1\n", encoding="utf-8")
    after = json.loads(town.case("correct", "--answers", "right.csv", "--json").out)
    assert after["version"] == 2
    assert after["p"] > before["p"]
    typed(monkeypatch, "WHLDAY\n0\n\n")
    assert "probability" in town.case("correct").out
    assert json.loads(town.case("show", "--json").out)["answers"]["need.WHLDAY"]["code"] == "0"


def test_there_is_nothing_to_correct_at_first(town: Town) -> None:
    town.joined()
    town.answers({"WORRIED": "1"})
    words = "case correct winter --code-file mine.txt --answers answers.csv --json"
    assert refused(town.run(*words.split())) == "case.nothing-to-correct"


# seeing and taking away


def test_a_person_sees_their_case(town: Town) -> None:
    town.finished()
    body = json.loads(town.case("show", "--json").out)
    assert (body["state"], body["decision"], body["answers"]["need.WORRIED"]["code"]) == ("proposed", None, "1")
    told = town.case("show").out
    assert "state: proposed" in told
    assert body["pseudonym"] in told


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_is_the_person_s_own(town: Town, form: str) -> None:
    town.finished()
    shown = town.case("export", "--format", form).out
    told = json.loads(town.case("export", "--format", form, "--out", "mine.copy", "--json").out)
    assert told == {"out": "mine.copy", "format": form}
    path = town.folder / "mine.copy"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text("utf-8") == shown
    if form == "json":
        assert json.loads(shown)["format"] == "evenhand.my-case/1"
    else:
        assert {row["programme"] for row in csv.DictReader(io.StringIO(shown))} == {"winter"}
    town.case("export", "--format", form, "--out", "second.copy")
    words = ("case", "export", "winter", "--code-file", "mine.txt", "--format", "xml", "--json")
    assert refused(town.run(*words)) == "options.unknown-value"


def test_receipts_of_a_case_are_for_its_code_alone(town: Town) -> None:
    town.finished()
    own = [row["index"] for row in json.loads(town.case("export").out)["tables"]["event"]]
    town.case("receipt", own[0], "--out", "receipt.json")
    assert town.good("verify", "receipt.json").code == 0
    assert json.loads(town.case("receipt", own[1]).out)["event"]["index"] == own[1]
    assert json.loads(town.case("receipt", own[2], "--out", "two.json", "--json").out)["index"] == own[2]
    words = ("case", "receipt", "winter", 0, "--code-file", "mine.txt", "--json")
    assert refused(town.run(*words)) == "receipt.not-yours"


@pytest.mark.parametrize(
    "command", ["show", "next", "export", "withdraw", "erase", "restrict", "code stop", "collect"]
)
def test_a_wrong_code_opens_nothing_and_is_never_repeated(town: Town, command: str) -> None:
    town.joined()
    (town.folder / "other.txt").write_text("access code: 0000-0000-0000-0000\n", encoding="utf-8")
    ended = town.run("case", *command.split(), "winter", "--code-file", "other.txt", "--json")
    assert refused(ended) == "code.opens-nothing"
    assert "0000" not in ended.err


# consent, contact, freezing, leaving


def test_consent_is_chosen_anew(town: Town) -> None:
    town.joined()
    body = json.loads(town.case("consent", "--agree", "decide", "--agree", "statistics", "--json").out)
    assert body["agreed"] == ["decide", "statistics"]
    assert "decide" in town.case("consent", "--agree", "decide").err
    assert json.loads(town.case("show", "--json").out)["purposes"] == {
        "decide": True, "statistics": False, "messages": False,
    }  # fmt: skip


def test_a_contact_is_given_and_taken_out(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.joined()
    (town.folder / "contact.txt").write_text("me@home.example\n", encoding="utf-8")
    ended = town.case("contact", "--contact-file", "contact.txt")
    assert "me@home" not in ended.err + ended.out
    assert json.loads(town.case("show", "--json").out)["contact"] == "me@home.example"
    assert json.loads(town.case("contact", "--remove", "--json").out)["contact"] is False
    assert json.loads(town.case("show", "--json").out)["contact"] is None
    town.case("consent", "--agree", "decide")
    typed(monkeypatch, "me@home.example\n")
    ended = town.run("case", "contact", "winter", "--code-file", "mine.txt", "--json")
    assert refused(ended) == "consent.messages"
    assert "me@home" not in ended.err


def test_a_case_is_frozen_and_thawed(town: Town) -> None:
    town.joined()
    assert json.loads(town.case("restrict", "--json").out)["restricted"] is True
    assert "frozen by you" in town.case("show").out
    words = "case finish winter --code-file mine.txt --leave-rest --json"
    assert refused(town.run(*words.split())) == "case.restricted"
    assert "in use again" in town.case("restrict", "--lift").err


def test_leaving_takes_one_step(town: Town) -> None:
    town.finished()
    assert json.loads(town.case("withdraw", "--json").out)["state"] == "withdrawn"
    body = json.loads(town.case("erase", "--receipt", "erased.json", "--json").out)
    assert (body["erased"], body["told"]) == (True, [])
    key = json.loads(town.good("keys", "show", "--json").out)["verifier"]
    assert town.good("verify", "erased.json", "--key", key).code == 0
    assert refused(town.run("case", "show", "winter", "--code-file", "mine.txt", "--json")) == "code.opens-nothing"
    assert json.loads(town.good("fsck", "--json").out) == {"findings": []}


def test_the_receipt_of_an_erasure_is_shown_where_no_file_is_named(town: Town) -> None:
    town.joined()
    assert json.loads(town.case("erase").out)["event"]["kind"] == "case-erased"


def test_nothing_is_erased_where_the_receipt_cannot_be_kept(town: Town) -> None:
    town.joined()
    words = ("case", "erase", "winter", "--code-file", "mine.txt", "--receipt", "mine.txt", "--json")
    assert refused(town.run(*words)) == "output.exists"
    assert town.case("show").code == 0


# lost codes, and collecting


def test_the_phrase_gives_a_new_code(town: Town) -> None:
    town.finished()
    words = "case code recover winter --phrase-file mine.txt"
    town.good(*words.split(), "--out", "new.txt")
    assert refused(town.run("case", "show", "winter", "--code-file", "mine.txt", "--json")) == "code.opens-nothing"
    assert town.good("case", "show", "winter", "--code-file", "new.txt").code == 0
    assert json.loads(town.good(*words.split(), "--json").out)["access_code"]
    assert "access code: " in town.good(*words.split()).out


def test_a_slip_gives_no_code_before_its_time(town: Town) -> None:
    town.joined()
    made = town.good(*split("invite winter --partner library --count 1 --as clara --json")).out
    (town.folder / "slip.txt").write_text(json.loads(made)["codes"][0], encoding="utf-8")
    words = "case code ask winter --slip slip.txt --invitation sheet.txt"
    assert json.loads(town.good(*words.split(), "--json").out)["from"]
    words = "case code collect winter --slip slip.txt --json"
    assert refused(town.run(*words.split())) == "code.opens-nothing"
    assert json.loads(town.case("code stop", "--json").out) == {"stopped": True}
    assert "No new code" in town.case("code stop").err


def test_nothing_is_collected_without_an_offer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.finished()
    assert (
        refused(town.run("case", "collect", "winter", "--code-file", "mine.txt", "--json")) == "collect.no-offer"
    )
    typed(monkeypatch, "0000-0000\n")
    ended = town.run("collect", "winter", "--as-partner", "library", "--json")
    assert refused(ended) == "collect.opens-nothing"
    assert "0000" not in ended.err


def test_an_offer_is_collected_once(town: Town) -> None:
    from evenhand.casework.roles import Actor
    from evenhand.service.decide import offer
    from evenhand.service.office import open_office

    town.finished("11111111")
    office = open_office(town.folder / "evenhand-office")
    with office.store:
        with office.store.reading() as reading:
            (file,) = reading.queue("winter")
        clara = Actor("clara", frozenset({"caseworker"}))
        offer(office, clara, file.case_id, support="food-parcel", reason="The answers say it plainly.")
    assert json.loads(town.case("collect", "--json").out)["support"] == "food-parcel"
    assert "collection code: " in town.case("collect").out
    town.case("collect", "--out", "collect.txt")
    words = "collect winter --as-partner library --code-file collect.txt"
    assert json.loads(town.good(*words.split(), "--json").out) == {"support": "food-parcel"}
    assert refused(town.run(*words.split(), "--json")) == "collect.opens-nothing"
    shown = town.good(*split("partner show winter --as-partner library")).out
    assert "1 presented for food-parcel" in shown
