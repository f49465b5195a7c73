"""Figures for docs/reliability.md come from tests that passed, teardown included, and name what was tested."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.recorder import FIGURES
from tests.reliability.revision import revision
from tests.reliability.table import best, table

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
        "from tests.reliability.recorder import pytest_runtest_makereport, record\n", encoding="utf-8"
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
    environment = {
        **os.environ,
        FIGURES: str(path),
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    ended = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "1 failed, 2 passed, 1 error" in ended.stdout
    assert [json.loads(line)["row"] for line in path.read_text("utf-8").splitlines()] == [1]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("not run: no git here")
    for name in ("src", "docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("one\n")
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "--no-gpg-sign", "-m", "first")):
        subprocess.run([git, "-C", str(tmp_path), *words], check=True)
    return tmp_path


def test_the_revision_is_the_commit_and_a_plus_where_the_source_was_changed(repository: Path) -> None:
    committed = revision(repository)
    (repository / "docs" / "a.txt").write_text("two\n")
    assert (revision(repository), len(committed)) == (committed, 7)
    (repository / "src" / "b.txt").write_text("new\n")
    assert revision(repository) == committed + "+"


def test_without_a_repository_no_revision_is_named(tmp_path: Path) -> None:
    assert revision(tmp_path) == ""


def test_the_table_shows_the_latest_full_run_with_its_revision_and_leaves_other_rows_out() -> None:
    def line(row: int, full: bool, kills: int, **more: str) -> str:
        return json.dumps({"row": row, "where": "here", "full": full, "figures": {"kills": kills}, **more})

    noted = {"revision": "abcdef0+", "date": "2026-11-22"}
    lines = [line(1, True, 1), line(1, True, 2000, **noted), line(1, False, 3, **noted), line(6, False, 4)]
    told = table(best([*lines, line(99, True, 5)]))
    assert told.splitlines()[2:] == [
        "| 1 | kill -9 under load | here | full | abcdef0+, 2026-11-22 | kills: 2,000 |",
        "| 6 | kill inside a migration | here | short | not noted | kills: 4 |",
    ]
