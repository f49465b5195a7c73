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
from evenhand.statistics.bound import Cell
from evenhand.statistics.budget import BudgetLedger, Plan, exact, renews
from evenhand.statistics.classes import classes_of
from evenhand.statistics.noise import Mechanism
from evenhand.statistics.release import Draw, Layout, layout_of, layout_over, make_release, same_cells
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
    declared = [definition.statistics for _, definition in _versions(office, reading, programme)]
    return Plan(
        programme,
        min(exact(each.rho_per_year) for each in declared),
        min(each.delta for each in declared),
        max(each.cells_per_invitation_year for each in declared),
    )


def ledger_in_force(office: Office, reading: Reading, programme: str) -> BudgetLedger:
    """That plan with the charges so far."""
    return budget_ledger(reading, plan_in_force(office, reading, programme))


@dataclass(frozen=True, slots=True)
class MonthVersions:
    """The versions of a programme under which a month is counted: known when the month ends, whoever took part.

    Attributes:
        definition: the last that was opened by the month's end: its scale, its field, its list of places.
        earlier: versions before it with the same need classes, oldest first: their cases can still be counted,
            and their places and values keep their cells.
        others: whether there is any earlier version with other need classes, whose cases cannot be added.
    """

    definition: Programme
    earlier: tuple[Programme, ...]
    others: bool

    @property
    def layout(self) -> Layout:
        """The public keys of the month."""
        return layout_over(self.definition, self.earlier)

    @property
    def hashes(self) -> tuple[str, ...]:
        """Of the earlier versions, where they have any cell that the definition has not."""
        own, together = layout_of(self.definition), self.layout
        return () if same_cells(own, together) else tuple(each.hash() for each in self.earlier)

    def counts(self, reading: Reading, programme: str, month: str) -> dict[Cell, int]:
        """People in each cell of the month."""
        field = self.definition.statistics.extra_field
        split = [each for each in self.earlier if each.statistics.extra_field == field]
        unsplit = [each.hash() for each in self.earlier if each.statistics.extra_field != field]
        if not self.others and not unsplit:
            return reading.cells(programme, month)
        counts = reading.cells(programme, month, [self.definition.hash(), *(each.hash() for each in split)])
        # Another field's values say nothing about this one.
        for cell, count in reading.cells(programme, month, unsplit).items() if unsplit else ():
            unsaid = cell._replace(field_value=None)
            counts[unsaid] = counts.get(unsaid, 0) + count
        return counts


def versions_of(office: Office, reading: Reading, programme: str, month: str) -> MonthVersions:
    """The versions under which a month is counted.

    Args:
        office: the office.
        reading: the store.
        programme: its name.
        month: YYYY-MM, from the programme's opening on.
    """
    opened: dict[str, Programme] = {}
    for at, version in _versions(office, reading, programme):
        if at <= month:
            opened.pop(version.hash(), None)  # one that is opened again is the latest again
            opened[version.hash()] = version
    *earlier, definition = opened.values()
    alike = tuple(each for each in earlier if classes_of(each) == classes_of(definition))
    return MonthVersions(definition, alike, len(alike) < len(earlier))


def _publish_month(
    office: Office, actor: Actor, programme: str, month: str, never_released: bool, draw: Draw
) -> PublishedMonth:
    def change(unit: Unit) -> PublishedMonth:
        ledger = ledger_in_force(office, unit.reading, programme)
        kept = kept_release(unit.reading, programme, month)
        if kept is not None:
            return _told(kept, ledger, fresh=False)
        _require_drawable(unit.reading, programme, month, never_released)
        at = office.clock()
        under = versions_of(office, unit.reading, programme, month)
        release, charged = make_release(
            ledger,
            under.layout,
            under.counts(unit.reading, programme, month),
            month=month,
            definition=under.definition.hash(),
            today=at.date(),
            draw=draw,
            earlier=under.hashes,
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


def _versions(office: Office, reading: Reading, programme: str) -> Iterable[tuple[str, Programme]]:
    """Each version with the month, YYYY-MM, in which it was opened, oldest first."""
    office.programme(reading, programme)
    for _, event in reading.office_events(programme, kind=ProgrammeOpened.kind):
        if isinstance(event, ProgrammeOpened):
            definition = office.definition(reading, programme, event.definition_hash)
            yield event.at.strftime("%Y-%m"), definition


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
