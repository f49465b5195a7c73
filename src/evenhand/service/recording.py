"""From estimates to the record of a scale: what every way of calibrating writes down alike."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from evenhand.measure.itemfit import ItemFit
from evenhand.measure.patterns import Patterns
from evenhand.measure.profile import ProfileFit
from evenhand.measure.responses import FloatArray
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import (
    InstrumentReference,
    LatentRecord,
    ScaleItem,
    ScaleRecord,
)
from evenhand.service.options import Options
from evenhand.version import __version__


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibrated scale with what a report shows beside it.

    Attributes:
        record: the scale.
        patterns: the patterns it rests on; of two components those of need alone.
        fit: how well the items fit.
        joint: need and capacity together, for the report; None for one component.
    """

    record: ScaleRecord
    patterns: Patterns
    fit: ItemFit
    joint: ProfileFit | None = None


def items_reference(coding: tuple[ItemCoding, ...]) -> InstrumentReference:
    """A stand-in for an instrument when only item names were given: a hash of names, codes and directions.

    Components other than need count as well: the same columns as need and as capacity are two instruments.
    """
    described = [
        [item.name, item.codes, item.direction, *([] if item.component == "need" else [item.component])]
        for item in coding
    ]
    content = json.dumps(described, ensure_ascii=False)
    return InstrumentReference("items", hashlib.sha256(content.encode()).hexdigest())


def record_of(options: Options, items: tuple[ScaleItem, ...], latent: LatentRecord | None) -> ScaleRecord:
    """A record with what the options say; the rest is filled in by the caller."""
    return ScaleRecord(
        instrument=InstrumentReference("", ""),
        model=options.model,
        method=options.method,
        items=items,
        latent=latent,
        missing=options.missing,
        errors=options.errors,
        software=f"evenhand {__version__}",
    )


def signs_of(coding: tuple[ItemCoding, ...]) -> FloatArray:
    """(J,) the direction of each item."""
    return np.array([item.direction for item in coding], dtype=np.float64)


def known(value: float) -> float | None:
    """The value, None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def scale_items(
    coding: tuple[ItemCoding, ...],
    options: Options,
    a: FloatArray,
    b: FloatArray,
    se_a: FloatArray | None,
    se_b: FloatArray,
) -> tuple[ScaleItem, ...]:
    """The items from slopes (J,), thresholds (J, K - 1) and their errors, NaN where there is none."""
    return tuple(
        ScaleItem(
            name=item.name,
            component=item.component,
            model=options.model_of(item.name),
            direction=item.direction,
            categories=item.categories,
            a=float(a[index]),
            b=tuple(float(value) for value in b[index, : item.categories - 1]),
            se_a=None if se_a is None else known(float(se_a[index])),
            se_b=tuple(known(float(value)) for value in se_b[index, : item.categories - 1]),
            codes=item.codes,
            missing=item.missing,
            aliases=item.aliases,
        )
        for index, item in enumerate(coding)
    )
