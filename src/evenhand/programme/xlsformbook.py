"""An XLSX workbook as rows of text, read so that no file can do harm.

An XLSX file is a zip archive of XML. Both can be made to swell when they are read, and a damaged one makes the
reading library fail in a hundred ways: sizes are checked before anything is unpacked, document types (the root of
XML bombs) are refused, and whatever goes wrong is one error.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.errors import InstrumentError

MAX_BYTES = 20_000_000
"""Of the file; a form with thousands of choices has less than one million."""

MAX_UNPACKED = 100_000_000
MAX_PARTS = 5_000
MAX_ROWS = 100_000
"""Rows that hold something, in one sheet."""

MAX_COLUMNS = 200
MAX_CELL = 10_000
"""Characters in a cell; the longest text that a person can be asked to read has far fewer."""

MAX_WORD = 300
"""Letters in a word; longer ones are none, and take long to look for others in."""

_ENDLESS = re.compile(rf"\w{{{MAX_WORD + 1}}}")
_LAST_ROW = 1_048_576
_SPACES = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]")
_ERRORS = {"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#N/A"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes:
        name: its name as written.
        header: the column names of its first row, as written; empty for a column without one.
        rows: (row number, text of each cell) of the rows below that hold something.
        merged: ranges of merged cells, as `B3:C3`.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    merged: tuple[str, ...] = ()


def read_book(path: str | Path, wanted: frozenset[str]) -> dict[str, Sheet]:
    """Read the sheets whose lower-case names are wanted.

    Args:
        path: an `.xlsx` or `.xlsm` file.
        wanted: lower-case names of sheets; others stay unread.

    Returns:
        The sheets that are there, by lower-case name.

    Raises:
        InstrumentError: not such a file, damaged, too large, or with a cell that cannot be read.
    """
    source = str(path)
    data = _content(Path(path), source)
    parts = _checked_parts(data, source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of validations and styles that are of no use here
            return _sheets(data, wanted, parts, source)
    except InstrumentError:
        raise
    except Exception as error:
        raise _unreadable(source, error) from error


def clean(value: object) -> str:
    """A cell as text: whole numbers without a decimal point, no odd spaces, no invisible letters."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = _INVISIBLE.sub("", str(value).replace("\r\n", "\n").replace("_x000D_", ""))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()


def _content(path: Path, source: str) -> bytes:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise _fault("xlsform.unreadable", "The file cannot be read.", source, why) from error
    if size > MAX_BYTES:
        raise _too_large(source, f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read.")
    return data


def _checked_parts(data: bytes, source: str) -> frozenset[str]:
    """What the sheets hold beside plain cells (`formulas`, `merges`), once archive and XML are safe to read."""
    found = set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, source)
            for entry in entries:
                if entry.filename.casefold().endswith((".xml", ".rels", ".vml")):
                    found |= _checked_xml(archive.read(entry), source)
    except InstrumentError:
        raise
    except Exception as error:
        raise _unreadable(source, error) from error
    return frozenset(found)


def _check_sizes(entries: Sequence[zipfile.ZipInfo], source: str) -> None:
    # An archive never gives more than the size that it states for a part: reading ends there.
    if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _too_large(source, f"Unpacked it has more than {MAX_UNPACKED:,} bytes or {MAX_PARTS:,} parts.")


def _checked_xml(content: bytes, source: str) -> set[str]:
    # Another encoding could hide a document type from the search below.
    hidden = b"\0" in content
    if not hidden:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            hidden = True
    if hidden or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _fault(
            "xlsform.unsafe",
            "The file holds XML that no spreadsheet program writes.",
            source,
            "Document types and other encodings than UTF-8 can make a small file swell, and are refused.",
            "Open the form in a spreadsheet program and save it as XLSX again.",
        )
    kinds = {"formulas"} if re.search(rb"<(?:\w+:)?f[ >/]", content) else set()
    return kinds | ({"merges"} if b"mergeCell " in content else set())


def _sheets(data: bytes, wanted: frozenset[str], parts: frozenset[str], source: str) -> dict[str, Sheet]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(io.BytesIO(data), read_only=True, keep_links=False) if "formulas" in parts else None
    sheets: dict[str, Sheet] = {}
    for page in book.worksheets:
        key = clean(page.title).casefold()
        if key not in wanted:
            continue
        if key in sheets:
            raise _fault(
                "xlsform.sheet-twice", f"Two sheets are named {key!r}.", source, "", "Remove one of them."
            )
        if formulas is not None:
            _check_formulas(page, formulas[page.title], source)
        merged = _merged(data, page) if "merges" in parts else ()
        sheets[key] = _sheet(page, merged, source)
    return sheets


def _sheet(page: Any, merged: tuple[str, ...], source: str) -> Sheet:
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, values in _values(page):
        if values.count(None) == len(values):  # sheets often have a million formatted rows without anything
            continue
        cells = tuple("" if value is None else _cell(value, page.title, number, source) for value in values)
        if not any(cells):
            continue
        if not header:
            header = cells
            if header[MAX_COLUMNS]:
                raise _too_large(source, f"The sheet {page.title!r} has more than {MAX_COLUMNS} columns.")
            continue
        rows.append((number, cells))
        if len(rows) > MAX_ROWS:
            raise _too_large(source, f"The sheet {page.title!r} has more than {MAX_ROWS:,} rows.")
    width = max((k + 1 for k, name in enumerate(header) if name), default=0)
    return Sheet(clean(page.title), header[:width], tuple((number, row[:width]) for number, row in rows), merged)


def _values(page: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    # The size that a sheet states is often wrong, and a made-up one would fill the memory.
    page.reset_dimensions()
    for number, values in enumerate(page.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), start=1):
        if number > _LAST_ROW:
            return
        yield number, values


def _cell(value: object, sheet: str, row: int, source: str) -> str:
    text = clean(value)
    if text in _ERRORS:
        raise _fault(
            "xlsform.cell-error",
            f"A cell holds the error {text}.",
            f"{source}, sheet {sheet}, row {row}",
            "Its formula could not be computed, so its text is lost.",
            "Put the text itself into the cell.",
        )
    if len(text) > MAX_CELL:
        where = f"{source}, sheet {sheet}, row {row}"
        raise _too_large(where, f"A cell holds {len(text):,} characters; at most {MAX_CELL:,} are read.")
    if _ENDLESS.search(text):
        where = f"{source}, sheet {sheet}, row {row}"
        raise _too_large(where, f"A word has more than {MAX_WORD} letters.")
    return text


def _check_formulas(values: Any, formulas: Any, source: str) -> None:
    """A formula whose result the file does not keep would be read as an empty cell."""
    for (number, row), (_, written) in zip(_values(values), _values(formulas), strict=False):
        for value, text in zip(row, written, strict=True):
            if value is None and isinstance(text, str) and text.startswith("="):
                raise _fault(
                    "xlsform.formula",
                    "A cell holds a formula without its result.",
                    f"{source}, sheet {values.title}, row {number}",
                    f"The formula is {text[:60]!r}; the file does not keep what it gives.",
                    "Open and save the form in a spreadsheet program, or put the text itself into the cell.",
                )


def _merged(data: bytes, page: Any) -> tuple[str, ...]:
    part = str(getattr(page, "_worksheet_path", "")).lstrip("/")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = re.findall(rb'mergeCell [^>]*?ref="([A-Z0-9:]{1,30})"', archive.read(part))
    return tuple(each.decode() for each in found[:100])


def _unreadable(source: str, error: Exception) -> InstrumentError:
    lines = str(error).strip().splitlines()
    return _fault(
        "xlsform.unreadable",
        "The file cannot be read as an XLSX workbook.",
        source,
        lines[0][:200] if lines else type(error).__name__,
    )


def _too_large(source: str, why: str) -> InstrumentError:
    return _fault(
        "xlsform.too-large", "The form is too large.", source, why, "Check that this is the form itself."
    )


def _fault(code: str, what: str, where: str, why: str = "", mend: str = "") -> InstrumentError:
    mend = mend or "Check the name, or save the form as XLSX again."
    return InstrumentError(code, what, where=where, why=why, mend=mend)
