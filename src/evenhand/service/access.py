"""Access codes: signing in, and the ways back when a code is lost.

With the recovery phrase a new code is there at once. Without it, a partner hands out a slip (an invitation like
any other, so that the partner learns nothing); after a waiting time, in which the old contact is told, the slip
gives a new code. That code opens the case but not the old answers: somebody else might have come with the slip.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from evenhand.casework.codes import grouped, new_code, read_code, read_phrase
from evenhand.casework.events import AccessCodeIssued
from evenhand.casework.roles import Actor, respondent
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.unit import Unit

WAITING = timedelta(days=7)
"""From asking with a slip until the new code can be had."""

MESSAGES = {
    "en": (
        "Somebody asked for a new access code for your case with us. If it was you, come back on {day}. If it was "
        "not, sign in with your code before that day and stop it."
    ),
    "ru": (
        "Кто-то попросил новый код доступа к Вашему делу. Если это Вы, приходите {day}. Если нет, войдите со "
        "своим кодом до этого дня и отмените просьбу."
    ),
}


@dataclass(frozen=True, slots=True)
class NewCode:
    """A new access code, shown this once, and whom it opens a case to."""

    actor: Actor
    access_code: str


def sign_in(office: Office, programme: str, typed: str) -> Actor:
    """The person whose access code this is.

    Raises:
        CodeError: it cannot be a code.
        CaseError: it opens nothing; always the same answer.
    """
    code = read_code("access", typed)
    with office.store.reading() as reading:
        case_id = reading.find_access_code(office.store.keys.code_hash("access", programme, code))
    if case_id is None:
        raise _opens_nothing()
    return respondent(case_id)


def recover(office: Office, programme: str, phrase: str) -> NewCode:
    """A new access code for the recovery phrase; the old code opens nothing from here on.

    Raises:
        CodeError: it cannot be a phrase.
        CaseError: it opens nothing.
    """
    hashed = office.store.keys.code_hash("recovery", programme, read_phrase(phrase))
    with office.store.unit() as unit:
        case_id = unit.case_by_recovery(hashed)
        if case_id is None:
            raise _opens_nothing()
        return _issue(office, unit, case_id, "recovery", hashed)


def ask_again(office: Office, programme: str, *, slip: str, invitation: str) -> date:
    """Ask for a new access code with a slip from a partner and the code of the first invitation.

    The answer is the same whether there is such a case or not.

    Returns:
        The day from which the slip gives the new code, if there is a case.
    """
    codes = [read_code("invitation", each) for each in (slip, invitation)]
    slip_hash, first_hash = (office.store.keys.code_hash("invitation", programme, code) for code in codes)
    at = office.clock()
    with office.store.unit() as unit:
        if unit.take_invitation(programme, slip_hash, at) is None:
            raise _opens_nothing()
        case_id = unit.case_by_invitation(programme, first_hash)
        if case_id is not None:
            unit.ask_reissue(case_id, slip_hash, at + WAITING)
            _tell(office, unit, case_id, (at + WAITING).date())
    return (at + WAITING).date()


def collect_again(office: Office, programme: str, slip: str) -> NewCode:
    """The new access code, once the waiting time of a slip is over.

    Raises:
        CaseError: not yet, or never; always the same answer.
    """
    hashed = office.store.keys.code_hash("invitation", programme, read_code("invitation", slip))
    with office.store.unit() as unit:
        case_id = unit.case_by_slip(programme, hashed, office.clock())
        if case_id is None:
            raise _opens_nothing()
        return _issue(office, unit, case_id, "partner", unit.recovery_hash(case_id))


def stop_reissue(office: Office, actor: Actor, case_id: str) -> None:
    """The person who still has the code stops a new one that somebody asked for."""
    permit(actor, "end own case", case_id)
    with office.store.unit() as unit:
        unit.drop_reissue(case_id)


def _issue(office: Office, unit: Unit, case_id: str, route: str, recovery_hash: str | None) -> NewCode:
    at = office.clock()
    case = unit.case(case_id)
    code = new_code("access", office.random)
    whole = route == "recovery"
    unit.set_access_code(
        case_id,
        programme=case.programme,
        code_hash=office.store.keys.code_hash("access", case.programme, code),
        recovery_hash=recovery_hash,
        at=at,
    )
    event = AccessCodeIssued(
        programme=case.programme,
        at=at,
        actor="respondent",
        case=case_id,
        route="recovery" if whole else "partner",
        opens_old_answers=whole,
    )
    unit.append(event)
    return NewCode(respondent(case_id), grouped(code))


def _tell(office: Office, unit: Unit, case_id: str, day: date) -> None:
    case = unit.case(case_id)
    if case.contact is not None and case.agreed("messages"):
        language = case.consent.language if case.consent else "en"
        office.post.send(case.contact, MESSAGES.get(language, MESSAGES["en"]).format(day=day.isoformat()))


def _opens_nothing() -> CaseError:
    return CaseError(
        "code.opens-nothing",
        "This code opens nothing.",
        why="It is not a code of this programme, it was used before, or its time is not now.",
        mend="Look at the sheet again, or ask for another one where you got this one.",
    )
