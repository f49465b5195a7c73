"""Large towns: filled once through the real unit, many events a transaction, and copied for each test."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from evenhand.store import copying, schema
from evenhand.store import sqlite as driver
from evenhand.store.keys import FileKeys
from evenhand.store.store import Store
from tests.reliability.children import opened
from tests.reliability.scenes import copied, town
from tests.store.stores import Maker
from tests.store.town import answer, open_case

AT_ONCE = 500
"""Cases of one transaction."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A filled town: its SQLite file, its keys, its cases."""

    file: Path
    keys: Path
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grown:
    """A store with everything that a seed holds, and how children open it."""

    store: Store
    url: str
    keys: Path
    cases: tuple[str, ...]


def sow(folder: Path, cases: int, answers: int) -> Seed:
    """Fill a town with so many cases that consented, each with so many answers."""
    file, keys = folder / "seed.db", folder / "keys"
    FileKeys.create(keys, "town.example/evenhand")
    store, _ = town(f"sqlite:///{file}", keys, 0)
    made: list[str] = []
    while len(made) < cases:
        with store.unit() as unit:
            for _ in range(min(AT_ONCE, cases - len(made))):
                made.append(open_case(unit))
                for number in range(answers):
                    unit.append(answer(made[-1], f"Q{number}"))
    store.scrub(vacuum=False)
    store.close()
    return Seed(file, keys, tuple(made))


def grow(seed: Seed, stores: Maker, folder: Path) -> Grown:
    """A store of its own with what the seed holds."""
    keys, url = folder / "keys", stores.url()
    shutil.copytree(seed.keys, keys)
    if stores.kind == "sqlite":
        copied(seed.file, Path(url.removeprefix("sqlite:///")))
        return Grown(opened(url, str(keys)), url, keys, seed.cases)
    store = opened(url, str(keys))
    store.migrate()
    engine = create_engine(f"sqlite:///{seed.file}", module=driver.driver())
    with engine.connect() as source, store.unit() as unit:
        unit.connection.execute(schema.frontier.delete())
        for table in copying.tables(with_keys=True):
            copying.copy(source, unit.connection, table)
    engine.dispose()
    return Grown(store, url, keys, seed.cases)
