"""The office: what every verb works with. A store, a clock, a source of randomness; no global session."""

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from evenhand.casework.roles import Action, Actor, require
from evenhand.errors import CaseError, StoreError
from evenhand.programme.definition import Programme, programme_from_frozen
from evenhand.service import storeplace
from evenhand.service.storeplace import remember_store, require_unused, store_url
from evenhand.service.tokenbook import FileTokens, MemoryTokens, Tokens
from evenhand.store.erase import settle_open
from evenhand.store.keys import FileKeys
from evenhand.store.known import Known
from evenhand.store.read import Reading
from evenhand.store.store import Store, open_store
from evenhand.store.tombstones import FileTombstones
from evenhand.store.unit import Unit

Clock = Callable[[], datetime]
Random = Callable[[int], bytes]

STORE, KEYS, ERASURES, MESSAGES = storeplace.STORE, "keys", "erasures.jsonl", "messages"
TOKENS = "api-tokens.json"
"""What lies in an office's folder. The list of erasures stays outside every backup of the store."""


def now() -> datetime:
    """The time, UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


class Post(Protocol):
    """Takes messages to a contact that a person gave."""

    def send(self, contact: str, text: str) -> bool:
        """Take a message; whether it will be sent."""
        ...


class NoPost:
    """Sends nothing: an office without a way to send messages."""

    def send(self, contact: str, text: str) -> bool:  # noqa: ARG002 - the protocol's
        """Take no message."""
        return False


class SpoolPost:
    """Lays messages into a private folder, one file each, for the office's own mail or text service to fetch.

    Args:
        folder: the folder; made where there is none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, contact: str, text: str) -> bool:
        """Lay a message into the folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(8)}.json"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"to": contact, "text": text}, file, ensure_ascii=False)
        return True


@dataclass(frozen=True, slots=True)
class Office:
    """Where cases are kept and worked on.

    Attributes:
        store: the store, with its keys.
        clock: gives the time in UTC.
        random: gives that many random bytes.
        post: takes messages to people about their own case.
        tokens: partners' tokens.
    """

    store: Store
    clock: Clock = now
    random: Random = secrets.token_bytes
    post: Post = field(default_factory=NoPost)
    tokens: Tokens = field(default_factory=MemoryTokens)
    _programmes: dict[str, Programme] = field(default_factory=dict)

    def programme(self, reading: Reading, name: str) -> Programme:
        """The programme as it is in force.

        Raises:
            CaseError: no programme of that name was opened here.
        """
        row = reading.programme(name)
        if row is None:
            raise CaseError(
                "programme.not-open",
                f"No programme {name[:64]!r} is open here.",
                mend="Open it with evenhand programme open, or look at the name.",
            )
        return self.definition(reading, name, row.hash)

    def definition(self, reading: Reading, name: str, hashed: str) -> Programme:
        """A version of a programme by its hash, read once from the frozen documents.

        Raises:
            StoreError: its documents are not in the store.
        """
        if hashed not in self._programmes:
            documents: dict[str, str] = {}
            for _, event in reading.office_events(name, kind="programme-opened"):
                documents.update(getattr(event, "documents", {}))
            if hashed not in documents:
                raise StoreError(
                    "store.no-definition",
                    "The definition that the case was opened under is not in the store.",
                    where=f"programme {name[:64]!r}, hash {hashed[:12]}",
                    mend="Run evenhand fsck, and restore the store from a backup.",
                )

            def content(of: str) -> str:
                return reading.document(documents[of]).content.decode()

            self._programmes[hashed] = programme_from_frozen(content(hashed), content)
        return self._programmes[hashed]

    def of_case(self, reading: Reading, case_id: str) -> Programme:
        """The programme as it was when the case was opened."""
        file = reading.case_file(case_id)
        return self.definition(reading, file.programme, file.definition_hash)

    def of_known(self, known: Known) -> Programme:
        """The same of a case that was read."""
        found = self._programmes.get(known.definition_hash)
        if found is not None:
            return found
        with self.store.reading() as reading:
            return self.definition(reading, known.case.programme, known.definition_hash)

    def of_unit(self, unit: Unit, case_id: str) -> Programme:
        """The same inside a change; one that is known is taken without making the change write what waits."""
        hashed = unit.definition_hash(case_id)
        return self._programmes.get(hashed) or self.definition(unit.reading, unit.case(case_id).programme, hashed)


def make_office(
    folder: Path, origin: str, *, url: str | None = None, clock: Clock = now, remember: bool = True
) -> Office:
    """Make a new office in an empty folder: keys, store, list of erasures.

    Args:
        folder: where.
        origin: public name of the ledger, such as `town.example/evenhand`.
        url: a PostgreSQL store; a SQLite file in the folder when left out.
        clock: gives the time; a simulated one in invented towns.
        remember: write down where a store elsewhere is, in a file that only its owner can read.

    Raises:
        KeysError, StoreError: the place is taken or cannot be written to, or the store is another office's.
    """
    if url is not None:
        require_unused(url)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    FileKeys.create(folder / KEYS, origin)
    if url is not None and remember:
        remember_store(folder, url)
    office = open_office(folder, url=url, clock=clock)
    office.store.migrate()
    return office


def open_office(folder: Path, *, url: str | None = None, clock: Clock = now) -> Office:
    """Open an office that is there, and note what became of an erasure that a crash interrupted.

    Args:
        folder: where.
        url: its store, where that is neither remembered nor the SQLite file in the folder.
        clock: gives the time.

    Raises:
        KeysError, StoreError: it is not there, or not whole.
    """
    require_office(folder)
    keys = FileKeys(folder / KEYS)
    store = open_store(store_url(folder, url), keys, tombstones=FileTombstones(folder / ERASURES))
    with suppress(StoreError):  # no tables yet, busy, or a fault that `fsck` names: the next start tries again
        settle_open(store)
    return Office(store, clock, post=SpoolPost(folder / MESSAGES), tokens=FileTokens(folder / TOKENS))


def require_office(folder: Path) -> None:
    """See that an office is there.

    Raises:
        StoreError: it is not.
    """
    if not (folder / KEYS).is_dir():
        raise StoreError(
            "store.no-office",
            "There is no office here.",
            where=str(folder),
            why="It has no keys.",
            mend="Make one with evenhand office new, or name its folder with --office.",
        )


def permit(actor: Actor, action: Action, case_id: str | None = None) -> None:
    """Refuse what the actor may not do; see `casework.roles`."""
    require(actor, action, case=case_id)
