"""Why, contesting and complaining, as people and caseworkers use them."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evenhand.casework.events import AccessCodeIssued, AppealAnswered, AppealOpened, Offered, to_payload
from evenhand.casework.explain import explain_from_payloads
from evenhand.casework.explaintell import tell
from evenhand.casework.roles import Actor, respondent
from evenhand.errors import CaseError, EvenhandError, ProgrammeError
from evenhand.programme.definition import load_programme
from evenhand.service.appeal import answer_appeal, complain, open_appeal
from evenhand.service.correct import correct
from evenhand.service.decide import not_this_round, offer
from evenhand.service.explain import if_corrected, why
from evenhand.service.office import NoPost, Office
from evenhand.service.open_programme import open_programme
from evenhand.service.rights import erase, restrict
from evenhand.store.fsck import fsck
from tests.service.offices import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    CASEWORKER,
    PARTNER,
    SECOND,
    TOWN,
    Days,
    finished,
    letters,
    new_office,
    town_like,
)

REASON = "The answers leave it open, and others were in greater need."


@pytest.fixture
def town(tmp_path: Path) -> tuple[Office, Days]:
    return new_office(tmp_path)


@pytest.fixture
def office(town: tuple[Office, Days]) -> Office:
    return town[0]


def refusal(error: pytest.ExceptionInfo[EvenhandError]) -> str:
    return error.value.code


def case_of(actor: Actor) -> str:
    assert actor.case
    return actor.case


def refused(office: Office, need: str = "11110000") -> Actor:
    """A person who was told that there is no support in this round."""
    person, _ = finished(office, need)
    not_this_round(office, CASEWORKER, case_of(person.actor), reason=REASON)
    return person.actor


def kinds(office: Office, person: Actor) -> list[type]:
    with office.store.reading() as reading:
        return [type(event) for _, event in reading.events(case_of(person))]


# why


@pytest.mark.parametrize("need", ["00000000", "11110000", "01010101", "11111111", "00000001"])
def test_a_stored_case_is_explained_by_what_was_stored(office: Office, need: str) -> None:
    person, done = finished(office, need)
    found = why(office, person.actor, case_of(person.actor))
    assert (found.measured.theta, found.measured.p) == (done.assessed.theta, done.assessed.p)
    assert found.ruled.proposal == done.proposed.proposal
    assert len(found.counted) == 8


def test_answers_stand_beside_their_own_questions_after_the_store(office: Office) -> None:
    person, _ = finished(office, "11110000")
    found = why(office, person.actor, case_of(person.actor))
    names = load_programme(TOWN).need_scale().names
    assert [each.item for each in found.counted] == list(names)
    assert [each.answer["en"] for each in found.counted] == ["Yes"] * 4 + ["No"] * 4


def test_an_unknown_answer_is_told_and_counts_for_nothing(office: Office) -> None:
    person, _ = finished(office, ["1", "1", "98", "1", "0", "0", "0", "0"])  # type: ignore[arg-type]
    found = why(office, person.actor, case_of(person.actor))
    assert [(each.item, each.reason) for each in found.unknown] == [
        (load_programme(TOWN).need_scale().names[2], "dont_know")
    ]
    assert len(found.counted) == 7


def test_the_person_and_a_caseworker_see_the_same_and_nobody_else_sees_any(office: Office) -> None:
    person = refused(office)
    assert why(office, CASEWORKER, case_of(person)) == why(office, person, case_of(person))
    other = refused(office)
    for actor in (ADMINISTRATOR, AUDITOR, ANALYST, PARTNER, respondent(case_of(other))):
        with pytest.raises(CaseError) as error:
            why(office, actor, case_of(person))
        assert refusal(error) == "case.not-allowed"


def test_a_code_given_anew_without_the_phrase_opens_no_reasons(office: Office) -> None:

    person = refused(office)
    with office.store.unit() as unit:
        unit.append(AccessCodeIssued(TOWN, office.clock(), "library", case_of(person), "partner", False))
    with pytest.raises(CaseError) as error:
        why(office, person, case_of(person))
    assert refusal(error) == "explain.closed-to-this-code"
    with pytest.raises(CaseError) as error:
        if_corrected(office, person, case_of(person), {"WORRIED": "0"})
    assert refusal(error) == "explain.closed-to-this-code"
    assert why(office, CASEWORKER, case_of(person)).decided


def test_a_new_version_of_the_programme_moves_no_past_explanation(office: Office) -> None:
    person = refused(office)
    before = why(office, person, case_of(person))
    rule = {"certain_yes": 0.6, "certain_no": 0.4, "version": "2"}
    open_programme(office, ANALYST, town_like(version="2", need={"threshold": "severe"}, rule=rule))
    assert why(office, person, case_of(person)) == before


def test_other_people_s_erasures_move_no_explanation(office: Office) -> None:
    others = [refused(office, "11111111") for _ in range(3)]
    person = refused(office)
    before = why(office, person, case_of(person))
    for other in others:
        erase(office, other, case_of(other))
    assert why(office, person, case_of(person)) == before


def test_an_export_and_the_frozen_documents_are_enough_to_replay(office: Office) -> None:
    person = refused(office)
    with office.store.reading() as reading:
        payloads = [to_payload(event) for _, event in reading.events(case_of(person))]
        definition = office.of_case(reading, case_of(person))
    documents = {each.hash: each.content for each in definition.frozen()}
    assert explain_from_payloads(payloads, documents) == why(office, person, case_of(person))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_of_a_stored_case_can_be_told(office: Office, language: str) -> None:
    person = refused(office)
    page = tell(why(office, person, case_of(person)), language, office.clock().date())
    assert page.may_contest
    assert REASON in {quote.text for section in page.sections for quote in section.quotes}


def test_a_stated_correction_is_measured_and_nothing_is_stored(office: Office) -> None:
    person, done = finished(office)
    with office.store.reading() as reading:
        before = reading.size()
    found = if_corrected(office, person.actor, case_of(person.actor), {"WORRIED": "0"})
    with office.store.reading() as reading:
        assert reading.size() == before
    after = correct(office, person.actor, case_of(person.actor), "need", "WORRIED", "0").assessed
    assert (found.theta_before, found.theta, found.p) == (done.assessed.theta, after.theta, after.p)


# contesting


def test_an_appeal_that_is_upheld_leaves_the_decision(office: Office) -> None:
    person = refused(office)
    opened = open_appeal(office, person, case_of(person))
    assert opened.answer_by == "2026-12-11"
    done = answer_appeal(office, SECOND, case_of(person), reason="I looked again and found it right.")
    assert done.decision is None
    ways = why(office, person, case_of(person)).ways
    assert (ways.answered, ways.answer_by) == (False, None)


def test_a_changed_decision_and_its_reason_are_stored_together(office: Office) -> None:
    person = refused(office)
    open_appeal(office, person, case_of(person), words="My rent rose.")
    done = answer_appeal(office, SECOND, case_of(person), reason="Your rent rose.", support="food-parcel")
    assert done.decision
    assert kinds(office, person)[-2:] == [AppealAnswered, Offered]
    found = why(office, person, case_of(person))
    assert found.decided
    assert (found.decided.outcome, found.decided.overrides, found.ways.answered) == ("offered", True, True)
    assert fsck(office.store) == ()


def test_nobody_answers_an_appeal_against_their_own_decision(office: Office) -> None:
    person = refused(office)
    open_appeal(office, person, case_of(person))
    with pytest.raises(CaseError) as error:
        answer_appeal(office, CASEWORKER, case_of(person), reason=REASON)
    assert refusal(error) == "appeal.same-person"
    assert AppealAnswered not in kinds(office, person)


@pytest.mark.parametrize("actor", [ADMINISTRATOR, AUDITOR, ANALYST, PARTNER])
def test_only_a_caseworker_answers(office: Office, actor: Actor) -> None:
    person = refused(office)
    open_appeal(office, person, case_of(person))
    with pytest.raises(CaseError) as error:
        answer_appeal(office, actor, case_of(person), reason=REASON)
    assert refusal(error) == "case.not-allowed"


def test_a_person_contests_their_own_decision_only(office: Office) -> None:
    mine, other = refused(office), refused(office)
    with pytest.raises(CaseError) as error:
        open_appeal(office, mine, case_of(other))
    assert refusal(error) == "case.not-allowed"


def test_an_appeal_form_sent_twice_opens_one(office: Office) -> None:
    person = refused(office)
    first = open_appeal(office, person, case_of(person), token="t" * 64)
    again = open_appeal(office, person, case_of(person), token="t" * 64)
    assert (again.index, again.repeated, again.answer_by) == (first.index, True, first.answer_by)
    assert kinds(office, person).count(AppealOpened) == 1


def test_a_late_appeal_is_refused_and_stores_nothing(town: tuple[Office, Days]) -> None:
    office, days = town
    person = refused(office)
    days.pass_by(62)
    with pytest.raises(CaseError) as error:
        open_appeal(office, person, case_of(person))
    assert refusal(error) == "appeal.too-late"
    assert AppealOpened not in kinds(office, person)


def test_an_appeal_can_be_opened_while_the_use_is_frozen_and_support_waits(office: Office) -> None:
    person = refused(office)
    restrict(office, person, case_of(person), on=True)
    open_appeal(office, person, case_of(person))
    with pytest.raises(CaseError) as error:
        answer_appeal(office, SECOND, case_of(person), reason="Your rent rose.", support="food-parcel")
    assert refusal(error) == "case.restricted"
    assert AppealAnswered not in kinds(office, person)


def test_a_correction_within_an_appeal_is_measured_and_then_decided_on(office: Office) -> None:
    person = refused(office)
    open_appeal(office, person, case_of(person))
    correct(office, person, case_of(person), "need", "HUNGRY", "1")
    done = answer_appeal(office, SECOND, case_of(person), reason="You put it right.", support="food-parcel")
    assert done.decision
    assert done.decision.assessment == 2
    assert why(office, person, case_of(person)).frozen.assessment == 2


def test_a_support_that_the_programme_lacks_is_refused(office: Office) -> None:
    person = refused(office)
    open_appeal(office, person, case_of(person))
    with pytest.raises(ProgrammeError) as error:
        answer_appeal(office, SECOND, case_of(person), reason=REASON, support="castle")
    assert refusal(error) == "programme.no-such-support"


def test_an_appeal_brings_no_place_beyond_the_budget(tmp_path: Path) -> None:
    office, _ = new_office(tmp_path, town_like(budget={"places": 1}))
    lucky, _ = finished(office)
    offer(office, CASEWORKER, case_of(lucky.actor), support="food-parcel", reason=REASON)
    person = refused(office)
    open_appeal(office, person, case_of(person))
    with pytest.raises(CaseError) as error:
        answer_appeal(office, SECOND, case_of(person), reason=REASON, support="food-parcel")
    assert refusal(error) == "appeal.no-place"
    open_appeal(office, lucky.actor, case_of(lucky.actor))  # whoever holds a place may get another kind of help
    answer_appeal(office, SECOND, case_of(lucky.actor), reason=REASON, support="food-parcel-brought")


def test_an_answer_takes_one_case() -> None:
    assert answer_appeal.__annotations__["case_id"] is str


# complaints


def test_a_complaint_needs_no_code_and_leaves_no_trace_in_the_store(office: Office) -> None:
    with office.store.reading() as reading:
        before = reading.size()
    made = complain(office, TOWN, "The office was closed.")
    with office.store.reading() as reading:
        assert reading.size() == before
    ((to, text),) = letters(office)
    assert to == load_programme(TOWN).controller.complaints
    assert text == f"{TOWN}, {made.on}\n\nThe office was closed."
    assert made.on == date(2026, 11, 20).isoformat()


def test_an_office_without_a_post_says_where_to_bring_it(office: Office) -> None:
    with pytest.raises(CaseError) as error:
        complain(replace(office, post=NoPost()), TOWN, "The office was closed.")
    assert refusal(error) == "complaint.not-sent"
    assert load_programme(TOWN).controller.complaints in error.value.mend


def test_a_complaint_is_about_a_programme_that_there_is(office: Office) -> None:
    with pytest.raises(CaseError) as error:
        complain(office, "moon", "The office was closed.")
    assert refusal(error) == "programme.not-open"


def test_the_types_of_a_complaint_leave_no_room_for_a_case() -> None:
    made: Any = complain.__annotations__
    assert set(made) == {"office", "programme", "text", "return"}
