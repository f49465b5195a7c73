"""Tests of targeting: figures worked by hand, twins by brute force, and the ugly cases."""

import numpy as np
import pytest

from evenhand.audit.figures import Figure
from evenhand.audit.targeting import (
    concentration_index,
    cumulative_support,
    neediest_ratio,
    rank_figures,
    targeting,
)
from evenhand.errors import EstimationError
from evenhand.measure.responses import FloatArray


def twin_index(severity: FloatArray, support: FloatArray, weights: FloatArray) -> float:
    """2 cov_w(support, rank) / mean, rank by comparing each pair of people."""
    share = weights / weights.sum()
    rank = np.array([share[severity > own].sum() + share[severity == own].sum() / 2 for own in severity])
    mean = float(share @ support)
    return 2 * float(share @ ((support - mean) * (rank - float(share @ rank)))) / mean


def twin_share(severity: FloatArray, support: FloatArray, weights: FloatArray, part: float) -> float:
    """Share of the support of the neediest part, person by person; tied people give the same fraction."""
    left, given = part * weights.sum(), 0.0
    for level in sorted(set(severity), reverse=True):
        tied = severity == level
        taken = min(1.0, left / weights[tied].sum())
        given += taken * float(weights[tied] @ support[tied])
        left -= taken * weights[tied].sum()
        if left <= 1e-12:
            break
    return given / float(weights @ support)


@pytest.mark.parametrize("seed", range(6))
def test_index_and_ratio_agree_with_twins_under_ties_and_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    severity = rng.integers(0, 6, 40).astype(np.float64)
    support, weights = rng.random(40), rng.uniform(0.2, 3, 40)
    assert concentration_index(severity, support, weights) == pytest.approx(twin_index(severity, support, weights))
    for part in (0.2, 0.4, 0.9):
        found = cumulative_support(severity, support, weights, np.array([part]))[0]
        assert found == pytest.approx(twin_share(severity, support, weights, part))


def test_errors_worked_by_hand() -> None:
    """60 in need of whom 45 are supported, 40 not in need of whom 5 are: exclusion 15/60, inclusion 5/50."""
    need = np.repeat([1.0, 0.0], [60, 40])
    support = np.concatenate([np.repeat([1.0, 0.0], [45, 15]), np.repeat([1.0, 0.0], [5, 35])])
    found = targeting(need, need, support, min_n=40)
    assert found.exclusion.value == pytest.approx(15 / 60)
    assert found.inclusion.value == pytest.approx(5 / 50)
    assert found.support.value == pytest.approx(0.5)


def test_perfect_targeting_of_two_in_five_has_ratio_two_and_a_half() -> None:
    severity = np.arange(100.0)
    support = (severity >= 60).astype(np.float64)
    assert neediest_ratio(severity, support, np.ones(100)) == pytest.approx(2.5)
    assert rank_figures(severity, support, np.ones(100))[2:7] == pytest.approx([0.5, 0.5, 0, 0, 0])


def test_support_for_all_has_ratio_one_and_index_zero() -> None:
    found = targeting(np.repeat([1.0, 0.0], 50), np.arange(100.0), np.ones(100))
    assert found.ratio.value == pytest.approx(1)
    assert found.concentration.value == pytest.approx(0, abs=1e-12)
    assert found.exclusion.value == 0
    assert [each.value for each in found.coverage] == pytest.approx([1] * 5)


def test_people_who_all_tie_are_served_alike_whatever_their_order() -> None:
    support = np.repeat([1.0, 0.0], [10, 90])
    assert neediest_ratio(np.zeros(100), support, np.ones(100)) == pytest.approx(1)
    assert concentration_index(np.zeros(100), support, np.ones(100)) == pytest.approx(0, abs=1e-12)


def test_support_for_nobody_leaves_shares_of_it_unknown_and_excludes_all() -> None:
    found = targeting(np.repeat([1.0, 0.0], 50), np.arange(100.0), np.zeros(100))
    assert found.exclusion.value == 1
    for figure in (found.inclusion, found.ratio, found.concentration, *found.incidence):
        assert figure.value is None
        assert figure.reason.startswith("insufficient evidence")
    assert [each.value for each in found.coverage] == [0.0] * 5


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_person_give_no_number(n: int) -> None:
    found = targeting(np.ones(n), np.zeros(n), np.ones(n))
    assert all(each.value is None for each in (found.support, found.exclusion, found.inclusion, found.ratio))


def test_nobody_in_need_leaves_exclusion_unknown() -> None:
    found = targeting(np.zeros(100), np.arange(100.0), np.repeat([1.0, 0.0], 50))
    assert found.exclusion.value is None
    assert found.inclusion.value == 1


def test_weights_of_two_are_two_people_for_the_figures() -> None:
    rng = np.random.default_rng(2)
    need, support = (rng.integers(0, 2, 120).astype(np.float64) for _ in range(2))
    severity = rng.random(120)
    weights = rng.integers(1, 4, 120).astype(np.float64)
    rows = np.repeat(np.arange(120), weights.astype(int))
    weighted, long = (
        targeting(need, severity, support, weights, min_n=20),
        targeting(need[rows], severity[rows], support[rows], min_n=20),
    )
    for name in ("support", "exclusion", "inclusion", "ratio", "concentration"):
        a: Figure = getattr(weighted, name)
        b: Figure = getattr(long, name)
        assert a.value == pytest.approx(b.value)


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(EstimationError) as error:
        targeting(np.ones(5), np.ones(5), np.full(5, 1.5))
    assert error.value.code == "audit.column"


def test_the_interval_of_the_ratio_holds_the_truth_about_as_often_as_it_says() -> None:
    """Support with chance expit(severity): the ratio of a million people is the truth."""
    rng = np.random.default_rng(5)

    def draw(n: int) -> tuple[FloatArray, FloatArray]:
        severity = rng.normal(size=n)
        return severity, (rng.random(n) < 1 / (1 + np.exp(-severity))).astype(np.float64)

    severity, support = draw(400_000)
    truth = neediest_ratio(severity, support, np.ones(len(support)))
    held = 0
    for seed in range(60):
        severity, support = draw(300)
        found = targeting((severity > 0).astype(np.float64), severity, support, seed=seed).ratio
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert held >= 51  # 95 % of 60 is 57; fewer than 51 has a chance of .003
