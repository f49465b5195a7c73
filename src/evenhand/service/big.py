"""Calibrate and score more answers than fit in memory, batch by batch."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from evenhand.measure.merging import Batch, Numbering, PatternTotals, numbering_of
from evenhand.measure.patterns import Patterns, from_table
from evenhand.measure.responses import FloatArray, IntArray, MissingRule, Responses, WeightsKind
from evenhand.measure.score import ScoreMethod, score_patterns
from evenhand.programme.answers import Answers, answers_from_codes
from evenhand.programme.coding import ItemCoding, MissingReason
from evenhand.programme.scale import InstrumentReference, ScaleRecord
from evenhand.service.adaptive import require_marginal
from evenhand.service.calibrate import calibrate_patterns
from evenhand.service.calibrate_fixed import FixedItems
from evenhand.service.options import Options
from evenhand.service.recording import Calibrated, items_reference
from evenhand.service.score import AnswerScores, require_same_items, score

TABLE = 1 << 16
"""Possible patterns up to which all of them are scored first and each respondent's is then looked up."""


class Batches(Protocol):
    """Answers that come in batches, as often as they are gone through."""

    @property
    def source(self) -> str:
        """Name of the file."""

    @property
    def missing_counts(self) -> Mapping[MissingReason, IntArray]:
        """For each reason (J,) how many answers are missing, once the batches were gone through."""

    @property
    def coding(self) -> tuple[ItemCoding, ...]:
        """How each item's column is read."""

    @property
    def instrument(self) -> tuple[str, str] | None:
        """Name and hash of the instrument."""

    @property
    def weights_kind(self) -> WeightsKind | None:
        """Kind of the weights."""

    def __iter__(self) -> Iterator[Batch]:
        """Each batch, in order."""


def collapse_batches(batches: Batches, missing: MissingRule = "keep") -> Patterns:
    """The distinct patterns of answers that come in batches: what `collapse` makes of them in one table.

    Raises:
        EstimationError: nobody is left.
        InputError: what reading the batches finds.
    """
    totals = PatternTotals(_categories(batches.coding), weights_kind=batches.weights_kind)
    for batch in batches:
        totals.add(batch)
    return totals.patterns(missing)


def calibrate_batches(
    batches: Batches,
    options: Options | None = None,
    *,
    fixed: FixedItems | None = None,
    on_pass: Callable[[int, float], None] | None = None,
) -> Calibrated:
    """Calibrate a scale on answers that come in batches, to the same figures as on the whole table.

    Args:
        batches: what people answered.
        options: model, method and rules.
        fixed: items that are held at parameters from elsewhere.
        on_pass: called with the number of passes and the log-likelihood while it goes.

    Raises:
        EstimationError: the answers cannot carry the estimate.
        OptionError: the options contradict each other.
        InputError: what reading the batches finds.
    """
    options = options or Options()
    patterns = collapse_batches(batches, options.missing)
    require_marginal(batches, options.method, options.missing)
    return calibrate_patterns(
        patterns,
        batches.coding,
        InstrumentReference(*batches.instrument) if batches.instrument else items_reference(batches.coding),
        options,
        weights_kind=batches.weights_kind,
        fixed=fixed,
        on_pass=on_pass,
    )


def score_batches(
    record: ScaleRecord, batches: Batches, *, method: ScoreMethod = "eap", threshold: str | float | None = None
) -> Iterator[AnswerScores]:
    """Score answers that come in batches: the scores of each batch, in order.

    Where the scale has few possible patterns each is scored once; else every batch is scored for itself.

    Args:
        record: the scale.
        batches: answers to the scale's items, in its order.
        method: `eap`, `map`, `wle` or `ml`.
        threshold: name of one of the scale's thresholds, or a number on its metric.

    Raises:
        ScaleFileError: the answers are to other items; no such threshold; no latent distribution.
        OptionError: a threshold with a method that gives no probability.
        InputError: what reading the batches finds, while it goes.
    """
    one = np.zeros((1, len(batches.coding)), dtype=np.int8)
    sample = answers_from_codes(one, batches.coding, source="batches")
    require_same_items(record, sample)
    score(record, sample, method=method, threshold=threshold)  # refuses here what no batch could be scored by
    numbering = numbering_of(_categories(batches.coding))
    if len(numbering.sizes) == 1 and numbering.sizes[0] <= TABLE:
        table = _score_table(record, numbering, method, threshold)
        return (table.of(batch) for batch in batches)
    return (_score_batch(record, batch, sample, method, threshold) for batch in batches)


def _categories(coding: tuple[ItemCoding, ...]) -> IntArray:
    return np.array([item.categories for item in coding], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _ScoreTable:
    """The scores of every possible pattern, by its number."""

    numbering: Numbering
    scores: AnswerScores

    def of(self, batch: Batch) -> AnswerScores:
        """The scores of a batch's respondents."""
        number, known = self.numbering.words(batch.codes)[0], self.scores
        return AnswerScores(
            row=np.arange(batch.first + 1, batch.first + 1 + batch.n_rows, dtype=np.int64),
            answered=known.answered.take(number),
            theta=known.theta.take(number),
            se=known.se.take(number),
            p_at_least=None if known.p_at_least is None else known.p_at_least.take(number),
        )


def _score_table(
    record: ScaleRecord, numbering: Numbering, method: ScoreMethod, threshold: str | float | None
) -> _ScoreTable:
    number = np.arange(1, numbering.sizes[0])  # 0 is the pattern of no answer
    codes = numbering.codes([number])
    patterns = from_table(codes, numbering.base - 1, np.ones(len(codes)))
    latent = record.latent if method in {"eap", "map"} else None
    found = score_patterns(
        patterns,
        record.model_items(),
        method,
        mean=None if latent is None else latent.mean,
        sd=None if latent is None else latent.sd,
        threshold=None if threshold is None else record.threshold(str(threshold)),
    )
    place = np.argsort(numbering.words(patterns.codes)[0])

    def by_number(values: FloatArray) -> FloatArray:
        return np.concatenate([[np.nan], values[place]])

    return _ScoreTable(
        numbering,
        AnswerScores(
            row=np.zeros(0, dtype=np.int64),
            answered=np.concatenate([[0], (codes >= 0).sum(axis=1)]),
            theta=by_number(found.theta),
            se=by_number(found.se),
            p_at_least=None if found.p_at_least is None else by_number(found.p_at_least),
        ),
    )


def _score_batch(
    record: ScaleRecord, batch: Batch, sample: Answers, method: ScoreMethod, threshold: str | float | None
) -> AnswerScores:
    row = np.arange(batch.first + 1, batch.first + 1 + batch.n_rows, dtype=np.int64)
    if (batch.codes < 0).all():
        nothing = np.full(batch.n_rows, np.nan)
        above = None if threshold is None else nothing
        return AnswerScores(row, np.zeros(batch.n_rows, dtype=np.int64), nothing, nothing, above)
    responses = Responses(np.ascontiguousarray(batch.codes), sample.responses.categories)
    answers = replace(sample, responses=responses, row_numbers=row)
    return score(record, answers, method=method, threshold=threshold)
