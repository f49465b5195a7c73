"""SQUAREM: squared extrapolation of a fixed-point iteration (Varadhan & Roland 2008, scheme S3).

The maximiser's log-likelihood guards every extrapolation: one that lowers it is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from evenhand.measure.responses import FloatArray

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Pass(Generic[State]):
    """One evaluation at a parameter vector.

    Attributes:
        loglik: log-likelihood there.
        gradient: its gradient.
        state: what the maximisation step needs.
    """

    loglik: float
    gradient: FloatArray
    state: State


@dataclass(frozen=True, slots=True)
class Outcome(Generic[State]):
    """Where the iteration ended.

    Attributes:
        parameters: the parameter vector.
        at: the evaluation there.
        passes: evaluations done.
        converged: whether both the step and the gradient fell below their tolerances.
        change: largest parameter change of the last step.
        gradient_norm: largest absolute element of the gradient divided by the total weight.
    """

    parameters: FloatArray
    at: Pass[State]
    passes: int
    converged: bool
    change: float
    gradient_norm: float


def squarem(
    evaluate: Callable[[FloatArray], Pass[State]],
    improve: Callable[[FloatArray, State], FloatArray],
    start: FloatArray,
    *,
    weight: float,
    tolerance: float = 1e-6,
    gradient_tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: Callable[[int, float], None] | None = None,
) -> Outcome[State]:
    """Iterate to a fixed point of `improve`.

    Args:
        evaluate: log-likelihood, gradient and state at a parameter vector.
        improve: the maximisation step from a parameter vector and its state.
        start: first parameter vector.
        weight: total weight, by which the gradient is divided before it is compared.
        tolerance: largest change of a parameter at convergence.
        gradient_tolerance: largest gradient element per unit of weight at convergence.
        max_passes: evaluations allowed.
        on_pass: called with the number of passes and the log-likelihood after each.

    Example:
        >>> found = squarem(lambda x: Pass(float(-(x[0] - 3) ** 2), 2 * (3 - x), None), lambda x, _: (x + 3) / 2,
        ...     np.array([0.0]), weight=1.0)
        >>> found.parameters.round(4), found.converged
        (array([3.]), True)
    """
    passes = 0

    def look(parameters: FloatArray) -> Pass[State]:
        nonlocal passes
        passes += 1
        result = evaluate(parameters)
        if on_pass is not None:
            on_pass(passes, result.loglik)
        return result

    x0, at0 = start, look(start)
    while True:
        x1 = improve(x0, at0.state)
        change = float(np.abs(x1 - x0).max())
        gradient_norm = float(np.abs(at0.gradient).max()) / weight
        converged = change < tolerance and gradient_norm < gradient_tolerance
        if converged or passes >= max_passes:
            return Outcome(x0, at0, passes, converged, change, gradient_norm)
        at1 = look(x1)
        x2 = improve(x1, at1.state)
        x3 = _extrapolate(x0, x1, x2)
        at3 = look(x3)
        if not at3.loglik >= at1.loglik:
            x3, at3 = x2, look(x2)
        x0, at0 = x3, at3


def _extrapolate(x0: FloatArray, x1: FloatArray, x2: FloatArray) -> FloatArray:
    first = x1 - x0
    second = (x2 - x1) - first
    curvature = float(np.linalg.norm(second))
    if curvature == 0:
        return x2
    length = max(1.0, float(np.linalg.norm(first)) / curvature)
    out: FloatArray = x0 + 2 * length * first + length**2 * second
    return out
