"""What marginal maximum likelihood maximises: groups of people, items with free and fixed parameters.

Within group g theta is Normal(mean_g, sd_g). The parameter vector is

    (shared slope, free slopes, free intercepts, free means, logarithms of free SDs)

each part present only where something in it is free.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.digits import Digits, cut
from evenhand.measure.models import Items, on_standard_scale
from evenhand.measure.mstep import Counts, Free, maximise
from evenhand.measure.patterns import Patterns
from evenhand.measure.posterior import Expected, expectation
from evenhand.measure.quadrature import Quadrature
from evenhand.measure.responses import BoolArray, FloatArray
from evenhand.measure.squarem import Pass


@dataclass(frozen=True, slots=True)
class Latents:
    """The latent distributions of G groups.

    Attributes:
        mean: (G,) means.
        sd: (G,) SDs.
        mean_free: (G,) which means are estimated.
        sd_free: (G,) which SDs are estimated.
    """

    mean: FloatArray
    sd: FloatArray
    mean_free: BoolArray
    sd_free: BoolArray


def standard(n_groups: int = 1) -> Latents:
    """The first group standard normal; means and SDs of the others free.

    Example:
        >>> standard(2).mean_free
        array([False,  True])
    """
    others = np.arange(n_groups) > 0
    return Latents(np.zeros(n_groups), np.ones(n_groups), others, others.copy())


def fixed(mean: FloatArray, sd: FloatArray) -> Latents:
    """Latent distributions that are not estimated.

    Example:
        >>> fixed(np.array([0.5]), np.array([1.2])).sd_free
        array([False])
    """
    none = np.zeros(len(mean), dtype=np.bool_)
    return Latents(mean, sd, none, none)


@dataclass(frozen=True, slots=True)
class State:
    """What a maximisation step needs from a pass.

    Attributes:
        counts: for the items.
        first: (G,) sum of w E(z | x) by group.
        second: (G,) sum of w E(z^2 | x) by group.
    """

    counts: Counts
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True, slots=True)
class Problem:
    """The data, and which parameters are free.

    Attributes:
        groups: patterns of each of the G groups, on the same J items.
        digits: the same, cut.
        start: items to start from; what is fixed stays as it is here.
        free: free item parameters.
        latents: latent distributions, to start from or fixed.
        quadrature: nodes on the scale of a standard normal.
    """

    groups: tuple[Patterns, ...]
    digits: tuple[Digits, ...]
    start: Items
    free: Free
    latents: Latents
    quadrature: Quadrature

    @property
    def weight(self) -> float:
        """Total weight."""
        return float(sum(patterns.w.sum() for patterns in self.groups))

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Number of parameters in each part of the vector."""
        return (
            int(self.free.shared.any()),
            int(self.free.slope.sum()),
            int(self.free.intercept.sum()),
            int(self.latents.mean_free.sum()),
            int(self.latents.sd_free.sum()),
        )

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """The five parts of a parameter vector."""
        return np.split(vector, np.cumsum(self.sizes)[:-1])

    def pack(self, items: Items, latents: Latents) -> FloatArray:
        """The parameter vector of items and latent distributions."""
        free = self.free
        shared = (free.sign * items.slope)[free.shared][:1]
        return np.concatenate(
            [
                shared,
                items.slope[free.slope],
                items.intercept[:, 1:][free.intercept],
                latents.mean[latents.mean_free],
                np.log(latents.sd[latents.sd_free]),
            ]
        )

    def unpack(self, vector: FloatArray) -> tuple[Items, Latents]:
        """Items and latent distributions from a parameter vector."""
        shared, slopes, intercepts, means, log_sds = self.split(vector)
        slope, intercept = self.start.slope.copy(), self.start.intercept.copy()
        if len(shared):
            slope[self.free.shared] = self.free.sign[self.free.shared] * shared[0]
        slope[self.free.slope] = slopes
        intercept[:, 1:][self.free.intercept] = intercepts
        mean, sd = self.latents.mean.copy(), self.latents.sd.copy()
        mean[self.latents.mean_free], sd[self.latents.sd_free] = means, np.exp(log_sds)
        items = Items(slope, intercept, self.start.graded)
        return items, Latents(mean, sd, self.latents.mean_free, self.latents.sd_free)

    def evaluate(self, vector: FloatArray) -> Pass[State]:
        """Log-likelihood, gradient and sufficient statistics at a parameter vector."""
        items, latents = self.unpack(vector)
        loglik, parts = 0.0, []
        for patterns, digits, mean, sd in zip(self.groups, self.digits, latents.mean, latents.sd, strict=True):
            found = expectation(patterns, digits, on_standard_scale(items, mean, sd), self.quadrature)
            loglik += found.loglik
            parts.append(found)
        z = self.quadrature.nodes
        first = np.array([float(found.nodes.sum(axis=0) @ z) for found in parts])
        second = np.array([float(found.nodes.sum(axis=0) @ z**2) for found in parts])
        state = State(self._counts(items, latents, parts), first, second)
        return Pass(loglik, self._gradient(items, latents, state), state)

    def _counts(self, items: Items, latents: Latents, parts: list[Expected]) -> Counts:
        k = np.arange(self.digits[0].n_categories, dtype=np.float64)
        S, R = np.zeros(items.n_items), np.zeros(items.intercept[:, 1:].shape)
        N, graded = [], []
        for patterns, digits, found, mean, sd in zip(
            self.groups, self.digits, parts, latents.mean, latents.sd, strict=True
        ):
            S = S + (mean * digits.totals + sd * found.by_category) @ k
            R = R + digits.totals[:, 1:]
            one_mask = len(patterns.masks) == 1 and bool(patterns.masks.all())
            N.append(found.nodes if one_mask else patterns.masks.T.astype(np.float64) @ found.nodes)
            if found.graded is not None:
                graded.append(found.graded)
        n_rows = max(len(each) for each in N)
        return Counts(
            S,
            R,
            np.concatenate([np.broadcast_to(each, (n_rows, each.shape[1])) for each in N], axis=1),
            (latents.mean[:, None] + latents.sd[:, None] * self.quadrature.nodes).ravel(),
            np.isfinite(items.intercept[:, 1:]),
            np.concatenate(graded, axis=2) if graded else None,
        )

    def _gradient(self, items: Items, latents: Latents, state: State) -> FloatArray:
        """By Fisher's identity: that of the expected complete-data log-likelihood."""
        by_item = state.counts.gradient(items)
        shared = self.free.shared
        totals = np.array([patterns.w.sum() for patterns in self.groups])
        return np.concatenate(
            [
                [float((self.free.sign * by_item[:, 0])[shared].sum())] if shared.any() else [],
                by_item[:, 0][self.free.slope],
                by_item[:, 1:][self.free.intercept],
                (state.first / latents.sd)[latents.mean_free],
                (state.second - totals)[latents.sd_free],
            ]
        )

    def improve(self, vector: FloatArray, state: State) -> FloatArray:
        """The M-step."""
        items, latents = self.unpack(vector)
        items = maximise(items, state.counts, self.free)
        total = np.array([patterns.w.sum() for patterns in self.groups])
        first, second = state.first / total, state.second / total
        mean = np.where(latents.mean_free, latents.mean + latents.sd * first, latents.mean)
        spread = second - np.where(latents.mean_free, first**2, 0.0)
        sd = np.where(latents.sd_free, latents.sd * np.sqrt(np.maximum(spread, 1e-8)), latents.sd)
        return self.pack(items, Latents(mean, sd, latents.mean_free, latents.sd_free))


def build(groups: tuple[Patterns, ...], start: Items, free: Free, latents: Latents, nodes: Quadrature) -> Problem:
    """A problem from patterns by group; each is cut once.

    Example:
        >>> from evenhand.measure.examples import LSAT6, LSAT6_ITEMS
        >>> from evenhand.measure.marginal import fit_marginal
        >>> free = fit_marginal(LSAT6, slopes="free").problem.free
        >>> problem = build((LSAT6,), LSAT6_ITEMS, free, standard(), Quadrature(np.zeros(1), np.zeros(1)))
        >>> float(problem.weight)
        1000.0
    """
    return Problem(groups, tuple(cut(patterns) for patterns in groups), start, free, latents, nodes)
