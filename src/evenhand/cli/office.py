"""`evenhand office`."""

import os
from dataclasses import asdict
from pathlib import Path

import typer

from evenhand.cli.console import print_findings, print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, OfficeFolder, StoreUrl, opened
from evenhand.cli.private import private_file
from evenhand.service.keeping import office_facts
from evenhand.service.office import make_office, require_office
from evenhand.service.storeplace import remember_store

app = typer.Typer(
    name="office",
    help="Offices: where the cases of programmes are kept.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Offices: where the cases of programmes are kept."""


@app.command("new")
def new(
    folder: Path = typer.Argument(help="Folder to make; nothing may be there."),
    origin: str = typer.Option(
        help="Public name of the office's ledger, like an address without the scheme: town.example/evenhand."
    ),
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make an office: its keys, its store, and the list of its erasures.

    A store named with --store is remembered in the folder, in a file that only its owner can read; later commands
    need no option. One named by EVENHAND_STORE is not written down: its password stays out of every file.

    Example: [bold]evenhand office new evenhand-office --origin town.example/evenhand[/]
    """
    office = make_office(folder, origin, url=store, remember=store != os.environ.get("EVENHAND_STORE"))
    with office.store:
        key = str(office.store.keys.verifier)
    if as_json:
        print_json({"office": str(folder), "origin": origin, "verifier": key})
        return
    print_findings(f"Office {folder}", [f"ledger: {origin}", f"verifier key, to be published: {key}"])
    say("Copy the folder's keys to a safe place: without them nothing that is sealed can ever be opened.")


@app.command("show")
def show(office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """Show what an office holds: its ledger and its programmes. No case is looked at.

    Example: [bold]evenhand office show[/]
    """
    with opened(office, store) as found:
        facts = office_facts(found)
    if as_json:
        print_json(asdict(facts))
        return
    print_findings(
        f"Ledger {facts.origin}",
        [f"{facts.entries:,} entries, {facts.checkpoints:,} checkpoints", f"verifier key: {facts.verifier}"],
    )
    print_findings(
        "Programmes",
        [
            f"{each.name}, version {each.version}, opened {each.opened_at}"
            + (f", closed {each.closed_at}" if each.closed_at else "")
            for each in facts.programmes
        ]
        or ["none yet"],
    )


@app.command("remember")
def remember(
    url: str = typer.Argument(metavar="URL", help="URL of the store: postgresql+pg8000://… or sqlite:///…"),
    office: OfficeFolder = FOLDER,
    as_json: AsJson = False,
) -> None:
    """Remember where the office's store is, after it was moved or restored elsewhere.

    The URL is written into the office's folder, in a file that only its owner can read.

    Example: [bold]evenhand office remember postgresql+pg8000://evenhand@/evenhand[/]
    """
    require_office(office)
    remember_store(office, url)
    if as_json:
        print_json({"office": str(office), "remembered": True})
        return
    say(f"{office} has its store there from now on.")


@app.command("migrate")
def migrate(office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """Make the store's tables, or bring them up to this version of Evenhand.

    Interrupted, it changes nothing: run it again.

    Example: [bold]evenhand office migrate[/]
    """
    with opened(office, store) as found:
        before = found.store.version()
        version = found.store.migrate()
    if as_json:
        print_json({"before": before, "version": version})
        return
    say(f"The tables are of version {version}{' already' if before == version else ''}.")


@app.command("checkpoint")
def checkpoint(
    out: Path | None = typer.Option(None, help="Where to write the signed checkpoint; shown when left out."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Sign the ledger as it stands. Publish the checkpoint and send it to the auditor.

    Example: [bold]evenhand office checkpoint --out checkpoint.txt[/]
    """
    with opened(office, store) as found, private_file(out) as write:
        note = found.store.checkpoint(found.clock())
        if write is not None:
            write(note)
    if as_json:
        print_json({"checkpoint": note, "out": None if out is None else str(out)})
    elif out is None:
        typer.echo(note, nl=False)
    else:
        say(f"Wrote {out}")
