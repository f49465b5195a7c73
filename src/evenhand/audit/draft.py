"""What a draft of a register is made of. A field holds what the programme's files say, or asks its controller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Register = Literal["atrs", "fria", "dpia", "instrument-card"]
REGISTERS: tuple[Register, ...] = ("atrs", "fria", "dpia", "instrument-card")

TO_WRITE = "to be written by the controller"


@dataclass(frozen=True, slots=True)
class DraftField:
    """One field of a draft.

    Attributes:
        name: the register's own name for it.
        value: what the programme's files say; None where they say nothing.
        ask: what the controller has to write; empty where nothing is left.
    """

    name: str
    value: str | None
    ask: str = ""

    @property
    def text(self) -> str:
        """The field as it reads: the value, and what is still to be written."""
        left = f"{TO_WRITE[0].upper()}{TO_WRITE[1:]}: {self.ask}" if self.ask else ""
        return " ".join(part for part in (self.value or "", left) if part)


@dataclass(frozen=True, slots=True)
class DraftSection:
    """Fields under one heading."""

    heading: str
    fields: tuple[DraftField, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of a register's record, or of an assessment.

    Attributes:
        register: which.
        title: of the draft.
        under: the law or standard, and the version its fields are taken from.
        programme: name of the programme.
        definition_hash: hash of the definition that it was made from.
        sections: its content.
    """

    register: Register
    title: str
    under: str
    programme: str
    definition_hash: str
    sections: tuple[DraftSection, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """Names of the fields that the controller has to write something in."""
        return tuple(field.name for section in self.sections for field in section.fields if field.ask)


def filled(name: str, value: str, ask: str = "") -> DraftField:
    """A field that the programme's files fill; with `ask`, only in part."""
    return DraftField(name, value, ask)


def asked(name: str, ask: str) -> DraftField:
    """A field that the controller has to write."""
    return DraftField(name, None, ask)


def first(texts: Mapping[str, str], language: str = "en") -> str:
    """A text in the language, or in the first that there is."""
    return texts.get(language) or next(iter(texts.values()))
