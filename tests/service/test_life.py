"""The verbs of a case's life, each as its users would use it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from evenhand.casework.events import AnswerRecorded, Assessed, Proposed
from evenhand.casework.roles import SYSTEM, Actor, respondent
from evenhand.errors import CaseError, CodeError, EvenhandError, ProgrammeError, StoreError
from evenhand.programme.definition import load_programme
from evenhand.service.access import ask_again, collect_again, recover, sign_in, stop_reissue
from evenhand.service.answer import answer, asking
from evenhand.service.collect import collection_code, present
from evenhand.service.correct import correct
from evenhand.service.finish import finish
from evenhand.service.invite import invite
from evenhand.service.my_case import export_csv, export_json, see
from evenhand.service.office import Office
from evenhand.service.open_programme import close_programme, open_programme
from evenhand.service.partners import partner_view
from evenhand.service.rescore import rescore
from evenhand.service.rights import erase, restrict, set_contact, withdraw
from evenhand.service.staff import actor_of, set_roles
from evenhand.service.sweep import sweep
from evenhand.service.take_part import change_consent, take_part
from evenhand.store.fsck import fsck
from evenhand.store.receipts import verify_receipt
from tests.service.offices import (
    ADMINISTRATOR,
    AGREED,
    ANALYST,
    AUDITOR,
    CASEWORKER,
    PARTNER,
    TOWN,
    Days,
    answered,
    finished,
    joined,
    letters,
    new_office,
    town_like,
)


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


def state(office: Office, actor: Actor) -> str:
    with office.store.reading() as reading:
        return reading.case(case_of(actor)).state


# opening a programme


def test_a_changed_programme_needs_a_new_version(office: Office) -> None:
    with pytest.raises(CaseError) as error:
        open_programme(office, ANALYST, town_like(budget={"places": 3}))
    assert refusal(error) == "programme.same-version"
    open_programme(office, ANALYST, town_like(budget={"places": 3}, version="2"))


def test_a_case_keeps_the_definition_it_was_opened_under(office: Office) -> None:
    person, before = finished(office)
    open_programme(office, ANALYST, town_like(version="2", need={"threshold": "severe"}))
    again = correct(office, person.actor, case_of(person.actor), "need", "HUNGRY", "0")
    assert again.assessed.threshold == before.assessed.threshold
    assert again.assessed.definition_hash == before.assessed.definition_hash


def test_a_closed_programme_takes_nobody_in(office: Office) -> None:
    code = invite(office, CASEWORKER, TOWN, partner="library", count=1).codes[0]
    close_programme(office, ANALYST, TOWN)
    with pytest.raises(CaseError) as error:
        take_part(office, TOWN, invitation=code, choices=AGREED, language="en", district="mill")
    assert refusal(error) == "programme.not-taking-in"


# invitations and consent


def test_an_invitation_opens_one_case(office: Office) -> None:
    code = invite(office, CASEWORKER, TOWN, partner="library", count=1).codes[0]
    take_part(office, TOWN, invitation=code, choices=AGREED, language="en", district="mill")
    with pytest.raises(CaseError) as error:
        take_part(office, TOWN, invitation=code, choices=AGREED, language="en", district="mill")
    assert refusal(error) == "code.opens-nothing"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"choices": {"statistics": True}}, "consent.needed"),
        ({"language": "fr"}, "consent.language"),
        ({"district": "moon"}, "programme.no-such-district"),
        ({"invitation": "0000-0000-0000"}, "code.opens-nothing"),
        ({"invitation": "1"}, "code.length"),
    ],
)
def test_nothing_is_stored_where_taking_part_fails(office: Office, changes: dict[str, Any], code: str) -> None:
    invitation = invite(office, CASEWORKER, TOWN, partner="library", count=1).codes[0]
    asked: dict[str, Any] = {"invitation": invitation, "choices": AGREED, "language": "en", "district": "mill"}
    with office.store.reading() as reading:
        before = reading.size()
    with pytest.raises(EvenhandError) as error:
        take_part(office, TOWN, **{**asked, **changes})
    assert refusal(error) == code
    with office.store.reading() as reading:
        assert reading.size() == before
        assert not reading.counts(TOWN)
    take_part(office, TOWN, **asked)  # the invitation is still good


@pytest.mark.parametrize("day", [-30, 120])
def test_people_join_within_the_dates(town: tuple[Office, Days], day: int) -> None:
    office, days = town
    code = invite(office, CASEWORKER, TOWN, partner="library", count=1).codes[0]
    days.pass_by(day)
    with pytest.raises(CaseError) as error:
        take_part(office, TOWN, invitation=code, choices=AGREED, language="en", district="mill")
    assert refusal(error) == "programme.not-taking-in"


@pytest.mark.parametrize("count", [0, -1, 100_001])
def test_an_impossible_number_of_invitations_is_refused(office: Office, count: int) -> None:
    with pytest.raises(CaseError) as error:
        invite(office, CASEWORKER, TOWN, partner="library", count=count)
    assert refusal(error) == "invite.count"


def test_taking_back_an_agreement_takes_the_case_out_of_the_statistics(office: Office) -> None:
    person, _ = finished(office)
    with office.store.reading() as reading:
        assert sum(reading.histogram(TOWN, "2026-11").values()) == 1
    change_consent(office, person.actor, case_of(person.actor), {**AGREED, "statistics": False})
    with office.store.reading() as reading:
        assert not reading.histogram(TOWN, "2026-11")


def test_refusing_an_optional_purpose_changes_nothing_else(office: Office) -> None:
    _, agreed = finished(office)
    _, refused = finished(office, choices={"decide": True})
    assert (agreed.assessed.p, agreed.proposed.proposal) == (refused.assessed.p, refused.proposed.proposal)
    with office.store.reading() as reading:
        assert sum(reading.histogram(TOWN, "2026-11").values()) == 1


# answering


def test_need_then_capacity_then_extra_facts(office: Office) -> None:
    person = joined(office).actor
    order = []
    while asked := asking(office, person, case_of(person)):
        order.append(asked.component)
        answer(office, person, case_of(person), *asked.key, asked.options[0].code if asked.options else "0")
    assert order == sorted(order, key=["need", "capacity", "field"].index)
    assert len(order) == 8 + len(load_programme(TOWN).capacity_instrument().items) + 2  # type: ignore[union-attr]


def test_a_form_sent_twice_makes_one_event(office: Office) -> None:
    person = joined(office).actor
    first = answer(office, person, case_of(person), "need", "WORRIED", "1", token="t" * 64)
    again = answer(office, person, case_of(person), "need", "WORRIED", "1", token="t" * 64)
    assert (again.index, again.repeated, first.repeated) == (first.index, True, False)
    with office.store.reading() as reading:
        kept = [each for _, each in reading.events(case_of(person)) if isinstance(each, AnswerRecorded)]
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("asked", "typed", "code"),
    [
        (("need", "WORRIED"), "7", "answer.not-an-option"),
        (("need", "WORRIED"), "", "answer.not-an-option"),
        (("need", "AGE"), "1", "answer.no-question"),
        (("field", "children_under_2"), "many", "answer.not-a-number"),
        (("field", "children_under_2"), "7", "answer.not-a-number"),
        (("field", "children_under_2"), "-1", "answer.not-a-number"),
    ],
)
def test_what_is_no_answer_is_refused_and_never_repeated(
    office: Office, asked: tuple[str, str], typed: str, code: str
) -> None:
    person = joined(office).actor
    with pytest.raises(CaseError) as error:
        answer(office, person, case_of(person), *asked, typed)
    assert refusal(error) == code
    assert typed not in {error.value.what, error.value.where} or not typed


def test_do_not_know_is_unknown_and_never_no(office: Office) -> None:
    person = joined(office).actor
    for item in load_programme(TOWN).need_scale().names:
        answer(office, person, case_of(person), "need", item, "98")
    found = finish(office, person, case_of(person), leave_rest=True)
    assert set(found.assessed.answers.values()) == {None}
    assert found.proposed.proposal == "review"
    assert "too-few-answers" in found.proposed.reasons


def test_open_questions_are_named_before_anything_is_scored(office: Office) -> None:
    person = joined(office).actor
    answer(office, person, case_of(person), "need", "WORRIED", "1")
    with pytest.raises(CaseError) as error:
        finish(office, person, case_of(person))
    assert refusal(error) == "answer.open-questions"
    assert state(office, person) == "answering"


def test_an_unknown_answer_that_could_change_the_proposal_goes_to_a_person(office: Office) -> None:
    _, found = finished(office, ["1", "1", "1", "1", "1", "98", "98", "98"])  # type: ignore[arg-type]
    assert found.assessed.p_range[0] < found.assessed.p < found.assessed.p_range[1]
    assert found.proposed.reasons == ("certainly-above", "unknown-answers-could-change-it")
    assert found.proposed.proposal == "review"


def test_a_caseworker_who_sits_with_a_person_is_named(office: Office) -> None:
    person = joined(office).actor
    answer(office, CASEWORKER, case_of(person), "need", "WORRIED", "1")
    with office.store.reading() as reading:
        given = reading.case(case_of(person)).answers["need", "WORRIED"]
    assert (given.actor, given.source) == ("carl", "assisted")


def test_nobody_answers_in_another_case(office: Office) -> None:
    mine, other = joined(office).actor, joined(office).actor
    with pytest.raises(CaseError) as error:
        answer(office, respondent(case_of(mine)), case_of(other), "need", "WORRIED", "1")
    assert refusal(error) == "case.not-allowed"


# the assessment


def test_an_assessment_is_frozen_with_the_hashes_of_what_it_rests_on(office: Office) -> None:
    _, found = finished(office)
    town = load_programme(TOWN)
    assert found.assessed.scale_hash == town.need_scale().hash()
    assert found.assessed.instrument_hash == town.need_instrument().hash()
    assert found.assessed.rule_hash == town.rule_hash()
    assert found.assessed.software.startswith("evenhand ")


def test_changing_every_capacity_answer_changes_neither_need_nor_the_proposal(office: Office) -> None:
    results = []
    for rest in (0, 1):
        person = joined(office).actor
        answered(office, person, rest=rest)
        found = finish(office, person, case_of(person))
        results.append((found.assessed.theta, found.assessed.p, found.proposed.proposal, found.proposed.reasons))
    assert results[0] == results[1]


def test_a_correction_is_a_new_version_and_the_history_stays(office: Office) -> None:
    person, before = finished(office)
    after = correct(office, person.actor, case_of(person.actor), "need", "WORRIED", "0")
    assert (before.assessed.version, after.assessed.version) == (1, 2)
    assert after.assessed.theta < before.assessed.theta
    with office.store.reading() as reading:
        events = [event for _, event in reading.events(case_of(person.actor))]
    assert [each.version for each in events if isinstance(each, Assessed)] == [1, 2]
    assert [each.assessment for each in events if isinstance(each, Proposed)] == [1, 2]


def test_there_is_nothing_to_correct_before_anything_was_answered(office: Office) -> None:
    person = joined(office).actor
    with pytest.raises(CaseError) as error:
        correct(office, person, case_of(person), "need", "WORRIED", "0")
    assert refusal(error) == "case.nothing-to-correct"


def test_stored_cases_score_again_to_the_last_bit(office: Office) -> None:
    patterns = ("00000000", "11110000", "10101010", "11111111", "00000001")
    for need in patterns:
        finished(office, need)
    found = rescore(office, AUDITOR, TOWN)
    assert (found.assessments, found.identical, found.worst, found.beyond) == (len(patterns),) * 2 + (0.0, ())


# seeing, freezing, leaving


def test_an_export_holds_every_event_and_answer(office: Office) -> None:
    person, _ = finished(office)
    record = see(office, person.actor, case_of(person.actor))
    body = json.loads(export_json(record))
    kinds = [row["kind"] for row in body["tables"]["event"]]
    assert kinds.count("answer-recorded") == 8 + len(load_programme(TOWN).capacity_instrument().items)  # type: ignore[union-attr]
    assert body["pseudonym"] == record.pseudonym
    rows = list(csv.DictReader(io.StringIO(export_csv(record))))
    assert {row["table"] for row in rows} >= {"event", "case_file", "access_code", "contribution", "invitation"}
    assert {row["pseudonym"] for row in rows} == {record.pseudonym}
    assert case_of(person.actor) not in export_json(record) + export_csv(record)


def test_a_cell_that_looks_like_a_formula_is_made_harmless(office: Office) -> None:
    person, _ = finished(office)
    set_contact(office, person.actor, case_of(person.actor), "=HYPERLINK(1)")
    rows = csv.DictReader(io.StringIO(export_csv(see(office, person.actor, case_of(person.actor)))))
    assert "'=HYPERLINK(1)" in {row["value"] for row in rows}


def test_a_frozen_case_is_not_assessed_until_it_thaws(office: Office) -> None:
    person = joined(office).actor
    answered(office, person)
    restrict(office, person, case_of(person), on=True)
    with pytest.raises(CaseError) as error:
        finish(office, person, case_of(person))
    assert refusal(error) == "case.restricted"
    restrict(office, person, case_of(person), on=False)
    assert finish(office, person, case_of(person)).assessed.version == 1


def test_withdrawing_is_one_step_without_staff(office: Office) -> None:
    person, _ = finished(office)
    withdraw(office, person.actor, case_of(person.actor))
    assert state(office, person.actor) == "withdrawn"
    with office.store.reading() as reading:
        assert not reading.histogram(TOWN, "2026-11")


def test_erasing_is_one_step_with_a_receipt_that_verifies(office: Office) -> None:
    person, _ = finished(office)
    gone = erase(office, person.actor, case_of(person.actor))
    assert verify_receipt(gone.receipt, [office.store.keys.verifier]).holds
    assert case_of(person.actor) not in gone.receipt.payload.decode()
    with pytest.raises(StoreError) as error:
        see(office, person.actor, case_of(person.actor))
    assert refusal(error) == "store.no-case"
    assert fsck(office.store) == ()


def test_a_receipt_names_the_case_by_its_pseudonym(office: Office) -> None:
    person, _ = finished(office)
    receipt = office.store.receipt(person.index, office.clock())
    text = receipt.payload.decode()
    with office.store.reading() as reading:
        assert json.loads(text)["case"] == reading.case_file(case_of(person.actor)).pseudonym
    assert case_of(person.actor) not in text


def test_after_an_erasure_the_codes_open_nothing(office: Office) -> None:
    person, _ = finished(office)
    erase(office, person.actor, case_of(person.actor))
    for way in (sign_in, recover):
        with pytest.raises(CaseError) as error:
            way(office, TOWN, person.access_code if way is sign_in else person.recovery_phrase)
        assert refusal(error) == "code.opens-nothing"


def test_a_contact_needs_agreement_to_messages(office: Office) -> None:
    person = joined(office, choices={"decide": True}).actor
    with pytest.raises(CaseError) as error:
        set_contact(office, person, case_of(person), "a@b.example")
    assert refusal(error) == "consent.messages"


def test_the_sweep_erases_what_is_past_its_date_and_nothing_else(town: tuple[Office, Days]) -> None:
    office, days = town
    person, _ = finished(office)
    withdraw(office, person.actor, case_of(person.actor))
    kept, _ = finished(office)
    days.pass_by(181)
    (swept,) = sweep(office, ADMINISTRATOR)
    assert (swept.cases, swept.fields) == (1, 2)  # the withdrawn case, and the two facts of the other
    assert state(office, kept.actor) == "proposed"
    assert fsck(office.store) == ()
    assert sweep(office, SYSTEM)[0].cases == 0


def test_everything_is_gone_after_the_programme_s_own_dates(town: tuple[Office, Days]) -> None:
    office, days = town
    for _ in range(3):
        finished(office)
    days.pass_by(2 * 365)
    assert sweep(office, SYSTEM)[0].cases == 3
    with office.store.reading() as reading:
        assert not reading.counts(TOWN)
    assert fsck(office.store) == ()


def test_a_fact_can_be_given_again_after_the_first_expired(town: tuple[Office, Days]) -> None:
    office, days = town
    person, _ = finished(office)
    days.pass_by(100)
    answer(office, person.actor, case_of(person.actor), "field", "children_under_2", "2")
    days.pass_by(100)
    assert sweep(office, SYSTEM)[0].fields == 2
    with office.store.reading() as reading:
        assert reading.case(case_of(person.actor)).fields["children_under_2"].value == "2"
    assert fsck(office.store) == ()


# codes


def test_an_access_code_opens_its_case_however_it_is_typed(office: Office) -> None:
    person = joined(office)
    assert sign_in(office, TOWN, person.access_code.lower().replace("-", " ")) == person.actor


def test_a_mistyped_code_is_told_from_an_unknown_one(office: Office) -> None:
    person = joined(office)
    wrong = ("1" if person.access_code[0] != "1" else "2") + person.access_code[1:]
    with pytest.raises(CodeError):
        sign_in(office, TOWN, wrong)
    with pytest.raises(CaseError) as error:
        sign_in(office, TOWN, "0000-0000-0000-0000")
    assert refusal(error) == "code.opens-nothing"


def test_the_recovery_phrase_gives_a_new_code_and_shuts_the_old_one(office: Office) -> None:
    person, _ = finished(office)
    fresh = recover(office, TOWN, person.recovery_phrase)
    assert sign_in(office, TOWN, fresh.access_code) == person.actor
    with pytest.raises(CaseError):
        sign_in(office, TOWN, person.access_code)
    assert see(office, fresh.actor, case_of(fresh.actor)).case.answers


def test_a_slip_gives_a_code_after_the_waiting_time_that_does_not_open_old_answers(
    town: tuple[Office, Days],
) -> None:
    office, days = town
    first = invite(office, CASEWORKER, TOWN, partner="library", count=1).codes[0]
    person = take_part(office, TOWN, invitation=first, choices=AGREED, language="ru", district="mill")
    answered(office, person.actor)
    finish(office, person.actor, case_of(person.actor))
    set_contact(office, person.actor, case_of(person.actor), "old@contact.example")
    slip = invite(office, CASEWORKER, TOWN, partner="library", count=1).codes[0]
    ask_again(office, TOWN, slip=slip, invitation=first)
    assert letters(office)[0][0] == "old@contact.example"
    with pytest.raises(CaseError):
        collect_again(office, TOWN, slip)
    days.pass_by(7)
    fresh = collect_again(office, TOWN, slip)
    record = see(office, fresh.actor, case_of(fresh.actor))
    assert record.case.state == "proposed"
    assert not record.case.answers
    assert "WORRIED" not in export_json(record)
    assert "old@contact" not in export_json(record)
    assert see(office, recover(office, TOWN, person.recovery_phrase).actor, case_of(person.actor)).case.answers


def test_whoever_still_has_the_code_stops_a_new_one(town: tuple[Office, Days]) -> None:
    office, days = town
    first, slip = invite(office, CASEWORKER, TOWN, partner="library", count=2).codes
    person = take_part(office, TOWN, invitation=first, choices=AGREED, language="en", district="mill")
    ask_again(office, TOWN, slip=slip, invitation=first)
    stop_reissue(office, person.actor, case_of(person.actor))
    days.pass_by(8)
    with pytest.raises(CaseError):
        collect_again(office, TOWN, slip)


def test_asking_again_tells_nobody_whether_there_is_a_case(office: Office) -> None:
    used, unused, slip, other = invite(office, CASEWORKER, TOWN, partner="library", count=4).codes
    take_part(office, TOWN, invitation=used, choices=AGREED, language="en", district="mill")
    assert ask_again(office, TOWN, slip=slip, invitation=used) == ask_again(
        office, TOWN, slip=other, invitation=unused
    )


# partners


def test_a_partner_s_view_does_not_change_when_somebody_takes_part(office: Office) -> None:
    code = invite(office, CASEWORKER, TOWN, partner="library", count=5).codes[0]
    before = partner_view(office, PARTNER, TOWN)
    person = take_part(office, TOWN, invitation=code, choices=AGREED, language="en", district="mill")
    answered(office, person.actor)
    finish(office, person.actor, case_of(person.actor))
    withdraw(office, person.actor, case_of(person.actor))
    assert partner_view(office, PARTNER, TOWN) == before
    assert before.issued == 5


def test_nothing_is_collected_without_an_offer(office: Office) -> None:
    person, _ = finished(office)
    with pytest.raises(CaseError) as error:
        collection_code(office, person.actor, case_of(person.actor))
    assert refusal(error) == "collect.no-offer"
    with pytest.raises(CaseError) as error:
        present(office, PARTNER, TOWN, "0000-0000")
    assert refusal(error) == "collect.opens-nothing"


# staff


def test_the_first_administrator_adds_themselves_and_then_the_others(office: Office) -> None:
    root = Actor("adam", frozenset())
    with pytest.raises(CaseError) as error:
        set_roles(office, root, "carl", ["caseworker"])
    assert refusal(error) == "staff.first"
    set_roles(office, root, "adam", ["administrator"])
    set_roles(office, actor_of(office, "adam"), "carl", ["caseworker"])
    assert actor_of(office, "carl").roles == {"caseworker"}
    with pytest.raises(CaseError) as error:
        set_roles(office, actor_of(office, "carl"), "eve", ["caseworker"])
    assert refusal(error) == "case.not-allowed"


def test_whoever_is_shut_out_is_nobody(office: Office) -> None:
    set_roles(office, Actor("adam", frozenset()), "adam", ["administrator"])
    set_roles(office, ADMINISTRATOR, "carl", ["caseworker"])
    set_roles(office, ADMINISTRATOR, "carl", ["caseworker"], disabled=True)
    with pytest.raises(CaseError) as error:
        actor_of(office, "carl")
    assert refusal(error) == "staff.unknown"


@pytest.mark.parametrize(
    ("staff", "roles", "code"),
    [
        ("system", ["caseworker"], "staff.name"),
        ("Carl Smith", ["caseworker"], "staff.name"),
        ("carl", ["king"], "staff.role"),
        ("carl", [], "staff.role"),
        ("carl", ["respondent"], "staff.role"),
        ("carl", ["auditor", "caseworker"], "staff.apart"),
        ("carl", ["administrator", "caseworker"], "staff.apart"),
    ],
)
def test_roles_that_no_one_may_hold(office: Office, staff: str, roles: list[str], code: str) -> None:
    set_roles(office, Actor("adam", frozenset()), "adam", ["administrator"])
    with pytest.raises(CaseError) as error:
        set_roles(office, ADMINISTRATOR, staff, roles)
    assert refusal(error) == code


def test_an_unknown_programme_is_told(office: Office) -> None:
    with pytest.raises(CaseError) as error:
        invite(office, CASEWORKER, "other", partner="library", count=1)
    assert refusal(error) == "programme.not-open"
    with pytest.raises(ProgrammeError):
        invite(office, CASEWORKER, TOWN, partner="library", count=1, district="moon")
