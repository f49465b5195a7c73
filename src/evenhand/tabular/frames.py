"""Data frames of any library that narwhals knows: polars, pandas, pyarrow and others."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import narwhals as nw
import polars as pl

from evenhand.errors import OptionError
from evenhand.tabular.table import Column, Loaded, Table, fault, no_rows, unreadable

SOURCE = "data frame"


def open_frame(native: Any) -> Table:
    """Open an eager or lazy data frame.

    Raises:
        OptionError: not a data frame.
        AnswerFileError: duplicate column names.
    """
    try:
        frame = nw.from_native(native)
        header = tuple(str(name) for name in frame.collect_schema().names())
    except nw.exceptions.DuplicateError as error:
        raise fault(
            "answers.duplicate-column",
            "The data frame has two columns of the same name.",
            SOURCE,
            "Rename or drop one of them.",
            str(error).splitlines()[-1].lstrip("- "),
        ) from error
    except TypeError as error:
        raise OptionError(
            "answers.not-a-frame",
            f"Answers cannot be read from {type(native).__name__}.",
            mend="Give the path of a file, or a polars, pandas or pyarrow data frame.",
        ) from error
    names = frame.collect_schema().names()
    return Table(SOURCE, header, partial(_load, frame, names), backend=_backend(frame))


def _backend(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> str:
    if isinstance(frame, nw.LazyFrame) and not frame.implementation.is_polars():
        return "pyarrow"  # what narwhals collects every other lazy frame into
    return str(frame.implementation.value)


def _load(frame: nw.DataFrame[Any] | nw.LazyFrame[Any], names: list[str], positions: Sequence[int]) -> Loaded:
    try:
        chosen = frame.select([nw.col(names[k]) for k in positions])
        eager = chosen.collect() if isinstance(chosen, nw.LazyFrame) else chosen
        columns = {k: Column(str(names[k]), _series(eager[names[k]], str(names[k]))) for k in positions}
    except (nw.exceptions.NarwhalsError, pl.exceptions.PolarsError, TypeError, ValueError, KeyError) as error:
        raise unreadable(SOURCE, "a table", error) from error
    if len(eager) == 0:
        raise no_rows(SOURCE)
    return Loaded(columns, len(eager))


def _series(series: nw.Series[Any], name: str) -> pl.Series:
    """The values as polars: numbers and text stay what they are, lists too, and the rest becomes text."""
    numeric = series.dtype.is_numeric() or series.dtype == nw.Boolean
    if series.dtype in {nw.Categorical, nw.Enum}:
        series = series.cast(nw.String)
    as_it_is = numeric or series.dtype.is_nested() or series.dtype in {nw.String, nw.Binary}
    # Anything but polars itself may pass through pyarrow on its way to polars, which need not be installed.
    if as_it_is and not series.implementation.is_pandas_like():
        return series.to_polars().rename(name)
    if numeric:
        return _numbers(series, name)
    return pl.Series(name, [_text(value) for value in series.to_list()], dtype=pl.String)


def _numbers(series: nw.Series[Any], name: str) -> pl.Series:
    values = series.to_numpy()
    if values.dtype.kind in "biuf":
        return pl.Series(name, values)
    return pl.Series(name, [None if _is_missing(value) else value for value in series.to_list()], strict=False)


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value  # noqa: PLR0124


def _text(value: Any) -> str | None:
    if _is_missing(value):
        return None
    return str(int(value)) if isinstance(value, bool) else str(value)
