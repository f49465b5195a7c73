"""The rule's and the office's part of an explanation: proposal, decision, and what can be done about it."""

from typing import Any

from evenhand.casework.assess import NeedMeasure
from evenhand.casework.case import BEFORE_DECISION, DECIDED
from evenhand.casework.decide import Capacity, propose
from evenhand.casework.events import NotThisRound, Offered, PutWaiting
from evenhand.casework.explainfaults import differs
from evenhand.casework.explainparts import Chosen, Decided, Drawn, InWords, Outcome, Priority, Ruled, Ways
from evenhand.casework.explainrecord import Past
from evenhand.programme.definition import Programme
from evenhand.programme.instrument import Instrument

_LEVELS: dict[str, Capacity] = {"low": "low", "high": "high"}


def ruled(found: Past, programme: Programme, measure: NeedMeasure) -> Ruled:
    """The rule applied again, and where it led.

    Raises:
        CaseError: it leads elsewhere than it did.
    """
    rule = programme.rule
    again = propose(
        measure,
        rule,
        min_answered=programme.need.min_answered,
        support=programme.support,
        capacity=_LEVELS.get(found.assessed.capacity, "unknown"),
    )
    was = found.proposed
    if was is not None and (was.proposal, was.reasons, was.support) != (
        again.proposal,
        again.reasons,
        again.support,
    ):
        raise differs("the proposal")
    return Ruled(
        version=rule.version,
        certain_yes=rule.certain_yes,
        certain_no=rule.certain_no,
        middle=rule.middle,
        min_answered=programme.need.min_answered,
        proposal=again.proposal,
        reasons=again.reasons,
    )


def chosen(found: Past, programme: Programme) -> Chosen:
    """The kind of support, and what capacity had to do with it."""
    titles = {kind.name: kind.title for kind in programme.support}
    fitting = found.proposed.support if found.proposed else None
    offered = found.decision.support if isinstance(found.decision, Offered) else None
    return Chosen(
        fitting=titles[fitting] if fitting else None,
        offered=titles[offered] if offered else None,
        capacity=_LEVELS.get(found.assessed.capacity, "unknown"),
        measured=programme.capacity is not None,
    )


def priority(found: Past, programme: Programme) -> tuple[Priority, ...]:
    """The extra facts that put the case earlier, by the frozen trace: the facts themselves may have expired."""
    named: Any = found.proposed.trace.get("priority", ()) if found.proposed else ()
    fields = (programme.extra_field(str(name)) for name in named)
    return tuple(Priority(field.name, field.label, field.purpose) for field in fields)


def decided(found: Past) -> Decided | None:
    """The decision, without a name."""
    decision, now = found.decision, found.now.decision
    if decision is None:
        return None
    outcomes: dict[type, Outcome] = {
        Offered: "offered",
        PutWaiting: "put-waiting",
        NotThisRound: "not-this-round",
    }
    return Decided(
        version=decision.version,
        outcome=outcomes[type(decision)],
        by="round" if decision.round else "caseworker",
        on=decision.at.date().isoformat(),
        reason=decision.reason,
        overrides=isinstance(decision, Offered | NotThisRound) and decision.overrides,
        stands=now is not None and now.version == decision.version,
    )


def drawn(found: Past) -> Drawn | None:
    """The round that decided, or the one that the case entered."""
    decision, ticket = found.decision, found.ticket
    if decision is not None and decision.round:
        number, p_class = (ticket.ticket, ticket.p_class) if ticket else (None, None)
        return Drawn(decision.round, number, p_class, decision.probability)
    if decision is None and ticket is not None:
        return Drawn(ticket.round, ticket.ticket, ticket.p_class, None)
    return None


def ways(found: Past, programme: Programme) -> Ways:
    """What can be corrected, and how the standing decision is contested."""
    now, answer = found.now, found.answer
    standing = now.decision if now.state in {*DECIDED, "proposed"} else None
    return Ways(
        correctable=_questions(programme) if now.state in {*BEFORE_DECISION, *DECIDED} else (),
        contests=standing.version if standing else None,
        until=standing.appeal_until if standing else None,
        reserved=programme.rule.reserved_share > 0,
        answer_days=programme.appeals.answer_days,
        answer_by=now.appeal.answer_by if now.appeal else None,
        answered=answer.changed if answer else None,
        answer=answer.reason if answer else "",
        complaints=programme.controller.complaints,
    )


def _questions(programme: Programme) -> tuple[tuple[str, str, InWords], ...]:
    instruments = {"need": programme.need_instrument(), "capacity": programme.capacity_instrument()}
    asked = [
        (component, item.name, item.wording)
        for component, instrument in instruments.items()
        if instrument is not None
        for item in _own(instrument, component)
    ]
    return (*asked, *(("field", field.name, field.label) for field in programme.fields))


def _own(instrument: Instrument, component: str) -> list[Any]:
    return [item for item in instrument.items if (item.component or instrument.component) == component]
