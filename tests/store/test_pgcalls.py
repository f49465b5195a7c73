"""PostgreSQL asked in few exchanges: what comes back, and every error, is as from the driver itself."""

from collections.abc import Callable, Iterator
from typing import Any

import pg8000.dbapi
import pytest

from evenhand.store.pgcalls import AT_ONCE, KEPT, QuickConnection
from tests.store.stores import PostgresBox


@pytest.fixture
def line(postgres_box: Callable[[], PostgresBox]) -> Iterator[QuickConnection]:
    made = QuickConnection(user="postgres", database="postgres", unix_sock=postgres_box().socket)
    made.cursor().execute("CREATE TEMPORARY TABLE thing (id bigint PRIMARY KEY, name text, body bytea)")
    yield made
    made.rollback()
    made.close()


def rows(line: QuickConnection, statement: str, *given: Any) -> list[list[Any]]:
    cursor = line.cursor()
    cursor.execute(statement, given)
    return [list(each) for each in cursor.fetchall()]


def exchanges(line: QuickConnection, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one for each question to the server."""
    asked: list[int] = []
    real = line.handle_messages

    def counted(context: Any) -> None:
        asked.append(1)
        real(context)

    monkeypatch.setattr(line, "handle_messages", counted)
    return asked


def test_values_come_back_as_they_went_in(line: QuickConnection) -> None:
    line.cursor().execute("INSERT INTO thing VALUES (%s, %s, %s)", (2**40, "имя 'x' %", b"\x00\xff"))
    line.cursor().execute("INSERT INTO thing VALUES (%s, %s, %s)", (2, None, None))
    assert rows(line, "SELECT * FROM thing ORDER BY id") == [[2, None, None], [2**40, "имя 'x' %", b"\x00\xff"]]
    for _ in range(3):
        assert rows(line, "SELECT name FROM thing WHERE id = %s", 2**40) == [["имя 'x' %"]]
        assert rows(line, "SELECT name FROM thing WHERE id = %s", 7) == []


def test_a_statement_takes_one_exchange_however_often_it_is_run(
    line: QuickConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = exchanges(line, monkeypatch)
    for number in range(5):
        rows(line, "SELECT %s::int", number)
    assert len(asked) == 5
    line.commit()
    assert len(asked) == 6


def test_a_transaction_begins_with_its_first_statement(line: QuickConnection) -> None:
    line.commit()
    assert not line._in_transaction
    rows(line, "SELECT %s::int", 1)
    assert line._in_transaction
    line.rollback()
    assert not line._in_transaction


def test_several_sets_are_counted_together(line: QuickConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor, asked = line.cursor(), exchanges(line, monkeypatch)
    cursor.executemany("INSERT INTO thing (id) VALUES (%s)", [(n,) for n in range(AT_ONCE + 50)])
    assert (cursor.rowcount, len(asked)) == (AT_ONCE + 50, 2)
    cursor.execute("UPDATE thing SET name = %s WHERE id < %s", ("a", 10))
    assert cursor.rowcount == 10


def test_a_refused_statement_says_why_and_the_line_stays_usable(line: QuickConnection) -> None:
    line.cursor().execute("INSERT INTO thing (id) VALUES (%s)", (1,))
    line.commit()
    with pytest.raises(pg8000.dbapi.IntegrityError) as error:
        line.cursor().execute("INSERT INTO thing (id) VALUES (%s)", (1,))
    assert error.value.args[0]["C"] == "23505"
    with pytest.raises(pg8000.dbapi.ProgrammingError):
        rows(line, "SELECT 1 WHERE 1 = %s", 1)  # the transaction was aborted
    line.rollback()
    with pytest.raises(pg8000.dbapi.ProgrammingError):
        rows(line, "SELECT nothing FROM nowhere WHERE 1 = %s", 1)
    line.rollback()
    assert rows(line, "SELECT count(*) FROM thing WHERE id = %s", 1) == [[1]]
    line.cursor().execute("DELETE FROM thing")
    line.commit()


def test_a_set_that_is_refused_takes_the_others_of_its_exchange_with_it(line: QuickConnection) -> None:
    line.commit()
    with pytest.raises(pg8000.dbapi.IntegrityError):
        line.cursor().executemany("INSERT INTO thing (id) VALUES (%s)", [(1,), (2,), (1,), (3,)])
    line.rollback()
    assert rows(line, "SELECT count(*) FROM thing WHERE id > %s", 0) == [[0]]


def test_a_kept_statement_that_no_longer_fits_its_table_is_parsed_anew(line: QuickConnection) -> None:
    assert rows(line, "SELECT * FROM thing WHERE id > %s", 0) == []
    line.cursor().execute("ALTER TABLE thing ADD COLUMN more text")
    line.commit()
    with pytest.raises(pg8000.dbapi.ProgrammingError):
        rows(line, "SELECT * FROM thing WHERE id > %s", 0)
    line.rollback()
    assert rows(line, "SELECT * FROM thing WHERE id > %s", 0) == []


def test_only_so_many_statements_are_kept(line: QuickConnection) -> None:
    for number in range(KEPT + 5):
        assert rows(line, f"SELECT {number} + %s::int", 1) == [[number + 1]]
    assert rows(line, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE %s", "evenhand%")[0][0] <= KEPT
    line.rollback()
