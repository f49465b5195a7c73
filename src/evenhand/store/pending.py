"""What a unit has appended and not yet written: rows of many events go to the database together.

They are written before anybody reads through the unit and before it ends. Rows of cases come first: one that was
changed or erased since it was read is found out before anything else is tried.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.engine import Connection

from evenhand.casework.case import Case
from evenhand.store import ledger, projection, schema

_ADD_EVENT = insert(schema.event).prefix_with(schema.LATER)
_ADD_FORM = insert(schema.submission).prefix_with(schema.LATER)
_READ_FORM = select(schema.submission.c.case_id, schema.submission.c.event_index).where(
    schema.submission.c.token_hash == bindparam("token")
)

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class _Changed:
    """A case with events that wait: after the last one, its columns then, `last_index` before the first."""

    case: Case
    row: dict[str, Any]
    seen: int
    uncounted: bool = False


@dataclass(slots=True)
class Pending:
    """Rows that wait to be written."""

    leaves: Rows = field(default_factory=list)
    nodes: Rows = field(default_factory=list)
    events: Rows = field(default_factory=list)
    forms: Rows = field(default_factory=list)
    cases: dict[str, _Changed] = field(default_factory=dict)

    def add_case(self, case: Case, row: dict[str, Any], seen: int) -> None:
        """A case after one more event."""
        waiting = self.cases.setdefault(case.case_id, _Changed(case, row, seen))
        waiting.case, waiting.row = case, row
        waiting.uncounted = waiting.uncounted or not projection.counts(case)

    def form(self, connection: Connection, token_hash: str) -> tuple[str, int] | None:
        """Case and event of a form that was sent, here or before; what else waits needs not be written for it."""
        for row in self.forms:
            if row["token_hash"] == token_hash:
                return row["case_id"], row["event_index"]
        found = connection.execute(_READ_FORM, {"token": token_hash}).first()
        return None if found is None else (found.case_id, found.event_index)

    def write(self, connection: Connection) -> None:
        """Write what waits.

        Raises:
            StoreError: a case was changed since it was read.
        """
        changed = list(self.cases.values())
        self.cases.clear()
        if changed:
            projection.update_cases(connection, [(each.case, each.row, each.seen) for each in changed])
        for each in changed:
            if each.uncounted:
                projection.forget_contribution(connection, each.case.case_id)
        for statement, rows in (
            (ledger.ADD_LEAF, self.leaves),
            (ledger.ADD_NODE, self.nodes),
            (_ADD_EVENT, self.events),
            (_ADD_FORM, self.forms),
        ):
            if rows:
                connection.execute(statement, rows if len(rows) > 1 else rows[0])
                rows.clear()
