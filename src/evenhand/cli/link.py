"""`evenhand link`."""

from pathlib import Path

import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import OPTION_JSON, number, print_findings, print_json, print_table, say
from evenhand.service.link import FIES_GLOBAL, Reference, fies_global, reference_of_scale
from evenhand.service.link import link as run
from evenhand.tabular.tables import write_text


def link(
    scale: Path = typer.Option(help="Scale file to link."),
    to: str = typer.Option(help="fies-global, or another scale file."),
    out: Path = typer.Option(Path("linked.json"), help="Where to write the linked scale."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Put a scale on a reference metric by the FAO's rule, and take over its thresholds.

    Example: [bold]evenhand link --scale scale.json --to fies-global[/]
    """
    record = read_scale_record(scale)
    linked = run(record, _reference(to))
    write_text(linked.record.to_json(), out)
    found = linked.link
    if as_json:
        print_json(
            {
                "to": to,
                "scale": found.scale,
                "shift": found.shift,
                "unique": [record.names[place] for place in found.dropped],
                "rule_met": found.rule_met,
                "thresholds": linked.record.thresholds,
                "out": str(out),
            }
        )
        return
    rows = [
        [
            item.name,
            number(item.b[0]),
            number(linked.reference[index]),
            number(found.distance[index]),
            "yes" if found.common[index] else "no",
        ]
        for index, item in enumerate(linked.record.items)
    ]
    print_table(f"Linked to {to}", ["item", "severity", "reference", "distance", "in the link"], rows)
    print_findings("Link", [f"reference = {found.shift:.4f} + {found.scale:.4f} × own"])
    print_findings("Take note", linked.record.warnings)
    say(f"Wrote {out}")


def _reference(to: str) -> Reference:
    if to == FIES_GLOBAL:
        return fies_global()
    return reference_of_scale(read_scale_record(Path(to)), Path(to).name)
