"""True counts behind noisy ones: Poisson or geometric, plus normal noise of known variance."""

from typing import Literal

import numpy as np
from scipy.special import gammaln, logsumexp

from evenhand.measure.responses import FloatArray, IntArray

WIDTH = 7.0
"""SDs of the noise within which the true count is looked for."""

Kind = Literal["poisson", "geometric"]


def _window(noisy: float, variance: float) -> IntArray:
    """(W,) the true counts that the noise leaves possible, never below 0."""
    reach = WIDTH * np.sqrt(variance)
    low = max(0, int(np.floor(noisy - reach)))
    return np.arange(low, max(int(np.ceil(noisy + reach)), low + int(np.ceil(reach))) + 1)


def count_posterior(
    noisy: float, variance: float, expected: FloatArray, kind: Kind = "poisson"
) -> tuple[IntArray, FloatArray]:
    """Counts (W,) and log P(count, noisy | expected) (M, W).

    Args:
        noisy: the noisy count.
        variance: of its noise, > 0. The discrete Gaussian's probability at a distance is the normal density there.
        expected: (M,) expected counts, > 0.
        kind: distribution of the count around its expectation.
    """
    counts = _window(noisy, variance)
    k = counts.astype(np.float64)
    noise = -((noisy - k) ** 2) / (2 * variance) - np.log(2 * np.pi * variance) / 2
    prior: FloatArray
    if kind == "poisson":
        prior = k * np.log(expected)[:, None] - expected[:, None] - gammaln(k + 1)
    else:
        prior = k * np.log(expected / (1 + expected))[:, None] - np.log1p(expected)[:, None]
    return counts, prior + noise


def log_count_table(noisy: float, variance: float, expected: FloatArray) -> FloatArray:
    """(M,) log-likelihood of a noisy Poisson count at each expectation."""
    out: FloatArray = logsumexp(count_posterior(noisy, variance, expected)[1], axis=1)
    return out


def log_incomplete(noisy: float, variance: float, expected: FloatArray) -> FloatArray:
    """(M,) log-likelihood of the noisy number of incomplete cases, geometric: a Poisson of exponential rate."""
    out: FloatArray = logsumexp(count_posterior(noisy, variance, expected, "geometric")[1], axis=1)
    return out


def draw_counts(rng: np.random.Generator, noisy: FloatArray, variance: float, expected: FloatArray) -> IntArray:
    """(S, C) draws of the true counts given the noisy ones (C,) and expectations (S, C)."""
    out: IntArray = np.empty(expected.shape, dtype=np.int64)
    for column, value in enumerate(noisy):
        counts, log_p = count_posterior(float(value), variance, np.maximum(expected[:, column], 1e-12))
        p = np.exp(log_p - log_p.max(axis=1, keepdims=True)).cumsum(axis=1)
        out[:, column] = counts[(p < rng.random((len(p), 1)) * p[:, -1:]).sum(axis=1)]
    return out
