"""Key files on disk: private, whole or not there, never overwritten.

A key file is one line: `evenhand-key/1 LABEL BASE64 CHECK`. The label says what the key is for and the check is
made of both, so a damaged file, or one put in another's place, is refused and never used as a different key.
"""

import base64
import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from evenhand.errors import KeysError
from evenhand.store.sealing import Secret

FILE_MODE = 0o600
FOLDER_MODE = 0o700
OTHERS = 0o077
"""Permission bits of the group and of everybody."""

MAX_BYTES = 4096
"""No key file is longer."""

FORM = "evenhand-key/1"


def write_secret(path: Path, label: str, secret: Secret) -> None:
    """Write a key to a new file.

    Args:
        path: where; nothing may be there.
        label: what the key is for; no spaces.
        secret: the key.

    Raises:
        KeysError: something is there already, or the place cannot be written to.
    """
    encoded = base64.b64encode(secret.reveal()).decode()
    write_new(path, f"{FORM} {label} {encoded} {_check(label, secret)}\n")


def read_secret(path: Path, label: str) -> Secret:
    """Read a key from its file.

    Raises:
        KeysError: missing, readable by others, damaged, or the key of something else.
    """
    parts = read_private(path).split()
    if len(parts) == 4 and parts[:2] == [FORM, label]:
        try:
            secret = Secret(base64.b64decode(parts[2], validate=True))
        except (ValueError, KeysError):
            pass
        else:
            if _check(label, secret) == parts[3]:
                return secret
    raise KeysError(
        "keys.damaged",
        "A key file is damaged, or is the key of something else.",
        where=str(path),
        why=f"It must hold the key for {label} and a check that fits it.",
        mend="Restore the file from the copy that was made with it. Do not make a new key in its place.",
    )


def write_new(path: Path, text: str) -> None:
    """Write a private file (0600) that is whole or not there, and reaches the disk before this returns.

    Raises:
        KeysError: something is there already, or the place cannot be written to.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # unlike a rename, this never replaces what is there
        finally:
            draft.unlink()
        sync_folder(path.parent)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise _unusable(path, error) from error


def read_private(path: Path) -> str:
    """The text of a file that only its owner can read.

    Raises:
        KeysError: missing, not a file, readable by others, somebody else's, too long, or not text.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            _require_private(path, os.fstat(file.fileno()), stat.S_ISREG)
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise KeysError(
            "keys.missing",
            "A key file is missing.",
            where=str(path),
            why="What was sealed with it cannot be opened without it.",
            mend="Restore the file from the copy that was made with it.",
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        return data[:MAX_BYTES].decode("ascii")
    except UnicodeDecodeError:
        return ""


def require_private_folder(folder: Path) -> None:
    """See that only its owner can enter a folder.

    Raises:
        KeysError: missing, not a folder, open to others, or somebody else's.
    """
    try:
        found = folder.lstat()
    except OSError as error:
        raise KeysError(
            "keys.no-folder",
            "There is no such folder of keys.",
            where=str(folder),
            mend="Name the folder that holds this store's keys, or make new keys for a new store.",
        ) from error
    _require_private(folder, found, stat.S_ISDIR)


def make_private_folder(folder: Path) -> None:
    """Make a folder (0700) where there is none; its parent must be there.

    Raises:
        KeysError: it cannot be made, or one is there that others can enter.
    """
    try:
        folder.mkdir(FOLDER_MODE, exist_ok=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise _unusable(folder, error) from error
    require_private_folder(folder)


def move_folder(draft: Path, folder: Path) -> None:
    """Move a finished folder to its place, where nothing but an empty folder may be.

    Raises:
        KeysError: something is there already, or the place cannot be written to.
    """
    try:
        sync_folder(draft)
        draft.rename(folder)  # replaces an empty folder and nothing else
        sync_folder(folder.parent)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
            raise _exists(folder) from error
        raise _unusable(folder, error) from error


def remove_folder(draft: Path) -> None:
    """Remove what is left of a draft; its keys were never used."""
    shutil.rmtree(draft, ignore_errors=True)


def destroy(path: Path) -> None:
    """Overwrite a key file with random bytes and remove it. A file that is not there is destroyed already.

    A disk that writes to new places (flash, copy-on-write, snapshots) may keep the old bytes: keys that must be
    destroyed for sure belong on a medium, or in a device, that can do it.

    Raises:
        KeysError: it cannot be written or removed.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(max(os.fstat(file.fileno()).st_size, 1)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error) from error


def mark(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from the one that replaces it; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def take_over(fresh: Path, path: Path) -> None:
    """Put a key file in the place of another, which is destroyed. At every moment one of the two is there.

    Interrupted, the next call finishes it; does nothing more where no fresh file waits.

    Raises:
        KeysError: the folder cannot be written to.
    """
    leaving = path.with_name(f".{path.name}.leaving")
    try:
        if leaving.exists() and leaving.samefile(path):
            leaving.unlink()  # a second name of the key in use, from a call that was interrupted
        destroy(leaving)
        if fresh.exists():
            os.link(path, leaving)
            fresh.replace(path)
            sync_folder(path.parent)
            destroy(leaving)
    except OSError as error:
        raise _unusable(path, error) from error


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _require_private(path: Path, found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(found.st_mode):
        raise KeysError(
            "keys.not-private",
            "A key is not kept in a plain file of a plain folder.",
            where=str(path),
            why="A link, a device or a folder in a file's place can lead anywhere.",
            mend="Put the file or folder itself there.",
        )
    if found.st_mode & OTHERS or found.st_uid not in {os.geteuid(), 0}:
        mode = FOLDER_MODE if stat.S_ISDIR(found.st_mode) else FILE_MODE
        raise KeysError(
            "keys.not-private",
            "Others on this machine can reach a key.",
            where=f"{path} (mode {stat.S_IMODE(found.st_mode):04o})",
            why="Whoever reads the keys reads every answer. The owner must be the one who runs Evenhand.",
            mend=f"Run: chmod {mode:o} {path}. If others could read it before, rotate the keys too.",
        )


def _check(label: str, secret: Secret) -> str:
    """Eight characters that a changed key, or the key of another label, does not have."""
    return hashlib.sha256(b"evenhand key check\0" + label.encode() + b"\0" + secret.reveal()).hexdigest()[:8]


def _exists(path: Path) -> KeysError:
    return KeysError(
        "keys.exists",
        "There is a key already, and a key is never overwritten.",
        where=str(path),
        why="What was sealed with it could never be opened again.",
        mend="Use the key that is there, or choose an empty place.",
    )


def _unusable(path: Path, error: OSError) -> KeysError:
    return KeysError(
        "keys.unusable",
        "A key cannot be read or written there.",
        where=str(path),
        why=str(error.strerror or type(error).__name__),
        mend="Check that the folder is there, that it is yours, and that the disk is neither full nor read-only.",
    )
