"""Contesting a decision, answering that, and complaining without a code."""

from dataclasses import dataclass

from evenhand.casework import appeal as rules
from evenhand.casework.appeal import Complaint
from evenhand.casework.events import CaseEvent, Offered
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.decide import places_left
from evenhand.service.office import Office, permit
from evenhand.store.read import CaseFile, Reading
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Opened:
    """An appeal that is open.

    Attributes:
        index: ledger index of its event.
        repeated: the same form was sent before, and nothing was stored now.
        answer_by: day by which it is answered, ISO date.
    """

    index: int
    repeated: bool
    answer_by: str


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """An appeal that was answered.

    Attributes:
        index: ledger index of the answer.
        decision: the new decision, or None where the old one stands.
    """

    index: int
    decision: Offered | None


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """An open appeal, for caseworkers.

    Attributes:
        pseudonym: the case's name within the programme.
        decision: what is contested: `put-waiting`, `not-this-round` or `offered`.
        words: what the person said, or empty.
        on_behalf: whether somebody whom the person named opened it.
        opened_on: day, ISO date.
        answer_by: day by which it is answered, ISO date.
        may_answer: whether the one who looks may answer it: who had a part in the decision may not.
    """

    pseudonym: str
    decision: str
    words: str
    on_behalf: bool
    opened_on: str
    answer_by: str
    may_answer: bool


def open_appeals(office: Office, actor: Actor, programme: str) -> tuple[OpenAppeal, ...]:
    """The open appeals of a programme, the earliest last day first.

    Args:
        office: the office.
        actor: a caseworker.
        programme: its name.

    Raises:
        CaseError: not yours to see, or there is no such programme.
    """
    permit(actor, "see cases")
    rows: list[OpenAppeal] = []
    with office.store.reading() as reading:
        office.programme(reading, programme)
        after: tuple[str, str] | None = None
        while page := reading.queue(programme, appeal_open=True, after=after):
            rows += [_open_appeal(reading, file, actor) for file in page]
            after = (page[-1].since, page[-1].pseudonym)
    return tuple(sorted(rows, key=lambda row: (row.answer_by, row.pseudonym)))


def _open_appeal(reading: Reading, file: CaseFile, actor: Actor) -> OpenAppeal:
    case = reading.case(file.case_id)
    assert case.appeal is not None and case.decision is not None  # noqa: S101, PT018 - the queue holds no other
    return OpenAppeal(
        pseudonym=file.pseudonym,
        decision=case.decision.kind,
        words=case.appeal.words,
        on_behalf=case.appeal.on_behalf,
        opened_on=case.appeal.at.date().isoformat(),
        answer_by=case.appeal.answer_by,
        may_answer=rules.may_answer([event for _, event in reading.events(file.case_id)], actor.id),
    )


def open_appeal(
    office: Office,
    actor: Actor,
    case_id: str,
    *,
    words: str = "",
    on_behalf: bool = False,
    token: str | None = None,
) -> Opened:
    """Contest the decision that stands.

    Args:
        office: the office.
        actor: the person, or whoever they gave their code to for this.
        case_id: the case.
        words: why, or nothing: no reason is needed.
        on_behalf: whether somebody whom the person named does it.
        token: hash of the form's token, so that a form sent twice makes one appeal.

    Raises:
        CaseError: not yours to do, nothing to contest, an appeal is open, or it is too late.
    """
    permit(actor, "contest", case_id)

    def change(unit: Unit) -> Opened:
        case = unit.case(case_id)
        before = unit.once(token, case_id) if token is not None else None
        if before is not None:
            return Opened(before, True, case.appeal.answer_by if case.appeal else "")
        appeals = office.of_case(unit.reading, case_id).appeals
        event = rules.open_appeal(
            case, appeals, at=office.clock(), actor=actor.id, words=words, on_behalf=on_behalf
        )
        return Opened(unit.append(event), False, event.answer_by)

    return office.store.transact(change)


def answer_appeal(
    office: Office, actor: Actor, case_id: str, *, reason: str, support: str | None = None
) -> AppealDecided:
    """Answer an appeal: leave the decision as it was, or offer support in its place.

    The answer and the new decision stand in the ledger together or not at all.

    Args:
        office: the office.
        actor: a caseworker who had no part in the decision.
        case_id: the case.
        reason: what the person is told.
        support: kind of support to offer; left out, the decision stays as it was.

    Raises:
        CaseError: not yours to do, no open appeal, no reason, no place left, or the case was not measured again.
        ProgrammeError: the programme has no such support.
    """
    permit(actor, "answer appeal", case_id)

    def change(unit: Unit) -> AppealDecided:
        programme, case = office.of_case(unit.reading, case_id), unit.case(case_id)
        event = rules.answer_appeal(
            case,
            _events(unit, case_id),
            at=office.clock(),
            staff=actor.id,
            reason=reason,
            changed=support is not None,
        )
        if support is None:
            return AppealDecided(unit.append(event), None)
        kind = programme.support_kind(support).name
        decision = rules.changed_decision(case, event, support=kind, appeals=programme.appeals)
        if not isinstance(case.decision, Offered) and places_left(unit.reading, programme) < 1:
            raise _no_place(programme.budget.places)
        index = unit.append(event)
        unit.append(decision)
        return AppealDecided(index, decision)

    return office.store.transact(change)


def complain(office: Office, programme: str, text: str) -> Complaint:
    """Take a complaint from anybody, with no code, and pass it to where the programme's complaints go.

    The store keeps nothing of it, and the message holds the programme, the day and the words: no case, no code.

    Raises:
        CaseError: no such programme, no words or too many, or this office cannot pass it on.
    """
    with office.store.reading() as reading:
        to = office.programme(reading, programme).controller.complaints
    made = rules.complaint(programme, text, office.clock())
    if not office.post.send(to, f"{made.programme}, {made.on}\n\n{made.text}"):
        raise CaseError(
            "complaint.not-sent",
            "This office cannot pass the complaint on.",
            why="Nothing was kept of it.",
            mend=f"Bring it there yourself, without any code: {to}",
        )
    return made


def _no_place(places: int) -> CaseError:
    return CaseError(
        "appeal.no-place",
        "No place is left that this appeal could bring.",
        why=f"All {places} places of the budget were offered, the reserved ones among them.",
        mend="Leave the appeal open until a place comes free: it comes first. Its last day stands.",
    )


def _events(unit: Unit, case_id: str) -> list[CaseEvent]:
    return [event for _, event in unit.reading.events(case_id)]
