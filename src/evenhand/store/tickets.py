"""Tickets of a round: the list that is closed, and the erasable link from a ticket to its case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from evenhand.casework.allocate import Result
from evenhand.store import schema
from evenhand.store.read import Reading
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket of a round.

    Attributes:
        ticket: 32 hexadecimal characters.
        case_id: its case; None once the case was erased.
        p_class: its public class.
        result: `offer` or `waiting` once drawn, else None.
    """

    ticket: str
    case_id: str | None
    p_class: int
    result: str | None


def add_tickets(unit: Unit, programme: str, round_name: str, rows: Iterable[TicketRow]) -> None:
    """Keep the tickets of a round."""
    kept = [
        {
            "ticket": row.ticket,
            "programme": programme,
            "round": round_name,
            "case_id": row.case_id,
            "p_class": row.p_class,
            "result": row.result,
        }
        for row in rows
    ]
    if kept:
        unit.connection.execute(insert(schema.ticket), kept)


def tickets(reading: Reading, programme: str, round_name: str) -> tuple[TicketRow, ...]:
    """The tickets of a round, in their own order."""
    table = schema.ticket
    query = (
        select(table.c.ticket, table.c.case_id, table.c.p_class, table.c.result)
        .where(table.c.programme == programme, table.c.round == round_name)
        .order_by(table.c.ticket)
    )
    return tuple(TicketRow(*row) for row in reading.connection.execute(query))


def set_results(unit: Unit, found: Sequence[tuple[str, Result]]) -> None:
    """Note the result of each ticket."""
    table = schema.ticket
    for result in ("offer", "waiting"):
        drawn = [ticket for ticket, each in found if each == result]
        for start in range(0, len(drawn), 500):
            chosen = table.c.ticket.in_(drawn[start : start + 500])
            unit.connection.execute(update(table).where(chosen).values(result=result))


def drop_tickets(unit: Unit, programme: str, round_name: str) -> None:
    """Take the tickets of a void round out."""
    table = schema.ticket
    unit.connection.execute(delete(table).where(table.c.programme == programme, table.c.round == round_name))
