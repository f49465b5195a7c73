"""`evenhand link`."""

from pathlib import Path
from typing import cast

import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import OPTION_JSON, number, print_findings, print_json, print_table, say
from evenhand.cli.files import item_list
from evenhand.measure.linking import Link, LinkMethod
from evenhand.service.link import FIES_GLOBAL, Reference, fies_global, reference_of_scale
from evenhand.service.link import link as run
from evenhand.tabular.tables import write_text


def link(
    scale: Path = typer.Option(help="Scale file to link."),
    to: str = typer.Option(help="fies-global, or another scale file."),
    method: str | None = typer.Option(
        None,
        metavar="fao|mean-mean|mean-sigma|haebara|stocking-lord",
        help="How to link; fao for Rasch scales and stocking-lord for others when left out.",
    ),
    symmetric: bool = typer.Option(
        False, "--symmetric", help="Compare curves on both metrics (haebara, stocking-lord)."
    ),
    without: str | None = typer.Option(None, help="Items not to link by, separated by commas."),
    out: Path = typer.Option(Path("linked.json"), help="Where to write the linked scale."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Put a scale on a reference metric through the items in common, and take over its thresholds.

    Example: [bold]evenhand link --scale scale.json --to fies-global[/]
    """
    record = read_scale_record(scale)
    linked = run(
        record,
        _reference(to),
        cast("LinkMethod | None", method),
        symmetric=symmetric,
        without=item_list(without) or (),
    )
    write_text(linked.record.to_json(), out)
    found = linked.link
    if as_json:
        print_json(
            {
                "to": to,
                "method": found.method,
                "scale": found.scale,
                "shift": found.shift,
                "se_scale": found.se_scale,
                "se_shift": found.se_shift,
                "unique": [record.names[place] for place in found.dropped],
                "rule_met": found.rule_met,
                "thresholds": linked.record.thresholds,
                "notes": list(linked.notes),
                "out": str(out),
            }
        )
        return
    rows = [
        [
            item.name,
            number(sum(item.b) / len(item.b)),
            number(linked.reference[index]),
            number(found.distance[index]),
            "yes" if found.common[index] else "no",
        ]
        for index, item in enumerate(linked.record.items)
    ]
    print_table(f"Linked to {to}", ["item", "severity", "reference", "distance", "in the link"], rows)
    print_findings(
        "Link", [f"reference = {found.shift:.4f} + {found.scale:.4f} × own", *_errors(found), *linked.notes]
    )
    print_findings("Take note", linked.record.warnings)
    say(f"Wrote {out}")


def _errors(found: Link) -> list[str]:
    if found.covariance is None:
        return []
    return [f"standard errors: shift {number(found.se_shift, 4)}, scale {number(found.se_scale, 4)}"]


def _reference(to: str) -> Reference:
    if to == FIES_GLOBAL:
        return fies_global()
    return reference_of_scale(read_scale_record(Path(to)), Path(to).name)
