"""What the steps of a check pass on: which events are there and well, and what they say was erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evenhand.casework.case import Case
from evenhand.casework.events import CaseErased, Event
from evenhand.errors import EvenhandError
from evenhand.store import history
from evenhand.store.findings import Finding
from evenhand.store.keyring import KeyHolder
from evenhand.store.receipts import event_leaf
from evenhand.store.sealing import Secret


@dataclass(slots=True)
class Seen:
    """What was seen so far.

    Attributes:
        keys: the keys.
        indexes: indexes that have an event's row.
        erased: index of an erased event -> (index of the `CaseErased` event, that event).
        cases: every case that could be folded, with what it says.
        kinds: kinds of events by case.
    """

    keys: KeyHolder
    indexes: set[int] = field(default_factory=set)
    erased: dict[int, tuple[int, CaseErased]] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    _named: tuple[tuple[str, str], bytes] = (("", ""), b"")

    def event(self, row: Mapping[Any, Any], key: Secret | None) -> tuple[Event | None, Finding | None]:
        """The event in a row joined with its leaf, and what is wrong with it."""
        index = row["index"]
        self.indexes.add(index)
        where = f"event {index}"
        try:
            payload = history.payload_of(index, row["body"], key)
            event = history.event_of(payload, row["case_id"])
            leaf = event_leaf(bytes(row["salt"]), payload)
        except (EvenhandError, ValueError, TypeError) as error:
            what = error.what if isinstance(error, EvenhandError) else "Its row holds what cannot be read."
            return None, Finding("event", where, what)
        if leaf != bytes(row["hash"] or b""):
            return event, Finding("leaf", where, "Its leaf is not that of its salt and payload.")
        said = (row["kind"], row["programme"], row["case_id"], row["at"])
        if said != (event.kind, event.programme, event.case_id, history.moment(event.at)):
            return event, Finding("event", where, "Its columns say something else than its payload.")
        if event.case_id is not None and self._name(event.programme, event.case_id) not in payload:
            return event, Finding("event", where, "Its payload names another case.")
        return event, None

    def _name(self, programme: str, case_id: str) -> bytes:
        """The pseudonym of a case; that of the case before is kept, for a case's events come together."""
        if self._named[0] != (programme, case_id):
            self._named = (programme, case_id), self.keys.pseudonym(programme, case_id).encode()
        return self._named[1]
