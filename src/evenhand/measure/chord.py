"""Newton steps with an information matrix that is computed once, on a sample of the patterns.

The cross-products of the scores of some thousand people tell the curvature of the log-likelihood of all of them
to a few per cent. Steps with that matrix shrink the distance to the maximum by that factor each time, where an EM
cycle shrinks it by a fifth. What is solved is still the exact score equation of all the people.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evenhand.measure.digits import cut
from evenhand.measure.gradients import cross_products
from evenhand.measure.patterns import Patterns
from evenhand.measure.problem import Problem, State
from evenhand.measure.quadrature import Quadrature, rectangular
from evenhand.measure.responses import FloatArray
from evenhand.measure.squarem import Outcome, squarem

SAMPLE = 10_000
"""People in the sample."""

WORTH = 3
"""Problems of fewer patterns than this many samples are solved without one."""

ASTRAY = 0.1
"""A gradient this large per unit of weight at the sample's maximum: it is not near everybody's (a category that
few chose is empty in the sample, say)."""

MAX_STEPS = 12
SAMPLE_TOLERANCE = 1e-3
"""The sample's maximum is a starting place; its own sampling error is larger than this."""


def settle(
    problem: Problem,
    vector: FloatArray,
    *,
    tolerance: float,
    gradient_tolerance: float = 1e-6,
    on_pass: Callable[[int, float], None] | None = None,
) -> Outcome[State] | None:
    """Maximise by a sample's maximum and chord steps.

    Graded items, whose passes cost in proportion to the nodes, take their first steps on half of them.

    Args:
        problem: what to maximise.
        vector: where to start.
        tolerance: largest Newton step, in any parameter, at convergence.
        gradient_tolerance: largest gradient element per unit of weight at convergence.
        on_pass: called with the number of passes and the log-likelihood.

    Returns:
        The outcome, converged or as far as the steps helped; None where a sample saves nothing or led astray.
    """
    if not is_large(problem):
        return None
    graded = bool(problem.start.is_graded.any())
    near = replace(problem, quadrature=_half(problem.quadrature)) if graded else problem
    part = sample(near)
    start = squarem(
        part.evaluate, part.improve, vector, weight=part.weight, tolerance=SAMPLE_TOLERANCE, max_passes=200
    ).parameters
    try:
        inverse = np.asarray(
            np.linalg.inv(cross_products(part, start) * (problem.weight / part.weight)), dtype=np.float64
        )
    except np.linalg.LinAlgError:
        return None
    if not graded:
        return _steps(problem, start, inverse, (tolerance, gradient_tolerance), 0, on_pass)
    rough = _steps(near, start, inverse, (SAMPLE_TOLERANCE, np.inf), 0, on_pass)
    if rough is None:
        return None
    return _steps(problem, rough.parameters, inverse, (tolerance, gradient_tolerance), rough.passes, on_pass)


def is_large(problem: Problem) -> bool:
    """Whether there are so many patterns that a sample of the people saves work."""
    return sum(patterns.n_patterns for patterns in problem.groups) >= WORTH * SAMPLE


def _half(quadrature: Quadrature) -> Quadrature:
    return rectangular((len(quadrature.nodes) + 1) // 2, float(quadrature.nodes[-1]))


def sample(problem: Problem) -> Problem:
    """About `SAMPLE` people, every k-th in the order of the patterns, which are sorted by their answers."""
    every = max(1.0, sum(float(patterns.n.sum()) for patterns in problem.groups) / SAMPLE)
    groups = tuple(_thin(patterns, every) for patterns in problem.groups)
    return replace(problem, groups=groups, digits=tuple(cut(patterns) for patterns in groups))


def _thin(patterns: Patterns, every: float) -> Patterns:
    count = np.diff(np.floor(np.cumsum(patterns.n) / every + 0.5), prepend=0.0)
    share = np.where(patterns.n > 0, count / np.maximum(patterns.n, 1e-300), 0.0)
    thinned = replace(patterns, n=count, w=patterns.w * share, w2=patterns.w2 * share, rows=None, clusters=None)
    return thinned.take(count > 0)


def _steps(
    problem: Problem,
    vector: FloatArray,
    inverse: FloatArray,
    tolerances: tuple[float, float],
    passes: int,
    on_pass: Callable[[int, float], None] | None,
) -> Outcome[State] | None:
    at, first = problem.evaluate(vector), passes + 1
    passes += 1
    while True:
        step = inverse @ at.gradient
        change = float(np.abs(step).max())
        norm = float(np.abs(at.gradient).max()) / problem.weight
        converged = change < tolerances[0] and norm < tolerances[1]
        if on_pass is not None:
            on_pass(passes, at.loglik)
        if passes == first and not norm < ASTRAY:
            return None
        if converged or passes > first + MAX_STEPS:
            return Outcome(vector, at, passes, converged, change, norm)
        new = problem.evaluate(vector + step)
        passes += 1
        if not new.loglik >= at.loglik - 1e-9 * abs(at.loglik):
            return Outcome(vector, at, passes, False, change, norm)
        vector, at = vector + step, new
