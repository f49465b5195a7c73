"""Which column of a header is meant by a name."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from evenhand.errors import AnswerFileError
from evenhand.programme.coding import ItemCoding
from evenhand.programme.guard import is_paradata, last_element
from evenhand.tabular.systems import refuse_system_column, system_columns
from evenhand.tabular.table import Table, fault


class Header:
    """The names of a table's columns, found by name.

    A name is looked for as it stands, then under the item's aliases, then as the last element of a
    `group/question` name, then without regard to capitals, then as the end of a `group-question` or
    `group.question` name, then with any of these marks for another (`coping_sell` for `coping/sell`), and last by
    the question's own text, which some exports have for a header; the first way that finds anything decides.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._exact = _positions(table.header)
        self._last = _positions(last_element(name) for name in table.header)
        self._folded = _positions(last_element(name).casefold() for name in table.header)
        self._tails = _positions_of_all(_tails(name) for name in table.header)
        self._alike = _positions_of_all({_alike(tail) for tail in _tails(name, "/")} for name in table.header)
        self._texts = _positions_of_all(_texts(name) for name in table.header)
        self.system = system_columns(table.header)

    def find(self, name: str, aliases: Sequence[str] = (), headings: Sequence[str] = ()) -> int | None:
        """The position of the column, or None.

        Args:
            name: name of the item or column.
            aliases: other names of it.
            headings: texts of the question.

        Raises:
            AnswerFileError: two columns are meant equally.
        """
        ways = (
            [self._exact.get(name, [])],
            [self._exact.get(alias, []) for alias in aliases],
            [self._last.get(each, []) for each in (name, *aliases)],
            [self._folded.get(each.casefold(), []) for each in (name, *aliases)],
            [self._tails.get(each.casefold(), []) for each in (name, *aliases)],
            [self._alike.get(_alike(each), []) for each in (name, *aliases)],
            [self._texts.get(_text(each), []) for each in headings],
        )
        for way in ways:
            found = sorted({position for positions in way for position in positions})
            if len(found) > 1:
                raise self._duplicate(name, found)
            if found:
                return found[0]
        return None

    def require(self, name: str, use: str) -> int:
        """The position of the column.

        Raises:
            AnswerFileError: there is none, or two are meant equally.
            BoundaryError: it is a column that the survey's server added.
        """
        position = self.find(name)
        if position is None:
            raise fault(
                "answers.unknown-column",
                f"There is no column {name!r}, which was to be used as {use}.",
                self.table.source,
                f"{self.hint(name)}Name one of the columns.",
                f"The columns are: {self._listed()}.",
            )
        header = self.table.header[position]
        # A name that begins with _ may be a person's own weights; the guard has decided about it.
        if position in self.system and not is_paradata(header):
            raise refuse_system_column(header)
        return position

    def items(self, codings: Sequence[ItemCoding]) -> list[int]:
        """The position of each item's column.

        Raises:
            AnswerFileError: an item has no column, or two items mean the same one.
        """
        found = [self.find(coding.name, coding.aliases, coding.headings) for coding in codings]
        absent = [coding.name for coding, position in zip(codings, found, strict=True) if position is None]
        if absent:
            self._check_other_sheets(absent)
            raise fault(
                "answers.missing-items",
                f"There is no column for {len(absent)} of the {len(codings)} items: {', '.join(absent)}.",
                self.table.source,
                f"{self.hint(absent[0])}Name the columns as the items, or add aliases to the instrument.",
                f"The columns are: {self._listed()}.",
            )
        positions = [position for position in found if position is not None]
        self._check_distinct(positions, codings)
        return positions

    def left_out(self, used: Iterable[int]) -> tuple[str, ...]:
        """The system and paradata columns, which are never read."""
        kept = set(used)
        return tuple(name for k, name in enumerate(self.table.header) if k in self.system and k not in kept)

    def hint(self, name: str) -> str:
        """`Did you mean 'Q1'? `, or nothing."""
        shortened = {last_element(each).casefold(): each for each in self.table.header if each}
        close = difflib.get_close_matches(name.casefold(), list(shortened), n=1, cutoff=0.6)
        return f"Did you mean {shortened[close[0]]!r}? " if close else ""

    def _listed(self) -> str:
        names = [name for k, name in enumerate(self.table.header) if name and k not in self.system]
        return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "none"

    def _check_other_sheets(self, absent: Sequence[str]) -> None:
        """Say where the items are, if they are on another sheet: a repeat, whose rows are no respondents."""
        wanted = {name.casefold() for name in absent}
        for sheet, header in self.table.other_sheets().items():
            if wanted & {last_element(name).casefold() for name in header}:
                raise fault(
                    "answers.repeat-sheet",
                    f"The items {', '.join(absent)} are on the sheet {sheet!r}, not on the first one.",
                    self.table.source,
                    "Save that sheet as a file of its own, if each of its rows is a respondent.",
                    "Further sheets of an export hold repeats: several rows may belong to one person.",
                )

    def _duplicate(self, name: str, found: Sequence[int]) -> AnswerFileError:
        listed = ", ".join(f"{self.table.header[k]!r} (column {k + 1})" for k in found)
        return fault(
            "answers.duplicate-column",
            f"Several columns are meant by {name!r}.",
            f"{self.table.source}, header",
            "Rename or drop all but one of them.",
            f"They are: {listed}.",
        )

    def _check_distinct(self, positions: Sequence[int], codings: Sequence[ItemCoding]) -> None:
        owner: dict[int, str] = {}
        for position, coding in zip(positions, codings, strict=True):
            if owner.setdefault(position, coding.name) != coding.name:
                raise fault(
                    "answers.same-column",
                    f"The items {owner[position]!r} and {coding.name!r} mean the same column.",
                    f"{self.table.source}, column {self.table.header[position]!r}",
                    "Give each item its own column.",
                )


def _positions_of_all(names: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for position, several in enumerate(names):
        for name in several:
            if name:
                index[name].append(position)
    return dict(index)


def _tails(name: str, marks: str = "/.-") -> set[str]:
    """The ends of a name of groups and question, from each of the marks on, and the whole, in small letters."""
    folded = name.casefold()
    return {folded} | {folded[k + 1 :] for k, mark in enumerate(folded) if mark in marks}


def _alike(name: str) -> str:
    return re.sub(r"[/.\-]", "_", name.casefold())


def _text(text: str) -> str:
    return " ".join(text.casefold().split())


def _texts(name: str) -> set[str]:
    """A header as the text of a question, with the labels of its groups before it or without."""
    return {_text(tail) for tail in _tails(name, "/")}


def _positions(names: Iterable[str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for position, name in enumerate(names):
        if name:
            index[name].append(position)
    return dict(index)
