"""`evenhand publish` and `evenhand statistics`, in an office whose programme opened two months ago."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evenhand.programme.definition import load_programme
from evenhand.service.office import make_office, open_office
from evenhand.service.open_programme import open_programme
from evenhand.service.publish import publish
from evenhand.service.staff import actor_of, add_staff
from tests.cli.commands import Ended, Run

NOW = datetime.now(UTC)
LAST = (NOW.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
BEFORE = (NOW.replace(day=1) - timedelta(days=40)).strftime("%Y-%m")
Command = Callable[..., Ended]


@pytest.fixture
def good(run: Run, tmp_path: Path) -> Command:
    """Runs a command that must succeed."""
    opened = datetime(int(BEFORE[:4]), int(BEFORE[5:]), 2, 10, tzinfo=UTC)
    office = make_office(tmp_path / "evenhand-office", "town.example/evenhand", clock=lambda: opened)
    with office.store:
        for name, role in (("anna", "administrator"), ("boris", "analyst")):
            add_staff(office, "anna", name, [role])
        open_programme(office, actor_of(office, "boris"), load_programme("demo-town"))

    def command(*words: str) -> Ended:
        ended = run(*words)
        assert ended.code == 0, ended.err
        return ended

    return command


def test_publishing_releases_all_that_is_due_and_says_the_price(good: Command) -> None:
    told = good("publish", "demo-town", "--as", "boris").err
    assert f"{BEFORE} is released" in told
    assert f"{LAST} is released" in told
    assert "rho = 1/10" in told


def test_publishing_again_says_that_it_was_released(good: Command) -> None:
    good("publish", "demo-town", "--as", "boris")
    assert "released before" in good("publish", "demo-town", "--as", "boris", "--period", LAST).err
    assert "Every month that ended is released." in good("publish", "demo-town", "--as", "boris").err


def test_publishing_for_machines(good: Command) -> None:
    body = json.loads(good("publish", "demo-town", "--as", "boris", "--period", LAST, "--json").out)
    (month,) = body["months"]
    assert (month["period"], month["fresh"], month["rho"], month["remaining"]) == (LAST, True, "1/10", "0")
    assert body["files"] == []


def test_the_public_files_are_written(good: Command, tmp_path: Path) -> None:
    body = json.loads(good("publish", "demo-town", "--as", "boris", "--out", "public/statistics", "--json").out)
    assert len(body["files"]) == 3
    assert {Path(each).name for each in body["files"]} == {
        each.name for each in (tmp_path / "public" / "statistics").iterdir()
    }


def test_showing_gives_a_table_for_each_period(good: Command) -> None:
    assert "Nothing is released yet." in good("statistics", "show", "demo-town").err
    good("publish", "demo-town", "--as", "boris", "--period", LAST)
    shown = good("statistics", "show", "demo-town")
    assert LAST in shown.out
    assert "too few" in shown.out
    assert "Mill (district)" in shown.out


def test_small_areas_stand_beside_the_direct_values_and_say_so(good: Command, tmp_path: Path) -> None:
    office = open_office(tmp_path / "evenhand-office")
    with office.store:
        # as if twenty more stood in every cell: enough to be shown
        draw = lambda _noise, counts: tuple(each + 20 for each in counts)  # noqa: E731 - said once
        publish(office, actor_of(office, "boris"), "demo-town", LAST, draw=draw)
    shown = good("statistics", "show", "demo-town").out
    assert "Fay-Herriot" in shown
    assert "direct, ± error" in " ".join(shown.split())


def test_checking_a_programme_says_what_its_budget_buys(run: Run) -> None:
    told = " ".join(run("programme", "check", "demo-town").out.split())
    assert "An alert finds a lasting change of half an SD" in told
    assert "within 12 months with probability 1.00, within 24 with 1.00" in told


def test_showing_for_machines_is_the_public_file(good: Command, tmp_path: Path) -> None:
    good("publish", "demo-town", "--as", "boris", "--out", "public")
    shown = good("statistics", "show", "demo-town", "--json").out
    assert shown == (tmp_path / "public" / "statistics.json").read_text("utf-8")


def test_who_is_no_analyst_is_refused(good: Command, run: Run) -> None:
    ended = run("publish", "demo-town", "--as", "anna")
    assert ended.code == 2
    assert "case.not-allowed" in ended.err
    assert good("statistics", "show", "demo-town").code == 0


def test_a_month_that_is_none_is_refused(good: Command, run: Run) -> None:
    ended = run("publish", "demo-town", "--as", "boris", "--period", "last", "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "statistics.period"
    assert good("fsck").code == 0


def test_power_says_what_the_budget_buys(run: Run) -> None:
    ended = run("statistics", "power", "demo-town", "--people", "25", "--people", "100", "--change", "0.5")
    assert ended.code == 0
    assert "rho = 0.1 a year, epsilon = 2.14" in ended.out
    assert "too few" in ended.out


def test_power_for_machines(run: Run) -> None:
    ended = run("statistics", "power", "demo-town", "--people", "100", "--change", "0.5", "--json")
    (seen,) = json.loads(ended.out)["seen"]
    assert seen["shown"]
    assert [each["months"] for each in seen["powers"]] == [12, 24]
    assert 0.9 < seen["powers"][0]["power"] <= seen["powers"][1]["power"] + 0.01


def test_power_without_people_is_refused(run: Run) -> None:
    ended = run("statistics", "power", "demo-town", "--people", "0")
    assert ended.code == 2
    assert "statistics.power" in ended.err
