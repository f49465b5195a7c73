"""Small areas borrow strength: Fay & Herriot (1979), with the noise variance known.

    direct_i = x_i' beta + u_i + e_i,   u_i ~ N(0, A),   e_i ~ N(0, variance_i) known

A is by restricted maximum likelihood, cut at 0. The estimate g_i direct_i + (1 - g_i) x_i' beta with g_i = A /
(A + variance_i) has the mean squared error g1 + g2 + 2 g3 (Prasad & Rao 1990; Datta & Lahiri 2000). It is shown
beside the direct figure, labelled, never in its place: it moves an area toward the others.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from evenhand.errors import StatisticsError
from evenhand.measure.responses import FloatArray

METHOD = "Fay-Herriot (restricted maximum likelihood, known noise variance)"


@dataclass(frozen=True, slots=True)
class SmallAreas:
    """Direct and model-based values of m areas.

    Attributes:
        direct: (m,) as they were.
        value: (m,) moved toward what the model expects.
        rmse: (m,) roots of the estimated mean squared errors of `value`.
        weight: (m,) weight of the direct value, 0 to 1.
        beta: (p,) coefficients.
        between: A, the variance between areas that the covariates leave.
        method: what to write beside `value`.
    """

    direct: FloatArray
    value: FloatArray
    rmse: FloatArray
    weight: FloatArray
    beta: FloatArray
    between: float
    method: str = METHOD


def small_areas(direct: FloatArray, variance: FloatArray, covariates: FloatArray | None = None) -> SmallAreas:
    """Fit the model.

    Args:
        direct: (m,) direct estimates.
        variance: (m,) their variances, known, > 0.
        covariates: (m, p) covariates of full rank; a common mean by default.

    Raises:
        StatisticsError: fewer than p + 2 areas, or values or variances that cannot be used.
    """
    x = np.ones((len(direct), 1)) if covariates is None else covariates
    usable = bool(np.isfinite(direct).all() and np.isfinite(variance).all() and (variance > 0).all())
    if len(direct) < x.shape[1] + 2 or len(x) != len(direct) or len(variance) != len(direct) or not usable:
        raise StatisticsError(
            "statistics.small-areas",
            "The areas cannot be modelled together.",
            why=f"{len(direct)} areas with {x.shape[1]} covariates: at least {x.shape[1] + 2} are needed, "
            "each with a finite value and a known variance above 0.",
            mend="Leave out areas without a direct value, or show direct values alone.",
        )
    between = _between(direct, variance, x)
    weights = 1 / (between + variance)
    inverse = np.linalg.inv(x.T @ (weights[:, None] * x))
    beta = inverse @ (x.T @ (weights * direct))
    g = between * weights
    g1 = g * variance
    g2 = (1 - g) ** 2 * np.einsum("ij,jk,ik->i", x, inverse, x)
    g3 = variance**2 * weights**3 * 2 / (weights**2).sum()
    value = g * direct + (1 - g) * (x @ beta)
    return SmallAreas(direct, value, np.sqrt(g1 + g2 + 2 * g3), g, beta, between)


def _between(direct: FloatArray, variance: FloatArray, x: FloatArray) -> float:
    """A that maximises the restricted likelihood on [0, large]; the ends are looked at too."""
    most = float(np.var(direct) * 4 + variance.max())
    found = minimize_scalar(
        lambda a: -_restricted(a, direct, variance, x),
        bounds=(0, most),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return 0.0 if _restricted(0.0, direct, variance, x) >= -found.fun else float(found.x)


def _restricted(between: float, direct: FloatArray, variance: FloatArray, x: FloatArray) -> float:
    weights = 1 / (between + variance)
    information = x.T @ (weights[:, None] * x)
    beta = np.linalg.solve(information, x.T @ (weights * direct))
    residual = direct - x @ beta
    logdet = float(np.linalg.slogdet(information)[1])
    return float(np.log(weights).sum() - logdet - weights @ residual**2) / 2
