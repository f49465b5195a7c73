"""Elementary symmetric functions by the summation algorithm, on the logarithmic scale.

gamma_r is the sum over all sets of r items of the product of eps_j = exp(-b_j). Only positive numbers are
added, so nothing cancels; logarithms keep it from overflowing (stable far beyond 200 items).
Source: Fischer (1974); Verhelst, Glas & van der Sluis (1984) on the summation algorithm.
"""

import numpy as np

from evenhand.measure.responses import FloatArray, IntArray

CLOSE = 1e-3
"""Two severities nearer than this take the direct formula; the quotient formula would lose 3 digits and more."""


def log_gamma(log_eps: FloatArray) -> FloatArray:
    """(J + 1,) log gamma_r for r = 0..J.

    Example:
        >>> np.exp(log_gamma(np.zeros(3))).round(6)
        array([1., 3., 3., 1.])
    """
    out = np.full(len(log_eps) + 1, -np.inf)
    out[0] = 0.0
    for item, value in enumerate(log_eps):
        out[1 : item + 2] = np.logaddexp(out[1 : item + 2], out[: item + 1] + value)
    return out


def log_gamma_without(log_eps: FloatArray, left_out: IntArray) -> FloatArray:
    """(L, J + 1) log gamma_r of the items other than left_out (L, M), each row on its own.

    Example:
        >>> np.exp(log_gamma_without(np.zeros(3), np.array([[0]]))).round(6)
        array([[1., 2., 1., 0.]])
    """
    out = np.full((len(left_out), len(log_eps) + 1), -np.inf)
    out[:, 0] = 0.0
    for item, value in enumerate(log_eps):
        use = ~(left_out == item).any(axis=1)
        out[use, 1 : item + 2] = np.logaddexp(out[use, 1 : item + 2], out[use, : item + 1] + value)
    return out


def conditional_probabilities(log_eps: FloatArray) -> FloatArray:
    """(J, J + 1) P(x_j = 1 | raw score r).

    Example:
        >>> conditional_probabilities(np.array([0.0, 0.0, np.log(2.0)])).round(3)
        array([[0.  , 0.25, 0.6 , 1.  ],
               [0.  , 0.25, 0.6 , 1.  ],
               [0.  , 0.5 , 0.8 , 1.  ]])
    """
    n_items = len(log_eps)
    without = log_gamma_without(log_eps, np.arange(n_items)[:, None])
    out = np.zeros((n_items, n_items + 1))
    out[:, 1:] = np.exp(log_eps[:, None] + without[:, :-1] - log_gamma(log_eps)[1:])
    return out


def conditional_information(log_eps: FloatArray, probability: FloatArray, weight: FloatArray) -> FloatArray:
    """(J, J) sum over raw scores of weight_r Cov(x_j, x_k | r).

    Uses P(x_j = 1, x_k = 0 | r) = (pi_j - pi_k) / (1 - eps_k / eps_j), and the direct formula for close pairs.

    Args:
        log_eps: (J,) minus the severities.
        probability: (J, J + 1) from `conditional_probabilities`.
        weight: (J + 1,) weight of each raw score.

    Example:
        >>> p = conditional_probabilities(np.array([0.5, 0.0]))
        >>> conditional_information(np.array([0.5, 0.0]), p, np.array([0.0, 10.0, 0.0])).round(3)
        array([[ 2.35, -2.35],
               [-2.35,  2.35]])
    """
    total = probability @ weight
    difference = log_eps[None, :] - log_eps[:, None]
    far = np.abs(difference) >= CLOSE
    ratio = np.where(far, -np.expm1(difference), 1.0)
    both = total[:, None] - (total[:, None] - total[None, :]) / ratio
    pairs = np.argwhere(np.triu(~far, 1))
    if len(pairs):
        direct = _both(log_eps, pairs, weight)
        both[pairs[:, 0], pairs[:, 1]] = both[pairs[:, 1], pairs[:, 0]] = direct
    np.fill_diagonal(both, total)
    out: FloatArray = both - (probability * weight) @ probability.T
    return (out + out.T) / 2


def _both(log_eps: FloatArray, pairs: IntArray, weight: FloatArray) -> FloatArray:
    """(L,) sum over raw scores of weight_r P(x_j = x_k = 1 | r) for each pair (j, k)."""
    values, first, of_pair = np.unique(
        np.sort(log_eps[pairs], axis=1), axis=0, return_index=True, return_inverse=True
    )  # pairs of the same severities have the same answer
    without = log_gamma_without(log_eps, pairs[first])
    share = np.exp(values.sum(axis=1)[:, None] + without[:, :-2] - log_gamma(log_eps)[2:])
    out: FloatArray = (share @ weight[2:])[of_pair.ravel()]
    return out
