"""A release: the noisy histogram of one month, as it was drawn, and never drawn again.

The keys are public: every district of the programme's list, every need class and every value of the extra field
has a cell, whether anybody stands in it or not, so that which cells exist tells nothing. Values are signed and
kept as they came: cutting them at zero would bias every sum.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from evenhand.errors import StatisticsError
from evenhand.programme.definition import Programme
from evenhand.statistics.bound import Cell, region_totals
from evenhand.statistics.budget import BudgetLedger, Plan, exact
from evenhand.statistics.classes import n_classes
from evenhand.statistics.noise import Mechanism

FORMAT = "evenhand.release/1"

Draw = Callable[[Mechanism, Sequence[int]], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The public keys of a programme's histogram.

    Attributes:
        regions: each region with its districts, in the file's order.
        n_classes: need classes, *incomplete* included.
        has_incomplete: whether the last class is *incomplete*.
        field_values: values of the extra field, None for nothing said; (None,) without a field.
    """

    regions: tuple[tuple[str, tuple[str, ...]], ...]
    n_classes: int
    has_incomplete: bool
    field_values: tuple[str | None, ...] = (None,)

    @property
    def region_of(self) -> dict[str, str]:
        """The region of each district."""
        return {district: region for region, districts in self.regions for district in districts}

    def cells(self, month: str) -> tuple[Cell, ...]:
        """Every cell of a month, in a fixed order."""
        return self._cells(month, tuple(self.region_of))

    def region_cells(self, month: str) -> tuple[Cell, ...]:
        """The same by region."""
        return self._cells(month, tuple(region for region, _ in self.regions))

    def _cells(self, month: str, areas: tuple[str, ...]) -> tuple[Cell, ...]:
        return tuple(
            Cell(month, area, need_class, value)
            for area in areas
            for need_class in range(self.n_classes)
            for value in self.field_values
        )


class NoisyCell(NamedTuple):
    """A released value: area, need class, value of the extra field, signed noisy count."""

    area: str
    need_class: int
    field_value: str | None
    value: int


@dataclass(frozen=True, slots=True)
class Release:
    """One month as it was released.

    Attributes:
        programme: its name.
        definition: hash of the programme's definition.
        month: YYYY-MM.
        cells: by district.
        regions: by region, with noise of their own.
        sigma_cells: scale of the noise of a cell.
        sigma_regions: scale of the noise of a region's.
        rho: what it cost an invitation that stands in it.
        earlier: hashes of the earlier versions whose places and values have cells too, oldest first.
    """

    programme: str
    definition: str
    month: str
    cells: tuple[NoisyCell, ...]
    regions: tuple[NoisyCell, ...]
    sigma_cells: float
    sigma_regions: float
    rho: Fraction
    earlier: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line of JSON, the same for the same release: what the store keeps."""
        body = {
            "format": FORMAT,
            "programme": self.programme,
            "definition": self.definition,
            "month": self.month,
            "cells": self.cells,
            "regions": self.regions,
            "sigma_cells": self.sigma_cells,
            "sigma_regions": self.sigma_regions,
            "rho": str(self.rho),
            **({"earlier": self.earlier} if self.earlier else {}),
        }
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def hash(self) -> str:
        """SHA-256 of `to_json()`."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def plan_of(programme: Programme) -> Plan:
    """The plan that a programme's file declares."""
    declared = programme.statistics
    return Plan(programme.name, exact(declared.rho_per_year), declared.delta, declared.cells_per_invitation_year)


def layout_of(programme: Programme) -> Layout:
    """The public keys that a programme's file declares."""
    regions = tuple((each.key, tuple(d.key for d in each.districts)) for each in programme.areas.regions)
    return Layout(regions, n_classes(programme), programme.asking.mode == "full", _field_values(programme))


def layout_over(programme: Programme, earlier: Iterable[Programme]) -> Layout:
    """The public keys of a month in which cases of earlier versions can still be counted.

    A district that the version left out keeps its cells, in the region that the latest version with it put it in;
    a value that it left out of the extra field likewise.

    Args:
        programme: the version that the month is released under.
        earlier: versions with the same need classes, oldest first.
    """
    own = layout_of(programme)
    regions = {region: list(districts) for region, districts in own.regions}
    values = [each for each in own.field_values if each is not None]
    for version in reversed(tuple(earlier)):
        known = {district for districts in regions.values() for district in districts}
        for region, districts in layout_of(version).regions:
            regions.setdefault(region, []).extend(each for each in districts if each not in known)
        if version.statistics.extra_field == programme.statistics.extra_field:
            values += [each for each in _field_values(version) if each is not None and each not in values]
    kept = tuple((region, tuple(districts)) for region, districts in regions.items() if districts)
    return Layout(kept, own.n_classes, own.has_incomplete, (*values, None))


def same_cells(one: Layout, other: Layout) -> bool:
    """Whether two layouts have the same cells, in whatever order."""
    return (one.region_of, set(one.field_values), one.n_classes) == (
        other.region_of,
        set(other.field_values),
        other.n_classes,
    )


def _field_values(programme: Programme) -> tuple[str | None, ...]:
    name = programme.statistics.extra_field
    if name is None:
        return (None,)
    declared = programme.extra_field(name)
    if declared.kind == "choice":
        return (*(choice.code for choice in declared.choices), None)
    return (*(str(each) for each in range(declared.lowest or 0, (declared.highest or 0) + 1)), None)


def make_release(
    ledger: BudgetLedger,
    layout: Layout,
    counts: Mapping[Cell, int],
    *,
    month: str,
    definition: str,
    today: date,
    draw: Draw = Mechanism.release,
    earlier: tuple[str, ...] = (),
) -> tuple[Release, BudgetLedger]:
    """Charge a month and draw its release. Both are to be stored in one transaction, before anything leaves.

    Args:
        ledger: the charges so far.
        layout: the public keys.
        counts: exact counts of the month's cells; cells without anybody may be left out.
        month: YYYY-MM, over by `today`.
        definition: hash of the programme's definition.
        today: the day.
        draw: adds the noise; another than the default only in tests.
        earlier: hashes of the earlier versions whose cells are in the layout.

    Returns:
        The release, and the ledger with its charge.

    Raises:
        StatisticsError: the month is not over, or was released, or is not paid for; or a count stands in a cell
            that is not of the layout.
    """
    if month >= today.strftime("%Y-%m"):
        raise StatisticsError(
            "statistics.month-open",
            f"{month} is not over.",
            why="What is released is never counted again: a month must be closed first.",
            mend="Release it when the next month has begun.",
        )
    charged = ledger.charge(month)
    _check_cells(counts, layout.cells(month))
    cells, regions = ledger.plan.cells_mechanism(), ledger.plan.regions_mechanism()
    release = Release(
        ledger.plan.programme,
        definition,
        month,
        _noisy(layout.cells(month), counts, cells, draw),
        _noisy(layout.region_cells(month), region_totals(counts, layout.region_of), regions, draw),
        cells.sigma,
        regions.sigma,
        cells.rho + regions.rho,
        earlier,
    )
    return release, charged


def release_from_json(text: str) -> Release:
    """The release in a stored text.

    Raises:
        StatisticsError: it is not one.
    """
    try:
        body = _body(text)
        for name in ("cells", "regions"):
            body[name] = tuple(NoisyCell(*each) for each in body[name])
        body["earlier"] = tuple(body.get("earlier", ()))
        return Release(**{**body, "rho": Fraction(body["rho"])})
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise StatisticsError(
            "statistics.not-a-release",
            "The text is not a stored release.",
            why=str(error).splitlines()[0][:200] if str(error) else "",
            mend=f"Give what Release.to_json() returned ({FORMAT}).",
        ) from error


def _body(text: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(text)
    if body.pop("format") != FORMAT:
        raise ValueError("another format")
    return body


def _noisy(
    keys: tuple[Cell, ...], counts: Mapping[Cell, int], noise: Mechanism, draw: Draw
) -> tuple[NoisyCell, ...]:
    values = draw(noise, [counts.get(key, 0) for key in keys])
    return tuple(
        NoisyCell(key.district, key.need_class, key.field_value, value)
        for key, value in zip(keys, values, strict=True)
    )


def _check_cells(counts: Mapping[Cell, int], keys: tuple[Cell, ...]) -> None:
    unknown = counts.keys() - set(keys)
    if unknown:
        raise StatisticsError(
            "statistics.unknown-cell",
            f"{len(unknown)} of the counts stand in cells that no version of the programme has.",
            why="A cell that exists only because somebody stands in it would tell that they do.",
            mend="Count the month's contributions by district, need class and value of the extra field. In a "
            "store, run evenhand fsck.",
        )
