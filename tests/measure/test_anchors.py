"""Groups that share some items and not others, and what they are together."""

import numpy as np
import pytest

from evenhand.measure.dif_likelihood import covariance_of
from evenhand.measure.groups import fit_with_anchors, pooled
from evenhand.measure.marginal import fit_groups, fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.precision import file_errors, marginal_errors, on_file_metric
from evenhand.measure.responses import BoolArray, FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from tests.measure.twins import with_holes

J = 8
A: FloatArray = np.linspace(0.8, 2.0, J)
B: FloatArray = np.linspace(-1.5, 1.5, J)
ALL: BoolArray = np.ones(J, dtype=np.bool_)


def people(items: Items, mean: float, sd: float, seed: int, n: int = 2_500, holes: float = 0.0) -> Patterns:
    rng = np.random.default_rng(seed)
    codes = with_holes(rng, simulate_codes(rng, items, rng.normal(mean, sd, n)), holes)
    return collapse(Responses(codes, items.top.astype(np.int64) + 1))


def binary(shift: float = 0.0) -> Items:
    """The items; the last is `shift` more severe."""
    return items_from_thresholds(A, np.append(B[:-1], B[-1] + shift)[:, None])


def test_with_every_item_an_anchor_it_is_the_fit_of_shared_items() -> None:
    groups = (people(binary(), 0.0, 1.0, 1), people(binary(), 0.7, 1.3, 2, holes=0.1))
    own = fit_with_anchors(groups, anchors=ALL, shared=~ALL, sign=np.ones(J), graded=~ALL)
    shared = fit_groups(groups, slopes="free")
    assert own.fit.converged
    assert own.fit.loglik == pytest.approx(shared.loglik, abs=1e-6)
    np.testing.assert_array_equal(own.column, np.tile(np.arange(J), (2, 1)))


@pytest.mark.parametrize("rasch", [False, True])
def test_means_sds_and_the_parameters_of_a_group_s_own_are_recovered(rasch: bool) -> None:
    slopes = np.ones(J) if rasch else A
    sds = (1.5, 1.2, 0.8) if rasch else (1.0, 1.3, 0.7)
    truth = [items_from_thresholds(slopes, np.append(B[:-1], B[-1] + own)[:, None]) for own in (0.0, -1.0, 0.5)]
    means = (0.0, 0.7, -0.4)
    groups = tuple(
        people(items, mean, sd, 10 + place)
        for place, (items, mean, sd) in enumerate(zip(truth, means, sds, strict=True))
    )
    anchors = np.arange(J) < J - 1
    found = fit_with_anchors(groups, anchors=anchors, shared=ALL & rasch, sign=np.ones(J), graded=~ALL)
    metric, errors = on_file_metric(found.fit.problem, found.fit.parameters), marginal_errors(found.fit, "robust")
    assert found.fit.converged
    # four standard errors of the fit itself, which are small enough that the shared items' error would show
    for place in range(1, 3):
        assert abs(metric.mean[place] - means[place]) < 4 * errors.se_mean[place] < 0.3
        assert abs(metric.sd[place] - sds[place]) < 4 * errors.se_sd[place] < 0.35
    for place, shift in enumerate((0.0, -1.0, 0.5)):
        column = found.column[place, -1]
        assert abs(metric.b[column, 0] - (B[-1] + shift)) < 4 * errors.se_b[column, 0] < 1
    assert metric.mean[0] == 0
    assert np.isnan(errors.se_mean[0])
    assert np.isnan(errors.se_sd[0]) != rasch


def test_graded_and_partial_credit_items_may_differ_between_groups() -> None:
    b = np.array([[-1.0, 0.5]] * 3 + [[-0.5, 1.0]] * 3)
    graded = np.array([True, True, False, False, True, False])
    slope = np.array([1.4, 1.0, 1.2, 0.9, 1.6, 1.1])
    moved = b.copy()
    moved[[4, 5]] += 0.8
    truth = [items_from_thresholds(slope, each, graded) for each in (b, moved)]
    groups = (people(truth[0], 0.0, 1.0, 20), people(truth[1], 0.5, 1.2, 21))
    anchors = np.arange(6) < 4
    none = np.zeros(6, dtype=np.bool_)
    found = fit_with_anchors(groups, anchors=anchors, shared=none, sign=np.ones(6), graded=graded)
    metric, errors = on_file_metric(found.fit.problem, found.fit.parameters), marginal_errors(found.fit, "robust")
    own = found.column[1]
    assert np.abs((metric.b[own] - moved) / errors.se_b[own]).max() < 4
    assert abs(metric.mean[1] - 0.5) < 4 * errors.se_mean[1]


def test_one_group_is_the_ordinary_fit() -> None:
    patterns = people(binary(), 0.0, 1.0, 30, 600)
    one = fit_with_anchors((patterns,), anchors=ALL, shared=~ALL, sign=np.ones(J), graded=~ALL)
    assert one.fit.loglik == pytest.approx(fit_marginal(patterns, slopes="free").loglik, abs=1e-6)


def test_the_pooled_distribution_is_the_mixture_s_with_the_errors_of_the_delta_method() -> None:
    groups = (people(binary(), 0.0, 1.0, 40, 800), people(binary(), 1.0, 0.6, 41, 400))
    fit = fit_with_anchors(groups, anchors=ALL, shared=~ALL, sign=np.ones(J), graded=~ALL).fit
    metric, errors = on_file_metric(fit.problem, fit.parameters), marginal_errors(fit, "model")
    whole = pooled(metric, errors, np.array([800.0, 400.0]))
    rng = np.random.default_rng(42)
    drawn = np.concatenate(
        [rng.normal(metric.mean[g], metric.sd[g], n) for g, n in enumerate((2_000_000, 1_000_000))]
    )
    assert whole.mean == pytest.approx(float(drawn.mean()), abs=3e-3)
    assert whole.sd == pytest.approx(float(drawn.std()), abs=3e-3)
    cov = np.nan_to_num(errors.covariance[-4:, -4:])

    def pooled_of(latent: FloatArray) -> FloatArray:
        mean = latent[:2] @ [2 / 3, 1 / 3]
        return np.array([mean, np.sqrt((latent[2:] ** 2 + latent[:2] ** 2) @ [2 / 3, 1 / 3] - mean**2)])

    at = np.concatenate([metric.mean, metric.sd])
    jacobian = np.stack([(pooled_of(at + h) - pooled_of(at - h)) / 2e-5 for h in 1e-5 * np.eye(4)], axis=1)
    np.testing.assert_allclose(
        [whole.se_mean, whole.se_sd], np.sqrt(np.diag(jacobian @ cov @ jacobian.T)), rtol=1e-5
    )


def test_clusters_that_hold_people_of_both_groups_are_counted_once() -> None:
    """Everybody stands in both groups, the pair a cluster: all that is known is what half of them say."""
    rng = np.random.default_rng(50)
    codes = simulate_codes(rng, binary(), rng.normal(0, 1, 500))
    once = collapse(Responses(codes, np.full(J, 2), clusters=np.arange(500)))
    found = fit_with_anchors((once, once), anchors=ALL, shared=~ALL, sign=np.ones(J), graded=~ALL).fit
    together = file_errors(found, covariance_of(found, robust=True))
    alone = marginal_errors(fit_marginal(once, slopes="free"), "robust")
    np.testing.assert_allclose(together.se_b, alone.se_b, rtol=1e-3)
    np.testing.assert_allclose(together.se_a, alone.se_a, rtol=1e-3)
    # the groups are the same people, so that they differ by nothing without error
    assert together.se_mean[1] < 1e-3
    assert together.se_sd[1] < 1e-3
    assert marginal_errors(found, "robust").se_mean[1] > 0.05  # sums by group take them for strangers
