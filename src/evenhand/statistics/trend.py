"""Trends and alerts, from released figures only.

1. **CUSUM that knows the noise.** The first twelve known months are the baseline. Each later month becomes
   z = (x - baseline) / sqrt(se^2 + se of baseline^2); the sums S = max(0, S +- z - 0.5) alarm above 5 (Page 1954).
2. **Confirmation.** In every month of alarm a step since the month after S last was 0 is fitted by weighted least
   squares; the one most errors high counts, so that a real change confirms itself and a chance one fades.
3. **The probability of a false alarm**: how often a series with the same standard errors and no change alarms and
   shows a step at least as many errors high. It is simulated, counts the search for the month, and is a p-value.
   No alert has it above 4 %, so that about 4 % of the series without a change ever look changed.
4. **Many districts at once**: Benjamini & Hochberg (1995) keep the expected share of false alerts to 10 %.

Season is not modelled: the baseline is a whole year, and a month that is bad every year can still alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.errors import StatisticsError
from evenhand.measure.responses import BoolArray, FloatArray, IntArray

SLACK = 0.5
LIMIT = 5.0
BASELINE = 12
MOST_FALSE = 0.04
"""Largest probability of a false alarm at which a series alerts."""

SHARE_FALSE = 0.10
"""Expected share of false ones among the alerts of all districts."""

SIMULATED = 10_000

HORIZON = 36
"""Months over which a series is looked at, month after month: the 4 % hold over all those looks together."""


@dataclass(frozen=True, slots=True)
class Series:
    """Monthly values of an area.

    Attributes:
        area: its key.
        periods: (N,) names of the months.
        value: (N,) values, NaN where nothing is known.
        se: (N,) standard errors, privacy noise included; inf where nothing is known.
    """

    area: str
    periods: tuple[str, ...]
    value: FloatArray
    se: FloatArray


@dataclass(frozen=True, slots=True)
class Alert:
    """A change that stands out.

    Attributes:
        area: the area.
        at: month of the alarm.
        since: first month of the estimated change.
        change: estimated step, in the series' unit.
        se: its standard error.
        p_false: probability that a series like this one without any change gives such an alert.
    """

    area: str
    at: str
    since: str
    change: float
    se: float
    p_false: float


@dataclass(frozen=True, slots=True)
class Alarms:
    """Alarms of M series: (M,) whether, month, first month of the change, step, its error."""

    found: BoolArray
    at: IntArray
    since: IntArray
    step: FloatArray
    se: FloatArray


def alerts(
    series: Sequence[Series], *, horizon: int = HORIZON, seed: int = 0, simulated: int = SIMULATED
) -> tuple[Alert, ...]:
    """The alerts among several areas' series, over all of which false ones are controlled.

    Args:
        series: one for each area; one with 12 known months or fewer gives no alert.
        horizon: months, from the first, over which the series will be looked at.
        seed: of the simulation behind the probabilities.
        simulated: simulated series for each alarm.

    Raises:
        StatisticsError: a series whose parts differ in length.
    """
    found = [each for each in (_alarm(one, horizon, seed, simulated) for one in series) if each is not None]
    kept = _discoveries([each.p_false for each in found], len(series))
    return tuple(each for each, keep in zip(found, kept, strict=True) if keep)


def alarm_probability(se: FloatArray, *, seed: int = 0, simulated: int = SIMULATED) -> float:
    """How often a series with these standard errors and no change raises a bare CUSUM alarm.

    Args:
        se: (N,) standard errors of the known months, N > 12.
        seed: of the simulation.
        simulated: number of series.
    """
    return float(strongest_alarms(null_series(se, seed, simulated), se).found.mean())


def _alarm(one: Series, horizon: int, seed: int, simulated: int) -> Alert | None:
    if not len(one.value) == len(one.se) == len(one.periods):
        raise StatisticsError(
            "statistics.series",
            f"The series of {one.area} has {len(one.periods)} months, {len(one.value)} values and {len(one.se)} "
            "errors.",
            mend="Give one of each for every month.",
        )
    known = np.flatnonzero(np.isfinite(one.value) & np.isfinite(one.se) & (one.se > 0))
    if len(known) <= BASELINE:
        return None
    value, se = one.value[known], one.se[known]
    own = strongest_alarms(value[None, :], se)
    if not own.found[0]:
        return None
    # months to come are taken to be as noisy as the median month
    errors = np.concatenate([se, np.full(max(0, horizon - len(se)), np.median(se))])
    p_false = _p_false(own, errors, seed, simulated)
    if p_false > MOST_FALSE:
        return None
    at, since = known[own.at[0]], known[own.since[0]]
    return Alert(one.area, one.periods[at], one.periods[since], float(own.step[0]), float(own.se[0]), p_false)


def _p_false(own: Alarms, se: FloatArray, seed: int, simulated: int) -> float:
    null = strongest_alarms(null_series(se, seed, simulated), se)
    at_least = int((null.found & (np.abs(null.step) >= abs(own.step[0] / own.se[0]) * null.se)).sum())
    return (1 + at_least) / (1 + simulated)


def null_series(se: FloatArray, seed: int, simulated: int) -> FloatArray:
    """(simulated, N) series without any change, of standard errors (N,)."""
    out: FloatArray = np.random.default_rng(seed).standard_normal((simulated, len(se))) * se
    return out


def strongest_alarms(values: FloatArray, se: FloatArray) -> Alarms:
    """The strongest alarm of each of M series (M, N) that share their standard errors (N,), N > 12."""
    m, n = values.shape
    weights = 1 / se**2
    of_base = float(weights[:BASELINE].sum())
    base = values[:, :BASELINE] @ weights[:BASELINE] / of_base
    z = (values - base[:, None]) / np.sqrt(se**2 + 1 / of_base)
    mass = np.concatenate([[0.0], np.cumsum(weights)])
    sums_of = np.hstack([np.zeros((m, 1)), np.cumsum(weights * (values - base[:, None]), axis=1)])
    rows = np.arange(m)
    sums, starts, alarmed = np.zeros((m, 2)), np.full((m, 2), BASELINE), np.full((m, 2), n)
    whole, real = (np.zeros((2, m), dtype=kind) for kind in (np.int64, np.float64))
    best = Alarms(np.zeros(m, dtype=np.bool_), whole[0], whole[1], real[0], real[1])
    for month in range(BASELINE, n):
        sums = np.maximum(0.0, sums + np.stack([z[:, month], -z[:, month]], axis=1) - SLACK)
        starts = np.where(sums == 0, month + 1, starts)
        alarmed = np.where(sums > LIMIT, np.minimum(alarmed, month), np.where(sums == 0, n, alarmed))
        side = sums.argmax(axis=1)
        since = starts[rows, side]
        held = np.where(since <= month, mass[month + 1] - mass[np.minimum(since, month)], np.inf)
        step = (sums_of[:, month + 1] - sums_of[rows, np.minimum(since, month)]) / held
        error = np.sqrt(1 / held + 1 / of_base)
        better = (sums.max(axis=1) > LIMIT) & (~best.found | (np.abs(step) * best.se > np.abs(best.step) * error))
        for kept, new in zip(
            (best.found, best.at, best.since, best.step, best.se),
            (better, alarmed[rows, side], since, step, error),
            strict=True,
        ):
            kept[better] = new[better]
    return best


def _discoveries(p_values: Sequence[float], total: int) -> list[bool]:
    """Which are kept by Benjamini & Hochberg among `total` series; those without an alarm have p = 1."""
    order = np.argsort(p_values)
    passed = 0
    for rank, index in enumerate(order, start=1):
        if p_values[index] <= SHARE_FALSE * rank / total:
            passed = rank
    kept = set(order[:passed].tolist())
    return [index in kept for index in range(len(p_values))]
