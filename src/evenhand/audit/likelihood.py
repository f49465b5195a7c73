"""The likelihood of two groups that answer alike, but for what is let free: the engine of `yardstick.py`.

Both groups share the items' locations, which are estimated; slopes and distances between thresholds stay the
scale's. The reference group is Normal(scale's mean, sd), the focal group Normal(mean, sd). Let free on demand, in
the focal group: the location of one item (item bias), and one factor on every slope (more error in every answer).
Maximised by Fisher scoring with the sum of squares of the scores as information (Berndt, Hall, Hall & Hausman
1974).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from evenhand.errors import EstimationError
from evenhand.measure.models import Items, log_probabilities
from evenhand.measure.patterns import Patterns
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import BoolArray, FloatArray

STEP = 1e-4
MAX_STEPS = 100
QUADRATURE = rectangular(41, 5.0)


@dataclass(frozen=True, slots=True)
class TwoGroups:
    """Two groups and the items they answered.

    Attributes:
        items: J items with the scale's parameters.
        mean: mean of theta of the reference group: it sets the origin.
        sd: where the search for the SDs starts.
        reference: its patterns.
        focal: the other group's.
    """

    items: Items
    mean: float
    sd: float
    reference: Patterns
    focal: Patterns

    @property
    def n_shared(self) -> int:
        """Parameters that are always free: J locations, the reference's SD, the focal group's mean and SD."""
        return self.items.n_items + 3

    @property
    def n_all(self) -> int:
        """With the slope factor, and a location of its own for each item."""
        return self.n_shared + 1 + self.items.n_items


@dataclass(frozen=True, slots=True)
class Maximum:
    """A maximum with the parameters in `free`.

    Attributes:
        at: (M,) all parameters: locations, log sd of the reference, focal mean and log sd, log slope factor,
            shifts.
        free: (M,) which were estimated.
        loglik: weighted log-likelihood.
        scores: (P, M) gradient of each pattern's log-likelihood in all parameters.
        w: (P,) weights of the patterns.
        w2: (P,) sums of squared weights.
    """

    at: FloatArray
    free: BoolArray
    loglik: float
    scores: FloatArray
    w: FloatArray
    w2: FloatArray

    def covariance(self) -> FloatArray:
        """(F, F) robust covariance of the free parameters."""
        own = self.scores[:, self.free]
        inverse = np.linalg.inv((own * self.w[:, None]).T @ own)
        out: FloatArray = inverse @ ((own * self.w2[:, None]).T @ own) @ inverse
        return out

    def test(self, place: int) -> float:
        """Chi-square (1) of the score test that a parameter held at 0 may be let free."""
        own, other = self.scores[:, self.free], self.scores[:, place]
        weighted = own * self.w[:, None]
        rest = other - own @ np.linalg.lstsq(weighted.T @ own, weighted.T @ other, rcond=None)[0]
        spread = float(self.w2 @ rest**2)
        return float(self.w @ rest) ** 2 / spread if spread > 0 else 0.0


def moved(items: Items, shift: FloatArray, factor: float) -> Items:
    """Items with each location moved up by `shift` (J,), and all slopes multiplied by `factor`, locations kept.

    Args:
        items: J items.
        shift: (J,) on theta's metric.
        factor: above 0.
    """
    k = np.arange(items.intercept.shape[1], dtype=np.float64)
    step = np.where(items.is_graded[:, None], np.minimum(k, 1.0), k)  # graded: every threshold moves by as much
    own = np.where(np.isfinite(items.intercept), items.intercept, 0.0) - step * (items.slope * shift)[:, None]
    return Items(items.slope * factor, np.where(np.isfinite(items.intercept), own * factor, -np.inf), items.graded)


def maximise(groups: TwoGroups, free: BoolArray, start: FloatArray | None = None) -> Maximum:
    """The maximum with the parameters in `free` (M,) let free; the others stay where `start` has them, or at 0.

    Raises:
        EstimationError: there is none: a group that gives the same answers to everything, or nearly so.
    """
    at = _start(groups) if start is None else start.copy()
    now = evaluate(groups, at, free)
    for _ in range(MAX_STEPS):
        own = now.scores[:, free]
        gradient = own.T @ now.w
        step = np.linalg.lstsq((own * now.w[:, None]).T @ own, gradient, rcond=None)[0]
        step /= max(1.0, float(np.abs(step).max()))
        while True:
            trial = now.at.copy()
            trial[free] += step
            new = evaluate(groups, trial, free)
            if new.loglik >= now.loglik - 1e-9 * abs(now.loglik) or np.abs(step).max() < 1e-8:
                break
            step = step / 2
        now = new
        if np.abs(now.at).max() > 12:
            break
        if np.abs(step).max() < STEP:
            return now
    raise EstimationError(
        "audit.no-maximum",
        "The two groups cannot be compared by one scale.",
        why="The search for the groups' distributions and the items' locations does not come to an end.",
        mend="Use more people, or leave out items that nearly everybody answers alike.",
    )


def evaluate(groups: TwoGroups, at: FloatArray, free: BoolArray) -> Maximum:
    """Log-likelihood and the scores of every pattern."""
    n_items = groups.items.n_items
    location, shift = at[:n_items], at[groups.n_shared + 1 :]
    factor = float(np.exp(at[groups.n_shared]))
    first = _group(groups.reference, groups.items, location, 1.0, groups.mean, float(np.exp(at[n_items])))
    sd = float(np.exp(at[n_items + 2]))
    second = _group(groups.focal, groups.items, location + shift, factor, groups.mean + float(at[n_items + 1]), sd)
    scores = np.zeros((len(first[0]) + len(second[0]), groups.n_all))
    of_first, of_second = scores[: len(first[0])], scores[len(first[0]) :]
    of_first[:, :n_items], of_first[:, n_items] = first[1], first[3]
    of_second[:, :n_items], of_second[:, groups.n_shared + 1 :] = second[1], second[1]
    of_second[:, n_items + 1], of_second[:, n_items + 2] = second[2], second[3]
    of_second[:, groups.n_shared] = second[4]
    w = np.concatenate([groups.reference.w, groups.focal.w])
    w2 = np.concatenate([groups.reference.w2, groups.focal.w2])
    return Maximum(at, free, float(w @ np.concatenate([first[0], second[0]])), scores, w, w2)


def _start(groups: TwoGroups) -> FloatArray:
    at = np.zeros(groups.n_all)
    at[groups.items.n_items] = at[groups.items.n_items + 2] = np.log(groups.sd)
    return at


def _group(
    patterns: Patterns, items: Items, shift: FloatArray, factor: float, mean: float, sd: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Of each pattern: log-likelihood, and its gradient in the locations (P, J), mean, log sd, log factor."""
    z = QUADRATURE.nodes
    theta = mean + sd * z
    table = log_probabilities(moved(items, shift, factor), theta)
    turned = [log_probabilities(moved(items, shift, factor * f), theta) for f in (np.exp(STEP), np.exp(-STEP))]
    pushed = [log_probabilities(moved(items, shift + d, factor), theta) for d in (STEP, -STEP)]
    with np.errstate(invalid="ignore"):
        by_factor, by_place = ((up - down) / (2 * STEP) for up, down in (turned, pushed))
    joint = np.tile(QUADRATURE.log_weights, (patterns.n_patterns, 1))
    for j in range(items.n_items):
        joint += np.where(patterns.answered[:, j, None], table[j][patterns.codes[:, j]], 0.0)
    loglik = logsumexp(joint, axis=1)
    posterior = np.exp(joint - loglik[:, None])
    places, slope = np.zeros(patterns.codes.shape), np.zeros(patterns.n_patterns)
    for j in range(items.n_items):
        known = patterns.answered[:, j]
        codes = patterns.codes[known, j]
        places[known, j] = (posterior[known] * by_place[j][codes]).sum(axis=1)
        slope[known] += (posterior[known] * by_factor[j][codes]).sum(axis=1)
    return loglik, places, posterior @ z / sd, posterior @ (z**2) - 1, slope
