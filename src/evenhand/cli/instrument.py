"""`evenhand instrument from-xlsform`, `to-xlsform` and `check`."""

from collections.abc import Sequence
from pathlib import Path

import typer

from evenhand.cli.console import OPTION_JSON, print_findings, print_json, print_table, say
from evenhand.cli.files import item_list
from evenhand.errors import OutputError
from evenhand.programme.xlsformfinding import Finding
from evenhand.service.instrument import Said, check_instrument, from_xlsform, to_xlsform
from evenhand.tabular.tables import require_writable, write_bytes, write_text

FOUND_SOMETHING = 1

app = typer.Typer(help="Instruments out of forms, into forms, and their check.", no_args_is_help=True)


@app.command("from-xlsform")
def from_form(
    form: Path = typer.Argument(help="XLSForm (.xlsx), as Kobo and ODK use them."),
    items: str | None = typer.Option(None, help="Questions that are items, separated by commas."),
    direction: list[str] = typer.Option(
        [], metavar="more|less|ITEM=less", help="What a higher category means; may be repeated."
    ),
    missing: list[str] = typer.Option([], metavar="CODE=REASON", help="A code that means no answer, and why."),
    categories: list[str] = typer.Option([], metavar="LIST:CODE=N,...", help="What the codes of a list count as."),
    language: list[str] = typer.Option([], metavar="CODE|NAME=CODE", help="Languages to take, or their codes."),
    name: str | None = typer.Option(None, help="Name of the instrument."),
    component: str | None = typer.Option(None, metavar="need|capacity", help="What the items measure."),
    respondent: str | None = typer.Option(None, metavar="person|household", help="Whom the answers are about."),
    wording: str | None = typer.Option(None, metavar="own|paraphrase|official", help="Whose words they are."),
    licence: str | None = typer.Option(None, help="Licence of the wording."),
    citation: str | None = typer.Option(None, help="Where the form comes from."),
    out: Path = typer.Option(Path("instrument.yaml"), help="Where to write the instrument."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Make an instrument of an XLSForm.

    What the form's words say plainly is followed and named; what they leave open has to be said.

    Example: [bold]evenhand instrument from-xlsform form.xlsx --items WARM,SHOES --direction more[/]
    """
    require_writable(out)
    said = Said(
        items=item_list(items) or (),
        languages=language,
        directions=direction,
        missing=missing,
        categories=categories,
        name=name,
        component=component,
        respondent=respondent,
        wording=wording,
        licence=licence,
        citation=citation,
    )
    made = from_xlsform(form, said)
    write_text(made.text, out)
    instrument = made.instrument
    if as_json:
        print_json(
            {
                "out": str(out),
                "name": instrument.name,
                "hash": instrument.hash(),
                "items": instrument.item_names,
                "languages": instrument.languages,
                "notes": made.notes,
                "findings": [each.as_dict() for each in made.findings],
            }
        )
        return
    print_findings("As the form was read", made.notes)
    print_findings("What a check of the form finds", [f"{each.where}: {each.message}" for each in made.findings])
    say(f"Wrote {out}: {len(instrument.items)} items in {', '.join(instrument.languages)}.")


@app.command("to-xlsform")
def to_form(
    instrument: str = typer.Argument(help="An instrument of the library, or the path of a YAML file."),
    out: Path = typer.Option(Path("form.xlsx"), help="Where to write the form (.xlsx)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Write an instrument as an XLSForm for Kobo, ODK and others.

    Example: [bold]evenhand instrument to-xlsform material-deprivation --out form.xlsx[/]
    """
    if out.suffix.casefold() != ".xlsx":
        raise OutputError(
            "output.form-extension",
            f"Forms are not written to files that end in {out.suffix!r}.",
            where=str(out),
            mend="End the name in .xlsx.",
        )
    require_writable(out)
    read, content, notes = to_xlsform(instrument)
    write_bytes(content, out)
    if as_json:
        print_json(
            {"out": str(out), "name": read.name, "hash": read.hash(), "items": read.item_names, "notes": notes}
        )
        return
    for note in notes:
        say(note)
    say(f"Wrote {out}: {len(read.items)} items in {', '.join(read.languages)}.")


@app.command("check")
def check(
    instrument: str = typer.Argument(help="An instrument of the library, a YAML file, or an XLSForm (.xlsx)."),
    language: list[str] = typer.Option([], metavar="NAME=CODE", help="The code of a language of the form."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Check an instrument or a form before anybody is asked.

    Exit code 1 when something is found.

    Example: [bold]evenhand instrument check form.xlsx[/]
    """
    found = check_instrument(instrument, language)
    if as_json:
        print_json({"file": instrument, "findings": [each.as_dict() for each in found]})
    elif not found:
        say("Nothing was found.")
    else:
        _show(found)
    if found:
        raise typer.Exit(FOUND_SOMETHING)


def _show(found: Sequence[Finding]) -> None:
    for each in found:
        print_findings(f"{each.where} [{each.rule}]", [each.message, each.mend])
    counts: dict[str, int] = {}
    for each in found:
        counts[each.rule] = counts.get(each.rule, 0) + 1
    print_table("Findings", ["rule", "number"], [[rule, str(counts[rule])] for rule in sorted(counts)])
