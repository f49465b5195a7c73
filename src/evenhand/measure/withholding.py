"""Which counts of people are not shown: small ones, and as many more as subtraction would need."""

from collections.abc import Sequence

MIN_GROUP = 11
"""Groups of fewer people show no figure: it would say too much about each of them, and too little about all.
People whose group is not known count as a group that is never shown."""


def withheld(counts: Sequence[float], nameless: float = 0.0) -> list[bool]:
    """Which groups to withhold: the small ones, and more until subtraction from everybody finds no small rest.

    Args:
        counts: people of each group.
        nameless: people who are in none of them and yet in the total.
    """
    hidden = [count < MIN_GROUP for count in counts]
    while True:
        rest = nameless + sum(count for count, hide in zip(counts, hidden, strict=True) if hide)
        shown = [place for place, hide in enumerate(hidden) if not hide]
        if not 0 < rest < MIN_GROUP or not shown:
            return hidden
        hidden[min(shown, key=lambda place: counts[place])] = True
