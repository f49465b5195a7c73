"""What the demo makes public: the town's released months, a round, and two simulated years with a shock.

The two years are invented people from the programme's own scale, released month by month as in earnest; only their
noise is seeded, so that the demo shows the same each time. It protects nobody, and nobody is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np

from evenhand.casework.roles import Actor
from evenhand.measure.models import Items
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.definition import Programme
from evenhand.service.office import Office, open_office
from evenhand.service.public_statistics import PublicStatistics, show, statistics_of, write_statistics
from evenhand.service.publish import publish
from evenhand.service.round_files import TICKETS, round_files, write_round_files
from evenhand.service.rounds import close, plan, record_second_value, reveal
from evenhand.statistics.bound import Cell
from evenhand.statistics.budget import BudgetLedger
from evenhand.statistics.discrete import draw_gaussian
from evenhand.statistics.noise import Mechanism
from evenhand.statistics.release import layout_of, make_release, plan_of
from evenhand.statistics.trend import Alert

ROUND = "first"
SIMULATED = "statistics-simulated"
"""Folder of the simulated years, beside that of the town's own statistics."""

SEED = 3
"""Of the simulated years. In 14 such pairs of years without any change, 2 of 84 districts raised an alert."""

FIRST_YEAR = 2024
MONTHS = 24
PEOPLE = 90
"""Expected people of a district in a month."""

SHOCK_FROM = 17
"""Months before need rises in one district."""

SHOCK = 0.6
"""By how many SDs of need it rises."""

MISSING = 0.03
"""Share of people who leave an answer out."""


@dataclass(frozen=True, slots=True)
class DemoStatistics:
    """What was made public.

    Attributes:
        months: months of the town that were released.
        offered: places that the round gave.
        district: the district that the shock of the simulated years struck.
        since: the month of the shock.
        alerts: what the released figures of those years show.
        files: everything that was written.
    """

    months: tuple[str, ...]
    offered: int
    district: str
    since: str
    alerts: tuple[Alert, ...]
    files: tuple[Path, ...]


def publish_demo(
    folder: Path, public: Path, programme: str, day: date, *, analyst: str, approver: str
) -> DemoStatistics:
    """Publish the demo town's months, draw a round, and add the simulated years.

    Args:
        folder: the town's office.
        public: folder for what is public.
        programme: the town's programme.
        day: the demo's day.
        analyst: who publishes and draws.
        approver: who approves the round's protocol.

    Raises:
        RoundError, StatisticsError: as in earnest.
    """
    office = open_office(folder, clock=lambda: datetime.combine(day, time(19), UTC))
    with office.store:
        actor = Actor(analyst, frozenset({"analyst"}))
        months = publish(office, actor, programme)
        offered, files = _round(office, actor, programme, approver, public / "rounds" / ROUND)
        files += write_statistics(show(office, programme), public / "statistics")
        with office.store.reading() as reading:
            definition = office.programme(reading, programme)
    found, district, since = simulated_years(definition)
    files += write_statistics(found, public / SIMULATED)
    return DemoStatistics(tuple(each.period for each in months), offered, district, since, found.alerts, files)


def simulated_years(
    definition: Programme, *, seed: int = SEED, shock: float = SHOCK
) -> tuple[PublicStatistics, str, str]:
    """Two years of releases of invented people, in one district of which need rises.

    Args:
        definition: the programme.
        seed: of the people and of the noise.
        shock: by how many SDs need rises; 0: not at all.

    Returns:
        The statistics, the district, and the month of the shock.
    """
    plain = definition.model_copy(
        update={"statistics": definition.statistics.model_copy(update={"extra_field": None})}
    )
    rng = np.random.default_rng(seed)
    layout, ledger = layout_of(plain), BudgetLedger(plan_of(plain))
    scale = plain.need_scale()
    latent = scale.require_latent("the simulated years")
    districts = tuple(layout.region_of)
    struck = districts[-1]
    months = [f"{FIRST_YEAR + n // 12}-{n % 12 + 1:02d}" for n in range(MONTHS)]
    releases = []

    def draw(noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
        drawn = draw_gaussian(rng, noise.sigma, (len(counts),))
        return tuple(int(each) for each in np.array(counts) + drawn)

    for number, month in enumerate(months):
        counts: dict[Cell, int] = {}
        for district in districts:
            rise = shock * latent.sd if district == struck and number >= SHOCK_FROM else 0.0
            for band, n in enumerate(
                _classes(rng, scale.model_items(), latent.mean + rise, latent.sd, layout.n_classes)
            ):
                counts[Cell(month, district, band)] = n
        release, ledger = make_release(
            ledger,
            layout,
            counts,
            month=month,
            definition=plain.hash(),
            today=date(FIRST_YEAR + 3, 1, 1),
            draw=draw,
        )
        releases.append(release)
    found = statistics_of(plain, releases, ledger)
    title = {language: f"{text} (simulated)" for language, text in found.title.items()}
    return replace(found, title=title), struck, months[SHOCK_FROM]


def _classes(rng: np.random.Generator, items: Items, mean: float, sd: float, n_classes: int) -> list[int]:
    """Invented people of a month in each need class, the last for an answer missing."""
    people = int(rng.poisson(PEOPLE))
    raw = simulate_codes(rng, items, rng.normal(mean, sd, people)).sum(axis=1)
    raw = np.where(rng.random(people) < MISSING, n_classes - 1, raw)
    return [int(each) for each in np.bincount(raw, minlength=n_classes)]


def _round(
    office: Office, actor: Actor, programme: str, approver: str, folder: Path
) -> tuple[int, tuple[Path, ...]]:
    """A round from plan to reveal, its second value a number that nobody of the office chose."""
    source = "a lottery of the demo"
    plan(office, actor, programme, ROUND, approved_by=approver, second_value_from=source)
    close(office, actor, programme, ROUND)
    value = str(int.from_bytes(office.random(4)))
    record_second_value(office, actor, programme, ROUND, value=value, source=source)
    done = reveal(office, actor, programme, ROUND)
    (folder / TICKETS).unlink(missing_ok=True)  # an earlier demo's, where this round's are withheld
    return done.offered, write_round_files(round_files(office, programme, ROUND), folder)
