"""The columns of a form's sheets: their names, and the languages of those that stand once a language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evenhand.errors import InstrumentError
from evenhand.programme.xlsformbook import Sheet
from evenhand.programme.xlsformtypes import TRANSLATED, language_code

_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
_LATIN = re.compile(r"[A-Za-z]")

Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a sheet are: by name, and for translated ones by language."""

    plain: dict[str, int]
    translated: dict[str, dict[str, int]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the labels; empty text for a column without a language."""
        return tuple(self.translated.get("label", {}))

    def cell(self, row: tuple[str, ...], name: str) -> str:
        """The row's text in a column; empty where there is no such column."""
        place = self.plain.get(name)
        return "" if place is None else row[place]

    def texts(self, row: tuple[str, ...], name: str) -> Texts:
        """The row's text in a translated column, by language; languages without text left out."""
        found: Texts = {}
        for language, place in self.translated.get(name, {}).items():
            if row[place]:
                found[language] = row[place]
        return found


class Naming:
    """What the languages of a form's columns are called."""

    def __init__(self, default: str, known: dict[str, str]) -> None:
        self.known = {name.casefold(): code for name, code in known.items()}
        self.unnamed = self.known.get("default") or (self._code(default) if default else "")
        self.guess = ""

    def code(self, written: str) -> str:
        """The language's code, or its name where no code is known; empty for a column without a language."""
        return self._code(written) if written else ""

    def final(self, language: str) -> str:
        """The language, once the one of unnamed columns is settled."""
        return language or self.unnamed

    def settle(self, survey: Sheet, columns: Columns) -> str:
        """Guess the language of labels that no column and no setting names; returns a sentence that says so."""
        place = columns.translated.get("label", {}).get("")
        if self.unnamed or (place is None and "" not in columns.translated.get("hint", {})):
            self.unnamed = self.unnamed or "en"
            return ""
        text = "" if place is None else " ".join(row[place] for _, row in survey.rows)
        self.unnamed = "ru" if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else "en"
        return (
            f"The form does not say in which language its labels are: {self.unnamed} was assumed. "
            "Say it with --language default=CODE."
        )

    def named(self, texts: Texts) -> Texts:
        """Texts by the final code of their language."""
        # Where a form has the same language with and without its name, the column that names it decides.
        return {self.final(language): texts[language] for language in sorted(texts, key=bool)}

    def _code(self, written: str) -> str:
        return self.known.get(written.casefold()) or language_code(written) or written


def columns_of(
    sheet: Sheet, aliases: Mapping[str, str], needed: tuple[str, ...], naming: Naming, source: str
) -> Columns:
    """Where a sheet's columns are.

    Args:
        sheet: the sheet.
        aliases: what columns are called here, by their lower-case name.
        needed: columns that must be there.
        naming: codes of the languages.
        source: name of the file.

    Raises:
        InstrumentError: a column is missing, or two mean the same.
    """
    plain: dict[str, int] = {}
    translated: dict[str, dict[str, int]] = {}
    for place, written in enumerate(sheet.header):
        if not written:
            continue
        name, language = _column_name(written, aliases)
        where = translated.setdefault(name, {}) if name in TRANSLATED else plain
        key = naming.code(language) if name in TRANSLATED else name
        if key in where:
            raise InstrumentError(
                "xlsform.duplicate-column",
                f"Two columns mean the same: {sheet.header[where[key]]!r} and {written!r}.",
                where=f"{source}, sheet {sheet.name}, row 1",
                mend="Remove or rename one of them.",
            )
        where[key] = place
    for name in needed:
        if name not in plain:
            raise InstrumentError(
                "xlsform.missing-column",
                f"The sheet {sheet.name!r} has no column {name!r}.",
                where=f"{source}, sheet {sheet.name}, row 1",
                why=f"Its columns are: {', '.join(each for each in sheet.header if each)[:300] or 'none'}.",
                mend="Put the column names of the XLSForm standard into the first row.",
            )
    return Columns(plain, translated)


def _column_name(written: str, aliases: Mapping[str, str]) -> tuple[str, str]:
    """A column's name and language; older forms write one colon where newer ones write two."""
    text = " ".join(written.split())
    whole = aliases.get(text.casefold())
    if whole is not None:
        return whole, ""
    for mark in ("::", ":"):
        head, found, tail = text.partition(mark)
        name = aliases.get(head.strip().casefold(), head.strip().casefold())
        if found and name in TRANSLATED:
            return name, tail.strip()
    return text.casefold(), ""
