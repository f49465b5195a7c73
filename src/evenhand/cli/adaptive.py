"""`evenhand adaptive`."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import (
    OPTION_JSON,
    OPTION_SCALE,
    number,
    percent,
    print_findings,
    print_json,
    print_table,
    say,
    working,
)
from evenhand.errors import OptionError
from evenhand.measure.adaptive import STOP_REASONS, AdaptiveRule
from evenhand.measure.adaptive_study import BandLine
from evenhand.programme.instrument import load_instrument
from evenhand.service.adaptive import AdaptivePlan, AdaptiveStudy, Area, simulate_adaptive
from evenhand.tabular.tables import Columns, write_table, write_text

app = typer.Typer(
    name="adaptive",
    help="Ask only as many items as a person's measure needs; try it on invented people first.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_AREA = re.compile(r"([^=]+)=(\d+)-(\d+):(.+)")


@app.callback()
def _group() -> None:
    """Ask only as many items as a person's measure needs; try it on invented people first."""


@app.command("simulate")
def simulate(
    scale: Path = typer.Option(help=OPTION_SCALE),
    n: int = typer.Option(1000, help="How many invented people."),
    seed: int = typer.Option(help="The same seed gives the same study."),
    threshold: str | None = typer.Option(None, help="Name of a threshold, or a number on the scale's metric."),
    certain_yes: float = typer.Option(0.9, help="Stop when P(theta ≥ threshold) is at least this."),
    certain_no: float = typer.Option(0.1, help="Stop when it is at most this."),
    min_items: int = typer.Option(4, help="Answers needed before certainty or precision stops."),
    max_items: int = typer.Option(12, help="Never ask more."),
    se_target: float | None = typer.Option(None, help="Stop when the standard error is at most this."),
    rule: str = typer.Option("expected", metavar="expected|fisher", help="How the next item is chosen."),
    best_of: int = typer.Option(1, help="Draw each item among so many best ones (exposure control)."),
    first: str | None = typer.Option(None, help="Item that everybody is asked first."),
    area: list[str] | None = typer.Option(None, help="Content area NAME=MIN-MAX:ITEM,ITEM,…; may be repeated."),
    enemies: list[str] | None = typer.Option(None, help="ITEM,ITEM never both asked; may be repeated."),
    instrument: str | None = typer.Option(
        None, help="The scale's instrument, where it is a file of your own: says how it is scored."
    ),
    out: Path | None = typer.Option(None, help="Where to write the table by theta (.csv or .parquet)."),
    report: Path | None = typer.Option(None, help="Where to write a report (HTML)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Ask invented people adaptively, by the best fixed form and in full, and compare.

    Example: [bold]evenhand adaptive simulate --scale scale.json --seed 1 --threshold 0.8 --max-items 12[/]
    """
    plan = AdaptivePlan(
        max_items=max_items,
        min_items=min_items,
        threshold=threshold,
        certain_yes=certain_yes,
        certain_no=certain_no,
        se_target=se_target,
        rule=cast("AdaptiveRule", rule),
        areas=dict(_area(text) for text in area or ()),
        enemies=tuple(_pair(text) for text in enemies or ()),
        first=first,
        best_of=best_of,
    )
    record = read_scale_record(scale)
    scoring = None if instrument is None else load_instrument(instrument).scoring
    with working("Asking …"):
        done = simulate_adaptive(record, plan, n=n, seed=seed, scoring=scoring)
    if out is not None:
        write_table(columns_of(done), out)
    if report is not None:
        write_text(report_page(done), report)
    written = [str(path) for path in (out, report) if path is not None]
    if as_json:
        print_json({**summary(done), "written": written})
        return
    show(done)
    if written:
        say(f"Wrote {' and '.join(written)}")


def report_page(done: AdaptiveStudy) -> str:
    """The HTML report of a study."""
    from evenhand.report.adaptive import AdaptiveContent, render_adaptive

    threshold = "" if done.plan.threshold is None else str(done.plan.threshold)
    return render_adaptive(
        AdaptiveContent(
            done.record, done.bank, done.study, done.seed, threshold, done.adaptive, done.fixed, done.full
        )
    )


def _area(text: str) -> tuple[str, Area]:
    found = _AREA.fullmatch(text)
    if found is None:
        raise OptionError(
            "options.area",
            f"--area cannot be {text!r}.",
            where="--area",
            mend="Write NAME=MIN-MAX:ITEM,ITEM, for example --area food=2-5:Q1,Q2,Q3,Q7.",
        )
    items = tuple(name.strip() for name in found[4].split(",") if name.strip())
    return found[1].strip(), Area(items, int(found[2]), int(found[3]))


def _pair(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) != 2:
        raise OptionError(
            "options.enemies",
            f"--enemies cannot be {text!r}.",
            where="--enemies",
            mend="Name two items, for example --enemies Q3,Q8.",
        )
    return names[0], names[1]


def columns_of(done: AdaptiveStudy) -> Columns:
    """The table by theta: everybody, then each band."""
    lines = done.study.lines
    out: dict[str, Sequence[Any]] = {
        "theta_from": [_bound(line.low) for line in lines],
        "theta_to": [_bound(line.high) for line in lines],
        "n": [line.n for line in lines],
        "items": [line.items for line in lines],
    }
    for form in ("adaptive", "fixed", "full"):
        for figure in ("rmse", "bias", "se"):
            out[f"{form}_{figure}"] = [float(getattr(getattr(line, form), figure)) for line in lines]
    return {name: np.array(values) for name, values in out.items()}


def _bound(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def summary(done: AdaptiveStudy) -> dict[str, object]:
    """A study's figures for machines."""
    found = done.study
    columns = {name: np.asarray(values).tolist() for name, values in columns_of(done).items()}
    forms = {"adaptive": done.adaptive, "fixed": done.fixed, "full": done.full}
    return {
        "n": done.n,
        "seed": done.seed,
        "rule": done.plan.rule,
        "threshold": done.bank.threshold,
        "items": {
            "mean": found.lines[0].items,
            "fewest": int(found.run.n_asked.min()),
            "most": int(found.run.n_asked.max()),
        },
        "fixed_length": found.fixed_length,
        "fixed_items_for_equal_rmse": found.fixed_for_rmse,
        "fixed_items_for_equal_wrong": None if done.adaptive is None else found.fixed_for_wrong,
        "by_theta": columns,
        "classified": {
            name: {"decided": each.decided, "right": each.right, "wrong": each.wrong, "as_full": each.as_full}
            for name, each in forms.items()
            if each is not None
        },
        "stopped": dict(zip(STOP_REASONS, found.reasons.tolist(), strict=True)),
        "exposure": dict(zip(done.record.names, found.exposure.tolist(), strict=True)),
    }


def show(done: AdaptiveStudy) -> None:
    """A study for a person."""
    found = done.study
    title = (
        f"{done.n:,} invented people, {len(done.record.items)} items in the bank, at most {done.plan.max_items}"
    )
    forms = ("adaptive", f"fixed ({found.fixed_length})", "all items")
    heads = [f"RMSE {form}" for form in forms] + ["bias adaptive", "SE adaptive"]
    print_table(title, ["theta", "people", "items asked", *heads], [_row(line) for line in found.lines])
    print_findings("Items", _item_words(done))
    print_findings("Decisions", _decision_words(done))


def _row(line: BandLine) -> list[str]:
    if line.low == -np.inf:
        name = "everybody" if line.high == np.inf else f"below {number(line.high, 2)}"
    else:
        name = (
            f"{number(line.low, 2)} to {number(line.high, 2)}"
            if line.high < np.inf
            else f"{number(line.low, 2)} up"
        )
    rmse = [number(each.rmse) for each in (line.adaptive, line.fixed, line.full)]
    return [
        name,
        f"{line.n:,}",
        number(line.items, 1),
        *rmse,
        number(line.adaptive.bias),
        number(line.adaptive.se),
    ]


def _item_words(done: AdaptiveStudy) -> list[str]:
    found = done.study
    lines = [_needed_words(found.fixed_for_rmse, found.lines[0].items, "for the same RMSE")]
    if done.adaptive is not None:
        purpose = "to have as few people on the wrong side of the threshold"
        lines.append(_needed_words(found.fixed_for_wrong, found.lines[0].items, purpose))
    stopped = (f"{reason}: {count:,}" for reason, count in zip(STOP_REASONS, found.reasons, strict=True) if count)
    lines.append(f"stopped by {', '.join(stopped)}")
    top = int(np.argmax(found.exposure))
    never = int((found.exposure == 0).sum())
    lines.append(
        f"asked most often: {done.record.names[top]}, of {percent(float(found.exposure[top]))}; "
        f"never asked: {never} of {len(done.record.items)} items"
    )
    return lines


def _needed_words(needed: float | None, asked: float, purpose: str) -> str:
    if needed is None:
        return f"no fixed form from this bank has enough items {purpose}"
    change = f"{number(needed - asked, 1)} saved" if needed >= asked else f"{number(asked - needed, 1)} more asked"
    return f"a fixed form needs {number(needed, 1)} items {purpose}: {change}"


def _decision_words(done: AdaptiveStudy) -> list[str]:
    forms = (
        ("adaptive", done.adaptive),
        (f"fixed ({done.study.fixed_length})", done.fixed),
        ("all items", done.full),
    )
    return [
        f"{name}: {percent(each.decided)} outside the band, {percent(each.right)} of them rightly; "
        f"{percent(each.wrong)} of everybody on the wrong side if all were decided; "
        f"{percent(each.as_full)} classed as by all items"
        for name, each in forms
        if each is not None
    ]
