"""Calibrate several groups on one metric, with means and SDs of their own.

For comparing groups. What is written beside the groups is one scale for everybody, with one latent distribution,
that of all groups together: nobody is scored by the group they belong to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.dif import groups_of
from evenhand.measure.dif_likelihood import covariance_of
from evenhand.measure.groups import GroupsFit, fit_with_anchors, pooled
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.precision import FileMetric, ItemErrors, file_errors, marginal_errors, on_file_metric
from evenhand.measure.responses import BoolArray, IntArray, Responses
from evenhand.measure.threads import one_blas_thread
from evenhand.measure.withholding import MIN_GROUP
from evenhand.programme.answers import Answers, GroupColumn
from evenhand.programme.coding import ItemCoding
from evenhand.programme.guard import check_column
from evenhand.programme.scale import (
    GroupItem,
    GroupRecord,
    GroupsRecord,
    InstrumentReference,
    LatentRecord,
    ScaleRecord,
)
from evenhand.service.calibration_checks import (
    check_data,
    check_item,
    require_one_component,
    sample_warnings,
    slope_warnings,
    unfinished,
)
from evenhand.service.check import item_fit
from evenhand.service.options import SLOPE_ONE, Options
from evenhand.service.recording import Calibrated, known, record_of, scale_items, signs_of
from evenhand.service.reliability import reliability_of

OnPass = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class GroupDesign:
    """How groups are to be calibrated.

    Attributes:
        column: the group column.
        reference: label of the group whose mean is 0; None for the one with most people.
        anchors: items with the same parameters in every group; None for all items.
    """

    column: str
    reference: str | None = None
    anchors: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _People:
    """The groups that are calibrated, the reference group first.

    Attributes:
        labels: of each group.
        groups: patterns of each.
        kept: (N,) rows of the answers that belong to one of them.
        withheld: labels of the groups that are too small.
    """

    labels: tuple[str, ...]
    groups: tuple[Patterns, ...]
    kept: BoolArray
    withheld: tuple[str, ...]


def calibrate_groups(
    answers: Answers,
    instrument: InstrumentReference,
    options: Options,
    design: GroupDesign,
    *,
    on_pass: OnPass | None = None,
) -> Calibrated:
    """Calibrate a scale on several groups: free means and SDs, the anchors' parameters shared.

    Args:
        answers: what people answered, read with the group column.
        instrument: what the items belong to.
        options: model and rules.
        design: the groups, the reference and the anchors.
        on_pass: called with the number of passes and the log-likelihood while it goes.

    Raises:
        BoundaryError: a column that people are never grouped by.
        OptionError: conditional likelihood, a fixed latent SD, unknown anchors or an unknown reference.
        EstimationError: fewer than two groups of 11 people or more, or answers that cannot carry the estimate.
    """
    check_column(design.column, "group")
    _check_options(answers.coding, options)
    column = answers.group(design.column)
    anchors = _anchors(answers.item_names, design)
    people = _people(answers, options, column, design)
    responses = _rows(answers.responses, people.kept)
    patterns = collapse(responses, missing=options.missing)
    check_data(patterns, answers.coding, options)
    for label, own in zip(people.labels, people.groups, strict=True):
        _check_group(own, label, answers.coding, anchors, options)
    with one_blas_thread():
        record = _record(people, patterns, answers.coding, options, anchors, design.column, on_pass)
    record = replace(
        record,
        instrument=instrument,
        components=tuple(dict.fromkeys(item.component for item in answers.coding)),
        weights_kind=responses.weights_kind,
        n=int(patterns.n.sum()),
        n_weighted=float(patterns.w.sum()),
        patterns=patterns.n_patterns,
        warnings=(
            *record.warnings,
            *sample_warnings(patterns),
            *_left_out(people.withheld, nameless=bool((column.index < 0).any())),
        ),
    )
    return Calibrated(record, patterns, item_fit(record, patterns))


def _check_options(coding: tuple[ItemCoding, ...], options: Options) -> None:
    require_one_component(coding, "Groups are compared on one component.")
    if options.method != "mml" or options.latent_sd is not None:
        raise OptionError(
            "groups.needs-mml",
            "Groups with means and SDs of their own need marginal likelihood.",
            why="Conditional likelihood has no distribution of theta, and a fixed SD leaves none to compare.",
            mend="Use --method mml, and fix no latent SD.",
        )


def _anchors(names: tuple[str, ...], design: GroupDesign) -> BoolArray:
    """(J,) which items are shared."""
    if design.anchors is None:
        return np.ones(len(names), dtype=np.bool_)
    unknown = [name for name in design.anchors if name not in names]
    if unknown or not design.anchors:
        raise OptionError(
            "groups.anchors",
            f"There is no item {unknown[0]!r} to be an anchor." if unknown else "No anchor is named.",
            where="--anchors",
            why=f"The items are: {', '.join(names)}. Without an anchor the groups have no metric in common.",
            mend="Name items of the scale, better three or more, or leave --anchors out to share all of them.",
        )
    return np.isin(names, design.anchors)


def _people(answers: Answers, options: Options, column: GroupColumn, design: GroupDesign) -> _People:
    responses = answers.responses
    index = column.index.copy()
    if options.missing == "drop":
        index[(responses.codes < 0).any(axis=1)] = -1
    if responses.weights is not None:
        index[responses.weights <= 0] = -1  # nobody is represented by a row without weight
    found = groups_of(responses, index, len(column.labels))
    counts = [0.0 if each is None else float(each.n.sum()) for each in found]
    shown = [place for place, count in enumerate(counts) if count >= MIN_GROUP]
    if len(shown) < 2:
        raise EstimationError(
            "groups.one-group",
            f"The column {design.column!r} has fewer than two groups of {MIN_GROUP} people or more.",
            where=answers.source,
            why="Groups are compared with one another, and one of fewer people shows no figure.",
            mend="Name another column, join its labels into larger groups, or leave --group out.",
        )
    first = _reference(column.labels, counts, shown, design)
    order = [first, *(place for place in shown if place != first)]
    groups = tuple(each for each in (found[place] for place in order) if each is not None)
    return _People(
        tuple(column.labels[place] for place in order),
        groups,
        np.isin(index, shown),
        tuple(label for place, label in enumerate(column.labels) if place not in shown),
    )


def _reference(labels: tuple[str, ...], counts: list[float], shown: list[int], design: GroupDesign) -> int:
    if design.reference is None:
        return max(shown, key=lambda place: counts[place])
    known_labels = [labels[place] for place in shown]
    if design.reference not in known_labels:
        raise OptionError(
            "groups.reference",
            f"The group {design.reference!r} cannot be the reference.",
            where="--reference",
            why=f"The groups of {MIN_GROUP} people or more are: {', '.join(known_labels)}.",
            mend="Name one of them, or leave --reference out for the largest.",
        )
    return labels.index(design.reference)


def _rows(responses: Responses, kept: BoolArray) -> Responses:
    return replace(
        responses,
        codes=np.ascontiguousarray(responses.codes[kept]),
        weights=None if responses.weights is None else responses.weights[kept],
        clusters=None if responses.clusters is None else responses.clusters[kept],
    )


def _check_group(
    patterns: Patterns, label: str, coding: tuple[ItemCoding, ...], anchors: BoolArray, options: Options
) -> None:
    """Refuse a group whose answers cannot carry the parameters of its own."""
    own = [item for item, anchor in zip(coding, anchors, strict=True) if not anchor]
    for index in np.flatnonzero(~anchors):
        check_item(coding[index], patterns.codes[:, index], f", group {label}")
    n_parameters = 2 + sum(item.categories - 1 + (options.model_of(item.name) not in SLOPE_ONE) for item in own)
    if patterns.n.sum() < n_parameters:
        raise EstimationError(
            "groups.too-few-people",
            f"The group {label!r} has fewer people than the {n_parameters} parameters of its own.",
            why="A group needs many more people than parameters: a hundred at least.",
            mend="Make more items anchors, or join the group with another.",
        )


def _record(
    people: _People,
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    options: Options,
    anchors: BoolArray,
    column: str,
    on_pass: OnPass | None,
) -> ScaleRecord:
    models = [options.model_of(item.name) for item in coding]
    found = fit_with_anchors(
        people.groups,
        anchors=anchors,
        shared=np.array([model in SLOPE_ONE for model in models]),
        sign=signs_of(coding),
        graded=np.array([model == "grm" for model in models]),
        on_pass=on_pass,
    )
    fit = found.fit
    metric = on_file_metric(fit.problem, fit.parameters)
    errors = _errors(found, options)
    weight = np.array([each.w.sum() for each in people.groups])
    whole = pooled(metric, errors, weight)
    latent = LatentRecord(whole.mean, whole.sd, "pooled over groups", whole.se_mean, whole.se_sd)
    own = found.column[0]
    a, b = metric.a[own], metric.b[own]
    items = items_from_thresholds(a, b, np.array([model == "grm" for model in models]))
    return replace(
        record_of(options, scale_items(coding, options, a, b, errors.se_a[own], errors.se_b[own]), latent),
        groups=_groups(people, found.column, metric, errors, coding, anchors, column),
        loglik=fit.loglik,
        reliability=reliability_of(patterns, items, latent, all_rasch=options.all_rasch),
        converged=fit.converged,
        iterations=fit.passes,
        gradient=fit.gradient_norm,
        warnings=(
            *slope_warnings(coding, a, errors.se_a[own], latent.sd),
            *unfinished(converged=fit.converged),
        ),
    )


def _errors(found: GroupsFit, options: Options) -> ItemErrors:
    """A cluster may hold people of several groups, so its sums are taken over all of them."""
    if options.errors == "robust":
        return file_errors(found.fit, covariance_of(found.fit, robust=True))
    return marginal_errors(found.fit, "model")


def _groups(
    people: _People,
    column: IntArray,
    metric: FileMetric,
    errors: ItemErrors,
    coding: tuple[ItemCoding, ...],
    anchors: BoolArray,
    name: str,
) -> GroupsRecord:
    each = [
        GroupRecord(
            label=label,
            n=int(patterns.n.sum()),
            n_weighted=float(patterns.w.sum()),
            mean=float(metric.mean[place]),
            sd=float(metric.sd[place]),
            se_mean=known(float(errors.se_mean[place])),
            se_sd=known(float(errors.se_sd[place])),
            items=()
            if place == 0
            else tuple(
                _own_item(coding[item], metric, errors, int(column[place, item]))
                for item in np.flatnonzero(~anchors)
            ),
        )
        for place, (label, patterns) in enumerate(zip(people.labels, people.groups, strict=True))
    ]
    shared = tuple(item.name for item, anchor in zip(coding, anchors, strict=True) if anchor)
    return GroupsRecord(name, people.labels[0], shared, tuple(sorted(each, key=lambda group: group.label)))


def _own_item(item: ItemCoding, metric: FileMetric, errors: ItemErrors, place: int) -> GroupItem:
    steps = slice(item.categories - 1)
    return GroupItem(
        item.name,
        float(metric.a[place]),
        tuple(float(b) for b in metric.b[place, steps]),
        known(float(errors.se_a[place])),
        tuple(known(float(se)) for se in errors.se_b[place, steps]),
    )


def _left_out(withheld: tuple[str, ...], *, nameless: bool) -> tuple[str, ...]:
    found = []
    if withheld:
        found.append(
            f"Groups of fewer than {MIN_GROUP} people were left out, of the items as well: {', '.join(withheld)}."
        )
    if nameless:
        found.append("People whose group is not known were left out.")
    return tuple(found)
