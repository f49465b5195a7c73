"""Patterns cut into short runs of items, so that sums over items become table look-ups.

For a run of items there are only a few thousand combinations of answers. Any sum over items of a value that
depends on (item, category) is then one look-up a run instead of one multiplication an item, and its adjoint
(adding up something by item and category) is one count a run.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.patterns import Patterns, pack_word
from evenhand.measure.responses import FloatArray, IntArray, column_range

MAX_COMBINATIONS = 4096
"""Combinations of a run: its table stays in the first-level cache."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of consecutive items.

    Attributes:
        items: (L,) item indices.
        digits: (S, L) category of each item in each combination, -1 for missing.
        index: (P,) combination of each pattern.
    """

    items: IntArray
    digits: IntArray
    index: IntArray


@dataclass(frozen=True, slots=True)
class Digits:
    """P patterns as runs of items.

    Attributes:
        runs: the runs; together they hold every item once.
        n_items: J.
        n_categories: K, the largest number of categories.
        totals: (J, K) weight of the people in each category of each item.
    """

    runs: tuple[Run, ...]
    n_items: int
    n_categories: int
    totals: FloatArray

    def sum_items(self, values: FloatArray, begin: int = 0, end: int | None = None) -> FloatArray:
        """(P,) sum over answered items j of values[j, x_j], for patterns begin:end; values is (J, K)."""
        total: FloatArray | None = None
        for run in self.runs:
            part = np.take(_combine(run, values), run.index[begin:end])
            total = part if total is None else total + part
        assert total is not None  # noqa: S101 - there is at least one run
        return total

    def add_up(self, amount: FloatArray, begin: int = 0, end: int | None = None) -> FloatArray:
        """(J, K) sum of amount (P,) over the patterns begin:end that have category k of item j."""
        return _add_up(self.runs, (self.n_items, self.n_categories), amount, slice(begin, end))


def _add_up(runs: tuple[Run, ...], shape: tuple[int, int], amount: FloatArray, own: slice) -> FloatArray:
    out = np.zeros(shape)
    for run in runs:
        by_combination = np.bincount(run.index[own], weights=amount, minlength=len(run.digits))
        for category in range(shape[1]):
            out[run.items, category] = by_combination @ (run.digits == category)
    return out


def cut(patterns: Patterns) -> Digits:
    """Cut patterns into runs whose tables are no longer than a cache line of work is worth.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> cut(LSAT6).totals
        array([[ 76., 924.],
               [291., 709.],
               [447., 553.],
               [237., 763.],
               [130., 870.]])
    """
    low = np.minimum(column_range(patterns.codes)[0], 0)
    base = patterns.categories - low
    limit = max(int(base.max()), min(MAX_COMBINATIONS, max(16, patterns.n_patterns)))
    runs, begin = [], 0
    while begin < patterns.n_items:
        end, size = begin, 1
        while end < patterns.n_items and size * int(base[end]) <= limit:
            size *= int(base[end])
            end += 1
        runs.append(_run(patterns, low, base, np.arange(begin, end)))
        begin = end
    shape = (patterns.n_items, int(patterns.categories.max()))
    return Digits(tuple(runs), *shape, _add_up(tuple(runs), shape, patterns.w, slice(None)))


def _run(patterns: Patterns, low: IntArray, base: IntArray, items: IntArray) -> Run:
    size = int(np.prod(base[items]))
    place = np.cumprod(np.concatenate(([1], base[items][:-1])))
    own = slice(int(items[0]), int(items[-1]) + 1)
    index = pack_word(patterns.codes[:, own], place.astype(np.float64), low[own])
    digits = (np.arange(size)[:, None] // place) % base[items] + low[items]
    return Run(items, digits, index)


def _combine(run: Run, values: FloatArray) -> FloatArray:
    """(S,) sum of the values of a run's combinations."""
    padded = np.concatenate([values[run.items], np.zeros((len(run.items), 1))], axis=1)  # digit -1 adds nothing
    out: FloatArray = padded[np.arange(len(run.items)), run.digits].sum(axis=1)
    return out
