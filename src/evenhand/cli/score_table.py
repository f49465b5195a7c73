"""`evenhand score-table`."""

from pathlib import Path

import numpy as np
import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import OPTION_JSON, OPTION_SCALE, number, percent, print_json, print_table, say
from evenhand.service.score_table import score_table as run
from evenhand.tabular.tables import require_writable, write_table


def score_table(
    scale: Path = typer.Option(help=OPTION_SCALE),
    threshold: str | None = typer.Option(None, help="Name of a threshold, or a number on the scale's metric."),
    out: Path | None = typer.Option(None, help="Where to write the table (.csv or .parquet)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Show what each raw score means: EAP, its standard error, and the probability of lying above a threshold.

    For people who answered every item. Points count toward more of what is measured.

    Example: [bold]evenhand score-table --scale scale.json --threshold moderate[/]
    """
    if out is not None:
        require_writable(out)
    record = read_scale_record(scale)
    found = run(record, threshold=threshold)
    columns = found.columns()
    if out is not None:
        write_table(columns, out)
    if as_json:
        body = {name: np.asarray(values).tolist() for name, values in columns.items()}
        print_json({**body, "threshold": threshold, "out": None if out is None else str(out)})
        return
    above = np.full(len(found.raw), np.nan) if found.p_at_least is None else found.p_at_least
    rows = [
        [str(int(raw)), number(theta), number(se), percent(p), percent(share), number(at)]
        for raw, theta, se, p, share, at in zip(
            found.raw, found.theta, found.se, above, found.share, found.at_expected, strict=True
        )
    ]
    heading = "P(above)" if threshold is None else f"P(above {threshold})"
    title = f"{record.instrument.name}: raw scores of {len(record.items)} items, all answered"
    print_table(
        title, ["raw score", "EAP", "SE", heading, "expected share", "theta with this expected score"], rows
    )
    if out is not None:
        say(f"Wrote {out}")
