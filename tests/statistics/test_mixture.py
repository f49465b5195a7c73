"""Regions are mixtures of their districts: the form by hand, a brute-force twin, known truth and bad days."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from math import comb, sqrt

import numpy as np
import pytest
from scipy.stats import norm, poisson

from evenhand.errors import StatisticsError
from evenhand.measure.examples import LSAT6_ITEMS
from evenhand.measure.responses import FloatArray
from evenhand.statistics.area import AreaEstimate, AreaModel, AreaPosterior, fit_area, posterior_of
from evenhand.statistics.bound import Cell
from evenhand.statistics.budget import BudgetLedger, Plan
from evenhand.statistics.classes import raw_table
from evenhand.statistics.consistency import consistent
from evenhand.statistics.figures import figures
from evenhand.statistics.mixture import mixture
from evenhand.statistics.noise import Mechanism
from evenhand.statistics.release import Layout, Release, make_release
from tests.statistics.coverage import SIGMA, demo_model, simulate_regions

MODEL = demo_model()
MEANS, SDS, PEOPLE = np.array([-1.4, 0.3, 1.9]), np.array([1.3, 1.5, 1.1]), np.array([300.0, 50.0, 120.0])
SHARE = PEOPLE / PEOPLE.sum()
CENTRE = float(SHARE @ MEANS)
WIDTH = sqrt(float(SHARE @ (SDS**2 + (MEANS - CENTRE) ** 2)))

LAYOUT = Layout(
    (("north", ("mill", "orchard")), ("south", ("ferry",))), 10, has_incomplete=True, field_values=("alone", None)
)


def expected(mean: float, sd: float, people: float) -> FloatArray:
    """Expected counts of a district, nobody incomplete."""
    return np.append(people * MODEL.table.probabilities(np.array([mean]), np.array([sd]))[0], 0.0)


def told(noisy: FloatArray, variance: float = 1.0) -> AreaPosterior:
    return posterior_of(MODEL, noisy, variance)


def region(districts: list[FloatArray], variance: float = 1.0, seed: int = 1) -> AreaEstimate:
    """A region's estimate where its noisy values are the sums of the districts'."""
    own = MODEL.of_region([told(each, variance) for each in districts])
    return fit_area(own, np.sum(districts, axis=0), variance * len(districts), seed=seed)


def test_the_form_is_the_mixture_s_density_with_mean_0_and_sd_1() -> None:
    shape = mixture(MEANS, SDS, PEOPLE)
    by_hand = (SHARE * norm.pdf(CENTRE + WIDTH * shape.z[:, None], MEANS, SDS)).sum(axis=1)
    assert shape.density / shape.density.sum() == pytest.approx(by_hand / by_hand.sum(), abs=1e-9)
    weight = shape.density / shape.density.sum()
    assert weight @ shape.z == pytest.approx(0.0, abs=1e-9)
    assert weight @ shape.z**2 == pytest.approx(1.0, abs=1e-9)


def test_the_form_of_one_district_is_the_normal_s() -> None:
    shape, z = mixture(np.array([1.7]), np.array([0.4]), np.array([3.0])), np.linspace(-12, 12, 999)
    assert shape.at(z) == pytest.approx(np.exp(-(z**2) / 2), abs=2e-5)


def test_class_probabilities_of_a_region_are_its_districts_weighed_by_people() -> None:
    shaped = replace(MODEL.table, shape=mixture(MEANS, SDS, PEOPLE))
    got = shaped.probabilities(np.array([CENTRE]), np.array([WIDTH]))[0]
    assert got == pytest.approx(SHARE @ MODEL.table.probabilities(MEANS, SDS), abs=1e-5)


def test_need_within_a_class_is_the_mixture_of_its_districts() -> None:
    """Weights lambda_d p_k(d) / e_k; the last column, people of unknown class, lambda_d / lambda."""
    shaped = replace(MODEL.table, shape=mixture(MEANS, SDS, PEOPLE))
    got = shaped.parts(np.array([CENTRE]), np.array([WIDTH]), MODEL.thresholds)
    own = MODEL.table.parts(MEANS, SDS, MODEL.thresholds)
    p = np.hstack([MODEL.table.probabilities(MEANS, SDS), np.ones((3, 1))])
    weight = SHARE[:, None] * p / (SHARE @ p)
    mean = (weight * own.mean).sum(axis=0)
    assert got.mean[0] == pytest.approx(mean, abs=1e-4)
    within_and_between = (weight * (own.variance + (own.mean - mean) ** 2)).sum(axis=0)
    assert got.variance[0] == pytest.approx(within_and_between, abs=1e-4)
    for found, each in zip(got.above, own.above, strict=True):
        assert found[0] == pytest.approx((weight * each).sum(axis=0), abs=1e-4)


def test_a_region_s_latent_mean_is_that_of_a_brute_force_posterior() -> None:
    """Two districts, three classes: every grid point and every vector of the region's true counts summed."""
    table = raw_table(LSAT6_ITEMS.take(np.array([True, True, False, False, False])), mean=0.0, sd=1.0)
    model, noisy = AreaModel(table, 0.0, 1.0, (0.0,)), np.array([3.0, 4.0, 9.0])
    districts = [
        posterior_of(model, each, 0.5) for each in (np.array([30.0, 12.0, 4.0]), np.array([1.0, 6.0, 60.0]))
    ]
    place, own, people = np.array([[d.latent_mean, d.latent_sd, d.expected_people] for d in districts]).T
    share = people / people.sum()
    centre = share @ place
    width = np.sqrt(share @ (own**2 + (place - centre) ** 2))
    assert abs(place[1] - place[0]) > 0.8 * width  # else it would be about one normal
    counts = np.array(list(product(range(12), range(14), range(18))))
    n = counts.sum(axis=1)
    # Poisson counts: their number is Poisson, and given it they are multinomial
    ways = np.array([comb(a + b + c, a) * comb(b + c, b) for a, b, c in counts], dtype=float)
    noise = ways * norm.pdf(noisy, counts, 1.0).prod(axis=1)
    sizes = np.exp(np.linspace(-0.69, 4.2, 81))
    sized = sum(poisson.pmf(np.arange(n.max() + 1), size) for size in sizes)
    total = first = 0.0
    for mean, log_sd in product(np.linspace(-4, 4, 61), np.linspace(-0.9, 0.9, 13)):
        sd = np.exp(log_sd)
        p = share @ table.probabilities(mean + sd * (place - centre) / width, sd * own / width)
        by_n = np.bincount(n, weights=(p**counts).prod(axis=1) * noise)
        weight = norm.pdf(mean) * norm.pdf(log_sd, 0, 0.25) * (by_n @ sized)
        total, first = total + weight, first + weight * mean
    found = fit_area(model.of_region(districts), noisy, 1.0, seed=1)
    assert found.latent_mean == pytest.approx(first / total, abs=0.01)
    plain = fit_area(model, noisy, 1.0, seed=1)
    assert abs(plain.latent_mean - first / total) > 0.015  # the twin can tell the two apart


def test_unlike_districts_give_the_region_s_truth_where_one_normal_misses_it() -> None:
    low, high = (-1.5, 1.5, 30_000.0), (2.5, 1.5, 9_000.0)
    both = [expected(*low), expected(*high)]
    found = region(both, 0.0)
    plain = fit_area(MODEL, both[0] + both[1], 0.0, seed=1)
    for share, other, at in zip(found.shares, plain.shares, MODEL.thresholds, strict=True):
        truth = (30 * norm.sf(at, *low[:2]) + 9 * norm.sf(at, *high[:2])) / 39
        assert share.low < truth < share.high
        assert not other.low < truth < other.high


def test_years_of_unlike_districts_are_told_closer_than_by_one_normal() -> None:
    """Six districts, thousands of people: one normal holds .81 of the means, as docs/explanation tells."""
    found = simulate_regions(MODEL, 60, seed=8, districts=6, months=12)
    few = 0.9 - 4 * np.sqrt(0.09 / 60)
    assert (found.inside.mean(axis=0) > few).all()
    size, other = (np.sqrt((each**2).mean(axis=0)) for each in (found.error, found.error_normal))
    assert size[0] < 0.95 * other[0]
    assert size[2] < other[2]


def test_alike_districts_give_what_one_normal_gives() -> None:
    half = expected(0.9, 1.4, 150.0)
    found, plain = region([half, half], SIGMA**2), fit_area(MODEL, 2 * half, 2 * SIGMA**2, seed=1)
    assert found.people == plain.people
    assert found.latent_mean == pytest.approx(plain.latent_mean, abs=1e-3)
    for one, other in zip((found.mean, *found.shares), (plain.mean, *plain.shares), strict=True):
        assert one.value == pytest.approx(other.value, abs=0.02 * (other.high - other.low))
        assert one.low == pytest.approx(other.low, abs=0.1 * (other.high - other.low))


def test_a_region_of_one_district_is_that_district() -> None:
    noisy = expected(0.9, 1.4, 200.0)
    found, plain = region([noisy], SIGMA**2), fit_area(MODEL, noisy, SIGMA**2, seed=1)
    assert found.latent_mean == pytest.approx(plain.latent_mean, abs=1e-3)
    assert found.latent_mean_se == pytest.approx(plain.latent_mean_se, rel=1e-3)
    assert found.mean.value == pytest.approx(plain.mean.value, abs=0.02 * (plain.mean.high - plain.mean.low))


@pytest.mark.parametrize("empty", [np.zeros(10), np.full(10, -6.0)])
def test_districts_that_say_nothing_hardly_change_the_form(empty: FloatArray) -> None:
    """Nobody, or noise below zero: they lie near the prior, and weigh little."""
    known = expected(1.5, 1.4, 600.0)
    found = region([known, empty, empty], SIGMA**2)
    plain = fit_area(MODEL, known + 2 * empty, 3 * SIGMA**2, seed=1)
    assert found.people == plain.people
    for one, other in zip((found.mean, *found.shares), (plain.mean, *plain.shares), strict=True):
        assert one.value == pytest.approx(other.value, abs=0.1 * (other.high - other.low))
        assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.1)


def test_a_district_where_everybody_is_incomplete_leaves_the_others_need() -> None:
    found = region([expected(1.5, 1.4, 600.0), np.r_[np.zeros(9), 400.0]], SIGMA**2)
    assert found.people.value == pytest.approx(1000.0)
    assert found.mean.low < 1.5 < found.mean.high
    for share, at in zip(found.shares, MODEL.thresholds, strict=True):
        assert share.low < norm.sf(at, 1.5, 1.4) < share.high


def test_a_region_of_nobody_is_wide_and_no_fault() -> None:
    found = region([np.zeros(10), np.full(10, -6.0)], SIGMA**2)
    assert found.people.low == 0
    assert found.latent_mean_se > 0.5


def test_without_noise_a_region_has_finite_figures() -> None:
    found = region([np.rint(expected(-1.0, 1.4, 90.0)), np.rint(expected(1.0, 1.4, 40.0))], 0.0)
    assert all(np.isfinite([each.low, each.high]).all() for each in (found.mean, *found.shares))


def test_a_region_without_a_district_is_refused() -> None:
    with pytest.raises(StatisticsError) as error:
        MODEL.of_region([])
    assert error.value.code == "statistics.mixture"


@pytest.mark.parametrize(("mean", "sd", "weight"), [(np.nan, 1.0, 1.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)])
def test_what_is_no_distribution_is_refused(mean: float, sd: float, weight: float) -> None:
    with pytest.raises(StatisticsError) as error:
        mixture(np.array([0.0, mean]), np.array([1.0, sd]), np.array([1.0, weight]))
    assert error.value.code == "statistics.mixture"


def without_noise(_noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(counts)


def released() -> Release:
    """A month: many at the mill, hardly anybody at the orchard, by a field of two values."""
    counts = {
        Cell("2026-11", area, k, value): n
        for k in range(9)
        for area, value, n in (
            ("mill", "alone", 40 + 5 * k),
            ("mill", None, 15),
            ("orchard", "alone", 2),
            ("ferry", "alone", 20),
        )
    }
    ledger = BudgetLedger(Plan("winter", Fraction(1, 10), 1e-6, 1))
    december = date(2026, 12, 1)
    return make_release(
        ledger, LAYOUT, counts, month="2026-11", definition="", today=december, draw=without_noise
    )[0]


@pytest.mark.parametrize("group", ["all", "alone"])
def test_a_region_s_figure_is_of_all_its_districts_those_not_shown_too(group: str) -> None:
    one = released()
    found = {
        (each.area, each.group): each.estimate
        for each in figures([one], LAYOUT, MODEL, period="2026-11")
        if each.kind == "region" or each.area == "orchard"
    }
    assert found["orchard", group] is None
    own = consistent(one, LAYOUT)

    def noisy(area: str) -> tuple[FloatArray, float]:
        histogram = own.regions[area] if area == "north" else own.districts[area]
        values, variance = histogram.by_class(() if group == "all" else group)
        return np.array([float(each) for each in values]), float(variance)

    model = MODEL.of_region([posterior_of(MODEL, *noisy(area)) for area in ("mill", "orchard")])
    name = f"winter\0002026-11\0region\0north\0{group}"
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    assert found["north", group] == fit_area(model, *noisy("north"), seed=seed)


def test_the_same_release_gives_the_same_figures_of_regions() -> None:
    one = released()
    assert figures([one], LAYOUT, MODEL, period="2026-11") == figures([one], LAYOUT, MODEL, period="2026-11")
