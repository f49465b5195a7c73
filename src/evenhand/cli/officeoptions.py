"""Options that every command of an office has, and opening the office that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evenhand.casework.roles import Actor
from evenhand.cli.console import OPTION_JSON
from evenhand.service.office import Office, open_office

FOLDER = Path("evenhand-office")

OfficeFolder = Annotated[Path, typer.Option("--office", envvar="EVENHAND_OFFICE", help="The office's folder.")]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="EVENHAND_STORE",
        help="URL of the store, where it is neither remembered nor the SQLite file in the folder.",
    ),
]
AsStaff = Annotated[str, typer.Option("--as", metavar="NAME", help="Who does it: a member of staff.")]
AsPartner = Annotated[str, typer.Option("--as-partner", metavar="NAME", help="The partner's name.")]
AsJson = Annotated[bool, typer.Option("--json", help=OPTION_JSON)]
ProgrammeName = Annotated[str, typer.Argument(help="Name of a programme that is open here.")]
CodeFile = Annotated[
    Path | None,
    typer.Option(
        "--code-file", metavar="FILE|-", help="File with the code; - or a pipe: standard input. Else asked."
    ),
]


@contextmanager
def opened(folder: Path, url: str | None) -> Iterator[Office]:
    """The office that the options name, until the block ends."""
    office = open_office(folder, url=url)
    with office.store:
        yield office


def partner(name: str) -> Actor:
    """A partner as an actor."""
    return Actor(name, frozenset({"partner"}))
