"""Rows 1, 6, 7 and 12: processes and servers that die while they work."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from evenhand.casework.events import KeyRotated
from evenhand.errors import StoreError
from evenhand.store import migrate, schema
from evenhand.store.fsck import fsck
from evenhand.store.keys import FileKeys
from evenhand.store.rotation import end_backup_period
from evenhand.store.store import Store
from tests.reliability.children import _answer_once, opened
from tests.reliability.conftest import Record, Seeds
from tests.reliability.scenes import clean, items, notes, town
from tests.reliability.seeds import Grown, grow
from tests.reliability.zygote import Zygote, kill
from tests.store.stores import Maker, PostgresBox
from tests.store.town import TOWN

WRITERS, THREADS = 3, 3
"""Processes, and threads of each; every thread has a case of its own."""


def under_load(
    stores: Maker, keys: Path, zygote: Zygote, chance: random.Random, folder: Path, kills: int, check_every: int
) -> int:
    """Kill writers again and again; how many answers were acknowledged."""
    url = stores.url()
    store, cases = town(url, keys, WRITERS * THREADS)
    acks = {case: folder / f"acks-{case}" for case in cases}
    sends = {case: folder / f"sends-{case}" for case in cases}

    def job(case: str) -> dict[str, object]:
        start = (notes(sends[case]) or [0])[-1]
        return {"case": case, "start": start, "acks": str(acks[case]), "sends": str(sends[case])}

    for number in range(1, kills + 1):
        pids = [
            zygote.start(
                "write_answers", url=url, keys=str(keys), jobs=[job(case) for case in cases[own::WRITERS]]
            )
            for own in range(WRITERS)
        ]
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
    acknowledged = under_load(stores, key_folder, zygote, chance, tmp_path, kills=2, check_every=2)
    record(1, stores.kind, False, kills=2, acknowledged=acknowledged, lost=0, doubled=0)


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
    points = killed_in_migration(stores, key_folder, zygote, step=14)
    assert points > 0
    record(6, stores.kind, False, kills=points, rows_lost=0)


@pytest.mark.slow
def test_killed_at_every_statement_of_a_migration_a_rerun_ends_the_same(
    stores: Maker, key_folder: Path, zygote: Zygote, record: Record
) -> None:
    points = killed_in_migration(stores, key_folder, zygote, step=1)
    record(6, stores.kind, True, kills=points, rows_lost=0)


ANSWERS = 20
"""What a thread gives to a case before it goes on to the next: no case grows beyond what cases are."""


class Load:
    """Threads that answer until told to stop, each its own cases, and note what was acknowledged."""

    def __init__(self, store: Store, shares: Sequence[Sequence[str]], pause: float = 0.0) -> None:
        self._pause = pause
        self.acknowledged: dict[str, list[int]] = {case: [] for cases in shares for case in cases}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(store, cases)) for cases in shares]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def require_stored(self, store: Store) -> None:
        """Nothing acknowledged is lost, and nothing is there twice."""
        for case, numbers in self.acknowledged.items():
            if numbers:
                assert {f"Q{number}" for number in numbers} <= items(store, case).keys(), "an answer is lost"

    def _write(self, store: Store, cases: Sequence[str]) -> None:
        number = ANSWERS  # a case may have come with answers
        while not self._stop.is_set():
            case = cases[number // ANSWERS % len(cases)]
            try:
                with store.reading() as reading:
                    known = reading.known(case)
                store.together.transact(partial(_answer_once, case=case, number=number), known)
            except StoreError:
                time.sleep(0.02)  # the same form again: its token makes it happen once
                continue
            self.acknowledged[case].append(number)
            number += 1
            time.sleep(self._pause)


def stopped_servers(box: PostgresBox, keys: Path, stops: int) -> tuple[int, float]:
    """Stop the server again and again under load: answers acknowledged, and the longest wait for service."""
    store, cases = town(box.new_url(), keys, 2)
    load = Load(store, [[case] for case in cases])
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
    load.require_stored(store)
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


def rotated(grown: Grown, zygote: Zygote, chance: random.Random, kills: int, batch: int) -> int:
    """Rotate while serving, killing the rotation so often; how many answers were given meanwhile."""
    store, cases = grown.store, grown.cases
    load = Load(store, (cases[:30], cases[30:60]), pause=0.01)  # SQLite does not queue writers of two processes
    load.start()
    try:
        killed = 0
        while killed < kills:
            pid = zygote.start("rotate_keys", url=grown.url, keys=str(grown.keys), batch=batch)
            if killed % 5:  # else wherever it has got to by then, its very beginning included
                _more_wrapped(store, chance.randrange(1, len(cases) // (kills + 5)))
            time.sleep(chance.uniform(0, 0.1))
            killed += kill(pid)
        assert 0 < _wrapped(store) < len(cases), "no kill fell within the rotation"
        zygote.run("rotate_keys", seconds=900, url=grown.url, keys=str(grown.keys), batch=batch)
    finally:
        load.stop()
    with store.reading() as reading:
        assert len(reading.office_events(TOWN, kind=KeyRotated.kind)) == 1
    assert end_backup_period(store, TOWN) == (1,)
    assert FileKeys(grown.keys).versions(TOWN) == (2,)
    load.require_stored(store)
    assert fsck(store) == ()  # opens every key and every event
    store.close()
    return load.count()


def _wrapped(store: Store) -> int:
    """How many keys the new version wraps."""
    with store.snapshot() as connection:
        query = select(func.count()).where(schema.case_key.c.programme == TOWN, schema.case_key.c.key_version == 2)
        return int(connection.execute(query).scalar_one())


def _more_wrapped(store: Store, keys: int) -> None:
    """Wait until so many more are."""
    before, end = _wrapped(store), time.monotonic() + 60
    while _wrapped(store) < before + keys:
        assert time.monotonic() < end, "the rotation gets nowhere"
        time.sleep(0.01)


def test_rotation_while_serving_with_kills_leaves_everything_readable(
    stores: Maker, seeds: Seeds, zygote: Zygote, chance: random.Random, tmp_path: Path, record: Record
) -> None:
    grown = grow(seeds(300, 1), stores, tmp_path)
    served = rotated(grown, zygote, chance, kills=2, batch=20)
    record(12, stores.kind, False, cases=300, kills=2, unreadable=0, answers_meanwhile=served)


@pytest.mark.slow
def test_rotation_of_100000_cases_while_serving_with_20_kills(
    stores: Maker, seeds: Seeds, zygote: Zygote, chance: random.Random, tmp_path: Path, record: Record
) -> None:
    grown = grow(seeds(100_000, 0), stores, tmp_path)
    served = rotated(grown, zygote, chance, kills=20, batch=500)
    record(12, stores.kind, True, cases=100_000, kills=20, unreadable=0, answers_meanwhile=served)
