"""`evenhand calibrate`."""

from dataclasses import asdict
from pathlib import Path
from typing import cast

import typer

from evenhand.cli.console import (
    ARGUMENT_ANSWERS,
    OPTION_JSON,
    counting,
    number,
    print_findings,
    print_json,
    print_table,
    say,
    working,
)
from evenhand.cli.designs import components_of, fixed_scale
from evenhand.cli.files import answers_to_instrument, batches_to_instrument, item_list
from evenhand.cli.scaletables import joint_summary, show_groups, show_joint
from evenhand.errors import OptionError
from evenhand.measure.responses import MissingRule
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ErrorsKind, MethodName, ModelName, ScaleRecord
from evenhand.service.big import calibrate_batches
from evenhand.service.calibrate import calibrate as run
from evenhand.service.components import with_components
from evenhand.service.designs import group_design, held_items
from evenhand.service.options import Options
from evenhand.service.recording import Calibrated
from evenhand.tabular.batches import AnswerBatches, is_big
from evenhand.tabular.tables import require_writable, write_text


def calibrate(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    instrument: str | None = typer.Option(
        None, help="Instrument of the library (fies, …) or path of a YAML file."
    ),
    items: str | None = typer.Option(None, help="Item columns, separated by commas."),
    model: str = typer.Option("rasch", metavar="rasch|2pl|pcm|gpcm|grm", help="Item response model."),
    item_model: list[str] = typer.Option([], metavar="ITEM=MODEL", help="Model of one item; may be repeated."),
    method: str = typer.Option("mml", metavar="cml|mml", help="Conditional or marginal maximum likelihood."),
    weights: str | None = typer.Option(None, help="Column of weights."),
    weights_kind: str | None = typer.Option(None, metavar="sampling|frequency", help="What the weights are."),
    cluster: str | None = typer.Option(None, help="Column of sampling clusters, for cluster-robust errors."),
    missing: str = typer.Option("keep", metavar="keep|drop", help="Keep or drop people with missing answers."),
    errors: str = typer.Option("robust", metavar="robust|model|fao", help="Kind of standard errors."),
    components: str | None = typer.Option(
        None, metavar="need=A,B;capacity=C,D", help="What each item measures, where no instrument says so."
    ),
    group: str | None = typer.Option(None, help="Column of groups that get a mean and an SD of their own."),
    reference: str | None = typer.Option(None, help="With --group: label of the group whose mean is 0."),
    anchors: str | None = typer.Option(
        None, help="With --group: items alike in every group, separated by commas; all when left out."
    ),
    fixed: str | None = typer.Option(None, help="Scale file, or fies-global, whose items keep their parameters."),
    fixed_items: str | None = typer.Option(
        None, help="With --fixed: items that keep them, separated by commas; all in common when left out."
    ),
    out: Path = typer.Option(Path("scale.json"), help="Where to write the scale."),
    report: Path | None = typer.Option(None, help="Where to write a report (HTML)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Calibrate a scale: from answers to items with severities, errors and fit.

    Items of need and of capacity are calibrated together for the report, and need by itself for the scale.

    Example: [bold]evenhand calibrate survey.csv --instrument fies --weights wt --weights-kind sampling[/]
    """
    options = Options(
        model=cast("ModelName", model),
        models=item_models(item_model),
        method=cast("MethodName", method),
        missing=cast("MissingRule", missing),
        errors=cast("ErrorsKind", errors),
    )
    require_writable(out, *([] if report is None else [report]))
    parts = components_of(components, instrument=instrument, items=items)
    if parts is not None and items is None:
        items = ",".join(name for names in parts.values() for name in names)
    groups = group_design(group, reference, item_list(anchors))
    held = held_items(fixed_scale(fixed), item_list(fixed_items))
    chosen = {"instrument": instrument, "items": items, "weights": weights, "weights_kind": weights_kind}
    answers: Answers | AnswerBatches
    if cluster is None and groups is None and parts is None and is_big(file):
        with counting("Reading") as on_rows:
            answers = batches_to_instrument(file, **chosen, on_rows=on_rows)
            done = calibrate_batches(answers, options, fixed=held)
    else:
        columns = () if groups is None else (groups.column,)
        answers = with_components(answers_to_instrument(file, **chosen, cluster=cluster, groups=columns), parts)
        with working("Calibrating:") as on_pass:
            done = run(answers, options, groups=groups, fixed=held, on_pass=on_pass)
    page = None if report is None else report_page(answers, done)
    write_text(done.record.to_json(), out)
    if report is not None and page is not None:
        write_text(page, report)
    if as_json:
        print_json({**summary(done.record), "out": str(out), "report": None if report is None else str(report)})
        return
    show_scale(done)
    print_findings("Reading the answers", reading_notes(answers, done))
    print_findings("Take note", done.record.warnings)
    say(f"Wrote {out}" + (f" and {report}" if report else ""))


def item_models(words: list[str]) -> dict[str, ModelName]:
    """Models of single items from options such as `Q3=grm`.

    Raises:
        OptionError: a word without an equals sign.
    """
    models = {}
    for word in words:
        name, equals, model = word.partition("=")
        if not equals or not name or not model:
            raise OptionError(
                "options.item-model",
                f"--item-model cannot be {word!r}.",
                where="--item-model",
                mend="Write it as ITEM=MODEL, for example --item-model Q3=grm.",
            )
        models[name] = cast("ModelName", model)
    return models


def report_page(answers: Answers | AnswerBatches, done: Calibrated) -> str:
    """The HTML report of a calibration."""
    from evenhand.report.build import build_content
    from evenhand.report.joint import joint_content
    from evenhand.report.page import render_report

    content = build_content(
        done.record,
        done.patterns,
        done.fit,
        title=f"Calibration of {done.record.instrument.name}",
        source=f"Answers from {answers.source}",
        left_out=reading_notes(answers, done),
        joint=None
        if done.joint is None or done.record.joint is None
        else joint_content(done.joint, done.record.joint),
    )
    return render_report(content)


def reading_notes(answers: Answers | AnswerBatches, done: Calibrated) -> tuple[str, ...]:
    """What was not used, and what the reading found, one sentence each."""
    notes = []
    of = "" if done.joint is None else " of need"
    if done.patterns.n_empty:
        notes.append(f"{done.patterns.n_empty} people answered none of the items{of} and were left out.")
    if done.patterns.n_incomplete:
        notes.append(f"{done.patterns.n_incomplete} people with missing answers were left out (--missing drop).")
    if answers.left_out:
        notes.append(f"Dropped unread: {', '.join(answers.left_out)}.")
    return (*notes, *answers.warnings)


def summary(record: ScaleRecord) -> dict[str, object]:
    """A scale's figures for machines."""
    return {
        "model": record.model,
        "method": record.method,
        "items": [
            {"name": item.name, "a": item.a, "b": list(item.b), "se_a": item.se_a, "se_b": item.se_b}
            for item in record.items
        ],
        "latent": None if record.latent is None else {"mean": record.latent.mean, "sd": record.latent.sd},
        "reliability": {"marginal": record.reliability.marginal, "separation": record.reliability.separation},
        "groups": None if record.groups is None else asdict(record.groups),
        "fixed": None if record.fixed is None else asdict(record.fixed),
        "joint": None if record.joint is None else joint_summary(record.joint),
        "loglik": record.loglik,
        "n": record.n,
        "n_weighted": record.n_weighted,
        "converged": record.converged,
        "warnings": list(record.warnings),
    }


def show_scale(done: Calibrated) -> None:
    """A scale for a person."""
    record, fit = done.record, done.fit
    rows = [
        [
            item.name,
            "  ".join(number(b) for b in item.b),
            "  ".join(number(se) for se in item.se_b or ()),
            number(item.a, 2),
            number(fit.infit[index], 2),
            number(fit.outfit[index], 2),
        ]
        for index, item in enumerate(record.items)
    ]
    title = f"{record.instrument.name}: {record.model} by {record.method}, {record.n:,} people"
    print_table(title, ["item", "thresholds", f"SE ({record.errors})", "slope", "infit", "outfit"], rows)
    if record.groups is not None:
        show_groups(record.groups)
    if record.joint is not None:
        show_joint(record.joint)
    latent = record.latent
    spread = "not estimated" if latent is None else f"mean {latent.mean:.3f}, SD {latent.sd:.3f} ({latent.source})"
    print_findings(
        "Scale",
        [
            f"latent distribution: {spread}",
            f"reliability: {number(record.reliability.marginal)} (marginal), "
            f"{number(record.reliability.separation)} (Rasch, without extremes)",
            f"log-likelihood: {number(record.loglik)}",
            *(
                []
                if record.fixed is None
                else [f"held as in {record.fixed.source}: {', '.join(record.fixed.items)}"]
            ),
        ],
    )
