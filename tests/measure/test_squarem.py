"""Squared extrapolation on iterations whose fixed point is known: 0."""

from collections.abc import Callable

import numpy as np
import pytest

from evenhand.measure import squarem as module
from evenhand.measure.responses import FloatArray
from evenhand.measure.squarem import Outcome, Pass, squarem

START = np.array([8.0, -3.0])
RATE = np.array([0.9, 0.98])


def evaluate(x: FloatArray) -> Pass[None]:
    return Pass(-float(x @ x), -2 * x, None)


def linear(x: FloatArray, _: None) -> FloatArray:
    return RATE * x


def crawl(x: FloatArray, _: None) -> FloatArray:
    """Steps of about one length, in turning directions: nothing to extrapolate."""
    return x - 1e-3 * np.sin(1e3 * x + 1) - 1e-4 * x


def run(improve: Callable[[FloatArray, None], FloatArray], max_passes: int = 2_000) -> Outcome[None]:
    return squarem(evaluate, improve, START, weight=1.0, max_passes=max_passes)


def test_a_slow_iteration_is_taken_to_its_end_in_a_fraction_of_its_steps() -> None:
    found = run(linear)
    assert found.converged
    # a change below 1e-6 at rate .98 is a distance below 5e-5; the gradient is twice the distance
    np.testing.assert_allclose(found.parameters, 0, rtol=0, atol=5e-7)
    assert found.change < 1e-6
    assert found.gradient_norm < 1e-6
    assert found.passes < 100  # alone it would take 800


def test_an_extrapolation_that_lowers_the_likelihood_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_extrapolate", lambda *_: np.full(2, 1e6))
    found = run(lambda x, _: 0.3 * x)
    assert found.converged
    np.testing.assert_allclose(found.parameters, 0, rtol=0, atol=5e-7)


def test_a_small_step_with_a_large_gradient_is_not_convergence() -> None:
    found = run(lambda x, _: x - 1e-9, max_passes=20)
    assert found.change < 1e-6
    assert not found.converged


def test_passes_are_counted_told_and_limited() -> None:
    told: list[int] = []
    found = squarem(
        evaluate, crawl, START, weight=1.0, max_passes=10, on_pass=lambda passes, _: told.append(passes)
    )
    assert told == list(range(1, found.passes + 1))
    assert 10 <= found.passes <= 13  # a cycle of up to three is finished
    assert not found.converged
