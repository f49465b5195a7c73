"""Tests of shares and their intervals: published values, and the ends of the range."""

import numpy as np
import pytest

from evenhand.audit.figures import (
    INSUFFICIENT,
    Figure,
    difference,
    difference_p,
    effective_n,
    share_of,
    wilson,
)


@pytest.mark.parametrize(
    ("yes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(yes: int, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    assert wilson(yes / n, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_the_difference_has_newcombe_s_interval(
    a: tuple[int, int], b: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe (1998), Statistics in Medicine 17, page 876, method 10."""
    shares = [Figure(k / n, *wilson(k / n, n), n) for k, n in (a, b)]
    found = difference(*shares)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_too_few_people_is_no_number() -> None:
    found = share_of(np.ones(49), np.ones(49), min_n=50)
    assert found.value is None
    assert found.n is None
    assert found.reason.startswith(INSUFFICIENT)


def test_a_difference_with_an_unknown_share_is_unknown() -> None:
    known, none = share_of(np.ones(60), np.ones(60)), share_of(np.ones(3), np.ones(3))
    assert difference(known, none).value is None
    assert np.isnan(difference_p(known, none))


def test_equal_weights_count_everybody_and_one_weight_counts_one() -> None:
    assert effective_n(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_n(np.array([1.0, 0.0, 0.0])) == 1
    assert effective_n(np.zeros(3)) == 0


def test_two_groups_in_which_everybody_has_it_do_not_differ() -> None:
    everyone = share_of(np.ones(60), np.ones(60))
    assert difference_p(everyone, everyone) == 1.0
