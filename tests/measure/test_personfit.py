"""Person fit in aggregate: what it says of a scale, and that it says nothing of a person."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from evenhand.errors import EstimationError
from evenhand.measure import personfit
from evenhand.measure.models import Items
from evenhand.measure.patterns import collapse, from_table
from evenhand.measure.personfit import person_fit
from evenhand.measure.responses import Responses
from evenhand.measure.simulate import simulate_codes
from tests.measure.test_sx2 import binary_items, draw, mixed_items


def test_nothing_in_the_result_is_about_a_person() -> None:
    """Every attribute is one number, whatever the number of people or of patterns."""
    for n in (60, 500):
        found = person_fit(draw(1, binary_items(), n), binary_items(), mean=0.0, sd=1.0, seed=1)
        for field in fields(found):
            assert type(getattr(found, field.name)) is float
            assert np.ndim(getattr(found, field.name)) == 0


def test_the_module_offers_no_other_way_to_it() -> None:
    public = {
        name for name, value in vars(personfit).items() if getattr(value, "__module__", "") == personfit.__name__
    }
    assert {name for name in public if not name.startswith("_")} == {"PersonFit", "person_fit"}


@pytest.mark.parametrize("codes", [[1, 0, 0, 1, 0], [0, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]])
def test_equals_the_formula_of_snijders_for_one_pattern(codes: list[int]) -> None:
    """With everybody alike the mean is the value of the one pattern."""
    a, b = np.array([0.7, 1.1, 1.6, 0.9, 1.3]), np.array([-1.0, -0.4, 0.1, 0.6, 1.2])
    x = np.array(codes)

    def score(z: float) -> float:
        return float(a @ (x - expit(a * (z - b))) - z)

    z = brentq(score, -10, 10, xtol=1e-12)
    p = expit(a * (z - b))
    w, slope, r = np.log(p / (1 - p)), a * p * (1 - p), a
    c = (slope @ w) / (slope @ r)
    expected = ((x - p) @ w - c * z) / np.sqrt((w - c * r) ** 2 @ (p * (1 - p)))
    items = Items(a, np.stack([np.zeros(5), -a * b], axis=1))
    patterns = from_table(x.astype(np.int8)[None, :], np.full(5, 2), np.array([60.0]))
    found = person_fit(patterns, items, mean=0.0, sd=1.0, seed=1)
    assert found.mean == pytest.approx(expected, abs=1e-6)
    assert found.sd == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("items", [binary_items(12), mixed_items()], ids=["binary", "mixed"])
def test_shares_are_the_expected_ones_under_the_model(items: Items) -> None:
    found = person_fit(draw(2, items, 5_000), items, mean=0.0, sd=1.0, seed=2)
    assert abs(found.share_below_5 - found.expected_below_5) < 3 * np.hypot(found.se_below_5, 0.0015)
    assert abs(found.share_below_1 - found.expected_below_1) < 3 * np.hypot(found.se_below_1, 0.0007)
    assert abs(found.mean) < 0.1
    assert found.sd == pytest.approx(1, abs=0.15)
    assert found.n == 5_000


def test_people_who_answer_by_chance_raise_the_share() -> None:
    items, rng = binary_items(20), np.random.default_rng(3)
    codes = simulate_codes(rng, items, rng.normal(size=2_000))
    codes[:400] = rng.random((400, 20)) < 0.5
    found = person_fit(collapse(Responses(codes, np.full(20, 2))), items, mean=0.0, sd=1.0, seed=3)
    assert found.share_below_5 > found.expected_below_5 + 5 * found.se_below_5


def test_missing_answers_and_sampling_weights_are_taken_into_account() -> None:
    items, rng = mixed_items(), np.random.default_rng(4)
    codes = simulate_codes(rng, items, rng.normal(size=3_000))
    codes[rng.random(codes.shape) < 0.2] = -1
    codes[0] = [-1, -1, -1, 1]
    weight = rng.lognormal(0, 0.7, 3_000)
    one, ten = (
        person_fit(
            collapse(Responses(codes, items.top.astype(np.int64) + 1, factor * weight, "sampling")),
            items,
            mean=0.0,
            sd=1.0,
            seed=4,
        )
        for factor in (1.0, 10.0)
    )
    assert one.n_left_out >= 1
    assert one.n + one.n_left_out == ((codes >= 0).any(axis=1)).sum()
    assert abs(one.share_below_5 - one.expected_below_5) < 3 * np.hypot(one.se_below_5, 0.0015)
    assert one.share_below_5 == pytest.approx(ten.share_below_5)
    assert one.se_below_5 == pytest.approx(ten.se_below_5)


def test_frequency_weights_are_counts() -> None:
    items, rng = binary_items(), np.random.default_rng(5)
    codes = simulate_codes(rng, items, rng.normal(size=200))
    counts = rng.integers(1, 4, 200)
    one = collapse(Responses(codes, np.full(6, 2), counts.astype(np.float64), "frequency"))
    many = collapse(Responses(np.repeat(codes, counts, axis=0), np.full(6, 2)))
    first, second = (person_fit(each, items, mean=0.0, sd=1.0, seed=5) for each in (one, many))
    assert first.share_below_5 == pytest.approx(second.share_below_5)
    assert first.se_below_5 == pytest.approx(second.se_below_5)
    assert first.n == second.n


def test_a_small_group_is_refused() -> None:
    with pytest.raises(EstimationError, match=r"personfit\.too-few"):
        person_fit(draw(6, binary_items(), 49), binary_items(), mean=0.0, sd=1.0, seed=6)
    with pytest.raises(EstimationError, match=r"personfit\.too-few"):
        person_fit(draw(6, binary_items(1), 100), binary_items(1), mean=0.0, sd=1.0, seed=6)


def test_items_that_say_nothing_give_finite_figures() -> None:
    flat = Items(np.zeros(3), np.zeros((3, 2)))
    found = person_fit(draw(7, flat, 100), flat, mean=0.0, sd=1.0, seed=7)
    assert found.mean == 0
    assert found.share_below_5 == 0
