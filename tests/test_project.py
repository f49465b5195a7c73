"""The project's own promises: two commands, locks without addresses, dependencies in step."""

import re
import tomllib
from pathlib import Path

import evenhand

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def names(lines: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0].lower() for line in lines if line[:1].isalpha()}


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock.name
        pins = re.findall(r"^[a-z0-9._-]+==", text, flags=re.MULTILINE)
        assert pins, lock.name
        assert text.count("--hash=sha256:") >= len(pins), lock.name


def test_the_runtime_requirements_are_those_of_the_package() -> None:
    listed = (ROOT / "requirements" / "runtime.in").read_text("utf-8").splitlines()
    assert names(listed) == names(PROJECT["project"]["dependencies"])


def test_every_lock_has_the_same_version_of_a_runtime_package() -> None:
    def pinned(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        return set(re.findall(r"^[a-z0-9._-]+==[^ \\]+(?: ; [^\\]+?)?(?= \\)", text, flags=re.MULTILINE))

    assert pinned("runtime") <= pinned("dev")


def test_the_version_is_the_package_s() -> None:
    assert evenhand.__version__ == PROJECT["project"]["version"]


def test_the_makefile_has_the_promised_commands() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("help", "setup", "run", "test", "lint", "bench", "reliability"):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    assert "make lint test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_modules_are_short() -> None:
    long = {
        path.name: lines
        for path in (ROOT / "src").rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}
