"""Proofs of what the store promises. Short versions run with every test run, full ones with `make reliability`."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from evenhand.store.keys import FileKeys
from tests.reliability.zygote import Zygote
from tests.store.conftest import postgres_box, stores  # noqa: F401 - fixtures

FIGURES = "EVENHAND_FIGURES"
"""Names the file that `tests.reliability.table` makes the table of docs/reliability.md from."""

Record = Callable[..., None]


NOTED = pytest.StashKey[list[str]]()
FAILED = pytest.StashKey[bool]()


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Record:
    """Notes a figure for the table, where one is being made. It is written once the whole test has passed."""
    noted = request.node.stash.setdefault(NOTED, [])

    def note(row: int, where: str, full: bool, **figures: object) -> None:
        line = {"row": row, "where": where, "full": full, "figures": figures, "test": request.node.name}
        noted.append(json.dumps(line))

    return note


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001 - the hook's
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write a test's figures after its teardown, and only where every part of it passed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or not report.passed
    path, noted = os.environ.get(FIGURES), item.stash.get(NOTED, [])
    if report.when == "teardown" and path and noted and not item.stash[FAILED]:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in noted))
    return report


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The same chances for the same test."""
    return random.Random(request.node.name)


@pytest.fixture
def key_folder(tmp_path: Path) -> Path:
    """Keys in files, so that several processes share them."""
    FileKeys.create(tmp_path / "keys", "town.example/evenhand")
    return tmp_path / "keys"


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as made:
        yield made


@pytest.fixture(scope="session")
def faulty_zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Children whose calls to the disk can be made to fail. Not run where there is no C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("not run: no C compiler here; install gcc and run `make reliability`")
    library = tmp_path_factory.mktemp("shim") / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    with Zygote(preload=library) as made:
        yield made
