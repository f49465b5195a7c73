"""Rows 13 and 14: what was erased is gone from files and backups; what was backed up comes back equal."""

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from evenhand.errors import KeysError
from evenhand.store import ledger, merkle, schema
from evenhand.store.backup import backup
from evenhand.store.erase import erase_now
from evenhand.store.keyring import Wrapped
from evenhand.store.keys import FileKeys
from evenhand.store.notes import open_checkpoint
from evenhand.store.restore import restore
from evenhand.store.rotation import end_backup_period, rotate
from evenhand.store.store import Store
from tests.reliability.children import opened
from tests.reliability.conftest import Record, Seeds
from tests.reliability.scenes import clean, town
from tests.reliability.seeds import Grown, grow
from tests.store.stores import Maker, PostgresBox
from tests.store.town import AT, TOWN, answer, contact, extra, later, open_case

PLANTED = "zx-planted-word"


def planted(store: Store, number: int) -> str:
    """A case whose answers, facts and contact carry a word that is nowhere else."""
    with store.unit() as unit:
        case = open_case(unit)
        unit.append(answer(case, "WORRIED", f"{PLANTED}-answer-{number}"))
        unit.append(extra(case, f"{PLANTED}-fact-{number}"))
        unit.append(contact(case, f"{PLANTED}-contact-{number}"))
    return case


def secret_bytes(store: Store, case: str) -> list[bytes]:
    """The wrapped key, the salts and the sealed bodies of a case."""
    with store.snapshot() as connection:
        wrapped = connection.execute(select(schema.case_key.c.wrapped).where(schema.case_key.c.case_id == case))
        events = connection.execute(
            select(schema.event.c.salt, schema.event.c.body).where(schema.event.c.case_id == case)
        )
        return [bytes(wrapped.scalar_one()), *(bytes(value) for row in events for value in row)]


def hits(folders: list[Path], sought: list[bytes], *, but: str = "never") -> list[str]:
    """Files that hold one of the byte strings."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and but not in str(path)]
    return [str(path) for path in files for each in sought if each in path.read_bytes()]


def erased(stores: Maker, keys: Path, folder: Path, cases: int, box: PostgresBox | None) -> int:
    """Back up, erase, end the period; how many files were searched."""
    data = folder / "data"
    data.mkdir()
    url = stores.url() if box else f"sqlite:///{data / 'a.db'}"
    store, _ = town(url, keys, 1)
    made = [planted(store, number) for number in range(cases)]
    gone, kept = made[: cases // 2], made[cases // 2 :]
    copy = backup(store, data / "backup", at=AT)
    key_copy = copy.key_file.read_text()
    sought = [each for case in gone for each in secret_bytes(store, case)]
    for case in gone:
        erase_now(store, case, "request", at=later(1), vacuum=False)
    store.scrub()
    rotate(store, TOWN, at=later(35))
    end_backup_period(store, TOWN)
    copy.key_file.unlink()
    places = [data, *([box.data] if box else [])]
    assert hits(places, [PLANTED.encode(), PLANTED.encode("utf-16-le")]) == []
    if box is None:  # the server's own WAL is recycled in its own time; its sealed bytes open with no key
        assert hits([data], sought, but="backup") == []
    assert clean(store)
    _nothing_opens(FileKeys(keys), key_copy, copy.folder)
    with store.reading() as reading:
        assert all(reading.case(case).contact for case in kept)
    searched = sum(1 for place in places for path in place.rglob("*") if path.is_file())
    store.close()
    return searched


def _nothing_opens(keys: FileKeys, key_copy: str, folder: Path) -> None:
    """Neither the key file of the old period nor the folder gives anything to all keys held now."""
    for case, programme, version, wrapped in json.loads(key_copy)["keys"]:
        with pytest.raises(KeysError, match=r"keys\.no-version"):
            keys.unwrap(programme, case, Wrapped(version, base64.b64decode(wrapped)))
    assert hits([folder], [PLANTED.encode()]) == []


def box_of(stores: Maker) -> PostgresBox | None:
    return stores._box() if stores.kind == "postgres" else None


def test_what_was_erased_is_in_no_file_and_opens_from_no_backup(
    stores: Maker, key_folder: Path, tmp_path: Path, record: Record
) -> None:
    searched = erased(stores, key_folder, tmp_path, 6, box_of(stores))
    record(13, stores.kind, False, planted=6, erased=3, files_searched=searched, hits=0)


@pytest.mark.slow
def test_what_200_cases_erased_is_in_no_file_and_opens_from_no_backup(
    stores: Maker, key_folder: Path, tmp_path: Path, record: Record
) -> None:
    searched = erased(stores, key_folder, tmp_path, 400, box_of(stores))
    record(13, stores.kind, True, planted=400, erased=200, files_searched=searched, hits=0)


def brought_back(grown: Grown, stores: Maker, folder: Path) -> None:
    """Back up and restore: the checkpoints are equal."""
    store = grown.store
    copy = backup(store, folder / "backup", at=AT)
    target = opened(stores.url(), str(grown.keys))
    done = restore(copy.folder, target, at=later(1), key_file=copy.key_file)  # checks the whole
    with target.snapshot() as connection:
        edge = merkle.frontier_at(done.size, lambda level, index: ledger.node_of(connection, level, index))
    signed = open_checkpoint(copy.checkpoint, [store.keys.verifier])
    assert (edge.size, merkle.root(edge)) == (signed.size, signed.root)
    for each in (store, target):
        each.close()


def test_what_was_backed_up_comes_back_equal(stores: Maker, seeds: Seeds, tmp_path: Path, record: Record) -> None:
    brought_back(grow(seeds(50, 20), stores, tmp_path), stores, tmp_path)
    record(14, stores.kind, False, answers=1000, checkpoints_equal=True)


@pytest.mark.slow
def test_a_million_answers_backed_up_come_back_equal(
    stores: Maker, seeds: Seeds, tmp_path: Path, record: Record
) -> None:
    brought_back(grow(seeds(50_000, 20), stores, tmp_path), stores, tmp_path)
    record(14, stores.kind, True, answers=1_000_000, checkpoints_equal=True)
