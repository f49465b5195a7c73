"""Copying tables in batches, in the order of their keys, from one database to another: backup and restore."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Table, insert, select, tuple_
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from evenhand.store import schema

BATCH = 2000
"""Rows read and written at once."""

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What PostgreSQL's COPY reads otherwise in text (its documentation, *Text Format*)."""


def tables(*, with_keys: bool) -> list[Table]:
    """Every table, those that others point to first; case keys only where asked for."""
    return [each for each in schema.metadata.sorted_tables if with_keys or each is not schema.case_key]


def rows(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table in batches, in the order of its key; a row's values as the table's columns stand."""
    key = list(table.primary_key.columns)
    places = [table.columns.keys().index(column.name) for column in key]
    last: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*key).limit(BATCH)
        if last is not None:
            query = query.where(tuple_(*key) > tuple_(*last) if len(key) > 1 else key[0] > last[0])
        batch = [tuple(row) for row in connection.execute(query)]
        if not batch:
            return
        yield batch
        last = tuple(batch[-1][place] for place in places)


def write(connection: Connection, table: Table, batch: Sequence[tuple[Any, ...]]) -> None:
    """Write new rows, their values as the table's columns stand."""
    if not batch:
        return
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, batch)
        return
    names = table.columns.keys()
    connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in batch])


def copy(source: Connection, target: Connection, table: Table) -> int:
    """Copy a table.

    Returns:
        How many rows.
    """
    count = 0
    for batch in rows(source, table):
        write(target, table, batch)
        count += len(batch)
    return count


def _copy_in(connection: Connection, table: Table, batch: Sequence[tuple[Any, ...]]) -> None:
    """One COPY a batch: a statement a row would wait for the server each time."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in table.columns.keys())  # noqa: SIM118 - columns iterate as columns
    lines = "".join("\t".join(map(_as_text, row)) + "\n" for row in batch)
    command = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(command, stream=io.BytesIO(lines.encode()))
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(command, None, error) from error
    finally:
        cursor.close()


def _as_text(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes | memoryview):
        return f"\\\\x{value.hex()}"
    return str(value).translate(ESCAPES)
