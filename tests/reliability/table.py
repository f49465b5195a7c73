"""Write the figures of runs into docs/reliability.md: `python -m tests.reliability.table FIGURES…`.

EVENHAND_FIGURES=figures.jsonl make reliability
python -m tests.reliability.table figures.jsonl

What was written before stays in `figures.jsonl` beside this module until a later run of the same test replaces it.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
KEPT = Path(__file__).with_name("figures.jsonl")
"""One line for each row of the table."""

BEGIN, END = "<!-- figures begin -->\n", "<!-- figures end -->\n"

TESTS = {
    1: "kill -9 under load",
    2: "a fault at a call to the disk during one answer",
    3: "torn WAL or rollback journal",
    4: "disk full",
    5: "one bit changed in a row",
    6: "kill inside a migration",
    7: "PostgreSQL stopped immediately under load",
    8: "the privacy budget, spent by many at once",
    9: "state machine beside a model",
    10: "forms sent twice at once",
    12: "rotation while serving, killed",
    13: "planted strings after erasure and the end of the backup period",
    14: "backup and restore",
    19: "codes and passwords that are guessed",
    25: "attacks on the public statistics, by somebody who knows everybody else",
    26: "90 % intervals of the public statistics: share that hold the truth",
    27: "false alerts",
}


def best(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The fullest and latest run of each test, in the table's order. Rows of other pages are left out."""
    found: dict[tuple[int, str, str], dict[str, Any]] = {}
    for line in lines:
        each = json.loads(line)
        key = (each["row"], each["where"], each["figures"].get("fault", ""))
        if each["row"] in TESTS and (key not in found or each["full"] >= found[key]["full"]):
            found[key] = each
    return [found[key] for key in sorted(found)]


def table(runs: Iterable[dict[str, Any]]) -> str:
    """The table of these runs."""
    rows = ["| # | test | where | run | revision | figures |", "|---|---|---|---|---|---|", *map(_row, runs)]
    return "\n".join(rows) + "\n"


def _row(each: dict[str, Any]) -> str:
    figures = ", ".join(f"{name.replace('_', ' ')}: {_told(value)}" for name, value in each["figures"].items())
    run = "full" if each["full"] else "short"
    revision = f"{each.get('revision') or 'not noted'}, {each.get('date', '')}".rstrip(", ")
    return f"| {each['row']} | {TESTS[each['row']]} | {each['where']} | {run} | {revision} | {figures} |"


def _told(value: object) -> str:
    """A figure; whole numbers with commas, truth in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    """Keep the figures, and write the table between the marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    files = [KEPT, *map(Path, sys.argv[1:])]
    runs = best(line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    KEPT.write_text("".join(json.dumps(each) + "\n" for each in runs), encoding="utf-8")
    PAGE.write_text(before + BEGIN + table(runs) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
