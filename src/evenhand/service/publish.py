"""Publishing: a month that ended is counted, charged, drawn and kept in one change; then it is served for good.

    cells of the month -> charge -> noise -> release, kept signed -> figures (public_statistics), at no cost

A month is drawn once. Asked again, or after a crash, the stored release is served: what was not stored never
left, and what left was stored and paid for.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from evenhand.casework.events import ProgrammeOpened
from evenhand.casework.roles import Actor
from evenhand.errors import StatisticsError
from evenhand.programme.definition import Programme
from evenhand.service.office import Office, permit
from evenhand.statistics.budget import BudgetLedger, Plan, exact, renews
from evenhand.statistics.noise import Mechanism
from evenhand.statistics.release import Draw, layout_of, make_release
from evenhand.store.read import Reading
from evenhand.store.releases import Kept, budget_ledger, kept_release, last_restore, released_months
from evenhand.store.spending import keep_release, write_charge
from evenhand.store.unit import Unit

MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class PublishedMonth:
    """A month that is public.

    Attributes:
        period: YYYY-MM.
        release_hash: SHA-256 of the release.
        index: ledger index of its event.
        fresh: drawn just now; False where it was released before and is served again.
        rho: what it cost an invitation that stands in it.
        remaining: what is left of its year's budget.
        renews: the day from which the next year's budget is open, YYYY-MM-DD.
    """

    period: str
    release_hash: str
    index: int
    fresh: bool
    rho: Fraction
    remaining: Fraction
    renews: str


def publish(
    office: Office,
    actor: Actor,
    programme: str,
    period: str | None = None,
    *,
    never_released: bool = False,
    draw: Draw = Mechanism.release,
) -> tuple[PublishedMonth, ...]:
    """Release a month, or every month that ended and was not released, oldest first.

    Args:
        office: the office.
        actor: an analyst.
        programme: its name.
        period: the month, YYYY-MM; all that are due when left out.
        never_released: after a restore, the officer's word that the month was not released before it.
        draw: adds the noise; another than the default only in tests.

    Returns:
        The months asked for, each with whether it was drawn now. Months before a fault stay released.

    Raises:
        StatisticsError: the month is none, is not over, is not paid for (says when the budget renews), or may
            have been released before the store was restored.
        CaseError: the actor is no analyst, or no such programme was opened.
    """
    permit(actor, "publish")
    with office.store.reading() as reading:
        months = due_months(office, reading, programme) if period is None else (_checked(period),)
        # Loading OpenDP takes seconds, during which no change should wait.
        plan_in_force(office, reading, programme).cells_mechanism()
    done = tuple(_publish_month(office, actor, programme, each, never_released, draw) for each in months)
    if any(each.fresh for each in done):
        office.store.checkpoint(office.clock())
    return done


def due_months(office: Office, reading: Reading, programme: str) -> tuple[str, ...]:
    """The months of a programme that ended and were not released, oldest first."""
    office.programme(reading, programme)
    row = reading.programme(programme)
    first = _first_month(reading, programme)
    last = _month_before(office.clock().strftime("%Y-%m"))
    if row is not None and row.closed_at is not None:
        last = min(last, row.closed_at[:7])
    released = set(released_months(reading, programme))
    return tuple(month for month in _months(first, last) if month not in released)


def plan_in_force(office: Office, reading: Reading, programme: str) -> Plan:
    """The budget that binds: of all versions that were opened, the least budget and the most months (K).

    A later version must neither take back what was promised to those who answered under an earlier one, nor
    count on fewer months than their invitations may have entered.
    """
    declared = [definition.statistics for definition in _versions(office, reading, programme)]
    return Plan(
        programme,
        min(exact(each.rho_per_year) for each in declared),
        min(each.delta for each in declared),
        max(each.cells_per_invitation_year for each in declared),
    )


def ledger_in_force(office: Office, reading: Reading, programme: str) -> BudgetLedger:
    """That plan with the charges so far."""
    return budget_ledger(reading, plan_in_force(office, reading, programme))


def _publish_month(
    office: Office, actor: Actor, programme: str, month: str, never_released: bool, draw: Draw
) -> PublishedMonth:
    def change(unit: Unit) -> PublishedMonth:
        definition = office.programme(unit.reading, programme)
        ledger = ledger_in_force(office, unit.reading, programme)
        kept = kept_release(unit.reading, programme, month)
        if kept is not None:
            return _told(kept, ledger, fresh=False)
        _require_drawable(unit.reading, programme, month, never_released)
        at = office.clock()
        release, charged = make_release(
            ledger,
            layout_of(definition),
            unit.reading.cells(programme, month),
            month=month,
            definition=definition.hash(),
            today=at.date(),
            draw=draw,
        )
        write_charge(unit, charged, at=at, actor=actor.id)
        index = keep_release(unit, release, at=at, actor=actor.id)
        return _told(Kept(release, index), charged, fresh=True)

    return office.store.transact(change)


def _told(kept: Kept, ledger: BudgetLedger, *, fresh: bool) -> PublishedMonth:
    year = int(kept.release.month[:4])
    cost = next(each.rho for each in ledger.charges if each.month == kept.release.month)
    return PublishedMonth(
        kept.release.month, kept.release.hash(), kept.index, fresh, cost, ledger.left(year), renews(year)
    )


def _require_drawable(reading: Reading, programme: str, month: str, never_released: bool) -> None:
    first = _first_month(reading, programme)
    if month < first:
        raise StatisticsError(
            "statistics.before-opening",
            f"{month} lies before the programme.",
            why=f"It opened in {first}.",
            mend="Name a month from then on.",
        )
    restored = last_restore(reading)
    if restored is not None and month < restored and not never_released:
        raise StatisticsError(
            "statistics.after-restore",
            f"{month} may have been released before the store came back from a backup.",
            why=f"The store was restored in {restored}. A month that is drawn a second time is paid for once and "
            "tells twice.",
            mend="If it was published, its files stand and it is not drawn again. If it certainly was not, say so "
            "with --never-released.",
        )


def _versions(office: Office, reading: Reading, programme: str) -> Iterable[Programme]:
    office.programme(reading, programme)
    for _, event in reading.office_events(programme, kind=ProgrammeOpened.kind):
        if isinstance(event, ProgrammeOpened):
            yield office.definition(reading, programme, event.definition_hash)


def _first_month(reading: Reading, programme: str) -> str:
    opened = reading.office_events(programme, kind=ProgrammeOpened.kind)
    return min(event.at for _, event in opened).strftime("%Y-%m")


def _checked(period: str) -> str:
    if not MONTH.fullmatch(period):
        raise StatisticsError(
            "statistics.period",
            f"{period[:20]!r} is not a month.",
            mend="Write a month as 2026-11.",
        )
    return period


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while (name := f"{year:04d}-{month:02d}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04d}-12" if number == 1 else f"{year:04d}-{number - 1:02d}"
