"""The auditor's report: one page of figures with intervals, what stands out first.

What depends on no grouping stands once; then each way of grouping has a section of its own. Where nothing can be
shown the page says so in place of the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evenhand.audit.evidence import Evidence, Grouping, Targeted
from evenhand.audit.figures import INSUFFICIENT, Figure
from evenhand.report import evidencepictures as draw
from evenhand.report.facts import KeyFigure
from evenhand.report.formats import count, number, percent, percent_interval
from evenhand.report.labels import clean
from evenhand.report.page import OPEN_ROWS, Section, page_of
from evenhand.report.picture import Picture
from evenhand.report.reliability import reliability_curve

FORMAT = "evenhand.evidence/2"

LIMITS = (
    "Intervals cover the chance of who took part and how they answered. They do not cover people whom no "
    "invitation reached.",
    "Figures of groups describe groups. None of them scores or decides on a person.",
    "A p-value below .05 after Holm's adjustment is a reason to look, not a verdict; its absence is no proof of "
    "fairness, least of all for small groups.",
)

NOTHING = "Nothing stands out."

_Drawn = tuple[tuple[str, Picture | None], ...]
"""Pictures by what each would show; None where there is insufficient evidence for any row of it."""


def evidence_body(found: Evidence) -> dict[str, Any]:
    """The same content for machines; `groupings` are by name."""
    groupings = {each.name: {"findings": list(each.findings), **asdict(each)} for each in found.groupings}
    return {"format": FORMAT, "findings": list(found.findings), **asdict(found), "groupings": groupings}


def render_evidence(
    found: Evidence, drawn: Sequence[Section] | None = None, head: Mapping[str, Any] | None = None
) -> str:
    """The evidence as one HTML page without scripts or anything from elsewhere.

    Args:
        found: the evidence.
        drawn: its sections, where they were drawn before.
        head: what it was made from: `on`, the day; `entries` of the ledger; `definition_hash`.
    """
    made_from = head or {}
    cautions = tuple(dict.fromkeys(each.fairness.caution for each in found.groupings if each.fairness.reference))
    return render_page(
        title=f"Evidence: {found.programme}",
        eyebrow="Evenhand report: evidence for auditors",
        about="What was looked at",
        source=found.source,
        summary=summary(found),
        figures=key_figures(found.everybody),
        sections=sections(found) if drawn is None else drawn,
        contents=True,
        facts=(*facts(found), *_made_from(made_from)),
        hashes=(("Definition", made_from["definition_hash"]),) if "definition_hash" in made_from else (),
        left_out=found.notes,
        warnings=cautions,
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


def summary(found: Evidence) -> tuple[str, ...]:
    """What stands out, with the grouping where there are several."""
    several = len(found.groupings) > 1
    lines = [
        f"By {plain_name(each.name)}: {line}" if several else line
        for each in found.groupings
        for line in each.findings
    ]
    return tuple(lines) or (NOTHING,)


def facts(found: Evidence) -> tuple[tuple[str, str], ...]:
    """What was looked at, by its name."""
    return (
        ("People", count(found.n)),
        *(
            (f"By {plain_name(each.name)}, compared with", each.fairness.reference or "no groups")
            for each in found.groupings
        ),
        ("Fewest people of a figure", count(found.min_n)),
        ("P is compared with", found.yardstick_of_p),
    )


def _made_from(head: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    names = (("on", "Day"), ("entries", "Entries of the ledger"))
    return tuple((name, str(head[key])) for key, name in names if key in head)


def key_figures(everybody: Targeted) -> tuple[KeyFigure, ...]:
    """Support, its two errors and how far it goes to the neediest."""
    found = everybody.corrected or everybody.observed
    how = "corrected for measurement error" if everybody.corrected else "the measure at its word"
    shares = (
        (found.support, "get support"),
        (found.exclusion, "exclusion error: in need, no support"),
        (found.inclusion, "inclusion error: support without need"),
    )
    return (
        *(KeyFigure(percent(each.value), label, f"{_interval(each)}; {how}") for each, label in shares),
        KeyFigure(
            number(found.ratio.value), "what the neediest 40 % get, over an equal share", "1 without targeting"
        ),
    )


def sections(found: Evidence) -> list[Section]:
    """The parts of the page: everybody's first, then one for each way of grouping."""
    everybody = (found.everybody,)
    once: tuple[tuple[str, str, _Drawn, tuple[str, ...]], ...] = (
        (
            "targeting",
            "Who is reached",
            (
                ("errors of targeting", draw.errors("", everybody)),
                ("support by fifths of need", draw.fifths(found)),
            ),
            (),
        ),
        (
            "calibration",
            "Is the probability what it says?",
            (
                ("P and the share in need", reliability_curve(found)),
                ("how far P is from what it announces", draw.gaps("", everybody)),
            ),
            (),
        ),
        (
            "answers",
            "Missing answers and withdrawals",
            (("unanswered items", draw.missing("", found.missing)),),
            _withdrawals(found.withdrawn),
        ),
        (
            "items",
            "What the items do to decisions",
            (("what each item does to proposals", draw.effects("", found.effects)),),
            (),
        ),
        (
            "people",
            "Decisions and appeals",
            (
                ("decisions against proposals", draw.overrides(found)),
                ("outcomes and times of appeals", draw.appeals(found)),
            ),
            (),
        ),
    )
    made = [_section(key, heading, drawn, words) for key, heading, drawn, words in once]
    return [*made, *(_grouping(each) for each in found.groupings)]


def plain_name(grouping: str) -> str:
    """The name of a grouping as it stands in a sentence."""
    return clean(grouping.replace("_", " "))


def _grouping(found: Grouping) -> Section:
    key, heading = f"by-{found.name}", f"Groups by {plain_name(found.name)}"
    if found.fairness.reference is None:
        return Section(key, heading, (), ("There are no two groups to compare.",))
    part = f"{key}-"
    rates = zip(draw.RATE_NAMES.values(), draw.differences(part, found), strict=True)
    drawn: list[tuple[str, Picture | None]] = [
        ("errors of targeting", draw.errors(part, found.targeted)),
        ("how far P is from what it announces", draw.gaps(part, found.targeted)),
        *((f"differences in: {name.lower()}", each) for name, each in rates),
        ("support at equal measure", draw.treatment(part, found)),
        ("error of the answers", draw.error_factor(part, found)),
        ("unanswered items", draw.missing(part, found.missing)),
        ("what each item does to proposals", draw.effects(part, found.effects)),
    ]
    lines = [f"Each group is compared with {clean(found.fairness.reference)}, the largest."]
    lines += [*(found.findings or (NOTHING,)), *found.notes]
    items = draw.biased(part, found)
    if items is None and any(row.error.known for row in found.yardstick):
        lines.append("No item was found that works otherwise in a group.")
    else:
        drawn.insert(-2, ("items that work otherwise in a group", items))
    if found.withdrawn:
        drawn.append(("withdrawals", draw.withdrawn(part, found.withdrawn)))
    else:
        lines.append(f"Withdrawals are not known by {plain_name(found.name)}.")
    return _section(key, heading, tuple(drawn), tuple(lines))


def _section(key: str, heading: str, drawn: _Drawn, words: tuple[str, ...]) -> Section:
    """A section with its pictures, and a sentence that names what could not be shown."""
    left = [name for name, picture in drawn if picture is None]
    told = (f"{INSUFFICIENT.capitalize()}, and so no picture: {'; '.join(left)}.",) if left else ()
    pictures = tuple(picture for _, picture in drawn if picture is not None)
    return Section(key, heading, pictures, tuple(clean(line) for line in (*words, *told)))


def _withdrawals(share: Figure | None) -> tuple[str, ...]:
    if share is None:
        return ("Nothing is known of withdrawals.",)
    if share.value is None:
        return (f"Withdrawals: {share.reason}.",)
    return (f"Of all who consented, {percent(share.value)} withdrew; {_interval(share)}.",)


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return figure.reason or "no interval"
    return f"95 % interval {percent_interval((figure.low, figure.high))}"
