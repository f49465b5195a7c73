"""Calibrate: from answers to a scale."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.conditional import ConditionalFit, conditional_errors, fit_conditional
from evenhand.measure.conditional_credit import CreditFit, credit_errors, fit_credit
from evenhand.measure.latent import fit_latent
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.precision import marginal_errors, on_file_metric
from evenhand.measure.profile_scores import need_only
from evenhand.measure.responses import FloatArray, WeightsKind
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.answers import Answers
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import InstrumentReference, LatentRecord, LatentSource, ScaleRecord
from evenhand.service.adaptive import require_marginal
from evenhand.service.calibrate_fixed import FixedItems, calibrate_with_fixed, chosen_items
from evenhand.service.calibrate_groups import GroupDesign, calibrate_groups
from evenhand.service.calibrate_joint import calibrate_joint, require_joint_options
from evenhand.service.calibration_checks import (
    check_data,
    check_item_models,
    has_two_components,
    require_one_component,
    sample_warnings,
    slope_warnings,
    unfinished,
)
from evenhand.service.check import item_fit
from evenhand.service.options import SLOPE_ONE, Options
from evenhand.service.recording import (
    Calibrated,
    items_reference,
    known,
    record_of,
    scale_items,
    signs_of,
)
from evenhand.service.reliability import reliability_of

__all__ = ["Calibrated", "calibrate", "calibrate_patterns", "items_reference"]

OnPass = Callable[[int, float], None]


def calibrate(
    answers: Answers,
    options: Options | None = None,
    *,
    groups: GroupDesign | None = None,
    fixed: FixedItems | None = None,
    on_pass: OnPass | None = None,
) -> Calibrated:
    """Calibrate a scale on answers.

    Args:
        answers: what people answered.
        options: model, method and rules.
        groups: the group column, where groups are to have means and SDs of their own.
        fixed: items that are held at parameters from elsewhere.
        on_pass: called with the number of passes and the log-likelihood while it goes.

    Raises:
        EstimationError: the answers cannot carry the estimate.
        OptionError: the options contradict each other.
    """
    options = options or Options()
    require_marginal(answers, options.method, options.missing)
    responses = answers.responses
    instrument = (
        InstrumentReference(*answers.instrument) if answers.instrument else items_reference(answers.coding)
    )
    if groups is not None:
        if fixed is not None:
            raise OptionError(
                "options.groups-and-fixed",
                "Groups and fixed items cannot be calibrated together.",
                mend="Calibrate with one of the two, and link the scales (evenhand link).",
            )
        return calibrate_groups(answers, instrument, options, groups, on_pass=on_pass)
    return calibrate_patterns(
        collapse(responses, missing=options.missing),
        answers.coding,
        instrument,
        options,
        weights_kind=responses.weights_kind,
        fixed=fixed,
        on_pass=on_pass,
    )


def calibrate_patterns(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    instrument: InstrumentReference,
    options: Options,
    *,
    weights_kind: WeightsKind | None = None,
    fixed: FixedItems | None = None,
    on_pass: OnPass | None = None,
) -> Calibrated:
    """Calibrate a scale on a table of response patterns.

    Args:
        patterns: the patterns, already without those that the missing rule leaves out.
        coding: (J,) how each item is read. Items of need and of capacity are calibrated together for the report,
            and need by itself for the scale.
        instrument: what the items belong to.
        options: model, method and rules.
        weights_kind: kind of the weights in the patterns, None when there are none.
        fixed: items that are held at parameters from elsewhere.
        on_pass: called with the number of passes and the log-likelihood while it goes.
    """
    if has_two_components(coding):
        if fixed is not None:
            require_one_component(coding, "Parameters from elsewhere belong to one component's scale.")
        return _two_components(patterns, coding, instrument, options, weights_kind, on_pass)
    held = () if fixed is None else chosen_items(fixed, coding)
    check_data(patterns, coding, options, held=held)
    with one_blas_thread():
        if fixed is not None:
            record = calibrate_with_fixed(patterns, coding, options, fixed, held, on_pass=on_pass)
        elif options.method == "cml":
            record = _conditionally(patterns, coding, options)
        else:
            record = _marginally(patterns, coding, options, on_pass)
    estimated = len(held) < len(coding)
    record = replace(
        record,
        instrument=instrument,
        components=tuple(dict.fromkeys(item.component for item in coding)),
        weights_kind=weights_kind,
        n=int(patterns.n.sum()),
        n_weighted=float(patterns.w.sum()),
        patterns=patterns.n_patterns,
        warnings=(*record.warnings, *(sample_warnings(patterns) if estimated else ())),
    )
    return Calibrated(record, patterns, item_fit(record, patterns))


def _two_components(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    instrument: InstrumentReference,
    options: Options,
    weights_kind: WeightsKind | None,
    on_pass: OnPass | None,
) -> Calibrated:
    """Need's scale from need's answers alone, with the joint model beside it."""
    check_item_models([item.name for item in coding], options)
    require_joint_options(coding, options)
    own = np.flatnonzero([item.component == "need" for item in coding])
    need = tuple(coding[place] for place in own)
    alone = calibrate_patterns(
        need_only(patterns, own),
        need,
        instrument,
        options.of_items([item.name for item in need]),
        weights_kind=weights_kind,
        on_pass=on_pass,
    )
    joint = calibrate_joint(patterns, coding, options, on_pass=on_pass)
    record = replace(
        alone.record,
        components=("need", "capacity"),
        joint=joint.record,
        warnings=(*alone.record.warnings, *joint.warnings),
    )
    return Calibrated(record, alone.patterns, alone.fit, joint.fit)


def _conditionally(patterns: Patterns, coding: tuple[ItemCoding, ...], options: Options) -> ScaleRecord:
    """The fields of a scale by conditional likelihood."""
    sign = signs_of(coding)
    found, b, se = _conditional_maximum(patterns, coding, options, sign)
    items = items_from_thresholds(sign, b)
    latent, warnings = _latent_of_fixed_items(patterns, items)
    return replace(
        record_of(options, scale_items(coding, options, sign, b, None, se), latent),
        loglik=found.loglik,
        reliability=reliability_of(patterns, items, latent, all_rasch=options.all_rasch),
        converged=found.converged,
        iterations=found.iterations,
        gradient=found.gradient_norm,
        warnings=(*warnings, *unfinished(converged=found.converged)),
    )


def _conditional_maximum(
    patterns: Patterns, coding: tuple[ItemCoding, ...], options: Options, sign: FloatArray
) -> tuple[ConditionalFit | CreditFit, FloatArray, FloatArray]:
    """The fit, its thresholds (J, K - 1) and their errors."""
    names = [item.name for item in coding]
    if all(item.categories == 2 for item in coding):
        binary = fit_conditional(patterns, sign=sign, names=names)
        return binary, binary.b[:, None], conditional_errors(binary, options.errors, patterns)[:, None]
    credit = fit_credit(patterns, sign=sign, names=names)
    return credit, credit.b, credit_errors(credit, options.errors, patterns)


def _latent_of_fixed_items(patterns: Patterns, items: Items) -> tuple[LatentRecord | None, tuple[str, ...]]:
    try:
        latent = fit_latent(patterns, items)
    except EstimationError as error:
        return None, (f"No latent distribution, so no EAP and no probability: {error.what} {error.why}",)
    return (
        LatentRecord(latent.mean, latent.sd, "estimated with items fixed", latent.se_mean, latent.se_sd),
        (),
    )


def _marginally(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    options: Options,
    on_pass: Callable[[int, float], None] | None,
) -> ScaleRecord:
    """The fields of a scale by marginal likelihood."""
    sign = signs_of(coding)
    models = [options.model_of(item.name) for item in coding]
    found = fit_marginal(
        patterns,
        slopes=np.array([model in SLOPE_ONE for model in models]),
        sign=sign,
        graded=np.array([model == "grm" for model in models]),
        fixed_sd=options.latent_sd,
        on_pass=on_pass,
    )
    errors = marginal_errors(found, "robust" if options.errors == "robust" else "model")
    metric = on_file_metric(found.problem, found.parameters)
    a, b = metric.a, metric.b
    source: LatentSource = "estimated" if options.latent_sd is None else "fixed"
    latent = LatentRecord(0.0, found.sd, source, None, known(float(errors.se_sd[0])))
    items = items_from_thresholds(a, b, found.items.graded)
    return replace(
        record_of(options, scale_items(coding, options, a, b, errors.se_a, errors.se_b), latent),
        loglik=found.loglik,
        reliability=reliability_of(patterns, items, latent, all_rasch=options.all_rasch),
        converged=found.converged,
        iterations=found.passes,
        gradient=found.gradient_norm,
        warnings=(*slope_warnings(coding, a, errors.se_a, found.sd), *unfinished(converged=found.converged)),
    )
