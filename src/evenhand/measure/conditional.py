"""Conditional maximum likelihood for the Rasch model: the estimator of the FAO's food-insecurity scale.

Given a person's raw score on the items they answered, the likelihood of their pattern is free of theta
(Rasch 1960; Andersen 1970). Incomplete patterns are grouped by which items were answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse.csgraph import connected_components

from evenhand.errors import EstimationError
from evenhand.measure.esf import conditional_information, conditional_probabilities, log_gamma
from evenhand.measure.gradients import middle
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import BoolArray, FloatArray

ConditionalErrors = Literal["robust", "model", "fao"]

MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class ConditionalFit:
    """A maximum of the conditional likelihood.

    Attributes:
        b: (J,) severities, mean 0.
        loglik: conditional log-likelihood, weights as given.
        information: (J, J) conditional information, singular along (1, .., 1).
        iterations: Newton steps.
        converged: whether the last step was below tolerance.
        gradient_norm: largest gradient element divided by the total weight.
        patterns: the patterns that count: those with neither the lowest nor the highest raw score.
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


def oriented(patterns: Patterns, sign: FloatArray) -> FloatArray:
    """(P, J) 0/1 answers with items of sign -1 turned round, NaN where missing.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> oriented(LSAT6, np.array([1.0, 1.0, 1.0, 1.0, -1.0]))[0]
        array([0., 0., 0., 0., 1.])
    """
    codes = patterns.codes.astype(np.float64)
    turned = np.where(sign > 0, codes, 1 - codes)
    return np.where(patterns.answered, turned, np.nan)


def informative(patterns: Patterns, sign: FloatArray) -> BoolArray:
    """(P,) whether a pattern counts: some weight, and neither the lowest nor the highest raw score.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> int(informative(LSAT6, np.ones(5)).sum()), LSAT6.n_patterns
        (28, 30)
    """
    answers = oriented(patterns, sign)
    raw, count = np.nansum(answers, axis=1), patterns.answered.sum(axis=1)
    out: BoolArray = (raw > 0) & (raw < count) & (patterns.w > 0)
    return out


def fit_conditional(
    patterns: Patterns,
    *,
    sign: FloatArray | None = None,
    names: Sequence[str] | None = None,
    tolerance: float = 1e-10,
) -> ConditionalFit:
    """Maximise the conditional likelihood of binary patterns.

    Args:
        patterns: P patterns on J binary items.
        sign: (J,) +1 or -1, the direction of each item.
        names: (J,) item names, for messages.
        tolerance: largest change of a severity at convergence.

    Raises:
        EstimationError: the maximum is not finite or not unique (Fischer 1981: for every split of the items in
            two, someone must have affirmed one of the first and denied one of the second).

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> fit_conditional(LSAT6).b.round(3)
        array([-1.256,  0.475,  1.236,  0.168, -0.623])
    """
    sign = np.ones(patterns.n_items) if sign is None else sign
    counted = informative(patterns, sign)
    if not counted.any():
        raise EstimationError(
            "estimation.only-extremes",
            "Every respondent affirmed all the items they answered, or none.",
            why="Such answers say nothing about how severe one item is beside another.",
            mend="Use answers of people who affirm some items and not others.",
        )
    patterns = patterns.take(counted)
    answers = oriented(patterns, sign)
    _check_connected(answers, names or [str(item + 1) for item in range(patterns.n_items)])
    return _newton(patterns, answers, sign, tolerance)


def _check_connected(answers: FloatArray, names: Sequence[str]) -> None:
    affirmed, denied = (answers == 1).astype(np.float64), (answers == 0).astype(np.float64)
    n_parts, part = connected_components((affirmed.T @ denied) > 0, connection="strong")
    if n_parts > 1:
        alone = np.flatnonzero(part != np.bincount(part).argmax())
        raise EstimationError(
            "estimation.not-connected",
            "The conditional likelihood has no finite maximum.",
            where="items " + ", ".join(names[int(item)] for item in alone),
            why="Among people who affirmed some items and not others, these items were always affirmed, never "
            "affirmed, or never compared with the rest.",
            mend="Leave those items out, or add respondents.",
        )


def _newton(patterns: Patterns, answers: FloatArray, sign: FloatArray, tolerance: float) -> ConditionalFit:
    observed = np.nansum(answers * patterns.w[:, None], axis=0)
    seen = (patterns.answered * patterns.w[:, None]).sum(axis=0)
    share = (observed + 0.5) / (seen + 1.0)
    b = -np.log(share / (1 - share))
    b -= b.mean()
    value, gradient, information = _evaluate(patterns, answers, b)
    iterations, change = 0, np.inf
    while change >= tolerance and iterations < MAX_STEPS:
        step = _centred_inverse(information) @ gradient
        length = 1.0
        while True:
            trial = b + length * step
            new = _evaluate(patterns, answers, trial)
            if new[0] >= value - 1e-9 * abs(value) or length < 1e-6:
                break
            length /= 2
        change = float(np.abs(trial - b).max())
        b, (value, gradient, information) = trial, new
        iterations += 1
    norm = float(np.abs(gradient).max() / patterns.w.sum())
    return ConditionalFit(b - b.mean(), value, information, iterations, change < tolerance, norm, patterns, sign)


def _evaluate(patterns: Patterns, answers: FloatArray, b: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, its gradient in b and the information, added up over masks."""
    value, gradient, information = 0.0, np.zeros(len(b)), np.zeros((len(b), len(b)))
    for mask, begin, end in zip(patterns.masks, patterns.mask_start[:-1], patterns.mask_start[1:], strict=True):
        items = np.flatnonzero(mask)
        part, w = answers[begin:end][:, items], patterns.w[begin:end]
        raw = part.sum(axis=1).astype(np.intp)
        weight: FloatArray = np.bincount(raw, weights=w, minlength=len(items) + 1).astype(np.float64)
        probability = conditional_probabilities(-b[items])
        observed = w @ part
        value += float(-b[items] @ observed - weight @ log_gamma(-b[items]))
        gradient[items] += probability @ weight - observed
        information[np.ix_(items, items)] += conditional_information(-b[items], probability, weight)
    return value, gradient, information


def _centred_inverse(information: FloatArray) -> FloatArray:
    """The inverse on vectors that add to 0."""
    n = len(information)
    lift = float(np.trace(information)) / n
    ones = np.ones((n, n))
    inverse: FloatArray = np.linalg.inv(information + lift * ones / n) - ones / (lift * n)
    return inverse


def fixed_fit(patterns: Patterns, b: FloatArray, sign: FloatArray) -> ConditionalFit:
    """Severities (J,) that come from elsewhere, as a fit on these patterns; its likelihood is not evaluated.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> fit = fixed_fit(LSAT6, np.array([-1.3, 0.5, 1.2, 0.2, -0.6]), np.ones(5))
        >>> fit.converged, fit.iterations
        (True, 0)
    """
    unknown = np.full((len(b), len(b)), np.nan)
    return ConditionalFit(b, np.nan, unknown, 0, True, np.nan, patterns, sign)


def conditional_scores(fit: ConditionalFit) -> FloatArray:
    """(P, J) gradient of each pattern's conditional log-likelihood in the severities.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> fit = fit_conditional(LSAT6)
        >>> bool(np.abs(fit.patterns.w @ conditional_scores(fit)).max() < 1e-6)  # the maximum
        True
    """
    answers = oriented(fit.patterns, fit.sign)
    return np.where(np.isnan(answers), 0.0, expected_given_raw(fit) - answers)


def expected_given_raw(fit: ConditionalFit) -> FloatArray:
    """(P, J) P(x_j = 1 | raw score, items answered), NaN where missing; items turned by their direction.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> expected = expected_given_raw(fit_conditional(LSAT6))
        >>> expected[0].round(3), float(expected[0].sum().round(3))
        (array([0.492, 0.087, 0.041, 0.118, 0.261]), 1.0)
    """
    patterns = fit.patterns
    answers = oriented(patterns, fit.sign)
    out = np.full(answers.shape, np.nan)
    for mask, begin, end in zip(patterns.masks, patterns.mask_start[:-1], patterns.mask_start[1:], strict=True):
        items = np.flatnonzero(mask)
        raw = answers[begin:end][:, items].sum(axis=1).astype(np.intp)
        out[begin:end, items] = conditional_probabilities(-fit.b[items])[:, raw].T
    return out


def conditional_errors(fit: ConditionalFit, kind: ConditionalErrors, with_clusters: Patterns) -> FloatArray:
    """(J,) standard errors of the severities.

    Args:
        fit: the fit.
        kind: `robust`; `model` (inverse information); `fao` (one over the root of the information's diagonal,
            as RM.weights). The last two rescale the weights to add to the number of people that count.
        with_clusters: the patterns as collapsed, which hold the totals by cluster if a design names them.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> conditional_errors(fit_conditional(LSAT6), "robust", LSAT6).round(3)
        array([0.104, 0.07 , 0.068, 0.073, 0.087])
    """
    rescale = float(fit.patterns.n.sum() / fit.patterns.w.sum())
    if kind == "fao":
        return 1 / np.sqrt(np.diag(fit.information) * rescale)
    inverse = _centred_inverse(fit.information)
    if kind == "model":
        return np.sqrt(np.diag(inverse) / rescale)
    if with_clusters.clusters is None:
        scores = conditional_scores(fit)
        core = (scores.T * fit.patterns.w2) @ scores
    else:
        everyone = fixed_fit(with_clusters, fit.b, fit.sign)  # extreme patterns have a score of 0
        core = middle(with_clusters, iter([(slice(None), conditional_scores(everyone))]))
    return np.sqrt(np.diag(inverse @ core @ inverse))
