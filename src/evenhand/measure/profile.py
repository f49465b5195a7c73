"""Need and capacity together: a between-item model of two correlated components.

Each item belongs to one component, so P(x | z1, z2) = L1(x1 | z1) L2(x2 | z2), and (z1, z2) is standard
bivariate normal with correlation rho. On the same Q nodes for both, with W (Q, Q) their joint weights, the
marginal probabilities of all patterns are rowsum(L1 o (L2 W')). With C holding weight / P(x) of each pattern at
(its sub-pattern of component 1, its sub-pattern of component 2), the expected weights at the nodes are
L1 o (C L2 W') and L2 o (C' L1 W), and the expected joint weights W o (L1' C L2): products of Q columns, never Q^2
nodes times J items. (Adams, Wilson & Wang 1997; Bock & Aitkin 1981.)

The joint posterior serves reports and the correlation only: see `profile_scores`. What the joint model says of the
items is a type of its own too, `JointItems`: a function that scores or decides takes `models.Items` or
`need.NeedItems`, and neither can be had from it by accident.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from evenhand.errors import OptionError
from evenhand.measure.models import SMALLEST, Items
from evenhand.measure.patterns import Patterns
from evenhand.measure.profile_items import (
    JointItems,
    Part,
    Slopes,
    check_categories,
    gradient_of,
    improve_items,
    joint_items,
    likelihoods,
    log_derivatives,
    part_of,
    starting_part,
)
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import BoolArray, FloatArray, IntArray
from evenhand.measure.squarem import Pass, squarem

DEFAULT_NODES = 31
DEFAULT_HALF_WIDTH = 6.0
"""31 x 31 nodes on +-6 SD to begin with; `fit_profile` refines them until the log-likelihood stands still."""

LOGLIK_TOLERANCE = 1e-4
"""Doubling the nodes and widening their range may move the log-likelihood by no more than this."""

STAGE_PASSES = 200
"""Passes on one set of nodes before it is checked against a finer one."""

MAX_NODES = 250
"""Refinement ends here: a correlation that needs more nodes is one component, and is reported as not converged."""

BLOCK = 1_024
"""Patterns looked at together: what is gathered for them stays in the second-level cache."""

MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class Coupling:
    """The standard bivariate normal distribution on Q x Q nodes, normalised over them.

    Its logarithm is eta1 (x^2 + y^2) + eta2 x y less a constant, eta1 = -1 / (2 (1 - rho^2)),
    eta2 = rho / (1 - rho^2): an exponential family of which rho is a curve.

    Attributes:
        weights: (Q, Q), symmetric, adding to 1.
        log_constant: logarithm of what they were divided by.
        moments: (2,) expectations of x^2 + y^2 and of x y under the weights.
        eta: (2,) natural parameters.
        slope: (2,) their derivatives by phi = atanh(rho).
        information: variance under the weights of the derivative of log weight by phi.
    """

    weights: FloatArray
    log_constant: float
    moments: FloatArray
    eta: FloatArray
    slope: FloatArray
    information: float

    def value(self, sums: FloatArray, weight: float) -> float:
        """Expected log weight from the sums of x^2 + y^2 and x y over people of this total weight."""
        return float(self.eta @ sums) - weight * self.log_constant

    def gradient(self, sums: FloatArray, weight: float) -> float:
        """Its derivative by phi."""
        return float(self.slope @ (sums - weight * self.moments))


def couple(phi: float, nodes: FloatArray) -> Coupling:
    """Joint weights of nodes (Q,) for the correlation tanh(phi)."""
    rho = float(np.tanh(phi))
    rest = float(1 / np.cosh(phi) ** 2)  # 1 - rho^2 without cancellation
    eta = np.array([-0.5 / rest, rho / rest])
    slope = np.array([-rho, 1 + rho**2]) / rest
    square = nodes[:, None] ** 2 + nodes**2
    product = nodes[:, None] * nodes
    log_weights = eta[0] * square + eta[1] * product
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    weights /= total
    moments = np.array([(weights * square).sum(), (weights * product).sum()])
    change = slope[0] * (square - moments[0]) + slope[1] * (product - moments[1])
    return Coupling(weights, top + np.log(total), moments, eta, slope, float((weights * change**2).sum()))


def improve_phi(phi: float, sums: FloatArray, weight: float, nodes: FloatArray) -> float:
    """Maximise the expected log weight over phi by scoring steps, halved while they lose.

    Args:
        phi: where to start.
        sums: (2,) expected sums of x^2 + y^2 and x y.
        weight: total weight.
        nodes: (Q,).
    """
    now = couple(phi, nodes)
    value = now.value(sums, weight)
    for _ in range(MAX_STEPS):
        step = float(np.clip(now.gradient(sums, weight) / max(weight * now.information, SMALLEST), -0.5, 0.5))
        while abs(step) > 1e-12:
            trial = couple(phi + step, nodes)
            new = trial.value(sums, weight)
            if new >= value - 1e-13 * abs(value):
                break
            step /= 2
        else:
            return phi
        phi, now, value = phi + step, trial, new
        if abs(step) < 1e-9:
            break
    return phi


@dataclass(frozen=True, slots=True)
class Expected:
    """What one pass over the patterns yields: the statistics of an M-step.

    Attributes:
        by_category: two (J, K, Q) arrays, expected weight of each category at each node.
        sums: (2,) expected sums of x^2 + y^2 and of x y.
        coupling: the joint weights at which they were taken.
    """

    by_category: tuple[FloatArray, FloatArray]
    sums: FloatArray
    coupling: Coupling


@dataclass(frozen=True, slots=True)
class ProfileProblem:
    """What is maximised. The parameter vector is (need's parameters, capacity's, phi), rho = tanh(phi).

    Attributes:
        patterns: P patterns.
        parts: need and capacity.
        order: (P,) patterns in the order of need's sub-patterns, so that neighbours share rows.
        pairs: (S1, S2) with one place for each pattern, in that order.
        nodes: (Q,) nodes on the scale of z, the same for both.
    """

    patterns: Patterns
    parts: tuple[Part, Part]
    order: IntArray
    pairs: csr_array
    nodes: FloatArray

    @property
    def weight(self) -> float:
        """Total weight."""
        return float(self.patterns.w.sum())

    def unpack(self, parameters: FloatArray) -> tuple[Items, Items, float]:
        """Need's and capacity's items on the scale of z, and phi."""
        n_first = self.parts[0].n_parameters
        first = self.parts[0].unpack(parameters[:n_first])
        return first, self.parts[1].unpack(parameters[n_first:-1]), float(parameters[-1])

    def pack(self, first: Items, second: Items, phi: float) -> FloatArray:
        """The inverse of `unpack`."""
        return np.concatenate([self.parts[0].pack(first), self.parts[1].pack(second), [phi]])

    def evaluate(self, parameters: FloatArray) -> Pass[Expected]:
        """Log-likelihood, gradient and expected weights at a parameter vector."""
        *items, phi = self.unpack(parameters)
        coupling = couple(phi, self.nodes)
        (first, top1), (second, top2) = (
            likelihoods(part, own, self.nodes) for part, own in zip(self.parts, items, strict=True)
        )
        p = row_products(first, second @ coupling.weights, self.pairs)
        w = self.patterns.w[self.order]
        loglik = float(w @ np.log(p)) + float(self.parts[0].w @ top1) + float(self.parts[1].w @ top2)
        share = csr_array((w / p, self.pairs.indices, self.pairs.indptr), shape=self.pairs.shape)
        across, back = np.asarray(share @ second), np.asarray(share.T @ first)
        joint = coupling.weights * (first.T @ across)
        nodes = self.nodes
        sums = np.array([joint.sum(axis=1) @ nodes**2 + joint.sum(axis=0) @ nodes**2, nodes @ joint @ nodes])
        expected = (first * (across @ coupling.weights), second * (back @ coupling.weights))
        by_category = tuple(
            np.asarray(part.one_hot.T @ own).reshape(part.n_items, part.width, len(nodes))
            for part, own in zip(self.parts, expected, strict=True)
        )
        parts = [
            part.arrange(gradient_of(r, log_derivatives(part, own, nodes)[1]))
            for part, own, r in zip(self.parts, items, by_category, strict=True)
        ]
        gradient = np.concatenate([*parts, [coupling.gradient(sums, self.weight)]])
        return Pass(loglik, gradient, Expected((by_category[0], by_category[1]), sums, coupling))

    def improve(self, parameters: FloatArray, expected: Expected) -> FloatArray:
        """The M-step."""
        first, second, phi = self.unpack(parameters)
        first = improve_items(self.parts[0], first, expected.by_category[0], self.nodes)
        second = improve_items(self.parts[1], second, expected.by_category[1], self.nodes)
        return self.pack(first, second, improve_phi(phi, expected.sums, self.weight, self.nodes))


def row_products(left: FloatArray, right: FloatArray, pairs: csr_array) -> FloatArray:
    """(P,) sums over columns of left[s] right[t] for each pair (s, t), no less than `SMALLEST`."""
    out = np.empty(pairs.nnz)
    row = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
    for begin in range(0, len(out), BLOCK):
        own = slice(begin, begin + BLOCK)
        np.einsum("pq,pq->p", left[row[own]], right[pairs.indices[own]], out=out[own])
    return np.maximum(out, SMALLEST)


@dataclass(frozen=True, slots=True)
class ProfileFit:
    """A maximum of the marginal likelihood of two components.

    Nothing here may rank or choose people: the need items' parameters have seen the capacity answers. The need
    scale of decisions is calibrated by `fit_marginal` on `need_only` patterns.

    Attributes:
        problem: what was maximised, with the nodes it ended on.
        parameters: where the maximum is.
        need: need's items on the scale of a standard normal z, a type that no score is computed from.
        capacity: capacity's items, likewise.
        sd: (2,) latent SDs of need and capacity (1 where slopes are free).
        correlation: rho.
        loglik: log-likelihood, the weights used as given.
        passes: passes over the patterns.
        converged: whether step and gradient fell below their tolerances, on nodes that suffice.
        change: largest parameter change of the last step.
        gradient_norm: largest gradient element divided by the total weight.
        node_error: change of the log-likelihood when the nodes were last refined.
    """

    problem: ProfileProblem
    parameters: FloatArray
    need: JointItems
    capacity: JointItems
    sd: FloatArray
    correlation: float
    loglik: float
    passes: int
    converged: bool
    change: float
    gradient_norm: float
    node_error: float


def fit_profile(
    patterns: Patterns,
    *,
    need: IntArray,
    capacity: IntArray,
    slopes: Slopes | tuple[Slopes, Slopes] = "free",
    sign: FloatArray | None = None,
    graded: BoolArray | None = None,
    tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: Callable[[int, float], None] | None = None,
) -> ProfileFit:
    """Maximise the marginal likelihood of need and capacity together.

    Args:
        patterns: P patterns on J items.
        need: columns of the need items.
        capacity: columns of the capacity items; no item on both.
        slopes: `free` (latent SD 1), or `shared` (Rasch, partial credit: a_j = sign_j, latent SD free); one
            for both components or one for each.
        sign: (J,) which way each item points; all +1 when left out. With free slopes it orients a component.
        graded: (J,) which items are graded; none when left out.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.

    Raises:
        OptionError: an item on both components, twice on one, or not in the patterns.
        EstimationError: a component of one item, or a category that nobody chose.
    """
    problem = profile_problem(patterns, need, capacity, slopes, sign, graded)
    for part in problem.parts:
        check_categories(part)
    parameters = _start(problem)
    passes, n_nodes, half_width = 0, DEFAULT_NODES, DEFAULT_HALF_WIDTH
    while True:
        outcome = squarem(
            problem.evaluate,
            problem.improve,
            parameters,
            weight=problem.weight,
            tolerance=tolerance,
            max_passes=min(STAGE_PASSES, max_passes - passes),
            on_pass=on_pass,
        )
        passes += outcome.passes
        parameters = outcome.parameters
        finer = replace(problem, nodes=rectangular(2 * n_nodes - 1, half_width + 1).nodes)
        node_error = abs(finer.evaluate(parameters).loglik - outcome.at.loglik)
        accurate = node_error < LOGLIK_TOLERANCE
        if (accurate and outcome.converged) or 2 * n_nodes > MAX_NODES or passes >= max_passes:
            break
        if not accurate:
            problem, n_nodes, half_width = finer, 2 * n_nodes - 1, half_width + 1
    first, second, phi = _oriented(problem, parameters)
    return ProfileFit(
        problem,
        problem.pack(first, second, phi),
        joint_items(first),
        joint_items(second),
        np.array([_sd(part, own) for part, own in zip(problem.parts, (first, second), strict=True)]),
        float(np.tanh(phi)),
        outcome.at.loglik,
        passes,
        outcome.converged and accurate,
        outcome.change,
        outcome.gradient_norm,
        node_error,
    )


def profile_problem(
    patterns: Patterns,
    need: IntArray,
    capacity: IntArray,
    slopes: Slopes | tuple[Slopes, Slopes] = "free",
    sign: FloatArray | None = None,
    graded: BoolArray | None = None,
) -> ProfileProblem:
    """Patterns cut into their two components; the arguments are those of `fit_profile`."""
    used = np.concatenate([need, capacity])
    if len(np.unique(used)) < len(used) or used.min() < 0 or used.max() >= patterns.n_items:
        raise OptionError(
            "profile.items",
            "The items of need and capacity overlap, repeat or do not exist.",
            why="Each item measures one component.",
            mend=f"Name columns 0 to {patterns.n_items - 1}, each for need or for capacity.",
        )
    sign = np.ones(patterns.n_items) if sign is None else sign
    graded = np.zeros(patterns.n_items, dtype=np.bool_) if graded is None else graded
    each = (slopes, slopes) if isinstance(slopes, str) else slopes
    first = part_of(patterns, need, each[0], sign[need], graded[need])
    second = part_of(patterns, capacity, each[1], sign[capacity], graded[capacity])
    order = np.lexsort((second.owner, first.owner))
    start = np.searchsorted(first.owner[order], np.arange(len(first.codes) + 1))
    shape = (len(first.codes), len(second.codes))
    pairs = csr_array((np.ones(len(order)), second.owner[order], start), shape=shape)
    nodes = rectangular(DEFAULT_NODES, DEFAULT_HALF_WIDTH).nodes
    return ProfileProblem(patterns, (first, second), order, pairs, nodes)


def _start(problem: ProfileProblem) -> FloatArray:
    (first, score1), (second, score2) = (starting_part(part) for part in problem.parts)
    w, (part1, part2) = problem.patterns.w, problem.parts
    together = float(w @ (score1[part1.owner] * score2[part2.owner])) / problem.weight
    return problem.pack(first, second, float(np.arctanh(np.clip(together / 0.75, -0.9, 0.9))))


def _oriented(problem: ProfileProblem, parameters: FloatArray) -> tuple[Items, Items, float]:
    """Each component pointing where its items' directions do; turning one turns the correlation."""
    *items, phi = problem.unpack(parameters)
    for index, part in enumerate(problem.parts):
        own = items[index]
        if float(part.sign @ own.slope) < 0:
            items[index] = Items(-own.slope, own.intercept, own.graded)
            phi = -phi
    return items[0], items[1], phi


def _sd(part: Part, items: Items) -> float:
    return 1.0 if part.slopes == "free" else abs(float(items.slope[0]))
