"""The posterior by table and by exact evaluation, against each other and against a dense grid.

Tables: 1e-8 relative in the log-likelihood, as promised, and 1e-8 of the total weight at the nodes. The dense
grid and the 241 nodes on 10 SD used here both integrate these functions to better than 1e-11.
"""

import numpy as np
import pytest

from evenhand.measure import posterior
from evenhand.measure.digits import cut
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.posterior import Expected, expectation, posterior_means, slope_scores
from evenhand.measure.quadrature import rectangular
from evenhand.measure.responses import FloatArray, Responses
from tests.measure.twins import (
    GRID,
    collapsed,
    draw,
    items_of,
    log_marginal_by_quad,
    log_marginals,
    posteriors,
    with_holes,
)

FINE = rectangular(241, 10.0)
A3, B3 = np.array([1.2, -0.7, 2.5]), np.array([-1.0, 0.3, 0.8])


def force(monkeypatch: pytest.MonkeyPatch, *, exact: bool) -> None:
    """Send every mask down one path."""

    def chosen(patterns: Patterns, _items: Items, _step: float = 0.0) -> list[bool]:
        return [exact] * len(patterns.masks)

    monkeypatch.setattr(posterior, "_is_exact", chosen)


def survey(n: int, a: FloatArray, b: FloatArray, holes: float, seed: int) -> Patterns:
    rng = np.random.default_rng(seed)
    codes = with_holes(rng, draw(rng, a, b, rng.normal(size=n)), holes)
    return collapsed(codes, weights=rng.random(n) * 3, weights_kind="sampling")


def graded(n: int, seed: int) -> tuple[Patterns, Items]:
    """People on items of 2, 3 and 4 categories."""
    rng = np.random.default_rng(seed)
    categories = np.array([4, 2, 3, 4, 3])
    codes = (rng.random((n, 5)) * categories).astype(np.int8)
    codes[rng.random(codes.shape) < 0.1] = -1
    b = np.where(np.arange(3) < categories[:, None] - 1, rng.normal(size=(5, 3)), np.nan)
    items = items_from_thresholds(np.array([1.0, 2.0, -0.5, 1.5, 0.8]), b)
    return collapse(Responses(codes, categories)), items


def both_ways(monkeypatch: pytest.MonkeyPatch, patterns: Patterns, items: Items) -> tuple[Expected, Expected]:
    force(monkeypatch, exact=False)
    table = expectation(patterns, cut(patterns), items, FINE)
    force(monkeypatch, exact=True)
    return table, expectation(patterns, cut(patterns), items, FINE)


def cases() -> list[tuple[Patterns, Items]]:
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(0, 0.5, 12), rng.normal(0, 1.5, 12)
    turned = a * np.where(np.arange(12) % 3 == 0, -1, 1)
    return [
        (survey(3_000, a, b, 0.0, 2), items_of(a, b)),
        (survey(3_000, turned, b, 0.15, 3), items_of(turned, b)),
        (survey(2_000, 5 * a, b, 0.0, 4), items_of(5 * a, b)),
        (survey(500, np.zeros(12), b, 0.0, 5), items_of(np.zeros(12), b)),
        graded(2_000, 6),
    ]


@pytest.mark.parametrize("case", range(5))
def test_tables_equal_exact_evaluation(monkeypatch: pytest.MonkeyPatch, case: int) -> None:
    patterns, items = cases()[case]
    table, exact = both_ways(monkeypatch, patterns, items)
    assert table.loglik == pytest.approx(exact.loglik, rel=1e-8)
    total = float(patterns.w.sum())
    np.testing.assert_allclose(table.nodes, exact.nodes, rtol=0, atol=1e-8 * total)
    np.testing.assert_allclose(table.mean, exact.mean, rtol=0, atol=1e-8)
    np.testing.assert_allclose(table.by_category, exact.by_category, rtol=0, atol=1e-8 * total)
    assert table.nodes.sum() == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("case", range(5))
def test_tables_of_other_functions_equal_exact_evaluation(monkeypatch: pytest.MonkeyPatch, case: int) -> None:
    patterns, items = cases()[case]
    z = FINE.nodes
    functions = np.stack([z, z**2, (z >= 0.5).astype(np.float64)])
    force(monkeypatch, exact=False)
    table = posterior_means(patterns, items, FINE, functions)
    force(monkeypatch, exact=True)
    exact = posterior_means(patterns, items, FINE, functions)
    np.testing.assert_allclose(table, exact, rtol=0, atol=2e-8)  # 1e-8 is promised; z^2 is up to 10 times larger


def test_few_patterns_are_exact_and_many_are_tabulated() -> None:
    few, many = survey(30, A3, B3, 0.0, 7), in_place(Responses(survey(30, A3, B3, 0.0, 7).codes, np.full(3, 2)))
    assert posterior._is_exact(few, items_of(A3, B3)) == [True]
    crowd = np.tile(many.codes, (200, 1))
    assert posterior._is_exact(in_place(Responses(crowd, np.full(3, 2))), items_of(A3, B3)) == [False]


@pytest.mark.parametrize("exact", [True, False])
def test_one_pass_equals_the_dense_grid(monkeypatch: pytest.MonkeyPatch, exact: bool) -> None:
    patterns = survey(200, A3, B3, 0.2, 8)
    force(monkeypatch, exact=exact)
    found = expectation(patterns, cut(patterns), items_of(A3, B3), FINE)
    assert found.loglik == pytest.approx(patterns.w @ log_marginals(patterns.codes, A3, B3), rel=1e-9)
    mean = posteriors(patterns.codes, A3, B3) @ GRID
    np.testing.assert_allclose(found.mean, mean, rtol=0, atol=1e-8)
    by_category = np.zeros((3, 2))
    for row, value in zip(patterns.codes, patterns.w * mean, strict=True):
        for item in np.flatnonzero(row >= 0):
            by_category[item, row[item]] += value
    np.testing.assert_allclose(found.by_category, by_category, rtol=0, atol=1e-6)
    for mask in range(len(patterns.masks)):
        own = patterns.mask_of == mask
        weights = posteriors(patterns.codes[own], A3, B3)
        for power in range(4):
            expected = patterns.w[own] @ (weights @ GRID**power)
            assert found.nodes[mask] @ FINE.nodes**power == pytest.approx(expected, abs=1e-6)


def test_the_dense_grid_itself_equals_adaptive_quadrature() -> None:
    for code in collapsed(np.array([[0, 1, 1], [1, -1, 0], [1, 1, 1]], dtype=np.int8)).codes:
        by_grid = log_marginals(code[None, :], A3, B3, 0.4, 2.5)[0]
        assert by_grid == pytest.approx(log_marginal_by_quad(code, A3, B3, 0.4, 2.5), abs=1e-11)


@pytest.mark.parametrize("holes", [0.0, 0.2])
def test_slope_scores_add_up_slopes(holes: float) -> None:
    patterns = survey(5_000, np.ones(14), np.zeros(14), holes, 9)
    a = np.random.default_rng(10).normal(size=14)
    expected = np.where(patterns.codes >= 0, patterns.codes, 0) @ a
    np.testing.assert_allclose(slope_scores(patterns, items_of(a, np.zeros(14))), expected, rtol=0, atol=1e-12)


def test_more_patterns_than_a_block_are_all_counted() -> None:
    rng = np.random.default_rng(11)
    codes = draw(rng, np.ones(8), np.zeros(8), rng.normal(size=20_000))
    items = items_of(np.ones(8), np.zeros(8))
    one_each, together = in_place(Responses(codes, np.full(8, 2))), collapsed(codes)
    apart = expectation(one_each, cut(one_each), items, FINE)
    joint = expectation(together, cut(together), items, FINE)
    assert apart.loglik == pytest.approx(joint.loglik, rel=1e-10)
    np.testing.assert_allclose(apart.nodes, joint.nodes, rtol=0, atol=1e-6)
