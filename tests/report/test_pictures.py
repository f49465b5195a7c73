"""Every picture: well-formed, named, described, with its table, whatever the names and numbers."""

import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

from evenhand.report import pictures
from evenhand.report.content import ReportContent
from evenhand.report.picture import Picture
from tests.report.report_examples import (
    FIES,
    HOSTILE,
    SEVERITIES,
    bare,
    checked,
    content,
    linked,
    many_items,
    prevalence,
)

SVG = "{http://www.w3.org/2000/svg}"
CONTENTS: dict[str, Callable[[], ReportContent]] = {
    "fies": content,
    "linked": linked,
    "one": lambda: content(("ONLY",), (0.3,)),
    "sixty": lambda: many_items(60),
    "bare": bare,
    "hostile": lambda: content(HOSTILE, SEVERITIES),
    "checked": checked,
    "checked and quiet": lambda: checked(shift=-0.1),
    "checked and hostile": lambda: checked(HOSTILE),
}

DRAW: dict[str, Callable[[ReportContent], Picture | None]] = {
    "item-map": pictures.item_map,
    "precision": pictures.precision_curve,
    "item-fit": pictures.item_fit,
    "local-dependence": pictures.local_dependence,
    "score-distribution": pictures.score_distribution,
    "raw-scores": pictures.raw_scores,
    "prevalence": pictures.prevalence,
}


@pytest.fixture(scope="module", params=list(CONTENTS))
def drawn(request: pytest.FixtureRequest) -> tuple[Picture, ...]:
    return pictures.all_pictures(CONTENTS[request.param]())


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def by_key(report: ReportContent) -> dict[str, Picture]:
    return {picture.key: picture for picture in pictures.all_pictures(report)}


def one(report: ReportContent, key: str) -> Picture:
    made = DRAW[key](report)
    assert made is not None
    assert made.key == key
    return made


def words(svg: str) -> list[str]:
    return [part.text or "" for part in parse(svg).iter(f"{SVG}text")]


def test_each_drawing_has_role_title_and_description(drawn: tuple[Picture, ...]) -> None:
    for picture in drawn:
        for svg in (picture.svg, picture.narrow_svg):
            root = parse(svg)
            title, desc = root[0], root[1]
            assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
            assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
            assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
            assert (title.text, desc.text) == (picture.title, picture.description)
            assert root.get("viewBox")
            assert root.get("width") is None


def test_ids_are_unique_on_a_page_and_every_reference_is_kept(drawn: tuple[Picture, ...]) -> None:
    text = "".join(svg for picture in drawn for svg in (picture.svg, picture.narrow_svg))
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', text)) <= set(ids)


def test_drawings_hold_shapes_and_text_only(drawn: tuple[Picture, ...]) -> None:
    allowed = {"svg", "title", "desc", "g", "path", "defs", "use", "clipPath", "rect", "text"}
    for picture in drawn:
        for svg in (picture.svg, picture.narrow_svg):
            parts = list(parse(svg).iter())
            assert {part.tag.removeprefix(SVG) for part in parts} <= allowed
            assert not any("style" in part.attrib or "onload" in part.attrib for part in parts)


def test_no_unknown_number_is_written(drawn: tuple[Picture, ...]) -> None:
    for picture in drawn:
        cells = [cell for row in picture.table.rows for cell in row]
        shown = [*cells, picture.title, picture.description, *words(picture.svg), *words(picture.narrow_svg)]
        assert not [text for text in shown if re.search(r"\b(nan|inf|None)\b", text)]


def test_geometry_is_finite(drawn: tuple[Picture, ...]) -> None:
    for picture in drawn:
        for svg in (picture.svg, picture.narrow_svg):
            values = [value for part in parse(svg).iter() for value in part.attrib.values()]
            assert not [value for value in values if re.search(r"\b(nan|inf)\b", value, re.IGNORECASE)]


def test_text_lies_within_the_sheet(drawn: tuple[Picture, ...]) -> None:
    for picture in drawn:
        for svg in (picture.svg, picture.narrow_svg):
            root = parse(svg)
            width, height = map(float, root.attrib["viewBox"].split()[2:])
            for part in root.iter(f"{SVG}text"):
                assert 0 <= float(part.attrib["x"]) <= width
                assert 0 <= float(part.attrib["y"]) <= height


def test_rows_of_each_table_have_a_cell_for_each_column(drawn: tuple[Picture, ...]) -> None:
    for picture in drawn:
        assert {len(row) for row in picture.table.rows} == {len(picture.table.columns)}
        assert picture.table.caption


def test_tables_have_a_row_for_each_thing_drawn() -> None:
    rows = {key: len(picture.table.rows) for key, picture in by_key(content()).items()}
    assert rows == {
        "item-map": 8,
        "precision": 11,
        "item-fit": 8,
        "local-dependence": 8,
        "score-distribution": 24,
        "raw-scores": 9,
        "prevalence": 20,
    }


def test_long_scales_list_the_pairs_that_stand_out_most() -> None:
    table = one(many_items(60), "local-dependence").table
    assert len(table.rows) == 40
    assert table.rows[0][2].endswith("*")
    assert "1,770 pairs" in table.caption


def test_what_is_unknown_has_no_picture() -> None:
    assert list(by_key(bare())) == ["item-map", "precision"]


def test_one_item_has_no_pairs() -> None:
    assert "local-dependence" not in by_key(content(("ONLY",), (0.3,)))


def test_items_stand_in_order_of_severity() -> None:
    table = one(content(), "item-map").table
    assert [row[0] for row in table.rows] == [
        "WORRIED", "FEWFOOD", "HEALTHY", "ATELESS", "SKIPPED", "RUNOUT", "HUNGRY", "WHLDAY",
    ]  # fmt: skip
    assert table.rows[0] == ("WORRIED", "−1.22", "−1.46 to −0.98")


def test_fixed_severities_have_no_interval() -> None:
    table = one(content(se=None), "item-map").table
    assert {row[2] for row in table.rows} == {"–"}
    assert "no interval" in table.note


def test_a_link_shows_the_reference_and_names_the_items_left_out() -> None:
    picture = one(linked(), "item-map")
    rows = {row[0]: row for row in picture.table.rows}
    assert rows["RUNOUT"][3:] == ("0.51", "no")
    assert rows["WORRIED"][3:] == ("−1.22", "yes")
    assert "RUNOUT" in picture.reading
    assert "item left out of the link" in words(picture.svg)


def test_an_item_without_a_reference_has_no_mark_and_no_number() -> None:
    report = linked()
    assert report.reference is not None
    report = replace(report, reference=np.where(np.array(FIES) == "SKIPPED", np.nan, report.reference))
    rows = {row[0]: row for row in one(report, "item-map").table.rows}
    assert rows["SKIPPED"][3:] == ("–", "–")


def test_thresholds_of_several_steps_have_a_row_each() -> None:
    report = content()
    first = replace(report.scale.items[0], categories=3, b=(-1.5, 0.4), se_b=(0.1, None))
    report = replace(report, scale=replace(report.scale, items=(first, *report.scale.items[1:])))
    rows = [row for row in one(report, "item-map").table.rows if row[0] == "WORRIED"]
    assert rows == [("WORRIED", "1", "−1.50", "−1.70 to −1.30"), ("WORRIED", "2", "0.40", "–")]


def test_slopes_are_shown_where_they_differ() -> None:
    report = content()
    items = tuple(replace(item, a=1.3) for item in report.scale.items)
    table = one(replace(report, scale=replace(report.scale, items=items)), "item-map").table
    assert table.columns[-1] == "Slope"
    assert table.rows[0][-1] == "1.30"


def test_a_group_too_small_shows_no_number() -> None:
    picture = one(content(), "prevalence")
    small = [row for row in picture.table.rows if row[0] == "Islands"]
    assert {row[3:] for row in small} == {("too few to show", "–", "–")}
    assert words(picture.svg).count("too few to show") == 2 * 2
    assert "7" not in {cell for row in picture.table.rows for cell in row}


def test_prevalence_has_an_interval_cut_at_its_limits() -> None:
    lines = prevalence(())[:1]
    low, unknown = replace(lines[0], prevalence=0.01, se=0.02), replace(lines[0], rule="fao", se=None)
    rows = one(replace(content(), prevalence=(low, unknown)), "prevalence").table.rows
    assert rows[0][3:] == ("1.0\u00a0%", "0.0 to 4.9\u00a0%", "7")
    assert rows[1][4] == "–"


def test_pairs_stand_out_by_their_distance_from_the_average() -> None:
    picture = one(content(), "local-dependence")
    starred = [cell for row in picture.table.rows for cell in row if cell.endswith("*")]
    assert starred == ["0.21*", "0.21*"]  # the matrix shows the pair twice
    assert "HEALTHY" in picture.description
    assert "FEWFOOD" in picture.description


def test_fit_outside_the_band_is_said_in_words() -> None:
    picture = one(content(), "item-fit")
    assert picture.table.rows[-1] == ("WHLDAY", "1.12", "1.62", "outfit outside")
    assert picture.description == "Outside the band, by infit or outfit: WHLDAY."


def test_a_huge_mean_square_is_an_arrow_with_its_value() -> None:
    report = content()
    fit = replace(report.fit, outfit=np.full(8, 9.7))
    assert words(one(replace(report, fit=fit), "item-fit").svg).count("outfit 9.70") == 8


def test_numbers_stand_in_the_cells_of_short_scales_only() -> None:
    assert "0.21*" in words(one(content(), "local-dependence").svg)
    assert not [text for text in words(one(many_items(60), "local-dependence").svg) if text.endswith("*")]


def test_infinite_standard_errors_leave_a_gap() -> None:
    report = content()
    se = np.where(np.abs(report.curve.theta) > 3, np.inf, report.curve.se)
    table = one(replace(report, curve=replace(report.curve, se=se)), "precision").table
    assert table.rows[0] == ("−5.0", "0.08", "–")


def test_hostile_names_are_plain_text_in_drawing_and_table() -> None:
    picture = one(content(HOSTILE, SEVERITIES), "item-map")
    shown = words(picture.svg)
    for name in (*HOSTILE[:3], HOSTILE[6], HOSTILE[7]):
        assert name in shown
    assert {row[0] for row in picture.table.rows} == set(HOSTILE)
    assert "<script" not in picture.svg


def test_a_long_name_is_wrapped_and_cut_in_the_drawing_and_whole_in_the_table() -> None:
    name = "word" * 30
    picture = one(content((name,), (0.0,)), "item-map")
    assert any(text.endswith("…") and text.startswith("word") for text in words(picture.svg))
    assert picture.table.rows[0][0] == name


def test_characters_that_xml_forbids_are_replaced() -> None:
    picture = one(content(("a\x00b\x1b\ud800", "line\nbreak"), (0.0, 1.0)), "item-map")
    assert [row[0] for row in picture.table.rows] == ["a\ufffdb\ufffd\ufffd", "line break"]
    assert "line break" in words(picture.svg)


def test_close_thresholds_have_names_in_lanes() -> None:
    report = content()
    report = replace(report, scale=replace(report.scale, thresholds={"first": 0.0, "second": 0.05, "third": 0.1}))
    svg = parse(one(report, "item-map").svg)
    heights = {
        part.attrib["y"] for part in svg.iter(f"{SVG}text") if re.match("first|second|third", part.text or "")
    }
    assert len(heights) == 3


def test_a_wild_error_does_not_squeeze_the_other_items() -> None:
    report = content()
    items = (replace(report.scale.items[0], se_b=(400.0,)), *report.scale.items[1:])
    svg = parse(one(replace(report, scale=replace(report.scale, items=items)), "item-map").svg)
    assert {"−4", "0", "4"} <= {part.text for part in svg.iter(f"{SVG}text")}


def test_the_users_own_settings_change_nothing() -> None:
    plain = pictures.item_map(content())
    with mpl.rc_context({"path.sketch": (1, 100, 2), "svg.fonttype": "path", "lines.scale_dashes": False}):
        assert pictures.item_map(content()) == plain
        assert mpl.rcParams["svg.fonttype"] == "path"


def test_pictures_drawn_by_several_threads_are_the_same() -> None:
    report, found = content(), list[Picture]()
    threads = [threading.Thread(target=lambda: found.append(pictures.precision_curve(report))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(repr, found))) == 1
