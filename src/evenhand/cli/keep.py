"""`evenhand sweep`, `evenhand rescore`, `evenhand fsck` and `evenhand receipt`."""

from dataclasses import asdict
from pathlib import Path

import typer

from evenhand.casework.roles import SYSTEM
from evenhand.cli.console import counting, print_findings, print_json, say, working
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.cli.private import private_file
from evenhand.service.receipt import office_receipt
from evenhand.service.rescore import rescore as run_rescore
from evenhand.service.staff import actor_of
from evenhand.service.sweep import sweep as run_sweep
from evenhand.store.fsck import fsck as run_fsck
from evenhand.store.receiptfile import write_receipt

FOUND_SOMETHING = 1


def sweep(
    by: str | None = typer.Option(
        None, "--as", metavar="NAME", help="Who does it: an administrator; nobody when a timer runs it."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Erase everything that is past its date, in every programme.

    Run it every day. Each erasure leaves a tombstone that names the rule.

    Example: [bold]evenhand sweep[/]
    """
    with opened(office, store) as found, working("Erasing what is past its date …"):
        swept = run_sweep(found, SYSTEM if by is None else actor_of(found, by))
    if as_json:
        print_json({"programmes": [asdict(each) for each in swept]})
        return
    lines = [f"{each.programme}: {each.cases:,} cases, {each.fields:,} facts and contacts" for each in swept]
    print_findings("Erased", lines or ["nothing: no programme was opened"])


def rescore(
    programme: ProgrammeName,
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Score every stored assessment of a programme again, and say whether the figures are the same.

    Nothing is stored, and decisions stand. Exit code 1 when a figure differs by more than 1e-9.

    Example: [bold]evenhand rescore demo-town --as elena[/]
    """
    with opened(office, store) as found, counting("Scoring again", "cases") as on_case:
        done = run_rescore(found, actor_of(found, by), programme, on_case=on_case)
    if as_json:
        print_json(asdict(done))
    else:
        print_findings(
            f"Programme {programme}",
            [
                f"{done.assessments:,} assessments, {done.identical:,} the same to the last bit",
                f"largest difference {done.worst:.3g}",
                *(f"differs: case {each}" for each in done.beyond),
            ],
        )
    if done.beyond:
        raise typer.Exit(FOUND_SOMETHING)


def fsck(office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """Check the whole store: everything that can be computed anew is, and compared.

    Exit code 1 when something is found.

    Example: [bold]evenhand fsck[/]
    """
    with opened(office, store) as found, working("Checking …"):
        findings = run_fsck(found.store)
    if as_json:
        print_json({"findings": [asdict(each) for each in findings]})
    else:
        lines = [f"{each.what} ({each.code}, {each.where})" for each in findings]
        print_findings("Found", lines or ["Nothing: the store is whole."])
    if findings:
        raise typer.Exit(FOUND_SOMETHING)


def receipt(
    index: int = typer.Argument(min=0, help="Index of the entry in the ledger."),
    by: str = typer.Option(..., "--as", metavar="NAME", help="Who asks: an auditor."),
    out: Path | None = typer.Option(None, help="Where to write the receipt; shown when left out."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give an auditor the receipt of an entry about the office.

    A case's entries have receipts for the person alone: see evenhand case receipt.

    Example: [bold]evenhand receipt 0 --as elena --out receipt.json[/]
    """
    with opened(office, store) as found, private_file(out) as write:
        text = write_receipt(office_receipt(found, actor_of(found, by), index))
        if write is not None:
            write(text)
    told(text, index, out, as_json=as_json)


def told(text: str, index: int, out: Path | None, *, as_json: bool) -> None:
    """Show a receipt, or where it was written."""
    if out is None:
        typer.echo(text, nl=False)
    elif as_json:
        print_json({"index": index, "out": str(out)})
    else:
        say(f"Wrote {out}. Check it anywhere: evenhand verify {out} --key …")
