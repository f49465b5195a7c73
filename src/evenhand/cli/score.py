"""`evenhand score`."""

from pathlib import Path
from typing import cast

import numpy as np
import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import ARGUMENT_ANSWERS, OPTION_JSON, OPTION_SCALE, number, print_json, say, working
from evenhand.cli.files import answers_to_scale
from evenhand.errors import OptionError
from evenhand.measure.score import ScoreMethod
from evenhand.service.score import AnswerScores
from evenhand.service.score import score as run
from evenhand.tabular.tables import Columns, require_writable, write_table

METHODS = ("eap", "map", "wle", "ml")


def score(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    scale: Path = typer.Option(help=OPTION_SCALE),
    method: str = typer.Option("eap", metavar="eap|map|wle|ml", help="Kind of score."),
    threshold: str | None = typer.Option(None, help="Name of a threshold, or a number on the scale's metric."),
    out: Path = typer.Option(Path("scores.csv"), help="Where to write the scores (.csv or .parquet)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Score answers: a measure for each row, its standard error, and the probability of lying above a threshold.

    The output holds row numbers and no column of the input.

    Example: [bold]evenhand score survey.csv --scale scale.json --threshold moderate[/]
    """
    if method not in METHODS:
        raise OptionError(
            "options.unknown-value",
            f"--method cannot be {method!r}.",
            where="--method",
            why=f"It is one of: {', '.join(METHODS)}.",
            mend="Use --method eap.",
        )
    require_writable(out)
    record = read_scale_record(scale)
    answers = answers_to_scale(file, record)
    with working("Scoring …"):
        found = run(record, answers, method=cast("ScoreMethod", method), threshold=threshold)
    write_table(columns_of(found), out)
    notes = _notes(found)
    if as_json:
        print_json(
            {"out": str(out), "n": len(found.row), "method": method, "threshold": threshold, "notes": notes}
        )
        return
    measured = np.isfinite(found.theta)
    if measured.any():
        mean, se = float(found.theta[measured].mean()), float(found.se[measured].mean())
        say(f"{len(found.row):,} rows: mean {number(mean)}, mean standard error {number(se)}.")
    for note in notes:
        say(note)
    say(f"Wrote {out}")


def columns_of(found: AnswerScores) -> Columns:
    """The columns of a table of scores."""
    columns = {"row": found.row, "answered": found.answered, "theta": found.theta, "se": found.se}
    return columns if found.p_at_least is None else {**columns, "p_at_least": found.p_at_least}


def _notes(found: AnswerScores) -> list[str]:
    notes = []
    empty, infinite = int(np.isnan(found.theta).sum()), int(np.isinf(found.theta).sum())
    if empty:
        notes.append(f"{empty} rows hold no answer and have no measure.")
    if infinite:
        notes.append(
            f"{infinite} rows have all the lowest or all the highest answers: their maximum-likelihood measure is "
            "infinite. Use --method wle or eap for a finite one."
        )
    return notes
