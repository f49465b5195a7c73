"""Pages of one analysis without a scale of its own: item bias, or a comparison of models."""

from dataclasses import dataclass

from evenhand.report import page
from evenhand.report.comparison import ComparisonContent, model_comparison
from evenhand.report.dif import BiasContent, item_bias
from evenhand.report.facts import LIMITS, KeyFigure
from evenhand.report.formats import count, number
from evenhand.report.labels import clean
from evenhand.report.picture import Picture


@dataclass(frozen=True, slots=True)
class Page:
    """The words around the pictures.

    Attributes:
        title: heading of the page.
        source: where the answers came from, one sentence.
        findings: what stands out, one sentence each.
        notes: what was left out and what the reader must know, one sentence each.
        facts: pairs of a name and its value.
    """

    title: str
    source: str
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def render_bias(words: Page, content: tuple[BiasContent, ...]) -> str:
    """Item bias as one HTML page, a picture a method."""
    rows = [row for each in content for row in each.rows]
    figures = (
        KeyFigure(count(len({row.item for row in rows})), "items", "compared"),
        KeyFigure(count(len({row.group for row in rows})), "groups", "beside the reference"),
        KeyFigure(count(len({row.item for row in rows if row.flagged})), "items that stand out", "by any method"),
    )
    drawn = [item_bias(each) for each in content]
    return _render(words, figures, "bias", "Item bias", [each for each in drawn if each is not None])


def render_comparison(words: Page, content: ComparisonContent) -> str:
    """A comparison of models as one HTML page."""
    figures = tuple(
        KeyFigure(number(row.loglik, 1), f"log-likelihood of {clean(row.name)}", f"{row.n_parameters} parameters")
        for row in content.models
    )
    drawn = model_comparison(content)
    return _render(words, figures, "models", "Models", [] if drawn is None else [drawn])


def _render(words: Page, figures: tuple[KeyFigure, ...], key: str, heading: str, pictures: list[Picture]) -> str:
    section = page.Section(key, heading, tuple(pictures))
    text: str = (
        page.page_of()
        .get_template("report.html.j2")
        .render(
            title=clean(words.title),
            eyebrow=f"Evenhand report: {heading.lower()}",
            about="What was analysed",
            source=clean(words.source),
            scale={"converged": True},
            summary=tuple(map(clean, words.findings)) or ("Nothing stands out.",),
            figures=figures,
            sections=(section,) if section.pictures else (),
            facts=tuple((name, clean(value)) for name, value in words.facts),
            hashes=(),
            left_out=tuple(map(clean, words.notes)),
            warnings=(),
            limits=LIMITS,
            open_rows=page.OPEN_ROWS,
        )
    )
    return text
