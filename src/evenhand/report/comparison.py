"""Picture of a comparison of models: how far each is from the best by the information criteria."""

from dataclasses import dataclass

from evenhand.report import layout, palette
from evenhand.report.canvas import Canvas, Mark, Scale, paint
from evenhand.report.formats import count, finite, number
from evenhand.report.labels import clean
from evenhand.report.picture import Picture, Table

EQUAL = 2.0
"""A difference of the criteria below this is worth no more than a mention (Kass & Raftery 1995)."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model: its criteria None where weights give them no meaning, RMSEA None where there is none."""

    name: str
    loglik: float
    n_parameters: int
    aic: float | None
    bic: float | None
    sabic: float | None
    overall: str = ""
    rmsea: float | None = None
    converged: bool = True


@dataclass(frozen=True, slots=True)
class ComparisonContent:
    """What the picture shows.

    Attributes:
        models: from the smallest to the largest.
        tests: a sentence for each test of a model within a larger one.
    """

    models: tuple[ModelRow, ...]
    tests: tuple[str, ...] = ()


def model_comparison(content: ComparisonContent) -> Picture | None:
    """Differences of BIC and AIC from the best model, None where the models have no criteria."""
    rows = [row for row in content.models if finite(row.bic) is not None and finite(row.aic) is not None]
    if len(rows) < 2:
        return None
    best = min(rows, key=lambda row: row.bic or 0.0)
    return paint(
        "model-comparison",
        title="Which model: how far each is behind the best",
        description=f"By BIC {clean(best.name)} is the best. "
        + "; ".join(
            f"{clean(row.name)} {number(_behind(rows, row, 'bic'), 1)} behind" for row in rows if row != best
        )
        + ".",
        reading="At 0 a model is the best by that criterion. In the shaded band it is practically as good. BIC "
        "asks more of a further parameter than AIC does, and finds the simpler model where both would do.",
        table=_table(content),
        draw=lambda canvas: _draw(canvas, rows),
    )


def _behind(rows: list[ModelRow], row: ModelRow, criterion: str) -> float:
    return float(getattr(row, criterion)) - min(float(getattr(each, criterion)) for each in rows)


def _table(content: ComparisonContent) -> Table:
    columns = ("Model", "Log-likelihood", "Parameters", "AIC", "BIC", "SABIC", "RMSEA")
    rows = tuple(
        (
            clean(row.name),
            number(row.loglik),
            count(row.n_parameters),
            number(row.aic, 1),
            number(row.bic, 1),
            number(row.sabic, 1),
            number(row.rmsea, 3),
        )
        for row in content.models
    )
    kinds = sorted({row.overall for row in content.models if row.overall})
    note = f"RMSEA from {' and '.join(kinds)}. " if kinds else ""
    late = [clean(row.name) for row in content.models if not row.converged]
    note += f"Not converged: {', '.join(late)}. " if late else ""
    return Table(
        "Models, from the fewest parameters to the most", columns, rows, note=note + " ".join(content.tests)
    )


def _draw(canvas: Canvas, rows: list[ModelRow]) -> float:
    names = [clean(row.name) for row in rows]
    reach = max(_behind(rows, row, name) for row in rows for name in ("aic", "bic"))
    scale = Scale(0.0, max(3 * EQUAL, 1.05 * reach), *layout.span(canvas, names))
    legend: list[tuple[Mark, str]] = [("dot", "BIC"), ("outline", "AIC")]
    top = layout.legend(canvas, legend)
    drawn = layout.rows(canvas, names, top + 6)
    bottom = drawn.bottom + 4
    canvas.box((scale(0), top, scale(EQUAL) - scale(0), bottom - top), palette.BAND)
    canvas.line([scale(EQUAL)] * 2, [top, bottom], palette.BAND_EDGE, 1, dashes=(4, 3))
    for centre, row in zip(drawn.centres, rows, strict=True):
        canvas.mark(scale(_behind(rows, row, "bic")), centre - 4, "dot")
        canvas.mark(scale(_behind(rows, row, "aic")), centre + 4, "outline")
    ticks = scale.ticks(4 if canvas.narrow else 7)
    return layout.axis(canvas, scale, ticks, [number(tick, 0) for tick in ticks], bottom, "behind the best model")
