"""Keys in private files by default, in memory for tests: what the rest of the store and its callers import."""

import secrets
from pathlib import Path

from evenhand.errors import KeysError
from evenhand.store import keyfiles
from evenhand.store.keyring import ROOTS, CodePurpose, KeyHolder, Keyring, RootLabel, Wrapped, programme_name
from evenhand.store.notes import Ed25519Signer, Signer
from evenhand.store.sealing import KEY_BYTES, Random, Secret, aad, new_data_key, open_sealed, seal

__all__ = [
    "CodePurpose",
    "FileKeys",
    "KeyHolder",
    "MemoryKeys",
    "Secret",
    "Wrapped",
    "aad",
    "new_data_key",
    "open_sealed",
    "seal",
]


class MemoryKeys(Keyring):
    """Keys in memory, gone with the process: for tests and invented towns.

    Args:
        origin: name of the ledger and of its signing key.
        random: source of keys and nonces.
    """

    def __init__(self, origin: str = "example.org/evenhand", *, random: Random = secrets.token_bytes) -> None:
        self._random = random
        self._roots = {label: Secret(random(KEY_BYTES)) for label in ROOTS}
        self._signer = Ed25519Signer.generate(origin, random)
        self._wrappings: dict[str, dict[int, Secret]] = {}

    @property
    def signer(self) -> Signer:
        """Signs checkpoints."""
        return self._signer

    def versions(self, programme: str) -> tuple[int, ...]:
        """The versions of a programme's wrapping key that are held, oldest first; empty where there is none."""
        return tuple(sorted(self._wrappings.get(programme_name(programme), {})))

    def _root(self, label: RootLabel) -> Secret:
        return self._roots[label]

    def _wrapping(self, programme: str, version: int) -> Secret:
        return self._wrappings[programme][version]

    def _add_wrapping(self, programme: str, version: int, key: Secret) -> None:
        self._wrappings.setdefault(programme, {})[version] = key

    def _drop_wrapping(self, programme: str, version: int) -> None:
        del self._wrappings[programme][version]

    def __repr__(self) -> str:
        return f"MemoryKeys({self.verifier.name!r}, keys hidden)"


class FileKeys(Keyring):
    """Keys in private files (0600) of a private folder (0700).

        FOLDER/root.key  pepper.key  integrity.key
        FOLDER/wrapping/PROGRAMME/VERSION.key
        FOLDER/signing.key          or elsewhere: `signing`

    Wrapping keys are read from their files each time, so that a version retired by another process is gone here
    too.

    Args:
        folder: the folder that `FileKeys.create` made.
        signing: the signing key's file, where it is kept apart; None: `signing.key` in the folder.
        random: source of new keys and nonces.

    Raises:
        KeysError: a file is missing, damaged, or can be read by others.
    """

    def __init__(self, folder: Path, *, signing: Path | None = None, random: Random = secrets.token_bytes) -> None:
        self._folder = folder
        self._random = random
        keyfiles.require_private_folder(folder)
        self._roots = {label: keyfiles.read_secret(_file(folder, label), label) for label in ROOTS}
        self._signer = Ed25519Signer.parse(keyfiles.read_private(signing or _file(folder, "signing")))

    @classmethod
    def create(
        cls, folder: Path, origin: str, *, signing: Path | None = None, random: Random = secrets.token_bytes
    ) -> "FileKeys":
        """Make new keys in a new or empty folder.

        The folder appears whole or not at all: it is made beside its place and moved there.

        Args:
            folder: where; nothing but an empty folder may be there.
            origin: name of the ledger and of its signing key: `example.org/evenhand`.
            signing: where to keep the signing key, if apart; None: in the folder. A signing key of that origin
                that is there already is used: it may be older than the data keys.
            random: source of the keys.

        Raises:
            KeysError: keys are there already, or the place cannot be written to.
        """
        signer = _signer_at(signing, origin, random)
        draft = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.new")
        keyfiles.make_private_folder(draft)
        try:
            keyfiles.make_private_folder(draft / "wrapping")
            for label in ROOTS:
                keyfiles.write_secret(_file(draft, label), label, Secret(random(KEY_BYTES)))
            if signing is None:
                keyfiles.write_new(_file(draft, "signing"), signer.private_text() + "\n")
            keyfiles.move_folder(draft, folder)
        finally:
            keyfiles.remove_folder(draft)
        return cls(folder, signing=signing, random=random)

    @property
    def signer(self) -> Signer:
        """Signs checkpoints."""
        return self._signer

    def versions(self, programme: str) -> tuple[int, ...]:
        """The versions of a programme's wrapping key that are held, oldest first; empty where there is none."""
        return tuple(sorted(_version_files(self._folder / "wrapping" / programme_name(programme))))

    def _root(self, label: RootLabel) -> Secret:
        return self._roots[label]

    def _path(self, programme: str, version: int) -> Path:
        return self._folder / "wrapping" / programme_name(programme) / f"{version}.key"

    def _wrapping(self, programme: str, version: int) -> Secret:
        return keyfiles.read_secret(self._path(programme, version), _label(programme, version))

    def _add_wrapping(self, programme: str, version: int, key: Secret) -> None:
        path = self._path(programme, version)
        keyfiles.make_private_folder(path.parent)
        keyfiles.write_secret(path, _label(programme, version), key)

    def _drop_wrapping(self, programme: str, version: int) -> None:
        keyfiles.destroy(self._path(programme, version))

    def __repr__(self) -> str:
        return f"FileKeys({str(self._folder)!r}, {self.verifier.name!r}, keys hidden)"


def _signer_at(signing: Path | None, origin: str, random: Random) -> Ed25519Signer:
    """The signing key that is kept apart at a place, made there where there is none; else one still to be kept."""
    if signing is None:
        return Ed25519Signer.generate(origin, random)
    if not signing.exists():
        signer = Ed25519Signer.generate(origin, random)
        keyfiles.write_new(signing, signer.private_text() + "\n")
        return signer
    signer = Ed25519Signer.parse(keyfiles.read_private(signing))
    if signer.verifier.name != origin:
        raise KeysError(
            "keys.other-origin",
            "The signing key that is there belongs to another ledger.",
            where=str(signing),
            mend="Choose another place for this ledger's signing key.",
        )
    return signer


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


def _label(programme: str, version: int) -> str:
    return f"wrapping/{programme}/{version}"


def _version_files(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return [int(path.stem) for path in folder.glob("*.key") if path.stem.isascii() and path.stem.isdigit()]
