"""Scores: a measure for each response pattern, with its standard error.

EAP and MAP use a prior, Normal(mean, sd), which must be given: a standard normal taken for granted would move
people by whole logits. ML and WLE (Warm 1989) use none, and give no probability. ML has no finite value when
every answer is the lowest, or the highest, in the direction of its item: it is then -inf or +inf, never a
clamp and never NaN.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.models import Items, category_moments, on_standard_scale
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import posterior_means
from evenhand.measure.quadrature import panels
from evenhand.measure.responses import BoolArray, FloatArray

ScoreMethod = Literal["eap", "map", "wle", "ml"]

MAX_STEPS = 200
BLOCK = 8_192


@dataclass(frozen=True, slots=True)
class Scores:
    """A measure for each of P patterns.

    Attributes:
        theta: (P,) the measure; -inf or +inf where ML is infinite.
        se: (P,) its standard error (EAP: posterior SD; the others: one over the root of the information, for
            MAP with the prior's); inf where theta is infinite.
        p_at_least: (P,) P(theta >= threshold | answers), None without a threshold or a prior.
    """

    theta: FloatArray
    se: FloatArray
    p_at_least: FloatArray | None


def score_patterns(
    patterns: Patterns,
    items: Items,
    method: ScoreMethod,
    *,
    mean: float | None = None,
    sd: float | None = None,
    threshold: float | None = None,
) -> Scores:
    """Score P patterns.

    Args:
        patterns: the patterns.
        items: items on the metric of theta.
        method: `eap`, `map`, `wle` or `ml`.
        mean: mean of the prior; needed by eap and map, and for a probability.
        sd: SD of the prior, likewise.
        threshold: a point on theta's metric, for P(theta >= threshold).

    Raises:
        OptionError: eap, map or a threshold without a prior; a threshold with wle or ml.
    """
    if method in {"wle", "ml"}:
        if threshold is not None:
            raise OptionError(
                "score.no-probability",
                f"The method {method} gives no probability of lying above a threshold.",
                why="A probability needs a posterior, and a posterior a prior; ml and wle use none.",
                mend="Use --method eap, or leave out --threshold.",
            )
        theta, se = _likelihood_scores(patterns, items, method)
        return Scores(theta, se, None)
    if mean is None or sd is None:
        raise OptionError(
            "score.no-prior",
            f"The method {method} needs the mean and SD of the latent distribution.",
            why="A standard normal taken for granted would move people's measures by whole logits.",
            mend="Use --method wle, or a scale that records its latent distribution.",
        )
    if method == "map":
        theta, se = _likelihood_scores(patterns, items, method, mean, sd)
        above = None if threshold is None else _eap(patterns, items, mean, sd, threshold)[2]
        return Scores(theta, se, above)
    return Scores(*_eap(patterns, items, mean, sd, threshold))


def _eap(
    patterns: Patterns, items: Items, mean: float, sd: float, threshold: float | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    cut_at = None if threshold is None else (threshold - mean) / sd
    quadrature = panels(cut_at)
    z = quadrature.nodes
    functions = [z, z**2]
    if cut_at is not None:
        functions.append((z >= cut_at).astype(np.float64))
    found = posterior_means(patterns, on_standard_scale(items, mean, sd), quadrature, np.stack(functions))
    variance = np.maximum(found[:, 1] - found[:, 0] ** 2, 0.0)
    above = None if cut_at is None else np.clip(found[:, 2], 0.0, 1.0)
    return mean + sd * found[:, 0], sd * np.sqrt(variance), above


def extremes(patterns: Patterns, items: Items) -> tuple[BoolArray, BoolArray]:
    """(P,) whether all answers are the lowest, and whether all are the highest, in the items' directions."""
    top = np.isfinite(items.intercept).sum(axis=1) - 1
    answered = patterns.answered & (items.slope != 0)
    toward_high = np.where(items.slope > 0, patterns.codes, top - patterns.codes)
    lowest = (~answered | (toward_high == 0)).all(axis=1)
    highest = (~answered | (toward_high == top)).all(axis=1)
    return lowest, highest


def _likelihood_scores(
    patterns: Patterns, items: Items, method: ScoreMethod, mean: float = 0.0, sd: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    lowest, highest = extremes(patterns, items)
    theta, se = np.empty(patterns.n_patterns), np.empty(patterns.n_patterns)
    infinite = (lowest | highest) if method == "ml" else np.zeros(patterns.n_patterns, dtype=np.bool_)
    theta[infinite] = np.where(highest[infinite], np.inf, -np.inf)
    se[infinite] = np.inf
    chosen = np.flatnonzero(~infinite)
    for begin in range(0, len(chosen), BLOCK):
        own = chosen[begin : begin + BLOCK]
        answered = patterns.answered[own].astype(np.float64)
        t = np.where(patterns.codes[own] >= 0, patterns.codes[own], 0) @ items.slope
        theta[own], se[own] = _solve(t, answered, items, method, mean, sd)
    return theta, se


def _solve(
    t: FloatArray, answered: FloatArray, items: Items, method: ScoreMethod, mean: float, sd: float
) -> tuple[FloatArray, FloatArray]:
    """Roots of the estimating equation: Newton steps that stay inside a shrinking bracket, else its middle."""
    low, high = _bracket(t, answered, items, method, mean, sd)
    theta, information = (low + high) / 2, np.empty(len(t))
    active = np.arange(len(t))
    for _ in range(MAX_STEPS):
        now = theta[active]
        value, information[active] = _equation(now, t[active], answered[active], items, method, mean, sd)
        low[active] = np.where(value > 0, now, low[active])
        high[active] = np.where(value > 0, high[active], now)
        new = now + value / information[active]
        inside = (new >= low[active]) & (new <= high[active])
        theta[active] = np.where(inside, new, (low[active] + high[active]) / 2)
        active = active[np.abs(theta[active] - now) > 1e-9]
        if len(active) == 0:
            break
    return theta, 1 / np.sqrt(information)


def _equation(
    theta: FloatArray,
    t: FloatArray,
    answered: FloatArray,
    items: Items,
    method: ScoreMethod,
    mean: float,
    sd: float,
) -> tuple[FloatArray, FloatArray]:
    """The estimating function, decreasing through its root, and the information."""
    first, second, third = category_moments(items, theta)
    expected = ((items.slope[:, None] * first).T * answered).sum(axis=1)
    information = ((items.slope[:, None] ** 2 * second).T * answered).sum(axis=1)
    value = t - expected
    if method == "map":
        return value - (theta - mean) / sd**2, information + 1 / sd**2
    information = np.maximum(information, 1e-290)
    if method == "wle":
        slope_of_information = ((items.slope[:, None] ** 3 * third).T * answered).sum(axis=1)
        value = value + slope_of_information / (2 * information)
    return value, information


def _bracket(
    t: FloatArray, answered: FloatArray, items: Items, method: ScoreMethod, mean: float, sd: float
) -> tuple[FloatArray, FloatArray]:
    """A range of theta at whose ends the estimating function has opposite signs."""
    location = -items.intercept[:, 1] / np.where(items.slope == 0, 1.0, items.slope)
    centre = float(np.median(location))
    low, high = np.full(len(t), centre - 1.0), np.full(len(t), centre + 1.0)
    for end, sign in ((low, 1.0), (high, -1.0)):
        width = 1.0
        while width < 1e6:
            wrong = sign * _equation(end, t, answered, items, method, mean, sd)[0] < 0
            if not wrong.any():
                break
            width *= 2
            end[wrong] = centre - sign * width
    return low, high
