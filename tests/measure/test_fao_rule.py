"""Linking by the FAO's rule, and its raw scores. Linear transformations are recovered to 1e-12, score equations
to 1e-9."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from evenhand.errors import EstimationError
from evenhand.measure.linking import FAO_TOLERANCE, fao_link, mean_sigma
from evenhand.measure.rawscores import fao_probability, raw_scores, separation_reliability
from evenhand.measure.responses import FloatArray

REFERENCE = np.array([-1.2, -0.8, -1.1, 0.4, -0.3, 0.5, 0.8, 1.9])


def shifted(**by_item: float) -> FloatArray:
    """Own severities = (reference - .3) / 1.7, with some items moved on the reference's metric."""
    moved = REFERENCE.copy()
    for name, amount in by_item.items():
        moved[int(name[1:])] += amount
    return (moved - 0.3) / 1.7


def test_a_linear_transformation_is_recovered_exactly() -> None:
    found = fao_link(shifted(), REFERENCE)
    assert found.scale == pytest.approx(1.7, rel=1e-12)
    assert found.shift == pytest.approx(0.3, abs=1e-12)
    np.testing.assert_allclose(found.severities(shifted()), REFERENCE, rtol=0, atol=1e-12)
    assert found.dropped == ()
    assert found.rule_met
    assert found.common.all()
    np.testing.assert_allclose(found.distance, 0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("item", range(8))
def test_a_planted_item_is_dropped_and_the_link_recovered(item: int) -> None:
    found = fao_link(shifted(**{f"i{item}": 2.0}), REFERENCE)
    assert found.dropped == (item,)
    assert found.scale == pytest.approx(1.7, rel=1e-12)
    assert found.shift == pytest.approx(0.3, abs=1e-12)
    assert found.distance[item] == pytest.approx(2.0, abs=1e-12)
    assert found.common.tolist() == [j != item for j in range(8)]
    assert found.rule_met


def test_items_are_dropped_worst_first() -> None:
    found = fao_link(shifted(i1=1.5, i4=-4.0, i6=2.5), REFERENCE)
    assert found.dropped == (4, 6, 1)
    assert found.scale == pytest.approx(1.7, rel=1e-12)
    assert found.rule_met


def test_the_order_of_drops_equals_a_loop() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        own = shifted() + rng.normal(0, 0.5, 8)
        dropped: list[int] = []
        while True:
            common = [j for j in range(8) if j not in dropped]
            scale = np.std(REFERENCE[common]) / np.std(own[common])
            shift = REFERENCE[common].mean() - scale * own[common].mean()
            off = {j: abs(shift + scale * own[j] - REFERENCE[j]) for j in common}
            worst = max(off, key=lambda j: off[j])
            if off[worst] <= FAO_TOLERANCE or len(dropped) == 3:
                break
            dropped.append(worst)
        found = fao_link(own, REFERENCE)
        assert found.dropped == tuple(dropped)
        assert found.rule_met == (off[worst] <= FAO_TOLERANCE)
        assert found.scale == pytest.approx(scale, rel=1e-12)
        assert found.shift == pytest.approx(shift, abs=1e-12)


def test_three_items_at_most_are_dropped_and_the_rule_is_then_not_met() -> None:
    found = fao_link(shifted(i0=-3.0, i2=3.0, i5=4.0, i7=-5.0), REFERENCE)
    assert len(found.dropped) == 3
    assert not found.rule_met
    assert found.common.sum() == 5


@pytest.mark.parametrize(("off", "met"), [(0.34, True), (0.36, False)])
def test_the_tolerance_is_035_logits_of_the_reference(off: float, met: bool) -> None:
    # three items left: the worst is not dropped, so that its distance is what is judged
    reference = np.array([-1.0, 0.0, 1.0])
    # own (-1, d, 1): equated exactly in mean and SD; find d whose distance is `off`
    grid = np.linspace(0, 0.9, 9_001)
    distance = np.array([fao_link(np.array([-1.0, d, 1.0]), reference).distance.max() for d in grid[::10]])
    own = np.array([-1.0, grid[::10][np.argmin(np.abs(distance - off))], 1.0])
    assert fao_link(own, reference).rule_met == met
    assert fao_link(own, reference).dropped == ()


def test_three_items_stay_whatever_happens() -> None:
    reference = np.where(np.arange(8) < 4, REFERENCE, np.nan)
    found = fao_link(shifted(i0=5.0, i1=-5.0, i2=9.0), reference)
    assert found.common.sum() == 3
    assert len(found.dropped) == 1
    assert np.isnan(found.distance[4:]).all()


def test_items_that_the_reference_lacks_are_not_used() -> None:
    reference = np.where(np.arange(8) == 3, np.nan, REFERENCE)
    found = fao_link(shifted(i3=50.0), reference)
    assert not found.common[3]
    assert found.dropped == ()
    assert found.scale == pytest.approx(1.7, rel=1e-12)


@pytest.mark.parametrize("n_known", [0, 1, 2])
def test_too_few_items_in_common_are_refused(n_known: int) -> None:
    with pytest.raises(EstimationError) as caught:
        fao_link(shifted(), np.where(np.arange(8) < n_known, REFERENCE, np.nan))
    assert caught.value.code == "link.too-few-items"


@pytest.mark.parametrize(("own", "reference"), [(np.zeros(8), REFERENCE), (REFERENCE, np.zeros(8))])
def test_items_without_spread_are_refused(own: FloatArray, reference: FloatArray) -> None:
    with pytest.raises(EstimationError) as caught:
        fao_link(own, reference)
    assert caught.value.code == "link.no-spread"


def test_mean_sigma_gives_the_references_mean_and_sd() -> None:
    rng = np.random.default_rng(2)
    own, reference, common = rng.normal(size=8), rng.normal(3, 2, 8), np.arange(8) != 5
    scale, shift = mean_sigma(own, reference, common)
    moved = shift + scale * own[common]
    assert scale > 0
    assert moved.mean() == pytest.approx(reference[common].mean(), abs=1e-12)
    assert moved.std() == pytest.approx(reference[common].std(), rel=1e-12)


@pytest.mark.parametrize(
    "b", [REFERENCE, np.zeros(1), np.zeros(5), np.array([-8.0, 0.0, 9.0]), np.linspace(-3, 3, 200)]
)
def test_the_score_equation_holds(b: FloatArray) -> None:
    found = raw_scores(b)
    target = np.arange(len(b) + 1, dtype=np.float64)
    target[0], target[-1] = 0.5, len(b) - 0.5
    p = expit(found.theta[:, None] - b)
    np.testing.assert_allclose(p.sum(axis=1), target, rtol=0, atol=1e-9)
    assert (np.diff(found.theta) > 0).all() or len(b) == 1
    information = (p * (1 - p)).sum(axis=1)
    np.testing.assert_allclose(found.se[:-1], information[:-1] ** -0.5, rtol=1e-9)
    assert found.se[-1] == found.se[0]  # as RM.weights


def test_raw_scores_move_with_the_severities() -> None:
    np.testing.assert_allclose(raw_scores(REFERENCE + 5).theta, raw_scores(REFERENCE).theta + 5, rtol=0, atol=1e-9)
    np.testing.assert_allclose(raw_scores(-REFERENCE).theta, -raw_scores(REFERENCE).theta[::-1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("threshold", [-5.0, -0.31, 1.88])
def test_the_faos_probability_follows_its_formula(threshold: float) -> None:
    scores = raw_scores(REFERENCE)
    found = fao_probability(scores, threshold)
    assert found[0] == 0
    for raw in range(1, 9):
        expected = 1 - norm.cdf((threshold - scores.theta[raw]) / scores.se[raw])
        assert found[raw] == pytest.approx(expected, abs=1e-12)


def test_separation_is_the_share_of_true_variance() -> None:
    theta, se, weight = np.array([-1.0, 0.0, 2.0]), np.array([0.5, 0.4, 0.6]), np.array([2.0, 5.0, 3.0])
    people = np.repeat(theta, weight.astype(int))
    error = np.repeat(se, weight.astype(int))
    expected = people.var() / (people.var() + (error**2).mean())
    assert separation_reliability(theta, se, weight) == pytest.approx(expected, rel=1e-12)
    assert separation_reliability(theta, se, 1e-7 * weight) == pytest.approx(expected, rel=1e-12)
