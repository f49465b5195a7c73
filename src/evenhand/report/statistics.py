"""Pictures of the public statistics: bars of one period, and a small panel of lines for each district.

Each is drawn from released figures alone, carries its intervals, and has a table with the same numbers. A figure
that is withheld has no bar and no point, and its row says *too few*.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evenhand.report import layout, palette
from evenhand.report.canvas import TEXT, Canvas, Scale, paint
from evenhand.report.formats import DASH, number, percent
from evenhand.report.labels import clean, shorten
from evenhand.report.picture import Picture, Table
from evenhand.statistics.area import Estimate
from evenhand.statistics.figures import ALL, Figure

PANEL = 84.0
"""Height of a panel, pixels."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the pictures; `{}` takes a period, a threshold or a number. English by default.

    Attributes:
        people: title of the bars of people.
        shares: title of the bars of shares.
        months: title of the lines.
        reading: how to read an interval.
        area: heading of the column of areas.
        period: heading of the column of months.
        value: heading of the column of values.
        within: heading of the column of intervals.
        too_few: written where a figure is withheld.
        axis_people: title of the axis of people.
        axis_shares: title of the axis of shares.
        seen: description; takes how many figures are shown, and of how many.
        between: an interval; takes its two ends.
        decimal: the decimal mark.
        thousands: what stands between thousands.
    """

    people: str = "People taking part, {}"
    shares: str = "Share of people in need, {}: {}"
    months: str = "Share of people in need, month by month: {}"
    reading: str = (
        "The line through each value is its 90 % interval: it holds the noise that was added so that nobody can "
        "be found, the chance of who took part, and the error of measuring. Where two intervals overlap widely, "
        "the figures do not tell which is larger."
    )
    area: str = "Place"
    period: str = "Month"
    value: str = "Value"
    within: str = "90 % interval"
    too_few: str = "too few"
    axis_people: str = "people, with 90 % interval"
    axis_shares: str = "share of people, with 90 % interval"
    seen: str = "{} of {} figures are shown; the others are withheld because too few people stand in them."
    between: str = "{} to {}"
    decimal: str = "."
    thousands: str = ","

    def number(self, value: float, *, shares: bool, digits: int = 1) -> str:
        """A number of people, or a share as a percentage with so many decimals, in the language's marks."""
        text = percent(value, digits) if shares else number(value, 0)
        return text.translate(str.maketrans(".,", self.decimal + self.thousands))

    def interval(self, found: Estimate, *, shares: bool) -> str:
        """The interval of an estimate, likewise; the sign for percent stands once."""
        low, high = (self.number(end, shares=shares) for end in (found.low, found.high))
        return self.between.format(low.removesuffix("\N{NO-BREAK SPACE}%"), high)


ENGLISH = Words()


@dataclass(frozen=True, slots=True)
class _Row:
    """A named value; None where it is withheld."""

    name: str
    estimate: Estimate | None


def people_bars(
    found: Sequence[Figure], period: str, names: Mapping[str, str], *, words: Words = ENGLISH
) -> Picture | None:
    """Bars of the number of people in each region and district; None where the period has no figures.

    Args:
        found: the figures.
        period: YYYY-MM or YYYY.
        names: what each area is called.
        words: words of the picture.
    """
    rows = _rows(found, period, names, lambda figure: figure.estimate.people if figure.estimate else None)
    title = words.people.format(period)
    return _bars(f"people-{period}", title, rows, words, words.axis_people, shares=False)


def share_bars(
    found: Sequence[Figure],
    period: str,
    names: Mapping[str, str],
    threshold: str,
    place: int,
    *,
    words: Words = ENGLISH,
) -> Picture | None:
    """Bars of the share of people at or above a threshold, likewise.

    Args:
        found: the figures.
        period: YYYY-MM or YYYY.
        names: what each area is called.
        threshold: what the threshold is called.
        place: which of the figures' shares it is, from 0.
        words: words of the picture.
    """
    rows = _rows(found, period, names, lambda figure: _share(figure, place))
    title = words.shares.format(period, threshold)
    return _bars(f"shares-{place}-{period}", title, rows, words, words.axis_shares, shares=True)


def share_lines(
    found: Sequence[Figure], names: Mapping[str, str], threshold: str, place: int, *, words: Words = ENGLISH
) -> Picture | None:
    """A small panel for each district: the share over the months, with intervals; None without two months.

    Args:
        found: the figures of several months.
        names: what each area is called.
        threshold: what the threshold is called.
        place: which of the figures' shares it is, from 0.
        words: words of the picture.
    """
    own = [each for each in found if each.kind == "district" and each.group == ALL and len(each.period) == 7]
    months = list(dict.fromkeys(each.period for each in own))
    if len(months) < 2:
        return None
    by_key = {(each.area, each.period): _share(each, place) for each in own}
    panels = {area: [by_key.get((area, month)) for month in months] for area in dict.fromkeys(e.area for e in own)}
    every = [_Row(names.get(area, area), one) for area, series in panels.items() for one in series]
    table = Table(
        words.months.format(threshold),
        (words.area, words.period, words.value, words.within),
        tuple(
            (clean(names.get(area, area)), month, *_told(one, words, shares=True))
            for area, series in panels.items()
            for month, one in zip(months, series, strict=True)
        ),
        frozenset({1}),
    )
    return paint(
        f"months-{place}",
        title=words.months.format(threshold),
        description=_seen(every, words),
        reading=words.reading,
        table=table,
        draw=lambda canvas: _draw_panels(canvas, panels, months, names, _highest(every, 1.0), words),
    )


def _share(figure: Figure, place: int) -> Estimate | None:
    return None if figure.estimate is None else figure.estimate.shares[place]


def _rows(
    found: Sequence[Figure], period: str, names: Mapping[str, str], value: Callable[[Figure], Estimate | None]
) -> list[_Row]:
    chosen = [each for each in found if each.period == period and each.group == ALL]
    chosen.sort(key=lambda each: each.kind == "district")  # regions first
    return [_Row(clean(names.get(each.area, each.area)), value(each)) for each in chosen]


def _bars(
    key: str,
    title: str,
    rows: list[_Row],
    words: Words,
    axis: str,
    *,
    shares: bool,
) -> Picture | None:
    if not rows:
        return None
    table = Table(
        title,
        (words.area, words.value, words.within),
        tuple((row.name, *_told(row.estimate, words, shares=shares)) for row in rows),
    )
    limit = 1.0 if shares else None
    return paint(
        key,
        title=title,
        description=_seen(rows, words),
        reading=words.reading,
        table=table,
        draw=lambda canvas: _draw_bars(canvas, rows, _highest(rows, limit), axis, words, shares=shares),
    )


def _draw_bars(
    canvas: Canvas, rows: list[_Row], highest: float, axis: str, words: Words, *, shares: bool
) -> float:
    names = [row.name for row in rows]
    scale = Scale(0, highest, *layout.span(canvas, names))
    drawn = layout.rows(canvas, names, 0)
    ticks = scale.ticks(4 if canvas.narrow else 8)
    layout.grid(canvas, scale, ticks, drawn.top, drawn.bottom)
    for row, y in zip(rows, drawn.centres, strict=True):
        if row.estimate is None:
            canvas.text(scale.start + 4, y + 4.5, words.too_few, colour=palette.MUTED, halo=True)
            continue
        end = scale.clip(row.estimate.value)
        canvas.box((scale.start, y - 7, max(end - scale.start, 0.5), 14), palette.PEOPLE, palette.EDGE)
        layout.whisker(canvas, scale, y, row.estimate.low, row.estimate.high, palette.DATA)
    digits = 0 if all(abs(100 * tick - round(100 * tick)) < 1e-9 for tick in ticks) else 1
    told = [words.number(tick, shares=shares, digits=digits) for tick in ticks]
    return layout.axis(canvas, scale, ticks, told, drawn.bottom, axis) + 8


def _draw_panels(
    canvas: Canvas,
    panels: Mapping[str, Sequence[Estimate | None]],
    months: Sequence[str],
    names: Mapping[str, str],
    highest: float,
    words: Words,
) -> float:
    columns, left, gap = (1 if canvas.narrow else 2), 52.0, 18.0
    width = (canvas.width - columns * left - gap * (columns - 1)) / columns
    top = 0.0
    for number_, (area, series) in enumerate(panels.items()):
        column = number_ % columns
        start = left + column * (left + width + gap)
        canvas.text(start, top + 16, shorten(clean(names.get(area, area)), width, TEXT), bold=True, halo=True)
        up, along = (
            Scale(0, highest, top + 28 + PANEL, top + 28),
            Scale(0, len(months) - 1, start, start + width - 8),
        )
        layout.heights(canvas, up, start, start + width, shares=True)
        _draw_series(canvas, along, up, series)
        if not any(series):
            canvas.text(start + 8, top + 28 + PANEL / 2, words.too_few, colour=palette.MUTED, halo=True)
        foot = top + 28 + PANEL + 16
        canvas.text(along(0), foot, months[0], size=layout.SMALL, colour=palette.MUTED)
        last = len(months) - 1
        canvas.text(along(last), foot, months[-1], anchor="end", size=layout.SMALL, colour=palette.MUTED)
        if column == columns - 1 or number_ == len(panels) - 1:
            top += PANEL + 56
    return top


def _draw_series(canvas: Canvas, along: Scale, up: Scale, series: Sequence[Estimate | None]) -> None:
    """A band of intervals and a line of values, broken where a month is withheld."""
    runs: list[list[tuple[float, Estimate]]] = [[]]
    for place, each in enumerate(series):
        if each is None:
            runs.append([])
        else:
            runs[-1].append((along(place), each))
    for run in filter(None, runs):
        for x, each in run:
            canvas.line([x, x], [up.clip(each.low), up.clip(each.high)], palette.EDGE, 1.2)
            canvas.mark(x, up.clip(each.value), "small")
        canvas.line([x for x, _ in run], [up.clip(each.value) for _, each in run], palette.DATA, 1.8)


def _highest(rows: Sequence[_Row], limit: float | None) -> float:
    ends = [row.estimate.high for row in rows if row.estimate is not None]
    most = 1.05 * max([*ends, 0.1 if limit is not None else 1.0])
    return most if limit is None else min(limit, most)


def _told(estimate: Estimate | None, words: Words, *, shares: bool) -> tuple[str, str]:
    if estimate is None:
        return words.too_few, DASH
    return words.number(estimate.value, shares=shares), words.interval(estimate, shares=shares)


def _seen(rows: Sequence[_Row], words: Words) -> str:
    return words.seen.format(sum(row.estimate is not None for row in rows), len(rows))
