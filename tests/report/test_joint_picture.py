"""Need and capacity in one picture that exposes nobody."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import collapse
from evenhand.measure.profile import ProfileFit, fit_profile
from evenhand.measure.profile_scores import joint_scores
from evenhand.measure.responses import Responses
from evenhand.measure.simulate import simulate_codes
from evenhand.measure.withholding import withheld
from evenhand.programme.scale import (
    FixedRecord,
    GroupItem,
    GroupRecord,
    GroupsRecord,
    JointRecord,
    LatentRecord,
)
from evenhand.report.facts import scale_facts
from evenhand.report.joint import JointContent, joint_content, need_and_capacity
from evenhand.report.page import render_report
from tests.report.report_examples import content
from tests.report.test_page import Page

SVG = "{http://www.w3.org/2000/svg}"


@cache
def fitted(n: int, seed: int = 1, weights: bool = False) -> ProfileFit:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, n))
    items = items_from_thresholds(np.full(5, 1.5), np.linspace(-1, 1, 5)[:, None])
    codes = np.concatenate(
        [simulate_codes(rng, items, each) for each in (first, -0.6 * first + 0.8 * second)], axis=1
    )
    own = rng.uniform(0.1, 4, n) if weights else None
    responses = Responses(codes, np.full(10, 2), own, "sampling" if weights else None)
    return fit_profile(collapse(responses), need=np.arange(5), capacity=np.arange(5, 10))


def content_of(fit: ProfileFit) -> JointContent:
    latent = [LatentRecord(0.0, float(sd), "estimated") for sd in fit.sd]
    record = JointRecord(
        (), latent[0], latent[1], fit.correlation, 0.04, -0.7, -0.5, fit.loglik, 1, 1, converged=True, iterations=1
    )
    return joint_content(fit, record)


def test_cells_hold_the_people_whose_joint_means_lie_in_them() -> None:
    fit = fitted(1_000)
    content = content_of(fit)
    mean, n = joint_scores(fit).joint_mean, fit.problem.patterns.n
    for row, column in np.argwhere(np.isfinite(content.people)).tolist():
        inside = np.ones(len(mean), dtype=np.bool_)
        for values, edges, place in ((mean[:, 0], content.need, row), (mean[:, 1], content.capacity, column)):
            low = -np.inf if place == 0 else edges[place - 1]
            high = np.inf if place == len(edges) else edges[place]
            inside &= (values >= low) & (values < high)
        assert content.people[row, column] == n[inside].sum()
        assert content.share[row, column] == pytest.approx(n[inside].sum() / 1_000)


@pytest.mark.parametrize("n", [40, 200, 1_000, 6_000])
def test_no_cell_of_fewer_than_eleven_people_is_in_the_content_nor_to_be_had_by_subtraction(n: int) -> None:
    content = content_of(fitted(n))
    shown = content.people[np.isfinite(content.people)]
    assert (shown >= 11).all()
    assert content.n == n
    rest = n - shown.sum()
    assert rest == 0 or rest >= 11
    assert np.array_equal(np.isnan(content.people), np.isnan(content.share))


def test_withholding_goes_on_until_subtraction_finds_no_small_rest() -> None:
    assert withheld([50, 3, 20, 0]) == [False, True, True, True]
    assert withheld([50, 3, 20, 9]) == [False, True, False, True]
    assert withheld([50, 20], nameless=4) == [False, True]
    assert withheld([50, 20]) == [False, False]
    assert withheld([5, 4]) == [True, True]


def test_edges_depend_on_nobody_s_answers() -> None:
    one, other = content_of(fitted(300, seed=2)), content_of(fitted(300, seed=3))
    np.testing.assert_array_equal(one.need, other.need)
    assert len(content_of(fitted(6_000)).need) == 9
    assert len(one.need) == 5


def test_shares_are_weighted_and_counts_are_people() -> None:
    content = content_of(fitted(1_000, weights=True))
    shown = np.isfinite(content.people)
    assert np.all(content.people[shown] == np.round(content.people[shown]))
    assert not np.allclose(content.share[shown], content.people[shown] / 1_000)
    assert content.share[shown].sum() < 1


def test_the_picture_says_the_correlation_its_interval_and_what_it_is_for() -> None:
    picture = need_and_capacity(content_of(fitted(1_000)))
    assert "95 % interval −0.70 to −0.50" in picture.description
    assert "95 % interval −0.70 to −0.50" in picture.table.note
    assert "reports only" in picture.reading
    assert {len(row) for row in picture.table.rows} == {len(picture.table.columns)}


@pytest.mark.parametrize("n", [30, 1_000, 6_000])
def test_both_drawings_are_sound_and_print_only_what_the_table_lists(n: int) -> None:
    picture = need_and_capacity(content_of(fitted(n)))
    for svg in (picture.svg, picture.narrow_svg):
        root = ET.fromstring(svg)  # noqa: S314 - our own
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        for part in root.iter(f"{SVG}text"):
            assert 0 <= float(part.attrib["x"]) <= width
            assert 0 <= float(part.attrib["y"]) <= height
        assert not re.search(r"\b(nan|inf|None)\b", svg)
    if n == 30:
        assert picture.table.rows == (("–", "–", "fewer than 11", "–"),)
        assert "too small to show" in picture.description


def test_the_page_has_a_section_of_its_own_only_where_there_are_two_components() -> None:
    with_joint = render_report(replace(content(), joint=content_of(fitted(300))))
    page = Page(with_joint)
    assert page.open == []
    assert "Need and capacity together, for reports only" in page.said("h2")
    assert "need-and-capacity" not in render_report(content())
    ids = [attributes["id"] for _, attributes in page.starts if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_groups_and_held_items_stand_among_the_facts_and_hostile_labels_are_text() -> None:
    hostile = "<script>alert(1)</script>"
    whole = content()
    groups = GroupsRecord(
        "region",
        "north",
        ("WORRIED",),
        (
            GroupRecord("north", 400, 400.0, 0.0, 1.4, None, 0.1),
            GroupRecord(
                hostile, 300, 300.0, 0.52, 1.2, 0.08, 0.1, (GroupItem("HEALTHY", 1.0, (0.3,), None, (0.1,)),)
            ),
        ),
    )
    fixed = FixedRecord("fies-global", "0" * 64, ("WORRIED",))
    scale = replace(whole.scale, groups=groups, fixed=fixed)
    facts = dict(scale_facts(replace(whole, scale=scale)))
    assert "mean 0.52 (95 % interval 0.36 to 0.68)" in facts["Groups"]
    assert "400 people" in facts["Groups"]
    assert facts["Groups"].endswith("Items with parameters of each group's own: HEALTHY")
    assert facts["Held items"] == "As in fies-global: WORRIED"
    assert hostile not in render_report(replace(whole, scale=scale))
    assert "Groups" not in dict(scale_facts(whole))
