"""Events: the truth of the store. Each change of state is one frozen event, its row and its leaf in the ledger.

    Event
    ├── CaseEvent          about one case; sealed with the case's own key, erasable
    │   ├── ConsentRecorded, FieldRecorded, AnswerRecorded, CaseCompleted
    │   ├── Assessed, Proposed
    │   ├── Decision: Offered, PutWaiting, NotThisRound
    │   ├── AppealOpened, AppealAnswered
    │   ├── RestrictionChanged, Withdrawn, ContactRecorded
    │   ├── TicketIssued
    │   └── AccessCodeIssued, CollectionCodeIssued, CollectionPresented
    └── OfficeEvent        about the programme or the office; plain, kept
        ├── ProgrammeOpened, ProgrammeClosed, InvitationsIssued
        ├── RoundPlanned, RoundClosed, RoundDrawn, RoundRevealed, RoundVoided
        ├── BudgetCharged, StatisticsReleased
        ├── CaseErased, RetentionSwept, KeyRotated, SigningKeyRotated
        ├── StaffChanged, CredentialsSet, TokenChanged
        └── StoreRestored

An event's payload is a mapping of plain JSON values; `canonical` gives the bytes that the ledger's leaf is made
of. Times are whole seconds in UTC. A payload never holds a code, a key or a name of a respondent: codes are kept
as keyed hashes in tables of their own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from evenhand.casework.caseevents import (
    AccessCodeIssued,
    AnswerRecorded,
    AppealAnswered,
    AppealOpened,
    Assessed,
    CaseCompleted,
    CollectionCodeIssued,
    CollectionPresented,
    ConsentRecorded,
    ContactRecorded,
    FieldRecorded,
    Proposed,
    RestrictionChanged,
    Withdrawn,
)
from evenhand.casework.decisions import (
    Decision,
    NotThisRound,
    Offered,
    PutWaiting,
)
from evenhand.casework.event import (
    CaseEvent,
    Event,
    OfficeEvent,
)
from evenhand.casework.officeevents import (
    CaseErased,
    CredentialsSet,
    InvitationsIssued,
    KeyRotated,
    ProgrammeClosed,
    ProgrammeOpened,
    RetentionSwept,
    SigningKeyRotated,
    StaffChanged,
    StoreRestored,
    TokenChanged,
)
from evenhand.casework.releaseevents import BudgetCharged, StatisticsReleased
from evenhand.casework.roundevents import (
    RoundClosed,
    RoundDrawn,
    RoundPlanned,
    RoundRevealed,
    RoundVoided,
    TicketIssued,
)
from evenhand.errors import CaseError

__all__ = [
    "KINDS",
    "AccessCodeIssued",
    "AnswerRecorded",
    "AppealAnswered",
    "AppealOpened",
    "Assessed",
    "BudgetCharged",
    "CaseCompleted",
    "CaseErased",
    "CaseEvent",
    "CollectionCodeIssued",
    "CollectionPresented",
    "ConsentRecorded",
    "ContactRecorded",
    "CredentialsSet",
    "Decision",
    "Event",
    "FieldRecorded",
    "InvitationsIssued",
    "KeyRotated",
    "NotThisRound",
    "Offered",
    "OfficeEvent",
    "ProgrammeClosed",
    "ProgrammeOpened",
    "Proposed",
    "PutWaiting",
    "RestrictionChanged",
    "RetentionSwept",
    "RoundClosed",
    "RoundDrawn",
    "RoundPlanned",
    "RoundRevealed",
    "RoundVoided",
    "SigningKeyRotated",
    "StaffChanged",
    "StatisticsReleased",
    "StoreRestored",
    "TicketIssued",
    "TokenChanged",
    "Withdrawn",
    "canonical",
    "from_payload",
    "registry",
    "to_payload",
]


KINDS: tuple[type[Event], ...] = (
    AccessCodeIssued,
    AnswerRecorded,
    AppealAnswered,
    AppealOpened,
    Assessed,
    CaseCompleted,
    CollectionCodeIssued,
    CollectionPresented,
    ConsentRecorded,
    ContactRecorded,
    FieldRecorded,
    NotThisRound,
    Offered,
    Proposed,
    PutWaiting,
    RestrictionChanged,
    Withdrawn,
    CaseErased,
    InvitationsIssued,
    KeyRotated,
    SigningKeyRotated,
    ProgrammeClosed,
    ProgrammeOpened,
    RetentionSwept,
    StaffChanged,
    CredentialsSet,
    TokenChanged,
    StoreRestored,
    RoundPlanned,
    TicketIssued,
    RoundClosed,
    RoundDrawn,
    RoundRevealed,
    RoundVoided,
    BudgetCharged,
    StatisticsReleased,
)
"""Every kind of event there is."""


_BY_NAME: dict[str, type[Event]] = {each.kind: each for each in KINDS}

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
"""How a time is written; `fromisoformat` alone would take other forms too."""


def registry() -> dict[str, type[Event]]:
    """Every kind of event by its name."""
    return dict(_BY_NAME)


def to_payload(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, `kind` among them."""
    body = {each.name: _plain(getattr(event, each.name)) for each in fields(event)}
    body["at"] = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"kind": event.kind, **body}


def _plain(value: Any) -> Any:
    """A value without dataclasses, and without what somebody else could change later."""
    if isinstance(value, (str, int, float, datetime, type(None))):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_plain(each) for each in value)
    return asdict(value)


def from_payload(payload: Mapping[str, Any]) -> Event:
    """The event that a payload was made of.

    Raises:
        CaseError: the kind or a field is not known here.
    """
    body = dict(payload)
    try:
        kind = _BY_NAME[body.pop("kind")]
        body["at"] = _moment(body["at"])
        return kind(**{name: _frozen(value) if type(value) is list else value for name, value in body.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise CaseError(
            "case.unknown-event",
            f"An event of the kind {str(payload.get('kind'))[:40]!r} cannot be read.",
            why=str(error)[:200],
            mend="Use the version of Evenhand that wrote it, or a later one.",
        ) from error


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The bytes of a payload: UTF-8 JSON, keys sorted, no spaces, no NaN. The same for the same content."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError("a time that was not written here")
    return datetime.fromisoformat(text)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
