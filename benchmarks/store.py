"""The store: answers stored a second, one transaction each, and reading every case again. `store.py [--quick]`.

An answer is one unit: an event, its leaf and subtrees, the case's row, and a form's token; each is synced to the
disk before the next begins (one writer) or while others wait (eight). SQLite on a file, and PostgreSQL with its
settings as installed, on the same disk. Run it from the root of the repository.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from evenhand.store.fsck import fsck
from evenhand.store.keys import FileKeys
from evenhand.store.store import Store, open_store
from tests.store.stores import PostgresBox
from tests.store.town import TOWN, answer, open_case, open_town

ANSWERS = 8
"""Answers a case."""

QUICK = "--quick" in sys.argv
APPENDS = 800 if QUICK else 8_000
CASES = 2_000 if QUICK else 100_000


def rate(work: Callable[[], int]) -> float:
    begun = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - begun)


def answers(store: Store, cases: list[str]) -> int:
    for case in cases:
        for number in range(ANSWERS):
            with store.unit() as unit:
                unit.once(f"{case}{number:032d}", case)
                unit.append(answer(case, f"Q{number}"))
    return ANSWERS * len(cases)


def from_threads(store: Store, cases: list[str], writers: int) -> int:
    threads = [threading.Thread(target=answers, args=(store, cases[at::writers])) for at in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ANSWERS * len(cases)


def fill(store: Store, cases: int) -> list[str]:
    made: list[str] = []
    while len(made) < cases:
        with store.unit() as unit:
            made += [open_case(unit) for _ in range(min(500, cases - len(made)))]
    return made


def filled(store: Store, cases: int) -> int:
    for start in range(0, cases, 200):
        with store.unit() as unit:
            for _ in range(min(200, cases - start)):
                case = open_case(unit)
                for number in range(ANSWERS):
                    unit.append(answer(case, f"Q{number}"))
    return cases


def read_again(store: Store) -> int:
    count, after = 0, None
    with store.reading() as reading:
        while page := reading.queue(TOWN, limit=1000, after=after):
            for file in page:
                assert reading.case(file.case_id).state == file.state
            count, after = count + len(page), (page[-1].since, page[-1].pseudonym)
    return count


def measure(name: str, url: str, folder: Path) -> None:
    keys = folder / f"keys-{name}"
    FileKeys.create(keys, "town.example/evenhand")
    with open_store(url, FileKeys(keys)) as store:
        store.migrate()
        open_town(store)
        cases = fill(store, 2 * APPENDS // ANSWERS)
        half = len(cases) // 2
        figures = {
            "answers stored a second, one writer": rate(lambda: answers(store, cases[:half])),
            "answers stored a second, eight threads": rate(lambda: from_threads(store, cases[half:], 8)),
            "cases filled a second, 200 a unit": rate(lambda: filled(store, CASES)),
            "cases read again a second": rate(lambda: read_again(store)),
            "entries checked a second (fsck)": rate(lambda: checked(store)),
        }
    for what, figure in figures.items():
        print(f"{name:<11} {what:<39} {figure:>9,.0f}")


def checked(store: Store) -> int:
    assert fsck(store) == ()
    with store.reading() as reading:
        return reading.size()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure("SQLite", f"sqlite:///{folder / 'store.db'}", folder)
        box = PostgresBox()
        try:
            measure("PostgreSQL", box.new_url(), folder)
        finally:
            box.close()


if __name__ == "__main__":
    main()
