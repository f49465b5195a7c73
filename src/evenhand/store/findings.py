"""What a check of the store finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        code: which check, a stable name: `database`, `schema`, `frontier`, `leaf`, `event`, `node`, `checkpoint`,
            `tombstone`, `case-file`, `case-key`, `projection`, `document`, `orphan`, `erasure-list`,
            `budget`.
        where: table and row. Names no person: a case by its id, an event by its index.
        what: what was found, a sentence.
    """

    code: str
    where: str
    what: str
