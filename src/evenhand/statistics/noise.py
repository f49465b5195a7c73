"""Noise and its price: OpenDP's exact discrete Gaussian, and its accountant. Nothing else here knows OpenDP.

A mechanism adds discrete Gaussian noise of scale sigma to each of a vector of whole numbers. For inputs at most
d apart in L2 it loses d^2 / (2 sigma^2) of zero-concentrated differential privacy (zCDP; Bun & Steinke 2016;
Canonne, Kamath & Steinke 2020). Losses add up, and are told as (epsilon, delta) at the end.

Preconditions of `Mechanism.release`: whole numbers within +-2^31. Postcondition: the loss is at most
`Mechanism.rho` for any two inputs whose L2 distance is at most the square root of `squared_sensitivity`.
Randomness comes from the operating system, cannot be seeded, and is never drawn twice for one release: the store
keeps what was released.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import inf, nextafter, sqrt
from numbers import Integral
from typing import Any

from evenhand.errors import StatisticsError

LARGEST = 2**31
"""Counts beyond this are no people."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Noise of a known price.

    Attributes:
        sigma: scale of the discrete Gaussian.
        squared_sensitivity: squared L2 distance between neighbouring inputs.
        rho: zCDP lost, an upper bound; by OpenDP's own account it is not exceeded.
    """

    sigma: float
    squared_sensitivity: int
    rho: Fraction

    def release(self, counts: Sequence[int]) -> tuple[int, ...]:
        """The counts with noise: signed whole numbers.

        Args:
            counts: whole numbers within +-2^31.

        Raises:
            StatisticsError: a value that is not a whole number, or is beyond those bounds.
        """
        values = [_whole(each) for each in counts]
        if not values:
            return ()
        return tuple(int(each) for each in _gaussian(self.sigma)(values))

    def cost(self) -> float:
        """What OpenDP charges for one release: known without any data."""
        return float(_gaussian(self.sigma).map(sqrt(self.squared_sensitivity)))


def mechanism(rho: Fraction, squared_sensitivity: int) -> Mechanism:
    """The least noise that a loss of `rho` pays for.

    sigma = sqrt(squared_sensitivity / (2 rho)), moved up by the last bits where OpenDP's account, which rounds
    against us, would still exceed rho.

    Args:
        rho: zCDP, > 0.
        squared_sensitivity: squared L2 distance between neighbours, >= 1.

    Raises:
        StatisticsError: rho is not above 0, or the sensitivity is below 1.
    """
    if not rho > 0 or squared_sensitivity < 1:
        raise StatisticsError(
            "statistics.rho",
            f"No noise has a privacy loss of {float(rho)} at squared sensitivity {squared_sensitivity}.",
            why="A loss of 0 would need endless noise.",
            mend="Give a loss above 0 and a whole squared sensitivity of 1 or more.",
        )
    sigma = least_sigma(rho, squared_sensitivity)
    while Fraction(Mechanism(sigma, squared_sensitivity, rho).cost()) > rho:
        sigma = nextafter(sigma, inf)
    return Mechanism(sigma, squared_sensitivity, rho)


def least_sigma(rho: Fraction, squared_sensitivity: int) -> float:
    """sqrt(squared_sensitivity / (2 rho)): the noise of a loss but for the last bits, known without OpenDP.

    Args:
        rho: zCDP, > 0.
        squared_sensitivity: squared L2 distance between neighbours.
    """
    return sqrt(Fraction(squared_sensitivity) / (2 * rho))


def composed_cost(mechanisms: Sequence[Mechanism]) -> float:
    """What OpenDP charges for several releases about the same people, each at its own sensitivity.

    Each is first restated at sensitivity 1 (sigma / sqrt(squared_sensitivity)), so that one compositor holds all.
    """
    dp = _opendp()
    parts = [_gaussian(each.sigma / sqrt(each.squared_sensitivity)) for each in mechanisms]
    return float(dp.c.make_composition(parts).map(1.0)) if parts else 0.0


def epsilon(rho: Fraction, delta: float) -> float:
    """The least epsilon that OpenDP gives a zCDP loss at delta.

    Args:
        rho: zCDP, >= 0.
        delta: > 0 and < 1.

    Raises:
        StatisticsError: a loss below 0, or a delta outside (0, 1).
    """
    if rho < 0 or not 0 < delta < 1:
        raise StatisticsError(
            "statistics.delta",
            f"There is no epsilon for a loss of {float(rho)} at delta {delta}.",
            mend="Give a loss of 0 or more and a delta above 0 and below 1.",
        )
    if rho == 0:
        return 0.0
    dp = _opendp()
    scale = mechanism(rho, 1).sigma
    return float(dp.c.make_zCDP_to_approxDP(_gaussian(scale)).map(1.0).epsilon(delta))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or not -LARGEST <= int(value) <= LARGEST:
        raise StatisticsError(
            "statistics.not-a-count",
            "Noise is added to whole numbers within bounds alone.",
            why=f"One of the values is of type {type(value).__name__}, or beyond +-2^31.",
            mend="Give counts of people as whole numbers.",
        )
    return int(value)


@cache
def _opendp() -> Any:
    # OpenDP asks for this before any mechanism; it is loaded only where noise is drawn or priced.
    import opendp.prelude as dp

    dp.enable_features("contrib")
    return dp


@cache
def _gaussian(sigma: float) -> Any:
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=sigma)
