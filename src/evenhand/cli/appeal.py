"""`evenhand appeal` and `evenhand complain`."""

from pathlib import Path

import typer

from evenhand.cli.console import print_findings, print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.cli.private import read_words
from evenhand.service.appeal import OpenAppeal, answer_appeal, open_appeals
from evenhand.service.appeal import complain as pass_on
from evenhand.service.queue import case_by_pseudonym
from evenhand.service.staff import actor_of

YOURS = "you can answer it"
NOT_YOURS = "you had a part in the decision, so somebody else answers it"

app = typer.Typer(
    name="appeal",
    help="Appeals: which are open, and their answers.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Appeals: which are open, and their answers."""


@app.command("list")
def list_(
    programme: ProgrammeName,
    staff: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """List open appeals with what was said, the earliest last day first. No answer and no measure is shown.

    Example: [bold]evenhand appeal list demo-town --as dora[/]
    """
    with opened(office, store) as found:
        rows = open_appeals(found, actor_of(found, staff), programme)
    if as_json:
        print_json({"appeals": [_body(row) for row in rows]})
        return
    if not rows:
        say("No appeal is open.")
    for row in rows:
        whose = YOURS if row.may_answer else NOT_YOURS
        print_findings(
            f"Case {row.pseudonym}",
            [
                f"decided: {row.decision.replace('-', ' ')}",
                f"answer by {row.answer_by}; {whose}",
                *(["opened by somebody whom the person chose"] if row.on_behalf else []),
                *([f"what they say: {row.words}"] if row.words else []),
            ],
        )


@app.command("answer")
def answer(
    pseudonym: str = typer.Argument(help="The case, as the queue names it. One at a time."),
    staff: AsStaff = ...,  # type: ignore[assignment]
    reason: str = typer.Option(help="The reason, in words that the person will read."),
    support: str | None = typer.Option(
        None, "--offer", metavar="SUPPORT", help="Offer this kind of support; the decision stands when left out."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Answer one appeal, with a reason: the decision stands, or support is offered in its place.

    Whoever had a part in the decision cannot. Nobody comes out of an appeal with less.

    Example: [bold]evenhand appeal answer 2ksjrqnfymok5kzksukgaromyu --as dora --offer food-parcel --reason "…"[/]
    """
    with opened(office, store) as found:
        actor = actor_of(found, staff)
        case_id = case_by_pseudonym(found, actor, pseudonym)
        done = answer_appeal(found, actor, case_id, reason=reason, support=support)
    if as_json:
        until = None if done.decision is None else done.decision.appeal_until
        print_json({"index": done.index, "changed": done.decision is not None, "appeal_until": until})
    elif done.decision is None:
        say(f"Answered: the decision stands (entry {done.index} of the ledger).")
    else:
        until = done.decision.appeal_until
        say(f"Answered: {done.decision.support} is offered. It can be contested until {until}.")


def complain(
    programme: ProgrammeName,
    text: Path | None = typer.Option(
        None, metavar="FILE|-", help="File with the words; - or a pipe: standard input. Else asked."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Complain about a programme: anybody can, and needs no code.

    The words go to where the programme's complaints go. The office keeps nothing of them.

    Example: [bold]evenhand complain demo-town --text words.txt[/]
    """
    words = read_words(text)
    with opened(office, store) as found:
        made = pass_on(found, programme, words)
    if as_json:
        print_json({"programme": made.programme, "on": made.on, "characters": len(made.text)})
    else:
        say("The complaint was passed on. The office keeps nothing of it.")


def _body(row: OpenAppeal) -> dict[str, object]:
    return {
        "pseudonym": row.pseudonym,
        "decision": row.decision,
        "words": row.words,
        "on_behalf": row.on_behalf,
        "opened_on": row.opened_on,
        "answer_by": row.answer_by,
        "may_answer": row.may_answer,
    }
