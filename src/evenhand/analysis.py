"""The Python interface to fit statistics and comparisons of models."""

from collections.abc import Sequence
from typing import Any

from evenhand.api import Scale
from evenhand.measure.q3null import N_SETS
from evenhand.measure.responses import MissingRule
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ModelName
from evenhand.service.compare import ModelComparison
from evenhand.service.compare import compare as run_comparison
from evenhand.service.fit import SEED
from evenhand.service.fit import fit as run_fit
from evenhand.service.fit_statistics import Fit


def compare(answers: Answers, *, models: Sequence[ModelName], missing: MissingRule = "keep") -> ModelComparison:
    """Compare models of the same answers, each fitted by marginal likelihood.

    Args:
        answers: from `read_answers`.
        models: two or more of `rasch`, `2pl`, `pcm`, `gpcm` and `grm` that differ for these items.
        missing: `keep` what each person answered, or `drop` incomplete people.

    Returns:
        `models` with log-likelihood, parameters, criteria and overall fit, `tests`, `best`, `findings`, `notes`.
        With sampling weights there are no criteria and no tests.

    Raises:
        OptionError: an unknown model, fewer than two, or two that are one and the same for these items.
        EstimationError: the answers cannot carry one of the models.
    """
    return run_comparison(answers, models, missing=missing)


def fit(scale: Scale, answers: Any, *, fast: bool = False, sets: int = N_SETS, seed: int = SEED) -> Fit:
    """Every fit statistic of a scale on answers, its item parameters taken as they are.

    Args:
        scale: the scale.
        answers: from `read_answers`, or a data frame or file with the scale's item columns.
        fast: leave out what needs simulated people: the null distribution of Q3, and person fit.
        sets: simulated sets for Q3, 19 or more.
        seed: of the simulated people, 0 or more.

    Returns:
        `items` (infit, outfit, Q3), `s_x2`, `standardised`, `overall` (M2 or C2), `dependence`, `person` (over
        everybody, never of one), `reliability`, `information`, `findings` and `notes`.

    Raises:
        ScaleFileError: other items; neither a Rasch scale nor one with a latent distribution.
        EstimationError: no answers to check on.
        OptionError: too few sets, or a negative seed.
    """
    return run_fit(scale.record, scale.read(answers), fast=fast, sets=sets, seed=seed)
