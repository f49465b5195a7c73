"""Tests of the auditor's evidence: planted biases are told apart in words, and small groups show nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from evenhand.audit.evidence import Evidence
from evenhand.audit.people import People
from evenhand.errors import OptionError
from evenhand.report.evidence import evidence_body, render_evidence
from evenhand.service.evidence import AppealTimes, Decisions, Withdrawals, evidence
from tests.audit.towns import NAMES, THRESHOLD, held_back, town


def looked_at(people: People, need: np.ndarray | None = None) -> Evidence:
    return evidence(people, NAMES, programme="demo", source="Invented people.", need=need, sets=40)


def test_more_error_is_named_as_that_and_no_item_or_treatment_is_blamed() -> None:
    found = looked_at(town(51, slope=0.55)[0]).findings
    assert any("the error of the answers is" in line and "no item is at fault" in line for line in found)
    assert not any("is biased" in line or "at equal measure" in line for line in found)


def test_a_biased_item_is_named_and_nothing_else_of_the_scale() -> None:
    found = looked_at(town(52, shift=0.9 * np.eye(8)[3])[0]).findings
    assert any(line.startswith("SKIPPED is biased: at equal need second report it less readily") for line in found)
    assert not any("the error of the answers is" in line for line in found)


def test_unlike_treatment_is_named_as_that_and_the_scale_is_not_blamed() -> None:
    found = looked_at(town(53, support=held_back)[0]).findings
    assert any(line.startswith("second get support") and "at equal measure" in line for line in found)
    assert not any("is biased" in line or "the error of the answers" in line for line in found)


def test_alike_groups_have_no_finding() -> None:
    assert looked_at(town(54, mean=(0.0, -0.6), sd=(1.5, 1.0))[0]).findings == ()


def test_a_yardstick_from_outside_is_used_where_it_is_known() -> None:
    people, theta = town(55)
    need = np.where(np.arange(people.n) % 3 == 0, (theta >= THRESHOLD).astype(np.float64), np.nan)
    found = looked_at(people, need)
    assert found.yardstick_of_p == "need as it was established otherwise"
    gap = found.everybody.calibration.gap
    assert gap.n == pytest.approx(np.isfinite(need).sum())
    assert gap.low is not None
    assert gap.high is not None
    assert gap.low < 0.02
    assert gap.high > -0.02


def test_the_page_and_the_machine_form_show_the_same_and_hide_small_groups() -> None:
    people, _ = town(56, n=(500, 30))
    rng = np.random.default_rng(1)
    found = evidence(
        people,
        NAMES,
        programme="demo <b>",
        source="Invented.",
        decisions=Decisions(rng.integers(0, 3, 120), ("a", "b", "c"), (rng.random(120) < 0.2).astype(np.float64)),
        appealed=AppealTimes(rng.exponential(9, 40), rng.random(40) < 0.8, rng.random(40) < 0.3, 21),
        withdrawals=Withdrawals(people.group, (rng.random(530) < 0.05).astype(np.float64)),
        sets=20,
    )
    body = json.loads(json.dumps(evidence_body(found)))
    groups = body["groupings"]["group"]
    assert body["format"] == "evenhand.evidence/2"
    assert body["everybody"]["group"] == "all"
    assert [each["group"] for each in groups["targeted"]] == ["first"]
    assert all(row["observed"]["value"] is None for row in groups["fairness"]["differences"])
    page = render_evidence(found)
    assert page == render_evidence(found)
    assert "insufficient evidence" in page
    assert "<b>" not in page
    assert "<script" not in page
    for key in ("errors", "fifths", "reliability", "gaps", "overrides", "appeals", "missing"):
        assert f'id="{key}-title"' in page
    assert "apparent" in page or "by itself makes groups look unfairly served" in page


@pytest.mark.parametrize("n", [0, 1, 12])
def test_hardly_anybody_makes_a_page_without_a_number(n: int) -> None:
    people = town(57)[0].take(np.arange(n))
    found = looked_at(people)
    assert found.findings == ()
    assert found.everybody.observed.support.value is None
    assert "Nothing stands out." in render_evidence(found)


def test_one_group_alone_is_audited_without_comparison() -> None:
    people, _ = town(58)
    found = looked_at(replace(people, group=np.zeros(people.n, dtype=np.int64), labels=("everyone",)))
    (groups,) = found.groupings
    assert groups.fairness.reference is None
    assert groups.yardstick == ()
    assert "no groups" in render_evidence(found)


def test_weights_enter_the_figures() -> None:
    people, _ = town(59)
    heavy = replace(people, weights=np.where(people.support == 1, 3.0, 1.0))
    light, weighted = looked_at(people).everybody.observed, looked_at(heavy).everybody.observed
    assert (weighted.support.value or 0) > (light.support.value or 1) + 0.1


@pytest.mark.parametrize(("min_n", "sets"), [(10, 40), (50, 19)])
def test_a_minimum_that_protects_nobody_is_refused(min_n: int, sets: int) -> None:
    with pytest.raises(OptionError) as error:
        evidence(town(60)[0], NAMES, programme="p", source="s", min_n=min_n, sets=sets)
    assert error.value.code == "audit.options"
