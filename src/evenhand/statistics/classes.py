"""Need classes: under which number a case stands in the histogram, and P(class | theta).

Where a scale is asked in full the class is the raw score 0..S, counted in steps toward more need, and a case
with an answer missing has no raw score: it stands in class S + 1, *incomplete*. Where items are asked adaptively
the class is one of ten bands of the expectation, cut at the tenths of the recorded latent distribution, and
P(band | theta) is tabulated by simulating the same interview.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from evenhand.errors import StatisticsError
from evenhand.measure.adaptive import AdaptiveBank
from evenhand.measure.adaptive_study import administer_all
from evenhand.measure.models import Items
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.simulate import simulate_codes
from evenhand.measure.summed import score_probabilities
from evenhand.programme.definition import Programme
from evenhand.programme.scale import ScaleRecord
from evenhand.statistics.mixture import Shape

BANDS = 10
"""Bands of the expectation, where a scale is not asked in full."""

NODES = 601
HALF_WIDTH = 8.0
"""Nodes of theta, and how many of the calibration's SDs they reach to each side."""

SIMULATED = 400
"""Interviews simulated at each node of a table of bands."""


@dataclass(frozen=True, slots=True)
class ClassParts:
    """Need within each class, for M distributions; the last column is of the class *incomplete*.

    Attributes:
        mean: (M, C + 1) mean of theta.
        variance: (M, C + 1) variance of theta.
        above: for each threshold, (M, C + 1) P(theta >= threshold | class).
    """

    mean: FloatArray
    variance: FloatArray
    above: tuple[FloatArray, ...]

    def complete_only(self) -> "ClassParts":
        """The same without the class *incomplete*."""
        return ClassParts(self.mean[:, :-1], self.variance[:, :-1], tuple(each[:, :-1] for each in self.above))


@dataclass(frozen=True, slots=True)
class ClassTable:
    """P(class | theta) of the C classes other than *incomplete*.

    Attributes:
        nodes: (Q,) equally spaced points of theta.
        p: (C, Q) probabilities; columns add to 1.
        shape: form of the distributions of people, where it is not the normal.
    """

    nodes: FloatArray
    p: FloatArray
    shape: Shape | None = None

    @property
    def n_classes(self) -> int:
        """C."""
        return int(self.p.shape[0])

    def probabilities(self, mean: FloatArray, sd: FloatArray) -> FloatArray:
        """(M, C) probability of each class among people of Normal(mean, sd), or of the table's own shape.

        Args:
            mean: (M,) means.
            sd: (M,) SDs.
        """
        out: FloatArray = self._weights(mean, sd) @ self.p.T
        return out

    def parts(self, mean: FloatArray, sd: FloatArray, thresholds: Sequence[float]) -> ClassParts:
        """Need within each class, and among people of unknown class, as `probabilities`.

        Args:
            mean: (M,) means.
            sd: (M,) SDs.
            thresholds: points on theta's metric.
        """
        weights = self._weights(mean, sd)
        p = np.vstack([self.p, np.ones_like(self.nodes)])
        total = np.maximum(weights @ p.T, 1e-300)
        first = (weights * self.nodes) @ p.T / total
        second = (weights * self.nodes**2) @ p.T / total
        step = self.nodes[1] - self.nodes[0]
        above = []
        for threshold in thresholds:
            # the part of each node's interval that lies above the threshold
            part = np.clip((self.nodes - threshold) / step + 0.5, 0.0, 1.0)
            above.append(np.clip((weights * part) @ p.T / total, 0.0, 1.0))
        return ClassParts(first, np.maximum(second - first**2, 0.0), tuple(above))

    def _weights(self, mean: FloatArray, sd: FloatArray) -> FloatArray:
        z = (self.nodes - mean[:, None]) / sd[:, None]
        density = np.exp(-(z**2) / 2) if self.shape is None else self.shape.at(z)
        out: FloatArray = density / density.sum(axis=1, keepdims=True)
        return out


def n_classes(programme: Programme) -> int:
    """How many need classes a programme has, *incomplete* included."""
    return BANDS if programme.asking.mode == "adaptive" else _top(programme.need_scale()) + 2


def classes_of(programme: Programme) -> tuple[object, ...]:
    """What the need classes mean: people of two versions stand in one histogram only where this is the same.

    A raw score is a count over items, whatever their parameters; a band depends on them, and on the interview.
    """
    scale = programme.need_scale()
    if programme.asking.mode == "adaptive":
        return scale.hash(), programme.asking.model_dump_json()
    return tuple((item.name, item.categories, item.direction) for item in scale.items)


def need_class(programme: Programme, answers: Mapping[str, int | None], theta: float) -> int:
    """The class of one case.

    Args:
        programme: the programme.
        answers: category code of each need item, None where unknown.
        theta: the expectation of need.
    """
    scale = programme.need_scale()
    if programme.asking.mode == "adaptive":
        latent = scale.require_latent("the public statistics")
        return band_of(theta, latent.mean, latent.sd)
    return raw_class(scale, answers)


def raw_class(scale: ScaleRecord, answers: Mapping[str, int | None]) -> int:
    """The raw score, or one above the highest where an answer is missing.

    Args:
        scale: its items say how many categories they have and which way they point.
        answers: category code of each item, None where unknown.
    """
    steps = 0
    for item in scale.items:
        code = answers[item.name]
        if code is None:
            return _top(scale) + 1
        steps += code if item.direction == 1 else item.categories - 1 - code
    return steps


def band_of(theta: float, mean: float, sd: float) -> int:
    """The tenth of Normal(mean, sd) in which an expectation lies, 0 to 9."""
    return int(_bands(np.array([theta]), mean, sd)[0])


def raw_table(items: Items, *, mean: float, sd: float) -> ClassTable:
    """P(raw score | theta), every item answered.

    Args:
        items: items of any model on the metric of theta.
        mean: the calibration's latent mean, around which the nodes lie.
        sd: its SD.
    """
    nodes = _nodes(mean, sd, NODES)
    return ClassTable(nodes, score_probabilities(items, nodes))


def band_table(bank: AdaptiveBank, *, seed: int, simulated: int = SIMULATED) -> ClassTable:
    """P(band | theta) under a programme's adaptive interview, by simulation.

    Args:
        bank: the interview: items, rules of choice and of stopping, latent distribution.
        seed: of the simulation; released figures must be computed again by anyone.
        simulated: interviews at each of 121 nodes; between them the table is linear.

    Raises:
        StatisticsError: fewer than 100 interviews a node.
    """
    if simulated < 100:
        raise StatisticsError(
            "statistics.simulated",
            f"{simulated} interviews a node are too few for a table of bands.",
            mend="Simulate 100 or more.",
        )
    rng = np.random.default_rng(seed)
    at = _nodes(bank.mean, bank.sd, 121)
    theta = np.repeat(at, simulated)
    run = administer_all(bank, simulate_codes(rng, bank.items, theta), rng)
    band = _bands(run.estimates.mean, bank.mean, bank.sd).reshape(len(at), simulated)
    p = np.stack([(band == each).mean(axis=1) for each in range(BANDS)])
    nodes = _nodes(bank.mean, bank.sd, NODES)
    return ClassTable(nodes, np.stack([np.interp(nodes, at, row) for row in p]))


def _bands(theta: FloatArray, mean: float, sd: float) -> IntArray:
    edges = mean + sd * ndtri(np.arange(1, BANDS) / BANDS)
    return np.searchsorted(edges, theta, side="right").astype(np.int64)


def _nodes(mean: float, sd: float, n: int) -> FloatArray:
    return np.linspace(mean - HALF_WIDTH * sd, mean + HALF_WIDTH * sd, n)


def _top(scale: ScaleRecord) -> int:
    return sum(item.categories - 1 for item in scale.items)
