"""What is wrong in a file that is read in batches, kept until its end: one error says it, as for a whole table."""

from collections.abc import Callable
from typing import NoReturn

import numpy as np
import polars as pl

from evenhand.errors import AnswerFileError, OptionError
from evenhand.measure.responses import BoolArray, FloatArray, Responses, WeightsKind
from evenhand.programme.coding import ItemCoding
from evenhand.tabular.cells import cells_of
from evenhand.tabular.codes import map_coded, map_integers
from evenhand.tabular.parts import Part
from evenhand.tabular.table import Column

MOST_ROWS = 10_000
"""Rows with bad cells after which the file is read no further: it is the wrong column, not a slip."""


class Faults:
    """The rows that hold a cell for which no code stands.

    Args:
        items: (J,) positions of the items.
        names: (J,) their names.
        coding: (J,) how they are read; None while their codes are learnt.
        source: name of the file.
    """

    def __init__(
        self, items: list[int], names: tuple[str, ...], coding: tuple[ItemCoding, ...] | None, source: str
    ) -> None:
        self.items, self.names, self.coding, self.source = items, names, coding, source
        self._columns: dict[int, list[pl.Series]] = {position: [] for position in items}
        self._column_names: dict[int, str] = {}
        self._rows: list[int] = []
        self._lines: list[int] = []

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._rows)

    @property
    def is_full(self) -> bool:
        """Whether there are so many that reading on is of no use."""
        return len(self._rows) >= MOST_ROWS

    def add(self, part: Part, bad: BoolArray) -> None:
        """Keep the rows of a part where (J, n) `bad` marks a cell, as many as there is room for."""
        rows = np.flatnonzero(bad.any(axis=0))[: MOST_ROWS - len(self._rows)]
        if rows.size == 0:
            return
        self._rows += [int(part.rows[row]) for row in rows]
        if part.line is not None:
            self._lines += [part.line(int(row)) for row in rows]
        for position in self.items:
            column = part.columns[position]
            self._column_names[position] = column.name
            self._columns[position].append(column.values.gather(rows).rechunk())

    def check(self) -> None:
        """Raise the error, if there is one.

        Raises:
            AnswerFileError: names the first cells, and counts all of them.
        """
        if not self:
            return
        columns = {
            position: Column(self._column_names[position], pl.concat(series))
            for position, series in self._columns.items()
        }
        lines = self._lines
        loaded = Part(columns, len(self._rows), line=(lambda row: lines[row]) if lines else None, rows=self._rows)
        items = [cells_of(columns[position], self.source) for position in self.items]
        try:
            if self.coding is None:
                map_integers(items, self.names, loaded, self.source)
            else:
                map_coded(items, self.coding, loaded, self.source)
        except AnswerFileError as error:
            if not self.is_full:
                raise
            raise AnswerFileError(
                error.code, f"At least {error.what}", where=error.where, why=error.why, mend=error.mend
            ) from error


class WeightFaults:
    """What is wrong with the weights.

    Args:
        kind: their kind; None when there are none.
    """

    def __init__(self, kind: WeightsKind | None) -> None:
        self.kind = kind
        self.total = 0.0
        self._found: dict[str, AnswerFileError] = {}
        self._not_count: tuple[int, float] | None = None

    def __bool__(self) -> bool:
        """Whether anything is known to be wrong."""
        return bool(self._found) or self._not_count is not None

    def check(self, read: Callable[[], FloatArray], part: Part) -> FloatArray | None:
        """The weights of a part, None where one of them is no weight."""
        try:
            weights = read()
        except AnswerFileError as error:
            self._found.setdefault(error.code, error)
            return None
        self.total += float(weights.sum())
        if self.kind == "frequency" and self._not_count is None:
            wrong = np.flatnonzero(weights != np.round(weights))
            if wrong.size:
                self._not_count = int(part.rows[int(wrong[0])]), float(weights[wrong[0]])
        return weights

    def finish(self) -> None:
        """Raise what is wrong, in the order in which a whole table is checked.

        Raises:
            AnswerFileError: a weight that is empty or no weight.
            OptionError: weights that are all zero, or frequencies that are not whole numbers.
        """
        for code in ("answers.weights-blank", "answers.weights-value"):
            if code in self._found:
                raise self._found[code]
        if self._found:
            raise next(iter(self._found.values()))
        if self.kind is not None and self.total <= 0:
            self._as_a_table(np.zeros(1))
        if self._not_count is not None:
            self._raise_not_count(*self._not_count)

    def kind_missing(self) -> None:
        """Raise that the kind of weights was not said.

        Raises:
            OptionError: always.
        """
        self._as_a_table(np.ones(1))

    def _as_a_table(self, weights: FloatArray) -> None:
        """Have the weights checked as those of a whole table, where the one check of them is."""
        codes = np.zeros((len(weights), 1), dtype=np.int8)
        Responses(codes, np.array([2]), weights, self.kind)

    def _raise_not_count(self, row: int, weight: float) -> NoReturn:
        try:
            self._as_a_table(np.array([weight]))
        except OptionError as error:
            raise OptionError(
                error.code,
                error.what.replace("respondent 1 ", f"respondent {row + 1} "),
                where=f"row {row + 1}",
                why=error.why,
                mend=error.mend,
            ) from error
        raise AssertionError("unreachable: the weight is no whole number")  # pragma: no cover
