"""Fit: every statistic of how well a scale fits answers, and what stands out in plain words."""

from dataclasses import replace

from evenhand.errors import OptionError
from evenhand.measure.patterns import collapse
from evenhand.measure.q3null import N_SETS
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord
from evenhand.service.fit_statistics import Fit, OnStep, statistics
from evenhand.service.fit_words import findings_of
from evenhand.service.score import require_same_items

SEED = 1
"""Seed of the simulated people, so that the same answers give the same words."""

FEWEST_SETS = 19
"""Fewer simulated sets cannot show what 5 % of sets exceed."""


def fit(
    record: ScaleRecord,
    answers: Answers,
    *,
    fast: bool = False,
    sets: int = N_SETS,
    seed: int = SEED,
    on_step: OnStep | None = None,
) -> Fit:
    """Every fit statistic of a scale on answers, its item parameters taken as they are.

    Args:
        record: the scale.
        answers: what people answered.
        fast: leave out what needs simulated people: the null distribution of Q3, and person fit.
        sets: simulated sets for Q3, 19 or more.
        seed: of the simulated people, 0 or more.
        on_step: told what is being computed.

    Raises:
        ScaleFileError: other items; neither a Rasch scale nor one with a latent distribution.
        EstimationError: no answers to check on.
        OptionError: too few sets, or a negative seed.
    """
    if sets < FEWEST_SETS or seed < 0:
        raise OptionError(
            "fit.sets",
            f"{sets} simulated sets from the seed {seed} cannot show what 5 % of sets exceed.",
            where="--sets, --seed",
            mend=f"Give --sets {FEWEST_SETS} or more ({N_SETS} by default), and a seed of 0 or more.",
        )
    require_same_items(record, answers)
    patterns = collapse(answers.responses, missing=record.missing)
    with one_blas_thread():
        found = statistics(record, patterns, fast=fast, sets=sets, seed=seed, on_step=on_step)
    return replace(found, findings=findings_of(record, found))
