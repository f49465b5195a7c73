"""Text files: CSV with commas, semicolons or tabs, in UTF-8."""

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from evenhand.tabular.csvlayout import Layout, read_layout
from evenhand.tabular.table import Column, Loaded, Table, is_panic, unreadable


def open_csv(path: Path, source: str) -> Table:
    """Open a text file and check its layout.

    Raises:
        AnswerFileError: the text or the layout is damaged.
    """
    data = path.read_bytes()
    layout = read_layout(data, source)
    return Table(
        source, layout.header, partial(_load, data, layout, source), decimal_comma=layout.separator != ","
    )


def _load(data: bytes, layout: Layout, source: str, positions: Sequence[int]) -> Loaded:
    # The header is read by ourselves: polars would rename duplicates and so hide them.
    names = [f"c{k}" for k in range(len(layout.header))]
    try:
        frame = pl.read_csv(
            io.BytesIO(memoryview(data)[layout.body :]),
            has_header=False,
            separator=layout.separator,
            schema=dict.fromkeys(names, pl.String),
            columns=list(positions),
        )
    except BaseException as error:
        if isinstance(error, Exception) or is_panic(error):
            raise unreadable(source, "CSV", error) from error
        raise
    if frame.height != len(layout.lines):
        raise unreadable(source, "CSV", ValueError(f"{frame.height} rows in {len(layout.lines)} records"))
    lines = layout.lines
    if layout.blank.any():
        frame, lines = frame.filter(pl.Series(~layout.blank)), lines[~layout.blank]
    columns = {k: Column(layout.header[k], frame[names[k]]) for k in positions}
    return Loaded(columns, frame.height, line=lambda row: int(lines[row]))
