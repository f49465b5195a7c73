"""What a raw score says, against all its response patterns one by one."""

import itertools

import numpy as np
import pytest

from evenhand.errors import OptionError
from evenhand.measure.expected_scores import expected_score
from evenhand.measure.models import Items, items_from_thresholds, probabilities
from evenhand.measure.patterns import from_table
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import score_patterns
from evenhand.measure.summed import raw_score_table, score_probabilities

MIXED = items_from_thresholds(
    np.array([1.0, -1.4, 0.8, 1.7]),
    np.array([[0.3, np.nan], [0.9, -0.6], [-0.5, 0.7], [-0.2, np.nan]]),
    np.array([False, True, False, True]),
)
"""Binary, graded and reversed, partial credit."""


def every_pattern(items: Items) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A dense grid, the probability of every pattern at each point, and its raw score."""
    grid = np.linspace(-14, 14, 5_601)
    p = probabilities(items, grid)
    top = items.top.astype(int)
    codes = np.array(list(itertools.product(*(range(each + 1) for each in top))))
    likelihood = np.ones((len(codes), len(grid)))
    for item in range(items.n_items):
        likelihood *= p[item, codes[:, item]]
    turned = np.where(items.slope > 0, codes, top - codes)
    return grid, likelihood, turned.sum(axis=1).astype(np.float64)


@pytest.mark.parametrize("items", [MIXED, items_from_thresholds(np.ones(5), np.linspace(-1, 1, 5)[:, None])])
def test_the_table_is_the_posterior_over_all_patterns_of_the_score(items: Items) -> None:
    mean, sd, threshold = 0.4, 1.3, 0.5
    grid, likelihood, raw = every_pattern(items)
    weight = np.exp(-(((grid - mean) / sd) ** 2) / 2)
    weight /= weight.sum()
    # at the threshold itself the twin counts half its point: its own step is .005
    above = np.where(np.isclose(grid, threshold), 0.5, grid > threshold)
    found = raw_score_table(items, mean=mean, sd=sd, threshold=threshold)
    assert found.p_at_least is not None
    for place, score in enumerate(found.raw):
        joint = likelihood[raw == score].sum(axis=0) * weight
        share = joint.sum()
        first = joint @ grid / share
        assert found.share[place] == pytest.approx(share, abs=1e-9)
        assert found.theta[place] == pytest.approx(first, abs=1e-8)
        assert found.se[place] == pytest.approx(np.sqrt(joint @ grid**2 / share - first**2), abs=1e-8)
        assert found.p_at_least[place] == pytest.approx(joint @ above / share, abs=1e-5)
    assert found.share.sum() == pytest.approx(1.0, abs=1e-10)


def test_in_a_rasch_scale_any_pattern_of_the_score_says_the_same() -> None:
    items = items_from_thresholds(np.ones(5), np.linspace(-1, 1, 5)[:, None])
    codes = np.tril(np.ones((6, 5), dtype=np.int8), -1)
    people = from_table(codes, np.full(5, 2), np.ones(6))
    scores = score_patterns(people, items, "eap", mean=-0.3, sd=1.7)
    found = raw_score_table(items, mean=-0.3, sd=1.7)
    np.testing.assert_allclose(found.theta, scores.theta, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.se, scores.se, rtol=0, atol=1e-8)
    assert found.p_at_least is None


def test_where_slopes_differ_the_score_says_less_than_the_answers() -> None:
    items = items_from_thresholds(np.array([0.5, 1.0, 2.5]), np.zeros((3, 1)))
    codes = np.array(list(itertools.product([0, 1], repeat=3)), dtype=np.int8)
    people = from_table(codes, np.full(3, 2), np.ones(8))
    scores = score_patterns(people, items, "eap", mean=0.0, sd=1.0)
    found = raw_score_table(items, mean=0.0, sd=1.0)
    of_score = scores.se[people.codes.sum(axis=1) == 1]
    assert found.se[1] > of_score.max()


def test_probabilities_of_scores_add_to_one_and_average_to_the_expected_score() -> None:
    theta = np.linspace(-3, 3, 7)
    p = score_probabilities(MIXED, theta)
    np.testing.assert_allclose(p.sum(axis=0), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.arange(len(p)) @ p, expected_score(MIXED, theta), atol=1e-12)


def test_the_ends_have_a_posterior_and_no_theta_of_that_expected_score() -> None:
    found = raw_score_table(MIXED, mean=0.0, sd=1.0)
    assert np.isfinite(found.theta).all()
    assert list(np.isfinite(found.at_expected)) == [False, *[True] * (len(found.raw) - 2), False]
    inner = found.at_expected[1:-1]
    np.testing.assert_allclose(expected_score(MIXED, inner), found.raw[1:-1], atol=1e-8)


def test_an_item_that_measures_nothing_is_refused() -> None:
    with pytest.raises(OptionError, match=r"score\.flat-item"):
        raw_score_table(items_from_thresholds(np.array([1.0, 0.0]), np.zeros((2, 1))), mean=0.0, sd=1.0)
