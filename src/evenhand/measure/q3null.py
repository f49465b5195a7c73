"""What Q3 looks like where nothing is wrong: its distribution by parametric bootstrap.

Q3 (Yen 1984) is the correlation of two items' residuals at the EAP. Where answers are independent given theta it
is not 0 but below it, and the largest of J (J - 1) / 2 of them is large by chance alone, so that no fixed cut
serves (Christensen, Makransky & Horton 2017). Answers are therefore drawn from the fitted items, scored with
them, and the largest Q3, and the largest Q3 less the mean of all, are kept from each set.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.itemfit import residual_correlations
from evenhand.measure.meansquares import eap, residual_moments
from evenhand.measure.models import Items, on_standard_scale
from evenhand.measure.patterns import in_place
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import MISSING, BoolArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes

N_SETS = 200
N_NODES = 121


@dataclass(frozen=True, slots=True)
class Q3Null:
    """The null distribution of the largest Q3.

    Attributes:
        largest: (R,) largest Q3 of each simulated set, sorted.
        above_mean: (R,) largest Q3 less the mean of all pairs, of each set, sorted.
        mean: mean Q3 over all pairs and sets.
    """

    largest: FloatArray
    above_mean: FloatArray
    mean: float

    def critical(self, level: float = 0.05) -> tuple[float, float]:
        """What the largest Q3, and it less the mean, exceed in a share `level` of sets that fit.

        Raises:
            OptionError: a level so small that the sets cannot show it.
        """
        if not 1 / (len(self.largest) + 1) <= level < 1:
            raise OptionError(
                "q3.level",
                f"{len(self.largest)} simulated sets cannot show the {level:g} point.",
                mend="Simulate more sets.",
            )
        # the (R + 1)(1 - level)-th smallest: exceeded with probability `level` exactly, not only in the limit
        at = min(int(np.ceil((len(self.largest) + 1) * (1 - level) - 1e-9)) - 1, len(self.largest) - 1)
        return float(self.largest[at]), float(self.above_mean[at])

    def p_value(self, observed_above_mean: float) -> float:
        """(1 + sets with a largest Q3 - mean at least this large) / (1 + sets)."""
        return float((1 + (self.above_mean >= observed_above_mean).sum()) / (1 + len(self.above_mean)))


def q3_null(
    items: Items,
    *,
    n: int,
    mean: float,
    sd: float,
    seed: int,
    sets: int = N_SETS,
    answered: tuple[BoolArray, FloatArray] | None = None,
    on_set: Callable[[int], None] | None = None,
) -> Q3Null:
    """Simulate the null distribution of Q3 at given items.

    The items are not estimated again in each set: the limits are those of items taken as known, a little wide
    where few people calibrated them.

    Args:
        items: J >= 2 items on the metric of theta, of any model.
        n: people in a set. With sampling weights give the effective number, (sum w)^2 / sum w^2: weighted
            correlations spread as those of so many people.
        mean: latent mean.
        sd: latent SD, > 0.
        seed: the same seed gives the same limits.
        sets: simulated sets R.
        answered: masks (M, J) of answered items and the share (M,) of people with each; everyone answers
            everything without it.
        on_set: called with the number of sets done.

    Raises:
        OptionError: fewer than 2 items, 3 people or 1 set; shares that are not shares.

    Example:
        >>> from evenhand.measure.examples import LSAT6_ITEMS
        >>> null = q3_null(LSAT6_ITEMS, n=300, mean=0.0, sd=1.0, seed=1, sets=19)
        >>> len(null.largest), null.mean < 0
        (19, True)
    """
    _check(items, n, sets, answered)
    rng = np.random.default_rng(seed)
    standard, nodes = on_standard_scale(items, mean, sd), rectangular(N_NODES)
    categories = items.top.astype(np.int64) + 1
    pairs = np.triu_indices(items.n_items, 1)
    largest, average = np.empty(sets), np.empty(sets)
    for index in range(sets):
        codes = simulate_codes(rng, standard, rng.normal(size=n))
        if answered is not None:
            masks, share = answered
            codes[~masks[rng.choice(len(masks), size=n, p=share)]] = MISSING
        patterns = in_place(Responses(codes, categories))
        residual, _, _ = residual_moments(patterns, standard, eap(patterns, standard, nodes))
        q3 = residual_correlations(residual, np.ones(len(residual)))[pairs]
        known = q3[np.isfinite(q3)]
        # a set in which no pair varies has no largest Q3: nothing stands out in it
        largest[index], average[index] = (known.max(), known.mean()) if len(known) else (-1.0, -1.0)
        if on_set is not None:
            on_set(index + 1)
    return Q3Null(np.sort(largest), np.sort(largest - average), float(average.mean()))


def _check(items: Items, n: int, sets: int, answered: tuple[BoolArray, FloatArray] | None) -> None:
    if items.n_items < 2 or n < 3 or sets < 1:
        raise OptionError(
            "q3.size",
            f"Q3 of {items.n_items} items and {n} people cannot be simulated {sets} times.",
            why="It is a correlation of two items over people.",
            mend="Give at least 2 items, 3 people and 1 set.",
        )
    if answered is None:
        return
    masks, share = answered
    fitting = masks.ndim == 2 and masks.shape[1] == items.n_items and share.shape == (len(masks),)
    if not (fitting and (share >= 0).all() and abs(share.sum() - 1) < 1e-9 and masks.any()):
        raise OptionError(
            "q3.masks",
            f"Masks of shape {masks.shape} with shares of shape {share.shape} do not describe who answered what.",
            mend="Give an (M, J) table of answered items and M shares that add to 1.",
        )
