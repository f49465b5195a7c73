"""The decisions there can be. The types leave no room for an automatic refusal."""

from dataclasses import dataclass
from typing import ClassVar

from evenhand.casework.event import CaseEvent
from evenhand.errors import CaseError

NOBODY = frozenset({"", "respondent", "system", "round"})
"""Actors that are no member of staff."""

LEAST_REASON = 10
"""Fewest letters of a reason for `not this round`: a sentence, not a tick."""


@dataclass(frozen=True, slots=True)
class Decision(CaseEvent):
    """What all three decisions hold.

    Attributes:
        version: 1, then one more after each round or appeal.
        assessment: version of the assessment it rests on.
        reason: in words.
        appeal_until: last day of the appeal, ISO date: the route goes out with every decision.
        round: name of the round that it came from, or None.
        probability: selection probability in that round, or None.
    """

    version: int
    assessment: int
    reason: str
    appeal_until: str
    round: str | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class Offered(Decision):
    """Support is offered. `overrides`: a person decided other than was proposed."""

    kind: ClassVar[str] = "offered"

    support: str
    overrides: bool


@dataclass(frozen=True, slots=True)
class PutWaiting(Decision):
    """Not drawn in a round: open, carried to the next, appealable, under a protocol that an officer approved."""

    kind: ClassVar[str] = "put-waiting"

    approved_by: str

    def __post_init__(self) -> None:
        """Only a round under an approved protocol makes anyone wait."""
        _require_person(self.approved_by, "approved_by")
        if not self.round:
            raise _half_decided("round", "Waiting comes from a round.")


@dataclass(frozen=True, slots=True)
class NotThisRound(Decision):
    """A named caseworker decides, one case at a time, with a reason and an appeal route; never a program alone.

    Attributes:
        caseworker: id of the member of staff who decided.
        overrides: whether it departs from the proposal.
    """

    kind: ClassVar[str] = "not-this-round"

    caseworker: str
    overrides: bool

    def __post_init__(self) -> None:
        """No automatic refusal: a person, a reason and an appeal route, or no decision."""
        _require_person(self.caseworker, "caseworker")
        if self.actor != self.caseworker:
            raise _half_decided("actor", "The caseworker decides in person.")
        if len(self.reason.strip()) < LEAST_REASON:
            raise _half_decided("reason", "The person must be told why, in words.")
        if not self.appeal_until:
            raise _half_decided("appeal_until", "The way to contest it goes out in the same step.")


def _require_person(staff: str, field: str) -> None:
    if staff in NOBODY:
        raise _half_decided(field, f"{staff or 'nobody'!r} is no member of staff.")


def _half_decided(field: str, why: str) -> CaseError:
    return CaseError(
        "case.no-automatic-refusal",
        "Such a decision cannot exist.",
        where=f"field {field}",
        why=why,
        mend="Let a caseworker decide the case with a reason; the appeal route is added by the service.",
    )
