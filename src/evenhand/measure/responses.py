"""Answers as arrays: the only place where shapes and ranges are checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evenhand.errors import EstimationError, OptionError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.int8]
BoolArray = npt.NDArray[np.bool_]

WeightsKind = Literal["sampling", "frequency"]
MissingRule = Literal["keep", "drop"]

MISSING = -1
"""The code of an answer that is not there. Unknown is never zero."""

MAX_CATEGORIES = 100
"""Categories are kept in eight bits; no questionnaire item comes near this many."""


@dataclass(frozen=True, slots=True)
class Responses:
    """What N respondents answered to J items.

    Attributes:
        codes: (N, J) category codes 0..K_j-1, `MISSING` where there is no answer.
        categories: (J,) number of categories K_j >= 2 of each item.
        weights: (N,) finite and >= 0, or None for one each.
        weights_kind: `sampling` (the person stands for w others; errors are robust) or `frequency`
            (the row stands for w identical rows); required with weights.
        clusters: (N,) cluster of each respondent, 0..C-1, or None.
    """

    codes: CodeArray
    categories: IntArray
    weights: FloatArray | None = None
    weights_kind: WeightsKind | None = None
    clusters: IntArray | None = None

    def __post_init__(self) -> None:
        """Check shapes and ranges.

        Raises:
            EstimationError: no rows, no items, or a code outside its item's categories.
            OptionError: weights or clusters that cannot be used.
        """
        _check_codes(self.codes, self.categories)
        if self.weights is not None:
            _check_weights(self.weights, self.weights_kind, self.n_rows)
        if self.clusters is not None and self.clusters.shape != (self.n_rows,):
            raise OptionError(
                "responses.cluster-shape",
                f"There are {self.n_rows} respondents and {self.clusters.shape} cluster labels.",
                mend="Give one cluster label for each respondent.",
            )

    @property
    def n_rows(self) -> int:
        """N, rows with nothing but missing answers included."""
        return int(self.codes.shape[0])

    @property
    def n_items(self) -> int:
        """J."""
        return int(self.codes.shape[1])


def column_range(codes: CodeArray) -> tuple[IntArray, IntArray]:
    """(J,) lowest and (J,) highest code of each item.

    Many rows are laid side by side first: NumPy is several times faster along long rows than down short ones.

    Example:
        >>> column_range(np.array([[0, 2], [1, -1]], dtype=np.int8))
        (array([ 0, -1]), array([1, 2]))
    """
    n_items = codes.shape[1]
    side_by_side = max(1, 1024 // n_items)
    whole = len(codes) - len(codes) % side_by_side
    parts = [codes[whole:]]
    if whole:
        parts.append(codes[:whole].reshape(-1, side_by_side * n_items))
    low = np.min([_fold(part.min(axis=0), n_items, np.min) for part in parts if len(part)], axis=0)
    high = np.max([_fold(part.max(axis=0), n_items, np.max) for part in parts if len(part)], axis=0)
    return low.astype(np.int64), high.astype(np.int64)


def _fold(row: CodeArray, n_items: int, reduce: Callable[..., CodeArray]) -> CodeArray:
    return reduce(row.reshape(-1, n_items), axis=0)


def _check_codes(codes: CodeArray, categories: IntArray) -> None:
    if codes.ndim != 2 or codes.shape[0] == 0 or codes.shape[1] == 0:
        raise EstimationError(
            "responses.empty",
            f"The answers have shape {codes.shape}: there is nothing to measure.",
            mend="Give at least one respondent and one item.",
        )
    if codes.dtype != np.int8 or categories.shape != (codes.shape[1],):
        raise EstimationError(
            "responses.shape",
            f"Codes must be int8 of shape (N, J) with J category counts; got {codes.dtype} {codes.shape} "
            f"and {categories.shape}.",
            mend="Build answers with read_answers, which does this.",
        )
    if categories.min() < 2 or categories.max() > MAX_CATEGORIES:
        raise EstimationError(
            "responses.categories",
            f"An item has {categories.min()} to {categories.max()} categories.",
            why=f"An item needs at least 2 categories and at most {MAX_CATEGORIES}.",
            mend="Leave out items that everyone answered alike, and treat long lists as another kind of data.",
        )
    low, high = column_range(codes)
    wrong = (low < MISSING) | (high >= categories)
    if wrong.any():
        item = int(np.flatnonzero(wrong)[0])
        raise EstimationError(
            "responses.range",
            f"Item {item} holds a code outside 0..{categories[item] - 1}.",
            where=f"item {item}",
            mend="Recode the item, or declare its number of categories.",
        )


def _check_weights(weights: FloatArray, kind: WeightsKind | None, n_rows: int) -> None:
    if kind not in {"sampling", "frequency"}:
        raise OptionError(
            "weights.kind-missing",
            "Weights were given without saying of which kind.",
            why="Sampling weights and frequency weights give different standard errors.",
            mend="Add --weights-kind sampling (survey weights) or --weights-kind frequency (counts).",
        )
    if weights.shape != (n_rows,):
        raise OptionError(
            "weights.shape",
            f"There are {n_rows} respondents and weights of shape {weights.shape}.",
            mend="Give one weight for each respondent.",
        )
    bad = ~np.isfinite(weights) | (weights < 0)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise OptionError(
            "weights.value",
            f"The weight of respondent {row + 1} is {weights[row]}.",
            where=f"row {row + 1}",
            why="A weight is a finite number that is not negative.",
            mend="Correct the weight, or leave the row out.",
        )
    if weights.sum() <= 0:
        raise OptionError(
            "weights.zero", "All weights are zero.", mend="Choose the column that holds the weights."
        )
    if kind == "frequency" and np.any(weights != np.round(weights)):
        row = int(np.flatnonzero(weights != np.round(weights))[0])
        raise OptionError(
            "weights.not-counts",
            f"The frequency weight of respondent {row + 1} is {weights[row]}, which is not a whole number.",
            where=f"row {row + 1}",
            why="A frequency weight says how many identical rows the row stands for.",
            mend="Use --weights-kind sampling for survey weights.",
        )
