"""Every public function of the measures has an example, and every example gives what it says."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
MEASURE = ROOT / "src" / "evenhand" / "measure"
PAGE = ROOT / "docs" / "reference" / "examples.md"
MODULES = [f"evenhand.measure.{path.stem}" for path in sorted(MEASURE.glob("*.py")) if path.stem != "__init__"]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.FAIL_FAST


def public_functions() -> dict[str, str]:
    """The docstring of every function of a module of `measure` whose name has no underscore in front."""
    return {
        f"{path.stem}.{node.name}": ast.get_docstring(node) or ""
        for path in sorted(MEASURE.glob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def examples_of_the_page() -> dict[str, str]:
    """The examples of `docs/reference/examples.md` by `module.function`."""
    found = re.findall(r"^### `([\w.]+)`\n+```pycon\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(found) == len(dict(found)) == PAGE.read_text("utf-8").count("```pycon")
    return dict(found)


def run(test: doctest.DocTest) -> str:
    """What an example says otherwise than it does; empty when it holds."""
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=said.append)
    return "".join(said)


def test_every_public_function_of_the_measures_has_an_example() -> None:
    page = examples_of_the_page()
    without = [
        name for name, docstring in public_functions().items() if ">>>" not in docstring + page.get(name, "")
    ]
    assert without == []


def test_the_page_names_functions_that_exist() -> None:
    assert set(examples_of_the_page()) <= set(public_functions())


def test_an_example_on_the_page_calls_the_function_it_stands_for() -> None:
    for name, text in examples_of_the_page().items():
        assert re.search(rf"^(?:>>>|\.\.\.) (?!from ).*\b{name.split('.')[1]}\(", text, re.MULTILINE), name


@pytest.mark.parametrize("name", [*MODULES, "evenhand.api", "evenhand.analysis"])
def test_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs={"np": np}):
        assert run(test) == "", test.name


@pytest.mark.parametrize("name", sorted(examples_of_the_page()))
def test_examples_on_the_page_hold_by_themselves(name: str) -> None:
    text = examples_of_the_page()[name]
    assert run(doctest.DocTestParser().get_doctest(text, {"np": np}, name, str(PAGE), 0)) == ""


def test_a_wrong_example_would_be_found() -> None:
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert "Expected" in run(wrong)
