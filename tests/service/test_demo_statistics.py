"""What the demo makes public: it replays, it is whole, and the alert finds the shock and nothing else."""

import json
from datetime import date
from pathlib import Path

import pytest

from evenhand.programme.definition import load_programme
from evenhand.service.demo_statistics import SIMULATED, publish_demo, simulated_years
from evenhand.service.demo_town import TOWN, seed_town
from evenhand.service.office import open_office
from evenhand.service.round_files import replay_files
from evenhand.store.fsck import fsck

DAY = date(2026, 12, 20)


def test_the_alert_finds_the_shock_where_and_when_it_struck() -> None:
    found, district, since = simulated_years(load_programme("demo-town"))
    assert [each.area for each in found.alerts] == [district]
    (alert,) = found.alerts
    assert alert.change > 0
    assert alert.p_false < 0.01
    assert abs(found.months.index(alert.since) - found.months.index(since)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 8))
def test_the_shock_is_found_in_other_simulated_years(seed: int) -> None:
    found, district, since = simulated_years(load_programme("demo-town"), seed=seed)
    (alert,) = (each for each in found.alerts if each.area == district)
    assert alert.change > 0
    assert abs(found.months.index(alert.since) - found.months.index(since)) <= 6


@pytest.mark.slow
def test_without_a_shock_alerts_are_as_rare_as_claimed() -> None:
    programme = load_programme("demo-town")
    alerts = [simulated_years(programme, seed=seed, shock=0.0)[0].alerts for seed in range(1, 8)]
    assert sum(map(len, alerts)) <= 5  # of 42 series at 5 %: more has a probability of 2 %


def test_the_simulated_years_say_that_they_are_simulated() -> None:
    found, _, _ = simulated_years(load_programme("demo-town"))
    assert all(text.endswith("(simulated)") for text in found.title.values())


def test_the_demo_publishes_months_a_round_and_files(tmp_path: Path) -> None:
    town = seed_town(tmp_path / "office", people=60, day=DAY)
    done = publish_demo(town.folder, tmp_path / "public", TOWN, DAY, analyst="boris", approver="elena")
    assert done.months == ("2026-10", "2026-11")
    assert {str(each.relative_to(tmp_path / "public")) for each in done.files} >= {
        "rounds/first/protocol.json",
        "statistics/statistics.csv",
        "statistics/statistics.json",
        "statistics/guarantee.json",
        f"{SIMULATED}/statistics.json",
    }
    body = json.loads((tmp_path / "public" / "statistics" / "statistics.json").read_text("utf-8"))
    assert [each["round"] for each in body["support"]["rounds"]] == ["first"]
    if (tmp_path / "public" / "rounds" / "first" / "tickets.csv").exists():
        assert replay_files(tmp_path / "public" / "rounds" / "first")[1] is None
    with open_office(town.folder).store as store:
        assert fsck(store) == ()
