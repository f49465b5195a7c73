"""Tables and texts out: whole files or none, and data frames of the library that the answers came in."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from evenhand.errors import OptionError, OutputError

Columns = Mapping[str, npt.NDArray[Any] | Sequence[Any]]


def write_table(columns: Columns, path: str | Path) -> None:
    """Write a table as `.csv` or `.parquet`, by the path's ending; the same columns give the same bytes.

    The file is there whole or not at all: it is written beside its place and then moved. In CSV a missing value
    is an empty cell and a float is the shortest text that reads back as the same number.

    Args:
        columns: by name, arrays or lists of one length.
        path: where to.

    Raises:
        OutputError: another ending, a folder in the file's place, or a place that cannot be written to.
    """
    target = Path(path)
    kind = target.suffix.casefold()
    if kind not in {".csv", ".parquet"}:
        raise OutputError(
            "output.extension",
            f"Tables are not written to files that end in {target.suffix!r}.",
            where=str(target),
            mend="End the name in .csv or .parquet.",
        )
    table = _polars(columns)
    write = table.write_csv if kind == ".csv" else table.write_parquet
    _atomic(target, write)


def write_text(text: str, path: str | Path) -> None:
    """Write text as UTF-8, whole or not at all.

    Raises:
        OutputError: a folder in the file's place, or a place that cannot be written to.
    """
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: str | Path) -> None:
    """Write a file, whole or not at all.

    Raises:
        OutputError: a folder in the file's place, or a place that cannot be written to.
    """
    _atomic(Path(path), lambda file: Path(file).write_bytes(content))


def frame(columns: Columns, backend: str) -> Any:
    """A data frame of the named library (`polars`, `pandas`, `pyarrow`, …), as `Answers.frame_backend` has it.

    Raises:
        OptionError: the library is unknown or not installed.
    """
    plain = {name: np.asarray(values) if _is_numeric(values) else list(values) for name, values in columns.items()}
    try:
        return nw.from_dict(plain, backend=backend).to_native()  # type: ignore[arg-type] # any name; checked there
    except (ImportError, TypeError, ValueError, AttributeError) as error:
        raise OptionError(
            "frame.backend",
            f"No data frame can be made with {backend!r}.",
            why=str(error).splitlines()[0] if str(error) else "",
            mend="Install the library, or use polars.",
        ) from error


def require_writable(*paths: str | Path) -> None:
    """Refuse places that cannot be written to before long work, not after it.

    Raises:
        OutputError: a folder stands in a file's place, or its own folder is missing or not writable.
    """
    for target in map(Path, paths):
        if target.is_dir() or not os.access(target.parent, os.W_OK):
            missing = "There is no such folder." if not target.parent.is_dir() else "It may not be written to."
            raise OutputError(
                "output.directory" if target.is_dir() else "output.unwritable",
                "A folder stands in the file's place." if target.is_dir() else "The file cannot be written.",
                where=str(target),
                why="" if target.is_dir() else missing,
                mend="Name a file." if target.is_dir() else "Check that the folder exists and may be written to.",
            )


def _is_numeric(values: npt.NDArray[Any] | Sequence[Any]) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind in "biuf"


def _polars(columns: Columns) -> pl.DataFrame:
    series = [
        pl.Series(name, np.ascontiguousarray(values) if isinstance(values, np.ndarray) else values, strict=False)
        for name, values in columns.items()
    ]
    return pl.DataFrame(series).with_columns(pl.selectors.float().fill_nan(None))


def _atomic(target: Path, write: Callable[[Any], object]) -> None:
    # In the same folder, so that the move is one step of the same file system.
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        if target.is_dir():
            raise OutputError(
                "output.directory", "A folder stands in the file's place.", where=str(target), mend="Name a file."
            )
        try:
            write(beside)
            _sync(beside)
            beside.replace(target)
            _sync(target.parent)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise OutputError(
            "output.unwritable",
            "The file cannot be written.",
            where=str(target),
            why=getattr(error, "strerror", None) or str(error).splitlines()[0],
            mend="Check that the folder exists, that you may write to it, and that there is space.",
        ) from error


def _sync(path: Path) -> None:
    """Wait until the file (or a folder's list of names) is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
