"""The layout of a CSV file, checked before anything is read from it.

CSV readers fill short lines with empty cells without a word, and an empty cell is a missing answer. So the
file's records are counted here: every record must have as many fields as the header.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.errors import AnswerFileError
from evenhand.measure.responses import IntArray
from evenhand.tabular.table import cut_off, empty, fault, no_rows

BLOCK = 1 << 20
"""Bytes looked at in one step, so that the arrays made of them stay in the processor's cache."""

_QUOTE, _NEWLINE, _RETURN = 34, 10, 13
_SEPARATORS = (",", ";", "\t")
_BOM = b"\xef\xbb\xbf"

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a CSV file's header and records are.

    Attributes:
        header: the column names.
        separator: `,`, `;` or a tab.
        body: offset of the first respondent's record.
        lines: (R,) physical line at which each record from there on begins, blank ones included.
        blank: (R,) whether the record is an empty line in a file of several columns: no respondent.
    """

    header: tuple[str, ...]
    separator: str
    body: int
    lines: IntArray
    blank: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Records:
    fields: IntArray
    lines: IntArray
    ends: IntArray
    blank: npt.NDArray[np.bool_]


def read_layout(data: bytes, source: str) -> Layout:
    """Check a CSV file's text and structure.

    Raises:
        AnswerFileError: not text in UTF-8, empty, no header, no rows, cut off, or a line with too many or too few
            fields.
    """
    _check_text(data, source)
    start = len(_BOM) if data.startswith(_BOM) else 0
    if not data[start:].strip():
        raise empty(source)
    separator = _separator(data, start, source)
    _check_quotes(data, ord(separator), source)
    records = _records(data, start, ord(separator))
    header = _header(data[start : records.ends[0]], separator, source)
    if len(records.fields) == 1:
        raise no_rows(source)
    blank = records.blank & (len(header) > 1)
    _check_fields(records, blank, header, source)
    if blank[1:].all():
        raise no_rows(source)
    # polars takes the number of columns from the first line that it is given: it must not be an empty one.
    first = 1 + int(np.argmin(blank[1:]))
    return Layout(header, separator, int(records.ends[first - 1]) + 1, records.lines[first:], blank[first:])


def _check_text(data: bytes, source: str) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(source, "line 1 (byte 0)", "The file begins as UTF-16 text does.")
    nul = data.find(b"\0")
    if nul >= 0:
        raise fault(
            "answers.nul-byte",
            "The file holds a NUL byte.",
            f"{source}, line {_line(data, nul)} (byte {nul})",
            "Export the file again as CSV in UTF-8.",
            "Text files have none: this is another kind of file, or a damaged one.",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"line {_line(data, error.start)} (byte {error.start})"
        raise _not_utf8(source, place, f"The byte 0x{data[error.start]:02x} stands where none can.") from error
    if b"\r" in data and b"\n" not in data:
        raise fault(
            "answers.line-ends",
            "The lines end in a way that is not read.",
            source,
            "Export the file as CSV in UTF-8.",
        )


def _not_utf8(source: str, place: str, why: str) -> AnswerFileError:
    return fault(
        "answers.not-utf8", "The file is not UTF-8 text.", f"{source}, {place}", "Save it as CSV UTF-8.", why
    )


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _check_quotes(data: bytes, separator: int, source: str) -> None:
    """Every quotation mark must open a field, close one, or be doubled within one."""
    if b'"' not in data:
        return
    content = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    borders = np.array([_NEWLINE, _QUOTE, separator], dtype=np.uint8)
    first = len(_BOM) if data.startswith(_BOM) else 0
    stray_opening = opening[(opening > first) & ~np.isin(content[opening - 1], borders)]
    inside = closing[closing + 1 < len(content)]
    last = len(content) - 1
    after = content[np.minimum(inside + 2, last)]
    line_end = (content[inside + 1] == _RETURN) & ((after == _NEWLINE) | (inside + 1 == last))
    stray_closing = inside[~np.isin(content[inside + 1], borders) & ~line_end]
    stray = np.concatenate([stray_opening, stray_closing])
    if stray.size:
        offset = int(stray.min())
        raise fault(
            "answers.stray-quote",
            "A quotation mark stands in the middle of a field.",
            f"{source}, line {_line(data, offset)} (byte {offset})",
            "Put the whole field in quotation marks and double those within it, or take them out.",
        )
    if len(quotes) % 2:
        line = _line(data, int(quotes[-1]))
        raise cut_off(source, f", line {line}", "A quotation mark opened there is never closed.")


def _separator(data: bytes, start: int, source: str) -> str:
    """The separator that the header has, and as often the first lines after it."""
    sample = data[start : start + 65536].decode("utf-8", errors="ignore")
    try:
        best = max(_SEPARATORS, key=lambda separator: _agreement(sample, separator))
    except csv.Error as error:
        raise _no_header(source) from error
    return best


def _agreement(sample: str, separator: str) -> tuple[int, int]:
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    widths = [len(row) for row, _ in zip(rows, range(20), strict=False) if row]
    if not widths or widths[0] == 1:
        return (0, 0)
    return (sum(width == widths[0] for width in widths), widths[0])


def _header(content: bytes, separator: str, source: str) -> tuple[str, ...]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), delimiter=separator))
    except csv.Error:
        rows = []
    names = tuple(name.strip() for name in rows[0]) if rows else ()
    if not any(names):
        raise _no_header(source)
    return names


def _no_header(source: str) -> AnswerFileError:
    return fault(
        "answers.header",
        "The first line holds no column names that can be read.",
        f"{source}, line 1",
        "Put the column names in the first line.",
    )


def _records(data: bytes, start: int, separator: int) -> _Records:
    """Every record's number of fields, first line and end."""
    counter = _Counter(data, start, separator)
    for offset in range(start, len(data), BLOCK):
        counter.add(offset)
    return counter.finish()


class _Counter:
    """Counts the records of a CSV text block by block; a record may begin in one block and end in a later one."""

    def __init__(self, data: bytes, start: int, separator: int) -> None:
        self.data, self.separator = data, separator
        self.content = np.frombuffer(data, dtype=np.uint8)
        self.inside, self.open_fields, self.line, self.begin = False, 0, 0, start
        self.parts: list[tuple[IntArray, IntArray, IntArray, npt.NDArray[np.bool_]]] = []

    def add(self, offset: int) -> None:
        """Count the records that end in the block at `offset`."""
        block = self.content[offset : offset + BLOCK]
        outside, self.inside = _outside(block, self.inside)
        separators, breaks = block == self.separator, block == _NEWLINE
        line_ends = breaks if outside is None else breaks & outside
        if outside is not None:
            separators &= outside
        fields = np.cumsum(separators, dtype=np.int32)
        lines = np.cumsum(breaks, dtype=np.int32)
        found = np.flatnonzero(line_ends)
        if found.size:
            self._keep(found + offset, fields[found].astype(np.int64), lines[found].astype(np.int64) + self.line)
            self.open_fields = -int(fields[found[-1]])
        self.open_fields += int(fields[-1])
        self.line += int(lines[-1])

    def finish(self) -> _Records:
        """The records, with a last one that no line end follows."""
        if self.begin < len(self.data):
            end = np.array([len(self.data)])
            self._keep(end, np.zeros(1, dtype=np.int64), np.array([self.line + 1]))
        fields, ends, last_lines, blank = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        return _Records(fields, np.concatenate([[1], last_lines[:-1] + 1]), ends, blank)

    def _keep(self, ends: IntArray, separators: IntArray, last_lines: IntArray) -> None:
        """Records that end at `ends`, with the separators counted since the block began."""
        fields = np.diff(separators, prepend=0) + 1
        fields[0] += self.open_fields
        begins = np.concatenate([[self.begin], ends[:-1] + 1])
        self.parts.append((fields, ends, last_lines, self._is_blank(begins, ends)))
        self.begin = int(ends[-1]) + 1

    def _is_blank(self, begins: IntArray, ends: IntArray) -> npt.NDArray[np.bool_]:
        length = ends - begins
        first = self.content[np.minimum(begins, len(self.content) - 1)]
        blank: npt.NDArray[np.bool_] = (length == 0) | ((length == 1) & (first == _RETURN))
        return blank


def _outside(block: Bytes, inside: bool) -> tuple[npt.NDArray[np.bool_] | None, bool]:
    """Which bytes stand outside quotation marks (None for all), and whether the block ends inside."""
    quotes = block == _QUOTE
    if not inside and not quotes.any():
        return None, False
    if not quotes.any():
        return np.full(len(block), not inside), inside
    parity = (np.cumsum(quotes) + inside) % 2
    return parity == 0, bool(parity[-1])


def _check_fields(records: _Records, blank: npt.NDArray[np.bool_], header: tuple[str, ...], source: str) -> None:
    wrong = np.flatnonzero((records.fields != len(header)) & ~blank)
    if not wrong.size:
        return
    first = int(wrong[0])
    count, line = int(records.fields[first]), int(records.lines[first])
    why = f"The line has {count} fields and the header {len(header)}."
    if first == len(records.fields) - 1 and count < len(header):
        raise cut_off(source, f", line {line}", why)
    raise fault(
        "answers.ragged-row",
        f"Line {line} has {count} fields and the header {len(header)}.",
        f"{source}, line {line}",
        "Put fields that hold the separator in quotation marks, and complete or remove the line.",
        "Answers could land in the wrong columns.",
    )
