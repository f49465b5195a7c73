"""M2, M2* and C2: does the model reproduce the means of the items and of their products?

With s the observed and sigma the model's moments, n Cov(s) = Xi under the model, and Delta their derivatives by
the parameters that were estimated (Maydeu-Olivares & Joe 2006):

    M = n (s - sigma)' C (s - sigma),   C = Xi^-1 - Xi^-1 Delta (Delta' Xi^-1 Delta)^-1 Delta' Xi^-1
    df = number of moments - rank of Delta

The moments are E(y_i) and E(y_i y_j), y the category number: M2 where items are binary, M2* where they have more
categories (Cai & Hansen 2013); or P(y_i = k) for k > 0 and E(y_i y_j): C2 (Cai & Monroe 2014), for few items of
many categories, where M2* has no degrees of freedom left.

Xi is never formed from four-way tables. Given theta answers are independent, so with m_i and v_i the mean and the
variance of y_i given theta, Cov(y_i y_j, y_i y_l | theta) = v_i m_j m_l and Var(y_i y_j | theta) = v_i m_j^2 +
v_j m_i^2 + v_i v_j; Xi is the mean of those plus the covariance of the conditional means, matrix products over
the nodes.

R mirt 1.47 agrees for 2PL and graded items without gaps. The tests reproduce where it does not: it leaves the
latent variance out of Delta (Rasch, PCM: 1536.6 for 1428.7), takes chances that do not add to 1 into a GPCM's
slopes (1242.9 for 1230.7), and with gaps each moment from its own people (679.6 for 675.2).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import cholesky, qr, solve_triangular
from scipy.optimize import brentq
from scipy.special import chdtrc, chndtr

from evenhand.errors import EstimationError
from evenhand.measure.models import Items, cumulative_slopes, derivatives, on_standard_scale, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.sx2 import Estimated, complete_only, require_counts

Statistic = Literal["M2", "C2"]
"""`M2` is M2* where an item has more than two categories; C2 equals M2 where none has."""

N_NODES = 121
MAX_MOMENTS = 8_000
"""Moments whose covariance matrix still fits into half a gigabyte: about 125 items."""

Features = tuple[IntArray, FloatArray]


@dataclass(frozen=True, slots=True)
class LimitedFit:
    """Overall fit from first and second moments.

    Attributes:
        kind: `M2`, `M2*` or `C2`.
        statistic: M.
        df: degrees of freedom, at least 1.
        p: P(chi-squared with df > M).
        rmsea: sqrt(max(M - df, 0) / (df (n - 1))).
        rmsea_interval: its 90 % interval, from the noncentral chi-squared distribution (Steiger 1990).
        srmsr: root mean square of the differences of observed and expected correlations (Maydeu-Olivares & Joe
            2014), over the pairs of items that vary.
        cfi: comparative fit index against independent items (Bentler 1990); NaN where a category that nobody
            chose leaves that model without a covariance matrix.
        tli: Tucker-Lewis index, likewise.
        n: people with every answer, whom the figures rest on.
        n_incomplete: people left out because an answer is missing.
    """

    kind: Literal["M2", "M2*", "C2"]
    statistic: float
    df: int
    p: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    srmsr: float
    cfi: float
    tli: float
    n: float
    n_incomplete: float


@dataclass(frozen=True, slots=True)
class _Model:
    """Category probabilities at weighted nodes, and their derivatives.

    Attributes:
        p: (J, K, Q) probabilities.
        own: (J, n, K, Q) derivatives by up to n parameters of the item itself, 0 where it has fewer.
        shared: (C, J, K, Q) derivatives by parameters of all items at once.
        weights: (Q,) adding to 1.
        top: (J,) highest categories.
    """

    p: FloatArray
    own: FloatArray
    shared: FloatArray
    weights: FloatArray
    top: IntArray


def limited_fit(
    patterns: Patterns,
    items: Items,
    *,
    mean: float,
    sd: float,
    estimated: Estimated,
    statistic: Statistic = "M2",
) -> LimitedFit:
    """M2 (binary items), M2* or C2 with RMSEA, SRMSR, CFI and TLI.

    Frequency weights are counts. Sampling weights are refused: Xi is the covariance of moments of people drawn
    with equal chances.

    Args:
        patterns: P patterns of J >= 2 items; people with a missing answer are left out and counted.
        items: J items on the metric of theta, of any model.
        mean: latent mean.
        sd: latent SD, > 0.
        estimated: what was estimated on these answers; it decides on Delta.
        statistic: `M2` (M2*) or `C2`.

    Raises:
        EstimationError: sampling weights; one item; nobody answered every item; no degrees of freedom; moments
            that the model fixes; too many items.
    """
    name: Literal["C2", "M2", "M2*"] = statistic if statistic == "C2" or items.top.max() == 1 else "M2*"
    require_counts(patterns, name)
    whole = complete_only(patterns, name, least_items=2)
    model = _fitted(on_standard_scale(items, mean, sd), estimated)
    features = _features(model.top, statistic)
    observed, correlations = _observed(whole, features)
    n = float(whole.n.sum())
    value, df, expected = _test(model, features, observed, n, name)
    cfi, tli = _against_independence(whole, model.top, features, observed, (value, df))
    low, high = noncentrality_interval(value, df)
    return LimitedFit(
        kind=name,
        statistic=value,
        df=df,
        p=float(chdtrc(df, value)),
        rmsea=_rmsea(value - df, df, n),
        rmsea_interval=(_rmsea(low, df, n), _rmsea(high, df, n)),
        srmsr=_srmsr(correlations, expected),
        cfi=cfi,
        tli=tli,
        n=n,
        n_incomplete=float(patterns.n.sum()) - n,
    )


def _rmsea(noncentrality: float, df: int, n: float) -> float:
    return float(np.sqrt(max(noncentrality, 0.0) / (df * max(n - 1, 1.0))))


def noncentrality_interval(value: float, df: int, level: float = 0.90) -> tuple[float, float]:
    """The noncentralities at which `value` is the upper and the lower (1 - level) / 2 point; 0 where none is."""
    ends = []
    for share in ((1 + level) / 2, (1 - level) / 2):
        if chndtr(value, df, 0.0) <= share:
            ends.append(0.0)
            continue
        top = max(value, 1.0)
        while chndtr(value, df, top) > share:
            top *= 2
        ends.append(float(brentq(lambda at, share=share: chndtr(value, df, at) - share, 0.0, top)))
    return ends[0], ends[1]


def _features(top: IntArray, statistic: Statistic) -> tuple[IntArray, FloatArray]:
    """(U,) the item of each first-order moment and (U, K) the function of its category."""
    k = np.arange(top.max() + 1, dtype=np.float64)
    if statistic == "M2":
        return np.arange(len(top)), np.repeat(k[None, :], len(top), axis=0)
    owner = np.repeat(np.arange(len(top)), top)
    category = np.concatenate([np.arange(1, highest + 1) for highest in top])
    return owner, (k == category[:, None]).astype(np.float64)


def _observed(patterns: Patterns, features: Features) -> tuple[FloatArray, FloatArray]:
    """(S,) observed moments and (J, J) correlations, NaN for items that do not vary."""
    owner, function = features
    share = patterns.n / patterns.n.sum()
    codes = patterns.codes.astype(np.float64)
    first = np.array([share @ function[u][patterns.codes[:, item]] for u, item in enumerate(owner)])
    product = (codes * share[:, None]).T @ codes
    mean = share @ codes
    return np.concatenate([first, product[np.triu_indices(len(mean), 1)]]), _correlations(product, mean)


def _correlations(product: FloatArray, mean: FloatArray) -> FloatArray:
    covariance = product - np.outer(mean, mean)
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    varies = spread > 1e-7
    out = np.full_like(covariance, np.nan)
    both = np.ix_(varies, varies)
    out[both] = covariance[both] / np.outer(spread[varies], spread[varies])
    return out


def _srmsr(observed: FloatArray, expected: FloatArray) -> float:
    pairs = np.triu_indices(len(observed), 1)
    square = (observed[pairs] - expected[pairs]) ** 2
    known = square[np.isfinite(square)]
    return float(np.sqrt(known.mean())) if len(known) else float("nan")


def _fitted(items: Items, estimated: Estimated) -> _Model:
    """The model at the nodes, with derivatives by what was estimated."""
    quadrature = rectangular(N_NODES)
    nodes = quadrature.nodes
    p = probabilities(items, nodes)
    own, shared = np.zeros((len(p), 0, *p.shape[1:])), np.zeros((0, *p.shape))
    if estimated in {"items", "common slope"}:
        own = _by_parameter(items, p, nodes)
    if estimated == "common slope":
        shared, own = (items.slope[:, None, None] * own[:, 0])[None], own[:, 1:]
    if estimated == "latent":
        by_theta = derivatives(items, nodes)[1]
        shared = np.stack([by_theta, by_theta * nodes])
    return _Model(p, own, shared, np.exp(quadrature.log_weights), items.top.astype(np.int64))


def _by_parameter(items: Items, p: FloatArray, nodes: FloatArray) -> FloatArray:
    """(J, K, K, Q) derivatives of P_k by the slope and by the intercepts c_1 .. (second axis)."""
    k = np.arange(p.shape[1], dtype=np.float64)
    mean = np.einsum("jkq,k->jq", p, k)
    out = np.empty((p.shape[0], p.shape[1], *p.shape[1:]))
    out[:, 0] = p * (k[None, :, None] - mean[:, None, :]) * nodes
    same = np.eye(len(k))[1:]
    out[:, 1:] = p[:, None] * (same[None, :, :, None] - p[:, 1:, None])
    graded = items.is_graded
    if graded.any():
        s = cumulative_slopes(items.take(graded), nodes)  # P_k = F_k - F_(k+1), dF_k/dc_k = s_k
        out[graded, 0] = (s[:, :-1] - s[:, 1:]) * nodes
        for step in range(1, len(k)):
            own = np.zeros_like(p[graded])
            own[:, step], own[:, step - 1] = s[:, step], -s[:, step]
            out[graded, step] = own
    return out


def _means(model: _Model, features: Features) -> tuple[FloatArray, FloatArray]:
    """(U, Q) conditional means of the first-order functions and (J, Q) of the category numbers."""
    owner, function = features
    k = np.arange(model.p.shape[1], dtype=np.float64)
    return np.einsum("ukq,uk->uq", model.p[owner], function), np.einsum("jkq,k->jq", model.p, k)


def _moments(model: _Model, features: Features) -> tuple[FloatArray, FloatArray]:
    """(S, Q) conditional moments, and (J, J) model correlations."""
    first, m = _means(model, features)
    left, right = np.triu_indices(len(m), 1)
    product = (m * model.weights) @ m.T
    square = np.einsum("jkq,k,q->j", model.p, np.arange(model.p.shape[1]) ** 2.0, model.weights)
    np.fill_diagonal(product, square)
    return np.concatenate([first, m[left] * m[right]]), _correlations(product, m @ model.weights)


def _pair_index(n_items: int, n_first: int) -> IntArray:
    """(J, J) place of the moment of each pair, -1 on the diagonal."""
    out = np.full((n_items, n_items), -1)
    left, right = np.triu_indices(n_items, 1)
    out[left, right] = out[right, left] = n_first + np.arange(len(left))
    return out


def moment_covariance(model: _Model, features: Features) -> FloatArray:
    """(S, S) Xi: the covariance of one person's moments under the model."""
    owner, function = features
    conditional, _ = _moments(model, features)
    w, n_first = model.weights, len(owner)
    centred = conditional - (conditional @ w)[:, None]
    out: FloatArray = (centred * w) @ centred.T
    _, m = _means(model, features)
    k = np.arange(model.p.shape[1], dtype=np.float64)
    v = np.einsum("jkq,k->jq", model.p, k**2) - m**2
    place = _pair_index(len(m), n_first)
    for item in range(len(m)):
        own = np.flatnonzero(owner == item)
        others = np.flatnonzero(np.arange(len(m)) != item)
        functions = np.concatenate([function[own], k[None, :]])
        factor = np.concatenate([np.ones((len(own), len(w))), m[others]])
        which = np.concatenate([np.arange(len(own)), np.full(len(others), len(own))])
        within = _within(model.p[item], functions)
        at = np.concatenate([own, place[item, others]])
        out[np.ix_(at, at)] += _block(within, which, factor, w)
    left, right = np.triu_indices(len(m), 1)
    pairs = place[left, right]
    out[pairs, pairs] += (v[left] * v[right]) @ w
    return out


def _within(p: FloatArray, functions: FloatArray) -> FloatArray:
    """(G, G, Q) covariances, given theta, of G functions of one item's category; p (K, Q)."""
    mean = functions @ p
    out: FloatArray = np.einsum("gk,hk,kq->ghq", functions, functions, p) - mean[:, None] * mean[None, :]
    return out


def _block(within: FloatArray, which: IntArray, factor: FloatArray, w: FloatArray) -> FloatArray:
    """Sum over nodes of w within[which_a, which_b] factor_a factor_b."""
    out = np.empty((len(which), len(which)))
    for g in np.unique(which):
        for h in np.unique(which):
            a, b = which == g, which == h
            out[np.ix_(a, b)] = (factor[a] * (w * within[g, h])) @ factor[b].T
    return out


def _jacobian(model: _Model, features: Features) -> FloatArray:
    """(S, number of parameters) Delta."""
    owner, function = features
    n_items, n_own = model.own.shape[:2]
    _, m = _means(model, features)
    place = _pair_index(n_items, len(owner))
    out = np.zeros((len(owner) + n_items * (n_items - 1) // 2, n_items * n_own + len(model.shared)))
    for item in range(n_items):
        by = np.concatenate([model.own[item], model.shared[:, item]])
        at = np.append(n_own * item + np.arange(n_own), n_items * n_own + np.arange(len(model.shared)))
        own, others = np.flatnonzero(owner == item), np.flatnonzero(np.arange(n_items) != item)
        out[np.ix_(own, at)] += np.einsum("uk,nkq,q->un", function[own], by, model.weights)
        change = np.einsum("k,nkq,q->nq", np.arange(float(by.shape[1])), by, model.weights)
        out[np.ix_(place[item, others], at)] += m[others] @ change.T
    return out


def _test(
    model: _Model, features: Features, observed: FloatArray, n: float, name: str
) -> tuple[float, int, FloatArray]:
    """M, its degrees of freedom and the model's correlations."""
    if len(observed) > MAX_MOMENTS:
        raise EstimationError(
            "fit.too-many-moments",
            f"{name} of {len(model.p)} items needs a covariance matrix of {len(observed)} moments.",
            mend="Check the fit on a part of the items.",
        )
    conditional, correlations = _moments(model, features)
    lower = _factor(moment_covariance(model, features), name)
    error = solve_triangular(lower, observed - conditional @ model.weights, lower=True)
    basis = _range(solve_triangular(lower, _jacobian(model, features), lower=True))
    df = len(observed) - basis.shape[1]
    if df < 1:
        raise EstimationError(
            "fit.no-degrees-of-freedom",
            f"{name} has {len(observed)} moments for {basis.shape[1]} parameters.",
            why="Nothing is left to test.",
            mend="Use C2, which has more moments." if name == "M2*" else "Use S-X2 and Q3.",
        )
    error -= basis @ (basis.T @ error)
    return n * float(error @ error), df, correlations


def _factor(covariance: FloatArray, name: str) -> FloatArray:
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    try:
        lower = cholesky(covariance, lower=True)
    except np.linalg.LinAlgError:
        lower = np.zeros_like(covariance)
    if not (np.diag(lower) > 1e-7 * scale).all():
        raise EstimationError(
            "fit.moments-fixed",
            f"{name} cannot be had: the model all but fixes one of the moments.",
            why="An item that everyone answers alike, or a slope without bound, leaves no spread to test against.",
            mend="Leave that item out.",
        )
    return lower


def _range(matrix: FloatArray) -> FloatArray:
    """An orthonormal basis of the columns, whose lengths do not matter."""
    length: FloatArray = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    scaled: FloatArray = matrix[:, length > 0] / length[length > 0]
    if scaled.shape[1] == 0:
        return scaled
    basis, triangle, _ = qr(scaled, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    out: FloatArray = np.asarray(basis[:, size > 1e-8 * size[0]], dtype=np.float64)
    return out


def _against_independence(
    patterns: Patterns, top: IntArray, features: Features, observed: FloatArray, found: tuple[float, int]
) -> tuple[float, float]:
    """CFI and TLI against independent items with the observed shares of categories."""
    share = patterns.n / patterns.n.sum()
    k = np.arange(top.max() + 1)
    p = np.stack([(patterns.codes[:, item] == k[:, None]) @ share for item in range(len(top))])
    steps = np.eye(len(k))[1:] - np.eye(len(k))[0]  # probability moved from category 0 to another
    own = np.where((k[1:] <= top[:, None])[:, :, None], steps[None], 0.0)
    model = _Model(p[:, :, None], own[..., None], np.zeros((0, *p.shape, 1)), np.ones(1), top)
    try:
        value, df, _ = _test(model, features, observed, float(patterns.n.sum()), "M2")
    except EstimationError:
        return float("nan"), float("nan")
    own_excess = max(found[0] - found[1], 0.0)
    worst = max(value - df, own_excess)
    cfi = 1.0 - own_excess / worst if worst > 0 else 1.0
    ratio = value / df
    tli = (ratio - found[0] / found[1]) / (ratio - 1) if ratio != 1 else float("nan")
    return cfi, tli
