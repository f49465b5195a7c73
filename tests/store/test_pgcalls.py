"""PostgreSQL asked in few exchanges: what comes back, and every error, is as from the driver itself."""

from collections.abc import Callable, Iterator
from typing import Any

import pg8000.dbapi
import pytest

from evenhand.store import ledger, pgcalls
from evenhand.store.pgcalls import AT_ONCE, KEPT, QuickConnection
from evenhand.store.schema import LATER
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


LATER_INSERT = "INSERT /* later */ INTO thing (id) VALUES (%s)"
COMING: dict[str, Callable[[QuickConnection], object]] = {
    "a statement": lambda line: rows(line, "SELECT 1 WHERE 1 = %s", 1),
    "the driver's own way": lambda line: line.cursor().executemany("SELECT 1", []),
    "commit": lambda line: line.commit(),
}


def test_the_mark_is_the_one_that_the_store_uses() -> None:
    assert LATER_INSERT.startswith(f"INSERT {LATER} ")
    assert all(LATER in str(each) for each in (ledger.ADD_LEAF, ledger.ADD_NODE))


@pytest.fixture
def ready(line: QuickConnection) -> QuickConnection:
    """Where that INSERT is parsed already; the first one is never put off."""
    line.cursor().execute(LATER_INSERT, (0,))
    line.commit()
    return line


def test_what_may_wait_goes_out_with_the_next_statement(
    ready: QuickConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = "SELECT count(*) FROM thing WHERE id > %s"
    assert rows(ready, count, 0) == [[0]]
    asked = exchanges(ready, monkeypatch)
    flushed: list[int] = []

    def flush(socket: Any) -> None:
        flushed.append(1)
        socket.flush()

    monkeypatch.setattr(pgcalls, "_flush", flush)
    ready.cursor().execute(LATER_INSERT, (1,))
    ready.cursor().executemany(LATER_INSERT, [(2,), (3,)])
    assert (asked, flushed) == ([], [])
    assert rows(ready, count, 0) == [[3]]
    assert (len(asked), len(flushed)) == (3, 1)
    ready.commit()
    assert rows(ready, count, 0) == [[3]]


@pytest.mark.parametrize("coming", COMING.values(), ids=COMING)
def test_what_waited_and_was_refused_is_told_by_what_comes_next(
    ready: QuickConnection, coming: Callable[[QuickConnection], object]
) -> None:
    rows(ready, "SELECT 1 WHERE 1 = %s", 1)
    ready.cursor().execute(LATER_INSERT, (1,))
    ready.cursor().execute(LATER_INSERT, (1,))
    with pytest.raises(pg8000.dbapi.DatabaseError) as error:
        coming(ready)
    assert error.value.args[0]["C"] == "23505"
    ready.rollback()
    assert rows(ready, "SELECT count(*) FROM thing WHERE id > %s", 0) == [[0]]


def test_a_rollback_undoes_what_waited_and_was_refused(ready: QuickConnection) -> None:
    rows(ready, "SELECT 1 WHERE 1 = %s", 1)
    ready.cursor().execute(LATER_INSERT, (1,))
    ready.cursor().execute(LATER_INSERT, (0,))
    ready.rollback()
    assert rows(ready, "SELECT count(*) FROM thing WHERE id >= %s", 0) == [[1]]


def test_nothing_waits_outside_a_transaction(ready: QuickConnection) -> None:
    ready.autocommit = True
    ready.cursor().execute(LATER_INSERT, (1,))
    with pytest.raises(pg8000.dbapi.IntegrityError):
        ready.cursor().execute(LATER_INSERT, (1,))
    ready.autocommit = False


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
