"""Which of several models of the same answers: likelihood-ratio tests and information criteria.

    LR = 2 (l1 - l0), df = k1 - k0 (Wilks 1938)
    AIC = -2 l + 2 k (Akaike 1974);  BIC = -2 l + k log n (Schwarz 1978)
    SABIC = -2 l + k log((n + 2) / 24) (Sclove 1987)

with l the marginal log-likelihood, k the number of free parameters and n the number of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import chdtrc

from evenhand.errors import EstimationError
from evenhand.measure.responses import WeightsKind

SLACK = 1e-3
"""Log-units by which the larger model may lie below the smaller one: what two converged fits may differ by."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fitted model.

    Attributes:
        name: what it is called.
        loglik: maximised marginal log-likelihood.
        n_parameters: free parameters, latent ones included.
        n: people (with frequency weights, the sum of the weights).
    """

    name: str
    loglik: float
    n_parameters: int
    n: float


@dataclass(frozen=True, slots=True)
class Criteria:
    """Information criteria of one model: smaller is better, only differences mean anything."""

    name: str
    loglik: float
    n_parameters: int
    aic: float
    bic: float
    sabic: float


@dataclass(frozen=True, slots=True)
class RatioTest:
    """A likelihood-ratio test of a smaller model within a larger one.

    Attributes:
        smaller: name of the model that is tested.
        larger: name of the model it is nested in.
        statistic: 2 (l1 - l0), at least 0.
        df: difference of the numbers of parameters.
        p: P(chi-squared with df > statistic).
    """

    smaller: str
    larger: str
    statistic: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Models from the smallest to the largest.

    Attributes:
        criteria: information criteria of each.
        tests: each model against the next larger one.
    """

    criteria: tuple[Criteria, ...]
    tests: tuple[RatioTest, ...]


def compare_nested(candidates: Sequence[Candidate], weights_kind: WeightsKind | None = None) -> Comparison:
    """Compare models, each nested in the next larger one, fitted to the same answers.

    That they are nested cannot be seen from these figures: the caller says so by asking (Rasch in 2PL, partial
    credit in generalised partial credit; neither of them in the graded model).

    Args:
        candidates: two models or more, in any order.
        weights_kind: the weights of the fits. With frequency weights n is their sum.

    Raises:
        EstimationError: sampling weights; fewer than two models; different numbers of people; two models with as
            many parameters; a larger model that fits worse.

    Example:
        >>> rasch, free = Candidate("rasch", -2466.938, 6, 1000.0), Candidate("2pl", -2466.653, 10, 1000.0)
        >>> test = compare_nested([rasch, free]).tests[0]
        >>> round(test.statistic, 2), test.df, round(test.p, 2)
        (0.57, 4, 0.97)
    """
    _refuse_sampling(weights_kind)
    ordered = sorted(candidates, key=lambda each: each.n_parameters)
    _check(ordered)
    tests = tuple(_test(smaller, larger) for smaller, larger in pairwise(ordered))
    return Comparison(tuple(criteria(each) for each in ordered), tests)


def criteria(candidate: Candidate, weights_kind: WeightsKind | None = None) -> Criteria:
    """Information criteria of one model, nested in another or not.

    Raises:
        EstimationError: sampling weights.

    Example:
        >>> found = criteria(Candidate("rasch", -2466.938, 6, 1000.0))
        >>> round(found.aic, 1), round(found.bic, 1)
        (4945.9, 4975.3)
    """
    _refuse_sampling(weights_kind)
    deviance, k, n = -2 * candidate.loglik, candidate.n_parameters, candidate.n
    return Criteria(
        candidate.name,
        candidate.loglik,
        k,
        aic=deviance + 2 * k,
        bic=deviance + k * float(np.log(n)),
        sabic=deviance + k * float(np.log((n + 2) / 24)),
    )


def _test(smaller: Candidate, larger: Candidate) -> RatioTest:
    statistic = max(0.0, 2 * (larger.loglik - smaller.loglik))
    df = larger.n_parameters - smaller.n_parameters
    return RatioTest(smaller.name, larger.name, statistic, df, float(chdtrc(df, statistic)))


def _refuse_sampling(weights_kind: WeightsKind | None) -> None:
    if weights_kind != "sampling":
        return
    raise EstimationError(
        "comparison.sampling-weights",
        "Models fitted with sampling weights cannot be compared by their log-likelihoods.",
        why="It is then a pseudo-likelihood: multiplying the weights by a constant multiplies every ratio and "
        "every difference of criteria, and none has its usual distribution.",
        mend="Compare the models fitted without weights and say so, or look at slopes and their robust errors.",
    )


def _check(ordered: Sequence[Candidate]) -> None:
    if len(ordered) < 2:
        raise EstimationError(
            "comparison.one-model",
            f"A comparison needs two models or more; there are {len(ordered)}.",
            mend="Fit another model to the same answers.",
        )
    for smaller, larger in pairwise(ordered):
        where = f"{smaller.name} and {larger.name}"
        if smaller.n != larger.n:
            raise EstimationError(
                "comparison.other-people",
                f"The models rest on {smaller.n:g} and {larger.n:g} people.",
                where=where,
                why="Log-likelihoods of different answers cannot be compared.",
                mend="Fit both models to the same answers with the same rule for missing ones.",
            )
        if smaller.n_parameters == larger.n_parameters:
            raise EstimationError(
                "comparison.same-size",
                f"Both models have {smaller.n_parameters} parameters.",
                where=where,
                why="Neither is nested in the other.",
                mend="Compare their information criteria.",
            )
        if not larger.loglik >= smaller.loglik - SLACK:
            raise EstimationError(
                "comparison.not-nested",
                f"The larger model's log-likelihood, {larger.loglik:.3f}, is below {smaller.loglik:.3f}.",
                where=where,
                why="A model never fits worse than one nested in it: one of the fits has not converged, or the "
                "models are not nested.",
                mend="Check that both converged; compare models that are not nested by their criteria.",
            )
