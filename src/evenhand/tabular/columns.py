"""Which column of a header is meant by a name."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from evenhand.errors import AnswerFileError
from evenhand.programme.coding import ItemCoding
from evenhand.programme.guard import is_paradata, last_element
from evenhand.tabular.table import Table, fault


class Header:
    """The names of a table's columns, found by name.

    A name is looked for as it stands, then under the item's aliases, then as the last element of a
    `group/question` name, then without regard to capitals; the first way that finds anything decides.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._exact = _positions(table.header)
        self._last = _positions(last_element(name) for name in table.header)
        self._folded = _positions(last_element(name).casefold() for name in table.header)

    def find(self, name: str, aliases: Sequence[str] = ()) -> int | None:
        """The position of the column, or None.

        Raises:
            AnswerFileError: two columns are meant equally.
        """
        ways = (
            [self._exact.get(name, [])],
            [self._exact.get(alias, []) for alias in aliases],
            [self._last.get(each, []) for each in (name, *aliases)],
            [self._folded.get(each.casefold(), []) for each in (name, *aliases)],
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
        return position

    def items(self, codings: Sequence[ItemCoding]) -> list[int]:
        """The position of each item's column.

        Raises:
            AnswerFileError: an item has no column, or two items mean the same one.
        """
        found = [self.find(coding.name, coding.aliases) for coding in codings]
        absent = [coding.name for coding, position in zip(codings, found, strict=True) if position is None]
        if absent:
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
        names = (name for k, name in enumerate(self.table.header) if k not in kept)
        return tuple(name for name in names if is_paradata(name))

    def hint(self, name: str) -> str:
        """`Did you mean 'Q1'? `, or nothing."""
        shortened = {last_element(each).casefold(): each for each in self.table.header if each}
        close = difflib.get_close_matches(name.casefold(), list(shortened), n=1, cutoff=0.6)
        return f"Did you mean {shortened[close[0]]!r}? " if close else ""

    def _listed(self) -> str:
        names = [name for name in self.table.header if name and not is_paradata(name)]
        return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "none"

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


def _positions(names: Iterable[str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for position, name in enumerate(names):
        if name:
            index[name].append(position)
    return dict(index)
