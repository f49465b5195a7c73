"""The auditor's evidence from a store: frozen figures of everybody who was decided about, and of nobody alone."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evenhand.audit.draft import REGISTERS
from evenhand.casework.case import Case
from evenhand.casework.events import Offered
from evenhand.casework.roles import Actor, respondent
from evenhand.errors import CaseError, OptionError
from evenhand.report.auditfiles import audit_files
from evenhand.service.appeal import answer_appeal, open_appeal
from evenhand.service.audit import DISTRICT, Audited, audit, groupings
from evenhand.service.correct import correct
from evenhand.service.decide import not_this_round, offer
from evenhand.service.demo_town import seed_town
from evenhand.service.office import Office, open_office
from evenhand.service.rights import erase, restrict, withdraw
from evenhand.service.rounds import close, plan, record_second_value, reveal
from evenhand.store.read import Reading
from tests.service.offices import town_like

PROGRAMME = "demo-town"
PEOPLE = 132
MIN_N = 20
ANALYST, AUDITOR = Actor("boris", frozenset({"analyst"})), Actor("elena", frozenset({"auditor"}))
CLARA, DAVID = Actor("clara", frozenset({"caseworker"})), Actor("david", frozenset({"caseworker"}))
REASON = "No answer says that food is short."


def decide_everybody(office: Office) -> None:
    """A round, then every proposed *not this round* by hand, a third of them otherwise; some appeals."""
    plan(office, ANALYST, PROGRAMME, "one", approved_by="elena", second_value_from="the auditor", places=40)
    close(office, ANALYST, PROGRAMME, "one")
    record_second_value(office, ANALYST, PROGRAMME, "one", value="417", source="the auditor")
    reveal(office, ANALYST, PROGRAMME, "one")
    with office.store.reading() as reading:
        left = reading.queue(PROGRAMME, "proposed", proposal="not_this_round", limit=PEOPLE)
    for number, file in enumerate(left):
        if number % 3 == 0:
            offer(office, CLARA, file.case_id, support="food-parcel", reason=REASON)
        else:
            not_this_round(office, (CLARA, DAVID)[number % 2], file.case_id, reason=REASON)
    with office.store.reading() as reading:
        waiting = reading.queue(PROGRAMME, "waiting", limit=6)
    for number, file in enumerate(waiting):
        open_appeal(office, respondent(file.case_id), file.case_id)
        if number < 4:
            support = "food-parcel" if number == 0 else None
            answer_appeal(office, DAVID, file.case_id, reason="I looked at it again.", support=support)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited") / "office"
    seed_town(folder, people=PEOPLE)
    office = open_office(folder)
    with office.store:
        decide_everybody(office)
    return folder


@pytest.fixture
def office(decided: Path, tmp_path: Path) -> Iterator[Office]:
    """The decided town; each test has its own."""
    shutil.copytree(decided, tmp_path / "office")
    found = open_office(tmp_path / "office")
    with found.store:
        yield found


def looked_at(office: Office) -> Audited:
    return audit(office, AUDITOR, PROGRAMME, min_n=MIN_N, sets=20)


@pytest.fixture(scope="module")
def audited(decided: Path) -> Audited:
    """The evidence of the town as it is."""
    office = open_office(decided)
    with office.store:
        return looked_at(office)


def cases(office: Office) -> dict[str, Case]:
    with office.store.reading() as reading:
        files = reading.queue(PROGRAMME, limit=1000)
        return {file.case_id: reading.case(file.case_id) for file in files}


def written(found: Audited) -> dict[str, str]:
    return audit_files(found.evidence, found.drafts, head=found.head)


def values(body: Any) -> Iterator[Any]:
    """Every mapping and list within a body."""
    if isinstance(body, dict):
        yield body
        for each in body.values():
            yield from values(each)
    elif isinstance(body, list):
        yield body
        for each in body:
            yield from values(each)


def test_the_figures_are_those_of_the_frozen_record(office: Office, audited: Audited) -> None:
    own = [case for case in cases(office).values() if case.decision is not None]
    assert len(own) > 100
    everybody = audited.evidence.everybody
    assert everybody.n == len(own)
    supported = [isinstance(case.decision, Offered) for case in own]
    assert everybody.observed.support.value == pytest.approx(sum(supported) / len(own))
    in_need = [case.assessment is not None and case.assessment.p >= 0.5 for case in own]
    missed = sum(need and not given for need, given in zip(in_need, supported, strict=True))
    assert everybody.observed.exclusion.value == pytest.approx(missed / sum(in_need))


def test_an_assessment_after_the_decision_changes_no_figure(office: Office, audited: Audited) -> None:
    before = audited.evidence.everybody
    case_id = next(key for key, case in cases(office).items() if isinstance(case.decision, Offered))
    answers = cases(office)[case_id].answers
    code = "0" if answers[("need", "WHLDAY")].code == "1" else "1"
    correct(office, respondent(case_id), case_id, "need", "WHLDAY", code)
    assert looked_at(office).evidence.everybody == before


def test_groups_are_districts_and_public_fields_and_no_others(audited: Audited) -> None:
    found = audited
    assert [each.name for each in found.evidence.groupings] == [DISTRICT, "home_kind"]
    assert {each.group for each in found.evidence.by("home_kind").targeted} <= {"Alone", "With others"}
    private = [{**each, "public": False} for each in _fields()]
    assert set(groupings(town_like(fields=private, statistics={"extra_field": None}))) == {DISTRICT}


def _fields() -> list[dict[str, Any]]:
    programme = town_like()
    return [each.model_dump(mode="json", exclude_defaults=True) for each in programme.fields]


def test_a_public_field_groups_only_those_who_agreed_to_statistics(office: Office, audited: Audited) -> None:
    own = [case for case in cases(office).values() if case.decision is not None]
    agreed = sum(case.agreed("statistics") for case in own)
    assert 0 < agreed < len(own)
    groups = [each.n for each in audited.evidence.by("home_kind").targeted]
    assert sum(n or 0 for n in groups) == agreed


def test_decisions_against_proposals_are_those_of_caseworkers_on_proposed_outcomes(
    office: Office, audited: Audited
) -> None:
    found = audited.evidence.overrides
    assert found is not None
    by_hand = [
        case
        for case in cases(office).values()
        if case.decision is not None and case.decision.round is None and case.proposal is not None
        and case.proposal.proposal == "not_this_round"
    ]  # fmt: skip
    against = sum(isinstance(case.decision, Offered) for case in by_hand)
    assert found.everybody.value is None or found.everybody.value == pytest.approx(against / len(by_hand))
    assert [each.who for each in found.caseworkers] == ["clara", "david"]


def test_too_few_appeals_show_no_figure(audited: Audited) -> None:
    found = audited.evidence.appeals
    assert found is not None
    assert (found.opened, found.changed.value, found.median_days.value) == (None, None, None)


def test_small_groups_read_insufficient_evidence(office: Office) -> None:
    found = audit(office, AUDITOR, PROGRAMME, sets=20)  # 25 people a district: too few for its own figures
    assert found.evidence.by(DISTRICT).targeted == ()
    assert all(row.observed.value is None for row in found.evidence.by(DISTRICT).fairness.differences)
    assert "insufficient evidence" in written(found)["evidence.html"].lower()


def test_no_row_of_any_output_is_about_one_person(office: Office, audited: Audited) -> None:
    found = audited
    texts = written(found)
    everything = "\n".join(texts.values())
    with office.store.reading() as reading:
        for file in reading.queue(PROGRAMME, limit=1000):
            assert file.pseudonym not in everything
            assert file.case_id not in everything
    people = found.evidence.n
    for each in values(json.loads(texts["evidence.json"])):
        if isinstance(each, list):
            assert len(each) < min(people, 100), "a list as long as there are people"
        elif {"value", "low", "high", "n"} <= set(each) and each["value"] is not None and each["n"] is not None:
            assert each["n"] >= 11, each
        elif {"group", "n"} <= set(each) and each["n"] is not None:
            assert each["n"] >= MIN_N, each


def test_whoever_withdrew_froze_or_erased_their_case_is_in_no_figure(office: Office, audited: Audited) -> None:
    before = audited.evidence
    gone = [key for key, case in cases(office).items() if case.decision is not None][:9]
    for case_id in gone[:3]:
        withdraw(office, respondent(case_id), case_id)
    for case_id in gone[3:6]:
        restrict(office, respondent(case_id), case_id, on=True)
    for case_id in gone[6:]:
        erase(office, respondent(case_id), case_id)
    after = looked_at(office).evidence
    assert after.n == before.n - len(gone)
    told = " ".join(after.notes)
    assert "of people who withdrew" in told
    assert "frozen by their person" in told
    assert "fewer than 11 cases" in told


def test_records_of_people_who_withdrew_or_froze_their_case_are_not_opened(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = list(cases(office))[:2]
    withdraw(office, respondent(one), one)
    restrict(office, respondent(other), other, on=True)
    opened = []
    events = Reading.events

    def noted(self: Reading, case_id: str) -> Any:
        opened.append(case_id)
        return events(self, case_id)

    monkeypatch.setattr(Reading, "events", noted)
    looked_at(office)
    assert len(opened) == PEOPLE - 2
    assert not {one, other} & set(opened)


def test_a_town_where_nothing_was_decided_has_no_figure(tmp_path: Path) -> None:
    seed_town(tmp_path / "office", people=12)
    office = open_office(tmp_path / "office")
    with office.store:
        found = audit(office, AUDITOR, PROGRAMME, sets=20)
    assert found.evidence.n == 0
    assert found.evidence.findings == ()
    assert "12 cases without a decision yet" in " ".join(found.evidence.notes)
    assert "evidence.html" in written(found)


@pytest.mark.parametrize("actor", [ANALYST, CLARA, Actor("anna", frozenset({"administrator"}))])
def test_only_an_auditor_sees_evidence(office: Office, actor: Actor) -> None:
    with pytest.raises(CaseError) as error:
        audit(office, actor, PROGRAMME)
    assert error.value.code == "case.not-allowed"


def test_fewer_people_a_figure_than_eleven_is_refused(office: Office) -> None:
    with pytest.raises(OptionError) as error:
        audit(office, AUDITOR, PROGRAMME, min_n=10)
    assert error.value.code == "audit.options"


def test_the_drafts_of_every_register_are_there_and_say_what_is_left_to_write(audited: Audited) -> None:
    found = audited
    assert [each.register for each in found.drafts] == list(REGISTERS)
    assert {each.definition_hash for each in found.drafts} == {found.definition_hash}
    texts = written(found)
    for register in REGISTERS:
        assert {f"{register}.{ending}" for ending in ("html", "md", "json")} <= set(texts)
    assert "To be written by the controller" in texts["dpia.md"]


def test_one_page_has_what_depends_on_no_grouping_once_and_a_section_for_each_grouping(audited: Audited) -> None:
    texts = written(audited)
    assert [name for name in texts if name.startswith("evidence")] == ["evidence.html", "evidence.json"]
    page, body = texts["evidence.html"], json.loads(texts["evidence.json"])
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {"targeting", "calibration", "answers", "items", "people", "by-district", "by-home_kind"} <= set(ids)
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert {"by-district", "by-home_kind", "by-district-errors-caption"} <= linked <= set(ids)
    assert (body["format"], list(body["groupings"])) == ("evenhand.audit/2", [DISTRICT, "home_kind"])
    assert body["everybody"]["group"] == "all"
    assert audited.definition_hash in page
    assert f">{audited.entries}<" in page


def test_an_audit_without_drafts_has_the_same_evidence(office: Office, audited: Audited) -> None:
    found = audit(office, AUDITOR, PROGRAMME, min_n=MIN_N, sets=20, drafts=False)
    assert (found.evidence, found.drafts) == (audited.evidence, ())


def test_the_same_store_gives_the_same_files(office: Office, audited: Audited) -> None:
    assert written(looked_at(office)) == written(audited)
