"""The scale file: a calibrated scale with everything that scoring needs and nothing about anybody.

The format is `evenhand.scale/1`: JSON whose bytes depend only on its content.
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, ClassVar

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from evenhand.errors import ScaleFileError
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.responses import FloatArray, IntArray, MissingRule, WeightsKind
from evenhand.programme.coding import ItemCoding
from evenhand.programme.guard import check_text
from evenhand.programme.scale_parts import (
    STRICT,
    ErrorsKind,
    FixedRecord,
    GroupItem,
    GroupRecord,
    GroupsRecord,
    InstrumentReference,
    JointRecord,
    LatentRecord,
    LatentSource,
    LinkRecord,
    MethodName,
    ModelName,
    ReliabilityRecord,
    ScaleItem,
)

__all__ = [
    "FORMAT",
    "ErrorsKind",
    "FixedRecord",
    "GroupItem",
    "GroupRecord",
    "GroupsRecord",
    "InstrumentReference",
    "JointRecord",
    "LatentRecord",
    "LatentSource",
    "LinkRecord",
    "MethodName",
    "ModelName",
    "ReliabilityRecord",
    "ScaleItem",
    "ScaleRecord",
    "items_of",
    "scale_from_json",
    "scale_of_file",
]

FORMAT = "evenhand.scale/1"


@dataclass(frozen=True, slots=True)
class ScaleRecord:
    """A calibrated scale: the content of a scale file. `docs/reference/scale-file.md` explains each field.

    Where two components were calibrated, `items` and `latent` are of need, estimated from need's answers alone;
    what both have in common is `joint`, for reports only.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    instrument: InstrumentReference
    model: ModelName
    method: MethodName
    items: tuple[ScaleItem, ...]
    latent: LatentRecord | None
    components: tuple[str, ...] = ("need",)
    groups: GroupsRecord | None = None
    weights_kind: WeightsKind | None = None
    missing: MissingRule = "keep"
    errors: ErrorsKind = "robust"
    thresholds: dict[str, float] = field(default_factory=dict)
    loglik: float | None = None
    n: int = 0
    n_weighted: float = 0.0
    patterns: int = 0
    reliability: ReliabilityRecord = field(default_factory=ReliabilityRecord)
    converged: bool = True
    iterations: int = 0
    gradient: float | None = None
    warnings: tuple[str, ...] = ()
    link: LinkRecord | None = None
    fixed: FixedRecord | None = None
    joint: JointRecord | None = None
    software: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The J item names."""
        return tuple(item.name for item in self.items)

    def slopes(self) -> FloatArray:
        """(J,) slopes."""
        return np.array([item.a for item in self.items], dtype=np.float64)

    def thresholds_of_items(self) -> FloatArray:
        """(J, max K - 1) thresholds, NaN where an item has fewer."""
        width = max(len(item.b) for item in self.items)
        return np.array([[*item.b, *[math.nan] * (width - len(item.b))] for item in self.items])

    def difficulties(self) -> FloatArray:
        """(J,) the only threshold of each binary item."""
        return self.thresholds_of_items()[:, 0]

    def categories(self) -> IntArray:
        """(J,) number of categories."""
        return np.array([item.categories for item in self.items], dtype=np.int64)

    @property
    def all_rasch(self) -> bool:
        """Whether every item is of the Rasch or the partial credit model: one slope, but for the direction."""
        return all(item.model in {"rasch", "pcm"} for item in self.items)

    def coding(self) -> tuple[ItemCoding, ...]:
        """How each item's column is read."""
        return tuple(item.coding() for item in self.items)

    def threshold(self, name: str) -> float:
        """The value of a named threshold, or of a number written as text.

        Raises:
            ScaleFileError: neither a number nor a threshold of this scale.
        """
        if name in self.thresholds:
            return self.thresholds[name]
        try:
            value = float(name)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        known = ", ".join(sorted(self.thresholds)) or "none"
        raise ScaleFileError(
            "scale.unknown-threshold",
            f"The scale has no threshold {name!r}.",
            why=f"Its thresholds are: {known}.",
            mend="Name one of them, give a number on the scale's metric, or link the scale first "
            "(evenhand link --to fies-global).",
        )

    def require_latent(self, use: str) -> LatentRecord:
        """The latent distribution.

        Raises:
            ScaleFileError: the scale records none.
        """
        if self.latent is None:
            raise ScaleFileError(
                "scale.no-latent",
                f"The scale records no distribution of theta, which {use} needs.",
                why="A posterior needs a prior; a standard normal taken for granted would move people's scores "
                "by whole logits.",
                mend="Use --method ml or wle, which need none, or calibrate the items on answers.",
            )
        return self.latent

    def to_json(self) -> str:
        """The scale file's text; the same record gives the same bytes."""
        body = {"format": FORMAT, **_plain(asdict(self))}
        return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def hash(self) -> str:
        """SHA-256 of the scale file's text, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def model_items(self) -> Items:
        """The items as the models take them, on the metric of theta."""
        return items_of(self.items)


def items_of(items: tuple[ScaleItem, ...]) -> Items:
    """Items of a scale file as the models take them, on the file's metric."""
    width = max(len(item.b) for item in items)
    b = np.array([[*item.b, *[math.nan] * (width - len(item.b))] for item in items])
    a = np.array([item.a for item in items], dtype=np.float64)
    return items_from_thresholds(a, b, np.array([item.model == "grm" for item in items]))


def scale_from_json(text: str, *, source: str) -> ScaleRecord:
    """Read a scale file.

    Raises:
        ScaleFileError: not JSON, another format, or a field that is missing, unknown or of the wrong kind.
    """
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise ScaleFileError(
            "scale.not-json",
            "The scale file is not JSON.",
            where=f"{source}, line {error.lineno}, column {error.colno}",
            why=error.msg,
            mend="Use a file that evenhand calibrate wrote.",
        ) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise ScaleFileError(
            "scale.format",
            "The file is not a scale file of a format we know.",
            where=source,
            why=f"Its format must be {FORMAT!r}.",
            mend="Use a file that evenhand calibrate wrote.",
        )
    try:
        record = _reader().validate_json(
            json.dumps({key: body[key] for key in body if key != "format"}), strict=True
        )
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise _field_error(".".join(map(str, fault["loc"])), fault["msg"], source) from error
    _check(record, source)
    return record


def scale_of_file(text: str, *, source: str) -> ScaleRecord:
    """Read a scale file that somebody names: as `scale_from_json`, with the guard before its items' names.

    A scale that was frozen with a decision is read without: later rules keep no old decision from being replayed.

    Raises:
        ScaleFileError: see `scale_from_json`.
        BoundaryError: an item's name stands for what Evenhand never asks.
    """
    record = scale_from_json(text, source=source)
    for item in (*record.items, *(record.joint.items if record.joint is not None else ())):
        check_text(item.name, where=source, kind="name")
    return record


@cache
def _reader() -> TypeAdapter[ScaleRecord]:
    return TypeAdapter(ScaleRecord)


def _field_error(field_name: str, why: str, source: str) -> ScaleFileError:
    return ScaleFileError(
        "scale.field",
        f"The field {field_name!r} of the scale file is missing, unknown or cannot be what it is.",
        where=source,
        why=why,
        mend="Write the file again with evenhand calibrate; docs/reference/scale-file.md lists the fields.",
    )


def _plain(value: Any) -> Any:
    """Numbers rounded to 12 significant digits: enough for any use, and the same on every processor."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    return value


def _check(record: ScaleRecord, source: str) -> None:
    """What types cannot say.

    Raises:
        ScaleFileError: names the field.
    """
    _check_items(record.items, source, "items")
    if record.latent is not None and not record.latent.sd > 0:
        raise _field_error("latent.sd", "An SD is above 0.", source)
    for place, group in enumerate(record.groups.each if record.groups else ()):
        if not group.sd > 0:
            raise _field_error(f"groups.each.{place}.sd", "An SD is above 0.", source)
        unknown = [item.name for item in group.items if item.name not in record.names]
        if unknown:
            raise _field_error(f"groups.each.{place}.items", f"The scale has no item {unknown[0]!r}.", source)
    if record.joint is not None:
        _check_joint(record, record.joint, source)


def _check_items(items: tuple[ScaleItem, ...], source: str, field_name: str) -> None:
    if not items:
        raise _field_error(field_name, "The scale has no items.", source)
    if len({item.name for item in items}) != len(items):
        raise _field_error(field_name, "Two items have the same name.", source)
    for place, item in enumerate(items):
        if len(item.b) != item.categories - 1:
            why = f"{item.name} has {item.categories} categories and {len(item.b)} thresholds."
            raise _field_error(f"{field_name}.{place}.b", why, source)
        if item.a == 0:
            why = f"{item.name} with a slope of 0 measures nothing."
            raise _field_error(f"{field_name}.{place}.a", why, source)


def _check_joint(record: ScaleRecord, joint: JointRecord, source: str) -> None:
    """The scale of a file with two components is that of need alone."""
    _check_items(joint.items, source, "joint.items")
    if any(item.component != "need" for item in record.items):
        why = "Beside a joint model the scale's own items are those of need: no other answer enters a score."
        raise _field_error("items", why, source)
    need = tuple(item.name for item in joint.items if item.component == "need")
    if need != record.names or {item.component for item in joint.items} != {"need", "capacity"}:
        raise _field_error("joint.items", "They are the scale's items of need and items of capacity.", source)
    if not -1 < joint.correlation < 1:
        raise _field_error("joint.correlation", "A correlation lies between -1 and 1.", source)
    for component, latent in (("need", joint.need), ("capacity", joint.capacity)):
        if not latent.sd > 0:
            raise _field_error(f"joint.{component}.sd", "An SD is above 0.", source)
