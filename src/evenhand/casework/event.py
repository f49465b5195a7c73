"""What every event is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state.

    Attributes:
        programme: the programme's name.
        at: when, in UTC, whole seconds.
        actor: `respondent`, `system`, or the id of a member of staff.
    """

    kind: ClassVar[str] = ""

    programme: str
    at: datetime
    actor: str

    @property
    def case_id(self) -> str | None:
        """The case it is about, or None."""
        return None


@dataclass(frozen=True, slots=True)
class CaseEvent(Event):
    """An event about one case.

    Attributes:
        case: the case's id, 32 hexadecimal characters.
    """

    case: str

    @property
    def case_id(self) -> str | None:
        """The case it is about."""
        return self.case


@dataclass(frozen=True, slots=True)
class OfficeEvent(Event):
    """An event about the programme or the office: holds nothing about any respondent."""
