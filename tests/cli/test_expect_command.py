"""Tests of `evenhand programme check --expect`."""

import json
from pathlib import Path

from typer.testing import CliRunner

from evenhand.cli.app import app

RUN = CliRunner()


def test_expected_errors_stand_beside_the_meaning(tmp_path: Path) -> None:
    report = tmp_path / "expected.html"
    words = ["programme", "check", "demo-town", "--expect", "--n", "60", "--report", str(report), "--json"]
    done = RUN.invoke(app, words)
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout)
    assert body["expected"]["format"] == "evenhand.expectation/1"
    assert body["expected"]["n"] == 60
    assert body["meaning"] is not None
    assert "Before launch" in report.read_text("utf-8")


def test_without_the_option_nothing_is_simulated() -> None:
    done = RUN.invoke(app, ["programme", "check", "demo-town", "--json"])
    assert "expected" not in json.loads(done.stdout)


def test_a_table_is_shown_to_people() -> None:
    done = RUN.invoke(app, ["programme", "check", "demo-town", "--expect", "--n", "50"])
    assert done.exit_code == 0
    assert "perfect measure" in done.stdout


def test_a_report_of_nothing_is_refused(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["programme", "check", "demo-town", "--report", str(tmp_path / "x.html")])
    assert done.exit_code != 0
    assert getattr(done.exception, "code", "") == "expect.report"


def test_a_programme_with_faults_is_not_simulated(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: evenhand.programme/1\nname: x\n", "utf-8")
    done = RUN.invoke(app, ["programme", "check", str(broken), "--expect", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["expected"] is None
