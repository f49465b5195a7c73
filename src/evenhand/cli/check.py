"""`evenhand check`."""

from pathlib import Path

import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import (
    ARGUMENT_ANSWERS,
    OPTION_JSON,
    OPTION_SCALE,
    number,
    print_findings,
    print_json,
    print_table,
    working,
)
from evenhand.cli.dif import as_body, bias_between_groups, show
from evenhand.cli.files import answers_to_scale
from evenhand.service.check import check as run

FOUND_SOMETHING = 1


def check(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    scale: Path = typer.Option(help=OPTION_SCALE),
    weights: str | None = typer.Option(None, help="Column of weights."),
    weights_kind: str | None = typer.Option(None, metavar="sampling|frequency", help="What the weights are."),
    cluster: str | None = typer.Option(None, help="Column of sampling clusters, for errors of item bias."),
    group: str | None = typer.Option(None, help="Column of groups to look for item bias between."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Check how a scale's items fit answers, and whether some depend on each other beyond what it measures.

    Exit code 1 when something stands out.

    Example: [bold]evenhand check survey.csv --scale scale.json[/]
    """
    record = read_scale_record(scale)
    answers = answers_to_scale(
        file,
        record,
        weights=weights,
        weights_kind=weights_kind,
        cluster=cluster,
        groups=() if group is None else (group,),
    )
    with working("Checking …"):
        found = run(record, answers)
        bias = None if group is None else bias_between_groups(answers, group)
    fit = found.fit
    if as_json:
        print_json(
            {
                "person_values": fit.person_values,
                "n": fit.n,
                "infit": dict(zip(record.names, fit.infit, strict=True)),
                "outfit": dict(zip(record.names, fit.outfit, strict=True)),
                "q3": fit.q3,
                "reliability": found.reliability,
                "findings": list(found.findings),
                "bias": None if bias is None else as_body(bias),
            }
        )
    else:
        rows = [
            [name, number(fit.infit[index], 2), number(fit.outfit[index], 2)]
            for index, name in enumerate(record.names)
        ]
        print_table(f"Fit from {fit.person_values}, {fit.n:,.0f} people", ["item", "infit", "outfit"], rows)
        print_findings("Scale", [f"reliability on these answers: {number(found.reliability)}"])
        print_findings("What stands out", found.findings or ("Nothing.",))
        if bias is not None:
            show(bias)
    if found.findings or (bias is not None and bias.flagged):
        raise typer.Exit(FOUND_SOMETHING)
