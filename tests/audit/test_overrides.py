"""Tests of decisions against proposals, appeals, gaps and withdrawals."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from evenhand.audit.overrides import appeals, later_than, median_time, missing_answers, overrides, survival
from tests.audit.towns import NAMES, town


def test_a_caseworker_with_few_decisions_is_drawn_toward_the_office() -> None:
    who = np.repeat(np.arange(5), [200, 200, 200, 200, 25])
    against = np.zeros(825)
    for k in range(4):
        against[200 * k : 200 * k + 40 + 5 * k] = 1  # 20 to 27.5 %
    against[800:814] = 1  # 14 of 25
    found = overrides(who, tuple("abcde"), against)
    last = found.caseworkers[-1].share
    assert last.value is not None
    assert 0.25 < last.value < 14 / 25


def test_caseworkers_who_differ_by_chance_only_are_seldom_called_apart() -> None:
    rng = np.random.default_rng(1)
    apart = 0
    for _ in range(30):
        who = rng.integers(0, 8, 400)
        found = overrides(who, tuple("abcdefgh"), (rng.random(400) < 0.2).astype(np.float64))
        apart += sum(each.apart for each in found.caseworkers)
    assert apart <= 12  # of 240; shrinkage keeps it well under .05


def test_a_caseworker_far_from_the_office_is_called_apart() -> None:
    who = np.repeat(np.arange(6), 100)
    against = np.tile(np.repeat([1.0, 0.0], [20, 80]), 6)
    against[500:570] = 1
    found = overrides(who, tuple("abcdef"), against)
    assert [each.who for each in found.caseworkers if each.apart] == ["f"]


def test_intervals_hold_the_caseworkers_own_rates_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    held = total = 0
    for _ in range(15):
        rates = rng.beta(4, 16, 20)
        who = np.repeat(np.arange(20), 40)
        found = overrides(who, tuple(map(str, range(20))), (rng.random(800) < rates[who]).astype(np.float64))
        for rate, each in zip(rates, found.caseworkers, strict=True):
            assert each.share.low is not None
            assert each.share.high is not None
            held += each.share.low <= rate <= each.share.high
            total += 1
    assert 0.92 <= held / total <= 0.98


def test_few_decisions_are_insufficient_evidence_and_show_no_count() -> None:
    found = overrides(np.array([0] * 30 + [1] * 5), ("a", "b"), np.zeros(35))
    assert found.caseworkers[1].share.value is None
    assert found.caseworkers[1].decided is None
    assert found.caseworkers[0].share.value is not None


def test_no_decisions_at_all_are_insufficient_evidence() -> None:
    found = overrides(np.zeros(0, dtype=np.int64), ("a",), np.zeros(0))
    assert found.everybody.value is None
    assert found.caseworkers[0].share.value is None


def test_survival_is_scipy_s() -> None:
    rng = np.random.default_rng(3)
    days, closed = rng.integers(1, 40, 80).astype(np.float64), rng.random(80) < 0.7
    peer: Any = ecdf(CensoredData(uncensored=days[closed], right=days[~closed])).sf
    ours = survival(days, closed)
    np.testing.assert_allclose(ours.share, peer.evaluate(ours.times))
    band = peer.confidence_interval(method="log-log")
    inner = (ours.share > 0) & (ours.share < 1)
    np.testing.assert_allclose(ours.low[inner], band.low.evaluate(ours.times)[inner], atol=1e-10)
    np.testing.assert_allclose(ours.high[inner], band.high.evaluate(ours.times)[inner], atol=1e-10)


def test_open_appeals_count_as_far_as_they_have_come() -> None:
    days = np.array([5.0] * 10 + [30.0] * 10)
    closed = np.repeat([True, False], 10)
    assert later_than(days, closed, 21).value == pytest.approx(0.5)
    assert median_time(days, closed).value == 5.0


def test_no_median_while_fewer_than_half_are_decided() -> None:
    assert median_time(np.arange(1.0, 31.0), np.arange(30) < 5).value is None


def test_all_decided_at_once_and_none_decided() -> None:
    assert median_time(np.full(30, 7.0), np.ones(30, dtype=np.bool_)).value == 7.0
    assert later_than(np.full(30, 7.0), np.ones(30, dtype=np.bool_), 21).value == 0
    assert later_than(np.full(30, 40.0), np.zeros(30, dtype=np.bool_), 21).value == 1
    assert later_than(np.full(30, 7.0), np.zeros(30, dtype=np.bool_), 21).value is None


def test_few_appeals_show_nothing_and_outcomes_count_the_decided_only() -> None:
    three = appeals(np.ones(3), np.ones(3, dtype=np.bool_), np.ones(3, dtype=np.bool_), allowed_days=21)
    assert three.opened is None
    assert three.changed.value is None
    days, closed = np.full(60, 9.0), np.arange(60) < 40
    found = appeals(days, closed, np.arange(60) < 10, allowed_days=21)
    assert found.changed.value == pytest.approx(10 / 40)


def test_an_item_that_one_group_leaves_out_stands_out_and_no_other() -> None:
    people, _ = town(3)
    own = np.flatnonzero(people.group == 1)
    people.codes[own[:60], 3] = -1
    rows = missing_answers(people, NAMES, min_n=50)
    assert [(row.what, row.group) for row in rows if row.stands_out] == [("SKIPPED", "second")]


def test_gaps_of_a_small_group_are_not_shown() -> None:
    people, _ = town(4, n=(300, 20))
    rows = missing_answers(replace(people), NAMES, min_n=50)
    assert all(row.share.value is None for row in rows if row.group == "second")
