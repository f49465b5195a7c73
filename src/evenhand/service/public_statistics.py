"""The public statistics of a programme, all of them computed from stored releases: at no further cost of privacy.

What comes of it is the same for whoever computes it again from the same releases: the draws behind intervals are
seeded by names. Support given is told from the public slots of rounds, fixed before each draw, and never counted
from cases.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.casework.events import RoundPlanned, RoundRevealed
from evenhand.errors import OutputError, StatisticsError
from evenhand.programme.definition import Programme
from evenhand.service.office import Office
from evenhand.service.publish import ledger_in_force
from evenhand.service.questions import adaptive_bank_of
from evenhand.statistics.area import AreaModel
from evenhand.statistics.budget import BudgetLedger
from evenhand.statistics.classes import ClassTable, band_table, classes_of, raw_table
from evenhand.statistics.fayherriot import METHOD, small_areas
from evenhand.statistics.figures import ALL, Figure, figures, to_csv, to_json
from evenhand.statistics.guarantee import guarantee_json
from evenhand.statistics.release import Layout, Release, layout_over, same_cells
from evenhand.statistics.trend import HORIZON, Alert, Series, alerts
from evenhand.store.read import Reading
from evenhand.store.releases import kept_release, released_months

CSV, JSON, GUARANTEE = "statistics.csv", "statistics.json", "guarantee.json"

KEPT_FIGURES = 512
"""Periods whose figures are kept in memory; they never change."""

_FIGURES: dict[tuple[str, ...], tuple[Figure, ...]] = {}
_MODELS: dict[tuple[str, ...], AreaModel] = {}


@dataclass(frozen=True, slots=True)
class SmallArea:
    """A district's mean need beside what a model of all districts makes of it.

    Attributes:
        period: YYYY-MM or YYYY.
        area: the district.
        direct: the mean from the district's own histogram, no prior; None where that says nothing.
        direct_se: its standard error.
        value: moved toward what the other districts suggest.
        rmse: root of its estimated mean squared error.
        weight: weight of the direct value in it.
    """

    period: str
    area: str
    direct: float
    direct_se: float
    value: float
    rmse: float
    weight: float


@dataclass(frozen=True, slots=True)
class Slots:
    """Places of a round that was drawn: round, month of the draw, places, those of them reserved for appeals."""

    round: str
    month: str
    places: int
    reserved: int


@dataclass(frozen=True, slots=True)
class PublicStatistics:
    """All that the public page shows of a programme.

    Attributes:
        programme: its name.
        title: its title in each language.
        areas: names of regions and districts in each language, by key.
        months: months that were released.
        thresholds: name and value of each threshold, logits.
        figures: of each month and year, by region, district and group.
        small: mean need of districts by the Fay-Herriot model, beside the direct values.
        alerts: districts whose need changed.
        slots: support given.
        ledger: the privacy budget and its charges.
        hashes: of the releases, by month.
    """

    programme: str
    title: Mapping[str, str]
    areas: Mapping[str, Mapping[str, str]]
    months: tuple[str, ...]
    thresholds: tuple[tuple[str, float], ...]
    figures: tuple[Figure, ...]
    small: tuple[SmallArea, ...]
    alerts: tuple[Alert, ...]
    slots: tuple[Slots, ...]
    ledger: BudgetLedger
    hashes: Mapping[str, str]


def show(office: Office, programme: str) -> PublicStatistics:
    """The public statistics as they stand. Open to anybody, and reads no case.

    Raises:
        CaseError: no such programme was opened.
        StatisticsError: a stored release cannot be read: run `evenhand fsck`.
    """
    with office.store.reading() as reading:
        definition = office.programme(reading, programme)
        kept = (kept_release(reading, programme, month) for month in released_months(reading, programme))
        releases = [each.release for each in kept if each is not None]
        hashes = {hashed for each in releases for hashed in (*each.earlier, each.definition)}
        used = {hashed: office.definition(reading, programme, hashed) for hashed in sorted(hashes)}
        ledger = ledger_in_force(office, reading, programme)
        slots = slots_of(reading, programme)
    return statistics_of(definition, releases, ledger, used=used, slots=slots)


def statistics_of(
    definition: Programme,
    releases: Sequence[Release],
    ledger: BudgetLedger,
    *,
    used: Mapping[str, Programme] | None = None,
    slots: tuple[Slots, ...] = (),
) -> PublicStatistics:
    """The public statistics that releases give.

    Args:
        definition: the programme in force.
        releases: of its months.
        ledger: its budget.
        used: by their hashes, the definitions that the months were released under; the one in force by default.
        slots: support given.
    """
    known = used or {}
    names = definition.statistics.thresholds
    bases = [_basis(each, known, definition) for each in releases]
    found: list[Figure] = []
    for release, own in zip(releases, bases, strict=True):
        found += _figures((release,), own, names, release.month)
    monthly = tuple(found)
    for year in sorted({each.month[:4] for each in releases}):
        of_year = [(each, own) for each, own in zip(releases, bases, strict=True) if each.month.startswith(year)]
        last = of_year[-1][1]
        if all(own.adds_up_with(last) for _, own in of_year):  # cells of another list of places do not
            found += _figures(tuple(each for each, _ in of_year), last, names, year)
    scale = definition.need_scale()
    model = area_model(definition, names)
    return PublicStatistics(
        programme=definition.name,
        title=dict(definition.title),
        areas={key: texts for each in (*known.values(), definition) for key, texts in _names(each).items()},
        months=tuple(each.month for each in releases),
        thresholds=tuple((name, scale.threshold(name)) for name in names),
        figures=tuple(found),
        small=tuple(row for period in _periods(found) for row in _small(found, period, model)),
        alerts=alerts_of(monthly, model),
        slots=slots,
        ledger=ledger,
        hashes={each.month: each.hash() for each in releases},
    )


def alerts_of(monthly: Sequence[Figure], model: AreaModel) -> tuple[Alert, ...]:
    """The alerts among the districts' series of mean need, privacy noise included in their errors."""
    areas = dict.fromkeys(each.area for each in monthly if each.kind == "district")
    months = tuple(dict.fromkeys(each.period for each in monthly))
    by_key = {(each.area, each.period): each for each in monthly if each.kind == "district" and each.group == ALL}
    series = []
    for area in areas:
        pairs = [_direct(by_key.get((area, month)), model) for month in months]
        value, se = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
        series.append(Series(area, months, value, se))
    return alerts(series, horizon=max(HORIZON, len(months))) if series else ()


def area_model(definition: Programme, thresholds: Sequence[str]) -> AreaModel:
    """What the areas of a programme are estimated with: its frozen item parameters and latent distribution."""
    key = (definition.hash(), *thresholds)
    if key not in _MODELS:
        scale = definition.need_scale()
        latent = scale.require_latent("the public statistics")
        values = tuple(scale.threshold(name) for name in thresholds)
        _MODELS[key] = AreaModel(_table(definition, latent.mean, latent.sd), latent.mean, latent.sd, values)
    return _MODELS[key]


def slots_of(reading: Reading, programme: str) -> tuple[Slots, ...]:
    """Places of the rounds that were drawn, as their protocols fixed them before anybody entered."""
    planned: dict[str, Any] = {}
    out = []
    for _, event in reading.office_events(programme):
        if isinstance(event, RoundPlanned):
            planned[event.round] = json.loads(reading.document(event.protocol_hash).content)
        elif isinstance(event, RoundRevealed):
            plan = planned[event.round]
            out.append(Slots(event.round, event.at.strftime("%Y-%m"), int(plan["places"]), int(plan["reserved"])))
    return tuple(out)


def statistics_files(found: PublicStatistics) -> dict[str, str]:
    """The public files by name: a table, the same with all the rest as JSON, and the guarantee for machines."""
    names = [name for name, _ in found.thresholds]
    body = json.loads(to_json(found.figures, names))
    body |= {
        "programme": found.programme,
        "title": dict(found.title),
        "areas": {key: dict(texts) for key, texts in found.areas.items()},
        "months": list(found.months),
        "thresholds": [{"name": name, "value": value} for name, value in found.thresholds],
        "small_areas": {"method": METHOD, "rows": [asdict(each) for each in found.small]},
        "alerts": [asdict(each) for each in found.alerts],
        "support": {
            "source": "places of the rounds, fixed before each draw",
            "rounds": [asdict(each) for each in found.slots],
        },
        "releases": dict(found.hashes),
        "guarantee": GUARANTEE,
    }
    return {
        CSV: to_csv(found.figures, names),
        JSON: json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
        GUARANTEE: guarantee_json(found.ledger),
    }


def write_statistics(found: PublicStatistics, folder: Path) -> tuple[Path, ...]:
    """Write the public files into a folder; returns their paths.

    Raises:
        OutputError: the folder cannot be written to.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in statistics_files(found).items():
            # Beside its place first: a page that is read meanwhile is the old one or the new one.
            draft = folder / f".{name}.new"
            draft.write_text(text, encoding="utf-8")
            written.append(draft.replace(folder / name))
    except OSError as error:
        raise OutputError(
            "output.unwritable",
            "The public files cannot be written.",
            where=str(folder),
            why=error.strerror or "",
            mend="Name another folder with --out.",
        ) from error
    return tuple(written)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a release's values are of: the version it was released under, and all its cells."""

    definition: Programme
    layout: Layout

    def adds_up_with(self, other: "_Basis") -> bool:
        """Whether the values of two releases can be added, cell by cell."""
        one, two = self.definition, other.definition
        scales = one.need_scale().hash() == two.need_scale().hash()
        return scales and classes_of(one) == classes_of(two) and same_cells(self.layout, other.layout)


def _basis(release: Release, known: Mapping[str, Programme], in_force: Programme) -> _Basis:
    own = known.get(release.definition, in_force)
    return _Basis(own, layout_over(own, (known[hashed] for hashed in release.earlier)))


def _figures(
    releases: tuple[Release, ...], basis: _Basis, names: Sequence[str], period: str
) -> tuple[Figure, ...]:
    key = (basis.definition.hash(), *names, period, *(each.hash() for each in releases))
    if key not in _FIGURES:
        if len(_FIGURES) >= KEPT_FIGURES:
            _FIGURES.pop(next(iter(_FIGURES)), None)
        model = area_model(basis.definition, names)
        _FIGURES[key] = figures(releases, basis.layout, model, period=period)
    return _FIGURES[key]


def _table(definition: Programme, mean: float, sd: float) -> ClassTable:
    if definition.asking.mode == "adaptive":
        return band_table(adaptive_bank_of(definition), seed=int(definition.hash()[:8], 16))
    return raw_table(definition.need_scale().model_items(), mean=mean, sd=sd)


def _direct(figure: Figure | None, model: AreaModel) -> tuple[float, float]:
    """Mean need without the prior, and its error; NaN and inf where too few are known."""
    if figure is None or figure.estimate is None:
        return nan, inf
    return figure.estimate.without_prior(model)


def _periods(found: Sequence[Figure]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.period for each in found))


def _small(found: Sequence[Figure], period: str, model: AreaModel) -> tuple[SmallArea, ...]:
    chosen = [each for each in found if (each.period, each.kind, each.group) == (period, "district", ALL)]
    known = [(each.area, *_direct(each, model)) for each in chosen]
    known = [row for row in known if isfinite(row[1]) and isfinite(row[2])]
    try:
        fitted = small_areas(np.array([row[1] for row in known]), np.array([row[2] ** 2 for row in known]))
    except StatisticsError:
        return ()  # with fewer than three districts there is nothing to borrow from
    return tuple(
        SmallArea(
            period,
            area,
            direct,
            se,
            float(fitted.value[place]),
            float(fitted.rmse[place]),
            float(fitted.weight[place]),
        )
        for place, (area, direct, se) in enumerate(known)
    )


def _names(definition: Programme) -> dict[str, dict[str, str]]:
    out = {}
    for region in definition.areas.regions:
        out[region.key] = dict(region.name)
        out |= {district.key: dict(district.name) for district in region.districts}
    return out
