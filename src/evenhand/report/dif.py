"""Picture of item bias: the effect of each item in each group, with its interval."""

import math
from dataclasses import dataclass

from evenhand.report import layout, palette
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.formats import DASH, finite, interval, many, number
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

SHOWN = 60
"""Rows of a picture; with more, those furthest from zero."""

_WIDEST = 3.0
"""Intervals reach at most so many times as far as the estimates: one unsure item must not squeeze the others."""


@dataclass(frozen=True, slots=True)
class BiasRow:
    """One item in one group.

    Attributes:
        item: the item.
        group: the group that was compared with the reference.
        effect: None where there is insufficient evidence.
        low: lower end of its 95 % interval.
        high: upper end.
        p: p-value, adjusted for the number of tests.
        size: A, B or C; empty without evidence.
        flagged: whether it stands out.
    """

    item: str
    group: str
    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    size: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class BiasContent:
    """What the picture shows.

    Attributes:
        reference: the group that the others were compared with.
        axis: what the effect is, in a few words.
        rows: a row an item and group.
        method: a short word for the method, part of the picture's key.
    """

    reference: str
    axis: str
    rows: tuple[BiasRow, ...]
    method: str = "lr"


def item_bias(content: BiasContent) -> Picture | None:
    """Effects with intervals, None where no row has one."""
    known = [row for row in content.rows if finite(row.effect) is not None]
    if not known:
        return None
    drawn = known
    if len(known) > SHOWN:
        furthest = sorted(known, key=lambda row: -abs(row.effect or 0.0))[:SHOWN]
        drawn = [row for row in known if row in furthest]
    reference = clean(content.reference)
    return paint(
        f"item-bias-{content.method}",
        title=f"Items that people of equal need answer differently from {reference}",
        description=_description(content, known),
        reading="Each mark compares a group with the reference among people of equal need. At 0 the item works "
        "alike for both. The line is the 95 % interval. A diamond marks an item that stands out: its "
        "difference is not likely to be chance, all tests considered, nor small.",
        table=_table(content),
        draw=lambda canvas: _draw(canvas, content, drawn),
    )


def _name(content: BiasContent, row: BiasRow) -> str:
    several = len({each.group for each in content.rows}) > 1
    return clean(f"{row.item}, {row.group}" if several else row.item)


def _description(content: BiasContent, known: list[BiasRow]) -> str:
    flagged = [row for row in known if row.flagged]
    groups = len({row.group for row in known})
    text = f"{many(len({row.item for row in known}), 'item')} in {many(groups, 'group')} against "
    text += f"{clean(content.reference)}. "
    if not flagged:
        return f"{text}No item stands out."
    named = "; ".join(f"{_name(content, row)} {number(row.effect)}" for row in flagged[:8])
    more = f" and {len(flagged) - 8} more" if len(flagged) > 8 else ""
    return f"{text}Standing out: {named}{more}."


def _table(content: BiasContent) -> Table:
    rows = tuple(
        (
            clean(row.item),
            clean(row.group),
            number(row.effect) if finite(row.effect) is not None else "insufficient evidence",
            interval(_ends(row)),
            number(row.p, 3),
            row.size or DASH,
            "yes" if row.flagged else "no" if finite(row.effect) is not None else DASH,
        )
        for row in content.rows
    )
    columns = ("Item", "Group", "Effect", "95 % interval", "p (Holm)", "Size", "Stands out")
    note = f"Effect: {clean(content.axis)}. A negligible, B moderate, C large."
    return Table("Effects by item and group", columns, rows, frozenset({1, 2, 3, 5, 6}), note)


def _ends(row: BiasRow) -> tuple[float, float] | None:
    low, high = finite(row.low), finite(row.high)
    return None if low is None or high is None else (low, high)


def _range(rows: list[BiasRow], left: float, right: float) -> Scale:
    reach = max(0.5, *(abs(row.effect or 0.0) for row in rows))
    ends = [abs(end) for row in rows for end in _ends(row) or () if math.isfinite(end)]
    reach = 1.05 * max(reach, min(max(ends, default=reach), _WIDEST * reach))
    return Scale(-reach, reach, left, right)


def _draw(canvas: Canvas, content: BiasContent, rows: list[BiasRow]) -> float:
    names = [_name(content, row) for row in rows]
    scale = _range(rows, *layout.span(canvas, names))
    legend: list[tuple[Mark, str]] = [("dot", "item with 95 % interval")]
    if any(row.flagged for row in rows):
        legend.append(("diamond", "stands out"))
    top = layout.legend(canvas, legend)
    drawn = layout.rows(canvas, names, top + 6)
    bottom = drawn.bottom + 4
    canvas.line([scale(0)] * 2, [top, bottom], palette.BAND_EDGE, 1)
    for centre, row in zip(drawn.centres, rows, strict=True):
        ends = _ends(row)
        if ends is not None:
            colour = palette.SECOND if row.flagged else palette.DATA
            layout.whisker(canvas, scale, centre, *ends, colour)
        canvas.mark(scale.clip(row.effect or 0.0), centre, "diamond" if row.flagged else "dot")
    ticks = scale.ticks(5 if canvas.narrow else 9)
    digits = 0 if all(abs(tick - round(tick)) < 1e-9 for tick in ticks) else 1
    return layout.axis(canvas, scale, ticks, [number(tick, digits) for tick in ticks], bottom, clean(content.axis))
