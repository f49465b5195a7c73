"""What a person does alone, with their code and nobody's leave: freeze, withdraw, erase, give or take a contact.

Each takes one step, no more than consent did.
"""

from dataclasses import dataclass

from evenhand.casework.events import ContactRecorded, RestrictionChanged, Withdrawn
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.erase import erase_case
from evenhand.store.receipts import Receipt

LONGEST_CONTACT = 200


@dataclass(frozen=True, slots=True)
class Erased:
    """A case that is gone.

    Attributes:
        receipt: shows that the erasure is in the ledger; nothing about the person is in it.
        told: partners who were told that a code presented to them belongs to nobody any more.
    """

    receipt: Receipt
    told: tuple[str, ...]


def restrict(office: Office, actor: Actor, case_id: str, *, on: bool) -> int:
    """Freeze the use of a case, or lift the freeze. Frozen, nothing is scored, proposed, decided or counted.

    Returns:
        The ledger index.
    """
    permit(actor, "end own case", case_id)
    with office.store.unit() as unit:
        programme = unit.case(case_id).programme
        return unit.append(RestrictionChanged(programme, office.clock(), actor.id, case_id, on))


def withdraw(office: Office, actor: Actor, case_id: str) -> int:
    """Take no further part. The record stays until it is erased, by the person or by its date.

    Returns:
        The ledger index.
    """
    permit(actor, "end own case", case_id)
    with office.store.unit() as unit:
        programme = unit.case(case_id).programme
        return unit.append(Withdrawn(programme, office.clock(), actor.id, case_id))


def erase(office: Office, actor: Actor, case_id: str) -> Erased:
    """Erase a case for good: its key, its answers, its codes and every link to it, backups included.

    Raises:
        CaseError: it is somebody else's.
        StoreError: it is gone already.
    """
    permit(actor, "end own case", case_id)
    at = office.clock()
    with office.store.unit() as unit:
        told = unit.recipients(case_id)
        index = erase_case(unit, case_id, "request", at=at, actor="respondent")
    office.store.checkpoint(at)
    office.store.scrub(vacuum=False)
    return Erased(office.store.receipt(index, at), told)


def set_contact(office: Office, actor: Actor, case_id: str, contact: str | None) -> int:
    """Give a contact detail for messages about this case, or take it out (None).

    Raises:
        CaseError: messages were not agreed to, or the text is no contact.
    """
    permit(actor, "answer", case_id)
    with office.store.unit() as unit:
        case = unit.case(case_id)
        if contact is not None and not case.agreed("messages"):
            raise CaseError(
                "consent.messages",
                "You did not agree to messages.",
                mend="Agree to messages first, or give no contact.",
            )
        if contact is not None and not 3 <= len(contact.strip()) <= LONGEST_CONTACT:
            raise CaseError(
                "case.contact", "This is no contact.", mend=f"Give from 3 to {LONGEST_CONTACT} characters."
            )
        text = None if contact is None else contact.strip()
        return unit.append(ContactRecorded(case.programme, office.clock(), actor.id, case_id, text))
