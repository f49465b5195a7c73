"""Pattern tables built up in batches are those of the whole table, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import EstimationError
from evenhand.measure.merging import Batch, PatternTotals, numbering_of
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import CodeArray, FloatArray, IntArray, MissingRule, Responses, WeightsKind


def invented(seed: int, n: int, categories: IntArray, *, missing: float) -> CodeArray:
    rng = np.random.default_rng(seed)
    codes = (rng.random((n, len(categories))) * categories).astype(np.int8)
    codes[rng.random(codes.shape) < missing] = -1
    return codes


def in_batches(
    codes: CodeArray,
    categories: IntArray,
    size: int,
    *,
    weights: FloatArray | None = None,
    kind: WeightsKind | None = None,
    dense: int = 1 << 20,
) -> PatternTotals:
    totals = PatternTotals(categories, weights_kind=kind, dense=dense)
    for first in range(0, len(codes), size):
        own = slice(first, first + size)
        totals.add(Batch(first, codes[own], None if weights is None else weights[own]))
    return totals


def assert_same(found: Patterns, whole: Patterns) -> None:
    for name in ("codes", "categories", "n", "w", "w2", "masks", "mask_start"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)
        assert getattr(found, name).dtype == getattr(whole, name).dtype, name
    assert (found.n_empty, found.n_incomplete) == (whole.n_empty, whole.n_incomplete)
    assert found.clusters is None


@pytest.mark.parametrize("missing", ["keep", "drop"])
@pytest.mark.parametrize("kind", [None, "sampling", "frequency"])
@pytest.mark.parametrize("dense", [1, 1 << 20])
@pytest.mark.parametrize("size", [1, 7, 300, 5000])
def test_batches_give_the_patterns_of_the_whole(
    missing: MissingRule, kind: WeightsKind | None, dense: int, size: int
) -> None:
    rng = np.random.default_rng(1)
    categories = np.array([2, 3, 2, 5])
    codes = invented(3, 900, categories, missing=0.3)
    weights = {"sampling": rng.lognormal(size=900), "frequency": rng.integers(0, 9, 900).astype(np.float64)}
    own = None if kind is None else weights[kind]
    found = in_batches(codes, categories, size, weights=own, kind=kind, dense=dense).patterns(missing)
    assert_same(found, collapse(Responses(codes, categories, own, kind), missing=missing))


def test_a_hundred_items_of_many_categories() -> None:
    categories = np.full(100, 9)
    codes = invented(4, 400, categories, missing=0.05)
    codes = np.concatenate([codes, codes[::-1]])
    found = in_batches(codes, categories, 90)
    assert len(found.numbering.sizes) > 4
    assert_same(found.patterns(), collapse(Responses(codes, categories)))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 60),
    n_items=st.integers(1, 40),
    size=st.sampled_from([1, 7, 13]),
    missing=st.sampled_from([0.0, 0.2, 0.9]),
    dense=st.sampled_from([1, 1 << 20]),
)
def test_any_batches_of_any_answers(
    seed: int, n: int, n_items: int, size: int, missing: float, dense: int
) -> None:
    categories = np.random.default_rng(seed).integers(2, 7, n_items)
    codes = invented(seed, n, categories, missing=missing)
    weights = np.random.default_rng(seed).uniform(0.1, 3, n)
    totals = in_batches(codes, categories, size, weights=weights, kind="sampling", dense=dense)
    assert totals.n_rows == n
    if (codes < 0).all():
        with pytest.raises(EstimationError, match=r"answers\.nobody-left"):
            totals.patterns()
        return
    assert_same(totals.patterns(), collapse(Responses(codes, categories, weights, "sampling")))


@given(st.lists(st.integers(2, 100), min_size=1, max_size=60))
def test_numbers_stand_for_patterns_and_back(categories: list[int]) -> None:
    each = np.array(categories)
    numbering = numbering_of(each)
    codes = np.concatenate([invented(1, 20, each, missing=0.3), (each - 1)[None, :].astype(np.int8)])
    words = numbering.words(codes)
    np.testing.assert_array_equal(numbering.codes(words), codes)
    assert all(
        int(word.min()) >= 0 and int(word.max()) < size for word, size in zip(words, numbering.sizes, strict=True)
    )
    nothing = numbering.words(np.full((1, len(each)), -1, dtype=np.int8))
    assert [int(word[0]) for word in nothing] == [0] * len(words)


def test_an_empty_batch_adds_nothing() -> None:
    totals = PatternTotals(np.array([2, 2]))
    totals.add(Batch(0, np.zeros((0, 2), dtype=np.int8)))
    assert totals.n_rows == 0


def test_nobody_left_says_why() -> None:
    totals = PatternTotals(np.array([2, 2]))
    totals.add(Batch(0, np.array([[0, -1]], dtype=np.int8)))
    assert totals.patterns("keep").n_patterns == 1
    with pytest.raises(EstimationError, match="incomplete"):
        totals.patterns("drop")
