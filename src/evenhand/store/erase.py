"""Erasing: a case as a whole, or some of its events. The leaves stay, so root, proofs and receipts still verify.

list of erasures (outside the store)  <- intent, synced
one transaction: wrapped key, events with their salts, rows and links gone; `CaseErased` and tombstones in
commit, list settled, checkpoint signed, files rewritten (`scrub`)
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from evenhand.casework.case import Case
from evenhand.casework.events import CaseErased, CaseEvent, ContactRecorded, FieldRecorded
from evenhand.casework.officeevents import ErasureCause
from evenhand.errors import StoreError
from evenhand.store import history, projection, schema
from evenhand.store.history import moment
from evenhand.store.known import no_case
from evenhand.store.store import Store
from evenhand.store.tombstones import Scope, add_intent, read_intents, settle
from evenhand.store.unit import Unit


def erase_case(
    unit: Unit, case_id: str, cause: ErasureCause, *, at: datetime, actor: str = "system", rule: str = ""
) -> int:
    """Erase a case: its key, its events with their salts, its rows and every link to it.

    Args:
        unit: the change it is part of.
        case_id: the case.
        cause: `request`, or `retention` with its rule.
        at: when.
        actor: who asked: `respondent`, or `system`.
        rule: name and days of the retention rule, or empty.

    Returns:
        Index of the `CaseErased` event; its receipt is the person's.

    Raises:
        StoreError: no such case, or the list of erasures cannot be written.
    """
    programme = unit.reading.case_file(case_id).programme
    leaves = _leaves(unit, schema.event.c.case_id == case_id)
    _intend(unit, programme, "case", cause, rule, at, leaves.values())
    return remove_case(unit, CaseErased(programme, at, actor, tuple(leaves), cause, rule), case_id)


def remove_case(unit: Unit, erased: CaseErased, case_id: str) -> int:
    """The erasure of a case that the list names already; also for a restore."""
    _forget_rows(unit, case_id)
    unit.connection.execute(delete(schema.event).where(schema.event.c.case_id == case_id))
    unit.connection.execute(delete(schema.case_file).where(schema.case_file.c.case_id == case_id))
    unit.forget(case_id)
    return _bury(unit, erased)


def erase_events(
    unit: Unit, case_id: str, indexes: Collection[int], *, at: datetime, rule: str, actor: str = "system"
) -> int:
    """Erase some events of a case, extra facts or contact details past their expiry, and write its row anew.

    Args:
        unit: the change it is part of.
        case_id: the case.
        indexes: ledger indexes of `FieldRecorded` or `ContactRecorded` events of that case.
        at: when.
        rule: name and days of the retention rule.
        actor: who sweeps.

    Returns:
        Index of the `CaseErased` event that names them.

    Raises:
        StoreError: no such case, or an event is not of these kinds.
    """
    events = dict(unit.reading.events(case_id))
    if not all(isinstance(events.get(index), FieldRecorded | ContactRecorded) for index in indexes):
        raise StoreError(
            "store.not-erasable",
            "Only extra facts and contact details are erased one by one.",
            why="The rest of a case is its record, and is erased as a whole.",
            mend="Erase the case, or name other events.",
        )
    programme = unit.reading.case_file(case_id).programme
    leaves = _leaves(unit, schema.event.c.index.in_(indexes))
    _intend(unit, programme, "events", "retention", rule, at, leaves.values())
    return remove_events(unit, CaseErased(programme, at, actor, tuple(leaves), "retention", rule), case_id)


def remove_events(unit: Unit, erased: CaseErased, case_id: str) -> int:
    """The erasure of some events of a case that the list names already; also for a restore."""
    kept = [each for each in unit.reading.events(case_id) if each[0] not in set(erased.indexes)]
    unit.connection.execute(delete(schema.event).where(schema.event.c.index.in_(erased.indexes)))
    table = schema.contribution
    unit.connection.execute(update(table).where(table.c.case_id == case_id).values(field_value=None))
    rewrite(unit, case_id, erased.programme, kept)
    unit.forget(case_id)
    return _bury(unit, erased)


def _leaves(unit: Unit, which: ColumnElement[bool]) -> dict[int, str]:
    """Index and leaf hash (hexadecimal) of events, in order."""
    event, leaf = schema.event, schema.leaf
    query = (
        select(leaf.c.index, leaf.c.hash)
        .join(event, event.c.index == leaf.c.index)
        .where(which)
        .order_by(leaf.c.index)
    )
    return {index: bytes(value).hex() for index, value in unit.connection.execute(query)}


def erase_now(
    store: Store,
    case_id: str,
    cause: ErasureCause,
    *,
    at: datetime,
    actor: str = "respondent",
    vacuum: bool = True,
) -> int:
    """Erase a case in a change of its own, sign a checkpoint, and bring it out of the files.

    Returns:
        Index of the `CaseErased` event.
    """
    with store.unit() as unit:
        index = erase_case(unit, case_id, cause, at=at, actor=actor)
    store.checkpoint(at)
    store.scrub(vacuum=vacuum)
    return index


def settle_open(store: Store) -> int:
    """Find out what became of erasures whose end nobody noted (a crash), and note it; for every start.

    One whose events this ledger never held stays open: the store is older than the list, and a restore erases
    again.

    Returns:
        How many could be settled.

    Raises:
        StoreError: the list of erasures was changed, or the store cannot be written to.
    """
    if not read_intents(store.tombstones, store.keys)[1]:
        return 0
    settled = 0
    with store.unit() as unit:  # nobody else is erasing meanwhile
        intents, unsettled = read_intents(store.tombstones, store.keys)
        for intent in intents:
            buried = _buried(unit, intent.leaves) if intent.number in unsettled else None
            if buried is not None:
                settle(store.tombstones, store.keys, intent.number, done=buried)
                settled += 1
    return settled


def _buried(unit: Unit, leaves: Collection[str]) -> bool | None:
    """Whether the events of these leaves were erased; None where the ledger does not know them."""
    grave, leaf = schema.tombstone, schema.leaf
    hashes = [bytes.fromhex(each) for each in leaves]
    query = (
        select(grave.c.index)
        .select_from(leaf)
        .join(grave, grave.c.index == leaf.c.index, isouter=True)
        .where(leaf.c.hash.in_(hashes))
    )
    graves = unit.connection.execute(query).scalars().all()
    return all(each is not None for each in graves) if len(graves) == len(hashes) else None


def rewrite(unit: Unit, case_id: str, programme: str, events: Iterable[tuple[int, CaseEvent]]) -> None:
    """Write the changing columns of a case anew from its events."""
    table = schema.case_file
    since = unit.connection.execute(select(table.c.since).where(table.c.case_id == case_id)).scalar()
    if since is None:
        raise no_case()
    row, case = projection.beginning(str(since)), Case(case_id, programme)
    for index, event in events:
        row, case = projection.case_row(row, case, event, index)
    unit.connection.execute(update(table).where(table.c.case_id == case_id).values(**row))


def _forget_rows(unit: Unit, case_id: str) -> None:
    for table in schema.OF_A_CASE:
        unit.connection.execute(delete(table).where(table.c.case_id == case_id))
    for table in schema.LINKED:
        unit.connection.execute(update(table).where(table.c.case_id == case_id).values(case_id=None))


def _intend(
    unit: Unit, programme: str, scope: Scope, cause: str, rule: str, at: datetime, leaves: Iterable[str]
) -> None:
    number = add_intent(
        unit.tombstones(),
        unit.keys,
        programme=programme,
        scope=scope,
        cause=cause,
        rule=rule,
        at=moment(at),
        leaves=leaves,
    )
    unit.intents.append(number)


def _bury(unit: Unit, erased: CaseErased) -> int:
    event_index = unit.write(erased)
    rows = [
        {"index": index, "cause": erased.cause, "at": history.moment(erased.at), "event_index": event_index}
        for index in erased.indexes
    ]
    if rows:
        unit.connection.execute(insert(schema.tombstone), rows)
    return event_index
