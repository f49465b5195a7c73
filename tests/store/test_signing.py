"""Rotation of the key that signs the ledger: who trusted the old key gets to the new one, and nobody else does."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evenhand.casework.events import SigningKeyRotated, StaffChanged, canonical, to_payload
from evenhand.errors import KeysError, LedgerError
from evenhand.store import keyfiles, ledger
from evenhand.store.backup import backup
from evenhand.store.fsck import fsck
from evenhand.store.keychain import Rotation, follow, keys_at
from evenhand.store.keys import FileKeys, MemoryKeys
from evenhand.store.merkle import Frontier, inclusion_proof, root
from evenhand.store.notes import Ed25519Signer, VerifierKey, parse_note, sign_checkpoint, sign_note
from evenhand.store.receiptfile import read_other_checkpoint, read_receipt, write_consistency, write_receipt
from evenhand.store.receipts import Later, Receipt, event_leaf, verify_receipt
from evenhand.store.restore import restore
from evenhand.store.signing import rotate_signing
from evenhand.store.store import Store, open_store
from evenhand.store.tombstones import MemoryTombstones

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORIGIN = "town.example/evenhand"
OLD, NEW, THIRD, STRANGER = (Ed25519Signer(ORIGIN, bytes([number]) * 32) for number in (1, 2, 3, 9))


def staff(name: str) -> StaffChanged:
    return StaffChanged("office", AT, "anna", name, ("caseworker",), False)


@pytest.fixture
def town(tmp_path: Path) -> Store:
    """A store of three entries, a checkpoint of two of them, one rotation, and one entry more."""
    store = open_store(f"sqlite:///{tmp_path / 'town.db'}", MemoryKeys(ORIGIN))
    store.migrate()
    for name in ("bea", "clara"):
        with store.unit() as unit:
            unit.append(staff(name))
    store.checkpoint(AT)
    with store.unit() as unit:
        unit.append(staff("dora"))
    rotate_signing(store, at=AT, actor="anna")
    with store.unit() as unit:
        unit.append(staff("emil"))
    return store


def consistency(store: Store, old: int, new: int) -> Later:
    with store.snapshot() as connection:
        return ledger.consistency(connection, old, new)


def first_key(store: Store) -> VerifierKey:
    return store.keys.former[0]


def steps(receipt: Receipt, *trusted: VerifierKey, other: Later | None = None) -> tuple[list[str], bool]:
    """The steps of a check, after a walk through the file, and whether all of them hold."""
    read = read_receipt(write_receipt(receipt).encode())
    later = None if other is None else read_other_checkpoint(write_consistency(other).encode())
    found = verify_receipt(read, trusted, other=later)
    return [each.step for each in found.steps], found.holds


def test_the_entry_names_both_keys_and_both_sign_its_checkpoint(town: Store) -> None:
    with town.reading() as reading:
        ((index, event),) = reading.office_events(kind=SigningKeyRotated.kind)
        notes = reading.checkpoints()
    old, new = first_key(town), town.keys.verifier
    assert event == SigningKeyRotated("office", AT, "anna", str(old), str(new))
    signed = [{each.hash for each in parse_note(note).signatures} for note in notes]
    assert (index, signed) == (3, [{old.hash}, {old.hash, new.hash}])


def test_who_pinned_the_old_key_gets_to_the_new_one(town: Store) -> None:
    receipt = town.receipt(4, AT)
    assert receipt.key == str(town.keys.verifier)
    assert steps(receipt, first_key(town)) == (["event", "key", "rotation", "signature", "inclusion"], True)
    assert steps(receipt, town.keys.verifier) == (["event", "key", "signature", "inclusion"], True)


def test_a_receipt_of_before_holds_with_the_old_key_and_needs_no_record(town: Store) -> None:
    receipt = town.receipt(0, AT)
    assert (receipt.key, receipt.rotations) == (str(first_key(town)), ())
    assert steps(receipt, first_key(town))[1]
    assert not steps(receipt, town.keys.verifier)[1]


def test_a_ledger_is_shown_to_continue_across_the_change(town: Store) -> None:
    before, after = town.receipt(0, AT), town.receipt(4, AT)
    other = consistency(town, 2, 5)
    assert other.rotations == after.rotations
    assert steps(before, first_key(town), other=other) == (
        ["event", "key", "rotation", "signature", "inclusion", "consistency"],
        True,
    )


def test_two_changes_are_followed_one_after_the_other(town: Store) -> None:
    rotate_signing(town, at=AT)
    with town.unit() as unit:
        unit.append(staff("fred"))
    receipt = town.receipt(6, AT)
    assert len(receipt.rotations) == 2
    assert steps(receipt, first_key(town))[1]
    assert steps(replace(receipt, rotations=receipt.rotations[::-1]), first_key(town))[1]
    assert not steps(replace(receipt, rotations=receipt.rotations[1:]), first_key(town))[1]


def test_the_check_of_the_store_knows_who_signed_when(town: Store) -> None:
    town.receipt(4, AT)
    rotate_signing(town, at=AT)
    assert fsck(town) == ()


def test_the_old_key_signs_no_later_checkpoint() -> None:
    """A stolen old key: whoever has seen the change refuses what it signs afterwards."""
    record = forge(OLD, NEW)
    spans = follow([OLD.verifier], [record])
    assert keys_at(spans, record.size) == (OLD.verifier, NEW.verifier)
    assert keys_at(spans, record.size - 1) == (OLD.verifier,)
    assert keys_at(spans, record.size + 1) == (NEW.verifier,)


def forge(
    old: Ed25519Signer,
    new: Ed25519Signer,
    *,
    signers: tuple[Ed25519Signer, ...] | None = None,
    kind: str = SigningKeyRotated.kind,
    names: tuple[str, str] | None = None,
) -> Rotation:
    """A record of one change in a ledger of two entries; true unless told otherwise."""
    texts = names or (str(old.verifier), str(new.verifier))
    body = to_payload(SigningKeyRotated("office", AT, "anna", *texts)) | {"kind": kind}
    salt, payload = bytes(32), canonical(body)
    nodes: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    for leaf in (event_leaf(salt, b"{}"), event_leaf(salt, payload)):
        frontier, new_nodes = frontier.append(leaf)
        nodes |= {(level, index): value for level, index, value in new_nodes}
    proof = inclusion_proof(1, 2, lambda level, index: nodes[level, index])
    text = parse_note(sign_checkpoint(2, root(frontier), old)).text
    return Rotation(1, salt, payload, proof, sign_note(text, *(signers or (old, new))))


def test_a_true_record_is_believed() -> None:
    assert [span.key for span in follow([OLD.verifier], [forge(OLD, NEW)])] == [OLD.verifier, NEW.verifier]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (forge(OLD, STRANGER, signers=(STRANGER,)), "old key did not sign"),
        (forge(OLD, NEW, signers=(OLD,)), "new key did not sign"),
        (forge(OLD, NEW, kind="key-rotated"), "no change of a signing key"),
        (forge(OLD, OLD), "not two keys of one ledger"),
        (forge(OLD, Ed25519Signer("other.example/evenhand", bytes(32))), "not two keys of one ledger"),
        (forge(OLD, NEW, names=(str(OLD.verifier), "no key")), "does not name two keys"),
        (replace(forge(OLD, NEW), payload=b"no JSON"), "does not name two keys"),
        (replace(forge(OLD, NEW), salt=bytes([1]) * 32), "not in its checkpoint"),
        (replace(forge(OLD, NEW), proof=()), "not in its checkpoint"),
        (replace(forge(OLD, NEW), index=0), "does not end with the entry"),
        (replace(forge(OLD, NEW), payload=forge(OLD, THIRD).payload), "new key did not sign"),
    ],
)
def test_a_forged_record_is_refused(record: Rotation, why: str) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.rotation") as found:
        follow([OLD.verifier], [record])
    assert why in str(found.value)


def test_a_record_that_begins_at_a_stranger_s_key_leads_nowhere() -> None:
    assert keys_at(follow([OLD.verifier], [forge(STRANGER, THIRD)]), 9) == (OLD.verifier,)


def test_of_two_successors_of_one_key_only_the_first_counts() -> None:
    """A thief of the old key cannot name a second successor to whoever has the first change at hand."""
    spans = follow([OLD.verifier], [forge(OLD, NEW), replace(forge(OLD, STRANGER), index=7)])
    assert STRANGER.verifier not in keys_at(spans, 9)


def test_a_receipt_with_a_forged_record_fails_at_that_step(town: Store) -> None:
    receipt = town.receipt(4, AT)
    note = parse_note(receipt.rotations[0].checkpoint)
    without_old = str(replace(note, signatures=note.signatures[1:]))
    forged = replace(receipt, rotations=(replace(receipt.rotations[0], checkpoint=without_old),))
    assert steps(forged, first_key(town)) == (["event", "key", "rotation"], False)


def test_a_change_of_which_only_the_entry_was_stored_is_finished_by_the_next_run(
    town: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(town.keys, "succeed", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rotate_signing(town, at=AT)
    with town.unit() as unit:
        unit.append(staff("fred"))
    with pytest.raises(KeysError, match=r"keys\.superseded"):
        town.checkpoint(AT)
    done = rotate_signing(town, at=AT)
    assert (done.index, done.new) == (5, str(town.keys.verifier))
    assert steps(town.receipt(6, AT), first_key(town))[1]
    assert fsck(town) == ()


def test_keys_older_than_the_ledger_sign_nothing(tmp_path: Path) -> None:
    """A folder of keys brought back from before the change."""
    keys, stale = MemoryKeys(ORIGIN), MemoryKeys(ORIGIN)
    stale._signer = keys._signer
    for holder in (keys, stale):
        store = open_store(f"sqlite:///{tmp_path / 'town.db'}", holder)
        store.migrate()
        with store, store.unit() as unit:
            unit.append(staff("bea" if holder is keys else "clara"))
        if holder is keys:
            rotate_signing(store, at=AT)
        else:
            with pytest.raises(KeysError, match=r"keys\.superseded"):
                store.checkpoint(AT)
            assert [each.where for each in fsck(store)] == ["signing keys"]


def test_a_backup_of_before_the_change_is_restored_after_it(tmp_path: Path) -> None:
    keys = MemoryKeys(ORIGIN)
    source = open_store(f"sqlite:///{tmp_path / 'source.db'}", keys, tombstones=MemoryTombstones())
    source.migrate()
    with source.unit() as unit:
        unit.append(staff("bea"))
    made = backup(source, tmp_path / "backup", at=AT)
    rotate_signing(source, at=AT)
    target = open_store(f"sqlite:///{tmp_path / 'target.db'}", keys, tombstones=source.tombstones)
    restore(made.folder, target, at=AT, key_file=made.key_file)
    assert fsck(target) == ()
    assert target.checkpoint(AT)


def key_files(tmp_path: Path) -> FileKeys:
    return FileKeys.create(tmp_path / "keys", ORIGIN)


def test_in_files_the_next_key_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    keys = key_files(tmp_path)
    path, old = tmp_path / "keys" / "signing.key", keys.verifier
    secret, new = path.read_text(), keys.next_signer().verifier
    assert keys.next_signer().verifier == new
    keys.succeed()
    keys.succeed()
    assert (keys.verifier, keys.former, keys.waiting) == (new, (old,), None)
    again = FileKeys(tmp_path / "keys")
    assert (again.verifier, again.former) == (new, (old,))
    assert all(secret.strip() not in each.read_text() for each in (tmp_path / "keys").rglob("*.key*"))
    assert sorted(each.name for each in path.parent.iterdir()) == sorted(
        ["former", "integrity.key", "pepper.key", "root.key", "signing.key", "wrapping"]
    )


def test_another_process_signs_with_the_new_key_from_then_on(tmp_path: Path) -> None:
    keys = key_files(tmp_path)
    serving = FileKeys(tmp_path / "keys")
    keys.next_signer()
    keys.succeed()
    assert serving.verifier == keys.verifier


@pytest.mark.parametrize(
    "place",
    [(keyfiles, "write_new"), (os, "link"), (Path, "replace"), (keyfiles, "destroy")],
    ids=lambda each: each[1],
)
def test_wherever_the_change_of_files_is_interrupted_the_next_call_finishes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str]
) -> None:
    keys = key_files(tmp_path)
    old, new = keys.verifier, keys.next_signer().verifier

    owner, name = place
    real = getattr(owner, name)

    def call(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, call)
        with pytest.raises(KeyboardInterrupt):
            keys.succeed()
    again = FileKeys(tmp_path / "keys")
    assert again.verifier in (old, new)
    again.succeed()
    assert (again.verifier, again.former, again.waiting) == (new, (old,), None)
    assert not list((tmp_path / "keys").glob(".*"))
