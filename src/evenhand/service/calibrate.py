"""Calibrate: from answers to a scale."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.conditional import ConditionalFit, conditional_errors, fit_conditional
from evenhand.measure.conditional_credit import CreditFit, credit_errors, fit_credit
from evenhand.measure.itemfit import ItemFit, marginal_reliability
from evenhand.measure.latent import fit_latent
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import Items, is_binary, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.precision import marginal_errors, on_file_metric
from evenhand.measure.rawscores import raw_scores, separation_reliability
from evenhand.measure.responses import FloatArray, WeightsKind
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.answers import Answers
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import (
    InstrumentReference,
    LatentRecord,
    LatentSource,
    ReliabilityRecord,
    ScaleItem,
    ScaleRecord,
)
from evenhand.service.adaptive import require_marginal
from evenhand.service.calibration_checks import check_data, sample_warnings, slope_warnings, unfinished
from evenhand.service.check import item_fit
from evenhand.service.options import SLOPE_ONE, Options
from evenhand.version import __version__


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibrated scale with what a report shows beside it.

    Attributes:
        record: the scale.
        patterns: the patterns it rests on.
        fit: how well the items fit.
    """

    record: ScaleRecord
    patterns: Patterns
    fit: ItemFit


def calibrate(
    answers: Answers, options: Options | None = None, *, on_pass: Callable[[int, float], None] | None = None
) -> Calibrated:
    """Calibrate a scale on answers.

    Args:
        answers: what people answered.
        options: model, method and rules.
        on_pass: called with the number of passes and the log-likelihood while it goes.

    Raises:
        EstimationError: the answers cannot carry the estimate.
        OptionError: the options contradict each other.
    """
    options = options or Options()
    require_marginal(answers, options.method, options.missing)
    responses = answers.responses
    patterns = collapse(responses, missing=options.missing)
    return calibrate_patterns(
        patterns,
        answers.coding,
        InstrumentReference(*answers.instrument) if answers.instrument else items_reference(answers.coding),
        options,
        weights_kind=responses.weights_kind,
        on_pass=on_pass,
    )


def items_reference(coding: tuple[ItemCoding, ...]) -> InstrumentReference:
    """A stand-in for an instrument when only item names were given: a hash of names and codes."""
    content = json.dumps([[item.name, item.codes, item.direction] for item in coding], ensure_ascii=False)
    return InstrumentReference("items", hashlib.sha256(content.encode()).hexdigest())


def calibrate_patterns(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    instrument: InstrumentReference,
    options: Options,
    *,
    weights_kind: WeightsKind | None = None,
    on_pass: Callable[[int, float], None] | None = None,
) -> Calibrated:
    """Calibrate a scale on a table of response patterns.

    Args:
        patterns: the patterns, already without those that the missing rule leaves out.
        coding: (J,) how each item is read.
        instrument: what the items belong to.
        options: model, method and rules.
        weights_kind: kind of the weights in the patterns, None when there are none.
        on_pass: called with the number of passes and the log-likelihood while it goes.
    """
    check_data(patterns, coding, options)
    with one_blas_thread():
        if options.method == "cml":
            record = _conditionally(patterns, coding, options)
        else:
            record = _marginally(patterns, coding, options, on_pass)
    record = replace(
        record,
        instrument=instrument,
        components=tuple(dict.fromkeys(item.component for item in coding)),
        weights_kind=weights_kind,
        n=int(patterns.n.sum()),
        n_weighted=float(patterns.w.sum()),
        patterns=patterns.n_patterns,
        warnings=(*record.warnings, *sample_warnings(patterns)),
    )
    return Calibrated(record, patterns, item_fit(record, patterns))


def _record(options: Options, items: tuple[ScaleItem, ...], latent: LatentRecord | None) -> ScaleRecord:
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


def _conditionally(patterns: Patterns, coding: tuple[ItemCoding, ...], options: Options) -> ScaleRecord:
    """The fields of a scale by conditional likelihood."""
    sign = _signs(coding)
    found, b, se = _conditional_maximum(patterns, coding, options, sign)
    items = items_from_thresholds(sign, b)
    latent, warnings = _latent_of_fixed_items(patterns, items)
    return replace(
        _record(options, _items(coding, options, sign, b, None, se), latent),
        loglik=found.loglik,
        reliability=_reliability(patterns, items, latent, all_rasch=options.all_rasch),
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
    sign = _signs(coding)
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
    latent = LatentRecord(0.0, found.sd, source, None, _known(float(errors.se_sd[0])))
    items = items_from_thresholds(a, b, found.items.graded)
    return replace(
        _record(options, _items(coding, options, a, b, errors.se_a, errors.se_b), latent),
        loglik=found.loglik,
        reliability=_reliability(patterns, items, latent, all_rasch=options.all_rasch),
        converged=found.converged,
        iterations=found.passes,
        gradient=found.gradient_norm,
        warnings=(*slope_warnings(coding, a, errors.se_a, found), *unfinished(converged=found.converged)),
    )


def _signs(coding: tuple[ItemCoding, ...]) -> FloatArray:
    return np.array([item.direction for item in coding], dtype=np.float64)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _items(
    coding: tuple[ItemCoding, ...],
    options: Options,
    a: FloatArray,
    b: FloatArray,
    se_a: FloatArray | None,
    se_b: FloatArray,
) -> tuple[ScaleItem, ...]:
    return tuple(
        ScaleItem(
            name=item.name,
            component=item.component,
            model=options.model_of(item.name),
            direction=item.direction,
            categories=item.categories,
            a=float(a[index]),
            b=tuple(float(value) for value in b[index, : item.categories - 1]),
            se_a=None if se_a is None else _known(float(se_a[index])),
            se_b=tuple(_known(float(value)) for value in se_b[index, : item.categories - 1]),
            codes=item.codes,
            missing=item.missing,
            aliases=item.aliases,
        )
        for index, item in enumerate(coding)
    )


def _reliability(
    patterns: Patterns, items: Items, latent: LatentRecord | None, *, all_rasch: bool
) -> ReliabilityRecord:
    marginal = None if latent is None else marginal_reliability(patterns, items, latent.mean, latent.sd)
    complete = patterns.complete
    if not (all_rasch and is_binary(items)) or not complete.any():
        return ReliabilityRecord(marginal)
    turned = np.where(items.slope > 0, patterns.codes, 1 - patterns.codes)[complete]
    weight: FloatArray = np.bincount(
        turned.sum(axis=1), weights=patterns.w[complete], minlength=patterns.n_items + 1
    ).astype(np.float64)
    person = raw_scores(-items.intercept[:, 1] * items.slope)
    inner = slice(1, patterns.n_items)
    if not weight[inner].sum() > 0:
        return ReliabilityRecord(marginal)
    theta, se = person.theta[inner], person.se[inner]
    return ReliabilityRecord(
        marginal,
        separation_reliability(theta, se, weight[inner]),
        separation_reliability(person.theta, person.se, weight),
        separation_reliability(theta, se, np.ones(len(theta))),
    )
