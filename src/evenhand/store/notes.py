"""Signed notes and checkpoints, as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A note is a text of whole lines, a blank line, and signature lines `— name base64(key hash ‖ signature)`. A
checkpoint is a note whose text says which ledger (origin), how many leaves and which root. Only Ed25519 (signature
type 1) is used, so other people's tools for such logs read what is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.errors import LedgerError
from evenhand.store.merkle import HASH_BYTES
from evenhand.store.notekeys import (
    KEY_HASH_BYTES,
    Ed25519Signer,
    Signer,
    VerifierKey,
    decode,
    encode,
    is_name,
    is_text,
)

__all__ = [
    "Checkpoint",
    "Ed25519Signer",
    "Note",
    "Signature",
    "Signer",
    "VerifierKey",
    "open_checkpoint",
    "parse_checkpoint",
    "parse_note",
    "sign_checkpoint",
    "sign_note",
    "verify_note",
]

MAX_SIGNATURES = 100
"""More signature lines than this are refused, as Go's reference implementation does."""

MAX_NOTE_CHARACTERS = 1_000_000
"""Longer notes are refused unread."""

MAX_SIZE = 2**63 - 1
"""The most leaves a checkpoint may name."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name, its hash (4 bytes) and the signature."""

    name: str
    hash: bytes
    signature: bytes

    def line(self) -> str:
        """The line, without its end."""
        return f"— {self.name} {encode(self.hash + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read: nothing in it is to be believed before `verify_note`.

    Attributes:
        text: whole lines, the last newline included.
        signatures: one or more, in order.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is written."""
        return self.text + "\n" + "".join(each.line() + "\n" for each in self.signatures)


def sign_note(text: str, *signers: Signer) -> str:
    """Sign a text.

    Args:
        text: whole lines: it ends with a newline and holds no other control characters.
        signers: one or more.

    Returns:
        The signed note.

    Raises:
        LedgerError: the text is not one, or nobody signs it.
    """
    if not text.endswith("\n") or not is_text(text) or not signers:
        raise _malformed("A note is whole lines of text without control characters, signed by somebody.")
    signatures = tuple(
        Signature(signer.verifier.name, signer.verifier.hash, signer.sign(text.encode())) for signer in signers
    )
    return str(Note(text, signatures))


def parse_note(note: str) -> Note:
    """Read a signed note without believing it.

    Raises:
        LedgerError: it is malformed.
    """
    if len(note) > MAX_NOTE_CHARACTERS or not is_text(note):
        raise _malformed("It is too long, or holds characters that no note holds.")
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise _malformed("It has no blank line with signature lines below.")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"It has more than {MAX_SIGNATURES} signatures.")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def verify_note(note: str, keys: Sequence[VerifierKey]) -> str:
    """The text of a note that one of the keys signed.

    Signatures of unknown keys are ignored. A wrong signature in the name of a known key refuses the whole note.

    Args:
        note: the signed note.
        keys: the trusted keys.

    Returns:
        The text, its last newline included.

    Raises:
        LedgerError: malformed, signed by none of the keys, or signed wrongly.
    """
    parsed = parse_note(note)
    known = {(key.name, key.hash): key for key in keys}
    signed = False
    for each in parsed.signatures:
        key = known.get((each.name, each.hash))
        if key is None:
            continue
        if not key.verifies(parsed.text.encode(), each.signature):
            raise LedgerError(
                "ledger.signature",
                f"The signature in the name of {each.name} is not of this text.",
                why="The text, the signature or the key was changed.",
                mend="Do not rely on it. Ask for it again, and compare with a copy from elsewhere.",
            )
        signed = True
    if not signed:
        raise LedgerError(
            "ledger.unsigned",
            "None of the trusted keys signed this note.",
            why="Signatures of other keys say nothing here.",
            mend="Check that the key is this ledger's, and the current one.",
        )
    return parsed.text


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a ledger at one moment.

    Attributes:
        origin: which ledger: the name of its signing key.
        size: number of leaves.
        root: root of the tree of these leaves, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


def sign_checkpoint(size: int, root: bytes, signer: Signer) -> str:
    """A signed checkpoint; its origin is the name of the key."""
    return sign_note(Checkpoint(signer.verifier.name, size, root).text(), signer)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Lines below the third are allowed and ignored, as the format says.

    Raises:
        LedgerError: it is not one.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):  # three lines and what follows the last newline
        raise _no_checkpoint("It has no three lines.")
    origin, size, encoded = lines[:3]
    root = decode(encoded)
    if not origin.isprintable():
        raise _no_checkpoint("Its first line is no name of a ledger.")
    if root is None or len(root) != HASH_BYTES:
        raise _no_checkpoint("Its third line is no root.")
    if not (size.isascii() and size.isdigit()) or len(size) > 19 or str(int(size)) != size or int(size) > MAX_SIZE:
        raise _no_checkpoint("Its second line is no number of leaves.")
    return Checkpoint(origin, int(size), root)


def open_checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint in a note that one of the keys signed.

    Raises:
        LedgerError: malformed, not signed by the keys, or in the name of another ledger than the key's.
    """
    checkpoint = parse_checkpoint(parse_note(note).text)
    own = [key for key in keys if key.name == checkpoint.origin]
    if not own:
        raise LedgerError(
            "ledger.origin",
            "The checkpoint speaks of another ledger than the trusted key.",
            why="The origin of a checkpoint is the name of the key that signs it.",
            mend="Give the key of the ledger that the checkpoint names.",
        )
    verify_note(note, own)
    return checkpoint


def _signature(line: str) -> Signature:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    data = decode(encoded)
    if mark != "—" or not is_name(name) or data is None or len(data) <= KEY_HASH_BYTES:
        raise _malformed("A line below the blank one is no signature.")
    return Signature(name, data[:KEY_HASH_BYTES], data[KEY_HASH_BYTES:])


def _malformed(why: str) -> LedgerError:
    return LedgerError("ledger.note", "This is not a signed note.", why=why, mend="Ask for it again, whole.")


def _no_checkpoint(why: str) -> LedgerError:
    return LedgerError(
        "ledger.checkpoint-text", "This is not a checkpoint.", why=why, mend="Ask the ledger's owner for it again."
    )
