"""`evenhand check`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from evenhand.api import read_scale_record
from evenhand.cli.console import ARGUMENT_ANSWERS, OPTION_JSON, OPTION_SCALE, print_json, say
from evenhand.cli.dif import as_body, bias_between_groups, show
from evenhand.cli.files import answers_to_scale
from evenhand.cli.fit import fit_body, show_fit
from evenhand.measure.q3null import N_SETS
from evenhand.service.fit import SEED
from evenhand.service.fit import fit as run
from evenhand.tabular.tables import require_writable, write_text

FOUND_SOMETHING = 1


def check(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    scale: Path = typer.Option(help=OPTION_SCALE),
    weights: str | None = typer.Option(None, help="Column of weights."),
    weights_kind: str | None = typer.Option(None, metavar="sampling|frequency", help="What the weights are."),
    cluster: str | None = typer.Option(None, help="Column of sampling clusters, for errors of item bias."),
    group: str | None = typer.Option(None, help="Column of groups to look for item bias between."),
    fast: bool = typer.Option(False, "--fast", help="Leave out what needs simulated people."),
    sets: int = typer.Option(N_SETS, help="Simulated sets for Q3 where nothing is wrong."),
    seed: int = typer.Option(SEED, help="Seed of the simulated people."),
    report: Path | None = typer.Option(None, help="Where to write a report (HTML)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Check how a scale's items fit answers, and whether some depend on each other beyond what it measures.

    Exit code 1 when something stands out.

    Example: [bold]evenhand check survey.csv --scale scale.json --report fit.html[/]
    """
    record = read_scale_record(scale)
    require_writable(*([] if report is None else [report]))
    answers = answers_to_scale(
        file,
        record,
        weights=weights,
        weights_kind=weights_kind,
        cluster=cluster,
        groups=() if group is None else (group,),
    )
    with steps("Checking:") as on_step:
        found = run(record, answers, fast=fast, sets=sets, seed=seed, on_step=on_step)
        if group is not None:
            on_step("item bias")
        bias = None if group is None else bias_between_groups(answers, group)
        if report is not None:
            from evenhand.cli.pages import check_page

            on_step("report")
            write_text(check_page(record, answers, found, bias), report)
    if as_json:
        written = None if report is None else str(report)
        print_json({**fit_body(found), "bias": None if bias is None else as_body(bias), "report": written})
    else:
        show_fit(found)
        if bias is not None:
            show(bias)
        if report is not None:
            say(f"Wrote {report}")
    if found.findings or (bias is not None and bias.flagged):
        raise typer.Exit(FOUND_SOMETHING)


@contextmanager
def steps(text: str) -> Iterator[Callable[[str], None]]:
    """Show which statistic is being computed; yields a function to be told."""
    with Console(stderr=True, highlight=False).status(escape(text)) as status:

        def on_step(step: str) -> None:
            status.update(escape(f"{text} {step}"))

        yield on_step
