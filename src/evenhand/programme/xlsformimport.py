"""From a form to an instrument: which questions are items, what their choices count as, and what means no answer.

A form does not say everything that an instrument needs. What its words say plainly is followed, and a note says
so; what they leave open has to be said; nothing is guessed without a word.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from evenhand.errors import InstrumentError
from evenhand.programme.instrument import FORMAT, Component, Instrument, instrument_from
from evenhand.programme.xlsform import Form, Question
from evenhand.programme.xlsformboundary import refuse
from evenhand.programme.xlsformlists import ListReader
from evenhand.programme.xlsformsheet import Own, read_own
from evenhand.programme.yamltext import Document, Path_, dotted

Direction = Literal["more", "less"]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NOT_A_NAME = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the form does not say.

    Attributes:
        items: names of the questions that are items; every select_one question when empty.
        direction: `more` or `less` for all items, or None.
        directions: the same for single items.
        missing: for a code, the reason that it means no answer, or `answer`.
        categories: for a list, the category of each code.
        languages: codes of the languages to take; all of the form's when empty.
        name: the instrument's name.
        component: what the items measure.
        respondent: whom the answers are about.
        wording: whose words they are.
        licence: licence of the wording.
        citation: where it comes from.
    """

    items: tuple[str, ...] = ()
    direction: Direction | None = None
    directions: dict[str, Direction] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    categories: dict[str, dict[str, int]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    name: str | None = None
    component: Component | None = None
    respondent: Literal["person", "household"] | None = None
    wording: Literal["own", "paraphrase", "official"] | None = None
    licence: str | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """An instrument and how it was read out of the form.

    Attributes:
        instrument: the instrument.
        notes: what was taken from the words of the form, one sentence each.
    """

    instrument: Instrument
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _FormDocument(Document):
    """The instrument's fields, whose places are rows of a form."""

    rows: dict[Path_, str] = field(default_factory=dict)

    def place(self, path: Path_) -> str:
        """The row of the form that the field comes from, or of the closest field around it."""
        near = path
        while near and near not in self.rows:
            near = near[:-1]
        where = self.rows.get(near, self.source)
        return f"{where}, field {dotted(path)}" if path else where


def import_form(form: Form, options: ImportOptions) -> Imported:
    """Make an instrument of a form.

    Raises:
        BoundaryError: the form asks, shows, computes or records what Evenhand never does.
        InstrumentError: an item is no select_one question, or something is left open that the options do not say.
    """
    refuse(form)
    own = read_own(form.own, form.source)
    questions = _items(form, options, own)
    languages = _languages(form, options)
    reader = ListReader(form, languages, options.missing, options.categories, own)
    notes = [form.language_guess] if form.language_guess else []
    if not options.items and not own.items:
        notes.append(
            f"Every select_one question was taken as an item: {', '.join(each.name for each in questions)}."
        )
    lists = {each.kind.list_name: reader.read(each) for each in questions}
    reader.check_used()
    data: dict[str, Any] = {"format": FORMAT, **_head(form, options, own, languages)}
    data["choices"] = {own.lists.get(name, name): choices for name, choices in lists.items()}
    data["missing"] = reader.missing
    data["items"] = [_item(form, question, languages, options, own) for question in questions]
    if own.published and set(own.items) == {each.name for each in questions}:
        data["published"] = own.published
    document = _FormDocument(form.source, data, rows=_rows(form, questions, own))
    instrument = instrument_from(document)
    notes += reader.notes
    notes += _changed(own, instrument)
    return Imported(instrument, tuple(notes))


def _items(form: Form, options: ImportOptions, own: Own) -> list[Question]:
    names = options.items or tuple(own.items)
    if not names:
        found = [question for question in form.questions if question.kind.name == "select_one"]
        if not found:
            raise _fault(
                "xlsform.no-items",
                "The form has no select_one question.",
                form.source,
                "An item is a question with one answer from a list.",
                "Check that this is the form with the items.",
            )
        return [_usable(form, question) for question in found]
    return [_usable(form, _named(form, name)) for name in dict.fromkeys(names)]


def _named(form: Form, name: str) -> Question:
    """The question of a name, or of a `group/question` name."""
    last = name.rsplit("/", 1)[-1]
    asked = [question for question in form.questions if question.is_asked]
    for wanted in (name, last):
        found = [question for question in asked if question.name == wanted]
        if found:
            return found[0]
    known = [question.name for question in asked if question.kind.name == "select_one"]
    close = difflib.get_close_matches(last, known, n=1)
    raise _fault(
        "xlsform.unknown-item",
        f"The form asks no question {name!r}.",
        form.source,
        f"Its select_one questions are: {', '.join(known[:30]) or 'none'}.",
        f"Did you mean {close[0]!r}?" if close else "Name one of them.",
    )


def _usable(form: Form, question: Question) -> Question:
    where = form.place(question.row)
    same = [each.row for each in form.questions if each.name == question.name and each.is_asked]
    if len(same) > 1:
        raise _fault(
            "xlsform.item-twice",
            f"The form asks {question.name!r} in rows {', '.join(map(str, same))}.",
            where,
            "In the answers nobody can tell them apart.",
            "Give each question its own name.",
        )
    if question.kind.name != "select_one":
        raise _fault(
            "xlsform.not-one-answer",
            f"The question {question.name!r} is of the type {question.written!r}.",
            where,
            "An item takes one answer from a list that stands in the form (select_one).",
            "Leave it out with --items, or ask it as select_one.",
        )
    if question.kind.or_other:
        raise _fault(
            "xlsform.not-one-answer",
            f"The question {question.name!r} also takes a free answer (or_other).",
            where,
            "Nothing says what a free answer counts as.",
            "Add 'other' to the list as a choice of its own, and take or_other out.",
        )
    if question.in_repeat:
        raise _fault(
            "xlsform.in-repeat",
            f"The question {question.name!r} is asked several times, in a repeat.",
            where,
            "One row of answers is one respondent, and an item has one answer in it.",
            "Ask it outside the repeat, or leave it out with --items.",
        )
    return question


def _languages(form: Form, options: ImportOptions) -> tuple[str, ...]:
    unclear = [each for each in form.languages if not _LANGUAGE.fullmatch(each)]
    wanted = options.languages or form.languages
    for language in wanted:
        if language in unclear or language not in form.languages:
            raise _fault(
                "xlsform.language",
                f"The form's language {language!r} has no known code."
                if language in unclear
                else f"The form has no labels in {language!r}.",
                form.source,
                f"Its languages are: {', '.join(form.languages) or 'none'}.",
                f"Say --language '{language}=CODE'." if language in unclear else "Name one of them.",
            )
    if not wanted:
        raise _fault(
            "xlsform.language",
            "The form has no column of labels.",
            form.source,
            "An item is known by its text.",
            "Add a column label::English (en).",
        )
    return wanted


def _head(form: Form, options: ImportOptions, own: Own, languages: tuple[str, ...]) -> dict[str, Any]:
    file = re.split(r"[\\/]", form.source)[-1]
    settings, fields = form.settings, own.fields
    title = settings.get("form_title") or settings.get("title") or file.rsplit(".", 1)[0]
    titles = fields.get("title", {})
    head: dict[str, Any] = {
        "name": options.name or fields.get("name") or _as_name(settings.get("form_id") or file.rsplit(".", 1)[0]),
        "title": {language: titles.get(language, title) for language in languages},
        "version": fields.get("version") or settings.get("version") or "1",
        "status": fields.get("status", "unvalidated"),
        "licence": options.licence or fields.get("licence", "Not stated in the form; the wording is its authors'"),
        "source": options.citation or fields.get("source", f"XLSForm {file}"),
        "respondent": options.respondent or fields.get("respondent", "person"),
        "component": options.component or fields.get("component", "need"),
        "scoring": fields.get("scoring", "model"),
    }
    if "official_wording" in fields:
        head["official_wording"] = fields["official_wording"]
    period = fields.get("reference_period", {})
    if period and all(language in period for language in languages):
        head["reference_period"] = {language: period[language] for language in languages}
    return head


def _as_name(text: str) -> str:
    plain = _NOT_A_NAME.sub("-", text).strip("-.")
    return (plain if re.match(r"[^\W\d]", plain) else f"form-{plain}".rstrip("-"))[:64]


def _item(
    form: Form, question: Question, languages: Sequence[str], options: ImportOptions, own: Own
) -> dict[str, Any]:
    known = own.items.get(question.name, {})
    direction = options.directions.get(question.name) or options.direction or known.get("direction")
    if direction is None:
        raise _fault(
            "xlsform.direction",
            f"Nothing says whether a higher category of {question.name!r} means more or less.",
            form.place(question.row),
            "The order of the choices does not tell it.",
            "Say --direction more (or less), or --direction ITEM=less for single items.",
        )
    for language in languages:
        if language not in question.labels:
            raise untranslated(form.place(question.row), f"The question {question.name!r}", language)
    item: dict[str, Any] = {
        "name": question.name,
        "wording": {language: question.labels[language] for language in languages},
        "wording_status": options.wording or known.get("wording_status", "official"),
        "choices": own.lists.get(question.kind.list_name, question.kind.list_name),
        "direction": direction,
    }
    if "component" in known and options.component is None:
        item["component"] = known["component"]
    if known.get("aliases"):
        item["aliases"] = list(known["aliases"])
    return item


def untranslated(where: str, what: str, language: str) -> InstrumentError:
    """A text that one of the languages lacks."""
    return _fault(
        "xlsform.translation-missing",
        f"{what} has no text in {language}.",
        where,
        "Every text of an instrument is there in each of its languages.",
        "Translate it, or take the other languages only, as with --language en.",
    )


def _rows(form: Form, questions: Sequence[Question], own: Own) -> dict[Path_, str]:
    rows: dict[Path_, str] = {}
    for k, question in enumerate(questions):
        rows["items", k] = form.place(question.row)
        name = question.kind.list_name
        rows["choices", own.lists.get(name, name)] = form.place(form.lists[name][0].row, "choices")
    return rows


def _changed(own: Own, instrument: Instrument) -> list[str]:
    if "hash" not in own.fields or own.fields["hash"] == instrument.hash():
        return []
    return ["The instrument differs from the one that this form was written from."]


def _fault(code: str, what: str, where: str, why: str, mend: str) -> InstrumentError:
    return InstrumentError(code, what, where=where, why=why, mend=mend)


def form_name(path: str | Path) -> bool:
    """Whether a path is that of a workbook, by its ending."""
    return Path(path).suffix.casefold() in {".xlsx", ".xlsm"}
