"""Conditional maximum likelihood for the partial credit model, items of two categories included.

    P(x_j = k | theta) proportional to exp(k theta + c_jk),   c_jk = -(b_j1 + .. + b_jk)   (Masters 1982)

With t_jh = 1 where x_j >= h ("step h is taken"), the likelihood of a pattern given its raw score r on the items
answered is free of theta:

    log P(x | r) = -sum_jh b_jh t_jh - log gamma_r(c)                           (Fischer & Ponocny 1994)

The gradient in b is E[t | r] - t and the information Cov(t | r): the Rasch model's, with steps for items. A
constant added to every b changes nothing, as sum t = r; the mean of all step thresholds is set to 0.

An item of direction -1 is turned before fitting, y = K - 1 - x. Its thresholds b' are told on the metric of a
slope of -1, P(x = k | theta) proportional to exp(-sum_{h <= k} (theta - b_h)): b_h = b'_{K-h}.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from evenhand.errors import EstimationError
from evenhand.measure.conditional import ConditionalErrors
from evenhand.measure.esf_credit import category_probabilities, moments, steps_of, tree
from evenhand.measure.gradients import middle
from evenhand.measure.itemfit import ItemFit, mean_squares
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import BoolArray, FloatArray, IntArray
from evenhand.measure.threads import in_order, one_blas_thread

MAX_STEPS = 100

LARGEST_BLOCK = 1_000_000
"""Numbers in an array of conditional probabilities: eight megabytes."""

PATTERNS_AT_ONCE = 4_096
"""Patterns whose scores are written out at once."""

FLAT = 1e-7
"""An information smaller than this share of the smallest weight is on its way to 0. One person on each side of a
comparison makes 1/2, and a chain of 500 such comparisons still 2e-5."""


@dataclass(frozen=True, slots=True)
class CreditFit:
    """A maximum of the conditional likelihood.

    Attributes:
        b: (J, K - 1) step thresholds on the file's metric, all with mean 0; NaN where an item has fewer.
        loglik: conditional log-likelihood, weights as given.
        information: (S, S) conditional information of b[~isnan(b)], singular along (1, .., 1).
        iterations: Newton steps.
        converged: whether the last step was below tolerance.
        gradient_norm: largest gradient element divided by the total weight.
        patterns: the patterns that count, see `informative_credit`.
        sign: (J,) direction of each item.
    """

    b: FloatArray
    loglik: float
    information: FloatArray
    iterations: int
    converged: bool
    gradient_norm: float
    patterns: Patterns
    sign: FloatArray


def oriented_credit(patterns: Patterns, sign: FloatArray) -> FloatArray:
    """(P, J) categories with items of sign -1 turned round, NaN where missing."""
    codes = patterns.codes.astype(np.float64)
    turned = np.where(sign > 0, codes, patterns.categories - 1 - codes)
    return np.where(patterns.answered, turned, np.nan)


def informative_credit(patterns: Patterns, sign: FloatArray) -> BoolArray:
    """(P,) whether a pattern counts: some weight, and neither extreme raw score of two or more items."""
    raw = np.nansum(oriented_credit(patterns, sign), axis=1)
    highest = patterns.answered @ (patterns.categories - 1)
    several = patterns.answered.sum(axis=1) > 1
    out: BoolArray = several & (raw > 0) & (raw < highest) & (patterns.w > 0)
    return out


def fit_credit(
    patterns: Patterns,
    *,
    sign: FloatArray | None = None,
    names: Sequence[str] | None = None,
    tolerance: float = 1e-10,
) -> CreditFit:
    """Maximise the conditional likelihood of the partial credit model.

    Args:
        patterns: P patterns on J items, numbers of categories mixed at will.
        sign: (J,) +1 or -1, the direction of each item.
        names: (J,) item names, for messages.
        tolerance: largest change of a threshold at convergence.

    Raises:
        EstimationError: an empty category, or a maximum that is not finite or not unique: some move of the
            thresholds makes nobody's answers less likely.
    """
    sign = np.ones(patterns.n_items) if sign is None else sign
    names = names or [str(item + 1) for item in range(patterns.n_items)]
    counted = informative_credit(patterns, sign)
    if not counted.any():
        raise EstimationError(
            "estimation.only-extremes",
            "Every respondent gave the lowest answer to all the items they answered, or the highest, or answered "
            "one item.",
            why="Such answers say nothing about how severe one item is beside another.",
            mend="Use answers of people who are between the two ends.",
        )
    patterns = patterns.take(counted)
    _check_categories(patterns, names)
    _check_connected(patterns, sign, names)
    with one_blas_thread():
        return _newton(_likelihood(patterns, sign), names, tolerance)


def _check_categories(patterns: Patterns, names: Sequence[str]) -> None:
    """Every category of an item of several is chosen by somebody who counts."""
    for item in np.flatnonzero(patterns.categories > 2).tolist():
        codes = patterns.codes[:, item]
        chosen = np.bincount(codes[codes >= 0], minlength=int(patterns.categories[item]))
        if chosen.any() and not chosen.all():
            empty = int(np.flatnonzero(chosen == 0)[0])
            raise EstimationError(
                "estimation.empty-category",
                f"Nobody between the lowest and the highest raw score chose category {empty} of the item "
                f"{names[item]}.",
                where=f"item {names[item]}, category {empty}",
                why="The thresholds beside it tie or run to infinity: they have no estimate.",
                mend="Map its code to its neighbour in an instrument file (category:).",
            )


def _check_connected(patterns: Patterns, sign: FloatArray, names: Sequence[str]) -> None:
    """For every split of the items in two, someone could have scored more on one and less on the other."""
    answers = oriented_credit(patterns, sign)
    more = (answers < patterns.categories - 1).astype(np.float64)
    less = (answers > 0).astype(np.float64)
    n_parts, part = connected_components((less.T @ more) > 0, connection="strong")
    if n_parts > 1:
        alone = np.flatnonzero(part != np.bincount(part).argmax())
        raise _not_connected([names[int(item)] for item in alone])


def _not_connected(names: Sequence[str]) -> EstimationError:
    return EstimationError(
        "estimation.not-connected",
        "The conditional likelihood has no finite maximum.",
        where="items " + ", ".join(names),
        why="Among people between the lowest and the highest raw score, moving thresholds of these items without "
        "end makes nobody's answers less likely: some were always above the rest, always below, or never "
        "compared with them.",
        mend="Leave those items out, map rarely chosen codes to their neighbours (category:), or add respondents.",
    )


# --- The likelihood, in thresholds of turned items -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """All that the likelihood needs of the answers.

    Attributes:
        patterns: the patterns that count.
        sign: (J,) direction of each item.
        weight: (M, R) weight of the people with each set of answered items and raw score.
        observed: (S,) weight of the people who took each step.
    """

    patterns: Patterns
    sign: FloatArray
    weight: FloatArray
    observed: FloatArray


def _likelihood(patterns: Patterns, sign: FloatArray) -> _Likelihood:
    answers = oriented_credit(patterns, sign)
    n_raw = int((patterns.categories - 1).sum()) + 1
    cell = patterns.mask_of * n_raw + np.nansum(answers, axis=1).astype(np.intp)
    weight = np.bincount(cell, weights=patterns.w, minlength=len(patterns.masks) * n_raw).reshape(-1, n_raw)
    item, step = _steps(patterns.categories)
    observed = np.array([patterns.w @ (answers[:, j] >= h) for j, h in zip(item, step, strict=True)])
    return _Likelihood(patterns, sign, weight.astype(np.float64), observed)


def _steps(categories: IntArray) -> tuple[IntArray, IntArray]:
    """(S,) item and (S,) number, from 1, of each step."""
    item = np.repeat(np.arange(len(categories)), categories - 1)
    return item, np.concatenate([np.arange(1, n) for n in categories.tolist()])


def _turn(categories: IntArray, sign: FloatArray) -> IntArray:
    """(S,) where each step's threshold stands after turning; turning twice changes nothing."""
    item, step = _steps(categories)
    begin = np.cumsum(categories - 1) - (categories - 1)
    out: IntArray = begin[item] + np.where(sign[item] > 0, step, categories[item] - step) - 1
    return out


def _log_weights(flat: FloatArray, categories: IntArray, masks: BoolArray) -> FloatArray:
    """(M, J, K) c_jk of thresholds (S,); items not answered have category 0 alone."""
    steps = np.full((len(categories), int(categories.max()) - 1), np.inf)
    item, step = _steps(categories)
    steps[item, step - 1] = flat
    c = np.concatenate([np.zeros((len(categories), 1)), -np.cumsum(steps, axis=1)], axis=1)
    first = np.arange(c.shape[1]) == 0
    return np.where(masks[:, :, None] | first, c, -np.inf)


def _blocks_of_masks(patterns: Patterns) -> list[slice]:
    n_categories = int(patterns.categories.sum())
    together = max(1, LARGEST_BLOCK // (n_categories * (n_categories - patterns.n_items + 1)))
    n_masks = len(patterns.masks)
    return [slice(begin, min(begin + together, n_masks)) for begin in range(0, n_masks, together)]


def _evaluate(data: _Likelihood, flat: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, its gradient in the thresholds and the information, added up over masks."""
    patterns = data.patterns

    def work(own: slice) -> tuple[float, FloatArray, FloatArray]:
        weight = data.weight[own]
        found = tree(_log_weights(flat, patterns.categories, patterns.masks[own]), patterns.categories)
        expected, information = moments(found, weight)
        return float(weight[weight > 0] @ found.log_gamma[weight > 0]), expected, information

    value, gradient, information = -float(flat @ data.observed), -data.observed, np.zeros((len(flat), len(flat)))
    for part, expected, added in in_order(work, _blocks_of_masks(patterns)):
        value, gradient, information = value - part, gradient + expected, information + added
    return value, gradient, (information + information.T) / 2


def _newton(data: _Likelihood, names: Sequence[str], tolerance: float) -> CreditFit:
    patterns = data.patterns
    flat = _start(data)
    value, gradient, information = _evaluate(data, flat)
    iterations, change = 0, np.inf
    while change >= tolerance and iterations < MAX_STEPS:
        _check_curved(patterns, information, names)
        step = _centred_inverse(information) @ gradient
        length = 1.0
        while True:
            trial = flat + length * step
            new = _evaluate(data, trial)
            if new[0] >= value - 1e-9 * abs(value) or length < 1e-6:
                break
            length /= 2
        change = float(np.abs(trial - flat).max())
        flat, (value, gradient, information) = trial, new
        iterations += 1
    _check_curved(patterns, information, names)
    norm = float(np.abs(gradient).max() / patterns.w.sum())
    turn = _turn(patterns.categories, data.sign)
    b = _by_item((flat - flat.mean())[turn], patterns.categories)
    information = information[np.ix_(turn, turn)]
    return CreditFit(b, value, information, iterations, change < tolerance, norm, patterns, data.sign)


def _start(data: _Likelihood) -> FloatArray:
    """Logits of taking a step for those on either side of it; .5 person on each side where there is none."""
    categories, unit = data.patterns.categories, data.patterns.w.mean()
    item, step = _steps(categories)
    answers = oriented_credit(data.patterns, data.sign)
    chosen = np.array(
        [
            [data.patterns.w @ (answers[:, j] == category) for category in (h - 1, h)]
            for j, h in zip(item, step, strict=True)
        ]
    )
    flat: FloatArray = np.log((chosen[:, 0] + 0.5 * unit) / (chosen[:, 1] + 0.5 * unit))
    out: FloatArray = flat - flat.mean()
    return out


def _centred(information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and vectors, with (1, .., 1) given the mean of the others."""
    n = len(information)
    return np.linalg.eigh(information + float(np.trace(information)) / n * np.ones((n, n)) / n)


def _centred_inverse(information: FloatArray) -> FloatArray:
    """The inverse on vectors that add to 0."""
    n = len(information)
    value, vector = _centred(information)
    inverse: FloatArray = (vector / value) @ vector.T - np.ones((n, n)) / float(np.trace(information))
    return inverse


def _check_curved(patterns: Patterns, information: FloatArray, names: Sequence[str]) -> None:
    """The likelihood bends along every direction but the one that changes nothing."""
    value, vector = _centred(information)
    if value[0] > max(FLAT * float(patterns.w.min()), 1e-14 * float(np.trace(information))):
        return
    moved = np.abs(vector[:, 0] - np.median(vector[:, 0]))
    item, _ = _steps(patterns.categories)
    raise _not_connected([names[int(each)] for each in np.unique(item[moved > 0.1 * moved.max()])])


def _by_item(flat: FloatArray, categories: IntArray) -> FloatArray:
    """(J, K - 1) of (S,), NaN where an item has fewer."""
    out = np.full((len(categories), int(categories.max()) - 1), np.nan)
    item, step = _steps(categories)
    out[item, step - 1] = flat
    return out


# --- What follows from a fit ---------------------------------------------------------------------------------


def fixed_credit(patterns: Patterns, b: FloatArray, sign: FloatArray) -> CreditFit:
    """Thresholds (J, K - 1) that come from elsewhere, as a fit on these patterns, without its likelihood."""
    n_steps = int((~np.isnan(b)).sum())
    unknown = np.full((n_steps, n_steps), np.nan)
    return CreditFit(b, np.nan, unknown, 0, True, np.nan, patterns, sign)


def _blocks(fit: CreditFit) -> Iterator[tuple[slice, FloatArray]]:
    """Blocks of patterns with their (C, B) P(x_j = k | raw score, items answered), items turned."""
    patterns, categories = fit.patterns, fit.patterns.categories
    flat = fit.b[~np.isnan(fit.b)][_turn(categories, fit.sign)]
    raw = np.nansum(oriented_credit(patterns, fit.sign), axis=1).astype(np.intp)
    for masks in _blocks_of_masks(patterns):
        probability = category_probabilities(
            tree(_log_weights(flat, categories, patterns.masks[masks]), categories)
        )
        end = int(patterns.mask_start[masks.stop])
        for begin in range(int(patterns.mask_start[masks.start]), end, PATTERNS_AT_ONCE):
            own = slice(begin, min(begin + PATTERNS_AT_ONCE, end))
            yield own, probability[:, patterns.mask_of[own] - masks.start, raw[own]]


def _score_blocks(fit: CreditFit) -> Iterator[tuple[slice, FloatArray]]:
    """Blocks of patterns with their (B, S) gradients."""
    categories, answered = fit.patterns.categories, fit.patterns.answered
    answers = oriented_credit(fit.patterns, fit.sign)
    item, step = _steps(categories)
    turn, add = _turn(categories, fit.sign), steps_of(categories)
    for own, probability in _blocks(fit):
        taken = answers[own][:, item] >= step
        score = np.where(answered[own][:, item], (add @ probability).T - taken, 0.0)
        yield own, score[:, turn]


def credit_scores(fit: CreditFit) -> FloatArray:
    """(P, S) gradient of each pattern's conditional log-likelihood in b[~isnan(b)]."""
    return np.concatenate([block for _, block in _score_blocks(fit)])


def credit_expected(fit: CreditFit) -> tuple[FloatArray, FloatArray]:
    """(P, J) E[x_j | raw score, items answered] and (P, J) Var, NaN where missing; items turned by direction."""
    categories = fit.patterns.categories
    begin = np.cumsum(categories) - categories
    item = np.repeat(np.arange(len(categories)), categories)
    category = (np.arange(len(item)) - begin[item])[:, None].astype(np.float64)
    mean, variance = np.empty(fit.patterns.codes.shape), np.empty(fit.patterns.codes.shape)
    for own, probability in _blocks(fit):
        middle_of = np.add.reduceat(category * probability, begin, axis=0)
        mean[own] = middle_of.T
        variance[own] = np.add.reduceat((category - middle_of[item]) ** 2 * probability, begin, axis=0).T
    answered = fit.patterns.answered
    return np.where(answered, mean, np.nan), np.where(answered, variance, np.nan)


def credit_errors(fit: CreditFit, kind: ConditionalErrors, with_clusters: Patterns) -> FloatArray:
    """(J, K - 1) standard errors of the step thresholds, NaN where an item has fewer.

    Args:
        fit: the fit.
        kind: `robust`; `model` (inverse information); `fao` (one over the root of the information's diagonal, the
            sum of w P(x_j >= h | r) P(x_j < h | r), as RM.weights' PC.w). The last two rescale the weights to add
            to the number of people that count. `fao` takes every other threshold as known, those
            of the same item too.
        with_clusters: the patterns as collapsed, which hold the totals by cluster if a design names them.
    """
    rescale = float(fit.patterns.n.sum() / fit.patterns.w.sum())
    if kind == "fao":
        return _by_item(1 / np.sqrt(np.diag(fit.information) * rescale), fit.patterns.categories)
    inverse = _centred_inverse(fit.information)
    if kind == "model":
        return _by_item(np.sqrt(np.diag(inverse) / rescale), fit.patterns.categories)
    # extreme patterns have a score of 0, and cluster totals are kept with all patterns only
    everyone = fit if with_clusters.clusters is None else fixed_credit(with_clusters, fit.b, fit.sign)
    with one_blas_thread():
        core = middle(everyone.patterns, _score_blocks(everyone))
    return _by_item(np.sqrt(np.diag(inverse @ core @ inverse)), fit.patterns.categories)


def credit_item_fit(fit: CreditFit) -> ItemFit:
    """Fit from conditional probabilities, over people with neither extreme raw score (as RM.weights' PC.w)."""
    expected, variance = credit_expected(fit)
    residual = oriented_credit(fit.patterns, fit.sign) - expected
    return mean_squares(residual, variance, fit.patterns, "conditional probabilities")
