"""Running the command inside the test's process."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from evenhand.cli import main
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes
from tests.cli.commands import Ended, Run
from tests.cli.offices import Town, make_town

__all__ = ["Ended", "Run"]

ITEMS = ("Q1", "Q2", "Q3", "Q4", "Q5")
REGIONS = ("north", "south", "west")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `evenhand` with these words in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["evenhand", *(str(word) for word in words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else 0
        shown = capsys.readouterr()
        return Ended(code, shown.out, shown.err)

    return call


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """600 invented people: five items, a weight, a region, and a name that must not be carried along."""
    rng = np.random.default_rng(5)
    items = items_from_thresholds(np.ones(5), np.array([[-1.0], [-0.5], [0.0], [0.5], [1.0]]))
    theta = rng.normal(0, 1.5, 600)
    codes = simulate_codes(rng, items, theta)
    weight = rng.uniform(0.5, 2.0, 600).round(3)
    region = rng.choice(REGIONS, 600)
    lines = [",".join([*ITEMS, "wt", "region", "favourite_dish"])]
    lines += [
        ",".join([*(str(code) for code in row), str(w), r, f"person{index}"])
        for index, (row, w, r) in enumerate(zip(codes, weight, region, strict=True))
    ]
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def made_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an office that is made once, and copied for each test."""
    folder = tmp_path_factory.mktemp("town")
    make_town(folder)
    return folder


@pytest.fixture
def town(run: Run, made_town: Path, tmp_path: Path) -> Town:
    """An office of the test's own: staff, an open programme, nobody invited."""
    shutil.copytree(made_town, tmp_path, dirs_exist_ok=True)
    return Town(run, tmp_path)
