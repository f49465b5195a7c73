"""Staff: accounts and roles. Each change is an event that an auditor sees."""

import re
from collections.abc import Iterable

from evenhand.casework.events import StaffChanged
from evenhand.casework.roles import NOBODY_STAFF, STAFF_ROLES, Actor, Role
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit

OFFICE = "office"
"""Stands where an event names a programme and is about none."""

NAME = re.compile(r"[a-z][a-z0-9.\-]{1,31}")


def set_roles(office: Office, actor: Actor, staff: str, roles: Iterable[str], *, disabled: bool = False) -> int:
    """Add a member of staff, change their roles, or shut them out.

    The first administrator of an office that has no staff adds themselves.

    Returns:
        The ledger index.

    Raises:
        CaseError: not yours to do, no name, no role of staff, or roles that no one person holds.
    """
    wanted = tuple(sorted(set(roles)))
    with office.store.unit() as unit:
        if unit.reading.office_events(kind=StaffChanged.kind):
            permit(actor, "manage staff")
        elif wanted != ("administrator",) or actor.id != staff:
            raise CaseError(
                "staff.first",
                "The first member of staff is an administrator who adds themselves.",
                mend="Add yourself with the role administrator, then the others.",
            )
        _check(staff, wanted)
        return unit.append(StaffChanged(OFFICE, office.clock(), actor.id, staff, wanted, disabled))


def actor_of(office: Office, staff: str) -> Actor:
    """A member of staff as an actor.

    Raises:
        CaseError: there is none of that name, or they were shut out.
    """
    with office.store.reading() as reading:
        found = reading.staff(staff)
    if found is None or found.disabled_at is not None:
        raise CaseError(
            "staff.unknown",
            f"There is no member of staff {staff[:32]!r}.",
            why="They were never added, or were shut out.",
            mend="Ask an administrator.",
        )
    roles: frozenset[Role] = frozenset(role for role in STAFF_ROLES if role in found.roles.split())
    return Actor(staff, roles)


def _check(staff: str, roles: tuple[str, ...]) -> None:
    if not NAME.fullmatch(staff) or staff in NOBODY_STAFF:
        raise CaseError(
            "staff.name",
            f"{staff[:32]!r} cannot be the name of a member of staff.",
            why="Names have 2 to 32 small Latin letters, digits, dots and dashes, and begin with a letter.",
            mend="Choose another name.",
        )
    unknown = [role for role in roles if role not in STAFF_ROLES]
    if unknown or not roles:
        raise CaseError(
            "staff.role",
            f"There is no role {', '.join(unknown) or '(none)'} among staff.",
            why=f"The roles are: {', '.join(STAFF_ROLES)}.",
            mend="Give one or more of them.",
        )
    apart = {"auditor", "administrator"} & set(roles)
    if apart and len(roles) > 1:
        raise CaseError(
            "staff.apart",
            f"The role {min(apart)} stands alone.",
            why="Who checks others or keeps the keys has no part in cases.",
            mend="Give the other role to another person.",
        )
