"""Sealing: AES-256-GCM with what a row is bound to, and secrets that do not show themselves.

A sealed value is nonce (12 random bytes) ‖ ciphertext ‖ tag (16 bytes). The associated data says where the value
belongs, so a value moved to another row, column or version does not open.
"""

import hmac
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evenhand.errors import KeysError

Random = Callable[[int], bytes]
"""Gives that many random bytes: `secrets.token_bytes`, or a seeded source for invented towns and tests."""

KEY_BYTES = 32
"""Length of every symmetric key: 256 bits."""

NONCE_BYTES = 12
"""Length of a nonce of AES-GCM (NIST SP 800-38D, 8.2.2: 96 random bits, at most 2^32 values a key)."""

TAG_BYTES = 16
"""Length of the tag that shows a changed value."""


class Secret:
    """Thirty-two secret bytes whose text never shows them, and that are not copied by pickling.

    Args:
        value: the bytes.

    Raises:
        KeysError: not 32 bytes.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if len(value) != KEY_BYTES:
            raise KeysError(
                "keys.length",
                f"A key has {KEY_BYTES} bytes, not {len(value)}.",
                mend="Restore the key from the copy that was made with it.",
            )
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """The bytes, for a cipher or the key's own file."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment] # a secret is no key of a mapping

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not copied or pickled")


def new_data_key(random: Random = secrets.token_bytes) -> Secret:
    """A new random key for one case's data."""
    return Secret(random(KEY_BYTES))


def aad(table: str, row: str | int, column: str, version: int) -> bytes:
    """What a sealed value is bound to, so that it opens in its own place only.

    Args:
        table: the table.
        row: the row's primary key.
        column: the column.
        version: version of the sealed form (1 now). Not that of the wrapping key: wrapping keys change while the
            data stay sealed as they are.

    Returns:
        Bytes that differ for any two different places: each part stands after its length.
    """
    return framed("evenhand.aad/1", table, str(row), column, str(version))


def framed(*parts: str) -> bytes:
    """Texts as bytes that no other list of texts gives: each in UTF-8 after its length in 4 bytes."""
    return b"".join(len(each).to_bytes(4, "big") + each for each in (part.encode() for part in parts))


def seal(key: Secret, plaintext: bytes, associated: bytes, *, random: Random = secrets.token_bytes) -> bytes:
    """Encrypt a value (AES-256-GCM).

    Args:
        key: the case's data key.
        plaintext: the value.
        associated: what it is bound to: `aad(...)`.
        random: source of the nonce; never one that repeats for the same key.

    Returns:
        Nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes): 28 bytes more than the value.
    """
    nonce = random(NONCE_BYTES)
    return nonce + AESGCM(key.reveal()).encrypt(nonce, plaintext, associated)


def open_sealed(key: Secret, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt a value.

    Raises:
        KeysError: changed, cut, sealed with another key, or bound to another place. The cipher cannot tell which.
    """
    if len(sealed) >= NONCE_BYTES + TAG_BYTES:
        try:
            return AESGCM(key.reveal()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
        except InvalidTag:
            pass
    raise KeysError(
        "keys.sealed",
        "A sealed value does not open.",
        why="It was changed or cut, sealed with another key, or moved here from another row, column or version.",
        mend="Run the store's check to see which rows are concerned, and restore them from a backup.",
    )
