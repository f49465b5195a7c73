"""Answer files larger than memory: read batch by batch, by the same rules and with the same errors.

Only the columns that are named are read, and only a batch of them is in memory. A cell that no code stands for
does not end the reading at once: the rest of the file is looked through, so that the error counts all of them, as
`read_answers` does.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from evenhand.measure.merging import Batch
from evenhand.measure.responses import CodeArray, FloatArray, IntArray, WeightsKind
from evenhand.programme.coding import ItemCoding, MissingReason
from evenhand.tabular.batchfaults import Faults, WeightFaults
from evenhand.tabular.batchmarks import BAD, REASON_CODE, Lookup, Marker
from evenhand.tabular.binaryfiles import _guarded as guarded
from evenhand.tabular.cells import Cells
from evenhand.tabular.codes import _integer as integer_of
from evenhand.tabular.codes import _lookup as lookup_of
from evenhand.tabular.codes import map_coded, map_integers
from evenhand.tabular.columns import Header
from evenhand.tabular.csvbatches import open_csv_parts
from evenhand.tabular.extras import weights_of
from evenhand.tabular.parts import Part, Stream
from evenhand.tabular.read import _open as open_table
from evenhand.tabular.read import _places as places_of
from evenhand.tabular.read import _request as request_of
from evenhand.tabular.selects import parts_with_summaries, selects_of
from evenhand.tabular.table import Column, Loaded, fault, no_rows

BATCH_ROWS = 1 << 18
BATCH_BYTES = 32 << 20
"""Of a text file."""

BIG_ROWS = 5_000_000
BIG_BYTES = 256 << 20

MOST_DISTINCT = 1_000
"""Distinct integers remembered of a column: an item has at most a hundred, so the extremes are enough beyond."""

_TEXT = {".csv", ".tsv", ".txt"}


@dataclass
class AnswerBatches:
    """A file of answers that is read batch by batch, as often as it is gone through.

    Attributes:
        source: name of the file.
        coding: (J,) how each item's column is read.
        instrument: name and hash of the instrument, or None.
        weights_kind: kind of the weights, None when there are none.
        left_out: system and paradata columns that are dropped unread.
        warnings: findings of the reading, one sentence each.
        n_expected: respondents, if the file says so without being read.
        n_rows: respondents, once the file was gone through.
        missing_counts: for each reason (J,) how many answers are missing for it, once the file was gone through.
    """

    source: str
    coding: tuple[ItemCoding, ...]
    instrument: tuple[str, str] | None
    weights_kind: WeightsKind | None
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    n_expected: int | None
    n_rows: int
    missing_counts: dict[MissingReason, IntArray]
    _plan: "_Plan"

    @property
    def item_names(self) -> tuple[str, ...]:
        """The J item names."""
        return tuple(coding.name for coding in self.coding)

    def __iter__(self) -> Iterator[Batch]:
        """Each batch of respondents, in order.

        Raises:
            AnswerFileError: what `read_answers` says of the whole file, after its last batch.
            OptionError: weights that cannot be used.
        """
        warnings: list[str] = []
        lookups = [lookup_of(_no_cells(item.name), item, warnings) for item in self.coding]
        counts = np.zeros((len(self.coding), 1 + len(REASON_CODE)), dtype=np.int64)
        self.n_rows = yield from _batches(self._plan, lookups, self.coding, self.weights_kind, counts)
        self.missing_counts = {
            reason: counts[:, -code] for reason, code in REASON_CODE.items() if counts[:, -code].any()
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is read of which file.

    Attributes:
        stream: the file.
        names: (J,) names of the items.
        items: (J,) their positions in the header.
        weights: position of the weights, or None.
        on_rows: told how many rows of a pass are done.
    """

    stream: Stream
    names: tuple[str, ...]
    items: list[int]
    weights: int | None
    on_rows: Callable[[int], None] | None

    @property
    def positions(self) -> list[int]:
        """Every position that is read, in order."""
        return sorted({*self.items, *(() if self.weights is None else (self.weights,))})


def is_big(path: str | Path) -> bool:
    """Whether a file is so large that it is better read in batches: Parquet by its rows, text by its bytes."""
    path = Path(path)
    kind = path.suffix.casefold()
    if not path.is_file() or kind not in {".parquet", *_TEXT}:
        return False
    if kind in _TEXT:
        return path.stat().st_size >= BIG_BYTES
    try:
        return _n_rows(path) >= BIG_ROWS
    except (OSError, pl.exceptions.PolarsError):
        return False  # reading it will say what is wrong with it


def open_batches(
    source: str | Path,
    *,
    coding: Sequence[ItemCoding] | None = None,
    items: Sequence[str] | None = None,
    instrument: tuple[str, str] | None = None,
    weights: str | None = None,
    weights_kind: WeightsKind | None = None,
    batch_rows: int = BATCH_ROWS,
    batch_bytes: int = BATCH_BYTES,
    on_rows: Callable[[int], None] | None = None,
) -> AnswerBatches:
    """Open a Parquet or text file whose answers are read in batches. Only the columns that are named are read.

    Without `coding` the file is gone through once to learn each item's categories.

    Args:
        source: path of a Parquet, CSV or TSV file.
        coding: how each item's column is read; from an instrument or a scale.
        items: names of the item columns, as in `read_answers`.
        instrument: name and hash of the instrument, kept with the answers.
        weights: column of weights; needs `weights_kind`.
        weights_kind: `sampling` or `frequency`.
        batch_rows: rows of a Parquet file in memory at once.
        batch_bytes: bytes of a text file in memory at once.
        on_rows: told how many rows of a pass are done.

    Raises:
        AnswerFileError: as `read_answers`; or the file is of another kind.
        OptionError: options that contradict each other.
        BoundaryError: a column that Evenhand never reads.
    """
    request = request_of(coding, items, weights, weights_kind, None, ())
    request.check_boundary()
    if weights is not None and weights_kind is None:
        WeightFaults(None).kind_missing()
    stream = _open(Path(source), batch_rows, batch_bytes)
    header = Header(stream.table)
    places = places_of(request, header)
    stream = parts_with_summaries(stream, selects_of(stream.table.header, places.items, request.coding))
    plan = _Plan(stream, request.names, places.items, places.weights, on_rows)
    known, warnings = (request.coding, ()) if request.coding is not None else _learn(plan)
    return AnswerBatches(
        source=stream.table.source,
        coding=known,
        instrument=instrument,
        weights_kind=weights_kind,
        left_out=header.left_out(places.used),
        warnings=warnings,
        n_expected=stream.n_rows,
        n_rows=0,
        missing_counts={},
        _plan=plan,
    )


def _open(path: Path, batch_rows: int, batch_bytes: int) -> Stream:
    kind = path.suffix.casefold()
    if path.is_file() and kind in _TEXT:
        return open_csv_parts(path, str(path), batch_bytes)
    table = open_table(path)  # every other kind, and every error of a path
    if kind != ".parquet":
        raise fault(
            "answers.extension",
            f"Files that end in {path.suffix!r} are not read in batches.",
            str(path),
            "Save the answers as Parquet or CSV, or read them with read_answers.",
        )
    n_rows = guarded(table.source, "Parquet", lambda: _n_rows(path))
    if n_rows == 0:
        raise no_rows(table.source)
    return Stream(table, partial(_parquet_parts, path, table.source, table.header, batch_rows), n_rows)


def _n_rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _parquet_parts(
    path: Path, source: str, header: tuple[str, ...], batch_rows: int, positions: Sequence[int]
) -> Iterator[Part]:
    names = [header[position] for position in positions]
    frames = guarded(
        source,
        "Parquet",
        lambda: pl.scan_parquet(path).select(names).collect_batches(chunk_size=batch_rows, maintain_order=True),
    )
    first = 0
    while (frame := guarded(source, "Parquet", lambda: next(frames, None))) is not None:
        if frame.height:
            columns = {position: Column(header[position], frame[header[position]]) for position in positions}
            yield Part(columns, frame.height, rows=range(first, first + frame.height))
            first += frame.height


def _batches(
    plan: _Plan,
    lookups: Sequence[Lookup],
    coding: tuple[ItemCoding, ...] | None,
    weights_kind: WeightsKind | None,
    counts: IntArray,
) -> Generator[Batch, None, int]:
    """Each batch, until something is wrong; what is wrong is raised at the end. Returns the number of rows."""
    source = plan.stream.table.source
    header = plan.stream.table.header
    markers = [Marker(header[place], lookup, source) for place, lookup in zip(plan.items, lookups, strict=True)]
    faults, weight_faults = Faults(plan.items, plan.names, coding, source), WeightFaults(weights_kind)
    n_rows, answered = 0, False
    for part in plan.stream.parts(plan.positions):
        marks = np.empty((len(markers), part.n_rows), dtype=np.int8)
        for place, marker in enumerate(markers):
            marks[place] = marker.marks(part.columns[plan.items[place]].values)
        if marks.min() < 0:
            _count(marks, counts)
            faults.add(part, marks == BAD)
        answered = answered or bool((marks >= 0).any())
        weights = None
        if plan.weights is not None:
            weights = weight_faults.check(partial(_weights, plan, part), part)
        if not faults and not weight_faults:
            yield Batch(n_rows, np.maximum(marks, -1).T, weights)
        n_rows += part.n_rows
        if plan.on_rows is not None:
            plan.on_rows(n_rows)
        if faults.is_full:
            break
    faults.check()
    if coding is not None and not answered:
        _nobody_answered(coding, source)
    weight_faults.finish()
    return n_rows


def _weights(plan: _Plan, part: Part) -> FloatArray:
    assert plan.weights is not None  # noqa: S101 - only asked for when there are weights
    table = plan.stream.table
    column = part.columns[plan.weights]
    return weights_of(column, part, table.source, decimal_comma=table.decimal_comma)


def _count(marks: CodeArray, counts: IntArray) -> None:
    for place, own in enumerate(marks):
        missing = own[(own < 0) & (own != BAD)]
        counts[place] += np.bincount(-missing, minlength=counts.shape[1])


def _nobody_answered(coding: tuple[ItemCoding, ...], source: str) -> None:
    blank = [Cells(_no_cells(item.name).column, (None,), np.zeros(1, dtype=np.int64)) for item in coding]
    map_coded(blank, coding, Loaded({}, 1), source)


def _no_cells(name: str) -> Cells:
    return Cells(Column(name, pl.Series(dtype=pl.String)), (), np.zeros(0, dtype=np.int64))


class _Distinct:
    """The distinct integers of a column; stands in for an item's codes while they are learnt."""

    def __init__(self) -> None:
        self.values: set[int] = set()

    def __call__(self, text: str) -> int:
        value = integer_of(text)
        if value is None:
            return BAD
        self.values.add(value)
        if len(self.values) > MOST_DISTINCT:
            self.values = {min(self.values), max(self.values)}
        return 0


def _learn(plan: _Plan) -> tuple[tuple[ItemCoding, ...], tuple[str, ...]]:
    """Each item's categories, from one pass over the file."""
    distinct = [_Distinct() for _ in plan.names]
    counts = np.zeros((len(plan.names), 1 + len(REASON_CODE)), dtype=np.int64)
    without_weights = _Plan(plan.stream, plan.names, plan.items, None, plan.on_rows)
    for _ in _batches(without_weights, distinct, None, None, counts):
        pass
    n_most = max(1, *(len(each.values) for each in distinct))
    items = []
    for position, each in zip(plan.items, distinct, strict=True):
        texts = tuple(str(value) for value in sorted(each.values)) or (None,)
        index = np.minimum(np.arange(n_most), len(texts) - 1)
        items.append(Cells(_no_cells(plan.stream.table.header[position]).column, texts, index))
    found = map_integers(items, plan.names, Loaded({}, n_most), plan.stream.table.source)
    return found.coding, found.warnings
