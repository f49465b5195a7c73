"""Link: put a scale on the metric of a reference."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from evenhand.errors import OptionError, ScaleFileError
from evenhand.measure.curve_linking import Criterion, Distribution, link_items
from evenhand.measure.linking import ItemParameters, Link, LinkMethod, diagonal_covariance
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.programme.instrument import Instrument, load_instrument
from evenhand.programme.scale import LatentRecord, LinkRecord, ScaleItem, ScaleRecord

FIES_GLOBAL = "fies-global"

FAR = 0.35
"""An item this many logits off, once linked, is pointed out (the FAO's tolerance)."""


@dataclass(frozen=True, slots=True)
class ReferenceItem:
    """An item's parameters on a reference metric, with their standard errors where they are known."""

    a: float
    b: tuple[float, ...]
    graded: bool = False
    se_a: float | None = None
    se_b: tuple[float | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference metric.

    Attributes:
        name: its name.
        severities: severity of each item: the mean of its thresholds.
        thresholds: named thresholds on it.
        items: parameters of each item; None for items of slope 1 with these severities.
        latent: distribution of theta in the people it was made on, if it is known.
    """

    name: str
    severities: dict[str, float]
    thresholds: dict[str, float]
    items: dict[str, ReferenceItem] | None = None
    latent: LatentRecord | None = None

    def item(self, name: str) -> ReferenceItem | None:
        """An item's parameters, or None if the reference lacks it."""
        if self.items is not None:
            return self.items.get(name)
        return ReferenceItem(1.0, (self.severities[name],)) if name in self.severities else None


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked scale.

    Attributes:
        record: the scale on the reference metric.
        link: the link.
        reference: (J,) severities of the reference, NaN where it lacks the item.
        notes: what the link's standard errors rest on, one sentence each.
    """

    record: ScaleRecord
    link: Link
    reference: FloatArray
    notes: tuple[str, ...] = ()


def fies_global() -> Reference:
    """The FIES global standard: the FAO's published severities and thresholds."""
    return reference_of_instrument(load_instrument("fies"), FIES_GLOBAL)


def reference_of_instrument(instrument: Instrument, name: str) -> Reference:
    """The published severities of an instrument as a reference.

    Raises:
        ScaleFileError: it publishes none.
    """
    published = instrument.published
    if published is None:
        raise ScaleFileError(
            "link.no-published-severities",
            f"The instrument {instrument.name} publishes no severities.",
            mend="Link to a scale file, or to fies-global.",
        )
    slopes, errors = published.a or {}, published.se or {}
    items = {
        # published parameters are on the graded metric, which for yes/no items is every metric
        item: ReferenceItem(slopes.get(item, 1.0), tuple(b), graded=True, se_b=errors.get(item))
        for item, b in published.b.items()
    }
    return Reference(
        name, {item: float(np.mean(b)) for item, b in published.b.items()}, dict(published.thresholds), items
    )


def reference_of_scale(record: ScaleRecord, name: str) -> Reference:
    """Another scale as a reference."""
    severities = {item.name: float(np.mean(item.b)) for item in record.items}
    items = {
        item.name: ReferenceItem(item.a, item.b, _is_graded(item), item.se_a, item.se_b) for item in record.items
    }
    return Reference(name, severities, dict(record.thresholds), items, record.latent)


def default_method(record: ScaleRecord) -> LinkMethod:
    """The FAO's rule for Rasch scales, Stocking-Lord for others."""
    binary = bool(record.categories().max() == 2)
    return "fao" if record.all_rasch and binary else "stocking-lord"


def link(
    record: ScaleRecord,
    to: Reference,
    method: LinkMethod | None = None,
    *,
    symmetric: bool = False,
    without: Sequence[str] = (),
) -> Linked:
    """Link a scale to a reference.

    Item parameters, their errors and the latent distribution move together: theta' = shift + scale theta, so
    b' = shift + scale b and a' = a / scale. The reference's thresholds come with it. The errors of the items are
    those of the calibration in the new unit; the link's own are recorded apart.

    Args:
        record: the scale.
        to: the reference.
        method: None for the FAO's rule with Rasch scales and Stocking-Lord with others.
        symmetric: with `haebara` and `stocking-lord`, compare the curves on both metrics.
        without: items that the link is not to rest on.

    Raises:
        ScaleFileError: it is linked already; the FAO's rule and a scale that is not Rasch; an item that is another
            in the reference.
        OptionError: an unknown method, or an unknown item in `without`.
        EstimationError: too few items in common, or items that carry no link.
    """
    method = method or default_method(record)
    _check(record, method, without)
    own = _parameters(record)
    reference, common = _reference_parameters(record, to)
    common &= ~np.isin(record.names, list(without))
    criterion = Criterion(
        over=_distribution(to.latent) or Distribution(),
        own_over=(_distribution(record.latent) or Distribution()) if symmetric else None,
    )
    found = link_items(own, reference, common, criterion, method=method)
    linked = replace(
        record,
        items=tuple(_moved(item, found) for item in record.items),
        latent=None if record.latent is None else _moved_latent(record.latent, found),
        groups=None if record.groups is None else record.groups.moved(found.shift, found.scale),
        thresholds=to.thresholds,
        link=_link_record(record, to, found, without),
        warnings=(*record.warnings, *_warnings(record, found), *_turned(record, own, reference, common)),
    )
    severities = np.array([to.severities.get(name, np.nan) for name in record.names])
    return Linked(linked, found, severities, _notes(record, to, found))


def _check(record: ScaleRecord, method: LinkMethod, without: Sequence[str]) -> None:
    if method not in get_args(LinkMethod):
        raise OptionError(
            "options.unknown-value",
            f"--method cannot be {method!r}.",
            where="--method",
            why=f"It is one of: {', '.join(get_args(LinkMethod))}.",
            mend=f"Use --method {default_method(record)}.",
        )
    for name in without:
        if name not in record.names:
            raise OptionError(
                "answers.unknown-item",
                f"There is no item {name!r}.",
                where="--without",
                why=f"The items are: {', '.join(record.names)}.",
                mend="Name items of the scale.",
            )
    if record.link is not None:
        raise ScaleFileError(
            "link.already-linked",
            f"The scale is already on the metric of {record.link.to}.",
            mend="Link the scale file that evenhand calibrate wrote.",
        )
    if method == "fao" and default_method(record) != "fao":
        raise ScaleFileError(
            "link.needs-rasch",
            "The FAO's rule links Rasch scales of yes/no items; this one is another.",
            why="It matches severities, and takes every item to weigh the same.",
            mend="Use --method stocking-lord, or calibrate with --model rasch.",
        )


def _is_graded(item: ScaleItem) -> bool:
    return str(item.model) == "grm"


def _parameters(record: ScaleRecord) -> ItemParameters:
    own = [ReferenceItem(each.a, each.b, _is_graded(each), each.se_a, each.se_b) for each in record.items]
    return _as_arrays(list(own), max(len(each.b) for each in own))


def _as_arrays(items: Sequence[ReferenceItem | None], width: int) -> ItemParameters:
    a, se_a = np.full((2, len(items)), np.nan)
    b, se_b = np.full((2, len(items), width), np.nan)
    graded = np.zeros(len(items), dtype=np.bool_)
    for place, item in enumerate(items):
        if item is not None:
            a[place], graded[place] = item.a, item.graded
            b[place, : len(item.b)] = item.b
            se_a[place] = np.nan if item.se_a is None else item.se_a
            errors = item.se_b or (None,) * len(item.b)
            se_b[place, : len(item.b)] = [np.nan if se is None else se for se in errors]
    known = not (np.isnan(se_a).all() and np.isnan(se_b).all())
    return ItemParameters(a, b, graded, diagonal_covariance(se_a, se_b) if known else None)


def _reference_parameters(record: ScaleRecord, to: Reference) -> tuple[ItemParameters, BoolArray]:
    """The reference's parameters of the scale's items, NaN where it lacks them, and which it has."""
    items = [to.item(name) for name in record.names]
    for own, other in zip(record.items, items, strict=True):
        if other is None:
            continue
        if len(other.b) != len(own.b):
            raise _other_item(own.name, f"{len(own.b) + 1} categories", f"{len(other.b) + 1}")
        if len(own.b) > 1 and other.graded != _is_graded(own):
            raise _other_item(own.name, "graded" if _is_graded(own) else "not graded", "the contrary")
    found = _as_arrays(items, max(len(item.b) for item in record.items))
    return found, np.array([item is not None for item in items])


def _other_item(name: str, here: str, there: str) -> ScaleFileError:
    return ScaleFileError(
        "link.other-item",
        f"The item {name} is another in the reference.",
        where=f"item {name}",
        why=f"It has or is {here} in the scale and {there} in the reference: its thresholds mean other things.",
        mend="Link through items that are the same in both, under their own names.",
    )


def _distribution(latent: LatentRecord | None) -> Distribution | None:
    return None if latent is None else Distribution(latent.mean, latent.sd)


def _moved(item: ScaleItem, found: Link) -> ScaleItem:
    return replace(
        item,
        a=item.a / found.scale,
        b=tuple(found.shift + found.scale * b for b in item.b),
        se_a=None if item.se_a is None else item.se_a / found.scale,
        se_b=None if item.se_b is None else tuple(None if se is None else found.scale * se for se in item.se_b),
    )


def _moved_latent(latent: LatentRecord, found: Link) -> LatentRecord:
    return replace(
        latent,
        mean=found.shift + found.scale * latent.mean,
        sd=found.scale * latent.sd,
        se_mean=None if latent.se_mean is None else found.scale * latent.se_mean,
        se_sd=None if latent.se_sd is None else found.scale * latent.se_sd,
    )


def _link_record(record: ScaleRecord, to: Reference, found: Link, without: Sequence[str]) -> LinkRecord:
    left_out = (*without, *(record.names[place] for place in found.dropped))
    return LinkRecord(to.name, found.scale, found.shift, left_out, found.method, found.se_scale, found.se_shift)


def _notes(record: ScaleRecord, to: Reference, found: Link) -> tuple[str, ...]:
    if found.method == "fao":
        return ()
    if found.covariance is None:
        return ("Neither scale says how sure its parameters are, so the link has no standard error.",)
    notes = ["The link's standard errors take the errors of different parameters as uncorrelated."]
    for name, items in (("scale", record.items), ("reference", (to.items or {}).values())):
        if not any(item.se_b and any(se is not None for se in item.se_b) for item in items):
            notes.append(f"The {name}'s parameters are taken as known without error.")
    return tuple(notes)


def _warnings(record: ScaleRecord, found: Link) -> tuple[str, ...]:
    if found.method == "fao":
        if found.rule_met:
            return ()
        worst = int(np.nanargmax(np.where(found.common, found.distance, np.nan)))
        return (
            f"The link does not meet the FAO's rule: {record.names[worst]} is still {found.distance[worst]:.2f} "
            "logits from the reference. Figures on the reference's thresholds may mean something else here.",
        )
    far = np.flatnonzero(found.common & (found.distance > FAR))
    if not far.size:
        return ()
    listed = ", ".join(f"{record.names[place]} ({found.distance[place]:.2f})" for place in far)
    return (
        f"Once linked, these items are more than {FAR} logits from the reference: {listed}. They may mean "
        "something else here; look at the link without them.",
    )


def _turned(
    record: ScaleRecord, own: ItemParameters, reference: ItemParameters, common: BoolArray
) -> tuple[str, ...]:
    turned = np.flatnonzero(common & (np.sign(own.a) * np.sign(np.nan_to_num(reference.a)) < 0))
    if not turned.size:
        return ()
    listed = ", ".join(record.names[place] for place in turned)
    return (f"The slope of {listed} points the other way in the reference. Check how it was coded.",)
