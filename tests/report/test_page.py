"""The page: valid, self-contained, the same bytes each time, and readable without sight or colour."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evenhand.report.content import ReportContent
from evenhand.report.page import render_report
from tests.report.report_examples import HOSTILE, SEVERITIES, bare, content, linked, many_items

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """What a parser sees: balance, ids, references and texts by tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.starts: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.starts.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.starts.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.append((self.open[-1], data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.starts if name == tag]

    def said(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


@pytest.fixture(scope="module")
def text() -> str:
    return render_report(content())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


@pytest.fixture(
    params=[bare, linked, lambda: content(HOSTILE, SEVERITIES), lambda: many_items(60)],
    ids=["bare", "linked", "hostile", "sixty"],
)
def report(request: pytest.FixtureRequest) -> ReportContent:
    made: ReportContent = request.param()
    return made


def test_tags_are_balanced_and_ids_unique(report: ReportContent) -> None:
    page = Page(render_report(report))
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.starts if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_reference_within_the_page_exists(report: ReportContent) -> None:
    page = Page(render_report(report))
    ids = {attributes["id"] for _, attributes in page.starts if "id" in attributes}
    named = [attributes.get("aria-labelledby") or "" for _, attributes in page.starts]
    linked_to = [(attributes.get("href") or "").removeprefix("#") for attributes in page.all("a")]
    assert {each for names in [*named, *linked_to] for each in names.split()} <= ids


def test_nothing_is_asked_of_another_place(text: str) -> None:
    addresses = set(re.findall(r"""https?://[^\s"'<>)]+""", text))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|link|img|iframe|object|embed|image)\b|@import|url\((?!#)|\son\w+=", text)


def test_one_heading_of_the_page_and_sections_below_it(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert page.said("h1") == ["Food insecurity in the demo town"]
    assert page.said("h2") == [
        "Key figures",
        "In brief",
        "Items and people",
        "Precision",
        "Fit",
        "Scores",
        "Prevalence",
        "What this scale is",
        "What was left out",
        "Warnings",
        "Limits",
    ]
    assert len(page.said("h3")) == 7


def test_landmarks_and_skip_link(page: Page) -> None:
    assert page.all("main") == [{"id": "main", "tabindex": "-1"}]
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert len(page.all("header")) == 1


def test_each_picture_has_a_table_with_caption_and_scopes(page: Page) -> None:
    assert len(page.all("figure")) == len(page.all("table")) == len(page.all("caption")) == 7
    assert {attributes["scope"] for attributes in page.all("th")} == {"col", "row"}
    assert len(page.all("svg")) == 2 * 7


def test_short_tables_stand_open_and_long_ones_do_not(page: Page) -> None:
    assert ["open" in attributes for attributes in page.all("details")] == [True] * 4 + [False, True, False]


def test_key_figures_come_first(page: Page) -> None:
    figures = [text for tag, text in page.texts if tag == "dd"][:8]
    assert figures[0] == "1,000"
    assert figures[2] == "0.78"
    assert figures[4] == "41.2\u00a0%"
    assert figures[5] == "95 % interval 38.1 to 44.3\u00a0%, posterior"


def test_the_limits_are_said(page: Page) -> None:
    assert "An individual's measure is uncertain; figures here describe a population." in page.said("li")


def test_what_the_scale_is(page: Page) -> None:
    facts = dict(zip(page.said("dt"), page.said("dd"), strict=False))
    assert set(facts) >= {"Model", "Method", "Standard errors", "Distribution of people", "Link", "Log-likelihood"}
    said = page.said("dd")
    assert "Converged after 12 iterations, largest gradient 3.1 × 10⁻⁷" in said
    assert "−2,950.08" in said
    assert content().scale.hash() in said


def test_a_link_is_written_as_a_rule() -> None:
    said = Page(render_report(linked())).said("dd")
    assert "fies-global = −0.031 + 0.940 × own; items left out of the link: RUNOUT" in said


def test_a_scale_that_did_not_converge_says_so_first() -> None:
    assert Page(render_report(bare())).said("strong") == ["The estimation did not converge."]


def test_empty_parts_are_said_to_be_empty() -> None:
    page = Page(render_report(bare()))
    assert "Nothing was left out." in page.said("p")
    assert "None." in page.said("p")
    assert "In brief" not in page.said("h2")


def test_the_scales_own_warnings_are_shown_once() -> None:
    report = content()
    report = replace(report, scale=replace(report.scale, warnings=(*report.warnings, "Another.")))
    page = Page(render_report(report))
    assert page.said("li").count(report.warnings[0]) == 1
    assert "2 warnings to read first" in page.said("a")


def test_words_from_outside_are_escaped_everywhere() -> None:
    evil = "</title><script>alert('&')</script>{{ 7*7 }}"
    report = content(HOSTILE, SEVERITIES)
    report = replace(
        report,
        title=evil,
        source=evil,
        summary=(evil,),
        left_out=(evil,),
        warnings=(evil,),
        fit=replace(report.fit, person_values=evil),
        prevalence=tuple(replace(line, group=evil, threshold=evil) for line in report.prevalence),
        scale=replace(report.scale, software=evil, thresholds={evil: 0.0}, components=(evil,)),
    )
    text = render_report(report)
    assert "<script" not in text
    page = Page(text)
    assert page.open == []
    assert page.said("h1") == [evil]
    assert page.said("title")[0] == evil
    assert "49" not in page.said("h1")[0]


def test_no_unknown_number_is_written(report: ReportContent) -> None:
    page = Page(render_report(report))
    shown = [text for tag, text in page.texts if tag != "style"]
    assert not [text for text in shown if re.search(r"\b(nan|inf)\b|\bNone\b(?!\.?$)", text)]


def test_a_group_too_small_has_no_number_on_the_page(text: str) -> None:
    assert "too few to show" in text
    assert not re.search(r"<td[^>]*><bdi>7</bdi>", text)


def test_the_same_content_gives_the_same_bytes(text: str) -> None:
    assert render_report(content()) == text


def test_the_bytes_do_not_depend_on_the_process() -> None:
    code = "import hashlib, report_examples as e; from evenhand.report.page import render_report as r; "
    code += "print(hashlib.sha256(r(e.linked()).encode()).hexdigest())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_a_page_of_two_hundred_items_stays_small() -> None:
    assert len(render_report(many_items(200)).encode()) < 1_500_000
