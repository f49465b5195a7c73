"""Prevalence: the share of people above a threshold, over everybody and by group."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.prevalence import Share, fao_prevalence, posterior_prevalence
from evenhand.measure.responses import BoolArray, Responses
from evenhand.measure.withholding import MIN_GROUP, withheld
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord
from evenhand.service.score import require_same_items

__all__ = ["MIN_GROUP", "GroupShare", "Prevalence", "Rule", "prevalence", "share_of_patterns"]

Rule = Literal["posterior", "fao"]


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A group's share, or why there is none.

    Attributes:
        label: the group, `all` for everybody.
        share: the share, None where it is withheld or has no estimate.
        n: people in the group with an answer that counts; None where that is withheld.
        reason: why there is no share, empty where there is one.
    """

    label: str
    share: Share | None
    n: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Prevalence:
    """Shares of people above a threshold.

    Attributes:
        threshold: the threshold as it was named.
        value: its place on the scale's metric.
        rule: `posterior` or `fao`.
        everybody: the share over all people.
        by: the groups, in order of their labels; empty without groups.
        left_out: people left out because their answers are missing (or, with `fao`, incomplete).
    """

    threshold: str
    value: float
    rule: Rule
    everybody: GroupShare
    by: tuple[GroupShare, ...]
    left_out: int


def prevalence(
    record: ScaleRecord,
    answers: Answers,
    *,
    threshold: str | float,
    rule: Rule = "posterior",
    by: str | None = None,
) -> Prevalence:
    """Share of people above a threshold, with standard errors.

    Args:
        record: the scale; its items are taken as known.
        answers: answers to its items, with weights and group columns as read.
        threshold: name of one of the scale's thresholds, or a number on its metric.
        rule: `posterior` (their own latent distribution, items fixed) or `fao` (the FAO's rule).
        by: a group column that was read with the answers.

    Raises:
        OptionError: an unknown rule, or a group column that was not read.
        ScaleFileError: other items; no such threshold.
        EstimationError: fewer than 11 people, or everybody's share has no estimate.
    """
    require_same_items(record, answers)
    if rule not in {"posterior", "fao"}:
        raise OptionError(
            "options.unknown-value",
            f"--rule cannot be {rule!r}.",
            where="--rule",
            why="It is one of: posterior, fao.",
            mend="Use --rule posterior.",
        )
    value = record.threshold(str(threshold))
    patterns = _patterns(answers.responses, rule)
    if _count(patterns) < MIN_GROUP:
        raise EstimationError(
            "prevalence.too-few-people",
            f"Fewer than {MIN_GROUP} people have answers that count.",
            why="A share of so few says too much about each of them, and too little about all.",
            mend="Use answers of more people; for one person's measure there is evenhand score.",
        )
    everybody = GroupShare("all", _share(record, patterns, value, rule), int(patterns.n.sum()))
    groups = () if by is None else _by_group(record, answers, by, value, rule)
    left_out = patterns.n_empty + patterns.n_incomplete
    return Prevalence(str(threshold), value, rule, everybody, groups, left_out)


def share_of_patterns(record: ScaleRecord, patterns: Patterns, threshold: str, rule: Rule) -> Share:
    """The share of people above a named threshold, from a table of patterns."""
    return _share(record, patterns, record.threshold(threshold), rule)


def _patterns(responses: Responses, rule: Rule) -> Patterns:
    return collapse(responses, missing="drop" if rule == "fao" else "keep")


def _share(record: ScaleRecord, patterns: Patterns, value: float, rule: Rule) -> Share:
    if rule == "fao":
        return fao_prevalence(patterns, record.model_items(), value)
    return posterior_prevalence(patterns, record.model_items(), value)


def _by_group(record: ScaleRecord, answers: Answers, by: str, value: float, rule: Rule) -> tuple[GroupShare, ...]:
    column = answers.group(by)
    people = [
        _people(_subset(answers.responses, column.index == place), rule) for place in range(len(column.labels))
    ]
    nameless = _people(_subset(answers.responses, column.index < 0), rule)
    hidden_groups = withheld([_count(each) for each in people], _count(nameless))
    return tuple(
        GroupShare(label, None, None, "too few people")
        if hidden or patterns is None
        else _group(record, patterns, label, value, rule)
        for label, patterns, hidden in zip(column.labels, people, hidden_groups, strict=True)
    )


def _people(responses: Responses | None, rule: Rule) -> Patterns | None:
    try:
        return None if responses is None else _patterns(responses, rule)
    except EstimationError:  # nobody in the group has an answer that counts
        return None


def _count(patterns: Patterns | None) -> float:
    return 0.0 if patterns is None else float(patterns.n[patterns.w > 0].sum())


def _group(record: ScaleRecord, patterns: Patterns, label: str, value: float, rule: Rule) -> GroupShare:
    try:
        share = _share(record, patterns, value, rule)
    except EstimationError as error:
        return GroupShare(label, None, int(patterns.n.sum()), error.what)
    return GroupShare(label, share, int(patterns.n.sum()))


def _subset(responses: Responses, keep: BoolArray) -> Responses | None:
    if responses.weights is not None:
        keep = keep & (responses.weights > 0)  # nobody is represented by a row without weight
    if not keep.any():
        return None
    return replace(
        responses,
        codes=np.ascontiguousarray(responses.codes[keep]),
        weights=None if responses.weights is None else responses.weights[keep],
        clusters=None if responses.clusters is None else responses.clusters[keep],
    )
