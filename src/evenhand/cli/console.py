"""What commands print, and how."""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evenhand.errors import EvenhandError

if TYPE_CHECKING:
    from rich.console import Console

ARGUMENT_ANSWERS = "Answers: CSV, Parquet, XLSX, SPSS .sav or Stata .dta, one row a respondent."
OPTION_JSON = "Print one JSON object for machines."
OPTION_SCALE = "Scale file that evenhand calibrate wrote."


def _console(*, stderr: bool = False) -> "Console":
    # Rich is loaded when there is something to print: `evenhand --version` does not wait for it
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def say(text: str) -> None:
    """A line for a person, on standard error, so that standard output stays for results."""
    _console(stderr=True).print(_plain(text), soft_wrap=True)


def report_error(error: EvenhandError, *, as_json: bool) -> None:
    """One clear error: what, where, why and the mend."""
    if as_json:
        print(json.dumps({"error": error.as_dict()}, ensure_ascii=False), file=sys.stderr)  # noqa: T201 - machines
        return
    console = _console(stderr=True)
    console.print(
        f"[bold red]Error[/] {_plain(error.what)} [dim]{_plain('[' + error.code + ']')}[/]", soft_wrap=True
    )
    for word, text in error.parts():
        if text:
            console.print(f"  [bold]{word:>5}[/]  {_plain(text)}", soft_wrap=True)


def print_json(body: Mapping[str, Any]) -> None:
    """One JSON object on standard output, at once; what is not a finite number is null."""
    _print_line(_finite(body))


def print_json_list(rows: Sequence[Mapping[str, Any]]) -> None:
    """One JSON list on standard output, an object for each row."""
    _print_line(_finite(list(rows)))


def _print_line(body: Any) -> None:
    # through a pipe a line would wait for the buffer to fill, and who reads the address of a server would wait too
    print(json.dumps(body, ensure_ascii=False, allow_nan=False), flush=True)  # noqa: T201 - standard output is the interface


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # arrays and scalars of numpy, which is not loaded for a command that has none
    return _finite(value.tolist()) if hasattr(value, "tolist") else value


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for a person: the first column text, the others figures."""
    from rich.table import Table

    table = Table(title=_plain(title), title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(_plain(column), justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    _console().print(table)


def print_text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of words for a person, every column folded where it is too long."""
    from rich.table import Table

    table = Table(header_style="bold", show_lines=True)
    for column in columns:
        table.add_column(_plain(column), overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    _console().print(table)


def print_findings(heading: str, lines: Sequence[str]) -> None:
    """A list of sentences for a person; nothing when there are none."""
    if not lines:
        return
    console = _console()
    console.print(f"[bold]{_plain(heading)}[/]")
    for line in lines:
        console.print(f"  • {_plain(line)}", soft_wrap=True)


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share in per cent, or a dash."""
    return "–" if value is None or not math.isfinite(value) else f"{100 * value:.1f} %"


@contextmanager
def counting(text: str, what: str = "rows") -> Iterator[Callable[[int], None]]:
    """Show how many rows of a big file are done; yields a function to be told the number."""
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:,.0f}} {what}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_console(stderr=True), transient=True) as progress:
        task = progress.add_task(_plain(text), total=None)

        def on_rows(rows: int) -> None:
            progress.update(task, completed=rows)

        yield on_rows


@contextmanager
def progress(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how much of long work is done; yields a function to be told the number."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
    )
    with Progress(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task(_plain(text), total=total)

        def on_done(done: int) -> None:
            bar.update(task, completed=done)

        yield on_done


@contextmanager
def working(text: str) -> Iterator[Callable[[int, float], None]]:
    """Show that long work goes on; yields a function to be told of each pass and its log-likelihood."""
    with _console(stderr=True).status(_plain(text)) as status:

        def on_pass(passes: int, loglik: float) -> None:
            status.update(_plain(f"{text} pass {passes}, log-likelihood {loglik:,.3f}"))

        yield on_pass
