"""Linking by moments and by curves: exact recovery, a twin that searches by brute force, errors that cover."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evenhand.errors import EstimationError
from evenhand.measure.curve_linking import Criterion, Distribution, link_items, minimise
from evenhand.measure.linking import ItemParameters, LinkMethod, diagonal_covariance
from evenhand.measure.models import probabilities
from evenhand.measure.responses import BoolArray, FloatArray

METHODS: tuple[LinkMethod, ...] = ("mean-mean", "mean-sigma", "haebara", "stocking-lord")
CURVES: tuple[LinkMethod, ...] = ("haebara", "stocking-lord")


def rasch() -> ItemParameters:
    return ItemParameters(np.ones(8), np.linspace(-1.5, 2, 8)[:, None])


def two_parameters() -> ItemParameters:
    a = np.array([0.6, 0.9, 1.3, 2.0, 1.1, 0.8, 1.7, 1.2])
    return ItemParameters(a, np.linspace(-2, 2, 8)[:, None] ** 3 / 4)


def reversed_items() -> ItemParameters:
    items = two_parameters()
    return replace(items, a=items.a * np.array([1, -1, 1, 1, -1, 1, -1, -1]))


def partial_credit() -> ItemParameters:
    b = np.array(
        [[-1.0, 0.5, 1.0], [0.4, -0.2, 1.5], [-2.0, 0.0, np.nan], [0.3, np.nan, np.nan], [-0.5, 0.1, 2.0]]
    )
    return ItemParameters(np.ones(5), b)


def generalised() -> ItemParameters:
    return replace(partial_credit(), a=np.array([0.7, 1.4, -1.0, 2.0, 0.9]))


def graded() -> ItemParameters:
    items = generalised()
    b = np.where(items.a[:, None] > 0, np.sort(items.b, axis=1), items.b)
    b[2, :2] = [0.5, -1.5]  # thresholds of a reversed item fall
    return replace(items, b=b, graded=np.ones(5, dtype=np.bool_))


def mixed() -> ItemParameters:
    items = graded()
    return replace(items, graded=np.array([True, False, True, False, False]))


MODELS: dict[str, Callable[[], ItemParameters]] = {
    "rasch": rasch, "2pl": two_parameters, "reversed": reversed_items, "pcm": partial_credit,
    "gpcm": generalised, "grm": graded, "mixed": mixed,
}  # fmt: skip


def on(items: ItemParameters, scale: float, shift: float) -> ItemParameters:
    return replace(items, a=items.a / scale, b=shift + scale * items.b)


def everything(items: ItemParameters) -> BoolArray:
    return np.ones(len(items.a), dtype=np.bool_)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1.7, -0.8), (0.4, 2.5), (3.0, 3.0)])
@pytest.mark.parametrize("symmetric", [False, True])
def test_a_known_transformation_is_found(
    model: str, method: LinkMethod, scale: float, shift: float, symmetric: bool
) -> None:
    own = MODELS[model]()
    criterion = Criterion(over=Distribution(shift, scale), own_over=Distribution() if symmetric else None)
    found = link_items(own, on(own, scale, shift), everything(own), criterion, method=method)
    assert found.scale == pytest.approx(scale, rel=1e-8)
    assert found.shift == pytest.approx(shift, abs=1e-8)
    np.testing.assert_allclose(found.distance, 0, atol=1e-7)
    assert (found.method, found.covariance, found.se_scale, found.se_shift) == (method, None, None, None)


@pytest.mark.parametrize("method", CURVES)
def test_a_far_start_is_recovered_from_with_the_standard_normal(method: LinkMethod) -> None:
    own = two_parameters()
    found = link_items(own, on(own, 2.5, 1.5), everything(own), method=method)
    assert found.scale == pytest.approx(2.5, rel=1e-7)
    assert found.shift == pytest.approx(1.5, abs=1e-7)


def noisy(items: ItemParameters, seed: int, size: float) -> ItemParameters:
    rng = np.random.default_rng(seed)
    return replace(
        items,
        a=items.a * np.exp(size * rng.normal(size=len(items.a))),
        b=items.b + size * rng.normal(size=items.b.shape),
    )


def plain_criterion(
    method: LinkMethod,
    own: ItemParameters,
    reference: ItemParameters,
    scale: float,
    shift: float,
    over: Distribution,
) -> float:
    """Written from the papers: parameters moved to the reference metric, differences of curves, squares added."""
    theta = over.mean + over.sd * np.linspace(-6, 6, 61)
    weight = np.exp(-(((theta - over.mean) / over.sd) ** 2) / 2)
    moved = on(own, scale, shift)
    difference = probabilities(reference.items(), theta) - probabilities(moved.items(), theta)
    if method == "haebara":
        squared = (difference**2).sum(axis=(0, 1))
    else:
        top = np.sum(~np.isnan(own.b), axis=1)
        k = np.arange(difference.shape[1])
        score = np.where(reference.a[:, None] > 0, k, top[:, None] - k)
        squared = (difference * score[:, :, None]).sum(axis=(0, 1)) ** 2
    return float(weight @ squared / weight.sum())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", CURVES)
def test_no_point_of_a_grid_has_a_smaller_criterion(model: str, method: LinkMethod) -> None:
    own = MODELS[model]()
    reference, over = noisy(on(own, 1.4, -0.5), 3, 0.1), Distribution(-0.5, 1.4)
    criterion = Criterion(method, over)
    link = minimise(criterion, own, reference)
    least = criterion.value(link, own, reference)
    assert least == pytest.approx(
        plain_criterion(method, own, reference, float(np.exp(link[0])), float(link[1]), over), rel=1e-9
    )
    for scale in np.geomspace(0.2, 6, 25):
        for shift in np.linspace(-4, 4, 33):
            assert plain_criterion(method, own, reference, float(scale), float(shift), over) >= least
    for step in 1e-4 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]):
        assert criterion.value(link + step, own, reference) > least


@pytest.mark.parametrize("method", CURVES)
@pytest.mark.parametrize("symmetric", [False, True])
def test_the_gradient_is_that_of_the_criterion(method: LinkMethod, symmetric: bool) -> None:
    own = mixed()
    reference = noisy(on(own, 0.8, 0.3), 5, 0.1)
    criterion = Criterion(method, Distribution(0.2, 1.1), Distribution() if symmetric else None)
    at = np.array([0.1, -0.4])
    numerical = [
        (criterion.value(at + step, own, reference) - criterion.value(at - step, own, reference)) / 4e-5
        for step in 1e-5 * np.eye(2)
    ]
    np.testing.assert_allclose(criterion.gradient(at, own, reference), numerical, rtol=1e-6, atol=1e-9)


def test_the_symmetric_link_back_is_the_inverse() -> None:
    own = two_parameters()
    reference = noisy(on(own, 1.4, -0.5), 4, 0.15)
    one, other = Distribution(), Distribution(-0.5, 1.4)
    for method in CURVES:
        there = link_items(own, reference, everything(own), Criterion(over=other, own_over=one), method=method)
        back = link_items(reference, own, everything(own), Criterion(over=one, own_over=other), method=method)
        assert there.scale * back.scale == pytest.approx(1, abs=1e-7)
        assert back.shift == pytest.approx(-there.shift / there.scale, abs=1e-7)


N_SETS = 200


def drawn(items: ItemParameters, rng: np.random.Generator) -> ItemParameters:
    assert items.covariance is not None
    at = items.flat()
    error = rng.multivariate_normal(np.zeros(len(at)), items.covariance, method="cholesky")
    return replace(items.at(at + error), covariance=items.covariance)


def correlated(items: ItemParameters, size: float, seed: int) -> ItemParameters:
    """Errors that share a part, as thresholds of one calibration do; larger for steeper slopes."""
    rng = np.random.default_rng(seed)
    n = len(items.flat())
    spread = size * rng.uniform(0.5, 1.5, n)
    covariance = np.diag(spread**2) + 0.3 * np.outer(spread, spread)
    return replace(items, covariance=covariance)


@pytest.mark.parametrize("model", ["2pl", "reversed", "gpcm", "grm"])
@pytest.mark.parametrize("method", METHODS)
def test_intervals_cover_and_errors_are_those_of_the_bootstrap(model: str, method: LinkMethod) -> None:
    scale, shift = 1.3, -0.4
    true = MODELS[model]()
    own = correlated(true, 0.05, 1)
    reference = correlated(on(true, scale, shift), 0.05, 2)
    if np.isnan(true.b).any():
        own, reference = whole_items(own), whole_items(reference)
    rng = np.random.default_rng(11)
    criterion = Criterion(over=Distribution(shift, scale))
    found = [
        link_items(drawn(own, rng), drawn(reference, rng), everything(own), criterion, method=method)
        for _ in range(N_SETS)
    ]
    for name, truth in (("scale", scale), ("shift", shift)):
        estimate = np.array([getattr(each, name) for each in found])
        se = np.array([getattr(each, f"se_{name}") for each in found])
        cover = np.mean(np.abs(estimate - truth) < 1.96 * se)
        assert 0.92 <= cover <= 0.98, (name, cover)
        assert se.mean() == pytest.approx(estimate.std(), rel=0.15), name


def whole_items(items: ItemParameters) -> ItemParameters:
    """Only the items with every threshold."""
    kept: BoolArray = np.asarray(~np.isnan(items.b).any(axis=1))
    return items.take(kept)


def test_an_item_of_fewer_thresholds_has_no_error_for_those_it_lacks() -> None:
    own = partial_credit()
    se_b = np.where(np.isnan(own.b), np.nan, 0.1)
    own = replace(own, covariance=diagonal_covariance(np.full(5, np.nan), se_b))
    found = link_items(own, on(own, 1.2, 0.1), everything(own), method="stocking-lord")
    assert found.covariance is not None
    assert np.isfinite(found.covariance).all()
    known = replace(on(own, 1.2, 0.1), covariance=None)
    alone = link_items(own, known, everything(own), method="stocking-lord")
    assert alone.se_shift is not None
    assert found.se_shift is not None
    assert 0 < alone.se_shift < found.se_shift


def test_errors_grow_with_those_of_the_items() -> None:
    own = correlated(two_parameters(), 0.05, 1)
    wide = replace(own, covariance=4 * own.covariance if own.covariance is not None else None)
    for method in METHODS:
        one = link_items(own, own, everything(own), method=method)
        two = link_items(wide, wide, everything(own), method=method)
        assert one.se_scale is not None
        assert two.se_scale == pytest.approx(2 * one.se_scale, rel=1e-6)


def drifted(by: float) -> tuple[ItemParameters, ItemParameters]:
    own = two_parameters()
    b = own.b.copy()
    b[4] += by
    return own, on(replace(own, b=b), 1.2, 0.5)


@pytest.mark.parametrize("method", METHODS)
def test_a_drifting_item_stands_out_and_is_harmless_once_left_out(method: LinkMethod) -> None:
    own, reference = drifted(1.5)
    over = Criterion(over=Distribution(0.5, 1.2))
    found = link_items(own, reference, everything(own), over, method=method)
    assert int(np.argmax(found.distance)) == 4
    assert found.distance[4] > 3 * np.median(found.distance)
    rest = everything(own)
    rest[4] = False
    clean = link_items(own, reference, rest, over, method=method)
    assert clean.scale == pytest.approx(1.2, rel=1e-7)
    assert clean.shift == pytest.approx(0.5, abs=1e-7)
    assert clean.distance[4] == pytest.approx(1.2 * 1.5, rel=1e-6)


@pytest.mark.parametrize("method", ["fao", *METHODS])
@pytest.mark.parametrize("n_common", [0, 1, 2])
def test_fewer_than_three_items_are_refused(method: LinkMethod, n_common: int) -> None:
    own = rasch()
    with pytest.raises(EstimationError) as caught:
        link_items(own, own, np.arange(8) < n_common, method=method)
    assert caught.value.code == "link.too-few-items"


def test_equal_severities_give_no_unit_to_sigma_methods_alone() -> None:
    own = replace(two_parameters(), b=np.full((8, 1), 0.3))
    for method in ("fao", "mean-sigma"):
        with pytest.raises(EstimationError) as caught:
            link_items(own, on(own, 1.5, 0.2), everything(own), method=method)
        assert caught.value.code == "link.no-spread"
    for other in ("mean-mean", *CURVES):
        found = link_items(own, on(own, 1.5, 0.2), everything(own), method=other)
        assert found.scale == pytest.approx(1.5, rel=1e-6)
        assert found.shift == pytest.approx(0.2, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_scale_is_never_negative(method: LinkMethod) -> None:
    own = two_parameters()
    for seed in range(25):
        reference = noisy(on(own, 0.3, 0.0), seed, 0.8)
        contrary = replace(reference, b=-reference.b)
        for items in (reference, contrary):
            assert link_items(own, items, everything(own), method=method).scale > 0


def test_flat_curves_carry_no_link() -> None:
    own = replace(two_parameters(), a=np.full(8, 1e-12))
    with pytest.raises(EstimationError) as caught:
        link_items(own, own, everything(own), method="haebara")
    assert caught.value.code == "link.no-minimum"


def test_the_fao_rule_is_one_of_the_methods() -> None:
    own = rasch()
    found = link_items(own, on(own, 1.2, 0.3), everything(own), method="fao")
    assert found.scale == pytest.approx(1.2)
    assert found.shift == pytest.approx(0.3)
    assert found.method == "fao"
    assert found.covariance is None


def test_expected_scores_of_reversed_items_do_not_cancel() -> None:
    a: FloatArray = np.array([1.0, -1.0, 1.2, -1.2])
    own = ItemParameters(a, np.array([[0.5], [0.5], [-0.5], [-0.5]]))
    found = link_items(own, on(own, 1.5, 0.7), everything(own), method="stocking-lord")
    assert found.scale == pytest.approx(1.5, rel=1e-6)
    assert found.shift == pytest.approx(0.7, abs=1e-6)
