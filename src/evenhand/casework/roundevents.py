"""Events of a round, in the order in which they must stand in the ledger."""

from dataclasses import dataclass
from typing import ClassVar

from evenhand.casework.event import CaseEvent, OfficeEvent


@dataclass(frozen=True, slots=True)
class RoundEvent(OfficeEvent):
    """An event about a round.

    Attributes:
        round: its name.
    """

    round: str


@dataclass(frozen=True, slots=True)
class RoundPlanned(RoundEvent):
    """A protocol was approved and published, with the commitment to a secret.

    Attributes:
        protocol_hash: hash of the protocol.
        commitment: of the secret, hexadecimal.
        approved_by: the named officer who approved the protocol.
    """

    kind: ClassVar[str] = "round-planned"

    protocol_hash: str
    commitment: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class TicketIssued(CaseEvent):
    """A case entered a round under a random ticket that its owner knows."""

    kind: ClassVar[str] = "ticket-issued"

    round: str
    ticket: str
    p_class: int


@dataclass(frozen=True, slots=True)
class RoundClosed(RoundEvent):
    """The list was closed: no entry is added, taken out or changed from here on."""

    kind: ClassVar[str] = "round-closed"

    list_root: str
    entries: int


@dataclass(frozen=True, slots=True)
class RoundDrawn(RoundEvent):
    """The second value came from outside. `source` says whose, or which public draw."""

    kind: ClassVar[str] = "round-drawn"

    second_value: str
    source: str


@dataclass(frozen=True, slots=True)
class RoundRevealed(RoundEvent):
    """The secret was revealed and everyone's result follows.

    Attributes:
        secret: hexadecimal.
        results_hash: hash of the list with its results.
        offered: places given.
        unused: places not given, reserved ones among them, carried to the next round.
        remainder: money not given, in the smallest unit of the currency.
    """

    kind: ClassVar[str] = "round-revealed"

    secret: str
    results_hash: str
    offered: int
    unused: int
    remainder: int


@dataclass(frozen=True, slots=True)
class RoundVoided(RoundEvent):
    """The round counts for nothing, with the reason: a secret that is not revealed voids it."""

    kind: ClassVar[str] = "round-voided"

    reason: str
