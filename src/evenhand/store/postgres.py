"""PostgreSQL: settings that durability needs, and connections that nobody can listen to."""

import os
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from sqlalchemy import URL, text
from sqlalchemy.engine import Connection

from evenhand.errors import StoreError

LEDGER_LOCK = 0x45564E48
"""Key of the advisory lock that a unit holds: one writer of the ledger at a time."""

TAKE_LOCK = text(f"SELECT set_config('lock_timeout', :wait, true), pg_advisory_xact_lock({LEDGER_LOCK})")
"""Takes the lock, or fails after `wait`; both last until the end of the transaction."""

LOCAL = frozenset({None, "", "localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine."""

DURABLE: dict[str, frozenset[str]] = {
    "synchronous_commit": frozenset({"on", "remote_apply", "remote_write", "local"}),
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
}
"""Settings under which an acknowledged commit survives a power loss."""


def connection_arguments(url: URL) -> tuple[URL, dict[str, Any]]:
    """The URL without `sslmode` and `sslrootcert`, and what the driver takes instead.

    Raises:
        StoreError: another machine, without a checked certificate.
    """
    mode, root = url.query.get("sslmode"), url.query.get("sslrootcert")
    plain = url.difference_update_query(("sslmode", "sslrootcert"))
    if mode == "verify-full":
        return plain, {"ssl_context": ssl.create_default_context(cafile=str(root) if root else None)}
    if mode is None and (url.host in LOCAL or "unix_sock" in url.query):
        return plain, {}
    raise StoreError(
        "store.not-private",
        "The way to the database is not private.",
        where=f"host {url.host}",
        why="To another machine, only sslmode=verify-full shows that nobody listens or answers in between.",
        mend="Add ?sslmode=verify-full (and sslrootcert=FILE) to the URL, or use a socket of this machine.",
    )


@cache
def driver() -> Any:
    """pg8000's connection, which here closes its socket also where the server refuses, or is gone already."""
    from pg8000.exceptions import InterfaceError

    from evenhand.store.pgcalls import QuickConnection

    class Line(QuickConnection):
        """A connection that leaves no socket to the garbage collector."""

        _usock: Any = None

        def __init__(self, *arguments: Any, **options: Any) -> None:
            # pg8000 loses its own socket where the server goes between connecting and the question about TLS
            line = _connected(options)
            try:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                super().__init__(*arguments, **{**options, "unix_sock": None, "sock": line})
            except BaseException:
                _drop(self._usock)
                _drop(line)
                raise

        def close(self) -> None:
            line = self._usock
            try:
                with suppress(InterfaceError, OSError):
                    super().close()
            finally:
                _drop(line)

        def __del__(self) -> None:
            _drop(self._usock)  # one that the pool lost sight of while the server went

    return Line


def _connected(options: Mapping[str, Any]) -> socket.socket:
    """A socket connected to the server; it is ours to close until the driver has it.

    Raises:
        pg8000.InterfaceError: nobody answers there.
    """
    from pg8000.exceptions import InterfaceError

    path, timeout = options.get("unix_sock"), options.get("timeout")
    try:
        if path is None:
            return socket.create_connection(
                (options.get("host") or "localhost", options.get("port") or 5432), timeout
            )
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(timeout)
            line.connect(str(path))
        except BaseException:
            line.close()
            raise
    except OSError as error:
        raise InterfaceError("communication error") from error
    return line


def _drop(line: Any) -> None:
    """Close a socket at once; closing it politely would wait for buffers that can no longer be written."""
    if line is not None and line.fileno() != -1:
        os.close(line.detach())


def require_durable(connection: Connection) -> None:
    """See that an acknowledged commit survives a power loss.

    Raises:
        StoreError: a setting would lose it.
    """
    for name, good in DURABLE.items():
        value = str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
        if value not in good:
            raise StoreError(
                "store.not-durable",
                f"PostgreSQL runs with {name}={value}.",
                why="An acknowledged answer could be lost when the power fails.",
                mend=f"Set {name}=on for the server, the database and the user, and reconnect.",
            )
