"""`evenhand partner` and `evenhand collect`."""

from dataclasses import asdict

import typer

from evenhand.cli.console import print_findings, print_json
from evenhand.cli.officeoptions import (
    FOLDER,
    AsJson,
    AsPartner,
    CodeFile,
    OfficeFolder,
    ProgrammeName,
    StoreUrl,
    opened,
)
from evenhand.cli.officeoptions import partner as partner_of
from evenhand.cli.private import read_secret
from evenhand.service.collect import present
from evenhand.service.partners import partner_view

app = typer.Typer(
    name="partner",
    help="Partners: who hands out invitations and support.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Partners: who hands out invitations and support."""


@app.command("show")
def show(
    programme: ProgrammeName,
    as_partner: AsPartner,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show a partner its own figures: invitations issued to it, collection codes presented to it.

    Who took part, answered or refused is not among them.

    Example: [bold]evenhand partner show demo-town --as-partner library[/]
    """
    with opened(office, store) as found:
        view = partner_view(found, partner_of(as_partner), programme)
    if as_json:
        print_json(asdict(view))
        return
    presented = [f"{count:,} presented for {support}" for support, count in sorted(view.presented.items())]
    gone = [f"{view.erased:,} of these belong to nobody any more: destroy what you keep of them"]
    print_findings(
        f"Partner {view.partner}",
        [f"{view.issued:,} invitations issued", *presented, *(gone if view.erased else [])],
    )


def collect(
    programme: ProgrammeName,
    as_partner: AsPartner,
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Present a collection code: which support does it name?

    The code is used up by it. The partner learns nothing else.

    Example: [bold]evenhand collect demo-town --as-partner library[/]
    """
    code = read_secret("collection code", code_file)
    with opened(office, store) as found:
        support = present(found, partner_of(as_partner), programme, code)
    if as_json:
        print_json({"support": support})
        return
    print_findings("Hand out", [support])
