"""`evenhand invite`."""

import csv
import io
from pathlib import Path

import typer

from evenhand.cli.console import print_findings, print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.cli.private import private_file
from evenhand.service.invite import Invitations
from evenhand.service.invite import invite as run
from evenhand.service.staff import actor_of


def invite(
    programme: ProgrammeName,
    by: AsStaff,
    partner: str = typer.Option(help="Who hands the invitations out."),
    count: int = typer.Option(help="How many, 1 to 100,000."),
    district: str | None = typer.Option(None, help="Key of the district that they are for; any when left out."),
    out: Path | None = typer.Option(
        None, help="Where to write the codes (CSV, readable by you alone); shown when left out."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Issue single-use invitation codes to a partner, who hands them out.

    The codes are shown or written this once; the office keeps none of them.

    Example: [bold]evenhand invite demo-town --partner library --count 20 --out library.csv --as clara[/]
    """
    with opened(office, store) as found, private_file(out) as write:
        made = run(found, actor_of(found, by), programme, partner=partner, count=count, district=district)
        if write is not None:
            write(_sheet(made, programme, partner, district))
    if as_json:
        body = {"programme": programme, "partner": partner, "count": count, "expires": made.expires}
        print_json(
            {**body, "codes": made.codes if out is None else None, "out": None if out is None else str(out)}
        )
    elif out is None:
        print_findings(f"Invitations of {partner}, good until {made.expires}", made.codes)
    else:
        say(f"Wrote {count:,} invitations, good until {made.expires}, to {out}")


def _sheet(made: Invitations, programme: str, partner: str, district: str | None) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["invitation", "programme", "partner", "district", "expires"])
    writer.writerows([code, programme, partner, district or "", made.expires] for code in made.codes)
    return text.getvalue()
