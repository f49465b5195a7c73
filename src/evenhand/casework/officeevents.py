"""Events about the programme or the office: plain, kept, and nothing in them about any respondent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from evenhand.casework.event import OfficeEvent

ErasureCause = Literal["request", "retention"]


@dataclass(frozen=True, slots=True)
class ProgrammeOpened(OfficeEvent):
    """A version of a programme's definition comes into force. Documents are kept by their hashes."""

    kind: ClassVar[str] = "programme-opened"

    version: str
    definition_hash: str
    documents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProgrammeClosed(OfficeEvent):
    """The programme ended."""

    kind: ClassVar[str] = "programme-closed"

    version: str


@dataclass(frozen=True, slots=True)
class InvitationsIssued(OfficeEvent):
    """A partner got single-use invitation codes; the codes themselves are nowhere."""

    kind: ClassVar[str] = "invitations-issued"

    partner: str
    count: int
    expires: str


@dataclass(frozen=True, slots=True)
class CaseErased(OfficeEvent):
    """The tombstone: which leaves lost their payload, and why. Says nothing about the person.

    Attributes:
        indexes: ledger indexes of the erased events.
        cause: `request`, receipted to the person, or `retention`, a dated rule.
        rule: name and days of the retention rule, or empty.
    """

    kind: ClassVar[str] = "case-erased"

    indexes: tuple[int, ...]
    cause: ErasureCause
    rule: str


@dataclass(frozen=True, slots=True)
class RetentionSwept(OfficeEvent):
    """A retention sweep ended: how many cases and fields it erased."""

    kind: ClassVar[str] = "retention-swept"

    cases: int
    fields: int


@dataclass(frozen=True, slots=True)
class KeyRotated(OfficeEvent):
    """A key was replaced. `which`: `wrapping` or `signing`; `public` is the new verifier key of `signing`."""

    kind: ClassVar[str] = "key-rotated"

    which: Literal["wrapping", "signing"]
    version: int
    public: str


@dataclass(frozen=True, slots=True)
class StaffChanged(OfficeEvent):
    """A member of staff was added, given or refused a role, or shut out."""

    kind: ClassVar[str] = "staff-changed"

    staff: str
    roles: tuple[str, ...]
    disabled: bool


@dataclass(frozen=True, slots=True)
class StoreRestored(OfficeEvent):
    """The store came back from a backup, and so many erasures were applied again."""

    kind: ClassVar[str] = "store-restored"

    size: int
    reapplied: int
