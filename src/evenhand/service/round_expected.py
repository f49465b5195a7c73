"""What a drawn round is expected to get right and wrong, from its public list alone.

Anybody can compute the same from the published file, so nothing more is told by it. Where the list is withheld,
these figures are too.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.audit.expect import best_first, in_proportion
from evenhand.casework.allocate import CERTAIN, Entry, probabilities
from evenhand.casework.protocol import may_be_public
from evenhand.measure.responses import FloatArray
from evenhand.service.office import Office
from evenhand.service.rounds import protocol_of
from evenhand.store.tickets import tickets

RoundWay = Literal["draw", "cut", "uniform"]


@dataclass(frozen=True, slots=True)
class RoundErrors:
    """The errors that one way of giving the places is expected to make among those on the list.

    Attributes:
        way: the draw, a plain cut-off by class, or a lottery with equal chances.
        exclusion: share of the need on the list that gets no place; None where nobody on it is in need.
        inclusion: share of the places that goes to people not in need; None without a place.
    """

    way: RoundWay
    exclusion: float | None
    inclusion: float | None


def round_expected(office: Office, programme: str, name: str) -> tuple[RoundErrors, ...]:
    """The expected errors of a round beside two yardsticks on the same list; none while its list is not public.

    Raises:
        RoundError: there is no such round.
    """
    with office.store.reading() as reading:
        protocol = protocol_of(office, reading, programme, name)
        rows = tickets(reading, programme, name)
    entries = [Entry(row.ticket, row.p_class) for row in rows]
    if protocol.secret is None or not entries or not may_be_public(entries):
        return ()
    return errors_of(entries, protocol.plan.to_draw, protocol.plan.certain_yes)


def errors_of(entries: list[Entry], places: int, certain_yes: float) -> tuple[RoundErrors, ...]:
    """The expected errors of the three ways.

    Args:
        entries: the list.
        places: places that are given.
        certain_yes: P from which a case is certain.
    """
    p = np.array([p_of(entry, certain_yes) for entry in entries])
    order = np.array([entry.p_class for entry in entries], dtype=np.float64)
    drawn = np.array([float(chance) for chance in probabilities(entries, places)])
    ways: tuple[tuple[RoundWay, FloatArray], ...] = (
        ("draw", drawn),
        ("cut", best_first(order, places)),
        ("uniform", in_proportion(np.ones(len(p)), places)),
    )
    return tuple(_errors(way, p, chance) for way, chance in ways)


def p_of(entry: Entry, certain_yes: float) -> float:
    """The middle of an entry's class: of its tenth of P, or of what lies above `certain_yes`."""
    return (1 + certain_yes) / 2 if entry.p_class == CERTAIN else entry.size / 20


def _errors(way: RoundWay, p: FloatArray, chance: FloatArray) -> RoundErrors:
    need, given = float(p.sum()), float(chance.sum())
    return RoundErrors(
        way,
        float(p @ (1 - chance)) / need if need > 0 else None,
        float((1 - p) @ chance) / given if given > 0 else None,
    )
