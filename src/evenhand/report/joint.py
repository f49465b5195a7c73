"""Picture of need and capacity together: how many people have how much of each, in cells that expose nobody."""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.measure.profile import ProfileFit
from evenhand.measure.profile_scores import joint_scores
from evenhand.measure.responses import FloatArray
from evenhand.measure.withholding import MIN_GROUP, withheld
from evenhand.programme.scale import JointRecord
from evenhand.report import layout, palette
from evenhand.report.canvas import TEXT, Canvas, Scale, paint
from evenhand.report.formats import count, interval, many, number, percent
from evenhand.report.labels import text_width
from evenhand.report.picture import Picture, Table

FINE = 5_000
"""From so many people on cells are half an SD wide; below, one SD."""

REACH = 2
"""The outermost cells begin so many SDs from the mean and have no end: nobody stands alone at an edge."""

_CLASSES = (0.01, 0.02, 0.05, 0.10)
"""Edges of the colour classes, as shares of the people."""

_FILL = ("#dbe6ec", "#a9c6d4", "#6f9fb6", "#3a7896", "#0b5a7a")
_INK = (palette.INK, palette.INK, palette.INK, "#ffffff", "#ffffff")


@dataclass(frozen=True, slots=True)
class JointContent:
    """People by their joint posterior means of need and capacity, small cells withheld.

    Attributes:
        need: (B - 1,) edges between the cells along need; the first and the last cell are open.
        capacity: (B - 1,) edges along capacity.
        people: (B, B) people by need and capacity, NaN where withheld.
        share: (B, B) their weighted share of everybody, NaN likewise.
        correlation: of need and capacity in the model.
        low: lower end of its 95 % interval.
        high: upper end.
        n: people.
    """

    need: FloatArray
    capacity: FloatArray
    people: FloatArray
    share: FloatArray
    correlation: float
    low: float
    high: float
    n: int


def joint_content(fit: ProfileFit, record: JointRecord) -> JointContent:
    """People by need and capacity; cells of fewer than 11 are withheld, and more where subtraction finds them.

    The edges depend on the latent SDs alone, not on anybody's answers.
    """
    patterns = fit.problem.patterns
    mean = joint_scores(fit).joint_mean
    n = np.where(patterns.w > 0, patterns.n, 0.0)
    step = 0.5 if n.sum() >= FINE else 1.0
    edges: FloatArray = np.arange(-REACH, REACH + step / 2, step)
    need, capacity = edges * record.need.sd, edges * record.capacity.sd
    cell = np.searchsorted(need, mean[:, 0], "right"), np.searchsorted(capacity, mean[:, 1], "right")
    size = len(edges) + 1
    people, weight = np.zeros((size, size)), np.zeros((size, size))
    np.add.at(people, cell, n)
    np.add.at(weight, cell, patterns.w)
    hidden = np.array(withheld(people.ravel().tolist())).reshape(size, size)
    return JointContent(
        need,
        capacity,
        np.where(hidden, np.nan, people),
        np.where(hidden, np.nan, weight / weight.sum()),
        record.correlation,
        record.low,
        record.high,
        int(n.sum()),
    )


def need_and_capacity(content: JointContent) -> Picture:
    """The heat map, with the correlation and a table of the cells."""
    return paint(
        "need-and-capacity",
        title="Need and capacity together",
        description=_description(content),
        reading="Each cell holds the people with so much need and so much capacity, by the joint model: the "
        f"number is their share in per cent. Cells of fewer than {MIN_GROUP} people are blank, and a few more "
        "where one could be found by subtraction. For reports only: no decision about a person rests on it.",
        table=_table(content),
        draw=lambda canvas: _draw(canvas, content),
    )


def _correlation(content: JointContent) -> str:
    found = interval((content.low, content.high))
    return f"The correlation of need and capacity is {number(content.correlation)} (95 % interval {found})."


def _description(content: JointContent) -> str:
    shown = np.argwhere(np.isfinite(content.people))
    text = f"{many(content.n, 'person', 'people')}. {_correlation(content)} "
    if not len(shown):
        return f"{text}Every cell is too small to show."
    row, column = max(shown.tolist(), key=lambda place: float(content.share[place[0], place[1]]))
    where = f"need {_span(content.need, row)} and capacity {_span(content.capacity, column)}"
    return f"{text}The fullest cell, {where}, holds {percent(float(content.share[row, column]))}."


def _span(edges: FloatArray, place: int) -> str:
    """The range of a cell in words."""
    if place == 0:
        return f"below {number(float(edges[0]))}"
    if place == len(edges):
        return f"{number(float(edges[-1]))} or more"
    return f"{number(float(edges[place - 1]))} to {number(float(edges[place]))}"


def _table(content: JointContent) -> Table:
    rows = tuple(
        (
            _span(content.need, row),
            _span(content.capacity, column),
            count(float(content.people[row, column])),
            percent(float(content.share[row, column])),
        )
        for row, column in np.argwhere(np.isfinite(content.people)).tolist()
    )
    rows = rows or (("–", "–", f"fewer than {MIN_GROUP}", "–"),)
    note = f"{_correlation(content)} Cells of fewer than {MIN_GROUP} people are not listed."
    columns = ("Need", "Capacity", "People", "Share")
    return Table("People by need and capacity", columns, rows, frozenset({1}), note)


def _shade(share: float) -> int:
    return sum(share >= edge for edge in _CLASSES)


def _draw(canvas: Canvas, content: JointContent) -> float:
    size = len(content.people)
    left = 52.0 if canvas.narrow else 84.0
    top = _legend(canvas) + 14
    cell = min(64.0, (canvas.width - left - 16) / size)
    side = cell * size
    for row in range(size):
        for column in range(size):
            x, y = left + row * cell, top + (size - 1 - column) * cell
            share = float(content.share[row, column])
            known = math.isfinite(share)
            canvas.box((x, y, cell, cell), _FILL[_shade(share)] if known else "#ffffff", palette.RULE)
            if known:
                _print(canvas, share, x + cell / 2, y + cell / 2, cell)
    return _axes(canvas, content, left, top, side)


def _print(canvas: Canvas, share: float, x: float, y: float, cell: float) -> None:
    text = number(100 * share, 0 if share >= 0.0995 else 1)
    size = min(TEXT, cell / max(text_width(text, 1.0), 1.0) * 0.8)
    canvas.text(x, y + 0.36 * size, text, anchor="middle", size=size, colour=_INK[_shade(share)])


def _axes(canvas: Canvas, content: JointContent, left: float, top: float, side: float) -> float:
    cell = side / len(content.people)
    every = 1 if cell >= 34 else 2
    for place, value in enumerate(content.capacity[::every].tolist()):
        y = top + side - (1 + place * every) * cell
        canvas.text(left - 6, y + 4, number(value, 1), anchor="end", size=layout.SMALL, colour=palette.MUTED)
    ticks = content.need[::every].tolist()
    # one cell stands for the open end on either side, so a cell's width is one step throughout
    step = float(content.need[1] - content.need[0])
    scale = Scale(float(content.need[0]) - step, float(content.need[-1]) + step, left, left + side)
    canvas.text(left, top - 5, "capacity ↑", size=layout.SMALL, colour=palette.MUTED)
    return layout.axis(canvas, scale, ticks, [number(tick, 1) for tick in ticks], top + side, "need →")


def _legend(canvas: Canvas) -> float:
    """What the colours mean, in as many lines as the width asks for; returns the lower edge."""
    words = [
        "below 1 %",
        "1 to 2 %",
        "2 to 5 %",
        "5 to 10 %",
        "10 % or more",
        f"blank: fewer than {MIN_GROUP} people",
    ]
    x, y = 8.0, 16.0
    for fill, text in zip((*_FILL, "#ffffff"), words, strict=True):
        width = 22 + text_width(text, layout.SMALL)
        if x > 8 and x + width > canvas.width:
            x, y = 8.0, y + 22
        canvas.box((x, y - 11, 14, 14), fill, palette.EDGE)
        canvas.text(x + 20, y, text, size=layout.SMALL, colour=palette.MUTED)
        x += width + 14
    return y + 12
