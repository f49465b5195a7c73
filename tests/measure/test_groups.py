"""Several groups on shared items, and items held at known parameters.

Tolerances are four standard errors of the fit itself, so that a bias of that size fails.
"""

import numpy as np
import pytest

from evenhand.measure.latent import fit_latent
from evenhand.measure.marginal import fit_anchored, fit_groups, fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.precision import marginal_errors, on_file_metric
from evenhand.measure.responses import Responses
from evenhand.measure.simulate import simulate_codes

J = 10
SLOPES = np.linspace(0.8, 2.0, J)
TRUTH = items_from_thresholds(SLOPES, np.linspace(-1.5, 1.5, J)[:, None])
NONE, ALL = np.zeros(J, dtype=np.bool_), np.ones(J, dtype=np.bool_)


def people(items: Items, mean: float, sd: float, seed: int, n: int = 3000) -> Patterns:
    rng = np.random.default_rng(seed)
    return collapse(Responses(simulate_codes(rng, items, rng.normal(mean, sd, n)), np.full(J, 2)))


def test_means_and_sds_of_groups_are_recovered() -> None:
    groups = (people(TRUTH, 0.0, 1.0, 1), people(TRUTH, 0.7, 1.4, 2), people(TRUTH, -0.5, 0.6, 3))
    fit = fit_groups(groups, slopes="free")
    errors = marginal_errors(fit, "robust")
    assert fit.converged
    assert fit.latents.mean[0] == 0
    assert np.isnan(errors.se_mean[0])
    for place, (mean, sd) in enumerate([(0.7, 1.4), (-0.5, 0.6)], start=1):
        assert abs(fit.latents.mean[place] - mean) < 4 * errors.se_mean[place] < 0.3
        assert abs(fit.latents.sd[place] - sd) < 4 * errors.se_sd[place] < 0.3
    assert np.all(np.abs(fit.items.slope - SLOPES) < 4 * errors.se_a)


def test_groups_of_a_rasch_scale_share_its_unit() -> None:
    rasch = items_from_thresholds(np.ones(J), np.linspace(-1.5, 1.5, J)[:, None])
    fit = fit_groups((people(rasch, 0.0, 1.5, 4), people(rasch, 1.0, 0.8, 5)), slopes="shared")
    metric, errors = on_file_metric(fit.problem, fit.parameters), marginal_errors(fit, "robust")
    np.testing.assert_array_equal(metric.a, np.ones(J))
    assert abs(metric.mean[1] - 1.0) < 4 * errors.se_mean[1]
    assert np.all(np.abs(metric.sd - [1.5, 0.8]) < 4 * errors.se_sd)


def test_one_group_is_the_ordinary_fit() -> None:
    patterns = people(TRUTH, 0.0, 1.0, 6, 800)
    one, plain = fit_groups((patterns,), slopes="free"), fit_marginal(patterns, slopes="free")
    assert one.loglik == pytest.approx(plain.loglik, abs=1e-6)
    np.testing.assert_allclose(one.items.slope, plain.items.slope, atol=1e-5)


def test_known_items_stay_and_the_others_follow_their_metric() -> None:
    patterns = people(TRUTH, 0.8, 1.3, 7)
    known = np.arange(J) < 5
    fit = fit_anchored(patterns, known=TRUTH, fixed_items=known, unit_slopes=NONE, sign=np.ones(J))
    errors = marginal_errors(fit, "robust")
    np.testing.assert_array_equal(fit.items.slope[known], SLOPES[known])
    np.testing.assert_array_equal(fit.items.intercept[known], TRUTH.intercept[known])
    assert np.isnan(errors.se_a[known]).all()
    assert np.all(np.abs(fit.items.slope - SLOPES)[~known] < 4 * errors.se_a[~known])
    assert abs(fit.latents.mean[0] - 0.8) < 4 * errors.se_mean[0]
    assert abs(fit.latents.sd[0] - 1.3) < 4 * errors.se_sd[0]


def test_when_every_item_is_known_only_the_latent_distribution_is_left() -> None:
    patterns = people(TRUTH, 0.8, 1.3, 8, 1000)
    fit = fit_anchored(patterns, known=TRUTH, fixed_items=ALL, unit_slopes=NONE, sign=np.ones(J))
    alone = fit_latent(patterns, TRUTH)
    assert fit.latents.mean[0] == pytest.approx(alone.mean, abs=1e-4)
    assert fit.latents.sd[0] == pytest.approx(alone.sd, abs=1e-4)
