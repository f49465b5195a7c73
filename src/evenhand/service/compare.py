"""Compare models of the same answers: criteria, tests of a model within a larger one, and overall fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.comparison import Candidate, Criteria, RatioTest, compare_nested, criteria
from evenhand.measure.holm import holm
from evenhand.measure.limited import LimitedFit, limited_fit
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import MissingRule, WeightsKind
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ModelName
from evenhand.service.calibrate import Calibrated, calibrate
from evenhand.service.options import MODELS, SLOPE_ONE, Options

EQUAL = 2.0
STRONG = 6.0
"""Differences of BIC below 2 are hardly worth a mention, those above 6 are strong (Kass & Raftery 1995)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One model of the comparison.

    Attributes:
        name: the model.
        loglik: marginal log-likelihood, a pseudo-likelihood with sampling weights.
        n_parameters: free parameters, the latent SD included.
        criteria: AIC, BIC and SABIC; None with sampling weights, which give them no meaning.
        overall: M2 (yes/no items) or C2; None where these answers have none.
        converged: whether the estimation ended at a maximum.
    """

    name: ModelName
    loglik: float
    n_parameters: int
    criteria: Criteria | None
    overall: LimitedFit | None
    converged: bool


@dataclass(frozen=True, slots=True)
class NestedTest:
    """A likelihood-ratio test of a model within a larger one, its p-value also after Holm over all such tests."""

    ratio: RatioTest
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Models of the same answers.

    Attributes:
        models: from the fewest parameters to the most.
        tests: of each model that is nested in another of them; empty with sampling weights.
        n: people.
        weights_kind: of the answers' weights, None without.
        findings: what it comes to, one sentence each.
        notes: what the reader must know, one sentence each.
    """

    models: tuple[Compared, ...]
    tests: tuple[NestedTest, ...]
    n: float
    weights_kind: WeightsKind | None
    findings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def best(self) -> ModelName | None:
        """The model with the smallest BIC among those that converged, None where there are no criteria."""
        known = [(each.criteria.bic, each.name) for each in self.models if each.criteria and each.converged]
        return min(known)[1] if known else None


OnModel = Callable[[ModelName, int, float], None]


def compare(
    answers: Answers, models: Sequence[ModelName], *, missing: MissingRule = "keep", on_pass: OnModel | None = None
) -> ModelComparison:
    """Fit several models to the same answers by marginal likelihood and compare them.

    Args:
        answers: what people answered.
        models: two or more of `rasch`, `2pl`, `pcm`, `gpcm` and `grm`.
        missing: `keep` what each person answered, or `drop` incomplete people.
        on_pass: called with the model, the number of passes and the log-likelihood.

    Raises:
        OptionError: an unknown model, fewer than two, or two that are one and the same for these items.
        EstimationError: the answers cannot carry one of the models.
    """
    several = any(item.categories > 2 for item in answers.coding)
    _check(models, several=several)
    fits = {model: _fitted(answers, model, missing, on_pass) for model in models}
    notes: list[str] = []
    kind = answers.responses.weights_kind
    compared = [_compared(model, done, kind, notes) for model, done in fits.items()]
    compared.sort(key=lambda each: each.n_parameters)
    patterns = next(iter(fits.values())).patterns
    n = float(patterns.n.sum())
    if kind == "sampling":
        notes.append(
            "With sampling weights the log-likelihood is a pseudo-likelihood: its ratios are not chi-squared and "
            "AIC and BIC have no meaning, so none is given. Compare slopes and their robust errors, or compare "
            "the models without weights and say so."
        )
    tests = () if kind == "sampling" else _tests(compared, n, notes, several=several)
    found = ModelComparison(tuple(compared), tests, n, kind, (), tuple(dict.fromkeys(notes)))
    return replace(found, findings=_findings(found))


def _check(models: Sequence[ModelName], *, several: bool) -> None:
    for model in models:
        if model not in MODELS:
            raise OptionError(
                "options.unknown-value",
                f"--models cannot hold {model!r}.",
                where="--models",
                why=f"They are of: {', '.join(MODELS)}.",
                mend="Use --models rasch,2pl for yes/no items, --models pcm,gpcm,grm for others.",
            )
    kinds = {_kind(model, several=several) for model in models}
    if len(models) < 2 or len(kinds) < len(models):
        raise OptionError(
            "compare.models",
            f"{len(models)} models were named, and {len(kinds)} of them differ for these items.",
            where="--models",
            why="For items of two categories rasch and pcm are one model, and so are 2pl, gpcm and grm.",
            mend="Use --models rasch,2pl for yes/no items, --models pcm,gpcm,grm for others.",
        )


def _kind(model: ModelName, *, several: bool) -> tuple[str, bool]:
    """Family and whether slopes are free: models of one family are nested when one of them has slopes of 1."""
    return ("graded" if model == "grm" and several else "divide-by-total", model not in SLOPE_ONE)


def _fitted(answers: Answers, model: ModelName, missing: MissingRule, on_pass: OnModel | None) -> Calibrated:
    told = None if on_pass is None else lambda passes, loglik: on_pass(model, passes, loglik)
    return calibrate(answers, Options(model=model, missing=missing), on_pass=told)


def _compared(model: ModelName, done: Calibrated, kind: WeightsKind | None, notes: list[str]) -> Compared:
    record = done.record
    loglik = float("nan") if record.loglik is None else record.loglik
    n_parameters = sum(len(item.b) for item in record.items) + (1 if record.all_rasch else len(record.items))
    if not record.converged:
        notes.append(f"{model} did not converge: its figures are where it stopped, and it takes part in no test.")
    candidate = Candidate(model, loglik, n_parameters, float(done.patterns.n.sum()))
    return Compared(
        model,
        loglik,
        n_parameters,
        None if kind == "sampling" else criteria(candidate, kind),
        _overall(done, notes),
        record.converged,
    )


def _overall(done: Calibrated, notes: list[str]) -> LimitedFit | None:
    record, patterns = done.record, done.patterns
    latent = record.require_latent("the fit of a model")
    try:
        with one_blas_thread():
            return limited_fit(
                patterns,
                record.model_items(),
                mean=latent.mean,
                sd=latent.sd,
                estimated="common slope" if record.all_rasch else "items",
                statistic="C2" if _several(patterns) else "M2",
            )
    except EstimationError as error:
        notes.append(" ".join(part for part in (error.what, error.why) if part))
        return None


def _several(patterns: Patterns) -> bool:
    return bool(patterns.categories.max() > 2)


def _tests(models: Sequence[Compared], n: float, notes: list[str], *, several: bool) -> tuple[NestedTest, ...]:
    found: list[RatioTest] = []
    for smaller in models:
        for larger in models:
            family, free = _kind(smaller.name, several=several)
            if free or _kind(larger.name, several=several) != (family, True):
                continue
            if not (smaller.converged and larger.converged):
                continue
            pair = [Candidate(each.name, each.loglik, each.n_parameters, n) for each in (smaller, larger)]
            try:
                found += compare_nested(pair).tests
            except EstimationError as error:
                notes.append(f"{smaller.name} and {larger.name}: {error.what} {error.why}")
    if not found:
        notes.append("No two of these models are nested: they are compared by their criteria alone.")
    adjusted = holm(np.array([test.p for test in found], dtype=np.float64))
    return tuple(NestedTest(test, float(p)) for test, p in zip(found, adjusted, strict=True))


def _findings(found: ModelComparison) -> tuple[str, ...]:
    out = []
    best = found.best
    for each in found.models:
        top = next((model for model in found.models if model.name == best), None)
        if top is None or top.criteria is None or each.criteria is None or each.name == best:
            continue
        behind = each.criteria.bic - top.criteria.bic
        how = "hardly" if behind < EQUAL else "clearly" if behind < STRONG else "far"
        out.append(f"{top.name} is {how} better than {each.name} by BIC (difference {behind:.1f}).")
    for test in found.tests:
        ratio = test.ratio
        verdict = (
            f"the further parameters of {ratio.larger} are worth having"
            if test.p_adjusted < 0.05
            else f"{ratio.smaller} does as well with fewer parameters"
        )
        p = "below .001" if test.p_adjusted < 0.001 else f"{test.p_adjusted:.3f}"
        test_words = f"chi-square {ratio.statistic:.1f}, df {ratio.df}, p {p}"
        out.append(f"{ratio.smaller} in {ratio.larger}: {test_words}; {verdict}.")
    return tuple(out)
