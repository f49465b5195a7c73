"""Proofs of what the store promises. Short versions run with every test run, full ones with `make reliability`."""

import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evenhand.store.keys import FileKeys
from tests.reliability.recorder import Record, pytest_runtest_makereport, record
from tests.reliability.seeds import Seed, sow
from tests.reliability.zygote import Zygote
from tests.store.conftest import postgres_box, stores  # noqa: F401 - fixtures

__all__ = ["Record", "pytest_runtest_makereport", "record"]

Seeds = Callable[[int, int], Seed]


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The same chances for the same test."""
    return random.Random(request.node.name)


@pytest.fixture
def key_folder(tmp_path: Path) -> Path:
    """Keys in files, so that several processes share them."""
    FileKeys.create(tmp_path / "keys", "town.example/evenhand")
    return tmp_path / "keys"


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder in memory where there is such a place: for proofs that are not about what a disk keeps."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    folder = Path(tempfile.mkdtemp(prefix="evenhand-", dir=shared if shared.is_dir() else None))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    """Gives the town of so many cases with so many answers each, filled when first asked for."""
    sown: dict[tuple[int, int], Seed] = {}

    def seed(cases: int, answers: int) -> Seed:
        if (cases, answers) not in sown:
            sown[cases, answers] = sow(tmp_path_factory.mktemp("seed"), cases, answers)
        return sown[cases, answers]

    return seed


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
