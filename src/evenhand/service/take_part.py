"""Taking part: from an invitation code to a case with consent and a private access code. No identity is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from evenhand.casework.codes import grouped, new_code, new_phrase, read_code
from evenhand.casework.consent import check_choices
from evenhand.casework.events import AccessCodeIssued, ConsentRecorded
from evenhand.casework.roles import Actor, respondent
from evenhand.errors import CaseError
from evenhand.programme.definition import Programme
from evenhand.service.office import Office, permit
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Joined:
    """A case that was opened; the code and the phrase are shown this once.

    Attributes:
        actor: the person, for this case.
        access_code: in groups of four.
        recovery_phrase: six words in the person's language.
        index: ledger index of the consent.
    """

    actor: Actor
    access_code: str
    recovery_phrase: str
    index: int


def take_part(
    office: Office,
    programme: str,
    *,
    invitation: str,
    choices: Mapping[str, bool],
    language: str,
    district: str,
) -> Joined:
    """Open a case with an invitation and a consent: one change, or nothing.

    Args:
        office: the office.
        programme: its name.
        invitation: the code, as it was typed.
        choices: each purpose of the notice, agreed to or not.
        language: the language that the notice was read in.
        district: key of the district the person names.

    Raises:
        CodeError: the code cannot be one.
        CaseError: the code opens nothing; no agreement to what is needed; not within the dates.
    """
    code = read_code("invitation", invitation)
    with office.store.unit() as unit:
        return take_part_in(
            office, unit, programme, invitation=code, choices=choices, language=language, district=district
        )


def take_part_in(
    office: Office,
    unit: Unit,
    programme: str,
    *,
    invitation: str,
    choices: Mapping[str, bool],
    language: str,
    district: str,
) -> Joined:
    """As `take_part`, as a part of a larger change."""
    code = read_code("invitation", invitation)
    at = office.clock()
    definition = office.programme(unit.reading, programme)
    _require_open(definition, at.date().isoformat(), closed=unit.reading.programme(programme))
    _require_language(definition, language)
    definition.district(district)
    agreed = check_choices(definition.notice, choices)
    taken = unit.take_invitation(programme, office.store.keys.code_hash("invitation", programme, code), at)
    if taken is None:
        raise CaseError(
            "code.opens-nothing",
            "This code opens nothing.",
            why="It is not a code of this programme, it was used before, or its time is over.",
            mend="Look at the sheet again, or ask for another invitation where you got this one.",
        )
    case_id = unit.open_case(programme, definition_hash=definition.hash(), at=at, invitation=taken.id)
    index = unit.append(
        ConsentRecorded(
            programme=programme,
            at=at,
            actor="respondent",
            case=case_id,
            notice_version=definition.notice.version,
            notice_hash=definition.notice_hash(),
            purposes=agreed,
            language=language,
            basis=definition.lawful_basis.basis,
            district=district,
        )
    )
    access = new_code("access", office.random)
    phrase = new_phrase("ru" if language == "ru" else "en", office.random)
    keys = office.store.keys
    unit.set_access_code(
        case_id,
        programme=programme,
        code_hash=keys.code_hash("access", programme, access),
        recovery_hash=keys.code_hash("recovery", programme, phrase),
        at=at,
    )
    unit.append(AccessCodeIssued(programme, at, "respondent", case_id, "first", opens_old_answers=True))
    return Joined(respondent(case_id), grouped(access), phrase, index)


def change_consent(office: Office, actor: Actor, case_id: str, choices: Mapping[str, bool]) -> int:
    """Choose anew among the purposes; what is no longer agreed to stops at once.

    Returns:
        Ledger index of the new consent.
    """
    permit(actor, "answer", case_id)
    at = office.clock()
    with office.store.unit() as unit:
        definition = office.of_case(unit.reading, case_id)
        case = unit.case(case_id)
        if case.consent is None:
            raise CaseError("consent.none", "There is no consent to change.", mend="Take part first.")
        agreed = check_choices(definition.notice, choices)
        return unit.append(
            ConsentRecorded(
                programme=case.programme,
                at=at,
                actor=actor.id,
                case=case_id,
                notice_version=case.consent.notice_version,
                notice_hash=case.consent.notice_hash,
                purposes=agreed,
                language=case.consent.language,
                basis=case.consent.basis,
                district=case.consent.district,
            )
        )


def _require_open(definition: Programme, today: str, *, closed: object) -> None:
    opens, closes = definition.dates.opens.isoformat(), definition.dates.intake_closes.isoformat()
    if getattr(closed, "closed_at", None) is None and opens <= today <= closes:
        return
    raise CaseError(
        "programme.not-taking-in",
        "The programme takes nobody in today.",
        where=f"programme {definition.name!r}",
        why=f"It takes people in from {opens} to {closes}.",
        mend="Come back within these days, or ask the office about the next programme.",
    )


def _require_language(definition: Programme, language: str) -> None:
    if language not in definition.languages:
        raise CaseError(
            "consent.language",
            f"The notice does not exist in the language {language[:12]!r}.",
            why=f"It exists in: {', '.join(definition.languages)}.",
            mend="Choose one of them.",
        )
