"""Options of the commands of a case, and signing in with an access code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evenhand.casework.roles import Actor
from evenhand.cli.officeoptions import opened
from evenhand.cli.private import read_secret
from evenhand.service.access import sign_in
from evenhand.service.office import Office

AnswersFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE|-", help="File of answers, a line NAME,CODE each; asked one by one when left out."),
]
Language = Annotated[str, typer.Option(help="Language of questions and notice.")]


@contextmanager
def signed_in(
    folder: Path, url: str | None, programme: str, code_file: Path | None
) -> Iterator[tuple[Office, Actor, str]]:
    """The office, the person whose access code was given, and their case."""
    code = read_secret("access code", code_file)
    with opened(folder, url) as office:
        person = sign_in(office, programme, code)
        yield office, person, str(person.case)
