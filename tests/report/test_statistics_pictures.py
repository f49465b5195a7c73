"""Pictures of the public statistics: named, described, with a table; what is withheld stays withheld."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from evenhand.report.picture import Picture
from evenhand.report.statistics import ENGLISH, people_bars, share_bars, share_lines
from evenhand.statistics.area import AreaEstimate, Estimate
from evenhand.statistics.figures import ALL, Figure

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {"mill": "Mill", "ferry": "Ferry <b>&", "north": "North bank"}


def figure(period: str, area: str, people: float | None, group: str = ALL) -> Figure:
    estimate = None
    if people is not None:
        share = Estimate(0.4, 0.3, 0.52)
        number = Estimate(people, people - 15, people + 15)
        estimate = AreaEstimate(number, Estimate(0.1, -0.2, 0.4), (share, share), 0.9, 0.1, 0.2, 1.5)
    return Figure(period, "region" if area == "north" else "district", area, group, 12.5, estimate)


FIGURES = [
    figure(period, area, people)
    for period in ("2026-11", "2026-12", "2026")
    for area, people in (("mill", 120.0), ("ferry", None), ("north", 300.0))
]


def pictures() -> list[Picture]:
    made = [
        people_bars(FIGURES, "2026-11", NAMES),
        share_bars(FIGURES, "2026-11", NAMES, "moderate", 0),
        share_lines(FIGURES, NAMES, "severe", 1),
    ]
    return [each for each in made if each is not None]


@pytest.mark.parametrize("place", range(3))
def test_a_picture_has_a_title_a_description_and_a_table(place: int) -> None:
    picture = pictures()[place]
    for svg in (picture.svg, picture.narrow_svg):
        root = ET.fromstring(svg)  # noqa: S314 - our own
        assert root.findtext(f"{SVG}title") == picture.title
        assert root.findtext(f"{SVG}desc") == picture.description
        assert root.get("role") == "img"
    assert all(len(row) == len(picture.table.columns) for row in picture.table.rows)
    assert picture.reading


@pytest.mark.parametrize("place", range(3))
def test_a_withheld_figure_has_no_number(place: int) -> None:
    rows = [row for row in pictures()[place].table.rows if row[0].startswith("Ferry")]
    assert rows
    assert all(row[-2:] == ("too few", "–") for row in rows)


def test_the_table_holds_the_numbers() -> None:
    bars, shares, _ = pictures()
    assert bars.table.rows[0] == ("North bank", "300", "285 to 315")
    assert shares.table.rows[1][1:] == ("40.0\N{NO-BREAK SPACE}%", "30.0 to 52.0\N{NO-BREAK SPACE}%")


def test_lines_show_months_and_no_years() -> None:
    assert {row[1] for row in pictures()[2].table.rows} == {"2026-11", "2026-12"}


def test_groups_do_not_stand_among_everybody() -> None:
    picture = people_bars([*FIGURES, figure("2026-11", "mill", 60.0, "alone")], "2026-11", NAMES)
    assert picture is not None
    assert len(picture.table.rows) == 3


def test_there_is_no_picture_of_nothing() -> None:
    assert people_bars([], "2026-11", NAMES) is None
    assert share_bars(FIGURES, "2027-01", NAMES, "moderate", 0) is None
    assert share_lines(FIGURES[:3], NAMES, "moderate", 0) is None


def test_all_withheld_is_still_a_picture_that_says_so() -> None:
    picture = people_bars([figure("2026-11", "mill", None)], "2026-11", NAMES)
    assert picture is not None
    assert picture.description.startswith("0 of 1 figures are shown")


def test_a_district_withheld_in_every_month_says_so_in_its_panel() -> None:
    picture = pictures()[2]
    assert picture.svg.count(">too few<") == picture.narrow_svg.count(">too few<") == 1


def test_other_words_take_the_place_of_the_english_ones() -> None:
    russian = replace(ENGLISH, people="Участники, {}", too_few="слишком мало")
    picture = people_bars(FIGURES, "2026-11", NAMES, words=russian)
    assert picture is not None
    assert picture.title == "Участники, 2026-11"
    assert "слишком мало" in picture.svg
