"""Deciding a case: one case at a time, by a named caseworker, with a reason; the appeal route goes out with it.

There is no verb that decides several cases. Support is offered within the programme's budget; *not this round*
needs a person each time, and the store refuses a second one in the same change.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from evenhand.casework.allocate import reserved_of
from evenhand.casework.appeal import Reserved
from evenhand.casework.case import Case
from evenhand.casework.events import NotThisRound, Offered
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.programme.definition import Programme
from evenhand.service.office import Office, permit
from evenhand.store.read import Reading
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A decision that was stored.

    Attributes:
        decision: the decision.
        index: its ledger index.
    """

    decision: Offered | NotThisRound
    index: int


def offer(office: Office, actor: Actor, case_id: str, *, support: str, reason: str) -> DecidedCase:
    """Offer a kind of support to one person.

    Raises:
        CaseError: not yours to do, the case is not ready, or no place or money is left.
        ProgrammeError: the programme has no such kind of support.
    """
    permit(actor, "decide")

    def change(unit: Unit) -> DecidedCase:
        definition, case = office.of_case(unit.reading, case_id), unit.case(case_id)
        definition.support_kind(support)
        _require_reason(reason)
        _require_place(unit.reading, definition)
        event = Offered(
            **_common(office, actor, definition, case, reason),
            support=support,
            overrides=bool(case.proposal and case.proposal.proposal != "offer"),
        )
        return DecidedCase(event, unit.append(event))

    return office.store.transact(change)


def not_this_round(office: Office, actor: Actor, case_id: str, *, reason: str) -> DecidedCase:
    """Decide that one person gets nothing in this round, and say why.

    Raises:
        CaseError: not yours to do, the case is not ready, or the reason is none.
    """
    permit(actor, "decide")

    def change(unit: Unit) -> DecidedCase:
        definition, case = office.of_case(unit.reading, case_id), unit.case(case_id)
        event = NotThisRound(
            **_common(office, actor, definition, case, reason),
            caseworker=actor.id,
            overrides=bool(case.proposal and case.proposal.proposal != "not_this_round"),
        )
        return DecidedCase(event, unit.append(event))

    return office.store.transact(change)


def places_left(reading: Reading, definition: Programme) -> int:
    """Places of the programme's budget that nobody has been offered yet."""
    counts = reading.counts(definition.name)
    return definition.budget.places - counts.get("offer", 0) - counts.get("collected", 0)


def places_free(reading: Reading, definition: Programme) -> int:
    """Places left that are not held for an open appeal: one for each, of those that the rule reserves."""
    places = definition.budget.places
    left = places_left(reading, definition)
    reserved = reserved_of(places, definition.rule.reserved_share)
    open_appeals = reading.open_appeals(definition.name)
    return left - Reserved(min(reserved, left), 0, open_appeals).held


def _common(office: Office, actor: Actor, definition: Programme, case: Case, reason: str) -> dict[str, Any]:
    at = office.clock()
    return {
        "programme": case.programme,
        "at": at,
        "actor": actor.id,
        "case": case.case_id,
        "version": case.decision.version + 1 if case.decision else 1,
        "assessment": case.versions,
        "reason": reason.strip(),
        "appeal_until": (at.date() + timedelta(days=definition.appeals.open_days)).isoformat(),
        "round": None,
        "probability": None,
    }


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < 3 or len(reason) > 2000:
        raise CaseError(
            "decide.reason",
            "A decision needs a reason, in words.",
            why="The person reads it, and so does whoever answers an appeal.",
            mend="Write from 3 to 2,000 characters.",
        )


def _require_place(reading: Reading, definition: Programme) -> None:
    if places_free(reading, definition) < 1:
        raise CaseError(
            "decide.no-place",
            "No place is left.",
            where=f"programme {definition.name!r}",
            why=f"All {definition.budget.places} places of its budget were offered, or are held for open appeals.",
            mend="Wait for a place to come free, or open a version of the programme with a larger budget.",
        )
