"""Pictures of pages of staff and of the public: rows of figures with intervals, in the reader's language."""

from evenhand.audit.expect import Expectation, Expected, WhatIf
from evenhand.casework.explaintexts import Words
from evenhand.measure.normal import interval95
from evenhand.programme.scale import ScaleItem, ScaleRecord
from evenhand.report import bars
from evenhand.report.bars import Reading, Row, Rows, Said
from evenhand.report.picture import Picture
from evenhand.service.dif import Dif, DifMethod


def ways(found: Expectation, words: Words) -> Picture | None:
    """The rule's expected errors beside other ways to give the same places."""
    rows = tuple(
        Row(_way(row.way, row.group, words), (_expected(row.exclusion), _expected(row.inclusion)))
        for row in found.ways
    )
    return bars.picture(_rows("ways", rows, words))


def what_if(found: Expectation, words: Words) -> Picture | None:
    """The rule's expected errors with fewer and with more places."""
    rows = tuple(
        Row(
            words.count("staff.expected.places", each.places),
            (_expected(each.exclusion), _expected(each.inclusion)),
        )
        for each in found.what_if
    )
    return bars.picture(_rows("what-if", rows, words))


def budgets(found: Expectation, words: Words) -> Picture | None:
    """What other budgets would come to: who gets a place of all people, and of those in need."""
    content = Rows(
        "budgets",
        words.say("staff.budgets.title"),
        words.say("staff.budgets.reading"),
        words.say("staff.budgets.axis"),
        (words.say("staff.budgets.reached"), words.say("staff.budgets.support")),
        tuple(
            Row(_budget(each, found, words), (_rest(each.exclusion), _expected(each.support)))
            for each in found.what_if
        ),
        said=_said(words),
    )
    return bars.picture(content)


def severities(record: ScaleRecord, words: Words) -> Picture | None:
    """Each item's severities with their intervals, and the middle of the people."""
    rows = tuple(
        Row(_step_name(item, step, words), (_severity(item, step),))
        for item in record.items
        for step in range(len(item.b))
    )
    content = Rows(
        "severities",
        words.say("staff.calibration.severities"),
        words.say("staff.calibration.severities-reading"),
        words.say("staff.calibration.severities-axis"),
        (words.say("staff.calibration.severity"),),
        rows,
        shares=False,
        line=None if record.latent is None else record.latent.mean,
        said=_said(words),
    )
    return bars.picture(content)


def item_bias(found: Dif, method: DifMethod, words: Words) -> Picture | None:
    """The effect of each item in each group; items that stand out say so by their name."""
    several = len(found.groups) > 1
    rows = []
    for row in found.items:
        name = f"{row.item}, {row.group}" if several else row.item
        told = words.say("staff.dif.stands-out", item=name) if row.flagged else name
        rows.append(Row(told, (Reading(row.effect, row.low, row.high),)))
    content = Rows(
        "item-bias",
        words.say("staff.dif.picture"),
        words.say("staff.dif.reading"),
        words.say(f"staff.dif.axis.{method}"),
        (words.say("staff.dif.effect"),),
        tuple(rows),
        shares=False,
        line=0.0,
        said=_said(words),
    )
    return bars.picture(content)


def _step_name(item: ScaleItem, step: int, words: Words) -> str:
    if len(item.b) == 1:
        return item.name
    return words.say("staff.calibration.step", item=item.name, step=str(step + 1))


def _severity(item: ScaleItem, step: int) -> Reading:
    value, se = item.b[step], item.se_b[step] if item.se_b else None
    return Reading(value) if se is None else Reading(value, *interval95(value, se))


def _budget(each: WhatIf, found: Expectation, words: Words) -> str:
    money = f"{each.money:,.0f}".replace(",", "\u202f")
    return words.count("staff.budgets.row", each.places, money=f"{money} {found.currency}")


def _rest(found: Expected) -> Reading:
    """The share that a share leaves, with the ends turned round."""
    if found.value is None:
        return Reading(None)
    low, high = (None if end is None else 1 - end for end in (found.high, found.low))
    return Reading(1 - found.value, low, high)


def _rows(key: str, rows: tuple[Row, ...], words: Words) -> Rows:
    return Rows(
        key,
        words.say(f"staff.expected.{key}"),
        words.say("staff.expected.reading"),
        words.say("staff.expected.share"),
        (words.say("staff.expected.exclusion"), words.say("staff.expected.inclusion")),
        rows,
        said=_said(words),
    )


def _said(words: Words) -> Said:
    return Said(
        words.say("staff.picture.row"),
        words.say("staff.picture.interval"),
        words.say("staff.picture.note"),
        words.say("staff.picture.no-figure"),
        words.say("staff.picture.summary", rows="{rows}", missing="{missing}"),
    )


def _way(way: str, group: str, words: Words) -> str:
    name = words.say(f"staff.expected.way.{way.replace(' ', '-')}")
    return name if group == "all" else f"{name}: {group}"


def _expected(found: Expected) -> Reading:
    return Reading(found.value, found.low, found.high)
