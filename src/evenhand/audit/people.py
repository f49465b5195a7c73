"""The people that an audit looks at: their answers, what was decided on, what they got, and their group."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from evenhand.errors import EstimationError
from evenhand.measure.need import NeedItems, score_need
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.responses import BoolArray, CodeArray, FloatArray, IntArray, Responses
from evenhand.measure.withholding import withheld


@dataclass(frozen=True, slots=True)
class People:
    """N assessed people. Nothing here names anybody, and nothing is stored.

    Attributes:
        codes: (N, J) category codes of the need items, -1 where there is no answer.
        need: the need items with the latent distribution that decisions used.
        threshold: on theta's metric.
        p: (N,) P(need >= threshold) that decisions used.
        theta: (N,) posterior mean of need, likewise.
        support: (N,) 1 where support was offered, else 0; or the chance of an offer.
        group: (N,) group of each person, -1 where it is not known.
        labels: names of the groups.
        weights: (N,) sampling weights, None for none.
    """

    codes: CodeArray
    need: NeedItems
    threshold: float
    p: FloatArray
    theta: FloatArray
    support: FloatArray
    group: IntArray
    labels: tuple[str, ...]
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse columns of different lengths and numbers that cannot be.

        Raises:
            EstimationError: with what is wrong.
        """
        n = len(self.codes)
        columns = (self.p, self.theta, self.support, self.group, self.w)
        wrong = any(column.shape != (n,) or not np.isfinite(column).all() for column in columns)
        if wrong or self.codes.ndim != 2 or self.codes.shape[1] != self.need.items.n_items:
            raise _wrong(f"All columns need {n} finite numbers, and answers to {self.need.items.n_items} items.")
        inside = all(((each >= 0) & (each <= 1)).all() for each in (self.p, self.support))
        if not inside or (self.group < -1).any() or (self.group >= len(self.labels)).any():
            raise _wrong("P and support lie from 0 to 1, and each group has a label.")
        if self.weights is not None and (self.weights < 0).any():
            raise _wrong("No weight is below 0.")

    @property
    def n(self) -> int:
        """N."""
        return len(self.codes)

    @property
    def w(self) -> FloatArray:
        """(N,) weights, 1 for all where there are none."""
        return np.ones(self.n) if self.weights is None else self.weights

    @property
    def observed(self) -> FloatArray:
        """(N,) 1 where the measure at face value says in need: P >= .5."""
        return (self.p >= 0.5).astype(np.float64)

    @property
    def in_group(self) -> tuple[BoolArray, ...]:
        """(N,) who is in each group."""
        return tuple(self.group == place for place in range(len(self.labels)))

    def shown(self, min_n: int) -> tuple[bool, ...]:
        """Which groups have the people that a figure needs, and cannot be found by subtraction."""
        counts = [float(own.sum()) for own in self.in_group]
        hidden = withheld(counts, float((self.group < 0).sum()))
        return tuple(count >= min_n and not hide for count, hide in zip(counts, hidden, strict=True))

    def reference(self) -> int:
        """The group with most people, which the others are compared with; -1 without groups."""
        counts = [int(own.sum()) for own in self.in_group]
        return int(np.argmax(counts)) if counts and max(counts) > 0 else -1

    def take(self, rows: IntArray | BoolArray) -> "People":
        """Some of the people."""
        weights = None if self.weights is None else self.weights[rows]
        parts = {name: getattr(self, name)[rows] for name in ("codes", "p", "theta", "support", "group")}
        return replace(self, **parts, weights=weights)


def categories_of(need: NeedItems) -> IntArray:
    """(J,) number of categories of each item."""
    out: IntArray = np.isfinite(need.items.intercept).sum(axis=1).astype(np.int64)
    return out


def patterns_of(people: People, own: BoolArray | None = None) -> Patterns:
    """Patterns of some of the people with the row of each.

    Raises:
        EstimationError: nobody answered anything.
    """
    rows = np.ones(people.n, dtype=np.bool_) if own is None else own
    weights = None if people.weights is None else people.weights[rows]
    responses = Responses(
        np.ascontiguousarray(people.codes[rows]),
        categories_of(people.need),
        weights=weights,
        weights_kind=None if weights is None else "sampling",
    )
    return collapse(responses, with_rows=True)


def score_codes(codes: CodeArray, need: NeedItems, threshold: float) -> tuple[FloatArray, FloatArray]:
    """(N,) P and (N,) posterior mean of each row of codes; the prior's where nothing was answered."""
    p = np.full(len(codes), float(ndtr((need.mean - threshold) / need.sd)))
    theta = np.full(len(codes), need.mean)
    if not (codes >= 0).any():
        return p, theta
    patterns = collapse(Responses(np.ascontiguousarray(codes), categories_of(need)), with_rows=True)
    found = score_need(patterns, need, threshold=threshold)
    assert patterns.rows is not None  # noqa: S101 - rows were asked for
    known = patterns.rows >= 0
    p[known] = found.p_at_least[patterns.rows[known]]
    theta[known] = found.theta[patterns.rows[known]]
    return p, theta


def _wrong(why: str) -> EstimationError:
    return EstimationError(
        "audit.people",
        "The people to audit do not fit together.",
        why=why,
        mend="Give one value for each person in every column; leave out people of whom one is not known.",
    )
