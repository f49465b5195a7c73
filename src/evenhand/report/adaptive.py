"""Pictures and page of a study of adaptive asking: items asked, error and exposure, on invented people."""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.adaptive import STOP_REASONS, AdaptiveBank
from evenhand.measure.adaptive_study import Classified, Study
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.programme.scale import ScaleRecord
from evenhand.report import facts, layout, palette, severity
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.formats import count, finite, many, number, percent
from evenhand.report.labels import clean
from evenhand.report.page import Section, page_of
from evenhand.report.picture import Picture, Table

BIN = 0.5
"""Width of the pictures' bins of theta, in SDs."""

BINS_EACH_SIDE = 5
"""Bins on either side of the mean; the outer two hold everybody beyond."""

FEWEST = 11
"""People that a bin needs before its figures are drawn."""

LIMITS = (
    "The people are invented: their answers follow the scale's model exactly, and real answers do not.",
    "The bank is taken as known. Errors of its severities and slopes come on top of what is shown.",
    "Saving items is no reason to trust a single person's measure more: between the two ends of the band a person "
    "decides.",
)


@dataclass(frozen=True, slots=True)
class AdaptiveContent:
    """What the page shows.

    Attributes:
        scale: the scale that was asked.
        bank: the bank and its rules.
        study: what was found.
        seed: where the random numbers began.
        threshold: name of the threshold, empty without one.
        adaptive: how adaptive asking classifies, None without a threshold.
        fixed: how the best fixed form of the same mean length does.
        full: how the whole bank does.
    """

    scale: ScaleRecord
    bank: AdaptiveBank
    study: Study
    seed: int
    threshold: str = ""
    adaptive: Classified | None = None
    fixed: Classified | None = None
    full: Classified | None = None


@dataclass(frozen=True, slots=True)
class _Bins:
    """People by true theta: middles (B,), counts (B,) and who is in each (B, N); outer bins are open."""

    middle: FloatArray
    n: FloatArray
    member: BoolArray
    names: tuple[str, ...]


def render_adaptive(content: AdaptiveContent) -> str:
    """The study as one HTML page: no script, nothing fetched, the same bytes for the same content."""
    scale = content.scale
    return page_of(
        title=f"Asking {scale.instrument.name} adaptively",
        source=f"{many(len(content.study.theta), 'invented person', 'invented people')}, seed {content.seed}: the "
        "same answers given adaptively, to the best fixed form and in full",
        scale=scale,
        summary=_summary(content),
        figures=_figures(content),
        sections=_sections(content),
        facts=_facts(content),
        hashes=facts.hashes(scale),
        left_out=_left_out(content),
        warnings=tuple(map(clean, scale.warnings)),
        limits=LIMITS,
    )


def all_pictures(content: AdaptiveContent) -> tuple[Picture, ...]:
    """Items asked by theta, error by theta, exposure."""
    bins = _bins(content)
    return items_by_theta(content, bins), error_by_theta(content, bins), exposure(content)
