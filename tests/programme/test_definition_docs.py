"""The documents, the schemas for editors and the models say the same of programme files."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from evenhand.programme.definition import Programme, examine, library_programmes, library_text
from evenhand.programme.instrument import library_names
from evenhand.programme.schemas import FILES, main, schema_text
from evenhand.programme.yamltext import PROGRAMME_FILE, parse_document

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LIBRARY = ROOT / "src" / "evenhand" / "programme" / "library"


def fields_of(model: type[BaseModel], place: str) -> dict[str, str]:
    """Each field of a model and of its parts, by its place: `need.latent.sd`, `support[].cost`."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        many = "tuple[" in str(field.annotation)
        found[f"{place}{name}"] = name
        for part in parts(field.annotation):
            found |= fields_of(part, f"{place}{name}{'[]' if many else ''}.")
    return found


def parts(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for each in getattr(annotation, "__args__", ()) for part in parts(each)]


def test_the_reference_lists_every_field_and_no_other() -> None:
    text = (DOCS / "reference" / "programme-file.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w.\[\]]+)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(fields_of(Programme, ""))


@pytest.mark.parametrize("file", FILES)
def test_the_schema_for_editors_is_made_from_the_models(file: str, tmp_path: Path) -> None:
    """Mend with: python -m evenhand.programme.schemas docs/reference."""
    assert (DOCS / "reference" / file).read_text(encoding="utf-8") == schema_text(file)
    main(tmp_path)
    assert (tmp_path / file).read_text(encoding="utf-8") == schema_text(file)


def problems(file: str, content: bytes) -> list[str]:
    schema = json.loads((DOCS / "reference" / file).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    data = parse_document(content, source="x", kind=PROGRAMME_FILE).data
    return [error.json_path for error in checker.iter_errors(data)]


@pytest.mark.parametrize("name", library_names())
def test_a_shipped_instrument_has_no_line_under_it_in_an_editor(name: str) -> None:
    assert problems("instrument.schema.json", (LIBRARY / f"{name}.yaml").read_bytes()) == []


@pytest.mark.parametrize("name", library_programmes())
def test_a_shipped_programme_has_no_line_under_it_in_an_editor(name: str) -> None:
    assert problems("programme.schema.json", library_text(name)) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("basis: public-task", "basis: because", "$.lawful_basis.basis"),
        ("certain_yes: 0.90", "certain_yes: 1", "$.rule.certain_yes"),
        ("ends: 2027-06-30", "ends: some day", "$.dates.ends"),
        ("places: 100", "place: 100", "$.budget"),
        ("invitation_year: 1", "invitation_year: 13", "$.statistics.cells_per_invitation_year"),
    ],
)
def test_an_editor_underlines_what_is_refused(old: str, new: str, where: str) -> None:
    text = library_text("demo-town").decode("utf-8").replace(old, new, 1).encode()
    assert where in problems("programme.schema.json", text)
    assert examine(parse_document(text, source="x", kind=PROGRAMME_FILE))[1]
