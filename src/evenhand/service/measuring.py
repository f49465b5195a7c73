"""From a case's answers to its assessment and proposal: what `finish` stores and `rescore` computes again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from evenhand.casework.assess import NeedMeasure, measure_need
from evenhand.casework.case import Case
from evenhand.casework.decide import Capacity, RuleResult, priority_of, propose
from evenhand.casework.events import Assessed, Proposed
from evenhand.measure.need import NeedItems
from evenhand.measure.patterns import from_table
from evenhand.measure.responses import MISSING
from evenhand.measure.score import score_patterns
from evenhand.programme.definition import Programme
from evenhand.service.questions import codes_of
from evenhand.version import __version__


@dataclass(frozen=True, slots=True)
class Basis:
    """What every assessment under one definition rests on, prepared once.

    Attributes:
        need: items of need with their latent distribution.
        instrument_hash: hash of the need instrument.
        scale_hash: hash of the need scale.
    """

    need: NeedItems
    instrument_hash: str
    scale_hash: str


_BASES: dict[str, Basis] = {}
"""By the hash of the definition, which never changes under it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the answers come to.

    Attributes:
        answers: category code of each need item as it was scored, None where unknown.
        measure: need.
        capacity: level of capacity, for the kind of support only.
        result: what the rule proposes.
    """

    answers: dict[str, int | None]
    measure: NeedMeasure
    capacity: Capacity
    result: RuleResult


def assess(programme: Programme, case: Case) -> Assessment:
    """Measure need and capacity of a case and apply the rule. Reads need answers for need, and nothing else."""
    scale = programme.need_scale()
    codes, unknown = codes_of(programme.need_instrument(), scale.names, case, "need")
    measure = measure_need(need_items(programme), codes, unknown, programme.threshold_value())
    capacity = capacity_of(programme, case)
    fields = {name: event.value for name, event in case.fields.items()}
    result = propose(
        measure,
        programme.rule,
        min_answered=programme.need.min_answered,
        support=programme.support,
        capacity=capacity,
        priority=priority_of(programme.fields, fields),
    )
    answers = {name: None if code == MISSING else int(code) for name, code in zip(scale.names, codes, strict=True)}
    return Assessment(answers, measure, capacity, result)


def need_items(programme: Programme) -> NeedItems:
    """The need scale's items with the latent distribution that it records."""
    return basis_of(programme).need


def basis_of(programme: Programme) -> Basis:
    """What the assessments of a programme rest on."""
    key = programme.hash()
    if key not in _BASES:
        scale = programme.need_scale()
        latent = scale.require_latent("a decision")
        items = NeedItems(scale.model_items(), latent.mean, latent.sd)
        _BASES[key] = Basis(items, programme.need_instrument().hash(), scale.hash())
    return _BASES[key]


def capacity_of(programme: Programme, case: Case) -> Capacity:
    """The level of capacity: known when its probability is large enough and enough was answered."""
    scale, instrument, part = programme.capacity_scale(), programme.capacity_instrument(), programme.capacity
    threshold = programme.capacity_threshold()
    if scale is None or instrument is None or part is None or threshold is None:
        return "unknown"
    codes, _ = codes_of(instrument, scale.names, case, "capacity")
    if (codes != MISSING).sum() < part.min_answered:
        return "unknown"
    latent = scale.require_latent("the level of capacity")
    one = from_table(codes[None, :], scale.categories(), np.ones(1))
    found = score_patterns(one, scale.model_items(), "eap", mean=latent.mean, sd=latent.sd, threshold=threshold)
    p = 0.5 if found.p_at_least is None else float(found.p_at_least[0])
    return "high" if p >= part.certain else "low" if p <= 1 - part.certain else "unknown"


def events_of(
    programme: Programme, case: Case, found: Assessment, *, at: datetime, actor: str
) -> tuple[Assessed, Proposed]:
    """The two events of an assessment, with the hashes of everything that it rests on."""
    version = case.versions + 1
    base: dict[str, Any] = {"programme": case.programme, "at": at, "actor": actor, "case": case.case_id}
    measure = found.measure
    assessed = Assessed(
        **base,
        version=version,
        answers=found.answers,
        theta=measure.theta,
        se=measure.se,
        p=measure.p,
        threshold=programme.threshold_value(),
        p_range=measure.p_range,
        capacity=found.capacity,
        definition_hash=programme.hash(),
        instrument_hash=basis_of(programme).instrument_hash,
        scale_hash=basis_of(programme).scale_hash,
        rule_hash=programme.rule_hash(),
        software=f"evenhand {__version__}",
    )
    proposed = Proposed(
        **base,
        assessment=version,
        proposal=found.result.proposal,
        reasons=found.result.reasons,
        support=found.result.support,
        trace={
            "p": measure.p,
            "p_range": list(measure.p_range),
            "answered": measure.answered,
            "certain_yes": programme.rule.certain_yes,
            "certain_no": programme.rule.certain_no,
            "priority": list(found.result.priority),
            "rule_version": programme.rule.version,
        },
    )
    return assessed, proposed
