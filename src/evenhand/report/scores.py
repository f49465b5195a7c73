"""Pictures of scores: their distribution, and what each raw score says."""

import math
from typing import Final

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.report import layout, palette, severity
from evenhand.report.canvas import TEXT, Canvas, Mark, Scale, paint
from evenhand.report.content import HistogramContent, RawScoreContent, ReportContent
from evenhand.report.formats import count, finite, number, percent
from evenhand.report.labels import clean, shorten
from evenhand.report.picture import Picture, Table
from evenhand.report.svg import Anchor

START: Final[Anchor] = "start"
END: Final[Anchor] = "end"


def score_distribution(content: ReportContent) -> Picture | None:
    """Histogram of the scores with the thresholds, None where there is none."""
    histogram = content.histogram
    found = severity.bars(histogram) if histogram is not None else None
    if histogram is None or found is None:
        return None
    edges, heights = found
    return paint(
        "score-distribution",
        title="How people are spread along the scale",
        description=f"Scores from {number(edges[0])} to {number(edges[-1])}, by {clean(histogram.method)}. "
        f"The average standard error of one person's score is {number(histogram.mean_se)}.",
        reading="Each bar is the share of people whose score falls in that stretch. One person's score is "
        "uncertain: the short bar shows the average standard error on the same axis, so the true spread differs "
        "from what is drawn.",
        table=_histogram_table(histogram),
        draw=lambda canvas: _draw_histogram(canvas, content, histogram, edges, heights),
    )


def _histogram_table(histogram: HistogramContent) -> Table:
    rows = tuple(
        (number(low), number(high), percent(float(share)))
        for low, high, share in zip(histogram.edges[:-1], histogram.edges[1:], histogram.share, strict=True)
    )
    note = f"Scores by {clean(histogram.method)}; average standard error {number(histogram.mean_se)}."
    return Table("Share of people by score", ("From", "To", "Share"), rows, note=note)


def _draw_histogram(
    canvas: Canvas, content: ReportContent, histogram: HistogramContent, edges: FloatArray, heights: FloatArray
) -> float:
    thresholds = severity.placed(content.scale.thresholds)
    values = [float(edges[0]), float(edges[-1]), *thresholds.values()]
    pad = 0.02 * (max(values) - min(values))
    scale = layout.along(canvas, min(values) - pad, max(values) + pad)
    top = _draw_error_bar(canvas, scale, histogram.mean_se)
    top, begins = layout.threshold_names(canvas, scale, thresholds, top)
    upright = Scale(0, float(heights.max()) * 1.06, top + (170 if canvas.narrow else 230), top + 6)
    layout.heights(canvas, upright, scale.start, scale.end, shares=True)
    for place, height in enumerate(heights):
        low, high = scale(float(edges[place])), scale(float(edges[place + 1]))
        top = upright(float(height))
        canvas.box((low, top, high - low, upright.start - top), palette.PEOPLE, palette.EDGE)
    layout.threshold_lines(canvas, scale, thresholds, begins, upright.start)
    ticks, texts = severity.tick_values(canvas, scale)
    return layout.axis(canvas, scale, ticks, texts, upright.start, severity.TITLE)


def _draw_error_bar(canvas: Canvas, scale: Scale, mean_se: float) -> float:
    """The average standard error, to both sides, at the length it has on the axis."""
    error = finite(mean_se)
    if error is None:
        return 0.0
    length = 2 * error / (scale.high - scale.low) * (scale.end - scale.start)
    length = min(length, canvas.width - 30)
    canvas.line([8, 8 + length], [11, 11], palette.DATA, 2)
    for x in (8, 8 + length):
        canvas.line([x, x], [6, 16], palette.DATA, 2)
    text = f"average standard error, ± {number(error)}"
    below = length + 20 > canvas.width - 250
    x, y = (8.0, 32.0) if below else (length + 20, 15.5)
    canvas.text(x, y, text, colour=palette.MUTED)
    return y + 10


def raw_scores(content: ReportContent) -> Picture | None:
    """People at each raw score, and the severity it stands for with its standard error; None without them."""
    raw = content.raw_scores
    if raw is None or len(raw.raw) == 0:
        return None
    return paint(
        "raw-scores",
        title="What each raw score stands for",
        description=_raw_description(raw),
        reading="A raw score is the number of points from someone who answered every item. Above: the share of "
        "people with each raw score. Below: the severity it stands for; the line is one standard error to either "
        "side. Where the lines of two scores overlap, they tell two people apart poorly.",
        table=_raw_table(raw),
        draw=lambda canvas: _draw_raw(canvas, content, raw),
    )


def _raw_description(raw: RawScoreContent) -> str:
    shares = np.nan_to_num(np.asarray(raw.share, dtype=np.float64), nan=-1.0)
    most = int(np.argmax(shares))
    text = (
        f"The most common raw score is {count(raw.raw[most])}, with {percent(float(raw.share[most]))} of people. "
    )
    known = [place for place in range(len(raw.theta)) if finite(float(raw.theta[place])) is not None]
    if not known:
        return text + "No severity is known for any raw score."
    first, last = known[0], known[-1]
    return (
        f"{text}Severity runs from {number(raw.theta[first])} at raw score {count(raw.raw[first])} "
        f"to {number(raw.theta[last])} at raw score {count(raw.raw[last])}."
    )


def _raw_table(raw: RawScoreContent) -> Table:
    names = list(raw.p_above)
    columns: tuple[str, ...] = ("Raw score", "Severity", "Standard error", "People", "Share")
    columns += tuple(f"P above {clean(name)}" for name in names)
    rows = tuple(
        (
            count(raw.raw[place]),
            number(raw.theta[place]),
            number(raw.se[place]),
            count(raw.n[place]),
            percent(float(raw.share[place])),
            *(number(raw.p_above[name][place], 3) for name in names),
        )
        for place in range(len(raw.raw))
    )
    note = f"Severity by {clean(raw.method)}; shares are weighted where the answers are."
    return Table("Raw scores of complete answers", columns, rows, note=note)


def _draw_raw(canvas: Canvas, content: ReportContent, raw: RawScoreContent) -> float:
    step = 1.0 if len(raw.raw) < 2 else float(np.min(np.diff(raw.raw)))
    across = layout.along(canvas, float(np.min(raw.raw)) - step / 2, float(np.max(raw.raw)) + step / 2)
    bar = step / (across.high - across.low) * (across.end - across.start)
    bottom = _draw_raw_shares(canvas, raw, across, bar, layout.heading(canvas, "Share of people", 0))
    bottom = _draw_raw_severity(
        canvas, content, raw, across, layout.heading(canvas, "Severity (logits)", bottom + 20)
    )
    ticks = [tick for tick in across.ticks(8 if canvas.narrow else 12) if abs(tick - round(tick)) < 1e-9]
    return layout.axis(canvas, across, ticks, [count(tick) for tick in ticks], bottom, "raw score")


def _draw_raw_shares(canvas: Canvas, raw: RawScoreContent, across: Scale, bar: float, top: float) -> float:
    highest = max([*severity.known(map(float, raw.share)), 0.0]) or 1.0
    upright = Scale(0, highest * 1.06, top + 110, top)
    layout.heights(canvas, upright, across.start, across.end, shares=True)
    for value, share in zip(raw.raw, raw.share, strict=True):
        known = finite(float(share))
        if known is not None:
            edge = upright(known)
            width = min(bar * 0.72, 44.0) if bar > 4 else bar
            place = across(float(value)) - width / 2
            canvas.box((place, edge, width, upright.start - edge), palette.PEOPLE, palette.EDGE)
    canvas.line([across.start, across.end], [upright.start] * 2, palette.MUTED, 1)
    return upright.start


def _draw_raw_severity(
    canvas: Canvas, content: ReportContent, raw: RawScoreContent, across: Scale, top: float
) -> float:
    thresholds = severity.placed(content.scale.thresholds)
    upright = _severity_axis(raw, list(thresholds.values()), top)
    layout.heights(canvas, upright, across.start, across.end)
    _draw_levels(canvas, across, upright, thresholds)
    mark: Mark = "dot" if (across.end - across.start) / len(raw.raw) > 11 else "small"
    for value, theta, se in zip(raw.raw, raw.theta, raw.se, strict=True):
        _draw_score(canvas, across(float(value)), upright, finite(float(theta)), finite(float(se)), mark)
    return upright.start


def _draw_levels(canvas: Canvas, across: Scale, upright: Scale, thresholds: dict[str, float]) -> None:
    """Thresholds across the panel, each with its name at the left end unless a neighbour's name stands there."""
    last = math.inf
    for name, value in sorted(thresholds.items(), key=lambda each: (each[1], each[0])):
        y = upright(value)
        canvas.line([across.start, across.end], [y, y], palette.LINE, 1.4, dashes=(3, 2))
        left = last - y > 20
        text = shorten(f"{clean(name)} {number(value)}", (across.end - across.start) / 2, TEXT)
        x, anchor = (across.start + 6, START) if left else (across.end - 6, END)
        canvas.text(x, y - 5, text, anchor=anchor, colour=palette.LINE, bold=True, halo=True)
        last = y if left else last


def _severity_axis(raw: RawScoreContent, thresholds: list[float], top: float) -> Scale:
    theta, se = np.asarray(raw.theta, dtype=np.float64), np.asarray(raw.se, dtype=np.float64)
    ends = severity.known([*theta, *(theta - se), *(theta + se), *thresholds])
    low, high = (min(ends), max(ends)) if ends else (-1.0, 1.0)
    pad = 0.05 * (high - low) or 1.0
    return Scale(low - pad, high + pad, top + 220, top)


def _draw_score(
    canvas: Canvas, x: float, upright: Scale, theta: float | None, se: float | None, mark: Mark
) -> None:
    if theta is None:
        return
    if se is not None:
        canvas.line([x, x], [upright(theta - se), upright(theta + se)], palette.DATA, 2)
    canvas.mark(x, upright(theta), mark)
