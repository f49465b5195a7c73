"""Leaves of the ledger: what is hashed of an event, so that the payload can be erased and the tree stands."""

import hmac

from evenhand.errors import LedgerError
from evenhand.store.merkle import leaf_hash

SALT_BYTES = 32
"""Length of the random salt of each leaf."""


def leaf_data(salt: bytes, payload: bytes) -> bytes:
    """The data of an event's leaf: HMAC-SHA256(salt, payload), 32 bytes.

    Args:
        salt: 32 random bytes, the event's own.
        payload: canonical bytes of the event's payload (`casework.events.canonical`).

    Raises:
        LedgerError: the salt has another length.
    """
    if len(salt) != SALT_BYTES:
        raise LedgerError(
            "ledger.salt",
            f"The salt of a leaf has {SALT_BYTES} bytes, not {len(salt)}.",
            mend="Give the salt that was stored with the event.",
        )
    return hmac.digest(salt, payload, "sha256")


def event_leaf(salt: bytes, payload: bytes) -> bytes:
    """The hash of an event's leaf, as the tree holds it: 32 bytes."""
    return leaf_hash(leaf_data(salt, payload))
