"""Publishing: charged and drawn once, in one change, whatever breaks; then only served."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from evenhand.casework.events import BudgetCharged, StatisticsReleased, StoreRestored
from evenhand.errors import CaseError, OutputError, StatisticsError, StoreError
from evenhand.service.office import Office
from evenhand.service.open_programme import close_programme, open_programme
from evenhand.service.public_statistics import (
    CSV,
    GUARANTEE,
    JSON,
    show,
    statistics_files,
    write_statistics,
)
from evenhand.service.publish import due_months, plan_in_force, publish, versions_of
from evenhand.service.rights import erase, restrict, withdraw
from evenhand.service.rounds import close, plan, record_second_value, reveal
from evenhand.statistics.noise import Mechanism
from evenhand.statistics.release import Release
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.releases import kept_release
from tests.service.offices import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    CASEWORKER,
    TOWN,
    Days,
    finished,
    joined,
    new_office,
    town_like,
)
from tests.store.conftest import keys, postgres_box, stores  # noqa: F401 - fixtures
from tests.store.stores import Maker

Drawn = list[tuple[int, ...]]


class CutError(Exception):
    """The power went."""


def in_month(days: Days, month: str) -> None:
    days.at = datetime(int(month[:4]), int(month[5:]), 3, 10, 0, tzinfo=UTC)


@pytest.fixture
def town(tmp_path: Path) -> tuple[Office, Days]:
    """Two people of November, and it is December."""
    office, days = new_office(tmp_path)
    finished(office)
    finished(office, district="ferry")
    in_month(days, "2026-12")
    return office, days


def exact(_noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
    """No noise: a test must see what it would be added to."""
    return tuple(counts)


def many(_noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
    """As if twenty more stood in every cell: enough to be shown."""
    return tuple(count + 20 for count in counts)


def kinds(office: Office) -> list[str]:
    with office.store.reading() as reading:
        return [each.kind for _, each in reading.office_events(TOWN)]


def values(office: Office, month: str) -> tuple[int, ...]:
    with office.store.reading() as reading:
        kept = kept_release(reading, TOWN, month)
    assert kept is not None
    return tuple(each.value for each in (*kept.release.cells, *kept.release.regions))


def code_of(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.code)


def test_a_month_is_charged_and_released_in_one_change(town: tuple[Office, Days]) -> None:
    office, _ = town
    (done,) = publish(office, ANALYST, TOWN, "2026-11")
    assert (done.fresh, done.rho, done.remaining, done.renews) == (
        True,
        Fraction(1, 10),
        Fraction(0),
        "2027-01-01",
    )
    assert kinds(office)[-2:] == [BudgetCharged.kind, StatisticsReleased.kind]
    assert fsck(office.store) == ()


def test_the_noise_is_added_to_the_month_s_people(town: tuple[Office, Days]) -> None:
    office, _ = town
    seen: list[int] = []

    def watching(_noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
        seen.append(sum(counts))
        return tuple(counts)

    publish(office, ANALYST, TOWN, "2026-11", draw=watching)
    assert seen == [2, 2]  # in the districts' cells, and in the regions'


def test_a_released_month_is_served_again_as_it_was_drawn(town: tuple[Office, Days]) -> None:
    office, _ = town
    publish(office, ANALYST, TOWN, "2026-11")
    before = values(office, "2026-11")
    (again,) = publish(office, ANALYST, TOWN, "2026-11", draw=many)
    assert not again.fresh
    assert values(office, "2026-11") == before
    assert kinds(office).count(BudgetCharged.kind) == 1


def test_without_a_month_all_that_are_due_are_released_oldest_first(town: tuple[Office, Days]) -> None:
    office, days = town
    in_month(days, "2027-02")
    assert [each.period for each in publish(office, ANALYST, TOWN)] == ["2026-11", "2026-12", "2027-01"]
    assert publish(office, ANALYST, TOWN) == ()


def test_a_month_without_anybody_is_released_too(town: tuple[Office, Days]) -> None:
    office, days = town
    in_month(days, "2027-01")
    publish(office, ANALYST, TOWN, "2026-12")
    assert len(values(office, "2026-12")) == 8 * 10 * 3


def test_a_closed_programme_has_no_months_after_its_end(town: tuple[Office, Days]) -> None:
    office, days = town
    close_programme(office, ANALYST, TOWN)
    in_month(days, "2027-04")
    with office.store.reading() as reading:
        assert due_months(office, reading, TOWN) == ("2026-11", "2026-12")


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-12", "statistics.month-open"),
        ("2027-03", "statistics.month-open"),
        ("2026-10", "statistics.before-opening"),
        ("2026-13", "statistics.period"),
        ("2026-11-01", "statistics.period"),
        ("November", "statistics.period"),
    ],
)
def test_a_month_that_cannot_be_released_is_refused_and_costs_nothing(
    town: tuple[Office, Days], month: str, code: str
) -> None:
    office, _ = town
    with pytest.raises(StatisticsError) as error:
        publish(office, ANALYST, TOWN, month)
    assert code_of(error) == code
    assert BudgetCharged.kind not in kinds(office)


@pytest.mark.parametrize("actor", [CASEWORKER, ADMINISTRATOR, AUDITOR])
def test_only_an_analyst_publishes(town: tuple[Office, Days], actor: Any) -> None:
    with pytest.raises(CaseError, match="publish"):
        publish(town[0], actor, TOWN)


def test_an_unknown_programme_has_no_statistics(town: tuple[Office, Days]) -> None:
    with pytest.raises(CaseError) as error:
        show(town[0], "no-such")
    assert code_of(error) == "programme.not-open"


def test_erasing_and_withdrawing_touch_only_months_not_released(tmp_path: Path) -> None:
    office, days = new_office(tmp_path)
    people = [finished(office)[0].actor for _ in range(3)]
    in_month(days, "2026-12")
    withdraw(office, people[0], str(people[0].case))
    publish(office, ANALYST, TOWN, "2026-11", draw=exact)
    before = values(office, "2026-11")
    erase(office, people[1], str(people[1].case))
    assert values(office, "2026-11") == before
    assert sum(before) == 2 * 2
    assert fsck(office.store) == ()


# Frozen cases


def test_a_frozen_case_is_not_counted_in_what_is_released_meanwhile(tmp_path: Path) -> None:
    office, days = new_office(tmp_path)
    people = [finished(office)[0].actor for _ in range(3)]
    restrict(office, people[0], str(people[0].case), on=True)
    restrict(office, people[1], str(people[1].case), on=True)
    restrict(office, people[1], str(people[1].case), on=False)
    in_month(days, "2026-12")
    publish(office, ANALYST, TOWN, "2026-11", draw=exact)
    before = values(office, "2026-11")
    assert sum(before) == 2 * 2
    restrict(office, people[0], str(people[0].case), on=False)
    assert publish(office, ANALYST, TOWN, "2026-11")[0].fresh is False
    assert values(office, "2026-11") == before
    assert fsck(office.store) == ()


# Versions


def version(office: Office, number: str, **changes: Any) -> None:
    open_programme(office, ANALYST, town_like(version=number, **changes))


def kept(office: Office, month: str) -> Release:
    with office.store.reading() as reading:
        found = kept_release(reading, TOWN, month)
    assert found is not None
    return found.release


SMALLER = {
    "source": "invented",
    "regions": [
        {
            "key": "north",
            "name": {"en": "North bank", "ru": "Северный берег"},
            "districts": [{"key": "mill", "name": {"en": "Mill", "ru": "Мельничный"}}],
        }
    ],
}


def test_a_version_that_drops_a_district_blocks_no_month_and_loses_nobody(tmp_path: Path) -> None:
    office, days = new_office(tmp_path)
    finished(office, district="ferry")
    version(office, "2", areas=SMALLER)
    finished(office)
    in_month(days, "2027-01")
    done = publish(office, ANALYST, TOWN, draw=exact)
    assert [each.period for each in done] == ["2026-11", "2026-12"]
    people = {each.area: each.value for each in kept(office, "2026-11").cells if each.value}
    assert people == {"ferry": 1, "mill": 1}
    # a case of the first version can be finished at any time, so that its places keep their cells
    assert len(kept(office, "2026-12").cells) == len(kept(office, "2026-11").cells)
    found = show(office, TOWN)
    assert {each.area for each in found.figures} == set(found.areas)
    assert "2026" in {each.period for each in found.figures}


def test_a_version_of_the_next_month_changes_nothing_of_this_one(town: tuple[Office, Days]) -> None:
    office, days = town
    with office.store.reading() as reading:
        first = office.programme(reading, TOWN).hash()
    version(office, "2", areas=SMALLER)
    in_month(days, "2027-01")
    publish(office, ANALYST, TOWN, draw=exact)
    assert (kept(office, "2026-11").definition, kept(office, "2026-11").earlier) == (first, ())
    assert kept(office, "2026-12").definition != first
    assert kept(office, "2026-12").earlier == (first,)


def test_a_version_that_is_opened_again_is_the_latest(town: tuple[Office, Days]) -> None:
    office, _ = town
    version(office, "2", areas=SMALLER)
    version(office, "1")
    with office.store.reading() as reading:
        under = versions_of(office, reading, TOWN, "2026-12")
    assert [under.definition.version, *(each.version for each in under.earlier)] == ["1", "2"]


def test_values_of_a_field_that_a_version_dropped_count_as_nothing_said(tmp_path: Path) -> None:
    office, days = new_office(tmp_path)
    finished(office)
    shrunk(office, "2", extra_field=None)
    finished(office)
    in_month(days, "2026-12")
    publish(office, ANALYST, TOWN, "2026-11", draw=exact)
    assert [each.value for each in kept(office, "2026-11").cells if each.value] == [2]
    assert {each.field_value for each in kept(office, "2026-11").cells} == {None}


def test_cases_whose_need_was_classed_otherwise_are_not_added_up(tmp_path: Path) -> None:
    fies = Path(__file__).parents[2] / "src/evenhand/programme/library/fies.yaml"
    (tmp_path / "own.yaml").write_text(fies.read_text("utf-8").replace("WORRIED", "ANXIOUS"), "utf-8")
    office, days = new_office(tmp_path)
    finished(office)
    other = town_like(tmp_path, version="2", need={"instrument": "own.yaml"})
    open_programme(office, ANALYST, other)
    in_month(days, "2026-12")
    publish(office, ANALYST, TOWN, "2026-11", draw=exact)
    assert sum(values(office, "2026-11")) == 0
    with office.store.reading() as reading:
        assert sum(reading.cells(TOWN, "2026-11").values()) == 1
        under = versions_of(office, reading, TOWN, "2026-11")
    assert (under.others, under.earlier) == (True, ())


# Out of budget


def shrunk(office: Office, version: str, **statistics: Any) -> None:
    """A new version of the programme, with another budget."""
    base = {
        "rho_per_year": 0.1,
        "delta": 1e-6,
        "cells_per_invitation_year": 1,
        "thresholds": ["moderate", "severe"],
        "extra_field": "home_kind",
    }
    open_programme(office, ANALYST, town_like(version=version, statistics={**base, **statistics}))


def test_out_of_budget_is_a_refusal_with_the_date_it_renews(town: tuple[Office, Days]) -> None:
    office, days = town
    publish(office, ANALYST, TOWN, "2026-11")
    shrunk(office, "2", rho_per_year=0.05)
    in_month(days, "2027-01")
    with pytest.raises(StatisticsError, match="renews on 2027-01-01") as error:
        publish(office, ANALYST, TOWN, "2026-12")
    assert code_of(error) == "statistics.budget-spent"
    assert kinds(office).count(BudgetCharged.kind) == 1
    in_month(days, "2027-02")
    assert publish(office, ANALYST, TOWN, "2027-01")[0].fresh


def test_a_later_version_cannot_raise_the_budget_that_was_promised(town: tuple[Office, Days]) -> None:
    office, _ = town
    shrunk(office, "2", rho_per_year=1.0)
    with office.store.reading() as reading:
        assert plan_in_force(office, reading, TOWN).rho_per_year == Fraction(1, 10)


def test_a_later_version_cannot_count_on_fewer_months_than_were_allowed(tmp_path: Path) -> None:
    office, _ = new_office(tmp_path, town_like(statistics={"cells_per_invitation_year": 12}))
    shrunk(office, "2", cells_per_invitation_year=1)
    with office.store.reading() as reading:
        assert plan_in_force(office, reading, TOWN).cells_a_year == 12


def test_twelve_months_spend_the_year_and_no_more(tmp_path: Path) -> None:
    office, days = new_office(tmp_path, town_like(statistics={"cells_per_invitation_year": 12}))
    in_month(days, "2028-01")
    done = publish(office, ANALYST, TOWN)
    assert [each.remaining for each in done if each.period.startswith("2027")][-1] == 0
    assert sum(each.rho for each in done if each.period.startswith("2027")) == Fraction(1, 10)
    assert fsck(office.store) == ()


# After a restore


def test_after_a_restore_an_earlier_month_is_not_drawn_without_a_word(town: tuple[Office, Days]) -> None:
    office, _ = town
    with office.store.unit() as unit:
        unit.append(StoreRestored("", office.clock(), "system", 3, 0))
    with pytest.raises(StatisticsError) as error:
        publish(office, ANALYST, TOWN, "2026-11")
    assert code_of(error) == "statistics.after-restore"
    assert publish(office, ANALYST, TOWN, "2026-11", never_released=True)[0].fresh


def test_a_month_that_ends_after_the_restore_is_drawn_as_ever(town: tuple[Office, Days]) -> None:
    office, days = town
    with office.store.unit() as unit:
        unit.append(StoreRestored("", office.clock(), "system", 3, 0))
    in_month(days, "2027-01")
    assert publish(office, ANALYST, TOWN, "2026-12")[0].fresh


# Crashes between charge and release


def an_office(maker: Maker, keyring: MemoryKeys) -> Office:
    """An open programme on either database, in December."""
    from evenhand.programme.definition import load_programme

    days = Days()
    office = Office(maker.new(keyring), days)
    open_programme(office, ANALYST, load_programme(TOWN))
    in_month(days, "2026-12")
    return office


def counting(drawn: Drawn) -> Callable[[Mechanism, Sequence[int]], tuple[int, ...]]:
    def draw(noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
        drawn.append(noise.release(counts))
        return drawn[-1]

    return draw


def test_cut_at_each_statement_nothing_is_charged_and_the_rerun_releases_once(
    stores: Maker,  # noqa: F811 - the fixture
    keys: MemoryKeys,  # noqa: F811 - the fixture
) -> None:
    office = an_office(stores, keys)
    left = [0]

    def cut(*_given: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise CutError

    event.listen(office.store.engine, "before_cursor_execute", cut)
    number = 0
    while True:
        number += 1
        left[0] = number
        try:
            (done,) = publish(office, ANALYST, TOWN, "2026-11")
        except CutError:
            left[0] = -1
            released = kinds(office)[1:]
            assert released in ([], [BudgetCharged.kind, StatisticsReleased.kind])  # both, or neither
            assert fsck(office.store) == ()
            continue
        break
    left[0] = -1
    assert number > 15
    assert kinds(office)[1:] == [BudgetCharged.kind, StatisticsReleased.kind]
    assert not done.fresh  # the last cuts came after the change, before the checkpoint
    assert fsck(office.store) == ()


def test_where_nobody_knows_whether_the_commit_held_the_stored_release_is_served(
    town: tuple[Office, Days], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _ = town
    drawn: Drawn = []
    commit = type(office.store)._commit

    def unknown(self: Any, connection: Any) -> None:
        commit(self, connection)
        raise StoreError("store.outcome-unknown", "The line broke.", mend="Look whether it was stored.")

    with monkeypatch.context() as broken:
        broken.setattr(type(office.store), "_commit", unknown)
        with pytest.raises(StoreError):
            publish(office, ANALYST, TOWN, "2026-11", draw=counting(drawn))
    (done,) = publish(office, ANALYST, TOWN, "2026-11", draw=counting(drawn))
    assert not done.fresh
    assert values(office, "2026-11") == drawn[0] + drawn[1]
    assert len(drawn) == 2  # the cells and the regions, once


def test_where_the_commit_certainly_failed_nothing_was_spent(
    town: tuple[Office, Days], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _ = town

    def failing(_self: Any, _connection: Any) -> None:
        raise StoreError("store.full", "The disk is full.", mend="Make room.")

    with monkeypatch.context() as broken:
        broken.setattr(type(office.store), "_commit", failing)
        with pytest.raises(StoreError):
            publish(office, ANALYST, TOWN, "2026-11")
    assert kinds(office) == ["programme-opened"] + ["invitations-issued"] * 2
    assert publish(office, ANALYST, TOWN, "2026-11")[0].remaining == 0


# What is shown


def test_figures_are_shown_for_every_area_and_period(town: tuple[Office, Days]) -> None:
    office, days = town
    in_month(days, "2027-02")
    publish(office, ANALYST, TOWN, draw=many)
    found = show(office, TOWN)
    assert found.months == ("2026-11", "2026-12", "2027-01")
    assert {each.period for each in found.figures} == {"2026-11", "2026-12", "2027-01", "2026", "2027"}
    assert {each.group for each in found.figures} == {"all", "alone", "others", ""}
    assert all(each.estimate is not None for each in found.figures if each.group == "all")


def test_districts_add_up_to_regions_and_months_to_years(town: tuple[Office, Days]) -> None:
    office, days = town
    in_month(days, "2027-01")
    publish(office, ANALYST, TOWN, draw=many)
    people = {
        (each.period, each.area, each.group): each.estimate.people.value
        for each in show(office, TOWN).figures
        if each.estimate is not None
    }
    for period in ("2026-11", "2026"):
        districts = sum(people[period, area, "all"] for area in ("mill", "orchard", "station"))
        assert districts == pytest.approx(people[period, "north", "all"], abs=1e-6)
    assert people["2026-11", "mill", "all"] + people["2026-12", "mill", "all"] == pytest.approx(
        people["2026", "mill", "all"], abs=1e-6
    )


def test_the_same_figures_come_out_again(town: tuple[Office, Days]) -> None:
    from evenhand.service import public_statistics

    office, _ = town
    publish(office, ANALYST, TOWN, draw=many)
    first = statistics_files(show(office, TOWN))
    public_statistics._FIGURES.clear()
    public_statistics._MODELS.clear()
    assert statistics_files(show(office, TOWN)) == first


def test_few_people_are_withheld_without_a_number(town: tuple[Office, Days]) -> None:
    office, _ = town
    publish(office, ANALYST, TOWN, draw=exact)
    found = show(office, TOWN)
    assert {each.status for each in found.figures} == {"too few"}
    rows = list(csv.DictReader(io.StringIO(statistics_files(found)[CSV])))
    assert {row["people"] + row["mean_need"] + row["share_severe_high"] for row in rows} == {""}


def test_small_areas_stand_beside_the_direct_figures(town: tuple[Office, Days]) -> None:
    office, _ = town
    publish(office, ANALYST, TOWN, draw=many)
    found = show(office, TOWN).small
    assert {each.period for each in found} == {"2026-11", "2026"}
    assert all(0 <= each.weight <= 1 and each.rmse > 0 for each in found)


def test_nothing_released_is_nothing_shown(town: tuple[Office, Days]) -> None:
    found = show(town[0], TOWN)
    assert (found.figures, found.alerts, found.small, found.months) == ((), (), (), ())
    assert json.loads(statistics_files(found)[JSON])["figures"] == []


def test_support_given_is_the_places_of_rounds_and_no_count_of_cases(tmp_path: Path) -> None:
    office, days = new_office(tmp_path)
    finished(office, need="11111111")
    plan(office, ANALYST, TOWN, "first", approved_by="olga", second_value_from="the auditor", places=40)
    close(office, ANALYST, TOWN, "first")
    record_second_value(office, ANALYST, TOWN, "first", value="417", source="the auditor")
    assert show(office, TOWN).slots == ()
    reveal(office, ANALYST, TOWN, "first")
    (slots,) = show(office, TOWN).slots
    assert (slots.round, slots.month, slots.places, slots.reserved) == ("first", "2026-11", 40, 2)
    assert days.at.month == 11


def test_the_files_say_what_is_shown(town: tuple[Office, Days], tmp_path: Path) -> None:
    office, _ = town
    publish(office, ANALYST, TOWN, draw=many)
    found = show(office, TOWN)
    written = write_statistics(found, tmp_path / "public" / "statistics")
    assert sorted(each.name for each in written) == [GUARANTEE, CSV, JSON]
    assert sorted(each.name for each in (tmp_path / "public" / "statistics").iterdir()) == [GUARANTEE, CSV, JSON]
    body = json.loads(written[1].read_text("utf-8"))
    assert body["months"] == ["2026-11"]
    assert body["releases"] == dict(found.hashes)
    assert len(body["figures"]) == len(found.figures) == len(written[0].read_text("utf-8").splitlines()) - 1
    assert json.loads(written[2].read_text("utf-8"))["charged"][0]["months"] == ["2026-11"]


def test_a_folder_that_cannot_be_written_to_is_told(town: tuple[Office, Days], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError) as error:
        write_statistics(show(town[0], TOWN), tmp_path / "taken")
    assert code_of(error) == "output.unwritable"


def test_who_only_joined_is_not_counted(tmp_path: Path) -> None:
    office, days = new_office(tmp_path)
    joined(office)
    in_month(days, "2026-12")
    publish(office, ANALYST, TOWN, draw=exact)
    assert set(values(office, "2026-11")) == {0}
