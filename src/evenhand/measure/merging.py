"""Pattern tables built up batch by batch: the answers themselves never have to fit in memory.

A pattern is written as a number, one digit an item, the digit being the category plus one and 0 where there is no
answer; the first item's digit counts least. Few items make few possible numbers: their totals are kept in arrays
that the number indexes. Many items need several such numbers (words), and the distinct ones are kept sorted.

Totals are added in the order of the rows, one row after the other, so that they are the same to the last bit as
those of `collapse` on the whole table, whatever the batches.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from evenhand.measure.patterns import Patterns, from_table, nobody_left
from evenhand.measure.responses import CodeArray, FloatArray, IntArray, MissingRule, WeightsKind

DENSE = 1 << 20
"""Possible patterns up to which every one has its place in the totals (eight bytes each, four times)."""

LARGEST_WORD = 1 << 62
BLOCK = 1 << 15
"""Rows packed at once, so that their words stay in the processor's cache."""

Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some respondents in a row.

    Attributes:
        first: how many respondents came before them.
        codes: (n, J) category codes, -1 where there is no answer.
        weights: (n,) weights, or None for one each.
    """

    first: int
    codes: CodeArray
    weights: FloatArray | None = None

    @property
    def n_rows(self) -> int:
        """How many respondents there are in the batch."""
        return int(self.codes.shape[0])


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a pattern is written as one or more numbers.

    Attributes:
        base: (J,) number of digits of each item: its categories and the missing answer.
        word: (J,) word each item is in, words in order of the items.
        place: (J,) what one step of the item's digit counts in its word.
        sizes: how many numbers each word can be.
    """

    base: IntArray
    word: IntArray
    place: IntArray
    sizes: tuple[int, ...]

    def words(self, codes: CodeArray) -> list[IntArray]:
        """Each row of (N, J) codes as words (N,): equal only for equal rows, all 0 where nothing was answered."""
        out = [np.empty(len(codes), dtype=np.int64) for _ in self.sizes]
        for number, word in enumerate(out):
            items = np.flatnonzero(self.word == number)
            constant = int(self.place[items].sum())
            for begin in range(0, len(codes), BLOCK):
                own = slice(begin, begin + BLOCK)
                word[own] = constant
                for item in items:
                    word[own] += codes[own, item] * self.place[item]
        return out

    def codes(self, words: list[IntArray]) -> CodeArray:
        """(P, J) codes of patterns: the inverse of `words`."""
        out = np.empty((len(words[0]), len(self.base)), dtype=np.int8)
        for item, (number, place, base) in enumerate(zip(self.word, self.place, self.base, strict=True)):
            out[:, item] = words[number] // place % base - 1
        return out


def numbering_of(categories: IntArray) -> Numbering:
    """How patterns of items with these numbers of categories (J,) are written.

    Example:
        >>> numbering_of(np.array([2, 3])).sizes
        (12,)
    """
    word, place, sizes = [], [], [1]
    for base in (int(k) + 1 for k in categories):
        if sizes[-1] * base > LARGEST_WORD:
            sizes.append(1)
        word.append(len(sizes) - 1)
        place.append(sizes[-1])
        sizes[-1] *= base
    return Numbering(np.asarray(categories, dtype=np.int64) + 1, np.array(word), np.array(place), tuple(sizes))


class PatternTotals:
    """Totals of every distinct pattern, added up batch by batch.

    Args:
        categories: (J,) number of categories of each item.
        weights_kind: kind of the batches' weights, None when they have none.
        dense: possible patterns up to which each has its own place.
    """

    def __init__(
        self, categories: IntArray, *, weights_kind: WeightsKind | None = None, dense: int = DENSE
    ) -> None:
        self.numbering = numbering_of(categories)
        self.categories = categories
        self.weights_kind = weights_kind
        self._dense = len(self.numbering.sizes) == 1 and self.numbering.sizes[0] <= dense
        size = self.numbering.sizes[0] if self._dense else 0
        self._words = [np.arange(size)] if self._dense else [np.zeros(0, np.int64) for _ in self.numbering.sizes]
        self._people = np.zeros(size, dtype=np.int64)
        n_weights = {None: 0, "frequency": 1, "sampling": 2}[weights_kind]
        self._weight = [np.zeros(size) for _ in range(n_weights)]  # sum w, and sum w^2 of sampling weights

    @property
    def n_rows(self) -> int:
        """Respondents added so far, those who answered nothing included."""
        return int(self._people.sum())

    def add(self, batch: Batch) -> None:
        """Add a batch's respondents."""
        if batch.n_rows == 0:
            return
        words = self.numbering.words(batch.codes)
        place = words[0] if self._dense else self._places(words)
        size = len(self._people)
        if batch.n_rows * 8 < size:
            np.add.at(self._people, place, 1)
        else:
            self._people += np.bincount(place, minlength=size)
        for power, total in enumerate(self._weight, start=1):
            assert batch.weights is not None  # noqa: S101 - a kind of weights was named
            np.add.at(total, place, batch.weights**power)

    def _places(self, words: list[IntArray]) -> IntArray:
        """(n,) place of each row's pattern in the sorted table, which is widened by the new ones."""
        n_known = len(self._people)
        joined = [np.concatenate(pair) for pair in zip(self._words, words, strict=True)]
        order = np.argsort(joined[0], kind="stable") if len(joined) == 1 else np.lexsort(joined)
        changed = np.zeros(len(order), dtype=np.int64)
        for word in joined:
            ordered = word[order]
            changed[1:] |= ordered[1:] != ordered[:-1]
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.cumsum(changed)
        distinct = order[np.concatenate(([0], np.flatnonzero(changed)))]
        self._words = [word[distinct] for word in joined]
        self._people = _spread(self._people, place[:n_known], len(distinct))
        self._weight = [_spread(each, place[:n_known], len(distinct)) for each in self._weight]
        return place[n_known:]

    def patterns(self, missing: MissingRule = "keep") -> Patterns:
        """The patterns: what `collapse` makes of the same respondents in one table.

        Args:
            missing: `keep` uses what each person answered, `drop` leaves incomplete people out.

        Raises:
            EstimationError: nobody is left.
        """
        seen = np.flatnonzero(self._people)
        codes = self.numbering.codes([word[seen] for word in self._words])
        answered = codes >= 0
        empty = ~answered.any(axis=1)
        left_out = empty | ~answered.all(axis=1) if missing == "drop" else empty
        kept = seen[~left_out]
        if len(kept) == 0:
            raise nobody_left(missing)
        n, w, w2 = self._totals(kept)
        found = from_table(codes[~left_out], self.categories, n, w, w2)
        # rows of a frequency stand for that many people
        people = self._weight[0][seen] if self.weights_kind == "frequency" else self._people[seen]
        n_empty, n_left_out = int(people[empty].sum()), int(people[left_out].sum())
        return replace(found, n_empty=n_empty, n_incomplete=n_left_out - n_empty)

    def _totals(self, kept: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        people = self._people[kept].astype(np.float64)
        weights = [each[kept] for each in self._weight]
        if self.weights_kind == "sampling":
            return people, weights[0], weights[1]
        n = weights[0] if weights else people
        return n, n, n


def _spread(values: npt.NDArray[Number], place: IntArray, size: int) -> npt.NDArray[Number]:
    """Values put at their new places, 0 elsewhere."""
    out = np.zeros(size, dtype=values.dtype)
    out[place] = values
    return out
