"""What a biased item does to figures and decisions: the same with the item left out."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.patterns import collapse
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import score_patterns
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord
from evenhand.service.prevalence import MIN_GROUP, GroupShare, Rule, prevalence
from evenhand.service.score import to_rows

PROPOSED = 0.5
"""People whose P(theta >= threshold) is at least this count as above it where decisions are compared."""


@dataclass(frozen=True, slots=True)
class DropEffect:
    """A group with and without an item. Items keep their parameters; the group's distribution is fitted anew.

    Attributes:
        label: the group, `all` for everybody.
        with_item: share above the threshold with every item; None where it is withheld.
        without_item: the same without the item.
        change: without less with.
        moved_up: share of the group above the threshold only without the item, by P >= .5; None without a prior.
        moved_down: share above only with it.
        reason: why there are no figures, empty where there are.
    """

    label: str
    with_item: float | None
    without_item: float | None
    change: float | None
    moved_up: float | None
    moved_down: float | None
    reason: str = ""


def effect_of_dropping(
    record: ScaleRecord,
    answers: Answers,
    item: str,
    *,
    group: str,
    threshold: str | float,
    rule: Rule = "posterior",
) -> tuple[DropEffect, ...]:
    """Everybody, then each group: the share above a threshold, and who changes sides, when an item is left out.

    Args:
        record: the scale; its parameters are taken as they are.
        answers: answers to its items, read with the group column.
        item: name of the item to leave out.
        group: the group column.
        threshold: name of a threshold, or a number on the scale's metric.
        rule: `posterior` or `fao`.

    Raises:
        OptionError: the scale has no such item, or no other.
        EstimationError: a share has no estimate.
    """
    if item not in record.names or len(record.names) < 2:
        raise OptionError(
            "dif.no-such-item",
            f"The item {item!r} cannot be left out.",
            why=f"The scale has the items {', '.join(record.names)}.",
            mend="Name one of several items.",
        )
    shorter, fewer = _without(record, answers, item)
    share = partial(prevalence, threshold=record.threshold(str(threshold)), rule=rule, by=group)
    full, less = share(record, answers), share(shorter, fewer)
    up, down = _moves(record, answers, shorter, fewer, record.threshold(str(threshold)))
    index, labels = answers.group(group).index, answers.group(group).labels
    members = [np.ones(len(index), dtype=np.bool_), *(index == place for place in range(len(labels)))]
    weights = answers.responses.weights
    w = np.ones(len(index)) if weights is None else weights
    out = []
    for own, before, after in zip(members, (full.everybody, *full.by), (less.everybody, *less.by), strict=True):
        counted = own & np.isfinite(up)
        out.append(_effect(before, after, up[counted], down[counted], w[counted]))
    return tuple(out)


def _without(record: ScaleRecord, answers: Answers, item: str) -> tuple[ScaleRecord, Answers]:
    keep = np.array([name != item for name in record.names])
    responses = answers.responses
    fewer = replace(
        responses,
        codes=np.ascontiguousarray(responses.codes[:, keep]),
        categories=responses.categories[keep],
    )
    return (
        replace(record, items=tuple(each for each in record.items if each.name != item)),
        replace(
            answers,
            responses=fewer,
            coding=tuple(each for each in answers.coding if each.name != item),
            missing_counts={reason: counts[keep] for reason, counts in answers.missing_counts.items()},
        ),
    )


def _moves(
    record: ScaleRecord, answers: Answers, shorter: ScaleRecord, fewer: Answers, threshold: float
) -> tuple[FloatArray, FloatArray]:
    """(N,) 1 for people above only without the item, and only with it; NaN for people without either score."""
    nothing = np.full(answers.responses.n_rows, np.nan)
    if record.latent is None:
        return nothing, nothing
    before, after = (_above(*each, threshold) for each in ((record, answers), (shorter, fewer)))
    known = np.isfinite(before) & np.isfinite(after)
    above_before, above_after = before >= PROPOSED, after >= PROPOSED
    return (
        np.where(known, above_after & ~above_before, np.nan),
        np.where(known, above_before & ~above_after, np.nan),
    )


def _above(record: ScaleRecord, answers: Answers, threshold: float) -> FloatArray:
    """(N,) P(theta >= threshold) under the scale's own prior."""
    latent = record.require_latent("a probability")
    patterns = collapse(answers.responses, with_rows=True)
    found = score_patterns(
        patterns, record.model_items(), "eap", mean=latent.mean, sd=latent.sd, threshold=threshold
    ).p_at_least
    assert found is not None  # noqa: S101 - a threshold was given
    return to_rows(found, patterns)


def _effect(before: GroupShare, after: GroupShare, up: FloatArray, down: FloatArray, w: FloatArray) -> DropEffect:
    if before.share is None or after.share is None:
        return DropEffect(before.label, None, None, None, None, None, before.reason or after.reason)
    moved = len(w) >= MIN_GROUP and w.sum() > 0
    return DropEffect(
        before.label,
        before.share.value,
        after.share.value,
        after.share.value - before.share.value,
        float(w @ up / w.sum()) if moved else None,
        float(w @ down / w.sum()) if moved else None,
    )
