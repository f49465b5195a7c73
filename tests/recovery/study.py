"""Simulation studies: does a 95 % interval hold the truth 95 % of the time?

    python -m tests.recovery.study        prints the tables of docs/explanation/recovery.md

The truth, the number of people and the seeds (0 to 499) were fixed before the first run.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from evenhand.measure.conditional import conditional_errors, fit_conditional
from evenhand.measure.conditional_credit import credit_errors, fit_credit
from evenhand.measure.marginal import fit_marginal
from evenhand.measure.models import Items, items_from_thresholds
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.precision import marginal_errors, on_file_metric
from evenhand.measure.responses import FloatArray, Responses, WeightsKind
from evenhand.measure.score import score_patterns
from evenhand.measure.simulate import simulate_codes

N_SETS = 500
N_PEOPLE = 1_000
SEVERITIES = np.array([-1.4, -1.0, -0.6, -0.2, 0.2, 0.6, 1.0, 1.4])
SLOPES = np.array([0.8, 1.6, 1.2, 2.0, 1.0, 1.8, 1.4, 0.9])
RASCH_SD = 1.5
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One estimator under study.

    Attributes:
        name: of the estimator.
        weighted: whether people are sampled with unequal chances and weighted back.
        items: the true items.
        sd: the true latent SD.
        truth: (n,) the parameters, in the order of the estimates.
        estimate: patterns -> estimates (n,) and standard errors (n,).
    """

    name: str
    weighted: bool
    items: Items
    sd: float
    truth: FloatArray
    estimate: Callable[[Patterns], tuple[FloatArray, FloatArray]]


def conditional_rasch(patterns: Patterns) -> tuple[FloatArray, FloatArray]:
    fit = fit_conditional(patterns)
    return fit.b, conditional_errors(fit, "robust", patterns)


def conditional_credit(patterns: Patterns) -> tuple[FloatArray, FloatArray]:
    fit = fit_credit(patterns)
    return fit.b.ravel(), credit_errors(fit, "robust", patterns).ravel()


def marginal_rasch(patterns: Patterns) -> tuple[FloatArray, FloatArray]:
    fit = fit_marginal(patterns, slopes="shared")
    errors = marginal_errors(fit, "robust")
    return np.append(-fit.items.intercept[:, 1], fit.sd), np.append(errors.se_b[:, 0], errors.se_sd)


def marginal_2pl(patterns: Patterns) -> tuple[FloatArray, FloatArray]:
    fit = fit_marginal(patterns, slopes="free")
    errors = marginal_errors(fit, "robust")
    b = -fit.items.intercept[:, 1] / fit.items.slope
    return np.concatenate([fit.items.slope, b]), np.concatenate([errors.se_a, errors.se_b[:, 0]])


def several_categories(patterns: Patterns, model: str) -> tuple[FloatArray, FloatArray]:
    fit = fit_marginal(
        patterns,
        slopes="shared" if model == "pcm" else "free",
        graded=np.full(patterns.n_items, model == "grm"),
    )
    metric, errors = on_file_metric(fit.problem, fit.parameters), marginal_errors(fit, "robust")
    b, se_b = metric.b.ravel(), errors.se_b.ravel()
    if model == "pcm":
        return np.append(b, metric.sd), np.append(se_b, errors.se_sd)
    return np.concatenate([metric.a, b]), np.concatenate([errors.se_a, se_b])


STEPS = np.array([-1.5, -0.7, -0.2, 0.4, 0.9])[:, None] + np.array([-0.8, 0.1, 0.7])
"""Thresholds of five items of four categories."""

BINARY = SEVERITIES[:, None]
RASCH, TWO = items_from_thresholds(np.ones(8), BINARY), items_from_thresholds(SLOPES, BINARY)
CREDIT = items_from_thresholds(np.ones(5), STEPS)
GENERAL = items_from_thresholds(SLOPES[:5], STEPS)
GRADED = items_from_thresholds(SLOPES[:5], STEPS, np.ones(5, dtype=np.bool_))
STEP_TRUTH = np.concatenate([SLOPES[:5], STEPS.ravel()])


def _studies(weighted: bool) -> tuple[Study, ...]:
    with_sd = np.append(SEVERITIES, RASCH_SD)
    return (
        Study("Rasch, conditional", weighted, RASCH, RASCH_SD, SEVERITIES, conditional_rasch),
        Study("Rasch, marginal", weighted, RASCH, RASCH_SD, with_sd, marginal_rasch),
        Study("2PL, marginal", weighted, TWO, 1.0, np.concatenate([SLOPES, SEVERITIES]), marginal_2pl),
    )


STUDIES = (*_studies(weighted=False), *_studies(weighted=True))
MORE_STUDIES = tuple(
    study
    for weighted in (False, True)
    for study in (
        Study(
            "partial credit",
            weighted,
            CREDIT,
            RASCH_SD,
            np.append(STEPS.ravel(), RASCH_SD),
            partial(several_categories, model="pcm"),
        ),
        Study(
            "generalised partial credit",
            weighted,
            GENERAL,
            1.0,
            STEP_TRUTH,
            partial(several_categories, model="gpcm"),
        ),
        Study("graded", weighted, GRADED, 1.0, STEP_TRUTH, partial(several_categories, model="grm")),
    )
) + tuple(  # last, for the seeds go by place
    Study(
        "partial credit, conditional",
        weighted,
        CREDIT,
        RASCH_SD,
        (STEPS - STEPS.mean()).ravel(),
        conditional_credit,
    )
    for weighted in (False, True)
)


def people(study: Study, seed: int) -> Patterns:
    """One simulated sample. Weighted: chances to be sampled fall as theta rises, by a factor of 4 over 4 SD."""
    rng = np.random.default_rng([seed, (*STUDIES, *MORE_STUDIES).index(study)])
    sd = study.sd
    if not study.weighted:
        theta, weights = rng.normal(0, sd, N_PEOPLE), None
    else:
        pool = rng.normal(0, sd, 20 * N_PEOPLE)
        chance = 1 / (1 + 3 / (1 + np.exp(-pool / sd * 1.5)))
        theta = rng.choice(pool, N_PEOPLE, replace=False, p=chance / chance.sum())
        weights = 1 + 3 / (1 + np.exp(-theta / sd * 1.5))
    codes = simulate_codes(rng, study.items, theta)
    kind: WeightsKind | None = "sampling" if study.weighted else None
    categories = np.full(codes.shape[1], study.items.intercept.shape[1])
    return collapse(Responses(codes, categories, weights, kind))


def coverage(study: Study, n_sets: int = N_SETS) -> FloatArray:
    """(n,) share of samples whose 95 % interval holds each parameter."""
    held = np.zeros(len(study.truth))
    for seed in range(n_sets):
        estimate, se = study.estimate(people(study, seed))
        held += np.abs(estimate - study.truth) <= Z95 * se
    out: FloatArray = held / n_sets
    return out


BANDS = (-np.inf, -2.0, -1.0, 0.0, 1.0, 2.0, np.inf)


def eap_coverage(n: int = 200_000) -> tuple[FloatArray, FloatArray]:
    """Share of people whose EAP +- 1.96 posterior SD holds their theta, by band of theta, and people in each."""
    rng = np.random.default_rng(2026)
    theta = rng.normal(size=n)
    patterns = in_place(Responses(simulate_codes(rng, TWO, theta), np.full(8, 2)))
    found = score_patterns(patterns, TWO, "eap", mean=0.0, sd=1.0)
    held = np.abs(found.theta - theta) <= Z95 * found.se
    band = np.digitize(theta, BANDS[1:-1])
    count = np.bincount(band, minlength=6)
    inside = np.bincount(band, weights=held, minlength=6)
    return np.append(inside / count, held.mean()), np.append(count, n).astype(np.float64)


def main() -> None:
    out = sys.stdout.write
    out("| estimator | weights | mean coverage | lowest | highest |\n|---|---|---|---|---|\n")
    for study in (*STUDIES, *MORE_STUDIES):
        found = coverage(study)
        kind = "sampling" if study.weighted else "none"
        out(f"| {study.name} | {kind} | {found.mean():.3f} | {found.min():.3f} | {found.max():.3f} |\n")
    out("\n| theta | coverage of EAP +- 1.96 SD | people |\n|---|---|---|\n")
    names = [f"{low:g} to {high:g}" for low, high in pairwise(BANDS)] + ["all"]
    for name, value, count in zip(names, *eap_coverage(), strict=True):
        out(f"| {name} | {value:.3f} | {count:,.0f} |\n")


if __name__ == "__main__":
    main()
