"""One self-contained HTML page from a report's content."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evenhand.report import facts, pictures
from evenhand.report.content import ReportContent
from evenhand.report.labels import clean
from evenhand.report.picture import Picture

OPEN_ROWS = 12
"""A table up to so long stands open on the page; a longer one opens when asked for."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of pictures: its anchor, its heading, and what stands in it; words come before the pictures."""

    key: str
    heading: str
    pictures: tuple[Picture, ...]
    words: tuple[str, ...] = ()


_SECTIONS = (
    ("severity", "Items and people", ("item-map",)),
    ("precision-section", "Precision", ("precision",)),
    ("fit", "Fit", ("item-fit", "s-x2", "local-dependence", "q3-null")),
    ("bias", "Item bias", ("item-bias-lr", "item-bias-mh", "item-bias-logistic")),
    ("scores", "Scores", ("score-distribution", "raw-scores")),
    ("shares", "Prevalence", ("prevalence",)),
    ("joint", "Need and capacity together, for reports only", ("need-and-capacity",)),
)
"""Anchor, heading and pictures of each section, in the order of the page."""


def render_report(content: ReportContent) -> str:
    """A report as one HTML page.

    The page asks nothing of any other place: style and pictures stand in it, and it has no script. The same
    content gives the same bytes: nothing in it depends on the clock or on the machine.

    Args:
        content: the numbers and words of the report.

    Returns:
        the page's text, to be written as UTF-8.
    """
    page: str = (
        page_of()
        .get_template("report.html.j2")
        .render(
            title=clean(content.title),
            source=clean(content.source),
            scale=content.scale,
            summary=_sentences(content.summary),
            figures=facts.key_figures(content),
            sections=_sections(pictures.all_pictures(content)),
            facts=facts.scale_facts(content),
            hashes=facts.hashes(content.scale),
            left_out=_sentences(content.left_out),
            warnings=_warnings(content),
            limits=facts.LIMITS,
            open_rows=OPEN_ROWS,
        )
    )
    return page


@cache
def page_of() -> Environment:
    """Templates escape everything but the drawings, which are escaped as they are built."""
    environment = Environment(
        loader=PackageLoader("evenhand.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["drawing"] = _drawing
    return environment


def _drawing(svg: str) -> Markup:
    """A drawing of `evenhand.report.svg`, whose XML writer has escaped every word in it."""
    return Markup(svg)  # noqa: S704 - see above


def _sections(drawn: tuple[Picture, ...]) -> tuple[Section, ...]:
    by_key = {picture.key: picture for picture in drawn}
    found = (
        Section(key, heading, tuple(by_key[name] for name in names if name in by_key))
        for key, heading, names in _SECTIONS
    )
    return tuple(section for section in found if section.pictures)


def _sentences(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(clean(text) for text in texts if text.strip())


def _warnings(content: ReportContent) -> tuple[str, ...]:
    """The report's warnings and the scale's own, each once."""
    return tuple(dict.fromkeys((*_sentences(content.warnings), *_sentences(content.scale.warnings))))
