"""Differential item functioning with the raw score as the yardstick: counts, and Mantel-Haenszel.

It and logistic regression (`dif_logistic.py`) compare a focal group (g = 1) with a reference group (g = 0) among
people of equal matching score: the sum of the anchors' categories with the studied item's own added (`total`), or
without it (`rest`). Under a Rasch model the total score, own item included, makes people exactly comparable
(Holland & Thayer 1988); the rest score does not.
Signs: a positive effect means that the focal group gives the higher answer more readily.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import chi2

from evenhand.errors import EstimationError
from evenhand.measure.holm import ALPHA, Size, anchors_left, flags, size_of
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import BoolArray, CodeArray, FloatArray, IntArray, Responses

Pair = tuple[Patterns, Patterns]
"""Reference and focal group, on the same J items. Clusters, if any, are numbered alike in both."""

Matching = Literal["total", "rest"]

DELTA = -2.35
"""ETS delta per log odds ratio (reference to focal): 4 / 1.7, so that deltas compare with item deltas."""

MODERATE, LARGE = 1.0, 1.5
"""|delta| at which an effect is B and C (Zieky 1993). In logits: .426 and .638."""

MODERATE_SMD, LARGE_SMD = 0.17, 0.25
"""The same for |SMD / SD| of graded items (the rule of the NAEP; Zwick, Thayer & Mazzeo 1997)."""


@dataclass(frozen=True, slots=True)
class Cells:
    """People counted by answer, matching score and group: C cells.

    Attributes:
        y: (C,) category of the studied item, numbered without gaps.
        s: (C,) matching score.
        g: (C,) 0 reference, 1 focal.
        n: (C,) people.
        w: (C,) sum of weights.
        w2: (C,) sum of squared weights.
        clusters: (number of clusters, C) weight of each cluster in each cell, or None.
    """

    y: IntArray
    s: FloatArray
    g: IntArray
    n: FloatArray
    w: FloatArray
    w2: FloatArray
    clusters: csr_array | None = None


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """What Mantel-Haenszel says of an item.

    Attributes:
        statistic: chi-square with 1 degree of freedom.
        p: its p-value.
        effect: ETS delta of a binary item, SMD / SD of a graded one.
        se: its standard error.
        log_odds: common log odds ratio, reference to focal; NaN for a graded item.
        strata: matching scores that carry evidence.
        size: the ETS letter, of effect and its certainty.
    """

    statistic: float
    p: float
    effect: float
    se: float
    log_odds: float
    strata: int
    size: Size

    @property
    def decides(self) -> float:
        """The p-value that decides."""
        return self.p


class Studied(Protocol):
    """What a method says of an item, as far as flags need it."""

    @property
    def decides(self) -> float:
        """The p-value that decides."""

    @property
    def size(self) -> Size:
        """The letter of the effect."""


Found = TypeVar("Found", bound=Studied)


def groups_of(responses: Responses, index: IntArray, n_groups: int) -> tuple[Patterns | None, ...]:
    """Patterns of each group, clusters numbered alike in all; None for a group in which nobody answered.

    Args:
        responses: N respondents.
        index: (N,) group of each respondent, -1 for none.
        n_groups: G.
    """
    out: list[Patterns | None] = []
    for group in range(n_groups):
        own = (index == group) & (responses.codes >= 0).any(axis=1)
        out.append(_collapsed(responses, own) if own.any() else None)
    return tuple(out)


def _collapsed(responses: Responses, own: BoolArray) -> Patterns:
    part = replace(
        responses,
        codes=np.ascontiguousarray(responses.codes[own]),
        weights=None if responses.weights is None else responses.weights[own],
        clusters=None if responses.clusters is None else responses.clusters[own],
    )
    found = collapse(part)
    if found.clusters is None or part.clusters is None or responses.clusters is None:
        return found
    label = np.unique(part.clusters)[found.clusters.cluster]
    n_clusters = int(responses.clusters.max()) + 1
    return replace(found, clusters=replace(found.clusters, cluster=label, n_clusters=n_clusters))


def cells(pair: Pair, item: int, anchors: BoolArray, matching: Matching = "total") -> Cells:
    """Count complete answers by the studied item's answer, matching score and group.

    Args:
        pair: the two groups.
        item: the studied item.
        anchors: (J,) items of the matching score; the studied item is added or left out as `matching` says.
        matching: `total` or `rest`.

    Raises:
        EstimationError: a group gave one answer only, or nobody answered every item.
    """
    scored = anchors.copy()
    scored[item] = matching == "total"
    complete = [_comparable(patterns, scored, matching) for patterns in pair]
    codes = [patterns.codes[whole] for patterns, whole in zip(pair, complete, strict=True)]
    for own in codes:
        require_answers(own[:, item])
    y = np.unique(np.concatenate([own[:, item] for own in codes]), return_inverse=True)[1]
    s = np.concatenate([own[:, scored].sum(axis=1, dtype=np.int64) for own in codes])
    g = np.repeat([0, 1], [len(own) for own in codes])
    key, cell = np.unique(np.stack([y, s, g]), axis=1, return_inverse=True)
    n, w, w2 = (
        _sums(cell, [part[whole] for part, whole in zip(parts, complete, strict=True)])
        for parts in ([p.n for p in pair], [p.w for p in pair], [p.w2 for p in pair])
    )
    clusters = _cluster_cells(pair, complete, cell, key.shape[1])
    return Cells(key[0], key[1].astype(np.float64), key[2], n, w, w2, clusters)


def _comparable(patterns: Patterns, scored: BoolArray, matching: Matching) -> BoolArray:
    """(P,) complete patterns; not those whose total score, being the lowest or highest, decides every answer.

    Such people say nothing about bias, and a regression line through them is bent: with groups that differ by
    .75 SD it raised the chance of a false alarm from .05 to .13.
    """
    score = np.where(scored, patterns.codes, 0).sum(axis=1, dtype=np.int64)
    top = int((patterns.categories - 1)[scored].sum())
    inner = (score > 0) & (score < top) if matching == "total" else np.True_
    kept: BoolArray = patterns.complete & (patterns.w > 0) & inner
    return kept


def _sums(cell: IntArray, parts: list[FloatArray]) -> FloatArray:
    out: FloatArray = np.bincount(cell, np.concatenate(parts)).astype(np.float64)
    return out


def require_answers(answers: CodeArray) -> None:
    """Refuse an item that a group never, or always, answered alike.

    Raises:
        EstimationError: with the reason.
    """
    if len(np.unique(answers)) < 2:
        raise EstimationError(
            "dif.no-variation",
            "A group's complete answers to the item are all alike, or there are none.",
            why="Then no difference at equal score can be estimated.",
            mend="Use more respondents of the group, or leave the item out.",
        )


def _cluster_cells(pair: Pair, complete: list[BoolArray], cell: IntArray, n_cells: int) -> csr_array | None:
    """(clusters, cells) weights, None where no clusters are named."""
    cluster, place, w, begin, n_clusters = [], [], [], 0, 0
    for patterns, whole in zip(pair, complete, strict=True):
        of = patterns.clusters
        if of is None:
            return None
        of_pattern = np.full(patterns.n_patterns, -1)
        of_pattern[whole] = cell[begin : begin + int(whole.sum())]
        begin += int(whole.sum())
        kept = of_pattern[of.pattern] >= 0
        cluster.append(of.cluster[kept])
        place.append(of_pattern[of.pattern][kept])
        w.append(of.w[kept])
        n_clusters = of.n_clusters
    where = (np.concatenate(cluster), np.concatenate(place))
    return csr_array((np.concatenate(w), where), shape=(n_clusters, n_cells))


def mantel_haenszel(data: Cells, *, continuity: bool = True) -> MantelHaenszel:
    """The common odds ratio of an item (binary), or the standardised mean difference (graded).

    Binary, with A, B the reference group's answers 1 and 0, C, D the focal group's, in a stratum of N people:
    OR = (sum A D / N) / (sum B C / N); chi-square = (|sum A - E A| - .5)^2 / sum Var A (Mantel & Haenszel 1959);
    standard error of log OR by Robins, Breslow & Greenland (1986), the same as Phillips & Holland's (1987).
    Graded: Mantel's (1963) chi-square of the focal group's sum of scores; SMD = sum_k (N_Fk / N_F) (mean_Fk -
    mean_Rk) with the hypergeometric error of Zwick & Thayer (1996), both divided by the item's SD.

    Args:
        data: counts; the weights are taken as counts of people.
        continuity: subtract 1/2 in the chi-square.

    Raises:
        EstimationError: no stratum holds both groups and both answers.
    """
    table = _table(data)
    both = (table.sum(axis=2) > 0).all(axis=1) & ((table.sum(axis=1) > 0).sum(axis=1) > 1)
    table = table[both]
    if len(table) == 0:
        raise no_strata()
    score = np.arange(table.shape[2], dtype=np.float64)
    group_n = table.sum(axis=2)
    total, margin = group_n.sum(axis=1), table.sum(axis=1)
    focal = table[:, 1] @ score
    expected = group_n[:, 1] * (margin @ score) / total
    moment = total * (margin @ score**2) - (margin @ score) ** 2
    variance = group_n[:, 0] * group_n[:, 1] * moment / (total**2 * np.maximum(total - 1, 1e-300))
    gap = max(0.0, abs(float((focal - expected).sum())) - 0.5 * continuity)
    statistic = gap**2 / float(variance.sum())
    p = float(chi2.sf(statistic, 1))
    if table.shape[2] == 2:
        log_odds, se = _common_odds(table)
        effect, se = DELTA * log_odds, abs(DELTA) * se
        certain = abs(effect) - 1.645 * se > MODERATE
        size = size_of(effect, MODERATE, LARGE if certain else np.inf)
        return MantelHaenszel(statistic, p, effect, se, log_odds, len(table), size if p < ALPHA else "A")
    share = group_n[:, 1] / group_n[:, 1].sum()
    difference = float(share @ (focal / group_n[:, 1] - (table[:, 0] @ score) / group_n[:, 0]))
    spread = float(np.sqrt((share**2 * (1 / group_n).sum(axis=1) ** 2) @ variance))
    sd = _sd(_table(data).sum(axis=(0, 1)))
    size = size_of(difference / sd, MODERATE_SMD, LARGE_SMD)
    return MantelHaenszel(
        statistic, p, difference / sd, spread / sd, np.nan, len(table), size if p < ALPHA else "A"
    )


def _table(data: Cells) -> FloatArray:
    """(strata, 2, K) counts."""
    _, stratum = np.unique(data.s, return_inverse=True)
    out = np.zeros((int(stratum.max()) + 1, 2, int(data.y.max()) + 1))
    np.add.at(out, (stratum, data.g, data.y), data.w)
    return out


def _sd(count: FloatArray) -> float:
    score = np.arange(len(count))
    mean = count @ score / count.sum()
    return float(np.sqrt(count @ (score - mean) ** 2 / count.sum()))


def _common_odds(table: FloatArray) -> tuple[float, float]:
    """Log of the common odds ratio of (S, 2, 2) counts, and its standard error."""
    (b, a), (d, c) = table[:, 0].T, table[:, 1].T
    n = table.sum(axis=(1, 2))
    r, s = a * d / n, b * c / n
    if not (r.sum() > 0 and s.sum() > 0):
        raise no_strata()
    p, q = (a + d) / n, (b + c) / n
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    return float(np.log(r.sum() / s.sum())), float(np.sqrt(variance))


def no_strata() -> EstimationError:
    """The error of groups that cannot be compared at any score."""
    return EstimationError(
        "dif.no-strata",
        "At no score do both groups give both answers.",
        why="The odds ratio is then zero, infinite or unknown.",
        mend="Use more respondents, or --method lr, which does not match on the score.",
    )


def two_stage(
    pair: Pair,
    study: Callable[[Cells], Found],
    *,
    matching: Matching = "total",
    purify: bool = True,
    at_least: int = 3,
) -> tuple[list[Found | EstimationError], BoolArray]:
    """Study every item; then again without the flagged ones in the matching score (Holland & Thayer 1988).

    Args:
        pair: the two groups.
        study: what to do with an item's counts.
        matching: `total` or `rest`.
        purify: whether there is a second stage.
        at_least: fewest anchors.

    Returns:
        what was found of each item, an error standing for an item without evidence, and (J,) the anchors.
    """
    every = np.ones(pair[0].n_items, dtype=np.bool_)
    found = _study_all(pair, every, matching, study)
    p, sizes = decision(found)
    flagged = flags(p, sizes)
    if not (purify and flagged.any()):
        return found, every
    anchors = anchors_left(flagged, p, at_least)
    return _study_all(pair, anchors, matching, study), anchors


def _study_all(
    pair: Pair, anchors: BoolArray, matching: Matching, study: Callable[[Cells], Found]
) -> list[Found | EstimationError]:
    out: list[Found | EstimationError] = []
    for item in range(len(anchors)):
        try:
            out.append(study(cells(pair, item, anchors, matching)))
        except EstimationError as error:
            out.append(error)
    return out


def decision(found: Sequence[Studied | EstimationError]) -> tuple[FloatArray, tuple[Size | None, ...]]:
    """(J,) the p-value that decides on each item, NaN without evidence, and its letter."""
    p = [np.nan if isinstance(each, EstimationError) else each.decides for each in found]
    return np.array(p), tuple(None if isinstance(each, EstimationError) else each.size for each in found)
