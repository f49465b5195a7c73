"""Collapsing against a twin made of dictionaries. Sums of weights are compared to 1e-12: the order of adding
differs. Everything else is exact."""

from collections import Counter, defaultdict
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import EstimationError
from evenhand.measure.patterns import Patterns, collapse, from_table, in_place, pack
from evenhand.measure.responses import CodeArray, FloatArray, MissingRule, Responses, WeightsKind
from tests.measure.twins import draw, two, with_holes

Key = tuple[int, ...]


@st.composite
def surveys(draw_from: st.DrawFn) -> Responses:
    """Up to 25 people, up to 5 items of 2 to 4 categories, holes, weights of either kind, clusters."""
    n, j = draw_from(st.integers(1, 25)), draw_from(st.integers(1, 5))
    categories = draw_from(hnp.arrays(np.int64, j, elements=st.integers(2, 4)))
    raw = draw_from(hnp.arrays(np.int8, (n, j), elements=st.integers(-1, 3)))
    codes = np.minimum(raw, categories - 1).astype(np.int8)
    kinds: tuple[WeightsKind | None, ...] = (None, "sampling", "frequency")
    kind = draw_from(st.sampled_from(kinds))
    weights: FloatArray | None = None
    if kind is not None:
        each = st.integers(0, 9) if kind == "frequency" else st.floats(0, 100, allow_subnormal=False)
        weights = draw_from(hnp.arrays(np.float64, n, elements=each))
        weights[0] = max(1.0, weights[0])  # all zero is refused elsewhere
    clustered = draw_from(st.booleans())
    clusters = draw_from(hnp.arrays(np.int64, n, elements=st.integers(0, 6))) if clustered else None
    return Responses(codes, categories, weights, kind, clusters)


def keys(codes: CodeArray) -> list[Key]:
    return [tuple(int(code) for code in row) for row in codes]


def kept_rows(responses: Responses, missing: MissingRule) -> list[int]:
    every = enumerate(keys(responses.codes))
    return [i for i, key in every if max(key) >= 0 and (missing == "keep" or min(key) >= 0)]


def totals(responses: Responses, missing: MissingRule) -> dict[Key, tuple[float, float, float]]:
    """n, w and w2 of each pattern."""
    out: dict[Key, tuple[float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0))
    for row in kept_rows(responses, missing):
        key = keys(responses.codes[row : row + 1])[0]
        w = 1.0 if responses.weights is None else float(responses.weights[row])
        more = (w, w, w) if responses.weights_kind == "frequency" else (1.0, w, w * w)
        n, sum_w, sum_w2 = out[key]
        out[key] = (n + more[0], sum_w + more[1], sum_w2 + more[2])
    return dict(out)


def check_masks(patterns: Patterns) -> None:
    answered = patterns.codes >= 0
    assert len({tuple(mask) for mask in patterns.masks.tolist()}) == len(patterns.masks)
    assert patterns.mask_start[0] == 0
    assert patterns.mask_start[-1] == patterns.n_patterns
    assert (np.diff(patterns.mask_start) > 0).all()
    np.testing.assert_array_equal(patterns.masks[patterns.mask_of], answered)
    np.testing.assert_array_equal(patterns.answered, answered)


def check_against_twin(responses: Responses, missing: MissingRule, *, with_rows: bool) -> None:
    kept = kept_rows(responses, missing)
    if not kept:
        with pytest.raises(EstimationError) as caught:
            collapse(responses, missing=missing, with_rows=with_rows)
        assert caught.value.code == "answers.nobody-left"
        return
    found = collapse(responses, missing=missing, with_rows=with_rows)
    expected = totals(responses, missing)
    own = keys(found.codes)
    assert len(own) == len(set(own))
    assert set(own) == set(expected)
    in_order = np.array([expected[key] for key in own])
    np.testing.assert_array_equal(found.n, in_order[:, 0])
    np.testing.assert_allclose(found.w, in_order[:, 1], rtol=1e-12)
    np.testing.assert_allclose(found.w2, in_order[:, 2], rtol=1e-12)
    check_masks(found)
    stands_for = responses.weights if responses.weights_kind == "frequency" else np.ones(responses.n_rows)
    assert stands_for is not None
    is_empty = np.array([max(key) < 0 for key in keys(responses.codes)])
    empty = int(stands_for[is_empty].sum())
    assert (found.n_empty, found.n_incomplete) == (
        empty,
        int(stands_for.sum()) - empty - int(stands_for[kept].sum()),
    )
    check_rows(found, responses, kept, with_rows=with_rows)
    check_clusters(found, responses, kept)


def check_rows(found: Patterns, responses: Responses, kept: list[int], *, with_rows: bool) -> None:
    if not with_rows:
        assert found.rows is None
        return
    assert found.rows is not None
    left_out = np.setdiff1d(np.arange(responses.n_rows), kept)
    assert (found.rows[left_out] == -1).all()
    np.testing.assert_array_equal(found.codes[found.rows[kept]], responses.codes[kept])


def check_clusters(found: Patterns, responses: Responses, kept: list[int]) -> None:
    if responses.clusters is None:
        assert found.clusters is None
        return
    expected: Counter[tuple[Key, int]] = Counter()
    labels = sorted({int(responses.clusters[row]) for row in kept})
    for row in kept:
        key = keys(responses.codes[row : row + 1])[0]
        weight = 1.0 if responses.weights is None else float(responses.weights[row])
        expected[key, labels.index(int(responses.clusters[row]))] += weight  # type: ignore[assignment]
    assert found.clusters is not None
    assert found.clusters.n_clusters == len(labels)
    own = keys(found.codes)
    triples = zip(found.clusters.pattern, found.clusters.cluster, found.clusters.w, strict=True)
    got = {(own[int(p)], int(c)): float(w) for p, c, w in triples}
    assert len(got) == len(found.clusters.w)
    assert set(got) == set(expected)
    for pair, value in got.items():
        assert value == pytest.approx(expected[pair], rel=1e-12)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(surveys(), st.sampled_from(["keep", "drop"]), st.booleans())
def test_collapse_equals_its_twin(responses: Responses, missing: MissingRule, with_rows: bool) -> None:
    check_against_twin(responses, missing, with_rows=with_rows)


@pytest.mark.parametrize("n_items", [50, 51, 64, 65, 70, 130])
@pytest.mark.parametrize("holes", [0.0, 0.01])
def test_patterns_longer_than_a_word_equal_their_twin(n_items: int, holes: float) -> None:
    rng = np.random.default_rng(n_items)
    # people copy one of 30 patterns that differ only here and there, so that every word matters
    base = rng.integers(0, 2, n_items)
    kinds = np.where(rng.random((30, n_items)) < 0.03, 1 - base, base).astype(np.int8)
    codes = with_holes(rng, kinds[rng.integers(0, 30, 400)], holes)
    responses = Responses(codes, two(codes), rng.random(400), "sampling", rng.integers(0, 9, 400))
    check_against_twin(responses, "keep", with_rows=True)
    plain = Responses(codes, two(codes))
    check_against_twin(plain, "keep", with_rows=False)


def test_items_of_many_categories_spread_over_words() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 100, (300, 12)).astype(np.int8)
    codes[150:] = codes[:150]
    codes[:3] = [-1] * 6 + [99] * 6
    responses = Responses(codes, np.full(12, 100))
    assert len(pack(codes)) == 2
    check_against_twin(responses, "keep", with_rows=False)
    check_against_twin(responses, "keep", with_rows=True)


def test_more_rows_than_a_block_equal_their_twin() -> None:
    rng = np.random.default_rng(4)
    codes = with_holes(rng, rng.integers(0, 2, (9_000, 4)).astype(np.int8), 0.2)
    check_against_twin(Responses(codes, two(codes)), "keep", with_rows=True)
    check_against_twin(Responses(codes, two(codes)), "drop", with_rows=False)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(surveys(), st.sampled_from(["keep", "drop"]))
def test_frequency_weights_equal_the_expanded_file(responses: Responses, missing: MissingRule) -> None:
    counts = np.arange(responses.n_rows) % 4 + 1
    weighted = Responses(
        responses.codes, responses.categories, counts.astype(np.float64), "frequency", responses.clusters
    )
    again = np.repeat(np.arange(responses.n_rows), counts)
    clusters = None if responses.clusters is None else responses.clusters[again]
    expanded = Responses(np.ascontiguousarray(responses.codes[again]), responses.categories, clusters=clusters)
    if not kept_rows(responses, missing):
        return
    one, many = collapse(weighted, missing=missing), collapse(expanded, missing=missing)
    for name in ("codes", "n", "w", "w2", "masks", "mask_start"):
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
    if one.clusters is not None and many.clusters is not None:
        np.testing.assert_array_equal(one.clusters.w, many.clusters.w)
        np.testing.assert_array_equal(one.clusters.pattern, many.clusters.pattern)


@pytest.mark.parametrize("missing", ["keep", "drop"])
def test_nobody_left_is_said(missing: MissingRule) -> None:
    codes = np.full((3, 2), -1, dtype=np.int8)
    with pytest.raises(EstimationError) as caught:
        collapse(Responses(codes, two(codes)), missing=missing)
    assert caught.value.code == "answers.nobody-left"


def test_only_incomplete_people_are_nobody_under_drop() -> None:
    codes = np.array([[0, -1], [-1, 1]], dtype=np.int8)
    with pytest.raises(EstimationError) as caught:
        collapse(Responses(codes, two(codes)), missing="drop")
    assert caught.value.code == "answers.nobody-left"
    assert "--missing keep" in caught.value.mend


@settings(max_examples=60, deadline=None, derandomize=True)
@given(surveys())
def test_in_place_keeps_every_answerer_apart(responses: Responses) -> None:
    kept = kept_rows(responses, "keep")
    if not kept:
        with pytest.raises(EstimationError) as caught:
            in_place(responses)
        assert caught.value.code == "answers.nobody-left"
        return
    found = in_place(responses)
    assert found.n_patterns == len(kept)
    assert (found.n == 1).all()
    assert (found.w == 1).all()
    assert found.n_empty == responses.n_rows - len(kept)
    check_masks(found)
    check_rows(found, responses, kept, with_rows=True)
    assert found.rows is not None
    assert sorted(found.rows[kept].tolist()) == list(range(len(kept)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(surveys(), st.randoms(use_true_random=False))
def test_a_table_of_patterns_in_any_order_is_the_same_patterns(responses: Responses, random: Any) -> None:
    if not kept_rows(responses, "keep"):
        return
    found = collapse(responses)
    order = list(range(found.n_patterns))
    random.shuffle(order)
    back = from_table(found.codes[order], found.categories, found.n[order], found.w[order], found.w2[order])
    check_masks(back)
    one = dict(zip(keys(found.codes), zip(found.n, found.w, found.w2, strict=True), strict=True))
    assert dict(zip(keys(back.codes), zip(back.n, back.w, back.w2, strict=True), strict=True)) == one
    plain = from_table(found.codes, found.categories, found.n)
    np.testing.assert_array_equal(plain.w, found.n)
    np.testing.assert_array_equal(plain.w2, found.n)


def test_a_table_is_checked_as_answers_are() -> None:
    with pytest.raises(EstimationError) as caught:
        from_table(np.array([[0, 3]], dtype=np.int8), np.array([2, 2]), np.ones(1))
    assert caught.value.code == "responses.range"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(surveys(), st.integers(0, 2**25 - 1))
def test_take_keeps_the_chosen_patterns(responses: Responses, bits: int) -> None:
    if not kept_rows(responses, "keep"):
        return
    found = collapse(responses, with_rows=True)
    keep = np.array([bool(bits >> place & 1) for place in range(found.n_patterns)])
    if not keep.any():
        keep[0] = True
    some = found.take(keep)
    np.testing.assert_array_equal(some.codes, found.codes[keep])
    for name in ("n", "w", "w2"):
        np.testing.assert_array_equal(getattr(some, name), getattr(found, name)[keep])
    check_masks(some)
    assert some.rows is None
    assert some.clusters is None


def test_words_are_equal_only_for_equal_rows() -> None:
    rng = np.random.default_rng(5)
    codes = draw(rng, np.ones(130), np.zeros(130), rng.normal(size=200))
    codes[100:] = codes[:100]
    codes[100, 0] ^= 1
    codes[101, 129] ^= 1
    words = np.stack(pack(codes), axis=1)
    assert words.shape[1] == 3
    same = (words[:100] == words[100:]).all(axis=1)
    assert same.tolist() == [False, False] + [True] * 98
