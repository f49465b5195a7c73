"""Slow and plain versions of what Evenhand computes fast: loops, dense grids and SciPy. No code is shared."""

import itertools
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.special import log_expit, logsumexp
from scipy.stats import norm

from evenhand.measure.models import Items
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import CodeArray, FloatArray, IntArray, Responses

GRID: FloatArray = np.linspace(-12.0, 12.0, 4801)
"""Step .005: the trapezoid rule on it is exact to about 1e-13 for every smooth integrand of these tests."""

LOG_DENSITY: FloatArray = norm.logpdf(GRID) + np.log(GRID[1] - GRID[0])


def items_of(a: FloatArray, b: FloatArray) -> Items:
    """Binary items, written down by hand."""
    return Items(a, np.stack([np.zeros(len(a)), -a * b], axis=1))


def log_likelihoods(codes: CodeArray, a: FloatArray, b: FloatArray, theta: FloatArray) -> FloatArray:
    """(P, Q) log-likelihood of binary patterns at each theta, one item after the other."""
    out = np.zeros((len(codes), len(theta)))
    for item in range(len(a)):
        eta = a[item] * (theta - b[item])
        for code, value in ((0, log_expit(-eta)), (1, log_expit(eta))):
            out[codes[:, item] == code] += value
    return out


def log_marginals(
    codes: CodeArray, a: FloatArray, b: FloatArray, mean: float = 0.0, sd: float = 1.0
) -> FloatArray:
    """(P,) log P(x) by the dense grid."""
    distinct, owner = np.unique(codes, axis=0, return_inverse=True)
    each: FloatArray = logsumexp(log_likelihoods(distinct, a, b, mean + sd * GRID) + LOG_DENSITY, axis=1)
    return each[owner.ravel()]


def log_marginal_by_quad(code: CodeArray, a: FloatArray, b: FloatArray, mean: float, sd: float) -> float:
    """The same of one pattern by adaptive quadrature."""

    def integrand(z: float) -> float:
        inside = log_likelihoods(code[None, :], a, b, np.array([mean + sd * z]))
        return float(np.exp(inside[0, 0]) * norm.pdf(z))

    return float(np.log(quad(integrand, -12, 12, epsabs=0, epsrel=1e-12, limit=500)[0]))


def posteriors(codes: CodeArray, a: FloatArray, b: FloatArray, mean: float = 0.0, sd: float = 1.0) -> FloatArray:
    """(P, Q) posterior weights on the dense grid of z = (theta - mean) / sd."""
    joint = log_likelihoods(codes, a, b, mean + sd * GRID) + LOG_DENSITY
    out: FloatArray = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    return out


def all_patterns(n_items: int, n_categories: int = 2, *, missing: bool = False) -> CodeArray:
    """Every pattern there is, those with missing answers (but not only those) on request."""
    codes = range(-1 if missing else 0, n_categories)
    every = np.array(list(itertools.product(codes, repeat=n_items)), dtype=np.int8)
    return every[(every >= 0).any(axis=1)]


def draw(rng: np.random.Generator, a: FloatArray, b: FloatArray, theta: FloatArray) -> CodeArray:
    """Binary answers of people at these thetas."""
    p = np.exp(log_expit(a * (theta[:, None] - b)))
    return (rng.random(p.shape) < p).astype(np.int8)


def with_holes(rng: np.random.Generator, codes: CodeArray, share: float) -> CodeArray:
    """The same answers, this share of them missing."""
    return np.where(rng.random(codes.shape) < share, -1, codes).astype(np.int8)


def two(codes: CodeArray) -> IntArray:
    """(J,) two categories each."""
    return np.full(codes.shape[1], 2, dtype=np.int64)


def collapsed(codes: CodeArray, **others: Any) -> Patterns:
    """Patterns of binary answers."""
    return collapse(Responses(codes=codes, categories=two(codes), **others))
