"""Marginal maximum likelihood for the exponential-family models (Bock & Aitkin 1981).

theta is Normal(0, sd). Internally z = theta / sd is standard normal, so the nodes always sit on the scale of
the current latent distribution; a Rasch scale with free SD is the model in which all slopes on z are the SD.
After the fit the number of nodes is doubled and their range widened until the log-likelihood stands still.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evenhand.measure.digits import Digits, cut
from evenhand.measure.models import Items, probabilities
from evenhand.measure.mstep import Counts, free_slopes, shared_slope
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import Expected, expectation
from evenhand.measure.quadrature import DEFAULT_HALF_WIDTH, DEFAULT_NODES, Quadrature, rectangular
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.measure.squarem import Pass, squarem
from evenhand.measure.starts import starting_items

Slopes = Literal["free", "shared"]

LOGLIK_TOLERANCE = 1e-4
"""Doubling the nodes and widening their range may move the log-likelihood by no more than this."""

STAGE_PASSES = 200
"""Passes on one set of nodes. A slope that grows on coarse nodes is chasing a gap between two of them, so the
nodes are refined before it has gone far."""

MAX_NODES = 2_000
"""Refinement ends here: slopes that need more describe a step, not a curve, and are reported as such."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is maximised: the patterns and which parameters are free.

    The parameter vector is (slopes or SD, free intercepts): J slopes when they are free; the SD alone when the
    slopes are shared and it is free; nothing when it is fixed.

    Attributes:
        patterns: the data.
        digits: the same, cut.
        slopes: `free` or `shared`.
        sign: (J,) +1 or -1, the direction of each item when the slopes are shared.
        fixed_sd: the SD when it is not estimated.
        quadrature: nodes on the scale of z.
    """

    patterns: Patterns
    digits: Digits
    slopes: Slopes
    sign: FloatArray
    fixed_sd: float | None
    quadrature: Quadrature

    @property
    def free(self) -> BoolArray:
        """(J, K - 1) which intercepts exist."""
        width = int(self.patterns.categories.max()) - 1
        return np.arange(1, width + 1) < self.patterns.categories[:, None]

    def pack(self, items: Items) -> FloatArray:
        """The parameter vector of items on the scale of z."""
        head = items.slope if self.slopes == "free" else np.abs(items.slope[:1])
        head = head[:0] if self.slopes == "shared" and self.fixed_sd is not None else head
        return np.concatenate([head, items.intercept[:, 1:][self.free]])

    def unpack(self, parameters: FloatArray) -> Items:
        """Items on the scale of z from a parameter vector."""
        n_items = self.patterns.n_items
        intercept = np.full((n_items, self.free.shape[1] + 1), -np.inf)
        intercept[:, 0] = 0
        n_head = len(parameters) - int(self.free.sum())
        intercept[:, 1:][self.free] = parameters[n_head:]
        if self.slopes == "free":
            return Items(parameters[:n_head], intercept)
        sd = self.fixed_sd if self.fixed_sd is not None else float(parameters[0])
        return Items(self.sign * sd, intercept)

    def counts(self, expected: Expected) -> Counts:
        """The sufficient statistics of an M-step."""
        masks = self.patterns.masks.astype(np.float64)
        nodes = expected.nodes if len(masks) == 1 else masks.T @ expected.nodes
        k = np.arange(expected.by_category.shape[1], dtype=np.float64)
        return Counts(expected.by_category @ k, self.digits.totals[:, 1:], nodes, self.quadrature.nodes, self.free)

    def gradient(self, items: Items, counts: Counts) -> FloatArray:
        """Gradient of the marginal log-likelihood (by Fisher's identity, that of the expected one)."""
        p = probabilities(items, counts.nodes)[:, 1:, :]
        k = np.arange(1, p.shape[1] + 1, dtype=np.float64)
        by_slope = counts.S - (np.einsum("jkq,k->jq", p, k) * counts.N) @ counts.nodes
        by_intercept = counts.R - np.einsum("jkq,jq->jk", p, np.broadcast_to(counts.N, (len(p), p.shape[2])))
        head = by_slope if self.slopes == "free" else np.array([self.sign @ by_slope])
        head = head[:0] if self.slopes == "shared" and self.fixed_sd is not None else head
        return np.concatenate([head, by_intercept[self.free]])

    def evaluate(self, parameters: FloatArray) -> Pass[Counts]:
        """Log-likelihood, gradient and sufficient statistics at a parameter vector."""
        items = self.unpack(parameters)
        expected = expectation(self.patterns, self.digits, items, self.quadrature)
        counts = self.counts(expected)
        return Pass(expected.loglik, self.gradient(items, counts), counts)

    def improve(self, parameters: FloatArray, counts: Counts) -> FloatArray:
        """The M-step."""
        items = self.unpack(parameters)
        if self.slopes == "free":
            return self.pack(free_slopes(items, counts))
        return self.pack(shared_slope(items, counts, self.sign, sd_is_free=self.fixed_sd is None))


@dataclass(frozen=True, slots=True)
class MarginalFit:
    """A maximum of the marginal likelihood.

    Attributes:
        problem: what was maximised, with the nodes it ended on.
        parameters: where the maximum is.
        items: the items there, on the scale of z.
        sd: the latent SD (1 when the slopes are free).
        loglik: log-likelihood, the weights used as given.
        passes: passes over the patterns.
        converged: whether step and gradient fell below their tolerances.
        change: largest parameter change of the last step.
        gradient_norm: largest gradient element divided by the total weight.
        node_error: change of the log-likelihood when the nodes were last refined.
    """

    problem: Problem
    parameters: FloatArray
    items: Items
    sd: float
    loglik: float
    passes: int
    converged: bool
    change: float
    gradient_norm: float
    node_error: float


def fit_marginal(
    patterns: Patterns,
    *,
    slopes: Slopes,
    sign: FloatArray | None = None,
    fixed_sd: float | None = None,
    tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: Callable[[int, float], None] | None = None,
) -> MarginalFit:
    """Maximise the marginal likelihood of P patterns on J items.

    Args:
        patterns: the data; no item may be constant.
        slopes: `shared` (Rasch: a_j = sign_j, free SD) or `free` (2PL: SD 1).
        sign: (J,) which way each item points; all +1 when left out. With free slopes it orients theta.
        fixed_sd: with shared slopes, the SD when it is not to be estimated.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.
    """
    sign = np.ones(patterns.n_items) if sign is None else sign
    digits = cut(patterns)
    problem = Problem(patterns, digits, slopes, sign, fixed_sd, rectangular())
    parameters = problem.pack(starting_items(patterns, digits, slopes, sign, fixed_sd))
    weight, passes, node_error = float(patterns.w.sum()), 0, np.inf
    n_nodes, half_width = DEFAULT_NODES, DEFAULT_HALF_WIDTH
    while True:
        outcome = squarem(
            problem.evaluate,
            problem.improve,
            parameters,
            weight=weight,
            tolerance=tolerance,
            max_passes=min(STAGE_PASSES, max_passes - passes),
            on_pass=on_pass,
        )
        passes += outcome.passes
        parameters = outcome.parameters
        n_nodes, half_width = 2 * n_nodes - 1, half_width + 2
        finer = replace(problem, quadrature=rectangular(n_nodes, half_width))
        node_error = abs(finer.evaluate(parameters).loglik - outcome.at.loglik)
        accurate = node_error < LOGLIK_TOLERANCE
        if (accurate and outcome.converged) or n_nodes > MAX_NODES or passes >= max_passes:
            break
        if accurate:
            n_nodes, half_width = (n_nodes + 1) // 2, half_width - 2
            continue
        problem = finer
    if slopes == "free" and sign @ parameters[: patterns.n_items] < 0:  # theta and -theta fit alike
        parameters = np.concatenate([-parameters[: patterns.n_items], parameters[patterns.n_items :]])
    items = problem.unpack(parameters)
    sd = 1.0 if slopes == "free" else abs(float(items.slope[0]))
    return MarginalFit(
        problem,
        parameters,
        items,
        sd,
        outcome.at.loglik,
        passes,
        outcome.converged and node_error < LOGLIK_TOLERANCE,
        outcome.change,
        outcome.gradient_norm,
        node_error,
    )
