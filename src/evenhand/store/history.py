"""Events as they lie in the store, and back.

An event about a case lies sealed with the case's own key; an office event lies plain. What is read is folded
with `casework.case.after`, like everywhere else. One thing only the store knows: retention may have erased an
extra fact, so the next version of that fact follows a hole.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case, after
from evenhand.casework.events import CaseEvent, Event, FieldRecorded, canonical, from_payload, to_payload
from evenhand.errors import StoreError
from evenhand.store import schema
from evenhand.store.keyring import KeyHolder, Wrapped
from evenhand.store.sealing import Random, Secret, aad, open_sealed, seal

BODY_VERSION = 1
"""Version of the sealed form of a body."""

_READ_KEY = select(schema.case_key).where(schema.case_key.c.case_id == bindparam("case_id"))
_READ_EVENTS = (
    select(schema.event.c.index, schema.event.c.body)
    .where(schema.event.c.case_id == bindparam("case_id"))
    .order_by(schema.event.c.index)
)

_READ_KIND = (
    select(
        schema.event.c.index,
        schema.event.c.case_id,
        schema.event.c.body,
        schema.case_file.c.pseudonym,
        schema.case_key.c.wrapped,
        schema.case_key.c.key_version,
    )
    .select_from(schema.event.join(schema.case_file).outerjoin(schema.case_key))
    .where(
        schema.event.c.kind == bindparam("kind"),
        schema.event.c.index > bindparam("after"),
        schema.event.c.programme == bindparam("of"),
    )
    .order_by(schema.event.c.index)
    .limit(bindparam("most"))
)

Indexed = tuple[int, Event]
"""An event with its index in the ledger."""


@dataclass(frozen=True, slots=True)
class Written:
    """An event on its way into the store.

    Attributes:
        event: the event as it will be read back.
        payload: its canonical bytes.
    """

    event: Event
    payload: bytes


def written(event: Event, keys: KeyHolder) -> Written:
    """The event as its payload tells it, so that what is folded now is what will be read later.

    A payload names its case by the pseudonym: it goes out whole with a receipt, and case ids are shown to nobody.

    Raises:
        CaseError: the event cannot be written and read back.
    """
    body = to_payload(event)
    if event.case_id is not None:
        body["case"] = keys.pseudonym(event.programme, event.case_id)
    payload = canonical(body)
    return Written(event_of(payload, event.case_id), payload)


def body_of(index: int, payload: bytes, key: Secret | None, random: Random) -> bytes:
    """What lies in the column `body`: sealed where there is a case key, else the payload itself."""
    if key is None:
        return payload
    return seal(key, payload, _bound(index), random=random)


def payload_of(index: int, body: bytes, key: Secret | None) -> bytes:
    """The canonical payload in a body.

    Raises:
        KeysError: it does not open: changed, moved, or another case's.
    """
    return bytes(body) if key is None else open_sealed(key, bytes(body), _bound(index))


def event_of(payload: bytes, case_id: str | None = None) -> Event:
    """The event of a canonical payload.

    Args:
        payload: the payload.
        case_id: the case it is about, or None: its row says so, and its seal opens with that case's key only.

    Raises:
        StoreError: it is no payload: the row was changed.
    """
    try:
        body = json.loads(payload)
    except ValueError as error:
        raise _damaged() from error
    if not isinstance(body, dict) or (case_id is not None) != ("case" in body):
        raise _damaged()
    return from_payload(body if case_id is None else {**body, "case": case_id})


def data_key(connection: Connection, keys: KeyHolder, case_id: str) -> Secret:
    """A case's data key.

    Raises:
        StoreError: the case has no key: it was erased, or its keys were not restored.
        KeysError: the key does not open.
    """
    row = connection.execute(_READ_KEY, {"case_id": case_id}).first()
    if row is None:
        raise no_key()
    return keys.unwrap(row.programme, case_id, Wrapped(row.key_version, bytes(row.wrapped)))


def no_key() -> StoreError:
    """The error for a case without a key."""
    return StoreError(
        "store.no-case-key",
        "The case has no key.",
        why="It was erased, or the keys of this backup were not restored.",
        mend="An erased case is gone for good. After a restore, give the key file of that backup too.",
    )


def case_events(connection: Connection, case_id: str, key: Secret) -> tuple[tuple[int, CaseEvent], ...]:
    """Every event of a case with its index, in order."""
    rows = connection.execute(_READ_EVENTS, {"case_id": case_id})
    return tuple((index, _case_event(payload_of(index, body, key), case_id)) for index, body in rows)


def of_kind(
    connection: Connection, keys: KeyHolder, programme: str, kind: str, *, limit: int, after: int
) -> tuple[tuple[int, str, CaseEvent], ...]:
    """Events of one kind about cases of a programme, with index and pseudonym: see `Reading.of_kind`."""
    given = {"of": programme, "kind": kind, "after": after, "most": limit}
    return tuple(_opened(keys, programme, row) for row in connection.execute(_READ_KIND, given))


def _opened(keys: KeyHolder, programme: str, row: Any) -> tuple[int, str, CaseEvent]:
    if row.wrapped is None:
        raise no_key()
    index, case_id = row._mapping["index"], row.case_id
    key = keys.unwrap(programme, case_id, Wrapped(row.key_version, bytes(row.wrapped)))
    return index, row.pseudonym, _case_event(payload_of(index, row.body, key), case_id)


def fold(case_id: str, programme: str, events: Iterable[CaseEvent]) -> Case:
    """The case that its events tell, some of its facts perhaps erased.

    Raises:
        CaseError: an event does not fit the state before it.
    """
    case = Case(case_id, programme)
    for event in events:
        case = following(case, event)
    return case


def following(case: Case, event: CaseEvent) -> Case:
    """The case after a stored event; a fact whose earlier versions were erased follows a hole.

    Raises:
        CaseError: the event does not fit.
    """
    if isinstance(event, FieldRecorded) and event.version > 1 and event.field not in case.fields:
        hole = replace(event, version=event.version - 1, value=None)
        case = replace(case, fields=MappingProxyType({**case.fields, event.field: hole}))
    return after(case, event)


def office_events(rows: Iterable[Row[Any]]) -> tuple[Indexed, ...]:
    """Office events of rows with `index` and `body`."""
    return tuple((row._mapping["index"], event_of(bytes(row.body))) for row in rows)


def moment(at: datetime) -> str:
    """A time as the store writes it.

    Raises:
        StoreError: it has no time zone.
    """
    if at.tzinfo is None:
        raise StoreError(
            "store.naive-time",
            "A time without a zone cannot be stored.",
            mend="Give the time in UTC, with its zone.",
        )
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _case_event(payload: bytes, case_id: str) -> CaseEvent:
    event = event_of(payload, case_id)
    if not isinstance(event, CaseEvent):
        raise _damaged()
    return event


def _bound(index: int) -> bytes:
    return aad("event", index, "body", BODY_VERSION)


def _damaged() -> StoreError:
    return StoreError(
        "store.damaged-event",
        "A stored event cannot be read.",
        why="Its row was changed.",
        mend="Run `evenhand fsck` to see which rows are concerned, and restore them from a backup.",
    )
