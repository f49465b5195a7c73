"""Where the rows of a table lie in a SQLite file (sqlite.org/fileformat2.html), to hit a byte of a row."""

from dataclasses import dataclass

LEAF, INTERIOR = 0x0D, 0x05
"""Pages of a table's tree."""

HEADER = 100
"""Bytes of the file before the header of its first page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The bytes `begin` to `end` of the file, which hold a row (or as much of it as its page has room for)."""

    table: str
    begin: int
    end: int


def cells(data: bytes, roots: dict[str, int]) -> list[Cell]:
    """Every row of some tables.

    Args:
        data: the file.
        roots: root page of each table, as `sqlite_schema` tells.
    """
    size = int.from_bytes(data[16:18], "big") or 0
    size = 65536 if size == 1 else size
    return [
        Cell(name, begin, end)
        for name, root in roots.items()
        for page in _leaves(data, size, root)
        for begin, end in _rows(data, size, page)
    ]


def _start(page: int) -> int:
    return HEADER if page == 1 else 0


def _leaves(data: bytes, size: int, page: int) -> list[int]:
    """The leaf pages under a page."""
    base = (page - 1) * size
    head = base + _start(page)
    if data[head] == LEAF:
        return [page]
    assert data[head] == INTERIOR, "no page of a table"
    pointers = [base + _two(data, head + 12 + 2 * number) for number in range(_two(data, head + 3))]
    below = [int.from_bytes(data[at : at + 4], "big") for at in pointers]
    below.append(int.from_bytes(data[head + 8 : head + 12], "big"))
    return [leaf for each in below for leaf in _leaves(data, size, each)]


def _rows(data: bytes, size: int, page: int) -> list[tuple[int, int]]:
    base = (page - 1) * size
    head = base + _start(page)
    found = []
    for number in range(_two(data, head + 3)):
        begin = base + _two(data, head + 8 + 2 * number)
        length, after = _varint(data, begin)
        _, after = _varint(data, after)
        end = after + (length if length <= size - 35 else _kept(length, size) + 4)
        found.append((begin, end))
    return found


def _kept(length: int, size: int) -> int:
    """Bytes of a long row that its own page keeps."""
    least = (size - 12) * 32 // 255 - 23
    kept = least + (length - least) % (size - 4)
    return kept if kept <= size - 35 else least


def _two(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    raise AssertionError("nine bytes at most")
