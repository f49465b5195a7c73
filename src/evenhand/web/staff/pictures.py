"""Pictures of pages of staff and of the public: rows of figures with intervals, in the reader's language."""

from evenhand.audit.expect import Expectation, Expected
from evenhand.casework.explaintexts import Words
from evenhand.report import bars
from evenhand.report.bars import Reading, Row, Rows
from evenhand.report.picture import Picture


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


def _rows(key: str, rows: tuple[Row, ...], words: Words) -> Rows:
    return Rows(
        key,
        words.say(f"staff.expected.{key}"),
        words.say("staff.expected.reading"),
        words.say("staff.expected.share"),
        (words.say("staff.expected.exclusion"), words.say("staff.expected.inclusion")),
        rows,
    )


def _way(way: str, group: str, words: Words) -> str:
    name = words.say(f"staff.expected.way.{way.replace(' ', '-')}")
    return name if group == "all" else f"{name}: {group}"


def _expected(found: Expected) -> Reading:
    return Reading(found.value, found.low, found.high)
