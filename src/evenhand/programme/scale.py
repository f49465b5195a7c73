"""The scale file: a calibrated scale with everything that scoring needs and nothing about anybody.

The format is `evenhand.scale/1`: JSON whose bytes depend only on its content.
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from evenhand.errors import ScaleFileError
from evenhand.measure.linking import LinkMethod
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.responses import FloatArray, IntArray, MissingRule, WeightsKind
from evenhand.programme.coding import Direction, ItemCoding, MissingReason

FORMAT = "evenhand.scale/1"
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)

ModelName = Literal["rasch", "2pl", "pcm", "gpcm", "grm"]
MethodName = Literal["cml", "mml", "published"]
ErrorsKind = Literal["robust", "model", "fao"]
LatentSource = Literal["estimated", "estimated with items fixed", "fixed", "published"]


@dataclass(frozen=True, slots=True)
class InstrumentReference:
    """The instrument a scale belongs to: its name and the hash of its content (empty with `--items`)."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    hash: str


@dataclass(frozen=True, slots=True)
class ScaleItem:
    """One item of a scale.

    x being the category code as it was read: P(x = 1 | theta) = 1 / (1 + exp(-a (theta - b))) for two categories;
    P(x = k) proportional to exp(sum over h <= k of a (theta - b_h)) for `pcm` and `gpcm`, whose b are steps;
    P(x >= k) = 1 / (1 + exp(-a (theta - b_k))) for `grm`. An item of direction -1 has a negative slope: nothing is
    recoded behind the reader's back.

    Attributes:
        name: the item's name.
        component: what it measures.
        model: its item response model.
        direction: 1 when higher categories mean more need, -1 when they mean less.
        categories: number of categories.
        a: slope per unit of theta.
        b: the K - 1 thresholds, in order.
        se_a: standard error of the slope, None where it was fixed.
        se_b: standard errors of the thresholds, None where they were fixed.
        codes: accepted texts in a file, and their categories.
        missing: accepted texts for no answer, and their reasons.
        aliases: other names of the item's column.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    component: str
    model: ModelName
    direction: Direction
    categories: int
    a: float
    b: tuple[float, ...]
    se_a: float | None
    se_b: tuple[float | None, ...] | None
    codes: dict[str, int]
    missing: dict[str, MissingReason]
    aliases: tuple[str, ...] = ()

    def coding(self) -> ItemCoding:
        """How the item's column is read."""
        return ItemCoding(
            self.name, self.categories, self.codes, self.missing, self.direction, self.component, self.aliases
        )


@dataclass(frozen=True, slots=True)
class LatentRecord:
    """The distribution of theta, Normal(mean, sd), in the people the scale was calibrated on, and its source."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    mean: float
    sd: float
    source: LatentSource
    se_mean: float | None = None
    se_sd: float | None = None


@dataclass(frozen=True, slots=True)
class ReliabilityRecord:
    """Reliability in the field's senses; None where a sense does not apply.

    Attributes:
        marginal: Var(EAP) / (Var(EAP) + E[posterior variance]), over the calibration sample.
        separation: var(theta) / (var(theta) + mean squared error) of maximum-likelihood person values over the
            people with neither extreme raw score: the Rasch tradition's figure.
        separation_with_extremes: the same with the extremes at their pseudo-scores.
        separation_equal: without extremes, every raw score equally frequent (the FAO's flat figure).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    marginal: float | None = None
    separation: float | None = None
    separation_with_extremes: float | None = None
    separation_equal: float | None = None


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """How a scale was put on a reference metric: reference = shift + scale * own.

    Attributes:
        to: name of the reference.
        scale: multiplier.
        shift: constant.
        unique: items left out of the link, in the order they were dropped.
        method: how it was found.
        se_scale: standard error of the multiplier, None where the method has none.
        se_shift: standard error of the constant, None where the method has none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    to: str
    scale: float
    shift: float
    unique: tuple[str, ...]
    method: LinkMethod = "fao"
    se_scale: float | None = None
    se_shift: float | None = None


@dataclass(frozen=True, slots=True)
class ScaleRecord:
    """A calibrated scale: the content of a scale file. `docs/reference/scale-file.md` explains each field."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    instrument: InstrumentReference
    model: ModelName
    method: MethodName
    items: tuple[ScaleItem, ...]
    latent: LatentRecord | None
    components: tuple[str, ...] = ("need",)
    groups: tuple[str, ...] | None = None
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
        graded = np.array([item.model == "grm" for item in self.items])
        return items_from_thresholds(self.slopes(), self.thresholds_of_items(), graded)


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
    if not record.items:
        raise _field_error("items", "The scale has no items.", source)
    if len(set(record.names)) != len(record.names):
        raise _field_error("items", "Two items have the same name.", source)
    for place, item in enumerate(record.items):
        if len(item.b) != item.categories - 1:
            why = f"{item.name} has {item.categories} categories and {len(item.b)} thresholds."
            raise _field_error(f"items.{place}.b", why, source)
        if item.a == 0:
            raise _field_error(f"items.{place}.a", f"{item.name} with a slope of 0 measures nothing.", source)
    if record.latent is not None and not record.latent.sd > 0:
        raise _field_error("latent.sd", "An SD is above 0.", source)
