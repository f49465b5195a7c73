"""Check a receipt: read it, the key and the other checkpoint from files, and say what holds."""

from pathlib import Path

from evenhand.errors import KeysError, LedgerError
from evenhand.store.notes import VerifierKey
from evenhand.store.receiptfile import read_other_checkpoint, read_receipt
from evenhand.store.receipts import ReceiptFinding, verify_receipt
from evenhand.store.strictjson import MAX_BYTES


def verify(receipt: Path, *, key: str | None = None, checkpoint: Path | None = None) -> ReceiptFinding:
    """Check a receipt offline.

    Args:
        receipt: the receipt's file.
        key: a verifier key as text, or the path of a file with one or more, one a line. None: the receipt's own,
            which shows only that the receipt agrees with itself.
        checkpoint: file of another checkpoint of the same ledger, with its consistency proof where the sizes
            differ.

    Returns:
        What was checked and what holds.

    Raises:
        LedgerError: a file cannot be read as what it should be.
        KeysError: the key is none.
    """
    read = read_receipt(_bytes_of(receipt))
    trusted = () if key is None else trusted_keys(key)
    other = None if checkpoint is None else read_other_checkpoint(_bytes_of(checkpoint))
    return verify_receipt(read, trusted, other=other)


def trusted_keys(key: str) -> tuple[VerifierKey, ...]:
    """The keys that an option names: the text of one, or a file of them.

    In a file, empty lines and lines that begin with # say nothing: a ledger that changed its key has several.

    Raises:
        KeysError: neither a key nor a file of keys.
        LedgerError: the file cannot be read.
    """
    path = Path(key)
    if not _is_file(path):
        return (VerifierKey.parse(key),)
    text = _bytes_of(path).decode("utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines()]
    keys = tuple(VerifierKey.parse(line) for line in lines if line and not line.startswith("#"))
    if keys:
        return keys
    raise KeysError(
        "keys.verifier-file",
        "The file holds no verifier key.",
        where=str(path),
        mend="Write the key on a line of its own.",
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a key's text can be too long for a name
        return False


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise LedgerError(
            "receipt.not-readable",
            "The file cannot be opened.",
            where=str(path),
            why=getattr(error, "strerror", None) or "It is no name of a file.",
            mend="Check the path and its permissions.",
        ) from error
