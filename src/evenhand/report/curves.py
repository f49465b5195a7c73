"""Picture of precision: information and standard error along the severity axis."""

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.report import layout, palette, severity
from evenhand.report.canvas import Box, Canvas, Scale, paint
from evenhand.report.content import CurveContent, ReportContent
from evenhand.report.formats import finite, number
from evenhand.report.picture import Picture, Table


def precision_curve(content: ReportContent) -> Picture:
    """Standard error and information along the severity axis, the latent distribution behind them."""
    return paint(
        "precision",
        title="How precisely the scale measures, from mild to severe",
        description=_precision_description(content.curve),
        reading=_reading(content.curve),
        table=_precision_table(content.curve),
        draw=lambda canvas: _draw_precision(canvas, content),
    )


def _reading(curve: CurveContent) -> str:
    text = (
        "Where the standard error is low, and the information high, people are measured well. Beyond the items, "
    )
    text += "at either end, one person's measure becomes uncertain."
    return text if curve.latent_density is None else f"{text} The pale shape shows where people are."


def _best(curve: CurveContent) -> int | None:
    se = np.asarray(curve.se, dtype=np.float64)
    return int(np.argmin(np.where(np.isfinite(se), se, np.inf))) if np.isfinite(se).any() else None


def _precision_description(curve: CurveContent) -> str:
    best = _best(curve)
    if best is None:
        return "The standard error is unknown."
    return (
        f"The standard error is lowest, {number(curve.se[best])}, at a severity of {number(curve.theta[best], 1)}."
    )


def _precision_table(curve: CurveContent) -> Table:
    rows = tuple(
        (number(curve.theta[place], 1), number(curve.information[place]), number(curve.se[place]))
        for place in _points(curve)
    )
    return Table("Information and standard error", ("Severity", "Information", "Standard error"), rows)


def _points(curve: CurveContent) -> list[int]:
    """Grid points nearest to whole severities, thirteen at most."""
    theta = np.asarray(curve.theta, dtype=np.float64)
    low, high = float(theta.min()), float(theta.max())
    step = max(1, int(np.ceil((high - low) / 12)))
    whole = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    targets = whole if len(whole) > 1 else np.linspace(low, high, 5)
    return sorted({int(np.argmin(np.abs(theta - target))) for target in targets})


def _draw_precision(canvas: Canvas, content: ReportContent) -> float:
    curve = content.curve
    scale = layout.along(canvas, float(np.min(curve.theta)), float(np.max(curve.theta)))
    thresholds = severity.placed(content.scale.thresholds)
    bottom, begins = layout.threshold_names(canvas, scale, thresholds, 0)
    panels = (
        ("Standard error (logits)", curve.se, _se_top(curve)),
        ("Information", curve.information, _top(curve.information)),
    )
    for gap, (name, values, highest) in zip((2, 16), panels, strict=True):
        bottom = _draw_curve(canvas, curve, scale, layout.heading(canvas, name, bottom + gap), values, highest)
    layout.threshold_lines(canvas, scale, thresholds, begins, bottom)
    ticks, texts = severity.tick_values(canvas, scale)
    return layout.axis(canvas, scale, ticks, texts, bottom, severity.TITLE)


def _top(values: FloatArray) -> float:
    known = severity.known(map(float, values))
    return max(known) * 1.08 if known and max(known) > 0 else 1.0


def _se_top(curve: CurveContent) -> float:
    """Standard errors run to infinity at the ends: the panel stops at four times the lowest."""
    known = severity.known(map(float, curve.se))
    return min(max(known) * 1.05, min(known) * 4) if known and max(known) > 0 else 1.0


def _draw_curve(
    canvas: Canvas, curve: CurveContent, scale: Scale, top: float, values: FloatArray, highest: float
) -> float:
    height = 120.0 if canvas.narrow else 150.0
    upright = Scale(0, highest, top + height, top)
    panel: Box = (scale.start, top, scale.end - scale.start, height)
    _draw_background(canvas, curve, scale, panel)
    layout.heights(canvas, upright, scale.start, scale.end)
    for xs, ys in _stretches(curve.theta, values):
        canvas.line([scale(x) for x in xs], [upright(y) for y in ys], palette.DATA, 2.2, within=panel)
    canvas.line([scale.start, scale.end], [top + height] * 2, palette.MUTED, 1)
    return top + height


def _stretches(theta: FloatArray, values: FloatArray) -> list[tuple[list[float], list[float]]]:
    """The curve in pieces, broken where a value is unknown or infinite."""
    pieces: list[tuple[list[float], list[float]]] = [([], [])]
    for x, y in zip(map(float, theta), map(float, values), strict=True):
        if finite(y) is None:
            pieces.append(([], []))
            continue
        pieces[-1][0].append(x)
        pieces[-1][1].append(y)
    return [piece for piece in pieces if len(piece[0]) > 1]


def _draw_background(canvas: Canvas, curve: CurveContent, scale: Scale, panel: Box) -> None:
    if curve.latent_density is None:
        return
    density = np.nan_to_num(np.asarray(curve.latent_density, dtype=np.float64), posinf=0.0, neginf=0.0)
    if not density.max() > 0:
        return
    base = panel[1] + panel[3]
    share = density / density.max() * 0.9 * panel[3]
    shape = [(scale(float(x)), base - float(y)) for x, y in zip(curve.theta, share, strict=True)]
    canvas.area([(scale.start, base), *shape, (scale.end, base)], palette.PEOPLE)
