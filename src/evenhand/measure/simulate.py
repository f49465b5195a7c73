"""Answers of simulated people with a known truth."""

import numpy as np

from evenhand.measure.models import Items, probabilities
from evenhand.measure.responses import CodeArray, FloatArray

BLOCK = 16_384


def simulate_theta(rng: np.random.Generator, n: int, *, mean: float, sd: float) -> FloatArray:
    """(n,) draws from Normal(mean, sd)."""
    return rng.normal(mean, sd, size=n)


def simulate_codes(rng: np.random.Generator, items: Items, theta: FloatArray) -> CodeArray:
    """(N, J) category codes drawn from the model at each theta (N,)."""
    out = np.empty((len(theta), items.n_items), dtype=np.int8)
    for begin in range(0, len(theta), BLOCK):
        own = theta[begin : begin + BLOCK]
        # categories are numbered by how many cumulative probabilities lie below a uniform draw
        below = np.cumsum(probabilities(items, own), axis=1)[:, :-1, :]
        draw = rng.random((len(own), items.n_items)).T[:, None, :]
        out[begin : begin + BLOCK] = (draw > below).sum(axis=1).T
    return out
