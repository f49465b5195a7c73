"""Parquet and XLSX files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from evenhand.tabular.table import Column, Loaded, Table, cut_off, empty, fault, is_panic, no_rows, unreadable

MAX_SHEETS = 50
"""Sheets looked through for items that are not on the first."""


def open_parquet(path: Path, source: str) -> Table:
    """Open a Parquet file.

    Raises:
        AnswerFileError: not Parquet, cut off, or damaged.
    """
    _check_ends(path, source, b"PAR1", b"PAR1", "Parquet")
    header = _guarded(source, "Parquet", lambda: tuple(pl.read_parquet_schema(path)))
    return Table(source, header, partial(_load_parquet, path, source, header))


def _load_parquet(path: Path, source: str, header: tuple[str, ...], positions: Sequence[int]) -> Loaded:
    names = [header[k] for k in positions]
    frame = _guarded(source, "Parquet", lambda: pl.read_parquet(path, columns=names))
    if frame.height == 0:
        raise no_rows(source)
    return Loaded({k: Column(header[k], frame[header[k]]) for k in positions}, frame.height)


def open_xlsx(path: Path, source: str) -> Table:
    """Open the first sheet of an XLSX file.

    Raises:
        AnswerFileError: not XLSX, cut off, damaged, or its first sheet is empty.
    """
    import fastexcel

    _check_ends(path, source, b"PK", None, "XLSX")
    book: Any = _guarded(source, "XLSX", lambda: fastexcel.read_excel(path))
    if not book.sheet_names:
        raise empty(source)
    head = _guarded(source, "XLSX", lambda: _sheet(book, n_rows=1))
    if head.width == 0 or head.height == 0:
        raise empty(source)
    header = tuple("" if value is None else str(value).strip() for value in head.row(0))
    return Table(
        source,
        header,
        partial(_load_xlsx, book, source, header, head.columns),
        other_sheets=partial(_other_headers, book, source),
    )


def _other_headers(book: Any, source: str) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(book.sheet_names[1:MAX_SHEETS], start=1):
        head = _guarded(source, "XLSX", lambda place=place: _sheet(book, place, n_rows=1))
        if head.height:
            headers[name] = tuple("" if value is None else str(value).strip() for value in head.row(0))
    return headers


def _sheet(book: Any, place: int = 0, **options: Any) -> pl.DataFrame:
    sheet = book.load_sheet(place, header_row=None, dtypes="string", **options)
    frame = sheet.to_polars()
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - tells the type checker what an untyped library gives
    return frame


def _load_xlsx(
    book: Any, source: str, header: tuple[str, ...], names: list[str], positions: Sequence[int]
) -> Loaded:
    # By the names that the library makes up: its numbers count from the sheet's edge, not from the first column.
    wanted = [names[k] for k in positions]
    frame = _guarded(source, "XLSX", lambda: _sheet(book, use_columns=wanted)).slice(1)
    # Sheets often keep formatted rows below the last respondent.
    held = frame.select(kept=pl.any_horizontal(pl.all().is_not_null()))["kept"].arg_true()
    last = int(held[-1]) + 1 if len(held) else 0
    if last == 0:
        raise no_rows(source)
    warnings = []
    if frame.height > last:
        warnings.append(f"{frame.height - last} empty rows at the end of the sheet were left out.")
    if len(book.sheet_names) > 1:
        warnings.append(f"The file has {len(book.sheet_names)} sheets; {book.sheet_names[0]!r} was read.")
    frame = frame.head(last)
    columns = {k: Column(header[k], frame[names[k]]) for k in positions}
    return Loaded(columns, frame.height, warnings=tuple(warnings))


def _check_ends(path: Path, source: str, first: bytes, last: bytes | None, kind: str) -> None:
    """The marks at both ends tell a cut-off file from another kind of file."""
    with path.open("rb") as file:
        start = file.read(len(first))
        if not start:
            raise empty(source)
        if start != first:
            raise fault(
                "answers.unreadable",
                f"The file is not {kind}.",
                source,
                "Check that its ending says what it is.",
                f"A file of that kind begins with {first!r}.",
            )
        size = path.stat().st_size
        file.seek(max(0, size - 65_557))
        tail = file.read()
    # A zip archive (XLSX) ends with its directory, which a comment may follow.
    complete = tail.endswith(last) if last is not None else b"PK\x05\x06" in tail
    if not complete or size < 12:
        raise cut_off(source, "", f"A {kind} file ends with a directory of its content, and this one does not.")


def _guarded(source: str, kind: str, read: Any) -> Any:
    try:
        return read()
    except BaseException as error:
        if isinstance(error, Exception) or is_panic(error):
            raise unreadable(source, kind, error) from error
        raise
