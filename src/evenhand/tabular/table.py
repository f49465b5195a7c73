"""What every kind of survey file and frame is turned into: a header, and columns that are read on demand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from evenhand.errors import AnswerFileError

Bound = str | float


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: its name in the file.
        values: (N,) text or numbers; null where the cell is empty.
        labels: value labels that the file declares, by the code's text.
        declared_missing: ranges of codes that the file declares to mean no answer.
    """

    name: str
    values: pl.Series
    labels: dict[str, str] = field(default_factory=dict)
    declared_missing: tuple[tuple[Bound, Bound], ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """The columns that were asked for.

    Attributes:
        columns: by position in the header.
        n_rows: N.
        line: the physical line of a row (0..N-1) in a text file, or None.
        warnings: findings of the reading.
    """

    columns: dict[int, Column]
    n_rows: int
    line: Callable[[int], int] | None = None
    warnings: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """`row 3 (line 4)`, the first row after the header being 1."""
        return f"row {row + 1}" + (f" (line {self.line(row)})" if self.line else "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file or frame whose header is known and whose columns are still unread.

    Attributes:
        source: name for messages.
        header: the column names in order; a name may stand twice.
        load: reads the columns at the given positions.
        backend: the data-frame library it came in; `polars` for files.
        decimal_comma: whether numbers may be written 1,5 (text files that are not separated by commas).
        other_sheets: the headers of a workbook's further sheets, by their names.
    """

    source: str
    header: tuple[str, ...]
    load: Callable[[Sequence[int]], Loaded]
    backend: str = "polars"
    decimal_comma: bool = False
    other_sheets: Callable[[], Mapping[str, tuple[str, ...]]] = dict


def fault(code: str, what: str, where: str, mend: str, why: str = "") -> AnswerFileError:
    """An error about answers, with its parts in the order of reading."""
    return AnswerFileError(code, what, where=where, why=why, mend=mend)


def unreadable(source: str, kind: str, error: BaseException) -> AnswerFileError:
    """The file is not what its name says, or is damaged in a way its library could not say."""
    lines = str(error).strip().splitlines()
    return fault(
        "answers.unreadable",
        f"The file cannot be read as {kind}.",
        source,
        "Export the file again, and check that its ending says what it is.",
        lines[0][:200] if lines else type(error).__name__,
    )


def cut_off(source: str, where: str, why: str) -> AnswerFileError:
    """The file ends before its end."""
    return fault(
        "answers.cut-off", "The file is cut off.", f"{source}{where}", "Copy or export the whole file again.", why
    )


def no_rows(source: str) -> AnswerFileError:
    """There is a header and nothing below it."""
    return fault(
        "answers.no-rows", "The file has a header and no respondents.", source, "Export the answers again."
    )


def empty(source: str) -> AnswerFileError:
    """There is nothing at all."""
    return fault("answers.empty-file", "The file is empty.", source, "Check that the export was finished.")


def is_panic(error: BaseException) -> bool:
    """Whether a Rust library gave up on a damaged file: each has its own PanicException, outside Exception."""
    return type(error).__name__ == "PanicException"


def shown(value: object, length: int = 40) -> str:
    """A cell as it is shown in a message: its repr, at most `length` characters."""
    text = repr(value)
    return text if len(text) <= length else text[: length - 3] + "..."
