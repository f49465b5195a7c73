"""The parts of a scale file: items, distributions, reliability, links, groups, fixed items, the joint model."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from pydantic import ConfigDict

from evenhand.measure.linking import LinkMethod
from evenhand.programme.coding import Direction, ItemCoding, MissingReason

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)

ModelName = Literal["rasch", "2pl", "pcm", "gpcm", "grm"]
MethodName = Literal["cml", "mml", "published"]
ErrorsKind = Literal["robust", "model", "fao"]
LatentSource = Literal["estimated", "estimated with items fixed", "fixed", "published", "pooled over groups"]


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
class GroupItem:
    """An item's parameters in one group; fields as in `ScaleItem`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    a: float
    b: tuple[float, ...]
    se_a: float | None
    se_b: tuple[float | None, ...] | None


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of people that a scale was calibrated on.

    Attributes:
        label: the group.
        n: its people.
        n_weighted: their total weight.
        mean: mean of theta in it.
        sd: SD of theta in it.
        se_mean: standard error of the mean, None where it is fixed.
        se_sd: standard error of the SD, None where it is fixed.
        items: the items with parameters of its own; none for the reference group, whose are those of the scale.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    label: str
    n: int
    n_weighted: float
    mean: float
    sd: float
    se_mean: float | None = None
    se_sd: float | None = None
    items: tuple[GroupItem, ...] = ()

    def moved(self, shift: float, scale: float) -> "GroupRecord":
        """The group on the metric shift + scale theta."""
        return replace(
            self,
            mean=shift + scale * self.mean,
            sd=scale * self.sd,
            se_mean=None if self.se_mean is None else scale * self.se_mean,
            se_sd=None if self.se_sd is None else scale * self.se_sd,
            items=tuple(_moved_item(item, shift, scale) for item in self.items),
        )


def _moved_item(item: GroupItem, shift: float, scale: float) -> GroupItem:
    return replace(
        item,
        a=item.a / scale,
        b=tuple(shift + scale * b for b in item.b),
        se_a=None if item.se_a is None else item.se_a / scale,
        se_b=None if item.se_b is None else tuple(None if se is None else scale * se for se in item.se_b),
    )


@dataclass(frozen=True, slots=True)
class GroupsRecord:
    """The groups a scale was calibrated on: for comparing groups, never for scoring a person.

    Attributes:
        column: the column they came from.
        reference: label of the group whose mean is 0 (before a link).
        anchors: items with the same parameters in every group.
        each: the groups, in order of their labels.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    column: str
    reference: str
    anchors: tuple[str, ...]
    each: tuple[GroupRecord, ...]

    def moved(self, shift: float, scale: float) -> "GroupsRecord":
        """The groups on the metric shift + scale theta."""
        return replace(self, each=tuple(group.moved(shift, scale) for group in self.each))


@dataclass(frozen=True, slots=True)
class FixedRecord:
    """Items that were not estimated but held at the parameters of another scale.

    Attributes:
        source: name of that scale's instrument, or of the reference.
        hash: SHA-256 of that scale file, or of the instrument that publishes the parameters.
        items: the items.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    source: str
    hash: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JointRecord:
    """Need and capacity together: for reports and the correlation only, never for a score that decides.

    Its metric is its own: nothing here moves when the scale is linked.

    Attributes:
        items: the items of both components, in the order of the instrument, as the joint model has them.
        need: distribution of need.
        capacity: distribution of capacity.
        correlation: of need and capacity.
        se_correlation: its standard error.
        low: lower end of its 95 % interval.
        high: upper end.
        loglik: log-likelihood of both components' answers.
        n: people who answered an item of either component.
        patterns: distinct response patterns among them.
        converged: whether the estimation converged.
        iterations: passes over the patterns.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    items: tuple[ScaleItem, ...]
    need: LatentRecord
    capacity: LatentRecord
    correlation: float
    se_correlation: float
    low: float
    high: float
    loglik: float
    n: int
    patterns: int
    converged: bool
    iterations: int

    @property
    def names(self) -> tuple[str, ...]:
        """The item names."""
        return tuple(item.name for item in self.items)

    def coding(self) -> tuple[ItemCoding, ...]:
        """How each item's column is read."""
        return tuple(item.coding() for item in self.items)
