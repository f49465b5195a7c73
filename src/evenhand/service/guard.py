"""The guard over a file of phrases: each is refused, doubted or allowed."""

import csv
import io
from pathlib import Path

from evenhand.errors import InputError, PhraseFileError
from evenhand.programme.guard import Kind, Verdict, assess_text

DEFAULT_COLUMN = "text"

_TABLES = {".csv": ",", ".tsv": "\t"}


def guard_file(path: Path, *, column: str | None = None, kind: Kind | None = None) -> tuple[Verdict, ...]:
    """Assess the phrases of a file.

    Args:
        path: UTF-8 text with one phrase a line, or a table (`.csv`, `.tsv`) with a column of phrases.
        column: the column of a table; `text` when left out. With it, a file of any ending is read as CSV.
        kind: how to read the phrases; None to tell by their shape.

    Returns:
        A verdict for each phrase, in the file's order; empty lines and cells are passed over.

    Raises:
        PhraseFileError: the file cannot be read, is not UTF-8, holds no phrase, or has no such column.
    """
    return tuple(assess_text(phrase, kind) for phrase in read_phrases(path, column=column))


def read_phrases(path: Path, *, column: str | None = None) -> tuple[str, ...]:
    """The phrases of a file; see `guard_file`."""
    text = _text(path)
    if column is None and path.suffix.casefold() not in _TABLES:
        lines = text.splitlines()
    else:
        lines = _cells(text, path, column or DEFAULT_COLUMN)
    phrases = tuple(line.strip() for line in lines if line.strip())
    if not phrases:
        raise _fault("phrases.empty", "The file holds no phrase.", path, "Write one phrase a line.")
    return phrases


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _fault("phrases.not-found", "There is no such file.", path, "Check the path.") from None
    except IsADirectoryError:
        raise _fault("phrases.directory", "This is a folder.", path, "Name a file in it.") from None
    except UnicodeDecodeError as fault:
        where = f"{path}, byte {fault.start + 1}"
        raise _fault("phrases.not-utf8", "The file is not UTF-8 text.", where, "Save it as UTF-8.") from None
    except OSError as fault:
        what = f"The file cannot be opened: {fault.strerror}."
        raise _fault("phrases.unreadable", what, path, "Check its permissions.") from None


def _cells(text: str, path: Path, column: str) -> list[str]:
    header = text.partition("\n")[0]
    separator = _TABLES.get(path.suffix.casefold(), ",")
    if separator == "," and header.count(";") > header.count(","):
        separator = ";"
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as fault:
        what = f"The table cannot be read: {fault}."
        raise _fault(
            "phrases.table", what, path, "Put fields that hold the separator in quotation marks."
        ) from None
    names = [name.strip() for name in rows[0]] if rows else []
    if names.count(column) != 1:
        columns = ", ".join(names) or "none"
        what = f"There is no column {column!r}." if column not in names else f"Two columns are named {column!r}."
        raise _fault("phrases.unknown-column", what, path, f"Name one of its columns with --column: {columns}.")
    place = names.index(column)
    return [row[place] for row in rows[1:] if place < len(row)]


def _fault(code: str, what: str, where: Path | str, mend: str) -> InputError:
    return PhraseFileError(code, what, where=str(where), mend=mend)
