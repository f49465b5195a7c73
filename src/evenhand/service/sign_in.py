"""Staff sign in with a password and a one-time code. An administrator gives both; neither is ever shown again."""

from dataclasses import dataclass, replace

from evenhand.casework.events import CredentialsSet
from evenhand.casework.officeevents import OFFICE
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.passwords import (
    hash_password,
    is_password,
    new_second_factor,
    open_factor,
    otpauth,
    seal_factor,
    secret_text,
    step_of,
)

SHORTEST, LONGEST = 12, 128
"""Characters of a password (NIST SP 800-63B-4: length, and no rules of composition)."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new second factor, shown this once.

    Attributes:
        staff: the member of staff.
        secret: Base32 in groups of four, to be typed into an authenticator.
        uri: the same as an `otpauth://` address, for a QR picture.
    """

    staff: str
    secret: str
    uri: str


def set_password(office: Office, actor: Actor, staff: str, password: str) -> Enrolled:
    """Give a member of staff a password, and a new second factor with it. The old ones open nothing from then on.

    That it was done, and by whom, is an entry of the ledger; what was given is nowhere in it.

    Args:
        office: the office.
        actor: an administrator.
        staff: the member of staff, who may be the administrator.
        password: 12 to 128 characters.

    Raises:
        CaseError: not yours to do, no such member of staff, or no password that anybody should have.
    """
    permit(actor, "manage staff")
    require_password(staff, password)
    factor, keys = new_second_factor(random=office.random), office.store.keys
    hashed = hash_password(password, random=office.random)
    with office.store.unit() as unit:
        found = unit.staff(staff)
        if found is None or found.disabled_at is not None:
            raise CaseError(
                "staff.unknown",
                f"There is no member of staff {staff[:32]!r}.",
                why="They were never added, or were shut out.",
                mend="Add them with evenhand staff add, or look at the name.",
            )
        unit.set_staff(staff, password_hash=hashed, totp_secret_enc=seal_factor(keys, staff, factor))
        unit.append(CredentialsSet(OFFICE, office.clock(), actor.id, staff, ("password", "second-factor")))
    return Enrolled(staff, secret_text(factor), otpauth(factor, staff, keys.verifier.name))


def require_password(staff: str, password: str) -> None:
    """Refuse what is no password.

    Raises:
        CaseError: too short, too long, the member's own name, or one character again and again.
    """
    plain = password.casefold()
    if SHORTEST <= len(password) <= LONGEST and len(set(plain)) > 4 and staff.casefold() not in plain:
        return
    raise CaseError(
        "staff.password",
        "This cannot be a password.",
        why=f"It has {SHORTEST} to {LONGEST} characters, five different ones or more, and not the member's name.",
        mend="Choose several words that do not belong together.",
    )


def knows_password(office: Office, staff: str, password: str) -> bool:
    """Whether the password is that of a member of staff who was not shut out; takes as long when it is not."""
    with office.store.reading() as reading:
        found = reading.staff(staff)
    usable = found is not None and found.disabled_at is None and found.totp_secret_enc is not None
    hashed = found.password_hash if found is not None and usable else None
    return len(password) <= LONGEST and is_password(password, hashed)


def use_code(office: Office, staff: str, code: str, *, seconds: int | None = None) -> bool:
    """Whether the one-time code is right now; a right one is used up by it.

    Args:
        office: the office.
        staff: the member of staff.
        code: what was typed.
        seconds: the time, since 1970; the office's clock when left out.
    """
    keys, seconds = office.store.keys, int(office.clock().timestamp()) if seconds is None else seconds
    with office.store.unit() as unit:
        found = unit.staff(staff)
        if found is None or found.disabled_at is not None or found.totp_secret_enc is None:
            return False
        factor = open_factor(keys, staff, found.totp_secret_enc)
        step = step_of(factor, code, seconds)
        if step is None:
            return False
        unit.set_staff(staff, totp_secret_enc=seal_factor(keys, staff, replace(factor, used=step)))
    return True


def device_mark(office: Office, staff: str, nonce: str) -> str:
    """A mark for a browser that a member of staff signed in with: only this office can make it."""
    return office.store.keys.integrity_tag("staff-device", f"{staff}\n{nonce}".encode()).hex()[:40]
