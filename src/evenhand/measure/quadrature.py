"""Nodes and weights for integrals over theta.

Two rules. The rectangular rule on equally spaced nodes converges exponentially for the smooth integrands of
item response models and is what estimation uses, always on the scale of the current latent distribution: a
fixed grid that is narrower than the data loses likelihood without a word. Panels of Gauss-Legendre nodes
break at a threshold and are what P(theta >= t) needs.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.special import roots_legendre

from evenhand.measure.responses import FloatArray

DEFAULT_NODES = 61
DEFAULT_HALF_WIDTH = 6.0
"""61 nodes on +-6 SD are exact to 1e-3 log-units on every ordinary case; `marginal` checks and refines."""


@dataclass(frozen=True, slots=True)
class Quadrature:
    """Nodes and the logarithms of their weights under a standard normal distribution.

    Attributes:
        nodes: (Q,) in SDs of the latent distribution.
        log_weights: (Q,) logarithms of weights that add to 1.
    """

    nodes: FloatArray
    log_weights: FloatArray


def rectangular(n_nodes: int = DEFAULT_NODES, half_width: float = DEFAULT_HALF_WIDTH) -> Quadrature:
    """Equally spaced nodes on [-half_width, half_width] with normal weights that add to 1.

    Example:
        >>> nodes = rectangular()
        >>> float((np.exp(nodes.log_weights) @ nodes.nodes**2).round(6))  # the variance of a standard normal
        1.0
    """
    nodes = np.linspace(-half_width, half_width, n_nodes)
    return _normal(nodes, np.zeros(n_nodes))


def panels(
    split_at: float | None = None, *, half_width: float = 9.0, width: float = 0.25, order: int = 5
) -> Quadrature:
    """Gauss-Legendre panels on [-half_width, half_width] with a panel edge at `split_at`.

    Args:
        split_at: where an indicator function jumps, in SDs of the latent distribution.
        half_width: range, in SDs.
        width: largest width of a panel, in SDs.
        order: nodes a panel.

    Example:
        >>> nodes = panels(0.5)
        >>> float((np.exp(nodes.log_weights) @ (nodes.nodes >= 0.5)).round(6))  # P(z >= 0.5)
        0.308538
    """
    ends = [-half_width, half_width]
    if split_at is not None and abs(split_at) < half_width:
        ends.insert(1, split_at)
    edges = [np.linspace(low, high, int(np.ceil((high - low) / width)) + 1) for low, high in pairwise(ends)]
    left = np.concatenate([edge[:-1] for edge in edges])
    half = np.concatenate([np.diff(edge) for edge in edges]) / 2
    root, weight = _legendre(order)
    nodes = (left[:, None] + half[:, None] * (root + 1)).ravel()
    return _normal(nodes, np.log((half[:, None] * weight).ravel()))


@cache
def _legendre(order: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on [-1, 1]: every score needs the same few."""
    root, weight = roots_legendre(order)
    root.flags.writeable = weight.flags.writeable = False
    return root, weight


def _normal(nodes: FloatArray, log_measure: FloatArray) -> Quadrature:
    log_weights = log_measure - nodes**2 / 2
    log_weights -= log_weights.max()
    return Quadrature(nodes, log_weights - np.log(np.exp(log_weights).sum()))
