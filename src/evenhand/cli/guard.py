"""`evenhand programme guard`."""

from pathlib import Path
from typing import cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evenhand.cli.console import print_json_list, say
from evenhand.errors import OptionError
from evenhand.programme.guard import Kind, Verdict
from evenhand.service.guard import guard_file

FOUND_SOMETHING = 1

_COLOURS = {"refuse": "red", "doubt": "yellow", "allow": "green"}


def guard(
    file: Path = typer.Argument(help="Phrases: one a line, or a .csv with a column of them."),
    column: str | None = typer.Option(None, help="Column of the phrases in a CSV file; text when left out."),
    kind: str | None = typer.Option(
        None, metavar="name|wording", help="Read every phrase as a name or as wording; by its shape when left out."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print a JSON list for machines."),
) -> None:
    """Say of each phrase whether the boundary refuses, doubts or allows it, and by which rule.

    Exit code 1 when a phrase is refused or doubted.

    Example: [bold]evenhand programme guard phrases.txt[/]
    """
    found = guard_file(file, column=column, kind=_kind(kind))
    if as_json:
        print_json_list([{"text": each.text, "verdict": each.verdict, "rule": each.code} for each in found])
    else:
        _show(found)
    if any(each.verdict != "allow" for each in found):
        raise typer.Exit(FOUND_SOMETHING)


def _kind(kind: str | None) -> Kind | None:
    if kind not in {None, "name", "wording"}:
        raise OptionError(
            "options.unknown-value",
            f"--kind cannot be {kind!r}.",
            where="--kind",
            why="It is one of: name, wording.",
            mend="Use --kind name for names of columns, --kind wording for questions, or leave it out.",
        )
    return cast("Kind | None", kind)


def _show(found: tuple[Verdict, ...]) -> None:
    table = Table(header_style="bold")
    for name in ("verdict", "phrase", "rule", "words"):
        table.add_column(name, overflow="fold")
    for each in found:
        colour = _COLOURS[each.verdict]
        words = (each.text, each.code or "", each.matched)
        table.add_row(f"[{colour}]{each.verdict}[/]", *(escape(word) for word in words))
    Console(highlight=False).print(table)
    counts = {word: sum(each.verdict == word for each in found) for word in _COLOURS}
    say(f"{counts['refuse']:,} refused, {counts['doubt']:,} doubted, {counts['allow']:,} allowed.")
