"""`evenhand programme`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from evenhand.cli import expect as expecting
from evenhand.cli import guard, programme_open
from evenhand.cli.console import OPTION_JSON, print_findings, print_json, say
from evenhand.programme.definition import Programme, load_programme
from evenhand.service.programme import DEMO, Checked, Meaning, check_programme, meaning, new_programme

FOUND_SOMETHING = 1
ARGUMENT = "A programme file, or the name of a programme of the library."

app = typer.Typer(
    name="programme",
    help="Programmes: one purpose, one measure, one rule and an end, in a file.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Programmes: one purpose, one measure, one rule and an end, in a file."""


@app.command("new")
def new(
    path: Path = typer.Argument(help="The file to make; never one that is there already."),
    source: str = typer.Option(DEMO, "--from", help="Programme of the library to begin with."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Write a commented, valid programme file, ready to edit.

    Example: [bold]evenhand programme new winter.yaml[/]
    """
    made = new_programme(path, source=source)
    if as_json:
        print_json({"out": str(path), "name": made.name, "from": source})
        return
    say(f"Wrote {path}, a programme named {made.name}. Edit it, then: evenhand programme check {path}")


@app.command("check")
def check(
    path: str = typer.Argument(help=ARGUMENT),
    expect: bool = typer.Option(False, "--expect", help="Also simulate the programme: what errors to expect."),
    n: int = typer.Option(1_000, "--n", help="With --expect: people who take part."),
    seed: int = typer.Option(1, "--seed", help="With --expect: of the invented people."),
    report: Path | None = typer.Option(None, help="With --expect: where to write a report (HTML)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """List every fault of a programme file, or what the programme asks, stores, decides, publishes and erases.

    Exit code 1 when there is a fault.

    Example: [bold]evenhand programme check winter.yaml --expect[/]
    """
    expecting.require_expect(expect=expect, report=report)
    checked = check_programme(path)
    found = None
    if expect and checked.programme is not None:
        found = expecting.simulated(checked.programme, n=n, seed=seed, report=report)
    told = None if checked.programme is None else meaning(checked.programme)
    if as_json:
        print_json(
            {
                "source": checked.source,
                "faults": [fault.as_dict() for fault in checked.faults],
                "all_looked_at": checked.all_looked_at,
                "meaning": None if told is None else asdict(told),
                **({"expected": expecting.body(found)} if expect else {}),
            }
        )
    elif told is None:
        _show_faults(checked)
    else:
        print_findings(checked.source, ("No fault.",))
        _show_meaning(told)
        if found is not None:
            expecting.show(found, report)
    if checked.faults:
        raise typer.Exit(FOUND_SOMETHING)


@app.command("show")
def show(
    path: str = typer.Argument(help=ARGUMENT),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Show what a programme is, and the hashes that decisions are bound to.

    Example: [bold]evenhand programme show demo-town[/]
    """
    programme = load_programme(path)
    summary = _summary(programme)
    if as_json:
        print_json({**summary, "hashes": _hashes(programme), "meaning": asdict(meaning(programme))})
        return
    print_findings(
        f"{summary['title']} ({programme.name}, version {programme.version})",
        [
            summary["purpose"],
            f"controller: {programme.controller.name}",
            f"lawful basis: {programme.lawful_basis.basis}, {programme.lawful_basis.law}",
            f"opens {summary['opens']}, intake closes {summary['intake_closes']}, ends {summary['ends']}",
        ],
    )
    _show_meaning(meaning(programme))
    print_findings("Hashes", [f"{name}: {value}" for name, value in _hashes(programme).items()])


app.command("guard")(guard.guard)
app.command("open")(programme_open.open_)
app.command("close")(programme_open.close)


def _summary(programme: Programme) -> dict[str, Any]:
    language = programme.languages[0]
    return {
        "name": programme.name,
        "version": programme.version,
        "title": programme.title[language],
        "purpose": programme.purpose[language],
        "languages": programme.languages,
        "opens": programme.dates.opens.isoformat(),
        "intake_closes": programme.dates.intake_closes.isoformat(),
        "ends": programme.dates.ends.isoformat(),
    }


def _hashes(programme: Programme) -> dict[str, str]:
    return {
        "programme": programme.hash(),
        "rule": programme.rule_hash(),
        "notice": programme.notice_hash(),
        **programme.measured_by(),
    }


def _show_faults(checked: Checked) -> None:
    count = len(checked.faults)
    print_findings(
        f"{checked.source}: {count} {'fault' if count == 1 else 'faults'}",
        [f"{fault.where}: {fault.what} {fault.why} {fault.mend} ({fault.code})" for fault in checked.faults],
    )
    if not checked.all_looked_at:
        say("What several fields must have in common is looked at once these are mended.")


def _show_meaning(told: Meaning) -> None:
    print_findings("Asked", told.asked)
    print_findings("Stored", told.stored)
    print_findings("Decided", told.decided)
    print_findings("Published", told.published)
    print_findings("Erased", told.erased)
    print_findings("Take note", told.open)
