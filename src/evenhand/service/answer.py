"""Answering: one question at a time, saved at once; what comes next follows from the answers so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from evenhand.casework.case import Case
from evenhand.casework.events import AnswerRecorded, FieldRecorded
from evenhand.casework.roles import Actor
from evenhand.programme.definition import Programme
from evenhand.service.office import Office, permit
from evenhand.service.questions import Given, Question, next_question, question, questions_of, read_answer
from evenhand.store.known import Known
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer.

    Attributes:
        index: ledger index of its event; of the first event, when the form was sent before.
        repeated: the same form was sent before, and nothing was stored now.
        next: the question to ask next, or None.
        case: the case after it.
    """

    index: int
    repeated: bool
    next: Question | None
    case: Case


def asking(office: Office, actor: Actor, case_id: str) -> Question | None:
    """The question to ask next, or None when everything was asked."""
    permit(actor, "answer" if "respondent" in actor.roles else "assist", case_id)
    with office.store.reading() as reading:
        return next_question(office.of_case(reading, case_id), reading.case(case_id))


def answer(
    office: Office,
    actor: Actor,
    case_id: str,
    component: str,
    name: str,
    typed: str,
    *,
    token: str | None = None,
    known: Known | None = None,
) -> Answered:
    """Record an answer, or a correction of one. Acknowledged means stored.

    Args:
        office: the office.
        actor: the person, or a caseworker who sits with them and is named in the record.
        case_id: the case.
        component: `need`, `capacity` or `field`.
        name: the item or the field.
        typed: the code of an option, or a whole number.
        token: hash of the form's token, so that a form sent twice makes one event.
        known: the case as the caller read it; it is read anew where it was changed since, or when left out.

    Raises:
        CaseError: not yours to do, not a question of the programme, not an answer, or not now.
    """
    permit(actor, "answer" if "respondent" in actor.roles else "assist", case_id)

    def change(unit: Unit) -> Answered:
        definition = office.of_unit(unit, case_id)
        index, repeated = answer_in(
            office, unit, actor, definition, case_id, question(definition, component, name), typed, token=token
        )
        if repeated:  # what was known may be from before the first time
            unit.forget(case_id)
        case = unit.case(case_id)
        return Answered(index, repeated, next_question(definition, case), case)

    if known is None:
        return office.store.transact(change)
    return office.store.together.transact(change, known)


def answer_in(
    office: Office,
    unit: Unit,
    actor: Actor,
    definition: Programme,
    case_id: str,
    asked: Question,
    typed: str,
    *,
    token: str | None = None,
) -> tuple[int, bool]:
    """As `answer`, as a part of a larger change that asked before whether the actor may.

    Returns:
        Ledger index, and whether the form was sent before.
    """
    given = read_answer(asked, typed)
    before = unit.once(token, case_id) if token is not None else None
    if before is not None:
        return before, True
    return unit.append(_event(office, actor, definition, unit.case(case_id), asked, given)), False


def answer_all(
    office: Office, actor: Actor, case_id: str, answers: Iterable[tuple[str, str]]
) -> tuple[int, Question | None]:
    """Record several answers in one change: all of them, or none.

    Args:
        office: the office.
        actor: the person, or a caseworker who sits with them.
        case_id: the case.
        answers: each question's name (or `component.name`) and what was typed.

    Returns:
        How many were recorded, and the question to ask next, or None.

    Raises:
        CaseError: as `answer`.
    """
    permit(actor, "answer" if "respondent" in actor.roles else "assist", case_id)
    given = tuple(answers)

    def change(unit: Unit) -> tuple[int, Question | None]:
        definition = office.of_case(unit.reading, case_id)
        for name, typed in given:
            answer_in(office, unit, actor, definition, case_id, question_named(definition, name), typed)
        return len(given), next_question(definition, unit.case(case_id))

    return office.store.transact(change)


def question_named(definition: Programme, name: str) -> Question:
    """The question of that name; `component.name` where two have the same.

    Raises:
        CaseError: the programme does not ask it.
    """
    fits = [each for each in questions_of(definition) if name in {each.name, ".".join(each.key)}]
    return fits[0] if len(fits) == 1 else question(definition, *name.partition(".")[::2])


def _event(
    office: Office, actor: Actor, definition: Programme, case: Case, asked: Question, given: Given
) -> AnswerRecorded | FieldRecorded:
    at = office.clock()
    if asked.component == "field":
        before = case.fields.get(asked.name)
        last = at.date() + timedelta(days=definition.extra_field(asked.name).expires_days)
        return FieldRecorded(
            programme=case.programme,
            at=at,
            actor=actor.id,
            case=case.case_id,
            field=asked.name,
            version=before.version + 1 if before else 1,
            value=given.code,
            expires=last.isoformat(),
        )
    known = case.answers.get(asked.key)
    return AnswerRecorded(
        programme=case.programme,
        at=at,
        actor=actor.id,
        case=case.case_id,
        component=asked.component,
        item=asked.name,
        version=known.version + 1 if known else 1,
        code=given.code,
        reason=given.reason,
        source="self" if "respondent" in actor.roles else "assisted",
    )
