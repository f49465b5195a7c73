"""Collecting help: a one-time code that names the support, and nothing else."""

from dataclasses import dataclass

from evenhand.casework.codes import grouped, new_code, read_code
from evenhand.casework.events import CollectionCodeIssued, CollectionPresented, Offered
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit


@dataclass(frozen=True, slots=True)
class CollectionCode:
    """A code for collecting, shown this once: the code in groups of four, and the kind of support."""

    code: str
    support: str


def collection_code(office: Office, actor: Actor, case_id: str) -> CollectionCode:
    """Make the one-time code for an offer. A new one takes the place of one that was lost.

    Raises:
        CaseError: nothing was offered, it was collected already, or the case is not yours.
    """
    permit(actor, "see own case", case_id)
    at = office.clock()
    with office.store.unit() as unit:
        case = unit.case(case_id)
        if not isinstance(case.decision, Offered) or case.state != "offer":
            raise CaseError(
                "collect.no-offer",
                "There is nothing to collect.",
                why=f"The case is {case.state.replace('_', ' ')}.",
                mend="Look at the case's page for what can be done next.",
            )
        support = case.decision.support
        code = new_code("collection", office.random)
        unit.void_collection_codes(case_id)
        unit.add_collection_code(
            case_id,
            programme=case.programme,
            code_hash=office.store.keys.code_hash("collection", case.programme, code),
            support=support,
            at=at,
        )
        unit.append(CollectionCodeIssued(case.programme, at, actor.id, case_id, support))
    return CollectionCode(grouped(code), support)


def present(office: Office, actor: Actor, programme: str, typed: str) -> str:
    """A partner hands out the support that a code names. The code is used up by it.

    Returns:
        The kind of support. The partner learns nothing else.

    Raises:
        CodeError: it cannot be a code.
        CaseError: it is not known, was used, or its case is gone; always the same answer.
    """
    permit(actor, "present collection code")
    code = read_code("collection", typed)
    hashed = office.store.keys.code_hash("collection", programme, code)
    at = office.clock()
    with office.store.unit() as unit:
        found = unit.present_collection(programme, hashed, at, actor.id)
        if found is None:
            raise CaseError(
                "collect.opens-nothing",
                "This code collects nothing.",
                why="It is unknown, or was used before.",
                mend="Ask the person to look at the code, or to make a new one on their page.",
            )
        case_id, support = found
        unit.append(CollectionPresented(programme, at, actor.id, case_id, support))
    return support
