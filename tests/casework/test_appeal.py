"""Who may contest, until when, who answers, what it brings; complaints from anybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from evenhand.casework.appeal import (
    LONGEST,
    REMOVED,
    Complaint,
    Reserved,
    answer_appeal,
    answer_by,
    appeal_until,
    changed_decision,
    complaint,
    deciders,
    may_answer,
    open_appeal,
)
from evenhand.casework.case import Case, after
from evenhand.casework.codes import grouped, new_code
from evenhand.casework.events import AppealAnswered, AppealOpened, CaseEvent, Offered
from evenhand.errors import CaseError
from evenhand.programme.definitionparts import Appeals
from tests.casework.life import (
    BASE,
    CASE,
    COMPLETED,
    STAFF,
    TO_PROPOSED,
    answer,
    assessed,
    decision,
    lived,
    proposed,
)

APPEALS = Appeals(open_days=60, answer_days=21)
LAST = datetime(2027, 1, 1, 23, 59, tzinfo=UTC)
"""The last day of the decision in `life`, by the clock of UTC."""

REASON = "Your rent rose, and we had not counted it."


def code_of(error: pytest.ExceptionInfo[CaseError]) -> str:
    return error.value.code


def opened(case: Case, at: datetime = LAST, **options: Any) -> AppealOpened:
    return open_appeal(case, APPEALS, at=at, actor="respondent", **options)


def contested(kind: str = "not this round", *more: CaseEvent) -> tuple[CaseEvent, ...]:
    events = (*TO_PROPOSED, decision(kind))
    return (*events, opened(lived(*events)), *more)


def answered(events: tuple[CaseEvent, ...], staff: str = "dora", **options: Any) -> AppealAnswered:
    chosen: dict[str, Any] = {"reason": REASON, "changed": False, **options}
    return answer_appeal(lived(*events), events, at=LAST, staff=staff, **chosen)


# days


def test_days_are_the_programme_s() -> None:
    assert appeal_until(date(2026, 11, 2), APPEALS) == date(2027, 1, 1)
    assert answer_by(date(2027, 1, 1), APPEALS) == date(2027, 1, 22)


@pytest.mark.parametrize("kind", ["offer", "waiting", "not this round"])
def test_every_decision_can_be_contested_without_words(kind: str) -> None:
    event = opened(lived(*TO_PROPOSED, decision(kind)))
    assert (event.decision, event.words, event.answer_by) == (1, "", "2027-01-22")


@pytest.mark.parametrize(("hours", "late"), [(0, False), (12, False), (12.1, True), (48, True)])
def test_the_last_day_ends_when_it_has_ended_everywhere(hours: float, late: bool) -> None:
    case = lived(*TO_PROPOSED, decision("not this round"))
    at = datetime(2027, 1, 2, tzinfo=UTC) + timedelta(hours=hours) - timedelta(minutes=1)
    if not late:
        assert opened(case, at).decision == 1
        return
    with pytest.raises(CaseError) as error:
        opened(case, at)
    assert code_of(error) == "appeal.too-late"
    assert "2027-01-01" in error.value.what


def test_there_is_no_way_to_lengthen_the_days() -> None:
    first = lived(*contested("not this round"), AppealAnswered(**STAFF, decision=1, changed=False, reason=REASON))
    with pytest.raises(CaseError) as error:
        opened(first, LAST + timedelta(days=2))
    assert code_of(error) == "appeal.too-late"


def test_nothing_is_contested_before_it_is_decided() -> None:
    with pytest.raises(CaseError) as error:
        opened(lived(*TO_PROPOSED))
    assert code_of(error) == "appeal.no-decision"


def test_one_appeal_at_a_time() -> None:
    with pytest.raises(CaseError) as error:
        opened(lived(*contested()))
    assert code_of(error) == "case.appeal-open"


def test_an_appeal_is_bound_to_the_decision_that_stands() -> None:
    case = lived(*TO_PROPOSED, decision("waiting"), decision("waiting", 2, round="two"))
    assert opened(case).decision == 2


def test_words_lose_control_characters_and_have_a_most() -> None:
    case = lived(*TO_PROPOSED, decision("offer"))
    assert opened(case, words=" My rent\x00 rose.\n ", on_behalf=True).words == "My rent rose."
    with pytest.raises(CaseError) as error:
        opened(case, words="x" * (LONGEST + 1))
    assert code_of(error) == "appeal.words"


# who answers


@pytest.mark.parametrize("staff", ["anna", "system", "round", "respondent", "partner", ""])
def test_who_decided_never_answers_and_nobody_who_is_no_staff(staff: str) -> None:
    events = contested()
    assert not may_answer(events, staff)
    with pytest.raises(CaseError) as error:
        answered(events, staff)
    assert code_of(error) == "appeal.same-person"


def test_another_caseworker_answers() -> None:
    assert may_answer(contested(), "dora")
    assert answered(contested()).decision == 1


def test_the_officer_who_approved_a_draw_does_not_judge_it() -> None:
    events = contested("waiting")
    assert deciders(events, 1) == {"anna", "olga"}
    assert not may_answer(events, "olga")


def test_who_upheld_a_decision_does_not_judge_it_again() -> None:
    events = (*contested(), AppealAnswered(**{**STAFF, "actor": "dora"}, decision=1, changed=False, reason=REASON))
    again = (*events, opened(lived(*events)))
    assert not may_answer(again, "dora")
    assert may_answer(again, "emil")


def test_who_decided_an_earlier_version_may_answer_about_a_later_one() -> None:
    events: tuple[CaseEvent, ...] = (*TO_PROPOSED, decision("waiting"))
    events += (decision("waiting", 2, round="two", actor="boris", approved_by="boris"),)
    events += (opened(lived(*events)),)
    assert may_answer(events, "anna")
    assert not may_answer(events, "boris")


def test_without_an_open_appeal_nobody_answers() -> None:
    events = (*TO_PROPOSED, decision("offer"))
    assert not may_answer(events, "dora")
    with pytest.raises(CaseError) as error:
        answered(events)
    assert code_of(error) == "case.no-appeal"


@pytest.mark.parametrize("reason", ["", "no", "   short   "])
def test_an_answer_has_a_reason(reason: str) -> None:
    with pytest.raises(CaseError) as error:
        answered(contested(), reason=reason)
    assert code_of(error) == "appeal.reason"


# corrections inside an appeal


def test_a_correction_is_measured_before_the_appeal_is_answered() -> None:
    reopened = contested("not this round", answer(version=2, code="0"))
    with pytest.raises(CaseError) as error:
        answered(reopened)
    assert code_of(error) == "appeal.not-measured"
    again = (*reopened, COMPLETED, assessed(2), proposed(2))
    assert answered(again).decision == 1


def test_a_changed_decision_rests_on_the_corrected_measure() -> None:
    events = contested("not this round", answer(version=2, code="0"), COMPLETED, assessed(2), proposed(2))
    said = answered(events, changed=True)
    new = changed_decision(lived(*events), said, support="parcel", appeals=APPEALS)
    assert (new.version, new.assessment, new.reason, new.overrides) == (2, 2, REASON, True)
    assert new.appeal_until == "2027-03-02"
    assert after(after(lived(*events), said), new).state == "offer"


# what it brings


def test_a_changed_decision_is_support_and_nothing_else() -> None:
    events = contested("offer")
    said = answered(events, changed=True)
    assert changed_decision(lived(*events), said, support="coupon", appeals=APPEALS).support == "coupon"
    assert changed_decision.__annotations__["return"] is Offered


def test_a_change_to_the_same_support_is_none() -> None:
    events = contested("offer")
    with pytest.raises(CaseError) as error:
        changed_decision(lived(*events), answered(events, changed=True), support="parcel", appeals=APPEALS)
    assert code_of(error) == "appeal.no-change"


def test_an_upheld_decision_makes_no_new_one() -> None:
    events = contested()
    with pytest.raises(CaseError) as error:
        changed_decision(lived(*events), answered(events), support="parcel", appeals=APPEALS)
    assert code_of(error) == "appeal.no-change"


def test_an_offer_that_the_rule_had_proposed_overrides_nothing() -> None:
    events = contested()
    case = lived(*events)
    assert case.proposal
    case = replace(case, proposal=replace(case.proposal, proposal="offer"))
    said = answered(events, changed=True)
    assert not changed_decision(case, said, support="parcel", appeals=APPEALS).overrides


@pytest.mark.parametrize(
    ("places", "given", "waiting", "expected"),
    [(5, 0, 0, (0, 0, 5)), (5, 1, 2, (2, 0, 2)), (5, 1, 9, (4, 5, 0)), (5, 7, 1, (0, 1, 0)), (0, 0, 3, (0, 3, 0))],
)
def test_places_stay_kept_for_open_appeals_and_the_rest_goes_on(
    places: int, given: int, waiting: int, expected: tuple[int, int, int]
) -> None:
    found = Reserved(places, given, waiting)
    assert (found.held, found.without, found.unused) == expected
    assert found.held + found.unused == max(0, places - given)


# complaints


def test_a_complaint_has_words_and_no_link_to_a_case() -> None:
    made = complaint("town", "  The office was closed.  ", LAST)
    assert made == Complaint("town", "2027-01-01", "The office was closed.")
    assert set(made.__slots__) == {"programme", "on", "text"}


@pytest.mark.parametrize("write", [grouped, str, str.lower, lambda code: grouped(code).replace("-", " ")])
def test_an_access_code_in_a_complaint_is_taken_out(write: Any) -> None:
    code = new_code("access", lambda n: bytes(range(7, 7 + n)))
    made = complaint("town", f"My code {write(code)} does not work.", LAST)
    assert made.text == f"My code {REMOVED} does not work."


def test_other_numbers_in_a_complaint_stay() -> None:
    text = "I called 8800 2000 1234 5678 twice."
    assert complaint("town", text, LAST).text == text


@pytest.mark.parametrize(
    ("text", "code"), [("", "complaint.empty"), (" \x00 ", "complaint.empty"), ("x" * 5_001, "complaint.words")]
)
def test_a_complaint_without_words_or_with_too_many_is_refused(text: str, code: str) -> None:
    with pytest.raises(CaseError) as error:
        complaint("town", text, LAST)
    assert code_of(error) == code


def test_the_invented_case_is_one() -> None:
    assert BASE["case"] == CASE
