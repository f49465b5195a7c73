"""The picture of one measure: the right figures, readable by everybody."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

from evenhand.casework.explain import explain
from evenhand.casework.explainparts import Measured
from evenhand.casework.explaintell import picture_words
from evenhand.report.canvas import NARROW
from evenhand.report.explain import posterior_picture
from evenhand.report.picture import Picture
from tests.casework.explained import history, programme_of

NS = "{http://www.w3.org/2000/svg}"
HALF: list[Any] = [1, 1, 1, 1, 0, 0, 0, 0]
FIES = programme_of("fies")
LANGUAGES = ["en", "ru"]


def drawn(given: list[Any] = HALF, language: str = "en") -> tuple[Picture, Measured]:
    found = explain(history(FIES, given), FIES)
    return posterior_picture(found.measured, picture_words(found, language)), found.measured


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_has_a_role_a_name_and_a_description_by_their_ids(language: str) -> None:
    picture, _ = drawn(language=language)
    for drawing in (picture.svg, picture.narrow_svg):
        root = ET.fromstring(drawing)  # noqa: S314 - our own drawing
        title, description = root.find(f"{NS}title"), root.find(f"{NS}desc")
        assert root.get("role") == "img"
        assert title is not None
        assert description is not None
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert (title.text, description.text) == (picture.title, picture.description)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_runs_nothing_and_fetches_nothing(language: str) -> None:
    picture, _ = drawn(language=language)
    for drawing in (picture.svg, picture.narrow_svg):
        assert not re.search(r"<script|javascript:|\son\w+=|<style|style=|<image|url\((?!#)", drawing)
        assert set(re.findall(r"https?://[^\s\"']+", drawing)) == {NS[1:-1]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "given", [HALF, [1] * 8, [0] * 8, ["refused"] * 8], ids=["half", "all", "none", "unknown"]
)
def test_every_word_is_legible_and_inside_at_320_pixels(given: list[Any], language: str) -> None:
    root = ET.fromstring(drawn(given, language)[0].narrow_svg)  # noqa: S314 - our own drawing
    texts = root.findall(f"{NS}text")
    assert texts
    for text in texts:
        size = float(text.get("font-size", "0"))
        assert size * 320 / NARROW >= 11
        width = len(text.text or "") * size * 0.62
        begin = float(text.get("x", "0")) - {"middle": width / 2, "end": width}.get(text.get("text-anchor", ""), 0)
        assert begin >= -4
        assert begin + width <= NARROW + 4


def test_the_words_of_a_picture_are_of_one_language() -> None:
    root = ET.fromstring(drawn(language="ru")[0].svg)  # noqa: S314 - our own drawing
    for text in root.findall(f"{NS}text"):
        assert not re.search("[A-Za-z]", text.text or "")


def shaded(picture: Picture) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The corners of the shaded area: the filled shape with the most of them."""
    paths = re.findall(r'<path d="([^"]+)"[^>]*fill="#dbe6ec"', picture.svg)
    points = [re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path) for path in paths]
    return np.array(max(points, key=len), dtype=np.float64)


def area(points: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    x, y = points[:, 0], points[:, 1]
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


@pytest.mark.parametrize("given", [HALF, [1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 0, 0]])
def test_the_shaded_part_of_the_drawing_is_the_probability(given: list[Any]) -> None:
    picture, found = drawn(given)
    curve = max(re.findall(r'<path d="([^"]+)"[^>]*fill="none"', picture.svg), key=len)
    points = np.array(re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", curve), dtype=np.float64)
    base = shaded(picture)[:, 1].max()
    whole = area(np.vstack([[points[0, 0], base], points, [points[-1, 0], base]]))
    assert area(shaded(picture)) / whole == pytest.approx(found.p, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_beside_holds_the_figures(language: str) -> None:
    picture, found = drawn(language=language)
    values = [row[1].replace("−", "-").replace(",", ".") for row in picture.table.rows]
    expected = [found.theta, found.se, *found.interval, found.threshold]
    assert [float(value) for value in values[:5]] == [round(value, 2) for value in expected]
    assert values[5] == ("about 7 in 10" if language == "en" else "около 7 из 10")


def test_the_same_measure_draws_the_same_bytes() -> None:
    assert drawn()[0] == drawn()[0]
