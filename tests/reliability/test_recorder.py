"""Figures for docs/reliability.md come from tests that passed, teardown included."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.reliability.conftest import FIGURES

ROOT = Path(__file__).parents[2]

TESTS = """
import pytest

@pytest.fixture
def falls():
    yield
    raise RuntimeError("after the test")

def test_passes(record):
    record(1, "here", True, kills=2)

def test_fails(record):
    record(2, "here", True, kills=2)
    assert record is None

def test_fails_in_its_teardown(record, falls):
    record(3, "here", True, kills=2)
"""


def test_only_a_test_that_passed_leaves_its_figures(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.reliability.conftest import pytest_runtest_makereport, record\n", encoding="utf-8"
    )
    (tmp_path / "test_three.py").write_text(TESTS, encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    path = tmp_path / "figures.jsonl"
    environment = {**os.environ, FIGURES: str(path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "1 failed, 2 passed, 1 error" in ended.stdout
    assert [json.loads(line)["row"] for line in path.read_text("utf-8").splitlines()] == [1]
