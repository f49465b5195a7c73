"""From events to rows: what `case_file` and its neighbours say follows from the events alone.

`case_row` is the one rule: `unit` uses it as events come in and `fsck` to build every row anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.casework.events import (
    BudgetCharged,
    CaseEvent,
    Event,
    ProgrammeClosed,
    ProgrammeOpened,
    StaffChanged,
    StatisticsReleased,
)
from evenhand.errors import StoreError
from evenhand.store import releases, schema
from evenhand.store.history import following, moment
from evenhand.store.keyring import KeyHolder
from evenhand.store.sealing import framed

STATISTICS = "statistics"
"""The purpose of a notice without which a case is in no public statistic."""

FIXED = ("case_id", "programme", "pseudonym", "definition_hash", "invitation", "opened_month")
"""Columns set when the case is opened and never changed; their tag shows a change."""

Fields = Mapping[str, Any]

_UPDATE_CASE = update(schema.case_file).where(
    schema.case_file.c.case_id == bindparam("of"), schema.case_file.c.last_index == bindparam("seen")
)


def new_row(keys: KeyHolder, case_id: str, programme: str, opened: Fields) -> dict[str, Any]:
    """The row of a case just opened.

    Args:
        keys: make the pseudonym and the tag.
        case_id: the case.
        programme: its programme.
        opened: `definition_hash`, `invitation` (None where there is none), `opened_month`, and `at` as text.
    """
    row = {
        "case_id": case_id,
        "programme": programme,
        "pseudonym": keys.pseudonym(programme, case_id),
        "definition_hash": opened["definition_hash"],
        "invitation": opened["invitation"],
        "opened_month": opened["opened_month"],
    }
    return {**row, "tag": tag(keys, row), **beginning(opened["at"])}


def beginning(at: str) -> dict[str, Any]:
    """The changing columns before the first event."""
    return {
        "state": "invited",
        "since": at,
        "district": None,
        "language": None,
        "proposal": None,
        "restricted": False,
        "appeal_open": False,
        "answer_by": None,
        "updated_at": at,
        "last_index": -1,
    }


def tag(keys: KeyHolder, row: Fields) -> bytes:
    """The tag of a case's fixed columns, which only the holder of the keys can make."""
    parts = ["" if row[name] is None else f"={row[name]}" for name in FIXED]
    return keys.integrity_tag("case_file", framed("evenhand.case-file/1", *parts))


def case_row(row: Fields, before: Case, event: CaseEvent, index: int) -> tuple[dict[str, Any], Case]:
    """The changing columns, and the case, after one more event.

    Args:
        row: the changing columns before.
        before: the case before.
        event: the event.
        index: its index in the ledger.

    Raises:
        CaseError: the event does not fit the case.
    """
    case = following(before, event)
    at = moment(event.at)
    consent = case.consent
    return {
        "state": case.state,
        "since": at if case.state != before.state else row["since"],
        "district": consent.district if consent else None,
        "language": consent.language if consent else None,
        "proposal": case.proposal.proposal if case.proposal else None,
        "restricted": case.restricted,
        "appeal_open": case.appeal is not None,
        "answer_by": case.appeal.answer_by if case.appeal else None,
        "updated_at": at,
        "last_index": index,
    }, case


def update_cases(connection: Connection, changed: Sequence[tuple[Case, Fields, int]]) -> None:
    """Write the changing columns of cases, unless somebody changed one since it was read.

    Args:
        connection: the unit's.
        changed: each case after its event, its changing columns then, and `last_index` as it was read.

    Raises:
        StoreError: a case was changed in between.
    """
    rows = [{"of": case.case_id, "seen": seen, **row} for case, row, seen in changed]
    done = connection.execute(_UPDATE_CASE, rows if len(rows) > 1 else rows[0])
    if done.rowcount != len(rows):
        raise StoreError(
            "store.changed-meanwhile",
            "The case was changed at the same time.",
            why="Nothing was stored.",
            mend="Look at the case again, then repeat what you meant to do.",
        )


def counts(case: Case) -> bool:
    """Whether the case may stand in a statistic: agreed to, and not withdrawn."""
    return case.state != "withdrawn" and case.agreed(STATISTICS)


def forget_contribution(connection: Connection, case_id: str) -> None:
    """Take a case out of the months not yet released; released months stand in their release."""
    connection.execute(delete(schema.contribution).where(schema.contribution.c.case_id == case_id))


def project_office(connection: Connection, event: Event, index: int) -> None:
    """Write what an office event, of this index in the ledger, says into its table."""
    match event:
        case ProgrammeOpened():
            _open_programme(connection, event)
        case ProgrammeClosed():
            table = schema.programme
            closed = {"closed_at": moment(event.at)}
            connection.execute(update(table).where(table.c.name == event.programme).values(**closed))
        case StaffChanged():
            _change_staff(connection, event)
        case BudgetCharged():
            releases.note_charge(connection, event)
        case StatisticsReleased():
            releases.note_release(connection, event, index)
        case _:
            pass


def programme_row(event: ProgrammeOpened) -> dict[str, Any]:
    """The row of `programme` that an opening makes."""
    return {
        "name": event.programme,
        "version": event.version,
        "hash": event.definition_hash,
        "opened_at": moment(event.at),
        "closed_at": None,
    }


def staff_row(event: StaffChanged) -> dict[str, Any]:
    """The columns of `staff` that follow from events; name, password and second factor do not."""
    return {
        "id": event.staff,
        "roles": " ".join(sorted(event.roles)),
        "disabled_at": moment(event.at) if event.disabled else None,
    }


def _open_programme(connection: Connection, event: ProgrammeOpened) -> None:
    table, row = schema.programme, programme_row(event)
    connection.execute(delete(table).where(table.c.name == event.programme))
    connection.execute(insert(table).values(**row))


def _change_staff(connection: Connection, event: StaffChanged) -> None:
    table, row = schema.staff, staff_row(event)
    known = connection.execute(select(table.c.id).where(table.c.id == event.staff)).first()
    if known is None:
        connection.execute(insert(table).values(name="", **row))
    else:
        connection.execute(update(table).where(table.c.id == event.staff).values(**row))
