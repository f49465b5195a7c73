"""An instrument as an XLSForm, for Kobo, ODK and other programs that ask people."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evenhand.errors import InstrumentError
from evenhand.programme.instrument import Instrument, MissingCode
from evenhand.programme.xlsformsheet import HEADER, NAME, own_rows

LANGUAGES = {
    "en": "English (en)",
    "ru": "Русский (ru)",
    "fr": "Français (fr)",
    "es": "Español (es)",
    "ar": "العربية (ar)",
    "pt": "Português (pt)",
    "uk": "Українська (uk)",
}
"""How forms write the languages; others are written by their code twice."""

OFFERED = ("dont_know", "refused", "not_applicable")
"""Reasons that a person can give; the others are the survey's own."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STAMP = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def xlsform_bytes(instrument: Instrument) -> bytes:
    """The form as the bytes of an `.xlsx` file; the same instrument gives the same bytes.

    The codes for no answer that have labels and that a person can give stand among the choices of every question.
    A question must be answered only where refusing is one of its choices.

    Raises:
        InstrumentError: a text holds a control character, which a workbook cannot hold.
    """
    from openpyxl import Workbook

    lists = _list_names(instrument)
    columns = [f"label::{_written(language)}" for language in instrument.languages]
    book = Workbook()
    book.remove(book.active)
    _sheet(book, "survey", ("type", "name", *columns, "required"), _survey(instrument, lists))
    _sheet(book, "choices", ("list_name", "name", *columns), _choices(instrument, lists))
    _sheet(book, "settings", ("form_title", "form_id", "version", "default_language"), [_settings(instrument)])
    _sheet(book, NAME, HEADER, own_rows(instrument, lists))
    stream = io.BytesIO()
    book.save(stream)
    return _same_bytes(stream.getvalue())


def offered(instrument: Instrument) -> tuple[MissingCode, ...]:
    """The codes for no answer that stand among the choices, each code once."""
    found: dict[str, MissingCode] = {}
    for entry in instrument.missing:
        if entry.labels and entry.reason in OFFERED:
            found.setdefault(entry.code, entry)
    return tuple(found.values())


def can_refuse(instrument: Instrument) -> bool:
    """Whether every question offers to refuse an answer."""
    return any(entry.reason == "refused" for entry in offered(instrument))


def _survey(instrument: Instrument, lists: dict[str, str]) -> Iterator[Sequence[str]]:
    if instrument.reference_period is not None:
        taken = {item.name.casefold() for item in instrument.items}
        note = next(name for name in ("period", "period_asked", "period_asked_about") if name not in taken)
        yield "note", note, *(instrument.reference_period[each] for each in instrument.languages), ""
    required = "yes" if can_refuse(instrument) else ""
    for item in instrument.items:
        texts = (item.wording[language] for language in instrument.languages)
        yield f"select_one {lists[item.choices]}", item.name, *texts, required


def _choices(instrument: Instrument, lists: dict[str, str]) -> Iterator[Sequence[str]]:
    for name, choices in instrument.choices.items():
        rows = [(entry.code, entry.labels) for entry in choices]
        rows += [(entry.code, entry.labels) for entry in offered(instrument)]
        for code, labels in rows:
            yield lists[name], code, *(labels[language] for language in instrument.languages)


def _settings(instrument: Instrument) -> Sequence[str]:
    first = instrument.languages[0]
    return (
        instrument.title[first],
        instrument.name,
        instrument.version,
        _written(first),
    )


def _written(language: str) -> str:
    return LANGUAGES.get(language, f"{language} ({language})")


def _list_names(instrument: Instrument) -> dict[str, str]:
    """A name without spaces for each list, no two alike."""
    names: dict[str, str] = {}
    for name in instrument.choices:
        plain = re.sub(r"[^\w.\-]", "_", name, flags=re.ASCII).strip("_") or "list"
        taken, number = set(names.values()), 2
        own = plain
        while own in taken:
            own, number = f"{plain}_{number}", number + 1
        names[name] = own
    return names


def _sheet(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    page = book.create_sheet(name)
    for number, row in enumerate((header, *rows), start=1):
        for place, text in enumerate(row, start=1):
            if not text:
                continue
            if _CONTROL.search(text):
                raise _control_character(name, number, text)
            cell = page.cell(row=number, column=place)
            cell.value = text
            # A text that begins with = is a text, not a formula.
            cell.data_type = "s"
    page.freeze_panes = "A2"
    for place in range(len(header)):
        page.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[min(place, 25)]].width = 16 if place < 2 else 48


def _control_character(sheet: str, row: int, text: str) -> InstrumentError:
    return InstrumentError(
        "xlsform.control-character",
        f"The text {text[:40]!r} holds a control character.",
        where=f"sheet {sheet}, row {row}",
        why="A workbook cannot hold it.",
        mend="Take it out of the instrument.",
    )


def _same_bytes(data: bytes) -> bytes:
    """The workbook without the time of writing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            stamped = zipfile.ZipInfo(entry.filename, _STAMP)
            stamped.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(stamped, content)
    return stream.getvalue()
