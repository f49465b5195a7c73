"""Evenhand measures a person's need for support from their own answers.

The names below are what an analyst imports (`import evenhand as eh`); `docs/reference/python.md` shows their use.
Each is loaded when it is first used, so that `evenhand --version` does not wait for statistics.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from evenhand.errors import (
    BoundaryError,
    EstimationError,
    EvenhandError,
    EvenhandWarning,
    InputError,
)
from evenhand.version import __version__

if TYPE_CHECKING:
    from evenhand.analysis import compare, fit
    from evenhand.api import Scale, calibrate, dif, link, load_scale, read_answers
    from evenhand.programme.instrument import load_instrument

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

_HOMES = {
    "Scale": "evenhand.api",
    "calibrate": "evenhand.api",
    "compare": "evenhand.analysis",
    "dif": "evenhand.api",
    "fit": "evenhand.analysis",
    "link": "evenhand.api",
    "load_instrument": "evenhand.programme.instrument",
    "load_scale": "evenhand.api",
    "read_answers": "evenhand.api",
}
"""Where each name that is loaded on first use comes from."""


def __getattr__(name: str) -> Any:
    """Load a name of the list above on its first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The names above, loaded or not."""
    return sorted({*globals(), *__all__})
