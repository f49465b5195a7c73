"""Small invented cases for tests of the store."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from evenhand.casework.events import (
    AccessCodeIssued,
    AnswerRecorded,
    Assessed,
    CaseCompleted,
    ConsentRecorded,
    ContactRecorded,
    FieldRecorded,
    ProgrammeOpened,
    Proposed,
    Withdrawn,
)
from evenhand.store.history import moment
from evenhand.store.registers import Invitation
from evenhand.store.store import Store
from evenhand.store.unit import Unit

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TOWN = "winter-food"
PURPOSES = {"decide": True, "statistics": True}


def later(days: int) -> datetime:
    return AT + timedelta(days=days)


def open_town(store: Store, programme: str = TOWN) -> None:
    with store.unit() as unit:
        document = unit.add_document("programme", b"name: winter-food\n")
        unit.append(ProgrammeOpened(programme, AT, "ann", "1", document, {"programme": document}))


def consent(case: str, *, purposes: Mapping[str, bool] = PURPOSES, programme: str = TOWN) -> ConsentRecorded:
    return ConsentRecorded(programme, AT, "respondent", case, "1", "n1", purposes, "en", "public-task", "north-1")


def answer(case: str, item: str, code: str = "yes", version: int = 1, programme: str = TOWN) -> AnswerRecorded:
    return AnswerRecorded(programme, AT, "respondent", case, "need", item, version, code, None)


def extra(case: str, value: str, version: int = 1, expires: str = "2027-01-01") -> FieldRecorded:
    return FieldRecorded(TOWN, AT, "respondent", case, "children_under_2", version, value, expires)


def contact(case: str, value: str | None) -> ContactRecorded:
    return ContactRecorded(TOWN, AT, "respondent", case, value)


def withdrawn(case: str) -> Withdrawn:
    return Withdrawn(TOWN, AT, "respondent", case)


def code_issued(case: str) -> AccessCodeIssued:
    return AccessCodeIssued(TOWN, AT, "respondent", case, "first", True)


def invitation(number: int, store: Store, programme: str = TOWN) -> Invitation:
    hashed = store.keys.code_hash("invitation", programme, f"CODE{number}")
    return Invitation(f"i{number}", programme, hashed, "food-bank", None, moment(AT), moment(later(90)))


def open_case(unit: Unit, *, taken: str | None = None, programme: str = TOWN) -> str:
    """A case that consented."""
    case = unit.open_case(programme, definition_hash="d1", at=AT, invitation=taken)
    unit.append(consent(case, programme=programme))
    return case


def finish(unit: Unit, case: str) -> None:
    """Complete, assess and propose a case with two answers."""
    unit.append(answer(case, "WORRIED"))
    unit.append(answer(case, "HUNGRY", "no"))
    unit.append(CaseCompleted(TOWN, AT, "respondent", case, 2, 0))
    scored = {"WORRIED": 1, "HUNGRY": 0}
    unit.append(
        Assessed(
            TOWN, AT, "system", case, 1, scored, -0.5, 0.9, 0.31, 0.25, (0.31, 0.31), "unknown",
            "d1", "i1", "s1", "r1", "evenhand 0.1.0",
        )
    )  # fmt: skip
    unit.append(Proposed(TOWN, AT, "system", case, 1, "review", ("between",), "food-parcel", {"p": 0.31}))


def full_case(store: Store) -> str:
    """A case with a code, a contact, an extra fact, an assessment and a place in the statistics."""
    with store.unit() as unit:
        case = open_case(unit)
        unit.append(code_issued(case))
        unit.set_access_code(case, programme=TOWN, code_hash="a" * 64, recovery_hash="b" * 64, at=AT)
        unit.append(contact(case, "write to nobody@example.org"))
        unit.append(extra(case, "two"))
        unit.once("c" * 64, case)
        finish(unit, case)
    return case
