"""A case as its events tell it, and what may not happen."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from evenhand.casework.case import BEFORE_DECISION, DECIDED, FROZEN_BY_RESTRICTION, Case, after
from evenhand.casework.events import (
    KINDS,
    AppealAnswered,
    AppealOpened,
    CaseEvent,
    CollectionCodeIssued,
    CollectionPresented,
    RestrictionChanged,
    TicketIssued,
    Withdrawn,
    canonical,
    from_payload,
    registry,
    to_payload,
)
from evenhand.errors import CaseError
from tests.casework.life import (
    BASE,
    CASE,
    COMPLETED,
    CONSENT,
    STAFF,
    TO_PROPOSED,
    answer,
    assessed,
    decision,
    lived,
    proposed,
)

APPEAL = AppealOpened(**BASE, decision=1, words="", on_behalf=False, answer_by="2027-01-10")
ANSWER = AppealAnswered(**{**STAFF, "actor": "boris"}, decision=1, changed=False, reason="Nothing new was said.")


def code_of(error: pytest.ExceptionInfo[CaseError]) -> str:
    return error.value.code


def test_the_whole_life_to_a_collected_offer() -> None:
    states = []
    case = Case(CASE, "town")
    for event in (
        *TO_PROPOSED,
        decision("offer"),
        CollectionCodeIssued(**BASE, support="parcel"),
        CollectionPresented(**BASE, support="parcel"),
    ):
        case = after(case, event)
        states.append(case.state)
    assert states == [
        "consented",
        "answering",
        "complete",
        "assessed",
        "proposed",
        "offer",
        "offer",
        "collected",
    ]


@pytest.mark.parametrize("kind", ["offer", "waiting", "not this round"])
def test_each_decision_follows_a_proposal_and_can_be_appealed(kind: str) -> None:
    case = lived(*TO_PROPOSED, decision(kind), APPEAL)
    assert case.state in DECIDED
    assert case.appeal == APPEAL
    assert after(case, ANSWER).appeal is None


@pytest.mark.parametrize("kind", ["offer", "waiting", "not this round"])
@pytest.mark.parametrize("steps", range(len(TO_PROPOSED)))
def test_nothing_is_decided_before_it_is_proposed(kind: str, steps: int) -> None:
    with pytest.raises(CaseError) as error:
        lived(*TO_PROPOSED[:steps], decision(kind))
    assert code_of(error) == "case.not-now"


def test_waiting_is_carried_to_the_next_round() -> None:
    case = lived(*TO_PROPOSED, decision("waiting"), decision("waiting", 2, round="two"))
    assert case.decision == decision("waiting", 2, round="two")


def test_a_correction_reopens_the_case_and_keeps_the_count_of_assessments() -> None:
    case = lived(*TO_PROPOSED, decision("not this round"), answer(version=2, code="0"))
    assert (case.state, case.assessment, case.versions) == ("answering", None, 1)
    again = after(after(case, COMPLETED), assessed(version=2))
    assert again.versions == 2


def test_a_repeated_version_is_refused() -> None:
    with pytest.raises(CaseError) as error:
        lived(CONSENT, answer(), answer())
    assert code_of(error) == "case.version"
    with pytest.raises(CaseError) as error:
        lived(*TO_PROPOSED[:3], assessed(version=2))
    assert code_of(error) == "case.version"


@pytest.mark.parametrize("state", [*BEFORE_DECISION, *DECIDED, "invited", "collected"])
def test_a_person_can_withdraw_from_any_state(state: Any) -> None:
    case = replace(Case(CASE, "town"), state=state)
    assert after(case, Withdrawn(**BASE)).state == "withdrawn"


def test_nothing_happens_after_withdrawal() -> None:
    case = lived(CONSENT, Withdrawn(**BASE))
    for event in (CONSENT, answer(), COMPLETED, APPEAL, Withdrawn(**BASE)):
        with pytest.raises(CaseError) as error:
            after(case, event)
        assert code_of(error) == "case.not-now"


def test_a_frozen_case_is_not_scored_proposed_or_decided_and_thaws() -> None:
    frozen = lived(CONSENT, answer(), COMPLETED, RestrictionChanged(**BASE, on=True))
    with pytest.raises(CaseError) as error:
        after(frozen, assessed())
    assert code_of(error) == "case.restricted"
    assert after(after(frozen, RestrictionChanged(**BASE, on=False)), assessed()).state == "assessed"


@pytest.mark.parametrize("kind", FROZEN_BY_RESTRICTION, ids=lambda kind: kind.kind)
def test_every_use_is_frozen(kind: type[CaseEvent]) -> None:
    every = (assessed(), proposed(), *map(decision, ("offer", "waiting", "no")))
    events: dict[type[CaseEvent], CaseEvent] = {type(each): each for each in every}
    events[TicketIssued] = TicketIssued(**BASE, round="one", ticket="a" * 32, p_class=5)
    events[CollectionCodeIssued] = CollectionCodeIssued(**BASE, support="parcel")
    states = {"assessed": "complete", "proposed": "assessed", "collection-code-issued": "offer"}
    state: Any = states.get(kind.kind, "proposed")
    case = replace(Case(CASE, "town"), state=state, restricted=True)
    with pytest.raises(CaseError) as error:
        after(case, events[kind])
    assert code_of(error) == "case.restricted"


def test_one_appeal_at_a_time_and_none_answered_that_was_not_opened() -> None:
    case = lived(*TO_PROPOSED, decision("offer"), APPEAL)
    with pytest.raises(CaseError) as error:
        after(case, APPEAL)
    assert code_of(error) == "case.appeal-open"
    with pytest.raises(CaseError) as error:
        lived(*TO_PROPOSED, decision("offer"), ANSWER)
    assert code_of(error) == "case.no-appeal"


def test_an_event_of_another_case_is_a_fault() -> None:
    with pytest.raises(CaseError) as error:
        after(Case("f" * 32, "town"), CONSENT)
    assert code_of(error) == "case.other-case"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("caseworker", "system"),
        ("caseworker", "round"),
        ("caseworker", "respondent"),
        ("caseworker", ""),
        ("actor", "boris"),
        ("actor", "system"),
        ("reason", ""),
        ("reason", "   no    "),
        ("appeal_until", ""),
    ],
)
def test_not_this_round_cannot_exist_without_a_person_a_reason_and_an_appeal(field: str, value: str) -> None:
    with pytest.raises(CaseError) as error:
        decision("not this round", 1, **{field: value})
    assert code_of(error) == "case.no-automatic-refusal"


@pytest.mark.parametrize(("field", "value"), [("approved_by", "system"), ("approved_by", ""), ("round", None)])
def test_waiting_needs_a_round_under_an_approved_protocol(field: str, value: str | None) -> None:
    with pytest.raises(CaseError) as error:
        decision("waiting", 1, **{field: value})
    assert code_of(error) == "case.no-automatic-refusal"


def test_there_is_no_other_outcome_than_support_waiting_and_not_this_round() -> None:
    kinds = {each for each in KINDS if issubclass(each, type(decision("offer")).__mro__[1])}
    assert {each.kind for each in kinds} == {"offered", "put-waiting", "not-this-round"}


def test_every_kind_of_event_has_a_name_of_its_own() -> None:
    assert len(registry()) == len(KINDS)
    assert "" not in registry()


@pytest.mark.parametrize(
    "event", [*TO_PROPOSED, *map(decision, ("offer", "waiting", "no")), APPEAL], ids=lambda each: each.kind
)
def test_an_event_is_read_back_from_its_payload(event: Any) -> None:
    again = from_payload(to_payload(event))
    assert again == event
    assert canonical(to_payload(again)) == canonical(to_payload(event))


def test_events_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CONSENT.district = "south-1"  # type: ignore[misc]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"kind": "verdict"},
        {"kind": "withdrawn"},
        {**to_payload(CONSENT), "at": "now"},
        {**to_payload(CONSENT), "score": 1},
    ],
)
def test_an_unknown_event_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(CaseError) as error:
        from_payload(payload)
    assert code_of(error) == "case.unknown-event"
