"""Copying tables row by row, in the order of their keys, from one database to another: backup and restore."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, insert, select, tuple_
from sqlalchemy.engine import Connection

from evenhand.store import schema

BATCH = 2000
"""Rows read and written at once."""


def tables(*, with_keys: bool) -> list[Table]:
    """Every table, those that others point to first; case keys only where asked for."""
    return [each for each in schema.metadata.sorted_tables if with_keys or each is not schema.case_key]


def rows(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in batches, in the order of its key."""
    key = list(table.primary_key.columns)
    last: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*key).limit(BATCH)
        if last is not None:
            query = query.where(tuple_(*key) > tuple_(*last) if len(key) > 1 else key[0] > last[0])
        batch = [dict(row._mapping) for row in connection.execute(query)]
        if not batch:
            return
        yield batch
        last = tuple(batch[-1][column.name] for column in key)


def copy(source: Connection, target: Connection, table: Table) -> int:
    """Copy a table.

    Returns:
        How many rows.
    """
    count = 0
    for batch in rows(source, table):
        target.execute(insert(table), batch)
        count += len(batch)
    return count
