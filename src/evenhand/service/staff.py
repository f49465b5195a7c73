"""Staff: accounts and roles. Each change is an event that an auditor sees."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from evenhand.casework.events import StaffChanged
from evenhand.casework.officeevents import OFFICE
from evenhand.casework.roles import NOBODY_STAFF, STAFF_ROLES, Actor, Role
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.read import Reading

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


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff: name, roles, and whether they were shut out."""

    name: str
    roles: tuple[str, ...]
    disabled: bool


def list_staff(office: Office, actor: Actor) -> tuple[Member, ...]:
    """Everybody who is or was staff, by name, as the ledger has it.

    Raises:
        CaseError: neither an administrator nor an auditor asks.
    """
    permit(actor, "see log" if "auditor" in actor.roles else "manage staff")
    with office.store.reading() as reading:
        latest = _latest(reading)
    return tuple(latest[name] for name in sorted(latest))


def add_staff(office: Office, name: str, staff: str, roles: Iterable[str]) -> int:
    """Add a member of staff. In an office without staff the first administrator adds themselves.

    Args:
        office: the office.
        name: who does it.
        staff: who is added.
        roles: their roles.

    Returns:
        The ledger index.

    Raises:
        CaseError: see `set_roles`; or there is such a member already.
    """
    with office.store.reading() as reading:
        known = _latest(reading)
    if staff in known:
        raise CaseError(
            "staff.exists",
            f"There is a member of staff {staff[:32]!r} already.",
            why="Adding again would change their roles unseen.",
            mend="Change the roles with evenhand staff roles, or choose another name.",
        )
    return set_roles(office, actor_of(office, name) if known else Actor(name, frozenset()), staff, roles)


def change_roles(office: Office, actor: Actor, staff: str, roles: Iterable[str]) -> int:
    """Give a member of staff these roles and no others; lets somebody back in who was shut out.

    Returns:
        The ledger index.

    Raises:
        CaseError: see `set_roles`; or there is no such member.
    """
    member, wanted = _member(office, staff), tuple(roles)
    if "administrator" not in wanted:
        _require_another_administrator(office, member)
    return set_roles(office, actor, staff, wanted)


def disable_staff(office: Office, actor: Actor, staff: str) -> int:
    """Shut a member of staff out; what they did stays theirs.

    Returns:
        The ledger index.

    Raises:
        CaseError: not yours to do, there is no such member, or the last administrator would be gone.
    """
    member = _member(office, staff)
    _require_another_administrator(office, member)
    return set_roles(office, actor, staff, member.roles, disabled=True)


def _require_another_administrator(office: Office, member: Member) -> None:
    with office.store.reading() as reading:
        others = [each for each in _latest(reading).values() if each.name != member.name and not each.disabled]
    if "administrator" in member.roles and not any("administrator" in each.roles for each in others):
        raise CaseError(
            "staff.last",
            "The last administrator cannot be shut out or given another role.",
            why="Nobody could let anybody in again.",
            mend="Add another administrator first.",
        )


def _member(office: Office, staff: str) -> Member:
    with office.store.reading() as reading:
        found = _latest(reading).get(staff)
    if found is None:
        raise CaseError(
            "staff.unknown",
            f"There is no member of staff {staff[:32]!r}.",
            why="They were never added.",
            mend="Add them with evenhand staff add, or look at the name.",
        )
    return found


def _latest(reading: Reading) -> dict[str, Member]:
    return {
        event.staff: Member(event.staff, event.roles, event.disabled)
        for _, event in reading.office_events(kind=StaffChanged.kind)
        if isinstance(event, StaffChanged)
    }
