"""Marks: how a case is named in an address, in one session and nowhere else."""

import hashlib

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.queue import case_by_pseudonym
from evenhand.web.visit import Visit

MOST = 2000
"""Marks that a session keeps; the oldest go first."""

PREFIX = "mark "


def mark_of(visit: Visit, pseudonym: str) -> str:
    """The mark of a case in this session."""
    session = visit.begin()
    mark = hashlib.sha256(f"{session.hashed}|{pseudonym}".encode()).hexdigest()[:16]
    session.draft.pop(PREFIX + mark, None)
    session.draft[PREFIX + mark] = pseudonym
    known = [name for name in session.draft if name.startswith(PREFIX)]
    for name in known[: max(0, len(known) - MOST)]:
        session.draft.pop(name, None)
    return mark


def case_of_mark(visit: Visit, actor: Actor, mark: str) -> str:
    """The case that a mark names.

    Raises:
        CaseError: no such mark in this session, no such case any more, or not yours to see.
    """
    pseudonym = visit.begin().draft.get(PREFIX + mark)
    if pseudonym is None:
        raise CaseError("case.unknown", "There is no such case.", mend="Look at the queue again.")
    return case_by_pseudonym(visit.office, actor, pseudonym)
