"""Published sample data that come with Evenhand, as tables of response patterns.

`fao-country1`: the FAO's example country 1 of the R package RM.weights 2.0 (1,000 respondents of a
food-insecurity survey with sampling weights). What is kept are facts computed from it: how many people gave each
response pattern, the sum of their weights and the sum of their squared weights.
"""

import csv
from importlib import resources

import numpy as np

from evenhand.measure.patterns import Patterns, from_table

FAO_COUNTRY1 = "fao-country1"
FAO_COUNTRY1_SOURCE = (
    "Response patterns of the FAO's example country 1 (R package RM.weights 2.0): 1,000 people, sampling weights"
)


def load_sample(name: str) -> tuple[tuple[str, ...], Patterns]:
    """The item names and weighted patterns of a sample that comes with Evenhand."""
    file = resources.files("evenhand.programme").joinpath("library", f"{name}-patterns.csv")
    return read_pattern_table(file.read_text("utf-8"))


def read_pattern_table(text: str) -> tuple[tuple[str, ...], Patterns]:
    """Binary patterns from CSV text: a column an item (empty = missing), then n, sum_w and sum_w2.

    Without sum_w and sum_w2 everyone has weight 1.
    """
    header, *rows = csv.reader(text.splitlines())
    n_items = header.index("n")
    codes = np.array([[int(cell) if cell else -1 for cell in row[:n_items]] for row in rows], dtype=np.int8)
    totals = np.array([[float(cell) for cell in row[n_items:]] for row in rows])
    weights = (totals[:, 1], totals[:, 2]) if totals.shape[1] == 3 else (None, None)
    categories = np.full(n_items, 2, dtype=np.int64)
    return tuple(header[:n_items]), from_table(codes, categories, totals[:, 0], *weights)
