"""What staff sign in with: a password (Argon2id) and a one-time code (TOTP, RFC 6238).

A password is kept as its Argon2id hash. The secret of the codes is sealed under a key of the office and bound to
its member of staff, together with the step that was used last: a code opens once, also after a restart.
"""

import base64
import hmac
import secrets
import threading
from dataclasses import dataclass
from urllib.parse import quote

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from evenhand.errors import KeysError
from evenhand.store.keyring import KeyHolder
from evenhand.store.sealing import Random, Secret, aad, open_sealed, seal

MEMORY = 65_536
"""KiB of memory of a hash; with two passes about a quarter of a second (RFC 9106, 4: what can be afforded)."""

PASSES = 2
LANES = 1
SALT_BYTES = 16
HASH_BYTES = 32

TOTP_BYTES = 20
"""Length of the secret: that of the hash, SHA-1 (RFC 4226 4, R6), which every authenticator knows."""

STEP = 30
"""Seconds for which a code is shown."""

DIGITS = 6
DRIFT = 1
"""Steps before and after the present one that are taken as well: clocks differ (RFC 6238 5.2)."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""Hashes at one time: each takes 64 MiB, and whoever guesses shall not fill the memory."""


def hash_password(password: str, *, random: Random = secrets.token_bytes) -> str:
    """The Argon2id hash of a password, in PHC form with its salt and parameters."""
    kdf = Argon2id(salt=random(SALT_BYTES), length=HASH_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY)
    with _AT_ONCE:
        return kdf.derive_phc_encoded(password.encode())


def is_password(password: str, hashed: str | None) -> bool:
    """Whether a password is the one of a hash.

    Where there is no hash, as much work is done, so that the time does not tell who is staff.
    """
    if hashed is None:
        hash_password(password)
        return False
    with _AT_ONCE:
        try:
            Argon2id.verify_phc_encoded(password.encode(), hashed)
        except (InvalidKey, ValueError):
            return False
    return True


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A secret of one-time codes.

    Attributes:
        secret: the shared secret, bytes.
        used: the last step whose code opened; -1 before the first.
    """

    secret: bytes
    used: int = -1

    def __repr__(self) -> str:
        return f"SecondFactor(hidden, used={self.used})"


def new_second_factor(*, random: Random = secrets.token_bytes) -> SecondFactor:
    """A new random secret."""
    return SecondFactor(random(TOTP_BYTES))


def code_at(secret: bytes, seconds: int, digits: int = DIGITS) -> str:
    """The code of a time (RFC 6238 with SHA-1 and steps of 30 seconds).

    Args:
        secret: the shared secret.
        seconds: since 1970, UTC.
        digits: of the code.
    """
    return HOTP(secret, digits, SHA1(), enforce_key_length=False).generate(seconds // STEP).decode()  # noqa: S303 - RFC 4226


def step_of(factor: SecondFactor, code: str, seconds: int) -> int | None:
    """The step whose code was typed, if it is near the present one and later than the last that was used."""
    typed = "".join(code.split())
    found = None
    if len(typed) == DIGITS and typed.isascii() and typed.isdigit():
        for step in range(seconds // STEP - DRIFT, seconds // STEP + DRIFT + 1):
            same = hmac.compare_digest(code_at(factor.secret, max(step, 0) * STEP), typed)
            if same and step > factor.used:
                found = step
    return found


def secret_text(factor: SecondFactor) -> str:
    """The secret as it is typed into an authenticator: Base32 in groups of four."""
    text = base64.b32encode(factor.secret).decode().rstrip("=")
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def otpauth(factor: SecondFactor, staff: str, office: str) -> str:
    """The address that authenticators read from a picture (Key URI format)."""
    secret = secret_text(factor).replace(" ", "")
    label = f"{quote(office, safe='')}:{quote(staff, safe='')}"
    return (
        f"otpauth://totp/{label}?secret={secret}&issuer={quote(office, safe='')}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    )


def seal_factor(keys: KeyHolder, staff: str, factor: SecondFactor) -> bytes:
    """A second factor as it is kept: sealed, and bound to its member of staff."""
    plain = (factor.used + 1).to_bytes(8, "big") + factor.secret
    return seal(_key(keys, staff), plain, aad("staff", staff, "totp_secret_enc", 1))


def open_factor(keys: KeyHolder, staff: str, sealed: bytes) -> SecondFactor:
    """The second factor of a member of staff.

    Raises:
        KeysError: it was changed, or is somebody else's.
    """
    plain = open_sealed(_key(keys, staff), sealed, aad("staff", staff, "totp_secret_enc", 1))
    if len(plain) <= 8:
        raise KeysError("keys.sealed", "A sealed value does not open.", mend="Give the member of staff a new one.")
    return SecondFactor(plain[8:], int.from_bytes(plain[:8], "big") - 1)


def _key(keys: KeyHolder, staff: str) -> Secret:
    return Secret(keys.integrity_tag("staff-second-factor", staff.encode()))
