"""Calibrate with some items held at parameters from elsewhere: another scale, or a publication."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import OptionError, ScaleFileError
from evenhand.measure.latent import fit_latent
from evenhand.measure.marginal import fit_anchored
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns
from evenhand.measure.precision import marginal_errors, on_file_metric
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.programme.coding import ItemCoding
from evenhand.programme.instrument import Instrument
from evenhand.programme.scale import FixedRecord, LatentRecord, ModelName, ScaleItem, ScaleRecord
from evenhand.service.calibration_checks import slope_warnings, unfinished
from evenhand.service.options import SLOPE_ONE, Options
from evenhand.service.recording import known, record_of, scale_items, signs_of
from evenhand.service.reliability import reliability_of

OnPass = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item's parameters from elsewhere.

    Attributes:
        model: its model.
        a: slope.
        b: thresholds.
        item: the item of the scale file they come from; None for a publication.
    """

    model: ModelName
    a: float
    b: tuple[float, ...]
    item: ScaleItem | None = None


@dataclass(frozen=True, slots=True)
class FixedItems:
    """Parameters from elsewhere, and which of them to hold.

    Attributes:
        source: name of the scale's instrument, or of the reference.
        hash: SHA-256 of the scale file, or of the instrument.
        known: parameters by item name.
        thresholds: named thresholds on their metric.
        chosen: items to hold; None for all that the answers have as well.
    """

    source: str
    hash: str
    known: Mapping[str, KnownItem]
    thresholds: Mapping[str, float]
    chosen: tuple[str, ...] | None = None


def fixed_from_scale(record: ScaleRecord, chosen: Sequence[str] | None = None) -> FixedItems:
    """The items of a scale file, to be held. Of groups those of the reference group, of two components need's."""
    items = {item.name: KnownItem(item.model, item.a, item.b, item) for item in record.items}
    own = None if chosen is None else tuple(chosen)
    return FixedItems(record.instrument.name, record.hash(), items, record.thresholds, own)


def fixed_from_instrument(instrument: Instrument, name: str, chosen: Sequence[str] | None = None) -> FixedItems:
    """The published severities of an instrument, to be held.

    Raises:
        ScaleFileError: it publishes none.
    """
    published = instrument.published
    if published is None:
        raise ScaleFileError(
            "fixed.no-published-severities",
            f"The instrument {instrument.name} publishes no severities.",
            mend="Name a scale file.",
        )
    direction = {item.name: item.direction for item in instrument.coding()}
    slopes = published.a or {}
    items = {}
    for item, b in published.b.items():
        a = slopes.get(item, float(direction[item]))
        model: ModelName = "grm" if len(b) > 1 else "rasch" if abs(a) == 1 else "2pl"
        items[item] = KnownItem(model, a, tuple(b))
    own = None if chosen is None else tuple(chosen)
    return FixedItems(name, instrument.hash(), items, dict(published.thresholds), own)


def chosen_items(fixed: FixedItems, coding: tuple[ItemCoding, ...]) -> tuple[str, ...]:
    """Names of the items to hold, in the order of the answers.

    Raises:
        OptionError: an item that the answers or the source lack, or no item in common.
        ScaleFileError: an item that is another there.
    """
    names = [item.name for item in coding]
    for name in fixed.chosen or ():
        if name not in names or name not in fixed.known:
            raise OptionError(
                "fixed.unknown-item",
                f"There is no item {name!r} to hold.",
                where="--fixed-items",
                why=f"The answers and {fixed.source} have in common: {_listed(fixed, names)}.",
                mend="Name items that both have.",
            )
    held = [name for name in names if name in (fixed.known if fixed.chosen is None else fixed.chosen)]
    if not held:
        raise OptionError(
            "fixed.no-items",
            "No item is held.",
            where="--fixed",
            why=f"The answers have {', '.join(names)}; {fixed.source} has {', '.join(fixed.known)}.",
            mend="Name the items alike in both, or leave --fixed out.",
        )
    for item in coding:
        if item.name in held:
            _require_same_item(item, fixed.known[item.name], fixed.source)
    return tuple(held)


def _listed(fixed: FixedItems, names: Sequence[str]) -> str:
    return ", ".join(name for name in names if name in fixed.known) or "none"


def _require_same_item(item: ItemCoding, other: KnownItem, source: str) -> None:
    why = ""
    if len(other.b) != item.categories - 1:
        why = f"It has {item.categories} categories here and {len(other.b) + 1} there."
    elif np.sign(other.a) != item.direction:
        why = "It points the other way there."
    elif other.item is not None:
        own = other.item
        if own.component != item.component:
            why = f"It measures {item.component} here and {own.component} there."
        differ = [text for text in item.codes if own.codes.get(text, item.codes[text]) != item.codes[text]]
        if differ:
            why = f"The answer {differ[0]!r} is category {item.codes[differ[0]]} here and another there."
    if why:
        raise ScaleFileError(
            "fixed.other-item",
            f"The item {item.name} is another in {source}.",
            where=f"item {item.name}",
            why=why,
            mend="Hold other items (--fixed-items), or read the answers as that scale does.",
        )


def calibrate_with_fixed(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    options: Options,
    fixed: FixedItems,
    held: tuple[str, ...],
    *,
    on_pass: OnPass | None = None,
) -> ScaleRecord:
    """The fields of a scale whose held items keep their parameters; the others, mean and SD are estimated.

    Raises:
        OptionError: conditional likelihood, or a fixed latent SD.
        EstimationError: the latent distribution has no finite estimate.
    """
    if options.method != "mml" or options.latent_sd is not None:
        raise OptionError(
            "fixed.needs-mml",
            "Held items need marginal likelihood and a free latent distribution.",
            why="The held items set the metric; the people's mean and SD on it are what is left to estimate.",
            mend="Use --method mml, and fix no latent SD.",
        )
    is_held = np.array([item.name in held for item in coding])
    models: dict[str, ModelName] = {
        item.name: fixed.known[item.name].model if own else options.model_of(item.name)
        for item, own in zip(coding, is_held, strict=True)
    }
    options = replace(options, models={**options.models, **models})
    known_items = _known(patterns, coding, fixed, is_held, models)
    if is_held.all():
        record = _latent_alone(patterns, coding, options, known_items)
    else:
        record = _with_others(patterns, coding, options, known_items, is_held, on_pass)
    items = tuple(
        replace(item, a=fixed.known[item.name].a, b=fixed.known[item.name].b, se_a=None, se_b=None)
        if own
        else item
        for item, own in zip(record.items, is_held, strict=True)
    )
    return replace(
        record,
        items=items,
        fixed=FixedRecord(fixed.source, fixed.hash, held),
        thresholds=dict(fixed.thresholds),
    )


def _known(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    fixed: FixedItems,
    is_held: BoolArray,
    models: Mapping[str, ModelName],
) -> Items:
    """All J items; those that are not held have slope 1 and nothing that matters."""
    width = int(patterns.categories.max()) - 1
    a, b = np.ones(len(coding)), np.full((len(coding), width), np.nan)
    for place in np.flatnonzero(is_held):
        own = fixed.known[coding[place].name]
        a[place] = own.a
        b[place, : len(own.b)] = own.b
    return items_from_thresholds(a, b, np.array([models[item.name] == "grm" for item in coding]))


def _latent_alone(
    patterns: Patterns, coding: tuple[ItemCoding, ...], options: Options, items: Items
) -> ScaleRecord:
    """Every item is held: only the latent distribution is estimated."""
    found = fit_latent(patterns, items)
    latent = LatentRecord(found.mean, found.sd, "estimated with items fixed", found.se_mean, found.se_sd)
    nothing = np.zeros((len(coding), items.intercept.shape[1] - 1))
    return replace(
        record_of(options, scale_items(coding, options, items.slope, nothing, None, nothing), latent),
        loglik=found.loglik,
        reliability=reliability_of(patterns, items, latent, all_rasch=_all_unit(options, coding, items.slope)),
    )


def _with_others(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    options: Options,
    known_items: Items,
    is_held: BoolArray,
    on_pass: OnPass | None,
) -> ScaleRecord:
    found = fit_anchored(
        patterns,
        known=known_items,
        fixed_items=is_held,
        unit_slopes=np.array([options.model_of(item.name) in SLOPE_ONE for item in coding]) & ~is_held,
        sign=signs_of(coding),
        on_pass=on_pass,
    )
    errors = marginal_errors(found, "robust" if options.errors == "robust" else "model")
    metric = on_file_metric(found.problem, found.parameters)
    latent = LatentRecord(
        float(metric.mean[0]),
        float(metric.sd[0]),
        "estimated",
        known(float(errors.se_mean[0])),
        known(float(errors.se_sd[0])),
    )
    unit = _all_unit(options, coding, metric.a)
    return replace(
        record_of(options, scale_items(coding, options, metric.a, metric.b, errors.se_a, errors.se_b), latent),
        loglik=found.loglik,
        reliability=reliability_of(patterns, found.items, latent, all_rasch=unit),
        converged=found.converged,
        iterations=found.passes,
        gradient=found.gradient_norm,
        warnings=(
            *slope_warnings(coding, metric.a, errors.se_a, latent.sd),
            *unfinished(converged=found.converged),
        ),
    )


def _all_unit(options: Options, coding: tuple[ItemCoding, ...], slope: FloatArray) -> bool:
    """Whether the scale is a Rasch scale on a metric where its slopes are 1 or -1."""
    rasch = all(options.model_of(item.name) in SLOPE_ONE for item in coding)
    return rasch and bool(np.allclose(np.abs(slope), 1.0, rtol=0, atol=1e-12))
