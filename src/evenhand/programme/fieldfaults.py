"""Faults of single fields, as a model finds them, in the words of the file that people wrote."""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from evenhand.errors import InputError
from evenhand.programme.yamltext import Document, Path_, dotted

_PROBLEMS = {"extra_forbidden": "unknown-field", "missing": "missing-field"}
_SENTENCES = {
    "unknown-field": "is not a field that {noun}s have",
    "missing-field": "is missing",
    "field": "has a value that it cannot have",
}
_STEPS_OF_THE_MODEL = {"str", "int", "float", "[key]"}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A field that is missing, unknown or wrong.

    Attributes:
        path: where it stands in the file.
        kind: the model's name for the fault.
        message: what the model says.
        value: what stands there.
    """

    path: Path_
    kind: str
    message: str
    value: Any

    @property
    def name(self) -> str:
        """The last name on the path."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


def field_faults(error: ValidationError, document: Document) -> tuple[FieldFault, ...]:
    """Every faulty field once, in the file's order; missing ones last: a misspelt field leaves one missing."""
    found: dict[Path_, FieldFault] = {}
    for each in error.errors(include_url=False):
        path = _file_path(each["loc"], document)
        found.setdefault(path, FieldFault(path, each["type"], each["msg"], each.get("input")))
    return tuple(sorted(found.values(), key=lambda fault: (fault.kind == "missing", document.line(fault.path))))


def error_of(fault: FieldFault, document: Document, known: Collection[str], *, more: int = 0) -> InputError:
    """The error for a faulty field.

    Args:
        fault: the fault.
        document: the file.
        known: names of all fields, to suggest the nearest.
        more: how many more faults the same file has.
    """
    kind = document.kind
    code = _PROBLEMS.get(fault.kind, "field")
    others = f" ({more} more such faults.)" if more else ""
    problem = _SENTENCES[code].format(noun=kind.noun)
    return kind.fault(
        code,
        f"The field {dotted(fault.path)} {problem}.{others}",
        where=document.place(fault.path),
        why="" if code != "field" else f"{fault.message}; it is {_short(fault.value)}.",
        mend=_mend(fault, f"docs/reference/{kind.noun}-file.md", known),
    )


def field_names(model: type[BaseModel]) -> frozenset[str]:
    """The names of the fields of a model and of all its parts."""
    return frozenset(name for part in _parts(model, set()) for name in part.model_fields)


def _parts(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            yield from _parts(part, seen)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _file_path(loc: tuple[int | str, ...], document: Document) -> Path_:
    """A validation error's place, without the steps that are the model's and not the file's."""
    steps: Path_ = ()
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        if (*steps, step) in document.lines or (last and step not in _STEPS_OF_THE_MODEL):
            steps = (*steps, step)
    return steps


def _mend(fault: FieldFault, page: str, known: Collection[str]) -> str:
    if fault.kind == "extra_forbidden":
        close = difflib.get_close_matches(str(fault.path[-1]), sorted(known), n=1)
        hint = f"Did you mean {close[0]!r}? " if close else "Remove it. "
        return f"{hint}{page} lists the fields."
    if fault.kind == "missing":
        return f"Add it; {page} shows how."
    if fault.kind == "string_type":
        return 'Write text; put a number or true, false or null that is meant as text in "quotes".'
    return f"Correct it; {page} says what each field takes."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
