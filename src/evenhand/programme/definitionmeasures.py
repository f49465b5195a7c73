"""What a programme's instruments and scales must be for what it does with them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evenhand.errors import ScaleFileError
from evenhand.programme.definitionparts import CapacityPart, Need
from evenhand.programme.definitionscales import PUBLISHED, UNCALIBRATED, Measured
from evenhand.programme.definitionwords import Found, fault_at, instrument_faults
from evenhand.programme.instrument import Instrument
from evenhand.programme.scale import ScaleRecord
from evenhand.programme.yamltext import Document, Path_

if TYPE_CHECKING:
    from evenhand.programme.definition import Programme


def measure_faults(
    programme: "Programme", need: Measured, capacity: Measured, document: Document
) -> Iterator[Found]:
    """Instruments, scales, thresholds and the way of asking that do not fit each other or the programme."""
    yield from _scale_faults("need", programme.need, need, programme, document)
    if programme.capacity is not None:
        yield from _scale_faults("capacity", programme.capacity, capacity, programme, document)
        yield from _capacity_faults(programme.capacity, need, capacity, document)
    if need.instrument is not None:
        yield from _asking(programme, need.instrument, document)
    for place, name in enumerate(programme.statistics.thresholds):
        if need.scale is not None and name not in need.scale.thresholds:
            yield _unknown_threshold(("statistics", "thresholds", place), name, need.scale, document)


def _capacity_faults(
    part: CapacityPart, need: Measured, capacity: Measured, document: Document
) -> Iterator[Found]:
    if (part.parameters == UNCALIBRATED) != (part.threshold is None):
        yield fault_at(
            "programme.capacity-threshold",
            ("capacity", "threshold"),
            document,
            "A threshold of capacity is there without parameters, or parameters without a threshold.",
            "Without parameters every level is unknown; with them a threshold tells low from high.",
            f"Give both, or neither and parameters: {UNCALIBRATED}.",
        )
    if need.instrument is None or capacity.instrument is None:
        return
    shared = set(need.instrument.item_names) & set(capacity.instrument.item_names)
    if shared:
        yield fault_at(
            "programme.shared-items",
            ("capacity", "instrument"),
            document,
            f"The item {min(shared)} measures both need and capacity.",
            "Capacity never enters anybody's priority, and an item of both would carry it there.",
            "Give each component its own items.",
        )


def _scale_faults(
    component: str,
    part: Need | CapacityPart,
    measured: Measured,
    programme: "Programme",
    document: Document,
) -> Iterator[Found]:
    if measured.instrument is not None:
        yield from instrument_faults(measured.instrument, (component, "instrument"), document)
        yield from _instrument_faults(component, part, measured.instrument, programme, document)
        if measured.scale is not None:
            yield from _parameter_faults(component, part, measured.instrument, measured.scale, document)


def _instrument_faults(
    component: str, part: Need | CapacityPart, instrument: Instrument, programme: "Programme", document: Document
) -> Iterator[Found]:
    odd = next((coding for coding in instrument.coding() if coding.component != component), None)
    if odd is not None:
        yield fault_at(
            "programme.component",
            (component, "instrument"),
            document,
            f"The item {odd.name} measures {odd.component}, in the instrument of {component}.",
            "Need decides who is helped first and capacity what help fits; neither stands in for the other.",
            f"Use an instrument whose items all measure {component}.",
        )
    if not set(programme.languages) <= set(instrument.languages):
        lacking = ", ".join(sorted(set(programme.languages) - set(instrument.languages)))
        yield fault_at(
            "programme.instrument-languages",
            (component, "instrument"),
            document,
            f"The instrument {instrument.name} is not in {lacking}.",
            "Who reads one of the programme's languages is asked in it.",
            "Translate the instrument, or take the language out.",
        )
    items = len(instrument.items)
    if part.min_answered > items:
        yield fault_at(
            "programme.min-answered",
            (component, "min_answered"),
            document,
            f"{part.min_answered} answers are needed, and the instrument has {items} items.",
            "Nobody could be assessed.",
            f"Give at most {items}.",
        )


def _parameter_faults(
    component: str, part: Need | CapacityPart, instrument: Instrument, scale: ScaleRecord, document: Document
) -> Iterator[Found]:
    if (scale.instrument.name, scale.instrument.hash) != instrument.reference():
        yield fault_at(
            "programme.other-instrument",
            (component, "parameters"),
            document,
            f"The scale file was made with another instrument than {instrument.name} as it is now.",
            f"It names {scale.instrument.name} {scale.instrument.hash[:12]}…; this is {instrument.hash()[:12]}….",
            "Calibrate the instrument as it is, or name the one that was calibrated.",
        )
    if part.latent is not None and part.parameters != PUBLISHED:
        yield fault_at(
            "programme.latent-twice",
            (component, "latent"),
            document,
            "A distribution of theta stands both here and in the scale file.",
            "A scale file records the one its items were estimated with.",
            f"Remove latent; it belongs to parameters: {PUBLISHED}.",
        )
    if scale.latent is None:
        yield fault_at(
            "programme.no-latent",
            (component, "parameters"),
            document,
            "The parameters come without a distribution of theta.",
            "A probability needs one; taken for granted it would move people's measures by whole logits.",
            "Add latent: {mean: ..., sd: ...} for the people invited, or name a calibrated scale file.",
        )
    if part.threshold is not None:
        try:
            scale.threshold(str(part.threshold))
        except ScaleFileError:
            yield _unknown_threshold((component, "threshold"), str(part.threshold), scale, document)


def _asking(programme: "Programme", instrument: Instrument, document: Document) -> Iterator[Found]:
    asking, items = programme.asking, len(instrument.items)
    if asking.mode == "full" and (asking.max_items not in {None, items} or asking.se_target is not None):
        yield fault_at(
            "programme.asking-full",
            ("asking",),
            document,
            f"In full means all {items} items, with no other end.",
            "max_items and se_target belong to adaptive asking.",
            "Leave them out, or write mode: adaptive.",
        )
    if asking.mode == "full":
        return
    if instrument.scoring == "raw":
        yield fault_at(
            "programme.asking-raw",
            ("asking", "mode"),
            document,
            f"{instrument.name} is scored by its raw score and is asked in full.",
            "A raw score out of fewer items, chosen by earlier answers, means something else.",
            "Write mode: full.",
        )
    most = items if asking.max_items is None else asking.max_items
    if not programme.need.min_answered <= most <= items:
        yield fault_at(
            "programme.asking-items",
            ("asking", "max_items"),
            document,
            f"At most {most} items are asked; {programme.need.min_answered} answers are needed of {items} items.",
            "",
            "Give max_items from need.min_answered to the number of items.",
        )


def _unknown_threshold(path: Path_, name: str, scale: ScaleRecord, document: Document) -> Found:
    return fault_at(
        "programme.threshold",
        path,
        document,
        f"The scale has no threshold {name[:60]!r}.",
        f"Its thresholds are: {', '.join(sorted(scale.thresholds)) or 'none'}.",
        "Name one of them, or, in need and capacity, give a number on the scale's metric.",
    )
