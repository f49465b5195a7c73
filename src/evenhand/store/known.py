"""A case as it was read: its fold, the columns that change, and its key."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.errors import StoreError
from evenhand.store import history, schema
from evenhand.store.keyring import KeyHolder, Wrapped
from evenhand.store.sealing import Secret

CHANGING = (
    "state", "since", "district", "language", "proposal", "restricted", "appeal_open", "answer_by", "updated_at",
    "last_index",
)  # fmt: skip
"""Columns of a case's row that events change: those of `projection.beginning`."""

_CHANGING = [schema.case_file.c[name] for name in CHANGING]
_FIXED = [schema.case_file.c.programme, schema.case_file.c.definition_hash]
_KEY = [schema.case_key.c.wrapped, schema.case_key.c.key_version]
_READ = (
    select(*_CHANGING, *_FIXED, *_KEY)
    .select_from(schema.case_file.outerjoin(schema.case_key))
    .where(schema.case_file.c.case_id == bindparam("case_id"))
)


@dataclass(slots=True)
class Known:
    """A case as it was at one moment. A unit may go on from it: what was added since makes the change fail.

    Attributes:
        case: the fold of its events.
        definition_hash: the definition under which it was opened.
        row: the columns of its row that change, `last_index` among them.
        key: its data key.
    """

    case: Case
    definition_hash: str
    row: dict[str, Any]
    key: Secret


def read_known(connection: Connection, keys: KeyHolder, case_id: str) -> Known:
    """Read a case: one statement for its row and its key, one for its events.

    Raises:
        StoreError: no such case, or it has no key.
        KeysError: its key or an event does not open.
    """
    row = connection.execute(_READ, {"case_id": case_id}).first()
    if row is None:
        raise no_case()
    if row.wrapped is None:
        raise history.no_key()
    key = keys.unwrap(row.programme, case_id, Wrapped(row.key_version, bytes(row.wrapped)))
    events = history.case_events(connection, case_id, key)
    case = history.fold(case_id, row.programme, [event for _, event in events])
    changing = dict(zip(CHANGING, row, strict=False))
    return Known(case, row.definition_hash, changing, key)


def no_case() -> StoreError:
    """The error for a case that is not there."""
    return StoreError(
        "store.no-case",
        "There is no such case.",
        why="It was erased, or it never was.",
        mend="Look at the queue again.",
    )
