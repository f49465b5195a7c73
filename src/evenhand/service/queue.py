"""The caseworkers' queue: what needs a person first, and why."""

from dataclasses import dataclass
from typing import Literal

from evenhand.casework.case import Case
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.office import Office, permit
from evenhand.store.read import CaseFile, Reading

Why = Literal["appeal", "review", "not_this_round", "offer", "lottery", "waiting", "corrected"]

ORDER: tuple[Why, ...] = ("appeal", "corrected", "review", "not_this_round", "offer", "lottery", "waiting")
"""Appeals have a deadline; then cases that no machine may propose anything for; then the rest."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in the queue.

    Attributes:
        file: the case as queues show it: no answer and no measure.
        why: why it needs a person, or waits.
        reasons: the rule's steps, for cases with a proposal.
    """

    file: CaseFile
    why: Why
    reasons: tuple[str, ...]


def queue(office: Office, actor: Actor, programme: str, *, limit: int = 100) -> tuple[Waiting, ...]:
    """Open cases of a programme, what needs a person first, then longest waiting first.

    Args:
        office: the office.
        actor: a caseworker.
        programme: its name.
        limit: most cases of each kind.
    """
    permit(actor, "see cases")
    with office.store.reading() as reading:
        found = [
            *reading.queue(programme, appeal_open=True, limit=limit),
            *(
                file
                for proposal in ("review", "not_this_round", "offer", "lottery")
                for file in reading.queue(programme, "proposed", proposal=proposal, appeal_open=False, limit=limit)
            ),
            *reading.queue(programme, "waiting", appeal_open=False, limit=limit),
        ]
        rows = [_row(reading, file) for file in found]
    return tuple(sorted(rows, key=lambda row: (ORDER.index(row.why), row.file.since, row.file.pseudonym)))


def case_by_pseudonym(office: Office, actor: Actor, pseudonym: str) -> str:
    """The case that a caseworker names by its pseudonym.

    Raises:
        CaseError: there is none, or it is not yours to see.
    """
    permit(actor, "see cases")
    with office.store.reading() as reading:
        found = reading.find_pseudonym(pseudonym)
    if found is None:
        raise CaseError(
            "case.unknown",
            f"There is no case {pseudonym[:32]!r}.",
            why="It was erased, or it never was.",
            mend="Look at the queue again.",
        )
    return found


def _row(reading: Reading, file: CaseFile) -> Waiting:
    if file.appeal_open:
        return Waiting(file, "appeal", ())
    if file.state == "waiting":
        return Waiting(file, "waiting", ())
    case = reading.case(file.case_id)
    return Waiting(file, _why(case), case.proposal.reasons if case.proposal else ())


def _why(case: Case) -> Why:
    if case.decision is not None:
        return "corrected"
    return case.proposal.proposal if case.proposal is not None else "review"
