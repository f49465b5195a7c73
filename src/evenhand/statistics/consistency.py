"""Districts that add up to their region, months that add up to their year: generalised least squares.

The districts' cells y_d (variance v each) and the region's own Y (variance V) tell the same total twice. With D
districts the least-squares values under sum x_d = X are

    e = Y - sum y_d,   x_d = y_d + e v / (D v + V),   X = Y - e V / (D v + V),

for each class by itself, because the noise of classes is independent. Variances fall to v (1 - v / (D v + V))
and V D v / (D v + V). Fractions keep the sums exact. Years are sums of months: their noise is independent, and
no total of a year is released by itself. It is post-processing, and costs nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from evenhand.errors import StatisticsError
from evenhand.statistics.release import Layout, Release

Key = tuple[int, str | None]
"""Need class and value of the extra field."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Values of an area that add up with its neighbours'.

    Attributes:
        values: signed value of each (class, field value).
        variance: variance of each value's noise.
    """

    values: Mapping[Key, Fraction]
    variance: Fraction

    def __add__(self, other: "Histogram") -> "Histogram":
        """The sum of two histograms of independent noise."""
        return Histogram(
            {key: value + other.values[key] for key, value in self.values.items()}, self.variance + other.variance
        )

    def by_class(self, field_value: str | tuple[()] | None = ()) -> tuple[list[Fraction], Fraction]:
        """Values by class and their variance, over all field values () or at one of them."""
        classes = 1 + max(need_class for need_class, _ in self.values)
        taken = [key for key in self.values if field_value == () or key[1] == field_value]
        totals = [sum((self.values[k] for k in taken if k[0] == each), Fraction(0)) for each in range(classes)]
        return totals, self.variance * (len(taken) // classes)


@dataclass(frozen=True, slots=True)
class Consistent:
    """A month, or several added up: histograms by district and by region."""

    districts: Mapping[str, Histogram]
    regions: Mapping[str, Histogram]

    def __add__(self, other: "Consistent") -> "Consistent":
        """Several months as one period."""
        return Consistent(
            {area: each + other.districts[area] for area, each in self.districts.items()},
            {area: each + other.regions[area] for area, each in self.regions.items()},
        )


def consistent(release: Release, layout: Layout) -> Consistent:
    """A month's release made to add up.

    Args:
        release: as stored.
        layout: its public keys.
    """
    v, total_v = Fraction(release.sigma_cells) ** 2, Fraction(release.sigma_regions) ** 2
    cells = {(each.area, each.need_class, each.field_value): each.value for each in release.cells}
    totals = {(each.area, each.need_class, each.field_value): each.value for each in release.regions}
    districts: dict[str, Histogram] = {}
    regions: dict[str, Histogram] = {}
    for region, members in layout.regions:
        both = len(members) * v + total_v
        keys = [(each.need_class, each.field_value) for each in release.regions if each.area == region]
        gap = {key: totals[region, *key] - sum(cells[area, *key] for area in members) for key in keys}
        own = v * (1 - v / both)
        for area in members:
            districts[area] = Histogram({key: cells[area, *key] + gap[key] * v / both for key in keys}, own)
        moved = {key: totals[region, *key] - gap[key] * total_v / both for key in keys}
        regions[region] = Histogram(moved, total_v * len(members) * v / both)
    return Consistent(districts, regions)


def added_up(releases: Iterable[Release], layout: Layout) -> Consistent:
    """Several months of one programme as one period.

    Raises:
        StatisticsError: no release, or a month twice.
    """
    months = list(releases)
    if not months or len({each.month for each in months}) < len(months):
        raise StatisticsError(
            "statistics.months",
            "A period is made of one or more different months.",
            why=f"It was given {len(months)} releases of {len({each.month for each in months})} months.",
            mend="Give each month's release once.",
        )
    found = consistent(months[0], layout)
    for each in months[1:]:
        found = found + consistent(each, layout)
    return found
