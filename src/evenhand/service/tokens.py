"""Partners' tokens: an administrator makes, lists and revokes them; partners sign in and call with them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from evenhand.casework.events import TokenChanged
from evenhand.casework.officeevents import TokenChange
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.service.tokenbook import PREFIX, SCOPES, TOKEN_BYTES, Scope, TokenRow, hash_of

PARTNER = re.compile(r"[a-z][a-z0-9.\-]{0,63}")
DAYS, MOST_DAYS = 180, 730


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token, shown this once, and what is kept of it."""

    token: str
    row: TokenRow


def new_token(
    office: Office,
    actor: Actor,
    partner: str,
    programme: str,
    scopes: Iterable[str],
    *,
    days: int = DAYS,
) -> NewToken:
    """Make a token for a partner. That it was made is an entry of the ledger, which comes first.

    Args:
        office: the office.
        actor: an administrator.
        partner: its name: small letters, digits, dots and dashes.
        programme: the one programme that the token opens.
        scopes: one or more of `SCOPES`.
        days: for how long, 1 to 730.

    Raises:
        CaseError: not yours to do, no such programme, or no such scope, name or number of days.
    """
    permit(actor, "manage staff")
    wanted: tuple[Scope, ...] = tuple(each for each in SCOPES if each in set(scopes))
    if not wanted or set(scopes) - set(SCOPES) or not PARTNER.fullmatch(partner) or not 1 <= days <= MOST_DAYS:
        raise CaseError(
            "token.terms",
            "Such a token cannot be made.",
            why=f"A partner's name has small letters, digits, dots and dashes; scopes are {', '.join(SCOPES)}; a "
            f"token lasts 1 to {MOST_DAYS} days.",
            mend="Correct the name, the scopes or the days.",
        )
    with office.store.reading() as reading:
        office.programme(reading, programme)
    at, token = office.clock(), PREFIX + office.random(TOKEN_BYTES).hex()
    row = TokenRow(
        id=office.random(4).hex(),
        hashed=hash_of(token),
        partner=partner,
        programme=programme,
        scopes=wanted,
        made_by=actor.id,
        made_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        expires=(at.date() + timedelta(days=days)).isoformat(),
    )
    _record(office, actor, row, "made")
    office.tokens.put(row)
    return NewToken(token, row)


def list_tokens(office: Office, actor: Actor) -> tuple[TokenRow, ...]:
    """Every token that was made, for an administrator or an auditor.

    Raises:
        CaseError: not yours to see.
    """
    permit(actor, "see log" if "auditor" in actor.roles else "manage staff")
    return office.tokens.rows()


def revoke_token(office: Office, actor: Actor, name: str) -> TokenRow:
    """Shut a token: it opens nothing from now on.

    Raises:
        CaseError: not yours to do, or there is no such token.
    """
    permit(actor, "manage staff")
    found = next((each for each in office.tokens.rows() if each.id == name), None)
    if found is None:
        raise CaseError("token.unknown", "There is no such token.", mend="List them, and give the id of one.")
    if found.revoked_at is None:
        revoked = replace(found, revoked_at=office.clock().strftime("%Y-%m-%dT%H:%M:%SZ"))
        office.tokens.put(revoked)
        _record(office, actor, revoked, "revoked")
        return revoked
    return found


def find_token(office: Office, token: str) -> TokenRow | None:
    """The token that was shown, unless it is unknown, revoked or over."""
    hashed, today = hash_of(token), office.clock().date()
    for row in office.tokens.rows():
        if row.hashed == hashed:
            usable = row.revoked_at is None and today <= date.fromisoformat(row.expires)
            return row if usable else None
    return None


def _record(office: Office, actor: Actor, row: TokenRow, change: TokenChange) -> None:
    event = TokenChanged(
        row.programme, office.clock(), actor.id, row.id, row.partner, row.scopes, row.expires, change
    )
    with office.store.unit() as unit:
        unit.append(event)


def partner_of(row: TokenRow) -> Actor:
    """The partner that a token belongs to."""
    return Actor(row.partner, frozenset({"partner"}))
