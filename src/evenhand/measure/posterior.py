"""The posterior of theta given a pattern, as a function of one number.

For the exponential-family models the likelihood of pattern x with mask m is

    log L(x | z) = t z + c(x) - B_m(z),   t = sum_j a_j x_j,  c(x) = sum_j c_j(x_j),  B_m = sum_{j in m} B_j

with z standard normal. So log Z(t) = log integral exp(t z - B_m(z)) phi(z) dz is a smooth function of the
scalar t whose derivatives are the posterior cumulants of z: log Z' = E(z | t), log Z'' = Var(z | t). It is
evaluated either exactly at each pattern's t, or tabulated on a grid of t with its first two derivatives and
interpolated by quintic Hermite polynomials. The interpolant is differentiated consistently (E(z | t) is its
derivative, the expected counts at the nodes its adjoint), so that the gradient stays the gradient of the
likelihood that is reported.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from evenhand.measure.digits import Digits
from evenhand.measure.graded import graded_lift, graded_pass, indicators
from evenhand.measure.models import SMALLEST, Items, log_normaliser, probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.quadrature import Quadrature
from evenhand.measure.responses import BoolArray, FloatArray, IntArray

GRID_STEP = 1 / 16
"""Step of the grid of t: the interpolated log-likelihood of a pattern is then good to about 1e-11."""

MEANS_STEP = 1 / 32
"""Step of the grid for expectations of other functions, which are interpolated by cubics: good to about 1e-8."""

BLOCK = 16_384
"""Patterns interpolated at once: the temporaries stay in the second-level cache."""

EXACT_BLOCK = 2_048
"""Patterns evaluated at all nodes at once."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one pass over the patterns yields.

    Attributes:
        loglik: sum of w log P(x).
        nodes: (M, Q) expected weight at each node, by mask.
        by_category: (J, K) sum of w E(z | x) over the people in category k of item j.
        mean: (P,) E(z | x).
        graded: (J_g, K, Q) expected weight of each category of the graded items at each node, or None.
    """

    loglik: float
    nodes: FloatArray
    by_category: FloatArray
    mean: FloatArray
    graded: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The posterior at R values of t for one mask.

    Attributes:
        log_z: (R,) log Z(t).
        mean: (R,) E(z | t).
        variance: (R,) Var(z | t).
        posterior: (R, Q) posterior weight of each node.
    """

    log_z: FloatArray
    mean: FloatArray
    variance: FloatArray
    posterior: FloatArray


def posterior_rows(t: FloatArray, log_prior: FloatArray, nodes: FloatArray) -> Rows:
    """The posterior exp(t z) exp(log_prior), normalised, at each t (R,).

    Args:
        t: (R,) slope-weighted scores.
        log_prior: (Q,) or (R, Q) log weight of each node less B_m at it.
        nodes: (Q,) nodes z.
    """
    joint = t[:, None] * nodes
    joint += log_prior
    top = joint.max(axis=1)
    joint -= top[:, None]
    posterior = np.exp(joint, out=joint)
    total = posterior.sum(axis=1)
    posterior /= total[:, None]
    mean = posterior @ nodes
    variance = posterior @ nodes**2 - mean**2
    return Rows(top + np.log(total), mean, variance, posterior)


@cache
def _hermite() -> FloatArray:
    """(6, 6) polynomial coefficients (powers of u) of (f0, f0', f0'', f1, f1', f1'') on the unit interval."""
    return np.array(
        [
            [1, 0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 0],
            [0, 0, 0.5, 0, 0, 0],
            [-10, -6, -1.5, 10, -4, 0.5],
            [15, 8, 1.5, -15, 7, -1],
            [-6, -3, -0.5, 6, -3, 0.5],
        ]
    )


@dataclass(frozen=True, slots=True)
class Table:
    """log Z on a grid of t for one mask.

    Attributes:
        start: first grid value of t.
        step: grid step.
        rows: the posterior at the G grid values.
        polynomial: (6, G - 1) coefficients of the quintic in each cell, by powers of u in [0, 1].
    """

    start: float
    step: float
    rows: Rows
    polynomial: FloatArray


def tabulate(low: float, high: float, log_prior: FloatArray, nodes: FloatArray, step: float = GRID_STEP) -> Table:
    """Tabulate log Z for t in [low, high]."""
    n_cells = max(1, int(np.ceil((high - low) / step)))
    grid: FloatArray = low + step * np.arange(n_cells + 1, dtype=np.float64)
    rows = posterior_rows(grid, log_prior, nodes)
    jet = np.stack([rows.log_z, step * rows.mean, step**2 * rows.variance])
    polynomial = _hermite() @ np.concatenate([jet[:, :-1], jet[:, 1:]])
    return Table(low, step, rows, polynomial)


def locate(table: Table, t: FloatArray) -> tuple[IntArray, FloatArray]:
    """The cell of each t and its place u in [0, 1] within it."""
    scaled = (t - table.start) / table.step
    cell = np.clip(scaled.astype(np.intp), 0, table.polynomial.shape[1] - 1)
    return cell, scaled - cell


def interpolate(table: Table, cell: IntArray, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log Z and E(z | t): the quintic and its derivative, by Horner's rule."""
    value = np.take(table.polynomial[5], cell)
    slope = 5 * value
    value = value * u
    for power in (4, 3, 2, 1):
        coefficient = np.take(table.polynomial[power], cell)
        value += coefficient
        value *= u
        slope *= u
        slope += power * coefficient
    value += np.take(table.polynomial[0], cell)
    return value, slope / table.step


def spread(table: Table, cell: IntArray, u: FloatArray, w: FloatArray) -> FloatArray:
    """(6, G - 1) sums of w u^k by cell: all that the adjoint of the interpolation needs of the patterns."""
    n_cells = table.polynomial.shape[1]
    out = np.empty((6, n_cells))
    amount = w
    for power in range(6):
        out[power] = np.bincount(cell, amount, n_cells)
        if power < 5:
            amount = amount * u
    return out


def gather(table: Table, moments: FloatArray, nodes: FloatArray) -> FloatArray:
    """(Q,) expected weight at each node: the adjoint of the interpolation applied to `spread`'s sums."""
    jet = _hermite().T @ moments
    n_grid = table.polynomial.shape[1] + 1
    value, first, second = (np.zeros(n_grid) for _ in range(3))
    for part, left, right in zip((value, first, second), jet[:3], jet[3:], strict=True):
        part[:-1] += left
        part[1:] += right
    rows, step = table.rows, table.step
    # d posterior/dt = posterior (z - mean), d2 posterior/dt2 = posterior ((z - mean)^2 - variance)
    by_power = np.stack([np.ones_like(nodes), nodes, nodes**2])
    at_grid = np.stack(
        [
            value - step * first * rows.mean + step**2 * second * (rows.mean**2 - rows.variance),
            step * first - 2 * step**2 * second * rows.mean,
            step**2 * second,
        ]
    )
    out: FloatArray = ((at_grid @ rows.posterior) * by_power).sum(axis=0)
    return out


def score_range(items: Items, mask: FloatArray) -> tuple[float, float]:
    """Lowest and highest t of a mask (J,)."""
    categories = np.isfinite(items.intercept).sum(axis=1) - 1
    span = items.slope * categories * mask
    return float(np.minimum(span, 0).sum()), float(np.maximum(span, 0).sum())


def expectation(patterns: Patterns, digits: Digits, items: Items, quadrature: Quadrature) -> Expected:
    """One pass over all patterns (the E-step of marginal maximum likelihood).

    Args:
        patterns: P patterns.
        digits: the same patterns, cut.
        items: items on the scale of a standard normal z.
        quadrature: Q nodes.
    """
    if items.is_graded.any():
        return _graded_expectation(patterns, digits, items, quadrature)
    k = np.arange(digits.n_categories, dtype=np.float64)
    t = digits.sum_items(items.slope[:, None] * k)
    log_prior = log_priors(patterns, items, quadrature)
    nodes = np.zeros((len(patterns.masks), len(quadrature.nodes)))
    mean = np.empty(patterns.n_patterns)
    loglik = constant_part(items, digits)
    exact = np.array(_is_exact(patterns, items))
    for mask, small in enumerate(exact):
        if not small:
            own = slice(int(patterns.mask_start[mask]), int(patterns.mask_start[mask + 1]))
            low, high = score_range(items, patterns.masks[mask].astype(np.float64))
            table = tabulate(low, high, log_prior[mask], quadrature.nodes)
            part, nodes[mask], mean[own] = _by_table(table, t[own], patterns.w[own], quadrature.nodes)
            loglik += part
    loglik += _exactly(patterns, exact, t, log_prior, quadrature.nodes, nodes, mean)
    return Expected(loglik, nodes, digits.add_up(patterns.w * mean), mean)


def log_priors(patterns: Patterns, items: Items, quadrature: Quadrature) -> FloatArray:
    """(M, Q) log weight of each node less the normalisers of the items that each mask holds.

    Of graded items the lowest category's log probability is added: patterns add the difference to their own.
    """
    graded = items.is_graded
    everywhere = (items.n_items, len(quadrature.nodes))
    at_nodes = np.zeros(everywhere) if graded.all() else log_normaliser(items, quadrature.nodes)
    if graded.any():
        p = probabilities(items.take(graded), quadrature.nodes)[:, 0, :]
        at_nodes[graded] = -np.log(np.maximum(p, SMALLEST))
    out: FloatArray = quadrature.log_weights - patterns.masks.astype(np.float64) @ at_nodes
    return out


def constant_part(items: Items, digits: Digits) -> float:
    """Sum of w c(x): what of the log-likelihood does not depend on z."""
    # an item's missing categories have no patterns; their -inf must not meet a zero count
    known = np.where(np.isfinite(items.intercept) & ~items.is_graded[:, None], items.intercept, 0.0)
    return float((known * digits.totals).sum())


def _graded_expectation(patterns: Patterns, digits: Digits, items: Items, quadrature: Quadrature) -> Expected:
    """The pass when some items are graded: every pattern at every node, by products of blocks."""
    graded = items.is_graded
    divided = Items(np.where(graded, 0.0, items.slope), items.intercept)
    t = None if graded.all() else slope_scores(patterns, divided)
    found = graded_pass(patterns, items, t, log_priors(patterns, items, quadrature), quadrature.nodes)
    answered = patterns.masks[:, graded].T.astype(np.float64) @ found.nodes
    lowest = np.maximum(answered - found.above.sum(axis=1), 0.0)
    return Expected(
        found.loglik + constant_part(items, digits),
        found.nodes,
        digits.add_up(patterns.w * found.mean),
        found.mean,
        np.concatenate([lowest[:, None, :], found.above], axis=1),
    )


def _is_exact(patterns: Patterns, items: Items, step: float = GRID_STEP) -> list[bool]:
    """Whether each mask has so few patterns that a table would cost more than it saves."""
    sizes = np.diff(patterns.mask_start)
    categories = np.isfinite(items.intercept).sum(axis=1) - 1
    cells = (patterns.masks @ (np.abs(items.slope) * categories)) / step
    return [bool(size < 2 * n_cells + 64) for size, n_cells in zip(sizes, cells, strict=True)]


def _by_table(
    table: Table, t: FloatArray, w: FloatArray, nodes: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    mean = np.empty(len(t))
    moments = np.zeros((6, table.polynomial.shape[1]))
    loglik = 0.0
    for begin in range(0, len(t), BLOCK):
        own = slice(begin, begin + BLOCK)
        cell, u = locate(table, t[own])
        log_z, mean[own] = interpolate(table, cell, u)
        loglik += float(w[own] @ log_z)
        moments += spread(table, cell, u, w[own])
    return loglik, gather(table, moments, nodes), mean


def _exactly(
    patterns: Patterns,
    exact: BoolArray,
    t: FloatArray,
    log_prior: FloatArray,
    nodes: FloatArray,
    expected: FloatArray,
    mean: FloatArray,
) -> float:
    """Evaluate the patterns of every small mask at all nodes; fills `expected` and `mean`."""
    mask_of = patterns.mask_of
    chosen = np.flatnonzero(exact[mask_of])
    loglik = 0.0
    for begin in range(0, len(chosen), EXACT_BLOCK):
        own = chosen[begin : begin + EXACT_BLOCK]
        mask = mask_of[own]
        rows = posterior_rows(t[own], log_prior[mask], nodes)
        mean[own] = rows.mean
        loglik += float(patterns.w[own] @ rows.log_z)
        start = np.flatnonzero(np.diff(mask, prepend=-1))
        weighted = rows.posterior * patterns.w[own][:, None]
        expected[mask[start]] += np.add.reduceat(weighted, start, axis=0)
    return loglik


def posterior_means(patterns: Patterns, items: Items, quadrature: Quadrature, functions: FloatArray) -> FloatArray:
    """(P, L) posterior expectations of L functions of z, each given by its values at the nodes.

    Args:
        patterns: P patterns.
        items: items on the scale of a standard normal z.
        quadrature: Q nodes.
        functions: (L, Q) values at the nodes.
    """
    nodes = quadrature.nodes
    log_prior = log_priors(patterns, items, quadrature)
    graded = items.is_graded
    t = slope_scores(patterns, Items(np.where(graded, 0.0, items.slope), items.intercept))
    out = np.empty((patterns.n_patterns, len(functions)))
    exact = np.array(_is_exact(patterns, items, MEANS_STEP)) | graded.any()
    lift = graded_lift(items, nodes).reshape(-1, len(nodes))
    for mask in np.flatnonzero(~exact):
        own = slice(int(patterns.mask_start[mask]), int(patterns.mask_start[mask + 1]))
        low, high = score_range(items, patterns.masks[mask].astype(np.float64))
        out[own] = _means_by_table(t[own], low, high, log_prior[mask], nodes, functions)
    mask_of = patterns.mask_of
    chosen = np.flatnonzero(exact[mask_of])
    for begin in range(0, len(chosen), EXACT_BLOCK):
        each = chosen[begin : begin + EXACT_BLOCK]
        prior = log_prior[mask_of[each]]
        if graded.any():
            prior += indicators(patterns.codes[each], np.flatnonzero(graded), items.intercept.shape[1] - 1) @ lift
        out[each] = posterior_rows(t[each], prior, nodes).posterior @ functions.T
    return out


def slope_scores(patterns: Patterns, items: Items) -> FloatArray:
    """(P,) t = sum of a_j x_j over answered items."""
    complete = len(patterns.masks) == 1 and bool(patterns.masks.all())
    out = np.empty(patterns.n_patterns)
    for begin in range(0, patterns.n_patterns, EXACT_BLOCK):
        codes = patterns.codes[begin : begin + EXACT_BLOCK]
        out[begin : begin + EXACT_BLOCK] = (codes if complete else np.maximum(codes, 0)) @ items.slope
    return out


def _means_by_table(
    t: FloatArray, low: float, high: float, log_prior: FloatArray, nodes: FloatArray, functions: FloatArray
) -> FloatArray:
    """Expectations interpolated in t by cubic Hermite polynomials: d E(f | t)/dt = Cov(f, z | t)."""
    n_cells = max(1, int(np.ceil((high - low) / MEANS_STEP)))
    rows = posterior_rows(low + MEANS_STEP * np.arange(n_cells + 1, dtype=np.float64), log_prior, nodes)
    value = rows.posterior @ functions.T
    slope = (rows.posterior @ (functions * nodes).T - value * rows.mean[:, None]) * MEANS_STEP
    rise = value[1:] - value[:-1]
    cubic = [value[:-1], slope[:-1], 3 * rise - 2 * slope[:-1] - slope[1:], slope[:-1] + slope[1:] - 2 * rise]
    out = np.empty((len(t), len(functions)))
    for begin in range(0, len(t), BLOCK):
        own = slice(begin, begin + BLOCK)
        scaled = (t[own] - low) / MEANS_STEP
        cell = np.clip(scaled.astype(np.intp), 0, n_cells - 1)
        u = scaled - cell
        for index in range(len(functions)):
            result = np.take(cubic[3][:, index], cell)
            for part in (cubic[2], cubic[1], cubic[0]):
                result *= u
                result += np.take(part[:, index], cell)
            out[own, index] = result
    return out
