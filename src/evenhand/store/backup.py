"""Backups: one consistent copy of everything but the case keys, which go to a file of their own, soon destroyed.

    FOLDER/store.db          every table but `case_key`; from PostgreSQL too
    FOLDER/manifest.json     when, which tables, the signed checkpoint, hashes, and a tag of the keys' holder
    FOLDER.case-keys.json    the wrapped case keys; beside the folder, never in it

The folder alone opens nothing. When a backup period ends, the wrapping key of that period is destroyed, and
with it every key file of that period: what was erased since stays erased in every old backup.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from evenhand.errors import StoreError
from evenhand.store import copying, ledger, merkle, migrate, schema, sqlite
from evenhand.store.faults import explained
from evenhand.store.history import moment
from evenhand.store.keyring import KeyHolder
from evenhand.store.notes import sign_note
from evenhand.store.store import Store
from evenhand.store.tombstones import read_intents

FORMAT = "evenhand.backup/1"
KEYS_FORMAT = "evenhand.case-keys/1"
DATABASE = "store.db"
MANIFEST = "manifest.json"
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        folder: where.
        key_file: the wrapped case keys; keep it apart, destroy it when the backup period ends.
        size: entries of the ledger.
        checkpoint: the signed checkpoint of exactly these entries.
        rows: rows of each table.
    """

    folder: Path
    key_file: Path
    size: int
    checkpoint: str
    rows: dict[str, int]


def backup(store: Store, folder: Path, *, at: datetime, key_file: Path | None = None) -> Backup:
    """Back the store up while it serves.

    Args:
        store: the store.
        folder: a folder that is not there yet; it appears whole or not at all.
        at: when.
        key_file: where the wrapped case keys go; None: beside the folder. Never inside it.

    Raises:
        StoreError: something is there already, the key file would lie in the folder, or the place or the store
            cannot be used.
    """
    keys_path = key_file or folder.with_name(folder.name + ".case-keys.json")
    _require_apart(folder, keys_path)
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}.new")
    try:
        draft.mkdir(PRIVATE_FOLDER)
        made = _write(store, draft, folder, keys_path, at)
        sync(draft)
        draft.rename(folder)
        sync(folder.parent)
    except OSError as error:
        raise unusable(folder, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def manifest_tag(keys: KeyHolder, manifest: dict[str, Any]) -> str:
    """The tag over everything else in a manifest."""
    plain = {name: value for name, value in manifest.items() if name != "tag"}
    return keys.integrity_tag("backup", json.dumps(plain, sort_keys=True).encode()).hex()


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Bring a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unusable(path: Path, error: OSError) -> StoreError:
    """The error for a place that cannot be used."""
    return StoreError(
        "store.backup-place",
        "The backup cannot be read or written there.",
        where=str(path),
        why=str(error.strerror),
        mend="Choose a folder whose parent is there, that is yours, and with room enough.",
    )


def _write(store: Store, draft: Path, folder: Path, keys_path: Path, at: datetime) -> Backup:
    erasures = len(read_intents(store.tombstones, store.keys)[0])
    with store.snapshot() as snapshot:
        counts = _write_database(snapshot, draft / DATABASE)
        edge = ledger.read_frontier(snapshot)
        text = ledger.checkpoint_text(store.keys.verifier.name, edge.size, merkle.root(edge), moment(at))
        checkpoint = sign_note(text, store.keys.signer)
        keys_text = _keys_text(snapshot, checkpoint)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": migrate.CURRENT,
        "at": moment(at),
        "size": edge.size,
        "checkpoint": checkpoint,
        "rows": counts,
        "erasures": erasures,
        "database_sha256": file_hash(draft / DATABASE),
        "case_keys_sha256": hashlib.sha256(keys_text.encode()).hexdigest(),
    }
    manifest["tag"] = manifest_tag(store.keys, manifest)
    _write_private(draft / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    _write_private(keys_path, keys_text)
    return Backup(folder, keys_path, edge.size, checkpoint, counts)


def _write_database(snapshot: Connection, path: Path) -> dict[str, int]:
    sqlite.prepare_file(path)
    engine = create_engine(f"sqlite:///{path}", module=sqlite.driver(), hide_parameters=True)
    try:
        migrate.upgrade(engine)
        with engine.begin() as target:
            target.execute(schema.frontier.delete())
            return {each.name: copying.copy(snapshot, target, each) for each in copying.tables(with_keys=False)}
    except SQLAlchemyError as error:
        raise explained(error) from None
    finally:
        engine.dispose()


def _keys_text(snapshot: Connection, checkpoint: str) -> str:
    rows = [
        [row.case_id, row.programme, row.key_version, base64.b64encode(bytes(row.wrapped)).decode()]
        for row in snapshot.execute(select(schema.case_key).order_by(schema.case_key.c.case_id))
    ]
    return json.dumps({"format": KEYS_FORMAT, "checkpoint": checkpoint, "keys": rows}) + "\n"


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _require_apart(folder: Path, keys_path: Path) -> None:
    if folder.exists() or keys_path.exists():
        raise StoreError(
            "store.backup-exists",
            "There is a backup already.",
            where=str(folder if folder.exists() else keys_path),
            why="A backup is never overwritten.",
            mend="Choose another name, one with the date for example.",
        )
    if keys_path.resolve().is_relative_to(folder.resolve()):
        raise StoreError(
            "store.keys-in-backup",
            "The case keys would lie in the backup.",
            why="An erased person's data could then be opened from it for as long as the backup is kept.",
            mend="Keep the key file elsewhere, and destroy it when the backup period ends.",
        )
