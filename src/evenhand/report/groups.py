"""Picture of prevalence: the share of people above each threshold, by group, with intervals."""

from evenhand.report import layout, palette
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.content import PrevalenceContent, ReportContent
from evenhand.report.formats import (
    DASH,
    count,
    finite,
    number,
    percent,
    percent_interval,
    share_bounds,
)
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

EVERYBODY = "all"
"""The group label that stands for everybody."""

TOO_FEW = "too few to show"
"""Written in place of every number of a group that is too small, its number of people included."""

RULES = {"posterior": "posterior", "fao": "FAO rule"}
_MARKS: dict[str, Mark] = {"posterior": "dot", "fao": "diamond"}


def prevalence(content: ReportContent) -> Picture | None:
    """Share above each threshold by group, for each rule; None where no line was given."""
    lines = content.prevalence
    if not lines:
        return None
    return paint(
        "prevalence",
        title="Share of people above each threshold",
        description=_description(lines),
        reading=_reading(lines),
        table=_table(lines),
        draw=lambda canvas: _draw(canvas, lines),
    )


def group_name(group: str) -> str:
    """What a group is called."""
    return "Everybody" if group == EVERYBODY else clean(group)


def rule_name(rule: str) -> str:
    """What a rule is called."""
    return RULES.get(rule, clean(rule))


def _ordered(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _reading(lines: tuple[PrevalenceContent, ...]) -> str:
    text = "Each mark is the estimated share above the threshold, the line its 95 % interval. Where the "
    text += "intervals of two groups overlap widely, the data cannot tell which share is larger. "
    if len({line.rule for line in lines}) > 1:
        text += "Dots are the share from the posterior of each person; hollow diamonds follow the FAO's rule, "
        text += "for comparison with its published figures. "
    if any(finite(line.prevalence) is None for line in lines):
        text += "A group with too few people to show has no number anywhere."
    return text.strip()


def _description(lines: tuple[PrevalenceContent, ...]) -> str:
    parts = []
    for line in lines:
        if line.group != EVERYBODY or finite(line.prevalence) is None:
            continue
        found = percent_interval(share_bounds(line.prevalence, line.se))
        interval = "" if found == DASH else f" ({found})"
        parts.append(f"{clean(line.threshold)}, {rule_name(line.rule)}: {percent(line.prevalence)}{interval}")
    groups = len({line.group for line in lines} - {EVERYBODY})
    text = f"Everybody: {'; '.join(parts)}. " if parts else ""
    return text + (f"Groups shown: {groups}." if groups else "No groups.")


def _table(lines: tuple[PrevalenceContent, ...]) -> Table:
    columns = ("Group", "Threshold", "Rule", "Share", "95 % interval", "People")
    return Table("Share above each threshold", columns, tuple(map(_row, lines)), frozenset({1, 2}))


def _row(line: PrevalenceContent) -> tuple[str, ...]:
    threshold = f"{clean(line.threshold)} ({number(line.value)})"
    head = (group_name(line.group), threshold, rule_name(line.rule))
    if finite(line.prevalence) is None:
        return (*head, TOO_FEW, DASH, DASH)
    found = percent_interval(share_bounds(line.prevalence, line.se))
    return (*head, percent(line.prevalence), found, count(line.n))


def _draw(canvas: Canvas, lines: tuple[PrevalenceContent, ...]) -> float:
    rules = _ordered([line.rule for line in lines])
    scale = Scale(0, _highest(lines), *layout.span(canvas, [group_name(line.group) for line in lines]))
    bottom = 0.0
    if len(rules) > 1:
        bottom = layout.legend(canvas, [(_MARKS.get(rule, "square"), rule_name(rule)) for rule in rules])
    for name in _ordered([line.threshold for line in lines]):
        chosen = [line for line in lines if line.threshold == name]
        bottom = _draw_threshold(canvas, scale, chosen, rules, bottom + 6)
    return bottom


def _highest(lines: tuple[PrevalenceContent, ...]) -> float:
    """The end of the axis: all intervals fit, and small shares are not lost on a full axis."""
    ends = [0.1]
    for line in lines:
        known = finite(line.prevalence)
        found = share_bounds(line.prevalence, line.se)
        ends += [found[1]] if found is not None else [known] if known is not None else []
    return min(1.0, max(ends) * 1.05)


def _draw_threshold(
    canvas: Canvas, scale: Scale, lines: list[PrevalenceContent], rules: list[str], top: float
) -> float:
    groups = _ordered([line.group for line in lines])
    title = f"Above the threshold “{clean(lines[0].threshold)}”, {number(lines[0].value)}"
    top = layout.heading(canvas, title, top)
    depth = 12.0 * (len(rules) - 1)
    drawn = layout.rows(canvas, [group_name(group) for group in groups], top, depth)
    ticks = scale.ticks(4 if canvas.narrow else 8)
    layout.grid(canvas, scale, ticks, drawn.top, drawn.bottom)
    for group, centre in zip(groups, drawn.centres, strict=True):
        for line in (line for line in lines if line.group == group):
            shift = 12.0 * (rules.index(line.rule) - (len(rules) - 1) / 2)
            _draw_line(canvas, scale, line, centre + shift, centre)
    texts = [percent(tick, 0 if _whole(ticks) else 1) for tick in ticks]
    return layout.axis(canvas, scale, ticks, texts, drawn.bottom, "share of people, with 95 % interval") + 8


def _whole(ticks: list[float]) -> bool:
    return all(abs(100 * tick - round(100 * tick)) < 1e-9 for tick in ticks)


def _draw_line(canvas: Canvas, scale: Scale, line: PrevalenceContent, y: float, centre: float) -> None:
    known = finite(line.prevalence)
    if known is None:
        canvas.text(scale.start + 4, centre + 4.5, TOO_FEW, colour=palette.MUTED, halo=True)
        return
    mark = _MARKS.get(line.rule, "square")
    found = share_bounds(line.prevalence, line.se)
    if found is not None:
        layout.whisker(canvas, scale, y, *found, palette.SECOND if mark == "diamond" else palette.DATA)
    canvas.mark(scale.clip(known), y, mark)
