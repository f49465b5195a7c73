"""The demo town: an invented office that is whole, repeatable, and takes nobody's place."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from evenhand.casework.events import Assessed, ConsentRecorded
from evenhand.errors import OutputError
from evenhand.programme.sample import FAO_COUNTRY1, load_sample
from evenhand.service.demo_town import CODES, ORIGIN, STAFF, TOWN, Town, seed_town
from evenhand.service.office import make_office, open_office
from evenhand.service.rescore import rescore
from evenhand.service.staff import actor_of
from evenhand.store.fsck import fsck

PEOPLE = 60


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return seed_town(tmp_path_factory.mktemp("demo") / "office", people=PEOPLE)


def figures(town: Town) -> Town:
    return replace(town, folder=Path(), codes=Path())


def test_everybody_is_proposed_for_and_the_store_is_whole(town: Town) -> None:
    assert town.states == {"proposed": PEOPLE}
    assert sum(town.proposals.values()) == PEOPLE
    with open_office(town.folder).store as store:
        assert fsck(store) == ()


def test_everything_happened_between_the_opening_and_the_demo_s_day(town: Town) -> None:
    office = open_office(town.folder)
    with office.store, office.store.reading() as reading:
        dates = office.programme(reading, TOWN).dates
        files = reading.queue(TOWN, limit=PEOPLE)
        days = {file.updated_at[:10] for file in files}
        districts = {file.district for file in files}
        consents = [
            event
            for file in files
            for _, event in reading.events(file.case_id)
            if isinstance(event, ConsentRecorded)
        ]
    assert dates.opens.isoformat() <= min(days) <= max(days) <= town.day.isoformat()
    assert town.day <= dates.intake_closes
    assert len(days) > 10
    assert districts == {"mill", "orchard", "station", "ferry", "linden", "quarry"}
    assert {each.language for each in consents} == {"en", "ru"}
    assert {each.purposes["statistics"] for each in consents} == {True, False}


def test_the_answers_are_those_of_the_sample(tmp_path: Path) -> None:
    names, patterns = load_sample(FAO_COUNTRY1)
    town = seed_town(tmp_path / "office", people=200, seed=3)
    known = {tuple(row) for row in patterns.codes.tolist()}
    office = open_office(town.folder)
    with office.store, office.store.reading() as reading:
        for file in reading.queue(TOWN, limit=200):
            scored = next(e for _, e in reading.events(file.case_id) if isinstance(e, Assessed))
            row = tuple(-1 if scored.answers[name] is None else scored.answers[name] for name in names)
            assert row in known
    assert int(np.sum(patterns.n)) == 1000


def test_stored_figures_of_unknown_answers_too_score_again_to_the_last_bit(tmp_path: Path) -> None:
    town = seed_town(tmp_path / "office", people=200, seed=3)
    office = open_office(town.folder)
    with office.store:
        found = rescore(office, actor_of(office, "elena"), TOWN)
    assert (found.assessments, found.identical, found.worst) == (200, 200, 0.0)


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 11, 22), date(2031, 1, 1)])
def test_any_calendar_day_will_do_and_gives_the_same_people(tmp_path: Path, day: date) -> None:
    one = seed_town(tmp_path / "one", people=20, day=day)
    two = seed_town(tmp_path / "two", people=20, day=date(2026, 11, 22))
    assert figures(one) == replace(figures(two), day=day)


def test_the_same_seed_gives_the_same_figures_and_other_codes(tmp_path: Path, town: Town) -> None:
    again = seed_town(tmp_path / "office", people=PEOPLE, day=town.day)
    assert figures(again) == figures(town)
    assert (again.folder / CODES).read_text("utf-8") != (town.folder / CODES).read_text("utf-8")


def test_codes_can_be_drawn_from_a_seed_for_tests(tmp_path: Path) -> None:
    def seeded() -> str:
        random = np.random.default_rng(5).bytes
        made = seed_town(tmp_path / "office", people=5, random=random)
        return (made.folder / CODES).read_text("utf-8")

    assert seeded() == seeded()


def test_the_file_of_codes_is_its_owner_s_alone(town: Town) -> None:
    assert (town.folder / CODES).stat().st_mode & 0o777 == 0o600
    assert town.folder.stat().st_mode & 0o077 == 0


def test_a_town_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    seed_town(tmp_path / "office", people=3)
    assert seed_town(tmp_path / "office", people=4).people == 4
    assert [path.name for path in tmp_path.iterdir()] == ["office"]


def test_an_office_of_somebody_s_is_left_alone(tmp_path: Path) -> None:
    make_office(tmp_path / "office", "town.example/evenhand").store.close()
    before = sorted(path.name for path in (tmp_path / "office").iterdir())
    with pytest.raises(OutputError) as error:
        seed_town(tmp_path / "office", people=3)
    assert error.value.code == "output.not-a-demo"
    assert sorted(path.name for path in (tmp_path / "office").iterdir()) == before


@pytest.mark.parametrize("content", ["notes.txt", "keys"])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, content: str) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / content).write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as error:
        seed_town(tmp_path / "office", people=3)
    assert error.value.code == "output.not-a-demo"
    assert (tmp_path / "office" / content).read_text("utf-8") == "mine"


def test_an_interrupted_demo_leaves_the_earlier_town(tmp_path: Path) -> None:
    seed_town(tmp_path / "office", people=3)
    before = (tmp_path / "office" / CODES).read_text("utf-8")

    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed_town(tmp_path / "office", people=3, on_person=stop)
    assert (tmp_path / "office" / CODES).read_text("utf-8") == before
    assert [path.name for path in tmp_path.iterdir()] == ["office"]


def test_every_member_of_staff_has_a_role(town: Town) -> None:
    office = open_office(town.folder)
    with office.store:
        assert {name: actor_of(office, name).roles for name in STAFF} == {
            name: frozenset({role}) for name, role in STAFF.items()
        }
        assert office.store.keys.verifier.name == ORIGIN
