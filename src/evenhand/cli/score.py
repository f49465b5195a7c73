"""`evenhand score`."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import (
    ARGUMENT_ANSWERS,
    OPTION_JSON,
    OPTION_SCALE,
    counting,
    number,
    print_json,
    say,
    working,
)
from evenhand.cli.files import answers_to_joint, answers_to_scale, batches_to_scale
from evenhand.errors import OptionError
from evenhand.measure.score import ScoreMethod
from evenhand.service.big import score_batches
from evenhand.service.joint import FOR_REPORTS, answers_to, describe_jointly
from evenhand.service.score import AnswerScores
from evenhand.service.score import score as run
from evenhand.tabular.batches import is_big
from evenhand.tabular.batchtables import write_batches
from evenhand.tabular.tables import require_writable, write_table

METHODS = ("eap", "map", "wle", "ml")

FOR_GROUPS = (
    "Columns pv1, pv2, … are plausible values: random draws for figures of groups, combined by Rubin's rules. "
    "A draw says nothing about its person and serves no decision."
)


def score(
    file: Path = typer.Argument(help=ARGUMENT_ANSWERS),
    scale: Path = typer.Option(help=OPTION_SCALE),
    method: str = typer.Option("eap", metavar="eap|map|wle|ml", help="Kind of score."),
    threshold: str | None = typer.Option(None, help="Name of a threshold, or a number on the scale's metric."),
    plausible: int | None = typer.Option(None, help="Sets of plausible values, for figures of groups only."),
    seed: int = typer.Option(1, help="With --plausible: seed of the random numbers."),
    joint: bool = typer.Option(
        False, "--joint", help="With a scale of two components: add need and capacity jointly, for reports only."
    ),
    out: Path = typer.Option(Path("scores.csv"), help="Where to write the scores (.csv or .parquet)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Score answers: a measure for each row, its standard error, and the probability of lying above a threshold.

    The output holds row numbers and no column of the input. Of a scale of two components need is scored, from the
    answers about need alone.

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
    tally = Tally()
    kind = cast("ScoreMethod", method)
    if plausible is None and not joint and is_big(file):
        with counting("Scoring") as on_rows:
            batches = batches_to_scale(file, record, on_rows=on_rows)
            parts = score_batches(record, batches, method=kind, threshold=threshold)
            write_batches((tally.add(part).columns() for part in parts), out)
    else:
        whole = answers_to_joint(file, record) if joint else answers_to_scale(file, record)
        with working("Scoring …"):
            answers = answers_to(whole, record.names) if joint else whole
            found = tally.add(
                run(record, answers, method=kind, threshold=threshold, plausible=plausible, seed=seed)
            )
            more = describe_jointly(record, whole).columns() if joint else {}
        write_table({**found.columns(), **more}, out)
    notes = [
        *tally.notes(),
        *([] if plausible is None else [FOR_GROUPS]),
        *([FOR_REPORTS] if joint else []),
    ]
    if as_json:
        print_json({"out": str(out), "n": tally.rows, "method": method, "threshold": threshold, "notes": notes})
        return
    if tally.measured:
        mean, se = tally.theta / tally.measured, tally.se / tally.measured
        say(f"{tally.rows:,} rows: mean {number(mean)}, mean standard error {number(se)}.")
    for note in notes:
        say(note)
    say(f"Wrote {out}")


@dataclass(slots=True)
class Tally:
    """Sums over the scores as they pass by.

    Attributes:
        rows: rows so far.
        empty: rows without an answer.
        infinite: rows whose measure is infinite.
        measured: rows with a finite measure.
        theta: sum of the finite measures.
        se: sum of their standard errors.
    """

    rows: int = 0
    empty: int = 0
    infinite: int = 0
    measured: int = 0
    theta: float = 0.0
    se: float = 0.0

    def add(self, found: AnswerScores) -> AnswerScores:
        """Count these scores, and give them back."""
        finite = np.isfinite(found.theta)
        self.rows += len(found.row)
        self.empty += int(np.isnan(found.theta).sum())
        self.infinite += int(np.isinf(found.theta).sum())
        self.measured += int(finite.sum())
        self.theta += float(found.theta[finite].sum())
        self.se += float(found.se[finite].sum())
        return found

    def notes(self) -> list[str]:
        """What a reader of the scores must know."""
        notes = []
        if self.empty:
            notes.append(f"{self.empty} rows hold no answer and have no measure.")
        if self.infinite:
            notes.append(
                f"{self.infinite} rows have all the lowest or all the highest answers: their maximum-likelihood "
                "measure is infinite. Use --method wle or eap for a finite one."
            )
        return notes
