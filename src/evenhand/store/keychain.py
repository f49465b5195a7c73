"""From one signing key of a ledger to the next: each change is an entry of the ledger, signed with both keys.

    entry i: old key, new key --in--> checkpoint of i + 1 entries, signed with the old key and with the new one

Whoever trusts the old key learns the new one from such a record, without asking anybody. From there on a
checkpoint signed with the old key alone is refused, so that a stolen old key signs no later past.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from evenhand.casework.events import SigningKeyRotated
from evenhand.errors import KeysError, LedgerError
from evenhand.store.leaves import event_leaf
from evenhand.store.merkle import verify_inclusion
from evenhand.store.notes import Checkpoint, VerifierKey, open_checkpoint
from evenhand.store.strictjson import InvalidJsonError, read_object


@dataclass(frozen=True, slots=True)
class Rotation:
    """The record of one change of the signing key.

    Attributes:
        index: index of the entry in the ledger, from 0.
        salt: the leaf's salt, 32 bytes.
        payload: canonical bytes of the entry's payload, which names both keys.
        proof: inclusion proof in the tree of the checkpoint, hashes of 32 bytes.
        checkpoint: signed note of the first index + 1 entries, signed with both keys.
    """

    index: int
    salt: bytes
    payload: bytes
    proof: tuple[bytes, ...]
    checkpoint: str

    @property
    def size(self) -> int:
        """Entries of the ledger that ends with this one."""
        return self.index + 1


@dataclass(frozen=True, slots=True)
class Span:
    """A key, and the checkpoints that it may sign.

    Attributes:
        key: the public key.
        first: the fewest entries of such a checkpoint.
        last: the most; None where no end is known.
    """

    key: VerifierKey
    first: int = 0
    last: int | None = None

    def covers(self, size: int) -> bool:
        """Whether the key may sign a checkpoint of that many entries."""
        return self.first <= size and (self.last is None or size <= self.last)


def follow(pinned: Iterable[VerifierKey], rotations: Iterable[Rotation]) -> tuple[Span, ...]:
    """The keys to be trusted, beginning with those that were pinned and going from each to its successor.

    Args:
        pinned: keys obtained elsewhere.
        rotations: records of changes, in any order. One that begins at a key that is not trusted says nothing.

    Returns:
        Each trusted key with the checkpoints that it may sign.

    Raises:
        LedgerError: a record that begins at a trusted key is forged or damaged (`ledger.rotation`).
    """
    spans = [Span(key) for key in pinned]
    for rotation in sorted(set(rotations), key=lambda each: each.index):
        old, new = named(rotation)
        at = next((place for place, span in enumerate(spans) if span.key == old and span.last is None), None)
        if at is not None:
            require(rotation, old, new)
            spans[at] = replace(spans[at], last=rotation.size)
            spans.append(Span(new, rotation.size))
    return tuple(spans)


def keys_at(spans: Iterable[Span], size: int) -> tuple[VerifierKey, ...]:
    """The keys that may sign a checkpoint of that many entries."""
    return tuple(dict.fromkeys(span.key for span in spans if span.covers(size)))


def own_spans(
    rotations: Sequence[Rotation], current: VerifierKey, former: Sequence[VerifierKey]
) -> tuple[Span, ...]:
    """The same for the holder of the ledger, who knows the keys: what signed when.

    Args:
        rotations: the ledger's records, in order.
        current: the key that signs now.
        former: keys that signed before, oldest first. They count where the ledger has no record: a store that came
            back from a backup older than a change was signed with them.

    Raises:
        LedgerError: a record cannot be read.
    """
    if not rotations:
        return tuple(Span(key) for key in (*former, current))
    spans = [Span(named(rotations[0])[0], 0, rotations[0].size)]
    for place, rotation in enumerate(rotations):
        following = rotations[place + 1].size if place + 1 < len(rotations) else None
        spans.append(Span(named(rotation)[1], rotation.size, following))
    if current not in {span.key for span in spans}:
        spans.append(Span(current, rotations[-1].size))
    return tuple(spans)


def named(rotation: Rotation) -> tuple[VerifierKey, VerifierKey]:
    """The old and the new key that a record names.

    Raises:
        LedgerError: its entry is no change of a signing key, or its keys are not two keys of one ledger.
    """
    try:
        body = read_object(rotation.payload)
        old, new = (VerifierKey.parse(str(body.get(which))) for which in ("old", "new"))
    except (InvalidJsonError, KeysError) as error:
        raise forged(rotation, "Its entry does not name two keys.") from error
    if body.get("kind") != SigningKeyRotated.kind:
        raise forged(rotation, "Its entry is no change of a signing key.")
    if old == new or old.name != new.name:
        raise forged(rotation, "The keys are not two keys of one ledger.")
    return old, new


def require(rotation: Rotation, old: VerifierKey, new: VerifierKey) -> None:
    """See that a record is true: its checkpoint ends with the entry, holds it, and both keys signed it.

    Raises:
        LedgerError: it is not (`ledger.rotation`).
    """
    for key, which in ((old, "old"), (new, "new")):
        checkpoint = _signed(rotation, key, which)
    leaf = event_leaf(rotation.salt, rotation.payload)
    if checkpoint.size != rotation.size:
        raise forged(rotation, "Its checkpoint does not end with the entry.")
    if not verify_inclusion(leaf, rotation.index, checkpoint.size, rotation.proof, checkpoint.root):
        raise forged(rotation, "The entry is not in its checkpoint.")


def _signed(rotation: Rotation, key: VerifierKey, which: str) -> Checkpoint:
    try:
        return open_checkpoint(rotation.checkpoint, [key])
    except LedgerError as error:
        raise forged(rotation, f"The {which} key did not sign its checkpoint.") from error


def forged(rotation: Rotation, why: str) -> LedgerError:
    """The error for a record that cannot be relied on."""
    return LedgerError(
        "ledger.rotation",
        "The record of a change of the signing key cannot be relied on.",
        where=f"entry {rotation.index}",
        why=why,
        mend="Trust no key that it names. Ask the ledger's owner and its auditor which key signs.",
    )
