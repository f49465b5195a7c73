"""Simulation studies of two components and of plausible values.

    python -m tests.recovery.joint        prints their tables of docs/explanation/recovery.md

The truth, the number of people and the seeds (0 to 499) were fixed before the first run.
"""

import sys

import numpy as np
from scipy.stats import norm

from evenhand.measure.latent import fit_latent
from evenhand.measure.patterns import Patterns, collapse
from evenhand.measure.plausible import combine, plausible_values
from evenhand.measure.profile import fit_profile
from evenhand.measure.profile_precision import profile_errors
from evenhand.measure.responses import FloatArray, Responses
from evenhand.measure.simulate import simulate_codes
from tests.recovery.study import N_PEOPLE, N_SETS, SEVERITIES, SLOPES, TWO, Z95

RHO = -0.6
MEAN, SD, THRESHOLD = 0.4, 1.3, 1.0
N_DRAWS = 20
JOINT_TRUTH = np.concatenate([SLOPES, SLOPES, -SLOPES * SEVERITIES, -SLOPES * SEVERITIES, [RHO]])
"""Slopes and intercepts of need's and of capacity's eight items, and the correlation."""

DRAWN = ("mean", "SD", "share above the threshold")


def two_components(seed: int) -> Patterns:
    """People who answer the 2PL items of `study` twice: once with their need, once with their capacity."""
    rng = np.random.default_rng([seed, 100])
    need = rng.normal(size=N_PEOPLE)
    capacity = RHO * need + np.sqrt(1 - RHO**2) * rng.normal(size=N_PEOPLE)
    codes = np.concatenate([simulate_codes(rng, TWO, theta) for theta in (need, capacity)], axis=1)
    return collapse(Responses(codes, np.full(16, 2)))


def joint_coverage(n_sets: int = N_SETS) -> FloatArray:
    """(33,) share of samples whose 95 % interval holds each parameter; the correlation is last."""
    held = np.zeros(len(JOINT_TRUTH))
    for seed in range(n_sets):
        fit = fit_profile(two_components(seed), need=np.arange(8), capacity=np.arange(8, 16))
        errors = profile_errors(fit, "robust")
        parts, own = (fit.need, fit.capacity), (errors.need, errors.capacity)
        found = [each.slope for each in parts] + [each.intercept[:, 1] for each in parts]
        se = [each.se_slope for each in own] + [each.se_intercept[:, 0] for each in own]
        held[:-1] += np.abs(np.concatenate(found) - JOINT_TRUTH[:-1]) <= Z95 * np.concatenate(se)
        low, high = errors.correlation_interval()
        held[-1] += low <= RHO <= high
    out: FloatArray = held / n_sets
    return out


def drawn_coverage(n_sets: int = N_SETS) -> FloatArray:
    """(3,) share of samples whose interval by Rubin's rules holds the mean, the SD and the share above."""
    truth = (MEAN, np.log(SD), norm.sf((THRESHOLD - MEAN) / SD))
    held = np.zeros(3)
    for seed in range(n_sets):
        rng = np.random.default_rng([seed, 101])
        codes = simulate_codes(rng, TWO, rng.normal(MEAN, SD, N_PEOPLE))
        patterns = collapse(Responses(codes, np.full(8, 2)), with_rows=True)
        latent = fit_latent(patterns, TWO)
        draws = plausible_values(
            patterns,
            TWO,
            mean=latent.mean,
            sd=latent.sd,
            covariance=latent.covariance,
            seed=seed,
            n_sets=N_DRAWS,
        )
        variance, share = draws.var(axis=1, ddof=1), (draws >= THRESHOLD).mean(axis=1)
        found = (
            combine(draws.mean(axis=1), variance / N_PEOPLE),
            combine(np.log(variance) / 2, np.full(N_DRAWS, 1 / (2 * (N_PEOPLE - 1)))),
            combine(share, share * (1 - share) / N_PEOPLE),
        )
        intervals = [each.interval() for each in found]
        held += [low <= value <= high for (low, high), value in zip(intervals, truth, strict=True)]
    out: FloatArray = held / n_sets
    return out


def main() -> None:
    out = sys.stdout.write
    out("| estimator | mean coverage | lowest | highest |\n|---|---|---|---|\n")
    found = joint_coverage()
    for name, own in (("slopes", found[:16]), ("intercepts", found[16:32]), ("correlation", found[32:])):
        out(f"| two components, {name} | {own.mean():.3f} | {own.min():.3f} | {own.max():.3f} |\n")
    for name, value in zip(DRAWN, drawn_coverage(), strict=True):
        out(f"| plausible values, {name} | {value:.3f} | | |\n")


if __name__ == "__main__":
    main()
