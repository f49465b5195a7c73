"""A name or a path: what stands for a file of the library or for one of the user's own."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from evenhand.errors import InputError
from evenhand.programme.yamltext import FileKind


def is_there(text: str) -> bool:
    """Whether a text is the path of something."""
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # longer than any name, or with a NUL in it
        return False


def not_found(text: str, names: Sequence[str], kind: FileKind) -> InputError:
    """The error for a text that names nothing.

    Args:
        text: what was given.
        names: what the library has.
        kind: what was looked for.
    """
    stem = text.replace("\\", "/").rsplit("/", 1)[-1].casefold().removesuffix(".yaml").removesuffix(".yml")
    close = difflib.get_close_matches(stem, names, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return kind.fault(
        "not-found",
        f"There is no {kind.noun} {text[:200]!r}.",
        where="",
        why=f"It is neither a file nor in the library, which has: {', '.join(names)}.",
        mend=f"{hint}Name one of the library, or the path of a YAML file.",
    )
