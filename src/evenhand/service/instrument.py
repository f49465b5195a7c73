"""Instruments out of forms and into forms, and the check of both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from evenhand.errors import OptionError
from evenhand.programme.coding import MISSING_REASONS
from evenhand.programme.instrument import Instrument, load_instrument
from evenhand.programme.instrumentlint import lint_instrument
from evenhand.programme.instrumentwrite import instrument_yaml
from evenhand.programme.xlsform import read_form
from evenhand.programme.xlsformexport import can_refuse, xlsform_bytes
from evenhand.programme.xlsformfinding import Finding
from evenhand.programme.xlsformimport import Direction, ImportOptions, form_name, import_form
from evenhand.programme.xlsformlint import lint
from evenhand.programme.xlsformlists import ANSWER

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says about a form, as it is written on the command line.

    Attributes:
        items: names of the items; all select_one questions when empty.
        languages: `CODE` to take a language, `NAME=CODE` to say what a language of the form is.
        directions: `more` or `less`, or `ITEM=less`.
        missing: `CODE=REASON` or `CODE=answer`.
        categories: `LIST:CODE=CATEGORY,...`.
        name: the instrument's name.
        component: `need` or `capacity`.
        respondent: `person` or `household`.
        wording: `own`, `paraphrase` or `official`.
        licence: licence of the wording.
        citation: where it comes from.
    """

    items: Sequence[str] = ()
    languages: Sequence[str] = ()
    directions: Sequence[str] = ()
    missing: Sequence[str] = ()
    categories: Sequence[str] = ()
    name: str | None = None
    component: str | None = None
    respondent: str | None = None
    wording: str | None = None
    licence: str | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class FromForm:
    """An instrument made of a form.

    Attributes:
        instrument: the instrument.
        text: the same as an instrument file.
        notes: what was taken from the words of the form.
        findings: what a check of the form finds.
    """

    instrument: Instrument
    text: str
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]


def from_xlsform(path: str | Path, said: Said) -> FromForm:
    """Make an instrument of an XLSForm.

    Raises:
        OptionError: an option is not written as it must be.
        InstrumentError: the file is no form, or leaves something open.
        BoundaryError: the form crosses the boundary.
    """
    names, options = options_of(said)
    form = read_form(path, languages=names)
    imported = import_form(form, options)
    file = Path(path).name
    comment = "\n".join([f"Made from the XLSForm {file}. Check the categories and directions.", *imported.notes])
    text = instrument_yaml(imported.instrument, comment=comment)
    return FromForm(imported.instrument, text, imported.notes, lint(form))


def to_xlsform(name_or_path: str | Path) -> tuple[Instrument, bytes, tuple[str, ...]]:
    """The instrument, its form as the bytes of an `.xlsx` file, and what the reader should know.

    Raises:
        InstrumentError: there is no such instrument, or it has a fault.
    """
    instrument = load_instrument(name_or_path)
    notes = []
    if not can_refuse(instrument):
        notes.append("No code for no answer means refused and has a label, so no question must be answered.")
    return instrument, xlsform_bytes(instrument), tuple(notes)


def check_instrument(name_or_path: str | Path, languages: Sequence[str] = ()) -> tuple[Finding, ...]:
    """What is wrong with a form, or what an instrument may hold by mistake.

    Raises:
        InstrumentError: the file cannot be read at all.
        BoundaryError: an instrument file crosses the boundary. In a form that is a finding: all places are named.
    """
    if form_name(name_or_path):
        names, _ = options_of(Said(languages=languages))
        return lint(read_form(name_or_path, languages=names))
    return lint_instrument(load_instrument(name_or_path), str(name_or_path))


def options_of(said: Said) -> tuple[dict[str, str], ImportOptions]:
    """The options, understood: codes of the form's languages by name, and the rest.

    Raises:
        OptionError: an option is not written as it must be.
    """
    names, languages = _languages(said.languages)
    overall, single = _directions(said.directions)
    return names, ImportOptions(
        items=tuple(said.items),
        direction=overall,
        directions=single,
        missing=_missing(said.missing),
        categories=_categories(said.categories),
        languages=languages,
        name=said.name,
        component=cast("Literal['need', 'capacity'] | None", _one_of("component", said.component, _COMPONENTS)),
        respondent=cast("Literal['person', 'household'] | None", _one_of("respondent", said.respondent, _ABOUT)),
        wording=cast(
            "Literal['own', 'paraphrase', 'official'] | None", _one_of("wording", said.wording, _WORDING)
        ),
        licence=said.licence,
        citation=said.citation,
    )


_COMPONENTS = ("need", "capacity")
_ABOUT = ("person", "household")
_WORDING = ("own", "paraphrase", "official")
_DIRECTIONS = ("more", "less")


def _languages(said: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    names: dict[str, str] = {}
    languages: list[str] = []
    for each in said:
        name, mark, code = each.rpartition("=")
        if not _LANGUAGE.fullmatch(code.strip()):
            raise _unwritten("language", each, "CODE or NAME=CODE, as in en or 'Kiswahili=sw'")
        if mark:
            names[name.strip()] = code.strip()
        else:
            languages.append(code.strip())
    return names, tuple(dict.fromkeys(languages))


def _directions(said: Sequence[str]) -> tuple[Direction | None, dict[str, Direction]]:
    overall: Direction | None = None
    single: dict[str, Direction] = {}
    for each in said:
        item, mark, value = each.rpartition("=")
        if value.strip() not in _DIRECTIONS:
            raise _unwritten("direction", each, "more, less, ITEM=more or ITEM=less")
        direction = cast("Direction", value.strip())
        if mark:
            single[item.strip()] = direction
        else:
            overall = direction
    return overall, single


def _missing(said: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in (part for text in said for part in text.split(",") if part.strip()):
        code, mark, reason = each.rpartition("=")
        if not mark or not code.strip() or reason.strip() not in {*MISSING_REASONS, ANSWER}:
            raise _unwritten(
                "missing", each, f"CODE=REASON, the reason being {', '.join(MISSING_REASONS)} or answer"
            )
        found[code.strip()] = reason.strip()
    return found


def _categories(said: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for text in said:
        name, mark, pairs = text.partition(":")
        for each in pairs.split(","):
            code, equals, category = each.rpartition("=")
            if not mark or not equals or not re.fullmatch(r"[0-9]{1,2}", category.strip(), re.ASCII):
                raise _unwritten("categories", text, "LIST:CODE=CATEGORY,CODE=CATEGORY")
            found.setdefault(name.strip(), {})[code.strip()] = int(category)
    return found


def _one_of(option: str, value: str | None, known: Sequence[str]) -> str | None:
    if value is not None and value not in known:
        raise OptionError(
            "options.unknown-value",
            f"--{option} cannot be {value!r}.",
            where=f"--{option}",
            why=f"It is one of: {', '.join(known)}.",
            mend=f"Use --{option} {known[0]}.",
        )
    return value


def _unwritten(option: str, value: str, form: str) -> OptionError:
    return OptionError(
        "options.form",
        f"--{option} cannot be {value[:100]!r}.",
        where=f"--{option}",
        why=f"It is written {form}.",
        mend="Write it so.",
    )
