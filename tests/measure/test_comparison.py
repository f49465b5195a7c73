"""Comparison of models: formulas written out, and published log-likelihoods of LSAT6."""

import numpy as np
import pytest
from scipy.stats import chi2

from evenhand.errors import EstimationError
from evenhand.measure.comparison import Candidate, compare_nested, criteria

RASCH = Candidate("rasch", -2466.9375995822, 6, 1000)
TWO_PL = Candidate("2pl", -2466.65337751348, 10, 1000)


def test_lsat6_equals_r_mirt() -> None:
    found = compare_nested([TWO_PL, RASCH])
    assert [each.name for each in found.criteria] == ["rasch", "2pl"]
    assert found.criteria[0].aic == pytest.approx(4945.8751991644, abs=1e-6)
    assert found.criteria[0].bic == pytest.approx(4975.32173083829, abs=1e-6)
    assert found.criteria[1].aic == pytest.approx(4953.30675502697, abs=1e-6)
    assert found.criteria[1].bic == pytest.approx(5002.38430781679, abs=1e-6)
    (test,) = found.tests
    assert (test.smaller, test.larger, test.df) == ("rasch", "2pl", 4)
    assert test.statistic == pytest.approx(2 * (2466.9375995822 - 2466.65337751348))
    assert test.p == pytest.approx(chi2.sf(test.statistic, 4))


def test_sabic_is_bic_with_a_smaller_sample() -> None:
    expected = -2 * RASCH.loglik + 6 * np.log((1000 + 2) / 24)
    assert criteria(RASCH).sabic == pytest.approx(expected)


def test_three_models_are_tested_in_a_chain() -> None:
    third = Candidate("bigger", -2460.0, 15, 1000)
    found = compare_nested([third, RASCH, TWO_PL], "frequency")
    assert [(each.smaller, each.larger, each.df) for each in found.tests] == [
        ("rasch", "2pl", 4),
        ("2pl", "bigger", 5),
    ]


def test_two_fits_of_one_optimum_give_zero_and_not_less() -> None:
    (test,) = compare_nested([RASCH, Candidate("same", RASCH.loglik - 5e-4, 7, 1000)]).tests
    assert test.statistic == 0
    assert test.p == 1


@pytest.mark.parametrize(
    "call", [lambda: compare_nested([RASCH, TWO_PL], "sampling"), lambda: criteria(RASCH, "sampling")]
)
def test_sampling_weights_are_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EstimationError, match="pseudo-likelihood"):
        call()


@pytest.mark.parametrize(
    ("candidates", "code"),
    [
        ([RASCH], "comparison.one-model"),
        ([RASCH, Candidate("others", -2400.0, 10, 999)], "comparison.other-people"),
        ([RASCH, Candidate("twin", -2466.0, 6, 1000)], "comparison.same-size"),
        ([RASCH, Candidate("worse", -2467.5, 10, 1000)], "comparison.not-nested"),
        ([RASCH, Candidate("broken", float("nan"), 10, 1000)], "comparison.not-nested"),
    ],
)
def test_what_cannot_be_compared_is_refused(candidates: list[Candidate], code: str) -> None:
    with pytest.raises(EstimationError) as caught:
        compare_nested(candidates)
    assert caught.value.code == code
