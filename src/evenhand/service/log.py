"""The log as an auditor explores it: entries about the office, their proofs checked live, checkpoints, access.

No entry about a case is told: an auditor sees that there are such leaves, and never what they hold.
"""

from dataclasses import dataclass
from typing import Any, Literal

from evenhand.casework.events import CredentialsSet, Event, StaffChanged, TokenChanged, to_payload
from evenhand.casework.roles import Actor
from evenhand.errors import LedgerError
from evenhand.service.office import Office, permit
from evenhand.service.receipt import office_receipt
from evenhand.service.tokenbook import TokenRow
from evenhand.store.keychain import keys_at
from evenhand.store.ledger import signers
from evenhand.store.merkle import verify_consistency
from evenhand.store.notes import open_checkpoint, parse_checkpoint, parse_note
from evenhand.store.read import Reading
from evenhand.store.receipts import Receipt, ReceiptFinding, verify_receipt

PAGE = 50
"""Entries that are given at once."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry about the office.

    Attributes:
        index: its place in the ledger.
        kind: its kind.
        at: when, ISO 8601 UTC.
        actor: who did it.
        programme: the programme that it is about, or `office`.
        body: its payload, without what stands beside.
    """

    index: int
    kind: str
    at: str
    actor: str
    programme: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, newest first.

    Attributes:
        size: entries of the whole ledger, those about cases among them.
        office: how many of them are about the office.
        entries: the page.
        before: ask for the entries before this index next; None on the last page.
    """

    size: int
    office: int
    entries: tuple[Entry, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class SeenCheckpoint:
    """A stored checkpoint: its size, root (hexadecimal), time, note, and whether its signature holds now."""

    size: int
    root: str
    at: str
    note: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Continued:
    """Whether the ledger of one checkpoint begins with that of an earlier one, as computed now.

    Attributes:
        old, new: the two checkpoints.
        proof: hashes of the consistency proof, hexadecimal.
        holds: whether both are signed and the proof holds.
    """

    old: SeenCheckpoint
    new: SeenCheckpoint
    proof: tuple[str, ...]
    holds: bool


AccessKind = Literal["roles", "credentials", "token"]


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A change of who may do what, or of what they sign in with.

    Attributes:
        index: ledger index.
        at: when, ISO 8601 UTC.
        actor: who did it.
        what: `roles` of a member of staff, their `credentials`, or a partner's `token`.
        whose: the member of staff or the partner.
        given: the roles, the kinds of credentials, or what the token opens. Never a secret.
        ended: whether it shuts somebody out, or revokes a token.
    """

    index: int
    at: str
    actor: str
    what: AccessKind
    whose: str
    given: tuple[str, ...]
    ended: bool


def log_page(
    office: Office, actor: Actor, *, before: int | None = None, kind: str | None = None, limit: int = PAGE
) -> LogPage:
    """Entries about the office, newest first.

    Args:
        office: the office.
        actor: an auditor.
        before: only entries before this index.
        kind: only entries of this kind.
        limit: most entries.
    """
    permit(actor, "see log")
    with office.store.reading() as reading:
        found, size = reading.office_events(kind=kind), reading.size()
    older = [_entry(index, event) for index, event in found if before is None or index < before]
    page = older[::-1][:limit]
    return LogPage(size, len(found), tuple(page), page[-1].index if len(older) > limit else None)


def entry(office: Office, actor: Actor, index: int) -> tuple[Entry, Receipt, ReceiptFinding]:
    """An entry about the office with its receipt, checked now against the office's published key.

    Raises:
        CaseError: not yours to see, or no entry about the office.
    """
    receipt = office_receipt(office, actor, index)
    with office.store.reading() as reading:
        found = next(_entry(at, event) for at, event in reading.office_events() if at == index)
    keys = office.store.keys
    return found, receipt, verify_receipt(receipt, [keys.verifier, *keys.former])


def checkpoints(office: Office) -> tuple[SeenCheckpoint, ...]:
    """Every stored checkpoint, newest first: they are published, and hold nothing about anybody."""
    with office.store.reading() as reading:
        return _checkpoints(office, reading)[::-1]


def continued(office: Office, actor: Actor, old: int, new: int) -> Continued:
    """Check now whether the ledger of `new` entries continues that of `old` entries.

    Args:
        office: the office.
        actor: an auditor.
        old: size of a stored checkpoint.
        new: size of another one, as large or larger.

    Raises:
        CaseError: not yours to do.
        LedgerError: no checkpoint of that size is stored.
    """
    permit(actor, "see log")
    with office.store.reading() as reading:
        known = {each.size: each for each in _checkpoints(office, reading)}
        if not 0 < old <= new or {old, new} - known.keys():
            raise LedgerError(
                "ledger.no-checkpoint",
                "No such two checkpoints are stored.",
                mend="Choose two sizes out of the list, the smaller one first.",
            )
        proof = () if old == new else reading.consistency(old, new).proof
    first, second = known[old], known[new]
    roots = bytes.fromhex(first.root), bytes.fromhex(second.root)
    holds = first.holds and second.holds and verify_consistency(old, new, *roots, proof)
    return Continued(first, second, tuple(each.hex() for each in proof), holds)


def access_changes(office: Office, actor: Actor) -> tuple[AccessChange, ...]:
    """Every change of roles, passwords, second factors and partners' tokens, newest first.

    Raises:
        CaseError: not yours to see.
    """
    permit(actor, "see log")
    with office.store.reading() as reading:
        found = [each for event in _ACCESS for each in reading.office_events(kind=event.kind)]
    return tuple(_access_change(index, event) for index, event in sorted(found, key=_by_index, reverse=True))


_ACCESS = (StaffChanged, CredentialsSet, TokenChanged)


def _by_index(found: tuple[int, Event]) -> int:
    return found[0]


def _access_change(index: int, event: Event) -> AccessChange:
    at = _when(event)
    if isinstance(event, StaffChanged):
        return AccessChange(index, at, event.actor, "roles", event.staff, event.roles, event.disabled)
    if isinstance(event, CredentialsSet):
        return AccessChange(index, at, event.actor, "credentials", event.staff, event.what, ended=False)
    assert isinstance(event, TokenChanged)  # noqa: S101 - the third of the kinds that were asked for
    ended = event.change == "revoked"
    return AccessChange(index, at, event.actor, "token", event.partner, event.scopes, ended)


def tokens_made(office: Office, actor: Actor) -> tuple[TokenRow, ...]:
    """Every partner's token that was made, without the token.

    Raises:
        CaseError: not yours to see.
    """
    permit(actor, "see log")
    return office.tokens.rows()


def _checkpoints(office: Office, reading: Reading) -> tuple[SeenCheckpoint, ...]:
    spans = signers(reading.connection, office.store.keys)
    out = []
    for note in reading.checkpoints():
        text = parse_note(note).text.splitlines()
        try:
            found = open_checkpoint(note, keys_at(spans, parse_checkpoint(parse_note(note).text).size))
            out.append(SeenCheckpoint(found.size, found.root.hex(), _signed_at(text), note, holds=True))
        except LedgerError:
            size = int(text[1]) if len(text) > 1 and text[1].isdigit() else 0
            out.append(SeenCheckpoint(size, "", _signed_at(text), note, holds=False))
    return tuple(out)


def _signed_at(lines: list[str]) -> str:
    return next((line.removeprefix("at ") for line in lines if line.startswith("at ")), "")


def _entry(index: int, event: Any) -> Entry:
    body = to_payload(event)
    beside = {"kind", "at", "actor", "programme"}
    told = {name: value for name, value in body.items() if name not in beside}
    return Entry(index, event.kind, body["at"], event.actor, event.programme, told)


def _when(event: Any) -> str:
    return str(to_payload(event)["at"])
