"""Pictures of the auditor's evidence: of everybody, and of the groups of one way of grouping."""

from collections.abc import Sequence

from evenhand.audit.corrected import RATES
from evenhand.audit.evidence import Evidence, Grouping, Targeted
from evenhand.audit.figures import Figure
from evenhand.audit.overrides import GroupShare
from evenhand.report import bars
from evenhand.report.bars import Reading, Row, Rows
from evenhand.report.formats import number, percent
from evenhand.report.labels import clean
from evenhand.report.picture import Picture

RATE_NAMES = {
    "support": "Support",
    "missed": "In need, no support",
    "unneeded": "Not in need, support",
}
EVERYBODY = "Everybody"

# each takes the part of the page that it stands in, which its key begins with: keys are unique on a page


def errors(part: str, found: Sequence[Targeted]) -> Picture | None:
    """Exclusion and inclusion error, observed and corrected."""
    rows = [
        Row(f"{_name(each.group)}: {word}", (_of(getattr(each.observed, name)), _of(corrected)))
        for each in found
        for name, word in (("exclusion", "exclusion"), ("inclusion", "inclusion"))
        for corrected in [None if each.corrected is None else getattr(each.corrected, name)]
    ]
    return bars.picture(
        Rows(
            f"{part}errors",
            "Errors of targeting",
            "Exclusion: the share of those in need who get no support. Inclusion: the share of the support that "
            "goes to people not in need. Dots take the measure at its word; diamonds correct for its error.",
            "share, with 95 % interval",
            ("observed", "corrected"),
            tuple(rows),
        )
    )


def fifths(found: Evidence) -> Picture | None:
    """Support by fifths of need."""
    own = found.everybody.observed
    words = ("neediest fifth", "second", "third", "fourth", "least needy fifth")
    rows = tuple(
        Row(word, (_of(share), _of(cover)))
        for word, share, cover in zip(words, own.incidence, own.coverage, strict=True)
    )
    return bars.picture(
        Rows(
            "fifths",
            "Support by fifths of need",
            "Dots: the share of the support that each fifth gets. Diamonds: the share of the fifth that gets it. "
            f"Concentration index {number(own.concentration.value)}, below 0 where support goes to the neediest.",
            "share, with 95 % interval",
            ("share of the support", "share of the fifth"),
            rows,
        )
    )


def gaps(part: str, found: Sequence[Targeted]) -> Picture | None:
    """How far P is from what it announces."""
    rows = tuple(
        Row(_name(each.group), (_of(each.calibration.gap), _of(each.calibration.error)), _by_chance(each))
        for each in found
    )
    return bars.picture(
        Rows(
            f"{part}gaps",
            "How far P is from what it announces",
            "Dots: mean P less the share in need; above 0, P promises too much need. Diamonds: the expected "
            "calibration error, which chance alone makes larger than 0.",
            "difference of shares, with 95 % interval",
            ("mean gap", "calibration error"),
            rows,
            line=0.0,
        )
    )


def differences(part: str, found: Grouping) -> list[Picture | None]:
    """Each rate less that of the reference group, in three readings."""
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
            f"{part}difference-{rate}",
            f"{RATE_NAMES[rate]}: groups less {clean(found.fairness.reference or '')}",
            "Dots: the difference with the measure at its word. Diamonds: corrected for measurement error. "
            "Squares: what the observed difference would be, and how far chance would carry it, if everybody were "
            "treated alike. A dot within the square's line is no sign of unlike treatment.",
            "difference of shares",
            ("observed", "corrected", "if treated alike"),
            rows,
            line=0.0,
        )
        drawn.append(bars.picture(content) if rows else None)
    return drawn


def treatment(part: str, found: Grouping) -> Picture | None:
    """Support at equal measure."""
    rows = tuple(Row(each.group, (_of(each.difference),), _p(each.p)) for each in found.fairness.treatment)
    return bars.picture(
        Rows(
            f"{part}treatment",
            "Support at equal measure",
            "People with the same P are compared: the share of the group that gets support less that of the "
            "reference group. 0 where the rule is all that counts.",
            "difference of shares, with 95 % interval",
            ("difference",),
            rows,
            line=0.0,
        )
    )


def error_factor(part: str, found: Grouping) -> Picture | None:
    """How large the error of each group's answers is."""
    rows = tuple(Row(each.group, (_of(each.error),)) for each in found.yardstick)
    return bars.picture(
        Rows(
            f"{part}error-factor",
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


def biased(part: str, found: Grouping) -> Picture | None:
    """Items that work otherwise in a group."""
    rows = tuple(
        Row(f"{row.group}: {each.item}", (_of(each.effect),), f"size {each.size}, {_p(each.p)}")
        for row in found.yardstick
        for each in row.differences
        if each.kind == "item"
    )
    return bars.picture(
        Rows(
            f"{part}biased-items",
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


def missing(part: str, found: Sequence[GroupShare]) -> Picture | None:
    """Unanswered items."""
    return _shares(
        f"{part}missing", "Unanswered items", "The share of people who left the item unanswered.", found
    )


def withdrawn(part: str, found: Sequence[GroupShare]) -> Picture | None:
    """Withdrawals."""
    return _shares(f"{part}withdrawn", "Withdrawals", "The share of those who consented that withdrew.", found)


def effects(part: str, found: Sequence[GroupShare]) -> Picture | None:
    """What each item does to proposals."""
    reading = (
        "The share of people for whom another row of the decision table would hold if the item were left out."
    )
    return _shares(f"{part}effects", "What each item does to proposals", reading, found)


def _shares(key: str, title: str, reading: str, found: Sequence[GroupShare]) -> Picture | None:
    """A row an item and group; by groups, a note marks what chance does not explain."""
    by_group = any(each.group != "all" for each in found)
    rows = tuple(
        Row(
            f"{each.what}: {each.group}" if by_group else each.what,
            (_of(each.share),),
            "stands out" if each.stands_out else "",
        )
        for each in found
    )
    more = " A note marks what chance does not explain." if by_group else ""
    return bars.picture(Rows(key, title, reading + more, "share, with 95 % interval", ("share",), rows))


def overrides(found: Evidence) -> Picture | None:
    """Decisions against the proposal, by caseworker."""
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


def appeals(found: Evidence) -> Picture | None:
    """What became of appeals."""
    own = found.appeals
    if own is None:
        return None
    rows = (Row("Decision changed", (_of(own.changed),)), Row("Later than promised", (_of(own.late),)))
    return bars.picture(
        Rows(
            "appeals",
            "Appeals",
            f"Half of the appeals are decided within {number(own.median_days.value, 0)} days, the open ones "
            "counted as far as they have come.",
            "share, with 95 % interval",
            ("share",),
            rows,
        )
    )


def _of(figure: Figure | None) -> Reading:
    if figure is None:
        return Reading(None, reason="insufficient evidence: no distribution of need could be fitted")
    return Reading(figure.value, figure.low, figure.high, figure.reason)


def _name(group: str) -> str:
    return EVERYBODY if group == "all" else group


def _by_chance(each: Targeted) -> str:
    own = each.calibration
    if own.error_by_chance is None:
        return ""
    return f"Brier score {number(own.brier.value, 3)}; calibration error by chance {percent(own.error_by_chance)}"


def _verdict(stands_out: bool, p: float | None) -> str:
    if p is None:
        return ""
    return f"p = {number(p, 3)}" + (", beyond need, error and chance" if stands_out else "")


def _p(value: float | None) -> str:
    return "" if value is None else f"p = {number(value, 3)}"
