"""Item bias (differential item functioning): do equal people of different groups answer an item alike?

Each group is compared with the reference group, the one with most people. An item is flagged when its p-value,
adjusted by Holm over all items and groups, is below .05 and its effect is not negligible: with many people any
difference is significant, and with few a large one may be chance. Small groups read "insufficient evidence".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.dif import (
    MantelHaenszel,
    Matching,
    Pair,
    groups_of,
    mantel_haenszel,
    two_stage,
)
from evenhand.measure.dif_likelihood import LikelihoodDif, likelihood_dif
from evenhand.measure.dif_logistic import LogisticDif, logistic
from evenhand.measure.holm import Size, flags, holm
from evenhand.measure.marginal import Slopes
from evenhand.measure.normal import interval95
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import BoolArray, FloatArray, Responses
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ModelName
from evenhand.service.prevalence import MIN_GROUP

DifMethod = Literal["mh", "logistic", "lr"]
METHODS: tuple[DifMethod, ...] = ("mh", "logistic", "lr")

MIN_N = 100
"""People a group needs before its items are compared. In a group of 100, the severity of an item that half
of them affirm has a standard error of about .26 logits: a difference of .6 then passes Holm's adjustment one time
in three."""

MIN_ANCHORS = 3
"""Fewest items that the groups are compared by."""

INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class ItemBias:
    """One item in one group, by one method.

    Attributes:
        item: the item.
        group: the focal group.
        method: `mh`, `logistic` or `lr`.
        evidence: whether there is enough to say anything; without it every figure is None.
        reason: why there is not, starting with "insufficient evidence"; empty where there is.
        statistic: chi-square.
        df: its degrees of freedom.
        p: its p-value.
        p_adjusted: adjusted by Holm over the items and groups of the method.
        effect: `mh`: ETS delta (binary) or SMD / SD (graded); `logistic`: log odds; both positive where the focal
            group affirms more readily. `lr`: severity, focal less reference; negative where it does.
        se: its standard error.
        low: lower end of the effect's 95 % interval.
        high: upper end.
        size: A negligible, B moderate, C large.
        flagged: adjusted p below .05 and size B or C.
        more: further figures of the method, by name.
    """

    item: str
    group: str
    method: DifMethod
    evidence: bool
    reason: str = ""
    statistic: float | None = None
    df: int | None = None
    p: float | None = None
    p_adjusted: float | None = None
    effect: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    size: Size | None = None
    flagged: bool = False
    more: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class GroupFound:
    """A group that was compared.

    Attributes:
        label: of the group.
        n: people with answers; None where that is withheld because they are too few.
        anchors: for each method the items that it was compared by; empty for none.
    """

    label: str
    n: int | None
    anchors: dict[DifMethod, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Dif:
    """What a search for item bias found.

    Attributes:
        column: the group column.
        reference: label of the reference group.
        groups: the focal groups, in the order of their labels.
        items: a row an item, group and method.
        findings: what stands out, one sentence each; empty when nothing does.
        notes: what the reader must know, one sentence each.
    """

    column: str
    reference: str
    groups: tuple[GroupFound, ...]
    items: tuple[ItemBias, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def flagged(self) -> tuple[str, ...]:
        """Names of the items that any method flags in any group."""
        return tuple(dict.fromkeys(row.item for row in self.items if row.flagged))


def dif(
    answers: Answers,
    *,
    group: str,
    methods: Sequence[DifMethod] = ("lr",),
    model: ModelName = "2pl",
    min_n: int = MIN_N,
    purify: bool = True,
    matching: Matching = "total",
    continuity: bool = True,
) -> Dif:
    """Look for item bias between groups.

    Args:
        answers: what people answered, read with the group column.
        group: the group column.
        methods: `mh` (Mantel-Haenszel), `logistic` (regression on the raw score), `lr` (likelihood ratio).
        model: with `lr`, `2pl` (also finds bias that crosses), or `rasch`: stronger where slopes are equal, but
            where they are not it takes that for bias (24 % of sets of fair items with slopes from .9 to 1.8).
        min_n: fewest people of a group.
        purify: leave flagged items out of what the groups are compared by, and look again.
        matching: with `mh` and `logistic`, whether the raw score holds the studied item (`total`) or not (`rest`).
        continuity: with `mh`, subtract 1/2 in the chi-square.

    Raises:
        OptionError: an unknown method, or Mantel-Haenszel with sampling weights or clusters.
        EstimationError: fewer than two groups, or too few items.
    """
    _check(answers, methods, model, min_n, matching)
    column = answers.group(group)
    responses = _oriented(answers)
    people = groups_of(responses, column.index, len(column.labels))
    counts = [0.0 if each is None else float(each.n.sum()) for each in people]
    if sum(count > 0 for count in counts) < 2:
        raise EstimationError(
            "dif.one-group",
            f"The column {group!r} names fewer than two groups of people with answers.",
            where=answers.source,
            why="Bias is a difference between groups.",
            mend="Name a column with at least two groups.",
        )
    reference = int(np.argmax(counts))
    design = _Design(responses, tuple(methods), model, min_n, purify, matching, continuity)
    rows: list[ItemBias] = []
    groups: list[GroupFound] = []
    with one_blas_thread():
        for place, label in enumerate(column.labels):
            if place == reference:
                continue
            found, anchors = _contrast(design, people[reference], people[place], label, answers.item_names)
            rows += found
            groups.append(GroupFound(label, int(counts[place]) if counts[place] >= min_n else None, anchors))
    rows = _decided(rows, methods)
    nameless = bool((column.index < 0).any())
    return Dif(
        group,
        column.labels[reference],
        tuple(groups),
        tuple(rows),
        _findings(rows, column.labels[reference]),
        _notes(rows, nameless=nameless),
    )


@dataclass(frozen=True, slots=True)
class _Design:
    responses: Responses
    methods: tuple[DifMethod, ...]
    model: ModelName
    min_n: int
    purify: bool
    matching: Matching
    continuity: bool

    @property
    def robust(self) -> bool:
        """Whether errors must follow the sampling design."""
        return self.responses.weights_kind == "sampling" or self.responses.clusters is not None


def _check(
    answers: Answers, methods: Sequence[DifMethod], model: ModelName, min_n: int, matching: Matching
) -> None:
    for option, value, allowed in (
        *(("--method", method, METHODS) for method in methods or ("",)),
        ("--model", model, ("rasch", "2pl")),
        ("--matching", matching, ("total", "rest")),
    ):
        if value not in allowed:
            raise OptionError(
                "options.unknown-value",
                f"{option} cannot be {value!r}.",
                where=option,
                why=f"It is one of: {', '.join(allowed)}.",
                mend=f"Use {option} {allowed[0]}.",
            )
    if min_n < MIN_GROUP:
        raise OptionError(
            "dif.min-n",
            f"The fewest people of a group cannot be {min_n}.",
            why=f"Groups of fewer than {MIN_GROUP} people show no figure: it says too much about each of them.",
            mend=f"Give at least {MIN_GROUP}; {MIN_N} is the default.",
        )
    responses = answers.responses
    if "mh" in methods and (responses.weights_kind == "sampling" or responses.clusters is not None):
        raise OptionError(
            "dif.mh-design",
            "Mantel-Haenszel takes no sampling weights and no clusters.",
            why="Its chi-square counts people drawn one by one; weighted counts would make it wrong.",
            mend="Use --method logistic or --method lr, which then test with design-based errors.",
        )
    if responses.n_items <= MIN_ANCHORS:
        raise EstimationError(
            "dif.too-few-items",
            f"{responses.n_items} items cannot be compared: at least {MIN_ANCHORS} must remain beside one.",
            why="The other items are what the groups are compared by.",
            mend="Use a scale of more items.",
        )


def _oriented(answers: Answers) -> Responses:
    """Every item turned so that its higher categories mean more need."""
    turned = np.array([item.direction < 0 for item in answers.coding])
    responses = answers.responses
    if not turned.any():
        return responses
    codes = responses.codes.copy()
    top = (responses.categories - 1).astype(np.int8)
    codes[:, turned] = np.where(codes[:, turned] >= 0, top[turned] - codes[:, turned], codes[:, turned])
    return replace(responses, codes=codes)


def _contrast(
    design: _Design, reference: Patterns | None, focal: Patterns | None, label: str, names: tuple[str, ...]
) -> tuple[list[ItemBias], dict[DifMethod, tuple[str, ...]]]:
    """The rows of one focal group, and what it was compared by."""
    rows: list[ItemBias] = []
    anchors: dict[DifMethod, tuple[str, ...]] = {}
    for method in design.methods:
        reason = _too_few(reference, focal, design.min_n, complete=method != "lr")
        if reason or reference is None or focal is None:
            rows += [ItemBias(name, label, method, evidence=False, reason=reason) for name in names]
            anchors[method] = ()
            continue
        found, kept = _studied(design, method, (reference, focal))
        anchors[method] = tuple(name for name, keep in zip(names, kept, strict=True) if keep)
        rows += [_row(name, label, method, each) for name, each in zip(names, found, strict=True)]
    return rows, anchors


def _too_few(reference: Patterns | None, focal: Patterns | None, min_n: int, *, complete: bool) -> str:
    for patterns in (focal, reference):
        n = 0.0
        if patterns is not None:
            n = float(patterns.n[patterns.complete].sum() if complete else patterns.n.sum())
        if n < min_n:
            whose = "complete answers" if complete else "answers"
            which = "the group" if patterns is focal else "the reference group"
            return f"{INSUFFICIENT}: fewer than {min_n} people of {which} have {whose}"
    return ""


def _studied(
    design: _Design, method: DifMethod, pair: Pair
) -> tuple[Sequence[MantelHaenszel | LogisticDif | LikelihoodDif | EstimationError], BoolArray]:
    if method == "lr":
        slopes: Slopes = "shared" if design.model == "rasch" else "free"
        study = likelihood_dif(pair, slopes, robust=design.robust, purify=design.purify, at_least=MIN_ANCHORS)
        return study.items, study.anchors
    if method == "mh":
        count = partial(mantel_haenszel, continuity=design.continuity)
        return two_stage(pair, count, matching=design.matching, purify=design.purify, at_least=MIN_ANCHORS)
    regression = partial(logistic, robust=design.robust)
    return two_stage(pair, regression, matching=design.matching, purify=design.purify, at_least=MIN_ANCHORS)


def _row(
    item: str, group: str, method: DifMethod, found: MantelHaenszel | LogisticDif | LikelihoodDif | EstimationError
) -> ItemBias:
    if isinstance(found, EstimationError):
        return ItemBias(item, group, method, evidence=False, reason=f"{INSUFFICIENT}: {found.what}")
    if isinstance(found, MantelHaenszel):
        effect, statistic, df = found.effect, found.statistic, 1
        more = {"log_odds": found.log_odds, "strata": float(found.strata)}
    elif isinstance(found, LogisticDif):
        effect, statistic, df = found.uniform, float(found.statistic[2]), 2
        more = {
            "p_uniform": float(found.p[0]),
            "p_nonuniform": float(found.p[1]),
            "interaction": found.interaction,
            "se_interaction": found.se_interaction,
            "unsigned": found.unsigned,
            "r2_change_uniform": float(found.r2_change[0]),
            "r2_change": float(found.r2_change[1]),
        }
    else:
        effect, statistic, df = found.difference, found.statistic, found.df
        more = {"signed": found.signed, "se_signed": found.se_signed, "unsigned": found.unsigned}
    low, high = interval95(effect, found.se)
    return ItemBias(
        item,
        group,
        method,
        evidence=True,
        statistic=statistic,
        df=df,
        p=found.decides,
        effect=effect,
        se=found.se,
        low=low,
        high=high,
        size=found.size,
        more={name: value for name, value in more.items() if np.isfinite(value)},
    )


def _decided(rows: list[ItemBias], methods: Sequence[DifMethod]) -> list[ItemBias]:
    """The same with Holm's adjustment over the items and groups of each method, and flags."""
    out = list(rows)
    for method in methods:
        own = [place for place, row in enumerate(rows) if row.method == method]
        p: FloatArray = np.array([rows[place].p for place in own], dtype=np.float64)
        flagged = flags(p, tuple(rows[place].size for place in own))
        for place, adjusted, flag in zip(own, holm(p), flagged, strict=True):
            if rows[place].evidence:
                out[place] = replace(rows[place], p_adjusted=float(adjusted), flagged=bool(flag))
    return out


def _findings(rows: Sequence[ItemBias], reference: str) -> tuple[str, ...]:
    words = {"A": "negligible", "B": "moderate", "C": "large"}
    out = []
    for row in rows:
        if row.flagged and row.effect is not None and row.size is not None:
            more = (row.effect < 0) == (row.method == "lr")
            how = f"{row.group} report it {'more' if more else 'less'} readily than {reference}"
            if _crosses(row):
                how = f"{row.group} and {reference} differ, one way at low and the other way at high need"
            out.append(
                f"{row.item}: in equal need, {how} ({row.method}, {words[row.size]}, effect {row.effect:.2f}, "
                f"{row.low:.2f} to {row.high:.2f})."
            )
    return tuple(out)


def _crosses(row: ItemBias) -> bool:
    """Whether differences of both signs make up most of the effect."""
    more = row.more or {}
    signed = more.get("signed", row.effect or 0.0)
    return "unsigned" in more and abs(signed) < more["unsigned"] / 2


def _notes(rows: Sequence[ItemBias], *, nameless: bool) -> tuple[str, ...]:
    out = [f"{row.group}, {row.item} ({row.method}): {row.reason}." for row in rows if not row.evidence]
    if nameless:
        out.append("People whose group is not known are left out.")
    return tuple(dict.fromkeys(out))
