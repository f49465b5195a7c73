"""Why: the explanation of a case, for the person it is about and for the caseworker who looks at it."""

from dataclasses import dataclass

from evenhand.casework.case import Case
from evenhand.casework.explain import Corrected, explain, what_if_corrected
from evenhand.casework.explainparts import Explanation
from evenhand.casework.explaintell import Page, tell
from evenhand.casework.explaintexts import LANGUAGES
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit


def why(office: Office, actor: Actor, case_id: str, *, version: int | None = None) -> Explanation:
    """Explain a case, from its events and the documents that were frozen when it was opened.

    Args:
        office: the office.
        actor: the person, or a caseworker.
        case_id: the case.
        version: of the assessment; left out, the one that the standing decision rests on, else the latest.

    Raises:
        CaseError: not yours to see, nothing was measured, or the record does not hold what was frozen.
        StoreError: the case was erased, or its documents are gone.
    """
    _permit(actor, case_id)
    with office.store.reading() as reading:
        _require_old_answers(actor, reading.case(case_id))
        events = [event for _, event in reading.events(case_id)]
        return explain(events, office.of_case(reading, case_id), version)


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation, and the page that says it in a language."""

    explanation: Explanation
    page: Page


def tell_why(office: Office, actor: Actor, case_id: str, language: str | None = None) -> Told:
    """Explain a case in words.

    Args:
        office: the office.
        actor: the person, or a caseworker.
        case_id: the case.
        language: `en` or `ru`; left out, that of the person's consent, and English where there is no page in it.

    Raises:
        CaseError, StoreError: see `why`; or there is no page in that language.
    """
    found = why(office, actor, case_id)
    if language is None:
        with office.store.reading() as reading:
            own = reading.case_file(case_id).language
        language = own if own in LANGUAGES else "en"
    return Told(found, tell(found, language, office.clock().date()))


def if_corrected(office: Office, actor: Actor, case_id: str, corrections: dict[str, str]) -> Corrected:
    """Need with the answers that the person says are right. Nothing is stored.

    Args:
        office: the office.
        actor: the person, or a caseworker who sits with them.
        case_id: the case.
        corrections: the right answer by need item, as the person stated it.

    Raises:
        CaseError: see `why`; no correction, one of no need item, or a code that is none.
    """
    _permit(actor, case_id)
    with office.store.reading() as reading:
        case = reading.case(case_id)
        _require_old_answers(actor, case)
        events = [event for _, event in reading.events(case_id)]
        latest = case.versions or None
        return what_if_corrected(events, office.of_case(reading, case_id), corrections, latest)


def _permit(actor: Actor, case_id: str) -> None:
    permit(actor, "see own case" if "respondent" in actor.roles else "see cases", case_id)


def _require_old_answers(actor: Actor, case: Case) -> None:
    """A code that was reissued without the recovery phrase opens no old answer, and so no explanation."""
    if "respondent" in actor.roles and case.access is not None and not case.access.opens_old_answers:
        raise CaseError(
            "explain.closed-to-this-code",
            "This code does not open the reasons: they would show the answers.",
            why="It was given out anew without the recovery phrase.",
            mend="Use the recovery phrase, or answer the questions anew.",
        )
