"""Reading the reference figures."""

import csv
import os
from pathlib import Path

import numpy as np

from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import CodeArray, FloatArray
from evenhand.programme.sample import load_sample, read_pattern_table

REFERENCE = Path(__file__).parent / "reference"
LARGER_DATA = Path(
    os.environ.get("EVENHAND_REFERENCE", Path(__file__).parents[2] / "shared" / "reference" / "data")
)
"""Where data lie that are not tables of facts and so not part of the project."""


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a reference file."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(name: str, field: str) -> FloatArray:
    """One column of a reference file as numbers, NaN where it has none."""
    return np.array([float(row[field]) if row[field] not in {"", "NA"} else np.nan for row in rows(name)])


def parameters(name: str, which: str) -> tuple[FloatArray, FloatArray]:
    """Estimates and standard errors of one kind of parameter in an R mirt table."""
    kept = [row for row in rows(name) if row["par"] == which]
    number = [[float(row[key]) if row[key] != "NA" else np.nan for row in kept] for key in ("est", "se")]
    return np.array(number[0]), np.array(number[1])


def fao(country: int) -> Patterns:
    """The weighted patterns of an FAO example country."""
    if country == 1:
        return load_sample("fao-country1")[1]
    return read_pattern_table((REFERENCE / "fao_country2_patterns.csv").read_text("utf-8"))[1]


def lsat6() -> Patterns:
    """The patterns of LSAT6."""
    return read_pattern_table((REFERENCE / "lsat6_patterns.csv").read_text("utf-8"))[1]


def unweighted(patterns: Patterns) -> Patterns:
    """The same people, each with weight 1."""
    return Patterns(
        patterns.codes,
        patterns.categories,
        patterns.n,
        patterns.n,
        patterns.n,
        patterns.masks,
        patterns.mask_start,
    )


def larger(name: str) -> CodeArray | None:
    """Binary answers of a data set that is not part of the project, None where it is not at hand."""
    path = LARGER_DATA / f"{name}.csv"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        _, *body = csv.reader(file)
    return np.array([[int(cell) if cell else -1 for cell in row] for row in body], dtype=np.int8)
