"""YAML as people write it: every value with its line, and nothing that surprises.

A programme file is read by a person before it is read by a machine, so it may hold only what a person sees:
no anchors, no tags, no second value for a key that silently wins, and `yes`, `no` and `on` are the words they
look like (as in YAML 1.2), not truth values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evenhand.errors import InputError, InstrumentError, ProgrammeError

MAX_BYTES = 1_000_000
"""A questionnaire is a few thousand words; anything longer is another kind of file."""

MAX_DEPTH = 20
"""Deeper nesting than any of these files has; the composer recurses once a level."""

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("bool", "int", "float", "null", "str", "timestamp", "merge", "value", "map", "seq")
)
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.?[0-9]+)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that people write, and how its faults are called.

    Attributes:
        noun: what the file holds, for messages.
        error: class of the errors.
        codes: each fault's code.
    """

    noun: str
    error: type[InputError]
    codes: Mapping[str, str]

    def fault(self, fault: str, what: str, *, where: str, why: str = "", mend: str) -> InputError:
        """The error for a fault, under this kind's code."""
        return self.error(self.codes[fault], what, where=where, why=why, mend=mend)


_INSTRUMENT_CODES = {
    "anchor": "instrument.anchor",
    "directory": "instrument.directory",
    "duplicate-key": "instrument.duplicate-key",
    "empty": "instrument.empty",
    "field": "instrument.field",
    "format": "instrument.format",
    "key": "instrument.key",
    "missing-field": "instrument.missing-field",
    "not-a-mapping": "instrument.not-a-mapping",
    "not-found": "instrument.not-found",
    "not-utf8": "instrument.not-utf8",
    "tag": "instrument.tag",
    "too-deep": "instrument.too-deep",
    "too-large": "instrument.too-large",
    "unknown-field": "instrument.unknown-field",
    "unreadable": "instrument.unreadable",
    "yaml": "instrument.yaml",
}
_PROGRAMME_CODES = {
    "anchor": "programme.anchor",
    "directory": "programme.directory",
    "duplicate-key": "programme.duplicate-key",
    "empty": "programme.empty",
    "field": "programme.field",
    "format": "programme.format",
    "key": "programme.key",
    "missing-field": "programme.missing-field",
    "not-a-mapping": "programme.not-a-mapping",
    "not-found": "programme.not-found",
    "not-utf8": "programme.not-utf8",
    "tag": "programme.tag",
    "too-deep": "programme.too-deep",
    "too-large": "programme.too-large",
    "unknown-field": "programme.unknown-field",
    "unreadable": "programme.unreadable",
    "yaml": "programme.yaml",
}

INSTRUMENT_FILE = FileKind("instrument", InstrumentError, _INSTRUMENT_CODES)
PROGRAMME_FILE = FileKind("programme", ProgrammeError, _PROGRAMME_CODES)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    Attributes:
        source: the file's name, for messages.
        data: mappings, lists, text, numbers, truth values and None.
        lines: the line of each value (and of each key), by its path from the top.
        kind: the kind of file.
    """

    source: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)
    kind: FileKind = INSTRUMENT_FILE

    def line(self, path: Path_) -> int:
        """The line of the value at `path`, or of the closest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, path: Path_) -> str:
        """`file, line 12, field items[3].choices`."""
        where = f"{self.source}, line {self.line(path)}"
        return f"{where}, field {dotted(path)}" if path else where


def dotted(path: Path_) -> str:
    """A path as people write it: `items[3].choices`, counting from 1."""
    text = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.lstrip(".")


def read_document(path: Path, kind: FileKind = INSTRUMENT_FILE) -> Document:
    """Read a YAML file.

    Raises:
        InputError: of that kind's class: the file cannot be read, or holds anything but plain YAML in UTF-8.
    """
    if path.is_dir():
        raise kind.fault(
            "directory",
            "A folder was given where a file is expected.",
            where=str(path),
            mend="Name the YAML file in it.",
        )
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise kind.fault(
            "unreadable",
            "The file cannot be read.",
            where=str(path),
            why=getattr(error, "strerror", None) or str(error),
            mend="Check the name and the permissions of the file.",
        ) from error
    return parse_document(content, source=str(path), kind=kind)


def parse_document(content: bytes, *, source: str, kind: FileKind = INSTRUMENT_FILE) -> Document:
    """Parse the bytes of a YAML file.

    Raises:
        InputError: of that kind's class: too long, not UTF-8, empty, not YAML, or YAML with anchors, tags or
            duplicate keys.
    """
    text = _decode(content, source, kind)
    if not text.strip():
        raise kind.fault("empty", "The file is empty.", where=source, mend=f"Write the {kind.noun} into it.")
    try:
        _check_events(text, source, kind)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise _syntax_error(error, source, kind) from error
    if node is None:
        raise kind.fault(
            "empty",
            "The file holds only comments.",
            where=source,
            mend=f"Write the {kind.noun} into it.",
        )
    lines: dict[Path_, int] = {}
    return Document(source, _value(node, (), lines, source, kind), lines, kind)


def _decode(content: bytes, source: str, kind: FileKind) -> str:
    if len(content) > MAX_BYTES:
        raise kind.fault(
            "too-large",
            f"The file has {len(content):,} bytes.",
            where=source,
            why=f"A file of this kind has at most {MAX_BYTES:,}.",
            mend=f"Check that this is the {kind.noun} file.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise kind.fault(
            "not-utf8",
            "The file is not UTF-8 text.",
            where=f"{source}, line {line} (byte {error.start})",
            mend="Save the file as UTF-8.",
        ) from error


def _check_events(text: str, source: str, kind: FileKind) -> None:
    """Refuse anchors, aliases and deep nesting before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None) is not None:
            raise kind.fault(
                "anchor",
                "The file uses a YAML anchor or alias (& or *).",
                where=f"{source}, line {_line(event)}",
                why="What a person reads must be what the machine reads; an alias hides a value elsewhere.",
                mend="Write the value out, or put text that begins with & or * in quotes.",
            )
        if depth > MAX_DEPTH:
            raise kind.fault(
                "too-deep",
                f"The file is nested more than {MAX_DEPTH} levels deep.",
                where=f"{source}, line {_line(event)}",
                mend="Check the brackets and the indentation.",
            )


def _syntax_error(error: yaml.YAMLError, source: str, kind: FileKind) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{source}, line {mark.line + 1}, column {mark.column + 1}" if mark else source
    return kind.fault(
        "yaml",
        "The file is not valid YAML.",
        where=place,
        why=getattr(error, "problem", None) or str(error).splitlines()[0],
        mend="Check the indentation, the colons and the quotes near that place.",
    )


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1


def _value(node: yaml.Node, path: Path_, lines: dict[Path_, int], source: str, kind: FileKind) -> Any:
    lines.setdefault(path, _line(node))
    if node.tag not in _PLAIN_TAGS:
        raise kind.fault(
            "tag",
            f"The file uses the YAML tag {node.tag!r}.",
            where=f"{source}, line {_line(node)}",
            mend="Write plain text, numbers, lists and mappings, without tags.",
        )
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, source, kind)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, k), lines, source, kind) for k, child in enumerate(node.value)]
    return _scalar(node)


def _mapping(
    node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], source: str, kind: FileKind
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            raise kind.fault(
                "key",
                "A key is not a word.",
                where=f"{source}, line {line}",
                mend="Put text that begins with [ or { in quotes.",
            )
        key = key_node.value
        if key in result:
            raise kind.fault(
                "duplicate-key",
                f"The key {key!r} stands twice.",
                where=f"{source}, lines {lines[(*path, key)]} and {line}, field {dotted((*path, key))}",
                why="One of the two values would be lost without a word.",
                mend="Remove one of them.",
            )
        lines[*path, key] = line
        result[key] = _value(value_node, (*path, key), lines, source, kind)
    return result


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
