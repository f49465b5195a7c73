"""One change: events, their leaves, the tree and every projection in one transaction, or nothing.

A unit is the only writer while it lasts (SQLite: `BEGIN IMMEDIATE`; PostgreSQL: an advisory lock), so the next
index of the ledger, and the state of a case, are what they will be at the commit.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.casework.events import CaseErased, CaseEvent, Event, NotThisRound, ProgrammeOpened
from evenhand.errors import CaseError, StoreError
from evenhand.store import history, ledger, projection, schema
from evenhand.store.history import Written, moment
from evenhand.store.keyring import KeyHolder
from evenhand.store.known import Known, no_case, read_known
from evenhand.store.merkle import Frontier
from evenhand.store.pending import Pending
from evenhand.store.read import Reading
from evenhand.store.receipts import SALT_BYTES, event_leaf
from evenhand.store.registers import Registers
from evenhand.store.sealing import Random, Secret, new_data_key
from evenhand.store.tombstones import Tombstones

CASE_BYTES = 16
"""Random bytes of a case id."""


class Unit(Registers):
    """One change of the store, given out by `Store.unit`; kept when its block ends without an error."""

    def __init__(self, connection: Connection, keys: KeyHolder, random: Random, tombstones: Tombstones) -> None:
        self._line = connection
        self._pending = Pending()
        super().__init__()
        self._keys = keys
        self._random = random
        self._tombstones = tombstones
        self._begun: Frontier | None = None
        self._frontier = Frontier()
        self._held: dict[str, Known] = {}
        self._refused = False
        self.intents: list[int] = []
        """Erasures written down in the tombstone list, to be settled after the commit."""

    @property
    def _connection(self) -> Connection:
        """The transaction, with everything in it that was appended so far."""
        self._pending.write(self._line)
        return self._line

    @property
    def reading(self) -> Reading:
        """The store as this change leaves it so far."""
        return Reading(self._connection, self._keys)

    @property
    def next_index(self) -> int:
        """The index that the next event will have."""
        self._begin()
        return self._frontier.size

    def open_case(
        self,
        programme: str,
        *,
        definition_hash: str,
        at: datetime,
        invitation: str | None = None,
        opened_month: str | None = None,
    ) -> str:
        """Open a case: its id, its data key (wrapped) and its row, in the state `invited`.

        Args:
            programme: the programme.
            definition_hash: hash of the definition that it is opened under.
            at: when.
            invitation: id of the invitation that was taken, or None.
            opened_month: YYYY-MM; None: that of `at`.

        Returns:
            The case id, 32 hexadecimal characters.
        """
        case_id = self._random(CASE_BYTES).hex()
        begun = moment(at)
        opened = {
            "definition_hash": definition_hash,
            "invitation": invitation,
            "opened_month": opened_month or begun[:7],
            "at": begun,
        }
        row = projection.new_row(self._keys, case_id, programme, opened)
        key = new_data_key(self._random)
        wrapped = self._keys.wrap(programme, case_id, key)
        self._connection.execute(insert(schema.case_file), row)
        self._connection.execute(
            insert(schema.case_key),
            {"case_id": case_id, "programme": programme, "wrapped": wrapped.blob, "key_version": wrapped.version},
        )
        beginning = projection.beginning(begun)
        self._held[case_id] = Known(Case(case_id, programme), definition_hash, beginning, key)
        return case_id

    def append(self, event: Event) -> int:
        """Append an event: its row, its leaf, the tree and what follows from it.

        Args:
            event: the event. A case's event must fit the case's state.

        Returns:
            Its index in the ledger.

        Raises:
            CaseError: it does not fit.
            StoreError: no such case; or a `CaseErased`, which only `erase` may write.
        """
        if isinstance(event, CaseErased):
            raise StoreError(
                "store.erase-only",
                "This event says that something was erased, and nothing was.",
                mend="Erase with `store.erase`, which writes the event itself.",
            )
        return self.write(event)

    def write(self, event: Event) -> int:
        """As `append`, for `erase`, which answers for what the event says."""
        record = history.written(event, self._keys)
        if isinstance(record.event, CaseEvent):
            return self._append_case(record, record.event)
        if isinstance(record.event, ProgrammeOpened):
            self._keys.add_programme(record.event.programme)
        index = self._store(record, None)
        projection.project_office(self._connection, record.event, index)
        return index

    def case(self, case_id: str) -> Case:
        """A case as this change leaves it so far.

        Raises:
            StoreError: no such case.
        """
        return self._hold(case_id).case

    def definition_hash(self, case_id: str) -> str:
        """The definition under which a case was opened.

        Raises:
            StoreError: no such case.
        """
        return self._hold(case_id).definition_hash

    def resume(self, known: Known) -> None:
        """Go on from a case as it was read before this change began, without reading it again.

        What was added to the case since makes the next event of it fail, and with it the change
        (`store.changed-meanwhile`): its row is only written where its last event is still the one that was read.
        """
        self._held.setdefault(known.case.case_id, replace(known, row=dict(known.row)))

    def known(self, case_id: str) -> Known:
        """A case as this change leaves it so far, to go on from."""
        held = self._hold(case_id)
        return replace(held, row=dict(held.row))

    def tombstones(self) -> Tombstones:
        """The list of erasures, kept outside the store."""
        return self._tombstones

    def forget(self, case_id: str) -> None:
        """Read the case anew next time: rows under it were changed."""
        self._held.pop(case_id, None)

    def finish(self) -> None:
        """Write what waits for the end: events, and the right edge of the tree."""
        self._pending.write(self._line)
        if self._begun is not None and self._frontier != self._begun:
            ledger.replace_frontier(self._line, self._begun, self._frontier)
            self._begun = self._frontier

    @property
    def connection(self) -> Connection:
        """The transaction, for the other modules of the store."""
        return self._connection

    @property
    def keys(self) -> KeyHolder:
        """The keys, for the other modules of the store."""
        return self._keys

    def _append_case(self, record: Written, event: CaseEvent) -> int:
        self._refuse_bulk(event)
        held = self._hold(event.case)
        if event.programme != held.case.programme:
            raise no_case()
        seen = held.row["last_index"]
        row, case = projection.case_row(held.row, held.case, event, self.next_index)
        index = self._store(record, held.key)
        self._pending.add_case(case, row, seen)
        held.case, held.row = case, row
        self._note_submission(event.case, index)
        return index

    def _form(self, token_hash: str) -> tuple[str, int] | None:
        return self._pending.form(self._line, token_hash)

    def _note_submission(self, case_id: str, index: int) -> None:
        token = self._tokens.pop(case_id, None)
        if token is not None:
            self._pending.forms.append({"token_hash": token, "case_id": case_id, "event_index": index})

    def _refuse_bulk(self, event: CaseEvent) -> None:
        """No change holds two decisions that give nothing: each is one person's, about one person."""
        if not isinstance(event, NotThisRound):
            return
        if self._refused:
            raise CaseError(
                "case.no-bulk",
                "Only one person at a time can be told *not this round*.",
                why="Each such decision needs a caseworker who looked at that case.",
                mend="Decide the cases one by one.",
            )
        self._refused = True

    def _store(self, record: Written, key: Secret | None) -> int:
        self._begin()
        index, event = self._frontier.size, record.event
        salt = self._random(SALT_BYTES)
        grown, leaf, nodes = ledger.append_leaf(self._frontier, event_leaf(salt, record.payload))
        row = {
            "index": index,
            "at": moment(event.at),
            "kind": event.kind,
            "programme": event.programme,
            "case_id": event.case_id,
            "salt": salt,
            "body": history.body_of(index, record.payload, key, self._random),
        }
        self._pending.leaves.append(leaf)
        self._pending.nodes += nodes
        self._pending.events.append(row)
        self._frontier = grown
        return index

    def _begin(self) -> None:
        if self._begun is None:
            self._begun = self._frontier = ledger.read_frontier(self._line)

    def _hold(self, case_id: str) -> Known:
        held = self._held.get(case_id)
        if held is None:
            held = self._held[case_id] = read_known(self._connection, self._keys, case_id)
        return held
