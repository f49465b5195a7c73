"""Tests of fit, item bias and comparisons of models on pages: what is shown, and what is left out."""

from dataclasses import replace

import numpy as np
import pytest

from evenhand.report.analysis import Page as Words
from evenhand.report.analysis import render_bias, render_comparison
from evenhand.report.comparison import ComparisonContent, model_comparison
from evenhand.report.fit import FitTests, q3_null, s_x2
from evenhand.report.page import render_report
from tests.report.report_examples import FIES, HOSTILE, bias, checked, comparison, content, fit_tests
from tests.report.test_page import Page

WORDS = Words(
    "Item <i>bias</i>", "Answers from survey.csv", ("SKIPPED stands out.",), ("Two left out.",), (("N", "7"),)
)


def test_sections_of_fit_and_bias_stand_on_the_page_of_the_scale() -> None:
    page = Page(render_report(checked()))
    assert page.open == []
    assert page.said("h2")[4:7] == ["Fit", "Item bias", "Scores"]
    ids = [attributes["id"] for _, attributes in page.starts if "id" in attributes]
    assert len(ids) == len(set(ids))
    order = [each for each in ids if each and each.endswith("-caption")]
    assert order[2:8] == [
        f"{key}-caption"
        for key in ("item-fit", "s-x2", "local-dependence", "q3-null", "item-bias-lr", "item-bias-mh")
    ]


def test_a_report_without_tests_has_no_such_section() -> None:
    text = render_report(content())
    assert "Item bias" not in text
    assert "S-X2" not in text


def test_s_x2_marks_items_beyond_chance_and_says_where_there_is_no_test() -> None:
    drawn = s_x2(fit_tests(FIES))
    assert drawn is not None
    assert "more than chance: HEALTHY" in drawn.description
    cells = {row[0]: row[1:] for row in drawn.table.rows}
    assert cells["HEALTHY"][-1] == "yes"
    assert cells["WORRIED"][-1] == "no"
    assert cells["WHLDAY"][-1] == "–"
    assert "WHLDAY" not in drawn.svg


def test_no_item_beyond_chance_is_said_in_words() -> None:
    rows = tuple(replace(row, p=None if row.p is None else 0.5) for row in fit_tests(FIES).items)
    drawn = s_x2(FitTests(rows))
    assert drawn is not None
    assert "none is more than chance" in drawn.description


def test_the_null_picture_lists_pairs_and_marks_those_beyond() -> None:
    drawn = q3_null(fit_tests(FIES))
    assert drawn is not None
    assert [row[-1] for row in drawn.table.rows] == ["yes", "yes", "no"]
    assert "200 simulated sets of 1,000 people, seed 1" in drawn.description
    assert "Beyond it: WORRIED with WHLDAY" in drawn.description


def test_the_strongest_pair_is_named_where_none_is_beyond() -> None:
    drawn = q3_null(fit_tests(FIES, shift=-0.1))
    assert drawn is not None
    assert "does not" in drawn.description
    assert {row[-1] for row in drawn.table.rows} == {"no"}


def test_tests_that_could_not_be_had_have_no_picture() -> None:
    assert s_x2(FitTests()) is None
    assert q3_null(FitTests()) is None
    null = fit_tests(FIES).null
    assert null is not None
    assert q3_null(FitTests((), replace(null, pairs=()))) is None
    assert q3_null(FitTests((), replace(null, null=np.array([np.nan])))) is None


def test_models_are_drawn_by_their_distance_from_the_best() -> None:
    drawn = model_comparison(comparison())
    assert drawn is not None
    assert "By BIC rasch is the best" in drawn.description
    assert "2pl 8.5 behind" in drawn.description
    assert "Not converged: <em>grm</em>." in drawn.table.note
    assert [row[0] for row in drawn.table.rows] == ["rasch", "2pl", "<em>grm</em>"]


def test_models_without_criteria_have_no_picture_and_their_likelihoods_stand_on_the_page() -> None:
    assert model_comparison(comparison(weighted=True)) is None
    text = render_comparison(WORDS, comparison(weighted=True))
    assert "model-comparison" not in text
    assert "2,466.9" in text


@pytest.mark.parametrize(
    "text",
    [
        render_bias(WORDS, (bias(FIES), bias(FIES, "mh"))),
        render_bias(WORDS, (bias(HOSTILE),)),
        render_comparison(WORDS, comparison()),
        render_comparison(WORDS, ComparisonContent(())),
    ],
    ids=["bias", "hostile", "models", "none"],
)
def test_pages_are_whole_and_hold_no_markup_of_names(text: str) -> None:
    page = Page(text)
    assert page.open == []
    ids = {attributes["id"] for _, attributes in page.starts if "id" in attributes}
    named = [attributes.get("aria-labelledby") or "" for _, attributes in page.starts]
    assert {each for names in named for each in names.split()} <= ids
    for markup in ("<script", "<i>", "<em>", "<b>"):
        assert markup not in text
    assert page.said("h1") == ["Item <i>bias</i>"]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert render_report(checked()) == render_report(checked())
    assert render_bias(WORDS, (bias(FIES),)) == render_bias(WORDS, (bias(FIES),))
