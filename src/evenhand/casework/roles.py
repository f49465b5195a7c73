"""Who may do what: the table of roles and actions. What is not in it is refused."""

from dataclasses import dataclass
from typing import Literal, get_args

from evenhand.errors import CaseError

Role = Literal["respondent", "partner", "caseworker", "analyst", "auditor", "administrator"]
Action = Literal[
    "answer",
    "see own case",
    "end own case",
    "contest",
    "issue invitations",
    "present collection code",
    "ask for a new access code",
    "see cases",
    "assist",
    "decide",
    "answer appeal",
    "define programme",
    "calibrate",
    "plan round",
    "draw round",
    "publish",
    "see log",
    "see evidence",
    "replay",
    "manage staff",
    "manage keys",
    "back up",
    "sweep",
]

ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)
STAFF_ROLES: tuple[Role, ...] = ("caseworker", "analyst", "auditor", "administrator")

NOBODY_STAFF = frozenset({"respondent", "system", "round", "partner"})
"""Names of actors that no member of staff may bear."""

TABLE: dict[Role, frozenset[Action]] = {
    "respondent": frozenset({"answer", "see own case", "end own case", "contest"}),
    "partner": frozenset({"issue invitations", "present collection code", "ask for a new access code"}),
    "caseworker": frozenset({"see cases", "assist", "decide", "answer appeal", "issue invitations"}),
    "analyst": frozenset({"define programme", "calibrate", "plan round", "draw round", "publish"}),
    "auditor": frozenset({"see log", "see evidence", "replay"}),
    "administrator": frozenset({"manage staff", "manage keys", "back up", "sweep"}),
}
"""An administrator keeps the machine and sees no case; an auditor sees figures and the log, no case; an analyst
defines and draws, and sees no case; only a caseworker sees cases, and defines nothing."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    Attributes:
        id: `respondent`, `system`, a partner's name or the id of a member of staff.
        roles: the roles held.
        case: the one case that a respondent may act on, else None.
    """

    id: str
    roles: frozenset[Role]
    case: str | None = None


SYSTEM = Actor("system", frozenset())
"""Scheduled work: it sweeps and checkpoints, and decides nothing."""


def respondent(case: str) -> Actor:
    """The person whom a case is about."""
    return Actor("respondent", frozenset({"respondent"}), case)


def allowed(actor: Actor, action: Action) -> bool:
    """Whether any of the actor's roles holds the action."""
    return any(action in TABLE[role] for role in actor.roles)


def require(actor: Actor, action: Action, *, case: str | None = None) -> None:
    """Refuse what the table does not hold, and a respondent's step into a case of somebody else.

    Raises:
        CaseError: not allowed.
    """
    own = "respondent" not in actor.roles or case is None or actor.case == case
    if not (allowed(actor, action) and own):
        raise CaseError(
            "case.not-allowed",
            f"This is not yours to do: {action}.",
            why=f"Your part is: {', '.join(sorted(actor.roles)) or 'none'}.",
            mend="Ask an administrator of the programme who can do it.",
        )
