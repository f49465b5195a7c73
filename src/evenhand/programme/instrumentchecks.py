"""What an instrument's parts must have in common, and the boundary read over all its texts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from evenhand.errors import InstrumentError
from evenhand.programme.coding import normal_text
from evenhand.programme.guard import check_text
from evenhand.programme.guardreasons import by_text, require, unusable
from evenhand.programme.yamltext import Document, Path_

if TYPE_CHECKING:
    from evenhand.programme.instrument import Instrument

_Labelled = Iterator[tuple[Path_, str]]


def check(instrument: "Instrument", document: Document) -> None:
    """Check what no single field can.

    Raises:
        InstrumentError: duplicate items, unknown or unusable choices, contradicting codes, missing languages, or
            published parameters that do not fit the items.
        BoundaryError: a text asks what Evenhand never asks, or a recorded reason cannot be used.
    """
    for path, text, kind in every_text(instrument):
        check_text(text, where=document.place(path), kind=kind)
    _check_reasons(instrument, document)
    _check_languages(instrument, document)
    _check_choices(instrument, document)
    _check_items(instrument, document)
    _check_published(instrument, document)


def _check_reasons(instrument: "Instrument", document: Document) -> None:
    """Each recorded reason is one, by a named person, for a wording in this file that the guard doubts."""
    recorded = by_text(instrument.justifications)
    kinds = {text.strip(): kind for _, text, kind in every_text(instrument)}
    for place, entry in enumerate(instrument.justifications):
        text, where = entry.text.strip(), document.place(("justifications", place))
        if text not in kinds:
            raise unusable(text, where, "No such text stands in the file.", "Give the wording word for word.")
        if require(text, where=where, kind=kinds[text], justified=recorded).verdict == "allow":
            raise unusable(text, where, "The guard does not doubt it.", "Remove the entry.")


def every_text(instrument: "Instrument") -> Iterator[tuple[Path_, str, Literal["name", "wording"]]]:
    """Every text that a respondent or a column shows, with its place and kind."""
    yield ("name",), instrument.name, "name"
    for path, texts in _translated(instrument):
        for language, text in texts.items():
            yield (*path, language), text, "wording"
    for k, item in enumerate(instrument.items):
        yield ("items", k, "name"), item.name, "name"
        for alias in item.aliases:
            yield ("items", k, "aliases"), alias, "name"


def _translated(instrument: "Instrument") -> Iterator[tuple[Path_, dict[str, str]]]:
    yield ("title",), instrument.title
    if instrument.reference_period is not None:
        yield ("reference_period",), instrument.reference_period
    for k, entry in enumerate(instrument.missing):
        if entry.labels:
            yield ("missing", k, "labels"), entry.labels
    for name, choices in instrument.choices.items():
        for k, choice in enumerate(choices):
            yield ("choices", name, k, "labels"), choice.labels
    for k, item in enumerate(instrument.items):
        yield ("items", k, "wording"), item.wording


def _check_languages(instrument: "Instrument", document: Document) -> None:
    expected = set(instrument.title)
    for path, texts in _translated(instrument):
        lacking, extra = sorted(expected - set(texts)), sorted(set(texts) - expected)
        if lacking or extra:
            raise _fault(
                "instrument.languages",
                f"The text is missing in {', '.join(lacking)}." if lacking else f"The title has no {extra[0]!r}.",
                document.place(path),
                f"The title is in {', '.join(instrument.title)}: every text must be in the same languages.",
                "Translate the text." if lacking else "Translate the title too, or remove the translation.",
            )


def _check_choices(instrument: "Instrument", document: Document) -> None:
    missing = _missing_texts(instrument, document)
    for name, choices in instrument.choices.items():
        _check_categories(name, [choice.counts_as for choice in choices], document)
        known: dict[str, int | None] = {}
        codes: set[str] = set()
        for k, choice in enumerate(choices):
            path = ("choices", name, k)
            if normal_text(choice.code) in codes:
                raise _twice(f"The code {choice.code!r}", document.place(path))
            codes.add(normal_text(choice.code))
            for text in (choice.code, *choice.labels.values()):
                _check_answer_text(text, choice.counts_as, known, missing, document.place(path))


def _check_answer_text(
    text: str, category: int | None, known: dict[str, int | None], missing: dict[str, str], where: str
) -> None:
    key = normal_text(text)
    if key in missing:
        raise _fault(
            "instrument.code-both",
            f"{text!r} is both an answer and a code for no answer.",
            where,
            f"The codes for no answer say: {missing[key]}.",
            "Give one of the two another code or label.",
        )
    if known.setdefault(key, category) != category:
        raise _fault(
            "instrument.code-ambiguous",
            f"{text!r} stands for two categories.",
            where,
            "A file that holds it could not be read.",
            "Give each category its own codes and labels.",
        )


def _check_categories(name: str, categories: list[int | None], document: Document) -> None:
    path: Path_ = ("choices", name)
    for k, category in enumerate(categories):
        if category is None or category < 0:
            raise _fault(
                "instrument.no-category",
                "The choice does not say which category it counts as.",
                document.place((*path, k)),
                "Only a code 0, 1, 2, … is its own category.",
                "Add category: 0 (or 1, 2, …).",
            )
    used = sorted({category for category in categories if category is not None})
    if len(used) < 2:
        raise _fault(
            "instrument.few-categories",
            f"The choice list {name!r} has fewer than 2 categories.",
            document.place(path),
            "An item that everyone must answer alike measures nothing.",
            "Add a choice, or another category.",
        )
    if used != list(range(len(used))):
        raise _fault(
            "instrument.category-gap",
            f"The categories of the choice list {name!r} are {', '.join(map(str, used))}.",
            document.place(path),
            "Categories are 0, 1, 2, … without a gap; a code without category: is its own category.",
            "Add category: to each choice.",
        )


def _missing_texts(instrument: "Instrument", document: Document) -> dict[str, str]:
    """Each text for no answer and its reason."""
    texts: dict[str, str] = {}
    for k, entry in enumerate(instrument.missing):
        for text in (entry.code, *entry.labels.values()):
            if texts.setdefault(normal_text(text), entry.reason) != entry.reason:
                raise _twice(f"The code for no answer {text!r}", document.place(("missing", k)))
    return texts


def _check_items(instrument: "Instrument", document: Document) -> None:
    seen: dict[str, int] = {}
    for k, item in enumerate(instrument.items):
        for name in (item.name, *item.aliases):
            if seen.setdefault(name.casefold(), k) != k or (name == item.name and name in item.aliases):
                raise _fault(
                    "instrument.duplicate-item",
                    f"The item name {name!r} stands twice.",
                    document.place(("items", k, "name")),
                    f"Item {seen[name.casefold()] + 1} has it too, as its name or an alias.",
                    "Give each item its own name.",
                )
        if item.choices not in instrument.choices:
            raise _fault(
                "instrument.unknown-choices",
                f"The item {item.name!r} uses the choice list {item.choices!r}, which is not there.",
                document.place(("items", k, "choices")),
                f"The file has: {', '.join(instrument.choices)}.",
                "Name one of them, or add the list under choices.",
            )


def _check_published(instrument: "Instrument", document: Document) -> None:
    if instrument.published is None:
        return
    categories = {coding.name: coding.categories for coding in instrument.coding()}
    published = instrument.published
    for label, values in (("b", published.b), ("a", published.a), ("se", published.se)):
        if values is not None and set(values) != set(categories):
            odd = min(set(values) ^ set(categories))
            raise _fault(
                "instrument.published-items",
                f"The published {label} do not fit the items: {odd!r} is on one side only.",
                document.place(("published", label)),
                "Published parameters are used as a whole.",
                "Give one value for each item.",
            )
    for label, rows in (("b", published.b), ("se", published.se or {})):
        for name, row in rows.items():
            if len(row) != categories[name] - 1:
                raise _fault(
                    "instrument.published-count",
                    f"The item {name!r} has {categories[name]} categories and {len(row)} values.",
                    document.place(("published", label, name)),
                    "An item with K categories has K - 1 severities.",
                    "Give one value for each step between categories.",
                )


def _twice(what: str, where: str) -> InstrumentError:
    return _fault("instrument.code-twice", f"{what} stands twice.", where, "", "Remove one of the two.")


def _fault(code: str, what: str, where: str, why: str, mend: str) -> InstrumentError:
    return InstrumentError(code, what, where=where, why=why, mend=mend)
