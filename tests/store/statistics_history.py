"""Histories of a year on a store: invitations that enter, are corrected, refuse, freeze, withdraw and are erased
between twelve releases; told to two programmes of one store, with and without one invitation, and to the twin."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Literal

from sqlalchemy import select

from evenhand.casework.events import ConsentRecorded, ProgrammeOpened, RestrictionChanged, Withdrawn
from evenhand.statistics.bound import Cell, Contribution, Counter, Intake, squared_distance
from evenhand.statistics.budget import Plan
from evenhand.statistics.release import Layout, Release, make_release
from evenhand.store import schema
from evenhand.store.erase import erase_case
from evenhand.store.history import moment
from evenhand.store.registers import Invitation
from evenhand.store.releases import budget_ledger, kept_release, released_months
from evenhand.store.spending import keep_release, write_charge
from evenhand.store.store import Store
from evenhand.store.unit import Unit

MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 13))
VALUES = ("alone", "others", None)
LAYOUT = Layout((("r0", ("d0", "d1")), ("r1", ("d2",))), 4, False, VALUES)
TARGET = "target"
PEOPLE = (TARGET, "a", "b", "c")

Step = Literal["enter", "refuse", "freeze", "lift", "withdraw", "erase", "forget-field"]


@dataclass(frozen=True)
class Act:
    """What one invitation does in a month; `enter` is a first, a corrected or a renewed assessment."""

    month: int
    who: str
    step: Step
    need_class: int = 0
    field_value: str | None = None


@dataclass(frozen=True)
class History:
    """Acts in their order; after which month each is released; K."""

    acts: tuple[Act, ...]
    released_after: tuple[int, ...]
    cells_a_year: int


def history(seed: int) -> History:
    """A random history: entering is common, and most months are released as soon as they end."""
    rng = random.Random(seed)
    steps: tuple[Step, ...] = (*("enter",) * 8, "refuse", "freeze", "lift", "withdraw", "erase", "forget-field")
    acts = [
        Act(
            rng.randrange(12),
            rng.choice(PEOPLE),
            rng.choice(steps),
            rng.randrange(4),
            rng.choice(LAYOUT.field_values),
        )
        for _ in range(40)
    ]
    after = tuple(min(11, month + rng.choice([0, 0, 0, 1, 3])) for month in range(12))
    return History(tuple(sorted(acts, key=lambda each: each.month)), after, rng.choice([1, 1, 3, 12]))


def short_history(seed: int) -> History:
    """A short year of one invitation, K = 1, each month released as it ends: here a planted bug shows soon."""
    rng = random.Random(seed)
    steps: tuple[Step, ...] = (*("enter",) * 6, "refuse")
    acts = [Act(rng.randrange(12), TARGET, rng.choice(steps), rng.randrange(4)) for _ in range(14)]
    return History(tuple(sorted(acts, key=lambda each: each.month)), tuple(range(12)), 1)


def district_of(who: str) -> str:
    return f"d{PEOPLE.index(who) % 3}"


def at(month: int, day: int = 28) -> datetime:
    return datetime(2026 + month // 12, month % 12 + 1, day, 12, 0, tzinfo=UTC)


def exactly(_mechanism: object, counts: object) -> tuple[int, ...]:
    """Noise of nothing: a test must see what the noise would be added to."""
    assert isinstance(counts, list)
    return tuple(counts)


@dataclass
class Town:
    """One programme of a store, with the rule's twin beside it."""

    store: Store
    name: str
    cells_a_year: int
    intake: Intake = field(init=False)
    cases: dict[str, str | None] = field(default_factory=dict)
    given: list[Mapping[Cell, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.intake = Intake(self.cells_a_year)
        with self.store.unit() as unit:
            unit.append(ProgrammeOpened(self.name, at(0, 1), "ann", "1", "d1", {}))
            unit.add_invitations(
                Invitation(
                    self.invitation(who),
                    self.name,
                    self.store.keys.code_hash("invitation", self.name, who),
                    "library",
                    None,
                    moment(at(0, 1)),
                    moment(at(11)),
                )
                for who in PEOPLE
            )

    @property
    def plan(self) -> Plan:
        return Plan(self.name, Fraction(1, 10), 1e-6, self.cells_a_year)

    def invitation(self, who: str) -> str:
        return f"{self.name}-{who}"

    def act(self, unit: Unit, act: Act) -> None:
        case = self.cases.get(act.who, "")
        if case is None:
            return  # withdrawn or erased: there is no way back
        if case == "":
            if act.step != "enter":
                return
            case = self.cases[act.who] = unit.open_case(
                self.name, definition_hash="d1", at=at(act.month), invitation=self.invitation(act.who)
            )
        if act.step == "enter":
            self._enter(unit, case, act)
        elif act.step == "forget-field":
            self._forget_field(unit, case, act)
        elif act.step in {"freeze", "lift"}:
            on = act.step == "freeze"
            unit.append(RestrictionChanged(self.name, at(act.month), "respondent", case, on))
            self.intake.freeze(self.invitation(act.who), on=on)
        else:
            self._leave(unit, case, act)
            self.intake.remove(self.invitation(act.who))

    def release(self, month: int, now: int) -> None:
        """Release a month, with exact counts in place of noisy ones."""
        with self.store.unit() as unit:
            counts = unit.reading.cells(self.name, MONTHS[month])
            release, charged = make_release(
                budget_ledger(unit.reading, self.plan),
                LAYOUT,
                counts,
                month=MONTHS[month],
                definition="d1",
                today=_after(now),
                draw=exactly,
            )
            write_charge(unit, charged, at=at(now), actor="ana")
            keep_release(unit, release, at=at(now), actor="ana")
        self.given.append(_shown(release))
        self.intake.release(MONTHS[month])

    def rows(self) -> dict[str, Contribution]:
        """The table `contribution`, as the twin keeps it."""
        table = schema.contribution
        with self.store.reading() as reading:
            found = reading.connection.execute(select(table).where(table.c.programme == self.name)).all()
        return {
            row.invitation: Contribution(
                row.invitation, Cell(row.month, row.district, row.need_class, row.field_value)
            )
            for row in found
        }

    def counters(self) -> dict[str, Counter]:
        """The counters of the table `invitation`, as the twin keeps them."""
        table = schema.invitation
        with self.store.reading() as reading:
            found = reading.connection.execute(select(table).where(table.c.programme == self.name)).all()
        return {row.id: Counter(row.year, row.cells_used) for row in found if row.year is not None}

    def kept(self) -> list[Release]:
        with self.store.reading() as reading:
            months = released_months(reading, self.name)
            kept = [kept_release(reading, self.name, month) for month in months]
        return [each.release for each in kept if each is not None]

    def _enter(self, unit: Unit, case: str, act: Act) -> None:
        if not unit.case(case).agreed("statistics"):
            unit.append(self._consent(case, act, statistics=True))
        counted = unit.contribute(
            case,
            month=MONTHS[act.month],
            need_class=act.need_class,
            cells_a_year=self.cells_a_year,
            field_value=act.field_value,
        )
        cell = Cell(MONTHS[act.month], district_of(act.who), act.need_class, act.field_value)
        self.told = counted, self.intake.enter(self.invitation(act.who), cell)

    def _leave(self, unit: Unit, case: str, act: Act) -> None:
        if act.step == "refuse":
            unit.append(self._consent(case, act, statistics=False))
            return
        self.cases[act.who] = None
        if act.step == "withdraw":
            unit.append(Withdrawn(self.name, at(act.month), "respondent", case))
        else:
            erase_case(unit, case, "request", at=at(act.month), actor="respondent")

    def _forget_field(self, unit: Unit, case: str, act: Act) -> None:
        """As when the extra fact's date is past: the value goes from the row, and the row stays."""
        table = schema.contribution
        unit.connection.execute(table.update().where(table.c.case_id == case).values(field_value=None))
        name = self.invitation(act.who)
        if (row := self.intake.rows.get(name)) is not None:
            self.intake.rows[name] = Contribution(name, row.cell._replace(field_value=None))

    def _consent(self, case: str, act: Act, *, statistics: bool) -> ConsentRecorded:
        purposes = {"decide": True, "statistics": statistics}
        when = at(act.month)
        return ConsentRecorded(
            self.name, when, "respondent", case, "1", "n1", purposes, "en", "public-task", district_of(act.who)
        )


def told(
    store: Store, story: History, name: str, *, after_month: Callable[[Town, int], None] | None = None
) -> Town:
    """Tell a history to a programme of the store; `-without` in its name leaves the target out."""
    town = Town(store, name, story.cells_a_year)
    for now in range(12):
        with store.unit() as unit:
            for act in story.acts:
                if act.month == now and not (act.who == TARGET and name.endswith("-without")):
                    town.act(unit, act)
        if after_month is not None:
            after_month(town, now)
        for month, after in enumerate(story.released_after):
            if after == now:
                town.release(month, now)
    return town


def moved(one: Town, other: Town) -> int:
    """Squared L2 distance between everything that two towns gave to the noise."""
    return squared_distance(one.given, other.given)


def _after(now: int) -> date:
    return at(now + 1, 1).date()


def _shown(release: Release) -> dict[Cell, int]:
    return {
        Cell(release.month, each.area, each.need_class, each.field_value): each.value for each in release.cells
    }
