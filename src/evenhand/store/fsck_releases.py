"""Check of the public statistics: every release was paid for, once, within its budget, and is kept as drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from evenhand.casework.events import BudgetCharged, StatisticsReleased
from evenhand.errors import StatisticsError
from evenhand.statistics.release import release_from_json
from evenhand.store import schema
from evenhand.store.findings import Finding
from evenhand.store.releases import charge_row, release_row

Key = tuple[str, Any]


@dataclass(slots=True)
class Releases:
    """What the events say of the statistics, followed one by one in their order.

    Attributes:
        charged: charges by (programme, month).
        released: releases by (programme, month), with their index.
        budgets: rows of `budget`.
        releases: rows of `release`.
        faults: what the events themselves got wrong.
    """

    charged: dict[Key, BudgetCharged] = field(default_factory=dict)
    released: dict[Key, tuple[int, StatisticsReleased]] = field(default_factory=dict)
    budgets: dict[Key, dict[str, Any]] = field(default_factory=dict)
    releases: dict[Key, dict[str, Any]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def follow(self, index: int, event: BudgetCharged | StatisticsReleased) -> None:
        """Take one more event into account."""
        key = (event.programme, event.period)
        if isinstance(event, BudgetCharged):
            if key in self.charged:
                self.faults.append(_fault(index, "The month was charged before."))
            self.charged[key] = event
            self.budgets[event.programme, event.year] = charge_row(event)
            self.faults += [_fault(index, what) for what in self._sums(event)]
            return
        if key in self.released:
            self.faults.append(_fault(index, "The month was released before."))
        if key not in self.charged:
            self.faults.append(_fault(index, "The release was not paid for."))
        self.released[key] = (index, event)
        self.releases[key] = release_row(event, index)

    def findings(self, connection: Connection) -> Iterator[Finding]:
        """What the events say beside what the tables hold."""
        yield from self.faults
        for key in sorted(self.charged.keys() - self.released.keys()):
            yield Finding("projection", f"budget {key[0]} {key[1]}", "A charge without its release.")
        yield from _compare(connection, schema.budget, "year", self.budgets)
        yield from _compare(connection, schema.release, "period", self.releases)
        for (programme, period), (_, event) in sorted(self.released.items()):
            if (what := _document(connection, event)) is not None:
                yield Finding("document", f"release {programme} {period}", what)

    def _sums(self, event: BudgetCharged) -> Iterator[str]:
        costs = [
            Fraction(e.rho)
            for e in self.charged.values()
            if (e.programme, e.year) == (event.programme, event.year)
        ]
        spent = sum(sorted(costs, reverse=True)[: event.cells_a_year], Fraction(0))
        if Fraction(event.spent) != spent or Fraction(event.remaining) != Fraction(event.budget) - spent:
            yield "What it says is spent or left is not the sum of the charges."
        if spent > Fraction(event.budget):
            yield "The year's budget is exceeded."
        if int(event.period[:4]) != event.year:
            yield "The month is not of the year that pays."


def _fault(index: int, what: str) -> Finding:
    return Finding("budget", f"event {index}", what)


def _compare(
    connection: Connection, table: Table, second: str, expected: dict[Key, dict[str, Any]]
) -> Iterator[Finding]:
    rows = {(row.programme, row._mapping[second]): dict(row._mapping) for row in connection.execute(select(table))}
    for key in sorted(rows.keys() | expected.keys(), key=str):
        where = f"{table.name} {key[0]} {key[1]}"
        if key not in rows or key not in expected:
            yield Finding("projection", where, "A row without an event, or an event without its row.")
        elif rows[key] != expected[key]:
            yield Finding("projection", where, "The events say something else.")


def _document(connection: Connection, event: StatisticsReleased) -> str | None:
    """What is wrong with the document of a release, if anything."""
    table = schema.document
    content = connection.execute(select(table.c.content).where(table.c.hash == event.document)).scalar()
    if content is None:
        return "Its document is not there."
    try:
        release = release_from_json(bytes(content).decode())
    except (StatisticsError, UnicodeDecodeError):
        return "Its document is no release."
    if (release.hash(), release.programme, release.month) != (event.release_hash, event.programme, event.period):
        return "Its document is not the release that the event names."
    return None
