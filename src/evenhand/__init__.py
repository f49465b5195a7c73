"""Evenhand measures a person's need for support from their own answers.

The names below are what an analyst imports (`import evenhand as eh`); `docs/reference/python.md` shows their use.
"""

from evenhand.analysis import compare, fit
from evenhand.api import Scale, calibrate, dif, link, load_scale, read_answers
from evenhand.errors import (
    BoundaryError,
    EstimationError,
    EvenhandError,
    EvenhandWarning,
    InputError,
)
from evenhand.programme.instrument import load_instrument
from evenhand.version import __version__

__all__ = [
    "BoundaryError",
    "EstimationError",
    "EvenhandError",
    "EvenhandWarning",
    "InputError",
    "Scale",
    "__version__",
    "calibrate",
    "compare",
    "dif",
    "fit",
    "link",
    "load_instrument",
    "load_scale",
    "read_answers",
]
