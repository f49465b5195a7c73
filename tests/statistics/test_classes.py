"""Need classes: one number for each case, and P(class | theta) that fits it."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from scipy.stats import norm

from evenhand.errors import StatisticsError
from evenhand.measure.adaptive import Stopping, adaptive_bank
from evenhand.measure.examples import CREDIT_ITEMS, LSAT6_ITEMS
from evenhand.measure.models import Items
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.definition import load_programme
from evenhand.programme.scale import ScaleRecord
from evenhand.statistics.classes import (
    BANDS,
    band_of,
    band_table,
    n_classes,
    need_class,
    raw_class,
    raw_table,
)

DEMO = load_programme("demo-town")
NAMES = DEMO.need_scale().names


def test_the_class_is_the_raw_score() -> None:
    answers = {name: int(index < 3) for index, name in enumerate(NAMES)}
    assert need_class(DEMO, answers, 99.0) == 3
    assert n_classes(DEMO) == len(NAMES) + 2


@pytest.mark.parametrize("known", [0, 7])
def test_a_missing_answer_is_a_class_of_its_own_and_never_a_low_score(known: int) -> None:
    answers: dict[str, int | None] = dict.fromkeys(NAMES)
    answers |= dict.fromkeys(NAMES[:known], 0)
    assert need_class(DEMO, answers, 0.0) == len(NAMES) + 1


def scale_of(*items: tuple[Literal[1, -1], int]) -> ScaleRecord:
    """A scale of items of (direction, categories); nothing else of it is read."""
    record = DEMO.need_scale()
    made = (
        replace(record.items[0], name=f"I{n}", direction=direction, categories=categories)
        for n, (direction, categories) in enumerate(items)
    )
    return replace(record, items=tuple(made))


def test_a_falling_item_counts_its_steps_toward_more_need() -> None:
    assert raw_class(scale_of((1, 3), (-1, 4)), {"I0": 2, "I1": 0}) == 5
    assert raw_class(scale_of((1, 3), (-1, 4)), {"I0": 0, "I1": 3}) == 0


def test_bands_are_the_tenths_of_the_latent_distribution() -> None:
    theta = 1.0 + 2.0 * norm.ppf(np.arange(0.05, 1, 0.1))
    assert [band_of(float(each), 1.0, 2.0) for each in theta] == list(range(BANDS))


@pytest.mark.parametrize("items", [LSAT6_ITEMS, CREDIT_ITEMS], ids=["yes/no", "partial credit"])
def test_class_probabilities_are_those_of_simulated_people(items: Items) -> None:
    table, rng, n = raw_table(items, mean=0.0, sd=1.0), np.random.default_rng(4), 200_000
    theta = rng.normal(0.7, 1.2, n)
    raw = simulate_codes(rng, items, theta).sum(axis=1)
    p = table.probabilities(np.array([0.7]), np.array([1.2]))[0]
    assert p.sum() == pytest.approx(1)
    assert np.bincount(raw, minlength=table.n_classes) / n == pytest.approx(p, abs=5 * np.sqrt(0.25 / n))
    parts = table.parts(np.array([0.7]), np.array([1.2]), [0.5])
    for k in range(table.n_classes):
        own = theta[raw == k]
        assert parts.mean[0, k] == pytest.approx(own.mean(), abs=6 * own.std() / np.sqrt(len(own)))
        assert parts.above[0][0, k] == pytest.approx((own >= 0.5).mean(), abs=3 / np.sqrt(len(own)))


def test_people_of_unknown_class_have_the_area_s_distribution() -> None:
    table = raw_table(LSAT6_ITEMS, mean=0.0, sd=1.0)
    parts = table.parts(np.array([0.3]), np.array([0.8]), [1.0])
    assert parts.mean[0, -1] == pytest.approx(0.3, abs=1e-6)
    assert parts.variance[0, -1] == pytest.approx(0.64, abs=1e-3)
    assert parts.above[0][0, -1] == pytest.approx(norm.sf(1.0, 0.3, 0.8), abs=1e-4)


def test_bands_of_an_adaptive_interview_are_tabulated_by_simulating_it() -> None:
    bank = adaptive_bank(LSAT6_ITEMS, mean=0.0, sd=1.0, stopping=Stopping(max_items=3))
    table = band_table(bank, seed=1, simulated=200)
    assert table.p.shape == (BANDS, len(table.nodes))
    assert table.p.sum(axis=0) == pytest.approx(np.ones(len(table.nodes)))
    expected = np.arange(BANDS) @ table.p
    assert expected[-1] > expected[0] + 2
    assert np.array_equal(table.p, band_table(bank, seed=1, simulated=200).p)


def test_a_table_of_bands_needs_enough_interviews() -> None:
    bank = adaptive_bank(LSAT6_ITEMS, mean=0.0, sd=1.0, stopping=Stopping(max_items=3))
    with pytest.raises(StatisticsError) as error:
        band_table(bank, seed=1, simulated=99)
    assert error.value.code == "statistics.simulated"
