"""What people did with the machine's proposals: decisions against them, appeals, gaps in answers, withdrawals.

A caseworker who decides against proposals is doing their work; figures here show whether the office decides alike,
not who is good. Caseworkers with few decisions are drawn toward everybody's rate, so that three cases make no
outlier: their rates are taken as drawn from one beta distribution, which is itself known only as far as they tell.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln

from evenhand.audit.figures import Figure, difference, difference_p, share_of, too_few, unknown, wilson
from evenhand.audit.people import People
from evenhand.measure.holm import ALPHA, holm
from evenhand.measure.normal import Z95
from evenhand.measure.responses import BoolArray, FloatArray, IntArray

MIN_DECISIONS = 20
"""Decisions that a caseworker's figure must rest on."""

MIN_COUNT = 20
"""Cases that a share of appeals or withdrawals must rest on."""

EVERYBODY = "all"
"""Stands for a group in rows that compare nobody."""


@dataclass(frozen=True, slots=True)
class Caseworker:
    """One caseworker's decisions against proposals.

    Attributes:
        who: the staff member's id.
        decided: decisions of cases that a machine had proposed something for; None where that is too few.
        share: share decided against the proposal, drawn toward everybody's, with its 95 % credible interval.
        apart: whether the interval holds not the office's share.
    """

    who: str
    decided: int | None
    share: Figure
    apart: bool


@dataclass(frozen=True, slots=True)
class Overrides:
    """Decisions against proposals.

    Attributes:
        everybody: share over the office.
        caseworkers: in the order of their ids.
    """

    everybody: Figure
    caseworkers: tuple[Caseworker, ...]


def overrides(
    who: IntArray, labels: tuple[str, ...], against: FloatArray, *, min_n: int = MIN_DECISIONS
) -> Overrides:
    """Shares of decisions against proposals.

    Args:
        who: (D,) caseworker of each decision.
        labels: their ids.
        against: (D,) 1 where the decision is not what was proposed, else 0.
        min_n: fewest decisions of a caseworker that are shown.
    """
    decided = np.bincount(who, minlength=len(labels)).astype(np.float64)
    count = np.bincount(who, against, minlength=len(labels)).astype(np.float64)
    everybody = share_of(against, np.ones(len(who)), min_n=min_n)
    if everybody.value is None:
        return Overrides(everybody, tuple(Caseworker(label, None, everybody, apart=False) for label in labels))
    office = _office(count, decided)
    rows = []
    for k, label in enumerate(labels):
        if decided[k] < min_n:
            rows.append(Caseworker(label, None, too_few(min_n), apart=False))
            continue
        share = _drawn_toward(office, float(count[k]), float(decided[k]))
        inside = (share.low or 0.0) <= everybody.value <= (share.high or 1.0)
        rows.append(Caseworker(label, int(decided[k]), share, apart=not inside))
    return Overrides(everybody, tuple(rows))


@dataclass(frozen=True, slots=True)
class _Office:
    """What is known of the beta distribution of the caseworkers' rates: G points with their posterior weights.

    Attributes:
        a: (G,) first parameter.
        b: (G,) second parameter.
        weight: (G,) weights that add to 1.
    """

    a: FloatArray
    b: FloatArray
    weight: FloatArray


def _office(count: FloatArray, n: FloatArray) -> _Office:
    """The posterior of the beta distribution of rates, given the counts (C,) out of n (C,), on a grid.

    Prior: the mean is uniform, and so is the weight m / (m + n) that a caseworker of the usual n draws from the
    office, m being how many decisions the office counts for (Daniels 1999).
    """
    used = n > 0
    usual = float(n[used].mean())
    drawn, step = (np.arange(16) + 0.5) / 16, (np.arange(80) + 0.5) / 80
    mean = np.sin(np.pi / 2 * step) ** 2  # closer points near 0 and 1, each with the width it stands for
    size = np.repeat(usual * drawn / (1 - drawn), len(mean))
    a, b = np.tile(mean, len(drawn)) * size, np.tile(1 - mean, len(drawn)) * size
    k, m = count[used], n[used]
    log = sum(betaln(a + own, b + all_ - own) - betaln(a, b) for own, all_ in zip(k, m, strict=True))
    log = log + np.log(np.tile(np.sin(np.pi * step), len(drawn)))
    weight = np.exp(log - np.max(log))
    keep = weight > 1e-3 * weight.max()
    return _Office(a[keep], b[keep], weight[keep] / weight[keep].sum())


def _drawn_toward(office: _Office, count: float, n: float) -> Figure:
    """A caseworker's rate with its 95 % credible interval: a mixture of beta distributions."""
    a, b = office.a + count, office.b + n - count
    value = float(office.weight @ (a / (a + b)))
    return Figure(value, _quantile(office, a, b, 0.025), _quantile(office, a, b, 0.975), n)


def _quantile(office: _Office, a: FloatArray, b: FloatArray, share: float) -> float:
    """The point below which the mixture has this share, by halving."""
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        below = float(office.weight @ betainc(a, b, middle)) < share
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Appeals:
    """What became of appeals.

    Attributes:
        opened: how many; None where that is too few to show.
        changed: share of those decided that changed the decision.
        late: share that takes longer than the programme allows, the open ones counted as far as they have come.
        median_days: days until half are decided, the open ones counted as far as they have come.
    """

    opened: int | None
    changed: Figure
    late: Figure
    median_days: Figure


def appeals(
    days: FloatArray, closed: BoolArray, changed: BoolArray, *, allowed_days: float, min_n: int = MIN_COUNT
) -> Appeals:
    """Outcomes and times of appeals.

    Args:
        days: (A,) days from opening to the decision, or until now where it is open.
        closed: (A,) whether it is decided.
        changed: (A,) whether the decision was changed.
        allowed_days: within which the programme answers.
        min_n: fewest appeals of a figure.
    """
    if len(days) < min_n:
        none = too_few(min_n)
        return Appeals(None, none, none, none)
    return Appeals(
        len(days),
        share_of(changed.astype(np.float64), closed.astype(np.float64), min_n=min_n),
        later_than(days, closed, allowed_days),
        median_time(days, closed),
    )


@dataclass(frozen=True, slots=True)
class Survival:
    """Kaplan-Meier curve with its 95 % band on the log(-log) scale.

    Attributes:
        times: (T,) times at which something ended.
        share: (T,) share that lasts longer.
        low: (T,) lower end of its interval.
        high: (T,) upper end.
    """

    times: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray


def survival(days: FloatArray, closed: BoolArray) -> Survival:
    """The share that lasts longer than each time, the open ones counted as far as they have come.

    Args:
        days: (A,) times.
        closed: (A,) False where the time is not over.
    """
    times = np.unique(days[closed])
    at_risk = np.array([(days >= t).sum() for t in times], dtype=np.float64)
    ended = np.array([((days == t) & closed).sum() for t in times], dtype=np.float64)
    share: FloatArray = np.cumprod(1 - ended / np.maximum(at_risk, 1)).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(ended / (at_risk * (at_risk - ended)))
        spread = np.sqrt(variance) / np.abs(np.log(share))
        ends = [np.nan_to_num(share ** np.exp(z * spread)).astype(np.float64) for z in (Z95, -Z95)]
    return Survival(times, share, ends[0], ends[1])


def median_time(days: FloatArray, closed: BoolArray) -> Figure:
    """Days until half are over, with the interval of Brookmeyer & Crowley (1982); None for an end not reached.

    Args:
        days: (A,) times.
        closed: (A,) False where the time is not over.
    """
    curve = survival(days, closed)
    median = _first(curve.times, curve.share)
    if median is None:
        return unknown("fewer than half are decided")
    return Figure(median, _first(curve.times, curve.low), _first(curve.times, curve.high), float(len(days)))


def later_than(days: FloatArray, closed: BoolArray, limit: float) -> Figure:
    """Share that lasts longer than a limit.

    Args:
        days: (A,) times.
        closed: (A,) False where the time is not over.
        limit: days.
    """
    if not (days > limit).any() and not closed.all():
        return unknown("none of the open ones has lasted so long")
    curve = survival(days, closed)
    before = np.flatnonzero(curve.times <= limit)
    if len(before) == 0:
        return Figure(1.0, *wilson(1.0, len(days)), float(len(days)))
    last = before[-1]
    if curve.share[last] == 0:
        return Figure(0.0, *wilson(0.0, len(days)), float(len(days)))
    return Figure(float(curve.share[last]), float(curve.low[last]), float(curve.high[last]), float(len(days)))


def _first(times: FloatArray, survival: FloatArray) -> float | None:
    below = np.flatnonzero(survival <= 0.5)
    return float(times[below[0]]) if len(below) else None


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A share of one group beside the reference group's.

    Attributes:
        what: the item, or what is counted.
        group: label.
        share: of the group.
        difference: less the reference group's; no figure for the reference itself.
        p: of the difference, adjusted by Holm over all rows.
        stands_out: whether p is below .05.
    """

    what: str
    group: str
    share: Figure
    difference: Figure
    p: float | None
    stands_out: bool


def shares_of_everybody(
    columns: list[tuple[str, FloatArray]], weights: FloatArray, *, min_n: int
) -> tuple[GroupShare, ...]:
    """Share of everybody in each column, compared with nobody.

    Args:
        columns: what is counted: a name and (N,) numbers from 0 to 1.
        weights: (N,).
        min_n: fewest effective people of a share.
    """
    none = unknown("everybody together")
    return tuple(
        GroupShare(name, EVERYBODY, share_of(column, weights, min_n=min_n), none, None, stands_out=False)
        for name, column in columns
    )


def unanswered(people: People, item_names: tuple[str, ...]) -> list[tuple[str, FloatArray]]:
    """A column an item: (N,) 1 where it was left unanswered."""
    return [(name, (people.codes[:, j] < 0).astype(np.float64)) for j, name in enumerate(item_names)]


def missing_answers(people: People, item_names: tuple[str, ...], *, min_n: int) -> tuple[GroupShare, ...]:
    """Share of each group that left each item unanswered, a row an item and group."""
    columns = unanswered(people, item_names)
    return group_shares(people.group, people.labels, people.w, columns, people.shown(min_n), min_n=min_n)


def group_shares(
    group: IntArray,
    labels: tuple[str, ...],
    weights: FloatArray,
    columns: list[tuple[str, FloatArray]],
    shown: tuple[bool, ...],
    *,
    min_n: int,
) -> tuple[GroupShare, ...]:
    """Shares by group and their differences from the largest group.

    Args:
        group: (N,) place of each person's group, -1 for none.
        labels: names of the groups.
        weights: (N,).
        columns: what is counted: a name and (N,) numbers from 0 to 1.
        shown: which groups may be shown.
        min_n: fewest effective people of a share.
    """
    counts = [int((group == place).sum()) for place in range(len(labels))]
    reference = int(np.argmax(counts)) if counts else -1
    rows: list[GroupShare] = []
    tests: list[float] = []
    for what, column in columns:
        found = [
            share_of(column, np.where(group == place, weights, 0.0), min_n=min_n)
            if shown[place]
            else too_few(min_n)
            for place in range(len(labels))
        ]
        for place, label in enumerate(labels):
            same = place == reference
            gap = unknown("the reference group") if same else difference(found[place], found[reference])
            tests.append(float("nan") if same else difference_p(found[place], found[reference]))
            rows.append(GroupShare(what, label, found[place], gap, None, stands_out=False))
    adjusted = holm(np.array(tests, dtype=np.float64))
    return tuple(
        GroupShare(row.what, row.group, row.share, row.difference, _known(p), stands_out=bool(p < ALPHA))
        for row, p in zip(rows, adjusted, strict=True)
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
