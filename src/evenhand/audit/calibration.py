"""Is a probability of need what it says? Among people with P near .7, are 7 in 10 in need?

Reliability curve, Brier score and expected calibration error. The yardstick is what somebody established otherwise
(a visit, a second interview, the truth of a simulation); a probability that was fitted to the same answers is no
yardstick of itself, and is then named as what it is.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.audit.figures import MIN_N, Figure, share_of, too_few
from evenhand.audit.targeting import RESAMPLES, check_people
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.withholding import MIN_GROUP

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """People whose P lies in one tenth.

    Attributes:
        low: lower edge of P.
        high: upper edge.
        p: their mean P, None where the share is not shown.
        need: the share of them who are in need.
    """

    low: float
    high: float
    p: float | None
    need: Figure


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far P is from the shares it announces.

    Attributes:
        bins: tenths of P.
        brier: mean of (P - need)^2, 0 to 1, smaller is better.
        error: expected calibration error: mean |share in need - mean P| over the tenths, by their people.
        error_by_chance: what the same people would give if P were exactly right: chance alone never gives 0.
        gap: mean P less the share in need: above 0 P promises too much need.
    """

    bins: tuple[Bin, ...]
    brier: Figure
    error: Figure
    error_by_chance: float | None
    gap: Figure


def calibration(
    p: FloatArray,
    need: FloatArray,
    weights: FloatArray | None = None,
    *,
    min_n: int = MIN_N,
    seed: int = 1,
) -> Calibration:
    """Compare P with a yardstick.

    Args:
        p: (N,) P(need >= threshold) that decisions used.
        need: (N,) in need or not by the yardstick, or the probability of it.
        weights: (N,) sampling weights.
        min_n: fewest effective people of a figure.
        seed: of the bootstrap, and of what chance alone would give.

    Raises:
        EstimationError: columns that do not fit together.
    """
    w = np.ones(len(p)) if weights is None else weights
    check_people(len(p), p=p, need=need, weights=w)
    place = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    bins = tuple(_bin(k, p, need, np.where(place == k, w, 0.0), min_n) for k in range(BINS))
    if len(p) < min_n or not w.sum() > 0:
        none = too_few(min_n)
        return Calibration(bins, none, none, None, none)
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, len(p), len(p)) for _ in range(RESAMPLES)]
    by_chance = [expected_error(p, (rng.random(len(p)) < p).astype(np.float64), w, place) for _ in rows]

    def figure(values: FloatArray) -> Figure:
        means = [float(values[r] @ w[r] / w[r].sum()) for r in rows if w[r].sum() > 0]
        return _figure(float(values @ w / w.sum()), means, len(p))

    errors = [expected_error(p[r], need[r], w[r], place[r]) for r in rows if w[r].sum() > 0]
    return Calibration(
        bins,
        figure(p**2 - 2 * p * need + need),  # (P - need)^2, expected where need is itself a probability
        _figure(expected_error(p, need, w, place), errors, len(p)),
        float(np.mean(by_chance)),
        figure(p - need),
    )


def expected_error(p: FloatArray, need: FloatArray, weights: FloatArray, place: IntArray) -> float:
    """Expected calibration error (Naeini, Cooper & Hauskrecht 2015) of people in the bins `place` (N,)."""
    gap = np.bincount(place, weights * (need - p), minlength=BINS)
    return float(np.abs(gap).sum() / weights.sum())


def _figure(value: float, draws: list[float], n: int) -> Figure:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Figure(value, float(low), float(high), float(n))


def _bin(k: int, p: FloatArray, need: FloatArray, w: FloatArray, min_n: int) -> Bin:
    # a bin of a curve is one of ten: a tenth of the people of a figure, and never fewer than a small group
    share = share_of(need, w, min_n=max(MIN_GROUP, min_n // 5))
    return Bin(k / BINS, (k + 1) / BINS, float(w @ p / w.sum()) if share.known else None, share)
