"""Questions with several answers, as Kobo and ODK export them: a column of 0 and 1 for each choice, and a summary.

Exports write 0 for every choice of a question that was not answered. Only the summary column (`coping` = "sell
borrow" beside `coping/sell` and `coping/borrow`) tells a person who passed over the question from one to whom the
choice does not apply: where it is blank, the zeros are no answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import polars as pl

from evenhand.errors import AnswerFileError
from evenhand.programme.coding import ItemCoding, normal_text
from evenhand.tabular.parts import Part, Stream
from evenhand.tabular.table import Column, Loaded, Table, fault

AnyLoaded = TypeVar("AnyLoaded", bound=Loaded)

_TICKED = ("1", "1.0", "true")
_NOT_TICKED = ("0", "0.0", "false")


@dataclass(frozen=True, slots=True)
class Select:
    """An item that is one choice of a question with several answers.

    Attributes:
        item: position of its column.
        summary: position of the question's summary column.
        option: name of the choice, as it stands in the summary.
        siblings: names of all choices that have a column.
        coding: how the item is read, or None without an instrument.
        certain: whether the header alone shows that it is such a question; else the summary has to.
    """

    item: int
    summary: int
    option: str
    siblings: frozenset[str]
    coding: ItemCoding | None
    certain: bool


def selects_of(
    header: Sequence[str], items: Sequence[int], codings: Sequence[ItemCoding] | None
) -> tuple[Select, ...]:
    """The items that are choices of a question with several answers and a summary column.

    Args:
        header: the column names.
        items: (J,) positions of the items.
        codings: (J,) how they are read, or None without an instrument.
    """
    places = {name: place for place, name in enumerate(header)}
    known = [None] * len(items) if codings is None else list(codings)
    found = (_select(header, places, item, coding) for item, coding in zip(items, known, strict=True))
    return tuple(each for each in found if each is not None)


def _select(header: Sequence[str], places: dict[str, int], item: int, coding: ItemCoding | None) -> Select | None:
    # Programs for statistics turn the stroke into a point.
    for mark in "/.":
        question, found, option = header[item].rpartition(mark)
        if not found or question not in places or not option:
            continue
        siblings = frozenset(
            name.removeprefix(f"{question}{mark}") for name in header if name.startswith(f"{question}{mark}")
        )
        if mark == "/" or len(siblings) > 1:
            return Select(item, places[question], option, siblings, coding, certain=mark == "/")
    return None


def with_summaries(table: Table, selects: Sequence[Select]) -> Table:
    """The table, whose columns of single choices are blank where the question was not answered."""
    if not selects:
        return table

    def load(positions: Sequence[int]) -> Loaded:
        return _recovered(table.load(_with(positions, selects)), selects, table.source)

    return replace(table, load=load)


def parts_with_summaries(stream: Stream, selects: Sequence[Select]) -> Stream:
    """The same for a file that is read part by part."""
    if not selects:
        return stream

    def parts(positions: Sequence[int]) -> Iterator[Part]:
        for part in stream.parts(_with(positions, selects)):
            yield _recovered(part, selects, stream.table.source)

    return replace(stream, parts=parts)


def _with(positions: Sequence[int], selects: Sequence[Select]) -> list[int]:
    return sorted({*positions, *(each.summary for each in selects)})


def _recovered(loaded: AnyLoaded, selects: Sequence[Select], source: str) -> AnyLoaded:
    columns = dict(loaded.columns)
    for select in selects:
        if select.item in columns:
            columns[select.item] = _column(columns[select.item], columns[select.summary], select, loaded, source)
    return replace(loaded, columns=columns)


def _column(column: Column, summary: Column, select: Select, loaded: Loaded, source: str) -> Column:
    told = _text(summary.values)
    texts = [text for text in told.unique().to_list() if text is not None]
    named = all(set(text.split()) <= select.siblings for text in texts)
    if not select.certain and not named:
        return column
    blank = told.is_null()
    cells = _text(column.values)
    plain = cells.str.to_lowercase()
    ticked, left = plain.is_in(_TICKED), plain.is_in(_NOT_TICKED)
    chosen = told.is_in([text for text in texts if select.option in text.split()]) & ~blank
    contrary = ticked.fill_null(value=False) & blank
    if named:
        contrary |= ticked.fill_null(value=False) & ~chosen.fill_null(value=False)
        contrary |= left.fill_null(value=False) & chosen.fill_null(value=False)
    if contrary.any():
        raise _contrary(int(contrary.arg_true()[0]), column, summary, loaded, source)
    values = pl.DataFrame({"cell": cells, "told": told, "chosen": chosen, "blank": blank}).select(
        _answer(select, fill=named)
    )["answer"]
    return replace(column, values=values)


def _answer(select: Select, *, fill: bool) -> pl.Expr:
    """The cell: blank where the question is, the code where the summary holds nothing but a code for no answer."""
    reasons = [] if select.coding is None else [text for text in select.coding.missing if " " not in text]
    no_answer = pl.col("told").str.to_lowercase().is_in([normal_text(text) for text in reasons])
    cell = pl.col("cell")
    if fill:
        said = pl.when(pl.col("chosen").fill_null(value=False)).then(pl.lit("1")).otherwise(pl.lit("0"))
        cell = pl.when(cell.is_null()).then(said).otherwise(cell)
    blank = pl.lit(None, dtype=pl.String)
    answer = pl.when(pl.col("blank")).then(blank).when(no_answer).then(pl.col("told")).otherwise(cell)
    return answer.alias("answer")


def _text(values: pl.Series) -> pl.Series:
    """Trimmed text; null where a cell is empty."""
    if values.dtype == pl.Boolean:
        values = values.cast(pl.Int8)
    if values.dtype.is_float():
        values = values.fill_nan(None)
    text = values.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def _contrary(row: int, column: Column, summary: Column, loaded: Loaded, source: str) -> AnswerFileError:
    told = "blank" if summary.values[row] is None else repr(summary.values[row])
    return fault(
        "answers.select-multiple",
        f"The column {column.name!r} holds {column.values[row]!r} where {summary.name!r} is {told}.",
        f"{source}, {loaded.place(row)}, column {column.name!r}",
        "Export the answers again, or drop the column that was changed.",
        "Both columns hold the same answers of a question with several answers.",
    )
