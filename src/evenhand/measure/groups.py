"""Several groups on one metric: anchors shared, other items with parameters of each group's own.

An item that is not an anchor is split into a column a group, missing for the others, so that the model of Bock and
Zimowski (1997) needs no second code path. The reference group comes first: its mean is 0 and its SD is 1, or free
where slopes are shared; means and SDs of the others are free.
"""

from dataclasses import dataclass, replace

import numpy as np

from evenhand.measure.digits import cut
from evenhand.measure.marginal import MarginalFit, OnPass, fit_problem
from evenhand.measure.models import Items
from evenhand.measure.mstep import Free
from evenhand.measure.patterns import Patterns
from evenhand.measure.precision import FileMetric, ItemErrors
from evenhand.measure.problem import build, standard
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import BoolArray, FloatArray, IntArray
from evenhand.measure.starts import starting_items


@dataclass(frozen=True, slots=True)
class GroupsFit:
    """A maximum of the marginal likelihood of G groups.

    Attributes:
        fit: of the widened items.
        column: (G, J) the column of the widened items that holds each group's own parameters of each item.
    """

    fit: MarginalFit
    column: IntArray


@dataclass(frozen=True, slots=True)
class Pooled:
    """The distribution of theta over all groups together.

    Attributes:
        mean: its mean.
        sd: its SD.
        se_mean: standard error of the mean, the groups' shares taken as known.
        se_sd: standard error of the SD, likewise.
    """

    mean: float
    sd: float
    se_mean: float
    se_sd: float


def fit_with_anchors(
    groups: tuple[Patterns, ...],
    *,
    anchors: BoolArray,
    shared: BoolArray,
    sign: FloatArray,
    graded: BoolArray,
    tolerance: float = 1e-6,
    max_passes: int = 2_000,
    on_pass: OnPass | None = None,
) -> GroupsFit:
    """Maximise the marginal likelihood of groups that share the anchors' parameters.

    Args:
        groups: patterns of each group on the same J items, the reference group first.
        anchors: (J,) items with the same parameters in every group; at least one.
        shared: (J,) items with slope 1 (Rasch, partial credit).
        sign: (J,) which way each item points.
        graded: (J,) items of the graded model.
        tolerance: largest parameter change at convergence.
        max_passes: passes allowed over the patterns.
        on_pass: called with the number of passes and the log-likelihood.
    """
    column = _columns(anchors, len(groups))
    of = _item_of(column)
    wide = tuple(_widened(patterns, own, of) for patterns, own in zip(groups, column, strict=True))
    base = starting_items(groups[0], cut(groups[0]), sign, graded)
    unit = float(np.clip(np.abs(base.slope[shared]).mean(), 0.3, 5.0)) if shared.any() else 1.0
    slope = np.where(shared, sign * unit, base.slope)
    start = Items(slope[of], base.intercept[of], graded[of])
    steps = np.isfinite(start.intercept[:, 1:])
    free = Free(~shared[of], shared[of], sign[of], steps)
    problem = build(wide, start, free, standard(len(groups)), rectangular())
    return GroupsFit(fit_problem(problem, tolerance=tolerance, max_passes=max_passes, on_pass=on_pass), column)


def _columns(anchors: BoolArray, n_groups: int) -> IntArray:
    """(G, J): the first group keeps the first J columns, the others' own items follow."""
    n_items, own = len(anchors), np.flatnonzero(~anchors)
    out = np.tile(np.arange(n_items, dtype=np.int64), (n_groups, 1))
    for group in range(1, n_groups):
        out[group, own] = n_items + (group - 1) * len(own) + np.arange(len(own))
    return out


def _item_of(column: IntArray) -> IntArray:
    """(C,) the item that each column belongs to."""
    out = np.zeros(int(column.max()) + 1, dtype=np.int64)
    out[column] = np.arange(column.shape[1])
    return out


def _widened(patterns: Patterns, column: IntArray, of: IntArray) -> Patterns:
    """The same people on all columns; patterns and masks keep their order."""
    codes = np.full((patterns.n_patterns, len(of)), -1, dtype=np.int8)
    masks = np.zeros((len(patterns.masks), len(of)), dtype=np.bool_)
    codes[:, column], masks[:, column] = patterns.codes, patterns.masks
    return replace(patterns, codes=codes, masks=masks, categories=patterns.categories[of])


def pooled(metric: FileMetric, errors: ItemErrors, weight: FloatArray) -> Pooled:
    """Mean and SD of theta over all groups: of the mixture of their normal distributions.

    mean = sum of p_g mean_g, variance = sum of p_g (sd_g^2 + mean_g^2) - mean^2, errors by the delta method.

    Args:
        metric: the estimates.
        errors: their errors.
        weight: (G,) total weight of each group.
    """
    share = weight / weight.sum()
    mean = float(share @ metric.mean)
    sd = float(np.sqrt(share @ (metric.sd**2 + metric.mean**2) - mean**2))
    by_mean = np.concatenate([share, np.zeros(len(share))])
    by_sd = np.concatenate([share * (metric.mean - mean), share * metric.sd]) / sd
    n_latent = 2 * len(share)
    covariance = np.nan_to_num(errors.covariance[-n_latent:, -n_latent:])
    se_mean, se_sd = (float(np.sqrt(max(float(by @ covariance @ by), 0.0))) for by in (by_mean, by_sd))
    return Pooled(mean, sd, se_mean, se_sd)
