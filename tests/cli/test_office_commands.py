"""The commands of an office, as its staff use them."""

import csv
import json

import pytest

from tests.cli.offices import Town, split


def error_of(town: Town, *words: object) -> dict[str, str]:
    ended = town.run(*words, "--json")
    assert ended.code == 2
    assert not ended.out
    found: dict[str, str] = json.loads(ended.err)["error"]
    assert found["what"]
    assert found["mend"]
    return found


# the office


def test_a_new_office_shows_its_ledger(town: Town) -> None:
    body = json.loads(town.good("office", "show", "--json").out)
    assert body["origin"] == "town.example/evenhand"
    assert body["entries"] == 5
    assert [each["name"] for each in body["programmes"]] == ["winter"]
    told = town.good("office", "show")
    assert "winter, version 1" in told.out
    assert body["verifier"] in told.out


def test_a_new_office_takes_nobody_s_place(town: Town) -> None:
    words = ("office", "new", "evenhand-office", "--origin", "other.example/evenhand")
    assert error_of(town, *words)["code"] == "keys.exists"
    body = json.loads(town.good("office", "new", "second", "--origin", "other.example/x", "--json").out)
    assert body["verifier"].startswith("other.example/x+")


def test_the_office_is_found_by_option_and_by_variable(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (town.folder / "evenhand-office").rename(town.folder / "moved")
    assert error_of(town, "office", "show")["code"] == "store.no-office"
    assert town.good("office", "show", "--office", "moved").code == 0
    monkeypatch.setenv("EVENHAND_OFFICE", "moved")
    assert town.good("office", "show").code == 0


def test_the_store_is_found_by_option_and_by_variable(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (town.folder / "evenhand-office" / "store.db").rename(town.folder / "elsewhere.db")
    url = f"sqlite:///{town.folder / 'elsewhere.db'}"
    assert json.loads(town.good("office", "show", "--store", url, "--json").out)["entries"] == 5
    monkeypatch.setenv("EVENHAND_STORE", url)
    assert json.loads(town.good("office", "show", "--json").out)["entries"] == 5


def test_migrate_says_the_version(town: Town) -> None:
    body = json.loads(town.good("office", "migrate", "--json").out)
    assert body["before"] == body["version"]
    assert "already" in town.good("office", "migrate").err


def test_a_checkpoint_is_shown_or_written(town: Town) -> None:
    shown = town.good("office", "checkpoint").out
    assert shown.startswith("town.example/evenhand\n5\n")
    town.good("office", "checkpoint", "--out", "checkpoint.txt")
    assert (town.folder / "checkpoint.txt").read_text("utf-8").startswith("town.example/evenhand\n5\n")
    assert json.loads(town.good("office", "checkpoint", "--json").out)["checkpoint"].startswith("town.example")
    assert error_of(town, "office", "checkpoint", "--out", "checkpoint.txt")["code"] == "output.exists"


# staff


def test_staff_are_added_listed_changed_and_shut_out(town: Town) -> None:
    body = json.loads(town.good(*split("staff add david --role caseworker --as anna --json")).out)
    assert (body["staff"], body["roles"], body["disabled"]) == ("david", ["caseworker"], False)
    town.good(*split("staff roles david --role caseworker --role analyst --as anna"))
    town.good(*split("staff disable boris --as anna"))
    listed = json.loads(town.good(*split("staff list --as elena --json")).out)["staff"]
    found = {each["name"]: (each["roles"], each["disabled"]) for each in listed}
    assert found["david"] == (["analyst", "caseworker"], False)
    assert found["boris"] == (["analyst"], True)
    assert "shut out" in town.good(*split("staff list --as anna")).out
    assert error_of(town, *split("programme close winter --as boris"))["code"] == "staff.unknown"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("staff add boris --role caseworker --as anna", "staff.exists"),
        ("staff add david --role caseworker --as clara", "case.not-allowed"),
        ("staff add david --role caseworker --as nobody", "staff.unknown"),
        ("staff add david --role king --as anna", "staff.role"),
        ("staff add David --role caseworker --as anna", "staff.name"),
        ("staff roles nobody --role caseworker --as anna", "staff.unknown"),
        ("staff roles anna --role caseworker --as anna", "staff.last"),
        ("staff disable anna --as anna", "staff.last"),
        ("staff disable nobody --as anna", "staff.unknown"),
        ("staff list --as clara", "case.not-allowed"),
        ("programme open winter.yaml --as anna", "case.not-allowed"),
        ("programme open nowhere.yaml --as boris", "programme.not-found"),
        ("programme close other --as boris", "programme.not-open"),
        ("invite winter --partner library --count 1 --as boris", "case.not-allowed"),
        ("invite winter --partner library --count 0 --as clara", "invite.count"),
        ("invite winter --partner library --count 1 --district moon --as clara", "programme.no-such-district"),
        ("rescore winter --as clara", "case.not-allowed"),
        ("sweep --as clara", "case.not-allowed"),
        ("keys rotate winter --as clara", "case.not-allowed"),
        ("keys rotate other --as anna", "programme.not-open"),
        ("keys retire winter --as elena", "case.not-allowed"),
        ("backup copy --as clara", "case.not-allowed"),
        ("receipt 0 --as clara", "case.not-allowed"),
        ("receipt 999 --as elena", "receipt.not-yours"),
        ("restore nowhere", "store.backup-place"),
    ],
)
def test_what_cannot_be_done_is_one_explained_error(town: Town, words: str, code: str) -> None:
    assert error_of(town, *words.split())["code"] == code


def test_a_second_administrator_lets_the_first_one_go(town: Town) -> None:
    town.good(*split("staff add zoe --role administrator --as anna"))
    town.good(*split("staff disable anna --as zoe"))
    assert error_of(town, *split("sweep --as anna"))["code"] == "staff.unknown"


# a programme, its invitations and partners


def test_a_programme_is_opened_and_closed(town: Town) -> None:
    body = json.loads(town.good(*split("programme open winter.yaml --as boris --json")).out)
    assert (body["name"], body["version"]) == ("winter", "1")
    assert "takes people in from" in town.good(*split("programme open winter.yaml --as boris")).out
    assert json.loads(town.good(*split("programme close winter --as boris --json")).out)["name"] == "winter"
    assert "takes nobody in" in town.good(*split("programme close winter --as boris")).err
    assert "closed" in town.good("office", "show").out


def test_invitations_are_written_once_for_their_owner_alone(town: Town) -> None:
    words = "invite winter --partner library --count 3 --district mill --out library.csv --as clara"
    told = json.loads(town.good(*words.split(), "--json").out)
    assert (told["codes"], told["out"], told["count"]) == (None, "library.csv", 3)
    path = town.folder / "library.csv"
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert len({row["invitation"] for row in rows}) == 3
    assert {(row["programme"], row["partner"], row["district"]) for row in rows} == {("winter", "library", "mill")}
    before = path.read_bytes()
    assert error_of(town, *words.split())["code"] == "output.exists"
    assert path.read_bytes() == before


def test_invitations_are_shown_where_no_file_is_named(town: Town) -> None:
    shown = json.loads(town.good(*split("invite winter --partner library --count 2 --as clara --json")).out)
    assert len(shown["codes"]) == 2
    assert (
        "Invitations of library" in town.good(*split("invite winter --partner library --count 1 --as clara")).out
    )


def test_nothing_is_left_where_inviting_fails(town: Town) -> None:
    words = "invite other --partner library --count 2 --as clara --out library.csv"
    assert error_of(town, *words.split())["code"] == "programme.not-open"
    assert not (town.folder / "library.csv").exists()


def test_a_partner_sees_its_own_figures_and_nothing_of_people(town: Town) -> None:
    town.finished()
    words = "partner show winter --as-partner library"
    body = json.loads(town.good(*words.split(), "--json").out)
    assert body == {"partner": "library", "issued": 1, "presented": {}, "erased": 0}
    assert "1 invitations issued" in town.good(*words.split()).out
    assert json.loads(town.good(*split("partner show winter --as-partner other --json")).out)["issued"] == 0


# keeping it


def test_fsck_finds_nothing_and_then_what_was_changed(town: Town) -> None:
    town.finished()
    assert json.loads(town.good("fsck", "--json").out) == {"findings": []}
    assert "whole" in town.good("fsck").out
    changed = town.folder / "evenhand-office" / "erasures.jsonl"
    changed.write_text('{"is":"intent"}\n', encoding="utf-8")
    ended = town.run("fsck", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["findings"]
    assert town.run("fsck").code == 1


def test_the_sweep_is_run_by_an_administrator_or_a_timer(town: Town) -> None:
    town.finished()
    for words in (["sweep"], ["sweep", "--as", "anna"]):
        body = json.loads(town.good(*words, "--json").out)
        assert body == {"programmes": [{"programme": "winter", "cases": 0, "fields": 0}]}
    assert "winter: 0 cases" in town.good("sweep").out


def test_rescoring_gives_the_same_figures(town: Town) -> None:
    town.finished(["1", "1", "1", "1", "0", "0", "98", "0"])  # type: ignore[arg-type] # a code of two characters
    body = json.loads(town.good(*split("rescore winter --as elena --json")).out)
    assert body == {"assessments": 1, "identical": 1, "worst": 0.0, "beyond": []}
    assert "1 the same to the last bit" in town.good(*split("rescore winter --as elena")).out


def test_keys_are_shown_rotated_and_retired(town: Town) -> None:
    town.finished()
    assert json.loads(town.good("keys", "show", "--json").out)["versions"] == {"winter": [1]}
    body = json.loads(town.good(*split("keys rotate winter --as anna --json")).out)
    assert body == {"programme": "winter", "version": 2, "cases": 1}
    assert "winter: 1, 2" in town.good("keys", "show").out
    body = json.loads(town.good(*split("keys retire winter --as anna --json")).out)
    assert body == {"programme": "winter", "destroyed": [1]}
    assert "no old version" in town.good(*split("keys retire winter --as anna")).err
    assert "version 3" in town.good(*split("keys rotate winter --as anna")).err
    assert town.case("show").code == 0


def test_an_auditor_has_receipts_of_the_office_and_of_no_case(town: Town) -> None:
    town.finished()
    town.good(*split("receipt 0 --as elena --out first.json"))
    key = json.loads(town.good("keys", "show", "--json").out)["verifier"]
    assert town.good("verify", "first.json", "--key", key).code == 0
    shown = json.loads(town.good(*split("receipt 4 --as elena")).out)
    assert shown["event"]["kind"] == "programme-opened"
    size = json.loads(town.good("office", "show", "--json").out)["entries"]
    kinds = []
    for index in range(size):
        ended = town.run("receipt", index, "--as", "elena", "--json")
        if ended.code == 0:
            kinds.append(json.loads(ended.out)["event"]["kind"])
        else:
            assert json.loads(ended.err)["error"]["code"] == "receipt.not-yours"
    assert kinds == ["staff-changed"] * 4 + ["programme-opened", "invitations-issued"]
