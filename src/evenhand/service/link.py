"""Link: put a scale on the metric of a reference."""

from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import ScaleFileError
from evenhand.measure.linking import Link, fao_link
from evenhand.measure.responses import FloatArray
from evenhand.programme.instrument import Instrument, load_instrument
from evenhand.programme.scale import LinkRecord, ScaleItem, ScaleRecord

FIES_GLOBAL = "fies-global"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference metric.

    Attributes:
        name: its name.
        severities: severity of each item.
        thresholds: named thresholds on it.
    """

    name: str
    severities: dict[str, float]
    thresholds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked scale.

    Attributes:
        record: the scale on the reference metric.
        link: the link.
        reference: (J,) severities of the reference, NaN where it lacks the item.
    """

    record: ScaleRecord
    link: Link
    reference: FloatArray


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
    return Reference(name, {item: b[0] for item, b in published.b.items()}, dict(published.thresholds))


def reference_of_scale(record: ScaleRecord, name: str) -> Reference:
    """Another scale as a reference."""
    severities = {item.name: float(np.mean(item.b)) for item in record.items}
    return Reference(name, severities, dict(record.thresholds))


def link(record: ScaleRecord, to: Reference) -> Linked:
    """Link a Rasch scale to a reference by the FAO's rule.

    Item parameters, their errors and the latent distribution move together: theta' = shift + scale theta, so
    b' = shift + scale b and a' = a / scale. The reference's thresholds come with it.

    Args:
        record: the scale.
        to: the reference.

    Raises:
        ScaleFileError: the scale's slopes differ, for which this rule is not made, or it is linked already.
        EstimationError: too few items in common.
    """
    if record.link is not None:
        raise ScaleFileError(
            "link.already-linked",
            f"The scale is already on the metric of {record.link.to}.",
            mend="Link the scale file that evenhand calibrate wrote.",
        )
    if record.model != "rasch":
        raise ScaleFileError(
            "link.needs-rasch",
            f"The FAO's rule links Rasch scales; this one is {record.model}.",
            why="It matches severities, and takes every item to weigh the same.",
            mend="Calibrate with --model rasch.",
        )
    own = record.difficulties()
    reference = np.array([to.severities.get(name, np.nan) for name in record.names])
    found = fao_link(own, reference)
    linked = replace(
        record,
        items=tuple(_moved(item, found) for item in record.items),
        latent=None
        if record.latent is None
        else replace(
            record.latent,
            mean=found.shift + found.scale * record.latent.mean,
            sd=found.scale * record.latent.sd,
            se_mean=None if record.latent.se_mean is None else found.scale * record.latent.se_mean,
            se_sd=None if record.latent.se_sd is None else found.scale * record.latent.se_sd,
        ),
        thresholds=to.thresholds,
        link=LinkRecord(to.name, found.scale, found.shift, tuple(record.names[j] for j in found.dropped)),
        warnings=(*record.warnings, *_warnings(record, found)),
    )
    return Linked(linked, found, reference)


def _moved(item: ScaleItem, found: Link) -> ScaleItem:
    return replace(
        item,
        a=item.a / found.scale,
        b=tuple(found.shift + found.scale * b for b in item.b),
        se_b=None if item.se_b is None else tuple(None if se is None else found.scale * se for se in item.se_b),
    )


def _warnings(record: ScaleRecord, found: Link) -> tuple[str, ...]:
    if found.rule_met:
        return ()
    worst = int(np.nanargmax(np.where(found.common, found.distance, np.nan)))
    return (
        f"The link does not meet the FAO's rule: {record.names[worst]} is still {found.distance[worst]:.2f} "
        "logits from the reference. Figures on the reference's thresholds may mean something else here.",
    )
