"""How the command starts: what it imports, and what its list says."""

import subprocess
import sys
from importlib import import_module

import pytest
import typer

import evenhand
from evenhand.cli.app import Commands
from tests.cli.conftest import Run

HEAVY = ("numpy", "scipy", "polars", "pydantic", "sqlalchemy", "matplotlib", "cryptography")


def loaded_by(code: str) -> set[str]:
    told = "import sys; print(*sorted(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=True)
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import evenhand",
        "import evenhand; dir(evenhand); evenhand.InputError",
        "import sys; sys.argv = ['evenhand', '--version']\n"
        "from evenhand.cli import main\ntry: main()\nexcept SystemExit: pass",
        "import sys; sys.argv = ['evenhand', '--help']\n"
        "from evenhand.cli import main\ntry: main()\nexcept SystemExit: pass",
    ],
    ids=["import", "errors", "version", "help"],
)
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    assert not loaded_by(code) & set(HEAVY)


def test_a_command_loads_its_own_libraries_and_no_other_s() -> None:
    found = loaded_by("from evenhand.cli.app import Commands; from evenhand.cli.lazy import LazyCommands\n"
                      "LazyCommands(Commands.table)['verify']")  # fmt: skip
    assert "cryptography" in found
    assert not found & {"polars", "matplotlib", "scipy"}


@pytest.mark.parametrize("name", evenhand.__all__)
def test_every_name_is_there_when_it_is_used(name: str) -> None:
    assert getattr(evenhand, name) is not None
    assert name in dir(evenhand)


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = evenhand.nothing_such


@pytest.mark.parametrize("name", Commands.table)
def test_the_list_says_what_the_command_s_own_help_says(name: str) -> None:
    entry = Commands.table[name]
    found = getattr(import_module(entry.module), entry.name)
    told = typer.main.get_group(found).help if isinstance(found, typer.Typer) else found.__doc__
    assert " ".join(str(told).strip().split("\n\n")[0].split()) == entry.help


def test_the_list_and_a_group_s_list_are_shown(run: Run) -> None:
    shown = run("--help")
    assert shown.code == 0
    for name in Commands.table:
        assert f"│ {name} " in shown.out
    assert "erase" in run("case", "--help").out


def test_a_command_that_is_not_there_is_bad_usage(run: Run) -> None:
    ended = run("caes")
    assert ended.code == 2
    assert "case" in ended.err
