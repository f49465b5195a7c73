"""Small answers and items for examples and first tries: real ones of two categories, invented ones of three."""

import numpy as np

from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, from_table

LSAT6_ITEMS: Items = items_from_thresholds(
    np.array([0.8254, 0.7229, 0.8905, 0.6886, 0.6575]),
    np.array([[-3.3597], [-1.3696], [-0.2799], [-1.8659], [-3.1236]]),
)
"""Two-parameter logistic items of LSAT section 6 under a standard normal theta (Bock & Aitkin 1981)."""

CREDIT_ITEMS: Items = items_from_thresholds(np.ones(3), np.array([[-1.0, 0.5], [-0.5, 0.8], [0.0, 1.2]]))
"""Three partial credit items of three categories, invented."""

GRADED_ITEMS: Items = items_from_thresholds(
    np.array([1.0, 1.5, 2.0]), np.array([[-1.0, 0.5], [-0.5, 0.8], [0.0, 1.2]]), np.ones(3, dtype=np.bool_)
)
"""Three graded items of three categories, invented."""

_LSAT6 = """
00000 3 00001 6 00010 2 00011 11 00100 1 00101 1 00110 3 00111 4 01000 1 01001 8 01011 16 01101 3 01110 2 01111 15
10000 10 10001 29 10010 14 10011 81 10100 3 10101 28 10110 15 10111 80 11000 16 11001 56 11010 21 11011 173
11100 11 11101 61 11110 28 11111 298
"""
_CREDIT = """
000 23 001 9 002 3 010 19 011 14 012 5 020 8 021 6 022 4 100 37 101 20 102 5 110 33 111 36 112 11 120 15 121 20
122 4 200 19 201 12 202 5 210 8 211 18 212 12 220 11 221 19 222 24
"""


def _patterns(text: str, categories: int) -> Patterns:
    words = text.split()
    codes = np.array([[int(digit) for digit in word] for word in words[::2]], dtype=np.int8)
    counts = np.array([float(word) for word in words[1::2]])
    return from_table(codes, np.full(codes.shape[1], categories), counts)


LSAT6: Patterns = _patterns(_LSAT6, 2)
"""1,000 people's answers to the five items of LSAT section 6 (Bock & Lieberman 1970)."""

CREDIT: Patterns = _patterns(_CREDIT, 3)
"""400 invented people's answers to `CREDIT_ITEMS`, theta standard normal."""
