"""How well items fit, how strongly answers depend beyond theta, and how reliable the scale is.

Fit is a property of items and of the scale. Nothing here is kept or shown for a person: a per-person mark of
misfit would be a mark of suspicion.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.measure.conditional import ConditionalFit, expected_given_raw, oriented
from evenhand.measure.models import Items, category_moments
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import score_patterns

PersonValues = Literal["conditional probabilities", "EAP"]


@dataclass(frozen=True, slots=True)
class ItemFit:
    """Mean squares of residuals, 1 under the model, weighted as the people are.

    Attributes:
        person_values: what the expectations are taken at.
        infit: (J,) sum of squared residuals over the sum of their variances.
        outfit: (J,) mean of squared standardised residuals.
        q3: (J, J) correlations of residuals over the people who answered both items (Yen 1984), NaN on the
            diagonal.
        n: people the figures rest on.
    """

    person_values: PersonValues
    infit: FloatArray
    outfit: FloatArray
    q3: FloatArray
    n: float


def conditional_fit(fit: ConditionalFit) -> ItemFit:
    """Fit from conditional probabilities, over people with neither extreme raw score (as RM.weights).

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> from evenhand.measure.conditional import fit_conditional
        >>> conditional_fit(fit_conditional(LSAT6)).infit.round(2)
        array([1.  , 1.  , 0.99, 1.01, 1.01])
    """
    expected = expected_given_raw(fit)
    residual = oriented(fit.patterns, fit.sign) - expected
    return mean_squares(residual, expected * (1 - expected), fit.patterns, "conditional probabilities")


def eap_fit(patterns: Patterns, items: Items, mean: float, sd: float) -> ItemFit:
    """Fit with everyone's EAP as person value (as R mirt).

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> eap_fit(LSAT6, LSAT6_ITEMS, 0.0, 1.0).infit.round(2)
        array([1.09, 0.89, 0.78, 0.93, 1.01])
    """
    theta = score_patterns(patterns, items, "eap", mean=mean, sd=sd).theta
    first, second, _ = category_moments(items, theta)
    residual = np.where(patterns.answered, patterns.codes - first.T, np.nan)
    variance = np.where(patterns.answered, second.T, np.nan)
    return mean_squares(residual, variance, patterns, "EAP")


def mean_squares(
    residual: FloatArray, variance: FloatArray, patterns: Patterns, person_values: PersonValues
) -> ItemFit:
    """Infit, outfit and Q3 from residuals (P, J) and their variances (P, J), NaN where there is no answer.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> p = np.full(LSAT6.codes.shape, 0.5)
        >>> mean_squares(LSAT6.codes - p, p * (1 - p), LSAT6, "EAP").infit
        array([1., 1., 1., 1., 1.])
    """
    w = np.where(np.isnan(residual), 0.0, patterns.w[:, None])
    square = np.nan_to_num(residual) ** 2
    known = np.where(np.isnan(variance), 1.0, np.maximum(variance, 1e-300))
    with np.errstate(invalid="ignore", divide="ignore"):  # an item that nobody here answered has no fit
        infit = np.where(w.sum(axis=0) > 0, (w * square).sum(axis=0) / (w * known).sum(axis=0), np.nan)
        outfit = np.where(w.sum(axis=0) > 0, (w * square / known).sum(axis=0) / w.sum(axis=0), np.nan)
    return ItemFit(person_values, infit, outfit, residual_correlations(residual, patterns.w), patterns.n.sum())


def residual_correlations(residual: FloatArray, w: FloatArray) -> FloatArray:
    """(J, J) weighted correlations over the patterns where both residuals exist.

    Example:
        >>> residual_correlations(np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]), np.ones(3)).round(2)
        array([[nan, 0.5],
               [0.5, nan]])
    """
    answered = ~np.isnan(residual)
    here, value = answered.astype(np.float64), np.nan_to_num(residual)
    weighted = w[:, None] * value
    total = here.T @ (w[:, None] * here)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weighted.T @ here) / total
        square = ((weighted * value).T @ here) / total - mean**2
        cross = (weighted.T @ value) / total - mean * mean.T
        out: FloatArray = cross / np.sqrt(square * square.T)
    np.fill_diagonal(out, np.nan)
    return np.where(np.isfinite(out), np.clip(out, -1, 1), np.nan)


def marginal_reliability(patterns: Patterns, items: Items, mean: float, sd: float) -> float:
    """Share of the variance of theta that EAP scores carry: Var(EAP) / (Var(EAP) + E[posterior variance]).

    Weighted over the people; with missing answers it is that of the answers people gave.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> round(marginal_reliability(LSAT6, LSAT6_ITEMS, 0.0, 1.0), 3)
        0.301
    """
    scores = score_patterns(patterns, items, "eap", mean=mean, sd=sd)
    share = patterns.w / patterns.w.sum()
    spread = float(share @ scores.theta**2 - (share @ scores.theta) ** 2)
    return spread / (spread + float(share @ scores.se**2))
