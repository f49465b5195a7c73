"""Parts of a file that is not read as a whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evenhand.tabular.table import Loaded, Table


@dataclass(frozen=True, slots=True)
class Part(Loaded):
    """Some rows of a file.

    Attributes:
        rows: (n,) place of each row in the whole file, from 0.
    """

    rows: Sequence[int] = ()

    def place(self, row: int) -> str:
        """`row 3 (line 4)` in the whole file, the first row after the header being 1."""
        return f"row {int(self.rows[row]) + 1}" + (f" (line {self.line(row)})" if self.line else "")


@dataclass(frozen=True, slots=True)
class Stream:
    """A file that is read part by part.

    Attributes:
        table: its header, source and way of writing numbers.
        parts: reads the columns at the given positions, part by part from the first row.
        n_rows: respondents, if the file says so without being read.
    """

    table: Table
    parts: Callable[[Sequence[int]], Iterator[Part]]
    n_rows: int | None = None
