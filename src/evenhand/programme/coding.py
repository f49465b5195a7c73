"""How an item's written answers become category codes."""

import re
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal[1, -1]
MissingReason = Literal["dont_know", "refused", "not_asked", "not_asked_by_design", "not_applicable", "blank"]

MISSING_REASONS: tuple[MissingReason, ...] = (
    "dont_know",
    "refused",
    "not_asked",
    "not_asked_by_design",
    "not_applicable",
    "blank",
)
"""Why an answer is not there. They stay distinct; all add no likelihood; none is ever zero."""


@dataclass(frozen=True, slots=True)
class ItemCoding:
    """How one item's column is read.

    Attributes:
        name: the item's name, and of its column in a file.
        categories: number of categories K >= 2.
        codes: each accepted text, as it stands in a file, and its category 0..K-1. Whole numbers are written
            without a decimal point; labels in any language may stand beside them.
        missing: each accepted text that means no answer, and the reason.
        direction: 1 when higher categories mean more need, -1 when they mean less.
        component: the component of the profile that the item measures.
        aliases: other names that the item's column may have in a file.
        headings: texts of the question, which some exports have for the column's name.
    """

    name: str
    categories: int
    codes: dict[str, int]
    missing: dict[str, MissingReason] = field(default_factory=dict)
    direction: Direction = 1
    component: str = "need"
    aliases: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()


_WHOLE = re.compile(r"[-+]?[0-9]{1,18}(\.0*)?")


def normal_text(text: str) -> str:
    """An answer's text as it is compared: trimmed, no capitals, whole numbers without a decimal point."""
    plain = text.strip().casefold()
    return str(int(plain.split(".", 1)[0])) if _WHOLE.fullmatch(plain) else plain
