"""Pictures of tests of fit: S-X2 of each item, and the strongest dependence beside what chance makes of it."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.report import layout, palette
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.formats import DASH, count, finite, many, number
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

ALPHA = 0.05
"""A p-value below this, after Holm, stands out."""

CLOSE_FIT = 0.05
"""RMSEA up to this is called close fit (Maydeu-Olivares & Joe 2014)."""

BINS = 24

LISTED = 20
"""Pairs in the table of the null distribution."""


@dataclass(frozen=True, slots=True)
class ChiSquareRow:
    """S-X2 of one item: statistic, degrees of freedom, p-value after Holm and RMSEA, None without a test."""

    item: str
    statistic: float
    df: int
    p: float | None
    rmsea: float | None

    @property
    def flagged(self) -> bool:
        """Whether it stands out."""
        return self.p is not None and self.p < ALPHA


@dataclass(frozen=True, slots=True)
class NullContent:
    """Q3 of pairs beside the largest Q3 of simulated sets that fit, both less the mean of all pairs.

    Attributes:
        null: (R,) largest of each simulated set.
        critical: what 5 % of the sets exceed.
        pairs: item, item and Q3 less the mean, from the strongest on.
        seed: of the sets.
        people: in a set.
    """

    null: FloatArray
    critical: float
    pairs: tuple[tuple[str, str, float], ...]
    seed: int
    people: int


@dataclass(frozen=True, slots=True)
class FitTests:
    """What the pictures show.

    Attributes:
        items: S-X2, a row an item; empty where it cannot be had.
        null: the null distribution of Q3, or None.
    """

    items: tuple[ChiSquareRow, ...] = ()
    null: NullContent | None = None


def s_x2(content: FitTests) -> Picture | None:
    """RMSEA of each item from S-X2, None where no item has one."""
    known = [row for row in content.items if finite(row.rmsea) is not None]
    if not known:
        return None
    return paint(
        "s-x2",
        title="How far each item is from what the model says at each sum score",
        description=_s_x2_description(known),
        reading="People are grouped by their sum score. The further to the right, the further their answers are "
        "from what the model says. In the shaded band the misfit is small, even where it is not chance. A diamond "
        "marks an item whose misfit is not likely to be chance, all items considered.",
        table=_s_x2_table(content.items),
        draw=lambda canvas: _draw_s_x2(canvas, known),
    )


def _s_x2_description(rows: list[ChiSquareRow]) -> str:
    flagged = [row for row in rows if row.flagged]
    if not flagged:
        return f"{many(len(rows), 'item')}; the misfit of none is more than chance."
    named = ", ".join(f"{clean(row.item)} {number(row.rmsea, 3)}" for row in flagged[:8])
    more = f" and {len(flagged) - 8} more" if len(flagged) > 8 else ""
    return f"{many(len(rows), 'item')}; more than chance: {named}{more}."


def _s_x2_table(rows: tuple[ChiSquareRow, ...]) -> Table:
    cells = tuple(
        (
            clean(row.item),
            number(row.statistic, 1),
            str(row.df),
            number(row.p, 3),
            number(row.rmsea, 3),
            DASH if row.p is None else "yes" if row.flagged else "no",
        )
        for row in rows
    )
    columns = ("Item", "S-X2", "df", "p (Holm)", "RMSEA", "Stands out")
    return Table("S-X2 of each item", columns, cells, frozenset({5}), "A dash: too few people for a test.")


def _draw_s_x2(canvas: Canvas, rows: list[ChiSquareRow]) -> float:
    names = [clean(row.item) for row in rows]
    top_value = max(2 * CLOSE_FIT, *(1.1 * (row.rmsea or 0.0) for row in rows))
    scale = Scale(0.0, top_value, *layout.span(canvas, names))
    legend: list[tuple[Mark, str]] = [("dot", "item")]
    if any(row.flagged for row in rows):
        legend.append(("diamond", "more than chance"))
    top = layout.legend(canvas, legend)
    drawn = layout.rows(canvas, names, top + 6)
    bottom = drawn.bottom + 4
    canvas.box((scale(0), top, scale(CLOSE_FIT) - scale(0), bottom - top), palette.BAND)
    canvas.line([scale(CLOSE_FIT)] * 2, [top, bottom], palette.BAND_EDGE, 1, dashes=(4, 3))
    for centre, row in zip(drawn.centres, rows, strict=True):
        canvas.mark(scale.clip(row.rmsea or 0.0), centre, "diamond" if row.flagged else "dot")
    ticks = scale.ticks(4 if canvas.narrow else 7)
    return layout.axis(canvas, scale, ticks, [number(tick) for tick in ticks], bottom, "RMSEA, 0 expected")


def q3_null(content: FitTests) -> Picture | None:
    """The strongest pairs on the distribution of the largest Q3 where nothing is wrong, None without one."""
    null = content.null
    if null is None or not np.isfinite(null.null).all() or not null.pairs:
        return None
    return paint(
        "q3-null",
        title="The strongest dependence between items, beside what chance alone makes",
        description=_null_description(null),
        reading="The bars show the strongest pair in simulated answers to these items in which nothing is wrong. "
        "Only 5 % of those sets reach beyond the dashed line. A diamond is a pair of these answers beyond it: the "
        "two items share more than the scale measures.",
        table=_null_table(null),
        draw=lambda canvas: _draw_null(canvas, null),
    )


def _beyond(null: NullContent) -> list[tuple[str, str, float]]:
    return [pair for pair in null.pairs if pair[2] > null.critical]


def _null_description(null: NullContent) -> str:
    text = f"{count(len(null.null))} simulated sets of {many(null.people, 'person', 'people')}, seed {null.seed}; "
    text += f"5 % exceed {number(null.critical, 3)}. "
    beyond = _beyond(null)
    if not beyond:
        return f"{text}The strongest pair, {_pair(null.pairs[0])}, does not."
    more = f" and {len(beyond) - 4} more" if len(beyond) > 4 else ""
    return f"{text}Beyond it: {'; '.join(map(_pair, beyond[:4]))}{more}."


def _pair(pair: tuple[str, str, float]) -> str:
    return f"{clean(pair[0])} with {clean(pair[1])} {number(pair[2], 3)}"


def _null_table(null: NullContent) -> Table:
    rows = tuple(
        (clean(first), clean(second), number(value, 3), "yes" if value > null.critical else "no")
        for first, second, value in null.pairs[:LISTED]
    )
    columns = ("Item", "With", "Q3 above the mean", "Beyond chance")
    caption = f"The {many(len(rows), 'strongest pair')}"
    note = f"5 % of the simulated sets exceed {number(null.critical, 3)}."
    return Table(caption, columns, rows, frozenset({1, 3}), note)


def _draw_null(canvas: Canvas, null: NullContent) -> float:
    shown = _beyond(null) or [null.pairs[0]]
    values = [float(null.null[0]), float(null.null[-1]), null.critical, *(value for _, _, value in shown)]
    pad = max(0.02, 0.05 * (max(values) - min(values)))
    across = layout.along(canvas, min(values) - pad, max(values) + pad)
    legend: list[tuple[Mark, str]] = [("people", "simulated sets")]
    legend.append(("diamond", "pair beyond chance") if _beyond(null) else ("dot", "strongest pair"))
    top = layout.legend(canvas, legend)
    share, edges = np.histogram(null.null, bins=BINS, range=(across.low, across.high))
    upright = Scale(0, 1.1 * float(share.max()) / len(null.null), top + 190, top + 20)
    layout.heights(canvas, upright, across.start, across.end, shares=True)
    for low, high, n in zip(edges[:-1], edges[1:], share, strict=True):
        height = upright(n / len(null.null))
        if n:
            box = (across(low), height, across(high) - across(low), upright(0) - height)
            canvas.box(box, palette.PEOPLE, palette.EDGE)
    canvas.line([across(null.critical)] * 2, [top + 8, upright(0)], palette.LINE, 1.4, dashes=(3, 2))
    for _, _, value in shown:
        canvas.mark(across(value), upright(0) - 8, "diamond" if value > null.critical else "dot")
    ticks = across.ticks(4 if canvas.narrow else 8)
    step = min((b - a for a, b in pairwise(ticks)), default=0.1)
    digits = max(1, -math.floor(math.log10(step) + 1e-9))
    texts = [number(tick, digits) for tick in ticks]
    return layout.axis(canvas, across, ticks, texts, upright(0), "largest Q3 less the mean of all pairs")
