"""`evenhand programme open` and `evenhand programme close`."""

import typer

from evenhand.cli.console import print_findings, print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.programme.definition import load_programme


def open_(
    path: str = typer.Argument(help="A programme file, or the name of a programme of the library."),
    by: str = typer.Option(..., "--as", metavar="NAME", help="Who does it: an analyst."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Bring a version of a programme into force in an office.

    Its definition, instruments and scales are frozen. Cases opened under an earlier version keep it.

    Example: [bold]evenhand programme open winter.yaml --as boris[/]
    """
    from evenhand.service.open_programme import open_programme
    from evenhand.service.staff import actor_of

    programme = load_programme(path)
    with opened(office, store) as found:
        done = open_programme(found, actor_of(found, by), programme)
    if as_json:
        print_json({"name": done.name, "version": done.version, "hash": done.hash, "index": done.index})
        return
    dates = programme.dates
    print_findings(
        f"Programme {done.name}, version {done.version}, is open (entry {done.index} of the ledger)",
        [
            f"takes people in from {dates.opens} to {dates.intake_closes}, ends {dates.ends}",
            f"hash {done.hash}",
        ],
    )


def close(
    name: ProgrammeName,
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """End a programme: nobody is taken in from here on. Rights, appeals and retention go on.

    Example: [bold]evenhand programme close winter --as boris[/]
    """
    from evenhand.service.open_programme import close_programme
    from evenhand.service.staff import actor_of

    with opened(office, store) as found:
        index = close_programme(found, actor_of(found, by), name)
    if as_json:
        print_json({"name": name, "index": index})
        return
    say(f"Programme {name} takes nobody in any more (entry {index} of the ledger)")
