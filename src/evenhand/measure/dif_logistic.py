"""Differential item functioning by logistic regression on the matching score."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit
from scipy.stats import chi2

from evenhand.errors import EstimationError
from evenhand.measure.dif import DELTA, LARGE, MODERATE, Cells, no_strata
from evenhand.measure.holm import ALPHA, Size, size_of
from evenhand.measure.responses import FloatArray, IntArray

MAX_STEPS = 60
RUNAWAY = 30.0
"""A regression coefficient this large is on its way to infinity: some group answers all alike."""


@dataclass(frozen=True, slots=True)
class LogisticDif:
    """What logistic regression says of an item.

    Attributes:
        statistic: (3,) chi-squares with 1, 1 and 2 degrees of freedom: uniform, non-uniform, both together.
        p: (3,) their p-values.
        uniform: log odds, focal to reference, at equal matching score.
        se: its standard error.
        interaction: change of that for one SD of the matching score.
        se_interaction: its standard error.
        unsigned: mean absolute difference in log odds over the focal group, crossings not cancelling.
        r2_change: (2,) change in Nagelkerke's R2 by the uniform part, and by both.
        size: the letter of `unsigned`; A where both together are not significant at .05.
    """

    statistic: FloatArray
    p: FloatArray
    uniform: float
    se: float
    interaction: float
    se_interaction: float
    unsigned: float
    r2_change: FloatArray
    size: Size

    @property
    def decides(self) -> float:
        """The p-value that decides: of both parts together."""
        return float(self.p[2])


@dataclass(frozen=True, slots=True)
class Regression:
    """A cumulative logit regression: logit P(y >= k) = tau_k + x beta.

    Attributes:
        beta: (K - 1 + p,) intercepts, then coefficients.
        loglik: at the maximum, weights as given.
        information: negative second derivatives.
        scores: (C, K - 1 + p) gradient of each cell's log-likelihood for one person.
    """

    beta: FloatArray
    loglik: float
    information: FloatArray
    scores: FloatArray


def regress(y: IntArray, x: FloatArray, w: FloatArray) -> Regression:
    """Maximum likelihood by Newton's method; with two categories ordinary logistic regression (McCullagh 1980).

    Args:
        y: (C,) categories 0..K-1, each of them occurring.
        x: (C, p) covariates without a constant.
        w: (C,) weights.

    Raises:
        EstimationError: no finite maximum.

    Example:
        >>> y, x = np.array([0, 1, 0, 1]), np.array([[0.0], [0.0], [1.0], [1.0]])
        >>> regress(y, x, np.array([3.0, 1.0, 1.0, 3.0])).beta.round(3)
        array([-1.099,  2.197])
    """
    n_steps = int(y.max())
    above = np.cumsum(np.bincount(y, w)[::-1])[::-1][1:] / w.sum()
    beta = np.concatenate([np.log(above / (1 - above)), np.zeros(x.shape[1])])
    found = _evaluate(y, x, w, beta, n_steps)
    for _ in range(MAX_STEPS):
        gradient = found.scores.T @ w
        try:
            step = np.linalg.solve(found.information, gradient)
        except np.linalg.LinAlgError:
            break
        while not (trial := _evaluate(y, x, w, beta + step, n_steps)).loglik >= found.loglik - 1e-12 * w.sum():
            step = step / 2
        beta, found = beta + step, trial
        if np.abs(beta).max() > RUNAWAY:
            break
        if np.abs(step).max() < 1e-9:
            return found
    raise EstimationError(
        "dif.separated",
        "Score and group foretell the answer without error, so the regression has no finite estimate.",
        why="Some group gives one answer only at most scores.",
        mend="Use more respondents, or leave the item out.",
    )


def _evaluate(y: IntArray, x: FloatArray, w: FloatArray, beta: FloatArray, n_steps: int) -> Regression:
    """P(y) = F(upper) - F(lower), F the logistic function, upper the curve of y >= its category."""
    tau, slope = beta[:n_steps], x @ beta[n_steps:]
    ends = np.concatenate([[np.inf], tau, [-np.inf]])
    upper, lower = ends[y] + slope, ends[y + 1] + slope
    top, bottom = expit(upper), expit(lower)
    turned = upper + np.where(np.isfinite(lower), lower, upper) > 0
    p = np.where(turned, expit(-lower) - expit(-upper), top - bottom)
    if not np.all(p > 0):  # thresholds out of order: no likelihood
        nothing = np.zeros((len(y), len(beta)))
        return Regression(beta, -np.inf, np.eye(len(beta)), nothing)
    f, h = top * (1 - top), bottom * (1 - bottom)
    first_u, first_v = f / p, -h / p
    steps = np.arange(n_steps)
    at_u = np.concatenate([(steps == y[:, None] - 1) * 1.0, x], axis=1)
    at_v = np.concatenate([(steps == y[:, None]) * 1.0, x], axis=1)
    scores = at_u * first_u[:, None] + at_v * first_v[:, None]
    bend = (at_u * (w * f * (1 - 2 * top) / p)[:, None]).T @ at_u
    bend -= (at_v * (w * h * (1 - 2 * bottom) / p)[:, None]).T @ at_v
    information = (scores * w[:, None]).T @ scores - bend
    return Regression(beta, float(w @ np.log(p)), information, scores)


def logistic(data: Cells, *, robust: bool = False) -> LogisticDif:
    """Regression of an item on the matching score, the group and their product.

    Swaminathan & Rogers (1990); graded items by cumulative logits (Zumbo 1999). Three nested models: score and its
    square (0), with group (1), with group and product with the score (2). The square, which the authors do not
    have, keeps a bend in the score's curve from being taken for bias where the groups differ in need. Uniform is 1
    against 0, non-uniform 2 against 1, both 2 against 0, by likelihood ratio; `robust`, by Wald tests with the
    sandwich covariance H^-1 M H^-1, because weighted log-likelihoods have no chi-square distribution.

    Args:
        data: counts.
        robust: sampling weights or clusters.

    Raises:
        EstimationError: no finite maximum.

    Example:
        >>> from evenhand.measure.examples import LSAT6
        >>> group = np.arange(LSAT6.n_patterns) % 2 == 0
        >>> pair = (LSAT6.take(group), LSAT6.take(~group))
        >>> from evenhand.measure.dif import cells
        >>> found = logistic(cells(pair, 1, np.ones(5, dtype=np.bool_)))
        >>> round(found.uniform, 2), round(found.se, 2)
        (-1.87, 0.28)
    """
    mean = float(data.w @ data.s / data.w.sum())
    sd = float(np.sqrt(data.w @ (data.s - mean) ** 2 / data.w.sum()))
    if not sd > 0:
        raise no_strata()
    s, g = (data.s - mean) / sd, data.g.astype(np.float64)
    bend = [s**2] if len(np.unique(s)) > 3 else []
    score = np.stack([s, *bend], axis=1)
    designs = (score[:, :0], score, np.column_stack([score, g]), np.column_stack([score, g, s * g]))
    scale = float(data.n.sum() / data.w.sum())  # pseudo-likelihoods on the scale of people
    empty, null, one, two = (regress(data.y, x, data.w) for x in designs)
    cov_one, cov_two = (_covariance(fit, data, robust=robust) for fit in (one, two))
    if robust:
        statistic = np.array([_wald(one, cov_one, 1), _wald(two, cov_two, 1), _wald(two, cov_two, 2)])
    else:
        l0, l1, l2 = null.loglik, one.loglik, two.loglik
        statistic = np.maximum(2 * np.array([l1 - l0, l2 - l1, l2 - l0]), 0.0)
    focal = data.w * g
    unsigned = float(focal @ np.abs(two.beta[-2] + two.beta[-1] * s) / focal.sum())
    n = float(data.n.sum())
    p: FloatArray = np.asarray(chi2.sf(statistic, [1, 1, 2]), dtype=np.float64)
    r2 = [_nagelkerke(empty.loglik * scale, fit.loglik * scale, n) for fit in (null, one, two)]
    return LogisticDif(
        statistic=statistic,
        p=p,
        uniform=float(one.beta[-1]),
        se=float(np.sqrt(cov_one[-1, -1])),
        interaction=float(two.beta[-1]),
        se_interaction=float(np.sqrt(cov_two[-1, -1])),
        unsigned=unsigned,
        r2_change=np.array([r2[1] - r2[0], r2[2] - r2[0]]),
        size=size_of(unsigned, MODERATE / abs(DELTA), LARGE / abs(DELTA)) if p[2] < ALPHA else "A",
    )


def _covariance(fit: Regression, data: Cells, *, robust: bool) -> FloatArray:
    inverse = np.linalg.inv(fit.information)
    if robust:
        return np.asarray(inverse @ _middle(fit.scores, data) @ inverse, dtype=np.float64)
    return np.asarray(inverse, dtype=np.float64)


def _middle(scores: FloatArray, data: Cells) -> FloatArray:
    """Sum of w^2 s s' over people, or of the squared sums of w s over clusters, by C / (C - 1)."""
    if data.clusters is None:
        return np.asarray((scores * data.w2[:, None]).T @ scores, dtype=np.float64)
    totals = np.asarray(data.clusters @ scores)
    used = int((np.diff(csr_array(data.clusters).indptr) > 0).sum())
    return np.asarray(totals.T @ totals * used / max(used - 1, 1), dtype=np.float64)


def _wald(fit: Regression, covariance: FloatArray, last: int) -> float:
    beta = fit.beta[-last:]
    return float(beta @ np.linalg.solve(covariance[-last:, -last:], beta))


def _nagelkerke(empty: float, fitted: float, n: float) -> float:
    return float(-np.expm1(2 * (empty - fitted) / n) / -np.expm1(2 * empty / n))
