"""Elementary symmetric functions of items with several categories, and what follows from them.

Item j weighs category k by exp(c_jk), c_j0 = 0. gamma_r is the sum over all patterns with raw score r of the
product of their weights (Fischer & Ponocny 1994). It is built up item by item, the summation algorithm of
Verhelst, Glas & van der Sluis (1984), on the logarithmic scale:

    gamma_t of items 1..i = sum_l exp(c_il) gamma_{t-l} of items 1..i-1

The terms of that sum over its total are the shares P(x_i = l | items 1..i have the score t). Given the score t - l
of the items before it, item i says nothing more about them, so the shares carry everything else along:

    P(x_j = k | items 1..i have t) = sum_l P(x_i = l | t) P(x_j = k | items 1..i-1 have t - l)
    weight at the score s of items 1..i-1 = sum_l P(x_i = l | s + l) weight at the score s + l of items 1..i

and pairs are where the two meet. This gives what functions with one and two items left out would give, in one
pass: only numbers in [0, 1] are multiplied and added, nothing is divided or subtracted, nothing can overflow.

Everything is done for M sets of answered items at once. An item that a set does not hold has category 0 alone,
which adds nothing to the score. Categories of all items, C = sum K_j of them, stand after each other; so do their
steps, S = C - J: step h of an item is taken by answers of category h and above.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.responses import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Chain:
    """What the items add to the score, one after the other.

    Attributes:
        log_gamma: (M, R) log gamma_r for r = 0..R - 1, -inf where a set has no such raw score.
        shares: J arrays (M, T_i, K_i) of P(x_i = l | items 1..i have the score t), 0 where they cannot.
    """

    log_gamma: FloatArray
    shares: tuple[FloatArray, ...]


def chain(log_weight: FloatArray, categories: IntArray) -> Chain:
    """The symmetric functions of M sets of J items.

    Args:
        log_weight: (M, J, K) log weights c, -inf for categories that are not there.
        categories: (J,) number of categories.
    """
    total = np.zeros((len(log_weight), 1))
    shares = []
    for item, n_categories in enumerate(categories.tolist()):
        width = total.shape[1]
        terms = np.full((len(total), width + n_categories - 1, n_categories), -np.inf)
        for category in range(n_categories):
            terms[:, category : category + width, category] = total + log_weight[:, item, category, None]
        largest = terms.max(axis=2)
        reached = np.isfinite(largest)
        scaled = np.exp(terms - np.where(reached, largest, 0.0)[:, :, None])
        summed = np.where(reached, scaled.sum(axis=2), 1.0)
        shares.append(scaled / summed[:, :, None])
        total = largest + np.log(summed)
    return Chain(total, tuple(shares))


def category_probabilities(found: Chain) -> FloatArray:
    """(C, M, R) P(x_j = k | raw score r); 0 where a set has no such raw score."""
    out = np.zeros((0, len(found.log_gamma), 1))
    for share in found.shares:
        out = _with_one_more(out, share)
    return out


def _with_one_more(before: FloatArray, share: FloatArray) -> FloatArray:
    """(C + K_i, M, T) probabilities given the score with item i, from (C, M, T') without it."""
    n_before, width = len(before), before.shape[2]
    n_sets, n_scores, n_categories = share.shape
    out = np.empty((n_before + n_categories, n_sets, n_scores))
    np.multiply(before, share[:, :width, 0], out=out[:n_before, :, :width])
    out[:n_before, :, width:] = 0
    part = np.empty_like(before)
    for category in range(1, n_categories):
        own = slice(category, category + width)
        out[:n_before, :, own] += np.multiply(before, share[:, own, category], out=part)
    out[n_before:] = np.moveaxis(share, 2, 0)
    return out


def moments(found: Chain, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How many people are expected to take each step, and the covariances of the steps, added up.

    Args:
        found: M sets.
        weight: (M, R) weight of the people with each set and raw score, 0 where there can be none.

    Returns:
        (S,) sum of weight P(x_j >= h | r), and (S, S) sum of weight Cov(x_j >= h, x_i >= l | r).
    """
    begins = np.cumsum([0, *(share.shape[2] for share in found.shares)])
    both = np.zeros((begins[-1], begins[-1]))
    given = np.zeros((0, len(weight), 1))
    for share, here, begin, end in zip(
        found.shares, _weights_on_the_way(found, weight), begins[:-1], begins[1:], strict=True
    ):
        width = given.shape[2]
        at = [slice(category, category + width) for category in range(end - begin)]
        joining = np.stack([here[:, own] * share[:, own, k] for k, own in enumerate(at)], axis=2)
        joint = given.reshape(begin, joining.shape[0] * width) @ joining.reshape(-1, end - begin)
        both[:begin, begin:end], both[begin:end, :begin] = joint, joint.T
        np.fill_diagonal(both[begin:end, begin:end], np.einsum("mt,mtk->k", here, share))
        given = _with_one_more(given, share)
    add = steps_of([share.shape[2] for share in found.shares])
    together = add @ both @ add.T
    steps = add @ given.reshape(begins[-1], -1)
    return np.diag(together).copy(), together - (steps * weight.ravel()) @ steps.T


def _weights_on_the_way(found: Chain, weight: FloatArray) -> list[FloatArray]:
    """J arrays (M, T_i): the expected weight at each score of items 1..i."""
    out = [weight]
    for share in found.shares[:0:-1]:
        width = share.shape[1] - share.shape[2] + 1
        at = [slice(category, category + width) for category in range(share.shape[2])]
        out.append(np.sum([out[-1][:, own] * share[:, own, k] for k, own in enumerate(at)], axis=0))
    return out[::-1]


def steps_of(categories: IntArray | list[int]) -> FloatArray:
    """(S, C) of 0 and 1: which categories take which step."""
    item = np.repeat(np.arange(len(categories)), categories)
    category = np.concatenate([np.arange(n) for n in categories])
    step = category > 0
    same = item[step][:, None] == item
    out: FloatArray = (same & (category >= category[step][:, None])).astype(np.float64)
    return out
