"""`evenhand compare`."""

from pathlib import Path
from typing import Any, cast

import typer

from evenhand.cli.console import (
    ARGUMENT_ANSWERS,
    OPTION_JSON,
    number,
    print_findings,
    print_json,
    print_table,
    say,
    working,
)
from evenhand.cli.files import answers_to_instrument, item_list
from evenhand.measure.responses import MissingRule
from evenhand.programme.scale import ModelName
from evenhand.service.compare import Compared, ModelComparison
from evenhand.service.compare import compare as run
from evenhand.tabular.tables import require_writable, write_text


def compare(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    models: str = typer.Option(help="Two or more of rasch, 2pl, pcm, gpcm and grm, separated by commas."),
    instrument: str | None = typer.Option(None, help="Instrument: a name of the library, or a file."),
    items: str | None = typer.Option(None, help="Item columns, separated by commas."),
    weights: str | None = typer.Option(None, help="Column of weights."),
    weights_kind: str | None = typer.Option(None, metavar="sampling|frequency", help="What the weights are."),
    missing: str = typer.Option("keep", metavar="keep|drop", help="Keep or drop people with missing answers."),
    report: Path | None = typer.Option(None, help="Where to write a report (HTML)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Compare models of the same answers: which one do they carry, and which do they need?

    Example: [bold]evenhand compare survey.csv --instrument fies --models rasch,2pl[/]
    """
    require_writable(*([] if report is None else [report]))
    answers = answers_to_instrument(
        file, instrument=instrument, items=items, weights=weights, weights_kind=weights_kind, cluster=None
    )
    names = cast("list[ModelName]", item_list(models) or [])
    with working("Fitting:") as on_pass:
        found = run(
            answers,
            names,
            missing=cast("MissingRule", missing),
            on_pass=lambda _, passes, loglik: on_pass(passes, loglik),
        )
    if report is not None:
        from evenhand.cli.pages import comparison_page

        write_text(comparison_page(answers, found), report)
    if as_json:
        print_json({**compare_body(found), "report": None if report is None else str(report)})
        return
    show_comparison(found)
    if report is not None:
        say(f"Wrote {report}")


def compare_body(found: ModelComparison) -> dict[str, Any]:
    """The figures for machines."""
    return {
        "n": found.n,
        "weights_kind": found.weights_kind,
        "models": [_figures(each) for each in found.models],
        "tests": [
            {
                **{name: getattr(test.ratio, name) for name in ("smaller", "larger", "statistic", "df", "p")},
                "p_adjusted": test.p_adjusted,
            }
            for test in found.tests
        ],
        "best": found.best,
        "findings": list(found.findings),
        "notes": list(found.notes),
    }


def _figures(each: Compared) -> dict[str, Any]:
    overall = None
    if each.overall is not None:
        names = ("kind", "statistic", "df", "p", "rmsea", "rmsea_interval", "srmsr")
        overall = {name: getattr(each.overall, name) for name in names}
    return {
        "model": each.name,
        "loglik": each.loglik,
        "parameters": each.n_parameters,
        **{name: getattr(each.criteria, name, None) for name in ("aic", "bic", "sabic")},
        "overall": overall,
        "converged": each.converged,
    }


def show_comparison(found: ModelComparison) -> None:
    """Print a comparison for a person."""
    rows = [
        [
            each.name,
            number(each.loglik, 2),
            str(each.n_parameters),
            *(number(getattr(each.criteria, name, None), 1) for name in ("aic", "bic", "sabic")),
            "–" if each.overall is None else f"{each.overall.kind} {each.overall.statistic:.1f}",
            number(None if each.overall is None else each.overall.rmsea),
        ]
        for each in found.models
    ]
    columns = ["model", "log-likelihood", "parameters", "AIC", "BIC", "SABIC", "overall fit", "RMSEA"]
    print_table(f"Models of the same {found.n:,.0f} people", columns, rows)
    print_findings("What it comes to", found.findings)
    print_findings("Take note", found.notes)
