"""Check of the cases: keys open, events are those of their leaves, rows are what the events say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.casework.events import CaseEvent
from evenhand.errors import EvenhandError
from evenhand.store import projection, schema
from evenhand.store.findings import Finding
from evenhand.store.fsck_seen import Seen
from evenhand.store.keyring import Wrapped
from evenhand.store.sealing import Secret

BATCH = 500
"""Cases read at once, with their keys and events."""


Read = Mapping[str, list[Mapping[Any, Any]]]
"""Rows of events, each joined with its leaf, by case."""


def check_cases(connection: Connection, seen: Seen) -> Iterator[Finding]:
    """Check every case."""
    for rows in _cases(connection):
        events, keys = _events(connection, rows), _keys(connection, rows)
        for row in rows:
            yield from _fixed(row, seen)
            yield from _case(row, events[row.case_id], keys.get(row.case_id), seen)


def _cases(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """The rows of cases, a batch at a time: a query for each case would wait for the server each time."""
    table = schema.case_file
    last = ""
    while True:
        query = select(table).where(table.c.case_id > last).order_by(table.c.case_id).limit(BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield rows
        last = rows[-1].case_id


def _fixed(row: Row[Any], seen: Seen) -> Iterator[Finding]:
    """The columns that no event tells carry a tag."""
    where = f"case_file {row.case_id}"
    if projection.tag(seen.keys, row._asdict()) != bytes(row.tag):
        yield Finding("case-file", where, "A fixed column does not carry its tag.")
        return
    if seen.keys.pseudonym(row.programme, row.case_id) != row.pseudonym:
        yield Finding("case-file", where, "The pseudonym is not the case's.")


def _case(
    row: Row[Any], events: list[Mapping[Any, Any]], wrapped: Row[Any] | None, seen: Seen
) -> Iterator[Finding]:
    seen.kinds[row.case_id] = {each["kind"] for each in events}
    key = _key(row.case_id, wrapped, seen)
    if isinstance(key, str):
        yield Finding("case-key", f"case_key {row.case_id}", key)
        seen.indexes |= {each["index"] for each in events}
        return
    told: list[tuple[int, CaseEvent]] = []
    whole = True
    for each in events:
        event, fault = seen.event(each, key)
        if fault is not None:
            yield fault
        if isinstance(event, CaseEvent):
            told.append((each["index"], event))
        else:
            whole = False
    if whole:
        yield from _projected(row, told, seen)


def _key(case_id: str, wrapped: Row[Any] | None, seen: Seen) -> Secret | str:
    """The data key of a case, or what is wrong with it."""
    if wrapped is None:
        return "The case has no key."
    try:
        return seen.keys.unwrap(wrapped.programme, case_id, Wrapped(wrapped.key_version, bytes(wrapped.wrapped)))
    except EvenhandError as error:
        return error.what


def _projected(row: Row[Any], told: list[tuple[int, CaseEvent]], seen: Seen) -> Iterator[Finding]:
    """The changing columns are what the events say; before the first event, what opening wrote."""
    where = f"case_file {row.case_id}"
    expected, case = projection.beginning(row.since if not told else ""), Case(row.case_id, row.programme)
    try:
        for index, event in told:
            expected, case = projection.case_row(expected, case, event, index)
    except EvenhandError as error:
        yield Finding("projection", where, f"Its events do not follow from each other: {error.what}")
        return
    seen.cases[row.case_id] = case
    # An event that changes no state leaves the time of opening in `since`.
    wrong = [name for name in expected if row._mapping[name] != expected[name] and expected[name] != ""]
    if wrong:
        yield Finding("projection", where, f"The events say something else than: {', '.join(sorted(wrong))}.")


def _keys(connection: Connection, cases: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    table = schema.case_key
    query = select(table).where(table.c.case_id.between(cases[0].case_id, cases[-1].case_id))
    return {row.case_id: row for row in connection.execute(query)}


def _events(connection: Connection, cases: Sequence[Row[Any]]) -> Read:
    table, leaf = schema.event, schema.leaf
    query = (
        select(table, leaf.c.hash)
        .join(leaf, leaf.c.index == table.c.index, isouter=True)
        .where(table.c.case_id.between(cases[0].case_id, cases[-1].case_id))
        .order_by(table.c.case_id, table.c.index)
    )
    found: Read = {row.case_id: [] for row in cases}
    for row in connection.execute(query):
        if row.case_id in found:  # else it belongs to no case: `check_rows` says so
            found[row.case_id].append(row._mapping)
    return found
