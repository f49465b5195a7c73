"""Signed notes and checkpoints against the published examples of Go's sumdb/note and of C2SP."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.errors import EvenhandError, KeysError, LedgerError
from evenhand.store.notes import (
    Checkpoint,
    Ed25519Signer,
    VerifierKey,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    sign_checkpoint,
    sign_note,
    verify_note,
)

# From golang.org/x/mod/sumdb/note (note_test.go, BSD-3-Clause).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_SIGNED = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_SIGNED = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
WRONG_LENGTH = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="
WRONG_TYPE = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

# From c2sp.org/tlog-checkpoint.
SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SOFA_SIGNED = (
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)

ROOT = hashlib.sha256(b"a root").digest()


def signer(name: str = "example.org/evenhand", seed: int = 1) -> Ed25519Signer:
    return Ed25519Signer(name, bytes([seed]) * 32)


def test_the_published_note_is_made_byte_for_byte() -> None:
    assert sign_note(TEXT, Ed25519Signer.parse(PETER_PRIVATE)) == f"{TEXT}\n{PETER_SIGNED}"


def test_the_published_key_belongs_to_the_published_private_key() -> None:
    peter = Ed25519Signer.parse(PETER_PRIVATE)
    assert str(peter.verifier) == PETER
    assert peter.private_text() == PETER_PRIVATE
    assert VerifierKey.parse(PETER) == peter.verifier


def test_the_published_note_opens_with_either_key() -> None:
    note = f"{TEXT}\n{PETER_SIGNED}{ENOCH_SIGNED}"
    assert verify_note(note, [VerifierKey.parse(PETER)]) == TEXT
    assert verify_note(note, [VerifierKey.parse(ENOCH)]) == TEXT
    assert [each.name for each in parse_note(note).signatures] == ["PeterNeumann", "EnochRoot"]
    assert str(parse_note(note)) == note


def test_every_part_of_a_key_s_text_counts() -> None:
    whole = len(PETER)
    parts = {PETER[start:end] for start in range(whole) for end in range(start + 1, whole + 1)} - {PETER}
    bumped = {PETER[:place] + chr(ord(PETER[place]) + 1) + PETER[place + 1 :] for place in range(whole)}
    for text in parts | bumped | {WRONG_LENGTH, WRONG_TYPE, ""}:
        with pytest.raises(KeysError, match=r"keys\.verifier-text"):
            VerifierKey.parse(text)


def test_every_part_of_a_private_key_s_text_counts_and_is_never_repeated() -> None:
    whole = len(PETER_PRIVATE)
    cut = {PETER_PRIVATE[:end] for end in range(whole)} | {PETER_PRIVATE[start:] for start in range(1, whole)}
    bumped = {
        PETER_PRIVATE[:place] + chr(ord(PETER_PRIVATE[place]) + 1) + PETER_PRIVATE[place + 1 :]
        for place in range(whole)
    }
    for text in cut | bumped:
        with pytest.raises(KeysError, match=r"keys\.signer-text") as found:
            Ed25519Signer.parse(text)
        assert "AYEKFALVFGyNhPJEMzD1QIDr" not in str(found.value)


def test_a_signing_key_never_shows_itself() -> None:
    peter = Ed25519Signer.parse(PETER_PRIVATE)
    for shown in (repr(peter), str(peter), f"{peter}"):
        assert "AYEKFALVFGy" not in shown
        assert base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:].hex() not in shown


@pytest.mark.parametrize("name", ["", "two words", "plus+sign", "line\nend", "wide\u2003space"])
def test_a_key_needs_a_plain_name(name: str) -> None:
    with pytest.raises(KeysError, match=r"keys\.signer-name"):
        signer(name)


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + PETER_SIGNED[:-1],
        "\x01" + TEXT + "\n" + PETER_SIGNED,
        "\udcff" + TEXT + "\n" + PETER_SIGNED,
        TEXT + "\n" + PETER_SIGNED.replace("PeterNeumann", "Bad Name"),
        TEXT + "\n" + PETER_SIGNED.replace("PeterNeumann", "Bad+Name"),
        TEXT + "\n" + PETER_SIGNED + "Unexpected line.\n",
        TEXT + "\n" + PETER_SIGNED.replace("— ", "- "),
        TEXT + "\n" + PETER_SIGNED.replace("nAM=", "nAN="),
        TEXT + "\n" + "— PeterNeumann x08gow==\n",
        TEXT + "\n" + PETER_SIGNED * 101,
        "",
        "\n\n",
        "a" * 1_000_001,
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.note"):
        verify_note(note, [VerifierKey.parse(PETER)])


def test_a_hundred_signatures_are_read() -> None:
    assert verify_note(f"{TEXT}\n{PETER_SIGNED * 100}", [VerifierKey.parse(PETER)]) == TEXT


def test_signatures_of_unknown_keys_say_nothing() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.unsigned"):
        verify_note(f"{TEXT}\n{ENOCH_SIGNED}", [VerifierKey.parse(PETER)])
    with pytest.raises(LedgerError, match=r"ledger\.unsigned"):
        verify_note(f"{TEXT}\n{ENOCH_SIGNED}", [])


def test_a_key_of_the_same_name_with_another_hash_is_unknown() -> None:
    note = sign_note(TEXT, signer(seed=1))
    with pytest.raises(LedgerError, match=r"ledger\.unsigned"):
        verify_note(note, [signer(seed=2).verifier])


def test_one_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    wrong = PETER_SIGNED[:60] + "ABCD" + PETER_SIGNED[60:]
    with pytest.raises(LedgerError, match=r"ledger\.signature"):
        verify_note(f"{TEXT}\n{ENOCH_SIGNED}{wrong}", [VerifierKey.parse(PETER), VerifierKey.parse(ENOCH)])


def test_a_changed_text_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.signature"):
        verify_note(f"{TEXT.replace('answer', 'Answer')}\n{PETER_SIGNED}", [VerifierKey.parse(PETER)])


def test_every_changed_bit_of_a_signature_is_refused() -> None:
    note = parse_note(f"{TEXT}\n{PETER_SIGNED}")
    key = VerifierKey.parse(PETER)
    (good,) = note.signatures
    assert key.verifies(TEXT.encode(), good.signature)
    for bit in range(len(good.signature) * 8):
        changed = bytearray(good.signature)
        changed[bit // 8] ^= 1 << bit % 8
        assert not key.verifies(TEXT.encode(), bytes(changed))


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", "half \udcff\n"])
def test_only_whole_lines_of_text_are_signed(text: str) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.note"):
        sign_note(text, signer())


def test_a_note_needs_a_signer() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.note"):
        sign_note(TEXT)


def test_the_published_checkpoint_is_read() -> None:
    found = parse_checkpoint(parse_note(f"{SOFA}\n{SOFA_SIGNED}").text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert found.text() == SOFA


def test_a_checkpoint_opens_with_its_key() -> None:
    note = sign_checkpoint(7, ROOT, signer())
    assert open_checkpoint(note, [signer(seed=2).verifier, signer().verifier]) == Checkpoint(
        "example.org/evenhand", 7, ROOT
    )


def test_a_checkpoint_with_another_witness_opens_too() -> None:
    text = Checkpoint("example.org/evenhand", 7, ROOT).text()
    note = sign_note(text, signer("example.org/witness", 3), signer())
    assert open_checkpoint(note, [signer().verifier]).size == 7


def test_a_checkpoint_of_another_ledger_is_refused() -> None:
    note = sign_note(Checkpoint("example.org/other", 7, ROOT).text(), signer())
    with pytest.raises(LedgerError, match=r"ledger\.origin"):
        open_checkpoint(note, [signer().verifier])


def test_a_key_of_one_ledger_does_not_speak_for_another() -> None:
    other = signer("example.org/other", 2)
    note = sign_note(Checkpoint("example.org/other", 7, ROOT).text(), signer())
    with pytest.raises(LedgerError, match=r"ledger\.unsigned"):
        open_checkpoint(note, [signer().verifier, other.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n7\n",
        f"\n7\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n07\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n-7\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n٧\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n{2**63}\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n{'9' * 5000}\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n7\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"origin\n7\n{base64.b64encode(ROOT).decode()}",
        f"origin\n7\n{base64.b64encode(ROOT).decode()}\n\nline\n",
        f"ori\x9bgin\n7\n{base64.b64encode(ROOT).decode()}\n",
        "origin\n7\n!!!!\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.checkpoint-text"):
        parse_checkpoint(text)


def test_lines_below_the_root_are_ignored() -> None:
    assert parse_checkpoint(SOFA + "an extension\n").size == 20852163


@given(st.text())
def test_no_text_leads_to_another_error(text: str) -> None:
    for read in (parse_note, parse_checkpoint, VerifierKey.parse, Ed25519Signer.parse):
        try:
            read(text)
        except EvenhandError:
            continue
