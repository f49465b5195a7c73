"""Receipts: what a person keeps, and how anyone checks it without the store (format `evenhand.receipt/1`).

    payload, salt --HMAC--> data of the leaf --leaf hash, inclusion proof--> root --signature--> key

A leaf's data are HMAC-SHA256(salt, canonical payload). The salt (32 random bytes) and the payload can be erased:
the leaf stays, the tree still verifies, and nothing can be learned from it. A receipt holds both, so it shows what
was recorded to whoever has the receipt, also after the store has erased it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from evenhand.errors import LedgerError
from evenhand.store.keychain import Rotation, Span, follow, keys_at
from evenhand.store.leaves import SALT_BYTES, event_leaf, leaf_data
from evenhand.store.merkle import verify_consistency, verify_inclusion
from evenhand.store.notes import Checkpoint, VerifierKey, open_checkpoint, parse_checkpoint, parse_note
from evenhand.store.strictjson import InvalidJsonError, read_object

__all__ = [
    "SALT_BYTES",
    "Checked",
    "Later",
    "Receipt",
    "ReceiptFinding",
    "Rotation",
    "Step",
    "event_leaf",
    "leaf_data",
    "verify_receipt",
]

Step = Literal["event", "key", "rotation", "signature", "inclusion", "consistency"]
"""What is checked: the payload is the named event; the key is the trusted one; where the signing key changed, each
change is signed with both keys; the checkpoint is signed; the event is in it; the ledger of the other checkpoint
is the same."""

KeySource = Literal["pinned", "receipt"]
"""Where the key came from: from elsewhere, or from the receipt itself."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What shows that an event is in the ledger.

    Attributes:
        index: index of the event's leaf, from 0.
        kind: kind of the event, as its payload says.
        at: time of the event, ISO 8601 in UTC, as its payload says.
        salt: the leaf's salt, 32 bytes.
        payload: canonical bytes of the payload (JSON in UTF-8).
        proof: inclusion proof in the tree of the checkpoint, hashes of 32 bytes.
        checkpoint: signed note.
        key: text of the verifier key that the checkpoint is checked with.
        rotations: each change of the signing key before the checkpoint, so that who trusts an earlier key gets to
            this one.
    """

    index: int
    kind: str
    at: str
    salt: bytes
    payload: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    key: str
    rotations: tuple[Rotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """Another checkpoint of the same ledger, earlier or later, and the proof between the two.

    Attributes:
        checkpoint: signed note.
        proof: consistency proof between the smaller and the larger tree; none where they are of one size.
        rotations: each change of the signing key before the checkpoint.
    """

    checkpoint: str
    proof: tuple[bytes, ...] = ()
    rotations: tuple[Rotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One step of the check.

    Attributes:
        step: which.
        holds: whether it holds.
        says: what was found, a sentence.
    """

    step: Step
    holds: bool
    says: str


@dataclass(frozen=True, slots=True)
class ReceiptFinding:
    """What a receipt shows.

    Attributes:
        index: index of the event.
        kind: kind of the event.
        at: time of the event.
        origin: which ledger.
        size: leaves of the ledger at the receipt's checkpoint.
        key: text of the key that was used.
        key_from: where that key came from.
        steps: what was checked, in order; it stops at the first step that does not hold.
    """

    index: int
    kind: str
    at: str
    origin: str
    size: int
    key: str
    key_from: KeySource
    steps: tuple[Checked, ...]

    @property
    def holds(self) -> bool:
        """Whether every step holds."""
        return all(each.holds for each in self.steps)

    @property
    def failed(self) -> Checked | None:
        """The step that does not hold, or None."""
        return next((each for each in self.steps if not each.holds), None)


def verify_receipt(
    receipt: Receipt, trusted: Sequence[VerifierKey] = (), *, other: Later | None = None
) -> ReceiptFinding:
    """Check a receipt with nothing but itself, a key, and (if there is one) another checkpoint.

    Args:
        receipt: the receipt.
        trusted: the ledger's keys, obtained elsewhere. With none, the receipt's own key is used, and the finding
            says so: it then shows only that the receipt agrees with itself.
        other: another checkpoint of the ledger with the proof between the two.

    Returns:
        What was checked and what holds.

    Raises:
        LedgerError: the checkpoint or the other one is no signed checkpoint at all.
        KeysError: the receipt's own key is needed and is none.
    """
    pinned = tuple(trusted) or (VerifierKey.parse(receipt.key),)
    claimed = parse_checkpoint(parse_note(receipt.checkpoint).text)
    rotations = (*receipt.rotations, *(() if other is None else other.rotations))
    spans, chain = _chain(pinned, rotations)
    checks: tuple[Callable[[], Checked | None], ...] = (
        lambda: _event(receipt),
        lambda: _key(claimed, pinned),
        lambda: chain,
        lambda: _signature(receipt, claimed, spans),
        lambda: _inclusion(receipt, claimed),
        lambda: None if other is None else _consistency(claimed, spans, other),
    )
    return ReceiptFinding(
        receipt.index,
        receipt.kind,
        receipt.at,
        claimed.origin,
        claimed.size,
        str(next((key for key in keys_at(spans, claimed.size) if key.name == claimed.origin), pinned[0])),
        "pinned" if trusted else "receipt",
        tuple(_until_one_fails(checks)),
    )


def _until_one_fails(checks: Iterable[Callable[[], Checked | None]]) -> Iterator[Checked]:
    for check in checks:
        found = check()
        if found is not None:
            yield found
            if not found.holds:
                return


def _chain(
    pinned: Sequence[VerifierKey], rotations: Sequence[Rotation]
) -> tuple[tuple[Span, ...], Checked | None]:
    """The keys to be trusted, and what is to be said of how they were learned."""
    try:
        spans = follow(pinned, rotations)
    except LedgerError as error:
        return follow(pinned, ()), Checked("rotation", False, f"{error.what} {error.why}")
    learned = len(spans) - len(pinned)
    if not learned:
        return spans, None
    said = f"The signing key changed {learned} times since the given key, each time signed with both keys."
    if learned == 1:
        said = "The signing key changed once since the given key; the change is signed with both keys."
    return spans, Checked("rotation", True, said)


def _event(receipt: Receipt) -> Checked:
    try:
        payload = read_object(receipt.payload)
    except InvalidJsonError:
        return Checked("event", False, "The recorded payload is no record of an event.")
    if (payload.get("kind"), payload.get("at")) != (receipt.kind, receipt.at):
        return Checked("event", False, "The kind or time on the receipt is not that of the recorded payload.")
    return Checked("event", True, f"The payload records the event {receipt.kind} of {receipt.at}.")


def _key(claimed: Checkpoint, keys: Sequence[VerifierKey]) -> Checked:
    if all(key.name != claimed.origin for key in keys):
        return Checked("key", False, f"The checkpoint is of the ledger {claimed.origin}; the key is another's.")
    return Checked("key", True, f"The key is that of the ledger {claimed.origin}.")


def _signature(receipt: Receipt, claimed: Checkpoint, spans: Sequence[Span]) -> Checked:
    try:
        open_checkpoint(receipt.checkpoint, keys_at(spans, claimed.size))
    except LedgerError as error:
        return Checked("signature", False, f"The checkpoint is not signed with the key: {error.what}")
    return Checked("signature", True, f"The checkpoint of {claimed.size} entries is signed with the key.")


def _inclusion(receipt: Receipt, claimed: Checkpoint) -> Checked:
    leaf = event_leaf(receipt.salt, receipt.payload)
    if not verify_inclusion(leaf, receipt.index, claimed.size, receipt.proof, claimed.root):
        return Checked(
            "inclusion", False, f"This payload is not entry {receipt.index} of the ledger at its checkpoint."
        )
    return Checked("inclusion", True, f"This payload is entry {receipt.index} of the ledger at its checkpoint.")


def _consistency(claimed: Checkpoint, spans: Sequence[Span], other: Later) -> Checked:
    second = parse_checkpoint(parse_note(other.checkpoint).text)
    try:
        open_checkpoint(other.checkpoint, keys_at(spans, second.size))
    except LedgerError as error:
        return Checked("consistency", False, f"The other checkpoint cannot be relied on: {error.what}")
    old, new = sorted((claimed, second), key=lambda each: each.size)
    _require_proof(old, new, other)
    if old.origin != new.origin or not verify_consistency(old.size, new.size, old.root, new.root, other.proof):
        return Checked(
            "consistency",
            False,
            f"The proof does not show that the ledger of {new.size} entries begins with that of {old.size}. If it "
            "is the right proof, entries were rewritten.",
        )
    return Checked("consistency", True, f"The ledger of {new.size} entries begins with that of {old.size}.")


def _require_proof(old: Checkpoint, new: Checkpoint, other: Later) -> None:
    if old.size == 0:
        raise LedgerError(
            "ledger.empty-checkpoint",
            "The other checkpoint is of a ledger without entries.",
            why="Every ledger begins with the empty one, so it shows nothing.",
            mend="Give a checkpoint of a ledger with entries.",
        )
    if not other.proof and old.size < new.size:
        raise LedgerError(
            "ledger.no-proof",
            "The two checkpoints are of different sizes, and no proof between them was given.",
            why="Only a consistency proof shows that the larger ledger begins with the smaller one.",
            mend="Ask the ledger's owner or auditor for the checkpoint with its consistency proof.",
        )
