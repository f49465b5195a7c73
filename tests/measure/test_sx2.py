"""S-X2 against R mirt, against enumeration, and on simulated people.

1e-6 against R mirt (both are closed formulas of the same estimates; the nodes differ), degrees of freedom exactly.
Simulations at known items, where the statistic has its reference distribution: three standard errors.
"""

import itertools

import numpy as np
import pytest

from evenhand.errors import EstimationError
from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.patterns import Patterns, collapse, from_table
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import CodeArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from evenhand.measure.sx2 import SX2, pool, s_x2, score_distribution, whole_rows
from tests.figures import column, larger, lsat6, rows

NODES = rectangular(121)


def mirt_items(name: str) -> tuple[Items, float]:
    """Items of an R mirt table, in its order, and the latent SD."""
    by_item: dict[str, dict[str, float]] = {}
    for row in rows(f"{name}_mirt_par"):
        by_item.setdefault(row["item"], {})[row["par"]] = float(row["est"])
    variance = by_item.pop("GroupPars")["COV_11"]
    steps = [[row[key] for key in sorted(row) if key.startswith("d") and key != "d0"] for row in by_item.values()]
    slope = np.array([row["a1"] for row in by_item.values()])
    intercept = np.array([[0.0, *each] for each in steps])
    return Items(slope, intercept, np.full(len(slope), name.endswith("graded"))), float(np.sqrt(variance))


def patterns_of(name: str) -> Patterns:
    """Patterns of a data set that is not part of the project."""
    if name == "lsat6":
        return lsat6()
    codes = larger(name)
    if codes is None:
        pytest.skip(f"not run: the {name} answers are not at hand (see tests/reference/README.md)")
    codes = np.where(codes >= 0, codes - codes[codes >= 0].min(), -1).astype(np.int8)
    return collapse(Responses(codes, codes.max(axis=0).astype(np.int64) + 1))


def mixed_items() -> Items:
    """A binary item, one of partial credit, a graded one and a reversed one of partial credit."""
    none = -np.inf
    intercept = np.array([[0, 0.3, none], [0, 0.4, -0.2], [0, 1.0, -0.8], [0, 0.2, -0.5]])
    return Items(np.array([1.2, 0.8, 1.5, -0.7]), intercept, np.array([False, False, True, False]))


def binary_items(n_items: int = 6) -> Items:
    b = np.linspace(-1.2, 1.2, n_items)
    return Items(np.full(n_items, 1.3), np.stack([np.zeros(n_items), -1.3 * b], axis=1))


def draw(seed: int | np.random.Generator, items: Items, n: int) -> Patterns:
    rng = np.random.default_rng(seed)
    return collapse(Responses(simulate_codes(rng, items, rng.normal(size=n)), items.top.astype(np.int64) + 1))


CASES = [
    ("lsat6", "2PL", "lsat6_2PL"),
    ("lsat6", "Rasch", "lsat6_1PL"),
    ("verbal_aggression2", "2PL", "verbal_aggression2_2PL"),
    ("verbal_aggression2", "Rasch", "verbal_aggression2_1PL"),
    ("science", "gpcm", "science_gpcm"),
    ("science", "graded", "science_graded"),
    ("verbal_aggression3", "gpcm", "verbal_aggression3_gpcm"),
    ("verbal_aggression3", "graded", "verbal_aggression3_graded"),
]


@pytest.mark.parametrize(("data", "model", "parameters"), CASES)
def test_equals_r_mirt(data: str, model: str, parameters: str) -> None:
    patterns = patterns_of(data)
    items, sd = mirt_items(parameters)
    # R mirt's Rasch fit counts the common slope for every item
    found = s_x2(patterns, items, mean=0.0, sd=sd, estimated="items")
    name = f"{data}_{model}_mirt_itemfit"
    np.testing.assert_allclose(found.statistic, column(name, "S_X2"), atol=1e-6)
    np.testing.assert_array_equal(found.df, column(name, "df.S_X2"))
    np.testing.assert_allclose(found.p, column(name, "p.S_X2"), atol=1e-7)
    np.testing.assert_allclose(found.rmsea, column(name, "RMSEA.S_X2"), atol=1e-7)


def pattern_table(items: Items) -> tuple[CodeArray, FloatArray]:
    """Every pattern and its probability, by loops over the nodes."""
    every = np.array(list(itertools.product(*[range(int(top) + 1) for top in items.top])), dtype=np.int8)
    p = probabilities(items, NODES.nodes)
    chance = [
        np.exp(NODES.log_weights) @ np.prod([p[item, code] for item, code in enumerate(code_row)], axis=0)
        for code_row in every
    ]
    return every, np.array(chance, dtype=np.float64)


def test_lord_wingersky_equals_enumeration() -> None:
    items = mixed_items()
    every, chance = pattern_table(items)
    expected = np.bincount(every.astype(int).sum(axis=1), weights=chance)
    top = items.top.astype(np.int64)
    found = score_distribution(probabilities(items, NODES.nodes), top) @ np.exp(NODES.log_weights)
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_equals_enumeration_where_nothing_is_pooled() -> None:
    """Many people with every pattern: only the scores at which a category is impossible are joined."""
    standard = on_standard_scale(mixed_items(), 0.3, 1.4)
    every, chance = pattern_table(standard)
    n = np.random.default_rng(1).integers(500, 900, len(every)).astype(np.float64)
    patterns = from_table(every.astype(np.int8), standard.top.astype(np.int64) + 1, n)
    found = s_x2(patterns, mixed_items(), mean=0.3, sd=1.4, estimated="nothing")
    facing = every.astype(int)
    facing[:, 3] = 2 - facing[:, 3]
    score, last = facing.sum(axis=1), int(facing.sum(axis=1).max())
    for item in range(4):
        top = int(standard.top[item])
        group = np.clip(score, top, last - top)
        kept = (score > 0) & (score < last)
        total, df = 0.0, 0
        for s in np.unique(group[kept]):
            observed, expected = np.zeros(top + 1), np.zeros(top + 1)
            for one in np.unique(score[kept & (group == s)]):
                here = score == one
                for k in range(top + 1):
                    cell = here & (facing[:, item] == k)
                    observed[k] += n[cell].sum()
                    expected[k] += n[here].sum() * chance[cell].sum() / chance[here].sum()
            total, df = total + float(((observed - expected) ** 2 / expected).sum()), df + top
        assert found.statistic[item] == pytest.approx(total, rel=1e-10)
        assert found.df[item] == df


@pytest.mark.parametrize("items", [binary_items(), mixed_items()], ids=["binary", "mixed"])
def test_is_chi_squared_under_the_model(items: Items) -> None:
    rng = np.random.default_rng(2)
    found = [s_x2(draw(rng, items, 800), items, mean=0.0, sd=1.0, estimated="nothing") for _ in range(250)]
    excess = np.array([(each.statistic - each.df).mean() for each in found])
    alarms = np.array([(each.p < 0.05).mean() for each in found])
    for value, centre in ((excess, 0.0), (alarms, 0.05)):
        assert abs(value.mean() - centre) < 3 * value.std() / np.sqrt(len(value))


def test_an_item_answered_by_chance_stands_out() -> None:
    items = binary_items(8)
    rng = np.random.default_rng(3)
    codes = simulate_codes(rng, items, rng.normal(size=1_000))
    codes[:, 2] = rng.random(1_000) < 0.5
    found = s_x2(collapse(Responses(codes, np.full(8, 2))), items, mean=0.0, sd=1.0, estimated="items")
    assert found.p[2] < 1e-10
    assert found.rmsea[2] > 0.1
    assert np.argmax(found.statistic) == 2


def test_turning_an_item_round_changes_nothing() -> None:
    items = binary_items(5)
    rng = np.random.default_rng(4)
    codes = simulate_codes(rng, items, rng.normal(size=400))
    turned = codes.copy()
    turned[:, 1] = 1 - turned[:, 1]
    sign = np.array([1.0, -1.0, 1.0, 1.0, 1.0])
    other = Items(items.slope * sign, items.intercept * sign[:, None])
    one = s_x2(collapse(Responses(codes, np.full(5, 2))), items, mean=0.0, sd=1.0, estimated="items")
    two = s_x2(collapse(Responses(turned, np.full(5, 2))), other, mean=0.0, sd=1.0, estimated="items")
    np.testing.assert_allclose(one.statistic, two.statistic, rtol=1e-10)


def test_frequency_weights_are_counts_and_sampling_weights_are_refused() -> None:
    items = binary_items(5)
    rng = np.random.default_rng(5)
    codes = simulate_codes(rng, items, rng.normal(size=300))
    counts = rng.integers(1, 4, 300)
    weighted = collapse(Responses(codes, np.full(5, 2), counts.astype(np.float64), "frequency"))
    expanded = collapse(Responses(np.repeat(codes, counts, axis=0), np.full(5, 2)))
    found = [s_x2(each, items, mean=0.0, sd=1.0, estimated="items") for each in (weighted, expanded)]
    np.testing.assert_allclose(found[0].statistic, found[1].statistic, rtol=1e-12)
    assert found[0].n == counts.sum()
    sampled = collapse(Responses(codes, np.full(5, 2), 1.5 * counts.astype(float), "sampling"))
    with pytest.raises(EstimationError, match=r"fit\.sampling-weights"):
        s_x2(sampled, items, mean=0.0, sd=1.0, estimated="items")


def test_people_with_missing_answers_are_left_out_and_counted() -> None:
    items = binary_items(5)
    rng = np.random.default_rng(6)
    codes = simulate_codes(rng, items, rng.normal(size=300))
    holes = codes.copy()
    holes[:40, 0] = -1
    found = s_x2(collapse(Responses(holes, np.full(5, 2))), items, mean=0.0, sd=1.0, estimated="items")
    whole = s_x2(collapse(Responses(codes[40:], np.full(5, 2))), items, mean=0.0, sd=1.0, estimated="items")
    np.testing.assert_allclose(found.statistic, whole.statistic)
    assert (found.n, found.n_incomplete) == (260, 40)
    holes[:, 1] = -1
    with pytest.raises(EstimationError, match=r"fit\.nobody-complete"):
        s_x2(collapse(Responses(holes, np.full(5, 2))), items, mean=0.0, sd=1.0, estimated="items")


def fit_of(codes: object, items: Items) -> SX2:
    array = np.asarray(codes, dtype=np.int8)
    return s_x2(
        collapse(Responses(array, items.top.astype(np.int64) + 1)), items, mean=0.0, sd=1.0, estimated="items"
    )


def test_one_item_is_refused() -> None:
    with pytest.raises(EstimationError, match=r"fit\.too-few-items"):
        fit_of([[0], [1]], binary_items(1))


@pytest.mark.parametrize(
    "codes", [[[0, 0, 0, 0]] * 5, [[1, 1, 1, 1]] * 5, [[0, 0, 0, 0], [1, 1, 1, 1]], [[0, 1, 0, 1]]]
)
def test_extremes_or_one_person_leave_no_test(codes: list[list[int]]) -> None:
    found = fit_of(codes, binary_items(4))
    assert (found.df <= 0).all()
    assert np.isnan(found.p).all()
    assert np.isnan(found.rmsea).all()
    assert np.isfinite(found.statistic).all()


def test_an_item_with_more_categories_than_the_others_can_balance_leaves_no_test() -> None:
    wide = Items(np.ones(2), np.array([[0, 0.5, -np.inf, -np.inf], [0, 0.3, 0.2, -0.5]]))
    found = fit_of([[0, 3], [1, 2], [1, 0], [0, 1], [1, 3]], wide)
    assert found.df[1] < 0
    assert np.isnan(found.p[1])


def test_a_constant_item_and_an_unused_category_give_finite_figures() -> None:
    items = Items(np.ones(4), np.tile([0.0, 0.5, 0.1], (4, 1)))
    rng = np.random.default_rng(7)
    codes = simulate_codes(rng, items, rng.normal(size=200))
    codes[:, 0] = 1
    codes[:, 1] = np.minimum(codes[:, 1], 1)
    found = fit_of(codes, items)
    assert np.isfinite(found.statistic).all()
    assert np.isfinite(found.p).all()
    assert found.p[0] < 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_pooling_keeps_everybody_and_leaves_no_small_cell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, categories = int(rng.integers(6, 20)), int(rng.integers(2, 5))
    expected = rng.gamma(0.3, 4.0, (scores, categories)) + 1e-6
    total = rng.poisson(expected.sum(axis=1)).astype(np.float64)
    observed = np.array([rng.multinomial(int(n), row / row.sum()) for n, row in zip(total, expected, strict=True)])
    expected *= (total / expected.sum(axis=1))[:, None]
    table = pool(observed.astype(np.float64), expected, whole_rows(expected), 1.0)
    assert sum(row[0].sum() for row in table) == pytest.approx(observed[1:-1].sum())
    assert sum(row[1].sum() for row in table) == pytest.approx(expected[1:-1].sum())
    if len(table) > 1:
        assert all((row[1][row[1] > 0] >= 1).all() for row in table)
