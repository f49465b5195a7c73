"""Appeals and complaints: who may open one, until when, who may answer it, and what it can bring.

An appeal is bound to the decision that stands. Another caseworker than any who had a part in that decision
answers it. It changes a decision only toward support: nobody can come out of an appeal with less. A complaint is
for anybody and needs no code: it has words, and no link to any case.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from evenhand.casework.case import Case
from evenhand.casework.codes import read_code
from evenhand.casework.decisions import LEAST_REASON
from evenhand.casework.events import (
    AppealAnswered,
    AppealOpened,
    CaseEvent,
    Decision,
    NotThisRound,
    Offered,
    PutWaiting,
)
from evenhand.casework.roles import NOBODY_STAFF
from evenhand.errors import CaseError, CodeError
from evenhand.programme.definitionparts import Appeals

LONGEST = 5_000
"""Characters of an appeal's words, of an answer and of a complaint."""

LAST_PLACE = timedelta(hours=12)
"""A day has ended once it has ended everywhere: the last clocks stand 12 hours behind UTC."""

REMOVED = "[code removed]"

_CODE = re.compile(r"\b[^\W_]{4}(?:[\s\-‐-―]?[^\W_]{4}){3}\b")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Somebody's words about a programme. No code, no case, no name, no hour; anybody can make one.

    Attributes:
        programme: name of the programme.
        on: day, ISO date.
        text: the words; an access code in them was taken out.
    """

    programme: str
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """The places that a round keeps for appeals and reviews.

    Attributes:
        places: how many it keeps (`allocate.reserved_of`).
        given: how many were given already.
        open: appeals that nobody answered yet.
    """

    places: int
    given: int
    open: int

    @property
    def held(self) -> int:
        """Places that stay kept, one for each open appeal while there are any."""
        return min(self.open, max(0, self.places - self.given))

    @property
    def without(self) -> int:
        """Open appeals that no place is left for: answered all the same, and first in the next round."""
        return self.open - self.held

    @property
    def unused(self) -> int:
        """Places that go to the next round."""
        return max(0, self.places - self.given) - self.held


def appeal_until(decided: date, appeals: Appeals) -> date:
    """The last day of an appeal against a decision."""
    return decided + timedelta(days=appeals.open_days)


def answer_by(opened: date, appeals: Appeals) -> date:
    """The day by which an appeal is answered, seen by both sides."""
    return opened + timedelta(days=appeals.answer_days)


def open_appeal(
    case: Case, appeals: Appeals, *, at: datetime, actor: str, words: str = "", on_behalf: bool = False
) -> AppealOpened:
    """The event of an appeal against the decision that stands.

    Args:
        case: the case.
        appeals: the programme's days.
        at: when, UTC.
        actor: who opens it.
        words: why, or nothing: no reason is needed.
        on_behalf: whether somebody whom the person named does it.

    Raises:
        CaseError: nothing was decided, an appeal is open, its last day has passed, or the words are too long.
    """
    if case.decision is None:
        raise CaseError(
            "appeal.no-decision",
            "There is nothing to contest yet.",
            why="Nothing was decided about this case.",
            mend="Wait for the decision; it says how it is contested.",
        )
    if case.appeal is not None:
        raise CaseError(
            "case.appeal-open",
            "An appeal is open already.",
            mend=f"Wait for its answer, by {case.appeal.answer_by}.",
        )
    until = date.fromisoformat(case.decision.appeal_until)
    if (at - LAST_PLACE).date() > until:
        raise CaseError(
            "appeal.too-late",
            f"The time to contest this decision ended on {until.isoformat()}.",
            why="It was told with the decision, and is the same for everybody.",
            mend="Put a wrong answer right: the case is then measured again. A complaint has no last day.",
        )
    return AppealOpened(
        programme=case.programme,
        at=at,
        actor=actor,
        case=case.case_id,
        decision=case.decision.version,
        words=_plain(words, "appeal.words"),
        on_behalf=on_behalf,
        answer_by=answer_by(at.date(), appeals).isoformat(),
    )


def deciders(events: Iterable[CaseEvent], decision: int) -> frozenset[str]:
    """Members of staff who had a part in a decision: who made it, approved it, or upheld it before."""
    staff: set[str] = set()
    for event in events:
        if isinstance(event, Decision) and event.version == decision:
            staff.add(event.actor)
            staff |= {event.caseworker} if isinstance(event, NotThisRound) else set()
            staff |= {event.approved_by} if isinstance(event, PutWaiting) else set()
        if isinstance(event, AppealAnswered) and event.decision == decision:
            staff.add(event.actor)
    return frozenset(staff - NOBODY_STAFF)


def may_answer(events: Iterable[CaseEvent], staff_id: str) -> bool:
    """Whether somebody may answer the open appeal: staff, and no part in the decision that it contests.

    Args:
        events: all events of the case, in their order.
        staff_id: id of the member of staff.
    """
    known = tuple(events)
    contested = _contested(known)
    if contested is None or not staff_id or staff_id in NOBODY_STAFF:
        return False
    return staff_id not in deciders(known, contested)


def answer_appeal(
    case: Case, events: Iterable[CaseEvent], *, at: datetime, staff: str, reason: str, changed: bool
) -> AppealAnswered:
    """The event of the answer to the open appeal.

    Raises:
        CaseError: there is none, this member of staff decided the case before, an answer was put right and not
            yet measured again, or the reason is missing.
    """
    known = tuple(events)
    contested = _contested(known)
    if case.appeal is None or contested is None:
        raise CaseError("case.no-appeal", "There is no open appeal.", mend="Look at the case again.")
    if not may_answer(known, staff):
        raise CaseError(
            "appeal.same-person",
            "Somebody else answers this appeal.",
            why="Who had a part in the decision does not judge it again.",
            mend="Leave it to a caseworker who had none.",
        )
    if case.state in {"answering", "complete", "assessed"}:
        raise CaseError(
            "appeal.not-measured",
            "An answer was put right, and the case was not measured again yet.",
            mend="Finish the case first; then answer the appeal on the new measure.",
        )
    if len(reason.strip()) < LEAST_REASON:
        raise CaseError(
            "appeal.reason",
            "The person must be told why, in words.",
            mend=f"Give a reason of {LEAST_REASON} characters or more.",
        )
    return AppealAnswered(
        programme=case.programme,
        at=at,
        actor=staff,
        case=case.case_id,
        decision=contested,
        changed=changed,
        reason=_plain(reason, "appeal.words"),
    )


def changed_decision(case: Case, answer: AppealAnswered, *, support: str, appeals: Appeals) -> Offered:
    """What a changed decision is: support, or support of another kind. Nobody comes out with less.

    Raises:
        CaseError: the answer changes nothing, or there is no measure that the decision could rest on.
    """
    before, measured = case.decision, case.assessment
    if not answer.changed or before is None or measured is None:
        raise CaseError(
            "appeal.no-change",
            "There is no changed decision.",
            why="The appeal left the decision as it was, or the case was not measured.",
            mend="Look at the case again.",
        )
    if isinstance(before, Offered) and before.support == support:
        raise CaseError(
            "appeal.no-change",
            "This support is offered already.",
            mend="Name another kind of support, or leave the decision as it is.",
        )
    return Offered(
        programme=case.programme,
        at=answer.at,
        actor=answer.actor,
        case=case.case_id,
        version=before.version + 1,
        assessment=measured.version,
        reason=answer.reason,
        appeal_until=appeal_until(answer.at.date(), appeals).isoformat(),
        round=None,
        probability=None,
        support=support,
        overrides=case.proposal is None or case.proposal.proposal != "offer",
    )


def complaint(programme: str, text: str, at: datetime) -> Complaint:
    """A complaint from anybody. It keeps the day, not the hour, and no access code that stands in its words.

    Raises:
        CaseError: no words, or too many.
    """
    plain = _plain(text, "complaint.words")
    if not plain:
        raise CaseError("complaint.empty", "The complaint has no words.", mend="Write what is wrong.")
    return Complaint(programme, at.date().isoformat(), _without_codes(plain))


def _without_codes(text: str) -> str:
    """The words without access codes, each place tried: a word of four letters may stand before a code."""
    begin = 0
    while found := _CODE.search(text, begin):
        try:
            read_code("access", found[0])
        except CodeError:
            begin = found.start() + 1
        else:
            text = text[: found.start()] + REMOVED + text[found.end() :]
            begin = found.start() + len(REMOVED)
    return text


def _contested(events: Iterable[CaseEvent]) -> int | None:
    """The version of the decision that the open appeal contests."""
    contested: int | None = None
    for event in events:
        if isinstance(event, AppealOpened):
            contested = event.decision
        elif isinstance(event, AppealAnswered):
            contested = None
    return contested


def _plain(text: str, code: str) -> str:
    """The words without control characters and blank ends.

    Raises:
        CaseError: there are too many.
    """
    plain = _CONTROL.sub("", text).strip()
    if len(plain) > LONGEST:
        raise CaseError(
            code,
            f"These are too many words: {len(plain)} characters.",
            why=f"{LONGEST} are the most.",
            mend="Write it shorter; the rest can be told in person.",
        )
    return plain
