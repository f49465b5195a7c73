"""The documents hold what the code does."""

import re
from pathlib import Path
from textwrap import dedent

from evenhand.programme.instrument import Choice, Instrument, Item, Justification, Published, instrument_from
from evenhand.programme.yamltext import parse_document

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_in_the_how_to_loads() -> None:
    text = (DOCS / "how-to" / "write-an-instrument.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert found
    example = instrument_from(parse_document(dedent("    " + found[1].lstrip()).encode(), source="how-to"))
    assert example.coding()[0].codes["2"] == 1


def test_the_reference_lists_every_field() -> None:
    text = (DOCS / "reference" / "instrument-file.md").read_text(encoding="utf-8")
    for model in (Instrument, Item, Choice, Published, Justification):
        for name in model.model_fields:
            assert f"| `{name}` |" in text, name
