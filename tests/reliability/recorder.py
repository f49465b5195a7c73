"""Figures for the table of docs/reliability.md: what a test notes is written once all of it has passed."""

import json
import os
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reliability.revision import revision

FIGURES = "EVENHAND_FIGURES"
"""Names the file that `tests.reliability.table` makes the table of docs/reliability.md from."""

Record = Callable[..., None]

NOTED = pytest.StashKey[list[str]]()
FAILED = pytest.StashKey[bool]()

REVISION = revision() if os.environ.get(FIGURES) else ""
"""What is tested: found before the first test, for others may change the tree while the tests run."""


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Record:
    """Notes a figure for the table, where one is being made. It is written once the whole test has passed."""
    noted = request.node.stash.setdefault(NOTED, [])

    def note(row: int, where: str, full: bool, **figures: object) -> None:
        line = {"row": row, "where": where, "full": full, "figures": figures, "test": request.node.name}
        noted.append(json.dumps({**line, "revision": REVISION, "date": datetime.now(UTC).date().isoformat()}))

    return note


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001 - the hook's
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write a test's figures after its teardown, and only where every part of it passed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or not report.passed
    path, noted = os.environ.get(FIGURES), item.stash.get(NOTED, [])
    if report.when == "teardown" and path and noted and not item.stash[FAILED]:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in noted))
    return report
