"""S-X2: does an item do, at each sum score, what the model says it does there?

Orlando & Thissen 2000 (binary items), Kang & Chen 2008 (more categories). People are grouped by their sum score
s, which is observed, and not by an estimate of theta. The model says which share of them is in category k:

    E(k | s) = integral P_i(k | theta) S_i(s - k | theta) phi / integral S(s | theta) phi

with S the distribution of the sum score and S_i that of the sum of the other items (Lord & Wingersky 1984). Then

    S-X2 = sum over cells of (O - N_s E)^2 / (N_s E),   df = cells - rows - parameters of the item

over cells pooled until each expects `min_expected` people. Where a slope is negative its item counts from its
other end, so that a higher sum score is always more of theta.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import chdtrc

from evenhand.errors import EstimationError
from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.quadrature import Quadrature, rectangular
from evenhand.measure.responses import CodeArray, FloatArray, IntArray

Estimated = Literal["items", "common slope", "latent", "nothing"]
"""What was estimated on these same answers: slopes and intercepts; intercepts and one slope (or SD) for all; the
latent mean and SD with the items taken as given; or nothing."""

RARE_CATEGORY = 0.05
"""A highest cell that stands alone in fewer of the rows than this is pooled with the next one in all of them."""

N_NODES = 121

Row = tuple[FloatArray, FloatArray]
"""Observed and expected counts of one row: two (K,) arrays."""


@dataclass(frozen=True, slots=True)
class SX2:
    """S-X2 of each item.

    Attributes:
        statistic: (J,) S-X2; 0 where no row of the table remains.
        df: (J,) degrees of freedom; 0 or less where the table is too small for a test.
        p: (J,) P(chi-squared with df > S-X2), NaN where df is not positive.
        rmsea: (J,) sqrt(max(S-X2 - df, 0) / (df (n - 1))), NaN likewise.
        n: people with every answer, whom the figures rest on.
        n_incomplete: people left out because an answer is missing: a sum score needs them all.
    """

    statistic: FloatArray
    df: IntArray
    p: FloatArray
    rmsea: FloatArray
    n: float
    n_incomplete: float


def s_x2(
    patterns: Patterns,
    items: Items,
    *,
    mean: float,
    sd: float,
    estimated: Estimated,
    min_expected: float = 1.0,
) -> SX2:
    """S-X2 of every item, with the pooling of R mirt.

    Frequency weights are counts. Sampling weights are refused: a weighted table's statistic is not chi-squared.

    Args:
        patterns: P patterns of J >= 2 items; people with a missing answer are left out and counted.
        items: J items on the metric of theta, of any model.
        mean: latent mean.
        sd: latent SD, > 0.
        estimated: what was estimated on these answers. An item costs its intercepts and its slope; its
            intercepts alone where one slope is common to all; nothing where the items were taken as given. (R
            mirt counts a common slope for every item, as `items` does here: 8 % false alarms for 5 %.)
        min_expected: the least a pooled cell expects, in people.

    Raises:
        EstimationError: sampling weights; one item; nobody answered every item.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> found = s_x2(LSAT6, LSAT6_ITEMS, mean=0.0, sd=1.0, estimated="items")
        >>> found.statistic.round(2), found.df
        (array([0.45, 1.69, 0.67, 0.18, 0.11]), array([2, 2, 1, 2, 2]))
    """
    require_counts(patterns, "S-X2")
    whole = complete_only(patterns, "S-X2", least_items=2)
    codes, p = _oriented(whole, items, on_standard_scale(items, mean, sd), nodes := rectangular(N_NODES))
    top = items.top.astype(np.int64)
    weights = np.exp(nodes.log_weights)
    total = score_distribution(p, top) @ weights
    score = codes.sum(axis=1)
    cost = {"items": top + 1, "common slope": top}.get(estimated, np.zeros_like(top))
    statistic, cells = np.zeros(items.n_items), np.zeros(items.n_items, dtype=np.int64)
    for item in range(items.n_items):
        share = _category_shares(p, top, item, weights, total)
        observed = np.zeros_like(share)
        np.add.at(observed, (score, codes[:, item]), whole.n)
        rows = pool(observed, share * observed.sum(axis=1, keepdims=True), whole_rows(share), min_expected)
        statistic[item] = sum(_pearson(row) for row in rows)
        cells[item] = sum(int((expected > 0).sum()) - 1 for _, expected in rows)
    return _result(statistic, cells - cost, float(whole.n.sum()), float(patterns.n.sum()))


def _result(statistic: FloatArray, df: IntArray, n: float, n_all: float) -> SX2:
    testable = df > 0
    known = np.where(testable, df, 1)
    p = np.where(testable, chdtrc(known, statistic), np.nan)
    rmsea = np.sqrt(np.maximum(statistic - df, 0) / (known * max(n - 1, 1.0)))
    return SX2(statistic, df, p, np.where(testable, rmsea, np.nan), n, n_all - n)


def require_counts(patterns: Patterns, statistic: str) -> None:
    """Refuse sampling weights: they are there where w or w2 differs from n (frequency weights are counts).

    Raises:
        EstimationError: the patterns carry sampling weights.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> require_counts(LSAT6, "S-X2")  # no sampling weights: no error
    """
    if np.array_equal(patterns.w, patterns.n) and np.array_equal(patterns.w2, patterns.n):
        return
    raise EstimationError(
        "fit.sampling-weights",
        f"{statistic} is not available with sampling weights.",
        why="Its reference distribution holds for people drawn with equal chances; with weights the statistic is "
        "not chi-squared, and leaving the weights out would test another population.",
        mend="Use infit, outfit and Q3, which are weighted, or check the fit without weights and say so.",
    )


def complete_only(patterns: Patterns, statistic: str, *, least_items: int) -> Patterns:
    """The patterns with every answer.

    Raises:
        EstimationError: fewer than `least_items` items; nobody answered every item.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> complete_only(LSAT6, "S-X2", least_items=2).n_patterns
        30
    """
    if patterns.n_items < least_items:
        raise EstimationError(
            "fit.too-few-items",
            f"{statistic} needs {least_items} items or more; there are {patterns.n_items}.",
            why="It compares an item with the others.",
            mend="Leave this statistic out.",
        )
    complete = patterns.complete & (patterns.n > 0)
    if not complete.any():
        raise EstimationError(
            "fit.nobody-complete",
            "No respondent answered every item.",
            why=f"{statistic} rests on people with every answer.",
            mend="Use infit, outfit and Q3, which use the answers there are, or check fewer items at a time.",
        )
    return patterns.take(complete)


def _oriented(
    patterns: Patterns, items: Items, standard: Items, nodes: Quadrature
) -> tuple[CodeArray, FloatArray]:
    """(P, J) codes and (J, K, Q) probabilities, items of negative slope counted from their other end."""
    codes, p = patterns.codes.copy(), probabilities(standard, nodes.nodes)
    top = items.top.astype(np.int8)
    for item in np.flatnonzero(items.slope < 0):
        codes[:, item] = top[item] - codes[:, item]
        p[item, : top[item] + 1] = p[item, top[item] :: -1].copy()
    return codes, p


def score_distribution(p: FloatArray, top: IntArray) -> FloatArray:
    """(S + 1, Q) P(sum score = s | theta) by the recursion of Lord & Wingersky 1984, S the sum of `top`.

    Args:
        p: (J, K, Q) category probabilities.
        top: (J,) highest category of each item.

    Example:
        >>> p = np.full((2, 2, 1), 0.5)
        >>> score_distribution(p, np.array([1, 1])).ravel()
        array([0.25, 0.5 , 0.25])
    """
    out = np.ones((1, p.shape[2]))
    for item, highest in enumerate(top):
        longer = np.zeros((len(out) + int(highest), p.shape[2]))
        for category in range(int(highest) + 1):
            longer[category : category + len(out)] += out * p[item, category]
        out = longer
    return out


def _category_shares(
    p: FloatArray, top: IntArray, item: int, weights: FloatArray, total: FloatArray
) -> FloatArray:
    """(S + 1, K_i) E(k | s), 0 where a category and a score exclude each other."""
    others = np.arange(len(top)) != item
    rest = score_distribution(p[others], top[others])
    out = np.zeros((len(total), int(top[item]) + 1))
    for category in range(out.shape[1]):
        out[category : category + len(rest), category] = (rest * p[item, category]) @ weights
    return out / np.maximum(total, 1e-300)[:, None]


def whole_rows(share: FloatArray) -> slice:
    """The scores at which every category of the item is possible.

    Example:
        >>> whole_rows(np.zeros((6, 2)))
        slice(1, 5, None)
    """
    scores, categories = share.shape
    return slice(categories - 1, max(categories - 1, scores - categories + 1))


def pool(observed: FloatArray, expected: FloatArray, whole: slice, least: float) -> list[Row]:
    """Pool cells until each expects `least`, in the order of R mirt's description: categories, then scores.

    1. Both extreme scores, which tell nothing of an item, go. Scores at which a category is impossible join the
       nearest one at which none is.
    2. Scores that nobody has go; those with one person join the neighbour with fewer people.
    3. Within a score, the cell that expects least joins its smaller neighbour while it expects too little and
       there are more than two; what remains is numbered from the lowest cell on. A last cell that stands
       alone in hardly any score is pooled in all.
    4. Scores with a cell that still expects too little join the neighbour with fewer people.

    Args:
        observed: (S + 1, K) counts by score and category.
        expected: (S + 1, K) expected counts.
        whole: the scores at which every category is possible.
        least: what a cell must expect.

    Returns:
        The rows of the pooled table.

    Example:
        >>> observed = np.array([[5.0, 0.0], [6.0, 4.0], [0.5, 9.5], [0.0, 5.0]])
        >>> len(pool(observed, observed, slice(1, 3), 1.0))
        1
    """
    rows = _possible(observed, expected, whole)
    rows = [row for row in rows if row[0].sum() > 0]
    while len(rows) > 1 and (alone := _first(bool(row[0].sum() <= 1) for row in rows)) is not None:
        _join(rows, alone)
    rows = _without_rare([_pool_within(row, least) for row in rows])
    while len(rows) > 1 and (small := _first(_is_small(row, least) for row in rows)) is not None:
        _join(rows, small)
    return rows


def _possible(observed: FloatArray, expected: FloatArray, whole: slice) -> list[Row]:
    low, high = whole.start, whole.stop - 1
    if high < low:
        return []
    first = [(observed[1 : low + 1].sum(axis=0), expected[1 : low + 1].sum(axis=0))]
    inner = list(zip(observed[low + 1 : high], expected[low + 1 : high], strict=True))
    last = [(observed[high:-1].sum(axis=0), expected[high:-1].sum(axis=0))]
    if high == low:
        return [(observed[1:-1].sum(axis=0), expected[1:-1].sum(axis=0))]
    return first + inner + last


def _first(flags: Iterable[bool]) -> int | None:
    return next((index for index, flag in enumerate(flags) if flag), None)


def _is_small(row: Row, least: float) -> bool:
    return bool(((row[1] < least) & (row[1] > 0)).any())


def _join(rows: list[Row], index: int) -> None:
    """Add row `index` to the neighbour with fewer people (the one before it in a tie), in place."""
    if index == 0:
        into = 1
    elif index == len(rows) - 1 or rows[index - 1][0].sum() <= rows[index + 1][0].sum():
        into = index - 1
    else:
        into = index + 1
    rows[into] = (rows[into][0] + rows[index][0], rows[into][1] + rows[index][1])
    del rows[index]


def _pool_within(row: Row, least: float) -> Row:
    """One row, its cells pooled while one expects too little and more than two remain."""
    observed, expected = list(row[0]), list(row[1])
    while len(expected) > 2 and min(expected) < least:
        cell = len(expected) - 1 - int(np.argmin(expected[::-1]))
        if cell == 0:
            into = 1
        elif cell == len(expected) - 1 or expected[cell - 1] <= expected[cell + 1]:
            into = cell - 1
        else:
            into = cell + 1
        observed[into] += observed[cell]
        expected[into] += expected[cell]
        del observed[cell], expected[cell]
    rest = [0.0] * (len(row[0]) - len(expected))
    return np.array(observed + rest), np.array(expected + rest)


def _without_rare(rows: list[Row]) -> list[Row]:
    """Pool the last column with the one before it, while hardly any row has it."""
    while rows and len(rows[0][0]) > 2:
        share = sum(float(row[1][-1] > 0) for row in rows) / len(rows)
        if share >= RARE_CATEGORY:
            break
        rows = [(_shorter(row[0]), _shorter(row[1])) for row in rows]
    return rows


def _shorter(cells: FloatArray) -> FloatArray:
    return np.append(cells[:-2], cells[-2] + cells[-1])


def _pearson(row: Row) -> float:
    observed, expected = row
    there = expected > 0
    return float(((observed - expected)[there] ** 2 / expected[there]).sum())
