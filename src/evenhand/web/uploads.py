"""Files that a form sends: taken in parts and written to a private folder, never held whole in memory.

Nothing of what is sent decides where it is written: not the name of a field, and not the name of a file.
"""

import asyncio
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from evenhand.errors import WebError
from evenhand.web.forms import Sent, no_form, require_origin

MEDIA = "multipart/form-data"
MOST_PARTS = 20
MOST_TEXT = 4_096
"""Bytes of a field that is no file."""

PATIENCE = 600.0
"""Seconds that a file may take to arrive."""

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What a form with files sent.

    Attributes:
        sent: the fields that are no files.
        files: where each file lies, by the name of its field; a field without a file is not in it.
        names: what the sender calls each file: for pages only, cleaned, and never a path.
    """

    sent: Sent
    files: dict[str, Path]
    names: dict[str, str]


async def read_upload(request: Request, folder: Path, most: Mapping[str, int]) -> Uploaded:
    """Read a form with files.

    Args:
        request: its body was not read yet.
        folder: where files are written, as `field.part`; nobody else may enter it.
        most: bytes that each file may have, by the name of its field. No other field may bring a file.

    Raises:
        WebError: a file is too large, the form is none of ours or did not arrive whole, or nobody knows where it
            came from.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != MEDIA.encode() or not options.get(b"boundary"):
        raise no_form()
    allowed = sum(most.values()) + MOST_PARTS * (MOST_TEXT + 1_024)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > allowed:
        raise too_large(max(most.values()))
    parts = _Parts(folder, most)
    try:
        parser = MultipartParser(options[b"boundary"], parts.callbacks(), allowed)  # type: ignore[arg-type]
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                if chunk:
                    parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise no_form() from None
    except (ClientDisconnect, TimeoutError):
        raise WebError(
            "web.upload-broken",
            "The file did not arrive whole.",
            why="The connection ended, or took more than ten minutes.",
            mend="Send it again.",
        ) from None
    finally:
        parts.close()
    if not parts.ended:
        raise no_form()
    found = Uploaded(Sent(parts.fields), parts.files, parts.names)
    require_origin(request, found.sent)
    return found


def too_large(most: int) -> WebError:
    """The error for a file beyond its limit."""
    return WebError(
        "web.upload-size",
        "The file is too large.",
        why=f"At most {most // 2**20} MiB are taken.",
        mend="Leave out columns that are no items, or calibrate on the command line.",
    )


def shown_name(name: str) -> str:
    """What the sender calls a file, fit for a page: its last part, one line, visible characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    if len(plain) <= LONGEST_NAME:
        return plain
    ending = Path(plain).suffix[:10]
    return f"{plain[: LONGEST_NAME - 1 - len(ending)]}…{ending}"


@dataclass(slots=True)
class _Parts:
    """Takes what the parser finds."""

    folder: Path
    most: Mapping[str, int]
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    _count: int = 0
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""
    _name: str = ""
    _text: bytearray | None = None
    _file: BinaryIO | None = None
    _size: int = 0

    def callbacks(self) -> dict[str, object]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def close(self) -> None:
        """Close the file that is being written, if one is."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise no_form()
        self._disposition, self._text, self._size = b"", None, 0

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _open(self) -> None:
        kind, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not self._name:
            raise no_form()
        sent = options.get(b"filename")
        if sent is None:
            self._text = bytearray()
            return
        if self._name not in self.most or self._name in self.files:
            raise no_form()
        path = self.folder / f"{self._name}.part"
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self.files[self._name], self.names[self._name] = path, shown_name(sent.decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._text is not None:
            if self._size > MOST_TEXT:
                raise no_form()
            self._text.extend(data[start:end])
        elif self._file is not None:
            if self._size > self.most[self._name]:
                raise too_large(self.most[self._name])
            self._file.write(data[start:end])

    def _end(self) -> None:
        if self._text is not None:
            try:
                value = self._text.decode("utf-8")
            except UnicodeDecodeError:
                raise no_form() from None
            self.fields[self._name] = (*self.fields.get(self._name, ()), value)
            return
        self.close()
        if not self._size:  # a field for a file where none was chosen
            self.files.pop(self._name).unlink()
            self.names.pop(self._name)

    def _finish(self) -> None:
        self.ended = True
