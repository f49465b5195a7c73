"""The command's frame: sub-commands, errors and exit codes."""

import sys
import warnings
from collections.abc import Mapping
from typing import ClassVar

import typer

from evenhand.cli.console import report_error, say
from evenhand.cli.lazy import Lazy, LazyGroup
from evenhand.errors import EvenhandError
from evenhand.version import __version__

INTERRUPTED = 3
KEYBOARD_INTERRUPT = 130
"""The code Typer ends with after Ctrl-C."""


def _of(module: str, name: str, told: str) -> Lazy:
    return Lazy(f"evenhand.cli.{module}", name, told)


class Commands(LazyGroup):
    """The commands of `evenhand`, in the order of their list."""

    table: ClassVar[Mapping[str, Lazy]] = {
        "demo": _of(
            "demo",
            "demo",
            "Real answers in; a calibrated, checked and linked scale, scores, prevalence, a report and a "
            "town out.",
        ),
        "serve": _of(
            "serve",
            "serve",
            "Serve an office: the pages for everybody who takes part, works there or looks in.",
        ),
        "calibrate": _of(
            "calibrate", "calibrate", "Calibrate a scale: from answers to items with severities, errors and fit."
        ),
        "score": _of(
            "score",
            "score",
            "Score answers: a measure for each row, its standard error, and the probability of lying "
            "above a threshold.",
        ),
        "score-table": _of(
            "score_table",
            "score_table",
            "Show what each raw score means: EAP, its standard error, and the probability of lying above "
            "a threshold.",
        ),
        "check": _of(
            "check",
            "check",
            "Check how a scale's items fit answers, and whether some depend on each other beyond what it "
            "measures.",
        ),
        "compare": _of(
            "compare",
            "compare",
            "Compare models of the same answers: which one do they carry, and which do they need?",
        ),
        "dif": _of(
            "dif", "dif", "Look for item bias: do people of equal need but different groups answer an item alike?"
        ),
        "link": _of(
            "link",
            "link",
            "Put a scale on a reference metric through the items in common, and take over its thresholds.",
        ),
        "prevalence": _of(
            "prevalence",
            "prevalence",
            "Estimate the share of people above a threshold, with standard errors, over everybody and by group.",
        ),
        "simulate": _of("simulate", "simulate", "Write answers of invented people with a known truth."),
        "adaptive": _of(
            "adaptive",
            "app",
            "Ask only as many items as a person's measure needs; try it on invented people first.",
        ),
        "instrument": _of("instrument", "app", "Instruments out of forms, into forms, and their check."),
        "programme": _of(
            "programme", "app", "Programmes: one purpose, one measure, one rule and an end, in a file."
        ),
        "office": _of("office", "app", "Offices: where the cases of programmes are kept."),
        "staff": _of("staff", "app", "Staff: who works in an office, and what is theirs to do."),
        "api-token": _of("tokens", "app", "Tokens: what partners sign in and call the API with."),
        "invite": _of("invite", "invite", "Issue single-use invitation codes to a partner, who hands them out."),
        "partner": _of("partner", "app", "Partners: who hands out invitations and support."),
        "case": _of("case", "app", "A person's own case: everything that they do with their code."),
        "collect": _of("partner", "collect", "Present a collection code: which support does it name?"),
        "queue": _of(
            "queue",
            "queue",
            "List open cases: what needs a person first, and why. No answer and no measure is shown.",
        ),
        "decide": _of(
            "queue",
            "decide",
            "Decide one case, with a reason. The way to contest it goes out with the decision.",
        ),
        "appeal": _of("appeal", "app", "Appeals: which are open, and their answers."),
        "complain": _of("appeal", "complain", "Complain about a programme: anybody can, and needs no code."),
        "round": _of("round", "app", "Rounds: plan, close, draw, reveal; in this order, and each once."),
        "replay": _of(
            "round",
            "replay",
            "Recompute a round from its public files alone. Exit code 1 names the first difference.",
        ),
        "publish": _of(
            "publish",
            "publish",
            "Release months of the public statistics: counted, charged to the privacy budget and drawn, each "
            "once.",
        ),
        "statistics": _of(
            "publish",
            "app",
            "Public statistics: figures from what was released, and what a privacy budget buys.",
        ),
        "audit": _of(
            "audit",
            "audit",
            "Write the evidence of a programme: targeting, calibration, fairness, item bias, decisions, appeals.",
        ),
        "sweep": _of("keep", "sweep", "Erase everything that is past its date, in every programme."),
        "rescore": _of(
            "keep",
            "rescore",
            "Score every stored assessment of a programme again, and say whether the figures are the same.",
        ),
        "fsck": _of(
            "keep", "fsck", "Check the whole store: everything that can be computed anew is, and compared."
        ),
        "keys": _of("keys", "app", "Keys: what seals the cases and signs the ledger, and their rotation."),
        "backup": _of("backup", "backup", "Back the store up while it serves: the folder alone opens nothing."),
        "restore": _of(
            "backup",
            "restore",
            "Restore a backup into an office without a store, and erase again what was erased since.",
        ),
        "receipt": _of("keep", "receipt", "Give an auditor the receipt of an entry about the office."),
        "verify": _of("verify", "verify", "Check offline that what a receipt records is in the ledger."),
    }


app = typer.Typer(
    name="evenhand",
    help="Measures a person's need for support from their own answers, and carries the uncertainty along.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


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
