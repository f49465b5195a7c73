"""Shares and their differences, with intervals, and the words where there is too little evidence for any.

Intervals of one share follow Wilson (1927), of a difference Newcombe (1998, method 10): both stay within their
range and hold their level at few people and at shares near 0 and 1. Sampling weights enter through Kish's (1965)
effective number, n = (sum w)^2 / sum w^2.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evenhand.measure.normal import Z95
from evenhand.measure.responses import BoolArray, FloatArray

MIN_N = 50
"""Effective people that a share must rest on: with fewer its interval is wider than .27 at one half."""

INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval, or the reason why there is none.

    Attributes:
        value: the figure; None without evidence.
        low: lower end of its 95 % interval.
        high: upper end.
        n: effective people it rests on; None where that would show a small group.
        reason: starts with "insufficient evidence" where there is no figure, else empty.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: float | None = None
    reason: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return self.value is not None


def unknown(reason: str) -> Figure:
    """No figure, with its reason."""
    return Figure(None, reason=f"{INSUFFICIENT}: {reason}")


def too_few(min_n: int = MIN_N) -> Figure:
    """No figure, because it would rest on too few people."""
    return unknown(f"it would rest on fewer than {min_n} people")


def effective_n(weights: FloatArray) -> float:
    """Kish's effective number of people, (sum w)^2 / sum w^2; 0 for nobody."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share.

    Args:
        share: from 0 to 1.
        n: people, or effective people, above 0.

    Example:
        >>> tuple(round(end, 3) for end in wilson(0.5, 100))
        (0.404, 0.596)
    """
    spread = Z95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 / (1 + spread) * float(np.sqrt(share * (1 - share) / n + spread / (4 * n)))
    return max(0.0, centre - half), min(1.0, centre + half)


def share_of(yes: FloatArray, weights: FloatArray, *, min_n: int = MIN_N) -> Figure:
    """The weighted mean of numbers from 0 to 1 over the people with weight above 0.

    Where they are all 0 or 1 the interval is Wilson's; probabilities vary less, and it is then on the safe side.

    Args:
        yes: (N,) from 0 to 1.
        weights: (N,) at least 0; a weight of 0 leaves the person out.
        min_n: fewest effective people.
    """
    n = effective_n(weights)
    if n < min_n:
        return too_few(min_n)
    value = float(np.clip(weights @ yes / weights.sum(), 0.0, 1.0))
    return Figure(value, *wilson(value, n), n)


def difference(focal: Figure, reference: Figure) -> Figure:
    """Focal less reference, two shares of different people, with Newcombe's interval."""
    for each in (focal, reference):
        if each.value is None:
            return each
    a, b = (_ends(each) for each in (focal, reference))
    gap = a[0] - b[0]
    low = gap - float(np.hypot(a[0] - a[1], b[2] - b[0]))
    high = gap + float(np.hypot(a[2] - a[0], b[0] - b[1]))
    return Figure(gap, low, high)


def difference_p(focal: Figure, reference: Figure) -> float:
    """Two-sided p-value of the pooled test that two shares are equal; NaN where there is none."""
    if focal.value is None or reference.value is None or not focal.n or not reference.n:
        return float("nan")
    pooled = (focal.value * focal.n + reference.value * reference.n) / (focal.n + reference.n)
    variance = pooled * (1 - pooled) * (1 / focal.n + 1 / reference.n)
    if variance <= 0:
        return 1.0
    return float(2 * ndtr(-abs(focal.value - reference.value) / np.sqrt(variance)))


def normal_figure(value: float, se: float, n: float | None = None, *, share: bool = False) -> Figure:
    """A figure with the interval value +- 1.96 se, cut at 0 and 1 for a share."""
    if not (np.isfinite(value) and np.isfinite(se)):
        return unknown("the figure has no finite standard error")
    low, high = value - Z95 * se, value + Z95 * se
    return Figure(value, max(0.0, low), min(1.0, high), n) if share else Figure(value, low, high, n)


def normal_p(value: float, se: float) -> float:
    """Two-sided p-value of an estimate against 0; NaN without a standard error above 0."""
    return float(2 * ndtr(-abs(value) / se)) if np.isfinite(se) and se > 0 else float("nan")


def members(group: np.ndarray, place: int) -> BoolArray:
    """(N,) who is in a group."""
    out: BoolArray = group == place
    return out


def _ends(figure: Figure) -> tuple[float, float, float]:
    assert figure.value is not None  # noqa: S101 - the caller looked
    assert figure.low is not None  # noqa: S101 - a share has its ends
    assert figure.high is not None  # noqa: S101 - likewise
    return figure.value, figure.low, figure.high
