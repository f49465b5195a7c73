"""Score: from answers and a scale to a measure with its uncertainty."""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import OptionError, ScaleFileError
from evenhand.measure.need import NeedItems, NeedScores, score_need
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.plausible import plausible_values
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.score import ScoreMethod, score_patterns
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord

MAX_SETS = 100
"""Sets of plausible values at once: ten serve most figures, and each is a column of the table."""


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """A measure for each respondent.

    Attributes:
        row: (N,) row number in the file.
        answered: (N,) items answered.
        theta: (N,) the measure; NaN where nothing was answered, -inf or +inf where ML is infinite.
        se: (N,) its standard error, likewise.
        p_at_least: (N,) P(theta >= threshold | answers), or None.
        plausible: (M, N) draws from each posterior, for figures of groups only; None without any.
    """

    row: IntArray
    answered: IntArray
    theta: FloatArray
    se: FloatArray
    p_at_least: FloatArray | None
    plausible: FloatArray | None = None

    def columns(self) -> dict[str, IntArray | FloatArray]:
        """The columns of a table of scores: row, answered, theta, se, p_at_least, pv1 .. pvM."""
        out: dict[str, IntArray | FloatArray] = {
            "row": self.row,
            "answered": self.answered,
            "theta": self.theta,
            "se": self.se,
        }
        if self.p_at_least is not None:
            out["p_at_least"] = self.p_at_least
        drawn = () if self.plausible is None else self.plausible
        return out | {f"pv{place}": values for place, values in enumerate(drawn, start=1)}


def score(
    record: ScaleRecord,
    answers: Answers,
    *,
    method: ScoreMethod = "eap",
    threshold: str | float | None = None,
    plausible: int | None = None,
    seed: int = 1,
) -> AnswerScores:
    """Score answers on a scale.

    People who answered nothing get no measure. Unknown answers add no likelihood. Everybody is scored with the
    scale's one latent distribution, whatever groups it was calibrated on; of two components only need is scored,
    and from the need items alone.

    Args:
        record: the scale.
        answers: answers to the scale's items, in its order.
        method: `eap`, `map`, `wle` or `ml`.
        threshold: name of one of the scale's thresholds, or a number on its metric.
        plausible: sets of plausible values to draw, at most 100; None for none.
        seed: of their random numbers; set m is the same whatever their number.

    Raises:
        ScaleFileError: the answers are to other items; no such threshold; no latent distribution.
        OptionError: a threshold with a method that gives no probability; too many or too few sets.
    """
    require_same_items(record, answers)
    drawn = None if plausible is None else _draw(record, answers, plausible, seed)
    prior = record.require_latent(f"--method {method}") if method in {"eap", "map"} else None
    value = None if threshold is None else record.threshold(str(threshold))
    # expectations are tabulated, so collapsing first would cost more than it saves
    patterns = in_place(answers.responses) if method == "eap" else collapse(answers.responses, with_rows=True)
    found = score_patterns(
        patterns,
        record.model_items(),
        method,
        mean=None if prior is None else prior.mean,
        sd=None if prior is None else prior.sd,
        threshold=value,
    )
    return AnswerScores(
        row=answers.row_numbers,
        answered=(answers.responses.codes >= 0).sum(axis=1),
        theta=to_rows(found.theta, patterns),
        se=to_rows(found.se, patterns),
        p_at_least=None if found.p_at_least is None else to_rows(found.p_at_least, patterns),
        plausible=drawn,
    )


def _draw(record: ScaleRecord, answers: Answers, n_sets: int, seed: int) -> FloatArray:
    if not 1 <= n_sets <= MAX_SETS or seed < 0:
        raise OptionError(
            "plausible.sets",
            f"Cannot draw {n_sets} sets of plausible values with seed {seed}.",
            where="--plausible",
            mend=f"Ask for 1 to {MAX_SETS} sets, ten serve most figures, and a seed of 0 or more.",
        )
    latent = record.require_latent("drawing plausible values")
    patterns = collapse(answers.responses, with_rows=True)
    return plausible_values(
        patterns, record.model_items(), mean=latent.mean, sd=latent.sd, seed=seed, n_sets=n_sets
    )


def need_items(record: ScaleRecord) -> NeedItems:
    """The scale's items as a decision takes them, with its one latent distribution.

    Raises:
        ScaleFileError: it measures something else than need, or records no latent distribution.
    """
    others = [item.name for item in record.items if item.component != "need"]
    if others:
        raise ScaleFileError(
            "scale.not-need",
            "The scale does not measure need, so no decision can rest on it.",
            where=f"item {others[0]}",
            why="Capacity says what kind of help fits, and never who is helped first.",
            mend="Use the scale of need.",
        )
    latent = record.require_latent("a decision")
    return NeedItems(record.model_items(), latent.mean, latent.sd)


def need_scores(record: ScaleRecord, answers: Answers, *, threshold: str | float) -> NeedScores:
    """Need of each of N respondents for a decision, from the need items alone; NaN where none was answered.

    Raises:
        ScaleFileError: other items; no such threshold; not a scale of need; no latent distribution.
    """
    require_same_items(record, answers)
    patterns = collapse(answers.responses, with_rows=True)
    found = score_need(patterns, need_items(record), threshold=record.threshold(str(threshold)))
    return NeedScores(
        to_rows(found.theta, patterns), to_rows(found.se, patterns), to_rows(found.p_at_least, patterns)
    )


def require_same_items(record: ScaleRecord, answers: Answers) -> None:
    """Refuse answers to other items than the scale's.

    Raises:
        ScaleFileError: names the first difference.
    """
    if answers.item_names == record.names:
        return
    raise ScaleFileError(
        "scale.other-items",
        "The answers are not to the scale's items.",
        why=f"The scale has {', '.join(record.names)}; the answers have {', '.join(answers.item_names)}.",
        mend="Read the answers with the scale's own coding.",
    )


def to_rows(values: FloatArray, patterns: Patterns) -> FloatArray:
    """(N,) the value of each respondent's pattern, NaN for respondents without one."""
    rows = patterns.rows
    assert rows is not None  # noqa: S101 - collapsed with rows
    return np.where(rows >= 0, values[rows], np.nan)
