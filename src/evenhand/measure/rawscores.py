"""Raw scores: the number of items affirmed, as the FAO's scale reports them.

Valid for Rasch scales asked in full: there the raw score holds all that the answers say about theta.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from evenhand.measure.responses import FloatArray

PSEUDO_SCORE = 0.5
"""The FAO's stand-in for the two extreme raw scores, whose ML estimates are infinite: 0.5 and J - 0.5."""


@dataclass(frozen=True, slots=True)
class RawScores:
    """A person parameter for each raw score 0..J.

    Attributes:
        theta: (J + 1,) maximum-likelihood person parameters, extremes from pseudo-scores.
        se: (J + 1,) standard errors; both extremes have the one at the pseudo-score 0.5, as RM.weights.
    """

    theta: FloatArray
    se: FloatArray


def raw_scores(b: FloatArray) -> RawScores:
    """Person parameters of J Rasch items by the score equation sum_j P_j(theta) = raw score.

    Args:
        b: (J,) severities.

    Example:
        >>> raw_scores(np.array([-1.0, 0.0, 1.0])).theta.round(2)
        array([-1.82, -0.8 ,  0.8 ,  1.82])
    """
    n_items = len(b)
    targets = np.arange(n_items + 1, dtype=np.float64)
    targets[0], targets[-1] = PSEUDO_SCORE, n_items - PSEUDO_SCORE
    low, high = float(b.min()) - 50, float(b.max()) + 50
    theta = np.array([brentq(_excess, low, high, args=(b, target), xtol=1e-12) for target in targets])
    p = expit(theta[:, None] - b)
    se = 1 / np.sqrt((p * (1 - p)).sum(axis=1))
    se[-1] = se[0]
    return RawScores(theta, se)


def _excess(theta: float, b: FloatArray, target: float) -> float:
    return float(expit(theta - b).sum()) - target


def fao_probability(scores: RawScores, threshold: float) -> FloatArray:
    """(J + 1,) the FAO's P(above threshold) by raw score: 1 - Phi((t - theta_r) / se_r), and 0 at raw score 0.

    For comparison with published prevalence only: it is not a posterior, it even falls at the top, and it never
    decides on a person.

    Example:
        >>> fao_probability(raw_scores(np.array([-1.0, 0.0, 1.0])), 0.0).round(2)
        array([0.  , 0.27, 0.73, 0.87])
    """
    out: FloatArray = ndtr((scores.theta - threshold) / scores.se)
    out[0] = 0.0
    return out


def separation_reliability(theta: FloatArray, se: FloatArray, weight: FloatArray) -> float:
    """Var(theta) / (Var(theta) + mean of se^2) over raw scores with these weights (Wright & Masters 1982).

    Example:
        >>> round(separation_reliability(np.array([-1.0, 1.0]), np.array([0.5, 0.5]), np.ones(2)), 2)
        0.8
    """
    share = weight / weight.sum()
    variance = float(share @ (theta - share @ theta) ** 2)
    return variance / (variance + float(share @ se**2))
