"""Receipts: an auditor gets those of entries about the office, a person those of their own case."""

from evenhand.casework.events import OfficeEvent
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.receipts import Receipt


def office_receipt(office: Office, actor: Actor, index: int) -> Receipt:
    """The receipt of an entry about the office or a programme.

    Args:
        office: the office.
        actor: an auditor.
        index: index in the ledger.

    Raises:
        CaseError: not yours to do, or the entry is no entry about the office.
    """
    permit(actor, "see log")
    with office.store.reading() as reading:
        own = any(at == index and isinstance(event, OfficeEvent) for at, event in reading.office_events())
    return _receipt(office, index, own=own)


def own_receipt(office: Office, actor: Actor, case_id: str, index: int) -> Receipt:
    """The receipt of an entry about the person's own case.

    Raises:
        CaseError: it is somebody else's case, or the entry is not about this one.
    """
    permit(actor, "see own case", case_id)
    with office.store.reading() as reading:
        case = reading.case(case_id)
        whole = case.access is None or case.access.opens_old_answers
        own = whole and any(at == index for at, _ in reading.events(case_id))
    return _receipt(office, index, own=own)


def _receipt(office: Office, index: int, *, own: bool) -> Receipt:
    if not own:
        raise CaseError(
            "receipt.not-yours",
            "There is no receipt of this entry for you.",
            where=f"index {index}",
            why="An auditor has receipts of entries about the office, a person those of their own case.",
            mend="Look at the index again. The receipt of a case's entry is given for its access code.",
        )
    return office.store.receipt(index, office.clock())
