"""Rows 1, 6, 7 and 12: processes and servers that die while they work."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from evenhand.errors import StoreError
from evenhand.store import migrate, schema
from evenhand.store.fsck import fsck
from evenhand.store.keys import FileKeys
from evenhand.store.rotation import end_backup_period, resume
from evenhand.store.store import Store
from tests.reliability.children import opened
from tests.reliability.conftest import Record
from tests.reliability.scenes import clean, items, notes, town
from tests.reliability.zygote import Zygote, kill
from tests.store.stores import Maker, PostgresBox
from tests.store.town import TOWN, answer, open_case, open_town

WRITERS = 3


def under_load(
    stores: Maker, keys: Path, zygote: Zygote, chance: random.Random, folder: Path, kills: int, check_every: int
) -> int:
    """Kill writers again and again; how many answers were acknowledged."""
    url = stores.url()
    store, cases = town(url, keys, WRITERS)
    acks = {case: folder / f"acks-{case}" for case in cases}
    sends = {case: folder / f"sends-{case}" for case in cases}
    for number in range(1, kills + 1):
        pids = [
            zygote.start(
                "write_answers", url=url, keys=str(keys), case=case,
                start=(notes(sends[case]) or [0])[-1], acks=str(acks[case]), sends=str(sends[case]),
            )
            for case in cases
        ]  # fmt: skip
        _until_acknowledged(acks.values(), chance)
        for pid in pids:
            kill(pid)
        for case in cases:
            stored = items(store, case)  # each item once: nothing doubled
            assert all(stored.get(f"Q{item}") == index for item, index in notes(acks[case])), "an answer is lost"
        if number % check_every == 0:
            assert clean(store)
    assert clean(store)
    store.close()
    return sum(len(notes(path)) for path in acks.values())


def _until_acknowledged(paths: object, chance: random.Random) -> None:
    """Wait until something was acknowledged since, and then a moment more."""
    assert hasattr(paths, "__iter__")
    files = list(paths)
    before = sum(len(notes(path)) for path in files)
    end = time.monotonic() + 20
    while sum(len(notes(path)) for path in files) < before + WRITERS:
        assert time.monotonic() < end, "no writer gets anywhere"
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.15))


def test_killed_under_load_nothing_acknowledged_is_lost(
    stores: Maker, key_folder: Path, zygote: Zygote, chance: random.Random, tmp_path: Path, record: Record
) -> None:
    acknowledged = under_load(stores, key_folder, zygote, chance, tmp_path, kills=5, check_every=5)
    record(1, stores.kind, False, kills=5, acknowledged=acknowledged, lost=0, doubled=0)


@pytest.mark.slow
def test_killed_200_times_under_load_nothing_acknowledged_is_lost(
    stores: Maker, key_folder: Path, zygote: Zygote, chance: random.Random, tmp_path: Path, record: Record
) -> None:
    acknowledged = under_load(stores, key_folder, zygote, chance, tmp_path, kills=200, check_every=25)
    record(1, stores.kind, True, kills=200, acknowledged=acknowledged, lost=0, doubled=0)


def killed_in_migration(stores: Maker, keys: Path, zygote: Zygote, step: int) -> int:
    """Kill at each step-th statement of a whole migration; at how many."""
    points = 0
    for statement in range(2, 200, step):
        url = stores.url()
        store = opened(url, str(keys))
        migrate.upgrade(store.engine, migrate.STEPS[0])
        with store.engine.begin() as connection:
            connection.execute(schema.document.insert().values(hash="h", kind="k", content=b"kept"))
        zygote.run("migrate_killed", url=url, keys=str(keys), statement=statement)
        survived = store.version() == migrate.CURRENT
        if not survived:
            assert store.version() == migrate.STEPS[0]
            points += 1
        assert store.migrate() == migrate.CURRENT
        with store.snapshot() as connection:
            assert connection.execute(select(schema.document.c.content)).scalar_one() == b"kept"
            assert connection.execute(select(func.count()).select_from(schema.case_file)).scalar_one() == 0
        store.close()
        if survived:
            return points
    raise AssertionError("the migration never ends")


def test_killed_in_a_migration_a_rerun_ends_the_same(
    stores: Maker, key_folder: Path, zygote: Zygote, record: Record
) -> None:
    points = killed_in_migration(stores, key_folder, zygote, step=7)
    assert points > 0
    record(6, stores.kind, False, kills=points, rows_lost=0)


@pytest.mark.slow
def test_killed_at_every_statement_of_a_migration_a_rerun_ends_the_same(
    stores: Maker, key_folder: Path, zygote: Zygote, record: Record
) -> None:
    points = killed_in_migration(stores, key_folder, zygote, step=1)
    record(6, stores.kind, True, kills=points, rows_lost=0)


class Load:
    """Threads that answer until told to stop, and note what was acknowledged."""

    def __init__(self, store: Store, cases: list[str]) -> None:
        self.acknowledged: dict[str, list[int]] = {case: [] for case in cases}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(store, case)) for case in cases]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def _write(self, store: Store, case: str) -> None:
        number = 0
        while not self._stop.is_set():
            try:
                with store.unit() as unit:
                    if unit.once(f"{case}{number:032d}", case) is None:
                        unit.append(answer(case, f"Q{number}"))
            except StoreError:
                time.sleep(0.02)  # the same form again: its token makes it happen once
                continue
            self.acknowledged[case].append(number)
            number += 1


def stopped_servers(box: PostgresBox, keys: Path, stops: int) -> tuple[int, float]:
    """Stop the server again and again under load: answers acknowledged, and the longest wait for service."""
    store, cases = town(box.new_url(), keys, 2)
    load = Load(store, cases)
    load.start()
    longest = 0.0
    try:
        for _ in range(stops):
            _grow(load, 30)
            box.stop_immediately()
            box.start()
            begun = time.monotonic()
            _grow(load, 10)
            longest = max(longest, time.monotonic() - begun)
    finally:
        load.stop()
    for case in cases:
        stored = items(store, case)
        assert all(f"Q{number}" in stored for number in load.acknowledged[case]), "an answer is lost"
    assert clean(store)
    store.close()
    return load.count(), longest


def _grow(load: Load, seconds: float) -> None:
    before, end = load.count(), time.monotonic() + seconds
    while load.count() < before + 4:
        assert time.monotonic() < end, "nothing is served"
        time.sleep(0.01)


@pytest.fixture
def own_box() -> Iterator[PostgresBox]:
    try:
        box = PostgresBox()
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the test is not run
        pytest.skip(f"not run: no PostgreSQL can be started here ({type(error).__name__})")
    yield box
    box.close()


def test_postgres_stopped_immediately_serves_again_and_lost_nothing(
    own_box: PostgresBox, key_folder: Path, record: Record
) -> None:
    acknowledged, longest = stopped_servers(own_box, key_folder, 2)
    record(7, "postgres", False, stops=2, acknowledged=acknowledged, lost=0, serving_after_s=round(longest, 2))


@pytest.mark.slow
def test_postgres_stopped_immediately_20_times_lost_nothing(
    own_box: PostgresBox, key_folder: Path, record: Record
) -> None:
    acknowledged, longest = stopped_servers(own_box, key_folder, 20)
    record(7, "postgres", True, stops=20, acknowledged=acknowledged, lost=0, serving_after_s=round(longest, 2))


def rotated(
    stores: Maker, keys: Path, zygote: Zygote, chance: random.Random, cases: int, kills: int, batch: int
) -> int:
    """Rotate while serving and kill the rotation: how many answers were given meanwhile."""
    url = stores.url()
    store = opened(url, str(keys))
    store.migrate()
    open_town(store)
    made: list[str] = []
    while len(made) < cases:
        with store.unit() as unit:
            made += [open_case(unit) for _ in range(min(500, cases - len(made)))]
    load = Load(store, made[:2])
    load.start()
    for number in range(kills):
        pid = zygote.start("rotate_keys", url=url, keys=str(keys), batch=batch, first=number == 0)
        time.sleep(chance.uniform(0.05, 0.4))
        kill(pid)
    if store.keys.versions(TOWN)[-1] == 1:
        zygote.run("rotate_keys", seconds=600, url=url, keys=str(keys), batch=batch, first=True)
    resume(store, TOWN, batch=batch)
    load.stop()
    assert end_backup_period(store, TOWN) == (1,)
    assert FileKeys(keys).versions(TOWN) == (2,)
    assert fsck(store) == ()  # opens every key and every event
    store.close()
    return load.count()


def test_rotation_while_serving_with_kills_leaves_everything_readable(
    stores: Maker, key_folder: Path, zygote: Zygote, chance: random.Random, record: Record
) -> None:
    served = rotated(stores, key_folder, zygote, chance, cases=150, kills=2, batch=10)
    record(12, stores.kind, False, cases=150, kills=2, unreadable=0, answers_meanwhile=served)


@pytest.mark.slow
def test_rotation_of_100000_cases_while_serving_with_20_kills(
    stores: Maker, key_folder: Path, zygote: Zygote, chance: random.Random, record: Record
) -> None:
    served = rotated(stores, key_folder, zygote, chance, cases=100_000, kills=20, batch=500)
    record(12, stores.kind, True, cases=100_000, kills=20, unreadable=0, answers_meanwhile=served)
