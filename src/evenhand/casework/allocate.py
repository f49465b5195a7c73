"""Rounds: who is offered support, by rules that anyone can recompute.

Certain cases come first; if they exceed the places, a lottery with equal chances decides among them. Then the band
between the two certainties: systematic sampling with unequal probabilities (Madow 1949) in integer arithmetic, in
an order that nobody could have chosen. With sizes s_i that add to S and n places, case i is drawn with probability
exactly n s_i / S; sizes with n s_i >= S are taken first, with certainty, and the rest is drawn anew.

The seed is SHA-256(domain, list root, secret, second value): the operator committed to the secret before the list
was closed, and the second value came from outside after it was. So neither could be fitted to the other.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evenhand.errors import RoundError

Result = Literal["offer", "waiting"]

CERTAIN = 10
"""The class of those above `certain_yes`; the classes 0 to 9 are tenths of P in the band."""

CLASSES = 11
DOMAIN = b"evenhand.round/1"
TICKET_BYTES = 16
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One case in a round, as the public file shows it.

    Attributes:
        ticket: 32 hexadecimal characters, random, known to its owner.
        p_class: 0 to 9, tenths of P(need >= threshold), one more with a declared priority; 10 when certain.
    """

    ticket: str
    p_class: int

    @property
    def size(self) -> int:
        """The middle of the class in twentieths of P: what the chance is proportional to."""
        return 2 * self.p_class + 1


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a round comes to.

    Attributes:
        results: result of each entry, in the order of the entries.
        probabilities: exact chance of an offer that each entry had before the draw.
        places: places of the round.
        offered: how many were offered support: the places, or all entries where they are fewer.
    """

    results: tuple[Result, ...]
    probabilities: tuple[Fraction, ...]
    places: int
    offered: int


def p_class(p: float, *, certain_yes: float, priority: bool = False) -> int:
    """The public class of a probability; a declared priority adds one step and never makes a case certain."""
    if p >= certain_yes:
        return CERTAIN
    return min(9, int(10 * p) + int(priority))


def places_of(money: int, cost: int, most: int) -> tuple[int, int]:
    """Places that the money pays for, at most `most`, and the money that remains.

    Args:
        money: in the smallest unit of the currency.
        cost: of the dearest support, likewise.
        most: most places.
    """
    if cost <= 0 or money < 0 or most < 0:
        raise RoundError(
            "round.budget",
            "A budget and a number of places cannot be negative, nor a cost nothing.",
            where=f"money {money}, cost {cost}, places {most}",
            mend="Correct the programme's budget or the costs of its support.",
        )
    places = min(most, money // cost)
    return places, money - places * cost


def reserved_of(places: int, share: float) -> int:
    """Places kept for appeals and reviews: the share, rounded up, so that a share never rounds to none."""
    whole = Fraction(share).limit_denominator(1_000_000) * places
    return -(-whole.numerator // whole.denominator)


def commitment(round_name: str, secret: bytes) -> str:
    """What is published of the secret before the list is closed."""
    return _digest(b"commitment", round_name.encode(), secret).hex()


def list_root(entries: Iterable[Entry]) -> str:
    """The closed list as one hash: the entries in the order of their tickets."""
    rows = "".join(f"{entry.ticket},{entry.p_class}\n" for entry in sorted(entries))
    return _digest(b"list", rows.encode()).hex()


def seed_of(root: str, secret: bytes, second_value: str) -> bytes:
    """The seed of the draw."""
    return _digest(b"seed", bytes.fromhex(root), secret, second_value.encode())


def check_entries(entries: Sequence[Entry]) -> None:
    """Refuse a list that cannot be one.

    Raises:
        RoundError: a ticket that stands twice or is no ticket, or a class that there is not.
    """
    seen: set[str] = set()
    for row, entry in enumerate(entries, start=1):
        try:
            fine = len(bytes.fromhex(entry.ticket)) == TICKET_BYTES and entry.ticket == entry.ticket.lower()
        except ValueError:
            fine = False
        if not fine or not 0 <= entry.p_class < CLASSES or entry.ticket in seen:
            raise RoundError(
                "round.entry",
                "A line of the list is no entry, or its ticket stands twice.",
                where=f"entry {row}",
                why=f"A ticket has {2 * TICKET_BYTES} small hexadecimal letters and a class from 0 to {CERTAIN}.",
                mend="Take the list as it was closed.",
            )
        seen.add(entry.ticket)


def allocate(entries: Sequence[Entry], places: int, seed: bytes) -> Allocation:
    """Draw a round: certain cases first, then the band, each place given exactly once.

    Args:
        entries: the closed list, in any order.
        places: places to give.
        seed: from `seed_of`.

    Raises:
        RoundError: the list is no list.
    """
    check_entries(entries)
    chances = probabilities(entries, places)
    certain = [k for k, entry in enumerate(entries) if entry.p_class == CERTAIN]
    band = [k for k, entry in enumerate(entries) if entry.p_class != CERTAIN]
    drawn = set(_draw(entries, certain, min(places, len(certain)), [1] * len(certain), seed, b"certain"))
    left = places - len(drawn)
    drawn |= set(_draw(entries, band, left, [entries[k].size for k in band], seed, b"band"))
    results: tuple[Result, ...] = tuple("offer" if k in drawn else "waiting" for k in range(len(entries)))
    return Allocation(results, chances, places, len(drawn))


def probabilities(entries: Sequence[Entry], places: int) -> tuple[Fraction, ...]:
    """The exact chance of an offer that each entry has, before any seed is known."""
    certain = [k for k, entry in enumerate(entries) if entry.p_class == CERTAIN]
    band = [k for k, entry in enumerate(entries) if entry.p_class != CERTAIN]
    out = [Fraction(0)] * len(entries)
    for k in certain:
        out[k] = min(Fraction(1), Fraction(places, len(certain)))
    left = max(0, places - len(certain))
    for k, chance in zip(band, _chances([entries[k].size for k in band], left), strict=True):
        out[k] = chance
    return tuple(out)


def _chances(sizes: list[int], n: int) -> list[Fraction]:
    """Inclusion probabilities proportional to size, the largest at one; all at one where n covers them."""
    taken = _always(sizes, n)
    total = sum(size for size, always in zip(sizes, taken, strict=True) if not always)
    left = n - sum(taken)
    by_size = {size: Fraction(left * size, total) for size in set(sizes)} if total else {}
    return [Fraction(1) if always else by_size[size] for size, always in zip(sizes, taken, strict=True)]


def _always(sizes: list[int], n: int) -> list[bool]:
    """Which are taken with certainty: those whose share of n places would be one or more, until none is."""
    if n >= len(sizes):
        return [True] * len(sizes)
    taken_sizes: set[int] = set()
    while True:
        rest = [size for size in sizes if size not in taken_sizes]
        left, total = n - (len(sizes) - len(rest)), sum(rest)
        more = {size for size in set(rest) if left * size >= total}
        if not more or left <= 0:
            return [size in taken_sizes for size in sizes]
        taken_sizes |= more


def _draw(
    entries: Sequence[Entry], among: list[int], n: int, sizes: list[int], seed: bytes, part: bytes
) -> list[int]:
    """Systematic sampling of n of the entries in the order of the hashes of seed and ticket."""
    taken = _always(sizes, n)
    drawn = [k for k, always in zip(among, taken, strict=True) if always]
    rest = [(k, size) for k, size, always in zip(among, sizes, taken, strict=True) if not always]
    left = n - len(drawn)
    if left <= 0 or not rest:
        return drawn
    rest.sort(key=lambda pair: _digest(part, seed, bytes.fromhex(entries[pair[0]].ticket)))
    total = sum(size for _, size in rest)
    point, end = _below(total, seed, part), 0
    for k, size in rest:
        end += left * size
        if point < end:
            drawn.append(k)
            point += total
    return drawn


def _below(bound: int, seed: bytes, part: bytes) -> int:
    """A whole number from 0 to bound - 1, each exactly as likely: hashes beyond a multiple are dropped."""
    ceiling = 2**256 - 2**256 % bound
    counter = 0
    while True:
        value = int.from_bytes(_digest(b"start", part, seed, counter.to_bytes(8, "big")), "big")
        if value < ceiling:
            return value % bound
        counter += 1


def _digest(*parts: bytes) -> bytes:
    """SHA-256 of the domain and the parts, each with its length, so that no two lists of parts collide."""
    body = b"".join(len(part).to_bytes(8, "big") + part for part in (DOMAIN, *parts))
    return hashlib.sha256(body).digest()
