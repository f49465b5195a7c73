"""The auditor's report: one HTML page of figures with intervals, what stands out first."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evenhand.audit.corrected import RATES
from evenhand.audit.evidence import Evidence, Targeted
from evenhand.audit.figures import Figure
from evenhand.audit.overrides import GroupShare
from evenhand.report import bars
from evenhand.report.bars import Reading, Row, Rows
from evenhand.report.facts import KeyFigure
from evenhand.report.formats import count, number, percent, percent_interval
from evenhand.report.labels import clean
from evenhand.report.page import OPEN_ROWS, Section, page_of
from evenhand.report.picture import Picture
from evenhand.report.reliability import reliability_curve

RATE_NAMES = {
    "support": "Support",
    "missed": "In need, no support",
    "unneeded": "Not in need, support",
}

LIMITS = (
    "Intervals cover the chance of who took part and how they answered. They do not cover people whom no "
    "invitation "
    "reached.",
    "Figures of groups describe groups. None of them scores or decides on a person.",
    "A p-value below .05 after Holm's adjustment is a reason to look, not a verdict; its absence is no proof of "
    "fairness, least of all for small groups.",
)


def evidence_body(found: Evidence) -> dict[str, Any]:
    """The same content for machines."""
    return {"format": "evenhand.evidence/1", "findings": list(found.findings), **asdict(found)}


def render_evidence(found: Evidence) -> str:
    """The evidence as one HTML page without scripts or anything from elsewhere."""
    everybody = found.targeted[0]
    return render_page(
        title=f"Evidence: {found.programme}",
        eyebrow="Evenhand report: evidence for auditors",
        about="What was looked at",
        source=found.source,
        summary=found.findings or ("Nothing stands out.",),
        figures=_key_figures(everybody),
        sections=_sections(found),
        facts=(
            ("People", count(found.n)),
            ("Compared with", found.fairness.reference or "no groups"),
            ("Fewest people of a figure", count(found.min_n)),
            ("P is compared with", found.yardstick_of_p),
        ),
        hashes=(),
        left_out=found.notes,
        warnings=(found.fairness.caution,) if found.fairness.reference else (),
    )


def render_page(**content: Any) -> str:
    """A page of the audit: the words around its pictures, cleaned for a page."""
    for name in ("summary", "left_out", "warnings"):
        content[name] = tuple(clean(text) for text in content[name])
    for name in ("title", "source"):
        content[name] = clean(content[name])
    content["facts"] = tuple((clean(name), clean(value)) for name, value in content["facts"])
    page: str = (
        page_of()
        .get_template("report.html.j2")
        .render(scale={"converged": True}, limits=LIMITS, open_rows=OPEN_ROWS, **content)
    )
    return page


def _key_figures(everybody: Targeted) -> tuple[KeyFigure, ...]:
    found = everybody.corrected or everybody.observed
    how = "corrected for measurement error" if everybody.corrected else "the measure at its word"
    shares = (
        (found.support, "get support"),
        (found.exclusion, "exclusion error: in need, no support"),
        (found.inclusion, "inclusion error: support without need"),
    )
    return (
        *(KeyFigure(percent(each.value), label, f"{_interval(each)}; {how}") for each, label in shares),
        KeyFigure(number(found.ratio.value), "support to the neediest 40 %, over .4", "1 without targeting"),
    )


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return figure.reason or "no interval"
    return f"95 % interval {percent_interval((figure.low, figure.high))}"


def _sections(found: Evidence) -> list[Section]:
    pages: tuple[tuple[str, str, Sequence[Picture | None]], ...] = (
        ("targeting", "Who is reached", [_errors(found), _fifths(found)]),
        ("calibration", "Is the probability what it says?", [reliability_curve(found), _gaps(found)]),
        ("fairness", "Groups side by side", [*_differences(found), _treatment(found)]),
        (
            "yardstick",
            "Does the scale measure groups alike?",
            [_error_factor(found), _biased(found), _effects(found.effects)],
        ),
        (
            "answers",
            "Answers that are missing, and withdrawals",
            [_shares("missing", found.missing), _shares("withdrawn", found.withdrawn)],
        ),
        ("people", "Decisions and appeals", [_overrides(found), _appeals(found)]),
    )
    made = (Section(key, heading, tuple(each for each in drawn if each)) for key, heading, drawn in pages)
    return [section for section in made if section.pictures]


def _of(figure: Figure | None) -> Reading:
    if figure is None:
        return Reading(None, reason="insufficient evidence: no distribution of need could be fitted")
    return Reading(figure.value, figure.low, figure.high, figure.reason)


def _name(group: str) -> str:
    return "Everybody" if group == "all" else group


def _errors(found: Evidence) -> Picture | None:
    rows = [
        Row(f"{_name(each.group)}: {word}", (_of(getattr(each.observed, name)), _of(corrected)))
        for each in found.targeted
        for name, word in (("exclusion", "exclusion"), ("inclusion", "inclusion"))
        for corrected in [None if each.corrected is None else getattr(each.corrected, name)]
    ]
    return bars.picture(
        Rows(
            "errors",
            "Errors of targeting",
            "Exclusion: the share of those in need who get no support. Inclusion: the share of the support that "
            "goes "
            "to people not in need. Dots take the measure at its word; diamonds correct for its error.",
            "share, with 95 % interval",
            ("observed", "corrected"),
            tuple(rows),
        )
    )


def _fifths(found: Evidence) -> Picture | None:
    own = found.targeted[0].observed
    words = ("neediest fifth", "second", "third", "fourth", "least needy fifth")
    rows = tuple(
        Row(word, (_of(share), _of(cover)))
        for word, share, cover in zip(words, own.incidence, own.coverage, strict=True)
    )
    return bars.picture(
        Rows(
            "fifths",
            "Support by fifths of need",
            f"Dots: the share of the support that each fifth gets. Diamonds: the share of the fifth that gets it. "
            f"Concentration index {number(own.concentration.value)}, below 0 where support goes to the neediest.",
            "share, with 95 % interval",
            ("share of the support", "share of the fifth"),
            rows,
        )
    )


def _gaps(found: Evidence) -> Picture | None:
    rows = tuple(
        Row(_name(each.group), (_of(each.calibration.gap), _of(each.calibration.error)), _by_chance(each))
        for each in found.targeted
    )
    return bars.picture(
        Rows(
            "gaps",
            "How far P is from what it announces",
            "Dots: mean P less the share in need; above 0, P promises too much need. Diamonds: the expected "
            "calibration error, which chance alone makes larger than 0.",
            "difference of shares, with 95 % interval",
            ("mean gap", "calibration error"),
            rows,
            line=0.0,
        )
    )


def _by_chance(each: Targeted) -> str:
    own = each.calibration
    if own.error_by_chance is None:
        return ""
    return f"Brier score {number(own.brier.value, 3)}; calibration error by chance {percent(own.error_by_chance)}"


def _differences(found: Evidence) -> list[Picture | None]:
    drawn = []
    for rate in RATES:
        rows = tuple(
            Row(
                row.group, (_of(row.observed), _of(row.corrected), _of(row.null)), _verdict(row.beyond, row.null_p)
            )
            for row in found.fairness.differences
            if row.rate == rate
        )
        content = Rows(
            f"difference-{rate}",
            f"{RATE_NAMES[rate]}: groups less {clean(found.fairness.reference or '')}",
            "Dots: the difference with the measure at its word. Diamonds: corrected for measurement error. "
            "Squares: what the observed difference would be, and how far chance would carry it, if everybody were "
            "treated "
            "alike. A dot within the square's line is no sign of unlike treatment.",
            "difference of shares",
            ("observed", "corrected", "if treated alike"),
            rows,
            line=0.0,
        )
        drawn.append(bars.picture(content) if rows else None)
    return drawn


def _verdict(stands_out: bool, p: float | None) -> str:
    if p is None:
        return ""
    return f"p = {number(p, 3)}" + (", beyond need, error and chance" if stands_out else "")


def _treatment(found: Evidence) -> Picture | None:
    rows = tuple(Row(each.group, (_of(each.difference),), _p(each.p)) for each in found.fairness.treatment)
    return bars.picture(
        Rows(
            "treatment",
            "Support at equal measure",
            "People with the same P are compared: the share of the group that gets support less that of the "
            "reference group. 0 where the rule is all that counts.",
            "difference of shares, with 95 % interval",
            ("difference",),
            rows,
            line=0.0,
        )
    )


def _error_factor(found: Evidence) -> Picture | None:
    rows = tuple(Row(each.group, (_of(each.error),)) for each in found.yardstick)
    return bars.picture(
        Rows(
            "error-factor",
            "Error of the answers",
            "How many times as large the error of the group's answers is, all items together, biased items set "
            "apart. 1 where the scale measures the group as precisely as the reference group.",
            "times the reference group's",
            ("error",),
            rows,
            shares=False,
            line=1.0,
        )
    )


def _biased(found: Evidence) -> Picture | None:
    rows = tuple(
        Row(f"{row.group}: {each.item}", (_of(each.effect),), f"size {each.size}, {_p(each.p)}")
        for row in found.yardstick
        for each in row.differences
        if each.kind == "item"
    )
    return bars.picture(
        Rows(
            "biased-items",
            "Items that work otherwise in a group",
            "Logits by which the group reports the item less readily at equal need. Size A is negligible, B "
            "moderate, C large.",
            "logits, with 95 % interval",
            ("shift",),
            rows,
            shares=False,
            line=0.0,
        )
    )


def _shares(key: str, found: tuple[GroupShare, ...]) -> Picture | None:
    rows = tuple(
        Row(f"{each.what}: {each.group}", (_of(each.share),), "stands out" if each.stands_out else "")
        for each in found
    )
    words = "left unanswered" if key == "missing" else "withdrew"
    return bars.picture(
        Rows(
            key,
            "Unanswered items by group" if key == "missing" else "Withdrawals by group",
            f"The share of each group that {words}. A note marks what chance does not explain.",
            "share, with 95 % interval",
            ("share",),
            rows,
        )
    )


def _effects(found: tuple[GroupShare, ...]) -> Picture | None:
    rows = tuple(
        Row(f"{each.what}: {each.group}", (_of(each.share),), "stands out" if each.stands_out else "")
        for each in found
    )
    return bars.picture(
        Rows(
            "effects",
            "What each item does to proposals",
            "The share of people for whom another row of the decision table would hold if the item were left out.",
            "share, with 95 % interval",
            ("share",),
            rows,
        )
    )


def _overrides(found: Evidence) -> Picture | None:
    own = found.overrides
    if own is None:
        return None
    rows = (
        Row("The office", (_of(own.everybody),)),
        *(
            Row(each.who, (_of(each.share),), "apart from the office" if each.apart else "")
            for each in own.caseworkers
        ),
    )
    return bars.picture(
        Rows(
            "overrides",
            "Decisions against the proposal",
            "The share of each caseworker's decisions that differ from what was proposed, drawn toward the "
            "office's where decisions are few. Deciding otherwise is what caseworkers are there for: this asks "
            "whether the office decides alike.",
            "share, with 95 % interval",
            ("share",),
            rows,
        )
    )


def _appeals(found: Evidence) -> Picture | None:
    own = found.appeals
    if own is None:
        return None
    rows = (Row("Decision changed", (_of(own.changed),)), Row("Later than promised", (_of(own.late),)))
    return bars.picture(
        Rows(
            "appeals",
            "Appeals",
            f"Half of the appeals are decided within {number(own.median_days.value, 0)} days, the open ones "
            "counted "
            "as far as they have come.",
            "share, with 95 % interval",
            ("share",),
            rows,
        )
    )


def _p(value: float | None) -> str:
    return "" if value is None else f"p = {number(value, 3)}"
