"""Sums by table look-up against loops; 1e-12 because the order of adding differs."""

import numpy as np
import pytest

from evenhand.measure.digits import MAX_COMBINATIONS, cut
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.responses import FloatArray, Responses


def patterns_of(n: int, categories: list[int], holes: float, seed: int) -> Patterns:
    rng = np.random.default_rng(seed)
    sizes = np.array(categories)
    codes = (rng.random((n, len(sizes))) * sizes).astype(np.int8)
    codes[rng.random(codes.shape) < holes] = -1
    return collapse(Responses(codes, sizes))


def naive_sums(patterns: Patterns, values: FloatArray) -> FloatArray:
    out = np.zeros(patterns.n_patterns)
    for place, row in enumerate(patterns.codes):
        for item, code in enumerate(row):
            if code >= 0:
                out[place] += values[item, code]
    return out


def naive_totals(patterns: Patterns, amount: FloatArray, n_categories: int) -> FloatArray:
    out = np.zeros((patterns.n_items, n_categories))
    for row, value in zip(patterns.codes, amount, strict=True):
        for item, code in enumerate(row):
            if code >= 0:
                out[item, code] += value
    return out


CASES = [
    (1, [2], 0.0),
    (5, [2, 2], 0.3),
    (400, [2] * 9, 0.0),
    (400, [2] * 20, 0.1),
    (300, [2, 5, 3, 2, 4, 7], 0.2),
    (100, [100, 2, 100], 0.2),
    (200, [2] * 70, 0.05),
]


@pytest.mark.parametrize(("n", "categories", "holes"), CASES)
def test_sums_over_items_equal_loops(n: int, categories: list[int], holes: float) -> None:
    patterns = patterns_of(n, categories, holes, 1)
    digits = cut(patterns)
    values = np.random.default_rng(2).normal(size=(len(categories), max(categories)))
    expected = naive_sums(patterns, values)
    np.testing.assert_allclose(digits.sum_items(values), expected, rtol=0, atol=1e-12)
    some = slice(patterns.n_patterns // 3, patterns.n_patterns // 2 + 1)
    part = digits.sum_items(values, some.start, some.stop)
    np.testing.assert_allclose(part, expected[some], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("n", "categories", "holes"), CASES)
def test_totals_by_category_equal_loops(n: int, categories: list[int], holes: float) -> None:
    patterns = patterns_of(n, categories, holes, 3)
    digits = cut(patterns)
    amount = np.random.default_rng(4).normal(size=patterns.n_patterns)
    expected = naive_totals(patterns, amount, max(categories))
    np.testing.assert_allclose(digits.add_up(amount), expected, rtol=0, atol=1e-11)
    begin, end = patterns.n_patterns // 3, patterns.n_patterns // 2 + 1
    chosen = np.where((np.arange(len(amount)) >= begin) & (np.arange(len(amount)) < end), amount, 0.0)
    expected = naive_totals(patterns, chosen, max(categories))
    np.testing.assert_allclose(digits.add_up(amount[begin:end], begin, end), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("n", "categories", "holes"), CASES)
def test_the_runs_hold_every_item_once(n: int, categories: list[int], holes: float) -> None:
    patterns = patterns_of(n, categories, holes, 5)
    runs = cut(patterns).runs
    assert np.concatenate([run.items for run in runs]).tolist() == list(range(len(categories)))
    for run in runs:
        assert len(run.digits) <= max(MAX_COMBINATIONS, max(categories) + 1)
        np.testing.assert_array_equal(run.digits[run.index], patterns.codes[:, run.items])


def test_people_who_are_not_collapsed_are_cut_alike() -> None:
    rng = np.random.default_rng(6)
    codes = rng.integers(-1, 2, (500, 8)).astype(np.int8)
    patterns = in_place(Responses(codes, np.full(8, 2)))
    values = rng.normal(size=(8, 2))
    np.testing.assert_allclose(cut(patterns).sum_items(values), naive_sums(patterns, values), rtol=0, atol=1e-12)
