"""Instruments: the questions, their choices and the codes for no answer, from a file that people write.

The format is `evenhand.instrument/1`; `docs/reference/instrument-file.md` explains each field.
"""

import hashlib
import json
import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from evenhand.errors import InstrumentError
from evenhand.programme import instrumentchecks
from evenhand.programme.coding import ItemCoding, MissingReason, normal_text
from evenhand.programme.fieldfaults import error_of, field_faults, field_names
from evenhand.programme.libraryname import is_there, not_found
from evenhand.programme.yamltext import INSTRUMENT_FILE, Document, parse_document, read_document

FORMAT = "evenhand.instrument/1"

Component = Literal["need", "capacity"]
Name = Annotated[str, Field(pattern=r"^[^\W\d][\w.\-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Texts = Annotated[dict[Language, Text], Field(min_length=1)]


def _code_text(value: Any) -> Any:
    """A code is text, however it was quoted: 1 and "1" are the same code."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Code = Annotated[
    str, Field(min_length=1, max_length=100), BeforeValidator(_code_text, json_schema_input_type=str | int)
]
Number = Annotated[float, Field(allow_inf_nan=False)]


_Row = float | tuple[float, ...]


def _tuples(value: Any) -> Any:
    """A lone number is a binary item's only severity."""
    if not isinstance(value, dict):
        return value
    return {key: tuple(each) if isinstance(each, list) else (each,) for key, each in value.items()}


class _Part(BaseModel):
    """A part of an instrument: immutable, and strict about types and names."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Choice(_Part):
    """One answer that can be chosen.

    Attributes:
        code: what stands in a file.
        category: the category it counts as; several codes may share one. The code itself when left out.
        labels: the text of the answer in each language.
    """

    code: Code
    labels: Texts
    category: Annotated[int, Field(ge=0, lt=100)] | None = None

    @property
    def counts_as(self) -> int | None:
        """The category, or None where neither category nor code says one."""
        if self.category is not None:
            return self.category
        return int(self.code) if re.fullmatch("[0-9]{1,2}", self.code) else None


class MissingCode(_Part):
    """A code that means no answer, and why there is none."""

    code: Code
    reason: MissingReason
    labels: dict[Language, Text] = {}


class Item(_Part):
    """One question.

    Attributes:
        name: name of the item, and of its column.
        wording: the question in each language.
        wording_status: whose words they are.
        choices: name of a list of choices.
        direction: whether higher categories mean more or less of the component.
        component: what the item measures; the instrument's when left out.
        aliases: other names of its column.
    """

    name: Name
    wording: Texts
    wording_status: Literal["own", "paraphrase", "official"]
    choices: str
    direction: Literal["more", "less"]
    component: Component | None = None
    aliases: tuple[Name, ...] = ()

    @field_validator("aliases", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class Latent(_Part):
    """The distribution of theta that published parameters were estimated with."""

    mean: Number
    sd: Annotated[Number, Field(gt=0)]


class Published(_Part):
    """Published item parameters on the metric of P(x >= k) = 1 / (1 + exp(-a (theta - b_k))).

    Attributes:
        source: where they were published.
        b: severities: one number for a binary item, K - 1 for others.
        a: slope of each item; 1 when left out.
        se: standard errors of the severities.
        thresholds: named thresholds on the same metric.
        latent: distribution of theta, where it was published.
    """

    source: Text
    b: dict[str, tuple[Number, ...]]
    a: dict[str, Number] | None = None
    se: dict[str, tuple[Number, ...]] | None = None
    thresholds: dict[str, Number] = {}
    latent: Latent | None = None

    @field_validator("b", mode="before", json_schema_input_type=dict[str, _Row])
    @classmethod
    def _rows(cls, value: Any) -> Any:
        return _tuples(value)

    @field_validator("se", mode="before", json_schema_input_type=dict[str, _Row] | None)
    @classmethod
    def _rows_or_none(cls, value: Any) -> Any:
        return _tuples(value)


class Justification(_Part):
    """Why wording that the guard doubts may stand, and who says so.

    Attributes:
        text: the wording, word for word as it stands in the file.
        reason: why it asks nothing that the boundary forbids.
        by: who answers for that: first and last name.
    """

    text: Text
    reason: Annotated[str, Field(min_length=10, max_length=2000)]
    by: Text


class Instrument(_Part):
    """A questionnaire that measures one thing or two, and how its answers are read.

    Attributes:
        name: short name.
        title: title in each language; these are the instrument's languages.
        version: its version, as text.
        status: `published`, or `unvalidated` until calibrated.
        licence: SPDX identifier or text.
        source: citation.
        respondent: whom the answers are about.
        component: what the items measure unless they say otherwise.
        choices: the lists of choices, by name.
        items: the J items, in order.
        missing: codes for no answer, for every item.
        scoring: `raw` when the raw score is the published way, else `model`.
        reference_period: the period asked about, in each language.
        official_wording: where the official wording is to be had.
        published: published parameters.
        justifications: recorded reasons for wording that the guard doubts; what it refuses, no reason excuses.
    """

    format: Literal["evenhand.instrument/1"]
    name: Name
    title: Texts
    version: Text
    status: Literal["published", "unvalidated"]
    licence: Text
    source: Text
    respondent: Literal["person", "household"]
    component: Component
    scoring: Literal["raw", "model"]
    choices: Annotated[dict[str, tuple[Choice, ...]], Field(min_length=1)]
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    missing: tuple[MissingCode, ...] = ()
    reference_period: Texts | None = None
    official_wording: Text | None = None
    published: Published | None = None
    justifications: tuple[Justification, ...] = ()

    @field_validator("items", "missing", "justifications", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("choices", mode="before")
    @classmethod
    def _tuples(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: tuple(each) if isinstance(each, list) else each for key, each in value.items()}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the instrument, in the order of its title."""
        return tuple(self.title)

    @property
    def item_names(self) -> tuple[str, ...]:
        """The J item names."""
        return tuple(item.name for item in self.items)

    def coding(self) -> tuple[ItemCoding, ...]:
        """How each item's column is read: codes and labels in every language, normalised by `normal_text`."""
        missing = self._missing_texts()
        return tuple(self._item_coding(item, missing) for item in self.items)

    def canonical(self) -> str:
        """The content as one line of JSON: the same for any layout, comments and quoting of the file.

        Recorded reasons are content: who answers for a wording is frozen with it.
        """
        content = self.model_dump(mode="json", exclude_defaults=True)
        content["choices"] = {
            name: [{**choice.model_dump(mode="json"), "category": choice.counts_as} for choice in listed]
            for name, listed in self.choices.items()
        }
        return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def hash(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def reference(self) -> tuple[str, str]:
        """Name and hash: what answers and scales keep of the instrument they belong to."""
        return (self.name, self.hash())

    def _missing_texts(self) -> dict[str, MissingReason]:
        texts: dict[str, MissingReason] = {}
        for entry in self.missing:
            for text in (entry.code, *entry.labels.values()):
                texts[normal_text(text)] = entry.reason
        return texts

    def _item_coding(self, item: Item, missing: dict[str, MissingReason]) -> ItemCoding:
        codes: dict[str, int] = {}
        for choice in self.choices[item.choices]:
            for text in (choice.code, *choice.labels.values()):
                codes[normal_text(text)] = choice.counts_as or 0
        return ItemCoding(
            name=item.name,
            categories=max(codes.values()) + 1,
            codes=codes,
            missing=dict(missing),
            direction=1 if item.direction == "more" else -1,
            component=item.component or self.component,
            aliases=item.aliases,
            headings=tuple(item.wording.values()),
        )


def library_names() -> tuple[str, ...]:
    """The names of the instruments that come with Evenhand, in alphabetical order."""
    files = resources.files("evenhand.programme").joinpath("library").iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".yaml")))


def load_instrument(name_or_path: str | Path) -> Instrument:
    """Load an instrument of the library by name, or a file by path.

    Raises:
        InstrumentError: there is none of that name, or the file has a fault; says file, line, field and mend.
        BoundaryError: the instrument asks what Evenhand never asks.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, str) and text.casefold() in library_names():
        name = text.casefold()
        content = resources.files("evenhand.programme").joinpath("library", f"{name}.yaml").read_bytes()
        return instrument_from(parse_document(content, source=f"library instrument {name}"))
    if not is_there(text):
        raise not_found(text, library_names(), INSTRUMENT_FILE)
    return instrument_from(read_document(Path(name_or_path)))


def instrument_from(document: Document) -> Instrument:
    """The instrument in a parsed file.

    Raises:
        InstrumentError: a field is missing, unknown or wrong, or the parts contradict each other.
        BoundaryError: the instrument asks what Evenhand never asks.
    """
    if not isinstance(document.data, dict):
        raise InstrumentError(
            "instrument.not-a-mapping",
            "The file is not an instrument: it holds no fields.",
            where=document.place(()),
            mend=f"Begin it with: format: {FORMAT}",
        )
    if document.data.get("format") != FORMAT:
        raise InstrumentError(
            "instrument.format",
            "The file is not an instrument file of a format we know.",
            where=document.place(("format",)),
            why=f"Its field `format` must be {FORMAT}.",
            mend=f"Begin the file with: format: {FORMAT}",
        )
    try:
        instrument = Instrument.model_validate(document.data)
    except ValidationError as error:
        faults = field_faults(error, document)
        raise error_of(faults[0], document, field_names(Instrument), more=len(faults) - 1) from error
    instrumentchecks.check(instrument, document)
    return instrument
