"""Fit statistics of a scale on answers, each set beside what is expected where nothing is wrong.

Where the answers are those the scale was calibrated on, degrees of freedom pay for what was estimated on them. On
other people's answers the items are taken as given and the latent mean and SD are fitted: how needy people are is
not a question of fit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.conditional import conditional_scores, expected_given_raw, oriented
from evenhand.measure.conditional_credit import credit_scores
from evenhand.measure.digits import cut
from evenhand.measure.holm import holm
from evenhand.measure.itemfit import ItemFit, residual_correlations
from evenhand.measure.latent import fit_latent
from evenhand.measure.limited import LimitedFit, limited_fit
from evenhand.measure.meansquares import Standardised, eap, eap_mean_squares, residual_moments, standardise
from evenhand.measure.models import Items, information, on_standard_scale
from evenhand.measure.patterns import Patterns
from evenhand.measure.personfit import PersonFit, person_fit
from evenhand.measure.posterior import expectation
from evenhand.measure.q3null import Q3Null, q3_null
from evenhand.measure.quadrature import panels, rectangular
from evenhand.measure.responses import FloatArray
from evenhand.measure.sx2 import SX2, Estimated, s_x2
from evenhand.programme.scale import LatentRecord, ReliabilityRecord, ScaleRecord
from evenhand.service.check import as_conditional, as_credit, item_fit
from evenhand.service.reliability import reliability_of

SAME = 1e-6
"""Gradient per unit of weight, and log-units per person, below which a scale is the maximum on these answers."""

POINTS = 13
"""Places between -3 and 3 SD at which information is told."""

MOST_SIMULATED = 10_000
"""People in a simulated set for Q3 at most: of more, limits would be narrower than any dependence that matters."""

OnStep = Callable[[str], None]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Dependence:
    """Q3 at the EAP beside its distribution where answers depend on theta alone.

    Attributes:
        q3: (J, J) residual correlations, NaN on the diagonal.
        mean: mean over all pairs.
        null: largest Q3 less the mean in simulated sets that fit.
        critical: what 5 % of those sets exceed.
        seed: of the sets.
        people: simulated people in a set.
    """

    q3: FloatArray
    mean: float
    null: Q3Null
    critical: float
    seed: int
    people: int

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs above the critical value, strongest first."""
        above = np.triu(np.nan_to_num(self.q3 - self.mean, nan=-9.0), 1)
        found = np.argwhere(np.triu(above > self.critical, 1))
        order = sorted(found.tolist(), key=lambda pair: -above[pair[0], pair[1]])
        return tuple((int(first), int(second)) for first, second in order)


@dataclass(frozen=True, slots=True)
class Information:
    """How much the items say along theta: theta (T,), information (T,) and 1 / sqrt(information) (T,)."""

    theta: FloatArray
    information: FloatArray
    se: FloatArray


@dataclass(frozen=True, slots=True)
class Fit:
    """What the statistics found; what cannot be had on these answers is None, and `notes` says why.

    Attributes:
        names: (J,) items.
        items: infit, outfit and Q3, as `evenhand check` has always told them.
        estimated: what was estimated on these same answers.
        latent: distribution of theta used, None where none is known.
        s_x2: S-X2 of each item.
        s_x2_adjusted: (J,) its p-values after Holm.
        standardised: mean squares with their standardised values z.
        z_from: person values that z rests on; with `EAP` z compares items and tests none.
        overall: M2 (yes/no items) or C2.
        dependence: Q3 beside its null distribution.
        person: person fit over everybody.
        reliability: in each sense, on these answers.
        information: of the items along theta.
        findings: what stands out, one sentence each.
        notes: what the reader must know, one sentence each.
    """

    names: tuple[str, ...]
    items: ItemFit
    estimated: Estimated
    latent: LatentRecord | None
    s_x2: SX2 | None
    s_x2_adjusted: FloatArray | None
    standardised: Standardised | None
    z_from: str
    overall: LimitedFit | None
    dependence: Dependence | None
    person: PersonFit | None
    reliability: ReliabilityRecord
    information: Information
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def statistics(
    record: ScaleRecord,
    patterns: Patterns,
    *,
    fast: bool,
    sets: int,
    seed: int,
    on_step: OnStep | None = None,
) -> Fit:
    """Every fit statistic of a scale on patterns, without findings.

    Args:
        record: the scale.
        patterns: the people.
        fast: leave out what needs simulated people.
        sets: simulated sets for Q3, 19 or more.
        seed: of the simulated people, 0 or more.
        on_step: told what is being computed.

    Raises:
        ScaleFileError: neither a Rasch scale nor one with a latent distribution.
        EstimationError: no answers to check on.
    """
    say = on_step or (lambda _: None)
    notes: list[str] = []
    say("infit and outfit")
    base, items = item_fit(record, patterns), record.model_items()
    own = was_calibrated_on(record, patterns)
    estimated: Estimated = "latent" if not own else "common slope" if record.all_rasch else "items"
    latent = record.latent if own else _fitted_latent(record, patterns, items, notes)
    z, z_from = _standardised(record, patterns, items, latent)
    s_x2_found, overall, dependence, person = None, None, None, None
    if latent is not None:
        at = latent
        prior = {"mean": at.mean, "sd": at.sd}
        say("S-X2")
        s_x2_found = _or_note(notes, lambda: s_x2(patterns, items, estimated=estimated, **prior))
        say("M2 and C2")
        overall = _or_note(notes, lambda: _overall(patterns, items, at, estimated))
        if not fast:
            dependence = _or_note(notes, lambda: _dependence(patterns, items, at, sets, seed, say))
            if dependence is not None and dependence.people == MOST_SIMULATED:
                notes.append(
                    f"The simulated sets for Q3 have {MOST_SIMULATED:,} people: of more, limits would be narrower "
                    "than any dependence that matters."
                )
            say("person fit")
            person = _or_note(notes, lambda: person_fit(patterns, items, seed=seed, **prior))
    if fast:
        notes.append("Person fit, and what Q3 looks like where nothing is wrong, were left out (--fast).")
    return Fit(
        names=record.names,
        items=base,
        estimated=estimated,
        latent=latent,
        s_x2=s_x2_found,
        s_x2_adjusted=None if s_x2_found is None else holm(s_x2_found.p),
        standardised=z,
        z_from=z_from,
        overall=overall,
        dependence=dependence,
        person=person,
        reliability=reliability_of(patterns, items, latent, all_rasch=record.all_rasch),
        information=_information(items, latent),
        notes=tuple(notes),
    )


def _or_note(notes: list[str], compute: Callable[[], Found]) -> Found | None:
    """The statistic, or a note why these answers have none."""
    try:
        return compute()
    except EstimationError as error:
        notes.append(" ".join(part for part in (error.what, error.why, error.mend) if part))
        return None


def was_calibrated_on(record: ScaleRecord, patterns: Patterns) -> bool:
    """Whether these are the answers the scale was calibrated on.

    As many people, patterns and weight, and the scale is the maximum of its likelihood on them: by marginal
    likelihood the same log-likelihood, by conditional likelihood a gradient of zero.
    """
    weight = float(patterns.w.sum())
    same_size = record.n == int(patterns.n.sum()) and record.patterns == patterns.n_patterns
    if not same_size or abs(record.n_weighted - weight) > 1e-6 * weight:
        return False
    if record.method == "cml":
        binary = record.categories().max() == 2
        if binary:
            fitted = as_conditional(record, patterns)
            gradient = fitted.patterns.w @ conditional_scores(fitted)
        else:
            credit = as_credit(record, patterns)
            gradient = credit.patterns.w @ credit_scores(credit)
        return bool(np.abs(gradient).max() < SAME * weight)
    if record.method != "mml" or record.latent is None or record.loglik is None:
        return False
    standard = on_standard_scale(record.model_items(), record.latent.mean, record.latent.sd)
    loglik = expectation(patterns, cut(patterns), standard, rectangular(241, 9.0)).loglik
    return abs(loglik - record.loglik) < max(1e-3, SAME * weight)


def _fitted_latent(record: ScaleRecord, patterns: Patterns, items: Items, notes: list[str]) -> LatentRecord | None:
    try:
        found = fit_latent(patterns, items)
    except EstimationError as error:
        notes.append(f"{error.what} {error.why} The scale's own distribution of theta is used, where it has one.")
        return record.latent
    notes.append(
        "These are not the answers the scale was calibrated on: its items are taken as given, and people's mean "
        f"({found.mean:.2f}) and SD ({found.sd:.2f}) are fitted."
    )
    return LatentRecord(found.mean, found.sd, "estimated with items fixed", found.se_mean, found.se_sd)


def _overall(patterns: Patterns, items: Items, latent: LatentRecord, estimated: Estimated) -> LimitedFit:
    kind = "M2" if items.top.max() == 1 else "C2"
    return limited_fit(
        patterns,
        items,
        mean=latent.mean,
        sd=latent.sd,
        estimated=estimated,
        statistic="M2" if kind == "M2" else "C2",
    )


def _dependence(
    patterns: Patterns, items: Items, latent: LatentRecord, sets: int, seed: int, say: OnStep
) -> Dependence | None:
    standard = on_standard_scale(items, latent.mean, latent.sd)
    residual, _, _ = residual_moments(patterns, standard, eap(patterns, standard, panels()))
    q3 = residual_correlations(residual, patterns.w)
    known = q3[np.triu_indices(len(q3), 1)]
    # weighted correlations spread as those of so many people
    people = min(MOST_SIMULATED, max(3, round(float(patterns.w.sum() ** 2 / patterns.w2.sum()))))
    if not np.isfinite(known).any() or len(q3) < 2:
        return None
    share = np.add.reduceat(patterns.w, patterns.mask_start[:-1])
    null = q3_null(
        items,
        n=people,
        mean=latent.mean,
        sd=latent.sd,
        seed=seed,
        sets=sets,
        answered=None if patterns.masks.all() else (patterns.masks, share / share.sum()),
        on_set=lambda done: say(f"Q3 where nothing is wrong, set {done} of {sets}"),
    )
    return Dependence(q3, float(np.nanmean(known)), null, null.critical()[1], seed, people)


def _standardised(
    record: ScaleRecord, patterns: Patterns, items: Items, latent: LatentRecord | None
) -> tuple[Standardised | None, str]:
    """Standardised from conditional probabilities for yes/no Rasch items, from the EAP for others."""
    if record.all_rasch and items.top.max() == 1:
        fitted = as_conditional(record, patterns)
        p = expected_given_raw(fitted)
        variance = p * (1 - p)
        residual = oriented(fitted.patterns, fitted.sign) - p
        fourth = variance * (1 - 3 * variance)  # of a yes/no answer
        return standardise(residual, variance, fourth, fitted.patterns), "conditional probabilities"
    if latent is None:
        return None, ""
    return eap_mean_squares(patterns, items, mean=latent.mean, sd=latent.sd), "EAP"


def _information(items: Items, latent: LatentRecord | None) -> Information:
    mean, sd = (0.0, 1.0) if latent is None else (latent.mean, latent.sd)
    theta = mean + sd * np.linspace(-3, 3, POINTS)
    total: FloatArray = information(items, theta).sum(axis=0)
    return Information(theta, total, 1 / np.sqrt(total))
