"""A past assessment as it was: the case just before it, what was decided on it, and what came later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from evenhand.casework.case import Case, after
from evenhand.casework.events import (
    AppealAnswered,
    Assessed,
    CaseEvent,
    Decision,
    FieldRecorded,
    Proposed,
    TicketIssued,
)
from evenhand.errors import CaseError

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Past:
    """One assessment of a case, and what belongs to it.

    Attributes:
        before: the case as it stood when it was assessed: its answers are those that were scored.
        assessed: the assessment.
        proposed: what the rule proposed on it, or None.
        decision: the latest decision that rests on it, or None.
        ticket: the ticket of the round that decided it, or of the one it waits for, or None.
        answer: the latest answer to an appeal against that decision or one before it, or None.
        newer: the latest assessment, where it is another, else None.
        now: the case as it stands today.
    """

    before: Case
    assessed: Assessed
    proposed: Proposed | None
    decision: Decision | None
    ticket: TicketIssued | None
    answer: AppealAnswered | None
    newer: Assessed | None
    now: Case


def past(events: Sequence[CaseEvent], version: int | None = None) -> Past:
    """An assessment out of a case's history.

    Args:
        events: all events of one case, in their order.
        version: of the assessment; left out, the one that the standing decision rests on, else the latest.

    Raises:
        CaseError: nothing was assessed yet, there is no such version, or the events are no history.
    """
    states = _states(events)
    assessed = {each.version: place for place, each in enumerate(events) if isinstance(each, Assessed)}
    if not assessed:
        raise CaseError(
            "explain.not-assessed",
            "There is nothing to explain yet: the answers were not measured.",
            mend="Answer the questions and finish them first.",
        )
    now = states[-1]
    wanted = version or (now.decision.assessment if now.decision else max(assessed))
    if wanted not in assessed:
        raise CaseError(
            "explain.no-such-version",
            f"There is no assessment {wanted}.",
            why=f"The case has {len(assessed)}, counted from 1.",
            mend="Name one of them, or leave the number out.",
        )
    place = assessed[wanted]
    found = events[place]
    assert isinstance(found, Assessed)  # noqa: S101 - the places are those of assessments
    decision = _last([each for each in events if isinstance(each, Decision) and each.assessment == wanted])
    newest = events[assessed[max(assessed)]]
    return Past(
        before=states[place],
        assessed=found,
        proposed=_last([e for e in events if isinstance(e, Proposed) and e.assessment == wanted]),
        decision=decision,
        ticket=_ticket(events[place:], decision),
        answer=_last([e for e in events if isinstance(e, AppealAnswered) and decision and _about(e, decision)]),
        newer=newest if isinstance(newest, Assessed) and newest is not found else None,
        now=now,
    )


def _states(events: Sequence[CaseEvent]) -> list[Case]:
    """The case before each event, and after the last."""
    if not events:
        return [Case("", "")]
    states = [Case(events[0].case, events[0].programme)]
    for event in events:
        states.append(after(_with_hole(states[-1], event), event))
    return states


def _with_hole(case: Case, event: CaseEvent) -> Case:
    """The case with a place for an extra fact whose earlier versions were erased on their date."""
    if not isinstance(event, FieldRecorded) or event.version == 1 or event.field in case.fields:
        return case
    hole = replace(event, version=event.version - 1, value=None)
    return replace(case, fields=MappingProxyType({**case.fields, event.field: hole}))


def _about(answer: AppealAnswered, decision: Decision) -> bool:
    """Whether an answer upheld this decision, or led to it."""
    return answer.decision == decision.version or (answer.changed and answer.decision == decision.version - 1)


def _ticket(events: Sequence[CaseEvent], decision: Decision | None) -> TicketIssued | None:
    tickets = [each for each in events if isinstance(each, TicketIssued)]
    if decision is None:
        return _last(tickets)
    return _last([each for each in tickets if each.round == decision.round])


def _last(found: Sequence[_T]) -> _T | None:
    return found[-1] if found else None
