"""An auditor's evidence, replays and drafts on pages: figures and counts, nobody alone, no request that waits."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evenhand.audit.draft import REGISTERS
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError, OptionError
from evenhand.report.auditfiles import HTML, JSON
from evenhand.service.audit import Audited, audit
from evenhand.service.office import Office
from evenhand.service.rounds import close, plan, record_second_value, reveal
from evenhand.store.tickets import set_results, tickets
from evenhand.web.staff.evidence import FRESH, Evidences, Shown
from tests.service.offices import ANALYST, TOWN, finished
from tests.web.browsing import Town, Visitor, new_town
from tests.web.desk import DESK, hire, sign_in

AUDITOR = Actor("olga", frozenset({"auditor"}))
WAIT = 120.0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town in which a round was drawn, with fewer than eleven tickets in some class."""
    town = new_town(tmp_path_factory.mktemp("audited"))
    hire(town.office)
    for need in ("11111111", "11110000", "11100000") * 2:
        finished(town.office, need)
    plan(town.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=3)
    close(town.office, ANALYST, TOWN, "winter-1")
    record_second_value(town.office, ANALYST, TOWN, "winter-1", value="4711", source="the auditor")
    reveal(town.office, ANALYST, TOWN, "winter-1")
    plan(town.office, ANALYST, TOWN, "winter-2", approved_by="olga", second_value_from="the auditor", places=1)
    return town


@pytest.fixture(scope="module")
def olga(desk: Town) -> Visitor:
    evidences = desk.app.state.evidences
    evidences.get(desk.office, AUDITOR, TOWN, patience=WAIT)
    return sign_in(desk, "olga")


@pytest.mark.parametrize(("language", "heading"), [("en", "Evidence"), ("ru", "Данные для аудита")])
def test_the_page_shows_figures_or_that_there_is_insufficient_evidence(
    desk: Town, olga: Visitor, language: str, heading: str
) -> None:
    page = olga.open(f"{DESK}/evidence", headers={"accept-language": language})
    assert heading in page.words
    assert "exclusion error: in need, no support" in page.words
    assert page.words.lower().count("insufficient evidence") >= 5
    for name in ("targeting", "calibration", "answers", "items", "people", "by-district", "by-home_kind"):
        assert f'id="{name}"' in page.html
    with desk.office.store.reading() as reading:
        for file in reading.queue(TOWN, limit=100):
            assert file.pseudonym not in page.html
            assert file.case_id not in page.html


def test_the_report_opens_as_a_page_under_a_policy_that_names_its_style(olga: Visitor) -> None:
    answer = olga.client.get(f"{DESK}/evidence/{HTML}")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "content-disposition" not in answer.headers
    assert not re.search(r"\sstyle=|<script", answer.text)


def test_the_figures_for_machines_are_a_file_to_take_away(olga: Visitor) -> None:
    answer = olga.client.get(f"{DESK}/evidence/{JSON}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{TOWN}-evidence.json"'
    body = json.loads(answer.text)
    assert (body["format"], list(body["groupings"])) == ("evenhand.audit/2", ["district", "home_kind"])
    assert olga.client.get(f"{DESK}/evidence/other.html").status_code == 404


def test_the_start_page_leads_to_evidence_and_replays(olga: Visitor) -> None:
    links = olga.open("/staff").read.links
    assert {f"{DESK}/evidence", f"{DESK}/replays", f"{DESK}/registers"} <= set(links)


@pytest.mark.parametrize("ending", ["html", "md", "json"])
@pytest.mark.parametrize("register", REGISTERS)
def test_each_draft_is_offered_to_read_to_write_on_and_for_machines(
    olga: Visitor, register: str, ending: str
) -> None:
    assert f"{DESK}/registers/{register}.{ending}" in olga.open(f"{DESK}/registers").read.links
    answer = olga.client.get(f"{DESK}/registers/{register}.{ending}")
    assert answer.status_code == 200
    begins = {"html": "<!DOCTYPE html>", "md": "# ", "json": "{"}
    assert answer.text.startswith(begins[ending])
    assert "to be written by the controller" in answer.text.lower() or ending == "json"
    assert ("content-disposition" in answer.headers) == (ending != "html")
    assert olga.client.get(f"{DESK}/registers/{register}.exe").status_code == 404


# replays


@pytest.mark.parametrize(("language", "told"), [("en", "Identical"), ("ru", "Совпадает")])
def test_a_withheld_round_is_replayed_with_counts_and_no_ticket(
    desk: Town, olga: Visitor, language: str, told: str
) -> None:
    listed = olga.open(f"{DESK}/replays")
    assert f"{DESK}/rounds/winter-1/replay" in listed.read.links
    assert f"{DESK}/rounds/winter-2/replay" not in listed.read.links
    page = olga.open(f"{DESK}/rounds/winter-1/replay", headers={"accept-language": language})
    assert told in page.words
    assert olga.client.get(f"/p/{TOWN}/rounds/winter-1/tickets.csv").status_code == 404
    with desk.office.store.reading() as reading:
        assert not [row.ticket for row in tickets(reading, TOWN, "winter-1") if row.ticket in page.html]


def test_a_round_that_was_not_drawn_or_is_none_has_no_replay(olga: Visitor) -> None:
    for name in ("winter-2", "winter-9", "%3Cscript%3E"):
        assert olga.open(f"{DESK}/rounds/{name}/replay").status == 404


def test_a_changed_result_is_counted_and_not_named(tmp_path: Path) -> None:
    town = new_town(tmp_path)
    hire(town.office)
    for need in ("11111111", "11110000", "11100000"):
        finished(town.office, need)
    plan(town.office, ANALYST, TOWN, "one", approved_by="olga", second_value_from="the auditor", places=2)
    close(town.office, ANALYST, TOWN, "one")
    record_second_value(town.office, ANALYST, TOWN, "one", value="4711", source="the auditor")
    reveal(town.office, ANALYST, TOWN, "one")
    with town.office.store.unit() as unit:
        rows = tickets(unit.reading, TOWN, "one")
        changed = next(row.ticket for row in rows if row.result == "waiting")
        set_results(unit, [(changed, "offer")])
    page = sign_in(town, "olga").open(f"{DESK}/rounds/one/replay")
    assert "Different" in page.words
    assert "Results that differ 1" in page.words
    assert changed not in page.html


# making evidence apart from requests


class Slow:
    """Makes evidence when it is let to, and counts how often."""

    def __init__(self, town: Town) -> None:
        self.go, self.made, self.at_once, self.most = threading.Event(), 0, 0, 0
        self._one = audit(town.office, AUDITOR, TOWN, sets=20, drafts=False)
        self._lock = threading.Lock()

    def __call__(self, office: Office, actor: Actor, programme: str) -> Audited:  # noqa: ARG002 - its place
        with self._lock:
            self.made += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self.go.wait(WAIT)
        with self._lock:
            self.at_once -= 1
        return self._one


@pytest.fixture(scope="module")
def slow_one(desk: Town) -> Slow:
    return Slow(desk)


@pytest.fixture
def slow(slow_one: Slow) -> Iterator[Slow]:
    slow_one.go.clear()
    slow_one.made = slow_one.most = 0
    yield slow_one
    slow_one.go.set()


def got(evidences: Evidences, desk: Town) -> Shown:
    found = evidences.get(desk.office, AUDITOR, TOWN, patience=WAIT)
    assert found is not None
    return found


def test_a_request_does_not_wait_and_the_page_says_so(desk: Town, olga: Visitor, slow: Slow) -> None:
    kept, desk.app.state.evidences = desk.app.state.evidences, Evidences(slow)
    try:
        page = olga.open(f"{DESK}/evidence")
        assert "The figures are being made" in page.words
        assert '<meta http-equiv="refresh"' in page.html
        assert olga.open(f"{DESK}/evidence/{JSON}").path == f"{DESK}/evidence"
        slow.go.set()
        got(desk.app.state.evidences, desk)
        assert "Evidence" in olga.open(f"{DESK}/evidence").words
        assert slow.made == 1
    finally:
        desk.app.state.evidences.close()
        desk.app.state.evidences = kept


def test_many_ask_and_it_is_made_once(desk: Town, slow: Slow) -> None:
    evidences = Evidences(slow)
    assert [evidences.get(desk.office, AUDITOR, TOWN, patience=0) for _ in range(8)] == [None] * 8
    slow.go.set()
    assert got(evidences, desk) is got(evidences, desk)
    assert (slow.made, slow.most) == (1, 1)
    evidences.close()


def test_it_is_made_again_when_the_ledger_grew_and_a_minute_passed(tmp_path: Path) -> None:
    town = new_town(tmp_path)
    now = [0.0]
    evidences = Evidences(
        lambda office, actor, name: audit(office, actor, name, sets=20, drafts=False), lambda: now[0]
    )
    first = got(evidences, town)
    finished(town.office, "11110000")
    assert got(evidences, town) is first
    now[0] = FRESH + 1
    later = got(evidences, town)
    assert later.audited.entries > first.audited.entries
    now[0] = 10 * FRESH
    assert got(evidences, town) is later
    town.days.pass_by(1)
    assert got(evidences, town) is not later
    evidences.close()


def test_a_fault_is_told_once_and_then_it_is_tried_again(desk: Town, slow: Slow) -> None:
    failing: list[Callable[..., Audited]] = [slow]

    def make(office: Office, actor: Actor, name: str) -> Audited:
        if failing:
            failing.pop()
            raise OptionError("audit.options", "It failed.", mend="Try again.")
        return slow(office, actor, name)

    evidences = Evidences(make)
    with pytest.raises(OptionError):
        got(evidences, desk)
    slow.go.set()
    assert got(evidences, desk).audited.programme == TOWN
    evidences.close()


def test_evidence_that_is_kept_is_no_less_closed(desk: Town, olga: Visitor) -> None:
    assert olga.open(f"{DESK}/evidence").status == 200
    for role in ("analyst", "caseworker", "administrator"):
        with pytest.raises(CaseError) as error:
            desk.app.state.evidences.get(desk.office, Actor("x", frozenset({role})), TOWN)
        assert error.value.code == "case.not-allowed"
    assert sign_in(desk, "ana").open(f"{DESK}/evidence").status == 403
