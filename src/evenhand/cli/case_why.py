"""`evenhand case why` and `evenhand case appeal`: the reasons of a decision, and contesting it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from evenhand.cli.caseoptions import signed_in
from evenhand.cli.console import print_findings, print_json, print_text_table, say
from evenhand.cli.officeoptions import FOLDER, AsJson, CodeFile, OfficeFolder, ProgrammeName, StoreUrl
from evenhand.cli.private import private_file, read_words
from evenhand.service.appeal import open_appeal
from evenhand.service.explain import Told, tell_why


def why(
    programme: ProgrammeName,
    language: str | None = typer.Option(
        None, metavar="en|ru", help="Language of the page; that of your consent when left out."
    ),
    out: Path | None = typer.Option(
        None, help="Where to write the page with its picture (HTML, readable by you alone); shown when left out."
    ),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Say why your case stands where it stands: the answers that counted, how sure the measure is, the rule.

    Every figure is computed again from the frozen record first. Where one is not the same, nothing is shown.

    Example: [bold]evenhand case why demo-town --code-file mine.txt --out why.html[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id), private_file(out) as write:
        told = tell_why(found, person, case_id, language)
        if write is not None:
            from evenhand.report.whypage import render_why

            write(render_why(told.explanation, told.page))
    if as_json:
        print_json(_body(told) if out is None else {"out": str(out), "language": told.page.language})
    elif out is None:
        _show(told, programme)
    else:
        say(f"Wrote {out}")


def appeal(
    programme: ProgrammeName,
    words: Path | None = typer.Option(
        None, metavar="FILE|-", help="File with your words; - is standard input. No reason is needed."
    ),
    on_behalf: bool = typer.Option(False, "--on-behalf", help="You do it for the person, who chose you for it."),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Contest the decision that stands. A caseworker who had no part in it answers.

    Example: [bold]evenhand case appeal demo-town --code-file mine.txt --words words.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        said = "" if words is None else read_words(words)
        opened = open_appeal(found, person, case_id, words=said, on_behalf=on_behalf)
    if as_json:
        print_json({"index": opened.index, "answer_by": opened.answer_by})
    else:
        say(f"You have contested it (entry {opened.index} of the ledger). The answer comes by {opened.answer_by}.")


def _body(told: Told) -> dict[str, Any]:
    return {**asdict(told.page), "explanation": asdict(told.explanation)}


def _show(told: Told, programme: str) -> None:
    typer.echo(told.page.title)
    for section in told.page.sections:
        typer.echo()
        quotes = [f"{each.label}: {each.text}" for each in section.quotes]
        print_findings(section.heading, [*section.sentences, *quotes])
        if section.columns:
            print_text_table(section.columns, section.rows)
    if told.page.may_contest:
        say(f"To contest it here: evenhand case appeal {programme}")
