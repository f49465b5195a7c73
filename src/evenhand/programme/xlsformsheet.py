"""The sheet `evenhand`: what a form has no place for.

With it an instrument survives the way into a form and back. Programs that read forms leave a sheet of that name
alone. Each row is `part, name, code, field, value`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from evenhand.errors import InstrumentError
from evenhand.programme.instrument import Instrument, Item
from evenhand.programme.xlsformbook import Sheet

NAME = "evenhand"
HEADER = ("part", "name", "code", "field", "value")

Row = tuple[str, str, str, str, str]

_PLAIN = ("version", "status", "licence", "source", "official_wording", "respondent", "component", "scoring")


@dataclass(frozen=True, slots=True)
class Own:
    """What the sheet says; empty where there is no such sheet.

    Attributes:
        fields: fields of the instrument, with its title and reference period by language.
        items: fields of each item, by its name, in order.
        lists: the instrument's name of each list of the form.
        categories: the category of each code, by the list's name in the form.
        missing: codes for no answer, in order.
        published: published parameters; empty if there are none.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    categories: dict[str, dict[str, int]] = field(default_factory=dict)
    missing: list[dict[str, Any]] = field(default_factory=list)
    published: dict[str, Any] = field(default_factory=dict)


def own_rows(instrument: Instrument, list_names: dict[str, str]) -> Iterator[Row]:
    """The rows of the sheet.

    Args:
        instrument: the instrument.
        list_names: the form's name of each of its lists of choices.
    """
    yield from _instrument_rows(instrument)
    for name, choices in instrument.choices.items():
        yield "list", list_names[name], "", "name", name
        for choice in choices:
            yield "choice", list_names[name], choice.code, "category", str(choice.counts_as)
    for place, entry in enumerate(instrument.missing, start=1):
        yield "missing", str(place), entry.code, "reason", entry.reason
        for language, text in entry.labels.items():
            yield "missing", str(place), entry.code, f"label.{language}", text
    for item in instrument.items:
        yield from _item_rows(item)
    if instrument.published is not None:
        published = instrument.published.model_dump(mode="json", exclude_none=True)
        yield "published", "", "", "json", json.dumps(published, ensure_ascii=False)


def _instrument_rows(instrument: Instrument) -> Iterator[Row]:
    yield "instrument", instrument.name, "", "hash", instrument.hash()
    for name in _PLAIN:
        value = getattr(instrument, name)
        if value is not None:
            yield "instrument", "", "", name, value
    for name, texts in (("title", instrument.title), ("reference_period", instrument.reference_period or {})):
        for language, text in texts.items():
            yield "instrument", "", "", f"{name}.{language}", text


def _item_rows(item: Item) -> Iterator[Row]:
    yield "item", item.name, "", "direction", item.direction
    yield "item", item.name, "", "wording_status", item.wording_status
    if item.component is not None:
        yield "item", item.name, "", "component", item.component
    for alias in item.aliases:
        yield "item", item.name, "", "alias", alias


def read_own(sheet: Sheet | None, source: str) -> Own:
    """What the sheet says.

    Raises:
        InstrumentError: a row is not one that Evenhand writes.
    """
    own = Own()
    if sheet is None:
        return own
    if sheet.header[: len(HEADER)] != HEADER:
        raise _fault(f"{source}, sheet {sheet.name}, row 1", f"Its columns are {', '.join(HEADER)}.")
    for number, cells in sheet.rows:
        part, name, code, field_name, value = cells[: len(HEADER)]
        try:
            _read_row(own, part, name, code, field_name, value)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            raise _fault(f"{source}, sheet {sheet.name}, row {number}", str(error)[:200]) from error
    return own


def _read_row(own: Own, part: str, name: str, code: str, field_name: str, value: str) -> None:
    if part == "instrument":
        _read_field(own.fields, name, field_name, value)
    elif part == "list":
        own.lists[name] = value
    elif part == "choice":
        own.categories.setdefault(name, {})[code] = int(value)
    elif part == "missing":
        _read_missing(own.missing, int(name), code, field_name, value)
    elif part == "item":
        _read_item(own.items.setdefault(name, {}), field_name, value)
    elif part == "published":
        own.published.update(json.loads(value))
    else:
        raise ValueError(f"there is no part {part!r}")


def _read_field(fields: dict[str, Any], name: str, field_name: str, value: str) -> None:
    head, _, language = field_name.partition(".")
    if language:
        fields.setdefault(head, {})[language] = value
        return
    fields[head] = value
    if head == "hash":
        fields["name"] = name


def _read_item(item: dict[str, Any], field_name: str, value: str) -> None:
    if field_name == "alias":
        item.setdefault("aliases", []).append(value)
    else:
        item[field_name] = value


def _read_missing(missing: list[dict[str, Any]], place: int, code: str, field_name: str, value: str) -> None:
    if place == len(missing) + 1:
        missing.append({"code": code})
    entry = missing[place - 1] if place > 0 else missing[len(missing)]
    head, _, language = field_name.partition(".")
    if language:
        entry.setdefault("labels", {})[language] = value
    else:
        entry[head] = value


def _fault(where: str, why: str) -> InstrumentError:
    return InstrumentError(
        "xlsform.own-sheet",
        "The sheet `evenhand` holds something that Evenhand does not write.",
        where=where,
        why=why,
        mend="Remove the sheet, and say what it said with the options of `evenhand instrument from-xlsform`.",
    )
