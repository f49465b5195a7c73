"""Restoring a backup: nothing that was erased comes back, and nothing is served that cannot be checked."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from evenhand.casework.events import CaseErased, StoreRestored
from evenhand.errors import EvenhandError, StoreError
from evenhand.store import copying, ledger, merkle, migrate, schema, sqlite
from evenhand.store.backup import DATABASE, FORMAT, KEYS_FORMAT, MANIFEST, file_hash, manifest_tag, unusable
from evenhand.store.erase import remove_case, remove_events
from evenhand.store.faults import explained
from evenhand.store.fsck import fsck
from evenhand.store.keyring import KeyHolder
from evenhand.store.merkle import frontier_at
from evenhand.store.notes import open_checkpoint
from evenhand.store.store import Store
from evenhand.store.tombstones import Intent, read_intents, settle
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        size: entries of the ledger in the backup.
        reapplied: erasures made again.
        index: index of the `StoreRestored` event.
    """

    size: int
    reapplied: int
    index: int


@dataclass(frozen=True, slots=True)
class _Opened:
    manifest: dict[str, Any]
    keys: list[list[Any]]
    intents: tuple[Intent, ...]
    unsettled: frozenset[int]


def restore(
    folder: Path, store: Store, *, at: datetime, key_file: Path, known: str | None = None, rewound: bool = False
) -> Restored:
    """Restore a backup into an empty store, reapply every erasure since, and check the whole.

    Args:
        folder: the backup.
        store: where to: a store without tables or without rows, opened with the keys and the list of erasures.
        at: when.
        key_file: the wrapped case keys of this backup.
        known: the latest checkpoint known from elsewhere (published, or an auditor's), if any.
        rewound: says that entries after the backup are lost and known to be: whoever holds a later receipt will
            see it.

    Raises:
        StoreError: the backup or the list of erasures is damaged or incomplete, the store is not empty, entries
            would be lost without `rewound`, or what was restored does not pass the check.
    """
    opened = _open(folder, key_file, store)
    _require_empty(store)
    engine = create_engine(f"sqlite:///{folder / DATABASE}", module=sqlite.driver(), hide_parameters=True)
    try:
        with engine.connect() as source:
            _require_whole(source, opened, store.keys, known, rewound)
            store.migrate()
            restored = _fill(source, store, opened, at)
    except SQLAlchemyError as error:
        raise explained(error) from None
    finally:
        engine.dispose()
    for number in opened.unsettled:
        settle(store.tombstones, store.keys, number, done=True)
    found = fsck(store)
    if found:
        raise StoreError(
            "store.restore-unsound",
            "What was restored does not pass the check.",
            where=f"{found[0].code}: {found[0].where}",
            why=f"{found[0].what} ({len(found)} in all)",
            mend="Do not serve it. Restore another backup, or run `evenhand fsck` for the whole list.",
        )
    store.scrub()
    return restored


def _open(folder: Path, key_file: Path, store: Store) -> _Opened:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        good = manifest["format"] == FORMAT and manifest["tag"] == manifest_tag(store.keys, manifest)
        good = good and file_hash(folder / DATABASE) == manifest["database_sha256"]
        good = good and file_hash(key_file) == manifest["case_keys_sha256"]
        keys = json.loads(key_file.read_text("utf-8")) if good else {}
        good = good and keys["format"] == KEYS_FORMAT and keys["checkpoint"] == manifest["checkpoint"]
    except OSError as error:
        raise unusable(folder, error) from error
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise _damaged("A file of it, or the key file, is not what its manifest says, or is of another store.")
    if manifest["version"] not in migrate.STEPS:
        raise _damaged("A later version of Evenhand wrote it.")
    intents, unsettled = read_intents(store.tombstones, store.keys)
    if len(intents) < manifest["erasures"]:
        raise _list_short()
    return _Opened(manifest, keys["keys"], intents, unsettled)


def _require_whole(source: Connection, opened: _Opened, keys: KeyHolder, known: str | None, rewound: bool) -> None:
    """The ledger of the backup is that of its checkpoint, and continues, or is continued by, the known one."""
    _require_list(source, opened)
    edge = ledger.read_frontier(source)
    try:
        ours = [keys.verifier, *keys.former]
        own = open_checkpoint(opened.manifest["checkpoint"], ours)
        later = open_checkpoint(known, ours) if known else None
    except EvenhandError as error:
        raise _damaged(error.what) from error
    if (own.size, own.root) != (edge.size, merkle.root(edge)):
        raise _damaged("Its ledger is not that of its checkpoint.")
    if later is None:
        return
    if later.size > own.size:
        if not rewound:
            raise _rewound(later.size - own.size)
        return
    begin = frontier_at(later.size, lambda level, index: ledger.node_of(source, level, index))
    if merkle.root(begin) != later.root:
        raise StoreError(
            "store.fork",
            "The backup is of another ledger than the known checkpoint.",
            why=f"Its first {later.size} entries are not those that were signed.",
            mend="Find out which of them is yours before serving anything.",
        )


def _require_list(source: Connection, opened: _Opened) -> None:
    """Every erasure that the backup knows is in the list."""
    listed = {leaf for intent in opened.intents for leaf in intent.leaves}
    leaf, grave = schema.leaf, schema.tombstone
    buried = source.execute(select(leaf.c.hash).join(grave, grave.c.index == leaf.c.index)).scalars()
    if any(bytes(each).hex() not in listed for each in buried):
        raise _list_short()


def _require_empty(store: Store) -> None:
    if store.version() is None:
        return
    with store.snapshot() as connection:
        rows = [connection.execute(select(func.count()).select_from(each)).scalar_one() for each in _FILLED]
    if any(rows):
        raise StoreError(
            "store.not-empty",
            "The store to restore into is not empty.",
            why="A restore never mixes with what is there.",
            mend="Name a new file or an empty database.",
        )


_FILLED = (schema.leaf, schema.case_file, schema.document)


def _fill(source: Connection, store: Store, opened: _Opened, at: datetime) -> Restored:
    size = int(opened.manifest["size"])
    with store.unit() as unit:
        unit.connection.execute(schema.frontier.delete())
        for table in copying.tables(with_keys=False):
            copying.copy(source, unit.connection, table)
        _fill_keys(unit, opened.keys)
        reapplied = sum(_reapply(unit, each, at) for each in opened.intents)
        index = unit.append(StoreRestored("", at, "system", size, reapplied))
    return Restored(size, reapplied, index)


def _fill_keys(unit: Unit, keys: list[list[Any]]) -> None:
    rows = [
        (case_id, programme, base64.b64decode(wrapped), version) for case_id, programme, version, wrapped in keys
    ]
    copying.write(unit.connection, schema.case_key, rows)


def _reapply(unit: Unit, intent: Intent, at: datetime) -> int:
    """Erase again what the list names, if the backup still holds it; 1 if it did."""
    event, leaf = schema.event, schema.leaf
    hashes = [bytes.fromhex(each) for each in intent.leaves]
    query = (
        select(event.c.index, event.c.case_id)
        .join(leaf, leaf.c.index == event.c.index)
        .where(leaf.c.hash.in_(hashes))
        .order_by(event.c.index)
    )
    found = unit.connection.execute(query).all()
    if not found:
        return 0
    cause: Any = intent.cause
    indexes = tuple(int(index) for index, _ in found)
    erased = CaseErased(intent.programme, at, "system", indexes, cause, intent.rule)
    remove = remove_case if intent.scope == "case" else remove_events
    remove(unit, erased, found[0].case_id)
    return 1


def _damaged(why: str) -> StoreError:
    return StoreError(
        "store.backup-damaged",
        "The backup cannot be restored.",
        why=why,
        mend="Use the key file and the keys that belong to it, or another backup.",
    )


def _list_short() -> StoreError:
    return StoreError(
        "store.erasures-missing",
        "The list of erasures is shorter than the backup knows.",
        why="People who asked to be erased would come back.",
        mend="Bring back the list that is kept with the keys. Without it the backup may not be served.",
    )


def _rewound(entries: int) -> StoreError:
    return StoreError(
        "store.rewound",
        f"A later checkpoint is known: {entries} entries would be lost.",
        why="Whoever holds a later receipt or checkpoint will see that the ledger was cut.",
        mend="Restore a later backup; if there is none, say so, and tell those concerned.",
    )
