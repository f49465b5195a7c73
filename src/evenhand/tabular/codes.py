"""From what stands in the cells to category codes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.errors import AnswerFileError
from evenhand.measure.responses import MAX_CATEGORIES, MISSING, CodeArray, IntArray
from evenhand.programme.coding import MISSING_REASONS, ItemCoding, MissingReason, normal_text
from evenhand.tabular.cells import Cells
from evenhand.tabular.table import Loaded, fault, shown

LISTED = 10
"""Bad cells named in one message; the total is always said."""

_REASON_CODE: dict[MissingReason, int] = {reason: -1 - k for k, reason in enumerate(MISSING_REASONS)}
_BAD = -128


@dataclass(frozen=True, slots=True)
class Mapped:
    """Cells turned into codes.

    Attributes:
        codes: (N, J) categories, `MISSING` where there is no answer.
        coding: (J,) how each column was read.
        missing_counts: for each reason that occurs (J,) how many.
        warnings: findings, one sentence each.
    """

    codes: CodeArray
    coding: tuple[ItemCoding, ...]
    missing_counts: dict[MissingReason, IntArray]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Bad:
    """One item's cells that no code stands for."""

    cells: Cells
    coding: ItemCoding | None
    rows: IntArray


def map_coded(items: Sequence[Cells], codings: Sequence[ItemCoding], loaded: Loaded, source: str) -> Mapped:
    """Look every cell up in its item's codes.

    Raises:
        AnswerFileError: cells that are neither an answer nor a code for no answer, or no answer at all.
    """
    warnings: list[str] = []
    marks = [_marks(cells, _lookup(cells, coding, warnings)) for cells, coding in zip(items, codings, strict=True)]
    bad = [
        _Bad(cells, coding, np.flatnonzero(mark == _BAD))
        for cells, coding, mark in zip(items, codings, marks, strict=True)
    ]
    if any(each.rows.size for each in bad):
        raise _unknown_codes(bad, loaded, source)
    return _mapped(marks, tuple(codings), warnings, source)


def map_integers(items: Sequence[Cells], names: Sequence[str], loaded: Loaded, source: str) -> Mapped:
    """Take each item's integers, from the lowest to the highest, as its categories.

    Raises:
        AnswerFileError: cells that are not integers, an item with one distinct answer, none, or too many.
    """
    bad = [_Bad(cells, None, _rows_not_integer(cells)) for cells in items]
    if any(each.rows.size for each in bad):
        raise _unknown_codes(bad, loaded, source)
    warnings: list[str] = []
    coding = tuple(
        _integer_coding(cells, name, warnings, source) for cells, name in zip(items, names, strict=True)
    )
    marks = [_marks(cells, _lookup(cells, each, [])) for cells, each in zip(items, coding, strict=True)]
    return _mapped(marks, coding, warnings, source)


def _mapped(
    marks: Sequence[CodeArray], coding: tuple[ItemCoding, ...], warnings: Sequence[str], source: str
) -> Mapped:
    counts = np.array([np.bincount(-mark[mark < 0], minlength=1 + len(MISSING_REASONS)) for mark in marks])
    codes = np.stack([np.where(mark < 0, np.int8(MISSING), mark) for mark in marks], axis=1)
    if (codes == MISSING).all():
        raise _all_missing("No respondent answered any item.", source)
    missing_counts = {
        reason: counts[:, -code].astype(np.int64)
        for reason, code in _REASON_CODE.items()
        if counts[:, -code].any()
    }
    return Mapped(codes, coding, missing_counts, tuple(warnings))


def _all_missing(what: str, where: str) -> AnswerFileError:
    return fault(
        "answers.all-missing", what, where, "Check that these are the item columns, and the codes for no answer."
    )


def _marks(cells: Cells, lookup: Callable[[str], int]) -> CodeArray:
    """(N,) the category, minus the number of the reason for no answer, or `_BAD`."""
    blank = _REASON_CODE["blank"]
    marks = [blank if text is None or not text.strip() else lookup(text) for text in cells.texts]
    return np.array(marks, dtype=np.int8)[cells.index]


def _lookup(cells: Cells, coding: ItemCoding, warnings: list[str]) -> Callable[[str], int]:
    known = {normal_text(text): category for text, category in coding.codes.items()}
    known |= {normal_text(text): _REASON_CODE[reason] for text, reason in coding.missing.items()}

    def mark(text: str) -> int:
        by_code = known.get(normal_text(text))
        label = cells.label(text)
        by_label = None if label is None else known.get(normal_text(label))
        if cells.declared_missing(text):
            return _declared(by_code, by_label)
        if by_code is not None and by_label is not None and by_code != by_label:
            warnings.append(
                f"In column {cells.column.name!r} the file labels the code {normal_text(text)} {label!r}, "
                "which the instrument codes otherwise: the label was followed."
            )
        # People chose between labels; what number a file gives a label is the file's own affair.
        if by_label is not None:
            return by_label
        return _BAD if by_code is None else by_code

    return mark


def _declared(by_code: int | None, by_label: int | None) -> int:
    """A code that the file declares missing: the instrument may only say for which reason."""
    reasons = [mark for mark in (by_code, by_label) if mark is not None and mark < 0]
    return reasons[0] if reasons else _REASON_CODE["blank"]


def _integer(text: str) -> int | None:
    plain = normal_text(text)
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def _answered(cells: Cells) -> list[str]:
    """The distinct texts that are answers, as far as the file itself says."""
    return [text for text in cells.texts if text is not None and text.strip() and not cells.declared_missing(text)]


def _rows_not_integer(cells: Cells) -> IntArray:
    wrong = {text for text in _answered(cells) if _integer(text) is None}
    flags = np.array([text in wrong for text in cells.texts], dtype=bool)
    return np.flatnonzero(flags[cells.index])


def _integer_coding(cells: Cells, name: str, warnings: list[str], source: str) -> ItemCoding:
    values = sorted({value for text in _answered(cells) if (value := _integer(text)) is not None})
    where = f"{source}, column {cells.column.name!r}"
    if not values:
        raise _all_missing(f"The item {name!r} has no answers.", where)
    if len(values) == 1:
        raise fault(
            "answers.constant-item",
            f"Everyone who answered the item {name!r} gave {values[0]}.",
            where,
            "Leave the item out, or describe it in an instrument file.",
            "Without an instrument the categories are learnt from the answers, and one shows no second.",
        )
    low, high = values[0], values[-1]
    if high - low >= MAX_CATEGORIES:
        raise fault(
            "answers.too-many-categories",
            f"The item {name!r} has codes from {low} to {high}.",
            where,
            "Check that this is an item; give codes for no answer in an instrument file.",
            f"An item has at most {MAX_CATEGORIES} categories.",
        )
    _warn_of_gaps(name, values, warnings)
    return ItemCoding(name, high - low + 1, {str(code): code - low for code in range(low, high + 1)})


def _warn_of_gaps(name: str, values: Sequence[int], warnings: list[str]) -> None:
    unused = sorted(set(range(values[0], values[-1])) - set(values))
    if unused:
        listed = ", ".join(map(str, unused[:LISTED])) + (", …" if len(unused) > LISTED else "")
        warnings.append(
            f"Nobody gave the code {listed} of item {name!r} ({values[0]} to {values[-1]}): an empty category. "
            "If the highest or lowest code means no answer, use an instrument file."
        )


def _unknown_codes(bad: Sequence[_Bad], loaded: Loaded, source: str) -> AnswerFileError:
    """One error for all bad cells, the first ones named, in the order of the rows."""
    total = sum(each.rows.size for each in bad)
    first = sorted((int(row), k) for k, each in enumerate(bad) for row in each.rows[:LISTED])[:LISTED]
    row, k = first[0]
    cells, coding = bad[k].cells, bad[k].coding
    others = "; ".join(
        f"{loaded.place(row)}, {bad[k].cells.column.name!r}: {_cell(bad[k].cells, row)}" for row, k in first[1:]
    )
    name = cells.column.name
    counted = "One cell holds" if total == 1 else f"{total:,} cells hold"
    return fault(
        "answers.unknown-code" if coding else "answers.not-integer",
        f"{counted} no code of the item; the first is {_cell(cells, row)} in column {name!r}.",
        f"{source}, {loaded.place(row)}, column {name!r}",
        _mend(cells.texts[cells.index[row]] or "", coding),
        f"{_allowed(coding)}{f' Also: {others}.' if others else ''}",
    )


def _cell(cells: Cells, row: int) -> str:
    return shown(cells.texts[cells.index[row]])


def _allowed(coding: ItemCoding | None) -> str:
    if coding is None:
        return "Without an instrument a cell holds an integer or is empty."
    missing = f"; no answer: {_listed(coding.missing)}" if coding.missing else ""
    return f"Allowed are: {_listed(coding.codes)}{missing}, or an empty cell."


def _listed(texts: dict[str, int] | dict[str, MissingReason]) -> str:
    names = list(texts)
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _mend(text: str, coding: ItemCoding | None) -> str:
    if normal_text(text) in {"na", "nan", "n/a", "null", "none", ".", "#n/a"}:
        return 'Leave the cell empty where there is no answer (in R: write.csv(…, na = "")).'
    if coding is None:
        return "Correct the cells, or use an instrument file that says what they mean."
    return "Correct the cells, or add the code to the instrument as an answer or as missing."
