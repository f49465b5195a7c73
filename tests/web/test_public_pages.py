"""What everybody can read: the promise with its figures, statistics in both languages, rounds and their files."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.service.promise import USUAL, promise
from evenhand.service.public_statistics import PublicStatistics, Slots, SmallArea
from evenhand.service.publish import publish
from evenhand.statistics.area import LEVEL
from evenhand.statistics.budget import BudgetLedger
from evenhand.statistics.trend import Alert
from evenhand.web.public import promise as page_of_promise
from evenhand.web.public import statistics as page_of_statistics
from evenhand.web.public.statistics import pictures
from evenhand.web.texts import words
from tests.report.test_statistics_pictures import FIGURES
from tests.service.offices import ANALYST, TOWN, finished, town_like
from tests.service.test_rounds import draw_round
from tests.web.browsing import Town, new_town

DOCS = Path(__file__).resolve().parents[2] / "docs"
BASE = f"/p/{TOWN}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town with a round whose list is public."""
    found = new_town(tmp_path_factory.mktemp("public"), town_like(budget={"places": 6}))
    for _ in range(11):
        finished(found.office, "11110000")
    draw_round(found.office)
    return found


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "no guess is right in more than 62 %"), ("ru", "не верна больше чем в 62 % случаев")],
)
@pytest.mark.parametrize("path", ["/privacy-promise", f"{BASE}/promise"])
def test_the_promise_is_told_in_both_languages_with_its_figures(
    town: Town, language: str, told: str, path: str
) -> None:
    page = town.visitor(language).open(path)
    assert (page.status, page.read.language) == (200, language)
    assert told in page.words
    assert ("2.14" if language == "en" else "2,14") in page.words
    assert not re.search(r"\{\w+\}", page.words)


def test_a_programme_s_promise_has_its_own_budget(tmp_path: Path) -> None:
    body = {"rho_per_year": 0.5, "delta": 1e-7, "cells_per_invitation_year": 4}
    page = new_town(tmp_path, town_like(statistics=body)).visitor().open(f"{BASE}/promise")
    for told in ("ρ = 0.5 a year", "δ = 0.0000001", "no guess is right in more than 75 %", "so many months: 4"):
        assert told in page.words
    assert "Nothing was published yet." in page.words


def test_the_promise_of_the_docs_has_the_same_figures() -> None:
    text = (DOCS / "privacy-promise.md").read_text("utf-8")
    found, english = promise(BudgetLedger(USUAL)), words("en")
    for years, rho, epsilon, _ in page_of_promise.rows(found, english):
        most = page_of_promise.guess(found.years[[str(e.years) for e in found.years].index(years)], english)
        assert f"| {years} | {rho} | {epsilon} | {most} in 100 |" in text
    assert f"more than {page_of_promise.guess(found.year, english)} times in 100" in text
    assert f"{found.cell_noise:.2f}\npeople" in text or f"{found.cell_noise:.2f} people" in text.replace(
        "\n   ", " "
    )
    assert f"{found.region_noise:.2f} in each of a region" in text


def test_a_guess_is_never_rounded_in_the_promise_s_own_favour() -> None:
    for each in promise(BudgetLedger(USUAL)).years:
        assert int(page_of_promise.guess(each, words("en"))) >= 100 * each.guess


def test_every_public_page_is_reached_from_the_programme_s_first(town: Town) -> None:
    visitor, seen, left = town.visitor(), set(), [BASE]
    while left:
        path = left.pop()
        if path in seen or "/join" in path or "/lost" in path or "/static/" in path:
            continue
        seen.add(path)
        page = visitor.open(path)
        assert page.status == 200, path
        left += [each.partition("?")[0] for each in page.read.links if each.startswith("/")]
    wanted = ("rules", "statistics", "promise", "rounds", "rounds/one", "rounds/one/tickets.csv")
    assert {f"{BASE}/{each}" for each in wanted} | {"/privacy-promise", "/ledger"} <= seen
    assert {
        f"{BASE}/statistics/{each}" for each in ("statistics.csv", "statistics.json", "guarantee.json")
    } <= seen


@pytest.mark.parametrize(("language", "told"), [("en", "equal lottery"), ("ru", "равная жеребьёвка")])
def test_a_public_round_tells_its_expected_errors_beside_two_yardsticks(
    town: Town, language: str, told: str
) -> None:
    page = town.visitor(language).open(f"{BASE}/rounds/one")
    assert told in page.words


def test_a_withheld_round_tells_no_expected_errors(tmp_path: Path) -> None:
    town = new_town(tmp_path, town_like(budget={"places": 6}))
    for need in ("11110000", "11111111"):
        finished(town.office, need)
    draw_round(town.office, places=1)
    assert "equal lottery" not in town.visitor().open(f"{BASE}/rounds/one").words


# pictures of the statistics


RUSSIAN = {"mill": "Мельничный", "ferry": "Паромный", "north": "Северный берег"}


def statistics() -> PublicStatistics:
    """Three places and two months, one place withheld."""
    return PublicStatistics(
        programme=TOWN,
        title={"en": "Winter food"},
        areas={key: {"en": key.capitalize(), "ru": name} for key, name in RUSSIAN.items()},
        months=("2026-11", "2026-12"),
        thresholds=(("moderate", 0.0), ("severe", 2.0)),
        figures=tuple(FIGURES),
        small=(),
        alerts=(),
        slots=(),
        ledger=BudgetLedger(USUAL),
        hashes={"2026-11": "a", "2026-12": "b"},
    )


def test_pictures_read_in_russian() -> None:
    made = pictures(statistics(), "2026-11", words("ru"))
    assert [each.key for each in made] == [
        "people-2026-11", "shares-0-2026-11", "shares-1-2026-11", "months-0", "months-1",
    ]  # fmt: skip
    for each in made:
        told = " ".join((each.title, each.reading, each.description, each.table.caption, *each.table.columns))
        told += " ".join(cell for row in each.table.rows for cell in row)
        assert not re.search("[A-Za-z]", told), each.key
        assert not re.search(r"\d\.\d", told), each.key
        drawn = " ".join(re.findall(r">([^<>]+)<", each.svg))
        assert not re.search("[A-Za-z]{2,}", drawn), each.key
    assert made[1].table.rows[1][1:] == ("40,0\N{NO-BREAK SPACE}%", "от 30,0 до 52,0\N{NO-BREAK SPACE}%")


def test_pictures_of_the_same_releases_are_drawn_once() -> None:
    first = pictures(statistics(), "2026-12", words("en"))
    assert pictures(statistics(), "2026-12", words("en")) is first
    assert pictures(statistics(), "2026-12", words("ru")) is not first


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("Mill: need changed", "More since 2026-11", "0.21 ± 0.40", "With the others, logits", "30 to 52")),
        (
            "ru",
            ("Мельничный: нужда изменилась", "Больше с 2026-11", "0,21 ± 0,40", "С учётом других", "от 30 до 52"),
        ),
    ],
)
def test_alerts_intervals_and_small_areas_stand_on_the_page(
    town: Town, monkeypatch: pytest.MonkeyPatch, language: str, told: tuple[str, ...]
) -> None:
    found = replace(
        statistics(),
        small=(SmallArea("2026-12", "mill", 0.30, 0.52, 0.21, 0.40, 0.7),),
        alerts=(Alert("mill", "2026-12", "2026-11", 0.62, 0.11, 0.004),),
        slots=(Slots("first", "2026-12", 40, 2),),
    )
    monkeypatch.setattr(page_of_statistics, "statistics_of", lambda *_: found)
    page = town.visitor(language).open(f"{BASE}/statistics")
    assert page.html.count("<figure") == 5
    for each in told:
        assert each in page.words, each
    assert "2026-11" in town.visitor(language).open(f"{BASE}/statistics?month=2026-11").words


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_level_that_is_told_is_that_of_the_intervals(language: str) -> None:
    found = words("en" if language == "en" else "ru").entries
    for key in ("public.statistics.table", "public.picture.reading", "public.picture.within"):
        assert f"{100 * LEVEL:.0f}" in str(found[key])
        assert "95" not in str(found[key])


def test_a_month_with_too_few_people_has_a_table_and_no_empty_picture(tmp_path: Path) -> None:
    town = new_town(tmp_path)
    finished(town.office, "11110000")
    town.days.pass_by(15)
    publish(town.office, ANALYST, TOWN, "2026-11")
    page = town.visitor("ru").open(f"{BASE}/statistics")
    assert "слишком мало, чтобы сказать" in page.words
    assert page.html.count("<figure") == 0
    body = json.loads(town.visitor().client.get(f"{BASE}/statistics/guarantee.json").text)
    assert body["programme"] == TOWN
