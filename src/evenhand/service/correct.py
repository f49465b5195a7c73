"""Correcting: a new version of an answer, scored anew; the history stays, and so does every past assessment."""

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.answer import answer
from evenhand.service.finish import Finished, finish
from evenhand.service.office import Office, permit

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
        state = reading.case_file(case_id).state
    if state not in ASSESSED | {"answering"}:
        raise CaseError(
            "case.nothing-to-correct",
            "There is nothing to correct yet.",
            why=f"The case is {state.replace('_', ' ')}.",
            mend="Answer the questions first.",
        )
    answer(office, actor, case_id, component, name, typed, token=token)
    return finish(office, actor, case_id)
