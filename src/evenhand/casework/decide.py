"""From a measure to a proposal, with the reasons. A proposal is never a decision.

| P(need >= threshold) | what is proposed |
|---|---|
| at least `certain_yes` | offer |
| between | review by a person, or the round's lottery, as the rule says |
| at most `certain_no` | not this round, which only a named caseworker can decide |

Two things send a case to a person whatever P is: too few answers, and unknown answers that could change the
proposal. A large standard error alone never does: all-yes has the largest, and P near 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evenhand.casework.assess import NeedMeasure
from evenhand.casework.caseevents import Proposal
from evenhand.programme.definitionparts import ExtraField, Rule, Support

Capacity = Literal["low", "high", "unknown"]
Reason = Literal[
    "too-few-answers", "unknown-answers-could-change-it", "certainly-above", "between", "certainly-below"
]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What the rule proposes.

    Attributes:
        proposal: what is proposed.
        reasons: the rule's steps that led there, in order.
        support: name of the kind of support that fits, None when several or none do.
        priority: names of the extra facts that put the case earlier.
    """

    proposal: Proposal
    reasons: tuple[Reason, ...]
    support: str | None
    priority: tuple[str, ...]


def by_table(p: float, rule: Rule) -> tuple[Proposal, Reason]:
    """The row of the decision table for P(need >= threshold)."""
    if p >= rule.certain_yes:
        return "offer", "certainly-above"
    if p <= rule.certain_no:
        return "not_this_round", "certainly-below"
    return rule.middle, "between"


def propose(
    measure: NeedMeasure,
    rule: Rule,
    *,
    min_answered: int,
    support: Sequence[Support],
    capacity: Capacity = "unknown",
    priority: tuple[str, ...] = (),
) -> RuleResult:
    """Apply the rule to a measure of need. Capacity is looked at for the kind of support, and nowhere else.

    Args:
        measure: need, from need answers alone.
        rule: the programme's decision table.
        min_answered: fewer answered items are not assessable.
        support: the programme's kinds of support.
        capacity: level of capacity.
        priority: extra facts that add priority.
    """
    proposal, reason = by_table(measure.p, rule)
    reasons: tuple[Reason, ...] = (reason,)
    completions = {by_table(p, rule)[0] for p in measure.p_range}
    if completions != {proposal}:
        proposal, reasons = "review", (*reasons, "unknown-answers-could-change-it")
    if measure.answered < min_answered:
        proposal, reasons = "review", (*reasons, "too-few-answers")
    return RuleResult(proposal, reasons, fitting_support(support, capacity), priority)


def fitting_support(support: Sequence[Support], capacity: Capacity) -> str | None:
    """The kind of support that fits a level of capacity; None when a person has to choose."""
    fitting = [kind for kind in support if kind.capacity in {"any", capacity}]
    return fitting[0].name if len(fitting) == 1 else None


def priority_of(fields: Sequence[ExtraField], values: Mapping[str, str | None]) -> tuple[str, ...]:
    """Names of the extra facts that put a case earlier. An unknown fact never counts against anyone."""
    return tuple(field.name for field in fields if field.adds_priority and _counts(field, values.get(field.name)))


def _counts(field: ExtraField, value: str | None) -> bool:
    if value is None:
        return False
    if field.kind == "choice":
        return value in field.priority_codes
    return field.priority_from is not None and int(value) >= field.priority_from
