"""JSON Schemas of the files that people write, for editors.

They say what a single field can say; `evenhand programme check` says the rest. They are made from the models, so
that an editor underlines what Evenhand refuses. `python -m evenhand.programme.schemas FOLDER` writes them.
"""

import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evenhand.programme.definition import Programme
from evenhand.programme.instrument import Instrument

FILES = ("instrument.schema.json", "programme.schema.json")

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.+(?:\n {8,}\S.*)*)", re.MULTILINE)


def schema_text(file: str) -> str:
    """The text of a schema file: the same models give the same bytes.

    Args:
        file: one of `FILES`.
    """
    model = Instrument if file == FILES[0] else Programme
    schema = model.model_json_schema()
    models = {model.__name__: model, **_models_by_name(model)}
    for name, each in {model.__name__: schema, **schema.get("$defs", {})}.items():
        _describe(each, models[name])
    body = {"$schema": _DIALECT, **schema, "title": f"Evenhand {file.removesuffix('.schema.json')} file"}
    return json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(folder: Path) -> None:
    """Write the schemas into a folder."""
    for file in FILES:
        (folder / file).write_text(schema_text(file), encoding="utf-8")


def _models_by_name(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    waiting: list[Any] = [model]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, BaseModel):
            if each.__name__ not in found:
                found[each.__name__] = each
                waiting += [field.annotation for field in each.model_fields.values()]
        else:
            waiting += getattr(each, "__args__", ())
    return found


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Give the object and its fields the words of the docstring."""
    text = inspect.cleandoc(model.__doc__ or "")
    schema["description"] = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    for name, words in _ATTRIBUTE.findall(text):
        if name in schema.get("properties", {}):
            schema["properties"][name]["description"] = " ".join(words.split())
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
