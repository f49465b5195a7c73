"""Text files larger than memory: whole records at a time, each part checked as a file of its own."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from evenhand.errors import AnswerFileError
from evenhand.measure.responses import IntArray
from evenhand.tabular.csvfile import _load as load_records
from evenhand.tabular.csvlayout import Layout, read_layout
from evenhand.tabular.parts import Part, Stream
from evenhand.tabular.table import Loaded, Table, fault

_QUOTE, _NEWLINE = b'"', 10
MOST_OPEN = 8
"""A record longer than this many parts is no record: a quotation mark was left open."""


def open_csv_parts(path: Path, source: str, part_bytes: int) -> Stream:
    """Open a text file that is read in parts of about `part_bytes`; its header and first records are checked.

    Raises:
        AnswerFileError: the text or the layout of the first part is damaged.
    """
    with path.open("rb") as file:
        records = _records(file, part_bytes)
        head = next(records, b"")
        first, following = next(records, b""), next(records, None)
        while (layout := _layout(head, first, source, is_last=following is None, shift=0)) is None:
            if following is None:
                read_layout(head + first, source)  # says that there are no respondents
            first, following = first + (following or b""), next(records, None)

    def never(_: Sequence[int]) -> Loaded:
        raise AssertionError("a file in parts is never loaded whole")

    table = Table(source, layout.header, never, decimal_comma=layout.separator != ",")
    return Stream(table, partial(_parts, path, source, part_bytes, layout.separator))


def _parts(path: Path, source: str, part_bytes: int, separator: str, positions: Sequence[int]) -> Iterator[Part]:
    with path.open("rb") as file:
        records = _records(file, part_bytes)
        head = next(records, b"")
        shift, n_rows = 0, 0
        following = next(records, None)
        while (text := following) is not None:
            following = next(records, None)
            layout = _layout(head, text, source, is_last=following is None, shift=shift)
            if layout is not None:
                if layout.separator != separator:
                    raise _other_layout(source, head, shift)
                loaded = load_records(head + text, layout, source, positions)
                yield _part(loaded, n_rows, shift)
                n_rows += loaded.n_rows
            shift += text.count(b"\n")


def _part(loaded: Loaded, first: int, shift: int) -> Part:
    line = loaded.line
    return Part(
        loaded.columns,
        loaded.n_rows,
        line=None if line is None else (lambda row: line(row) + shift),
        rows=range(first, first + loaded.n_rows),
    )


def _records(file: BinaryIO, part_bytes: int) -> Iterator[bytes]:
    """The header's record, then whole records of about `part_bytes` together."""
    held, is_head = b"", True
    while True:
        block = file.read(part_bytes)
        held += block
        if is_head:
            end = _first_end(held)
            if end or not block:
                yield held[: end or len(held)]
                held, is_head = held[end or len(held) :], False
        if not is_head and held:
            end = _last_end(held)
            if not block or len(held) > MOST_OPEN * part_bytes:
                end = len(held)
            if end:
                yield held[:end]
                held = held[end:]
        if not block:
            return


def _first_end(text: bytes) -> int:
    """Where the first record ends, its line end included; 0 if it does not."""
    ends = _ends(text)
    return int(ends[0]) + 1 if ends.size else 0


def _last_end(text: bytes) -> int:
    """Where the last whole record ends, its line end included; 0 if there is none."""
    if _QUOTE not in text:
        return text.rfind(b"\n") + 1
    ends = _ends(text)
    return int(ends[-1]) + 1 if ends.size else 0


def _ends(text: bytes) -> IntArray:
    """The line ends outside quotation marks."""
    content = np.frombuffer(text, dtype=np.uint8)
    breaks = np.flatnonzero(content == _NEWLINE)
    quotes = np.flatnonzero(content == _QUOTE[0])
    outside: IntArray = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    return outside


def _layout(head: bytes, text: bytes, source: str, *, is_last: bool, shift: int) -> Layout | None:
    """The layout of some records under the header; None if all of them are empty lines."""
    try:
        return read_layout(head + text, source)
    except AnswerFileError as error:
        if error.code == "answers.no-rows" and text:
            return None
        if error.code == "answers.cut-off" and not is_last:
            # the record is short, and others follow it: it is not the end of the file that is missing
            try:
                read_layout(head + text + b"\n", source)
            except AnswerFileError as ragged:
                raise _moved(ragged, shift) from error
        raise _moved(error, shift) from error


def _moved(error: AnswerFileError, shift: int) -> AnswerFileError:
    """The error with the lines of the whole file."""

    def in_file(text: str) -> str:
        text = re.sub(r" \(byte \d+\)", "", text) if shift else text
        return re.sub(r"\b([Ll]ine) (\d+)", lambda found: f"{found[1]} {int(found[2]) + shift}", text)

    if not shift:
        return error
    return AnswerFileError(
        error.code, in_file(error.what), where=in_file(error.where), why=in_file(error.why), mend=error.mend
    )


def _other_layout(source: str, head: bytes, shift: int) -> AnswerFileError:
    line = shift + head.count(b"\n") + 1
    return fault(
        "answers.ragged-row",
        "Some lines are laid out otherwise than the header.",
        f"{source}, from line {line} on",
        "Separate all fields of the file by the same character.",
        "Answers could land in the wrong columns.",
    )
