"""Invented people and scales for the tests of the verbs."""

from dataclasses import replace

import numpy as np
from scipy.special import expit

from evenhand.measure.responses import CodeArray, FloatArray, IntArray, WeightsKind
from evenhand.programme.answers import Answers, GroupColumn, answers_from_codes
from evenhand.programme.coding import Direction, ItemCoding
from evenhand.programme.scale import (
    InstrumentReference,
    LatentRecord,
    ModelName,
    ScaleItem,
    ScaleRecord,
)

FIES = ("WORRIED", "HEALTHY", "FEWFOOD", "SKIPPED", "ATELESS", "RUNOUT", "HUNGRY", "WHLDAY")
B: FloatArray = np.array([-1.2, -0.8, -1.1, 0.4, -0.3, 0.5, 0.8, 1.9])


def codings(names: tuple[str, ...], directions: tuple[int, ...] | None = None) -> tuple[ItemCoding, ...]:
    """Yes/no items."""
    each: tuple[Direction, ...] = tuple(1 if d > 0 else -1 for d in directions or (1,) * len(names))
    return tuple(
        ItemCoding(name, 2, {"0": 0, "1": 1}, {"98": "dont_know"}, direction)
        for name, direction in zip(names, each, strict=True)
    )


def codes_of(seed: int, n: int, a: FloatArray, b: FloatArray, *, mean: float = 0.0, sd: float = 1.5) -> CodeArray:
    """Answers of people drawn from Normal(mean, sd)."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(mean, sd, n)
    return (rng.random((n, len(a))) < expit(a * (theta[:, None] - b))).astype(np.int8)


def answers_of(codes: CodeArray, directions: tuple[int, ...] | None = None) -> Answers:
    """Those answers, to the first items of the FIES."""
    return answers_from_codes(codes, codings(FIES[: codes.shape[1]], directions), source="invented.csv")


def weighted(
    answers: Answers, w: FloatArray, kind: WeightsKind = "sampling", clusters: IntArray | None = None
) -> Answers:
    """The same answers with weights."""
    return replace(answers, responses=replace(answers.responses, weights=w, weights_kind=kind, clusters=clusters))


def grouped(answers: Answers, labels: tuple[str, ...], index: IntArray) -> Answers:
    """The same answers with a group column `area`."""
    return replace(answers, groups={"area": GroupColumn("area", labels, index)})


def scale_of(a: FloatArray, b: FloatArray, *, model: ModelName = "rasch", sd: float | None = 1.5) -> ScaleRecord:
    """A scale that is known rather than estimated."""
    items = tuple(
        ScaleItem(
            name, "need", model, 1 if slope > 0 else -1, 2, float(slope), (float(at),), None, (0.1,),
            {"0": 0, "1": 1}, {"98": "dont_know"},
        )
        for name, slope, at in zip(FIES, a, b, strict=False)
    )  # fmt: skip
    return ScaleRecord(
        instrument=InstrumentReference("items", "0" * 64),
        model=model,
        method="mml",
        items=items,
        latent=None if sd is None else LatentRecord(0.0, sd, "estimated", 0.02, 0.05),
        thresholds={"moderate": -0.3, "severe": 1.9},
    )
