"""Small files that only their owner can read, replaced whole: what an office keeps beside its store."""

import os
import secrets
from pathlib import Path

from evenhand.errors import OutputError

OTHERS = 0o077
"""Permission bits of the group and of everybody."""


def write_private(path: Path, text: str) -> None:
    """Write a file (mode 0600) in place of what was there; it is whole, or as it was.

    Raises:
        OutputError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutputError(
            "output.unwritable",
            f"The file {path.name} of the office cannot be written.",
            where=str(path),
            why=error.strerror or "",
            mend="Check that the office's folder may be written to, and that there is space.",
        ) from error


def is_private(found: os.stat_result) -> bool:
    """Whether nobody but the owner can read a file."""
    return not found.st_mode & OTHERS
