"""Pictures and page of a study of adaptive asking: items asked, error and exposure, on invented people."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evenhand.measure.adaptive import STOP_REASONS, AdaptiveBank
from evenhand.measure.adaptive_study import Classified, Estimates, Study
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.programme.scale import ScaleRecord
from evenhand.report import facts, layout, page, palette, severity
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.formats import DASH, count, finite, many, number, percent
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

BIN = 0.5
"""Width of the pictures' bins of theta, in SDs."""

BINS_EACH_SIDE = 5
"""Bins on either side of the mean; the outer two hold everybody beyond."""

FEWEST = 11
"""People that a bin needs before its figures are drawn."""

LIMITS = (
    "The people are invented: their answers follow the scale's model exactly, and real answers do not.",
    "The bank is taken as known. Errors of its severities and slopes come on top of what is shown.",
    "Saving items is no reason to trust a single person's measure more: between the two ends of the band a person "
    "decides.",
)


@dataclass(frozen=True, slots=True)
class AdaptiveContent:
    """What the page shows.

    Attributes:
        scale: the scale that was asked.
        bank: the bank and its rules.
        study: what was found.
        seed: where the random numbers began.
        threshold: name of the threshold, empty without one.
        adaptive: how adaptive asking classifies, None without a threshold.
        fixed: how the best fixed form of the same mean length does.
        full: how the whole bank does.
    """

    scale: ScaleRecord
    bank: AdaptiveBank
    study: Study
    seed: int
    threshold: str = ""
    adaptive: Classified | None = None
    fixed: Classified | None = None
    full: Classified | None = None


@dataclass(frozen=True, slots=True)
class _Bins:
    """People by true theta: middles (B,), counts (B,) and who is in each (B, N); outer bins are open."""

    middle: FloatArray
    n: FloatArray
    member: BoolArray
    names: tuple[str, ...]


def render_adaptive(content: AdaptiveContent) -> str:
    """The study as one HTML page: no script, nothing fetched, the same bytes for the same content."""
    scale, n = content.scale, len(content.study.theta)
    text: str = (
        page.page_of()
        .get_template("report.html.j2")
        .render(
            title=clean(f"Asking {scale.instrument.name} adaptively"),
            source=f"{many(n, 'invented person', 'invented people')}, seed {content.seed}. The same answers were "
            "given adaptively, to the best fixed form and to all items.",
            scale=scale,
            summary=_summary(content),
            figures=_figures(content),
            sections=_sections(content),
            facts=_facts(content),
            hashes=facts.hashes(scale),
            left_out=(),
            warnings=tuple(map(clean, scale.warnings)),
            limits=LIMITS,
            open_rows=page.OPEN_ROWS,
        )
    )
    return text


def all_pictures(content: AdaptiveContent) -> tuple[Picture, ...]:
    """Items asked by theta, error by theta, exposure."""
    bins = _bins(content)
    return items_by_theta(content, bins), error_by_theta(content, bins), exposure(content)


def items_by_theta(content: AdaptiveContent, bins: _Bins) -> Picture:
    """How many items people of each theta were asked: mean, and the middle 80 % of people."""
    asked = content.study.run.n_asked.astype(np.float64)
    mean = _by_bin(bins, asked)
    low, high = (np.array([_quantile(asked[own], q) for own in bins.member]) for q in (0.1, 0.9))
    rows = tuple(
        (name, count(n), number(value, 1), number(least, 0), number(most, 0))
        for name, n, value, least, most in zip(bins.names, bins.n, mean, low, high, strict=True)
    )

    def draw(canvas: Canvas) -> float:
        top = layout.legend(canvas, [("dot", "mean")])
        canvas.text(0, top + 12, "bar: the middle 80 % of people", size=layout.SMALL, colour=palette.MUTED)
        upright = Scale(0, content.bank.stopping.max_items * 1.06, top + 236, top + 36)

        def marks(across: Scale) -> None:
            for x, least, most in zip(bins.middle, low, high, strict=True):
                if np.isfinite(least):
                    canvas.line([across(x)] * 2, [upright(least), upright(most)], palette.EDGE, 5)
            _dots(canvas, across, upright, bins.middle, mean, "dot")

        return _panel(canvas, content, bins, upright, marks)

    return paint(
        "adaptive-items",
        title="How many items people were asked",
        description=f"On average {number(content.study.lines[0].items, 1)} of {len(content.scale.items)} items "
        f"were asked, {count(asked.min())} at least and {count(asked.max())} at most.",
        reading=_items_reading(content),
        table=Table("Items asked by true measure", ("Measure", "People", "Mean", "10 % have up to", "90 %"), rows),
        draw=draw,
    )


def _items_reading(content: AdaptiveContent) -> str:
    if content.bank.threshold is None:
        return "Without a threshold asking stops for precision, or when the most items have been asked."
    return (
        "People near the threshold are asked most: there each answer can still change on which side they are. "
        "People far from it are done soon."
    )


def error_by_theta(content: AdaptiveContent, bins: _Bins) -> Picture:
    """Root mean squared error by theta: adaptive, fixed form of the same length, all items."""
    study = content.study
    fixed = f"fixed form of {many(study.fixed_length, 'item')}"
    found: tuple[tuple[Mark, str, Estimates], ...] = (
        ("dot", "adaptive", study.run.estimates),
        ("diamond", fixed, study.fixed),
        ("square", "all items", study.full),
    )
    forms = [(mark, name, np.sqrt(_by_bin(bins, (each.mean - study.theta) ** 2))) for mark, name, each in found]
    rows = tuple(
        (name, count(n), *(number(values[place]) for _, _, values in forms))
        for place, (name, n) in enumerate(zip(bins.names, bins.n, strict=True))
    )

    def draw(canvas: Canvas) -> float:
        top = layout.legend(canvas, [(mark, name) for mark, name, _ in forms])
        highest = max(severity.known(value for _, _, values in forms for value in values), default=1.0)
        upright = Scale(0, highest * 1.08, top + 226, top + 26)

        def marks(across: Scale) -> None:
            for mark, _, values in reversed(forms):
                _dots(canvas, across, upright, bins.middle, values, mark)

        return _panel(canvas, content, bins, upright, marks)

    everybody = study.lines[0]
    return paint(
        "adaptive-error",
        title="How far measures are from the truth",
        description="The root mean squared error over everybody is "
        f"{number(everybody.adaptive.rmse)} asked adaptively, {number(everybody.fixed.rmse)} with the {fixed} and "
        f"{number(everybody.full.rmse)} with all items.",
        reading="The typical distance, in logits, between a person's estimated and true measure. Adaptive asking "
        "is better than a fixed form of the same length where its marks are lower.",
        table=Table(
            "Root mean squared error by true measure", ("Measure", "People", *(f[1] for f in forms)), rows
        ),
        draw=draw,
    )


def exposure(content: AdaptiveContent) -> Picture:
    """Share of people who were asked each item, from the most often asked on."""
    share = content.study.exposure
    order = np.argsort(-share, kind="stable")
    rows = tuple((clean(content.scale.names[item]), percent(float(share[item]))) for item in order)
    never = int((share == 0).sum())

    def draw(canvas: Canvas) -> float:
        across = layout.along(canvas, 0.5, len(order) + 0.5)
        upright = Scale(0, 1.04, 190, 10)
        layout.heights(canvas, upright, across.start, across.end, shares=True)
        width = (across.end - across.start) / len(order)
        for place, item in enumerate(order):
            height = upright(float(share[item]))
            left = across(place + 1) - min(width * 0.8, 30) / 2
            canvas.box((left, height, min(width * 0.8, 30), upright.start - height), palette.PEOPLE, palette.EDGE)
        ticks = [tick for tick in across.ticks(8) if abs(tick - round(tick)) < 1e-9]
        title = "items, from the most often asked on"
        return layout.axis(canvas, across, ticks, [count(tick) for tick in ticks], upright.start, title)

    return paint(
        "adaptive-exposure",
        title="How often each item was asked",
        description=f"{clean(content.scale.names[int(order[0])])} was asked most often, of "
        f"{percent(float(share[order[0]]))} of people; {many(never, 'item was', 'items were')} asked of nobody.",
        reading="Items that everybody is asked become known; items that nobody is asked are no use in the bank. "
        "Drawing each item among the best few spreads the load.",
        table=Table("Share of people asked each item", ("Item", "Asked"), rows),
        draw=draw,
    )


def _bins(content: AdaptiveContent) -> _Bins:
    step = BIN * content.bank.sd
    inner = content.bank.mean + step * np.arange(-BINS_EACH_SIDE + 1, BINS_EACH_SIDE)
    owner = np.searchsorted(inner, content.study.theta, side="right")
    member = owner == np.arange(len(inner) + 1)[:, None]
    n = member.sum(axis=1)
    names = (
        f"below {number(inner[0])}",
        *(f"{number(low)} to {number(high)}" for low, high in pairwise(inner.tolist())),
        f"{number(inner[-1])} and more",
    )
    middle = np.concatenate([inner - step / 2, [inner[-1] + step / 2]])
    return _Bins(middle, n.astype(np.float64), member, names)


def _by_bin(bins: _Bins, values: FloatArray) -> FloatArray:
    """(B,) means, NaN in bins of too few people."""
    total = bins.member.astype(np.float64) @ values
    return np.where(bins.n >= FEWEST, total / np.maximum(bins.n, 1), np.nan)


def _quantile(values: FloatArray, q: float) -> float:
    return float(np.quantile(values, q)) if len(values) >= FEWEST else float("nan")


def _panel(
    canvas: Canvas, content: AdaptiveContent, bins: _Bins, upright: Scale, marks: Callable[[Scale], None]
) -> float:
    """A panel over theta with the threshold through it; `marks` draws on it."""
    half = (bins.middle[1] - bins.middle[0]) / 2
    across = layout.along(canvas, float(bins.middle[0] - half), float(bins.middle[-1] + half))
    layout.heights(canvas, upright, across.start, across.end)
    value = content.bank.threshold
    if value is not None and across.holds(value):
        canvas.line([across(value)] * 2, [upright.end, upright.start], palette.LINE, 1.4, dashes=(3, 2))
        right = across(value) < canvas.width - 110
        canvas.text(
            across(value) + (5 if right else -5),
            upright.end - 5,
            f"threshold {number(value)}",
            anchor="start" if right else "end",
            colour=palette.LINE,
            bold=True,
            halo=True,
        )
    marks(across)
    ticks, texts = severity.tick_values(canvas, across)
    return layout.axis(canvas, across, ticks, texts, upright.start, severity.TITLE)


def _dots(
    canvas: Canvas, across: Scale, upright: Scale, middle: FloatArray, values: FloatArray, mark: Mark
) -> None:
    for x, y in zip(middle, values, strict=True):
        if np.isfinite(y):
            canvas.mark(across(float(x)), upright(float(y)), mark)


def _sections(content: AdaptiveContent) -> tuple[page.Section, ...]:
    asked, error, shares = all_pictures(content)
    return (
        page.Section("length", "Items asked", (asked,)),
        page.Section("error", "Error", (error,)),
        page.Section("exposure", "Exposure", (shares,)),
    )


def _figures(content: AdaptiveContent) -> tuple[facts.KeyFigure, ...]:
    everybody, needed = content.study.lines[0], finite(_needed(content))
    same = "error" if content.adaptive is None else "share on the wrong side"
    found = [
        facts.KeyFigure(number(everybody.items, 1), "items asked", f"of {len(content.scale.items)} in the bank"),
        facts.KeyFigure(
            DASH if needed is None else number(needed - everybody.items, 1),
            "items saved",
            f"beside the best fixed form of the same {same}",
        ),
    ]
    if content.adaptive is not None:
        right, decided = percent(finite(content.adaptive.right)), percent(content.adaptive.decided)
        found.append(facts.KeyFigure(decided, "outside the band", f"{right} of them rightly"))
    else:
        found.append(facts.KeyFigure(number(everybody.adaptive.rmse), "typical error", "logits, asked adaptively"))
    return tuple(found)


def _needed(content: AdaptiveContent) -> float | None:
    """Items that a fixed form needs to classify as well, or where nobody is classified to measure as well."""
    study = content.study
    return study.fixed_for_rmse if content.adaptive is None else study.fixed_for_wrong


def _summary(content: AdaptiveContent) -> tuple[str, ...]:
    study = content.study
    everybody, needed = study.lines[0], _needed(content)
    fixed = "No fixed form from this bank" if needed is None else f"A fixed form of {number(needed, 1)} items"
    does = "is as exact" if content.adaptive is None else "has as few people on the wrong side of the threshold"
    sentences = [
        f"Asked adaptively, people answer {number(everybody.items, 1)} items on average, with an error of "
        f"{number(everybody.adaptive.rmse)} logits. {fixed} {does}."
    ]
    forms = (
        ("Adaptive asking", content.adaptive),
        (f"A fixed form of {many(study.fixed_length, 'item')}", content.fixed),
        ("All items", content.full),
    )
    for name, each in forms:
        if each is not None:
            sentences.append(
                f"{name}: {percent(each.decided)} of people outside the band, {percent(finite(each.right))} of "
                f"them on the right side; {percent(each.as_full)} in the class that all items give."
            )
    return tuple(sentences)


def _facts(content: AdaptiveContent) -> tuple[tuple[str, str], ...]:
    scale, bank, rule = content.scale, content.bank, content.bank.stopping
    choice = {"expected": "Information averaged over the posterior", "fisher": "Information at the estimate"}
    draw = "" if bank.best_of == 1 else f", drawn among the {bank.best_of} best"
    stops = [f"after {many(rule.max_items, 'item')}"]
    if bank.threshold is not None:
        stops.append(
            f"when P(need) is at least {number(rule.certain_yes)} or at most {number(rule.certain_no)} and "
            f"{many(rule.min_answered, 'item')} are answered"
        )
    if rule.se_target is not None:
        stops.append(f"when the standard error is at most {number(rule.se_target)}, likewise")
    reasons = zip(STOP_REASONS, content.study.reasons, strict=True)
    rows = [
        ("Instrument", clean(scale.instrument.name)),
        ("Items in the bank", count(len(scale.items))),
        ("Next item", choice[bank.rule] + draw),
        ("Stops", "; ".join(stops)),
        ("Stopped by", "; ".join(f"{reason}: {count(n)}" for reason, n in reasons if n)),
        ("Software", clean(scale.software) or DASH),
    ]
    if bank.threshold is not None:
        name = "" if content.threshold == str(bank.threshold) else f" {clean(content.threshold)}"
        rows.insert(3, ("Threshold", f"{number(bank.threshold)}{name}"))
    return tuple(rows)
