"""`evenhand prevalence`."""

from pathlib import Path
from typing import cast

import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import (
    ARGUMENT_ANSWERS,
    OPTION_JSON,
    OPTION_SCALE,
    percent,
    print_findings,
    print_json,
    print_table,
    working,
)
from evenhand.cli.files import answers_to_scale
from evenhand.service.prevalence import GroupShare, Prevalence, Rule
from evenhand.service.prevalence import prevalence as run


def prevalence(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    scale: Path = typer.Option(help=OPTION_SCALE),
    threshold: str = typer.Option(
        help="Name of a threshold (moderate, severe), or a number on the scale's metric."
    ),
    rule: str = typer.Option("posterior", metavar="fao|posterior", help="How people above are counted."),
    weights: str | None = typer.Option(None, help="Column of weights."),
    weights_kind: str | None = typer.Option(None, metavar="sampling|frequency", help="What the weights are."),
    cluster: str | None = typer.Option(None, help="Column of sampling clusters, for cluster-robust errors."),
    by: str | None = typer.Option(None, help="Column of groups."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Estimate the share of people above a threshold, with standard errors, over everybody and by group.

    Example: [bold]evenhand prevalence survey.csv --scale linked.json --threshold moderate --by region[/]
    """
    record = read_scale_record(scale)
    answers = answers_to_scale(
        file,
        record,
        weights=weights,
        weights_kind=weights_kind,
        cluster=cluster,
        groups=() if by is None else (by,),
    )
    with working("Estimating …"):
        found = run(record, answers, threshold=threshold, rule=cast("Rule", rule), by=by)
    if as_json:
        print_json(as_body(found))
        return
    rows = [_row(group) for group in (found.everybody, *found.by)]
    title = f"Above {threshold} ({found.value:.3f}), rule {rule}"
    print_table(title, ["group", "share", "standard error", "95 % interval", "people"], rows)
    if found.left_out:
        print_findings(
            "Take note", [f"{found.left_out} people without the answers that the rule needs are left out."]
        )


def as_body(found: Prevalence) -> dict[str, object]:
    """The figures for machines."""
    return {
        "threshold": found.threshold,
        "rule": found.rule,
        **_figures(found.everybody),
        "by": {group.label: _figures(group) for group in found.by},
    }


def _figures(group: GroupShare) -> dict[str, object]:
    if group.share is None:
        return {"prevalence": None, "se": None, "n": group.n, "n_weighted": None, "reason": group.reason}
    share = group.share
    return {"prevalence": share.value, "se": share.se, "n": int(share.n), "n_weighted": share.n_weighted}


def _row(group: GroupShare) -> list[str]:
    people = "–" if group.n is None else f"{group.n:,}"
    if group.share is None:
        return [group.label, group.reason, "–", "–", people]
    low, high = group.share.interval
    interval = f"{percent(low)} to {percent(high)}"
    return [group.label, percent(group.share.value), percent(group.share.se), interval, people]
