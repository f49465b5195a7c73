"""What several pictures share: legends, rows with names, axes and threshold lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evenhand.report import palette
from evenhand.report.canvas import TEXT, Canvas, Mark, Scale
from evenhand.report.formats import number, percent
from evenhand.report.labels import clean, shorten, text_width, wrap

SMALL = 12.0
"""Font size of axis numbers and notes."""

_SWATCH = 18.0
_GAP = 22.0


@dataclass(frozen=True, slots=True)
class Rows:
    """Places of named rows.

    Attributes:
        left: where the data begin.
        right: where they end.
        top: upper edge of the first row.
        bottom: lower edge of the last.
        centres: the height at which each row's marks stand.
    """

    left: float
    right: float
    top: float
    bottom: float
    centres: tuple[float, ...]


def legend(canvas: Canvas, entries: Sequence[tuple[Mark, str]], top: float = 0) -> float:
    """Marks with their meaning, in as many lines as the width asks for; returns the lower edge."""
    x, y = 8.0, top + 16
    for mark, text in entries:
        width = _SWATCH + text_width(text, TEXT)
        if x > 8 and x + width > canvas.width:
            x, y = 8.0, y + 22
        canvas.mark(x, y - 4.5, mark)
        canvas.text(x + _SWATCH - 5, y, text, colour=palette.MUTED)
        x += width + _GAP
    return y + 12 if entries else top


def heading(canvas: Canvas, text: str, top: float) -> float:
    """The name of a part of a picture; returns its lower edge."""
    text = shorten(text, canvas.width, TEXT)
    canvas.text(0, top + 16, text, bold=True, halo=True)
    return top + 26


def span(canvas: Canvas, names: Sequence[str]) -> tuple[float, float]:
    """Where the data of rows with these names begin and end."""
    left = 12.0 if canvas.narrow else _gutter(names) + 22
    return left, canvas.width - 12


def _gutter(names: Sequence[str]) -> float:
    return min(250.0, max((text_width(clean(name), TEXT) for name in names), default=0) + 4)


def rows(canvas: Canvas, names: Sequence[str], top: float, depth: float = 0) -> Rows:
    """Write the names of rows: to the left of the data where there is room, above them on narrow pages.

    Args:
        canvas: the sheet.
        names: one a row.
        top: upper edge.
        depth: pixels that a row needs beyond one line of marks.
    """
    names = [clean(name) for name in names]
    if canvas.narrow:
        return _rows_below_names(canvas, names, top, depth)
    gutter = _gutter(names)
    dense = len(names) > 40
    lines = [wrap(name, gutter, TEXT, 1 if dense else 2) for name in names]
    height = depth + (20 if dense else 30 if all(len(each) == 1 for each in lines) else 40)
    left, right = span(canvas, names)
    centres = tuple(top + height * (place + 0.5) for place in range(len(names)))
    for centre, each in zip(centres, lines, strict=True):
        canvas.line([left - 8, right + 8], [centre, centre], palette.RULE, 1, under=True)
        for place, line in enumerate(each):
            canvas.text(gutter, centre + 4.5 + 15 * (place - (len(each) - 1) / 2), line, anchor="end")
    return Rows(left, right, top, top + height * len(names), centres)


def _rows_below_names(canvas: Canvas, names: Sequence[str], top: float, depth: float) -> Rows:
    left, right = 12.0, canvas.width - 12
    centres, y = [], top
    for name in names:
        for line in wrap(name, canvas.width, TEXT, 2):
            y += 17
            canvas.text(0, y, line, halo=True)
        y += 13 + depth / 2
        canvas.line([0, canvas.width], [y, y], palette.RULE, 1, under=True)
        centres.append(y)
        y += 11 + depth / 2
    return Rows(left, right, top, y, tuple(centres))


def grid(canvas: Canvas, scale: Scale, values: Sequence[float], top: float, bottom: float) -> None:
    """Vertical grid lines."""
    for value in values:
        canvas.line([scale(value)] * 2, [top, bottom], palette.RULE, 1, under=True)


def axis(
    canvas: Canvas, scale: Scale, values: Sequence[float], texts: Sequence[str], y: float, title: str
) -> float:
    """Numbers and a title under a horizontal axis; returns the lower edge."""
    canvas.line([scale.start - 8, scale.end + 8], [y, y], palette.MUTED, 1)
    for value, text in zip(values, texts, strict=True):
        x = scale(value)
        canvas.line([x, x], [y, y + 4], palette.MUTED, 1)
        half = text_width(text, SMALL) / 2
        x = min(max(x, half), canvas.width - half)
        canvas.text(x, y + 18, text, anchor="middle", size=SMALL, colour=palette.MUTED)
    canvas.text((scale.start + scale.end) / 2, y + 38, title, anchor="middle", size=SMALL, colour=palette.MUTED)
    return y + 50


def heights(canvas: Canvas, scale: Scale, left: float, right: float, *, shares: bool = False) -> None:
    """Horizontal grid lines and the numbers of a vertical axis, as percentages where they are shares."""
    values = scale.ticks(4)
    unit = 100.0 if shares else 1.0
    step = unit * min((b - a for a, b in pairwise(values)), default=1.0)
    digits = 0 if step > 0.99 else 1 if step > 0.099 else 2
    for value in values:
        y = scale(value)
        canvas.line([left, right], [y, y], palette.RULE, 1, under=True)
        text = percent(value, digits) if shares else number(value, digits)
        canvas.text(left - 8, y + 4, text, anchor="end", size=SMALL, colour=palette.MUTED)


def along(canvas: Canvas, low: float, high: float) -> Scale:
    """The severity axis under panels that have numbers at their left."""
    high = high if high > low else low + 1.0
    return Scale(low, high, 46.0 if canvas.narrow else 56.0, canvas.width - 12)


def threshold_names(
    canvas: Canvas, scale: Scale, thresholds: Mapping[str, float], top: float
) -> tuple[float, dict[str, float]]:
    """Names of thresholds above a panel, in lanes so that none overlaps another.

    Returns:
        the lower edge, and the height at which each threshold's line begins.
    """
    begins: dict[str, float] = {}
    lanes: list[float] = []
    for name, value in sorted(thresholds.items(), key=lambda each: (each[1], each[0])):
        if not scale.holds(value):
            continue
        x = scale(value)
        text = wrap(f"{clean(name)} {number(value)}", canvas.width, TEXT, 1)[0]
        width = text_width(text, TEXT)
        start = min(max(x - width / 2, 0), canvas.width - width)
        lane = next((place for place, end in enumerate(lanes) if start > end + 10), len(lanes))
        lanes[lane:] = [start + width, *lanes[lane + 1 :]]
        y = top + 15 + 18 * lane
        canvas.text(start + width / 2, y, text, anchor="middle", colour=palette.LINE, bold=True, halo=True)
        begins[name] = y + 5
    return (top + 24 + 18 * (len(lanes) - 1) if lanes else top), begins


def threshold_lines(
    canvas: Canvas, scale: Scale, thresholds: Mapping[str, float], begins: Mapping[str, float], bottom: float
) -> None:
    """Dashed lines of the thresholds from their names down."""
    for name, begin in begins.items():
        x = scale(thresholds[name])
        canvas.line([x, x], [begin, bottom], palette.LINE, 1.4, dashes=(3, 2))


def whisker(canvas: Canvas, scale: Scale, y: float, low: float, high: float, colour: str) -> None:
    """An interval, with an arrow where it runs beyond the scale."""
    start, end = scale.clip(low), scale.clip(high)
    canvas.line([start, end], [y, y], colour, 2)
    if low < scale.low:
        canvas.mark(start - 4, y, "left")
    if high > scale.high:
        canvas.mark(end + 4, y, "right")
