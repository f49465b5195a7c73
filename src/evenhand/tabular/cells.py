"""Cells as distinct texts and an index: Python looks at each distinct text once, never at each cell."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from evenhand.errors import AnswerFileError
from evenhand.measure.responses import IntArray
from evenhand.programme.coding import normal_text
from evenhand.tabular.table import Bound, Column, fault


@dataclass(frozen=True, slots=True)
class Cells:
    """A column's cells.

    Attributes:
        column: the column they are of.
        texts: (U,) distinct texts as they stand in the file; None where the cell is empty.
        index: (N,) position of each cell's text in `texts`.
    """

    column: Column
    texts: tuple[str | None, ...]
    index: IntArray

    def declared_missing(self, text: str) -> bool:
        """Whether the file itself declares the code to mean no answer."""
        return any(_within(normal_text(text), low, high) for low, high in self.column.declared_missing)

    def label(self, text: str) -> str | None:
        """The value label that the file declares for the code, or None."""
        return self.column.labels.get(normal_text(text))


def cells_of(column: Column, source: str) -> Cells:
    """The cells of a column.

    Raises:
        AnswerFileError: the cells are lists, bytes or other things that are no single text or number.
    """
    values = column.values
    if values.dtype.is_nested() or values.dtype in {pl.Binary, pl.Object}:
        raise _cell_type(column, source)
    try:
        if values.dtype.is_float():
            values = values.fill_nan(None)
        if values.dtype == pl.Boolean:
            values = values.cast(pl.Int8)
        text = values.cast(pl.String)
        distinct = text.unique()
        positions = pl.Series(range(len(distinct)), dtype=pl.Int32)
        index = text.replace_strict(distinct, positions, return_dtype=pl.Int32)
    except pl.exceptions.PolarsError as error:
        raise _cell_type(column, source) from error
    return Cells(column, tuple(distinct.to_list()), index.to_numpy().astype(np.int64))


def _cell_type(column: Column, source: str) -> AnswerFileError:
    return fault(
        "answers.cell-type",
        f"The column {column.name!r} holds {column.values.dtype} values.",
        f"{source}, column {column.name!r}",
        "Give the answers as numbers or text.",
        "An answer is one code or one label.",
    )


def _within(text: str, low: Bound, high: Bound) -> bool:
    if isinstance(low, str) or isinstance(high, str):
        return text == normal_text(str(low))
    try:
        return low <= float(text) <= high
    except ValueError:
        return False
