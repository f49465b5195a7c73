"""What a file would disclose before it leaves: how many people each row could be, and what is learned of them.

Rows that agree on all quasi-identifiers (what an outsider could know) form a class. k is the least class
(Sweeney 2002); a class of one is a sample unique. l is the least number of different sensitive values in a class
(Machanavajjhala et al. 2007). Whoever knows that somebody is in the file and their quasi-identifiers picks the
right row with chance 1 / class size: summed over rows that is the number of classes. Where only a sample of the
people is in the file and rows carry sampling weights, the class's weight stands for its size among all people
(Hundepool et al. 2012, section 3.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.responses import FloatArray, IntArray

SMALL = 5
"""Classes below this are counted as small."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a file discloses.

    Attributes:
        rows: rows of the file.
        classes: different combinations of quasi-identifiers.
        k: people in the least class; 0 for an empty file.
        uniques: rows alone in their class.
        under_small: share of the rows in classes of fewer than 5.
        l: least number of different values in a class, by sensitive column.
        disclosed: share of the rows whose class has one value only: whoever finds the class knows it, by column.
        expected: expected re-identifications by somebody who knows who is in the file.
        expected_in_population: the same where it is not known who is in it; None without weights.
    """

    rows: int
    classes: int
    k: int
    uniques: int
    under_small: float
    l: Mapping[str, int]  # noqa: E741 - the literature's name
    disclosed: Mapping[str, float]
    expected: float
    expected_in_population: float | None


def disclosure(
    quasi: Mapping[str, Sequence[object]],
    sensitive: Mapping[str, Sequence[object]] | None = None,
    weights: FloatArray | None = None,
) -> Disclosure:
    """Measure what a file would disclose.

    Args:
        quasi: columns that an outsider could know of somebody, by name; an empty cell (None) is a value too.
        sensitive: columns that must not be learned, by name.
        weights: (N,) people that each row stands for; at least 1.

    Raises:
        EstimationError: columns of different lengths, or none.
    """
    learned = sensitive or {}
    n = _length([*quasi.values(), *learned.values(), *([] if weights is None else [weights])])
    cls = _classes(quasi, n)
    size = np.bincount(cls) if n else np.zeros(0, dtype=np.int64)
    of_row = size[cls] if n else size
    return Disclosure(
        rows=n,
        classes=len(size),
        k=int(size.min()) if n else 0,
        uniques=int((of_row == 1).sum()),
        under_small=float((of_row < SMALL).mean()) if n else 0.0,
        l={name: _least(cls, _codes(column), len(size)) for name, column in learned.items()},
        disclosed={name: _disclosed(cls, _codes(column), len(size)) for name, column in learned.items()},
        expected=float(len(size)),
        expected_in_population=None if weights is None else _in_population(cls, weights, len(size)),
    )


def _length(columns: list[Sequence[object] | FloatArray]) -> int:
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise EstimationError(
            "audit.columns",
            "The columns of the file do not fit together." if lengths else "The file has no columns.",
            why=f"They have {', '.join(map(str, sorted(lengths)))} rows." if lengths else "",
            mend="Give columns of one length.",
        )
    return lengths.pop()


def _codes(column: Sequence[object]) -> IntArray:
    """(N,) a number for each different value; 1 and True, or 1 and "1", are different values."""
    known: dict[tuple[type, object], int] = {}
    return np.array([known.setdefault((type(value), value), len(known)) for value in column], dtype=np.int64)


def _classes(quasi: Mapping[str, Sequence[object]], n: int) -> IntArray:
    """(N,) class of each row, numbered from 0; one class where no column is a quasi-identifier."""
    if n == 0 or not quasi:
        return np.zeros(n, dtype=np.int64)
    table = np.stack([_codes(column) for column in quasi.values()], axis=1)
    return np.unique(table, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _different(cls: IntArray, codes: IntArray, n_classes: int) -> IntArray:
    """(C,) different values in each class."""
    pairs = np.unique(np.stack([cls, codes], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=n_classes).astype(np.int64)


def _least(cls: IntArray, codes: IntArray, n_classes: int) -> int:
    return int(_different(cls, codes, n_classes).min()) if n_classes else 0


def _disclosed(cls: IntArray, codes: IntArray, n_classes: int) -> float:
    return float((_different(cls, codes, n_classes)[cls] == 1).mean()) if n_classes else 0.0


def _in_population(cls: IntArray, weights: FloatArray, n_classes: int) -> float:
    """Sum over rows of 1 / people of the class among all: f / F a class, F at least f."""
    size = np.bincount(cls, minlength=n_classes)
    whole = np.maximum(np.bincount(cls, weights, minlength=n_classes), size)
    return float((size / whole).sum()) if n_classes else 0.0
