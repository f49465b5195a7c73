"""The page of a study of adaptive asking: self-contained, the same bytes each time, words for every picture."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from evenhand.measure.adaptive import Stopping, adaptive_bank
from evenhand.measure.adaptive_study import classified, study
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.scale import InstrumentReference, LatentRecord, ScaleItem, ScaleRecord
from evenhand.report.adaptive import AdaptiveContent, all_pictures, render_adaptive

HOSTILE = "<script>alert(1)</script>"


def made(n_items: int = 20, n: int = 300, threshold: float | None = 0.5) -> AdaptiveContent:
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(0.2, 0.3, n_items), rng.normal(0, 1.2, n_items)
    items = tuple(
        ScaleItem(f"Q{place}", "need", "2pl", 1, 2, float(a[place]), (float(b[place]),), None, None, {}, {})
        for place in range(n_items)
    )
    items = (replace(items[0], name=HOSTILE), *items[1:])
    scale = ScaleRecord(
        InstrumentReference("bank", "0" * 64), "2pl", "mml", items, LatentRecord(0.0, 1.0, "estimated"), n=900
    )
    stopping = Stopping(min(8, n_items), min(3, n_items), se_target=None if threshold is not None else 0.6)
    bank = adaptive_bank(scale.model_items(), mean=0.0, sd=1.0, threshold=threshold, stopping=stopping)
    theta = rng.normal(size=n)
    found = study(bank, theta, simulate_codes(rng, bank.items, theta))
    if threshold is None:
        return AdaptiveContent(scale, bank, found, 1)
    forms = (found.run.estimates, found.fixed, found.full)
    adaptive, fixed, full = (classified(bank, theta, each, found.full) for each in forms)
    return AdaptiveContent(scale, bank, found, 1, "moderate", adaptive, fixed, full)


@pytest.fixture(
    scope="module",
    params=[{}, {"threshold": None}, {"threshold": 9.0}, {"n_items": 1}, {"n": 3}, {"n_items": 120, "n": 40}],
    ids=["threshold", "precision", "far threshold", "one item", "three people", "many items"],
)
def content(request: pytest.FixtureRequest) -> AdaptiveContent:
    return made(**request.param)


def test_every_picture_is_an_element_with_words_and_a_table(content: AdaptiveContent) -> None:
    for picture in all_pictures(content):
        for svg in (picture.svg, picture.narrow_svg):
            root = ET.fromstring(svg)  # noqa: S314 - our own drawing
            assert root.get("role") == "img"
        assert picture.description
        assert "nan" not in picture.description
        assert picture.reading
        assert all(len(row) == len(picture.table.columns) for row in picture.table.rows)


def test_the_page_is_whole_and_asks_nothing_of_any_other_place(content: AdaptiveContent) -> None:
    page = render_adaptive(content)
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert "<script" not in page
    assert " src=" not in page
    assert "nan" not in page.replace("finance", "")
    assert page == render_adaptive(content)


def test_its_figures_are_the_study_s() -> None:
    content = made()
    page = render_adaptive(content)
    assert f"{content.study.lines[0].items:.1f}" in page
    assert content.adaptive is not None
    assert f"{100 * content.adaptive.decided:.1f}" in page
    assert "300 invented people, seed 1" in page
    assert "0.50 moderate" in page


def test_exposure_lists_every_item_from_the_most_often_asked_on() -> None:
    content = made()
    rows = all_pictures(content)[2].table.rows
    shares = [float(row[1].split()[0]) for row in rows]
    assert len(rows) == 20
    assert shares == sorted(shares, reverse=True)
