"""`evenhand dif`."""

from pathlib import Path
from typing import cast

import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import (
    ARGUMENT_ANSWERS,
    OPTION_JSON,
    number,
    percent,
    print_findings,
    print_json,
    print_table,
    say,
    working,
)
from evenhand.cli.files import answers_to_instrument, answers_to_scale, item_list
from evenhand.errors import OptionError
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ModelName, ScaleRecord
from evenhand.service.dif import INSUFFICIENT, MIN_N, Dif, DifMethod, ItemBias
from evenhand.service.dif import dif as run
from evenhand.service.dif_effect import DropEffect, effect_of_dropping
from evenhand.tabular.tables import require_writable, write_text

FOUND_SOMETHING = 1

EFFECTS: dict[DifMethod, str] = {
    "mh": "ETS delta (graded items: SMD / SD); above 0 the group affirms more readily",
    "logistic": "log odds; above 0 the group affirms more readily",
    "lr": "severity, group less reference; below 0 the group affirms more readily",
}


def dif(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    group: str = typer.Option(help="Column of groups."),
    instrument: str | None = typer.Option(None, help="Instrument: a name of the library, or a file."),
    items: str | None = typer.Option(None, help="Item columns, separated by commas."),
    scale: Path | None = typer.Option(None, help="Scale file whose items to examine."),
    method: str = typer.Option("lr", metavar="mh|logistic|lr", help="Method, or several separated by commas."),
    model: str = typer.Option("2pl", metavar="rasch|2pl", help="Model of lr."),
    threshold: str | None = typer.Option(
        None, help="With --scale: show what leaving out a flagged item does to the shares above this."
    ),
    min_n: int = typer.Option(MIN_N, help="Fewest people of a group."),
    weights: str | None = typer.Option(None, help="Column of weights."),
    weights_kind: str | None = typer.Option(None, metavar="sampling|frequency", help="What the weights are."),
    cluster: str | None = typer.Option(None, help="Column of sampling clusters, for cluster-robust tests."),
    report: Path | None = typer.Option(None, help="Where to write a report (HTML)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Look for item bias: do people of equal need but different groups answer an item alike?

    Exit code 1 when an item is flagged.

    Example: [bold]evenhand dif survey.csv --instrument fies --group region[/]
    """
    record = None if scale is None else read_scale_record(scale)
    if threshold is not None and record is None:
        raise OptionError(
            "dif.threshold-needs-scale",
            "A threshold has a meaning only on a calibrated scale.",
            mend="Add --scale, or leave out --threshold.",
        )
    require_writable(*([] if report is None else [report]))
    design = {"weights": weights, "weights_kind": weights_kind, "cluster": cluster}
    if record is not None:
        answers = answers_to_scale(file, record, groups=(group,), **design)
    else:
        answers = answers_to_instrument(file, instrument=instrument, items=items, groups=(group,), **design)
    with working("Comparing groups …"):
        found = run(
            answers,
            group=group,
            methods=cast("list[DifMethod]", item_list(method)),
            model=cast("ModelName", model),
            min_n=min_n,
        )
        effects = {} if threshold is None or record is None else _dropped(record, answers, found, threshold)
    if report is not None:
        from evenhand.cli.pages import bias_page

        write_text(bias_page(answers, found), report)
    if as_json:
        dropped = {item: _plain(each) for item, each in effects.items()}
        print_json({**as_body(found), "dropped": dropped, "report": None if report is None else str(report)})
    else:
        show(found)
        for item, each in effects.items():
            _show_dropped(item, each)
        if report is not None:
            say(f"Wrote {report}")
    if found.flagged:
        raise typer.Exit(FOUND_SOMETHING)


def bias_between_groups(answers: Answers, group: str) -> Dif:
    """What `evenhand check --group` looks for: a likelihood-ratio search."""
    return run(answers, group=group, methods=("lr",))


def show(found: Dif) -> None:
    """Print a search for item bias for a person."""
    for method in dict.fromkeys(row.method for row in found.items):
        rows = [_row(row) for row in found.items if row.method == method]
        title = f"Item bias against {found.reference} by {method}; effect: {EFFECTS[method]}"
        columns = ["item", "group", "effect", "95 % interval", "chi-square", "df", "p (Holm)", "size", "flag"]
        print_table(title, columns, rows)
    print_findings("What stands out", found.findings or ("Nothing.",))
    print_findings("Take note", found.notes)


def as_body(found: Dif) -> dict[str, object]:
    """The figures for machines."""
    return {
        "column": found.column,
        "reference": found.reference,
        "groups": [
            {"label": each.label, "n": each.n, "anchors": {name: list(a) for name, a in each.anchors.items()}}
            for each in found.groups
        ],
        "items": [_figures(row) for row in found.items],
        "flagged": list(found.flagged),
        "findings": list(found.findings),
        "notes": list(found.notes),
    }


def _figures(row: ItemBias) -> dict[str, object]:
    names = ("item", "group", "method", "evidence", "reason", "statistic", "df", "p", "p_adjusted", "effect")
    more = ("se", "low", "high", "size", "flagged", "more")
    return {name: getattr(row, name) for name in (*names, *more)}


def _row(row: ItemBias) -> list[str]:
    if not row.evidence:
        return [row.item, row.group, INSUFFICIENT, *["–"] * 6]
    return [
        row.item,
        row.group,
        number(row.effect, 2),
        f"{number(row.low, 2)} to {number(row.high, 2)}",
        number(row.statistic, 2),
        str(row.df),
        number(row.p_adjusted),
        str(row.size),
        "yes" if row.flagged else "",
    ]


def _dropped(
    record: ScaleRecord, answers: Answers, found: Dif, threshold: str
) -> dict[str, tuple[DropEffect, ...]]:
    return {
        item: effect_of_dropping(record, answers, item, group=found.column, threshold=threshold)
        for item in found.flagged
    }


def _plain(effects: tuple[DropEffect, ...]) -> list[dict[str, object]]:
    names = ("label", "with_item", "without_item", "change", "moved_up", "moved_down", "reason")
    return [{name: getattr(each, name) for name in names} for each in effects]


def _show_dropped(item: str, effects: tuple[DropEffect, ...]) -> None:
    rows = [
        [
            each.label,
            each.reason or percent(each.with_item),
            percent(each.without_item),
            percent(each.change),
            percent(each.moved_up),
            percent(each.moved_down),
        ]
        for each in effects
    ]
    columns = ["group", "share", f"without {item}", "change", "above only without", "above only with"]
    print_table(f"Shares above the threshold with and without {item}", columns, rows)
