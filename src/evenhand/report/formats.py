"""Numbers as a reader sees them: one way to write each kind, and a dash for what is not a number."""

import math

from evenhand.measure.normal import interval95, share_interval95

DASH = "–"
"""Written where there is no number: never `nan`, `inf` or `None`."""

_MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"


def finite(value: float | None) -> float | None:
    """The value as a float, None where it is missing, NaN or infinite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)


def number(value: float | None, digits: int = 2) -> str:
    """A number with a fixed number of decimals and a true minus sign: `−1.22`, `12,300.50`."""
    known = finite(value)
    if known is None:
        return DASH
    text = f"{known:,.{digits}f}"
    if not any(character in "123456789" for character in text):
        text = text.lstrip("-")  # a rounded zero has no sign
    return text.replace("-", _MINUS)


def count(value: float | None) -> str:
    """A whole number with separated thousands."""
    return number(value, 0)


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage: `23.4 %`, the space unbreakable."""
    known = finite(share)
    return DASH if known is None else f"{number(100 * known, digits)}{_SPACE}%"


def bounds(value: float | None, se: float | None) -> tuple[float, float] | None:
    """The 95 % interval of an estimate, None where either number is unknown."""
    centre, error = finite(value), finite(se)
    if centre is None or error is None:
        return None
    return interval95(centre, error)


def share_bounds(share: float | None, se: float | None) -> tuple[float, float] | None:
    """The same for a share, cut at 0 and 1."""
    centre, error = finite(share), finite(se)
    if centre is None or error is None:
        return None
    return share_interval95(centre, error)


def interval(found: tuple[float, float] | None, digits: int = 2) -> str:
    """An interval: `−1.46 to −0.99`."""
    return DASH if found is None else f"{number(found[0], digits)} to {number(found[1], digits)}"


def percent_interval(found: tuple[float, float] | None, digits: int = 1) -> str:
    """An interval of a share: `20.1 to 26.7 %`."""
    return DASH if found is None else f"{interval((100 * found[0], 100 * found[1]), digits)}{_SPACE}%"


def many(n: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 item`, `8 items`."""
    return f"{count(n)} {singular if n == 1 else plural or singular + 's'}"
