"""Rows 2 to 4: disks that fail, tear or fill up."""

import errno
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from evenhand.errors import StoreError
from evenhand.store import merkle
from evenhand.store.ledger import read_frontier
from evenhand.store.store import Store
from tests.reliability.children import KILL, LASTING, ONE_SHOT, TORN_KILL, opened
from tests.reliability.conftest import Record
from tests.reliability.scenes import NOTHING_STORED, clean, copied, items, notes, town
from tests.reliability.zygote import Zygote
from tests.store.town import answer

FAULTS = [
    ("EIO once", ONE_SHOT, errno.EIO),
    ("ENOSPC from here on", LASTING, errno.ENOSPC),
    ("killed before", KILL, 0),
    ("killed in the middle", TORN_KILL, 0),
]
DRIVERS = [None, "standard"]


def faults_in_one_answer(
    zygote: Zygote, keys: Path, folder: Path, fault: tuple[str, int, int], driver: str | None, step: int
) -> tuple[int, int]:
    """Fail every step-th call to the disk of one answer. How many points, and how many calls an answer makes."""
    data = folder / "data"
    data.mkdir()
    base, live, result = folder / "base.db", data / "live.db", folder / "result"
    store, (case,) = town(f"sqlite:///{base}", keys, 1, driver)
    store.scrub()
    store.close()
    _, mode, error = fault
    points = 0
    for call in (0, *range(1, 1000, step)):
        copied(base, live)
        result.unlink(missing_ok=True)
        zygote.run(
            "answer_with_fault", url=f"sqlite:///{live}", keys=str(keys), case=case, item="WORRIED", call=call,
            mode=mode, error=error, folder=str(data), result=str(result), driver=driver,
        )  # fmt: skip
        (outcome,) = notes(result) or [{"killed": True}]
        again = opened(f"sqlite:///{live}", str(keys), driver)
        found = items(again, case)
        assert clean(again), (call, outcome)
        again.close()
        if "stored" in outcome:
            assert found == {"WORRIED": outcome["stored"]}, f"call {call}: acknowledged and lost"
        if outcome.get("code") in NOTHING_STORED:
            assert found == {}, f"call {call}: {outcome['code']} said that nothing was stored"
        assert outcome.get("code") in {None, "store.outcome-unknown", *NOTHING_STORED}
        if call and outcome.get("calls", call) < call:
            return points, int(outcome["calls"])
        points += call > 0
    raise AssertionError("the calls never end")


@pytest.mark.parametrize("driver", DRIVERS, ids=["bundled", "standard"])
@pytest.mark.parametrize("fault", FAULTS, ids=[name for name, *_ in FAULTS])
def test_a_fault_in_one_answer_loses_nothing_acknowledged(
    faulty_zygote: Zygote, key_folder: Path, tmp_path: Path, fault: tuple[str, int, int], driver: str | None,
    record: Record,
) -> None:  # fmt: skip
    points, calls = faults_in_one_answer(faulty_zygote, key_folder, tmp_path, fault, driver, step=12)
    assert points > 0, "no call to the disk was met"
    record(2, driver or "bundled SQLite", False, fault=fault[0], points=points, calls=calls, lost=0)


@pytest.mark.slow
@pytest.mark.parametrize("driver", DRIVERS, ids=["bundled", "standard"])
@pytest.mark.parametrize("fault", FAULTS, ids=[name for name, *_ in FAULTS])
def test_a_fault_at_every_call_of_one_answer_loses_nothing_acknowledged(
    faulty_zygote: Zygote, key_folder: Path, tmp_path: Path, fault: tuple[str, int, int], driver: str | None,
    record: Record,
) -> None:  # fmt: skip
    points, calls = faults_in_one_answer(faulty_zygote, key_folder, tmp_path, fault, driver, step=1)
    assert points == calls
    record(2, driver or "bundled SQLite", True, fault=fault[0], points=points, calls=calls, lost=0)


def state(store: Store) -> tuple[int, bytes]:
    """Size and root of the ledger."""
    with store.snapshot() as connection:
        edge = read_frontier(connection)
    return edge.size, merkle.root(edge)


def torn_wal(keys: Path, folder: Path, chance: random.Random, cuts: int) -> int:
    """Cut a WAL of several answers at multiples of 512 bytes; only whole prefixes may come back."""
    live = folder / "live.db"
    store, (case,) = town(f"sqlite:///{live}", keys, 1)
    store.scrub()
    wal = Path(f"{live}-wal")
    known, ends = {state(store)}, [(0, state(store)[0])]
    number = 0
    while wal.stat().st_size < 512 * (cuts + 8):
        with store.unit() as unit:
            unit.append(answer(case, f"Q{number}"))
        number += 1
        known.add(state(store))
        ends.append((wal.stat().st_size, state(store)[0]))
    length, whole = wal.stat().st_size, wal.read_bytes()
    places = range(0, length + 1, 512)
    chosen = places if len(places) <= cuts else sorted(chance.sample(places, cuts))
    for place, cut in enumerate(chosen):
        torn = copied(live, folder / "torn.db", suffixes=("",))
        tail = chance.randbytes(length - cut) if place % 3 == 0 else bytes(length - cut) if place % 3 == 1 else b""
        Path(f"{torn}-wal").write_bytes(whole[:cut] + tail)
        again = opened(f"sqlite:///{torn}", str(keys))
        found = state(again)
        assert found in known, f"cut at {cut}: not a whole prefix"
        assert found[0] >= max(size for end, size in ends if end <= cut), (
            f"cut at {cut}: more is lost than was cut"
        )
        if place % 10 == 0:
            assert clean(again)
        again.close()
    store.close()
    return len(chosen)


def test_a_torn_wal_gives_a_whole_prefix(
    key_folder: Path, tmp_path: Path, chance: random.Random, record: Record
) -> None:
    record(3, "WAL", False, cuts=torn_wal(key_folder, tmp_path, chance, 40), broken_prefixes=0)


@pytest.mark.slow
def test_a_wal_torn_at_a_thousand_places_gives_a_whole_prefix(
    key_folder: Path, tmp_path: Path, chance: random.Random, record: Record
) -> None:
    cuts = torn_wal(key_folder, tmp_path, chance, 1000)
    assert cuts >= 1000
    record(3, "WAL", True, cuts=cuts, broken_prefixes=0)


def torn_journal(zygote: Zygote, keys: Path, folder: Path, chance: random.Random, cuts: int, step: int = 1) -> int:
    """Cut the rollback journal of an answer that was killed before its pages were written."""
    data = folder / "data"
    data.mkdir()
    base, live = folder / "base.db", data / "live.db"
    store, (case,) = town(f"sqlite:///{base}", keys, 1, "standard")
    before = state(store)
    store.close()
    journals: list[tuple[bytes, bytes]] = []
    for call in range(1, 1000, step):  # every moment of the answer at which a journal lies there
        copied(base, live)
        result = folder / f"result{call}"
        zygote.run(
            "answer_with_fault", url=f"sqlite:///{live}", keys=str(keys), case=case, item="WORRIED", call=call,
            mode=KILL, error=0, folder=str(data), result=str(result), driver="standard",
        )  # fmt: skip
        if notes(result):
            break
        if Path(f"{live}-journal").exists():
            journals.append((live.read_bytes(), Path(f"{live}-journal").read_bytes()))
    places = [
        (number, cut)
        for number, (pages, journal) in enumerate(journals)
        # A journal is synced before the first page is written: only beside the old pages can it be torn.
        for cut in (range(0, len(journal) + 1, 512) if pages == base.read_bytes() else [len(journal)])
    ]
    chosen = places if len(places) <= cuts else sorted(chance.sample(places, cuts))
    for number, cut in chosen:
        pages, journal = journals[number]
        copied(base, live)
        live.write_bytes(pages)
        Path(f"{live}-journal").write_bytes(journal[:cut])
        again = opened(f"sqlite:///{live}", str(keys), "standard")
        assert state(again) == before, f"journal {number} cut at {cut}"
        assert clean(again)
        again.close()
    return len(chosen)


def test_a_torn_journal_gives_what_was_before(
    faulty_zygote: Zygote, key_folder: Path, tmp_path: Path, chance: random.Random, record: Record
) -> None:
    cuts = torn_journal(faulty_zygote, key_folder, tmp_path, chance, 20, step=5)
    assert cuts > 0
    record(3, "rollback journal", False, cuts=cuts, broken_prefixes=0)


@pytest.mark.slow
def test_a_journal_torn_everywhere_gives_what_was_before(
    faulty_zygote: Zygote, key_folder: Path, tmp_path: Path, chance: random.Random, record: Record
) -> None:
    cuts = torn_journal(faulty_zygote, key_folder, tmp_path, chance, 100_000)
    record(3, "rollback journal", True, cuts=cuts, broken_prefixes=0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("not run: mounting a small disk is not allowed here; run `make reliability` as root")
    yield folder
    subprocess.run([str(shutil.which("umount")), "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_heals(small_disk: Path, key_folder: Path, record: Record) -> None:
    store, (case,) = town(f"sqlite:///{small_disk / 'a.db'}", key_folder, 1)
    acknowledged: list[str] = []
    refused = 0
    for number in range(2000):
        try:
            with store.unit() as unit:
                unit.append(answer(case, f"Q{number}"))
            acknowledged.append(f"Q{number}")
        except StoreError as error:
            refused += error.code == "store.full"
            if refused == 3:
                break
    assert refused == 3, "the disk never filled"
    assert list(items(store, case)) == acknowledged
    subprocess.run([str(shutil.which("mount")), "-o", "remount,size=16m", str(small_disk)], check=True)
    with store.unit() as unit:
        unit.append(answer(case, "AFTERWARDS"))
    assert list(items(store, case)) == [*acknowledged, "AFTERWARDS"]
    assert clean(store)
    store.close()
    record(4, "SQLite", True, answers_before_full=len(acknowledged), refused=refused, lost=0, heals=True)
