"""Scores: a measure for each response pattern, with its standard error.

EAP and MAP use a prior, Normal(mean, sd), which must be given: a standard normal taken for granted would move
people by whole logits. ML and WLE (Warm 1989) use none, and give no probability. ML has no finite value when
every answer is the lowest, or the highest, in the direction of its item: it is then -inf or +inf, never a
clamp and never NaN.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.models import SMALLEST, Items, category_moments, derivatives, on_standard_scale
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import posterior_means
from evenhand.measure.quadrature import panels
from evenhand.measure.responses import BoolArray, CodeArray, FloatArray, IntArray

ScoreMethod = Literal["eap", "map", "wle", "ml"]

METHODS: tuple[ScoreMethod, ...] = ("eap", "map", "wle", "ml")
NARROWEST, WIDEST = 0.01, 0.25
"""Width of a quadrature panel, in SDs of the prior."""

MAX_STEPS = 200
BLOCK = 8_192


@dataclass(frozen=True, slots=True)
class Scores:
    """A measure for each of P patterns.

    Attributes:
        theta: (P,) the measure; -inf or +inf where ML is infinite.
        se: (P,) its standard error (EAP: posterior SD; the others: one over the root of the information, observed
            for MAP, with the prior's, and ML, expected for WLE); inf where theta is infinite.
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
        OptionError: another method; eap, map or a threshold without a prior; a threshold with wle or ml; items
            of a joint model.
    """
    if not isinstance(items, Items):
        raise OptionError(
            "score.joint-items",
            f"No score is computed from {type(items).__name__}.",
            why="Items of a joint model have seen the other component's answers: they are for reports only.",
            mend="Calibrate the component by itself and use its items.",
        )
    if method not in METHODS:
        raise OptionError(
            "options.unknown-value",
            f"The kind of score cannot be {method!r}.",
            where="--method",
            why=f"It is one of: {', '.join(METHODS)}.",
            mend="Use --method eap.",
        )
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
    standard = on_standard_scale(items, mean, sd)
    # the posterior changes over about one over the steepest slope
    width = float(np.clip(4 / np.abs(standard.slope).max(), NARROWEST, WIDEST))
    quadrature = panels(cut_at, width=width)
    z = quadrature.nodes
    functions = [z, z**2]
    if cut_at is not None:
        functions.append((z >= cut_at).astype(np.float64))
    found = posterior_means(patterns, standard, quadrature, np.stack(functions))
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


@dataclass(frozen=True, slots=True)
class _Equation:
    """The estimating equation of a block of patterns: its root in theta is the score.

    Attributes:
        codes: (B, J) category codes.
        t: (B,) slope-weighted scores of the divide-by-total items.
        items: all items.
        method: `map`, `wle` or `ml`.
        mean: mean of the prior (map).
        sd: SD of the prior (map).
    """

    codes: CodeArray
    t: FloatArray
    items: Items
    method: ScoreMethod
    mean: float
    sd: float

    def take(self, chosen: IntArray) -> "_Equation":
        return replace(self, codes=self.codes[chosen], t=self.t[chosen])

    def at(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The estimating function (B,), falling through its root, and the information (B,)."""
        value, information, bias = self._divided(theta)
        graded = self.items.is_graded
        if graded.any():
            more = self._graded(theta, graded)
            value, information, bias = value + more[0], information + more[1], bias + more[2]
        if self.method == "map":
            return value - (theta - self.mean) / self.sd**2, information + 1 / self.sd**2
        information = np.maximum(information, SMALLEST)
        return (value + bias / (2 * information) if self.method == "wle" else value), information

    def curvature(self, theta: FloatArray) -> FloatArray:
        """(B,) information at the root: observed for ml and map, expected for wle (Warm 1989).

        The two differ for graded items only.
        """
        _, expected = self.at(theta)
        graded = self.items.is_graded
        if self.method == "wle" or not graded.any():
            return expected
        p, first, second = derivatives(self.items.take(graded), theta)
        p = np.maximum(p, SMALLEST)
        codes = self.codes[:, graded]
        chosen = np.maximum(codes, 0).T[:, None, :].astype(np.intp)
        bend = np.take_along_axis((first / p) ** 2 - second / p, chosen, axis=1)[:, 0, :]
        observed = np.where((codes >= 0).T, bend, 0.0).sum(axis=0)
        out: FloatArray = expected - self._graded(theta, graded)[1] + observed
        return out

    def _divided(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        own = ~self.items.is_graded
        items = self.items.take(own) if not own.all() else self.items
        answered = (self.codes[:, own] >= 0).astype(np.float64)
        first, second, third = category_moments(items, theta)
        a = items.slope[:, None]
        expected, information, bias = (
            np.einsum("jb,bj->b", part, answered) for part in (a * first, a**2 * second, a**3 * third)
        )
        return self.t - expected, information, bias

    def _graded(self, theta: FloatArray, graded: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        codes = self.codes[:, graded]
        answered = (codes >= 0).T
        p, first, second = derivatives(self.items.take(graded), theta)
        p = np.maximum(p, SMALLEST)
        chosen = np.maximum(codes, 0).T[:, None, :].astype(np.intp)
        value = np.take_along_axis(first / p, chosen, axis=1)[:, 0, :]
        information = (first**2 / p).sum(axis=1)
        bias = (first * second / p).sum(axis=1)
        value, information, bias = (
            np.where(answered, part, 0.0).sum(axis=0) for part in (value, information, bias)
        )
        return value, information, bias


def _likelihood_scores(
    patterns: Patterns, items: Items, method: ScoreMethod, mean: float = 0.0, sd: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    lowest, highest = extremes(patterns, items)
    theta, se = np.empty(patterns.n_patterns), np.empty(patterns.n_patterns)
    infinite = (lowest | highest) if method == "ml" else np.zeros(patterns.n_patterns, dtype=np.bool_)
    theta[infinite] = np.where(highest[infinite], np.inf, -np.inf)
    se[infinite] = np.inf
    chosen = np.flatnonzero(~infinite)
    slope = np.where(items.is_graded, 0.0, items.slope)
    for begin in range(0, len(chosen), BLOCK):
        own = chosen[begin : begin + BLOCK]
        codes = patterns.codes[own]
        equation = _Equation(codes, np.maximum(codes, 0) @ slope, items, method, mean, sd)
        theta[own], se[own] = _solve(equation)
    return theta, se


def _solve(equation: _Equation) -> tuple[FloatArray, FloatArray]:
    """Roots of the estimating equation: Newton steps that stay inside a shrinking bracket, else its middle."""
    low, high = _bracket(equation)
    theta, information = (low + high) / 2, np.empty(len(low))
    active, before = np.arange(len(low)), high - low
    for _ in range(MAX_STEPS):
        now = theta[active]
        value, information[active] = equation.take(active).at(now)
        low[active] = np.where(value > 0, now, low[active])
        high[active] = np.where(value > 0, high[active], now)
        new = now + value / information[active]
        # a step is Newton's only while steps keep halving; the bracket's middle always gets there
        inside = (new >= low[active]) & (new <= high[active]) & (np.abs(new - now) <= before[active] / 2)
        theta[active] = np.where(inside, new, (low[active] + high[active]) / 2)
        before[active] = np.abs(theta[active] - now)
        active = active[np.abs(theta[active] - now) > 1e-9]
        if len(active) == 0:
            break
    return theta, 1 / np.sqrt(equation.curvature(theta))


def _bracket(equation: _Equation) -> tuple[FloatArray, FloatArray]:
    """A range of theta at whose ends the estimating function has opposite signs."""
    items = equation.items
    location = -items.intercept[:, 1] / np.where(items.slope == 0, 1.0, items.slope)
    centre, n = float(np.median(location)), len(equation.t)
    low, high = np.full(n, centre - 1.0), np.full(n, centre + 1.0)
    for end, sign in ((low, 1.0), (high, -1.0)):
        width = 1.0
        while width < 1e6:
            wrong = sign * equation.at(end)[0] < 0
            if not wrong.any():
                break
            width *= 2
            end[wrong] = centre - sign * width
    return low, high
