"""Check of the rows beside the events: documents, keys and codes, statistics, and the list of erasures."""

from collections.abc import Iterator

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from evenhand.casework.events import AccessCodeIssued, CollectionCodeIssued
from evenhand.errors import EvenhandError
from evenhand.store import projection, schema
from evenhand.store.findings import Finding
from evenhand.store.fsck_seen import Seen
from evenhand.store.registers import document_hash
from evenhand.store.tombstones import Tombstones, read_intents


def check_rows(connection: Connection, seen: Seen, tombstones: Tombstones) -> Iterator[Finding]:
    """Check every other row."""
    for row in connection.execute(select(schema.document)):
        if document_hash(row.kind, bytes(row.content)) != row.hash:
            yield Finding("document", f"document {row.hash[:16]}", "Its hash is not that of its content.")
    for table in (*schema.OF_A_CASE, *schema.LINKED, schema.event):
        yield from _orphans(connection, table)
    yield from _programmes(connection)
    yield from _codes(connection, seen)
    yield from _submissions(connection)
    yield from _tickets(connection, seen)
    yield from _contributions(connection, seen)
    yield from _erasure_list(connection, seen, tombstones)


def _orphans(connection: Connection, table: Table) -> Iterator[Finding]:
    files = schema.case_file
    query = (
        select(table.c.case_id)
        .join(files, files.c.case_id == table.c.case_id, isouter=True)
        .where(table.c.case_id.is_not(None), files.c.case_id.is_(None))
    )
    for case_id in connection.execute(query).scalars():
        yield Finding("orphan", f"{table.name} {case_id}", "The row belongs to a case that is not there.")


def _programmes(connection: Connection) -> Iterator[Finding]:
    files = schema.case_file
    for table in (schema.case_key, schema.access_code, schema.contribution, *schema.LINKED):
        query = (
            select(table.c.case_id)
            .join(files, files.c.case_id == table.c.case_id)
            .where(table.c.programme != files.c.programme)
        )
        for case_id in connection.execute(query).scalars():
            yield Finding(
                "projection", f"{table.name} {case_id}", "The row names another programme than its case."
            )


def _codes(connection: Connection, seen: Seen) -> Iterator[Finding]:
    told = {schema.access_code: AccessCodeIssued.kind, schema.collection_code: CollectionCodeIssued.kind}
    for table, kind in told.items():
        for case_id in connection.execute(select(table.c.case_id).where(table.c.case_id.is_not(None))).scalars():
            if case_id in seen.kinds and kind not in seen.kinds[case_id]:
                yield Finding("projection", f"{table.name} {case_id}", "No event says that this code was issued.")


def _submissions(connection: Connection) -> Iterator[Finding]:
    table, event, grave = schema.submission, schema.event, schema.tombstone
    query = (
        select(table.c.case_id, table.c.event_index, event.c.case_id.label("of"), grave.c.index.label("grave"))
        .join(event, event.c.index == table.c.event_index, isouter=True)
        .join(grave, grave.c.index == table.c.event_index, isouter=True)
    )
    for row in connection.execute(query):
        if row.of != row.case_id and row.grave is None:
            yield Finding("projection", f"submission {row.event_index}", "The form's event is not its case's.")


def _tickets(connection: Connection, seen: Seen) -> Iterator[Finding]:
    for row in connection.execute(select(schema.ticket).where(schema.ticket.c.case_id.is_not(None))):
        case = seen.cases.get(row.case_id)
        issued = case.ticket if case else None
        if case is None or (issued and issued.round != row.round):
            continue
        if issued is None or (issued.ticket, issued.p_class) != (row.ticket, row.p_class):
            yield Finding("projection", f"ticket {row.ticket}", "No event says that this ticket was issued.")


def _contributions(connection: Connection, seen: Seen) -> Iterator[Finding]:
    table, files = schema.contribution, schema.case_file
    query = select(table, files.c.invitation.label("taken")).join(files, files.c.case_id == table.c.case_id)
    for row in connection.execute(query):
        case = seen.cases.get(row.case_id)
        if case is None:
            continue
        consented = case.consent.district if case.consent else None
        if not projection.counts(case) or (row.district, row.invitation) != (consented, row.taken):
            yield Finding("projection", f"contribution {row.case_id}", "It does not follow from the case.")


def _erasure_list(connection: Connection, seen: Seen, tombstones: Tombstones) -> Iterator[Finding]:
    """The list kept outside and the tombstones inside name the same events."""
    try:
        intents, unsettled = read_intents(tombstones, seen.keys)
    except EvenhandError as error:
        yield Finding("erasure-list", "list", error.what)
        return
    leaf, grave = schema.leaf, schema.tombstone
    leaves = {bytes(value).hex(): index for index, value in connection.execute(select(leaf.c.index, leaf.c.hash))}
    graves = set(connection.execute(select(grave.c.index)).scalars())
    listed = {leaves[each] for intent in intents for each in intent.leaves if each in leaves}
    unknown = {
        leaves[each]
        for intent in intents
        if intent.number in unsettled
        for each in intent.leaves
        if each in leaves
    }
    for index in sorted((listed ^ graves) - unknown):
        where = "list" if index in graves else "store"
        yield Finding("erasure-list", f"event {index}", f"The erasure is missing from the {where}.")
