"""What a partner sees: codes issued to it and collection codes presented to it. Never who took part or refused."""

from dataclasses import dataclass

from evenhand.casework.events import InvitationsIssued
from evenhand.casework.roles import Actor
from evenhand.service.office import Office, permit


@dataclass(frozen=True, slots=True)
class PartnerView:
    """A partner's own figures.

    Attributes:
        partner: its name.
        issued: invitations issued to it.
        presented: collection codes presented to it, by kind of support.
        erased: how many of these belong to nobody any more: what it keeps of them is to be destroyed.
    """

    partner: str
    issued: int
    presented: dict[str, int]
    erased: int


def partner_view(office: Office, actor: Actor, programme: str) -> PartnerView:
    """The figures of the partner who asks, and nobody else's."""
    permit(actor, "present collection code")
    with office.store.reading() as reading:
        issued = [
            event.count
            for _, event in reading.office_events(programme, kind=InvitationsIssued.kind)
            if isinstance(event, InvitationsIssued) and event.partner == actor.id
        ]
        presented = dict(reading.presented(programme, actor.id))
        erased = reading.voided(programme, actor.id)
    return PartnerView(actor.id, sum(issued), presented, erased)
