"""One component of a profile: its distinct sub-patterns, their likelihoods, and its items' M-step.

The items of a component are answered in far fewer ways than the items of both together (two times ten yes/no
items: 1,024 ways each, a million together). Everything that depends on one component only is therefore done once
for each of its sub-patterns. An item's expected log-likelihood is sum_k sum_q R_kq log P_k(z_q) with R_kq the
expected weight of category k at node q, whatever the model; it is maximised by Fisher scoring, which for
divide-by-total items is Newton's method (Bock & Aitkin 1981; Muraki 1992; Samejima 1969).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from evenhand.errors import EstimationError
from evenhand.measure.models import (
    SMALLEST,
    Items,
    cumulative_slopes,
    log_probabilities,
    probabilities,
)
from evenhand.measure.patterns import Patterns, pack
from evenhand.measure.responses import BoolArray, CodeArray, FloatArray, IntArray

Slopes = Literal["free", "shared"]

MAX_SCORING = 2
"""Steps of Fisher scoring an M-step: it need not be finished for the cycles to converge to the maximum."""

MAX_HALVINGS = 30


@dataclass(frozen=True, slots=True)
class JointItems:
    """J items of one component as the joint model has them: for reports only.

    They have seen the other component's answers. Not a `models.Items`, so nothing that scores a person takes them.

    Attributes:
        slope: (J,) slopes on the scale of a standard normal z.
        intercept: (J, K) intercepts, as in `models.Items`.
        graded: (J,) which items are graded; None for none.
    """

    slope: FloatArray
    intercept: FloatArray
    graded: BoolArray | None = None

    def for_reports(self) -> Items:
        """The same as plain items; only what describes the joint model may ask for them."""
        return Items(self.slope, self.intercept, self.graded)


def joint_items(items: Items) -> JointItems:
    """Plain items of a joint model, marked as such."""
    return JointItems(items.slope, items.intercept, items.graded)


@dataclass(frozen=True, slots=True)
class Part:
    """The answers to the J items of one component.

    Attributes:
        columns: (J,) which columns of the patterns they are.
        codes: (S, J) distinct sub-patterns; one may be all missing.
        owner: (P,) sub-pattern of each pattern.
        w: (S,) sum of weights.
        categories: (J,) number of categories.
        one_hot: (S, J K) 1 in the category that was chosen, nothing in a row's place for a missing answer.
        slopes: `free`, or `shared` for a_j = sign_j sigma.
        sign: (J,) +1 or -1, the direction of each item.
        graded: (J,) which items are graded.
    """

    columns: IntArray
    codes: CodeArray
    owner: IntArray
    w: FloatArray
    categories: IntArray
    one_hot: csr_array
    slopes: Slopes
    sign: FloatArray
    graded: BoolArray

    @property
    def n_items(self) -> int:
        """J."""
        return len(self.columns)

    @property
    def width(self) -> int:
        """K, the largest number of categories."""
        return int(self.categories.max())

    @property
    def free(self) -> BoolArray:
        """(J, K - 1) which intercepts exist."""
        return np.arange(1, self.width) < self.categories[:, None]

    @property
    def n_head(self) -> int:
        """Number of slope parameters: J, or 1 for a shared slope."""
        return self.n_items if self.slopes == "free" else 1

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""
        return self.n_head + int(self.free.sum())

    def pack(self, items: Items) -> FloatArray:
        """(slopes or sigma, intercepts) of items on the scale of z."""
        head = items.slope if self.slopes == "free" else np.array([float(np.mean(self.sign * items.slope))])
        return np.concatenate([head, items.intercept[:, 1:][self.free]])

    def unpack(self, parameters: FloatArray) -> Items:
        """Items on the scale of z from their parameters."""
        intercept = np.full((self.n_items, self.width), -np.inf)
        intercept[:, 0] = 0.0
        intercept[:, 1:][self.free] = parameters[self.n_head :]
        head = parameters[: self.n_head]
        return Items(head.copy() if self.slopes == "free" else self.sign * head[0], intercept, self.graded)

    def arrange(self, derivative: FloatArray) -> FloatArray:
        """(.., n) derivatives by parameter from (.., J, K) derivatives by (a, c_1, ..) of each item."""
        by_slope = derivative[..., 0]
        head = by_slope if self.slopes == "free" else (by_slope @ self.sign)[..., None]
        return np.concatenate([head, derivative[..., 1:][..., self.free]], axis=-1)


def distinct(codes: CodeArray) -> tuple[CodeArray, IntArray]:
    """The distinct rows of codes (P, J), in an order that depends on them only, and which one each row is."""
    words = pack(codes)
    if len(words) == 1:
        _, first, owner = np.unique(words[0], return_index=True, return_inverse=True)
    else:
        _, first, owner = np.unique(np.stack(words, axis=1), axis=0, return_index=True, return_inverse=True)
    return codes[first], owner.ravel().astype(np.int64)


def part_of(patterns: Patterns, columns: IntArray, slopes: Slopes, sign: FloatArray, graded: BoolArray) -> Part:
    """The component made of some columns of the patterns; `sign` and `graded` are (J,) of those columns.

    Raises:
        EstimationError: fewer than two items.
    """
    if len(columns) < 2:
        raise EstimationError(
            "profile.one-item",
            "A component has fewer than two items.",
            why="With one item its slope and the correlation cannot be told apart: only their product shows.",
            mend="Give each component at least two items, or measure need alone.",
        )
    codes, owner = distinct(np.ascontiguousarray(patterns.codes[:, columns]))
    categories = patterns.categories[columns]
    n_items, width = len(columns), int(categories.max())
    answered = codes >= 0
    column = codes.astype(np.int64) + width * np.arange(n_items)
    start = np.concatenate(([0], np.cumsum(answered.sum(axis=1))))
    one_hot = csr_array((np.ones(int(start[-1])), column[answered], start), shape=(len(codes), n_items * width))
    w = np.bincount(owner, weights=patterns.w, minlength=len(codes)).astype(np.float64)
    return Part(columns, codes, owner, w, categories, one_hot, slopes, sign, graded)


def check_categories(part: Part) -> None:
    """Refuse a category that nobody chose.

    Raises:
        EstimationError: there is one.
    """
    chosen = np.asarray(part.one_hot.T @ part.w).reshape(part.n_items, part.width)
    empty = (chosen <= 0) & (np.arange(part.width) < part.categories[:, None])
    if empty.any():
        item, category = np.argwhere(empty)[0]
        raise EstimationError(
            "profile.empty-category",
            f"Nobody chose category {category} of item {part.columns[item]}.",
            where=f"item {part.columns[item]}",
            why="Its intercept has no finite estimate.",
            mend="Merge the category with a neighbour, or leave the item out.",
        )


def log_table(items: Items, nodes: FloatArray) -> FloatArray:
    """(J, K, Q) log P(x_j = k | z_q), 0 for categories that an item does not have, exact in the tails."""
    graded = items.is_graded
    out = np.empty((items.n_items, items.intercept.shape[1], len(nodes)))
    for own in (graded, ~graded):
        if own.any():
            out[own] = log_probabilities(items.take(own), nodes)
    return np.where(np.isfinite(items.intercept)[:, :, None], out, 0.0)


def likelihoods(part: Part, items: Items, nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(S, Q) likelihood of each sub-pattern at each node divided by its largest, and (S,) that one's logarithm."""
    table = np.asarray(part.one_hot @ log_table(items, nodes).reshape(-1, len(nodes)))
    top = table.max(axis=1)
    table -= top[:, None]
    return np.exp(table, out=table), top


def log_derivatives(part: Part, items: Items, nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(J, K, Q) P_k, and (J, K, K, Q) derivatives of log P_k by (a, c_1, .., c_{K-1}) (first K).

    Divide-by-total: z (k - E x) and [k = l] - P_l. Graded, with s_l = P*_l (1 - P*_l): z (s_k - s_{k+1}) / P_k
    and s_l ([k = l] - [k = l - 1]) / P_k.
    """
    p = probabilities(items, nodes)
    n_items, width, n_nodes = p.shape
    k = np.arange(width, dtype=np.float64)
    out = np.empty((n_items, width, width, n_nodes))
    mean = np.einsum("jkq,k->jq", p, k)
    out[:, 0] = nodes * (k[:, None] - mean[:, None, :])
    out[:, 1:] = np.eye(width)[1:, :, None] - p[:, 1:, None, :]
    graded = items.is_graded
    if graded.any():
        s = cumulative_slopes(items.take(graded), nodes)
        inverse = 1 / np.maximum(p[graded], SMALLEST)
        out[graded, 0] = nodes * (s[:, :-1] - s[:, 1:]) * inverse
        sides = np.eye(width)[1:] - np.eye(width, k=-1)[1:]
        out[graded, 1:] = s[:, 1:-1, None, :] * sides[:, :, None] * inverse[:, None]
    out[:, 1:] *= part.free[:, :, None, None]
    return p, out


def gradient_of(by_category: FloatArray, derivative: FloatArray) -> FloatArray:
    """(J, K) gradient of the expected log-likelihoods, from (J, K, Q) expected weights and `log_derivatives`."""
    n_items, width = by_category.shape[:2]
    out: FloatArray = (derivative.reshape(n_items, width, -1) @ by_category.reshape(n_items, -1, 1))[:, :, 0]
    return out


def improve_items(part: Part, items: Items, by_category: FloatArray, nodes: FloatArray) -> Items:
    """The M-step: items whose expected log-likelihood is higher, in the limit highest."""
    n_items, width = by_category.shape[:2]
    at_node = by_category.sum(axis=1)
    value = _value(items, by_category, nodes)
    for _ in range(MAX_SCORING):
        p, derivative = log_derivatives(part, items, nodes)
        gradient = gradient_of(by_category, derivative)
        weighted = (derivative * (p * at_node[:, None, :])[:, None]).reshape(n_items, width, -1)
        information = weighted @ derivative.reshape(n_items, width, -1).transpose(0, 2, 1)
        step = _step(part, gradient, _regular(part, information))
        gain = (step * gradient).sum(axis=1)
        items, value = _halve(part, items, by_category, nodes, value, step)
        if gain.max() < 1e-10 * max(1.0, float(np.abs(value).max())):
            break
    return items


def _step(part: Part, gradient: FloatArray, information: FloatArray) -> FloatArray:
    """(J, K) scoring step; with a shared slope the slopes move together (elimination of the intercepts)."""
    if part.slopes == "free":
        return np.asarray(np.linalg.solve(information, gradient[:, :, None])[:, :, 0], dtype=np.float64)
    coupling = information[:, 0, 1:] * part.sign[:, None]
    solved = np.linalg.solve(information[:, 1:, 1:], np.stack([gradient[:, 1:], coupling], axis=2))
    own = float(part.sign @ gradient[:, 0]) - float((coupling * solved[:, :, 0]).sum())
    curvature = float(information[:, 0, 0].sum()) - float((coupling * solved[:, :, 1]).sum())
    move = own / max(curvature, SMALLEST)
    return np.concatenate([(part.sign * move)[:, None], solved[:, :, 0] - move * solved[:, :, 1]], axis=1)


def _regular(part: Part, information: FloatArray) -> FloatArray:
    """The information with 1 for parameters that do not exist and a ridge too small to matter."""
    width = information.shape[1]
    own = np.arange(1, width)
    information[:, own, own] += ~part.free
    trace = np.trace(information, axis1=1, axis2=2) / width
    out: FloatArray = information + (1e-10 * trace + 1e-12)[:, None, None] * np.eye(width)
    return out


def _value(items: Items, by_category: FloatArray, nodes: FloatArray) -> FloatArray:
    """(J,) expected log-likelihoods."""
    out: FloatArray = (by_category * log_table(items, nodes)).sum(axis=(1, 2))
    return out


def _halve(
    part: Part, items: Items, by_category: FloatArray, nodes: FloatArray, value: FloatArray, step: FloatArray
) -> tuple[Items, FloatArray]:
    """Halve steps until the expected log-likelihood does not fall: each item's own, or all items' together."""
    together = part.slopes == "shared"
    length = np.ones(len(value))
    for _ in range(MAX_HALVINGS):
        intercept = items.intercept.copy()
        intercept[:, 1:] += length[:, None] * step[:, 1:]
        trial = Items(items.slope + length * step[:, 0], intercept, items.graded)
        new = _value(trial, by_category, nodes)
        worse = ~(new >= value - 1e-12 * np.abs(value))
        if together:
            worse = np.full(len(value), not new.sum() >= value.sum() - 1e-12 * abs(float(value.sum())))
        if not worse.any():
            return trial, new
        length = np.where(worse, length / 2, length)
    return items, value


def starting_part(part: Part) -> tuple[Items, FloatArray]:
    """Items to start from, and (S,) a rough standardised score of each sub-pattern for a starting correlation.

    Slopes come from the first principal component, intercepts from the shares of the categories.
    """
    loading, score = _component(part)
    slope = np.clip(1.7 * loading / np.sqrt(1 - loading**2), -4, 4)
    if part.slopes == "shared":
        slope = part.sign * float(np.clip(np.abs(slope).mean(), 0.3, 4.0))
    chosen = np.asarray(part.one_hot.T @ part.w).reshape(part.n_items, part.width)
    share = chosen / chosen.sum(axis=1, keepdims=True)
    exists = np.arange(part.width) < part.categories[:, None]
    at_least = np.cumsum(share[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log(share) - np.log(share[:, :1])
        cumulative = np.log(at_least) - np.log(1 - at_least)
    several = part.graded & (part.categories > 2)
    widen = np.sqrt(1 + slope**2 / 2.9)  # a logistic curve averaged over z is flatter by about this factor
    intercept = np.where(several[:, None], cumulative, steps) * widen[:, None]
    intercept = np.where(exists, intercept, -np.inf)
    intercept[:, 0] = 0.0
    return Items(slope, intercept, part.graded), score


def _component(part: Part) -> tuple[FloatArray, FloatArray]:
    """(J,) loadings on the first principal component, within +-.9, and (S,) scores on it, mean 0 and SD 1."""
    codes = part.codes.astype(np.float64)
    answered = codes >= 0
    w = part.w[:, None] * answered
    total = np.maximum(w.sum(axis=0), SMALLEST)
    deviation = np.where(answered, codes - (w * np.where(answered, codes, 0.0)).sum(axis=0) / total, 0.0)
    sd = np.sqrt(np.maximum((w * deviation**2).sum(axis=0) / total, 1e-12))
    standard = deviation / sd
    together = np.maximum(answered.T.astype(np.float64) @ w, SMALLEST)
    correlation = (standard * part.w[:, None]).T @ standard / together
    np.fill_diagonal(correlation, 1.0)
    value, vector = np.linalg.eigh(correlation)
    direction = np.asarray(vector[:, -1], dtype=np.float64)
    direction = direction if direction @ part.sign >= 0 else -direction
    score = standard @ direction
    spread = np.sqrt(max(float(part.w @ score**2) / float(part.w.sum()), 1e-12))
    return np.clip(direction * np.sqrt(max(float(value[-1]), 0.0)), -0.9, 0.9), score / spread
