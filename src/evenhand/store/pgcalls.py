"""pg8000 in fewer exchanges: a statement, and the start of its transaction, with one question to the server.

The driver's own way takes three exchanges for each statement, and a fourth to begin the transaction. Here parse,
bind, describe and execute go out together, as PostgreSQL's extended protocol allows, and a statement that was
parsed before on the same connection is only bound and executed. What comes back, and every error, is the driver's.

A statement marked with `LATER` gives nothing that is needed at once: it goes out together with the next one that
is not, in one exchange, and an error of it is raised there.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import Any

from pg8000.converters import make_params
from pg8000.core import (
    BIND,
    DESCRIBE,
    EXECUTE_MSG,
    NULL_BYTE,
    PARSE,
    STATEMENT,
    SYNC_MSG,
    Context,
    H_pack,
    _flush,
    _write,
    i_pack,
)
from pg8000.dbapi import IntegrityError, ProgrammingError, convert_paramstyle
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.legacy import Connection, Cursor

from evenhand.store.schema import LATER

KEPT = 256
"""Statements that a connection keeps parsed; further ones are parsed each time."""

AT_ONCE = 200
"""Sets of values in one exchange: what both sides have on the way stays within the buffers between them."""

OUTDATED = frozenset({"0A000", "26000"})
"""A kept statement no longer fits the tables, or is not there: all are parsed anew."""

_KINDS = {"28000": InterfaceError, "23505": IntegrityError}
"""The driver's errors by SQLSTATE; any other is a `ProgrammingError`, as in the driver."""


@lru_cache(maxsize=1024)
def _numbered(operation: str) -> str:
    """A statement with $1, $2 … in place of each %s; the driver reads it letter by letter, so once is enough."""
    return str(convert_paramstyle("format", operation, ())[0])


class QuickCursor(Cursor):  # type: ignore[misc] # pg8000 publishes no types
    """A cursor whose statements take one exchange."""

    def execute(self, operation: str, args: Sequence[Any] = (), stream: Any = None) -> "QuickCursor":
        """Run a statement, in a transaction that is begun with it where there is none.

        Raises:
            pg8000.DatabaseError: the server refuses it.
            pg8000.InterfaceError: the line is gone.
        """
        if not self._open or stream is not None or not isinstance(args, (tuple, list)):
            self._settle()
            super().execute(operation, args, stream)
            return self
        return self._run(operation, [args] if args else [])

    def executemany(self, operation: str, param_sets: Iterable[Sequence[Any]]) -> "QuickCursor":
        """Run a statement with each of several sets of values.

        Raises:
            pg8000.DatabaseError: the server refuses one.
            pg8000.InterfaceError: the line is gone.
        """
        sets = list(param_sets)
        if not self._open or not sets or not sets[0]:
            self._settle()
            super().executemany(operation, sets)
            return self
        count = 0
        for start in range(0, len(sets), AT_ONCE):
            self._run(operation, sets[start : start + AT_ONCE])
            count += self._context.row_count
        self._context.row_count = count
        return self

    @property
    def _open(self) -> bool:
        return self._c is not None and self._c._sock is not None

    def _run(self, operation: str, sets: Sequence[Sequence[Any]]) -> "QuickCursor":
        begins = not self._c._in_transaction and not self._c.autocommit
        later = self._c._in_transaction and operation.startswith(f"INSERT {LATER}")
        try:
            self._context = self._c.call(operation, sets, begins=begins, later=later)
        except DatabaseError as error:
            told = error.args[0]
            raise _KINDS.get(told.get("C", ""), ProgrammingError)(told) from None
        self._row_iter = iter(self._context.rows or ())
        return self

    def _settle(self) -> None:
        """Nothing may wait where the driver asks in its own way."""
        if self._open:
            self._c.settle()


class QuickConnection(Connection):  # type: ignore[misc] # pg8000 publishes no types
    """A connection that asks the server as few times as it can."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._parsed: dict[str, tuple[bytes, Any, Any]] = {}
        self._numbers = count()
        self._waiting: list[Any] = []
        super().__init__(*arguments, **options)

    def cursor(self) -> QuickCursor:
        """A cursor on this connection."""
        return QuickCursor(self)

    def execute_unnamed(self, statement: str, vals: Any = (), oids: Any = (), stream: Any = None) -> Any:
        """What the driver sends by itself, as COMMIT: in one exchange too."""
        if vals or oids or stream is not None:
            self.settle()
            return super().execute_unnamed(statement, vals, oids, stream)
        if statement == "rollback":
            with suppress(DatabaseError):  # what went wrong is undone, and was told or is not asked for
                self.settle()
        return self.call(statement, [])

    def settle(self) -> None:
        """Read the answers that were not read yet.

        Raises:
            pg8000.DatabaseError: the server refused one of those statements.
            pg8000.InterfaceError: the line is gone.
        """
        if self._waiting:
            self._answers([])

    def call(
        self, operation: str, sets: Sequence[Sequence[Any]], *, begins: bool = False, later: bool = False
    ) -> Any:
        """Run a statement in one exchange, as often as there are sets of values.

        Args:
            operation: the statement, with %s for each value; several statements only where there is no value.
            sets: sets of values; none for a statement without any.
            begins: whether a transaction is begun first, in the same exchange.
            later: whether it may wait and go out with the next statement; its rows are then not to be had.

        Returns:
            The driver's context, with rows, and how many they are in all.

        Raises:
            pg8000.DatabaseError: the server refuses it; the line stays usable.
            pg8000.InterfaceError: the line is gone.
        """
        asked = [Context("begin transaction")] if begins else []
        if begins:
            self.send_QUERY("begin transaction")
        if not sets:
            self.send_QUERY(operation)
            asked.append(Context(operation))
            self._answers(asked)
            return asked[-1]
        later = later and operation in self._parsed
        name, columns, readers = self._parsed.get(operation) or (self._parse(operation), None, None)
        context = Context(operation, columns=columns, input_funcs=readers)
        for each in sets:
            self._bind(name, make_params(self.py_types, each))
        _write(self._sock, SYNC_MSG)
        if later:
            self._waiting.append(context)
            return context
        self._answers([*asked, context])
        if name != NULL_BYTE:
            self._parsed[operation] = (name, context.columns, context.input_funcs)
        return context

    def _answers(self, asked: Sequence[Any]) -> None:
        """Read the answer to each part, all of them before an error is raised: the next exchange starts clean."""
        asked, self._waiting = [*self._waiting, *asked], []
        _flush(self._sock)
        refused = None
        for context in asked:
            try:
                self.handle_messages(context)
            except DatabaseError as error:
                refused = refused or error
            except InterfaceError:  # a commit after something was refused, or the line is gone
                if refused is None:
                    raise
        if refused is not None:
            if refused.args[0].get("C") in OUTDATED:
                self._parsed.clear()
            raise refused

    def _parse(self, operation: str) -> bytes:
        """Send parse and describe; the name that the statement is kept under, or the empty one."""
        kept = len(self._parsed) < KEPT
        name = f"evenhand_{next(self._numbers)}\0".encode() if kept else b"\0"
        statement = _numbered(operation).encode(self._client_encoding)
        self._send_message(PARSE, name + statement + NULL_BYTE + H_pack(0))
        self._send_message(DESCRIBE, STATEMENT + name)
        return name

    def _bind(self, name: bytes, texts: Sequence[str | None]) -> None:
        """Send bind and execute."""
        values = [None if each is None else each.encode(self._client_encoding) for each in texts]
        packed = b"".join(i_pack(-1) if each is None else i_pack(len(each)) + each for each in values)
        self._send_message(BIND, NULL_BYTE + name + H_pack(0) + H_pack(len(values)) + packed + H_pack(0))
        _write(self._sock, EXECUTE_MSG)
