"""The discrete Gaussian distribution on the integers: what the noise of a release is distributed as.

    P(x) = exp(-x^2 / (2 sigma^2)) / sum_k exp(-k^2 / (2 sigma^2))          (Canonne, Kamath & Steinke 2020)

Noise that is released is drawn by `noise.py` alone, from the operating system's randomness. The draws here are
seeded, for simulations, and protect nobody.
"""

import numpy as np

from evenhand.measure.responses import FloatArray, IntArray

REACH = 12.0
"""SDs beyond which the probability is below 1e-31 and is left out."""


def gaussian_pmf(sigma: float) -> tuple[IntArray, FloatArray]:
    """The integers within reach (M,) and their probabilities (M,), which add to 1.

    Args:
        sigma: scale, > 0. It is the SD to within 1e-8 from sigma = 1 on.

    Example:
        >>> x, p = gaussian_pmf(1.0)
        >>> bool(p[x == 0][0].round(4) == 0.3989)
        True
    """
    reach = int(np.ceil(REACH * sigma)) + 1
    x = np.arange(-reach, reach + 1)
    p = np.exp(-((x / sigma) ** 2) / 2)
    return x, p / p.sum()


def draw_gaussian(rng: np.random.Generator, sigma: float, shape: tuple[int, ...]) -> IntArray:
    """Seeded draws for simulations; sigma 0 gives zeros.

    Args:
        rng: source of randomness.
        sigma: scale, >= 0.
        shape: shape of the result.
    """
    if sigma == 0:
        return np.zeros(shape, dtype=np.int64)
    x, p = gaussian_pmf(sigma)
    return rng.choice(x, size=shape, p=p).astype(np.int64)
