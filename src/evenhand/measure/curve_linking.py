"""Linking by the items' curves, and the standard errors of every link.

The items in common have parameters on two metrics, theta = shift + scale * own. On the reference metric their
own parameters become a / scale and shift + scale b, and the link is where the two sets of curves agree best:

- Haebara (1980): sum of squared differences of the probability of every category of every item;
- Stocking & Lord (1983): squared difference of the expected total score.

Both are integrated over a normal distribution of theta on the reference metric; the symmetric form adds the
same on the own metric, with the reference's parameters taken there. The expected score counts each item in its
own direction (a reversed item's categories from the top), lest items of opposite slope cancel.

The scale is sought as its logarithm and so is never negative.

Standard errors are by the delta method. A link solves g(scale, shift; parameters) = 0, so that its derivatives
by the parameters are -(dg/dlink)^-1 dg/dparameters (Ogasawara 2001); the two sets of parameters come from two
calibrations of different people and are taken as independent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import least_squares

from evenhand.errors import EstimationError
from evenhand.measure.linking import (
    ItemParameters,
    Link,
    LinkMethod,
    check_number,
    check_spread,
    fao_link,
    mean_mean,
    mean_sigma,
)
from evenhand.measure.models import Items, derivatives
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import BoolArray, FloatArray

TOLERANCE = 1e-13
STEP = 1e-5
"""Of numerical derivatives: central differences are then good to about ten digits."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The normal distribution of theta that a criterion is integrated over."""

    mean: float = 0.0
    sd: float = 1.0

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """(Q,) values of theta and their weights, which add to 1."""
        quadrature = rectangular()
        return self.mean + self.sd * quadrature.nodes, np.exp(quadrature.log_weights)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a link by curves makes small.

    Attributes:
        method: `haebara` or `stocking-lord`.
        over: distribution on the reference metric.
        own_over: distribution on the own metric, for the symmetric form; None for the one-sided form.
    """

    method: LinkMethod = "stocking-lord"
    over: Distribution = Distribution()
    own_over: Distribution | None = None

    def residuals(
        self, link: FloatArray, own: ItemParameters, reference: ItemParameters
    ) -> tuple[FloatArray, FloatArray]:
        """(R,) what is squared and added, and (R, 2) its derivatives by the link.

        Args:
            link: (2,) logarithm of the scale, and the shift.
            own: J items on the own metric.
            reference: the same items on the reference metric.
        """
        residual, jacobian = self._together(*self.by_item(link, own, reference))
        return residual.ravel(), jacobian.reshape(-1, 2)

    def by_item(
        self, link: FloatArray, own: ItemParameters, reference: ItemParameters
    ) -> tuple[FloatArray, FloatArray]:
        """Each item's part: (J, R) differences of curves and (J, R, 2) their derivatives by the link."""
        scale, shift = float(np.exp(link[0])), float(link[1])
        theta, weight = self.over.nodes()
        there = (theta - shift) / scale
        known, _ = self._curves(reference.items(), theta, weight, reference.a)
        moved, slope = self._curves(own.items(), there, weight, reference.a)
        # d there / d log scale = -there, d there / d shift = -1 / scale
        parts = [(known - moved, np.stack([slope * there, slope / scale], axis=-1))]
        if self.own_over is not None:
            theta, weight = self.own_over.nodes()
            known, _ = self._curves(own.items(), theta, weight, reference.a)
            moved, slope = self._curves(reference.items(), shift + scale * theta, weight, reference.a)
            parts.append((known - moved, np.stack([-slope * scale * theta, -slope], axis=-1)))
        n_items = len(own.a)
        return (
            np.concatenate([value.reshape(n_items, -1) for value, _ in parts], axis=1),
            np.concatenate([jacobian.reshape(n_items, -1, 2) for _, jacobian in parts], axis=1),
        )

    def _together(self, residual: FloatArray, jacobian: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Items side by side where each has its own differences; their sum, for the total score."""
        if self.method == "haebara":
            return residual, jacobian
        return residual.sum(axis=0, keepdims=True), jacobian.sum(axis=0, keepdims=True)

    def _curves(
        self, items: Items, theta: FloatArray, weight: FloatArray, direction: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Curves at theta times the root of the weight, and their derivatives: (J, K, Q), or (J, Q) scores."""
        p, first, _ = derivatives(items, theta)
        root = np.sqrt(weight)
        if self.method == "haebara":
            return p * root, first * root
        # categories from the top would shift a reversed item's score by a constant, which differences do not feel
        score = np.sign(direction)[:, None] * np.arange(p.shape[1])
        return np.einsum("jkq,jk->jq", p, score) * root, np.einsum("jkq,jk->jq", first, score) * root

    def value(self, link: FloatArray, own: ItemParameters, reference: ItemParameters) -> float:
        """The criterion itself."""
        residual, _ = self.residuals(link, own, reference)
        return float(residual @ residual)

    def gradient(self, link: FloatArray, own: ItemParameters, reference: ItemParameters) -> FloatArray:
        """(2,) half the derivatives of the criterion."""
        residual, jacobian = self.residuals(link, own, reference)
        out: FloatArray = jacobian.T @ residual
        return out

    def gradient_by_item(
        self,
        link: FloatArray,
        start: tuple[ItemParameters, ItemParameters],
        end: tuple[ItemParameters, ItemParameters],
    ) -> FloatArray:
        """(J, 2) what each item adds to the gradient, the others unchanged, as both sets go from start to end."""
        first, last = self.by_item(link, *start), self.by_item(link, *end)
        residual, jacobian = ((one + other) / 2 for one, other in zip(first, last, strict=True))
        middle, turn = self._together(residual, jacobian)
        change, tilt = last[0] - first[0], last[1] - first[1]
        total, slope = np.broadcast_to(middle, change.shape), np.broadcast_to(turn, tilt.shape)
        out: FloatArray = np.einsum("jr,jrl->jl", change, slope) + np.einsum("jrl,jr->jl", tilt, total)
        return out


def link_items(
    own: ItemParameters,
    reference: ItemParameters,
    common: BoolArray,
    criterion: Criterion | None = None,
    *,
    method: LinkMethod = "stocking-lord",
) -> Link:
    """Link J items by any method; the standard errors come with it where parameters have a covariance.

    Args:
        own: J items on the own metric.
        reference: the same items on the reference metric; NaN where it lacks them.
        common: (J,) items to link by.
        criterion: what to make small, for the methods by curves.
        method: `fao` works on the binary items' severities alone and has no standard error: which items it drops
            depends on the answers.

    Raises:
        EstimationError: fewer than three items in common, all equally severe where the unit is taken from their
            spread, or curves that no link brings together.

    Example:
        >>> own = ItemParameters(np.array([1.0, 1.5, 0.8]), np.array([[-1.0], [0.0], [1.0]]))
        >>> reference = ItemParameters(own.a / 1.2, 0.3 + 1.2 * own.b)
        >>> link = link_items(own, reference, np.ones(3, dtype=np.bool_))
        >>> round(link.scale, 3), round(link.shift, 3)
        (1.2, 0.3)
    """
    if method == "fao":
        return fao_link(own.b[:, 0], np.where(common, reference.b[:, 0], np.nan))
    check_number(common)
    ours, theirs = own.take(common), reference.take(common)
    if method == "mean-sigma":
        check_spread(ours.b, theirs.b, ~np.isnan(ours.b))
    scale, shift, by_parameters = _solve(ours, theirs, criterion or Criterion(method), method)
    with np.errstate(invalid="ignore"):
        distance = np.abs(shift + scale * _mean_threshold(own) - _mean_threshold(reference))
    return Link(
        scale,
        shift,
        common,
        (),
        distance,
        rule_met=True,
        method=method,
        covariance=_covariance(ours, theirs, by_parameters),
    )


def _mean_threshold(items: ItemParameters) -> FloatArray:
    known = ~np.isnan(items.b)
    total = np.where(known, items.b, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)


Estimate = Callable[[ItemParameters, ItemParameters], FloatArray]


def _solve(
    own: ItemParameters, reference: ItemParameters, criterion: Criterion, method: LinkMethod
) -> tuple[float, float, FloatArray]:
    """Scale, shift, and (2, 2 n) their derivatives by the parameters of both sets."""
    if method in {"haebara", "stocking-lord"}:
        criterion = replace(criterion, method=method)
        link = minimise(criterion, own, reference)
        turn = _by_link(lambda at: criterion.gradient(at, own, reference), link)
        by = -np.linalg.solve(turn, _gradient_by_parameters(criterion, link, own, reference))
        scale = float(np.exp(link[0]))
        return scale, float(link[1]), by * np.array([[scale], [1.0]])
    estimate: Estimate = _mean_mean if method == "mean-mean" else _mean_sigma
    scale, shift = estimate(own, reference)
    return float(scale), float(shift), _by_parameters(estimate, own, reference)


def _mean_mean(own: ItemParameters, reference: ItemParameters) -> FloatArray:
    return np.array(mean_mean(own, reference))


def _mean_sigma(own: ItemParameters, reference: ItemParameters) -> FloatArray:
    return np.array(mean_sigma(own.b, reference.b, ~np.isnan(own.b)))


def minimise(criterion: Criterion, own: ItemParameters, reference: ItemParameters) -> FloatArray:
    """(2,) logarithm of the scale and shift where the criterion is least, from several starts.

    Raises:
        EstimationError: it has no minimum.

    Example:
        >>> own = ItemParameters(np.array([1.0, 1.5, 0.8]), np.array([[-1.0], [0.0], [1.0]]))
        >>> reference = ItemParameters(own.a / 1.2, 0.3 + 1.2 * own.b)
        >>> scale, shift = minimise(Criterion(), own, reference)
        >>> float(np.exp(scale).round(3)), float(shift.round(3))
        (1.2, 0.3)
    """
    starts = [np.zeros(2), _start(mean_mean(own, reference))]
    steps = ~np.isnan(own.b)
    if min(np.ptp(own.b[steps]), np.ptp(reference.b[steps])) > 1e-6:
        starts.append(_start(mean_sigma(own.b, reference.b, steps)))

    def residuals(at: FloatArray) -> FloatArray:
        return criterion.residuals(at, own, reference)[0]

    def jacobian(at: FloatArray) -> FloatArray:
        return criterion.residuals(at, own, reference)[1]

    ends = [
        least_squares(
            residuals,
            start,
            jac=jacobian,
            x_scale="jac",
            ftol=TOLERANCE,
            xtol=TOLERANCE,
            gtol=TOLERANCE,
            max_nfev=500,
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.cost))
    link: FloatArray = np.asarray(best.x, dtype=np.float64)
    turn = _by_link(lambda at: criterion.gradient(at, own, reference), link)
    flattest = np.linalg.eigvalsh((turn + turn.T) / 2)[0]
    if not np.isfinite(link).all() or flattest <= 1e-12 * max(1.0, float(np.abs(turn).max())):
        raise EstimationError(
            "link.no-minimum",
            "No link brings the two scales' curves together.",
            why="The items in common say nothing about people where the criterion looks.",
            mend="Link by --method mean-sigma, or through other items.",
        )
    return link


def _start(link: tuple[float, float]) -> FloatArray:
    return np.array([np.log(link[0]), link[1]])


def _by_link(function: Callable[[FloatArray], FloatArray], at: FloatArray) -> FloatArray:
    """(2, 2) derivatives by logarithm of the scale and shift."""
    steps = STEP * np.eye(len(at))
    return np.stack([(function(at + step) - function(at - step)) / (2 * STEP) for step in steps], axis=1)


def _gradient_by_parameters(
    criterion: Criterion, link: FloatArray, own: ItemParameters, reference: ItemParameters
) -> FloatArray:
    """(2, 2 n) derivatives of the gradient by the parameters of both sets, one of every item at a time."""
    n_items, n = len(own.a), len(own.flat())
    slots = [np.arange(n_items), *n_items + np.arange(n - n_items).reshape(own.b.shape).T]
    out = np.zeros((2, 2 * n))
    for begin, items in ((0, own), (n, reference)):
        for places in slots:
            step = np.zeros(n)
            step[places] = STEP
            low, high = items.at(items.flat() - step), items.at(items.flat() + step)
            ends = ((low, reference), (high, reference)) if begin == 0 else ((own, low), (own, high))
            out[:, begin + places] = criterion.gradient_by_item(link, *ends).T / (2 * STEP)
    exists = ~np.isnan(np.concatenate([own.flat(), reference.flat()]))
    return np.where(exists, out, 0.0)


def _by_parameters(function: Estimate, own: ItemParameters, reference: ItemParameters) -> FloatArray:
    """(2, 2 n) derivatives by the parameters of both sets, 0 for thresholds that do not exist."""
    n = len(own.flat())
    out = np.zeros((2, 2 * n))
    for begin, items in ((0, own), (n, reference)):
        at = items.flat()
        for place in np.flatnonzero(~np.isnan(at)):
            ends = []
            for sign in (1, -1):
                values = at.copy()
                values[place] += sign * STEP
                moved = items.at(values)
                ends.append(function(moved, reference) if begin == 0 else function(own, moved))
            out[:, begin + place] = (ends[0] - ends[1]) / (2 * STEP)
    return out


def _covariance(own: ItemParameters, reference: ItemParameters, by: FloatArray) -> FloatArray | None:
    if own.covariance is None and reference.covariance is None:
        return None
    n = len(own.flat())
    known = [
        np.zeros((n, n)) if items.covariance is None else np.nan_to_num(items.covariance)
        for items in (own, reference)
    ]
    joint = np.asarray(block_diag(*known), dtype=np.float64)
    out: FloatArray = by @ joint @ by.T
    return out
