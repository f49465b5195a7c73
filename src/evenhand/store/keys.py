"""Keys in private files by default, in memory for tests: what the rest of the store and its callers import."""

import secrets
from pathlib import Path

from evenhand.errors import KeysError
from evenhand.store import keyfiles
from evenhand.store.keyring import ROOTS, CodePurpose, KeyHolder, Keyring, RootLabel, Wrapped, programme_name
from evenhand.store.notes import Ed25519Signer, Signer, VerifierKey
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
        self._coming: Ed25519Signer | None = None
        self._former: list[VerifierKey] = []
        self._wrappings: dict[str, dict[int, Secret]] = {}

    @property
    def signer(self) -> Signer:
        """Signs checkpoints."""
        return self._signer

    @property
    def former(self) -> tuple[VerifierKey, ...]:
        """The public keys that checkpoints were signed with before, oldest first."""
        return tuple(self._former)

    @property
    def waiting(self) -> Signer | None:
        """The signing key that comes next, if one waits."""
        return self._coming

    def next_signer(self) -> Signer:
        """The signing key that comes next, made where none waits."""
        if self._coming is None:
            self._coming = Ed25519Signer.generate(self.verifier.name, self._random)
        return self._coming

    def succeed(self) -> None:
        """Let the next signing key sign from here on; nothing where none waits."""
        if self._coming is not None:
            self._former.append(self.verifier)
            self._signer, self._coming = self._coming, None

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
        FOLDER/signing.key          or elsewhere: `signing`; the next one waits beside it as signing.key.next
        FOLDER/former/NUMBER.key    public keys that signed before

    A wrapping key is taken from memory only while its file is there unchanged, so that a version retired by
    another process is gone here too; the signing key is read anew when its file was replaced.

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
        self._opened: dict[Path, tuple[tuple[int, ...], Secret]] = {}
        self._signing = signing or _file(folder, "signing")
        self._seen = keyfiles.mark(self._signing)
        self._signer = Ed25519Signer.parse(keyfiles.read_private(self._signing))

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
        seen = keyfiles.mark(self._signing)
        if seen is not None and seen != self._seen:
            self._signer = Ed25519Signer.parse(keyfiles.read_private(self._signing))
            self._seen = seen
        return self._signer

    @property
    def former(self) -> tuple[VerifierKey, ...]:
        """The public keys that checkpoints were signed with before, oldest first."""
        folder = self._folder / "former"
        paths = (folder / f"{number}.key" for number in sorted(_version_files(folder)))
        return tuple(VerifierKey.parse(keyfiles.read_private(path)) for path in paths)

    @property
    def waiting(self) -> Signer | None:
        """The signing key that comes next, if one waits."""
        path = _next(self._signing)
        return Ed25519Signer.parse(keyfiles.read_private(path)) if path.exists() else None

    def next_signer(self) -> Signer:
        """The signing key that comes next, made where none waits."""
        waiting = self.waiting
        if waiting is None:
            waiting = made = Ed25519Signer.generate(self.verifier.name, self._random)
            keyfiles.write_new(_next(self._signing), made.private_text() + "\n")
        return waiting

    def succeed(self) -> None:
        """Let the next signing key sign from here on, and destroy the one before; nothing where none waits.

        Interrupted anywhere, it is finished by the next call.
        """
        fresh = self.waiting
        if fresh is not None and self.verifier not in (fresh.verifier, *self.former):
            folder = self._folder / "former"
            keyfiles.make_private_folder(folder)
            keyfiles.write_new(folder / f"{len(self.former) + 1}.key", f"{self.verifier}\n")
        keyfiles.take_over(_next(self._signing), self._signing)

    def versions(self, programme: str) -> tuple[int, ...]:
        """The versions of a programme's wrapping key that are held, oldest first; empty where there is none."""
        return tuple(sorted(_version_files(self._folder / "wrapping" / programme_name(programme))))

    def _root(self, label: RootLabel) -> Secret:
        return self._roots[label]

    def _path(self, programme: str, version: int) -> Path:
        return self._folder / "wrapping" / programme_name(programme) / f"{version}.key"

    def _holds(self, programme: str, version: int) -> bool:
        path = self._path(programme, version)
        if path.exists():
            return True
        self._opened.pop(path, None)
        return False

    def _wrapping(self, programme: str, version: int) -> Secret:
        path = self._path(programme, version)
        mark, (known, secret) = _mark(path), self._opened.get(path, ((), None))
        if secret is None or mark != known or not mark:
            secret = keyfiles.read_secret(path, _label(programme, version))
            self._opened[path] = (mark, secret)
        return secret

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


def _next(signing: Path) -> Path:
    """Where the next signing key waits."""
    return signing.with_name(f"{signing.name}.next")


def _mark(path: Path) -> tuple[int, ...]:
    """What changes with a file, its owner or its permissions; empty where there is none."""
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _label(programme: str, version: int) -> str:
    return f"wrapping/{programme}/{version}"


def _version_files(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return [int(path.stem) for path in folder.glob("*.key") if path.stem.isascii() and path.stem.isdigit()]
