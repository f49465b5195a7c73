"""Simulated years of a district with a known truth, for tests and for the figures of the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from evenhand.measure.models import Items
from evenhand.measure.responses import FloatArray
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.definition import load_programme
from evenhand.statistics.area import DRAWS, AreaModel, fit_area, posterior_of
from evenhand.statistics.bound import Cell
from evenhand.statistics.budget import BudgetLedger
from evenhand.statistics.classes import raw_table
from evenhand.statistics.discrete import draw_gaussian
from evenhand.statistics.figures import Figure, figures
from evenhand.statistics.noise import Mechanism
from evenhand.statistics.release import Layout, layout_of, make_release, plan_of
from evenhand.statistics.trend import Series

SIGMA = 2.42535625
"""Noise in a cell of a district with the default budget, one month a year for each invitation."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Cells (N,) with their truth and what was found; intervals hold `inside` (N, 2 + T): people, mean, shares."""

    n: FloatArray
    shift: FloatArray
    inside: FloatArray
    width: FloatArray
    error: FloatArray


def demo_model() -> AreaModel:
    programme = load_programme("demo-town")
    scale = programme.need_scale()
    latent = scale.require_latent("a test")
    table = raw_table(scale.model_items(), mean=latent.mean, sd=latent.sd)
    thresholds = tuple(scale.threshold(name) for name in programme.statistics.thresholds)
    return AreaModel(table, latent.mean, latent.sd, thresholds)


def noisy_histogram(
    model: AreaModel, items: Items, theta: FloatArray, sigma: float, rng: np.random.Generator, missing: float
) -> FloatArray:
    raw = simulate_codes(rng, items, theta).sum(axis=1)
    raw = np.where(rng.random(len(theta)) < missing, model.table.n_classes, raw)
    counts = np.bincount(raw, minlength=model.table.n_classes + 1)
    return (counts + draw_gaussian(rng, sigma, counts.shape)).astype(np.float64)


def simulate_series(
    model: AreaModel, sigma: float, people: float, *, months: int, seed: int, step: float = 0.0, at: int = 12
) -> Series:
    """A district's monthly means as released figures tell them; the truth moves by `step` SDs in month `at`."""
    items = load_programme("demo-town").need_scale().model_items()
    rng = np.random.default_rng(seed)
    found = []
    for month in range(months):
        mean = model.mean + (step * model.sd if month >= at else 0.0)
        theta = rng.normal(mean, model.sd, int(rng.poisson(people)))
        noisy = noisy_histogram(model, items, theta, sigma, rng, 0.03)
        found.append(fit_area(model, noisy, sigma**2, seed=0, draws=50).without_prior(model))
    value, se = np.array(found).T
    return Series("district", tuple(str(month) for month in range(months)), value, se)


def simulate_years(
    model: AreaModel,
    sigma: float,
    years: int,
    *,
    seed: int,
    sizes: tuple[float, float] = (10.0, 400.0),
    months: int = 12,
    largest_shift: float = 1.0,
    missing: float = 0.03,
    spread: float = 1.0,
    draws: int = DRAWS,
) -> Coverage:
    """Years of one district: its mean need shifted by up to one SD, its people's number between the sizes."""
    items = load_programme("demo-town").need_scale().model_items()
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(years):
        shift = rng.uniform(-largest_shift, largest_shift)
        expected = float(np.exp(rng.uniform(*np.log(sizes))))
        for _ in range(months):
            n = int(rng.poisson(expected))
            if n == 0:
                continue
            theta = rng.normal(model.mean + shift * model.sd, spread * model.sd, n)
            noisy = noisy_histogram(model, items, theta, sigma, rng, missing)
            found = fit_area(model, noisy, sigma**2, seed=int(rng.integers(2**31)), draws=draws)
            truth = [n, theta.mean(), *((theta >= at).mean() for at in model.thresholds)]
            estimates = [found.people, found.mean, *found.shares]
            rows.append(
                [n, shift]
                + [each.low <= true <= each.high for each, true in zip(estimates, truth, strict=True)]
                + [each.high - each.low for each in estimates]
                + [each.value - true for each, true in zip(estimates, truth, strict=True)]
            )
    table = np.array(rows, dtype=np.float64)
    k = 2 + len(model.thresholds)
    return Coverage(table[:, 0], table[:, 1], *(table[:, 2 + i * k : 2 + (i + 1) * k] for i in range(3)))


@dataclass(frozen=True, slots=True)
class Shown:
    """Figures (N,) as they are published: of a region, of a year, true people in SDs of the noise, intervals."""

    region: FloatArray
    year: FloatArray
    sds: FloatArray
    inside: FloatArray


def published_years(years: int, *, seed: int, months: int = 12) -> Shown:
    """Years of the demo town from people to published figures: regions, consistency and withholding included."""
    programme = load_programme("demo-town")
    plain = programme.model_copy(
        update={"statistics": programme.statistics.model_copy(update={"extra_field": None})}
    )
    model, items, layout = demo_model(), plain.need_scale().model_items(), layout_of(plain)
    rng = np.random.default_rng(seed)
    rows: list[list[float]] = []

    def draw(noise: Mechanism, counts: Sequence[int]) -> tuple[int, ...]:
        return tuple(int(each) for each in np.array(counts) + draw_gaussian(rng, noise.sigma, (len(counts),)))

    for _ in range(years):
        ledger, releases, needs = BudgetLedger(plan_of(plain)), [], []
        shift = {area: rng.uniform(-1, 1) for area in layout.region_of}
        expected = {area: float(np.exp(rng.uniform(*np.log((10.0, 400.0))))) for area in layout.region_of}
        for number in range(months):
            month = f"2026-{number + 1:02d}"
            own = {
                area: rng.normal(model.mean + shift[area] * model.sd, model.sd, rng.poisson(expected[area]))
                for area in layout.region_of
            }
            counts = _counts(rng, model, items, layout, month, own)
            release, ledger = make_release(
                ledger, layout, counts, month=month, definition="", today=date(2027, 1, 1), draw=draw
            )
            releases.append(release)
            needs.append(own)
            rows += _shown(figures([release], layout, model, period=month), layout, model, own)
        together = {area: np.concatenate([each[area] for each in needs]) for area in layout.region_of}
        rows += _shown(figures(releases, layout, model, period="2026"), layout, model, together)
    table = np.array(rows, dtype=np.float64)
    return Shown(table[:, 0], table[:, 1], table[:, 2], table[:, 3:])


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions (N, 1 + T): whether mean and shares are held, and errors, by the mixture and by one normal."""

    inside: FloatArray
    error: FloatArray
    inside_normal: FloatArray
    error_normal: FloatArray


def simulate_regions(
    model: AreaModel,
    regions: int,
    *,
    seed: int,
    districts: int,
    months: int,
    largest_shift: float = 1.0,
    sizes: tuple[float, float] = (10.0, 400.0),
    least: float = 8.0,
) -> Regions:
    """Regions of unlike districts at the default budget's noise; those of `least` SDs of the noise and more."""
    items = load_programme("demo-town").need_scale().model_items()
    rng, cells = np.random.default_rng(seed), months * SIGMA**2
    total = cells * 0.85 / 0.15
    gap = districts * cells + total
    found: list[list[list[float]]] = []
    while len(found) < regions:
        shift = rng.uniform(-largest_shift, largest_shift, districts)
        people = rng.poisson(months * np.exp(rng.uniform(np.log(sizes[0]), np.log(sizes[1]), districts)))
        need = [rng.normal(model.mean + a * model.sd, model.sd, n) for a, n in zip(shift, people, strict=True)]
        counts = np.array([noisy_histogram(model, items, theta, 0.0, rng, 0.03) for theta in need])
        own = counts + rng.normal(0, np.sqrt(cells), counts.shape)
        whole = counts.sum(axis=0) + rng.normal(0, np.sqrt(total), counts.shape[1])
        miss, variance = whole - own.sum(axis=0), total * districts * cells / gap
        if people.sum() < least * np.sqrt(variance * counts.shape[1]):
            continue
        own, whole = own + miss * cells / gap, whole - miss * total / gap
        mixed = model.of_region([posterior_of(model, each, cells * (1 - cells / gap)) for each in own])
        everybody = np.concatenate(need)
        truth = [everybody.mean(), *((everybody >= at).mean() for at in model.thresholds)]
        row: list[list[float]] = []
        for each in (mixed, model):
            fitted = fit_area(each, whole, variance, seed=len(found))
            pairs = list(zip((fitted.mean, *fitted.shares), truth, strict=True))
            row.append([one.low <= true <= one.high for one, true in pairs])
            row.append([one.value - true for one, true in pairs])
        found.append(row)
    return Regions(*np.array(found, dtype=np.float64).transpose(1, 0, 2))


def _counts(
    rng: np.random.Generator,
    model: AreaModel,
    items: Items,
    layout: Layout,
    month: str,
    own: dict[str, FloatArray],
) -> dict[Cell, int]:
    out = {}
    for area, theta in own.items():
        raw = simulate_codes(rng, items, theta).sum(axis=1)
        raw = np.where(rng.random(len(theta)) < 0.03, model.table.n_classes, raw)
        for need_class, n in enumerate(np.bincount(raw, minlength=layout.n_classes)):
            out[Cell(month, area, need_class)] = int(n)
    return out


def _shown(
    found: Sequence[Figure], layout: Layout, model: AreaModel, own: dict[str, FloatArray]
) -> list[list[float]]:
    rows = []
    for each in found:
        if each.estimate is None:
            continue
        inside = [area for area, region in layout.region_of.items() if each.area in {area, region}]
        theta = np.concatenate([own[area] for area in inside])
        if not len(theta):
            continue
        truth = [len(theta), theta.mean(), *((theta >= at).mean() for at in model.thresholds)]
        estimates = [each.estimate.people, each.estimate.mean, *each.estimate.shares]
        rows.append(
            [each.kind == "region", len(each.period) == 4, len(theta) / each.noise_sd]
            + [one.low <= true <= one.high for one, true in zip(estimates, truth, strict=True)]
        )
    return rows
