"""Tables larger than memory, written as they come: the whole file is there at the end, or none."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from evenhand.tabular.tables import Columns, write_table
from evenhand.tabular.tables import _atomic as atomic
from evenhand.tabular.tables import _polars as frame_of


def write_batches(batches: Iterable[Columns], path: str | Path) -> None:
    """Write a table that comes in batches as `.csv` or `.parquet`, by the path's ending.

    Each batch is written while the next is made. If one of them fails, or on an interrupt, nothing is left behind.

    Args:
        batches: the same columns of the same types in each.
        path: where to.

    Raises:
        OutputError: another ending, a folder in the file's place, or a place that cannot be written to.
    """
    target = Path(path)
    rest = iter(batches)
    first = next(rest, None)
    if first is None or target.suffix.casefold() not in {".csv", ".parquet"}:
        write_table(first or {}, target)  # an empty table, or the error of the ending
        return
    head = frame_of(first)

    def frames(*_: Any) -> Iterator[pl.DataFrame]:
        return (frame_of(columns) for columns in chain([first], rest))

    table = register_io_source(frames, schema=head.schema)
    sink = table.sink_csv if target.suffix.casefold() == ".csv" else table.sink_parquet
    atomic(target, lambda file: sink(file, maintain_order=True))
