"""Distinct response patterns with their totals: what every estimator works on.

A million people on twenty yes/no items are about 190,000 patterns; eight FIES items are at most 256. A
pattern carries n, the sum of weights w and the sum of squared weights w2, because the middle term of robust
errors is the sum of w^2 s s' over people: with w alone it cannot be had.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.responses import (
    MISSING,
    BoolArray,
    CodeArray,
    FloatArray,
    IntArray,
    MissingRule,
    Responses,
    column_range,
)

WORD_BITS = 50
"""Bits of a pattern packed at once: a matrix product in float64 is exact below 2^53."""

BLOCK = 8192
"""Rows packed at once, so that the float copy of the codes stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class ClusterTotals:
    """Weight of each pattern in each cluster, as (pattern, cluster, w) triples.

    Attributes:
        pattern: (T,) pattern index.
        cluster: (T,) cluster index.
        w: (T,) sum of weights of the people of that cluster who answered with that pattern.
        n_clusters: number of clusters C.
    """

    pattern: IntArray
    cluster: IntArray
    w: FloatArray
    n_clusters: int


@dataclass(frozen=True, slots=True)
class Patterns:
    """P distinct response patterns, ordered by which items were answered.

    Attributes:
        codes: (P, J) category codes, -1 where missing. No pattern is all missing.
        categories: (J,) number of categories of each item.
        n: (P,) people.
        w: (P,) sum of weights.
        w2: (P,) sum of squared weights (with frequency weights the same as w: each stands for whole people).
        masks: (M, J) the distinct sets of answered items.
        mask_start: (M + 1,) patterns mask_start[m]:mask_start[m + 1] share mask m.
        rows: (N,) pattern of each respondent, -1 for respondents left out; None for a table of patterns.
        clusters: totals by cluster, or None.
        n_empty: respondents left out because they answered nothing.
        n_incomplete: respondents left out by the rule `drop`.
    """

    codes: CodeArray
    categories: IntArray
    n: FloatArray
    w: FloatArray
    w2: FloatArray
    masks: BoolArray
    mask_start: IntArray
    rows: IntArray | None = None
    clusters: ClusterTotals | None = None
    n_empty: int = 0
    n_incomplete: int = 0

    @property
    def n_patterns(self) -> int:
        """P."""
        return int(self.codes.shape[0])

    @property
    def n_items(self) -> int:
        """J."""
        return int(self.codes.shape[1])

    @property
    def mask_of(self) -> IntArray:
        """(P,) mask index of each pattern."""
        return np.repeat(np.arange(len(self.masks)), np.diff(self.mask_start))

    @property
    def answered(self) -> BoolArray:
        """(P, J) whether the item was answered."""
        out: BoolArray = self.codes != MISSING
        return out

    @property
    def complete(self) -> BoolArray:
        """(P,) whether every item was answered."""
        whole: BoolArray = np.asarray(self.masks.all(axis=1))
        return whole[self.mask_of]

    def take(self, keep: BoolArray) -> "Patterns":
        """The patterns where `keep` (P,) is true; `rows` and cluster totals do not survive."""
        present, count = np.unique(self.mask_of[keep], return_counts=True)
        return Patterns(
            self.codes[keep],
            self.categories,
            self.n[keep],
            self.w[keep],
            self.w2[keep],
            self.masks[present],
            np.concatenate(([0], np.cumsum(count))),
        )


def collapse(responses: Responses, *, missing: MissingRule = "keep", with_rows: bool = False) -> Patterns:
    """Collapse responses to distinct patterns.

    Args:
        responses: N respondents by J items.
        missing: `keep` uses what each person answered, `drop` leaves incomplete people out.
        with_rows: also say which pattern each respondent has.

    Returns:
        The patterns. People who answered nothing are counted, not kept.

    Raises:
        EstimationError: nobody is left.
    """
    empty, left_out = _left_out(responses.codes, missing)
    kept = np.flatnonzero(~left_out) if left_out.any() else None
    codes = responses.codes if kept is None else responses.codes[kept]
    if len(codes) == 0:
        raise nobody_left(missing)
    unique, start, order = _sort(codes, need_order=with_rows or _needs_order(responses))
    n, w, w2, owner = _totals(responses, kept, start, order, len(codes))
    masks, mask_start, by_mask = _mask_order(unique)
    place = np.empty(len(unique), dtype=np.int64)
    place[by_mask] = np.arange(len(unique))
    of_row = None if owner is None else place[owner]
    return Patterns(
        codes=unique[by_mask],
        categories=responses.categories,
        n=n[by_mask],
        w=w[by_mask],
        w2=w2[by_mask],
        masks=masks,
        mask_start=mask_start,
        rows=_rows(of_row, kept, responses.n_rows) if with_rows else None,
        clusters=_clusters(responses, kept, of_row),
        n_empty=_people(responses, empty),
        n_incomplete=_people(responses, left_out) - _people(responses, empty),
    )


def from_table(
    codes: CodeArray,
    categories: IntArray,
    n: FloatArray,
    w: FloatArray | None = None,
    w2: FloatArray | None = None,
) -> Patterns:
    """Patterns from a table of counts.

    Args:
        codes: (P, J) patterns, each once, none all missing.
        categories: (J,) number of categories.
        n: (P,) people with each pattern.
        w: (P,) sum of weights, n when left out.
        w2: (P,) sum of squared weights, n when left out.
    """
    Responses(codes=codes, categories=categories)  # checks shapes and ranges
    masks, start, order = _mask_order(codes)
    w = n if w is None else w
    w2 = n if w2 is None else w2
    return Patterns(codes[order], categories, n[order], w[order], w2[order], masks, start)


def _left_out(codes: CodeArray, missing: MissingRule) -> tuple[BoolArray, BoolArray]:
    """(N,) who answered nothing, and who is left out."""
    if column_range(codes)[0].min() > MISSING:
        nobody = np.zeros(len(codes), dtype=np.bool_)
        return nobody, nobody
    answered = codes != MISSING
    empty = ~answered.any(axis=1)
    return empty, empty | ~answered.all(axis=1) if missing == "drop" else empty


def _people(responses: Responses, chosen: BoolArray) -> int:
    """How many people the chosen rows stand for."""
    if responses.weights is not None and responses.weights_kind == "frequency":
        return int(responses.weights[chosen].sum())
    return int(chosen.sum())


def _needs_order(responses: Responses) -> bool:
    return responses.weights is not None or responses.clusters is not None


def pack(codes: CodeArray) -> list[IntArray]:
    """Each row of (N, J) codes as one or more int64 words that are equal only for equal rows."""
    low, bits = _layout(codes)
    words, begin = [], 0
    ends = np.cumsum(bits)
    while begin < codes.shape[1]:
        before = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + WORD_BITS, side="right")))
        shift = ends[begin:end] - bits[begin:end] - before
        words.append(pack_word(codes[:, begin:end], np.ldexp(1.0, shift), low[begin:end]))
        begin = end
    return words


def _layout(codes: CodeArray) -> tuple[IntArray, IntArray]:
    """(J,) lowest code of each item and the bits that its codes take above it."""
    low, high = column_range(codes)
    return low, np.array([int(width).bit_length() for width in high - low], dtype=np.int64)


def pack_word(codes: CodeArray, power: FloatArray, low: IntArray) -> IntArray:
    """(N,) sum over items of (code - low) power, exact while it stays below 2^53."""
    word = np.empty(len(codes), dtype=np.int64)
    constant = float(low @ power)
    for begin in range(0, len(codes), BLOCK):
        block = codes[begin : begin + BLOCK].astype(np.float64)
        word[begin : begin + BLOCK] = block @ power - constant
    return word


def _sort(codes: CodeArray, *, need_order: bool) -> tuple[CodeArray, IntArray, IntArray | None]:
    """Distinct rows, where each starts in sorted order, and that order if asked for."""
    words = pack(codes)
    if len(words) == 1 and not need_order:
        ordered = np.sort(words[0])
        start = _starts(ordered[1:] != ordered[:-1])
        return _unpack(ordered[start], codes), start, None
    order = np.argsort(words[0], kind="stable") if len(words) == 1 else np.lexsort(words)
    changed = np.zeros(len(codes) - 1, dtype=np.bool_)
    for word in words:
        ordered = word[order]
        changed |= ordered[1:] != ordered[:-1]
    start = _starts(changed)
    return codes[order[start]], start, order


def _starts(changed: BoolArray) -> IntArray:
    return np.concatenate(([0], np.flatnonzero(changed) + 1))


def _unpack(word: IntArray, codes: CodeArray) -> CodeArray:
    low, bits = _layout(codes)
    unique = np.empty((len(word), codes.shape[1]), dtype=np.int8)
    shift = 0
    for item, width in enumerate(bits.tolist()):
        unique[:, item] = ((word >> shift) & ((1 << width) - 1)) + low[item]
        shift += width
    return unique


def _totals(
    responses: Responses, kept: IntArray | None, start: IntArray, order: IntArray | None, n_kept: int
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray | None]:
    """n, w, w2 of each pattern, and the pattern of each kept row (None without an order)."""
    n = np.diff(np.append(start, n_kept)).astype(np.float64)
    if order is None:
        return n, n, n, None
    owner = np.empty(n_kept, dtype=np.int64)
    owner[order] = np.repeat(np.arange(len(start)), n.astype(np.int64))
    if responses.weights is None:
        return n, n, n, owner
    weights = responses.weights if kept is None else responses.weights[kept]
    w: FloatArray = np.bincount(owner, weights=weights, minlength=len(start)).astype(np.float64)
    if responses.weights_kind == "frequency":
        return w, w, w, owner
    w2: FloatArray = np.bincount(owner, weights=weights**2, minlength=len(start)).astype(np.float64)
    return n, w, w2, owner


def _rows(of_row: IntArray | None, kept: IntArray | None, n_rows: int) -> IntArray | None:
    if kept is None or of_row is None:
        return of_row
    rows = np.full(n_rows, -1, dtype=np.int64)
    rows[kept] = of_row
    return rows


def _clusters(responses: Responses, kept: IntArray | None, of_row: IntArray | None) -> ClusterTotals | None:
    if responses.clusters is None or of_row is None:
        return None
    label = responses.clusters if kept is None else responses.clusters[kept]
    _, cluster = np.unique(label, return_inverse=True)
    n_clusters = int(cluster.max()) + 1
    weights = np.ones(len(label)) if responses.weights is None else responses.weights
    weights = weights if kept is None or responses.weights is None else weights[kept]
    pair, place = np.unique(of_row * n_clusters + cluster, return_inverse=True)
    return ClusterTotals(
        pair // n_clusters, pair % n_clusters, np.bincount(place, weights=weights).astype(np.float64), n_clusters
    )


def _mask_order(codes: CodeArray) -> tuple[BoolArray, IntArray, IntArray]:
    """The distinct masks, where each starts, and the stable order that puts patterns of a mask together."""
    if column_range(codes)[0].min() > MISSING:
        whole = np.ones((1, codes.shape[1]), dtype=np.bool_)
        return whole, np.array([0, len(codes)]), np.arange(len(codes))
    answered = codes != MISSING
    words = pack(answered.astype(np.int8))
    order = np.lexsort(words[::-1])
    changed = np.zeros(len(codes) - 1, dtype=np.bool_)
    for word in words:
        changed |= word[order][1:] != word[order][:-1]
    start = _starts(changed)
    return answered[order[start]], np.append(start, len(codes)), order


def in_place(responses: Responses) -> Patterns:
    """Every respondent as a pattern of their own, ordered by mask: for work that collapsing would slow down.

    Weights are left at one each.
    """
    empty, _ = _left_out(responses.codes, "keep")
    kept = np.flatnonzero(~empty)
    if len(kept) == 0:
        raise nobody_left("keep")
    codes = responses.codes if len(kept) == responses.n_rows else responses.codes[kept]
    masks, start, order = _mask_order(codes)
    rows = np.full(responses.n_rows, -1, dtype=np.int64)
    rows[kept[order]] = np.arange(len(kept))
    one = np.ones(len(kept))
    ordered = codes if len(masks) == 1 else codes[order]
    return Patterns(ordered, responses.categories, one, one, one, masks, start, rows, None, int(empty.sum()))


def nobody_left(missing: MissingRule) -> EstimationError:
    """The error of a table with nobody in it."""
    return EstimationError(
        "answers.nobody-left",
        "No respondent is left to measure.",
        why="Everyone's answers are missing" + (" or incomplete." if missing == "drop" else "."),
        mend="Check the item columns and the missing codes"
        + (", or use --missing keep." if missing == "drop" else "."),
    )
