"""The columns beside the items: weights, clusters and groups."""

import numpy as np
import polars as pl

from evenhand.errors import AnswerFileError, OptionError
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.programme.answers import GroupColumn
from evenhand.programme.coding import normal_text
from evenhand.tabular.cells import Cells, cells_of
from evenhand.tabular.table import Column, Loaded, fault, shown

MAX_GROUPS = 50
"""More labels than this tell people apart rather than group them, and leave too few of them in each."""


def weights_of(column: Column, loaded: Loaded, source: str, *, decimal_comma: bool) -> FloatArray:
    """(N,) the weights.

    Raises:
        AnswerFileError: a cell is empty, not a number, infinite or negative.
    """
    values = column.values
    blank = values.is_null()
    if values.dtype.is_float():
        blank |= values.is_nan().fill_null(value=False)
    if values.dtype == pl.String:
        text = values.str.strip_chars()
        blank |= (text == "").fill_null(value=False)
        values = text.str.replace(",", ".", literal=True) if decimal_comma and not _any_point(text) else text
    if blank.any():
        raise _bad_weight("answers.weights-blank", "is empty", _first(blank), column, loaded, source)
    numbers = _numbers(values, column, source)
    wrong = numbers.is_null() | ~numbers.is_finite().fill_null(value=False) | (numbers < 0).fill_null(value=False)
    if wrong.any():
        row = _first(wrong)
        raise _bad_weight("answers.weights-value", f"is {shown(column.values[row])}", row, column, loaded, source)
    return numbers.to_numpy().astype(np.float64)


def clusters_of(column: Column, loaded: Loaded, source: str) -> IntArray:
    """(N,) clusters 0..C-1 in the order of their labels.

    Raises:
        AnswerFileError: a cell is empty.
    """
    labels, index = _labelled(cells_of(column, source))
    if (index < 0).any():
        row = int(np.flatnonzero(index < 0)[0])
        raise fault(
            "answers.cluster-blank",
            f"The cluster of {loaded.place(row)} is empty.",
            f"{source}, {loaded.place(row)}, column {column.name!r}",
            "Fill the cell, or leave the row out.",
            "Standard errors need to know who was sampled together.",
        )
    del labels  # who the clusters are is of no use: only who is together
    return index


def group_of(column: Column, name: str, source: str) -> GroupColumn:
    """The groups of a column.

    Raises:
        AnswerFileError: every cell is empty.
        OptionError: more than `MAX_GROUPS` labels.
    """
    labels, index = _labelled(cells_of(column, source))
    if not labels:
        raise fault(
            "answers.group-blank",
            f"The group column {name!r} is empty.",
            f"{source}, column {column.name!r}",
            "Choose a column with labels.",
        )
    if len(labels) > MAX_GROUPS:
        raise OptionError(
            "groups.too-many",
            f"The group column {name!r} has {len(labels):,} different labels.",
            where=f"{source}, column {column.name!r}",
            why=f"More than {MAX_GROUPS} labels tell people apart rather than group them.",
            mend="Choose a column with few labels, or join its labels into larger groups.",
        )
    return GroupColumn(name, labels, index)


def _labelled(cells: Cells) -> tuple[tuple[str, ...], IntArray]:
    """The labels in order of their text, and (N,) each cell's place among them, -1 where it is empty."""
    texts = [None if text is None else _label(cells, text) for text in cells.texts]
    labels = tuple(sorted({text for text in texts if text}))
    place = {label: k for k, label in enumerate(labels)}
    marks = np.array([-1 if not text else place[text] for text in texts], dtype=np.int64)
    return labels, marks[cells.index]


def _label(cells: Cells, text: str) -> str:
    """A label as it is shown: the file's value label, or the text, whole numbers without a decimal point."""
    if cells.declared_missing(text):
        return ""
    plain = (cells.label(text) or text).strip()
    number = normal_text(plain)
    return number if number.lstrip("-").isdigit() else plain


def _any_point(text: pl.Series) -> bool:
    return bool(text.str.contains(".", literal=True).any())


def _numbers(values: pl.Series, column: Column, source: str) -> pl.Series:
    try:
        return values.cast(pl.Float64, strict=False)
    except pl.exceptions.PolarsError as error:
        raise fault(
            "answers.weights-value",
            f"The weights in column {column.name!r} are {column.values.dtype} values.",
            f"{source}, column {column.name!r}",
            "Choose a column of numbers.",
        ) from error


def _first(flags: pl.Series) -> int:
    return int(flags.arg_true()[0])


def _bad_weight(code: str, problem: str, row: int, column: Column, loaded: Loaded, source: str) -> AnswerFileError:
    return fault(
        code,
        f"The weight of {loaded.place(row)} {problem}.",
        f"{source}, {loaded.place(row)}, column {column.name!r}",
        "Correct the weight, or leave the row out.",
        "A weight is a finite number that is not negative.",
    )
