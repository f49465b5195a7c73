"""A look at a file before its answers are read: how large it is unpacked, and what people can be grouped by."""

import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from evenhand.errors import BoundaryError
from evenhand.programme.coding import ItemCoding
from evenhand.programme.guard import check_column
from evenhand.tabular.columns import Header
from evenhand.tabular.read import _READERS
from evenhand.tabular.read import _open as open_table
from evenhand.tabular.statfiles import _read as read_statfile
from evenhand.tabular.table import fault, unreadable

ENDINGS: tuple[str, ...] = tuple(_READERS)
"""What the names of files of answers end in."""

MOST_ROWS = 2_000_000
"""Rows of a file that somebody sends: a packed file of some megabytes can unpack to more than a machine holds."""

MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes of a workbook, unpacked."""

PIECE = 1 << 20
"""Bytes that are unpacked at a time."""

MOST_WIDTH = 20_000
"""Columns of a file: no survey has as many, and finding one among millions takes its time."""

MOST_COLUMNS = 2_000
"""Columns that are looked at as groups."""

LONGEST_NAME = 200
"""Characters of the name of a group column."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The columns of a file that are no items.

    Attributes:
        offered: names of those that people can be grouped by, as far as their names tell.
        refused: how many the boundary keeps out.
    """

    offered: tuple[str, ...]
    refused: int


def require_modest(path: Path) -> None:
    """Refuse a packed file that would unpack to more than a service has room for.

    A workbook is unpacked to count its bytes, a part at a time and up to the limit: its own word is not taken.

    Raises:
        AnswerFileError: too many rows or bytes, or not readable as what its ending says.
    """
    ending = path.suffix.casefold()
    if ending == ".xlsx" and zipfile.is_zipfile(path):
        _require(_unpacked(path), MOST_UNPACKED, f"{MOST_UNPACKED // 2**20} MiB", path)
    elif ending == ".parquet":
        _require(_rows_of_parquet(path), MOST_ROWS, f"{MOST_ROWS:,} rows", path)
    elif ending in {".sav", ".zsav", ".dta"}:
        _, about = read_statfile(path, str(path), metadataonly=True)
        _require(about.number_rows or 0, MOST_ROWS, f"{MOST_ROWS:,} rows", path)


def columns_to_group_by(path: Path, coding: Sequence[ItemCoding]) -> Grouping:
    """The columns of a file by which people can be grouped.

    Left out are the items, columns that the survey's software added, names that stand twice, are long or cannot be
    printed, and names that the boundary refuses.

    Raises:
        AnswerFileError: the file cannot be opened, has too many columns, or none for an item.
    """
    table = open_table(path)
    _require(len(table.header), MOST_WIDTH, f"{MOST_WIDTH:,} columns", path)
    header = Header(table)
    taken = {*header.items(coding), *header.system}
    often = Counter(table.header)
    free = [name for place, name in enumerate(table.header) if place not in taken and name]
    once = [name for name in free if often[name] == 1][:MOST_COLUMNS]
    offered = tuple(name for name in once if _may_group(name))
    return Grouping(offered, len(once) - len(offered))


def _may_group(name: str) -> bool:
    if not name.isprintable() or len(name) > LONGEST_NAME:
        return False
    try:
        check_column(name, "group")
    except BoundaryError:
        return False
    return True


def _unpacked(path: Path) -> int:
    """Bytes of a workbook's parts; where they are too many, some number beyond the limit."""
    size = 0
    try:
        with zipfile.ZipFile(path) as book, path.open("rb") as raw:
            for part in book.infolist():
                if size <= MOST_UNPACKED:
                    size += _size(raw, part, MOST_UNPACKED - size)
    except (OSError, ValueError, struct.error, zlib.error, zipfile.BadZipFile) as error:
        raise unreadable(str(path), "XLSX", error) from error
    return size


def _size(raw: BinaryIO, part: zipfile.ZipInfo, most: int) -> int:
    """Bytes that a part unpacks to, whatever its header says; once they are more than `most`, it is left."""
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise ValueError("a part is packed in a way that no spreadsheet program uses")
    raw.seek(part.header_offset + 26)
    raw.seek(sum(struct.unpack("<HH", raw.read(4))), os.SEEK_CUR)
    unpacking, size, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, part.compress_size
    while left > 0 and size <= most and not unpacking.eof:
        packed = raw.read(min(left, PIECE))
        if not packed:
            raise ValueError("a part ends before its end")
        left -= len(packed)
        while packed and size <= most:
            size += len(unpacking.decompress(packed, PIECE))
            packed = unpacking.unconsumed_tail
    return size


def _rows_of_parquet(path: Path) -> int:
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except (OSError, pl.exceptions.PolarsError):
        return 0  # the reading tells what is wrong with it


def _require(found: int, most: int, words: str, path: Path) -> None:
    if found > most:
        raise fault(
            "answers.too-large",
            "The file holds more than the service reads.",
            str(path),
            "Leave out columns that are no items, or calibrate on the command line: evenhand calibrate.",
            f"At most {words} are read here.",
        )
