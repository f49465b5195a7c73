"""Differential item functioning by multi-group marginal likelihood.

An item under study is split into a column for each group, missing in the other, so that its parameters differ;
the items that are not split are the anchors that tie the groups to one metric. The reference group is standard,
the focal group's mean and SD are free: groups may differ in need without any item being biased. The test is twice
the gain in log-likelihood (Thissen, Steinberg & Wainer 1993); under sampling weights or clusters, where that has
no chi-square distribution, a Wald test of the differences with the robust covariance. Theta is on the metric of
the reference group: in logits for shared slopes, in its SDs for free ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import chi2

from evenhand.errors import EstimationError
from evenhand.measure.dif import Pair, require_answers
from evenhand.measure.digits import cut
from evenhand.measure.gradients import group_scores, middle
from evenhand.measure.holm import ALPHA, Size, anchors_left, flags, size_of
from evenhand.measure.marginal import MarginalFit, Slopes, fit_problem
from evenhand.measure.models import Items, category_moments, thresholds_from_items
from evenhand.measure.mstep import Free
from evenhand.measure.patterns import Patterns
from evenhand.measure.precision import invert, observed_information
from evenhand.measure.problem import Latents, Problem, build, standard
from evenhand.measure.quadrature import DEFAULT_HALF_WIDTH, DEFAULT_NODES, rectangular
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.measure.starts import starting_items

MODERATE, LARGE = 0.05, 0.10
"""Expected score a category step, averaged over the focal group, at which a difference is B and C: the bounds of
the standardisation index (Dorans & Holland 1993)."""

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class LikelihoodDif:
    """What the likelihood says of an item.

    Attributes:
        statistic: chi-square, likelihood ratio or Wald.
        df: its degrees of freedom.
        p: its p-value.
        difference: mean threshold, focal less reference; negative where the focal group affirms more readily.
        se: its standard error.
        signed: expected score, focal less reference, averaged over the focal group (SIDS, Meade 2010).
        se_signed: its standard error.
        unsigned: the same of the absolute difference, so that crossing curves do not cancel (UIDS).
        size: the letter of `unsigned` a category step; A where the test is not significant at .05.
    """

    statistic: float
    df: int
    p: float
    difference: float
    se: float
    signed: float
    se_signed: float
    unsigned: float
    size: Size

    @property
    def decides(self) -> float:
        """The p-value that decides."""
        return self.p


@dataclass(frozen=True, slots=True)
class LikelihoodStudy:
    """All items of one contrast.

    Attributes:
        items: for each of the J items what was found, or an error that says why there is no evidence.
        anchors: (J,) the items that tied the groups together when the others were tested.
        rounds: rounds of purification, 1 without any.
        settled: whether the last round flagged the same items as the one before.
        mean: focal group's latent mean, the reference group's being 0.
        sd: its SD.
        sd_reference: the reference group's SD.
    """

    items: tuple[LikelihoodDif | EstimationError, ...]
    anchors: BoolArray
    rounds: int
    settled: bool
    mean: float
    sd: float
    sd_reference: float


def split(pair: Pair, apart: BoolArray) -> Pair:
    """Both groups on J + S columns: the focal group's answers to the S items of `apart` (J,) stand in new ones."""
    n_split = int(apart.sum())
    places = np.flatnonzero(apart)
    n_items = pair[0].n_items

    def widened(patterns: Patterns, *, focal: bool) -> Patterns:
        codes = np.full((patterns.n_patterns, n_items + n_split), -1, dtype=np.int8)
        masks = np.zeros((len(patterns.masks), n_items + n_split), dtype=np.bool_)
        codes[:, :n_items], masks[:, :n_items] = patterns.codes, patterns.masks
        if focal:
            codes[:, n_items:], masks[:, n_items:] = patterns.codes[:, places], patterns.masks[:, places]
            codes[:, places], masks[:, places] = -1, False
        categories = np.concatenate([patterns.categories, patterns.categories[places]])
        return replace(patterns, codes=codes, masks=masks, categories=categories)

    return widened(pair[0], focal=False), widened(pair[1], focal=True)


@dataclass
class Comparison:
    """Fits of one pair of groups with different items split, each made once.

    Attributes:
        pair: reference and focal group on J items.
        slopes: `shared` (Rasch, partial credit) or `free`.
        graded: (J,) items of the graded model, None for none.
        fits: what was fitted so far, by the items that were split.
    """

    pair: Pair
    slopes: Slopes
    graded: BoolArray | None = None
    fits: dict[frozenset[int], MarginalFit] = field(default_factory=dict)

    def fit(self, apart: frozenset[int]) -> MarginalFit:
        """The fit with these items split.

        Raises:
            EstimationError: it does not settle.
        """
        if apart not in self.fits:
            near = max(
                (known for known in self.fits if known <= apart), key=len, default=None
            )  # the largest model within it
            self.fits[apart] = self._fitted(apart, near)
        return self.fits[apart]

    def _fitted(self, apart: frozenset[int], near: frozenset[int] | None) -> MarginalFit:
        mask = np.isin(np.arange(self.pair[0].n_items), list(apart))
        groups = split(self.pair, mask)
        graded = None if self.graded is None else np.concatenate([self.graded, self.graded[mask]])
        start, latents = self._start(mask, near)
        problem = _problem(groups, self.slopes, graded, start, latents)
        fit = fit_problem(problem)
        if not fit.converged:
            raise EstimationError(
                "dif.not-settled",
                "The likelihood of the two groups has no maximum that the search settles on.",
                why="A curve is close to a step, or a group is too small for parameters of its own.",
                mend="Use more respondents, or --model rasch.",
            )
        return fit

    def _start(self, mask: BoolArray, near: frozenset[int] | None) -> tuple[Items, Latents]:
        """Items (J + S) and latent distributions to start from: those of a model within this one."""
        n_items, places = len(mask), np.flatnonzero(mask)
        latents = standard(2)
        if near is None:
            base = starting_items(self.pair[0], cut(self.pair[0]), np.ones(n_items), self.graded)
            if self.slopes == "shared":
                shared = np.full(n_items, float(np.clip(np.abs(base.slope).mean(), 0.3, 5.0)))
                base = Items(shared, base.intercept, base.graded)
            of_focal = places
        else:
            base, latents = self.fits[near].items, self.fits[near].latents
            own = {item: n_items + place for place, item in enumerate(sorted(near))}
            of_focal = np.array([own.get(int(item), int(item)) for item in places], dtype=np.int64)
        order = np.concatenate([np.arange(n_items), of_focal]).astype(np.int64)
        graded = None if base.graded is None else base.graded[order]
        return Items(base.slope[order], base.intercept[order], graded), latents


def _problem(groups: Pair, slopes: Slopes, graded: BoolArray | None, start: Items, latents: Latents) -> Problem:
    every = np.ones(groups[0].n_items, dtype=np.bool_)
    exists = np.isfinite(start.intercept[:, 1:])
    shared = slopes == "shared"
    free = Free(~every if shared else every, every if shared else ~every, np.ones(len(every)), exists)
    items = Items(start.slope, start.intercept, graded)
    return build(groups, items, free, latents, rectangular(DEFAULT_NODES, DEFAULT_HALF_WIDTH))


def likelihood_dif(
    pair: Pair,
    slopes: Slopes,
    *,
    graded: BoolArray | None = None,
    robust: bool = False,
    purify: bool = True,
    at_least: int = 3,
    effects_only: bool = False,
) -> LikelihoodStudy:
    """Test each of J items, the others being anchors, and again without the flagged ones among the anchors.

    Without `purify` this is the scheme `drop` of R mirt: from all parameters equal, one item freed at a time. With
    it the flagged items are split for good, every item is tested beside them (an unflagged one by freeing it, a
    flagged one by tying it), and so on until the same items are flagged twice (Candell & Drasgow 1988). At least
    `at_least` items stay anchors, the least suspicious ones.

    Args:
        pair: reference and focal group.
        slopes: `shared` or `free`.
        graded: (J,) items of the graded model.
        robust: sampling weights or clusters: Wald tests with the robust covariance.
        purify: whether to repeat.
        at_least: fewest anchors.
        effects_only: leave out the effects' standard errors.

    Raises:
        EstimationError: an item that everybody answers alike, fewer than two items, or a fit that does not settle.
    """
    _check(pair, at_least)
    comparison = Comparison(pair, slopes, graded)
    n_items, apart, seen = pair[0].n_items, frozenset[int](), [frozenset[int]()]
    for rounds in range(1, MAX_ROUNDS + 1):
        found = [_tested(comparison, item, apart, robust=robust) for item in range(n_items)]
        p = np.array([np.nan if isinstance(each, EstimationError) else each.p for each in found])
        sizes = tuple(None if isinstance(each, EstimationError) else each.size for each in found)
        kept = anchors_left(flags(p, sizes), p, at_least)
        flagged = frozenset(np.flatnonzero(~kept).tolist())
        settled = flagged == apart
        if settled or not purify or flagged in seen or rounds == MAX_ROUNDS:
            break
        seen.append(flagged)
        apart = flagged
    base = comparison.fit(apart)
    unit = base.sd if slopes == "shared" else 1.0
    if not effects_only:
        found = [_with_errors(comparison, item, apart, each, robust=robust) for item, each in enumerate(found)]
    return LikelihoodStudy(
        items=tuple(found),
        anchors=~np.isin(np.arange(n_items), list(apart)),
        rounds=rounds,
        settled=settled or not purify,
        mean=float(base.latents.mean[1]) * unit,
        sd=float(base.latents.sd[1]) * unit,
        sd_reference=unit,
    )


def _check(pair: Pair, at_least: int) -> None:
    for item in range(pair[0].n_items):
        answers = np.concatenate([patterns.codes[patterns.w > 0, item] for patterns in pair])
        if len(np.unique(answers[answers >= 0])) < int(pair[0].categories[item]):
            raise EstimationError(
                "dif.empty-category",
                f"Nobody gave one of the answers to item {item + 1}.",
                where=f"item {item + 1}",
                why="Its parameters have no estimate in either group.",
                mend="Leave the item out, or merge the category with its neighbour.",
            )
    if pair[0].n_items <= at_least:
        raise EstimationError(
            "dif.too-few-items",
            f"{pair[0].n_items} items cannot be compared: at least {at_least} anchors must remain beside one.",
            why="Anchors are what the groups are compared by.",
            mend="Use a scale of more items.",
        )


def _tested(
    comparison: Comparison, item: int, apart: frozenset[int], *, robust: bool
) -> LikelihoodDif | EstimationError:
    """The test of an item beside those that are split for good; effects without errors."""
    try:
        for patterns in comparison.pair:
            _require_categories(patterns, item)
        free = comparison.fit(apart | {item})
        contrast = _contrast(free, item, comparison.pair[0].n_items, sorted(apart | {item}).index(item))
        df = len(contrast)
        if robust:
            gap = contrast @ free.parameters
            covariance = contrast @ covariance_of(free, robust=True) @ contrast.T
            statistic = float(gap @ np.linalg.solve(covariance, gap))
        else:
            statistic = max(0.0, 2 * (free.loglik - comparison.fit(apart - {item}).loglik))
    except EstimationError as error:
        return error
    effects = _effects(comparison, item, apart)
    difference, signed, unsigned = effects(free.parameters)
    steps = int(comparison.pair[0].categories[item]) - 1
    p = float(chi2.sf(statistic, df))
    size = size_of(unsigned / steps, MODERATE, LARGE) if p < ALPHA else "A"
    return LikelihoodDif(statistic, df, p, difference, np.nan, signed, np.nan, unsigned, size)


def _require_categories(patterns: Patterns, item: int) -> None:
    answers = patterns.codes[patterns.w > 0, item]
    require_answers(answers[answers >= 0])
    if len(np.unique(answers[answers >= 0])) < int(patterns.categories[item]):
        raise EstimationError(
            "dif.empty-category-in-group",
            "A group never gave one of the answers to the item.",
            why="The item has then no estimate of its own there.",
            mend="Use more respondents of the group, or merge the category with its neighbour.",
        )


def _contrast(fit: MarginalFit, item: int, n_items: int, place: int) -> FloatArray:
    """(d, n) rows that take the focal group's parameters less the reference group's out of the vector."""
    free, n = fit.problem.free, len(fit.parameters)
    begin = np.cumsum([0, *fit.problem.sizes])
    slope = np.full(len(free.slope), -1)
    slope[free.slope] = begin[1] + np.arange(int(free.slope.sum()))
    intercept = np.full(free.intercept.shape, -1)
    intercept[free.intercept] = begin[2] + np.arange(int(free.intercept.sum()))
    where = np.concatenate([slope[:, None], intercept], axis=1)
    pairs = [(f, r) for f, r in zip(where[n_items + place], where[item], strict=True) if f >= 0]
    rows = np.zeros((len(pairs), n))
    for row, (focal, reference) in enumerate(pairs):
        rows[row, focal], rows[row, reference] = 1.0, -1.0
    return rows


def covariance_of(fit: MarginalFit, *, robust: bool) -> FloatArray:
    """(n, n) covariance of the parameters: inverse information, or H^-1 M H^-1.

    A cluster may hold people of both groups, so its sums are taken over both.
    """
    inverse = invert(observed_information(fit.problem, fit.parameters))
    if not robust:
        return inverse
    core, totals = np.zeros_like(inverse), None
    for patterns, scores in group_scores(fit.problem, fit.parameters):
        of = patterns.clusters
        if of is None:
            core += middle(patterns, scores)
            continue
        shape = (of.n_clusters, patterns.n_patterns)
        each = np.concatenate([block for _, block in scores])
        sums = np.asarray(csr_array((of.w, (of.cluster, of.pattern)), shape=shape) @ each)
        totals = sums if totals is None else totals + sums
    if totals is not None:
        used = max(int(np.any(totals != 0, axis=1).sum()), 2)
        core = totals.T @ totals * used / (used - 1)
    out: FloatArray = inverse @ core @ inverse
    return out


def _effects(
    comparison: Comparison, item: int, apart: frozenset[int]
) -> Callable[[FloatArray], tuple[float, float, float]]:
    """A function of the parameter vector: difference of mean thresholds, signed and unsigned area."""
    fit = comparison.fit(apart | {item})
    n_items = comparison.pair[0].n_items
    both = [item, n_items + sorted(apart | {item}).index(item)]
    rule = rectangular()
    weight = np.exp(rule.log_weights)

    def effects(vector: FloatArray) -> tuple[float, float, float]:
        items, latents = fit.problem.unpack(vector)
        unit = float(vector[0]) if fit.problem.free.shared.any() else 1.0
        two = Items(items.slope[both], items.intercept[both], None if items.graded is None else items.graded[both])
        thresholds = unit * np.nanmean(thresholds_from_items(two), axis=1)
        theta = float(latents.mean[1]) + float(latents.sd[1]) * rule.nodes
        reference, focal = category_moments(two, theta)[0]
        gap = focal - reference
        return float(thresholds[1] - thresholds[0]), float(weight @ gap), float(weight @ np.abs(gap))

    return effects


def _with_errors(
    comparison: Comparison,
    item: int,
    apart: frozenset[int],
    found: LikelihoodDif | EstimationError,
    *,
    robust: bool,
) -> LikelihoodDif | EstimationError:
    """The same with standard errors of the effects, by the delta method."""
    if isinstance(found, EstimationError):
        return found
    fit, effects = comparison.fit(apart | {item}), _effects(comparison, item, apart)
    try:
        covariance = covariance_of(fit, robust=robust)
    except EstimationError as error:
        return error
    slope = np.empty((2, len(fit.parameters)))
    for place, value in enumerate(fit.parameters):
        shift = np.zeros(len(fit.parameters))
        shift[place] = 1e-5 * max(1.0, abs(float(value)))
        up, down = effects(fit.parameters + shift), effects(fit.parameters - shift)
        slope[:, place] = (np.array(up[:2]) - np.array(down[:2])) / (2 * shift[place])
    se = np.sqrt(np.diag(slope @ covariance @ slope.T))
    return replace(found, se=float(se[0]), se_signed=float(se[1]))
