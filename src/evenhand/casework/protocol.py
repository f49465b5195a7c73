"""The protocol of a round: what is fixed and published before intake closes, and what the round adds to it."""

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any

from evenhand.casework.allocate import Allocation, Entry, Result, allocate, commitment, list_root, seed_of
from evenhand.casework.events import canonical
from evenhand.errors import RoundError

FORMAT = "evenhand.round/1"
LEAST_IN_CLASS = 11
"""A smaller class would show people: then the public file is withheld, and an auditor replays instead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed before intake closes.

    Attributes:
        round: name of the round.
        programme: its programme.
        definition_hash: hash of the programme's definition.
        rule_hash: hash of the rule.
        rule_version: its version in words.
        threshold: threshold of need, logits.
        certain_yes: P from which a case is certain.
        certain_no: P down from which a case does not enter; a person decides it.
        money: what there is to give, in the smallest unit of the currency.
        currency: ISO 4217.
        cost: of the dearest kind of support, likewise.
        places: places of the round, reserved ones among them.
        reserved: places kept for appeals and reviews.
        approved_by: the named officer who approved this.
        second_value_from: whose second value it will be, or which public draw.
        commitment: to the secret.
    """

    round: str
    programme: str
    definition_hash: str
    rule_hash: str
    rule_version: str
    threshold: float
    certain_yes: float
    certain_no: float
    money: int
    currency: str
    cost: int
    places: int
    reserved: int
    approved_by: str
    second_value_from: str
    commitment: str

    @property
    def to_draw(self) -> int:
        """Places that the draw gives."""
        return self.places - self.reserved

    def hash(self) -> str:
        """SHA-256 of the plan, hexadecimal."""
        return hashlib.sha256(canonical(asdict(self))).hexdigest()


@dataclass(frozen=True, slots=True)
class Protocol:
    """A plan and what became of it; each later field is None until its step.

    Attributes:
        plan: what was fixed before.
        list_root: hash of the closed list.
        entries: how many entries it has.
        second_value: the value from outside.
        secret: revealed, hexadecimal.
        results_hash: hash of the list with the results.
        offered: places given.
        remainder: money not given, in the smallest unit of the currency.
    """

    plan: Plan
    list_root: str | None = None
    entries: int | None = None
    second_value: str | None = None
    secret: str | None = None
    results_hash: str | None = None
    offered: int | None = None
    remainder: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"format": FORMAT, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where a recomputation and a published round part.

    Attributes:
        step: `commitment`, `list`, `draw`, `results` or `sum`.
        what: in words.
        where: the ticket or the field.
    """

    step: str
    what: str
    where: str


def results_hash(entries: list[Entry], results: list[Result]) -> str:
    """SHA-256 of the list with its results, in the order of the tickets."""
    rows = sorted(zip(entries, results, strict=True))
    text = "".join(f"{entry.ticket},{entry.p_class},{result}\n" for entry, result in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def draw(protocol: Protocol, entries: list[Entry], secret: bytes) -> tuple[Protocol, Allocation]:
    """The round's results, once the second value is there.

    Raises:
        RoundError: the secret is not the committed one, the list is not the closed one, or a step is missing.
    """
    if protocol.second_value is None or protocol.list_root is None:
        raise RoundError(
            "round.order",
            "The round is not ready to be drawn.",
            why="The list closes first, then the second value comes from outside, and the secret last of all.",
            mend="Run evenhand round close, then evenhand round draw.",
        )
    if commitment(protocol.plan.round, secret) != protocol.plan.commitment:
        raise RoundError(
            "round.secret",
            "This is not the secret that was committed to.",
            mend="Use the secret of this round. If it is lost, the round is void.",
        )
    if list_root(entries) != protocol.list_root:
        raise RoundError(
            "round.list",
            "This is not the list that was closed.",
            mend="Use the list as it was closed; if it cannot be found, the round is void.",
        )
    if protocol.plan.places * protocol.plan.cost > protocol.plan.money:
        raise RoundError(
            "round.budget",
            "The places cost more than there is.",
            where=f"{protocol.plan.places} places of {protocol.plan.cost}, money {protocol.plan.money}",
            mend="Plan fewer places.",
        )
    seed = seed_of(protocol.list_root, secret, protocol.second_value)
    found = allocate(entries, protocol.plan.to_draw, seed)
    drawn = replace(
        protocol,
        secret=secret.hex(),
        results_hash=results_hash(entries, list(found.results)),
        offered=found.offered,
        remainder=protocol.plan.money - found.offered * protocol.plan.cost,
    )
    return drawn, found


def may_be_public(entries: list[Entry]) -> bool:
    """Whether every class that occurs has enough entries for the public file."""
    counts: dict[int, int] = {}
    for entry in entries:
        counts[entry.p_class] = counts.get(entry.p_class, 0) + 1
    return all(count >= LEAST_IN_CLASS for count in counts.values())


def replay(protocol: Protocol, entries: list[Entry], results: list[Result]) -> Difference | None:
    """Recompute a published round from its files alone; None when identical.

    Args:
        protocol: the published protocol, revealed.
        entries: the published list.
        results: the published result of each entry.
    """
    if protocol.secret is None:
        return Difference("commitment", "The secret was not revealed: the round is void.", "field secret")
    try:
        again, found = draw(protocol, entries, bytes.fromhex(protocol.secret))
    except RoundError as error:
        steps = {"round.secret": "commitment", "round.list": "list", "round.entry": "list"}
        places = {"round.secret": "field secret", "round.list": "field list_root"}
        where = error.where or places.get(error.code, "the protocol")
        return Difference(steps.get(error.code, "draw"), error.what, where)
    for entry, mine, theirs in zip(entries, found.results, results, strict=True):
        if mine != theirs:
            return Difference(
                "results", f"The result is {theirs}, and the draw gives {mine}.", f"ticket {entry.ticket}"
            )
    for field in ("entries", "results_hash", "offered", "remainder"):
        mine_, theirs_ = getattr(replace(again, entries=len(entries)), field), getattr(protocol, field)
        if mine_ != theirs_:
            return Difference("sum", f"It says {theirs_}, and the recomputation {mine_}.", f"field {field}")
    return None


def protocol_from(body: Any) -> Protocol:
    """The protocol in a published file.

    Raises:
        RoundError: it is no protocol.
    """
    try:
        fields = {key: value for key, value in body.items() if key not in {"format", "plan", "ledger"}}
        if body["format"] != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")  # noqa: TRY301 - one error for every fault
        protocol = Protocol(plan=Plan(**body["plan"]), **fields)
        _require_types(protocol)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RoundError(
            "round.protocol",
            "The file is not a round's protocol.",
            why=str(error)[:200],
            mend="Take protocol.json as it was published.",
        ) from error
    return protocol


def _require_types(protocol: Protocol) -> None:
    """Refuse values of another type than the field's."""
    whole = {"money", "cost", "places", "reserved", "entries", "offered", "remainder"}
    real = {"threshold", "certain_yes", "certain_no"}
    for name, value in (*asdict(protocol.plan).items(), *asdict(protocol).items()):
        if name == "plan" or (value is None and name not in asdict(protocol.plan)):
            continue
        kinds: tuple[type, ...] = (int,) if name in whole else (int, float) if name in real else (str,)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise TypeError(f"the field {name} has a value that it cannot have")
    if min(protocol.plan.money, protocol.plan.cost, protocol.plan.reserved, protocol.plan.to_draw) < 0:
        raise ValueError("a sum or a number of places is negative")
    for name in ("list_root", "secret"):
        bytes.fromhex(getattr(protocol, name) or "")
