"""Check of the office events, and of the rows of programmes, staff and statistics that follow from them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from evenhand.casework.events import (
    BudgetCharged,
    CaseErased,
    Event,
    ProgrammeClosed,
    ProgrammeOpened,
    StaffChanged,
    StatisticsReleased,
)
from evenhand.store import projection, schema
from evenhand.store.findings import Finding
from evenhand.store.fsck_releases import Releases
from evenhand.store.fsck_seen import Seen
from evenhand.store.history import moment


def check_office(connection: Connection, seen: Seen) -> Iterator[Finding]:
    """Check every event without a case, and what follows."""
    programmes: dict[str, dict[str, Any]] = {}
    staff: dict[str, dict[str, Any]] = {}
    releases = Releases()
    table, leaf = schema.event, schema.leaf
    query = (
        select(table, leaf.c.hash)
        .join(leaf, leaf.c.index == table.c.index, isouter=True)
        .where(table.c.case_id.is_(None))
        .order_by(table.c.index)
    )
    for row in connection.execute(query):
        event, fault = seen.event(row._mapping, None)
        if fault is not None:
            yield fault
        if event is not None:
            _follow(row._mapping["index"], event, seen, programmes, staff)
        if isinstance(event, BudgetCharged | StatisticsReleased):
            releases.follow(row._mapping["index"], event)
    yield from _compare(connection, programmes, "programme", "name")
    yield from _compare(connection, staff, "staff", "id")
    yield from releases.findings(connection)


def _follow(
    index: int, event: Event, seen: Seen, programmes: dict[str, dict[str, Any]], staff: dict[str, dict[str, Any]]
) -> None:
    match event:
        case CaseErased():
            seen.erased.update(dict.fromkeys(event.indexes, (index, event)))
        case ProgrammeOpened():
            programmes[event.programme] = projection.programme_row(event)
        case ProgrammeClosed() if event.programme in programmes:
            programmes[event.programme]["closed_at"] = moment(event.at)
        case StaffChanged():
            staff[event.staff] = projection.staff_row(event)
        case _:
            pass


def _compare(
    connection: Connection, expected: dict[str, dict[str, Any]], name: str, key: str
) -> Iterator[Finding]:
    rows = {row._mapping[key]: row._mapping for row in connection.execute(select(schema.metadata.tables[name]))}
    for each in sorted(rows.keys() ^ expected.keys()):
        yield Finding("projection", f"{name} {each}", "A row without an event, or an event without its row.")
    for each in sorted(rows.keys() & expected.keys()):
        wrong = [column for column, value in expected[each].items() if rows[each][column] != value]
        if wrong:
            yield Finding(
                "projection", f"{name} {each}", f"The events say something else than: {', '.join(wrong)}."
            )
