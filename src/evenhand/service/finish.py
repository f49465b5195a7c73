"""Finishing: the answers are read once, scored once, and the assessment and proposal stored in one change."""

from dataclasses import dataclass

from evenhand.casework.case import Case
from evenhand.casework.events import AnswerRecorded, Assessed, CaseCompleted, Proposed
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.programme.coding import MissingReason
from evenhand.programme.definition import Programme
from evenhand.service.measuring import Assessment, assess, events_of
from evenhand.service.needclass import need_class
from evenhand.service.office import Office, permit
from evenhand.service.questions import left_by_design, unanswered
from evenhand.store.known import Known
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Finished:
    """A case that was assessed.

    Attributes:
        assessed: the measure, frozen with the hashes of what it rests on.
        proposed: what the rule proposes.
        index: ledger index of the assessment.
    """

    assessed: Assessed
    proposed: Proposed
    index: int


def finish(
    office: Office, actor: Actor, case_id: str, *, leave_rest: bool = False, known: Known | None = None
) -> Finished:
    """Complete a case and assess it.

    Args:
        office: the office.
        actor: the person, or the caseworker who sits with them.
        case_id: the case.
        leave_rest: the person chose to leave the open questions out. They stay unknown, and never count as no.
        known: the case as the caller read it; it is read anew where it was changed since, or when left out.

    Raises:
        CaseError: questions are open, or the case is not in a state to be finished.
    """
    permit(actor, "answer" if "respondent" in actor.roles else "assist", case_id)

    def change(unit: Unit) -> Finished:
        definition = office.of_unit(unit, case_id)
        return finish_in(office, unit, actor, definition, case_id, leave_rest=leave_rest)

    return office.store.transact(change, known=known)


def finish_in(
    office: Office, unit: Unit, actor: Actor, definition: Programme, case_id: str, *, leave_rest: bool = False
) -> Finished:
    """As `finish`, as a part of a larger change that asked before whether the actor may."""
    case = unit.case(case_id)
    if case.state == "complete" and not case.restricted:
        return _assess(office, actor, unit, definition, case)
    open_questions = unanswered(definition, case)
    if open_questions and not leave_rest:
        raise _open(open_questions[0].name, len(open_questions))
    for name in left_by_design(definition, case):
        _leave(office, actor, unit, case_id, "need", name, "not_asked_by_design")
    for each in open_questions:
        _leave(office, actor, unit, case_id, each.component, each.name, "blank")
    case = unit.case(case_id)
    known = sum(answer.code is not None for answer in case.answers.values())
    unit.append(CaseCompleted(case.programme, office.clock(), actor.id, case_id, known, len(case.answers) - known))
    return _assess(office, actor, unit, definition, unit.case(case_id))


def _assess(office: Office, actor: Actor, unit: Unit, definition: Programme, case: Case) -> Finished:
    found = assess(definition, case)
    assessed, proposed = events_of(definition, case, found, at=office.clock(), actor=actor.id)
    index = unit.append(assessed)
    unit.append(proposed)
    _count(unit, definition, unit.case(case.case_id), found, assessed.at.strftime("%Y-%m"))
    return Finished(assessed, proposed, index)


def _count(unit: Unit, definition: Programme, case: Case, found: Assessment, month: str) -> None:
    """Let the case stand in its month's histogram, if the person agreed to statistics."""
    if not case.agreed("statistics"):
        return
    field = definition.statistics.extra_field
    value = case.fields[field].value if field is not None and field in case.fields else None
    unit.contribute(
        case.case_id,
        month=month,
        need_class=need_class(definition, found),
        cells_a_year=definition.statistics.cells_per_invitation_year,
        field_value=value,
    )


def _leave(
    office: Office, actor: Actor, unit: Unit, case_id: str, component: str, name: str, reason: MissingReason
) -> None:
    case = unit.case(case_id)
    known = case.answers.get((component, name))
    unit.append(
        AnswerRecorded(
            programme=case.programme,
            at=office.clock(),
            actor=actor.id,
            case=case_id,
            component=component,
            item=name,
            version=known.version + 1 if known else 1,
            code=None,
            reason=reason,
            source="self" if "respondent" in actor.roles else "assisted",
        )
    )


def _open(name: str, count: int) -> CaseError:
    return CaseError(
        "answer.open-questions",
        f"{count} question{'s are' if count > 1 else ' is'} still open.",
        where=f"question {name}",
        why="An open question is unknown, and unknown is never no.",
        mend="Answer it, or choose to leave the rest out.",
    )
