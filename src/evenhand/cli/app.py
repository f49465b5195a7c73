"""The command's frame: sub-commands, errors and exit codes."""

import sys
import warnings

import typer

from evenhand.cli import (
    adaptive,
    calibrate,
    check,
    compare,
    demo,
    dif,
    instrument,
    link,
    prevalence,
    programme,
    score,
    score_table,
    simulate,
    verify,
)
from evenhand.cli.console import report_error, say
from evenhand.errors import EvenhandError
from evenhand.version import __version__

INTERRUPTED = 3
KEYBOARD_INTERRUPT = 130
"""The code Typer ends with after Ctrl-C."""

app = typer.Typer(
    name="evenhand",
    help="Measures a person's need for support from their own answers, and carries the uncertainty along.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("calibrate")(calibrate.calibrate)
app.command("score")(score.score)
app.command("score-table")(score_table.score_table)
app.command("check")(check.check)
app.command("compare")(compare.compare)
app.command("dif")(dif.dif)
app.command("link")(link.link)
app.command("prevalence")(prevalence.prevalence)
app.command("simulate")(simulate.simulate)
app.command("verify")(verify.verify)
app.add_typer(adaptive.app, name="adaptive")
app.add_typer(instrument.app, name="instrument")
app.add_typer(programme.app, name="programme")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"evenhand {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Real answers in, a defensible measure out."""


def main() -> None:
    """Run the command.

    Exit codes: 0 done; 1 a check found something; 2 bad input or usage; 3 interrupted safely.
    """
    # a library's deprecations are for its users' developers, not for analysts
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        app()
    except EvenhandError as error:
        report_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except SystemExit as ending:
        if ending.code != KEYBOARD_INTERRUPT:
            raise
    except KeyboardInterrupt:
        pass
    say("Interrupted. Nothing was left half-written.")
    sys.exit(INTERRUPTED)
