"""The words of XLSForm: names of columns and types, with the aliases that forms in use have.

Facts from the XLSForm standard (https://xlsform.org/) and from pyxform's tables of aliases.
"""

import re
from dataclasses import dataclass

SURVEY_COLUMNS = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "bind:relevant": "relevant",
    "bind::required": "required",
    "bind:required": "required",
    "bind::constraint": "constraint",
    "bind:constraint": "constraint",
    "constraining message": "constraint_message",
    "constraint message": "constraint_message",
    "constraining_message": "constraint_message",
    "bind::jr:constraintmsg": "constraint_message",
    "calculate": "calculation",
    "bind::calculate": "calculation",
    "bind:calculate": "calculation",
    "choice filter": "choice_filter",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "control::appearance": "appearance",
    "guidance hint": "guidance_hint",
    "required message": "required_message",
    "requiredmsg": "required_message",
}
"""Lower-case names of columns of the survey sheet, by what they are called here."""

CHOICE_COLUMNS = {"list name": "list_name", "value": "name", "caption": "label"}

TRANSLATED = frozenset({"label", "hint", "guidance_hint", "constraint_message", "required_message"})
"""Columns that may stand once a language."""

_SELECT_ONE = (
    "select_one",
    "select one",
    "select1",
    "select_one_from",
    "select one from",
    "select one using",
    "q select1",
    "add select one prompt using",
)
_SELECT_MULTIPLE = (
    "select_multiple",
    "select multiple",
    "select multiple from",
    "select multiple using",
    "select all that apply",
    "select all that apply from",
    "q select",
    "add select multiple prompt using",
)
_OTHERS = {
    "rank": ("rank",),
    "select_one_external": ("select_one_external", "select one external"),
    "select_one_from_file": ("select_one_from_file", "select one from file"),
    "select_multiple_from_file": ("select_multiple_from_file", "select multiple from file"),
}
_SELECTS = {
    **dict.fromkeys(_SELECT_ONE, "select_one"),
    **dict.fromkeys(_SELECT_MULTIPLE, "select_multiple"),
    **{written: kind for kind, each in _OTHERS.items() for written in each},
}
SELECTS = frozenset(_SELECTS.values())

_SELECT = re.compile(
    r"(?P<written>" + "|".join(re.escape(each) for each in sorted(_SELECTS, key=len, reverse=True)) + r")"
    r"\s+(?P<list>\S+)(?P<other>\s+or[ _](?:specify[ _])?other)?",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?P<edge>begin|end)[ _]?(?P<kind>group|repeat|lgroup|looped group|loop)(?:\s+.*)?", re.IGNORECASE
)

PARADATA_TYPES = {
    "start": "start",
    "start time": "start",
    "end": "end",
    "end time": "end",
    "today": "today",
    "deviceid": "deviceid",
    "device id": "deviceid",
    "imei": "deviceid",
    "subscriberid": "subscriberid",
    "subscriber id": "subscriberid",
    "simserial": "simserial",
    "sim id": "simserial",
    "phonenumber": "phonenumber",
    "phone number": "phonenumber",
    "username": "username",
    "email": "email",
    "audit": "audit",
    "location": "geopoint",
    "gps": "geopoint",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "osm": "osm",
    "start-geopoint": "start-geopoint",
    "background-geopoint": "background-geopoint",
    "background-audio": "background-audio",
    "image": "image",
    "photo": "image",
    "picture": "image",
    "audio": "audio",
    "video": "video",
    "file": "file",
    "barcode": "barcode",
}
"""Types that record a trace of the person, the place or the device, by what they are called here."""

PLAIN_TYPES = {
    "int": "integer",
    "integer": "integer",
    "decimal": "decimal",
    "percentage": "integer",
    "number of days in last month": "integer",
    "number of days in last six months": "integer",
    "number of days in last year": "integer",
    "range": "range",
    "string": "text",
    "text": "text",
    "note": "note",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "date time": "datetime",
    "calculate": "calculate",
    "hidden": "hidden",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
    "xml-external": "external",
    "csv-external": "external",
    "entity": "entity",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A cell of the column `type`, understood.

    Attributes:
        name: `select_one`, `integer`, `begin group`, `end repeat`, `start`, …; empty if the type is unknown.
        list_name: the list (or the file) of a select; empty for others.
        or_other: whether a select takes a free answer beside its list.
    """

    name: str
    list_name: str = ""
    or_other: bool = False


def kind_of(written: str) -> Kind:
    """What a type means, under any of its names."""
    text = " ".join(written.split())
    select = _SELECT.fullmatch(text)
    if select:
        return Kind(_SELECTS[select["written"].casefold()], select["list"], bool(select["other"]))
    section = _SECTION.fullmatch(text)
    if section:
        repeated = section["kind"].casefold() != "group"
        return Kind(f"{section['edge'].casefold()} {'repeat' if repeated else 'group'}")
    plain = text.casefold()
    plain = plain.removeprefix("add ").removeprefix("get ").removeprefix("uri:").removeprefix("q ")
    plain = plain.removesuffix(" prompt")
    return Kind(PARADATA_TYPES.get(plain) or PLAIN_TYPES.get(plain, ""))


LANGUAGE_NAMES = {
    "english": "en",
    "russian": "ru",
    "русский": "ru",
    "французский": "fr",
    "английский": "en",
    "french": "fr",
    "français": "fr",
    "francais": "fr",
    "spanish": "es",
    "español": "es",
    "espanol": "es",
    "arabic": "ar",
    "العربية": "ar",
    "portuguese": "pt",
    "português": "pt",
    "german": "de",
    "deutsch": "de",
    "ukrainian": "uk",
    "українська": "uk",
    "kazakh": "kk",
    "қазақша": "kk",
    "uzbek": "uz",
    "kyrgyz": "ky",
    "tajik": "tg",
    "swahili": "sw",
    "kiswahili": "sw",
    "hindi": "hi",
    "turkish": "tr",
}
"""Codes of languages that forms write by name alone."""

_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_IN_BRACKETS = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)\s*$")


def language_code(written: str) -> str | None:
    """The code of a language as forms write it: `English (en)`, `ru`, `Русский`; None where nothing says it."""
    text = written.strip()
    inside = _IN_BRACKETS.search(text)
    if inside:
        head, _, tail = inside[1].partition("-")
        return head.lower() + (f"-{tail}" if tail else "")
    if text.casefold() in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[text.casefold()]
    return text.lower() if _CODE.fullmatch(text.lower()) and len(text) <= 3 else None
