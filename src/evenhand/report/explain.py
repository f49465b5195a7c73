"""Picture of one measure: how likely each level of need is, with the line and what lies above it shaded.

It takes figures and words in any language, and knows of no case.
"""

import numpy as np

from evenhand.casework.explainparts import Measured, PictureWords
from evenhand.measure.responses import FloatArray
from evenhand.report import layout, palette
from evenhand.report.canvas import TEXT, Canvas, Scale, paint
from evenhand.report.labels import text_width
from evenhand.report.picture import Picture, Table


def posterior_picture(found: Measured, words: PictureWords, *, key: str = "why") -> Picture:
    """Draw the posterior of one measure, for wide and for narrow pages, with the same figures as a table.

    Args:
        found: the measure, its curve and the line.
        words: in the reader's language.
        key: short name, unique on the page.
    """
    return paint(
        key,
        title=words.title,
        description=words.description,
        reading=words.reading,
        table=Table(words.caption, words.columns, words.rows),
        draw=lambda canvas: _draw(canvas, found, words),
    )


def _draw(canvas: Canvas, found: Measured, words: PictureWords) -> float:
    scale = Scale(found.curve.theta[0], found.curve.theta[-1], 16, canvas.width - 16)
    top = layout.legend(canvas, [("people", words.shaded), ("dot", words.measure)])
    top = _line_name(canvas, scale, found, words, top)
    height = 150.0 if canvas.narrow else 190.0
    upright = Scale(0, max(found.curve.density) * 1.06, top + height, top)
    _shade(canvas, scale, upright, found)
    xs, ys = [scale(x) for x in found.curve.theta], [upright(y) for y in found.curve.density]
    canvas.line(xs, ys, palette.DATA, 2.2)
    canvas.line([scale(found.threshold)] * 2, [top - 4, top + height], palette.LINE, 1.8, dashes=(5, 3))
    bottom = _interval(canvas, scale, found, words, top + height)
    ticks = scale.ticks(5 if canvas.narrow else 9)
    return layout.axis(canvas, scale, ticks, [_tick(value, words.mark) for value in ticks], bottom, words.axis)


def _line_name(canvas: Canvas, scale: Scale, found: Measured, words: PictureWords, top: float) -> float:
    """The line's name over the line, moved in from the edges."""
    half = text_width(words.line, TEXT) / 2
    x = min(max(scale(found.threshold), half), canvas.width - half)
    canvas.text(x, top + 14, words.line, anchor="middle", colour=palette.LINE, bold=True)
    return top + 24


def _shade(canvas: Canvas, scale: Scale, upright: Scale, found: Measured) -> None:
    """The part of the area from the line on, its edge exactly at the line."""
    theta = np.asarray(found.curve.theta, dtype=np.float64)
    beyond: FloatArray = np.concatenate([[found.threshold], theta[theta > found.threshold]])
    density = np.interp(beyond, theta, np.asarray(found.curve.density, dtype=np.float64))
    shape = [(scale(float(x)), upright(float(y))) for x, y in zip(beyond, density, strict=True)]
    base = upright(0)
    canvas.area([(scale(found.threshold), base), *shape, (shape[-1][0], base)], palette.PEOPLE, palette.EDGE)


def _interval(canvas: Canvas, scale: Scale, found: Measured, words: PictureWords, base: float) -> float:
    """Under the curve: the interval as a bar with the measure on it, and its name."""
    canvas.line([scale.start, scale.end], [base, base], palette.MUTED, 1)
    y, (low, high) = base + 16, (scale.clip(value) for value in found.interval)
    canvas.line([low, high], [y, y], palette.DATA, 3)
    for end in (low, high):
        canvas.line([end, end], [y - 5, y + 5], palette.DATA, 1.6)
    canvas.mark(scale.clip(found.theta), y, "dot")
    half = text_width(words.interval, layout.SMALL) / 2
    x = min(max((low + high) / 2, half), canvas.width - half)
    canvas.text(x, y + 20, words.interval, anchor="middle", size=layout.SMALL, colour=palette.MUTED)
    return y + 32


def _tick(value: float, mark: str) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return ("0" if text == "-0" else text).replace("-", "−").replace(".", mark)
