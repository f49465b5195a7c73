"""Answers of simulated people with a known truth."""

import numpy as np

from evenhand.measure.models import Items, probabilities
from evenhand.measure.responses import CodeArray, FloatArray

BLOCK = 16_384


def simulate_theta(rng: np.random.Generator, n: int, *, mean: float, sd: float) -> FloatArray:
    """(n,) draws from Normal(mean, sd).

    Example:
        >>> simulate_theta(np.random.default_rng(1), 3, mean=0.0, sd=1.0).shape
        (3,)
    """
    return rng.normal(mean, sd, size=n)


def simulate_codes(rng: np.random.Generator, items: Items, theta: FloatArray) -> CodeArray:
    """(N, J) category codes drawn from the model at each theta (N,).

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> simulate_codes(np.random.default_rng(1), LSAT6_ITEMS, np.array([-50.0, 50.0]))
        array([[0, 0, 0, 0, 0],
               [1, 1, 1, 1, 1]], dtype=int8)
    """
    out = np.empty((len(theta), items.n_items), dtype=np.int8)
    for begin in range(0, len(theta), BLOCK):
        own = theta[begin : begin + BLOCK]
        # categories are numbered by how many cumulative probabilities lie below a uniform draw
        below = np.cumsum(probabilities(items, own), axis=1)[:, :-1, :]
        draw = rng.random((len(own), items.n_items)).T[:, None, :]
        out[begin : begin + BLOCK] = (draw > below).sum(axis=1).T
    return out
