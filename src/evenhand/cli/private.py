"""Codes and answers in and out. None ever stands among a command's words, where a list of processes shows it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TextIO

import typer

from evenhand.errors import OptionError, OutputError

Label = Literal["access code", "recovery phrase", "invitation", "collection code", "contact", "password"]

STDIN = Path("-")
MOST = 100_000
"""Characters read of a file of codes or answers."""


def read_secret(label: Label, file: Path | None) -> str:
    """A code, from a file, from standard input, or asked for without showing it.

    Args:
        label: what is asked for. In a file with lines `label: text`, its line is taken; else the first line.
        file: the file; `-` is standard input; None: asked for, or standard input where nobody can be asked.

    Raises:
        OptionError: nothing was given, or the file cannot be read. The message never repeats what it holds.
    """
    if file is None and sys.stdin.isatty():
        return str(typer.prompt(label.capitalize(), hide_input=True))
    if file is None or file == STDIN:
        line = sys.stdin.readline(MOST)
        return _required(line, label, "standard input")
    lines = read_lines(file)
    for line in lines:
        name, colon, text = line.partition(":")
        if colon and name.strip().lower() == label:
            return _required(text, label, str(file))
    return _required(next((line for line in lines if line.strip()), ""), label, str(file))


def ask(label: str) -> str:
    """What a person types at a question, or the next line of standard input; empty at its end."""
    if sys.stdin.isatty():
        return str(typer.prompt(label, default="", show_default=False)).strip()
    return sys.stdin.readline(MOST).strip()


def read_lines(file: Path) -> list[str]:
    """The lines of a small text file, or what is left of standard input.

    Raises:
        OptionError: it cannot be read.
    """
    if file == STDIN:
        return sys.stdin.read(MOST).splitlines()
    try:
        with file.open(encoding="utf-8-sig") as opened:
            return opened.read(MOST).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            "options.unreadable-file",
            "The file cannot be read.",
            where=str(file),
            why=getattr(error, "strerror", None) or "It is not UTF-8 text.",
            mend="Name a text file, or - for standard input.",
        ) from error


def read_words(file: Path | None) -> str:
    """Somebody's words, from a file, from standard input, or asked for.

    Args:
        file: the file; `-` is standard input; None: asked for, or standard input where nobody can be asked.

    Raises:
        OptionError: the file cannot be read. The message never repeats what it holds.
    """
    if file is None and sys.stdin.isatty():
        return ask("Your words")
    return "\n".join(read_lines(file or STDIN)).strip()


def read_answers(file: Path) -> list[tuple[str, str]]:
    """Answers from a file: a line each, `NAME,CODE`; empty lines and lines that begin with # say nothing.

    Raises:
        OptionError: the file cannot be read, or a line is not of that form. The message never repeats it.
    """
    found = []
    for number, line in enumerate(read_lines(file), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, comma, code = line.partition(",")
        if not comma or not name.strip() or not code.strip():
            raise OptionError(
                "options.answers-file",
                "A line is no answer.",
                where=f"{file}, line {number}",
                why="Each line has a question's name, a comma and the answer's code.",
                mend="Write it as WORRIED,1. evenhand case next shows names and codes.",
            )
        found.append((name.strip(), code.strip()))
    return found


@contextmanager
def private_file(path: Path | None) -> Iterator[Callable[[str], None] | None]:
    """A new file that only its owner can read, made before what is written into it; None without a path.

    Taken away again where the block fails: what was begun is never left half-written.

    Raises:
        OutputError: something is there already, or the file cannot be written.
    """
    if path is None:
        yield None
        return
    file = _new_file(path)

    def write(text: str) -> None:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

    try:
        with file:
            yield write
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _new_file(path: Path) -> TextIO:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise OutputError(
            "output.exists",
            "There is something of that name already.",
            where=str(path),
            why="A file with codes or a person's own copy replaces nothing.",
            mend="Give another name.",
        ) from error
    except OSError as error:
        raise OutputError(
            "output.unwritable",
            "The file cannot be written.",
            where=str(path),
            why=error.strerror or "",
            mend="Check that the folder exists and may be written to.",
        ) from error
    return os.fdopen(handle, "w", encoding="utf-8")


def _required(text: str, label: str, where: str) -> str:
    if not text.strip():
        raise OptionError(
            "options.nothing-given",
            f"No {label} was given.",
            where=where,
            mend="Put it into a file, pipe it in, or run the command where it can ask you.",
        )
    return text.strip()
