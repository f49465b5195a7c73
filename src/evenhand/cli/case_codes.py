"""`evenhand case code`: the ways back to a case when its code is lost."""

from pathlib import Path
from typing import Annotated

import typer

from evenhand.cli.caseoptions import signed_in
from evenhand.cli.console import print_findings, print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, CodeFile, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.cli.private import private_file, read_secret
from evenhand.service.access import NewCode, ask_again, collect_again, recover, stop_reissue

Slip = Annotated[
    Path | None,
    typer.Option(metavar="FILE|-", help="File with the slip's code; - or a pipe: standard input. Else asked."),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Where to write the new access code (readable by you alone); shown when left out."),
]

app = typer.Typer(
    name="code",
    help="A lost access code: the ways back.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """A lost access code: the ways back."""


@app.command("recover")
def recover_(
    programme: ProgrammeName,
    phrase_file: Path | None = typer.Option(
        None, metavar="FILE|-", help="File with the recovery phrase; - or a pipe: standard input. Else asked."
    ),
    out: Out = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Get a new access code for the recovery phrase; the old code opens nothing from then on.

    Example: [bold]evenhand case code recover demo-town --phrase-file mine.txt[/]
    """
    phrase = read_secret("recovery phrase", phrase_file)
    with opened(office, store) as found, private_file(out) as write:
        made = recover(found, programme, phrase)
        if write is not None:
            write(_line(made))
    _told(made, out, as_json=as_json)


@app.command("ask")
def ask(
    programme: ProgrammeName,
    slip: Slip = None,
    invitation: Path | None = typer.Option(
        None,
        metavar="FILE|-",
        help="File with the first invitation's code; - or a pipe: standard input. Else asked.",
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a new access code with a slip from a partner. The answer is the same whether there is a case or not.

    The contact that is kept is told; after a week the slip gives the code.

    Example: [bold]evenhand case code ask demo-town --slip slip.txt --invitation first.txt[/]
    """
    codes = {"slip": read_secret("invitation", slip), "invitation": read_secret("invitation", invitation)}
    with opened(office, store) as found:
        day = ask_again(found, programme, **codes)
    if as_json:
        print_json({"from": day.isoformat()})
    else:
        say(f"If there is a case, the slip gives its new code from {day.isoformat()} on.")


@app.command("collect")
def collect(
    programme: ProgrammeName,
    slip: Slip = None,
    out: Out = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Get the new access code, once the waiting time of the slip is over. It does not open the old answers.

    Example: [bold]evenhand case code collect demo-town --slip slip.txt[/]
    """
    code = read_secret("invitation", slip)
    with opened(office, store) as found, private_file(out) as write:
        made = collect_again(found, programme, code)
        if write is not None:
            write(_line(made))
    _told(made, out, as_json=as_json)


@app.command("stop")
def stop(
    programme: ProgrammeName,
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Stop a new access code that somebody asked for, with the code that you still have.

    Example: [bold]evenhand case code stop demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        stop_reissue(found, person, case_id)
    if as_json:
        print_json({"stopped": True})
    else:
        say("No new code is given out for your case.")


def _line(made: NewCode) -> str:
    return f"access code: {made.access_code}\n"


def _told(made: NewCode, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        shown = made.access_code if out is None else None
        print_json({"access_code": shown, "out": None if out is None else str(out)})
    elif out is None:
        print_findings("Keep this; it is shown this once", [_line(made).strip()])
    else:
        say(f"Wrote your new access code to {out}")
