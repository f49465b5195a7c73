"""The severity axis: its range, the people on it and the names of its ends."""

import math
from collections.abc import Iterable

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.programme.scale import LatentRecord, ScaleItem
from evenhand.report.canvas import Canvas, Scale
from evenhand.report.content import HistogramContent, ReportContent
from evenhand.report.formats import bounds, finite, number
from evenhand.report.labels import clean

TITLE = "less severe  ←  severity (logits)  →  more severe"


def known(values: Iterable[float | None]) -> list[float]:
    """The finite values."""
    return [float(value) for value in values if value is not None and math.isfinite(value)]


def item_interval(item: ScaleItem, step: int) -> tuple[float, float] | None:
    """The 95 % interval of a threshold, None where its standard error is unknown."""
    return None if item.se_b is None else bounds(item.b[step], item.se_b[step])


def severity(item: ScaleItem) -> float:
    """The item's place: the mean of its thresholds."""
    return sum(item.b) / len(item.b)


def by_severity(content: ReportContent) -> list[int]:
    """Item indices from the least to the most severe, in the file's order where equal."""
    items = content.scale.items
    return sorted(range(len(items)), key=lambda place: (severity(items[place]), place))


def placed(thresholds: dict[str, float]) -> dict[str, float]:
    """The thresholds that have a place on the axis."""
    return {name: value for name, value in thresholds.items() if finite(value) is not None}


def value_range(content: ReportContent) -> tuple[float, float]:
    """The part of the axis that holds items, thresholds and nearly all people.

    Long intervals widen it by half at most: one item that hardly anybody answered must not squeeze the others.
    """
    scale = content.scale
    core = [b for item in scale.items for b in item.b]
    core += known(scale.thresholds.values())
    core += known(content.reference) if content.reference is not None else []
    core += people_range(content)
    low, high = min(core), max(core)
    ends = [end for item in scale.items for step in range(len(item.b)) for end in item_interval(item, step) or ()]
    room = max(high - low, 1.0) / 2
    low, high = max(min([low, *ends]), low - room), min(max([high, *ends]), high + room)
    pad = 0.03 * (high - low) or 1.0
    return low - pad, high + pad


def people_range(content: ReportContent) -> list[float]:
    """The ends of the distribution of people, empty where it is unknown."""
    filled = _filled(content.histogram)
    if filled is not None:
        return [float(filled[0][0]), float(filled[0][-1])]
    latent = usable(content.scale.latent)
    return [] if latent is None else [latent.mean - 2.5 * latent.sd, latent.mean + 2.5 * latent.sd]


def usable(latent: LatentRecord | None) -> LatentRecord | None:
    """The latent distribution where it can be drawn."""
    if latent is None or finite(latent.mean) is None or finite(latent.sd) is None or latent.sd <= 0:
        return None
    return latent


def _filled(histogram: HistogramContent | None) -> tuple[FloatArray, FloatArray] | None:
    """Edges and shares without the empty bins at either end."""
    if histogram is None:
        return None
    share = np.nan_to_num(np.asarray(histogram.share, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    edges = np.asarray(histogram.edges, dtype=np.float64)
    (full,) = np.nonzero(share > 0)
    if len(full) == 0 or not np.isfinite(edges).all():
        return None
    first, last = int(full[0]), int(full[-1])
    return edges[first : last + 2], share[first : last + 1]


def bars(histogram: HistogramContent) -> tuple[FloatArray, FloatArray] | None:
    """Edges and heights whose areas are in proportion to the shares, whatever the widths of the bins."""
    filled = _filled(histogram)
    if filled is None:
        return None
    widths = np.diff(filled[0])
    if not (widths > 0).all():
        return None
    heights: FloatArray = filled[1] * float(np.median(widths)) / widths
    return filled[0], heights


def outline(content: ReportContent, low: float, high: float) -> list[tuple[float, float]]:
    """Points (value, height) around the distribution of people, the highest at 1; empty where it is unknown."""
    found = bars(content.histogram) if content.histogram is not None else None
    latent = usable(content.scale.latent)
    if found is not None:
        edges, heights = found
        top = float(heights.max())
        steps = [(float(edge), float(height) / top) for edge, height in _corners(edges, heights)]
        return [(steps[0][0], 0.0), *steps, (steps[-1][0], 0.0)]
    if latent is None:
        return []
    grid = np.linspace(low, high, 161)
    curve = np.exp(-0.5 * ((grid - latent.mean) / latent.sd) ** 2)
    return [(low, 0.0), *zip(grid.tolist(), curve.tolist(), strict=True), (high, 0.0)]


def _corners(edges: FloatArray, heights: FloatArray) -> list[tuple[float, float]]:
    return [(edges[place + side], height) for place, height in enumerate(heights) for side in (0, 1)]


def people_words(content: ReportContent) -> str:
    """Where the distribution of people comes from."""
    latent = usable(content.scale.latent)
    if content.histogram is not None and bars(content.histogram) is not None:
        return f"people, by {clean(content.histogram.method)}"
    if latent is None:
        return ""
    return f"people (normal, mean {number(latent.mean)}, SD {number(latent.sd)})"


def spread(values: tuple[float, float], left: float, right: float) -> Scale:
    """The severity axis in pixels."""
    return Scale(values[0], values[1], left, right)


def tick_values(canvas: Canvas, scale: Scale) -> tuple[list[float], list[str]]:
    """Round severities and their texts."""
    values = scale.ticks(5 if canvas.narrow else 9)
    whole = all(abs(value - round(value)) < 1e-9 for value in values)
    return values, [number(value, 0 if whole else 1) for value in values]
