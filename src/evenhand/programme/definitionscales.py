"""The instruments and scales that a programme measures by."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from evenhand.errors import EvenhandError, ProgrammeError
from evenhand.programme.definitionparts import CapacityPart, LatentPrior, Need
from evenhand.programme.instrument import Instrument, library_names, load_instrument
from evenhand.programme.scale import (
    InstrumentReference,
    LatentRecord,
    ModelName,
    ScaleItem,
    ScaleRecord,
    scale_from_json,
    scale_of_file,
)
from evenhand.programme.yamltext import Document, Path_

if TYPE_CHECKING:
    from evenhand.programme.definition import Programme

PUBLISHED = "published"
UNCALIBRATED = "uncalibrated"

Component = Literal["need", "capacity"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one component is measured by, as far as it can be used."""

    instrument: Instrument | None = None
    scale: ScaleRecord | None = None


@dataclass(frozen=True, slots=True)
class Instruments:
    """What a programme measures by.

    Attributes:
        need_instrument: the questions of need.
        need_scale: the scale of need.
        capacity_instrument: the questions of capacity, if it is measured.
        capacity_scale: the scale of capacity; None while it is not calibrated.
    """

    need_instrument: Instrument
    need_scale: ScaleRecord
    capacity_instrument: Instrument | None = None
    capacity_scale: ScaleRecord | None = None

    def hashes(self) -> dict[str, str]:
        """The hash of each, by its name."""
        named: dict[str, Instrument | ScaleRecord | None] = {
            "need_instrument": self.need_instrument,
            "need_scale": self.need_scale,
            "capacity_instrument": self.capacity_instrument,
            "capacity_scale": self.capacity_scale,
        }
        return {name: part.hash() for name, part in named.items() if part is not None}


def frozen(hashes: Mapping[str, str], document: Callable[[str], str]) -> Instruments:
    """What was frozen with a programme.

    Args:
        hashes: `Instruments.hashes()` of then.
        document: gives the content for a hash.

    Raises:
        ProgrammeError: a document is another than then.
    """
    texts = {part: document(digest) for part, digest in hashes.items()}
    found = Instruments(
        need_instrument=_frozen_instrument(texts["need_instrument"]),
        need_scale=scale_from_json(texts["need_scale"], source="frozen scale of need"),
        capacity_instrument=_frozen_instrument(texts["capacity_instrument"])
        if "capacity_instrument" in texts
        else None,
        capacity_scale=scale_from_json(texts["capacity_scale"], source="frozen scale of capacity")
        if "capacity_scale" in texts
        else None,
    )
    for part, digest in found.hashes().items():
        if digest != hashes[part]:
            raise ProgrammeError(
                "programme.other-parts",
                f"The frozen {part.replace('_', ' of ')} is another than the programme was frozen with.",
                why=f"Its hash is {digest[:12]}…, and the programme names {hashes[part][:12]}….",
                mend="Restore the documents from a backup.",
            )
    return found


def _frozen_instrument(text: str) -> Instrument:
    return Instrument.model_validate(json.loads(text))


def measured_by(
    programme: "Programme", document: Document, folder: Path | None
) -> tuple[Measured, Measured, tuple[EvenhandError, ...]]:
    """What need and capacity are measured by, and the faults that keep parts of it from being used."""
    faults: list[EvenhandError] = []
    need = _measure(programme.need, "need", document, folder, faults)
    capacity = Measured()
    if programme.capacity is not None:
        capacity = _measure(programme.capacity, "capacity", document, folder, faults)
    return need, capacity, tuple(faults)


def published_scale(instrument: Instrument, latent: LatentPrior | None = None) -> ScaleRecord:
    """The scale that an instrument's published parameters make, on their own metric.

    P(x >= k) = 1 / (1 + exp(-a (theta - b_k))); slopes are 1 where none are published, or -1 for items whose
    higher categories mean less.

    Args:
        instrument: with published parameters.
        latent: the distribution of theta, which comes before a published one.

    Raises:
        ProgrammeError: nothing is published, or a slope points against the item's direction.
    """
    published = instrument.published
    if published is None:
        raise ProgrammeError(
            "programme.nothing-published",
            f"The instrument {instrument.name} publishes no parameters.",
            why="A measure needs the severities of its items.",
            mend="Calibrate the instrument (evenhand calibrate) and name the scale file.",
        )
    slopes, errors = published.a or {}, published.se or {}
    items = []
    for coding in instrument.coding():
        slope = slopes.get(coding.name, float(coding.direction))
        points = "more" if coding.direction == 1 else "less"
        if slope * coding.direction <= 0:
            raise ProgrammeError(
                "programme.published-slope",
                f"The published slope of {coding.name} points against its direction.",
                where=f"instrument {instrument.name}, item {coding.name}",
                why=f"Its slope is {slope:g}, and its direction says {points}.",
                mend="Correct the direction or the slope in the instrument.",
            )
        items.append(
            ScaleItem(
                name=coding.name,
                component=coding.component,
                model=_model(coding.categories, rasch=published.a is None),
                direction=coding.direction,
                categories=coding.categories,
                a=slope,
                b=published.b[coding.name],
                se_a=None,
                se_b=errors.get(coding.name),
                codes=coding.codes,
                missing=coding.missing,
                aliases=coding.aliases,
            )
        )
    return ScaleRecord(
        instrument=InstrumentReference(*instrument.reference()),
        model=items[0].model,
        method="published",
        items=tuple(items),
        latent=_latent(instrument, latent),
        components=tuple(sorted({item.component for item in items})),
        thresholds=dict(published.thresholds),
    )


def _model(categories: int, *, rasch: bool) -> ModelName:
    if categories > 2:
        return "grm"
    return "rasch" if rasch else "2pl"


def _latent(instrument: Instrument, declared: LatentPrior | None) -> LatentRecord | None:
    if declared is not None:
        return LatentRecord(mean=declared.mean, sd=declared.sd, source="fixed")
    known = None if instrument.published is None else instrument.published.latent
    return None if known is None else LatentRecord(mean=known.mean, sd=known.sd, source="published")


def _measure(
    part: Need | CapacityPart,
    component: Component,
    document: Document,
    folder: Path | None,
    faults: list[EvenhandError],
) -> Measured:
    """The instrument and scale of one component; adds what is wrong to `faults`."""
    try:
        instrument = _instrument(part.instrument, folder)
    except EvenhandError as error:
        faults.append(_placed(error, document, (component, "instrument")))
        return Measured()
    try:
        return Measured(instrument, _scale(part, component, instrument, folder))
    except EvenhandError as error:
        faults.append(_placed(error, document, (component, "parameters")))
        return Measured(instrument)


def _scale(
    part: Need | CapacityPart, component: Component, instrument: Instrument, folder: Path | None
) -> ScaleRecord | None:
    if component == "capacity" and part.parameters == UNCALIBRATED:
        return None
    if part.parameters == PUBLISHED:
        return published_scale(instrument, part.latent)
    return _scale_file(part.parameters, folder)


def _instrument(name: str, folder: Path | None) -> Instrument:
    known = name.casefold() in library_names()
    return load_instrument(name if known else _place(name, folder))


def _scale_file(path: str, folder: Path | None) -> ScaleRecord:
    place = _place(path, folder)
    try:
        text = place.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise ProgrammeError(
            "programme.scale-unreadable",
            f"The scale file {path[:200]!r} cannot be read.",
            why=getattr(error, "strerror", None) or "It is not UTF-8 text.",
            mend="Give the path of a scale file, from the folder of the programme file on, or: published.",
        ) from error
    return scale_of_file(text, source=str(place))


def _place(name: str, folder: Path | None) -> Path:
    if folder is None:
        raise ProgrammeError(
            "programme.no-folder",
            f"{name[:200]!r} is not in the library.",
            why="A programme of the library names only what the library has.",
            mend=f"Name one of: {', '.join(library_names())}.",
        )
    return folder / name


def _placed(error: EvenhandError, document: Document, path: Path_) -> EvenhandError:
    """The error with the programme's place before its own."""
    where = document.place(path) + (f"; {error.where}" if error.where else "")
    return type(error)(error.code, error.what, where=where, why=error.why, mend=error.mend)
