"""Events about the programme or the office: plain, kept, and nothing in them about any respondent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from evenhand.casework.event import OfficeEvent

ErasureCause = Literal["request", "retention"]
Credential = Literal["password", "second-factor"]
TokenChange = Literal["made", "revoked"]

OFFICE = "office"
"""Stands where an event names a programme and is about none."""


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
    """A programme's wrapping key was replaced by the next version. `which` is `wrapping` and `public` empty."""

    kind: ClassVar[str] = "key-rotated"

    which: Literal["wrapping"]
    version: int
    public: str


@dataclass(frozen=True, slots=True)
class SigningKeyRotated(OfficeEvent):
    """Another key signs the ledger from here on. The checkpoint that ends with this entry is signed with both.

    Attributes:
        old: verifier key, as text, of what signed until now.
        new: verifier key, as text, of what signs from here on.
    """

    kind: ClassVar[str] = "signing-key-rotated"

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class StaffChanged(OfficeEvent):
    """A member of staff was added, given or refused a role, or shut out."""

    kind: ClassVar[str] = "staff-changed"

    staff: str
    roles: tuple[str, ...]
    disabled: bool


@dataclass(frozen=True, slots=True)
class CredentialsSet(OfficeEvent):
    """A member of staff got something new to sign in with; what it is stands nowhere in the ledger.

    Attributes:
        staff: the member of staff.
        what: each thing that was set, `password` or `second-factor`; what it replaced opens nothing any more.
    """

    kind: ClassVar[str] = "credentials-set"

    staff: str
    what: tuple[Credential, ...]


@dataclass(frozen=True, slots=True)
class TokenChanged(OfficeEvent):
    """A partner's token was made or revoked; neither the token nor its hash stands in the ledger.

    Attributes:
        token: its short name.
        partner: whose it is.
        scopes: what it opens in the event's programme.
        expires: its last day, ISO date.
        change: `made` or `revoked`.
    """

    kind: ClassVar[str] = "token-changed"

    token: str
    partner: str
    scopes: tuple[str, ...]
    expires: str
    change: TokenChange


@dataclass(frozen=True, slots=True)
class StoreRestored(OfficeEvent):
    """The store came back from a backup, and so many erasures were applied again."""

    kind: ClassVar[str] = "store-restored"

    size: int
    reapplied: int
