"""`evenhand keys`."""

import typer

from evenhand.cli.console import print_findings, print_json, say, working
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.service.keeping import key_versions, retire_keys, rotate_keys, rotate_signing_key
from evenhand.service.staff import actor_of

app = typer.Typer(
    name="keys",
    help="Keys: what seals the cases and signs the ledger, and their rotation.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Keys: what seals the cases and signs the ledger, and their rotation."""


@app.command("show")
def show(office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """Show the ledger's verifier key, and which versions of each programme's key are held. Never a secret key.

    Example: [bold]evenhand keys show[/]
    """
    with opened(office, store) as found:
        verifier = str(found.store.keys.verifier)
        former = [str(key) for key in found.store.keys.former]
        versions = key_versions(found)
    if as_json:
        print_json({"verifier": verifier, "former": former, "versions": versions})
        return
    print_findings("Verifier key, to be published", [verifier])
    if former:
        print_findings(
            "Verifier keys before, oldest first: keep them published, for receipts of their time", former
        )
    print_findings("Versions held", [f"{name}: {', '.join(map(str, held))}" for name, held in versions.items()])


@app.command("rotate")
def rotate(
    programme: ProgrammeName,
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give a programme a new key, and wrap every case's key with it, while the office serves.

    Interrupted, no case is harmed: run it again.

    Example: [bold]evenhand keys rotate demo-town --as anna[/]
    """
    with opened(office, store) as found, working("Wrapping the keys anew …"):
        done = rotate_keys(found, actor_of(found, by), programme)
    if as_json:
        print_json({"programme": programme, "version": done.version, "cases": done.cases})
        return
    say(f"{programme}: version {done.version} of the key wraps {done.cases:,} cases. Keep a copy of the new key.")


@app.command("rotate-signing")
def rotate_signing(
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give the ledger another signing key: an entry names the old and the new one, and both sign it.

    Who trusts the old key learns the new one from any later receipt. Interrupted, run it again.

    Example: [bold]evenhand keys rotate-signing --as anna[/]
    """
    with opened(office, store) as found:
        done = rotate_signing_key(found, actor_of(found, by))
    if as_json:
        print_json({"index": done.index, "old": done.old, "new": done.new, "checkpoint": done.checkpoint})
        return
    print_findings(
        f"Entry {done.index} of the ledger", [f"signed until now: {done.old}", f"signs now: {done.new}"]
    )
    say("Publish the new key beside the old one, and keep a copy of the office's keys.")


@app.command("retire")
def retire(
    programme: ProgrammeName,
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """End a backup period: destroy every key of a programme but the newest.

    Backups of the period yield nothing from then on, whoever holds them.

    Example: [bold]evenhand keys retire demo-town --as anna[/]
    """
    with opened(office, store) as found:
        gone = retire_keys(found, actor_of(found, by), programme)
    if as_json:
        print_json({"programme": programme, "destroyed": gone})
        return
    what = f"destroyed version {', '.join(map(str, gone))}" if gone else "there was no old version"
    say(f"{programme}: {what}.")
