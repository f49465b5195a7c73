"""Rotation of the key that signs the ledger, while the store serves.

    1  the next key is made, and waits beside the one in use
    2  an entry of the ledger names both; the checkpoint that ends with it is signed with both     one transaction
    3  the next key takes the place of the one before, which is destroyed

Interrupted between 2 and 3, no checkpoint is signed until the rotation is run again, which then finishes step 3.
"""

from dataclasses import dataclass
from datetime import datetime

from evenhand.casework.events import SigningKeyRotated
from evenhand.casework.officeevents import OFFICE
from evenhand.store import ledger
from evenhand.store.store import Store
from evenhand.store.unit import Unit


@dataclass(frozen=True, slots=True)
class SigningRotated:
    """A change of the signing key that is done.

    Attributes:
        index: index of its entry in the ledger.
        old: verifier key, as text, of what signed until then.
        new: verifier key, as text, of what signs now; to be published.
        checkpoint: the signed note of the first index + 1 entries, signed with both.
    """

    index: int
    old: str
    new: str
    checkpoint: str


def rotate_signing(store: Store, *, at: datetime, actor: str = "system") -> SigningRotated:
    """Give the ledger another signing key. Interrupted, run it again.

    Args:
        store: the store; it goes on serving.
        at: when.
        actor: who asked for it.

    Raises:
        KeysError: the new key cannot be kept, or the keys at hand are older than the ledger.
        StoreError: the store cannot be written to.
    """
    with store.unit() as unit:
        done = _begun(unit) or _begin(unit, at, actor)
    store.keys.succeed()
    return done


def _begun(unit: Unit) -> SigningRotated | None:
    """The rotation that was interrupted after its entry was stored, or None."""
    waiting = unit.keys.waiting
    for index, event in unit.reading.office_events(kind=SigningKeyRotated.kind):
        if waiting is not None and isinstance(event, SigningKeyRotated) and event.new == str(waiting.verifier):
            note = ledger.exactly(unit.connection, index + 1)
            return SigningRotated(index, event.old, event.new, note)
    return None


def _begin(unit: Unit, at: datetime, actor: str) -> SigningRotated:
    successor = unit.keys.next_signer()
    event = SigningKeyRotated(OFFICE, at, actor, str(unit.keys.verifier), str(successor.verifier))
    index = unit.append(event)
    unit.finish()
    note = ledger.add_checkpoint(unit.connection, unit.keys, at, successor=successor)
    return SigningRotated(index, event.old, event.new, note)
