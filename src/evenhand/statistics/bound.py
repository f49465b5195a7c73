"""The contribution rule: how much of the public histogram one invitation can ever move.

    1. A cell is (month, district, need class), with the value of the extra public field where there is one.
    2. A case stands in at most one cell of a month: an assessment in the same month takes the earlier one's place.
    3. An invitation may take K months in a calendar year. A month is taken when a case first enters it, and is
       never given back: not by a correction, a withdrawal, an erasure or a second consent.
    4. An entry beyond K is not counted at all; the case stays where it was.
    5. Only a month that is not released changes. A released month is never counted again.
    6. A case without an invitation is not counted.
    7. A case that its person has frozen enters no month, and is not counted in a month that is released while it
       is frozen; lifted, it stands again where it stood, in so far as that month is not released.

**Neighbours** are two histories of a programme that differ by everything one invitation ever did. By 1-4 the
histograms of a year differ by 1 in at most K cells, in K different months: the L2 sensitivity of the year is
sqrt(K), whatever the fields and districts are, and that of the region totals is the same. 5 and 7 only leave
contributions out, and which ones depends on no other invitation.

The store executes the rule in SQL when an assessment is recorded (`Registers.contribute`) and when a month is
counted (`Reading.cells`): its tables `contribution` and `invitation` are `Intake.rows` and `Intake.counters` here,
row by row, so that the two can be compared after any history.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from evenhand.errors import StatisticsError

MONTHS = 12


class Cell(NamedTuple):
    """A cell of the histogram; `field_value` is None where the statistics are not split, or nothing was said."""

    month: str
    district: str
    need_class: int
    field_value: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One row of the table `contribution`, with the invitation in place of the case (there is one case to each).

    Attributes:
        invitation: its id.
        cell: where it stands.
    """

    invitation: str
    cell: Cell


class Counter(NamedTuple):
    """What an invitation has used: `year` and `cells_used` of the table `invitation`."""

    year: int | None = None
    used: int = 0


def l2_sensitivity(cells_a_year: int) -> float:
    """Most that the year's histogram moves in L2 when one invitation is added or removed: sqrt(K)."""
    return sqrt(checked_cells(cells_a_year))


def checked_cells(cells_a_year: int) -> int:
    """K itself.

    Raises:
        StatisticsError: K is not 1 to 12.
    """
    if not 1 <= cells_a_year <= MONTHS:
        raise StatisticsError(
            "statistics.cells",
            f"An invitation cannot take {cells_a_year} months of a year.",
            why="The rule counts months: 1 to 12 of them.",
            mend="Set statistics.cells_per_invitation_year to 1 to 12.",
        )
    return cells_a_year


def taken(counter: Counter, month: str, cells_a_year: int) -> Counter | None:
    """The counter once it has taken one more month, or None where the rule refuses (3 and 4).

    Args:
        counter: of the invitation.
        month: YYYY-MM.
        cells_a_year: K.
    """
    year = int(month[:4])
    if counter.year is not None and year < counter.year:
        return None
    used = counter.used if counter.year == year else 0
    return None if used >= cells_a_year else Counter(year, used + 1)


def histogram(contributions: Iterable[Contribution]) -> dict[Cell, int]:
    """People in each cell where there is anybody: the in-memory twin of the store's GROUP BY."""
    out: dict[Cell, int] = {}
    for each in contributions:
        out[each.cell] = out.get(each.cell, 0) + 1
    return out


class Intake:
    """The in-memory twin of what the store does with contributions, for tests and for reading the rule.

    Args:
        cells_a_year: K.
    """

    def __init__(self, cells_a_year: int) -> None:
        self.cells_a_year = checked_cells(cells_a_year)
        self.rows: dict[str, Contribution] = {}
        self.counters: dict[str, Counter] = {}
        self.released: list[Mapping[Cell, int]] = []
        self.frozen: set[str] = set()
        self._closed: set[str] = set()

    def enter(self, invitation: str | None, cell: Cell) -> bool:
        """Let an assessment, first or corrected, stand in a cell; False where the rule refuses."""
        if invitation is None or invitation in self.frozen or cell.month in self._closed:
            return False
        row = self.rows.get(invitation)
        if (row is None or row.cell.month != cell.month) and not self._take(invitation, cell.month):
            return False
        self.rows[invitation] = Contribution(invitation, cell)
        return True

    def remove(self, invitation: str) -> None:
        """Withdraw or erase: the row goes, the counter stays."""
        self.rows.pop(invitation, None)

    def freeze(self, invitation: str, *, on: bool) -> None:
        """Freeze the use of a case, or lift the freeze: row and counter stay."""
        (self.frozen.add if on else self.frozen.discard)(invitation)

    def release(self, month: str) -> Mapping[Cell, int] | None:
        """Close a month and give its exact histogram, without frozen cases, to the noise; None the second time."""
        if month in self._closed:
            return None
        self._closed.add(month)
        counts = histogram(self._counted(month))
        self.released.append(counts)
        return counts

    def _counted(self, month: str) -> Iterator[Contribution]:
        return (row for row in self.rows.values() if row.cell.month == month and row.invitation not in self.frozen)

    def _take(self, invitation: str, month: str) -> bool:
        counter = taken(self.counters.get(invitation, Counter()), month, self.cells_a_year)
        if counter is None:
            return False
        self.counters[invitation] = counter
        return True


def squared_distance(one: Iterable[Mapping[Cell, int]], other: Iterable[Mapping[Cell, int]]) -> int:
    """Squared L2 distance between everything that two histories gave to the noise, release by release."""
    return sum(
        (first.get(cell, 0) - second.get(cell, 0)) ** 2
        for first, second in zip(one, other, strict=True)
        for cell in first.keys() | second.keys()
    )


def region_totals(counts: Mapping[Cell, int], region_of: Mapping[str, str]) -> dict[Cell, int]:
    """The same histogram by region: a contribution stands in one district, and so in one region.

    Args:
        counts: by district.
        region_of: the region of each district.
    """
    out: dict[Cell, int] = {}
    for cell, count in counts.items():
        region = cell._replace(district=region_of[cell.district])
        out[region] = out.get(region, 0) + count
    return out
