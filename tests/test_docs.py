"""The documents hold what the code does: every error, option and field, and no other."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

from evenhand.cli.app import app
from evenhand.programme.scale import (
    FixedRecord,
    GroupItem,
    GroupRecord,
    GroupsRecord,
    InstrumentReference,
    JointRecord,
    LatentRecord,
    LinkRecord,
    ReliabilityRecord,
    ScaleItem,
    ScaleRecord,
)

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "evenhand"
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
WRITTEN = [*PAGES, ROOT / "README.md", ROOT / "CHANGELOG.md"]

CODE = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9]+(?:-[a-z0-9]+)*")
OPTION = re.compile(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*(?![\w-])")
NOT_CODES = {"document", "evenhand", "leaf", "svg", "path", "notice", "question"}
"""First words of dotted names that are no errors: packages, tables, matplotlib's settings, texts of pages."""

SAYING = {"say", "count", "one_error"}
"""Functions that take a key of the catalogues."""

NAMES_A_FIELD = "_field_error"
"""A function whose first argument is a field's place in a scale file, which looks like a code."""

FILE_ENDINGS = {
    "json",
    "html",
    "csv",
    "css",
    "md",
    "parquet",
    "sav",
    "zsav",
    "dta",
    "xlsx",
    "db",
    "jsonl",
    "svg",
    "txt",
}


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def first_cells(text: str) -> list[str]:
    """The first cell of each row of the tables in a text."""
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")]


def codes_of(tree: ast.AST) -> Iterator[str]:
    """Strings that look like an error's code and are given to a call, where errors get theirs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if _name(node) in {NAMES_A_FIELD, *SAYING}:
                continue
            parts = [part for argument in node.args[:2] for part in _parts(argument)]
        elif isinstance(node, ast.Assign):  # a table of codes that a call picks from
            parts = list(_parts(node.value))
        else:
            continue
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                area, _, rest = part.value.partition(".")
                if area not in NOT_CODES and rest not in FILE_ENDINGS:
                    yield part.value


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it, without what is given to a catalogue of texts: its keys look like codes."""
    if isinstance(node, ast.Call) and _name(node) in SAYING:
        return
    yield node
    for each in ast.iter_child_nodes(node):
        yield from _parts(each)


def codes_in_source() -> set[str]:
    return {
        code for path in SOURCE.rglob("*.py") for code in codes_of(ast.parse(path.read_text(encoding="utf-8")))
    }


def codes_in_docs() -> list[str]:
    return [cell.strip("`") for cell in first_cells(page("reference/errors.md"))]


def test_every_error_code_is_documented_and_no_other() -> None:
    listed = codes_in_docs()
    assert codes_in_source() == set(listed)
    assert len(listed) == len(set(listed))


def test_errors_stand_in_order_under_the_classes_of_the_tree() -> None:
    text = page("reference/errors.md")
    headings = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert headings[-2:] == ["EstimationError", "BoundaryError"]
    for heading in headings:
        listed = first_cells(section(text, heading))
        assert listed
        assert listed == sorted(listed)


def commands() -> dict[str, Any]:
    """Each command by its words, those of groups included: `adaptive simulate`."""
    group: Any = typer.main.get_command(app)
    return dict(_leaves(group, ()))


def _leaves(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield " ".join(words), command
        return
    for name, each in command.commands.items():
        yield from _leaves(each, (*words, name))


def options_of(command: Any) -> dict[str, Any]:
    """Each way to write an option of a command, and the option."""
    return {
        name: option
        for option in command.params
        if option.param_type_name == "option"
        for name in (*option.opts, *option.secondary_opts)
    }


def test_every_command_is_documented_and_no_other() -> None:
    documented = re.findall(r"^## `evenhand ([\w-]+(?: [\w-]+)*)`$", page("reference/commands.md"), re.MULTILINE)
    assert sorted(documented) == sorted(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_is_documented_and_no_other(name: str) -> None:
    text = section(page("reference/commands.md"), f"`evenhand {name}`")
    documented = [option for cell in first_cells(text) for option in OPTION.findall(cell)]
    assert sorted(documented) == sorted(options_of(commands()[name]))


@pytest.mark.parametrize("name", sorted(commands()))
def test_defaults_of_options_are_documented(name: str) -> None:
    text = section(page("reference/commands.md"), f"`evenhand {name}`")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `--")]
    default_of = {option: row[2].strip(" `") for row in rows for option in OPTION.findall(row[1])}
    for written, option in options_of(commands()[name]).items():
        if option.required:
            expected = "needed"
        elif option.is_flag:
            expected = _flag(option)
        else:
            expected = "" if option.default in (None, []) else str(option.default)
        assert default_of[written] == expected, written


def _flag(option: Any) -> str:
    if not option.secondary_opts:
        return "on" if option.default else "off"
    return str((option.opts if option.default else option.secondary_opts)[0])


def options_of_benchmarks() -> set[str]:
    """Options of the scripts in `benchmarks/`, which pages of figures name."""
    scripts = [each.read_text("utf-8") for each in (ROOT / "benchmarks").glob("*.py")]
    return {name for script in scripts for name in re.findall(r'"(--[a-z][a-z-]+)"', script)}


@pytest.mark.parametrize("path", WRITTEN, ids=ids)
def test_no_page_names_an_option_that_does_not_exist(path: Path) -> None:
    known = {"--help", "--version"} | {name for command in commands().values() for name in options_of(command)}
    assert set(OPTION.findall(path.read_text(encoding="utf-8"))) <= known | options_of_benchmarks()


@pytest.mark.parametrize(
    ("heading", "record", "also"),
    [
        ("Top level", ScaleRecord, ["format"]),
        ("Instrument", InstrumentReference, []),
        ("Items", ScaleItem, []),
        ("Latent", LatentRecord, []),
        ("Reliability", ReliabilityRecord, []),
        ("Link", LinkRecord, []),
        ("Groups", GroupsRecord, []),
        ("Group", GroupRecord, []),
        ("Group item", GroupItem, []),
        ("Fixed", FixedRecord, []),
        ("Joint", JointRecord, []),
    ],
)
def test_every_field_of_the_scale_file_is_documented(heading: str, record: Any, also: list[str]) -> None:
    documented = [cell.strip("`") for cell in first_cells(section(page("reference/scale-file.md"), heading))]
    assert sorted(documented) == sorted([*also, *(each.name for each in fields(record))])


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as they are made of them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", WRITTEN, ids=ids)
def test_relative_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"(?<!`)\[[^\]]+\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_on_the_map() -> None:
    linked = set(re.findall(r"\]\(([^)#]+\.md)", page("index.md")))
    assert linked == {str(path.relative_to(DOCS)) for path in PAGES} - {"index.md"}


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_python_in_the_pages_is_python(path: Path) -> None:
    for block in re.findall(r"^ *```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        indent = len(block) - len(block.lstrip(" "))
        lines = [line[indent:] if line.startswith(" " * indent) else line for line in block.splitlines()]
        compile("\n".join(lines), str(path), "exec")


@pytest.mark.parametrize("path", WRITTEN, ids=ids)
def test_pages_name_no_place_of_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("| `127.0.0.1` |", "")  # the default of an option
    found = re.findall(r"(?:/tmp|/home|/root|/Users|/work|/mnt|/opt|/var)/|[A-Z]:\\|localhost|127\.0\.0\.1", text)
    assert not found
    assert not re.search(r"https?://(?:[\w.-]+\.)?(?:pypi|pythonhosted)\.", text)


def test_requirement_files_name_no_package_index() -> None:
    for path in sorted((ROOT / "requirements").iterdir()):
        assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", path.read_text(encoding="utf-8")), (
            path
        )
