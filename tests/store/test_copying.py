"""Rows come out of a copy as they went in, on both databases."""

import pytest

from evenhand.errors import StoreError
from evenhand.store import copying, schema
from evenhand.store.store import Store

UGLY = [
    ("ann", "tab\there", "", None, None, None),
    ("ben", "back\\slash \\N \\. \\x41", "analyst", "\\N", bytes(range(256)), None),
    ("eva", "line\nline\rline", "auditor", "", b"", "2026-11-22T15:00:00Z"),
    ("ян", "Ян «Ёж» 𝄞", "caseworker", "\\\\t", b"\\x00\n\t", None),
]
"""Rows of `staff` with what a text format could take for something else."""


def read_back(store: Store) -> list[tuple[object, ...]]:
    with store.snapshot() as connection:
        return sorted(row for batch in copying.rows(connection, schema.staff) for row in batch)


def test_every_value_is_copied_as_it_is(store: Store) -> None:
    with store.unit() as unit:
        copying.write(unit.connection, schema.staff, UGLY)
    assert read_back(store) == sorted(UGLY)


def test_more_rows_than_a_batch_come_in_the_order_of_their_key(store: Store) -> None:
    many = [(f"s{number:05d}", "n", "", None, None, None) for number in range(copying.BATCH + 3)]
    with store.unit() as unit:
        copying.write(unit.connection, schema.staff, many)
    with store.snapshot() as connection:
        batches = list(copying.rows(connection, schema.staff))
    assert [len(batch) for batch in batches] == [copying.BATCH, 3]
    assert [row for batch in batches for row in batch] == many


def test_no_row_is_no_statement(store: Store) -> None:
    with store.unit() as unit:
        copying.write(unit.connection, schema.staff, [])
    assert read_back(store) == []


def test_a_row_that_is_there_already_is_refused_and_explained(store: Store) -> None:
    with store.unit() as unit:
        copying.write(unit.connection, schema.staff, UGLY[:1])
    with pytest.raises(StoreError, match=r"store\.fault"), store.unit() as unit:
        copying.write(unit.connection, schema.staff, UGLY)
    assert read_back(store) == UGLY[:1]
