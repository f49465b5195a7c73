"""Numbers and names as text, and colours that can be read."""

import math
import re
from importlib import resources

import pytest

from evenhand.report import formats, labels, palette


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-1.224, 2, "−1.22"),
        (-0.004, 2, "0.00"),
        (12345.678, 1, "12,345.7"),
        (None, 2, "–"),
        (math.nan, 2, "–"),
        (-math.inf, 2, "–"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert formats.number(value, digits) == text


def test_percent_and_intervals() -> None:
    assert formats.percent(0.2346) == "23.5\u00a0%"
    assert formats.percent(None) == "–"
    assert formats.interval(formats.bounds(0.0, 0.5)) == "−0.98 to 0.98"
    assert formats.interval(formats.bounds(0.0, math.nan)) == "–"
    assert formats.percent_interval(formats.share_bounds(0.99, 0.05)) == "89.2 to 100.0\u00a0%"
    assert formats.percent_interval(formats.share_bounds(None, 0.05)) == "–"


def test_many() -> None:
    assert [formats.many(n, "item") for n in (1, 8, 1200)] == ["1 item", "8 items", "1,200 items"]


def test_wrapped_lines_fit_and_the_last_is_cut() -> None:
    lines = labels.wrap("Worried about not having enough food to eat because of a lack of money", 150, 13, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(labels.text_width(line, 13) <= 150 for line in lines)


def test_a_word_longer_than_the_line_is_cut() -> None:
    (line,) = labels.wrap("x" * 300, 100, 13, 1)
    assert line.endswith("…")
    assert labels.text_width(line, 13) <= 100


def test_wide_scripts_take_more_room_and_marks_none() -> None:
    assert labels.text_width("食", 10) > labels.text_width("a", 10)
    assert labels.text_width("e\u0301", 10) == labels.text_width("e", 10)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [palette.INK, palette.MUTED, palette.DATA, palette.SECOND, palette.LINE])
def test_colours_of_words_are_readable_on_every_ground(colour: str) -> None:
    assert min(contrast(colour, ground) for ground in ("#ffffff", palette.PEOPLE, palette.BAND)) >= 4.5


@pytest.mark.parametrize("colour", [palette.EDGE, palette.BAND_EDGE])
def test_outlines_stand_out(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 3


def test_numbers_in_cells_are_readable() -> None:
    pairs = zip(palette.DIVERGING, palette.DIVERGING_INK, strict=True)
    assert min(contrast(fill, ink) for fill, ink in pairs) >= 4.5


def test_the_style_sheet_uses_the_palette() -> None:
    css = resources.files("evenhand.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    named = dict(re.findall(r"--(\w+): (#\w+);", css))
    assert (named["ink"], named["muted"], named["rule"]) == (palette.INK, palette.MUTED, palette.RULE)
    assert (named["data"], named["second"]) == (palette.DATA, palette.SECOND)
