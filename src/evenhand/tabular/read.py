"""Reading answers: from any survey file or data frame to arrays."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.responses import Responses, WeightsKind
from evenhand.programme.answers import Answers
from evenhand.programme.coding import ItemCoding
from evenhand.programme.guard import ColumnUse, check_column
from evenhand.tabular.binaryfiles import open_parquet, open_xlsx
from evenhand.tabular.cells import cells_of
from evenhand.tabular.codes import Mapped, map_coded, map_integers
from evenhand.tabular.columns import Header
from evenhand.tabular.csvfile import open_csv
from evenhand.tabular.extras import clusters_of, group_of, weights_of
from evenhand.tabular.frames import open_frame
from evenhand.tabular.selects import selects_of, with_summaries
from evenhand.tabular.statfiles import open_statfile
from evenhand.tabular.table import Loaded, Table, fault, shown

_READERS: dict[str, Callable[[Path, str], Table]] = {
    ".csv": open_csv,
    ".tsv": open_csv,
    ".txt": open_csv,
    ".parquet": open_parquet,
    ".xlsx": open_xlsx,
    ".sav": open_statfile,
    ".zsav": open_statfile,
    ".dta": open_statfile,
}


def read_answers(
    source: Any,
    *,
    coding: Sequence[ItemCoding] | None = None,
    items: Sequence[str] | None = None,
    instrument: tuple[str, str] | None = None,
    weights: str | None = None,
    weights_kind: WeightsKind | None = None,
    cluster: str | None = None,
    groups: Sequence[str] = (),
) -> Answers:
    """Read answers, one row a respondent. Only the columns that are named are read.

    Args:
        source: path of a file (CSV, Parquet, XLSX, SPSS, Stata), or a data frame, eager or lazy (polars, pandas,
            pyarrow and others that narwhals knows).
        coding: how each item's column is read; from an instrument or a scale.
        items: names of the item columns. Without `coding` their categories are the integers from the lowest to
            the highest that occurs; with it, they choose among its items.
        instrument: name and hash of the instrument, kept with the answers.
        weights: column of weights; needs `weights_kind`.
        weights_kind: `sampling` or `frequency`.
        cluster: column that says who was sampled together.
        groups: columns that figures are to be broken down by.

    Returns:
        The answers: (N, J) codes, with weights, clusters, groups and what was found on the way.

    Raises:
        AnswerFileError: the file is damaged, lacks a column, or holds an unknown code; says file, row and column.
        OptionError: options that contradict each other, or a group column with too many labels.
        BoundaryError: a column that Evenhand never reads.
    """
    request = _request(coding, items, weights, weights_kind, cluster, groups)
    request.check_boundary()
    table = _open(source)
    header = Header(table)
    places = _places(request, header)
    table = with_summaries(table, selects_of(table.header, places.items, request.coding))
    loaded = table.load(sorted(places.used))
    return _answers(request, table, header, places, loaded, instrument)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is to be read."""

    names: tuple[str, ...]
    coding: tuple[ItemCoding, ...] | None
    weights: str | None
    weights_kind: WeightsKind | None
    cluster: str | None
    groups: tuple[str, ...]

    def uses(self) -> Iterator[tuple[str, ColumnUse]]:
        """Every column name and what it is for."""
        yield from ((name, "item") for name in self.names)
        yield from ((alias, "item") for each in self.coding or () for alias in each.aliases)
        if self.weights is not None:
            yield self.weights, "weights"
        if self.cluster is not None:
            yield self.cluster, "cluster"
        yield from ((name, "group") for name in self.groups)

    def check_boundary(self) -> None:
        """Refuse columns that Evenhand never reads, before the file is touched."""
        for name, use in self.uses():
            check_column(name, use)


@dataclass(frozen=True, slots=True)
class _Places:
    """Positions of the columns in the header."""

    items: list[int]
    weights: int | None
    cluster: int | None
    groups: dict[str, int]

    @property
    def used(self) -> set[int]:
        """Every position that is read."""
        others = [self.weights, self.cluster, *self.groups.values()]
        return {*self.items, *(position for position in others if position is not None)}


def _request(
    coding: Sequence[ItemCoding] | None,
    items: Sequence[str] | None,
    weights: str | None,
    weights_kind: WeightsKind | None,
    cluster: str | None,
    groups: Sequence[str],
) -> _Request:
    if weights is None and weights_kind is not None:
        raise OptionError(
            "weights.column-missing",
            "A kind of weights was given, but no column of weights.",
            mend="Name the column with --weights, or leave the kind out.",
        )
    names = (items,) if isinstance(items, str) else tuple(items or ())
    by_group = (groups,) if isinstance(groups, str) else tuple(groups)
    chosen = None if coding is None else _chosen(tuple(coding), names)
    names = names if chosen is None else tuple(each.name for each in chosen)
    if not names:
        raise OptionError(
            "answers.no-items",
            "Nothing says which columns are the items.",
            mend="Name an instrument (--instrument fies) or the item columns (--items Q1,Q2).",
        )
    for name in names:
        if names.count(name) > 1:
            raise OptionError(
                "answers.duplicate-item",
                f"The item {name!r} is named twice.",
                where=f"items: {', '.join(names)}"[:200],
                mend="Name each item once.",
            )
    return _Request(names, chosen, weights, weights_kind, cluster, tuple(dict.fromkeys(by_group)))


def _chosen(coding: tuple[ItemCoding, ...], names: tuple[str, ...]) -> tuple[ItemCoding, ...]:
    """The coding of the named items, in their order; all of it when none is named."""
    known = {each.name: each for each in coding}
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, list(known), n=1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise OptionError(
                "answers.unknown-item",
                f"There is no item {name!r}.",
                why=f"The items are: {', '.join(known)}.",
                mend=f"{hint}Name items of the instrument or scale.",
            )
    return tuple(known[name] for name in names) if names else coding


def _open(source: Any) -> Table:
    if not isinstance(source, (str, PathLike)):
        return open_frame(source)
    path = Path(source)
    name = str(path)
    reader = _READERS.get(path.suffix.casefold())
    try:
        exists, folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # longer than any name, or with a NUL in it
        exists, folder = False, False
    if not exists:
        raise fault(
            "answers.not-found", "There is no such file.", shown(name, 200), f"{_sibling(path)}Check the path."
        )
    if folder:
        raise fault(
            "answers.directory", "A folder was given where a file is expected.", name, "Name a file in it."
        )
    if reader is None:
        raise fault(
            "answers.extension",
            f"Files that end in {path.suffix!r} are not read.",
            name,
            "Export the answers as one of those.",
            f"The kinds that are read end in {', '.join(_READERS)}.",
        )
    try:
        return reader(path, name)
    except OSError as error:
        why = error.strerror or str(error)
        raise fault(
            "answers.unreadable", "The file cannot be opened.", name, "Check its permissions.", why
        ) from error


def _sibling(path: Path) -> str:
    try:
        names = [each.name for each in path.parent.iterdir() if each.suffix.casefold() in _READERS]
    except (OSError, ValueError):
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {close[0]!r}? " if close else ""


def _places(request: _Request, header: Header) -> _Places:
    if request.coding is not None:
        items = header.items(request.coding)
    else:
        items = [header.require(name, "an item") for name in request.names]
    groups = {name: header.require(name, "a group") for name in request.groups}
    for name, position in groups.items():
        if position in items:
            raise fault(
                "answers.group-is-item",
                f"The column {name!r} is both an item and a group.",
                f"{header.table.source}, column {header.table.header[position]!r}",
                "Group by another column.",
                "Groups made from an answer differ in that answer by construction.",
            )
    return _Places(
        items,
        None if request.weights is None else header.require(request.weights, "weights"),
        None if request.cluster is None else header.require(request.cluster, "a cluster"),
        groups,
    )


def _answers(
    request: _Request,
    table: Table,
    header: Header,
    places: _Places,
    loaded: Loaded,
    instrument: tuple[str, str] | None,
) -> Answers:
    source = table.source
    mapped = _map_items(request, places, loaded, source)
    columns = loaded.columns
    weights = None
    if places.weights is not None:
        column = columns[places.weights]
        weights = weights_of(column, loaded, source, decimal_comma=table.decimal_comma)
    clusters = None if places.cluster is None else clusters_of(columns[places.cluster], loaded, source)
    groups = {name: group_of(columns[position], name, source) for name, position in places.groups.items()}
    responses = Responses(
        codes=mapped.codes,
        categories=np.array([each.categories for each in mapped.coding], dtype=np.int64),
        weights=weights,
        weights_kind=request.weights_kind,
        clusters=clusters,
    )
    return Answers(
        responses=responses,
        coding=mapped.coding,
        row_numbers=np.arange(1, loaded.n_rows + 1, dtype=np.int64),
        source=source,
        instrument=instrument,
        missing_counts=mapped.missing_counts,
        groups=groups,
        left_out=header.left_out(places.used),
        warnings=(*loaded.warnings, *mapped.warnings),
        frame_backend=table.backend,
    )


def _map_items(request: _Request, places: _Places, loaded: Loaded, source: str) -> Mapped:
    items = [cells_of(loaded.columns[position], source) for position in places.items]
    if request.coding is not None:
        return map_coded(items, request.coding, loaded, source)
    return map_integers(items, request.names, loaded, source)
