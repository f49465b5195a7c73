"""Receipts: true ones hold, no changed one does, and no hostile file leads to anything but an explained error."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import EvenhandError, KeysError, LedgerError
from evenhand.store.merkle import leaf_hash
from evenhand.store.receiptfile import (
    read_other_checkpoint,
    read_receipt,
    write_consistency,
    write_receipt,
)
from evenhand.store.receipts import Later, Receipt, event_leaf, leaf_data, verify_receipt

from .receipt_examples import FORGER, SIGNER, Ledger, payload, renamed

LEDGER = Ledger(13)
RECEIPT = LEDGER.receipt(4, 9)
TRUSTED = [SIGNER.verifier]


def failed_step(receipt: Receipt, other: Later | None = None) -> str:
    found = verify_receipt(receipt, TRUSTED, other=other)
    assert not found.holds
    assert found.failed is not None
    assert found.steps[-1] == found.failed
    return found.failed.step


def test_the_leaf_is_the_formula_s() -> None:
    salt, body = b"s" * 32, b'{"kind":"x"}'
    data = hmac.new(salt, body, hashlib.sha256).digest()
    assert leaf_data(salt, body) == data
    assert event_leaf(salt, body) == leaf_hash(data) == hashlib.sha256(b"\0" + data).digest()


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.salt"):
        leaf_data(b"short", b"{}")


@pytest.mark.parametrize("size", range(1, 14))
def test_every_receipt_of_a_ledger_holds(size: int) -> None:
    for index in range(size):
        found = verify_receipt(read_receipt(write_receipt(LEDGER.receipt(index, size)).encode()), TRUSTED)
        assert found.holds
        assert [each.step for each in found.steps] == ["event", "key", "signature", "inclusion"]
        assert (found.index, found.size, found.origin) == (index, size, "example.org/evenhand")
        assert found.key_from == "pinned"


def test_a_written_receipt_is_read_back() -> None:
    assert read_receipt(write_receipt(RECEIPT).encode()) == RECEIPT


def test_without_a_pinned_key_the_finding_says_where_the_key_came_from() -> None:
    found = verify_receipt(RECEIPT)
    assert found.holds
    assert found.key_from == "receipt"
    assert found.key == str(SIGNER.verifier)


def test_a_forged_ledger_passes_without_a_pinned_key_and_fails_with_one() -> None:
    forged = LEDGER.receipt(4, 9, FORGER)
    assert verify_receipt(forged).holds
    assert failed_step(forged) == "signature"


def test_a_pinned_key_replaces_the_receipt_s_own() -> None:
    assert verify_receipt(replace(RECEIPT, key="not a key at all"), TRUSTED).holds
    with pytest.raises(KeysError, match=r"keys\.verifier-text"):
        verify_receipt(replace(RECEIPT, key="not a key at all"))


def test_the_key_of_another_ledger_does_not_do() -> None:
    other = replace(SIGNER.verifier, name="example.org/other")
    found = verify_receipt(RECEIPT, [other])
    assert found.failed is not None
    assert found.failed.step == "key"


def test_one_of_several_pinned_keys_does() -> None:
    assert verify_receipt(RECEIPT, [FORGER.verifier, SIGNER.verifier]).holds


@pytest.mark.parametrize(
    ("step", "receipt"),
    [
        ("event", renamed(RECEIPT, "assessed")),
        ("event", replace(RECEIPT, at="2026-11-03T09:30:01Z")),
        ("event", replace(RECEIPT, payload=b"not JSON")),
        ("event", replace(RECEIPT, payload=b'{"kind":"answer-recorded"}')),
        ("inclusion", replace(RECEIPT, payload=payload(5))),
        ("inclusion", replace(RECEIPT, payload=RECEIPT.payload.replace(b'"code":1', b'"code":0'))),
        ("inclusion", replace(RECEIPT, salt=bytes(32))),
        ("inclusion", replace(RECEIPT, index=5)),
        ("inclusion", replace(RECEIPT, index=9)),
        ("inclusion", replace(RECEIPT, proof=RECEIPT.proof[:-1])),
        ("inclusion", replace(RECEIPT, proof=())),
        ("inclusion", replace(RECEIPT, checkpoint=LEDGER.checkpoint(10))),
        ("signature", replace(RECEIPT, checkpoint=RECEIPT.checkpoint.replace("\n9\n", "\n8\n"))),
        ("signature", replace(RECEIPT, checkpoint=LEDGER.checkpoint(9, FORGER))),
        ("key", replace(RECEIPT, checkpoint=RECEIPT.checkpoint.replace("example.org", "example.net"))),
    ],
)
def test_a_changed_receipt_names_the_step_that_fails(step: str, receipt: Receipt) -> None:
    assert failed_step(receipt) == step


def test_every_changed_bit_of_salt_payload_and_proof_is_found() -> None:
    for bit in range(256):
        salt = bytearray(RECEIPT.salt)
        salt[bit // 8] ^= 1 << bit % 8
        assert failed_step(replace(RECEIPT, salt=bytes(salt))) == "inclusion"
    for bit in range(8 * len(RECEIPT.payload)):
        body = bytearray(RECEIPT.payload)
        body[bit // 8] ^= 1 << bit % 8
        assert failed_step(replace(RECEIPT, payload=bytes(body))) in {"event", "inclusion"}
    for place, step in enumerate(RECEIPT.proof):
        changed = (*RECEIPT.proof[:place], step[:-1] + bytes([step[-1] ^ 1]), *RECEIPT.proof[place + 1 :])
        assert failed_step(replace(RECEIPT, proof=changed)) == "inclusion"


@pytest.mark.parametrize(("old", "new", "at"), [(9, 13, 13), (4, 9, 4), (9, 10, 10)])
def test_another_checkpoint_of_the_same_ledger_is_consistent(old: int, new: int, at: int) -> None:
    other = read_other_checkpoint(write_consistency(LEDGER.between(old, new, at=at)).encode())
    found = verify_receipt(LEDGER.receipt(2, 9) if at != 4 else RECEIPT, TRUSTED, other=other)
    assert found.holds
    assert found.steps[-1].step == "consistency"


def test_the_same_checkpoint_needs_no_proof() -> None:
    other = read_other_checkpoint(LEDGER.checkpoint(9).encode())
    assert verify_receipt(RECEIPT, TRUSTED, other=other).holds


def test_a_rewritten_ledger_is_found_by_an_earlier_receipt() -> None:
    rewritten = Ledger(13, first=payload(99))
    assert failed_step(RECEIPT, rewritten.between(9, 13, at=13)) == "consistency"


def test_a_fork_of_equal_size_is_found() -> None:
    fork = Ledger(9, first=payload(99))
    assert failed_step(RECEIPT, Later(fork.checkpoint(9))) == "consistency"


def test_a_truncated_ledger_is_found() -> None:
    short = Ledger(6, first=payload(99))
    assert failed_step(RECEIPT, Later(short.checkpoint(6), LEDGER.between(6, 9, at=6).proof)) == "consistency"


def test_an_empty_ledger_shows_nothing() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.empty-checkpoint"):
        verify_receipt(RECEIPT, TRUSTED, other=Later(LEDGER.checkpoint(0)))


def test_another_checkpoint_that_is_none_is_unreadable() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.note"):
        verify_receipt(RECEIPT, TRUSTED, other=Later("x"))


def test_another_checkpoint_must_be_signed_by_the_trusted_key() -> None:
    assert failed_step(RECEIPT, Later(LEDGER.checkpoint(9, FORGER))) == "consistency"


def test_different_sizes_need_a_proof() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.no-proof"):
        verify_receipt(RECEIPT, TRUSTED, other=Later(LEDGER.checkpoint(13)))


def body() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_receipt(RECEIPT))
    return found


Break = Callable[[dict[str, Any]], object]

BROKEN: dict[str, tuple[str, Break]] = {
    "no format": ("receipt.format", lambda body: body.pop("format")),
    "another format": ("receipt.format", lambda body: body.update(format="evenhand.receipt/2")),
    "a field more": ("receipt.field", lambda body: body.update(extra=1)),
    "a field more in the event": ("receipt.field", lambda body: body["event"].update(extra=1)),
    "no event": ("receipt.field", lambda body: body.pop("event")),
    "the event is text": ("receipt.field", lambda body: body.update(event="x")),
    "no salt": ("receipt.field", lambda body: body["event"].pop("salt")),
    "the index is true": ("receipt.field", lambda body: body["event"].update(index=True)),
    "the index is a fraction": ("receipt.field", lambda body: body["event"].update(index=4.0)),
    "the index is text": ("receipt.field", lambda body: body["event"].update(index="4")),
    "the index is negative": ("receipt.field", lambda body: body["event"].update(index=-1)),
    "the index is enormous": ("receipt.field", lambda body: body["event"].update(index=2**64)),
    "the kind rewrites the terminal": ("receipt.field", lambda body: body["event"].update(kind="\x1b[2J")),
    "the time is no time": ("receipt.field", lambda body: body["event"].update(at="yesterday")),
    "the salt is short": ("receipt.field", lambda body: body["event"].update(salt="AAAA")),
    "the salt is not Base64": ("receipt.field", lambda body: body["event"].update(salt="!" * 44)),
    "the salt is not canonical": ("receipt.field", lambda body: body["event"].update(salt="A" * 42 + "B=")),
    "the payload is an object": ("receipt.field", lambda body: body["event"].update(payload={})),
    "the payload is empty": ("receipt.field", lambda body: body["event"].update(payload="")),
    "the proof is text": ("receipt.field", lambda body: body.update(proof="x")),
    "the proof is endless": ("receipt.field", lambda body: body.update(proof=body["proof"] * 1000)),
    "a step of the proof is a number": ("receipt.field", lambda body: body.update(proof=[1])),
    "the checkpoint is null": ("receipt.field", lambda body: body.update(checkpoint=None)),
    "the key is a list": ("receipt.field", lambda body: body.update(key=[])),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_malformed_receipt_is_refused(how: str) -> None:
    code, spoil = BROKEN[how]
    broken = body()
    spoil(broken)
    with pytest.raises(LedgerError) as found:
        read_receipt(json.dumps(broken).encode())
    assert found.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{",
        b'{"format": NaN}',
        b'{"format": 1, "format": 1}',
        b'{"format": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b'{"format": ' + b"9" * 5000 + b"}",
        b" " * 1_000_001,
    ],
)
def test_what_is_not_a_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerError, match=r"receipt\.unreadable"):
        read_receipt(data)


def test_another_checkpoint_that_is_no_text_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"receipt\.unreadable"):
        read_other_checkpoint(b"\xff")
    with pytest.raises(LedgerError, match=r"receipt\.format"):
        read_other_checkpoint(write_receipt(RECEIPT).encode())


@pytest.mark.parametrize("checkpoint", ["x", "\n\n", "a\n1\nb\n\n— c d\n"])
def test_a_receipt_whose_checkpoint_is_none_is_unreadable(checkpoint: str) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.note"):
        verify_receipt(replace(RECEIPT, checkpoint=checkpoint), TRUSTED)


def checked(data: bytes) -> bool:
    try:
        return verify_receipt(read_receipt(data), TRUSTED).holds
    except EvenhandError:
        return False


def test_no_changed_byte_of_a_receipt_s_file_passes_as_another_receipt() -> None:
    """Every byte of the file replaced by three others: an explained error, or a receipt of the same entry."""
    data = write_receipt(RECEIPT).encode()
    dice = random.Random(16)
    for place in range(len(data)):
        for value in (data[place] ^ 1, data[place] ^ 32, dice.randrange(256)):
            changed = data[:place] + bytes([value]) + data[place + 1 :]
            if checked(changed):
                read = read_receipt(changed)
                assert (read.index, read.payload, read.salt) == (RECEIPT.index, RECEIPT.payload, RECEIPT.salt)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["format", "event", "proof", "checkpoint", "key"]), JSON)
def test_any_value_in_a_field_leads_to_an_explained_error(field: str, value: Any) -> None:
    hostile = body() | {field: value}
    assert not checked(json.dumps(hostile).encode()) or field == "key"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["index", "kind", "at", "salt", "payload"]), JSON)
def test_any_value_in_the_event_leads_to_an_explained_error(field: str, value: Any) -> None:
    hostile = body()
    unchanged = hostile["event"][field] == value
    hostile["event"][field] = value
    assert checked(json.dumps(hostile).encode()) == (unchanged and type(value) in {int, str})


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_lead_to_an_explained_error(data: bytes) -> None:
    assert not checked(data)
    try:
        read_other_checkpoint(data)
    except EvenhandError:
        return


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100), st.binary(max_size=40), st.integers(0, 2**70))
def test_any_signed_text_as_checkpoint_leads_to_an_explained_error(text: str, root: bytes, size: int) -> None:
    origin = text.partition("\n")[0]
    note = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n\n{RECEIPT.checkpoint.split(chr(10))[-2]}\n"
    try:
        assert not verify_receipt(replace(RECEIPT, checkpoint=note), TRUSTED).holds
    except EvenhandError:
        return
