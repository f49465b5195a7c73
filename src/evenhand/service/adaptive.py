"""Adaptive asking on a calibrated scale: what may be asked adaptively, and a study of what it would yield."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from evenhand.errors import EstimationError, OptionError, ScaleFileError
from evenhand.measure.adaptive import (
    AdaptiveBank,
    AdaptiveRule,
    AdaptiveState,
    Constraints,
    Stopping,
    adaptive_bank,
)
from evenhand.measure.adaptive_study import Classified, Study, classified, study
from evenhand.measure.responses import IntArray, MissingRule
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.coding import MissingReason
from evenhand.programme.instrument import library_names, load_instrument
from evenhand.programme.scale import MethodName, ScaleRecord
from evenhand.service.simulate import simulate

Scoring = Literal["raw", "model"]

BY_DESIGN: MissingReason = "not_asked_by_design"


@dataclass(frozen=True, slots=True)
class Area:
    """A content area: its items, and how many of them an interview must and may ask.

    Attributes:
        items: names of its items; an item belongs to one area at most.
        least: fewest items asked.
        most: most items asked, None for all.
    """

    items: tuple[str, ...]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class AdaptivePlan:
    """How a scale is to be asked.

    Attributes:
        max_items: never ask more.
        min_items: neither certainty nor precision stops before so many answers.
        threshold: name of one of the scale's thresholds or a number on its metric; None to classify nobody.
        certain_yes: stop when P(theta >= threshold) is at least this.
        certain_no: stop when it is at most this.
        se_target: stop when the posterior SD is at most this.
        rule: `expected` (information averaged over the posterior) or `fisher` (at its mean).
        areas: content areas by name; items in none of them are unconstrained.
        enemies: pairs of items that are never both asked.
        first: the item to ask first.
        best_of: each next item is drawn among so many best ones.
    """

    max_items: int
    min_items: int = 1
    threshold: str | float | None = None
    certain_yes: float = 0.9
    certain_no: float = 0.1
    se_target: float | None = None
    rule: AdaptiveRule = "expected"
    areas: Mapping[str, Area] = field(default_factory=dict)
    enemies: tuple[tuple[str, str], ...] = ()
    first: str | None = None
    best_of: int = 1

    def __post_init__(self) -> None:
        """Refuse numbers that have no meaning.

        Raises:
            OptionError: with the mend.
        """
        if not 1 <= self.min_items <= self.max_items:
            raise OptionError(
                "adaptive.item-numbers",
                f"At least {self.min_items} answers and at most {self.max_items} items cannot be had.",
                mend="Ask for at least 1 answer, and allow no fewer items than answers.",
            )
        if not 0 <= self.certain_no < self.certain_yes <= 1:
            raise OptionError(
                "adaptive.band",
                f"From {self.certain_no} to {self.certain_yes} is no band of probabilities.",
                mend="Give two probabilities, the one for no below the one for yes.",
            )
        if self.se_target is not None and not 0 < self.se_target < np.inf:
            raise OptionError(
                "adaptive.se-target",
                f"The standard error cannot be made {self.se_target}.",
                mend="Give a number above 0, or leave it out.",
            )
        if self.rule not in {"expected", "fisher"} or self.best_of < 1:
            raise OptionError(
                "adaptive.choice",
                f"Items cannot be chosen by the rule {self.rule!r} among the {self.best_of} best.",
                mend="Use the rule expected or fisher, and 1 or more best items.",
            )


@dataclass(frozen=True, slots=True)
class AdaptiveStudy:
    """A simulated comparison.

    Attributes:
        record: the scale.
        plan: how it was asked.
        n: people.
        seed: where their random numbers began.
        bank: the tabulated bank.
        study: what was found.
        adaptive: how adaptive asking classifies, None without a threshold.
        fixed: how the best fixed form of the same mean length does.
        full: how the whole bank does.
    """

    record: ScaleRecord
    plan: AdaptivePlan
    n: int
    seed: int
    bank: AdaptiveBank
    study: Study
    adaptive: Classified | None
    fixed: Classified | None
    full: Classified | None


def bank_of_scale(record: ScaleRecord, plan: AdaptivePlan, *, scoring: Scoring | None = None) -> AdaptiveBank:
    """The bank of a scale that may be asked adaptively.

    Args:
        record: a calibrated scale of need items.
        plan: how it is to be asked.
        scoring: the instrument's `scoring`; looked up in the library by the scale's instrument when left out.

    Raises:
        ScaleFileError: the scale may not be asked adaptively; says why.
        OptionError: an item that the scale does not have, or constraints that no interview can meet.
    """
    refuse(record, scoring=scoring)
    latent = record.require_latent("adaptive asking")
    return adaptive_bank(
        record.model_items(),
        mean=latent.mean,
        sd=latent.sd,
        threshold=None if plan.threshold is None else record.threshold(str(plan.threshold)),
        rule=plan.rule,
        stopping=Stopping(plan.max_items, plan.min_items, plan.certain_yes, plan.certain_no, plan.se_target),
        constraints=_constraints(record, plan),
        first=None if plan.first is None else _place(record, plan.first),
        best_of=plan.best_of,
    )


def refuse(record: ScaleRecord, *, scoring: Scoring | None = None) -> None:
    """Refuse scales that are asked in full.

    Raises:
        ScaleFileError: scored by raw score, not calibrated, or with items of other components than need.
    """
    if (scoring or scoring_of(record)) == "raw":
        raise ScaleFileError(
            "adaptive.raw-score",
            f"The scale {record.instrument.name} is scored by its raw score and is asked in full.",
            why="A raw score out of fewer items, chosen by earlier answers, means something else; the published "
            "figures rest on all items.",
            mend="Ask all its items, or build a bank of items whose instrument says scoring: model.",
        )
    if record.latent is None or not record.converged or (record.method != "published" and record.n == 0):
        reason = (
            "It records no distribution of theta, which the posterior needs."
            if record.latent is None
            else "Its estimation did not converge."
            if not record.converged
            else "It rests on nobody's answers and on no publication."
        )
        raise ScaleFileError(
            "adaptive.not-calibrated",
            "Only a calibrated scale can be asked adaptively.",
            why=reason + " Each choice of an item would build on parameters that nobody knows.",
            mend="Ask all items, and calibrate the scale on complete answers first.",
        )
    other = next((item for item in record.items if item.component != "need"), None)
    if other is not None:
        raise ScaleFileError(
            "adaptive.other-component",
            f"The item {other.name} measures {other.component}, and only need is asked adaptively.",
            where=f"item {other.name}",
            why="P(need) comes from the need items alone; an answer about anything else must not steer it.",
            mend="Use a scale of the need items, and ask the others in full.",
        )


def scoring_of(record: ScaleRecord) -> Scoring | None:
    """How the scale's instrument is scored: by the library's file of that name; None where it is not known.

    A scale linked to the FAO's metric is scored by raw score, whatever its instrument is called.
    """
    if record.link is not None and record.link.to.startswith("fies"):
        return "raw"
    name = record.instrument.name.casefold()
    return load_instrument(name).scoring if name in library_names() else None


def simulate_adaptive(
    record: ScaleRecord, plan: AdaptivePlan, *, n: int, seed: int, scoring: Scoring | None = None
) -> AdaptiveStudy:
    """Ask simulated people adaptively, by the best fixed form and in full: the same answers each time.

    Args:
        record: the scale; people are drawn from its latent distribution, answers from its items.
        plan: how it is asked.
        n: people.
        seed: the same seed gives the same study.
        scoring: see `bank_of_scale`.

    Raises:
        ScaleFileError: the scale may not be asked adaptively.
        OptionError: numbers or names that cannot be used.
    """
    bank = bank_of_scale(record, plan, scoring=scoring)
    people = simulate(record, n=n, seed=seed)
    rng = np.random.default_rng([seed, 1]) if plan.best_of > 1 else None
    with one_blas_thread():
        found = study(bank, people.theta, people.codes, rng)
    forms = (found.run.estimates, found.fixed, found.full)
    kinds = (
        (None, None, None)
        if bank.threshold is None
        else tuple(classified(bank, people.theta, each, found.full) for each in forms)
    )
    return AdaptiveStudy(record, plan, n, seed, bank, found, *kinds)


def missing_reasons(
    record: ScaleRecord, state: AdaptiveState, given: Mapping[str, MissingReason] | None = None
) -> dict[str, MissingReason]:
    """Why each item without an answer has none: what an adaptively collected record stores.

    Args:
        record: the scale.
        state: the finished interview.
        given: the reason of each asked item that was not answered; `blank` where it names none.
    """
    answered = {item for item, code in zip(state.asked, state.codes, strict=True) if code >= 0}
    reasons: dict[str, MissingReason] = {}
    for index, name in enumerate(record.names):
        if index not in state.asked:
            reasons[name] = BY_DESIGN
        elif index not in answered:
            reasons[name] = (given or {}).get(name, "blank")
    return reasons


class Collected(Protocol):
    """Answers that say where they come from and why some are missing."""

    @property
    def source(self) -> str:
        """Name of the file."""

    @property
    def missing_counts(self) -> Mapping[MissingReason, IntArray]:
        """For each reason (J,) how many answers are missing."""


def require_marginal(answers: Collected, method: MethodName, missing: MissingRule = "keep") -> None:
    """Refuse to calibrate adaptively collected answers in a way that their collection biases.

    What was asked depends on earlier answers. Marginal likelihood over everything that was answered is still
    right, the items left out being missing at random (Rubin 1976; Mislevy & Sheehan 1989). Conditional likelihood
    is not (Glas 1988), and neither is leaving incomplete people out.

    Raises:
        EstimationError: conditional likelihood, or incomplete people left out.
    """
    counts = answers.missing_counts.get(BY_DESIGN)
    left_out = 0 if counts is None else int(counts.sum())
    if left_out == 0:
        return
    why = (
        f"{left_out} answers are missing because an earlier answer decided that the item was not asked. "
        "Conditional on a raw score the answers then depend on the routing: simulated two-stage routing moves "
        "severities by half a logit."
    )
    if method == "cml":
        raise EstimationError(
            "estimation.adaptive-needs-mml",
            "Adaptively collected answers cannot be calibrated by conditional likelihood.",
            where=answers.source,
            why=why,
            mend="Use --method mml.",
        )
    if missing == "drop":
        raise EstimationError(
            "estimation.adaptive-needs-keep",
            "Adaptively collected answers cannot be calibrated without the people who were not asked everything.",
            where=answers.source,
            why="Who was asked everything depends on what they answered.",
            mend="Use --missing keep.",
        )


def _place(record: ScaleRecord, name: str) -> int:
    if name not in record.names:
        raise OptionError(
            "adaptive.unknown-item",
            f"The scale has no item {name!r}.",
            why=f"Its items are: {', '.join(record.names[:20])}{', …' if len(record.names) > 20 else ''}.",
            mend="Name an item of the scale.",
        )
    return record.names.index(name)


def _constraints(record: ScaleRecord, plan: AdaptivePlan) -> Constraints:
    """Areas and enemies by number; items in no area share one that is unconstrained."""
    n_items, free = len(record.items), len(plan.areas)
    area: IntArray = np.full(n_items, free, dtype=np.int64)
    least, most = np.zeros(free + 1, dtype=np.int64), np.full(free + 1, n_items, dtype=np.int64)
    for index, (name, content) in enumerate(plan.areas.items()):
        places = [_place(record, each) for each in content.items]
        top = len(places) if content.most is None else content.most
        if (area[places] != free).any() or len(set(places)) < len(places) or not 0 <= content.least <= top:
            raise OptionError(
                "adaptive.area",
                f"The area {name} asks for {content.least} to {top} items, or shares an item with another.",
                mend="Let each item belong to one area, and the least count be no more than the most.",
            )
        area[places], least[index], most[index] = index, content.least, top
    enemies = np.zeros((n_items, n_items), dtype=np.bool_)
    for one, other in plan.enemies:
        pair = _place(record, one), _place(record, other)
        if pair[0] == pair[1]:
            raise OptionError(
                "adaptive.enemies",
                f"The item {one} cannot be its own enemy.",
                mend="Name two items.",
            )
        enemies[pair] = enemies[pair[::-1]] = True
    return Constraints(area, least, most, enemies)
