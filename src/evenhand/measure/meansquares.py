"""Infit and outfit with the standardised values z, by the transformation of Wilson and Hilferty.

For person n and item i let r = x - E(x | theta_n), V its variance and C its fourth central moment. Then
(Wright & Masters 1982, ch. 5; R mirt's z.infit and z.outfit)

    outfit = sum w r^2 / V / sum w         q^2 = sum w2 (C / V^2 - 1) / (sum w)^2
    infit  = sum w r^2 / sum w V           q^2 = sum w2 (C - V^2) / (sum w V)^2
    z = (mean square^(1/3) - 1) 3 / q + q / 3

with w the weights and w2 their squares (n both where there are none, and with frequency weights): q is the
standard deviation of the mean square over people drawn with those weights.

z is near a standard normal only where theta is known. At EAP values residuals are too small, the more so the fewer
the items: in LSAT6, whose 2PL fits, an outfit of .76 has z = -15. With EAP values z compares items; it tests none.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import posterior_means
from evenhand.measure.quadrature import Quadrature, panels
from evenhand.measure.responses import FloatArray

BLOCK = 2_048


@dataclass(frozen=True, slots=True)
class Standardised:
    """Mean squares and their standardised values.

    Attributes:
        infit: (J,) information-weighted mean square, NaN for an item that nobody answered.
        z_infit: (J,) its Wilson-Hilferty value, NaN likewise and where every variance is 0.
        outfit: (J,) mean square.
        z_outfit: (J,) its Wilson-Hilferty value.
        n: (J,) people who answered the item.
    """

    infit: FloatArray
    z_infit: FloatArray
    outfit: FloatArray
    z_outfit: FloatArray
    n: FloatArray


def eap_mean_squares(
    patterns: Patterns, items: Items, *, mean: float, sd: float, least_variance: float = 0.0
) -> Standardised:
    """Standardised infit and outfit at everyone's EAP, over the answers there are.

    Weighted as the people are; with sampling weights q takes their spread into account.

    Args:
        patterns: P patterns of J items.
        items: J items on the metric of theta, of any model.
        mean: latent mean.
        sd: latent SD, > 0.
        least_variance: smaller variances are taken as this. R mirt takes the root of 1e-5, so that one answer to
            a very easy or hard item does not decide; 0 is the formula as it stands.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> found = eap_mean_squares(LSAT6, LSAT6_ITEMS, mean=0.0, sd=1.0)
        >>> found.outfit.round(2)
        array([0.8 , 0.83, 0.76, 0.85, 0.86])
    """
    standard = on_standard_scale(items, mean, sd)
    theta = eap(patterns, standard, panels())
    residual, variance, fourth = residual_moments(patterns, standard, theta)
    return standardise(residual, np.maximum(variance, least_variance), fourth, patterns)


def eap(patterns: Patterns, standard: Items, quadrature: Quadrature) -> FloatArray:
    """(P,) E(z | x) of each pattern under a standard normal z, items of any model.

    Args:
        patterns: P patterns.
        standard: items on the scale of z.
        quadrature: Q nodes.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> eap(LSAT6, LSAT6_ITEMS, panels())[[0, -1]].round(2)
        array([-1.9 ,  0.65])
    """
    return posterior_means(patterns, standard, quadrature, quadrature.nodes[None, :])[:, 0]


def residual_moments(
    patterns: Patterns, standard: Items, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Residuals r, variances V and fourth central moments C at theta (P,): (P, J) each, NaN where unanswered.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> r, v, c = residual_moments(LSAT6, LSAT6_ITEMS, np.zeros(LSAT6.n_patterns))
        >>> r[0].round(2), v[0].round(2)
        (array([-0.94, -0.73, -0.56, -0.78, -0.89]), array([0.06, 0.2 , 0.25, 0.17, 0.1 ]))
    """
    shape = patterns.codes.shape
    r, v, c = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for begin in range(0, len(theta), BLOCK):
        own = slice(begin, begin + BLOCK)
        p = probabilities(standard, theta[own])
        k = np.arange(p.shape[1], dtype=np.float64)
        expected = np.einsum("jkp,k->jp", p, k)
        square = (k[None, :, None] - expected[:, None, :]) ** 2
        r[own] = patterns.codes[own] - expected.T
        v[own] = np.einsum("jkp,jkp->pj", p, square)
        c[own] = np.einsum("jkp,jkp->pj", p, square**2)
    unanswered = ~patterns.answered
    for each in (r, v, c):
        each[unanswered] = np.nan
    return r, v, c


def standardise(
    residual: FloatArray, variance: FloatArray, fourth: FloatArray, patterns: Patterns
) -> Standardised:
    """Mean squares and z from residual moments, whatever person values they come from.

    Args:
        residual: (P, J) r, NaN where there is no answer.
        variance: (P, J) V.
        fourth: (P, J) C.
        patterns: the patterns they belong to, for n, w and w2.

    Raises:
        EstimationError: shapes that do not fit.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> p = np.full(LSAT6.codes.shape, 0.5)
        >>> standardise(LSAT6.codes - p, p * (1 - p), p**4, LSAT6).outfit
        array([1., 1., 1., 1., 1.])
    """
    if not residual.shape == variance.shape == fourth.shape == patterns.codes.shape:
        raise EstimationError(
            "fit.shape",
            f"Residuals of shape {residual.shape} for patterns of shape {patterns.codes.shape}.",
            mend="Give one row for each pattern and one column for each item.",
        )
    # a variance of 0 (a residual of 0 with certainty) says nothing about fit
    used = ~np.isnan(residual) & (np.nan_to_num(variance) > 1e-150)
    w, w2 = used * patterns.w[:, None], used * patterns.w2[:, None]
    v, c = np.where(used, variance, 1.0), np.where(used, fourth, 1.0)
    square = np.where(used, residual, 0.0) ** 2
    total, information = w.sum(axis=0), (w * v).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        outfit, infit = (w * square / v).sum(axis=0) / total, (w * square).sum(axis=0) / information
        q_outfit = np.sqrt((w2 * (c / v**2 - 1)).sum(axis=0)) / total
        q_infit = np.sqrt((w2 * (c - v**2)).sum(axis=0)) / information
    n = (~np.isnan(residual) * patterns.n[:, None]).sum(axis=0)
    return Standardised(infit, wilson_hilferty(infit, q_infit), outfit, wilson_hilferty(outfit, q_outfit), n)


def wilson_hilferty(mean_square: FloatArray, q: FloatArray) -> FloatArray:
    """Values z = (m^(1/3) - 1) 3 / q + q / 3, NaN where q is 0 or unknown (Wilson & Hilferty 1931).

    Example:
        >>> wilson_hilferty(np.array([1.0, 1.3]), np.array([0.1, 0.1])).round(2)
        array([0.03, 2.78])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (np.cbrt(mean_square) - 1) * 3 / q + q / 3
    return np.where(np.isfinite(z), z, np.nan)
