"""M2, M2* and C2 against R mirt, against enumeration with numerical derivatives, and on simulated people.

1e-3 against R mirt. Against enumeration 1e-5 of M: the twin differentiates numerically. Simulations at known
items, where M is chi-squared: three standard errors.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ncx2

from evenhand.errors import EstimationError
from evenhand.measure import limited
from evenhand.measure.limited import LimitedFit, Statistic, limited_fit, noncentrality_interval
from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.patterns import Patterns, collapse, from_table
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from evenhand.measure.sx2 import Estimated
from tests.measure.test_sx2 import binary_items, draw, mirt_items, mixed_items, patterns_of

NODES = rectangular(121)


@pytest.mark.parametrize(
    ("data", "model", "kind", "value", "df"),
    [
        ("lsat6", "2PL", "M2", 4.7383837800961, 5),
        ("verbal_aggression2", "2PL", "M2", 1374.64715181434, 252),
        ("verbal_aggression3", "graded", "M2*", 1212.68141805556, 228),
    ],
)
def test_equals_r_mirt(data: str, model: str, kind: str, value: float, df: int) -> None:
    patterns = patterns_of(data)
    items, sd = mirt_items(f"{data}_{model}")
    found = limited_fit(patterns, items, mean=0.0, sd=sd, estimated="items")
    assert found.kind == kind
    assert found.statistic == pytest.approx(value, abs=1e-3)
    assert found.df == df
    expected = np.sqrt(max(value - df, 0) / (df * (patterns.n.sum() - 1)))
    assert found.rmsea == pytest.approx(expected, abs=1e-6)
    assert found.rmsea_interval[0] <= found.rmsea <= found.rmsea_interval[1]


@pytest.mark.parametrize(
    ("data", "model", "theirs", "ours", "df"),
    [
        ("lsat6", "1PL", 5.29135871375211, 5.2913555, 9),
        ("verbal_aggression2", "1PL", 1423.16224991047, 1423.1295, 275),
        ("verbal_aggression3", "pcm", 1536.61515094735, 1428.7210, 251),
    ],
)
def test_r_mirt_leaves_the_latent_variance_out_of_delta(
    monkeypatch: pytest.MonkeyPatch, data: str, model: str, theirs: float, ours: float, df: int
) -> None:
    """Without that column, and on its nodes of +-6, its figure comes out: with the column, the right one."""
    patterns = patterns_of(data)
    items, sd = mirt_items(f"{data}_{model}")
    found = limited_fit(patterns, items, mean=0.0, sd=sd, estimated="common slope")
    assert found.statistic == pytest.approx(ours, abs=1e-3)
    assert found.df == df
    whole = limited._fitted
    monkeypatch.setattr(limited, "rectangular", lambda _: rectangular(61, 6.0 / sd))
    monkeypatch.setattr(
        limited,
        "_fitted",
        lambda items, estimated: replace(whole(items, estimated), shared=whole(items, estimated).shared[:0]),
    )
    without = limited_fit(patterns, items, mean=0.0, sd=sd, estimated="common slope")
    assert without.statistic == pytest.approx(theirs, abs=1e-3)


def test_r_mirt_s_slopes_of_partial_credit_take_chances_that_do_not_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R mirt: 1242.949, with dP_k/da = theta P_k (k - sum of k e_k) where e_k is P_k divided by the largest.

    It should be the sum of k P_k. Enumeration with numerical derivatives (below) sides with our figure.
    """
    patterns = patterns_of("verbal_aggression3")
    items, sd = mirt_items("verbal_aggression3_gpcm")
    found = limited_fit(patterns, items, mean=0.0, sd=sd, estimated="items")
    assert found.statistic == pytest.approx(1230.7046, abs=1e-3)
    assert found.df == 228
    whole, peer_nodes = limited._fitted, rectangular(61, 6.0)

    def as_the_peer(items: Items, estimated: Estimated) -> limited._Model:
        model = whole(items, estimated)
        k = np.arange(model.p.shape[1], dtype=np.float64)
        mean = np.einsum("jkq,k->jq", model.p / model.p.max(axis=1, keepdims=True), k)
        own = model.own.copy()
        own[:, 0] = model.p * (k[None, :, None] - mean[:, None, :]) * peer_nodes.nodes
        return replace(model, own=own)

    monkeypatch.setattr(limited, "rectangular", lambda _: peer_nodes)
    monkeypatch.setattr(limited, "_fitted", as_the_peer)
    theirs = limited_fit(patterns, items, mean=0.0, sd=sd, estimated="items")
    assert theirs.statistic == pytest.approx(1242.94863727478, abs=1e-6)


def test_r_mirt_takes_every_moment_from_its_own_people_where_answers_are_missing() -> None:
    """R mirt: 679.648, sum of d_u d_v C_uv n_u n_v / N with n_u the people who answered what moment u needs.

    The covariance of such means is not Xi, so that sum has no chi-squared distribution: complete people are taken
    here, for whom the sum is M2. It has the peer's 61 nodes; ours make a difference of .01.
    """
    patterns = patterns_of("sat12_key_na")
    items, _ = mirt_items("sat12_key_na_2PL")
    found = limited_fit(patterns, items, mean=0.0, sd=1.0, estimated="items")
    assert (found.n, found.n_incomplete, found.df) == (572, 28, 464)
    complete = patterns.take(np.all(patterns.codes >= 0, axis=1))
    assert found.statistic == pytest.approx(moments_of_their_own_people(complete, items), abs=0.01)
    assert moments_of_their_own_people(patterns, items) == pytest.approx(679.648264810259, abs=1e-6)


def moments_of_their_own_people(patterns: Patterns, items: Items) -> float:
    """Written out: binary items, all of them estimated, 61 nodes on +-6."""
    theta = np.linspace(-6.0, 6.0, 61)
    weight = np.exp(-(theta**2) / 2)
    weight /= weight.sum()
    m = probabilities(items, theta)[:, 1]
    left, right = np.triu_indices(items.n_items, 1)
    members = [{i} for i in range(items.n_items)] + [{int(i), int(j)} for i, j in zip(left, right, strict=True)]
    every = np.array([[i in each for i in range(items.n_items)] for each in members])

    def moments(values: FloatArray) -> FloatArray:
        return np.concatenate([values, values[left] * values[right]])

    people = moments((patterns.codes >= 0).T.astype(np.float64)) @ patterns.n
    observed = moments(np.maximum(patterns.codes, 0).T.astype(np.float64)) @ patterns.n / people
    expected = moments(m) @ weight
    logs = np.log(m)
    xi = np.array([np.exp((every[u] | every) @ logs) @ weight for u in range(len(every))])
    xi -= np.outer(expected, expected)
    by_intercept = m * (1 - m)
    delta = np.zeros((len(every), 2 * items.n_items))
    for u, each in enumerate(members):
        for item in each:
            rest = np.prod([m[other] for other in each - {item}], axis=0) * by_intercept[item] * weight
            delta[u, 2 * item : 2 * item + 2] = (rest * theta).sum(), rest.sum()
    orthogonal = np.linalg.qr(delta, mode="complete")[0][:, delta.shape[1] :]
    d = orthogonal.T @ ((observed - expected) * people / np.sqrt(patterns.n.sum()))
    return float(d @ np.linalg.solve(orthogonal.T @ xi @ orthogonal, d))


def chances(items: Items, mean: float, sd: float, every: FloatArray) -> FloatArray:
    """P(x) of every pattern."""
    p = probabilities(on_standard_scale(items, mean, sd), NODES.nodes)
    each = [np.prod([p[item, int(code)] for item, code in enumerate(row)], axis=0) for row in every]
    return np.array(each) @ np.exp(NODES.log_weights)


def directions(items: Items, estimated: Estimated) -> list[tuple[Items, float, float]]:
    """What each estimated parameter moves, as (items, mean, sd) to be added."""
    zero = Items(np.zeros(items.n_items), np.zeros(items.intercept.shape), items.graded)
    out: list[tuple[Items, float, float]] = []
    if estimated == "latent":
        return [(zero, 1.0, 0.0), (zero, 0.0, 1.0)]
    if estimated == "nothing":
        return []
    for item in range(items.n_items):
        if estimated == "items":
            out.append((replace(zero, slope=np.eye(items.n_items)[item]), 0.0, 0.0))
        for step in range(1, int(items.top[item]) + 1):
            intercept = zero.intercept.copy()
            intercept[item, step] = 1.0
            out.append((replace(zero, intercept=intercept), 0.0, 0.0))
    return out + ([(zero, 0.0, 1.0)] if estimated == "common slope" else [])


def by_enumeration(
    items: Items, mean: float, sd: float, estimated: Estimated, kind: Statistic, every: FloatArray, n: FloatArray
) -> tuple[float, int]:
    """M from the whole table of patterns."""

    def moved(by: tuple[Items, float, float], h: float) -> FloatArray:
        change, to_mean, to_sd = by
        other = replace(
            items, slope=items.slope + h * change.slope, intercept=items.intercept + h * change.intercept
        )
        return chances(other, mean + h * to_mean, sd + h * to_sd, every)

    j = every.shape[1]
    if kind == "M2":
        first = [every[:, i] for i in range(j)]
    else:
        first = [(every[:, i] == k) * 1.0 for i in range(j) for k in range(1, int(items.top[i]) + 1)]
    pairs = [every[:, a] * every[:, b] for a, b in itertools.combinations(range(j), 2)]
    t = np.array(first + pairs, dtype=np.float64)
    p = chances(items, mean, sd, every)
    xi = (t * p) @ t.T - np.outer(t @ p, t @ p)
    slopes = [(moved(by, 1e-5) - moved(by, -1e-5)) / 2e-5 for by in directions(items, estimated)]
    # M is what least squares leave of the whitened differences
    lower = np.linalg.cholesky(xi)
    e = np.linalg.solve(lower, t @ (n / n.sum() - p))
    if not slopes:
        return float(n.sum() * e @ e), len(t)
    delta = np.linalg.solve(lower, t @ np.array(slopes).T)
    by, _, rank, _ = np.linalg.lstsq(delta, e, rcond=1e-8)
    return float(n.sum() * ((e - delta @ by) ** 2).sum()), len(t) - int(rank)


def credit_items(n_items: int = 4) -> Items:
    return Items(np.linspace(0.7, 1.3, n_items), np.linspace([0.0, 0.9, 0.1], [0.0, -0.3, -0.9], n_items))


@pytest.mark.parametrize(
    ("items", "estimated", "kind"),
    [
        (binary_items(4), "common slope", "M2"),
        (binary_items(4), "latent", "M2"),
        (binary_items(4), "nothing", "C2"),
        (mixed_items(), "latent", "M2"),
        (mixed_items(), "latent", "C2"),
        (mixed_items(), "items", "C2"),
        (mixed_items(), "common slope", "C2"),
        (credit_items(), "common slope", "C2"),
        (credit_items(), "items", "C2"),
        (credit_items(), "nothing", "M2"),
        (credit_items(6), "items", "M2"),
    ],
)
def test_equals_enumeration(items: Items, estimated: Estimated, kind: Statistic) -> None:
    every = np.array(list(itertools.product(*[range(int(top) + 1) for top in items.top])), dtype=np.float64)
    n = np.random.default_rng(1).integers(1, 30, len(every)).astype(np.float64)
    table = from_table(every.astype(np.int8), items.top.astype(np.int64) + 1, n)
    found = limited_fit(table, items, mean=0.2, sd=1.3, estimated=estimated, statistic=kind)
    value, df = by_enumeration(items, 0.2, 1.3, estimated, kind, every, n)
    assert found.df == df
    assert found.statistic == pytest.approx(value, rel=1e-5)


def fits(items: Items, kind: Statistic, sets: int = 200) -> list[LimitedFit]:
    rng = np.random.default_rng(2)
    return [
        limited_fit(draw(rng, items, 800), items, mean=0.0, sd=1.0, estimated="nothing", statistic=kind)
        for _ in range(sets)
    ]


@pytest.mark.parametrize(("items", "kind"), [(binary_items(), "M2"), (mixed_items(), "M2"), (mixed_items(), "C2")])
def test_is_chi_squared_under_the_model(items: Items, kind: Statistic) -> None:
    found = fits(items, kind)
    value = np.array([each.statistic - each.df for each in found])
    alarms = np.array([each.p < 0.05 for each in found], dtype=np.float64)
    assert abs(value.mean()) < 3 * value.std() / np.sqrt(len(value))
    assert abs(alarms.mean() - 0.05) < 3 * np.sqrt(0.05 * 0.95 / len(alarms))


def test_two_dimensions_stand_out() -> None:
    items, rng = binary_items(8), np.random.default_rng(3)
    theta = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=1_000)
    codes = np.hstack(
        [simulate_codes(rng, items, theta[:, 0])[:, :4], simulate_codes(rng, items, theta[:, 1])[:, 4:]]
    )
    found = limited_fit(collapse(Responses(codes, np.full(8, 2))), items, mean=0.0, sd=1.0, estimated="items")
    assert found.p < 1e-6
    assert found.rmsea_interval[0] > 0.03
    assert found.srmsr > 0.05
    assert found.cfi < 0.95
    assert found.tli < found.cfi
    fitting = fits(items, "M2", 1)[0]
    assert fitting.srmsr < 0.05
    assert fitting.cfi > 0.97


def test_the_interval_of_rmsea_inverts_the_noncentral_distribution() -> None:
    low, high = noncentrality_interval(60.0, 20)
    assert ncx2.cdf(60.0, 20, low) == pytest.approx(0.95, abs=1e-6)
    assert ncx2.cdf(60.0, 20, high) == pytest.approx(0.05, abs=1e-6)
    assert noncentrality_interval(3.0, 20) == (0.0, 0.0)


def test_c2_is_m2_where_items_are_binary() -> None:
    patterns, items = draw(4, binary_items(), 300), binary_items()
    one, two = (
        limited_fit(patterns, items, mean=0.0, sd=1.0, estimated="items", statistic=kind) for kind in ("M2", "C2")
    )
    assert one.statistic == pytest.approx(two.statistic, rel=1e-9)
    assert (one.kind, two.kind) == ("M2", "C2")


def test_weights_and_missing_answers() -> None:
    items, rng = binary_items(5), np.random.default_rng(5)
    codes = simulate_codes(rng, items, rng.normal(size=300))
    counts = rng.integers(1, 4, 300)
    two = np.full(5, 2)
    one = collapse(Responses(codes, two, counts.astype(float), "frequency"))
    many = collapse(Responses(np.repeat(codes, counts, axis=0), two))
    found = [limited_fit(each, items, mean=0.0, sd=1.0, estimated="latent") for each in (one, many)]
    assert found[0].statistic == pytest.approx(found[1].statistic, rel=1e-12)
    with pytest.raises(EstimationError, match=r"fit\.sampling-weights"):
        limited_fit(
            collapse(Responses(codes, two, counts.astype(float), "sampling")),
            items,
            mean=0.0,
            sd=1.0,
            estimated="latent",
        )
    codes[:40, 0] = -1
    left = limited_fit(collapse(Responses(codes, two)), items, mean=0.0, sd=1.0, estimated="latent")
    assert (left.n, left.n_incomplete) == (260, 40)


def test_without_degrees_of_freedom_it_says_what_to_use() -> None:
    items, sd = mirt_items("science_graded")
    patterns = draw(6, items, 400)
    with pytest.raises(EstimationError, match="C2") as caught:
        limited_fit(patterns, items, mean=0.0, sd=sd, estimated="items")
    assert caught.value.code == "fit.no-degrees-of-freedom"
    assert limited_fit(patterns, items, mean=0.0, sd=sd, estimated="items", statistic="C2").df == 2


def test_ugly_cases() -> None:
    items = binary_items(5)
    codes = draw(7, items, 200).codes.copy()
    codes[:, 2] = 1
    found = limited_fit(collapse(Responses(codes, np.full(5, 2))), items, mean=0.0, sd=1.0, estimated="items")
    assert found.p < 0.01  # a constant item is far from what the model expects of it
    assert np.isfinite(found.srmsr)
    assert np.isnan(found.cfi)
    everybody = from_table(np.zeros((1, 5), dtype=np.int8), np.full(5, 2), np.array([50.0]))
    same = limited_fit(everybody, items, mean=0.0, sd=1.0, estimated="items")
    assert np.isfinite(same.statistic)
    assert np.isnan(same.srmsr)
    certain = Items(items.slope, items.intercept + np.array([0.0, 900.0]))
    with pytest.raises(EstimationError, match=r"fit\.moments-fixed"):
        limited_fit(everybody, certain, mean=0.0, sd=1.0, estimated="nothing")
    with pytest.raises(EstimationError, match=r"fit\.too-few-items"):
        limited_fit(
            from_table(np.zeros((1, 1), dtype=np.int8), np.full(1, 2), np.array([5.0])),
            binary_items(1),
            mean=0.0,
            sd=1.0,
            estimated="nothing",
        )


def test_too_many_moments_are_refused() -> None:
    items = binary_items(130)
    patterns = from_table(np.zeros((1, 130), dtype=np.int8), np.full(130, 2), np.array([5.0]))
    with pytest.raises(EstimationError, match=r"fit\.too-many-moments"):
        limited_fit(patterns, items, mean=0.0, sd=1.0, estimated="nothing")
