"""Figures that are shown: for each area and period people, mean need and shares, or *too few*.

A figure whose noisy number of people is under max(11, 4 sigma) is shown as *too few*, without a number: the
noise could make all of it. That is a matter of use and not of privacy, which the noise alone protects: whoever
adds and subtracts shown figures finds noisy values, and nothing that was not released.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from math import sqrt
from typing import Any, Literal

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.statistics.area import (
    AreaEstimate,
    AreaModel,
    AreaPosterior,
    Estimate,
    estimate_of,
    fit_area,
    posterior_of,
)
from evenhand.statistics.consistency import Histogram, added_up
from evenhand.statistics.release import Layout, Release

FEWEST = 11
SIGMAS = 4.0
"""A figure is shown from max(FEWEST, SIGMAS times the noise's SD) people on."""

ALL = "all"
"""Stands where a figure is over every value of the extra field."""

FORMAT = "evenhand.statistics/1"

_Estimator = Callable[[str, Any, int], AreaEstimate]
"""From an area, a value of the extra field or () and a seed to the estimate."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is shown of one area in one period.

    Attributes:
        period: YYYY-MM, or YYYY for a year.
        kind: district or region.
        area: its key.
        group: `all`, a value of the extra field, or "" for nothing said.
        noise_sd: SD of the noise in the number of people.
        estimate: people, mean need and shares; None where there are too few.
    """

    period: str
    kind: Literal["district", "region"]
    area: str
    group: str
    noise_sd: float
    estimate: AreaEstimate | None

    @property
    def status(self) -> str:
        """`shown` or `too few`."""
        return "too few" if self.estimate is None else "shown"


def too_few(noisy_people: float, noise_sd: float) -> bool:
    """Whether a noisy number of people is too small to be shown."""
    return noisy_people < max(FEWEST, SIGMAS * noise_sd)


def figures(releases: Sequence[Release], layout: Layout, model: AreaModel, *, period: str) -> tuple[Figure, ...]:
    """The figures of a period: each district and region, over everybody and by the extra field.

    Args:
        releases: of the months that make up the period.
        layout: the public keys.
        model: what areas are estimated with.
        period: its name, YYYY-MM or YYYY.

    Raises:
        StatisticsError: no release, or a month twice.
    """
    found = added_up(releases, layout)
    named, members = releases[0].programme, dict(layout.regions)
    groups = ((), *(layout.field_values if len(layout.field_values) > 1 else ()))

    @cache
    def district(area: str, group: Any) -> AreaPosterior:
        return posterior_of(model, *_noisy(found.districts[area], group))

    def of_district(area: str, group: Any, seed: int) -> AreaEstimate:
        return estimate_of(model, district(area, group), seed=seed)

    def of_region(area: str, group: Any, seed: int) -> AreaEstimate:
        # districts that are not shown count too: what is withheld is withheld from the reader only
        own = model.of_region([district(each, group) for each in members[area]])
        return fit_area(own, *_noisy(found.regions[area], group), seed=seed)

    kinds: tuple[tuple[Literal["district", "region"], Mapping[str, Histogram], _Estimator], ...] = (
        ("district", found.districts, of_district),
        ("region", found.regions, of_region),
    )
    return tuple(
        _figure(each, estimator, named, period, kind, area, group)
        for kind, areas, estimator in kinds
        for area, each in areas.items()
        for group in groups
    )


def _figure(
    histogram: Histogram,
    estimator: _Estimator,
    programme: str,
    period: str,
    kind: Literal["district", "region"],
    area: str,
    group: Any,
) -> Figure:
    values, variance = histogram.by_class(group)
    noise_sd = sqrt(variance * len(values))
    label = ALL if group == () else (group or "")
    estimate = None
    if not too_few(float(sum(values)), noise_sd):
        # the draws behind an interval must be the same for whoever computes the figure again
        name = "\0".join((programme, period, kind, area, label))
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
        estimate = estimator(area, group, seed)
    return Figure(period, kind, area, label, noise_sd, estimate)


def _noisy(histogram: Histogram, group: Any) -> tuple[FloatArray, float]:
    values, variance = histogram.by_class(group)
    return np.array([float(each) for each in values]), float(variance)


def to_csv(found: Sequence[Figure], thresholds: Sequence[str]) -> str:
    """A table of figures; numbers are empty where there are too few.

    Args:
        found: the figures.
        thresholds: names of the thresholds, in the model's order.
    """
    measures = ["people", "mean_need", *(f"share_{name}" for name in thresholds)]
    header = ["period", "kind", "area", "group", "status", "noise_sd"]
    header += [f"{name}{end}" for name in measures for end in ("", "_low", "_high")]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for each in found:
        row = [each.period, each.kind, each.area, each.group, each.status, f"{each.noise_sd:.1f}"]
        numbers = [_cells(estimate) for estimate in _estimates(each, len(thresholds))]
        writer.writerow([*row, *(cell for three in numbers for cell in three)])
    return text.getvalue()


def to_json(found: Sequence[Figure], thresholds: Sequence[str]) -> str:
    """The same as JSON, null where there are too few."""
    rows = []
    for each in found:
        row: dict[str, Any] = {
            name: getattr(each, name) for name in ("period", "kind", "area", "group", "status", "noise_sd")
        }
        if each.estimate is not None:
            row |= {"level": each.estimate.level, "people": asdict(each.estimate.people)}
            row |= {"mean_need": asdict(each.estimate.mean)}
            row["shares"] = {name: asdict(one) for name, one in zip(thresholds, each.estimate.shares, strict=True)}
        else:
            row |= {"level": None, "people": None, "mean_need": None, "shares": None}
        rows.append(row)
    body = {"format": FORMAT, "thresholds": list(thresholds), "figures": rows}
    return json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _estimates(figure: Figure, n_thresholds: int) -> list[Estimate | None]:
    if figure.estimate is None:
        return [None] * (2 + n_thresholds)
    return [figure.estimate.people, figure.estimate.mean, *figure.estimate.shares]


def _cells(estimate: Estimate | None) -> tuple[str, str, str]:
    if estimate is None:
        return "", "", ""
    digits = 1 if estimate.high > 10 else 4
    return tuple(f"{each:.{digits}f}" for each in (estimate.value, estimate.low, estimate.high))  # type: ignore[return-value]
