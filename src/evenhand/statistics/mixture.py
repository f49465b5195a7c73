"""The form of need's distribution in a region: a mixture of its districts' normals, with mean 0 and SD 1.

Districts of one region can differ by more than what a normal curve hides once thousands of people are counted.
With weights w_d, means m_d and SDs s_d the mixture has

    M = sum w_d m_d,  S^2 = sum w_d (s_d^2 + (m_d - M)^2),  f(z) = sum w_d N(z; (m_d - M) / S, s_d / S).

Place and width are left to the region's own histogram; only f is taken from the districts.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import StatisticsError
from evenhand.measure.responses import FloatArray

POINTS = 2001
"""Points of z at which a form is kept, linear between them: relative error below 1e-4 at SDs of 0.5 and more."""

REACH = 9.0
"""SDs of a district beyond its mean that the points cover."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A density of mean 0 and SD 1, up to a factor.

    Attributes:
        z: (Z,) equally spaced points.
        density: (Z,) the density there, >= 0; 0 beyond the ends.
    """

    z: FloatArray
    density: FloatArray

    def at(self, z: FloatArray) -> FloatArray:
        """The density at points of any shape, the same shape."""
        return np.interp(z.ravel(), self.z, self.density, left=0.0, right=0.0).reshape(z.shape)


def mixture(mean: FloatArray, sd: FloatArray, weight: FloatArray) -> Shape:
    """The form of a mixture of D normal distributions.

    Args:
        mean: (D,) means.
        sd: (D,) SDs, > 0.
        weight: (D,) weights, > 0, of any sum: expected numbers of people.

    Raises:
        StatisticsError: no distribution, or a mean, SD or weight that cannot be one.
    """
    finite = all(np.isfinite(each).all() for each in (mean, sd, weight))
    if not (len(mean) and finite and (sd > 0).all() and (weight > 0).all()):
        raise StatisticsError(
            "statistics.mixture",
            "These districts give no distribution of their region.",
            why="There must be one, and each needs a mean, an SD and an expected number of people, both above 0.",
            mend="Give the estimate of each district of the region.",
        )
    share = weight / weight.sum()
    centre = share @ mean
    width = np.sqrt(share @ (sd**2 + (mean - centre) ** 2))
    at, own = (mean - centre) / width, sd / width
    z = np.linspace(float((at - REACH * own).min()), float((at + REACH * own).max()), POINTS)
    density = np.exp(-(((z[:, None] - at) / own) ** 2) / 2) @ (share / own)
    return Shape(z, density)
