"""One suite for both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evenhand.store.keys import MemoryKeys
from evenhand.store.store import Store
from tests.store.stores import KINDS, Maker, PostgresBox, not_run
from tests.store.town import open_town


@pytest.fixture(scope="session")
def postgres_box() -> Iterator[Callable[[], PostgresBox]]:
    """Gives the one server of this session, started when first asked for."""
    boxes: list[PostgresBox | Exception] = []

    def box() -> PostgresBox:
        if not boxes:
            try:
                boxes.append(PostgresBox())
            except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the tests are not run
                boxes.append(error)
        if isinstance(boxes[0], Exception):
            pytest.skip(not_run(boxes[0]))
        return boxes[0]

    yield box
    for each in boxes:
        if isinstance(each, PostgresBox):
            each.close()


@pytest.fixture(params=KINDS)
def stores(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_box: Callable[[], PostgresBox]
) -> Iterator[Maker]:
    """Makes stores of one kind."""
    maker = Maker(request.param, tmp_path, postgres_box)
    if maker.kind == "postgres":
        postgres_box()
    yield maker
    maker.close()


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys("town.example/evenhand")


@pytest.fixture
def store(stores: Maker, keys: MemoryKeys) -> Store:
    """A store with one open programme."""
    made = stores.new(keys)
    open_town(made)
    return made
