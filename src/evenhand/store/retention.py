"""What is due to be erased today. The store never reads the clock: the day is given.

- An ended case (collected, closed, withdrawn, or not this round without an open appeal) is erased `answers_days`
  after it ended; every other case `answers_days` after the programme's end.
- A case without a decision is erased `undecided_days` after its last change, if that comes first.
- Contact details are erased `contact_days` after the same end.
- An extra fact is erased the day after it expires.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from evenhand.casework.case import BEFORE_DECISION
from evenhand.casework.events import ContactRecorded, FieldRecorded
from evenhand.store.read import CaseFile, Reading

ENDED = frozenset({"collected", "closed", "withdrawn", "not_this_round"})
"""States in which a case has ended, unless an appeal is open."""

UNDECIDED = frozenset({"invited", *BEFORE_DECISION})

BATCH = 1000
"""Rows read at once."""


@dataclass(frozen=True, slots=True)
class Retention:
    """A programme's retention rules.

    Attributes:
        programme: its name.
        ends: its last day.
        answers_days: days after the end that a case is kept.
        contact_days: days after the end that contact details are kept.
        undecided_days: days after its last change that a case without a decision is kept.
    """

    programme: str
    ends: date
    answers_days: int
    contact_days: int
    undecided_days: int


@dataclass(frozen=True, slots=True)
class Due:
    """What is due.

    Attributes:
        case_id: the case.
        what: the whole case, or some of its events.
        indexes: ledger indexes of these events; empty for a whole case.
        rule: name and days of the rule, as the tombstone will say.
    """

    case_id: str
    what: Literal["case", "events"]
    indexes: tuple[int, ...]
    rule: str


def due(reading: Reading, rules: Retention, today: date) -> tuple[Due, ...]:
    """Everything of a programme that is due to be erased on a day, whole cases first.

    Args:
        reading: a snapshot.
        rules: the programme's.
        today: the day.
    """
    cases: list[Due] = []
    parts: list[Due] = []
    for file in _files(reading, rules.programme):
        rule = case_rule(file, rules, today)
        if rule:
            cases.append(Due(file.case_id, "case", (), rule))
        else:
            parts.extend(_parts(reading, file, rules, today))
    return (*cases, *parts)


def case_rule(file: CaseFile, rules: Retention, today: date) -> str:
    """The rule by which a whole case is due on a day, or empty."""
    if _end(file, rules) + timedelta(days=rules.answers_days) < today:
        return f"answers_days={rules.answers_days}"
    changed = date.fromisoformat(file.updated_at[:10])
    if file.state in UNDECIDED and changed + timedelta(days=rules.undecided_days) < today:
        return f"undecided_days={rules.undecided_days}"
    return ""


def _end(file: CaseFile, rules: Retention) -> date:
    """The case's end or the programme's, whichever is first."""
    if file.state in ENDED and not file.appeal_open:
        return min(date.fromisoformat(file.since[:10]), rules.ends)
    return rules.ends


def _parts(reading: Reading, file: CaseFile, rules: Retention, today: date) -> Iterator[Due]:
    contact_due = _end(file, rules) + timedelta(days=rules.contact_days) < today
    kinds = reading.kinds(file.case_id)
    if FieldRecorded.kind not in kinds and not (contact_due and ContactRecorded.kind in kinds):
        return
    events = reading.events(file.case_id)
    contacts = tuple(index for index, event in events if isinstance(event, ContactRecorded))
    if contact_due and contacts:
        yield Due(file.case_id, "events", contacts, f"contact_days={rules.contact_days}")
    fields = tuple(
        index
        for index, event in events
        if isinstance(event, FieldRecorded) and date.fromisoformat(event.expires) < today
    )
    if fields:
        yield Due(file.case_id, "events", fields, "expires_days")


def _files(reading: Reading, programme: str) -> Iterator[CaseFile]:
    after: tuple[str, str] | None = None
    while page := reading.queue(programme, limit=BATCH, after=after):
        yield from page
        after = (page[-1].since, page[-1].pseudonym)
