"""Releases of the public statistics and the privacy budget: rows that follow from events, and reading them.

`release` says which months were released, and where the release lies; `budget` what each year has spent. Both
are projections of `StatisticsReleased` and `BudgetCharged`, checked by `fsck`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from evenhand.casework.events import BudgetCharged, StatisticsReleased, StoreRestored
from evenhand.statistics.budget import BudgetLedger, Charge, Plan
from evenhand.statistics.release import Release, release_from_json
from evenhand.store import schema
from evenhand.store.read import Reading

DOCUMENT = "statistics-release"
"""Kind of the document that a release is kept as."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A release as it is kept, with the ledger index of the event that says so."""

    release: Release
    index: int


def charge_row(event: BudgetCharged) -> dict[str, Any]:
    """The row of `budget` after a charge."""
    return {"programme": event.programme, "year": event.year, "spent": event.spent}


def release_row(event: StatisticsReleased, index: int) -> dict[str, Any]:
    """The row of `release` that a release makes."""
    return {
        "programme": event.programme,
        "period": event.period,
        "document": event.document,
        "index": index,
    }


def note_charge(connection: Connection, event: BudgetCharged) -> None:
    """Write what the year has spent now."""
    table = schema.budget
    same = (table.c.programme == event.programme) & (table.c.year == event.year)
    connection.execute(delete(table).where(same))
    connection.execute(insert(table), charge_row(event))


def note_release(connection: Connection, event: StatisticsReleased, index: int) -> None:
    """Close the month. A second release of it breaks the table's key, and nothing is stored."""
    connection.execute(insert(schema.release), release_row(event, index))


def budget_ledger(reading: Reading, plan: Plan) -> BudgetLedger:
    """The charges of a programme so far, from its events, under a plan."""
    charged = reading.office_events(plan.programme, kind=BudgetCharged.kind)
    charges = tuple(
        Charge(event.period, Fraction(event.rho)) for _, event in charged if isinstance(event, BudgetCharged)
    )
    return BudgetLedger(plan, charges)


def released_months(reading: Reading, programme: str) -> tuple[str, ...]:
    """The months of a programme that were released, in order."""
    table = schema.release
    query = select(table.c.period).where(table.c.programme == programme).order_by(table.c.period)
    return tuple(reading.connection.execute(query).scalars())


def kept_release(reading: Reading, programme: str, period: str) -> Kept | None:
    """The release of a month as it was drawn, or None.

    Raises:
        StoreError, StatisticsError: its document is missing, or is no release: run `fsck`.
    """
    table = schema.release
    query = select(table).where(table.c.programme == programme, table.c.period == period)
    row = reading.connection.execute(query).first()
    if row is None:
        return None
    text = reading.document(row.document).content.decode()
    return Kept(release_from_json(text), int(row._mapping["index"]))


def last_restore(reading: Reading) -> str | None:
    """The month (YYYY-MM) in which the store last came back from a backup, or None.

    What was released between that backup and its loss is not known here: see `statistics.after-restore`.
    """
    events = reading.office_events(kind=StoreRestored.kind)
    return max((event.at.strftime("%Y-%m") for _, event in events), default=None)
