"""Picture of local dependence: correlations of residuals between pairs of items (Yen's Q3)."""

import math
from itertools import groupby

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.report import layout, palette, severity
from evenhand.report.canvas import TEXT, Canvas, paint
from evenhand.report.content import ReportContent
from evenhand.report.formats import many, number
from evenhand.report.labels import clean, shorten, text_width
from evenhand.report.picture import Picture, Table

STANDS_OUT = 0.2
"""A pair stands out this far from the average of all pairs (Christensen, Makransky & Horton 2017).

From the average, not from zero: under the model it is about -1 / (J - 1), so that zero would flag short scales.
"""

PRINTED = 12
"""Up to so many items each cell shows its number, and the table is the whole matrix."""

_LISTED = 40
"""Rows of the table for longer scales: the pairs that stand out most."""

_NUMBER = 38.0
"""Room for an item's number beside its row."""

_CLASSES = (-0.3, -0.2, -0.1, 0.1, 0.2, 0.3)
"""Edges of the colour classes, as distances from the average."""


def local_dependence(content: ReportContent) -> Picture | None:
    """Q3 of each pair of items as a heat map, None where no pair has one."""
    order = severity.by_severity(content)
    matrix = np.asarray(content.fit.q3, dtype=np.float64)[np.ix_(order, order)]
    names = [clean(content.scale.items[place].name) for place in order]
    pairs = _pairs(matrix)
    if not pairs:
        return None
    centre = float(np.mean([matrix[pair] for pair in pairs]))
    flagged = [pair for pair in pairs if abs(matrix[pair] - centre) > STANDS_OUT]
    return paint(
        "local-dependence",
        title="Pairs of items whose answers go together more, or less, than the scale explains",
        description=_description(names, matrix, pairs, flagged, centre),
        reading="Each cell is a pair of items. Near the average of all pairs, the scale explains why the answers "
        "go together. Orange pairs go together more than that, as when one question nearly repeats another; blue "
        "pairs less. A thick frame and an asterisk mark the pairs that stand out.",
        table=_table(names, matrix, pairs, flagged, centre),
        draw=lambda canvas: _draw(canvas, names, matrix, flagged, centre),
    )


def _pairs(matrix: FloatArray) -> list[tuple[int, int]]:
    """Below the diagonal, where finite."""
    size = len(matrix)
    return [(row, column) for row in range(size) for column in range(row) if math.isfinite(matrix[row, column])]


def _description(
    names: list[str],
    matrix: FloatArray,
    pairs: list[tuple[int, int]],
    flagged: list[tuple[int, int]],
    centre: float,
) -> str:
    text = f"{many(len(pairs), 'pair')}; the average is {number(centre)}. "
    if not flagged:
        return f"{text}No pair is further than {number(STANDS_OUT, 1)} from it."
    worst = sorted(flagged, key=lambda pair: -abs(matrix[pair] - centre))[:6]
    named = "; ".join(f"{names[column]} with {names[row]} {number(matrix[row, column])}" for row, column in worst)
    return (
        f"{text}{many(len(flagged), 'pair')} further than {number(STANDS_OUT, 1)} from it, the furthest: {named}."
    )


def _table(
    names: list[str],
    matrix: FloatArray,
    pairs: list[tuple[int, int]],
    flagged: list[tuple[int, int]],
    centre: float,
) -> Table:
    note = f"* further than {number(STANDS_OUT, 1)} from the average of all pairs, {number(centre)}."
    stars = set(flagged)
    if len(names) <= PRINTED:
        numbers = tuple(str(place + 1) for place in range(len(names)))
        rows = tuple(
            (f"{numbers[row]} {name}", *(_cell(matrix, row, column, stars) for column in range(len(names))))
            for row, name in enumerate(names)
        )
        return Table("Residual correlations (Q3) of numbered items", ("Item", *numbers), rows, note=note)
    furthest = sorted(pairs, key=lambda pair: (-abs(matrix[pair] - centre), pair))[:_LISTED]
    listed = tuple((names[column], names[row], _cell(matrix, row, column, stars)) for row, column in furthest)
    caption = f"The {len(listed)} pairs furthest from the average, of {many(len(pairs), 'pair')}"
    return Table(caption, ("Item", "With", "Q3"), listed, frozenset({1}), note)


def _cell(matrix: FloatArray, row: int, column: int, stars: set[tuple[int, int]]) -> str:
    pair = (max(row, column), min(row, column))
    return "" if row == column else number(matrix[pair]) + ("*" if pair in stars else "")


def _shade(distance: float) -> int:
    return sum(distance > edge for edge in _CLASSES)


def _draw(
    canvas: Canvas, names: list[str], matrix: FloatArray, flagged: list[tuple[int, int]], centre: float
) -> float:
    size = len(names)
    gutter = _gutter(canvas, names)
    cell = min(48.0, (canvas.width - gutter - 10) / size)
    top = _legend(canvas, centre) + 12
    _fill_cells(canvas, matrix, centre, gutter, top, cell)
    _lattice(canvas, gutter, top, cell, size)
    for row, column in flagged:
        canvas.box(
            (gutter + column * cell, top + row * cell, cell, cell), "none", palette.INK, 2.5 if cell > 16 else 1
        )
    _print_cells(canvas, matrix, set(flagged), centre, gutter, top, cell)
    _name_cells(canvas, names, gutter, top, cell)
    return top + size * cell + 24


def _gutter(canvas: Canvas, names: list[str]) -> float:
    """Names stand left of their rows on wide pages, numbers alone on narrow ones."""
    if canvas.narrow:
        return 30.0
    return min(230.0, max(text_width(name, TEXT) for name in names) + 4) + _NUMBER


def _legend(canvas: Canvas, centre: float) -> float:
    canvas.text(0, 15, f"Distance from the average of all pairs ({number(centre)})", colour=palette.MUTED)
    width = (min(canvas.width, 420.0)) / len(palette.DIVERGING)
    for place, fill in enumerate(palette.DIVERGING):
        canvas.box((place * width, 26, width, 12), fill, palette.BAND_EDGE, 0.6)
    for place, edge in enumerate(_CLASSES):
        canvas.text(
            (place + 1) * width, 54, number(edge, 1), anchor="middle", size=layout.SMALL, colour=palette.MUTED
        )
    return 60.0


def _fill_cells(canvas: Canvas, matrix: FloatArray, centre: float, left: float, top: float, cell: float) -> None:
    """Neighbouring cells of one colour are drawn as one stroke."""
    strokes: list[list[tuple[float, float, float]]] = [[] for _ in palette.DIVERGING]
    for row in range(len(matrix)):
        y = top + (row + 0.5) * cell
        shades = [_shade(value - centre) if math.isfinite(value) else None for value in matrix[row, :row]]
        column = 0
        for shade, same in groupby(shades):
            begin, column = column, column + len(list(same))
            if shade is not None:
                strokes[shade].append((left + begin * cell, left + column * cell, y))
    for colour, drawn in zip(palette.DIVERGING, strokes, strict=True):
        canvas.strokes(drawn, colour, cell)


def _lattice(canvas: Canvas, left: float, top: float, cell: float, size: int) -> None:
    """Lines between the cells of the lower triangle, where cells are large enough to bear them."""
    if cell < 5:
        canvas.line(
            [left, left, left + size * cell, left],
            [top, top + size * cell, top + size * cell, top],
            palette.EDGE,
            1,
        )
        return
    for place in range(size):
        y, x = top + (place + 1) * cell, left + place * cell
        canvas.line([left, left + min(place + 1, size - 1) * cell], [y, y], palette.RULE, 1)
        canvas.line([x, x], [top + place * cell, top + size * cell], palette.RULE, 1)


def _print_cells(
    canvas: Canvas,
    matrix: FloatArray,
    stars: set[tuple[int, int]],
    centre: float,
    left: float,
    top: float,
    cell: float,
) -> None:
    if len(matrix) > PRINTED:
        return
    for row, column in _pairs(matrix):
        text = _cell(matrix, row, column, stars)
        text = text.replace("0.", ".") if canvas.narrow else text
        size = min(TEXT, cell / max(text_width(text, 1.0), 1.0) * 0.92)
        ink = palette.DIVERGING_INK[_shade(matrix[row, column] - centre)]
        x, y = left + (column + 0.5) * cell, top + (row + 0.5) * cell + 0.36 * size
        canvas.text(x, y, text, anchor="middle", size=size, colour=ink, bold=(row, column) in stars)


def _name_cells(canvas: Canvas, names: list[str], left: float, top: float, cell: float) -> None:
    """Numbers of rows and columns, as many as fit, and names of rows where there is room."""
    every = 1 if cell >= 15 else 5 if cell >= 4 else 20
    named = every == 1 and not canvas.narrow
    bottom = top + len(names) * cell
    for place in range(every - 1, len(names), every):
        middle, shown = (place + 0.5) * cell, str(place + 1)
        y = top + middle + 4.5
        canvas.text(left - 8, y, shown, anchor="end", size=layout.SMALL, colour=palette.MUTED)
        if named:
            name = shorten(names[place], left - _NUMBER, TEXT)
            canvas.text(left - _NUMBER, y, name, anchor="end")
        if place < len(names) - 1:
            x = left + middle
            canvas.text(x, bottom + 17, shown, anchor="middle", size=layout.SMALL, colour=palette.MUTED)
