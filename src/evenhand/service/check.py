"""Check: how well a scale's items fit answers, and what stands out."""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.conditional import ConditionalFit, fixed_fit, informative
from evenhand.measure.conditional_credit import CreditFit, credit_item_fit, fixed_credit, informative_credit
from evenhand.measure.itemfit import ItemFit, conditional_fit, eap_fit, marginal_reliability
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import BoolArray
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord
from evenhand.service.score import require_same_items

FIT_BAND = (0.7, 1.3)
"""Mean squares outside this band are pointed out (the FAO's band for infit). With EAP person values only those
above it: they lie nearer to the answers than theta does, which makes residuals small."""

Q3_ABOVE_MEAN = 0.2
"""Residual correlations this far above their mean point to items that share more than theta (Christensen 2017)."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    Attributes:
        fit: item fit and residual correlations.
        reliability: Var(EAP) / (Var(EAP) + E[posterior variance]) on these answers, None without a prior.
        findings: what stands out, one sentence each; empty when nothing does.
    """

    fit: ItemFit
    reliability: float | None
    findings: tuple[str, ...]


def check(record: ScaleRecord, answers: Answers) -> Check:
    """Check a scale on answers, its parameters taken as they are.

    Rasch scales are checked with conditional probabilities, others with EAP person values.

    Raises:
        ScaleFileError: other items; neither conditional likelihood nor a latent distribution.
        EstimationError: no answers to check on.
    """
    require_same_items(record, answers)
    return check_patterns(record, collapse(answers.responses, missing=record.missing))


def check_patterns(record: ScaleRecord, patterns: Patterns) -> Check:
    """Check a scale on a table of patterns."""
    fit = item_fit(record, patterns)
    reliability = None
    if record.latent is not None:
        latent = record.latent
        reliability = marginal_reliability(patterns, record.model_items(), latent.mean, latent.sd)
    return Check(fit, reliability, findings(record, fit))


def item_fit(record: ScaleRecord, patterns: Patterns) -> ItemFit:
    """Item fit of a scale on patterns.

    Raises:
        ScaleFileError: a scale that is not Rasch and has no latent distribution.
        EstimationError: a Rasch scale, and no pattern says anything about fit.
    """
    if not record.all_rasch:
        latent = record.require_latent("the check of its fit")
        return eap_fit(patterns, record.model_items(), latent.mean, latent.sd)
    if record.categories().max() > 2:
        return credit_item_fit(as_credit(record, patterns))
    return conditional_fit(as_conditional(record, patterns))


def as_conditional(record: ScaleRecord, patterns: Patterns) -> ConditionalFit:
    """The scale as a fit on these patterns, on the metric where every slope is 1 or -1."""
    slope = record.slopes()
    sign = np.sign(slope)
    people = _who_say_something(patterns, informative(patterns, sign))
    return fixed_fit(people, record.difficulties() * np.abs(slope), sign)


def as_credit(record: ScaleRecord, patterns: Patterns) -> CreditFit:
    """The same for items of several categories."""
    slope = record.slopes()
    sign = np.sign(slope)
    people = _who_say_something(patterns, informative_credit(patterns, sign))
    return fixed_credit(people, record.thresholds_of_items() * np.abs(slope)[:, None], sign)


def _who_say_something(patterns: Patterns, kept: BoolArray) -> Patterns:
    if not kept.any():
        raise EstimationError(
            "check.only-extremes",
            "Every respondent affirmed all the items they answered, or none.",
            why="Such answers say nothing about how the items fit.",
            mend="Check the scale on answers of people who affirm some items and not others.",
        )
    return patterns.take(kept)


def findings(record: ScaleRecord, fit: ItemFit) -> tuple[str, ...]:
    """What stands out, one sentence or two each."""
    return (*mean_square_findings(record, fit), *dependence_findings(record, fit))


def mean_square_findings(record: ScaleRecord, fit: ItemFit) -> tuple[str, ...]:
    """Items with a mean square outside the band, or without one."""
    found = []
    lowest = FIT_BAND[0] if fit.person_values == "conditional probabilities" else 0.0
    for index, name in enumerate(record.names):
        if np.isnan(fit.infit[index]):
            found.append(f"{name}: nobody whose answers say something about fit answered it.")
        for label, value in (("infit", fit.infit[index]), ("outfit", fit.outfit[index])):
            if np.isfinite(value) and not lowest <= value <= FIT_BAND[1]:
                sense, advice = (
                    ("less predictable than the model allows", "Read its wording and check its codes.")
                    if value > 1
                    else ("more predictable than expected", "It may repeat another item.")
                )
                found.append(f"{name}: {label} {value:.2f}, {sense}. {advice}")
    return tuple(found)


def dependence_findings(record: ScaleRecord, fit: ItemFit) -> tuple[str, ...]:
    """Pairs with a Q3 further above the mean than a fixed limit."""
    pairs = np.triu_indices(len(record.names), 1)
    if not np.isfinite(fit.q3[pairs]).any():
        return ()
    limit = float(np.nanmean(fit.q3[pairs])) + Q3_ABOVE_MEAN
    return tuple(
        f"{record.names[first]} and {record.names[second]}: residual correlation (Q3) "
        f"{fit.q3[first, second]:.2f}; they share more than the scale "
        "measures. Ask one of the two, or join them into one item."
        for first, second in zip(*pairs, strict=True)
        if fit.q3[first, second] > limit
    )
