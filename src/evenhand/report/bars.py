"""One kind of picture for many figures: a row a figure, a mark and its interval, and the same in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.report import layout, palette
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.formats import DASH, finite, interval, number, percent, percent_interval
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

SHOWN = 60
"""Rows that are drawn; the table holds all."""

NO_FIGURE = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of a row.

    Attributes:
        value: None where there is insufficient evidence.
        low: lower end of its interval, None where there is none.
        high: upper end.
        reason: why there is no figure.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name, a figure for each reading, and a remark for the table."""

    name: str
    readings: tuple[Reading, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a picture that do not depend on what it shows.

    Attributes:
        row: heading of the rows.
        interval: heading of the intervals.
        note: heading of the remarks.
        no_figure: what stands where there is insufficient evidence.
        summary: how many rows there are and how many of them have no figure.
    """

    row: str = "Row"
    interval: str = "95 % interval"
    note: str = "Note"
    no_figure: str = NO_FIGURE
    summary: str = "{rows} rows, {missing} of them with insufficient evidence."


@dataclass(frozen=True, slots=True)
class Rows:
    """What a picture shows.

    Attributes:
        key: short name, unique on a page.
        title: a few words.
        reading: how to read it.
        axis: what the horizontal axis is.
        series: name of each reading, at most three.
        rows: the rows.
        shares: whether the figures are shares.
        line: a value to compare with, as 0 for differences; None for none.
        said: its other words; English when left out.
    """

    key: str
    title: str
    reading: str
    axis: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    shares: bool = True
    line: float | None = None
    said: Said = Said()


_MARKS: tuple[Mark, ...] = ("dot", "diamond", "square")
_COLOURS = (palette.DATA, palette.SECOND, palette.LINE)


def picture(content: Rows) -> Picture | None:
    """The picture, None where no row has any figure: its table then stands nowhere, and the page says so."""
    known = [each for row in content.rows for each in row.readings if finite(each.value) is not None]
    if not known:
        return None
    missing = sum(all(finite(each.value) is None for each in row.readings) for row in content.rows)
    summary = content.said.summary.format(rows=len(content.rows), missing=missing)
    description = " ".join([summary, *(f"{clean(row.name)}: {_words(content, row)}." for row in content.rows[:3])])
    return paint(
        content.key,
        title=content.title,
        description=description,
        reading=content.reading,
        table=table(content),
        draw=lambda canvas: _draw(canvas, content),
    )


def table(content: Rows) -> Table:
    """The same numbers."""
    columns = [content.said.row]
    for name in content.series:
        columns += [name[:1].upper() + name[1:], content.said.interval]
    noted = any(row.note for row in content.rows)
    rows = tuple(
        (
            clean(row.name),
            *(cell for each in row.readings for cell in _cells(content, each)),
            *((clean(row.note),) if noted else ()),
        )
        for row in content.rows
    )
    words = frozenset({2 * len(content.series) + 1}) if noted else frozenset[int]()
    reasons = sorted({clean(each.reason) for row in content.rows for each in row.readings if each.reason})
    headings = tuple(columns + ([content.said.note] if noted else []))
    return Table(content.title, headings, rows, words, note=". ".join(reasons))


def _cells(content: Rows, each: Reading) -> tuple[str, str]:
    if finite(each.value) is None:
        return content.said.no_figure, DASH
    value = percent(each.value) if content.shares else number(each.value)
    if each.low is None or each.high is None:
        return value, DASH
    ends = (each.low, each.high)
    return value, percent_interval(ends) if content.shares else interval(ends)


def _words(content: Rows, row: Row) -> str:
    return ", ".join(_cells(content, each)[0] for each in row.readings)


def _draw(canvas: Canvas, content: Rows) -> float:
    rows = content.rows[:SHOWN]
    names = [row.name for row in rows]
    low, high = _range(content, rows)
    scale = Scale(low, high, *layout.span(canvas, names))
    several = len(content.series) > 1
    top = layout.legend(canvas, list(zip(_MARKS, content.series, strict=False))) if several else 0.0
    depth = 12.0 * (len(content.series) - 1)
    drawn = layout.rows(canvas, names, top + 6, depth)
    ticks = scale.ticks(4 if canvas.narrow else 7)
    layout.grid(canvas, scale, ticks, drawn.top, drawn.bottom)
    if content.line is not None and scale.holds(content.line):
        canvas.line([scale(content.line)] * 2, [drawn.top, drawn.bottom], palette.LINE, 1.4, dashes=(3, 2))
    for row, centre in zip(rows, drawn.centres, strict=True):
        _draw_row(canvas, scale, row, centre, content.said.no_figure)
    texts = [
        percent(tick, _digits(ticks, 100)) if content.shares else number(tick, _digits(ticks, 1)) for tick in ticks
    ]
    return layout.axis(canvas, scale, ticks, texts, drawn.bottom, content.axis) + 4


def _draw_row(canvas: Canvas, scale: Scale, row: Row, centre: float, no_figure: str) -> None:
    if all(finite(each.value) is None for each in row.readings):
        canvas.text(scale.start + 4, centre + 4.5, no_figure, colour=palette.MUTED, halo=True)
        return
    for place, each in enumerate(row.readings):
        value = finite(each.value)
        if value is None:
            continue
        y = centre + 12.0 * (place - (len(row.readings) - 1) / 2)
        if each.low is not None and each.high is not None:
            layout.whisker(canvas, scale, y, each.low, each.high, _COLOURS[place])
        canvas.mark(scale.clip(value), y, _MARKS[place])


def _range(content: Rows, rows: Sequence[Row]) -> tuple[float, float]:
    ends = [] if content.line is None else [content.line]
    for row in rows:
        for each in row.readings:
            ends += [
                end for end in (each.value, each.low, each.high) if finite(end) is not None and end is not None
            ]
    low, high = min(ends), max(ends)
    if content.shares and low >= 0:
        return 0.0, min(1.0, max(1.05 * high, 0.1))
    pad = 0.05 * (high - low) or 0.5
    return low - pad, high + pad


def _digits(ticks: Sequence[float], unit: float) -> int:
    return next((n for n in range(3) if all(abs(unit * t - round(unit * t, n)) < 1e-9 for t in ticks)), 2)
