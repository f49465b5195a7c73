"""A sheet to draw on in pixels, y downwards, by matplotlib's object-oriented API (never pyplot).

Layout is explicit: matplotlib draws shapes, the words are kept apart (`evenhand.report.svg`), and the sheet
takes its height when the drawing is finished.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from evenhand.report import palette, svg
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

WIDE = 736.0
NARROW = 340.0
TEXT = 13.0
"""Font size in pixels; on a page 320 pixels wide a narrow drawing still shows it at 11."""

Mark = Literal["dot", "small", "diamond", "outline", "square", "left", "right", "people"]
Box = tuple[float, float, float, float]
"""Left, top, width and height."""

_MARKS: dict[Mark, dict[str, Any]] = {
    "dot": {"marker": "o", "markersize": 8, "markerfacecolor": palette.DATA, "markeredgecolor": palette.DATA},
    "small": {"marker": "o", "markersize": 4, "markerfacecolor": palette.DATA, "markeredgecolor": palette.DATA},
    "outline": {"marker": "D", "markersize": 8.5, "markerfacecolor": "none", "markeredgecolor": palette.SECOND},
    "diamond": {"marker": "D", "markersize": 8, "markerfacecolor": "#ffffff", "markeredgecolor": palette.SECOND},
    "square": {"marker": "s", "markersize": 9, "markerfacecolor": "#ffffff", "markeredgecolor": palette.DATA},
    "left": {"marker": "<", "markersize": 7, "markerfacecolor": palette.MUTED, "markeredgecolor": palette.MUTED},
    "right": {"marker": ">", "markersize": 7, "markerfacecolor": palette.MUTED, "markeredgecolor": palette.MUTED},
}

_LOCK = threading.RLock()


@contextmanager
def _settings() -> Iterator[None]:
    """Our settings, whatever the user's own are: the SVG writer reads them from one global table."""
    with _LOCK, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["svg.hashsalt"] = "evenhand"
        mpl.rcParams["path.simplify"] = False
        yield


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether the value is within the scale."""
        return self.low <= value <= self.high

    def clip(self, value: float) -> float:
        """The pixel of the nearest value within the scale."""
        return self(min(max(value, self.low), self.high))

    def ticks(self, about: int) -> list[float]:
        """Round values within the scale, about so many."""
        found = MaxNLocator(about, steps=[1, 2, 5, 10]).tick_values(self.low, self.high)
        slack = 1e-9 * (self.high - self.low)
        return [float(value) for value in found if self.low - slack <= value <= self.high + slack]


class Canvas:
    """A sheet of a given width.

    Attributes:
        width: pixels.
        labels: the words drawn so far.
    """

    def __init__(self, width: float) -> None:
        self.width = width
        self.labels: list[svg.Label] = []
        self._figure = Figure(figsize=(width / 72, 1), dpi=72, frameon=False)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()

    @property
    def narrow(self) -> bool:
        """Whether the layout is the one for telephones."""
        return self.width < 500

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: svg.Anchor = "start",
        size: float = TEXT,
        colour: str = palette.INK,
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """A line of text with its baseline at y."""
        self.labels.append(svg.Label(x, y, text, anchor, size, colour, bold, halo))

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str = palette.DATA,
        width: float = 1.5,
        *,
        dashes: tuple[float, float] | None = None,
        within: Box | None = None,
        under: bool = False,
    ) -> None:
        """A line through points, cut at the edges of a box where one is given, `under` all shapes or above."""
        style: Any = "-" if dashes is None else (0, dashes)
        (drawn,) = self._axes.plot(xs, ys, color=colour, linewidth=width, linestyle=style, clip_on=False)
        drawn.set_zorder(0.5 if under else 2)
        drawn.set_solid_capstyle("butt")
        if within is not None:
            self._cut(drawn, within)

    def area(
        self, points: Sequence[tuple[float, float]], fill: str, edge: str | None = None, within: Box | None = None
    ) -> None:
        """A closed shape."""
        shape = Polygon(points, facecolor=fill, edgecolor=edge or "none", linewidth=1, clip_on=False)
        self._axes.add_patch(shape)
        if within is not None:
            self._cut(shape, within)

    def box(self, box: Box, fill: str, edge: str | None = None, width: float = 1) -> None:
        """A rectangle."""
        shape = Rectangle(
            box[:2], box[2], box[3], facecolor=fill, edgecolor=edge or "none", linewidth=width, clip_on=False
        )
        self._axes.add_patch(shape)

    def strokes(self, strokes: Sequence[tuple[float, float, float]], colour: str, width: float) -> None:
        """Many horizontal strokes (from x, to x, y) of one colour as one shape: thousands of cells stay small."""
        if not strokes:
            return
        points = [point for start, end, y in strokes for point in ((start, y), (end, y))]
        path = Path(points, [Path.MOVETO, Path.LINETO] * len(strokes))
        shape = PathPatch(
            path, facecolor="none", edgecolor=colour, linewidth=width, capstyle="butt", clip_on=False
        )
        self._axes.add_patch(shape)

    def mark(self, x: float, y: float, mark: Mark) -> None:
        """A mark at a point."""
        if mark == "people":
            self.box((x - 6, y - 6, 12, 12), palette.PEOPLE, palette.EDGE)
            return
        self._axes.plot([x], [y], linestyle="none", markeredgewidth=1.6, clip_on=False, zorder=5, **_MARKS[mark])

    def finish(self, height: float, *, key: str, title: str, description: str) -> str:
        """The drawing as an `<svg>` element of this height."""
        self._axes.set_xlim(0, self.width)
        self._axes.set_ylim(height, 0)
        self._figure.set_size_inches(self.width / 72, height / 72)
        out = StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self._figure.savefig(out, format="svg", metadata=nothing)
        return svg.element(out.getvalue(), key=key, title=title, description=description, labels=self.labels)

    def _cut(self, artist: Any, box: Box) -> None:
        artist.set_clip_path(Rectangle(box[:2], box[2], box[3], transform=self._axes.transData))
        artist.set_clip_on(True)


def paint(
    key: str, *, title: str, description: str, reading: str, table: Table, draw: Callable[[Canvas], float]
) -> Picture:
    """A picture, drawn once for wide and once for narrow pages.

    Args:
        key: short name, unique on a page.
        title: what it shows.
        description: what can be seen in it.
        reading: how to read it.
        table: the same numbers.
        draw: draws on a sheet from the top and returns the height it used, in pixels.
    """
    title, description = clean(title), clean(description)
    drawings = []
    for name, width in ((key, WIDE), (f"{key}-narrow", NARROW)):
        with _settings():
            canvas = Canvas(width)
            height = draw(canvas)
            drawings.append(canvas.finish(height, key=name, title=title, description=description))
    return Picture(key, title, description, reading, drawings[0], drawings[1], table)
