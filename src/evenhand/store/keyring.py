"""The interface to the keys, and what every holder of them does alike.

    root        -> pseudonyms, by HKDF per programme
    pepper      -> keyed hashes of codes
    integrity   -> tags of records kept outside the database
    wrapping    -> one per programme and version; wraps each case's data key
    signing     -> checkpoints; kept apart, so that who reads data cannot sign and who signs cannot read; the next
                   one waits beside it until the ledger names it (`store.signing`)

A case's data are sealed with its own random key, which is stored wrapped. Destroying the wrapped key, or every
version that wrapped it, makes the data unreadable for good.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from evenhand.errors import KeysError
from evenhand.store.notes import Signer, VerifierKey
from evenhand.store.sealing import KEY_BYTES, Random, Secret, framed, open_sealed, seal

RootLabel = Literal["root", "pepper", "integrity"]
"""The keys that a store has one of each."""

ROOTS: tuple[RootLabel, ...] = ("root", "pepper", "integrity")

CodePurpose = Literal["access", "invitation", "collection", "recovery"]
"""What a code is for; the same code for another purpose has another hash."""

PSEUDONYM_BYTES = 16
"""Length of a pseudonym before it is written: 128 bits."""

PROGRAMME = re.compile(r"[^\W\d][\w.\-]{0,63}")
"""What a programme's name looks like; it also names a folder of keys."""

CASE = re.compile(r"[0-9a-f]{32}")
"""What a case id looks like: 16 random bytes in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A case's data key, sealed with its programme's wrapping key.

    Attributes:
        version: version of the wrapping key, 1 or more.
        blob: the sealed key, 60 bytes.
    """

    version: int
    blob: bytes


class KeyHolder(Protocol):
    """What the store needs of whoever holds the keys. Only a case's own data key ever leaves it."""

    @property
    def signer(self) -> Signer:
        """Signs checkpoints."""
        ...

    @property
    def verifier(self) -> VerifierKey:
        """The public key that checkpoints are checked with."""
        ...

    @property
    def former(self) -> tuple[VerifierKey, ...]:
        """The public keys that checkpoints were signed with before, oldest first."""
        ...

    @property
    def waiting(self) -> Signer | None:
        """The signing key that comes next, if one waits."""
        ...

    def next_signer(self) -> Signer:
        """The signing key that comes next, made where none waits. It signs by itself only after `succeed`."""
        ...

    def succeed(self) -> None:
        """Let the next signing key sign from here on, and destroy the one before; nothing where none waits."""
        ...

    def add_programme(self, programme: str) -> int:
        """Make a programme's first wrapping key where it has none; its newest version."""
        ...

    def versions(self, programme: str) -> tuple[int, ...]:
        """The versions of a programme's wrapping key that are held, oldest first; empty where there is none."""
        ...

    def wrap(self, programme: str, case_id: str, data_key: Secret) -> Wrapped:
        """Seal a case's data key with the newest wrapping key of its programme."""
        ...

    def unwrap(self, programme: str, case_id: str, wrapped: Wrapped) -> Secret:
        """Open a case's data key."""
        ...

    def rotate_wrapping(self, programme: str) -> int:
        """Add a version, which wraps from now on; the old ones still open. The new version."""
        ...

    def retire(self, programme: str, version: int) -> None:
        """Destroy an old version: what only it wrapped can never be opened again."""
        ...

    def pseudonym(self, programme: str, case_id: str) -> str:
        """The name of a case within its programme: 26 characters that say nothing about it elsewhere."""
        ...

    def code_hash(self, purpose: CodePurpose, programme: str, code: str) -> str:
        """The keyed hash by which a code is looked up: 64 hexadecimal characters."""
        ...

    def integrity_tag(self, purpose: str, data: bytes) -> bytes:
        """A tag (32 bytes) that only this holder can make, for records kept outside the database."""
        ...


class Keyring:
    """What every holder does alike, whatever it keeps its keys in. Subclasses keep the keys."""

    _random: Random

    def _root(self, label: RootLabel) -> Secret:
        raise NotImplementedError

    def _holds(self, programme: str, version: int) -> bool:
        return version in self.versions(programme)

    def _wrapping(self, programme: str, version: int) -> Secret:
        raise NotImplementedError

    def _add_wrapping(self, programme: str, version: int, key: Secret) -> None:
        raise NotImplementedError

    def _drop_wrapping(self, programme: str, version: int) -> None:
        raise NotImplementedError

    def versions(self, programme: str) -> tuple[int, ...]:
        """The versions of a programme's wrapping key that are held, oldest first; empty where there is none."""
        raise NotImplementedError

    @property
    def signer(self) -> Signer:
        """Signs checkpoints."""
        raise NotImplementedError

    @property
    def verifier(self) -> VerifierKey:
        """The public key that checkpoints are checked with."""
        return self.signer.verifier

    def add_programme(self, programme: str) -> int:
        """Make a programme's first wrapping key where it has none.

        Returns:
            The newest version.

        Raises:
            KeysError: the name cannot be a programme's, or the key cannot be kept.
        """
        held = self.versions(programme)
        if held:
            return held[-1]
        try:
            return self._next(programme, held)
        except KeysError:
            held = self.versions(programme)
            if not held:  # else another process made it in between
                raise
            return held[-1]

    def wrap(self, programme: str, case_id: str, data_key: Secret) -> Wrapped:
        """Seal a case's data key with the newest wrapping key of its programme.

        Raises:
            KeysError: the programme has no wrapping key.
        """
        version = self._newest(programme)
        key = self._wrapping(programme, version)
        return Wrapped(
            version, seal(key, data_key.reveal(), _bound(programme, case_id, version), random=self._random)
        )

    def unwrap(self, programme: str, case_id: str, wrapped: Wrapped) -> Secret:
        """Open a case's data key.

        Raises:
            KeysError: that version is not held (any more), or the wrapped key was changed, or is another case's.
        """
        if not self._holds(programme, wrapped.version):
            raise _no_version(programme, wrapped.version)
        key = self._wrapping(programme, wrapped.version)
        return Secret(open_sealed(key, wrapped.blob, _bound(programme, case_id, wrapped.version)))

    def rotate_wrapping(self, programme: str) -> int:
        """Add a version, which wraps from now on; the old ones still open.

        Returns:
            The new version.

        Raises:
            KeysError: the programme has no wrapping key yet, or the new one cannot be kept.
        """
        self._newest(programme)
        return self._next(programme, self.versions(programme))

    def retire(self, programme: str, version: int) -> None:
        """Destroy an old version: what only it wrapped can never be opened again.

        Raises:
            KeysError: that version is not held, or is the newest, which still wraps.
        """
        held = self.versions(programme)
        if version not in held:
            raise _no_version(programme, version)
        if version == held[-1]:
            raise KeysError(
                "keys.retire-newest",
                f"Version {version} is the newest wrapping key of {programme}, and still in use.",
                mend="Rotate first, wrap every case's key anew, then retire the old version.",
            )
        self._drop_wrapping(programme, version)

    def pseudonym(self, programme: str, case_id: str) -> str:
        """The name of a case within its programme.

        HMAC-SHA256 of the case id under HKDF(root, programme), the first 16 bytes in lower-case Base32 without
        padding: 26 characters. Cases of different programmes cannot be matched by it.

        Raises:
            KeysError: not a programme's name or not a case id.
        """
        key = self._naming.get(programme) or self._naming_key(programme)
        digest = hmac.digest(key.reveal(), bytes.fromhex(case_name(case_id)), "sha256")[:PSEUDONYM_BYTES]
        return base64.b32encode(digest).decode().rstrip("=").lower()

    @cached_property
    def _naming(self) -> dict[str, Secret]:
        """The keys that name cases, by programme; each event names its case."""
        return {}

    def _naming_key(self, programme: str) -> Secret:
        info = framed("evenhand.pseudonym/1", programme_name(programme))
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._root("root").reveal())
        return self._naming.setdefault(programme, Secret(derived))

    def code_hash(self, purpose: CodePurpose, programme: str, code: str) -> str:
        """The keyed hash by which a code is looked up.

        HMAC-SHA256 under the pepper over purpose, programme and code, each after its length. A keyed hash is
        enough because codes are random, and it lets one look a code up; without the pepper nobody can try codes.

        Args:
            purpose: what the code is for.
            programme: the programme's name.
            code: the code as `casework.codes` reads it: the one way to write it.

        Returns:
            64 hexadecimal characters.
        """
        message = framed("evenhand.code/1", purpose, programme_name(programme), code)
        return hmac.digest(self._root("pepper").reveal(), message, "sha256").hex()

    def integrity_tag(self, purpose: str, data: bytes) -> bytes:
        """A tag (HMAC-SHA256, 32 bytes) that only this holder can make, for records kept outside the database."""
        message = framed("evenhand.integrity/1", purpose) + data
        return hmac.digest(self._root("integrity").reveal(), message, "sha256")

    def _newest(self, programme: str) -> int:
        held = self.versions(programme)
        if not held:
            raise KeysError(
                "keys.no-programme",
                f"There is no wrapping key for the programme {programme}.",
                why="Its cases' data could not be sealed.",
                mend="Restore the programme's keys; a new programme gets its first key when it is opened.",
            )
        return held[-1]

    def _next(self, programme: str, held: tuple[int, ...]) -> int:
        version = held[-1] + 1 if held else 1
        self._add_wrapping(programme, version, Secret(self._random(KEY_BYTES)))
        return version


def programme_name(programme: str) -> str:
    """The name, if it can be a programme's: it names a folder of keys too.

    Raises:
        KeysError: it cannot.
    """
    if PROGRAMME.fullmatch(programme):
        return programme
    raise KeysError(
        "keys.programme-name",
        "This cannot be the name of a programme.",
        why="It has up to 64 letters, digits, dots, hyphens and underscores, and begins with a letter.",
        mend="Give the name as the programme file has it.",
    )


def case_name(case_id: str) -> str:
    """The case id, if it is one.

    Raises:
        KeysError: it is not.
    """
    if CASE.fullmatch(case_id):
        return case_id
    raise KeysError(
        "keys.case-id",
        "This is no case id.",
        why="It has 32 lower-case hexadecimal digits.",
        mend="Give the id that the store made when the case was opened.",
    )


def _bound(programme: str, case_id: str, version: int) -> bytes:
    return framed("evenhand.wrap/1", programme_name(programme), case_name(case_id), str(version))


def _no_version(programme: str, version: int) -> KeysError:
    return KeysError(
        "keys.no-version",
        f"Version {version} of the wrapping key of {programme} is not held.",
        why="It was retired, or its file is missing.",
        mend="If it was not retired on purpose, restore its file from the copy that was made with it.",
    )
