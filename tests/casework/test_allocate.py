"""Rounds: exact chances, exact places, and nothing that an operator could bend."""

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from evenhand.casework.allocate import (
    CERTAIN,
    Entry,
    allocate,
    check_entries,
    commitment,
    list_root,
    p_class,
    places_of,
    probabilities,
    reserved_of,
    seed_of,
)
from evenhand.errors import RoundError
from evenhand.measure.holm import holm


def entries_of(classes: list[int]) -> list[Entry]:
    return [Entry(hashlib.sha256(f"ticket {k}".encode()).hexdigest()[:32], each) for k, each in enumerate(classes)]


def seed(number: int) -> bytes:
    return hashlib.sha256(f"seed {number}".encode()).digest()


classes = st.lists(st.integers(0, CERTAIN), max_size=60)


@given(classes, st.integers(0, 80), st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_places_are_met_exactly_and_certain_cases_come_first(listed: list[int], places: int, number: int) -> None:
    found = allocate(entries_of(listed), places, seed(number))
    assert found.results.count("offer") == found.offered == min(places, len(listed))
    certain = [result for result, each in zip(found.results, listed, strict=True) if each == CERTAIN]
    assert certain.count("offer") == min(places, len(certain))


@given(classes, st.integers(0, 80))
@settings(max_examples=300, deadline=None)
def test_chances_add_to_the_places(listed: list[int], places: int) -> None:
    chances = probabilities(entries_of(listed), places)
    assert sum(chances) == min(places, len(listed))
    assert all(0 <= chance <= 1 for chance in chances)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 39))
@settings(max_examples=200, deadline=None)
def test_more_certainty_of_need_never_lowers_the_chance(listed: list[int], places: int) -> None:
    chances = probabilities(entries_of(listed), places)
    for (one, chance), (other, against) in product(zip(listed, chances, strict=True), repeat=2):
        assert (one - other) * (chance - against) >= 0


def test_by_hand_two_places_among_three() -> None:
    chances = probabilities(entries_of([0, 1, 2]), 2)  # sizes 1, 3, 5: 2 * 5 >= 9, so the last is taken first
    assert chances == (Fraction(1, 4), Fraction(3, 4), Fraction(1))


def test_an_excess_of_certain_cases_is_a_lottery_with_equal_chances() -> None:
    found = allocate(entries_of([CERTAIN] * 8 + [5] * 4), 2, seed(1))
    assert found.probabilities == (Fraction(1, 4),) * 8 + (Fraction(0),) * 4
    assert found.results[8:] == ("waiting",) * 4


@pytest.mark.parametrize(
    ("listed", "places"),
    [([9, 9, 8, 7, 7, 6, 5, 4, 4, 3, 2, 1, 1, 5, 5, 5], 6), ([CERTAIN] * 9, 4), ([CERTAIN] * 3 + [1, 4, 9, 9], 5)],
)
def test_frequencies_over_ten_thousand_rounds_are_the_stored_chances(listed: list[int], places: int) -> None:
    entries = entries_of(listed)
    rounds = 10_000
    drawn = np.zeros(len(listed), dtype=int)
    for number in range(rounds):
        drawn += np.array([each == "offer" for each in allocate(entries, places, seed(number)).results])
    chances = [float(each) for each in probabilities(entries, places)]
    p_values = []
    for count, chance in zip(drawn, chances, strict=True):
        if chance in {0.0, 1.0}:
            assert count == rounds * chance
        else:
            tail = min(binom.cdf(count, rounds, chance), binom.sf(count - 1, rounds, chance))
            p_values.append(min(1.0, 2 * tail))
    assert (holm(np.array(p_values)) > 0.001).all()


def test_the_order_of_the_list_does_not_matter() -> None:
    entries = entries_of([3, 5, 7, 9, CERTAIN, 2, 2, 8])
    by_ticket = {
        tuple(
            sorted(
                (entry.ticket, result)
                for entry, result in zip(given, allocate(given, 3, seed(5)).results, strict=True)
            )
        )
        for given in (entries, entries[::-1], sorted(entries))
    }
    assert len(by_ticket) == 1
    assert list_root(entries) == list_root(entries[::-1])


def test_another_list_secret_or_second_value_gives_another_seed() -> None:
    entries = entries_of([3, 5, 7])
    changed = [*entries[:2], Entry(entries[2].ticket, 8)]
    seeds = {
        seed_of(list_root(listed), secret, value)
        for listed in (entries, changed, entries[:2])
        for secret in (b"a" * 32, b"b" * 32)
        for value in ("417", "418")
    }
    assert len(seeds) == 12
    assert commitment("one", b"a" * 32) != commitment("two", b"a" * 32)


def test_starts_are_spread_over_all_tickets() -> None:
    """Equal classes are drawn equally often, whatever their place in the list."""
    entries = entries_of([5] * 10)
    winners = Counter(allocate(entries, 1, seed(number)).results.index("offer") for number in range(3000))
    assert len(winners) == 10
    assert max(winners.values()) < 380


@pytest.mark.parametrize(
    ("p", "priority", "expected"),
    [
        (0.9, False, CERTAIN),
        (0.95, True, CERTAIN),
        (0.8999, True, 9),
        (0.8999, False, 8),
        (0.11, False, 1),
        (0.11, True, 2),
    ],
)
def test_priority_adds_one_step_and_never_certainty(p: float, priority: bool, expected: int) -> None:
    assert p_class(p, certain_yes=0.9, priority=priority) == expected


def test_money_is_never_exceeded_and_the_remainder_is_less_than_one_support() -> None:
    assert places_of(150_000, 1_499, 10_000) == (100, 100)
    assert places_of(150_000, 1_499, 40) == (40, 90_040)
    assert places_of(1_000, 1_499, 40) == (0, 1_000)


@pytest.mark.parametrize(
    ("places", "share", "expected"), [(100, 0.05, 5), (10, 0.05, 1), (0, 0.5, 0), (10, 0.0, 0)]
)
def test_reserved_places_round_up(places: int, share: float, expected: int) -> None:
    assert reserved_of(places, share) == expected


@pytest.mark.parametrize(
    "bad",
    [
        [Entry("a" * 32, 3), Entry("a" * 32, 4)],
        [Entry("a" * 31, 3)],
        [Entry("A" * 32, 3)],
        [Entry("g" * 32, 3)],
        [Entry("a" * 32, 11)],
        [Entry("a" * 32, -1)],
    ],
)
def test_what_is_no_list_is_refused(bad: list[Entry]) -> None:
    with pytest.raises(RoundError) as error:
        check_entries(bad)
    assert error.value.code == "round.entry"


def test_an_impossible_budget_is_refused() -> None:
    with pytest.raises(RoundError) as error:
        places_of(100, 0, 3)
    assert error.value.code == "round.budget"


def test_an_empty_round_gives_nothing() -> None:
    assert allocate([], 5, seed(1)).results == ()
