"""Cells of one column, batch by batch: each distinct cell is looked up once in the whole file."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from evenhand.measure.responses import CodeArray
from evenhand.tabular.cells import Cells, cells_of
from evenhand.tabular.codes import _BAD as BAD
from evenhand.tabular.codes import _REASON_CODE as REASON_CODE
from evenhand.tabular.codes import _marks as marks_of_cells
from evenhand.tabular.table import Column

UNSEEN = np.int8(-127)
"""An integer that was not looked up yet: neither a category, nor a reason, nor `BAD`."""

WIDEST = 1 << 16
"""Integers further apart than this are looked up as texts."""

Lookup = Callable[[str], int]
Whole = npt.NDArray[np.integer[Any]]


class Marker:
    """Turns a column's cells into marks: the category, minus the number of the reason for no answer, or `BAD`.

    Args:
        name: the column's name.
        lookup: the mark of a text that is not blank.
        source: name of the file, for messages.
    """

    def __init__(self, name: str, lookup: Lookup, source: str) -> None:
        self.name, self.source = name, source
        self._lookup = lookup
        self._table = np.zeros(0, dtype=np.int8)
        self._low = 0

    def marks(self, values: pl.Series) -> CodeArray:
        """(n,) marks of the cells.

        Raises:
            AnswerFileError: the cells are lists, bytes or other things that are no single text or number.
        """
        if values.dtype == pl.Boolean:
            values = values.cast(pl.Int8)
        if not values.dtype.is_integer() or values.null_count() == len(values):
            return self._by_text(values)
        if not values.null_count():
            return self._integers(values)
        known = values.is_not_null().to_numpy()
        out = np.full(len(values), REASON_CODE["blank"], dtype=np.int8)
        out[known] = self._integers(values.drop_nulls())
        return out

    def _integers(self, values: pl.Series) -> CodeArray:
        numbers = values.to_numpy()
        index = self._index(numbers)
        if index is None:
            return self._by_text(values)
        out: CodeArray = self._table.take(index)
        if out.min() < 0 and (out == UNSEEN).any():
            new = np.unique(index[out == UNSEEN])
            texts = tuple(str(int(place) + self._low) for place in new)
            self._table[new] = self._ask(texts)
            out = self._table.take(index)
        return out

    def _index(self, numbers: Whole) -> Whole | None:
        """Each number's place in the table, which is widened where needed; None if it would become too wide."""
        low, high = int(numbers.min()), int(numbers.max())
        if len(self._table):
            low, high = min(low, self._low), max(high, self._low + len(self._table) - 1)
        if high - low >= WIDEST:
            return None
        if high - low >= len(self._table):
            table = np.full(high - low + 1, UNSEEN, dtype=np.int8)
            table[self._low - low : self._low - low + len(self._table)] = self._table
            self._table, self._low = table, low
        if self._low == 0:
            return numbers
        return numbers.astype(np.int64) - self._low

    def _ask(self, texts: tuple[str | None, ...]) -> CodeArray:
        column = Column(self.name, pl.Series(dtype=pl.String))
        return marks_of_cells(Cells(column, texts, np.arange(len(texts))), self._lookup)

    def _by_text(self, values: pl.Series) -> CodeArray:
        cells = cells_of(Column(self.name, values), self.source)
        return marks_of_cells(cells, self._lookup)


__all__ = ["BAD", "REASON_CODE", "Lookup", "Marker"]
