"""The class of need under which a case stands in the public statistics' histogram."""

import numpy as np
from scipy.special import ndtri

from evenhand.programme.definition import Programme
from evenhand.service.measuring import Assessment

BANDS = 10
"""Bands of the expectation, where a scale is not asked in full."""


def need_class(programme: Programme, found: Assessment) -> int:
    """The raw score where the scale is asked in full, else the band of the expectation.

    The raw score counts steps toward more need, whatever an item's direction. With an answer missing there is no
    raw score: such a case stands in a class of its own, one above the highest score. Bands are the tenths of the
    recorded latent distribution in which the expectation lies.
    """
    scale = programme.need_scale()
    if programme.asking.mode == "adaptive":
        latent = scale.require_latent("the public statistics")
        edges = latent.mean + latent.sd * ndtri(np.arange(1, BANDS) / BANDS)
        return int(np.searchsorted(edges, found.measure.theta, side="right"))
    steps = []
    for item in scale.items:
        code = found.answers[item.name]
        if code is None:
            return sum(each.categories - 1 for each in scale.items) + 1
        steps.append(code if item.direction == 1 else item.categories - 1 - code)
    return sum(steps)
