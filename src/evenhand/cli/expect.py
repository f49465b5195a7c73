"""`evenhand programme check --expect`: expected errors before launch."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.cli.console import percent, print_findings, print_table, say, working
from evenhand.errors import OptionError
from evenhand.programme.definition import Programme

if TYPE_CHECKING:
    from evenhand.audit.expect import Expectation, Expected


def require_expect(*, expect: bool, report: Path | None) -> None:
    """Refuse a report of nothing, and a place that cannot be written to.

    Raises:
        OptionError: `--report` without `--expect`.
        OutputError: the report's place cannot be written to.
    """
    from evenhand.tabular.tables import require_writable

    if report is None:
        return
    if not expect:
        raise OptionError(
            "expect.report",
            "There is nothing to report without expected errors.",
            where="--report",
            mend="Add --expect.",
        )
    require_writable(report)


def simulated(programme: Programme, *, n: int, seed: int, report: Path | None) -> "Expectation":
    """The expected errors, and their report where one is asked for."""
    from evenhand.report.expectation import render_expectation
    from evenhand.service.expect import expected_errors
    from evenhand.tabular.tables import write_text

    with working("Inventing people..."):
        found = expected_errors(programme, n=n, seed=seed)
    if report is not None:
        write_text(render_expectation(found), report)
    return found


def body(found: "Expectation | None") -> dict[str, Any] | None:
    """Expected errors for machines."""
    from evenhand.report.expectation import expectation_body

    return None if found is None else expectation_body(found)


def show(found: "Expectation", report: Path | None) -> None:
    """Expected errors for a person."""
    print_table(
        f"Expected errors: {found.n:,} invented people, {found.places:,} places",
        ("way", "group", "exclusion", "inclusion", "neediest 40 % / .4"),
        [
            (
                row.way,
                row.group,
                _with_ends(row.exclusion),
                _with_ends(row.inclusion),
                "–" if row.ratio.value is None else f"{row.ratio.value:.2f}",
            )
            for row in found.ways
        ],
    )
    print_table(
        "The rule with other numbers of places",
        ("places", f"at most {found.currency}", "exclusion", "inclusion"),
        [
            (f"{row.places:,}", f"{row.money:,.0f}", _with_ends(row.exclusion), _with_ends(row.inclusion))
            for row in found.what_if
        ],
    )
    print_findings("What this rests on", found.notes)
    if report is not None:
        say(f"Wrote {report}")


def _with_ends(found: "Expected") -> str:
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return f"{percent(found.value)} ({100 * found.low:.1f} to {100 * found.high:.1f})"
