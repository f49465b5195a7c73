"""`evenhand round` and `evenhand replay`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from evenhand.casework.protocol import Plan
from evenhand.cli.console import OPTION_JSON, print_findings, print_json, say, working
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.service.round_files import Replayed, replay_files, replay_stored, round_files, write_round_files
from evenhand.service.rounds import close as close_list
from evenhand.service.rounds import plan as plan_round
from evenhand.service.rounds import record_second_value
from evenhand.service.rounds import reveal as reveal_round
from evenhand.service.rounds import void as void_round
from evenhand.service.staff import actor_of

DIFFERENT = 1

RoundName = Annotated[str, typer.Argument(metavar="ROUND", help="Name of the round.")]

app = typer.Typer(
    name="round",
    help="Rounds: plan, close, draw, reveal; in this order, and each once.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Rounds: plan, close, draw, reveal; in this order, and each once."""


@app.command("plan")
def plan(
    programme: ProgrammeName,
    name: RoundName,
    staff: AsStaff,
    approved_by: str = typer.Option(help="The officer who approved the protocol; not who runs the round."),
    second_value_from: str = typer.Option(help="Whose second value it will be, or which public draw."),
    places: int | None = typer.Option(None, help="Places of this round; else all that are left and paid for."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Fix the protocol of a round, with the commitment to a secret. Publish it before intake closes.

    Example: [bold]evenhand round plan demo-town 2026-12 --as ana --approved-by olga
    --second-value-from "state lottery of 1 December"[/]
    """
    with opened(office, store) as found:
        made = plan_round(
            found,
            actor_of(found, staff),
            programme,
            name,
            approved_by=approved_by,
            second_value_from=second_value_from,
            places=places,
        )
    if as_json:
        print_json({**asdict(made), "hash": made.hash()})
        return
    print_findings(f"Round {name}", _told(made))


@app.command("close")
def close(
    programme: ProgrammeName,
    name: RoundName,
    staff: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give every open case that may enter a ticket, close the list, and sign a checkpoint.

    Example: [bold]evenhand round close demo-town 2026-12 --as ana[/]
    """
    with opened(office, store) as found, working("Closing the list …"):
        closed = close_list(found, actor_of(found, staff), programme, name)
    if as_json:
        print_json({"round": name, "entries": closed.entries, "list_root": closed.list_root})
        return
    say(f"{closed.entries} entries, list root {closed.list_root}. Now the second value comes from outside.")


@app.command("draw")
def draw(
    programme: ProgrammeName,
    name: RoundName,
    staff: AsStaff,
    value: str = typer.Option(help="The value from outside, as it was told or published."),
    source: str = typer.Option(help="Whose value it is, or which public draw."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Record the second value, which comes from outside after the list was closed.

    Example: [bold]evenhand round draw demo-town 2026-12 --as ana --value 417 --source "letter of the auditor"[/]
    """
    with opened(office, store) as found:
        drawn = record_second_value(found, actor_of(found, staff), programme, name, value=value, source=source)
    if as_json:
        print_json({"round": name, "second_value": drawn.second_value, "source": drawn.source})
        return
    say("Recorded. Reveal the secret to see the results.")


@app.command("reveal")
def reveal(
    programme: ProgrammeName,
    name: RoundName,
    staff: AsStaff,
    out: Path | None = typer.Option(None, help="Folder to write the public files into."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Reveal the secret: everyone's result follows and is stored, with the chance that it had.

    Example: [bold]evenhand round reveal demo-town 2026-12 --as ana --out public/rounds/2026-12[/]
    """
    with opened(office, store) as found, working("Drawing …"):
        done = reveal_round(found, actor_of(found, staff), programme, name)
        files = None if out is None else write_round_files(round_files(found, programme, name), out)
    if as_json:
        body: dict[str, Any] = {"offered": done.offered, "waiting": done.waiting, "gone": done.gone}
        print_json({**body, "protocol": done.protocol.to_json(), "files": [str(each) for each in files or ()]})
        return
    say(f"{done.offered} offers, {done.waiting} wait for the next round, {done.gone} left before the draw.")
    if files is not None:
        say(f"Wrote {', '.join(str(each) for each in files)}")


@app.command("void")
def void(
    programme: ProgrammeName,
    name: RoundName,
    staff: AsStaff,
    reason: str = typer.Option(help="Why: it is published."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Declare a round void. Nobody's case changes by it.

    Example: [bold]evenhand round void demo-town 2026-12 --as ana --reason "the list was closed too early"[/]
    """
    with opened(office, store) as found:
        voided = void_round(found, actor_of(found, staff), programme, name, reason=reason)
    if as_json:
        print_json({"round": name, "reason": voided.reason})
        return
    say(f"The round {name} is void: {voided.reason}")


@app.command("files")
def files(
    programme: ProgrammeName,
    name: RoundName,
    out: Path = typer.Option(help="Folder to write the public files into."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write a round's public files, as far as it has come.

    Example: [bold]evenhand round files demo-town 2026-12 --out public/rounds/2026-12[/]
    """
    with opened(office, store) as found:
        written = write_round_files(round_files(found, programme, name), out)
    if as_json:
        print_json({"files": [str(each) for each in written]})
        return
    say(f"Wrote {', '.join(str(each) for each in written)}")


@app.command("replay")
def replay_in_office(
    programme: ProgrammeName,
    name: RoundName,
    staff: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a round from the office's list, also where the public one is withheld. For an auditor.

    It tells the result and counts, and names no ticket. Exit code 1 when something differs.

    Example: [bold]evenhand round replay demo-town 2026-12 --as elena[/]
    """
    with opened(office, store) as found, working("Replaying …"):
        made = replay_stored(found, actor_of(found, staff), programme, name)
    if as_json:
        print_json({"round": name, "identical": made.identical, **_counts(made)})
    elif made.identical:
        say(f"Identical: {made.entries} tickets, {made.offered} offers.")
    else:
        differing = "" if made.differing is None else f", results that differ: {made.differing}"
        say(f"Different: {made.step}{f', {made.field}' if made.field else ''}{differing}.")
    if not made.identical:
        raise typer.Exit(DIFFERENT)


def replay(
    place: Path = typer.Argument(metavar="FILE", help="A round's folder, or protocol.json or tickets.csv in it."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Recompute a round from its public files alone. Exit code 1 names the first difference.

    Example: [bold]evenhand replay public/rounds/2026-12[/]
    """
    protocol, found = replay_files(place)
    if as_json:
        difference = None if found is None else asdict(found)
        print_json({"round": protocol.plan.round, "identical": found is None, "difference": difference})
    elif found is None:
        say(f"Identical: {protocol.entries} tickets, {protocol.offered} offers.")
    else:
        say(f"Different at {found.where} ({found.step}): {found.what}")
    if found is not None:
        raise typer.Exit(DIFFERENT)


def _counts(made: Replayed) -> dict[str, Any]:
    return {
        "step": made.step,
        "field": made.field or None,
        "differing": made.differing,
        "entries": made.entries,
        "offered": made.offered,
        "small_classes": made.small_classes,
    }


def _told(made: Plan) -> list[str]:
    return [
        f"{made.places} places, {made.reserved} of them reserved for appeals and reviews; {made.to_draw} to draw",
        f"money {made.money / 100:,.2f} {made.currency}, {made.cost / 100:,.2f} for each at most",
        f"rule {made.rule_version}, certain from P = {made.certain_yes}, in the band from {made.certain_no}",
        f"approved by {made.approved_by}; second value from: {made.second_value_from}",
        f"commitment {made.commitment}",
        f"hash of this protocol {made.hash()}",
    ]
