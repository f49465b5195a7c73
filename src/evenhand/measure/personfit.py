"""Person fit, as a property of the scale and never of a person.

A per-person mark of misfit would be a mark of suspicion. Nothing here returns, keeps or shows one: the result is a
handful of numbers on everybody, and it is refused for a group so small that it would speak of someone.

l_z* is the standardised log-likelihood of a pattern at its estimated theta (Drasgow, Levine & Williams 1985;
Snijders 2001; Sinharay 2016 for more than two categories). With P_jk and its derivative P'_jk at theta,
w_jk = log P_jk, r_jk = P'_jk / P_jk and x_jk whether the answer to j is k,

    c = sum P' w / sum P' r,   w~ = w - c r,   tau^2 = sum_j Var(w~_j)
    l_z* = (sum (x - P) w + c r0) / tau

where r0 makes the estimating equation sum x r + r0 = 0; here theta is the posterior mode, and in SDs r0 = -z. Low
values are patterns that the model finds unlikely. l_z* is only roughly normal in short scales: the share below a
point is therefore set beside the share expected there under the model, by simulation.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from evenhand.errors import EstimationError
from evenhand.measure.models import SMALLEST, Items, derivatives, on_standard_scale
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import MISSING, BoolArray, CodeArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes

LEAST_PEOPLE = 50
"""Fewer people than this are not reported on: a share of them would be about someone."""

LEAST_ANSWERS = 2
"""Fewer answers than this cannot contradict each other."""

N_SIMULATED = 20_000
MAX_STEPS = 100
BLOCK = 2_048


@dataclass(frozen=True, slots=True)
class PersonFit:
    """How many people answer in ways that the model finds unlikely: numbers on everybody, none on anybody.

    Attributes:
        share_below_5: share of people whose l_z* is below the 5 % point of the normal distribution.
        share_below_1: the same for the 1 % point.
        se_below_5: standard error of `share_below_5`, with sampling weights as people drawn with replacement.
        se_below_1: standard error of `share_below_1`.
        expected_below_5: the share that the model leads one to expect there.
        expected_below_1: the same for the 1 % point.
        mean: mean of l_z*.
        sd: its standard deviation.
        n: people with at least two answers, whom the figures rest on.
        n_left_out: people with fewer.
    """

    share_below_5: float
    share_below_1: float
    se_below_5: float
    se_below_1: float
    expected_below_5: float
    expected_below_1: float
    mean: float
    sd: float
    n: float
    n_left_out: float


def person_fit(patterns: Patterns, items: Items, *, mean: float, sd: float, seed: int) -> PersonFit:
    """Person fit of a scale on these answers, in aggregate.

    Shares are weighted as the people are. Missing answers are left out of l_z*; the expected shares have the
    same answers missing.

    Args:
        patterns: P patterns of J items.
        items: J items on the metric of theta, of any model.
        mean: latent mean.
        sd: latent SD, > 0.
        seed: of the simulated people.

    Raises:
        EstimationError: fewer than `LEAST_PEOPLE` people with two answers or more.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> found = person_fit(LSAT6, LSAT6_ITEMS, mean=0.0, sd=1.0, seed=1)
        >>> round(found.share_below_5, 2), round(found.expected_below_5, 2)
        (0.07, 0.08)
    """
    kept = (patterns.answered.sum(axis=1) >= LEAST_ANSWERS) & (patterns.w > 0)
    n = float(patterns.n[kept].sum())
    if n < LEAST_PEOPLE:
        raise EstimationError(
            "personfit.too-few",
            f"{n:g} people gave two answers or more; person fit is reported of {LEAST_PEOPLE} or more.",
            why="In a small group a share would say something about a person.",
            mend="Report it for a larger group.",
        )
    used, standard = patterns.take(kept), on_standard_scale(items, mean, sd)
    value = _lz_star(used, standard)
    share, se = _shares(value, used.w, used.w2)
    simulated = _simulated(used, standard, np.random.default_rng(seed))
    expected, _ = _shares(_lz_star(simulated, standard), simulated.w, simulated.w2)
    weight = used.w / used.w.sum()
    centre = float(weight @ value)
    return PersonFit(
        share_below_5=share[0],
        share_below_1=share[1],
        se_below_5=se[0],
        se_below_1=se[1],
        expected_below_5=expected[0],
        expected_below_1=expected[1],
        mean=centre,
        sd=float(np.sqrt(weight @ (value - centre) ** 2)),
        n=n,
        n_left_out=float(patterns.n.sum()) - n,
    )


def _shares(value: FloatArray, w: FloatArray, w2: FloatArray) -> tuple[tuple[float, float], tuple[float, float]]:
    """Weighted shares below the 5 % and the 1 % point, and their standard errors."""
    share, se = [], []
    for point in (0.05, 0.01):
        below = value < ndtri(point)
        p = float(w @ below / w.sum())
        share.append(p)
        se.append(float(np.sqrt(w2 @ (below - p) ** 2) / w.sum()))
    return (share[0], share[1]), (se[0], se[1])


def _simulated(patterns: Patterns, standard: Items, rng: np.random.Generator) -> Patterns:
    """People of the model with the same answers missing, in the same proportions of weight."""
    weight = np.add.reduceat(patterns.w, patterns.mask_start[:-1])
    codes = simulate_codes(rng, standard, rng.normal(size=N_SIMULATED))
    mask = rng.choice(len(weight), size=N_SIMULATED, p=weight / weight.sum())
    codes[~patterns.masks[mask]] = MISSING
    return collapse(Responses(codes, standard.top.astype(np.int64) + 1))


def _lz_star(patterns: Patterns, standard: Items) -> FloatArray:
    """(P,) l_z* of each pattern; for sums over people only, and so private."""
    out = np.empty(patterns.n_patterns)
    for begin in range(0, patterns.n_patterns, BLOCK):
        own = slice(begin, begin + BLOCK)
        codes, answered = patterns.codes[own], patterns.answered[own].T
        z = _modes(codes, answered, standard)
        p, first, _ = derivatives(standard, z)
        r, w = first / np.maximum(p, SMALLEST), np.log(np.maximum(p, SMALLEST))
        c = _total(first * w, answered) / np.maximum(_total(first * r, answered), 1e-300)
        adjusted = w - c * r
        centre = (p * adjusted).sum(axis=1)
        spread = ((p * (adjusted - centre[:, None, :]) ** 2).sum(axis=1) * answered).sum(axis=0)
        deviation = ((_chosen(w, codes) - (p * w).sum(axis=1)) * answered).sum(axis=0)
        # where the adjusted weights do not vary, no pattern is less likely than another
        varies = spread > 1e-12
        out[own] = np.where(varies, (deviation - c * z) / np.sqrt(np.where(varies, spread, 1.0)), 0.0)
    return out


def _total(by_category: FloatArray, answered: BoolArray) -> FloatArray:
    """(B,) sum over answered items and categories of (J, K, B)."""
    out: FloatArray = (by_category.sum(axis=1) * answered).sum(axis=0)
    return out


def _chosen(by_category: FloatArray, codes: CodeArray) -> FloatArray:
    """(J, B) the value of the category that was chosen, of (J, K, B); any where there is no answer."""
    index = np.maximum(codes.T, 0)[:, None, :].astype(np.intp)
    return np.take_along_axis(by_category, index, axis=1)[:, 0, :]


def _modes(codes: CodeArray, answered: BoolArray, standard: Items) -> FloatArray:
    """(B,) posterior modes of z: the score falls through 0 once, inside a bracket that halves."""
    n = codes.shape[0]
    z, low, high = np.zeros(n), np.full(n, -60.0), np.full(n, 60.0)
    for _ in range(MAX_STEPS):
        p, first, _ = derivatives(standard, z)
        r = first / np.maximum(p, SMALLEST)
        score = (_chosen(r, codes) * answered).sum(axis=0) - z
        low, high = np.where(score > 0, z, low), np.where(score > 0, high, z)
        new = z + score / (_total(first * r, answered) + 1)
        new = np.where((new > low) & (new < high), new, (low + high) / 2)
        done = np.abs(new - z).max() < 1e-9
        z = new
        if done:
            break
    return z
