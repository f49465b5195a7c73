"""The normal distribution's 95 % point, told once, and the intervals that are made with it."""

Z95 = 1.959963984540054
"""Two-sided 95 % point of the standard normal distribution."""


def interval95(value: float, se: float) -> tuple[float, float]:
    """The 95 % interval value +- Z95 se.

    Args:
        value: an estimate.
        se: its standard error, >= 0.

    Example:
        >>> tuple(round(end, 2) for end in interval95(0.5, 0.1))
        (0.3, 0.7)
    """
    return value - Z95 * se, value + Z95 * se


def share_interval95(share: float, se: float) -> tuple[float, float]:
    """The same for a share, cut at 0 and 1.

    Example:
        >>> tuple(round(end, 2) for end in share_interval95(0.1, 0.1))
        (0.0, 0.3)
    """
    low, high = interval95(share, se)
    return max(0.0, low), min(1.0, high)
