"""Marginal maximum likelihood (Bock & Aitkin 1981).

Nodes always sit on the scale of the current latent distribution; a Rasch scale with free SD is the model in which
all slopes on a standard normal are the SD. Large problems start from a systematic sample of their patterns, whose
information then serves for Newton steps on all of them; small ones, and any that those steps do not settle, are
solved by accelerated EM cycles. After the fit the number of nodes is doubled and their range widened until the
log-likelihood stands still.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evenhand.measure.chord import is_large, sample, settle
from evenhand.measure.models import Items
from evenhand.measure.mstep import Free
from evenhand.measure.patterns import Patterns
from evenhand.measure.problem import Latents, Problem, build, fixed, standard
from evenhand.measure.quadrature import DEFAULT_HALF_WIDTH, DEFAULT_NODES, rectangular
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.measure.squarem import Outcome, squarem
from evenhand.measure.starts import starting_items

Slopes = Literal["free", "shared"] | BoolArray
OnPass = Callable[[int, float], None]

LOGLIK_TOLERANCE = 1e-4
"""Doubling the nodes and widening their range may move the log-likelihood by no more than this."""

STAGE_PASSES = 60
"""Passes on one set of nodes. A slope that grows on coarse nodes is chasing a gap between two of them, so the
nodes are refined before it has gone far."""

MAX_NODES = 2_000
"""Refinement ends here: slopes that need more describe a step, not a curve, and are reported as such."""


@dataclass(frozen=True, slots=True)
class MarginalFit:
    """A maximum of the marginal likelihood.

    Attributes:
        problem: what was maximised, with the nodes it ended on.
        parameters: where the maximum is.
        items: the items there, on the metric of the first group's latent distribution.
        latents: the latent distributions.
        sd: the first group's latent SD on the metric of the scale file (shared slopes being 1).
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
    latents: Latents
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
    graded: BoolArray | None = None,
    fixed_sd: float | None = None,
    tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: OnPass | None = None,
) -> MarginalFit:
    """Maximise the marginal likelihood of P patterns on J items, all their parameters free.

    Args:
        patterns: the data; no item may be constant, no category empty.
        slopes: `shared` (Rasch, partial credit: a_j = sign_j, free SD), `free` (SD 1), or (J,) which items share.
        sign: (J,) which way each item points; all +1 when left out. With free slopes it orients theta.
        graded: (J,) items of the graded model; the others are divide-by-total.
        fixed_sd: with shared slopes, the SD when it is not to be estimated.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.
    """
    sign = np.ones(patterns.n_items) if sign is None else sign
    problem = _ordinary(patterns, slopes, sign, graded, fixed_sd)
    return fit_problem(problem, tolerance=tolerance, max_passes=max_passes, on_pass=on_pass)


def _ordinary(
    patterns: Patterns, slopes: Slopes, sign: FloatArray, graded: BoolArray | None, fixed_sd: float | None
) -> Problem:
    shared = slopes if isinstance(slopes, np.ndarray) else np.full(patterns.n_items, slopes == "shared")
    width = int(patterns.categories.max()) - 1
    steps = np.arange(1, width + 1) < patterns.categories[:, None]
    common = shared if fixed_sd is None else np.zeros(patterns.n_items, dtype=np.bool_)
    free = Free(~shared, common, sign, steps)
    blank = Items(sign, np.zeros((patterns.n_items, width + 1)))
    problem = build((patterns,), blank, free, standard(), rectangular(DEFAULT_NODES, DEFAULT_HALF_WIDTH))
    start = starting_items(patterns, problem.digits[0], sign, graded)
    if not shared.any():
        return replace(problem, start=start)
    sd = 1.0 if fixed_sd is not None else float(np.clip(np.abs(start.slope[shared]).mean(), 0.3, 5.0))
    latents = standard() if fixed_sd is None else fixed(np.zeros(1), np.array([fixed_sd]))
    slope = np.where(shared, sign * sd, start.slope)
    return replace(problem, start=Items(slope, start.intercept, start.graded), latents=latents)


def fit_anchored(
    patterns: Patterns,
    *,
    known: Items,
    fixed_items: BoolArray,
    unit_slopes: BoolArray,
    sign: FloatArray,
    tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: OnPass | None = None,
) -> MarginalFit:
    """Maximise the marginal likelihood with some items known; the others and the latent mean and SD are free.

    Args:
        patterns: the data.
        known: parameters of the known items on their metric; those of the others are not used but for `graded`.
        fixed_items: (J,) which items are known.
        unit_slopes: (J,) items that are not known and have the known items' mean absolute slope (Rasch, partial
            credit); the others' slopes are free.
        sign: (J,) +1 or -1, the direction of each item.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.
    """
    problem = _ordinary(patterns, ~fixed_items & unit_slopes, sign, known.graded, None)
    unit = float(np.abs(known.slope[fixed_items]).mean())
    open_items = ~fixed_items[:, None]
    slope = np.where(fixed_items, known.slope, np.where(unit_slopes, sign * unit, problem.start.slope))
    intercept = np.where(open_items, problem.start.intercept, known.intercept)
    steps = problem.free.intercept & open_items
    none = np.zeros(patterns.n_items, dtype=np.bool_)
    free = Free(~fixed_items & ~unit_slopes, none, sign, steps)
    one = np.ones(1, dtype=np.bool_)
    latents = Latents(np.zeros(1), np.ones(1), one, one)
    problem = replace(problem, start=Items(slope, intercept, known.graded), free=free, latents=latents)
    return fit_problem(problem, tolerance=tolerance, max_passes=max_passes, on_pass=on_pass)


def fit_groups(
    groups: tuple[Patterns, ...],
    *,
    slopes: Slopes,
    sign: FloatArray | None = None,
    graded: BoolArray | None = None,
    tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: OnPass | None = None,
) -> MarginalFit:
    """Maximise the marginal likelihood of several groups that share every item parameter.

    The first group is standard normal (its SD is the unit where slopes are shared); means and SDs of the others
    are free. Items that should differ between groups are given as one column a group, missing for the others.

    Args:
        groups: patterns of each group on the same J items.
        slopes: as in `fit_marginal`.
        sign: (J,) which way each item points.
        graded: (J,) items of the graded model.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.
    """
    sign = np.ones(groups[0].n_items) if sign is None else sign
    first = _ordinary(groups[0], slopes, sign, graded, None)
    problem = build(groups, first.start, first.free, standard(len(groups)), first.quadrature)
    return fit_problem(problem, tolerance=tolerance, max_passes=max_passes, on_pass=on_pass)


def fit_problem(
    problem: Problem, *, tolerance: float = 1e-6, max_passes: int = 2_000, on_pass: OnPass | None = None
) -> MarginalFit:
    """Maximise a problem from where it starts, refining the nodes until they do not matter.

    Args:
        problem: the data and the free parameters.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.
    """
    vector, passes = problem.pack(problem.start, problem.latents), 0
    n_nodes, half_width = len(problem.quadrature.nodes), float(problem.quadrature.nodes[-1])
    while True:
        outcome = _maximise(problem, vector, tolerance, min(STAGE_PASSES, max_passes - passes), on_pass)
        passes += outcome.passes
        vector = outcome.parameters
        finer = replace(problem, quadrature=rectangular(2 * n_nodes - 1, half_width + 2))
        node_error = _node_error(problem, finer, vector, outcome.at.loglik)
        accurate = node_error < LOGLIK_TOLERANCE
        if (accurate and outcome.converged) or passes >= max_passes or len(finer.quadrature.nodes) > MAX_NODES:
            break
        if not accurate:
            problem, n_nodes, half_width = finer, 2 * n_nodes - 1, half_width + 2
    vector = _oriented(problem, vector)
    items, latents = problem.unpack(vector)
    return MarginalFit(
        problem,
        vector,
        items,
        latents,
        float(latents.sd[0]) * (float(vector[0]) if problem.free.shared.any() else 1.0),
        outcome.at.loglik,
        passes,
        outcome.converged and accurate,
        outcome.change,
        outcome.gradient_norm,
        node_error,
    )


def _node_error(problem: Problem, finer: Problem, vector: FloatArray, loglik: float) -> float:
    """Change of the log-likelihood with finer nodes; of a large problem, from a sample of its people."""
    if not is_large(problem):
        return abs(finer.evaluate(vector).loglik - loglik)
    some = sample(problem)
    change = replace(some, quadrature=finer.quadrature).evaluate(vector).loglik - some.evaluate(vector).loglik
    return abs(change) * problem.weight / some.weight


def _maximise(
    problem: Problem, vector: FloatArray, tolerance: float, max_passes: int, on_pass: OnPass | None
) -> Outcome:  # type: ignore[type-arg] # the state is the problem's own affair
    settled = settle(problem, vector, tolerance=tolerance, on_pass=on_pass)
    if settled is not None and settled.converged:
        return settled
    before = 0 if settled is None else settled.passes
    outcome = squarem(
        problem.evaluate,
        problem.improve,
        vector if settled is None else settled.parameters,
        weight=problem.weight,
        tolerance=tolerance,
        max_passes=max_passes,
        on_pass=on_pass,
    )
    return replace(outcome, passes=before + outcome.passes)


def _oriented(problem: Problem, vector: FloatArray) -> FloatArray:
    """Theta and -theta fit alike when every slope is free: turn it so that the items point where they should."""
    free = problem.free
    if not free.slope.all() or problem.latents.mean_free.any() or problem.start.is_graded.any():
        return vector
    n_slopes = len(free.slope)
    if free.sign @ vector[:n_slopes] >= 0:
        return vector
    return np.concatenate([-vector[:n_slopes], vector[n_slopes:]])
