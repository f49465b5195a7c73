"""What commands print, and how."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from evenhand.errors import EvenhandError

ARGUMENT_ANSWERS = "Answers: CSV, Parquet, XLSX, SPSS .sav or Stata .dta, one row a respondent."
OPTION_JSON = "Print one JSON object for machines."
OPTION_SCALE = "Scale file that evenhand calibrate wrote."


def say(text: str) -> None:
    """A line for a person, on standard error, so that standard output stays for results."""
    Console(stderr=True, highlight=False).print(escape(text), soft_wrap=True)


def report_error(error: EvenhandError, *, as_json: bool) -> None:
    """One clear error: what, where, why and the mend."""
    if as_json:
        print(json.dumps({"error": error.as_dict()}, ensure_ascii=False), file=sys.stderr)  # noqa: T201 - machines
        return
    console = Console(stderr=True, highlight=False)
    console.print(
        f"[bold red]Error[/] {escape(error.what)} [dim]{escape('[' + error.code + ']')}[/]", soft_wrap=True
    )
    for word, text in error.parts():
        if text:
            console.print(f"  [bold]{word:>5}[/]  {escape(text)}", soft_wrap=True)


def print_json(body: Mapping[str, Any]) -> None:
    """One JSON object on standard output; what is not a finite number is null."""
    print(json.dumps(_finite(body), ensure_ascii=False, allow_nan=False))  # noqa: T201 - standard output is the interface


def print_json_list(rows: Sequence[Mapping[str, Any]]) -> None:
    """One JSON list on standard output, an object for each row."""
    print(json.dumps(_finite(list(rows)), ensure_ascii=False, allow_nan=False))  # noqa: T201 - standard output is the interface


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, np.ndarray):
        return _finite(value.tolist())
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for a person: the first column text, the others figures."""
    table = Table(title=escape(title), title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(escape(column), justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console(highlight=False).print(table)


def print_findings(heading: str, lines: Sequence[str]) -> None:
    """A list of sentences for a person; nothing when there are none."""
    if not lines:
        return
    console = Console(highlight=False)
    console.print(f"[bold]{escape(heading)}[/]")
    for line in lines:
        console.print(f"  • {escape(line)}", soft_wrap=True)


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None or not np.isfinite(value) else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share in per cent, or a dash."""
    return "–" if value is None or not np.isfinite(value) else f"{100 * value:.1f} %"


@contextmanager
def counting(text: str) -> Iterator[Callable[[int], None]]:
    """Show how many rows of a big file are done; yields a function to be told the number."""
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as progress:
        task = progress.add_task(escape(text), total=None)

        def on_rows(rows: int) -> None:
            progress.update(task, completed=rows)

        yield on_rows


@contextmanager
def working(text: str) -> Iterator[Callable[[int, float], None]]:
    """Show that long work goes on; yields a function to be told of each pass and its log-likelihood."""
    with Console(stderr=True, highlight=False).status(escape(text)) as status:

        def on_pass(passes: int, loglik: float) -> None:
            status.update(escape(f"{text} pass {passes}, log-likelihood {loglik:,.3f}"))

        yield on_pass
