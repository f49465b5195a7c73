"""Adaptive asking: which item next, and when to stop.

Everything is a function of a frozen bank and of the answers so far, so that an interview replays from its record.

The posterior on nodes theta_q is w_q = exp(log prior_q + sum_j log P(x_j | theta_q)), normalised, over the
items that were answered. An item that was asked and not answered adds no likelihood and is not asked again. The
next item is the open one with the largest

    sum_q w_q I_j(theta_q)      rule `expected`: posterior-expected information (van der Linden 1998)
    I_j(sum_q w_q theta_q)      rule `fisher`: information at the EAP (maximum information: Lord 1980)

I_j being Fisher's information of item j, tabulated at the nodes once. Both rules are reviewed by van der Linden &
Pashley (2010); a draw among the k best limits how often an item is asked (Kingsbury & Zara 1989). Values that are
equal up to rounding go to the lower item number, so that every machine asks the same.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.models import Items, information, log_probabilities
from evenhand.measure.quadrature import panels
from evenhand.measure.responses import MISSING, BoolArray, FloatArray, IntArray

AdaptiveRule = Literal["expected", "fisher"]
StopReason = Literal["most items", "certain", "precise", "no item left"]

STOP_REASONS: tuple[StopReason, ...] = ("most items", "certain", "precise", "no item left")
"""Why asking stopped, by number; -1 while it goes on."""

TIE = 1e-9
"""Two items whose promises differ by less, as a share of the larger, are equal."""

PANEL = 0.25
"""Widest panel of the nodes in SDs; steeper items get narrower ones, down to a thirty-second."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """When asking stops.

    Attributes:
        max_items: never ask more.
        min_answered: neither certainty nor precision stops before so many answers.
        certain_yes: stop when P(theta >= threshold) is at least this.
        certain_no: stop when it is at most this.
        se_target: stop when the posterior SD is at most this; None for no such rule.
    """

    max_items: int
    min_answered: int = 1
    certain_yes: float = 0.9
    certain_no: float = 0.1
    se_target: float | None = None


@dataclass(frozen=True, slots=True)
class Constraints:
    """What an interview must and must not ask, whether answered or not.

    Attributes:
        area: (J,) content area 0..A-1 of each item.
        least: (A,) fewest items of each area.
        most: (A,) most items of each area.
        enemies: (J, J) symmetric; pairs that are never both asked.
    """

    area: IntArray
    least: IntArray
    most: IntArray
    enemies: BoolArray

    def open(self, asked: BoolArray) -> BoolArray:
        """(J,) items that may still be asked: not asked, no enemy asked, their area not full."""
        full = np.bincount(self.area[asked], minlength=len(self.most)) >= self.most
        out: BoolArray = ~(asked | self.enemies[asked].any(axis=0) | full[self.area])
        return out

    def lacking(self, asked: BoolArray) -> IntArray:
        """(N, A) items that each area still needs, from what was asked (N, J)."""
        belongs = (self.area[:, None] == np.arange(len(self.least))).astype(np.int64)
        out: IntArray = np.maximum(self.least - asked.astype(np.int64) @ belongs, 0)
        return out

    def due(self, stopping: Stopping) -> int:
        """Items after which every area has its least count: no later than certainty may stop, where that fits."""
        return min(stopping.max_items, max(stopping.min_answered, int(self.least.sum()) + 1))

    def completes(self, asked: BoolArray, item: int | None, stopping: Stopping) -> bool:
        """Whether, after asking this item too, every area can still get its least count in time."""
        if not self.least.any():
            return True
        after = asked.copy()
        if item is not None:
            after[item] = True
        lacking = self.lacking(after[None, :])[0]
        left = self.due(stopping) - int(after.sum())
        return not lacking.any() or (int(lacking.sum()) <= left and _reachable(self, self.open(after), lacking))


def unconstrained(n_items: int) -> Constraints:
    """One area, no counts, no enemies."""
    none, nobody = np.zeros(1, dtype=np.int64), np.zeros((n_items, n_items), dtype=np.bool_)
    return Constraints(np.zeros(n_items, dtype=np.int64), none, none + n_items, nobody)


def _reachable(constraints: Constraints, left: BoolArray, lacking: IntArray) -> bool:
    """Whether items that are left (J,) and no enemies hold what each area lacks (A,): exact, by backtracking.

    Items without enemies among those that matter are taken first; only an area that they do not fill branches.
    """
    area, n_areas = constraints.area, len(lacking)
    left = left & (lacking[area] > 0)
    if (np.bincount(area[left], minlength=n_areas) < lacking).any():
        return False
    disputed = left & constraints.enemies[left].any(axis=0)
    short = lacking - np.bincount(area[left & ~disputed], minlength=n_areas)
    if (short <= 0).all():
        return True
    neediest = int(np.argmax(short))
    for item in np.flatnonzero(disputed & (area == neediest)):
        left[item] = False
        if _reachable(constraints, left & ~constraints.enemies[item], lacking - (np.arange(n_areas) == neediest)):
            return True
    return False


@dataclass(frozen=True, slots=True)
class AdaptiveBank:
    """A calibrated item bank with everything that a choice needs, computed once by `adaptive_bank`.

    Attributes:
        items: J items on the metric of theta.
        mean: mean of the prior.
        sd: its SD.
        threshold: where need begins, None when nobody is to be classified.
        rule: how the next item is chosen.
        stopping: when asking stops.
        constraints: what may and must be asked together.
        first: the item that is always asked first, None to choose it like the others.
        best_of: the next item is drawn from so many best ones.
        nodes: (Q,) nodes on the metric of theta.
        log_prior: (Q,) logarithms of their prior weights.
        above: (Q,) 1 where a node is at the threshold or above it, else 0.
        log_likelihood: (J, K, Q) log P(x_j = k | theta_q).
        information: (J, Q) information of each item at each node.
    """

    items: Items
    mean: float
    sd: float
    threshold: float | None
    rule: AdaptiveRule
    stopping: Stopping
    constraints: Constraints
    first: int | None
    best_of: int
    nodes: FloatArray
    log_prior: FloatArray
    above: FloatArray
    log_likelihood: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True)
class AdaptiveState:
    """Items asked so far, in order, and their category codes, -1 where there was no answer."""

    asked: tuple[int, ...] = ()
    codes: tuple[int, ...] = ()

    @property
    def n_answered(self) -> int:
        """Items with an answer."""
        return sum(code != MISSING for code in self.codes)


@dataclass(frozen=True, slots=True)
class Measured:
    """Posterior mean of theta (EAP), its SD, and P(theta >= threshold | answers), None without a threshold."""

    mean: float
    sd: float
    p_above: float | None


def adaptive_bank(
    items: Items,
    *,
    mean: float,
    sd: float,
    stopping: Stopping,
    threshold: float | None = None,
    rule: AdaptiveRule = "expected",
    constraints: Constraints | None = None,
    first: int | None = None,
    best_of: int = 1,
) -> AdaptiveBank:
    """Tabulate a bank of calibrated items; the arguments are the attributes of `AdaptiveBank`.

    The prior is the distribution of theta in the people the bank was calibrated on.

    Raises:
        OptionError: constraints that no interview can meet, or numbers out of range.
    """
    constraints = constraints or unconstrained(items.n_items)
    if not constraints.completes(np.zeros(items.n_items, dtype=np.bool_), first, stopping):
        raise OptionError(
            "adaptive.constraints",
            f"No interview of {stopping.max_items} items can meet the constraints.",
            why="The least counts of the areas do not fit into it, or need items that exclude each other.",
            mend="Allow more items, lower a least count, or drop an enemy pair.",
        )
    steepest = float(np.abs(items.slope).max()) * sd
    cut = None if threshold is None else (threshold - mean) / sd
    quadrature = panels(cut, width=float(np.clip(3 / max(steepest, 1e-9), 1 / 32, PANEL)))
    nodes = mean + sd * quadrature.nodes
    return AdaptiveBank(
        items=items,
        mean=mean,
        sd=sd,
        threshold=threshold,
        rule=rule,
        stopping=stopping,
        constraints=constraints,
        first=first,
        best_of=best_of,
        nodes=nodes,
        log_prior=quadrature.log_weights,
        above=np.zeros(len(nodes)) if cut is None else (quadrature.nodes >= cut).astype(np.float64),
        log_likelihood=log_probabilities(items, nodes),
        information=information(items, nodes),
    )


def record(state: AdaptiveState, item: int, code: int) -> AdaptiveState:
    """The state after an item was asked and answered by a category code, or -1 for no answer.

    Raises:
        EstimationError: the item was asked before, or the code is below -1.
    """
    if item in state.asked or item < 0 or code < MISSING:
        raise EstimationError(
            "adaptive.record",
            f"Cannot record code {code} of item {item}.",
            where=f"item {item}",
            why="It was asked before." if item in state.asked else "There is no such item or code.",
            mend="Record each item that was asked once, with its category or -1.",
        )
    return AdaptiveState((*state.asked, item), (*state.codes, code))


def posterior(bank: AdaptiveBank, state: AdaptiveState) -> Measured:
    """EAP, posterior SD and P(theta >= threshold), from the answers alone, whatever their order.

    Raises:
        EstimationError: the state holds an item or a code that the bank does not have.
    """
    mean, sd, above = moments(bank, _weights(bank, state))
    return Measured(float(mean[0]), float(sd[0]), None if bank.threshold is None else float(above[0]))


def next_item(bank: AdaptiveBank, state: AdaptiveState, rng: np.random.Generator | None = None) -> int | None:
    """The item to ask next, None when asking has stopped; `rng` is needed where `best_of` is above 1.

    Raises:
        EstimationError: the state does not belong to the bank.
        OptionError: a random generator is needed.
    """
    weights = _weights(bank, state)
    if _stop_code(bank, state, weights) >= 0:
        return None
    if not state.asked and bank.first is not None:
        return bank.first
    if bank.best_of > 1 and rng is None:
        raise OptionError(
            "adaptive.needs-rng",
            f"Choosing among the {bank.best_of} best items needs a random generator.",
            mend="Give one, seeded, and keep its seed with the record.",
        )
    return choose(bank, _asked(bank, state), criterion(bank, weights)[0], rng)


def stop_reason(bank: AdaptiveBank, state: AdaptiveState) -> StopReason | None:
    """Why asking stops here, None while it goes on."""
    weights = _weights(bank, state)
    code = _stop_code(bank, state, weights)
    if code >= 0:
        return STOP_REASONS[code]
    left = choose(bank, _asked(bank, state), criterion(bank, weights)[0], None)
    return "no item left" if left is None else None


def normalised(log_weights: FloatArray) -> FloatArray:
    """(N, Q) posterior weights from their logarithms, up to a constant a row."""
    out: FloatArray = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    out /= out.sum(axis=1, keepdims=True)
    return out


def moments(bank: AdaptiveBank, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(N,) posterior mean, SD and P(theta >= threshold) from posterior weights (N, Q)."""
    mean = weights @ bank.nodes
    variance = np.einsum("nq,nq->n", weights, (bank.nodes - mean[:, None]) ** 2)
    return mean, np.sqrt(variance), np.clip(weights @ bank.above, 0.0, 1.0)


def criterion(bank: AdaptiveBank, weights: FloatArray) -> FloatArray:
    """(N, J) what each item promises, from posterior weights (N, Q)."""
    if bank.rule == "expected":
        out: FloatArray = weights @ bank.information.T
        return out
    return information(bank.items, weights @ bank.nodes).T


def choose(
    bank: AdaptiveBank, asked: BoolArray, values: FloatArray, rng: np.random.Generator | None
) -> int | None:
    """The open item with the highest value (J,) after which the constraints can still be met, None without one.

    With a random generator it is drawn from the `best_of` best.
    """
    values = np.where(bank.constraints.open(asked), values, -np.inf)
    found: list[int] = []
    while len(found) < (1 if rng is None else bank.best_of):
        item = int(first_of_best(values[None, :])[0])
        if values[item] == -np.inf:
            break
        values[item] = -np.inf
        if bank.constraints.completes(asked, item, bank.stopping):
            found.append(item)
    if not found:
        return None
    return found[0] if len(found) == 1 or rng is None else found[int(rng.integers(len(found)))]


def first_of_best(values: FloatArray) -> IntArray:
    """(N,) the lowest item number whose value (N, J) is the highest, or less by no more than rounding."""
    best = values.max(axis=1, keepdims=True)
    near = np.where(np.isfinite(best), np.abs(best) * TIE, 0.0)
    out: IntArray = np.argmax(values >= best - near, axis=1).astype(np.int64)
    return out


def stopped(
    bank: AdaptiveBank, asked: BoolArray, n_answered: IntArray, sd: FloatArray, above: FloatArray
) -> IntArray:
    """(N,) number of the reason to stop, -1 for going on.

    Certainty (P(theta >= threshold), (N,)) and precision (posterior SD, (N,)) count once enough items are
    answered (N,) and every area has its least count of those asked (N, J).
    """
    rule = bank.stopping
    enough = n_answered >= rule.min_answered
    if bank.constraints.least.any():
        enough &= ~bank.constraints.lacking(asked).any(axis=1)
    out = np.full(len(asked), -1, dtype=np.int64)
    if rule.se_target is not None:
        out[enough & (sd <= rule.se_target)] = STOP_REASONS.index("precise")
    if bank.threshold is not None:
        certain = (above >= rule.certain_yes) | (above <= rule.certain_no)
        out[enough & certain] = STOP_REASONS.index("certain")
    out[(asked.sum(axis=1) >= rule.max_items) & (out < 0)] = STOP_REASONS.index("most items")
    return out


def _stop_code(bank: AdaptiveBank, state: AdaptiveState, weights: FloatArray) -> int:
    _, sd, above = moments(bank, weights)
    answered = np.array([state.n_answered])
    return int(stopped(bank, _asked(bank, state)[None, :], answered, sd, above)[0])


def _asked(bank: AdaptiveBank, state: AdaptiveState) -> BoolArray:
    out = np.zeros(bank.items.n_items, dtype=np.bool_)
    out[list(state.asked)] = True
    return out


def _weights(bank: AdaptiveBank, state: AdaptiveState) -> FloatArray:
    """(1, Q) posterior weights. Added up by item number, so that the order of asking changes not one bit."""
    log_weights, top = bank.log_prior.copy(), bank.items.top
    for item, code in sorted(zip(state.asked, state.codes, strict=True)):
        if item >= len(top) or code > top[item]:
            raise EstimationError(
                "adaptive.other-bank",
                f"The bank has no category {code} of item {item}.",
                where=f"item {item}",
                mend="Replay the answers on the bank that they were asked from.",
            )
        if code != MISSING:
            log_weights += bank.log_likelihood[item, code]
    return normalised(log_weights[None, :])
