"""Score: from answers and a scale to a measure with its uncertainty."""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import ScaleFileError
from evenhand.measure.patterns import Patterns, collapse, in_place
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.score import ScoreMethod, score_patterns
from evenhand.programme.answers import Answers
from evenhand.programme.scale import ScaleRecord


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """A measure for each respondent.

    Attributes:
        row: (N,) row number in the file.
        answered: (N,) items answered.
        theta: (N,) the measure; NaN where nothing was answered, -inf or +inf where ML is infinite.
        se: (N,) its standard error, likewise.
        p_at_least: (N,) P(theta >= threshold | answers), or None.
    """

    row: IntArray
    answered: IntArray
    theta: FloatArray
    se: FloatArray
    p_at_least: FloatArray | None


def score(
    record: ScaleRecord, answers: Answers, *, method: ScoreMethod = "eap", threshold: str | float | None = None
) -> AnswerScores:
    """Score answers on a scale.

    People who answered nothing get no measure. Unknown answers add no likelihood.

    Args:
        record: the scale.
        answers: answers to the scale's items, in its order.
        method: `eap`, `map`, `wle` or `ml`.
        threshold: name of one of the scale's thresholds, or a number on its metric.

    Raises:
        ScaleFileError: the answers are to other items; no such threshold; no latent distribution.
        OptionError: a threshold with a method that gives no probability.
    """
    require_same_items(record, answers)
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
