"""What differences between groups would look like if everybody were treated alike: invented people.

Each group keeps its own distribution of need, its number of people and its gaps in the answers. The items are the
same for all, and so is the chance of support at each P. Whatever difference then remains comes from the
yardstick's error and from need itself, not from anybody's treatment: it is the yardstick for the differences that
were found.
"""

from dataclasses import dataclass, replace

import numpy as np

from evenhand.audit.corrected import RATES, OwnNeed, Rate, observed_rate
from evenhand.audit.people import People, score_codes
from evenhand.measure.responses import MISSING, FloatArray, IntArray
from evenhand.measure.simulate import simulate_codes, simulate_theta

STEPS = 20
"""Steps of the curve of support along P, where P takes more values than twice as many."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The chance of support along P, everybody together.

    Attributes:
        edges: (S - 1,) upper edges of all steps but the last.
        support: (S,) mean support in each step.
    """

    edges: FloatArray
    support: FloatArray

    def step(self, p: FloatArray) -> IntArray:
        """(N,) the step of each P."""
        return np.searchsorted(self.edges, p, side="left").astype(np.int64)


def support_curve(people: People) -> Curve:
    """Mean support at each P: a step a value of P, or a twentieth of the people where there are many values."""
    values = np.unique(people.p.round(9))
    if len(values) > 2 * STEPS:
        values = np.unique(np.quantile(people.p, np.arange(1, STEPS + 1) / STEPS))
    edges = (values[:-1] + values[1:]) / 2 if len(values) <= 2 * STEPS and len(values) > 1 else values[:-1]
    place = np.searchsorted(edges, people.p, side="left")
    weight = np.bincount(place, people.w, minlength=len(edges) + 1)
    given = np.bincount(place, people.w * people.support, minlength=len(edges) + 1)
    everyone = float(people.w @ people.support / max(float(people.w.sum()), 1e-300))
    return Curve(edges, np.where(weight > 0, given / np.maximum(weight, 1e-300), everyone))


def null_rates(
    people: People, own: dict[int, OwnNeed], *, sets: int, seed: int, min_n: int
) -> dict[tuple[int, Rate], FloatArray]:
    """(sets,) observed rates of each group in invented people who are all treated alike, NaN where too few.

    Args:
        people: the audited people.
        own: need of each group that is compared, by its place.
        sets: how many times people are invented.
        seed: of the invention.
        min_n: fewest effective people of a rate.
    """
    rng = np.random.default_rng(seed)
    curve = support_curve(people)
    out = {(place, rate): np.full(sets, np.nan) for place in own for rate in RATES}
    for turn in range(sets):
        for place, group in own.items():
            invented = _invented(people, group, curve, rng)
            every = np.ones(invented.n, dtype=np.bool_)
            for rate in RATES:
                value = observed_rate(invented, every, rate, min_n).value
                out[place, rate][turn] = np.nan if value is None else value
    return out


def _invented(people: People, group: OwnNeed, curve: Curve, rng: np.random.Generator) -> People:
    """The group's people again, with need, answers and support drawn anew."""
    old = people.take(group.rows)
    theta = simulate_theta(rng, old.n, mean=group.mean, sd=group.sd)
    codes = np.where(old.codes == MISSING, MISSING, simulate_codes(rng, people.need.items, theta)).astype(np.int8)
    p, mean = score_codes(codes, people.need, people.threshold)
    support = (rng.random(old.n) < curve.support[curve.step(p)]).astype(np.float64)
    return replace(old, codes=codes, p=p, theta=mean, support=support)
