"""Receipts and consistency proofs as JSON (formats `evenhand.receipt/1` and `evenhand.consistency/1`)."""

import base64
import binascii
import json
import re
from typing import Any, NoReturn

from evenhand.errors import LedgerError
from evenhand.store.keychain import Rotation
from evenhand.store.leaves import SALT_BYTES
from evenhand.store.merkle import HASH_BYTES
from evenhand.store.notes import MAX_SIZE
from evenhand.store.receipts import Later, Receipt
from evenhand.store.strictjson import InvalidJsonError, read_object

FORMAT = "evenhand.receipt/1"
CONSISTENCY_FORMAT = "evenhand.consistency/1"
KIND = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
MAX_PROOF = 128
"""No proof in a tree of 2^63 leaves has more hashes."""

MAX_ROTATIONS = 1000
"""More changes of a signing key than a ledger will see are refused unread."""


def write_receipt(receipt: Receipt) -> str:
    """The receipt as JSON text, the same for the same receipt; it ends with a newline."""
    return _text(
        {
            "format": FORMAT,
            "event": {
                "index": receipt.index,
                "kind": receipt.kind,
                "at": receipt.at,
                "salt": _encode(receipt.salt),
                "payload": receipt.payload.decode(),
            },
            "proof": [_encode(each) for each in receipt.proof],
            "checkpoint": receipt.checkpoint,
            "key": receipt.key,
            **_rotations_body(receipt.rotations),
        }
    )


def read_receipt(data: bytes) -> Receipt:
    """Read a receipt from its file, believing nothing in it.

    Raises:
        LedgerError: it is not a receipt: the message names the field.
    """
    body = _object(data, FORMAT, "receipt")
    _require_fields(body, {"format", "event", "proof", "checkpoint", "key"}, "", optional={"rotations"})
    event = body["event"]
    if not isinstance(event, dict):
        _wrong("event", "an object")
    _require_fields(event, {"index", "kind", "at", "salt", "payload"}, "event, ")
    return Receipt(
        index=_number(event["index"], "event, index"),
        kind=_matching(event["kind"], KIND, "event, kind", "a kind of event"),
        at=_matching(event["at"], TIME, "event, at", "a time as 2026-11-03T09:30:00Z"),
        salt=_bytes(event["salt"], SALT_BYTES, "event, salt"),
        payload=_string(event["payload"], "event, payload").encode(),
        proof=_proof(body["proof"]),
        checkpoint=_string(body["checkpoint"], "checkpoint"),
        key=_string(body["key"], "key"),
        rotations=_rotations(body.get("rotations", [])),
    )


def write_consistency(later: Later) -> str:
    """A checkpoint with the proof that leads to it from another, as JSON text; it ends with a newline."""
    proof = [_encode(each) for each in later.proof]
    beside = _rotations_body(later.rotations)
    return _text({"format": CONSISTENCY_FORMAT, "checkpoint": later.checkpoint, "proof": proof, **beside})


def read_other_checkpoint(data: bytes) -> Later:
    """Read another checkpoint: `evenhand.consistency/1`, or a signed note alone.

    Raises:
        LedgerError: it is neither.
    """
    if data.lstrip()[:1] != b"{":
        try:
            return Later(data.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise _unreadable("It is not UTF-8 text.") from error
    body = _object(data, CONSISTENCY_FORMAT, "checkpoint with its proof")
    _require_fields(body, {"format", "checkpoint", "proof"}, "", optional={"rotations"})
    rotations = _rotations(body.get("rotations", []))
    return Later(_string(body["checkpoint"], "checkpoint"), _proof(body["proof"]), rotations)


def _object(data: bytes, form: str, what: str) -> dict[str, Any]:
    try:
        body = read_object(data)
    except InvalidJsonError as error:
        raise _unreadable(f"As JSON, {error}.") from error
    if body.get("format") != form:
        raise LedgerError(
            "receipt.format",
            f"This is not a {what} of a known format.",
            why=f"Its field `format` must be {form}.",
            mend="Give the file as it was handed out, or use a later version of Evenhand.",
        )
    return body


def _rotations_body(rotations: tuple[Rotation, ...]) -> dict[str, Any]:
    """The field `rotations`, where there are any: most ledgers never change their key."""
    if not rotations:
        return {}
    return {
        "rotations": [
            {
                "index": each.index,
                "salt": _encode(each.salt),
                "payload": each.payload.decode(),
                "proof": [_encode(part) for part in each.proof],
                "checkpoint": each.checkpoint,
            }
            for each in rotations
        ]
    }


def _rotations(value: Any) -> tuple[Rotation, ...]:
    if not isinstance(value, list) or len(value) > MAX_ROTATIONS:
        _wrong("rotations", f"a list of at most {MAX_ROTATIONS} changes of the signing key")
    return tuple(_rotation(each, f"rotations[{place}]") for place, each in enumerate(value))


def _rotation(value: Any, field: str) -> Rotation:
    if not isinstance(value, dict):
        _wrong(field, "an object")
    _require_fields(value, {"index", "salt", "payload", "proof", "checkpoint"}, f"{field}, ")
    return Rotation(
        index=_number(value["index"], f"{field}, index"),
        salt=_bytes(value["salt"], SALT_BYTES, f"{field}, salt"),
        payload=_string(value["payload"], f"{field}, payload").encode(),
        proof=_proof(value["proof"], f"{field}, proof"),
        checkpoint=_string(value["checkpoint"], f"{field}, checkpoint"),
    )


def _require_fields(
    body: dict[str, Any], names: set[str], prefix: str, *, optional: frozenset[str] | set[str] = frozenset()
) -> None:
    for name in sorted(names ^ (body.keys() - optional)):
        _wrong(f"{prefix}{name}"[:80], "there" if name in names else "left out: it is not known")


def _proof(value: Any, field: str = "proof") -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_PROOF:
        _wrong(field, f"a list of at most {MAX_PROOF} hashes")
    return tuple(_bytes(each, HASH_BYTES, f"{field}[{position}]") for position, each in enumerate(value))


def _number(value: Any, field: str) -> int:
    if type(value) is not int or not 0 <= value <= MAX_SIZE:
        _wrong(field, "a whole number, 0 or more")
    return value


def _string(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value:
        _wrong(field, "text")
    return value


def _matching(value: Any, pattern: re.Pattern[str], field: str, what: str) -> str:
    """Text that is safe to show on a terminal: what a stranger wrote is shown only in these forms."""
    if not pattern.fullmatch(_string(value, field)):
        _wrong(field, what)
    return str(value)


def _bytes(value: Any, length: int, field: str) -> bytes:
    try:
        found = base64.b64decode(_string(value, field), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != length or _encode(found) != value:
        _wrong(field, f"{length} bytes in Base64")
    return found


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _wrong(field: str, must: str) -> NoReturn:
    raise LedgerError(
        "receipt.field",
        "A field of the file is not what it must be.",
        where=field,
        why=f"It must be {must}.",
        mend="Give the file as it was handed out, unchanged.",
    )


def _unreadable(why: str) -> LedgerError:
    return LedgerError(
        "receipt.unreadable",
        "The file cannot be read.",
        why=why,
        mend="Give the file as it was handed out, unchanged.",
    )
