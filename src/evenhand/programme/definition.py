"""Programmes: one purpose, one measure, one rule, an end; from a file that people write.

The format is `evenhand.programme/1`; `docs/reference/programme-file.md` explains each field. A programme holds its
instruments and scales, so that its hash changes with every word, parameter and number that a decision rests on.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, PrivateAttr, ValidationError

from evenhand.errors import EvenhandError, ProgrammeError
from evenhand.programme import definitionchecks, definitionscales
from evenhand.programme.definitionparts import (
    Appeals,
    Areas,
    Asking,
    AsTuple,
    Budget,
    CapacityPart,
    Controller,
    Dates,
    District,
    ExtraField,
    Key,
    LawfulBasis,
    Need,
    Notice,
    Part,
    Region,
    Retention,
    Rule,
    StatisticsPart,
    Support,
)
from evenhand.programme.definitionscales import Instruments
from evenhand.programme.definitionwords import boundary_faults, forbidden_field
from evenhand.programme.fieldfaults import error_of, field_faults, field_names
from evenhand.programme.instrument import Instrument, Justification, Language, Text, Texts
from evenhand.programme.libraryname import is_there, not_found
from evenhand.programme.scale import ScaleRecord
from evenhand.programme.yamltext import PROGRAMME_FILE, Document, parse_document, read_document

_T = TypeVar("_T")

FORMAT = "evenhand.programme/1"
LIBRARY = ("library", "programmes")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A document that decisions rest on, kept word for word.

    Attributes:
        kind: `programme`, `instrument`, `scale` or `notice`.
        hash: SHA-256 of `content` in UTF-8, in hexadecimal.
        content: its text.
    """

    kind: Literal["programme", "instrument", "scale", "notice"]
    hash: str
    content: str


class Programme(Part):
    """A programme, with the instruments and scales that it measures by.

    Attributes are the fields of the file, in its order.
    """

    format: Literal["evenhand.programme/1"]
    name: Key
    version: Text
    title: Texts
    purpose: Texts
    lawful_basis: LawfulBasis
    controller: Controller
    languages: Annotated[tuple[Language, ...], Field(min_length=1), AsTuple]
    dates: Dates
    notice: Notice
    need: Need
    capacity: CapacityPart | None = None
    rule: Rule
    asking: Asking
    support: Annotated[tuple[Support, ...], Field(min_length=1), AsTuple]
    budget: Budget
    fields: Annotated[tuple[ExtraField, ...], AsTuple] = ()
    retention: Retention
    appeals: Appeals
    areas: Areas
    statistics: StatisticsPart
    justifications: Annotated[tuple[Justification, ...], AsTuple] = ()

    _measured: Instruments = PrivateAttr()
    _hashes: dict[str, str] = PrivateAttr(default_factory=dict)

    def need_instrument(self) -> Instrument:
        """The instrument that measures need."""
        return self._measured.need_instrument

    def need_scale(self) -> ScaleRecord:
        """The scale that need is measured on: the scale file's, or the instrument's published parameters."""
        return self._measured.need_scale

    def capacity_instrument(self) -> Instrument | None:
        """The instrument that measures capacity, if the programme measures it."""
        return self._measured.capacity_instrument

    def capacity_scale(self) -> ScaleRecord | None:
        """The scale of capacity; None without one, and then every level is unknown."""
        return self._measured.capacity_scale

    def threshold_value(self) -> float:
        """The threshold of need, on the metric of the need scale."""
        return self.need_scale().threshold(str(self.need.threshold))

    def capacity_threshold(self) -> float | None:
        """The threshold of high capacity on its scale's metric, None where capacity is not calibrated."""
        scale = self.capacity_scale()
        if scale is None or self.capacity is None:
            return None
        return scale.threshold(str(self.capacity.threshold))

    def district(self, key: str) -> District:
        """The district of that key.

        Raises:
            ProgrammeError: the programme has none.
        """
        return self._district(key)[1]

    def region_of(self, key: str) -> Region:
        """The region that the district of that key belongs to.

        Raises:
            ProgrammeError: the programme has no such district.
        """
        return self._district(key)[0]

    def district_keys(self) -> tuple[str, ...]:
        """The keys of all districts, in the file's order."""
        return tuple(district.key for region in self.areas.regions for district in region.districts)

    def extra_field(self, name: str) -> ExtraField:
        """The extra field of that name.

        Raises:
            ProgrammeError: the programme has none.
        """
        return _named("programme.no-such-field", {field.name: field for field in self.fields}, name, "field")

    def support_kind(self, name: str) -> Support:
        """The kind of support of that name.

        Raises:
            ProgrammeError: the programme has none.
        """
        return _named("programme.no-such-support", {kind.name: kind for kind in self.support}, name, "support")

    def measured_by(self) -> dict[str, str]:
        """The hashes of the instruments and scales, by the part they play."""
        return self._measured.hashes()

    def canonical(self) -> str:
        """The content as one line of JSON, with the hashes of the instruments and scales in it."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        return _canonical({**content, "measured_by": self.measured_by()})

    def hash(self) -> str:
        """SHA-256 of `canonical()`: the same for any layout, comments, quoting and place of the file."""
        return self._once("programme", self.canonical)

    def notice_text(self) -> str:
        """What a person consents to, as one line of JSON: notice, purpose, basis, controller and retention."""
        shown = {"notice", "title", "purpose", "lawful_basis", "controller", "retention", "name"}
        return _canonical(self.model_dump(mode="json", include=shown))

    def notice_hash(self) -> str:
        """SHA-256 of `notice_text()`: consent is to this."""
        return self._once("notice", self.notice_text)

    def rule_hash(self) -> str:
        """SHA-256 of all that turns answers into a proposal: rule, threshold, scale, items needed, priority."""
        return self._once("rule", self._rule_text)

    def _rule_text(self) -> str:
        facts = [
            field.model_dump(mode="json", include={"name", "priority_codes", "priority_from"})
            for field in self.fields
            if field.adds_priority
        ]
        scale, least = self.need_scale().hash(), self.need.min_answered
        figures = {"threshold": self.threshold_value(), "min_answered": least, "scale": scale}
        return _canonical({"rule": self.rule.model_dump(mode="json"), **figures, "priority": facts})

    def _once(self, name: str, text: Callable[[], str]) -> str:
        """A hash, computed once: a programme never changes."""
        if name not in self._hashes:
            self._hashes[name] = _sha256(text())
        return self._hashes[name]

    def frozen(self) -> tuple[Frozen, ...]:
        """Every document that this programme's decisions rest on; `programme_from_frozen` reads them back."""
        instruments = (self.need_instrument(), self.capacity_instrument())
        scales = (self.need_scale(), self.capacity_scale())
        return (
            Frozen("programme", self.hash(), self.canonical()),
            Frozen("notice", self.notice_hash(), self.notice_text()),
            *(Frozen("instrument", each.hash(), each.canonical()) for each in instruments if each is not None),
            *(Frozen("scale", each.hash(), each.to_json()) for each in scales if each is not None),
        )

    def _district(self, key: str) -> tuple[Region, District]:
        pairs = {d.key: (region, d) for region in self.areas.regions for d in region.districts}
        return _named("programme.no-such-district", pairs, key, "district")


def library_programmes() -> tuple[str, ...]:
    """The names of the programmes that come with Evenhand, in alphabetical order."""
    files = resources.files("evenhand.programme").joinpath(*LIBRARY).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".yaml")))


def library_text(name: str) -> bytes:
    """The file of a programme of the library, as it is written.

    Raises:
        ProgrammeError: there is none of that name.
    """
    if name not in library_programmes():
        raise not_found(name, library_programmes(), PROGRAMME_FILE)
    return resources.files("evenhand.programme").joinpath(*LIBRARY, f"{name}.yaml").read_bytes()


def read_programme_document(path_or_library_name: str | Path) -> tuple[Document, Path | None]:
    """The parsed file and the folder that its paths start from (None for the library).

    Raises:
        ProgrammeError: there is none of that name, or it is not plain YAML.
    """
    text = str(path_or_library_name)
    if isinstance(path_or_library_name, str) and text.casefold() in library_programmes():
        name = text.casefold()
        return parse_document(library_text(name), source=f"library programme {name}", kind=PROGRAMME_FILE), None
    if not is_there(text):
        raise not_found(text, library_programmes(), PROGRAMME_FILE)
    path = Path(path_or_library_name)
    return read_document(path, PROGRAMME_FILE), path.parent


def load_programme(path_or_library_name: str | Path) -> Programme:
    """Load a programme of the library by name, or a file by path.

    Raises:
        ProgrammeError: there is none of that name, or the file has a fault; says file, line, field and mend.
        InstrumentError: an instrument that it names has a fault.
        ScaleFileError: a scale file that it names has a fault.
        BoundaryError: it asks, stores or decides what Evenhand never does.
    """
    document, folder = read_programme_document(path_or_library_name)
    return programme_from(document, folder=folder)


def programme_from(document: Document, *, folder: Path | None = None) -> Programme:
    """The programme in a parsed file.

    Args:
        document: the file, parsed as `PROGRAMME_FILE`.
        folder: where paths of instruments and scales start; None refuses paths.

    Raises:
        ProgrammeError, InstrumentError, ScaleFileError, BoundaryError: see `load_programme`.
    """
    programme, faults = examine(document, folder=folder)
    if faults:
        raise faults[0]
    assert programme is not None  # noqa: S101 - without a fault there is a programme
    return programme


def examine(
    document: Document, *, folder: Path | None = None
) -> tuple[Programme | None, tuple[EvenhandError, ...]]:
    """The programme in a parsed file, or all its faults in the file's order.

    While single fields are at fault, what several fields must have in common is not looked at.

    Args:
        document: see `programme_from`.
        folder: see `programme_from`.
    """
    try:
        _require_format(document)
        programme = Programme.model_validate(document.data)
    except ProgrammeError as error:
        return None, (error,)
    except ValidationError as error:
        known = field_names(Programme)
        found: list[EvenhandError] = [
            forbidden_field(fault, document) or error_of(fault, document, known)
            for fault in field_faults(error, document)
        ]
        return None, (*found, *(refused for _, refused in boundary_faults(document)))
    need, capacity, broken = definitionscales.measured_by(programme, document, folder)
    faults = (*definitionchecks.faults(programme, need, capacity, document), *broken)
    if faults or need.instrument is None or need.scale is None:
        return None, faults
    programme._measured = Instruments(need.instrument, need.scale, capacity.instrument, capacity.scale)
    return programme, ()


def programme_from_frozen(content: str, document: Callable[[str], str]) -> Programme:
    """A programme as it was frozen. It was checked then: later rules keep no old decision from being replayed.

    Args:
        content: `Programme.canonical()` of then.
        document: gives the content of the frozen instrument or scale with that hash.

    Raises:
        ProgrammeError: the content is not a frozen programme, or has other instruments or scales than then.
    """
    try:
        body = json.loads(content)
        hashes = body.pop("measured_by")
        programme = Programme.model_validate(body)
        programme._measured = definitionscales.frozen(hashes, document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProgrammeError(
            "programme.not-frozen",
            "The text is not a frozen programme, or a document that it names is not there.",
            why=str(error).splitlines()[0][:200],
            mend="Give what Programme.canonical() returned, and the documents that were frozen with it.",
        ) from error
    return programme


def _require_format(document: Document) -> None:
    if not isinstance(document.data, dict):
        raise document.kind.fault(
            "not-a-mapping",
            "The file is not a programme: it holds no fields.",
            where=document.place(()),
            mend=f"Begin it with: format: {FORMAT}",
        )
    if document.data.get("format") != FORMAT:
        raise document.kind.fault(
            "format",
            "The file is not a programme file of a format we know.",
            where=document.place(("format",)),
            why=f"Its field `format` must be {FORMAT}.",
            mend=f"Begin the file with: format: {FORMAT}",
        )


def _named(code: str, known: dict[str, _T], name: str, what: str) -> _T:
    if name not in known:
        raise ProgrammeError(
            code,
            f"The programme has no {what} {name[:100]!r}.",
            why=f"It has: {', '.join(known) or 'none'}.",
            mend="Name one of them.",
        )
    return known[name]


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
