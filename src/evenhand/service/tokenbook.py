"""Where partners' tokens are kept: a private file beside the store, or memory. Only hashes are in it.

A token opens what one partner may do in one programme. That it was made or revoked stands in the ledger; the
token and its hash do not, and a backup of the store holds none.
"""

import hashlib
import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from evenhand.errors import StoreError
from evenhand.service.privatefile import is_private, write_private

Scope = Literal["invite", "collect", "statistics"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a token opens: issuing invitations, redeeming collection codes, reading published statistics."""

FORMAT = "evenhand.tokens/1"
TOKEN_BYTES = 32
PREFIX = "evh_"
"""Stands before every token, so that one that was left in a file can be found."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is kept.

    Attributes:
        id: short name, to list and revoke it by.
        hashed: SHA-256 of the token, which has 256 random bits.
        partner: whose it is.
        programme: the one programme that it opens.
        scopes: what it opens there.
        made_by: the administrator who made it.
        made_at: when, ISO 8601 UTC.
        expires: last day, ISO date.
        revoked_at: since when it opens nothing, or None.
    """

    id: str
    hashed: str
    partner: str
    programme: str
    scopes: tuple[Scope, ...]
    made_by: str
    made_at: str
    expires: str
    revoked_at: str | None = None


class Tokens(Protocol):
    """Where tokens are kept."""

    def rows(self) -> tuple[TokenRow, ...]:
        """Every token, oldest first."""
        ...

    def put(self, row: TokenRow) -> None:
        """Keep a token, in place of the one of the same id."""
        ...


class MemoryTokens:
    """Tokens in memory: for tests and invented towns."""

    def __init__(self) -> None:
        self._rows: dict[str, TokenRow] = {}

    def rows(self) -> tuple[TokenRow, ...]:
        """Every token, oldest first."""
        return tuple(self._rows.values())

    def put(self, row: TokenRow) -> None:
        """Keep a token."""
        self._rows[row.id] = row


class FileTokens:
    """Tokens in a file that only its owner can read, replaced whole.

    A change by another process is seen with the next request.

    Args:
        path: the file; made with the first token.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._rows: tuple[TokenRow, ...] = ()

    def rows(self) -> tuple[TokenRow, ...]:
        """Every token, oldest first.

        Raises:
            StoreError: the file cannot be read, others can read it, or it holds something else.
        """
        with self._lock:
            return self._read()

    def put(self, row: TokenRow) -> None:
        """Keep a token.

        Raises:
            OutputError: the file cannot be written.
        """
        with self._lock:
            kept = {each.id: each for each in self._read()} | {row.id: row}
            body = {"format": FORMAT, "tokens": [asdict(each) for each in kept.values()]}
            write_private(self._path, json.dumps(body, indent=1) + "\n")

    def _read(self) -> tuple[TokenRow, ...]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise _unreadable(self._path, error.strerror or "") from error
        if not is_private(found):
            raise _unreadable(self._path, "Others than its owner can read it.")
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self._seen:
            self._rows, self._seen = self._parsed(), seen
        return self._rows

    def _parsed(self) -> tuple[TokenRow, ...]:
        try:
            body = json.loads(self._path.read_text("utf-8"))
            if body["format"] != FORMAT:
                raise _unreadable(self._path, "It is of another format.")
            return tuple(TokenRow(**{**each, "scopes": tuple(each["scopes"])}) for each in body["tokens"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(self._path, "It holds no list of tokens.") from error


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _unreadable(path: Path, why: str) -> StoreError:
    return StoreError(
        "token.file",
        "The file of tokens cannot be used.",
        where=str(path),
        why=why,
        mend="Give it back to its owner alone (mode 0600), or move it away and make new tokens.",
    )
