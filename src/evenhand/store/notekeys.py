"""Keys of signed notes: Ed25519, with a name, in the text forms of C2SP and of Go's sumdb/note."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evenhand.errors import KeysError

ED25519 = b"\x01"
"""The signature type of Ed25519 in a signed note."""

KEY_BYTES = 32
"""Length of an Ed25519 seed and of a public key."""

KEY_HASH_BYTES = 4
"""Length of the hash that tells keys of one name apart."""

PRIVATE_PREFIX = "PRIVATE+KEY+"
"""How the text form of a signing key begins, as in Go's sumdb/note."""


def key_hash(name: str, public: bytes) -> bytes:
    """The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key): which key of that name."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_HASH_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public key that a ledger's checkpoints are checked with.

    Attributes:
        name: the key's name, which is the ledger's origin; no spaces, no plus sign.
        public: Ed25519 public key, 32 bytes.
    """

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The key's hash, 4 bytes."""
        return key_hash(self.name, self.public)

    def __str__(self) -> str:
        """The key as text: `name+hash+base64(type ‖ public key)`."""
        return f"{self.name}+{self.hash.hex()}+{encode(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a key from its text form.

        Raises:
            KeysError: not such a text, of another kind of key, or its hash is not that of its name and key.
        """
        name, _, rest = text.strip().partition("+")
        hashed, _, encoded = rest.partition("+")
        public = _typed_key(encoded)
        if not is_name(name) or not name.isprintable() or public is None or hashed != key_hash(name, public).hex():
            raise KeysError(
                "keys.verifier-text",
                "This is not the text of a verifier key.",
                why="It has the form name+hash+base64, and the hash is made of the name and the key.",
                mend="Copy the whole key, on one line, from where the ledger's owner or auditor publishes it.",
            )
        return cls(name, public)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature of a message is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """What signs notes: a key in memory, in a file, or in a device that never gives it out."""

    @property
    def verifier(self) -> VerifierKey:
        """The public key that belongs to it."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        ...


class Ed25519Signer:
    """A signing key in memory. Its text and repr never show the key; `private_text` does, for the key's file.

    Args:
        name: the key's name, which is the ledger's origin: `example.org/evenhand`.
        seed: 32 bytes.

    Raises:
        KeysError: the name is empty or holds a space or a plus sign, or the seed has another length.
    """

    __slots__ = ("_key", "_seed", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        if not is_name(name) or len(seed) != KEY_BYTES:
            raise KeysError(
                "keys.signer-name",
                "A signing key needs a name without spaces and plus signs, and a seed of 32 bytes.",
                mend="Name it like an address without the scheme: example.org/evenhand.",
            )
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def generate(cls, name: str, random: Callable[[int], bytes]) -> "Ed25519Signer":
        """A new key of that name from 32 random bytes."""
        return cls(name, random(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Ed25519Signer":
        """Read a signing key from `PRIVATE+KEY+name+hash+base64(type ‖ seed)`.

        Raises:
            KeysError: not such a text. The message never repeats it.
        """
        name, _, rest = text.strip().removeprefix(PRIVATE_PREFIX).partition("+")
        hashed, _, encoded = rest.partition("+")
        seed = _typed_key(encoded)
        if text.startswith(PRIVATE_PREFIX) and is_name(name) and seed is not None:
            signer = cls(name, seed)
            if signer.verifier.hash.hex() == hashed:
                return signer
        raise KeysError(
            "keys.signer-text",
            "This is not the text of a signing key.",
            why="It begins with PRIVATE+KEY+ and ends with a key whose hash it names.",
            mend="Restore the key's file from the copy that was made with it.",
        )

    def private_text(self) -> str:
        """The key as text, secret: `PRIVATE+KEY+name+hash+base64(type ‖ seed)`."""
        verifier = self.verifier
        return f"{PRIVATE_PREFIX}{verifier.name}+{verifier.hash.hex()}+{encode(ED25519 + self._seed)}"

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of a message (RFC 8032), 64 bytes; the same for the same message."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.verifier}, key hidden)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a signing key is not copied or pickled")


def _typed_key(encoded: str) -> bytes | None:
    data = decode(encoded)
    if data is None or len(data) != KEY_BYTES + 1 or data[:1] != ED25519:
        return None
    return data[1:]


def is_name(name: str) -> bool:
    """Whether a key can have this name: not empty, no space, no plus sign."""
    return bool(name) and "+" not in name and is_text(name) and not any(each.isspace() for each in name)


def is_text(text: str) -> bool:
    """Whether UTF-8 can write it, without control characters other than newline."""
    return not any((each < " " and each != "\n") or "\ud800" <= each <= "\udfff" for each in text)


def encode(data: bytes) -> str:
    """Standard Base64 with padding."""
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes | None:
    """The bytes of standard Base64, or None where the text is not exactly what they are written as."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode(data) == text else None
