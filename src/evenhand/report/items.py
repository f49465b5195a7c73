"""Pictures with a row for each item: the item map and the item fit."""

import math

from evenhand.report import layout, palette, severity
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.content import FitContent, ReportContent
from evenhand.report.formats import DASH, finite, interval, many, number
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

GOOD_FIT = (0.7, 1.3)
"""Where infit and outfit are usually called good (Wright & Linacre 1994; Nord 2014 for the FIES)."""

_FIT_LIMIT = 2.5
"""Larger mean squares are drawn at the edge with an arrow; the table has their value."""


def item_map(content: ReportContent) -> Picture:
    """Item severities with 95 % intervals on one axis with the people (a Wright map)."""
    return paint(
        "item-map",
        title="Severity of the items, and where people are",
        description=_map_description(content),
        reading=_map_reading(content),
        table=_map_table(content),
        draw=lambda canvas: _draw_map(canvas, content),
    )


def item_fit(content: ReportContent) -> Picture | None:
    """Infit and outfit of each item with the band that is usually called good; None where none is known."""
    if not severity.known([*map(float, content.fit.infit), *map(float, content.fit.outfit)]):
        return None
    return paint(
        "item-fit",
        title="Infit and outfit of each item",
        description=_fit_description(content),
        reading=_fit_reading(),
        table=_fit_table(content),
        draw=lambda canvas: _draw_fit(canvas, content),
    )


def _unique(content: ReportContent) -> tuple[str, ...]:
    return () if content.scale.link is None else content.scale.link.unique


def _reference(content: ReportContent, place: int) -> float | None:
    return None if content.reference is None else finite(float(content.reference[place]))


def _map_reading(content: ReportContent) -> str:
    text = "Items further to the right describe a more severe situation. "
    if any(item.se_b is not None for item in content.scale.items):
        text += "The line through each mark is its 95 % interval. "
    if severity.people_words(content):
        text += "The shape on top shows where people are on the same axis. "
    if content.scale.thresholds:
        text += "A dashed line is a threshold: people to its right count as above it. "
    if content.reference is not None:
        text += (
            "A hollow diamond is the item's place on the reference scale; the nearer, the better the two agree. "
        )
    unique = _unique(content)
    if unique:
        text += f"Left out of the link, because their places differ too much: {', '.join(map(clean, unique))}."
    return text.strip()


def _map_description(content: ReportContent) -> str:
    order, items = severity.by_severity(content), content.scale.items
    first, last = items[order[0]], items[order[-1]]
    text = f"{many(len(items), 'item')} in order of severity, "
    text += f"from {clean(first.name)} at {number(severity.severity(first))} "
    text += f"to {clean(last.name)} at {number(severity.severity(last))}."
    named = [f"{clean(name)} at {number(value)}" for name, value in content.scale.thresholds.items()]
    return f"{text} Thresholds: {', '.join(named)}." if named else text


def _map_table(content: ReportContent) -> Table:
    items, order = content.scale.items, severity.by_severity(content)
    steps, slopes = any(len(item.b) > 1 for item in items), any(abs(item.a) != 1 for item in items)
    linked = content.reference is not None
    columns = ["Item", *(["Step"] if steps else []), "Severity", "95 % interval", *(["Slope"] if slopes else [])]
    columns += ["Reference", "In the link"] if linked else []
    rows = [
        tuple(
            [clean(items[place].name), *([str(step + 1)] if steps else [])]
            + [number(items[place].b[step]), interval(severity.item_interval(items[place], step))]
            + ([number(items[place].a)] if slopes else [])
            + (_linked(content, place) if linked else [])
        )
        for place in order
        for step in range(len(items[place].b))
    ]
    texts = frozenset({len(columns) - 1}) if linked else frozenset[int]()
    return Table("Severity of each item, in logits", tuple(columns), tuple(rows), texts, _map_note(content))


def _linked(content: ReportContent, place: int) -> list[str]:
    reference = _reference(content, place)
    left_out = content.scale.items[place].name in _unique(content)
    return [number(reference), "no" if left_out else DASH if reference is None else "yes"]


def _map_note(content: ReportContent) -> str:
    if all(item.se_b is None for item in content.scale.items):
        return "The severities were fixed, not estimated here: they have no interval."
    return ""


def _draw_map(canvas: Canvas, content: ReportContent) -> float:
    order = severity.by_severity(content)
    names = [content.scale.items[place].name for place in order]
    thresholds = severity.placed(content.scale.thresholds)
    scale = severity.spread(severity.value_range(content), *layout.span(canvas, names))
    top = layout.legend(canvas, _map_legend(content))
    top, begins = layout.threshold_names(canvas, scale, thresholds, top)
    drawn = layout.rows(canvas, names, _draw_people(canvas, content, scale, top))
    bottom = drawn.bottom + 4
    ticks, texts = severity.tick_values(canvas, scale)
    layout.grid(canvas, scale, ticks, top, bottom)
    layout.threshold_lines(canvas, scale, thresholds, begins, bottom)
    for centre, place in zip(drawn.centres, order, strict=True):
        _draw_item(canvas, content, place, scale, centre)
    return layout.axis(canvas, scale, ticks, texts, bottom, severity.TITLE)


def _map_legend(content: ReportContent) -> list[tuple[Mark, str]]:
    fixed = all(item.se_b is None for item in content.scale.items)
    entries: list[tuple[Mark, str]] = [("dot", "item" if fixed else "item with 95 % interval")]
    if any(item.name in _unique(content) for item in content.scale.items):
        entries.append(("square", "item left out of the link"))
    if content.reference is not None:
        entries.append(("outline", "reference"))
    words = severity.people_words(content)
    return [*entries, ("people", words)] if words else entries


def _draw_people(canvas: Canvas, content: ReportContent, scale: Scale, top: float) -> float:
    """The distribution of people; returns its lower edge."""
    points = severity.outline(content, scale.low, scale.high)
    if not points:
        return top + 6
    height = 74.0 if canvas.narrow else 96.0
    base = top + height
    shape = [(scale(value), base - share * (height - 10)) for value, share in points]
    canvas.area(shape, palette.PEOPLE, palette.EDGE)
    canvas.line([scale.start - 8, scale.end + 8], [base, base], palette.EDGE, 1)
    return base + 8


def _draw_item(canvas: Canvas, content: ReportContent, place: int, scale: Scale, y: float) -> None:
    item = content.scale.items[place]
    mark: Mark = "square" if item.name in _unique(content) else "dot"
    reference = _reference(content, place)
    if reference is not None:
        canvas.mark(scale(reference), y + 6, "outline")
        y -= 3
    for step, value in enumerate(item.b):
        found = severity.item_interval(item, step)
        if found is not None:
            layout.whisker(canvas, scale, y, *found, palette.DATA)
        canvas.mark(scale(value), y, mark)
        if len(item.b) > 1:
            canvas.text(scale(value), y - 8, str(step + 1), anchor="middle", size=layout.SMALL, halo=True)


def _fit_reading() -> str:
    low, high = (number(edge, 1) for edge in GOOD_FIT)
    return (
        "Each item has two marks. At 1 the answers vary just as much as the scale expects. In the shaded band, "
        f"{low} to {high}, an item is usually kept as it is. Far to the right, its answers are less predictable "
        "than they should be; far to the left, more predictable. Outfit reacts most to a few surprising answers."
    )


def _fit_words(content: ReportContent) -> list[str]:
    """Names of the items with a mean square outside the band."""
    low, high = GOOD_FIT
    pairs = zip(content.scale.items, content.fit.infit, content.fit.outfit, strict=True)
    return [
        clean(item.name)
        for item, *squares in pairs
        if any(not low <= value <= high for value in severity.known(map(float, squares)))
    ]


def _fit_description(content: ReportContent) -> str:
    outside = _fit_words(content)
    if not outside:
        return "Infit and outfit of every item lie in the band."
    shown = ", ".join(outside[:12]) + (f" and {len(outside) - 12} more" if len(outside) > 12 else "")
    return f"Outside the band, by infit or outfit: {shown}."


def _fit_table(content: ReportContent) -> Table:
    fit, items = content.fit, content.scale.items
    rows = tuple(
        (clean(items[place].name), number(fit.infit[place]), number(fit.outfit[place]), _verdict(fit, place))
        for place in severity.by_severity(content)
    )
    note = f"Residuals from {clean(fit.person_values)}; {number(fit.n, 0)} people."
    return Table(
        "Mean squares of each item", ("Item", "Infit", "Outfit", "In the band"), rows, frozenset({3}), note
    )


def _verdict(fit: FitContent, place: int) -> str:
    squares = (float(fit.infit[place]), float(fit.outfit[place]))
    outside = [
        name
        for name, value in zip(("infit", "outfit"), squares, strict=True)
        if math.isfinite(value) and not GOOD_FIT[0] <= value <= GOOD_FIT[1]
    ]
    if not any(map(math.isfinite, squares)):
        return DASH
    return f"{' and '.join(outside)} outside" if outside else "yes"


def _fit_scale(fit: FitContent, left: float, right: float) -> Scale:
    squares = severity.known([*map(float, fit.infit), *map(float, fit.outfit)])
    low, high = min([0.5, *squares]), max([1.5, *squares])
    return Scale(max(low - 0.05, 0.0), min(high + 0.05, _FIT_LIMIT), left, right)


def _draw_fit(canvas: Canvas, content: ReportContent) -> float:
    order, fit = severity.by_severity(content), content.fit
    names = [content.scale.items[place].name for place in order]
    scale = _fit_scale(fit, *layout.span(canvas, names))
    top = layout.legend(canvas, [("dot", "infit"), ("outline", "outfit")])
    drawn = layout.rows(canvas, names, top + 6)
    bottom = drawn.bottom + 4
    start, end = map(scale, GOOD_FIT)
    canvas.box((start, top, end - start, bottom - top), palette.BAND)
    for edge in (start, end):
        canvas.line([edge, edge], [top, bottom], palette.BAND_EDGE, 1, dashes=(4, 3))
    canvas.line([scale(1)] * 2, [top, bottom], palette.BAND_EDGE, 1)
    for centre, place in zip(drawn.centres, order, strict=True):
        _draw_square(canvas, scale, float(fit.infit[place]), centre, "dot")
        _draw_square(canvas, scale, float(fit.outfit[place]), centre, "outline")
    ticks = sorted({*scale.ticks(5 if canvas.narrow else 8)})
    return layout.axis(
        canvas, scale, ticks, [number(tick, 1) for tick in ticks], bottom, "mean square, 1 expected"
    )


def _draw_square(canvas: Canvas, scale: Scale, value: float, y: float, mark: Mark) -> None:
    """A mean square, or an arrow with its value where it is beyond the scale."""
    if not math.isfinite(value):
        return
    if value <= scale.high:
        canvas.mark(scale.clip(value), y, mark)
        return
    canvas.mark(scale.end - 4, y, "right")
    name = "infit" if mark == "dot" else "outfit"
    rise = -5 if mark == "dot" else 13
    words = f"{name} {number(value)}"
    canvas.text(scale.end - 14, y + rise, words, anchor="end", size=layout.SMALL, halo=True)
