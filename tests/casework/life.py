"""Invented cases for the tests of the rules."""

from datetime import UTC, datetime
from typing import Any

from evenhand.casework.case import Case, fold
from evenhand.casework.events import (
    AnswerRecorded,
    Assessed,
    CaseCompleted,
    CaseEvent,
    ConsentRecorded,
    NotThisRound,
    Offered,
    Proposed,
    PutWaiting,
)

CASE = "0123456789abcdef" * 2
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
BASE: dict[str, Any] = {"programme": "town", "at": NOW, "actor": "respondent", "case": CASE}
STAFF: dict[str, Any] = {**BASE, "actor": "anna"}

CONSENT = ConsentRecorded(
    **BASE,
    notice_version="1",
    notice_hash="aa",
    purposes={"decide": True, "statistics": False},
    language="en",
    basis="public-task",
    district="north-1",
)
COMPLETED = CaseCompleted(**BASE, answered=2, unknown=0)


def answer(item: str = "WORRIED", version: int = 1, code: str | None = "1") -> AnswerRecorded:
    return AnswerRecorded(
        **BASE, component="need", item=item, version=version, code=code, reason=None if code else "dont_know"
    )


def assessed(version: int = 1) -> Assessed:
    return Assessed(
        **BASE,
        version=version,
        answers={"WORRIED": 1},
        theta=0.4,
        se=0.8,
        p=0.5,
        threshold=0.3,
        p_range=(0.5, 0.5),
        capacity="unknown",
        definition_hash="d",
        instrument_hash="i",
        scale_hash="s",
        rule_hash="r",
        software="evenhand 0",
    )


def proposed(assessment: int = 1) -> Proposed:
    return Proposed(
        **BASE, assessment=assessment, proposal="review", reasons=("between",), support=None, trace={"p": 0.5}
    )


def decision(kind: str, version: int = 1, **changes: Any) -> Offered | PutWaiting | NotThisRound:
    """A decision as a caseworker or a round would make it, with changes."""
    common: dict[str, Any] = {
        **STAFF,
        "version": version,
        "assessment": 1,
        "reason": "The answers leave it open.",
        "appeal_until": "2027-01-01",
        "round": None,
        "probability": None,
    }
    if kind == "offer":
        return Offered(**{**common, "support": "parcel", "overrides": False, **changes})
    if kind == "waiting":
        return PutWaiting(**{**common, "round": "one", "probability": 0.3, "approved_by": "olga", **changes})
    return NotThisRound(**{**common, "caseworker": "anna", "overrides": False, **changes})


TO_PROPOSED: tuple[CaseEvent, ...] = (CONSENT, answer(), COMPLETED, assessed(), proposed())


def lived(*events: CaseEvent) -> Case:
    return fold(CASE, "town", events)
