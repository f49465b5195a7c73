"""`evenhand staff password`: what a member of staff signs in to the pages with."""

from pathlib import Path
from typing import Annotated

import typer

from evenhand.cli.console import print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, StoreUrl, opened
from evenhand.cli.private import private_file, read_secret
from evenhand.report.qr import qr_svg, qr_text
from evenhand.service.sign_in import set_password
from evenhand.service.staff import actor_of

Name = Annotated[str, typer.Argument(help="The member of staff.")]


def password(
    name: Name,
    by: AsStaff,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE|-", help="File with the password; - or a pipe: standard input. Else asked."),
    ] = None,
    qr: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Where to write the QR picture; shown when left out.")
    ] = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give a member of staff a password and a new second factor; the old ones open nothing from then on.

    The secret of the second factor is shown this once: let its owner take it into their authenticator at once.

    Example: [bold]evenhand staff password clara --as anna[/]
    """
    typed = read_secret("password", password_file)
    with opened(office, store) as found, private_file(qr) as write:
        made = set_password(found, actor_of(found, by), name, typed)
        if write is not None:
            write(qr_svg(made.uri, title=f"Second factor of {name}"))
    if as_json:
        print_json({"staff": name, "secret": made.secret, "uri": made.uri, "qr": None if qr is None else str(qr)})
        return
    say(f"{name} can sign in with this password and a code of this second factor:")
    typer.echo(f"secret: {made.secret}\n{made.uri}")
    if qr is None:
        typer.echo(qr_text(made.uri))
    else:
        say(f"Wrote {qr}")
