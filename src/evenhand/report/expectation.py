"""The report of expected errors before launch."""

from dataclasses import asdict
from typing import Any

from evenhand.audit.expect import Expectation, Expected
from evenhand.report import bars
from evenhand.report.bars import Reading, Row, Rows
from evenhand.report.evidence import render_page
from evenhand.report.facts import KeyFigure
from evenhand.report.formats import count, number, percent, percent_interval
from evenhand.report.page import Section
from evenhand.report.picture import Picture


def expectation_body(found: Expectation) -> dict[str, Any]:
    """Expected errors for machines."""
    return {"format": "evenhand.expectation/1", **asdict(found)}


def render_expectation(found: Expectation) -> str:
    """Expected errors before launch as one HTML page."""
    rule = next(row for row in found.ways if row.way == "rule" and row.group == "all")
    figures = (
        _expected_figure(found.in_need, "in need", "of the people"),
        _expected_figure(rule.exclusion, "exclusion error", "of those in need, no place"),
        _expected_figure(rule.inclusion, "inclusion error", "of the support, to people not in need"),
    )
    pictures = (_ways(found), _what_if(found))
    return render_page(
        title=f"Before launch: {found.programme}",
        eyebrow="Evenhand report: expected errors",
        about="What was simulated",
        source=f"{found.towns} invented towns of {count(found.n)} people, seed {found.seed}.",
        summary=(
            f"{count(found.places)} places by the draw, {count(found.reserved)} kept for appeals and reviews.",
            "With few places for many in need, most of the exclusion error is the budget's: the row of a perfect "
            "measure shows how much.",
        ),
        figures=figures,
        sections=[Section("errors", "Expected errors", tuple(each for each in pictures if each is not None))],
        facts=(
            ("Places", count(found.places)),
            *(
                (f"Proposed: {name.replace('_', ' ')}", percent(share.value))
                for name, share in found.proposals.items()
            ),
        ),
        hashes=(("Definition", found.definition_hash),),
        left_out=found.notes,
        warnings=(),
    )


def _expected_figure(found: Expected, label: str, note: str) -> KeyFigure:
    ends = "" if found.low is None or found.high is None else f", {percent_interval((found.low, found.high))}"
    return KeyFigure(percent(found.value), label, note + ends)


def _ways(found: Expectation) -> Picture | None:
    rows = tuple(
        Row(
            row.way if row.group == "all" else f"{row.way}: {row.group}",
            (_expected(row.exclusion), _expected(row.inclusion)),
            "" if row.ratio.value is None else f"neediest 40 %: {number(row.ratio.value)}",
        )
        for row in found.ways
    )
    return bars.picture(
        Rows(
            "ways",
            "The rule beside other ways to give the same places",
            "Dots: of those in need, the share without a place. Diamonds: the share of the support that goes to "
            "people not in need. Lines hold the middle 95 % of the towns. The note is the support to the neediest "
            "40 % over .4. A lottery has a price here; what it buys is that nobody is shut out by noise forever.",
            "share",
            ("exclusion error", "inclusion error"),
            rows,
        )
    )


def _what_if(found: Expectation) -> Picture | None:
    rows = tuple(
        Row(
            f"{count(each.places)} places",
            (_expected(each.exclusion), _expected(each.inclusion)),
            f"at most {count(each.money)} {found.currency}",
        )
        for each in found.what_if
    )
    return bars.picture(
        Rows(
            "what-if",
            "With fewer and with more places",
            "The rule's errors with other budgets, on the same invented people.",
            "share",
            ("exclusion error", "inclusion error"),
            rows,
        )
    )


def _expected(found: Expected) -> Reading:
    return Reading(
        found.value, found.low, found.high, "" if found.value is not None else "no town has such people"
    )
