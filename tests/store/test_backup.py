import json
from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.errors import KeysError, StoreError
from evenhand.store import ledger, merkle
from evenhand.store.backup import backup
from evenhand.store.erase import erase_events, erase_now
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.notes import open_checkpoint
from evenhand.store.restore import restore
from evenhand.store.rotation import end_backup_period, resume, rewrap, rotate
from evenhand.store.store import Store
from evenhand.store.tombstones import MemoryTombstones
from tests.store.stores import Maker
from tests.store.test_unit import count, counts
from tests.store.town import AT, TOWN, answer, extra, full_case, later, open_case, open_town


def emptied(stores: Maker, store: Store) -> Store:
    """A new, empty store with the keys and the list of erasures of another."""
    return stores.open(stores.url(), store.keys, store.tombstones)


def test_a_restored_store_is_equal_up_to_the_backup(store: Store, stores: Maker, tmp_path: Path) -> None:
    case = full_case(store)
    with store.reading() as reading:
        before = reading.events(case)
    made = backup(store, tmp_path / "b", at=AT)
    target = emptied(stores, store)
    done = restore(made.folder, target, at=later(1), key_file=made.key_file)
    with target.reading() as reading:
        assert reading.events(case) == before
    signed = open_checkpoint(made.checkpoint, [store.keys.verifier])
    with target.snapshot() as connection:
        edge = merkle.frontier_at(done.size, lambda level, index: ledger.node_of(connection, level, index))
    assert merkle.root(edge) == signed.root
    assert fsck(target) == ()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_moves_a_store_to_the_other_database(
    store: Store, stores: Maker, tmp_path: Path, kind: str
) -> None:
    full_case(store)
    made = backup(store, tmp_path / "b", at=AT)
    other = Maker(kind, tmp_path, stores._box)
    target = emptied(other, store)
    restore(made.folder, target, at=AT, key_file=made.key_file)
    assert fsck(target) == ()
    other.close()


def test_the_folder_holds_no_case_key(store: Store, tmp_path: Path) -> None:
    full_case(store)
    made = backup(store, tmp_path / "b", at=AT)
    wrapped = [bytes.fromhex(each) for each in _wrapped(store)]
    held = b"".join(path.read_bytes() for path in made.folder.iterdir())
    assert wrapped
    assert not any(each in held for each in wrapped)
    assert made.key_file.parent == made.folder.parent
    assert made.key_file.stat().st_mode & 0o777 == 0o600


def _wrapped(store: Store) -> list[str]:
    from evenhand.store import schema

    with store.snapshot() as connection:
        return [bytes(row.wrapped).hex() for row in connection.execute(schema.case_key.select())]


def test_a_backup_is_of_one_moment_while_others_write(store: Store, stores: Maker, tmp_path: Path) -> None:
    import threading

    with store.unit() as unit:
        case = open_case(unit)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with store.unit() as unit:
                unit.append(answer(case, f"Q{number}"))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    made = backup(store, tmp_path / "b", at=AT)
    stop.set()
    writer.join()
    target = emptied(stores, store)
    restore(made.folder, target, at=AT, key_file=made.key_file)
    assert fsck(target) == ()
    assert count(target, "event") == made.size + 1


def test_what_was_erased_since_does_not_come_back(store: Store, stores: Maker, tmp_path: Path) -> None:
    gone, kept = full_case(store), None
    with store.unit() as unit:
        kept = open_case(unit)
        fact = unit.append(extra(kept, "a fact"))
    made = backup(store, tmp_path / "b", at=AT)
    erase_now(store, gone, "request", at=later(1))
    with store.unit() as unit:
        erase_events(unit, kept, [fact], at=later(1), rule="expires_days")
    target = emptied(stores, store)
    done = restore(made.folder, target, at=later(2), key_file=made.key_file)
    assert done.reapplied == 2
    with target.reading() as reading:
        assert reading.case(kept).fields == {}
        with pytest.raises(StoreError, match=r"store\.no-case\b"):
            reading.case(gone)
    assert fsck(target) == ()


def test_a_restored_store_can_be_backed_up_and_restored_again(store: Store, stores: Maker, tmp_path: Path) -> None:
    gone = full_case(store)
    first = backup(store, tmp_path / "b", at=AT)
    erase_now(store, gone, "request", at=later(1))
    target = emptied(stores, store)
    restore(first.folder, target, at=later(2), key_file=first.key_file)
    with target.unit() as unit:  # these take the indexes that erased entries had before
        cases = [open_case(unit) for _ in range(8)]
    second = backup(target, tmp_path / "c", at=later(3))
    again = emptied(stores, target)
    restore(second.folder, again, at=later(4), key_file=second.key_file)
    with again.reading() as reading:
        assert all(reading.case(case).state == "consented" for case in cases)
    assert fsck(again) == ()


def test_a_list_that_is_shorter_than_the_backup_knows_is_refused(
    store: Store, stores: Maker, tmp_path: Path
) -> None:
    gone = full_case(store)
    erase_now(store, gone, "request", at=AT)
    made = backup(store, tmp_path / "b", at=AT)
    target = stores.open(stores.url(), store.keys, MemoryTombstones())
    with pytest.raises(StoreError, match=r"store\.erasures-missing"):
        restore(made.folder, target, at=AT, key_file=made.key_file)
    assert target.version() is None


def test_a_later_known_checkpoint_must_be_owned_up_to(store: Store, stores: Maker, tmp_path: Path) -> None:
    full_case(store)
    made = backup(store, tmp_path / "b", at=AT)
    full = store.checkpoint(AT)
    with store.unit() as unit:
        open_case(unit)
    known = store.checkpoint(later(1))
    target = emptied(stores, store)
    with pytest.raises(StoreError, match=r"store\.rewound"):
        restore(made.folder, target, at=AT, key_file=made.key_file, known=known)
    restore(made.folder, target, at=AT, key_file=made.key_file, known=known, rewound=True)
    other = emptied(stores, store)
    restore(made.folder, other, at=AT, key_file=made.key_file, known=full)


def test_a_backup_of_a_fork_is_refused(store: Store, stores: Maker, tmp_path: Path) -> None:
    with store.unit() as unit:
        open_case(unit)
    fork = stores.new(store.keys)
    open_town(fork)
    with fork.unit() as unit:
        open_case(unit)
    made = backup(store, tmp_path / "b", at=AT)
    with pytest.raises(StoreError, match=r"store\.fork"):
        restore(made.folder, emptied(stores, store), at=AT, key_file=made.key_file, known=fork.checkpoint(AT))


@pytest.mark.parametrize("part", ["store.db", "manifest.json", "keys", "manifest-rows"])
def test_a_damaged_backup_is_refused(store: Store, stores: Maker, tmp_path: Path, part: str) -> None:
    full_case(store)
    made = backup(store, tmp_path / "b", at=AT)
    path = {"keys": made.key_file, "manifest-rows": made.folder / "manifest.json"}.get(part, made.folder / part)
    data = bytearray(path.read_bytes())
    if part == "manifest-rows":
        manifest = json.loads(data)
        path.write_text(json.dumps({**manifest, "erasures": 0, "size": manifest["size"] - 1}))
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    target = emptied(stores, store)
    with pytest.raises(StoreError, match=r"store\.backup-damaged"):
        restore(made.folder, target, at=AT, key_file=made.key_file)
    assert target.version() is None


def test_a_backup_of_other_keys_is_refused(store: Store, stores: Maker, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "b", at=AT)
    target = stores.open(stores.url(), MemoryKeys("town.example/evenhand"))
    with pytest.raises(StoreError, match=r"store\.backup-damaged"):
        restore(made.folder, target, at=AT, key_file=made.key_file)


def test_a_restore_never_mixes_with_what_is_there(store: Store, stores: Maker, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "b", at=AT)
    target = stores.new(store.keys)
    open_town(target)
    before = counts(target)
    with pytest.raises(StoreError, match=r"store\.not-empty"):
        restore(made.folder, target, at=AT, key_file=made.key_file)
    assert counts(target) == before


def test_a_backup_is_never_overwritten(store: Store, tmp_path: Path) -> None:
    backup(store, tmp_path / "b", at=AT)
    with pytest.raises(StoreError, match=r"store\.backup-exists"):
        backup(store, tmp_path / "b", at=AT)


def test_the_key_file_never_lies_in_the_backup(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.keys-in-backup"):
        backup(store, tmp_path / "b", at=AT, key_file=tmp_path / "b" / "keys.json")


def test_a_backup_where_there_is_no_place_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.backup-place"):
        backup(store, tmp_path / "none" / "b", at=AT)
    assert not (tmp_path / "none").exists()


def test_rotation_wraps_every_key_anew_and_everything_opens(store: Store) -> None:
    with store.unit() as unit:
        cases = [open_case(unit) for _ in range(7)]
    done = rotate(store, TOWN, at=AT, batch=3)
    assert (done.version, done.cases) == (2, 7)
    assert end_backup_period(store, TOWN) == (1,)
    with store.reading() as reading:
        assert all(reading.case(case).state == "consented" for case in cases)
    assert fsck(store) == ()


def test_an_old_key_is_not_destroyed_before_everything_is_wrapped_anew(store: Store) -> None:
    with store.unit() as unit:
        open_case(unit)
    store.keys.rotate_wrapping(TOWN)
    with pytest.raises(StoreError, match=r"store\.rotation-unfinished"):
        end_backup_period(store, TOWN)
    assert resume(store, TOWN).cases == 1
    assert end_backup_period(store, TOWN) == (1,)


def test_an_interrupted_rotation_makes_no_second_version(store: Store) -> None:
    with store.unit() as unit:
        open_case(unit)
    store.keys.rotate_wrapping(TOWN)  # the crash came before it was noted
    done = rotate(store, TOWN, at=AT)
    assert (done.version, store.keys.versions(TOWN)) == (2, (1, 2))
    assert rewrap(store, TOWN) == 0


def test_after_the_period_an_old_backup_yields_nothing(store: Store, tmp_path: Path) -> None:
    case = full_case(store)
    made = backup(store, tmp_path / "b", at=AT)
    erase_now(store, case, "request", at=later(1))
    with store.unit() as unit:
        open_case(unit)
    rotate(store, TOWN, at=later(2))
    end_backup_period(store, TOWN)
    wrapped = json.loads(made.key_file.read_text())["keys"]
    import base64

    from evenhand.store.keyring import Wrapped

    assert wrapped
    for case_id, programme, version, blob in wrapped:
        with pytest.raises(KeysError, match=r"keys\.no-version"):
            store.keys.unwrap(programme, case_id, Wrapped(version, base64.b64decode(blob)))


def test_a_backup_says_what_is_in_it(store: Store, tmp_path: Path) -> None:
    full_case(store)
    made = backup(store, tmp_path / "b", at=AT)
    with store.reading() as reading:
        assert made.size == reading.size()
    assert made.rows["event"] == made.size
    assert "case_key" not in made.rows
    assert replace(made, size=0) != made
