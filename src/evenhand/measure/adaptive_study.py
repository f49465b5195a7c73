"""Adaptive asking tried on people of known theta, beside the whole bank and the best fixed form.

All three read the same matrix of answers, so that they differ in what was asked and in nothing else. The fixed
form takes, one after the other, the item that lowers the expected posterior variance most (Bayesian A-optimality):

    sum_q prior_q / (1 / sd^2 + sum of I_j(theta_q) over its items)

It knows the people's distribution as the adaptive rule does, and is bound by no content constraints.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evenhand.measure.adaptive import (
    STOP_REASONS,
    AdaptiveBank,
    AdaptiveState,
    choose,
    criterion,
    first_of_best,
    moments,
    next_item,
    normalised,
    record,
    stopped,
)
from evenhand.measure.responses import MISSING, BoolArray, CodeArray, FloatArray, IntArray

BLOCK = 1024
"""People asked at once."""

BANDS: FloatArray = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
"""Edges of the bands of theta, in SDs around its mean."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """EAP (N,), posterior SD (N,) and P(theta >= threshold) (N,); the last has no meaning without a threshold."""

    mean: FloatArray
    sd: FloatArray
    above: FloatArray

    @property
    def wrong(self) -> float:
        """Expected share on the wrong side if everybody were put on their likelier one: mean min(P, 1 - P)."""
        return float(np.minimum(self.above, 1 - self.above).mean())

    def classes(self, bank: AdaptiveBank) -> IntArray:
        """(N,) 2 where need is certain, 0 where its absence is, 1 in the band between."""
        yes, no = self.above >= bank.stopping.certain_yes, self.above <= bank.stopping.certain_no
        return np.where(yes, 2, np.where(no, 0, 1))


@dataclass(frozen=True, slots=True)
class AdaptiveRun:
    """Interviews of N people.

    Attributes:
        asked: (N, J) which items were asked.
        codes: (N, J) answers, -1 where an item was not asked or not answered.
        first: (N,) the item asked first, -1 for none.
        reason: (N,) position in `STOP_REASONS`.
        estimates: what the answers say.
    """

    asked: BoolArray
    codes: CodeArray
    first: IntArray
    reason: IntArray
    estimates: Estimates

    @property
    def n_asked(self) -> IntArray:
        """(N,) items asked."""
        out: IntArray = self.asked.sum(axis=1).astype(np.int64)
        return out


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well a form measures a set of people: RMSE and bias of the EAP, and the mean posterior SD."""

    rmse: float
    bias: float
    se: float


@dataclass(frozen=True, slots=True)
class BandLine:
    """One band of true theta.

    Attributes:
        low: its lower edge, -inf for none.
        high: its upper edge, inf for none.
        n: people.
        items: mean number of items asked.
        adaptive: accuracy when asked adaptively.
        fixed: accuracy of the best fixed form of the same mean length.
        full: accuracy of the whole bank.
    """

    low: float
    high: float
    n: int
    items: float
    adaptive: Accuracy
    fixed: Accuracy
    full: Accuracy


@dataclass(frozen=True, slots=True)
class Study:
    """What a study yields.

    Attributes:
        theta: (N,) true values.
        run: the interviews.
        full: estimates from the whole bank.
        fixed: estimates from the best fixed form of the adaptive mean length, rounded.
        fixed_items: items of the fixed form in the order they were taken, all J.
        fixed_length: how many of them it has.
        fixed_rmse: (J + 1,) RMSE of fixed forms of 0..J items.
        fixed_wrong: (J + 1,) expected share on the wrong side of the threshold by fixed forms of 0..J items.
        lines: everybody, then each band of theta.
        reasons: (4,) people by reason of stopping.
    """

    theta: FloatArray
    run: AdaptiveRun
    full: Estimates
    fixed: Estimates
    fixed_items: IntArray
    fixed_length: int
    fixed_rmse: FloatArray
    fixed_wrong: FloatArray
    lines: tuple[BandLine, ...]
    reasons: IntArray

    @property
    def exposure(self) -> FloatArray:
        """(J,) share of people who were asked each item."""
        out: FloatArray = self.run.asked.mean(axis=0)
        return out

    @property
    def fixed_for_rmse(self) -> float | None:
        """Items that a fixed form needs for the adaptive RMSE (interpolated), None if the bank has too few."""
        return _crossing(-self.fixed_rmse, -self.lines[0].adaptive.rmse)

    @property
    def fixed_for_wrong(self) -> float | None:
        """Items that a fixed form needs for as few people on the wrong side of the threshold, None likewise."""
        return _crossing(-self.fixed_wrong, -self.run.estimates.wrong)


@dataclass(frozen=True, slots=True)
class Classified:
    """How a form classifies.

    Attributes:
        decided: share of people outside the band.
        wrong: expected share on the wrong side of the threshold, were everybody put on their likelier one.
        right: share of those who are on the right side of the threshold in truth; NaN when there are none.
        as_full: share of everybody whose class (yes, between, no) is the whole bank's.
    """

    decided: float
    wrong: float
    right: float
    as_full: float


def administer(bank: AdaptiveBank, answers: CodeArray, rng: np.random.Generator | None = None) -> AdaptiveState:
    """Ask one person whose answers (J,) to all items are known, -1 where they would not answer."""
    state = AdaptiveState()
    while (item := next_item(bank, state, rng)) is not None:
        state = record(state, item, int(answers[item]))
    return state


def administer_all(bank: AdaptiveBank, answers: CodeArray, rng: np.random.Generator | None = None) -> AdaptiveRun:
    """Ask N people whose answers (N, J) are known; the same as `administer` for each, many at once.

    With `best_of` above 1 the draws are made item by item, so that they differ from one person's own.
    """
    asked, codes = np.zeros(answers.shape, dtype=np.bool_), np.full(answers.shape, MISSING, dtype=np.int8)
    first, reason = np.full(len(answers), -1), np.full(len(answers), -1)
    found = np.empty((3, len(answers)))
    for own in _blocks(len(answers)):
        block = _Block(bank, answers[own])
        block.ask_all(rng)
        asked[own], codes[own], first[own], reason[own] = block.asked, block.codes, block.first, block.reason
        found[:, own] = block.found
    return AdaptiveRun(asked, codes, first, reason, Estimates(*found))


class _Block:
    """People who are being asked."""

    def __init__(self, bank: AdaptiveBank, answers: CodeArray) -> None:
        self.bank, self.answers = bank, answers
        n = len(answers)
        self.asked = np.zeros(answers.shape, dtype=np.bool_)
        self.codes = np.full(answers.shape, MISSING, dtype=np.int8)
        self.first, self.reason = np.full(n, -1), np.full(n, -1)
        self.found = np.empty((3, n))
        self.log_weights = np.tile(bank.log_prior, (n, 1))

    def ask_all(self, rng: np.random.Generator | None) -> None:
        """Until everybody has stopped."""
        active = np.arange(len(self.answers))
        while len(active):
            weights = normalised(self.log_weights[active])
            self.found[:, active] = moments(self.bank, weights)
            answered = (self.codes[active] != MISSING).sum(axis=1)
            reason = stopped(self.bank, self.asked[active], answered, *self.found[1:, active])
            item = np.full(len(active), -1)
            going = reason < 0
            item[going] = self._choices(active[going], weights[going], rng)
            reason[going & (item < 0)] = STOP_REASONS.index("no item left")
            self.reason[active] = reason
            self._ask(active[reason < 0], item[reason < 0])
            active = active[reason < 0]

    def _choices(self, people: IntArray, weights: FloatArray, rng: np.random.Generator | None) -> IntArray:
        bank = self.bank
        if len(people) == 0:
            return people
        if bank.first is not None and not self.asked[people[0]].any():
            return np.full(len(people), bank.first)
        values, limits = criterion(bank, weights), bank.constraints
        free = not (limits.least.any() or limits.enemies.any() or (limits.most < bank.items.n_items).any())
        if free and (bank.best_of == 1 or rng is None):
            values[self.asked[people]] = -np.inf
            item = first_of_best(values)
            return np.where(np.isneginf(values[np.arange(len(people)), item]), -1, item)
        chosen = (choose(bank, self.asked[who], value, rng) for who, value in zip(people, values, strict=True))
        return np.array([-1 if item is None else item for item in chosen])

    def _ask(self, people: IntArray, item: IntArray) -> None:
        code = self.answers[people, item]
        self.first[people] = np.where(self.first[people] < 0, item, self.first[people])
        self.asked[people, item] = True
        self.codes[people, item] = code
        given = code != MISSING
        self.log_weights[people[given]] += self.bank.log_likelihood[item[given], code[given]]


def estimates(bank: AdaptiveBank, answers: CodeArray) -> Estimates:
    """What answers (N, J) to all items say, -1 where there is none."""
    found = np.empty((3, len(answers)))
    for own in _blocks(len(answers)):
        *_, log_weights = _one_by_one(bank, answers[own], np.arange(bank.items.n_items))
        found[:, own] = moments(bank, normalised(log_weights))
    return Estimates(*found)


def fixed_order(bank: AdaptiveBank) -> IntArray:
    """(J,) the items in the order in which the best fixed form takes them."""
    prior = np.exp(bank.log_prior)
    total = np.full(len(prior), 1 / bank.sd**2)
    order, left = [], np.ones(bank.items.n_items, dtype=np.bool_)
    for _ in range(bank.items.n_items):
        variance = (1 / (total + bank.information)) @ prior
        item = int(first_of_best(np.where(left, -variance, -np.inf)[None, :])[0])
        order.append(item)
        left[item] = False
        total += bank.information[item]
    return np.array(order)


def study(
    bank: AdaptiveBank, theta: FloatArray, answers: CodeArray, rng: np.random.Generator | None = None
) -> Study:
    """Compare adaptive asking, the best fixed form and the whole bank.

    Args:
        bank: the bank.
        theta: (N,) true values.
        answers: (N, J) answers to every item, -1 where someone would not answer it.
        rng: for `best_of` above 1.
    """
    run = administer_all(bank, answers, rng)
    order = fixed_order(bank)
    length = max(1, round(float(run.n_asked.mean())))
    rmse, wrong, fixed = _fixed_forms(bank, theta, answers, order, length)
    full = estimates(bank, answers)
    edges = np.concatenate([[-np.inf], bank.mean + bank.sd * BANDS, [np.inf]])
    pairs = [(-np.inf, np.inf), *zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    lines = tuple(_line(theta, run, fixed, full, low, high) for low, high in pairs)
    reasons = np.bincount(run.reason, minlength=len(STOP_REASONS))
    return Study(theta, run, full, fixed, order, length, rmse, wrong, lines, reasons)


def classified(bank: AdaptiveBank, theta: FloatArray, found: Estimates, full: Estimates) -> Classified:
    """How estimates classify people of known theta; the bank must have a threshold."""
    own, in_truth = found.classes(bank), theta >= (bank.threshold or 0.0)
    decided = own != 1
    right = (own[decided] == 2) == in_truth[decided]
    return Classified(
        float(decided.mean()),
        found.wrong,
        _mean(right.astype(np.float64)),
        float((own == full.classes(bank)).mean()),
    )


def _fixed_forms(
    bank: AdaptiveBank, theta: FloatArray, answers: CodeArray, order: IntArray, length: int
) -> tuple[FloatArray, FloatArray, Estimates]:
    """RMSE and expected share wrong by length 0..J, and the estimates at one length."""
    squares, wrong = np.zeros(len(order) + 1), np.zeros(len(order) + 1)
    at = np.empty((3, len(theta)))
    for own in _blocks(len(theta)):
        for size, log_weights in enumerate(_one_by_one(bank, answers[own], order)):
            found = Estimates(*moments(bank, normalised(log_weights)))
            squares[size] += ((found.mean - theta[own]) ** 2).sum()
            wrong[size] += found.wrong * len(found.mean)
            if size == length:
                at[:, own] = found.mean, found.sd, found.above
    return np.sqrt(squares / len(theta)), wrong / len(theta), Estimates(*at)


def _one_by_one(bank: AdaptiveBank, answers: CodeArray, order: IntArray) -> Iterator[FloatArray]:
    """The logarithms of the posterior weights (N, Q) after 0, 1, .. items; one array, overwritten."""
    log_weights = np.tile(bank.log_prior, (len(answers), 1))
    yield log_weights
    for item in order:
        code = answers[:, item]
        given = code != MISSING
        log_weights[given] += bank.log_likelihood[item, code[given]]
        yield log_weights


def _line(
    theta: FloatArray, run: AdaptiveRun, fixed: Estimates, full: Estimates, low: float, high: float
) -> BandLine:
    own = (theta >= low) & (theta < high)
    forms = (_accuracy(theta[own], each.mean[own], each.sd[own]) for each in (run.estimates, fixed, full))
    return BandLine(low, high, int(own.sum()), _mean(run.n_asked[own].astype(np.float64)), *forms)


def _accuracy(theta: FloatArray, mean: FloatArray, sd: FloatArray) -> Accuracy:
    return Accuracy(float(np.sqrt(_mean((mean - theta) ** 2))), _mean(mean - theta), _mean(sd))


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _crossing(rising: FloatArray, level: float) -> float | None:
    """From where on values at 0, 1, .. stay at a level or above, between two of them by a straight line."""
    if rising[-1] < level:
        return None
    under = np.flatnonzero(rising < level)
    if len(under) == 0:
        return 0.0
    place = int(under[-1]) + 1
    below, above = float(rising[place - 1]), float(rising[place])
    return place - (above - level) / (above - below)


def _blocks(n: int) -> Iterator[slice]:
    return (slice(begin, min(begin + BLOCK, n)) for begin in range(0, n, BLOCK))
