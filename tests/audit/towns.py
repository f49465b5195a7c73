"""Invented people of two groups, with biases planted where a test wants them."""

from collections.abc import Callable

import numpy as np

from evenhand.audit.likelihood import moved
from evenhand.audit.people import People, score_codes
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.need import NeedItems
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.simulate import simulate_codes

NAMES = ("WORRIED", "HEALTHY", "FEWFOOD", "SKIPPED", "ATELESS", "RUNOUT", "HUNGRY", "WHLDAY")
SEVERITIES = np.array([-1.22, -0.85, -1.11, 0.35, -0.31, 0.51, 0.75, 1.88])
ITEMS = items_from_thresholds(np.ones(8), SEVERITIES[:, None])
NEED = NeedItems(ITEMS, 0.0, 1.5)
THRESHOLD = -0.31

Support = Callable[[np.random.Generator, FloatArray, IntArray], FloatArray]


def by_need(rng: np.random.Generator, p: FloatArray, group: IntArray) -> FloatArray:
    """Support by a lottery with chances in proportion to P, whatever the group."""
    return (rng.random(len(group)) < np.clip(p, 0.05, 0.95)).astype(np.float64)


def held_back(rng: np.random.Generator, p: FloatArray, group: IntArray) -> FloatArray:
    """The same, with a quarter of the second group's chance taken away."""
    return (rng.random(len(p)) < np.clip(p, 0.05, 0.95) * np.where(group == 1, 0.75, 1)).astype(np.float64)


def town(
    seed: int,
    *,
    n: tuple[int, int] = (800, 500),
    mean: tuple[float, float] = (0.0, 0.3),
    sd: tuple[float, float] = (1.5, 1.3),
    slope: float = 1.0,
    shift: FloatArray | None = None,
    support: Support = by_need,
) -> tuple[People, FloatArray]:
    """People and their true need; `slope` and `shift` make the second group's answers noisier, or items biased."""
    rng = np.random.default_rng(seed)
    second = moved(ITEMS, np.zeros(8) if shift is None else shift, slope)
    theta = [rng.normal(mean[k], sd[k], n[k]) for k in (0, 1)]
    codes = np.concatenate(
        [simulate_codes(rng, items, own) for items, own in zip((ITEMS, second), theta, strict=True)]
    )
    group = np.repeat([0, 1], n).astype(np.int64)
    p, measure = score_codes(codes, NEED, THRESHOLD)
    given = support(rng, p, group)
    people = People(codes, NEED, THRESHOLD, p, measure, given, group, ("first", "second"))
    return people, np.concatenate(theta)


def few(codes: list[list[int]], support: list[float], group: list[int], labels: tuple[str, ...]) -> People:
    """A handful of people by their answers."""
    table = np.array(codes, dtype=np.int8).reshape(-1, 8)
    p, measure = score_codes(table, NEED, THRESHOLD)
    return People(table, NEED, THRESHOLD, p, measure, np.array(support), np.array(group, dtype=np.int64), labels)
