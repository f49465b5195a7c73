"""Events of the public statistics: a charge to the privacy budget, and the release that it paid for.

Both are appended in one change, the charge first, before anything leaves the office.
"""

from dataclasses import dataclass
from typing import ClassVar

from evenhand.casework.event import OfficeEvent


@dataclass(frozen=True, slots=True)
class BudgetCharged(OfficeEvent):
    """A release was paid for. Losses are exact fractions in text, such as `1/10`.

    Attributes:
        year: calendar year whose budget pays.
        period: the month that is released, YYYY-MM.
        rho: what the release costs an invitation that stands in it (zCDP).
        budget: what one invitation may lose in the year.
        cells_a_year: months of a year in which one invitation may stand (K).
        spent: the most that the year's releases can have cost one invitation, this one among them: the sum of
            the K largest charges.
        remaining: `budget` less `spent`.
    """

    kind: ClassVar[str] = "budget-charged"

    year: int
    period: str
    rho: str
    budget: str
    cells_a_year: int
    spent: str
    remaining: str


@dataclass(frozen=True, slots=True)
class StatisticsReleased(OfficeEvent):
    """A month's noisy histogram was drawn and kept. It is served again, and never drawn again.

    Attributes:
        period: the month, YYYY-MM.
        release_hash: SHA-256 of the release.
        document: address of the release among the frozen documents.
    """

    kind: ClassVar[str] = "statistics-released"

    period: str
    release_hash: str
    document: str
