"""A round, step by step: plan, close, draw, reveal. Each step is an event, and none can be taken out of its order.

1. `plan`: the protocol is approved and published, with the commitment to a secret.
2. `close`: every open case that may enter gets a ticket; the list is closed and checkpointed.
3. `draw`: the second value comes from outside the operator's reach.
4. `reveal`: the secret is revealed, everyone's result follows, and every decision is stored in one change.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from evenhand.casework.allocate import CERTAIN, Entry, commitment, list_root, p_class, places_of, reserved_of
from evenhand.casework.case import Case
from evenhand.casework.events import (
    Offered,
    PutWaiting,
    RoundClosed,
    RoundDrawn,
    RoundPlanned,
    RoundRevealed,
    RoundVoided,
    TicketIssued,
)
from evenhand.casework.protocol import Plan, Protocol, draw
from evenhand.casework.roles import Actor
from evenhand.errors import RoundError
from evenhand.programme.definition import Programme
from evenhand.service.decide import places_free, places_left
from evenhand.service.office import Office, permit
from evenhand.store.read import CaseFile, Reading
from evenhand.store.tickets import TicketRow, add_tickets, drop_tickets, set_results, tickets
from evenhand.store.unit import Unit

ROUND_EVENTS = (RoundPlanned, RoundClosed, RoundDrawn, RoundRevealed, RoundVoided)
NAME = "abcdefghijklmnopqrstuvwxyz0123456789-"


@dataclass(frozen=True, slots=True)
class Steps:
    """What the ledger knows of a round: each step's event with its index, None until it was taken."""

    planned: tuple[int, RoundPlanned] | None = None
    closed: tuple[int, RoundClosed] | None = None
    drawn: tuple[int, RoundDrawn] | None = None
    revealed: tuple[int, RoundRevealed] | None = None
    voided: tuple[int, RoundVoided] | None = None


@dataclass(frozen=True, slots=True)
class RoundDone:
    """A round that was drawn.

    Attributes:
        protocol: as it is published.
        offered: cases that were offered support.
        waiting: cases that wait for the next round.
        gone: tickets whose case left, was frozen or erased since the close; their places go to the next round.
    """

    protocol: Protocol
    offered: int
    waiting: int
    gone: int


def plan(
    office: Office,
    actor: Actor,
    programme: str,
    name: str,
    *,
    approved_by: str,
    second_value_from: str,
    places: int | None = None,
) -> Plan:
    """Fix and publish the protocol of a round, before its list is closed.

    Args:
        office: the office.
        actor: an analyst.
        programme: its name.
        name: name of the round: small letters, digits and dashes.
        approved_by: the member of staff who approved the protocol, not the one who runs it.
        second_value_from: whose second value it will be, or which public draw.
        places: places of this round; all that are left, and that the money pays for, when left out.

    Raises:
        RoundError: the name is taken or no name, or the places cost more than there is.
    """
    permit(actor, "plan round")
    with office.store.unit() as unit:
        definition = office.programme(unit.reading, programme)
        _check_plan(unit.reading, actor, programme, name, approved_by, second_value_from)
        left = places_free(unit.reading, definition)
        cost = max(smallest_unit(kind.cost) for kind in definition.support)
        taken = definition.budget.places - places_left(unit.reading, definition)
        money = smallest_unit(definition.budget.money) - taken * cost
        most, _ = places_of(max(money, 0), cost, left)
        wanted = most if places is None else places
        if not 1 <= wanted <= most:
            raise RoundError(
                "round.places",
                f"{wanted} places cannot be given.",
                where=f"round {name!r}",
                why=f"{left} places are left in the budget, and money for {most}.",
                mend="Plan fewer places.",
            )
        planned = Plan(
            round=name,
            programme=programme,
            definition_hash=definition.hash(),
            rule_hash=definition.rule_hash(),
            rule_version=definition.rule.version,
            threshold=definition.threshold_value(),
            certain_yes=definition.rule.certain_yes,
            certain_no=definition.rule.certain_no,
            money=money,
            currency=definition.budget.currency,
            cost=cost,
            places=wanted,
            reserved=reserved_of(wanted, definition.rule.reserved_share),
            approved_by=approved_by,
            second_value_from=second_value_from,
            commitment=commitment(name, _secret(office, programme, name)),
        )
        document = unit.add_document("round-plan", json.dumps(asdict(planned), sort_keys=True).encode())
        unit.append(
            RoundPlanned(programme, office.clock(), actor.id, name, document, planned.commitment, approved_by)
        )
    return planned


def close(office: Office, actor: Actor, programme: str, name: str) -> RoundClosed:
    """Give every open case that may enter a ticket, and close the list. Its checkpoint is signed at once.

    Raises:
        RoundError: the round was not planned, or was closed before.
    """
    permit(actor, "draw round")
    at = office.clock()
    with office.store.unit() as unit:
        steps = _require_step(unit.reading, programme, name, "closed")
        assert steps.planned is not None  # noqa: S101 - the step requires it
        rows = []
        for file in list(_open_files(unit.reading, programme)):
            case = unit.case(file.case_id)
            if (entry := entry_of(office, unit.reading, case)) is None:
                continue
            ticket = TicketRow(office.random(16).hex(), case.case_id, entry, None)
            unit.append(TicketIssued(programme, at, actor.id, case.case_id, name, ticket.ticket, entry))
            rows.append(ticket)
        add_tickets(unit, programme, name, rows)
        root = list_root(Entry(row.ticket, row.p_class) for row in rows)
        closed = RoundClosed(programme, at, actor.id, name, root, len(rows))
        unit.append(closed)
    office.store.checkpoint(at)
    return closed


def record_second_value(
    office: Office, actor: Actor, programme: str, name: str, *, value: str, source: str
) -> RoundDrawn:
    """Record the value that came from outside, after the list was closed.

    Raises:
        RoundError: the list is not closed, a value was recorded before, or it is empty.
    """
    permit(actor, "draw round")
    if not value.strip() or len(value) > 200 or not source.strip():
        raise RoundError(
            "round.second-value",
            "The second value, or its source, is empty or too long.",
            mend="Give the value as it was told or published, and say whose it is.",
        )
    with office.store.unit() as unit:
        _require_step(unit.reading, programme, name, "drawn")
        drawn = RoundDrawn(programme, office.clock(), actor.id, name, value.strip(), source.strip())
        unit.append(drawn)
    return drawn


def reveal(office: Office, actor: Actor, programme: str, name: str) -> RoundDone:
    """Reveal the secret, draw, and store everyone's decision, all in one change.

    Raises:
        RoundError: a step before is missing, or what is stored is not what was committed to.
    """
    permit(actor, "draw round")
    with office.store.unit() as unit:
        _require_step(unit.reading, programme, name, "revealed")
        protocol = protocol_of(office, unit.reading, programme, name)
        rows = tickets(unit.reading, programme, name)
        entries = [Entry(row.ticket, row.p_class) for row in rows]
        done, found = draw(protocol, entries, _secret(office, programme, name))
        set_results(unit, list(zip((row.ticket for row in rows), found.results, strict=True)))
        counts = {"offer": 0, "waiting": 0, "gone": 0}
        for row, result, chance in zip(rows, found.results, found.probabilities, strict=True):
            stored = _decide(office, actor, unit, done.plan, row, result, chance)
            counts[result if stored else "gone"] += 1
        unit.append(
            RoundRevealed(
                programme=programme,
                at=office.clock(),
                actor=actor.id,
                round=name,
                secret=str(done.secret),
                results_hash=str(done.results_hash),
                offered=found.offered,
                unused=done.plan.places - counts["offer"],
                remainder=int(done.remainder or 0),
            )
        )
    office.store.checkpoint(office.clock())
    return RoundDone(done, counts["offer"], counts["waiting"], counts["gone"])


def void(office: Office, actor: Actor, programme: str, name: str, *, reason: str) -> RoundVoided:
    """Declare a round void, with the reason: nobody's case changes by it.

    Raises:
        RoundError: the round does not exist, or was revealed.
    """
    permit(actor, "draw round")
    with office.store.unit() as unit:
        _require_step(unit.reading, programme, name, "voided")
        drop_tickets(unit, programme, name)
        voided = RoundVoided(programme, office.clock(), actor.id, name, reason.strip() or "no reason was given")
        unit.append(voided)
    return voided


def protocol_of(office: Office, reading: Reading, programme: str, name: str) -> Protocol:  # noqa: ARG001 - as its peers
    """The protocol as far as the round has come."""
    steps = steps_of(reading, programme, name)
    if steps.planned is None:
        raise _out_of_order(name, "It was never planned.", "Plan it with evenhand round plan.")
    _, planned = steps.planned
    protocol = Protocol(Plan(**json.loads(reading.document(planned.protocol_hash).content)))
    if steps.closed is not None:
        protocol = replace(protocol, list_root=steps.closed[1].list_root, entries=steps.closed[1].entries)
    if steps.drawn is not None:
        protocol = replace(protocol, second_value=steps.drawn[1].second_value)
    if steps.revealed is not None:
        last = steps.revealed[1]
        protocol = replace(
            protocol,
            secret=last.secret,
            results_hash=last.results_hash,
            offered=last.offered,
            remainder=last.remainder,
        )
    return protocol


def steps_of(reading: Reading, programme: str, name: str) -> Steps:
    """The steps that a round has taken, from the ledger."""
    found: dict[str, Any] = {}
    for index, event in reading.office_events(programme):
        if isinstance(event, ROUND_EVENTS) and event.round == name:
            found[event.kind.removeprefix("round-")] = (index, event)
    return Steps(**found)


def entry_of(office: Office, reading: Reading, case: Case) -> int | None:
    """The class under which a case enters a round; None where it does not.

    Certain cases enter, and those in the band where the rule says lottery. A case that waits for a person, is
    frozen, or has an open appeal does not: its place is among the reserved ones.
    """
    if case.state not in {"proposed", "waiting"} or case.restricted or case.appeal is not None:
        return None
    if case.proposal is None or case.assessment is None or case.proposal.proposal not in {"offer", "lottery"}:
        return None
    definition = office.definition(reading, case.programme, case.assessment.definition_hash)
    found = p_class(
        case.assessment.p,
        certain_yes=definition.rule.certain_yes,
        priority=bool(case.proposal.trace.get("priority")),
    )
    return CERTAIN if case.proposal.proposal == "offer" else found


def smallest_unit(amount: float) -> int:
    """An amount of money in hundredths, exactly as it is written with two decimals."""
    return round(Fraction(str(amount)) * 100)


def _decide(
    office: Office, actor: Actor, unit: Unit, plan_: Plan, row: TicketRow, result: str, chance: Fraction
) -> bool:
    """Store what the draw means for one case; False where the case left since the close."""
    if row.case_id is None:
        return False
    case = unit.case(row.case_id)
    if case.restricted or case.state not in {"proposed", "waiting"}:
        return False
    definition = office.of_case(unit.reading, case.case_id)
    at = office.clock()
    common: dict[str, Any] = {
        "programme": case.programme,
        "at": at,
        "actor": actor.id,
        "case": case.case_id,
        "version": case.decision.version + 1 if case.decision else 1,
        "assessment": case.versions,
        "reason": f"round {plan_.round}",
        "appeal_until": (at.date() + timedelta(days=definition.appeals.open_days)).isoformat(),
        "round": plan_.round,
        "probability": float(chance),
    }
    if result == "offer":
        unit.append(Offered(**common, support=_support(definition, case), overrides=False))
    else:
        unit.append(PutWaiting(**common, approved_by=plan_.approved_by))
    return True


def _support(definition: Programme, case: Case) -> str:
    """The kind that fits; where none is known to, the first that fits anybody."""
    if case.proposal is not None and case.proposal.support is not None:
        return case.proposal.support
    return next(kind.name for kind in definition.support if kind.capacity == "any")


def _open_files(reading: Reading, programme: str) -> Iterator[CaseFile]:
    for state in ("proposed", "waiting"):
        after: tuple[str, str] | None = None
        while page := reading.queue(
            programme, state, appeal_open=False, restricted=False, limit=1000, after=after
        ):
            yield from page
            after = (page[-1].since, page[-1].pseudonym)


def _secret(office: Office, programme: str, name: str) -> bytes:
    """The round's secret: nobody can choose it, and whoever holds the keys can always reveal it."""
    return office.store.keys.integrity_tag("round-secret", f"{programme}\n{name}".encode())


def _check_plan(
    reading: Reading, actor: Actor, programme: str, name: str, approved_by: str, second_value_from: str
) -> None:
    if not 1 <= len(name) <= 40 or set(name) - set(NAME) or name.startswith("-"):
        raise RoundError(
            "round.name",
            f"{name[:40]!r} cannot be the name of a round.",
            mend="Use up to 40 small letters, digits and dashes.",
        )
    if steps_of(reading, programme, name) != Steps():
        raise _out_of_order(name, "A round of that name was planned before.", "Give this one another name.")
    if not approved_by.strip() or approved_by == actor.id or not second_value_from.strip():
        raise RoundError(
            "round.approval",
            "A named officer, other than who runs the round, approves the protocol and the source of the value.",
            where=f"round {name!r}",
            mend="Name the officer with --approved-by, and whose second value it will be.",
        )


def _require_step(reading: Reading, programme: str, name: str, step: str) -> Steps:
    """See that a step comes now: after the ones before it, and once."""
    steps = steps_of(reading, programme, name)
    order = ("planned", "closed", "drawn", "revealed")
    if steps.voided is not None:
        raise _out_of_order(name, "It was declared void.", "Plan a new round.")
    if steps.revealed is not None:
        raise _out_of_order(name, "It was revealed; nothing changes it any more.", "Plan a new round.")
    if step == "voided":
        needed: tuple[str, ...] = ("planned",)
    else:
        needed = order[: order.index(step)]
        if getattr(steps, step) is not None:
            raise _out_of_order(name, f"It was {step} before.", "Take the step that comes next.")
    for before in needed:
        if getattr(steps, before) is None:
            raise _out_of_order(name, f"It is not {before} yet.", "Take the steps in their order.")
    return steps


def _out_of_order(name: str, why: str, mend: str) -> RoundError:
    return RoundError(
        "round.order", "This step of the round cannot come now.", where=f"round {name[:40]!r}", why=why, mend=mend
    )
