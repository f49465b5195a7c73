"""SPSS and Stata files: their value labels and declared missing codes come along."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from evenhand.programme.coding import normal_text
from evenhand.tabular.table import Bound, Column, Loaded, Table, cut_off, empty, no_rows, unreadable

_CUT_OFF = ("unable to read from file", "did not contain the expected number of rows")


def open_statfile(path: Path, source: str) -> Table:
    """Open an SPSS `.sav` or `.zsav`, or a Stata `.dta` file.

    Raises:
        AnswerFileError: another kind of file, cut off, or damaged.
    """
    if path.stat().st_size == 0:
        raise empty(source)
    _check_stata_end(path, source)
    _, meta = _read(path, source, metadataonly=True)
    header = tuple(str(name) for name in meta.column_names)
    return Table(source, header, partial(_load, path, source, header))


def _load(path: Path, source: str, header: tuple[str, ...], positions: Sequence[int]) -> Loaded:
    names = [header[k] for k in positions]
    content, meta = _read(path, source, usecols=names, user_missing=True)
    n_rows = len(next(iter(content.values()), []))
    if n_rows == 0:
        raise no_rows(source)
    return Loaded({k: _column(header[k], content[header[k]], meta) for k in positions}, n_rows)


def _column(name: str, values: Sequence[Any], meta: Any) -> Column:
    labels = meta.variable_value_labels.get(name, {})
    ranges: list[tuple[Bound, Bound]] = [(each["lo"], each["hi"]) for each in meta.missing_ranges.get(name, ())]
    ranges += [(letter, letter) for letter in meta.missing_user_values.get(name, ())]
    return Column(
        name,
        _series(name, values),
        {normal_text(str(code)): str(label) for code, label in labels.items()},
        tuple(ranges),
    )


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """Numbers as numbers; a Stata column with the letters of extended missing codes becomes text."""
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        texts = [None if value is None or value != value else str(value) for value in values]  # noqa: PLR0124
        return pl.Series(name, texts, dtype=pl.String)


def _read(path: Path, source: str, **options: Any) -> tuple[dict[str, Any], Any]:
    import pyreadstat

    stata = path.suffix.casefold() == ".dta"
    reader, kind = (pyreadstat.read_dta, "Stata") if stata else (pyreadstat.read_sav, "SPSS")
    try:
        content, meta = reader(str(path), output_format="dict", disable_datetime_conversion=True, **options)
    except Exception as error:
        if any(phrase in str(error).casefold() for phrase in _CUT_OFF):
            raise cut_off(source, "", f"{error}.") from error
        raise unreadable(source, kind, error) from error
    return content, meta


def _check_stata_end(path: Path, source: str) -> None:
    with path.open("rb") as file:
        if file.read(11) != b"<stata_dta>":
            return
        file.seek(-min(path.stat().st_size, 12), 2)
        if file.read() != b"</stata_dta>":
            raise cut_off(source, "", "Its closing mark is not there.")
