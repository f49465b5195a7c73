"""`evenhand simulate`."""

from pathlib import Path

import typer

from evenhand.api import read_scale_record
from evenhand.cli.console import OPTION_JSON, OPTION_SCALE, print_json, say
from evenhand.service.simulate import simulate as run
from evenhand.service.simulate import written_codes
from evenhand.tabular.tables import write_table


def simulate(
    scale: Path = typer.Option(help=OPTION_SCALE),
    n: int = typer.Option(help="How many people."),
    seed: int = typer.Option(help="The same seed gives the same people."),
    truth: bool = typer.Option(False, help="Also write each person's true measure (column theta)."),
    out: Path = typer.Option(Path("simulated.csv"), help="Where to write the answers (.csv or .parquet)."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Write answers of invented people with a known truth.

    Example: [bold]evenhand simulate --scale scale.json --n 1000 --seed 1[/]
    """
    record = read_scale_record(scale)
    people = run(record, n=n, seed=seed)
    columns = written_codes(record, people.codes)
    write_table({**columns, "theta": people.theta} if truth else columns, out)
    if as_json:
        print_json({"out": str(out), "n": n, "seed": seed})
        return
    say(f"Wrote {n:,} invented people to {out}")
