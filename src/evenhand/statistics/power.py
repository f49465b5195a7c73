"""What the declared budget lets anybody see: the error of a monthly mean, and the power of the alerts.

The error of an area's latent mean in one month follows from the Fisher information of its noisy histogram, with
the counts taken as normal: y ~ N(lambda p(mean, sd), diag(lambda p + noise variance)), (mean, log sd, log
lambda) all unknown, no prior. The power is that of a step in need that is otherwise steady: where need moves
from month to month by itself, less is seen.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import StatisticsError
from evenhand.measure.responses import FloatArray
from evenhand.statistics.area import AreaModel
from evenhand.statistics.trend import BASELINE, MOST_FALSE, null_series, strongest_alarms

DIFFERENCE = 1e-4
SIMULATED = 4_000


@dataclass(frozen=True, slots=True)
class Power:
    """Power of the alerts for one area.

    Attributes:
        change: step in the mean, on theta's metric.
        se: standard error of one month's mean.
        months: after how many months.
        power: probability of an alert of that area by itself within them, after a baseline of twelve.
        false: probability of one without any change, over the whole horizon at most 4 %.
    """

    change: float
    se: float
    months: int
    power: float
    false: float


def monthly_error(model: AreaModel, people: float, variance: float) -> float:
    """Standard error of an average area's latent mean from one month.

    Args:
        model: of the programme.
        people: expected number of people with all answers, > 0.
        variance: of the noise of each class.

    Raises:
        StatisticsError: no people, or a negative variance.
    """
    if not people > 0 or not variance >= 0:
        raise StatisticsError(
            "statistics.power",
            "Power needs people and the variance of the noise.",
            mend="Give an expected number of people above 0 and a variance of 0 or more.",
        )
    at = np.array([model.mean, np.log(model.sd), np.log(people)])
    slopes = np.stack([_slope(model, at, index) for index in range(3)])
    weights = 1 / np.maximum(_expected(model, at) + variance, 1e-12)
    return float(np.sqrt(np.linalg.inv(slopes * weights @ slopes.T)[0, 0]))


def power(se: float, change: float, *, months: tuple[int, ...] = (12, 24), seed: int = 0) -> tuple[Power, ...]:
    """Power to see a step of `change` within so many months after a year's baseline.

    Args:
        se: standard error of one month's value.
        change: size of the step, same unit.
        months: after how many months it is looked at; the longest is the horizon of the alerts.
        seed: of the simulation.
    """
    errors = np.full(BASELINE + max(months), se)
    null = null_series(errors, seed, SIMULATED)
    needed = float(np.quantile(_errors_high(null, errors), 1 - MOST_FALSE, method="higher"))
    moved = null_series(errors, seed + 1, SIMULATED)
    moved[:, BASELINE:] += change
    out = []
    for n in months:
        within = slice(0, BASELINE + n)
        held, false = (float((_errors_high(x[:, within], errors[within]) > needed).mean()) for x in (moved, null))
        out.append(Power(change, se, n, held, false))
    return tuple(out)


def _errors_high(values: FloatArray, se: FloatArray) -> FloatArray:
    """(M,) size of each series' step in its errors, -inf without an alarm."""
    found = strongest_alarms(values, se)
    out: FloatArray = np.where(found.found, np.abs(found.step / np.where(found.found, found.se, 1.0)), -np.inf)
    return out


def _expected(model: AreaModel, at: FloatArray) -> FloatArray:
    out: FloatArray = np.exp(at[2]) * model.table.probabilities(at[:1], np.exp(at[1:2]))[0]
    return out


def _slope(model: AreaModel, at: FloatArray, index: int) -> FloatArray:
    shift = np.zeros(3)
    shift[index] = DIFFERENCE
    return (_expected(model, at + shift) - _expected(model, at - shift)) / (2 * DIFFERENCE)
