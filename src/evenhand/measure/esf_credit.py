"""Elementary symmetric functions of items with several categories, and what follows from them.

Item j weighs category k by exp(c_jk), c_j0 = 0. gamma_r is the sum over all patterns with raw score r of the
product of their weights (Fischer & Ponocny 1994). The items are joined two by two, then the pairs, and so on up
a tree, on the logarithmic scale: with s the score on the left part and u that on the right,

    gamma_t = sum over s + u = t of gamma_s gamma_u
    P(s, u | s + u) = gamma_s gamma_u / gamma_(s+u)

and, the parts being independent but for their scores, these shares carry everything else. Up the tree go the
probabilities of an item's steps given the score of the part it is in; down the tree goes the people's weight at
each score of each part; pairs of items meet where their parts are joined. Only numbers in [0, 1] are multiplied
and added, nothing can overflow, and nearly all the work is products of matrices.

Everything is done for M sets of answered items at once. An item that a set does not hold has category 0 alone,
which adds nothing to the score. Categories of all items, C = sum K_j of them, stand after each other; so do their
steps, S = C - J: step h of an item is taken by answers of category h and above.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from evenhand.measure.responses import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Part:
    """Items that follow each other, of M sets: a single one, or two parts joined.

    Attributes:
        log_gamma: (M, T) log gamma_t of these items, -inf where a set has no such score.
        shares: (M, T_left, T_right) of P(s, u | s + u), 0 where they cannot be; None for a single item.
        halves: what was joined; empty for a single item.
    """

    log_gamma: FloatArray
    shares: FloatArray | None = None
    halves: tuple["Part", ...] = ()


def tree(log_weight: FloatArray, categories: IntArray) -> Part:
    """The symmetric functions of M sets of J items.

    Args:
        log_weight: (M, J, K) log weights c, -inf for categories that are not there.
        categories: (J,) number of categories.

    Returns:
        All items as one part.
    """
    parts = [Part(log_weight[:, item, :n]) for item, n in enumerate(categories.tolist())]
    while len(parts) > 1:
        joined = [_join(left, right) for left, right in zip(parts[::2], parts[1::2], strict=False)]
        parts = joined + parts[2 * len(joined) :]
    return parts[0]


def _join(left: Part, right: Part) -> Part:
    terms = left.log_gamma[:, :, None] + right.log_gamma[:, None, :]
    largest = _by_sum(terms, -np.inf).max(axis=1)
    reached = np.isfinite(largest)
    shares = terms
    shares -= _at_sum(np.where(reached, largest, 0.0), terms.shape)
    np.exp(shares, out=shares)
    total = np.where(reached, _by_sum(shares, 0.0).sum(axis=1), 1.0)
    shares /= _at_sum(total, terms.shape)
    return Part(largest + np.log(total), shares, (left, right))


def _by_sum(values: FloatArray, rest: float) -> FloatArray:
    """(M, S, T) with values[m, s, u] at [m, s, s + u] and `rest` elsewhere; values (M, S, U), T = S + U - 1."""
    n, rows, columns = values.shape
    width = rows + columns - 1
    room = np.full((n, rows, width + 1), rest)
    room[:, :, :columns] = values
    return as_strided(room, (n, rows, width), (room.strides[0], width * room.itemsize, room.itemsize))


def _at_sum(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """(M, S, U) view with values[m, s + u] at [m, s, u]; values (M, S + U - 1)."""
    values = np.ascontiguousarray(values)
    return as_strided(values, shape, (*values.strides, values.itemsize), writeable=False)


def category_probabilities(found: Part) -> FloatArray:
    """(C, M, R) P(x_j = k | raw score r); 0 where a set has no such raw score."""
    out: FloatArray = np.moveaxis(_learn(found, np.eye).given, 1, 0)
    return out


def moments(found: Part, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How many people are expected to take each step, and the covariances of the steps, added up.

    Args:
        found: M sets.
        weight: (M, R) weight of the people with each set and raw score, 0 where there can be none.

    Returns:
        (S,) sum of weight P(x_j >= h | r), and (S, S) sum of weight Cov(x_j >= h, x_i >= l | r).
    """
    known = _learn(found, _taken, leave_top=True)
    both = _meet(known, weight)
    # few sets have people at every raw score: those that have are put in front
    n_scores = max(1, int((weight > 0).sum(axis=1).max()))
    score = np.argsort(weight <= 0, axis=1, kind="stable")[:, :n_scores]
    steps = np.moveaxis(_given(known, score), 1, 0).reshape(len(both), -1)
    people = np.take_along_axis(weight, score, axis=1).ravel()
    return np.diag(both).copy(), both - (steps * people) @ steps.T


def steps_of(categories: IntArray | list[int]) -> FloatArray:
    """(S, C) of 0 and 1: which categories take which step."""
    item = np.repeat(np.arange(len(categories)), categories)
    category = np.concatenate([np.arange(n) for n in categories])
    step = category > 0
    same = item[step][:, None] == item
    out: FloatArray = (same & (category >= category[step][:, None])).astype(np.float64)
    return out


def _taken(n_categories: int) -> FloatArray:
    """(K - 1, K) of 0 and 1: which categories of one item take which step."""
    return np.tri(n_categories, n_categories - 1, -1).T


# --- Up and down the tree ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of functions of the items' categories, F in a part.

    Attributes:
        part: the part.
        given: (M, F, T) expectations given the part's score; empty (M, 0, 0) where nobody asks for all scores.
        halves: the same of its halves.
    """

    part: Part
    given: FloatArray
    halves: tuple["_Known", ...] = ()


def _learn(part: Part, functions: Callable[[int], FloatArray], *, leave_top: bool = False) -> _Known:
    """Up the tree: `functions` gives (F, K) values for a number of categories."""
    n_sets, n_scores = part.log_gamma.shape
    if not part.halves:
        own = functions(n_scores)
        return _Known(part, np.broadcast_to(own, (n_sets, *own.shape)))
    known = _Known(part, np.empty((n_sets, 0, 0)), tuple(_learn(half, functions) for half in part.halves))
    return known if leave_top else replace(known, given=_given(known))


def _given(known: _Known, score: IntArray | None = None) -> FloatArray:
    """(M, F, T) expectations given the score of a part, or (M, F, n) given the scores (M, n)."""
    if not known.halves:
        return known.given if score is None else np.take_along_axis(known.given, score[:, None, :], axis=2)
    shares, out = known.part.shares, []
    assert shares is not None  # noqa: S101 - a part with halves has them
    for half, own in zip(known.halves, (shares, shares.transpose(0, 2, 1)), strict=True):
        by_score = _by_sum(own, 0.0)
        if score is not None:
            by_score = np.take_along_axis(by_score, score[:, None, :], axis=2)
        out.append(half.given @ by_score)
    return np.concatenate(out, axis=1)


def _meet(known: _Known, weight: FloatArray) -> FloatArray:
    """(F, F) sum of weight E(t t' | score) of the steps t of a part, down the tree from weights (M, T)."""
    if not known.halves:
        expected = _taken(weight.shape[1]) @ weight.sum(axis=0)
        step = np.arange(len(expected))
        alone: FloatArray = expected[np.maximum(step[:, None], step)]
        return alone
    shares, (left, right) = known.part.shares, known.halves
    assert shares is not None  # noqa: S101 - a part with halves has them
    here = shares * _at_sum(weight, shares.shape)
    across = (left.given @ here @ right.given.transpose(0, 2, 1)).sum(axis=0)
    return np.block([[_meet(left, here.sum(axis=2)), across], [across.T, _meet(right, here.sum(axis=1))]])
