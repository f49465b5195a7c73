"""Answers read from a file or frame, ready to be measured."""

from dataclasses import dataclass, field

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.responses import CodeArray, IntArray, Responses
from evenhand.programme.coding import ItemCoding, MissingReason


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """A column that people are grouped by in published figures.

    Attributes:
        name: the column.
        labels: the G group labels, in order of their text.
        index: (N,) position of each respondent's label in `labels`, -1 where the cell is empty.
    """

    name: str
    labels: tuple[str, ...]
    index: IntArray


@dataclass(frozen=True, slots=True)
class Answers:
    """Responses with where they came from. Holds no column that was not asked for.

    Attributes:
        responses: what the N respondents answered.
        coding: (J,) how each item's column was read, in the order of the columns of `responses.codes`.
        row_numbers: (N,) number of each respondent's row, the first row after the header being 1.
        source: name of the file, or `data frame`.
        instrument: name and hash of the instrument, or None with `--items`.
        missing_counts: for each reason (J,) how many answers are missing for it.
        groups: the group columns that were asked for, by name.
        left_out: system and paradata columns that were dropped unread.
        warnings: findings of the reading, one sentence each.
        frame_backend: name of the data-frame library the answers came in (`polars` for files).
    """

    responses: Responses
    coding: tuple[ItemCoding, ...]
    row_numbers: IntArray
    source: str
    instrument: tuple[str, str] | None = None
    missing_counts: dict[MissingReason, IntArray] = field(default_factory=dict)
    groups: dict[str, GroupColumn] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    frame_backend: str = "polars"

    @property
    def item_names(self) -> tuple[str, ...]:
        """The J item names."""
        return tuple(coding.name for coding in self.coding)

    def group(self, column: str) -> GroupColumn:
        """The group column of that name.

        Raises:
            OptionError: it was not read.
        """
        if column not in self.groups:
            raise OptionError(
                "groups.not-read",
                f"The answers carry no group column {column!r}.",
                where=self.source,
                mend=f"Read the answers with groups=[{column!r}].",
            )
        return self.groups[column]


def answers_from_codes(
    codes: CodeArray,
    coding: tuple[ItemCoding, ...],
    *,
    source: str,
    instrument: tuple[str, str] | None = None,
) -> Answers:
    """Answers from an (N, J) int8 array of category codes, for simulated people and tables of patterns."""
    categories = np.array([item.categories for item in coding], dtype=np.int64)
    return Answers(
        responses=Responses(codes=codes, categories=categories),
        coding=coding,
        row_numbers=np.arange(1, len(codes) + 1, dtype=np.int64),
        source=source,
        instrument=instrument,
    )
