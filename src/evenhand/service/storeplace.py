"""Where an office's store is: told with a command, else remembered in the office's folder, else a file there.

It is remembered in `FOLDER/store.url`, which only its owner can read: a URL may hold a password.
"""

from pathlib import Path

from evenhand.errors import StoreError
from evenhand.service.privatefile import is_private, write_private
from evenhand.store.keys import MemoryKeys
from evenhand.store.store import open_store

STORE, STORE_URL = "store.db", "store.url"
"""The SQLite file of an office, and the file that names a store elsewhere."""

_SQLITE = "sqlite:///"
_MOST = 4096


def store_url(folder: Path, url: str | None = None) -> str:
    """The URL of an office's store.

    Args:
        folder: the office's folder.
        url: as it was told with the command; None: as remembered, or the SQLite file in the folder.

    Raises:
        StoreError: what is remembered cannot be read, or others can read it.
    """
    return url or _remembered(folder / STORE_URL) or f"{_SQLITE}{folder / STORE}"


def remember_store(folder: Path, url: str) -> None:
    """Remember where an office's store is, so that later commands need not be told.

    Args:
        folder: the office's folder.
        url: its store; the path of a SQLite file is remembered in full.

    Raises:
        StoreError: no such kind of store, or it cannot be reached.
        OutputError: the folder cannot be written to.
    """
    open_store(url, MemoryKeys()).close()
    write_private(folder / STORE_URL, _in_full(url) + "\n")


def require_unused(url: str) -> None:
    """See that a store can be reached and holds nothing, before keys are made for it.

    Raises:
        StoreError: no such kind of store, it cannot be reached, or another office's entries are in it.
    """
    with open_store(url, MemoryKeys()) as store:
        if store.version() is None:
            return
        with store.reading() as reading:
            entries = reading.size()
    if entries:
        raise StoreError(
            "store.taken",
            "There is an office's ledger in that store already.",
            why="New keys open nothing of it, and would sign entries that are not theirs.",
            mend="Name an empty store; an office that has lost its way to its store is told with "
            "evenhand office remember.",
        )


def _remembered(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8") as file:
            private = is_private(path.stat())
            url = file.read(_MOST).strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, getattr(error, "strerror", None) or "It is not text.") from error
    if not private:
        raise _unusable(path, "Others on this machine can read it, and it may hold a password.")
    return url or None


def _in_full(url: str) -> str:
    if not url.startswith(_SQLITE):
        return url
    return _SQLITE + str(Path(url.removeprefix(_SQLITE)).absolute())


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        "store.place",
        "The file that says where the store is cannot be used.",
        where=str(path),
        why=why,
        mend=f"Run: chmod 600 {path}. If others could read a password there, change it. Or remove the file, and "
        "name the store with --store.",
    )
