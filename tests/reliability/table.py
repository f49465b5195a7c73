"""Write the figures of a run into docs/reliability.md: `python -m tests.reliability.table FIGURES`.

EVENHAND_FIGURES=figures.jsonl make reliability
python -m tests.reliability.table figures.jsonl
"""

import json
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures begin -->\n", "<!-- figures end -->\n"

TESTS = {
    1: "kill -9 under load",
    2: "a fault at a call to the disk during one answer",
    3: "torn WAL or rollback journal",
    4: "disk full",
    5: "one bit flipped anywhere in the file",
    6: "kill inside a migration",
    7: "PostgreSQL stopped immediately under load",
    9: "state machine beside a model",
    10: "forms sent twice at once",
    12: "rotation while serving, killed",
    13: "planted strings after erasure and the end of the backup period",
    14: "backup and restore",
}


def table(lines: list[str]) -> str:
    """The table: the fullest and latest run of each test."""
    best: dict[tuple[int, str, str], dict[str, Any]] = {}
    for line in lines:
        each = json.loads(line)
        key = (each["row"], each["where"], each["figures"].get("fault", ""))
        if key not in best or each["full"] >= best[key]["full"]:
            best[key] = each
    rows = ["| # | test | where | run | figures |", "|---|---|---|---|---|"]
    for (row, where, _), each in sorted(best.items()):
        figures = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in each["figures"].items())
        rows.append(f"| {row} | {TESTS[row]} | {where} | {'full' if each['full'] else 'short'} | {figures} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the table between the marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    PAGE.write_text(before + BEGIN + table(lines) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
