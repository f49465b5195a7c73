"""What a picture is: its drawing for wide and for narrow pages, its words and its table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture.

    Attributes:
        caption: what the rows are.
        columns: headings, the first over the row headings.
        rows: cells as text; the first of each row is its heading.
        text_columns: columns after the first that hold words, not numbers.
        note: a remark under the table, or empty.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that can stand on any page.

    Attributes:
        key: short name, unique on a page; every id within the drawings starts with it.
        title: what it shows, a few words.
        description: what can be seen in it, in sentences.
        reading: how to read it, in plain words.
        svg: the drawing, an `<svg>` element without prologue, for columns of about 740 pixels.
        narrow_svg: the same numbers laid out for telephones, about 340 pixels wide.
        table: the same numbers as a table.
    """

    key: str
    title: str
    description: str
    reading: str
    svg: str
    narrow_svg: str
    table: Table
