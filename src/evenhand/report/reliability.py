"""Picture of calibration: the share in need among people with about the same P."""

from evenhand.audit.evidence import Evidence
from evenhand.report import layout, palette
from evenhand.report.canvas import Canvas, Scale, paint
from evenhand.report.formats import DASH, number, percent, percent_interval
from evenhand.report.picture import Picture, Table

HEIGHT = 260.0


def reliability_curve(found: Evidence) -> Picture | None:
    """Tenths of P beside the share in need, everybody together; None where no tenth has enough people."""
    bins = [each for each in found.everybody.calibration.bins if each.p is not None and each.need.known]
    if not bins:
        return None
    points = [
        (each.p or 0.0, each.need.value or 0.0, each.need.low or 0.0, each.need.high or 0.0) for each in bins
    ]
    rows = tuple(
        (
            f"{percent(each.low, 0)} to {percent(each.high, 0)}",
            percent(each.p),
            percent(each.need.value) if each.need.known else "insufficient evidence",
            DASH
            if each.need.low is None or each.need.high is None
            else percent_interval((each.need.low, each.need.high)),
        )
        for each in found.everybody.calibration.bins
    )
    error = found.everybody.calibration.error.value
    return paint(
        "reliability",
        title="P and the share in need",
        description=f"{len(points)} tenths of P with enough people. Calibration error {number(error, 3)}.",
        reading="Each dot holds people with about the same P; the line through it is a 95 % interval of the share "
        "in need. On the dashed line P is what it says; below it P promises too much need. The yardstick: "
        f"{found.yardstick_of_p}.",
        table=Table("Tenths of P", ("P", "Mean P", "In need", "95 % interval"), rows),
        draw=lambda canvas: _draw(canvas, points),
    )


def _draw(canvas: Canvas, points: list[tuple[float, float, float, float]]) -> float:
    across = layout.along(canvas, 0.0, 1.0)
    up = Scale(0.0, 1.0, 16.0 + HEIGHT, 16.0)
    layout.heights(canvas, up, across.start, across.end, shares=True)
    canvas.line([across(0), across(1)], [up(0), up(1)], palette.LINE, 1.4, dashes=(3, 2))
    for p, need, low, high in points:
        canvas.line([across(p)] * 2, [up(low), up(high)], palette.DATA, 2)
        canvas.mark(across(p), up(need), "dot")
    ticks = across.ticks(5)
    return layout.axis(canvas, across, ticks, [percent(tick, 0) for tick in ticks], 16.0 + HEIGHT, "P") + 4
