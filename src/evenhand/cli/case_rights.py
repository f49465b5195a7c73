"""`evenhand case`: what a person sees, takes away and ends, alone and in one step each."""

from pathlib import Path
from typing import Any

import typer

from evenhand.cli.caseoptions import signed_in
from evenhand.cli.caseview import record_body, show_record
from evenhand.cli.console import print_findings, print_json, say, working
from evenhand.cli.keep import told
from evenhand.cli.officeoptions import FOLDER, AsJson, CodeFile, OfficeFolder, ProgrammeName, StoreUrl
from evenhand.cli.private import private_file, read_secret
from evenhand.errors import OptionError
from evenhand.service.collect import collection_code
from evenhand.service.my_case import export_csv, export_json, see
from evenhand.service.receipt import own_receipt
from evenhand.service.rights import erase as run_erase
from evenhand.service.rights import restrict as run_restrict
from evenhand.service.rights import set_contact
from evenhand.service.rights import withdraw as run_withdraw
from evenhand.service.take_part import change_consent
from evenhand.store.receiptfile import write_receipt


def show(
    programme: ProgrammeName,
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show your case: where it stands, what was measured, what was decided and why.

    Example: [bold]evenhand case show demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        record = see(found, person, case_id)
    if as_json:
        print_json(record_body(record))
    else:
        show_record(record)


def export(
    programme: ProgrammeName,
    form: str = typer.Option("json", "--format", metavar="json|csv", help="Kind of file."),
    out: Path | None = typer.Option(None, help="Where to write it (readable by you alone); shown when left out."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take a copy of everything that is held about your case.

    Example: [bold]evenhand case export demo-town --code-file mine.txt --out mine.json[/]
    """
    if form not in {"json", "csv"}:
        raise OptionError(
            "options.unknown-value",
            f"--format cannot be {form!r}.",
            where="--format",
            why="It is one of: json, csv.",
            mend="Use --format json.",
        )
    with signed_in(office, store, programme, code_file) as (found, person, case_id), private_file(out) as write:
        record = see(found, person, case_id)
        text = export_json(record) if form == "json" else export_csv(record)
        if write is not None:
            write(text)
    if out is None:
        typer.echo(text, nl=False)
    elif as_json:
        print_json({"out": str(out), "format": form})
    else:
        say(f"Wrote {out}")


def consent(
    programme: ProgrammeName,
    agree: list[str] = typer.Option([], metavar="PURPOSE", help="A purpose agreed to; may be repeated."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Choose anew what you agree to: the purposes named here, and no others.

    What is no longer agreed to stops at once.

    Example: [bold]evenhand case consent demo-town --agree decide --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        index = change_consent(found, person, case_id, dict.fromkeys(agree, True))
    _done(f"You agree to: {', '.join(agree)}", {"agreed": agree, "index": index}, as_json=as_json)


def contact(
    programme: ProgrammeName,
    contact_file: Path | None = typer.Option(
        None, metavar="FILE|-", help="File with the contact; - or a pipe: standard input. Else asked."
    ),
    remove: bool = typer.Option(False, "--remove", help="Take the contact out."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give a contact for messages about this case only, or take it out.

    Example: [bold]evenhand case contact demo-town --code-file mine.txt --contact-file contact.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        given = None if remove else read_secret("contact", contact_file)
        index = set_contact(found, person, case_id, given)
    said = "The contact is taken out" if remove else "The contact is kept"
    _done(said, {"contact": not remove, "index": index}, as_json=as_json)


def restrict(
    programme: ProgrammeName,
    lift: bool = typer.Option(False, "--lift", help="Lift the freeze."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Freeze the use of your case: nothing is scored, proposed or decided until you lift it.

    Example: [bold]evenhand case restrict demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        index = run_restrict(found, person, case_id, on=not lift)
    said = f"Your case is {'in use again' if lift else 'frozen'}"
    _done(said, {"restricted": not lift, "index": index}, as_json=as_json)


def withdraw(
    programme: ProgrammeName,
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take no further part. The record stays until it is erased, by you or by its date.

    Example: [bold]evenhand case withdraw demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        index = run_withdraw(found, person, case_id)
    _done("You take no further part", {"state": "withdrawn", "index": index}, as_json=as_json)


def erase(
    programme: ProgrammeName,
    receipt: Path | None = typer.Option(None, help="Where to write the receipt; shown when left out."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Erase your case for good, backups included. It cannot be undone, and nobody is asked.

    The receipt shows that the erasure is in the ledger; nothing about you is in it.

    Example: [bold]evenhand case erase demo-town --code-file mine.txt --receipt erased.json[/]
    """
    with (
        signed_in(office, store, programme, code_file) as (found, person, case_id),
        private_file(receipt) as write,
        working("Erasing …"),
    ):
        gone = run_erase(found, person, case_id)
        text = write_receipt(gone.receipt)
        if write is not None:
            write(text)
    if receipt is None:
        typer.echo(text, nl=False)
    elif as_json:
        print_json({"erased": True, "index": gone.receipt.index, "told": gone.told, "receipt": str(receipt)})
    else:
        say(f"Your case is erased. The receipt is in {receipt}")
        print_findings("Told that a code belongs to nobody any more", gone.told)


def receipt(
    programme: ProgrammeName,
    index: int = typer.Argument(min=0, help="Index of the entry in the ledger."),
    out: Path | None = typer.Option(None, help="Where to write the receipt; shown when left out."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give the receipt of an entry about your case: it shows to anybody that the entry is in the ledger.

    Whoever holds the receipt can read the entry.

    Example: [bold]evenhand case receipt demo-town 12 --code-file mine.txt --out receipt.json[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id), private_file(out) as write:
        text = write_receipt(own_receipt(found, person, case_id, index))
        if write is not None:
            write(text)
    told(text, index, out, as_json=as_json)


def collect(
    programme: ProgrammeName,
    out: Path | None = typer.Option(
        None, help="Where to write the code (readable by you alone); shown when left out."
    ),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make the one-time code that a partner hands the offered support out for; an earlier one opens nothing then.

    Example: [bold]evenhand case collect demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id), private_file(out) as write:
        made = collection_code(found, person, case_id)
        if write is not None:
            write(f"collection code: {made.code}\n")
    if as_json:
        shown = made.code if out is None else None
        print_json({"support": made.support, "code": shown, "out": None if out is None else str(out)})
    elif out is None:
        print_findings("Shown this once", [f"collection code: {made.code}", f"support: {made.support}"])
    else:
        say(f"Wrote the code for {made.support} to {out}")


def _done(said: str, body: dict[str, Any], *, as_json: bool) -> None:
    """Say what was done, and in which entry of the ledger it stands."""
    if as_json:
        print_json(body)
    else:
        say(f"{said} (entry {body['index']} of the ledger)")
