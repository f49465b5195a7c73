"""Inviting: a partner gets single-use codes to hand out, and never learns who used one."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from evenhand.casework.codes import grouped, new_code
from evenhand.casework.events import InvitationsIssued
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.registers import Invitation

MOST = 100_000
"""Invitations at once; more is a mistake in a figure."""


@dataclass(frozen=True, slots=True)
class Invitations:
    """New invitations; their codes are shown this once.

    Attributes:
        codes: in groups of four.
        expires: last day, ISO date.
    """

    codes: tuple[str, ...]
    expires: str


def invite(
    office: Office, actor: Actor, programme: str, *, partner: str, count: int, district: str | None = None
) -> Invitations:
    """Issue invitations to a partner.

    Args:
        office: the office.
        actor: a caseworker, or the partner itself.
        programme: its name.
        partner: who hands them out.
        count: how many.
        district: the district that they are meant for; anybody's when left out.

    Raises:
        CaseError: not yours to do, a number that cannot be, or the programme takes nobody in any more.
    """
    permit(actor, "issue invitations")
    if not 1 <= count <= MOST or not partner.strip() or len(partner) > 128:
        raise CaseError(
            "invite.count",
            f"{count} invitations cannot be issued to {partner[:64]!r}.",
            why=f"A named partner gets from 1 to {MOST:,} at once.",
            mend="Correct the number or the name.",
        )
    at = office.clock()
    codes = tuple(new_code("invitation", office.random) for _ in range(count))
    with office.store.unit() as unit:
        definition = office.programme(unit.reading, programme)
        if district is not None:
            definition.district(district)
        closes = definition.dates.intake_closes
        if at.date() > closes:
            raise CaseError(
                "invite.closed",
                "The programme takes nobody in any more.",
                where=f"programme {programme!r}",
                why=f"Intake closed on {closes.isoformat()}.",
                mend="Open a new version of the programme with later dates.",
            )
        until = datetime.combine(closes, time(23, 59, 59), UTC)
        unit.add_invitations(
            Invitation(
                id=office.random(16).hex(),
                programme=programme,
                code_hash=office.store.keys.code_hash("invitation", programme, code),
                partner=partner,
                district=district,
                issued_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                expires_at=until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            for code in codes
        )
        unit.append(InvitationsIssued(programme, at, actor.id, partner, count, closes.isoformat()))
    return Invitations(tuple(grouped(code) for code in codes), closes.isoformat())
