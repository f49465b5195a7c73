"""Spending the privacy budget, as a part of a change: the charge, and the release that it paid for."""

from datetime import datetime

from evenhand.casework.events import BudgetCharged, StatisticsReleased
from evenhand.statistics.budget import BudgetLedger
from evenhand.statistics.release import Release
from evenhand.store.releases import DOCUMENT
from evenhand.store.unit import Unit


def write_charge(unit: Unit, charged: BudgetLedger, *, at: datetime, actor: str) -> int:
    """Append the last charge of a ledger that `BudgetLedger.charge` returned within this change.

    Args:
        unit: the change. It is the only writer, so that nothing was spent since the ledger was read in it.
        charged: the ledger with the charge.
        at: when.
        actor: who releases.

    Returns:
        The index of the event.
    """
    last, plan = charged.charges[-1], charged.plan
    year = int(last.month[:4])
    return unit.append(
        BudgetCharged(
            programme=plan.programme,
            at=at,
            actor=actor,
            year=year,
            period=last.month,
            rho=str(last.rho),
            budget=str(plan.rho_per_year),
            cells_a_year=plan.cells_a_year,
            spent=str(charged.spent(year)),
            remaining=str(charged.left(year)),
        )
    )


def keep_release(unit: Unit, release: Release, *, at: datetime, actor: str) -> int:
    """Keep a release and close its month.

    Returns:
        The index of the event.
    """
    document = unit.add_document(DOCUMENT, release.to_json().encode())
    return unit.append(StatisticsReleased(release.programme, at, actor, release.month, release.hash(), document))
