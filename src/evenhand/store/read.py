"""Reading: one consistent snapshot of the store, and every question that services ask of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.casework.events import CaseEvent
from evenhand.errors import StoreError
from evenhand.statistics.bound import Cell
from evenhand.store import history, ledger, schema
from evenhand.store.history import Indexed
from evenhand.store.keyring import KeyHolder
from evenhand.store.known import Known, no_case, read_known
from evenhand.store.receipts import Later
from evenhand.store.registers import StaffRow

WITHHELD = frozenset(
    {"case_id", "tag", "wrapped", "code_hash", "recovery_hash", "slip_hash", "token_hash", "invitation", "id"}
)
"""Columns of a case's rows that are the store's own: ids, keys, tags and keyed hashes. They tell nothing."""

PAGE = 100
"""Most rows of a queue that are given at once, unless told."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as queues show it; no answer and no measure is in it.

    Attributes:
        case_id: never shown.
        programme: the programme.
        pseudonym: the case's name within the programme, 26 characters.
        definition_hash: the definition under which the case was opened.
        invitation: id of the invitation, or None.
        opened_month: YYYY-MM.
        state: where it stands.
        since: since when it stands there, ISO 8601 UTC.
        district: key of the district, or None before consent.
        language: language of the consent, or None.
        proposal: `offer`, `review`, `lottery`, `not_this_round`, or None.
        restricted: the person froze the use.
        appeal_open: an appeal waits for its answer.
        answer_by: last day of that answer, or None.
        updated_at: time of the last event.
        last_index: its index in the ledger; -1 before the first.
    """

    case_id: str
    programme: str
    pseudonym: str
    definition_hash: str
    invitation: str | None
    opened_month: str
    state: str
    since: str
    district: str | None
    language: str | None
    proposal: str | None
    restricted: bool
    appeal_open: bool
    answer_by: str | None
    updated_at: str
    last_index: int


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme: name, version and hash of its definition, ISO times of opening and of closing (or None)."""

    name: str
    version: str
    hash: str
    opened_at: str
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A frozen document: its hash (SHA-256 of kind and content, hex), its kind and its bytes."""

    hash: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PartnerCounts:
    """What a partner sees of invitations: how many it was given."""

    partner: str
    issued: int


_FILE = [each for each in schema.case_file.c if each.name != "tag"]
_READ_FILE = select(*_FILE).where(schema.case_file.c.case_id == bindparam("case_id"))


class Reading:
    """Questions to one snapshot. Given out by `Store.reading` and, inside a change, by `Unit.reading`."""

    __slots__ = ("_connection", "_keys")

    def __init__(self, connection: Connection, keys: KeyHolder) -> None:
        self._connection = connection
        self._keys = keys

    @property
    def connection(self) -> Connection:
        """The snapshot, for the other modules of the store."""
        return self._connection

    def case_file(self, case_id: str) -> CaseFile:
        """A case's row.

        Raises:
            StoreError: no such case, or it was erased.
        """
        row = self._connection.execute(_READ_FILE, {"case_id": case_id}).first()
        if row is None:
            raise no_case()
        return CaseFile(**row._mapping)

    def case(self, case_id: str) -> Case:
        """A case as its events tell it.

        Raises:
            StoreError: no such case.
            KeysError: its key or an event does not open.
        """
        return self.known(case_id).case

    def known(self, case_id: str) -> Known:
        """A case with what a change needs to go on from it: see `Unit.resume`.

        Raises:
            StoreError: no such case.
            KeysError: its key or an event does not open.
        """
        return read_known(self._connection, self._keys, case_id)

    def events(self, case_id: str) -> tuple[tuple[int, CaseEvent], ...]:
        """A case's whole history, in order, each event with its index in the ledger.

        Raises:
            StoreError: the case has no key: erased, or never there.
            KeysError: its key or an event does not open.
        """
        key = history.data_key(self._connection, self._keys, case_id)
        return history.case_events(self._connection, case_id, key)

    def of_kind(
        self, programme: str, kind: str, *, limit: int = PAGE, after: int = -1
    ) -> tuple[tuple[int, str, CaseEvent], ...]:
        """One kind of events of every case of a programme, in order: index, the case's pseudonym, event.

        Opens nothing else of a case.

        Args:
            programme: the programme.
            kind: the kind.
            limit: most events given.
            after: index of the last event of the page before.

        Raises:
            StoreError: a case has no key: the keys of this backup were not restored.
            KeysError: a key or an event does not open.
        """
        return history.of_kind(self._connection, self._keys, programme, kind, limit=limit, after=after)

    def kinds(self, case_id: str) -> frozenset[str]:
        """Which kinds of events a case has; opens none of them."""
        table = schema.event
        query = select(table.c.kind).where(table.c.case_id == case_id).distinct()
        return frozenset(self._connection.execute(query).scalars())

    def find_pseudonym(self, pseudonym: str) -> str | None:
        """The case of a pseudonym, or None."""
        return self._scalar(select(schema.case_file.c.case_id).where(schema.case_file.c.pseudonym == pseudonym))

    def find_access_code(self, code_hash: str) -> str | None:
        """The case that an access code opens, or None."""
        table = schema.access_code
        return self._scalar(select(table.c.case_id).where(table.c.code_hash == code_hash))

    def queue(
        self,
        programme: str,
        state: str | None = None,
        *,
        district: str | None = None,
        proposal: str | None = None,
        appeal_open: bool | None = None,
        restricted: bool | None = None,
        limit: int = PAGE,
        after: tuple[str, str] | None = None,
    ) -> tuple[CaseFile, ...]:
        """Cases that wait, longest first.

        Args:
            programme: the programme.
            state: their state; None: any.
            district: their district; None: any.
            proposal: what is proposed for them; None: anything.
            appeal_open: with an open appeal, or without; None: either.
            restricted: frozen by the person, or not; None: either.
            limit: most rows given.
            after: (since, pseudonym) of the last row of the page before.
        """
        table = schema.case_file
        query = select(*_FILE).where(table.c.programme == programme)
        wanted = {
            "state": state,
            "district": district,
            "proposal": proposal,
            "appeal_open": appeal_open,
            "restricted": restricted,
        }
        for name, value in wanted.items():
            if value is not None:
                query = query.where(table.c[name] == value)
        if after is not None:
            since, name = after
            query = query.where((table.c.since > since) | ((table.c.since == since) & (table.c.pseudonym > name)))
        rows = self._connection.execute(query.order_by(table.c.since, table.c.pseudonym).limit(limit))
        return tuple(CaseFile(**row._mapping) for row in rows)

    def counts(self, programme: str, *, district: str | None = None) -> Mapping[str, int]:
        """Cases in each state that has any."""
        table = schema.case_file
        query = select(table.c.state, func.count()).where(table.c.programme == programme)
        if district is not None:
            query = query.where(table.c.district == district)
        return {str(state): int(count) for state, count in self._connection.execute(query.group_by(table.c.state))}

    def open_appeals(self, programme: str) -> int:
        """Cases with an open appeal."""
        table = schema.case_file
        query = select(func.count()).where(table.c.programme == programme, table.c.appeal_open)
        return int(self._connection.execute(query).scalar_one())

    def document(self, hashed: str) -> Document:
        """A frozen document.

        Raises:
            StoreError: there is none of that hash.
        """
        row = self._first(select(schema.document).where(schema.document.c.hash == hashed))
        if row is None:
            raise StoreError(
                "store.no-document",
                "There is no such document.",
                where=hashed[:64],
                mend="Give the hash that the event or the programme names.",
            )
        return Document(row.hash, row.kind, bytes(row.content))

    def programme(self, name: str) -> ProgrammeRow | None:
        """A programme, or None."""
        row = self._first(select(schema.programme).where(schema.programme.c.name == name))
        return ProgrammeRow(**row._mapping) if row else None

    def programmes(self) -> tuple[ProgrammeRow, ...]:
        """Every programme, by name."""
        rows = self._connection.execute(select(schema.programme).order_by(schema.programme.c.name))
        return tuple(ProgrammeRow(**row._mapping) for row in rows)

    def office_events(self, programme: str | None = None, *, kind: str | None = None) -> tuple[Indexed, ...]:
        """Events about a programme or the office, in order."""
        table = schema.event
        query = select(table.c.index, table.c.body).where(table.c.case_id.is_(None))
        if programme is not None:
            query = query.where(table.c.programme == programme)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        return history.office_events(self._connection.execute(query.order_by(table.c.index)))

    def presented(self, programme: str, partner: str) -> Mapping[str, int]:
        """Collection codes presented to a partner, by kind of support."""
        table = schema.collection_code
        query = (
            select(table.c.support, func.count().label("presented"))
            .where(table.c.programme == programme, table.c.presented_by == partner)
            .group_by(table.c.support)
        )
        return {row.support: row.presented for row in self._connection.execute(query)}

    def voided(self, programme: str, partner: str) -> int:
        """Collection codes presented to a partner whose case was erased since."""
        table = schema.collection_code
        query = select(func.count()).where(
            table.c.programme == programme, table.c.presented_by == partner, table.c.case_id.is_(None)
        )
        return int(self._connection.execute(query).scalar_one())

    def staff(self, staff: str) -> StaffRow | None:
        """A member of staff, or None."""
        row = self._first(select(schema.staff).where(schema.staff.c.id == staff))
        return StaffRow(**row._mapping) if row else None

    def rows_of(self, case_id: str) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table that holds something about a case, without keys, tags and hashes of codes."""
        invited = self._scalar(select(schema.case_file.c.invitation).where(schema.case_file.c.case_id == case_id))
        own = (schema.case_file, *schema.OF_A_CASE, *schema.LINKED)
        found = {table.name: self._told(select(table).where(table.c.case_id == case_id)) for table in own}
        found["invitation"] = self._told(select(schema.invitation).where(schema.invitation.c.id == invited))
        return found

    def _told(self, query: Select[Any]) -> list[dict[str, Any]]:
        rows = self._connection.execute(query).mappings()
        return [{name: value for name, value in row.items() if name not in WITHHELD} for row in rows]

    def partner_counts(self, programme: str) -> tuple[PartnerCounts, ...]:
        """Invitations issued to each partner. How many were used is nobody's to know."""
        table = schema.invitation
        query = (
            select(table.c.partner, func.count())
            .where(table.c.programme == programme)
            .group_by(table.c.partner)
            .order_by(table.c.partner)
        )
        return tuple(PartnerCounts(*row) for row in self._connection.execute(query))

    def cells(self, programme: str, month: str, definitions: Collection[str] | None = None) -> dict[Cell, int]:
        """People in each cell of a month: what the noise is added to, and never leaves without it.

        Cases that are frozen now are left out, and so are cells without anybody. `statistics.bound.Intake.release`
        is its twin.

        Args:
            programme: the programme.
            month: YYYY-MM.
            definitions: only cases opened under these, by hash; all when left out.
        """
        table, files = schema.contribution, schema.case_file
        key = (table.c.district, table.c.need_class, table.c.field_value)
        every = select(*key, func.count()).where(table.c.programme == programme, table.c.month == month)
        # The frozen are few: found first, over all months, so that no database begins with everybody of the month.
        frozen = (
            select(table.c.month, *key, func.count())
            .select_from(files.join(table, table.c.case_id == files.c.case_id))
            .where(files.c.programme == programme, files.c.restricted)
        )
        if definitions is not None:
            every = every.join(files, files.c.case_id == table.c.case_id)
            every, frozen = (each.where(files.c.definition_hash.in_(definitions)) for each in (every, frozen))
        less = {Cell(*row[:-1]): row[-1] for row in self._connection.execute(frozen.group_by(table.c.month, *key))}
        counts = {Cell(month, *row[:-1]): row[-1] for row in self._connection.execute(every.group_by(*key))}
        left = {cell: count - less.get(cell, 0) for cell, count in counts.items()}
        return {cell: count for cell, count in left.items() if count}

    def histogram(self, programme: str, month: str) -> Mapping[tuple[str, int], int]:
        """The same by (district, need class) alone."""
        out: dict[tuple[str, int], int] = {}
        for cell, count in self.cells(programme, month).items():
            key = (cell.district, cell.need_class)
            out[key] = out.get(key, 0) + count
        return out

    def size(self) -> int:
        """Entries of the ledger."""
        return ledger.read_frontier(self._connection).size

    def checkpoints(self) -> tuple[str, ...]:
        """Every signed checkpoint, oldest first."""
        table = schema.checkpoint
        return tuple(self._connection.execute(select(table.c.note).order_by(table.c.size)).scalars())

    def consistency(self, old: int, new: int) -> Later:
        """The checkpoint of size `new` with the proof that it continues the ledger of size `old`.

        Raises:
            LedgerError: no checkpoint of size `new` is stored, or the sizes are impossible.
        """
        return ledger.consistency(self._connection, old, new)

    def _first(self, query: Select[Any]) -> Row[Any] | None:
        return self._connection.execute(query).first()

    def _scalar(self, query: Select[Any]) -> str | None:
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)
