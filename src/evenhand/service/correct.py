"""Correcting: a new version of an answer, scored anew; the history stays, and so does every past assessment."""

from collections.abc import Iterable

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.answer import answer, answer_in, question_named
from evenhand.service.finish import Finished, finish, finish_in
from evenhand.service.office import Office, permit
from evenhand.store.unit import Unit

ASSESSED = frozenset({"complete", "assessed", "proposed", "offer", "waiting", "not_this_round"})


def correct(
    office: Office, actor: Actor, case_id: str, component: str, name: str, typed: str, *, token: str | None = None
) -> Finished:
    """Correct an answer of a case that was finished, and assess it again.

    A decision stands until a caseworker decides again; the case returns to the queue.

    Raises:
        CaseError: the case was not finished yet (then just answer), or the answer is none.
    """
    permit(actor, "answer" if "respondent" in actor.roles else "assist", case_id)
    with office.store.reading() as reading:
        _require_something(reading.case_file(case_id).state)
    answer(office, actor, case_id, component, name, typed, token=token)
    return finish(office, actor, case_id)


def correct_all(office: Office, actor: Actor, case_id: str, answers: Iterable[tuple[str, str]]) -> Finished:
    """Correct several answers in one change, and assess the case once.

    Args:
        office: the office.
        actor: the person, or a caseworker who sits with them.
        case_id: the case.
        answers: each question's name (or `component.name`) and what was typed.

    Raises:
        CaseError: as `correct`; then none of them was stored.
    """
    permit(actor, "answer" if "respondent" in actor.roles else "assist", case_id)
    given = tuple(answers)

    def change(unit: Unit) -> Finished:
        definition = office.of_case(unit.reading, case_id)
        _require_something(unit.case(case_id).state)
        for name, typed in given:
            answer_in(office, unit, actor, definition, case_id, question_named(definition, name), typed)
        return finish_in(office, unit, actor, definition, case_id)

    return office.store.transact(change)


def _require_something(state: str) -> None:
    if state not in ASSESSED | {"answering"}:
        raise CaseError(
            "case.nothing-to-correct",
            "There is nothing to correct yet.",
            why=f"The case is {state.replace('_', ' ')}.",
            mend="Answer the questions first.",
        )
