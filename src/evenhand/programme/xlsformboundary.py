"""The boundary read over a whole form: what it asks, what it shows, what it computes and what it records unasked.

A form is refused as a whole. Evenhand reads only the items that are named; but a form that also takes a telephone
number or a position is not one that a programme may ask people to fill in.
"""

import re
from collections.abc import Iterator

from evenhand.errors import BoundaryError
from evenhand.programme.guard import Kind, assess_text
from evenhand.programme.xlsform import PARADATA, Form, Question
from evenhand.programme.xlsformfinding import Finding

DOUBT = "boundary-doubt"
"""Rule of the findings about wording that may cross the boundary: a person has to look at it."""

PARADATA_CODE = "boundary.paradata"
_PARADATA_WHY = "People are not watched: no clock, device, place or recording beside the answers."
_PARADATA_MEND = "Remove the row from the form. Kobo also offers these under the form's settings: turn them off."
_TRACE = re.compile(
    r"\b(?:property|jr:preload)\b|\bnow\s*\(|\b(?:deviceid|subscriberid|simserial|phonenumber|username)\b|\bonce\s*\(\s*today",
    re.IGNORECASE,
)
_PRELOADS = ("bind::jr:preload", "bind:jr:preload", "bind::jr:preloadparams", "preload", "preload params")


def check_boundary(form: Form) -> Iterator[Finding]:
    """Everything in the form that crosses the boundary, in the order of the rows."""
    for question in form.questions:
        yield from _paradata(form, question)
        yield from _texts(form, question)
    for list_name, options in form.lists.items():
        for option in options:
            for language, text in option.labels.items():
                yield from _text(form, "choices", option.row, list_name, text, f"label ({language})", "wording")
    for name in ("form_title", "title"):
        if form.settings.get(name):
            yield from _text(form, "settings", 2, "", form.settings[name], name, "wording")
    if form.has_entities:
        yield Finding(
            "boundary.record-id",
            form.source,
            "entities",
            0,
            "",
            "The form keeps a record of each person across forms (sheet entities). Evenhand joins no records.",
            "Remove the sheet.",
        )


def refuse(form: Form) -> None:
    """Refuse a form that crosses the boundary.

    Raises:
        BoundaryError: the first of the findings, saying how many more there are.
    """
    found = [finding for finding in check_boundary(form) if finding.rule != DOUBT]
    if not found:
        return
    first = found[0]
    others = "" if len(found) == 1 else f" The form crosses the boundary at {len(found) - 1} more places."
    raise BoundaryError(
        first.rule,
        first.message,
        where=first.where,
        why=(_PARADATA_WHY if first.rule == PARADATA_CODE else "The whole form is read, not only the items.")
        + others,
        mend=f"{first.mend} `evenhand instrument check` lists every place.",
    )


def _paradata(form: Form, question: Question) -> Iterator[Finding]:
    kind = question.kind.name
    if kind in PARADATA:
        yield _trace(form, question, f"The form records {kind!r} ({question.written}).")
        return
    for column in ("calculation", "default", *_PRELOADS):
        cell = question.logic.get(column, "")
        if cell and (_TRACE.search(cell) or (column in _PRELOADS and cell.casefold() != "uid")):
            yield _trace(
                form, question, f"{column} records a trace of the person's time or device: {cell[:60]!r}."
            )
    if kind in {"calculate", "hidden"} and re.fullmatch(
        r"\s*today\s*\(\s*\)\s*", question.logic.get("calculation", "")
    ):
        yield _trace(form, question, "The form keeps the day of the interview.")


def _trace(form: Form, question: Question, message: str) -> Finding:
    return Finding(PARADATA_CODE, form.source, "survey", question.row, question.name, message, _PARADATA_MEND)


def _texts(form: Form, question: Question) -> Iterator[Finding]:
    if question.kind.name in PARADATA:
        return
    # Groups hold no answer: their names are headings, and a note's is seen by nobody.
    holds_answer = question.is_asked or question.kind.name in {"calculate", "hidden", "acknowledge"}
    if question.name:
        kind: Kind = "name" if holds_answer else "wording"
        yield from _text(form, "survey", question.row, question.name, question.name, "name", kind)
    # A short label over a free answer names the data that is asked for; over a list it may be an item ("Shoes").
    free = question.is_asked and not question.is_select
    for language, text in question.labels.items():
        part = f"label ({language})"
        yield from _text(form, "survey", question.row, question.name, text, part, None if free else "wording")
    for language, text in question.hints.items():
        yield from _text(form, "survey", question.row, question.name, text, f"hint ({language})", "wording")
    for column in ("calculation", "relevant", "constraint", "choice_filter", "default", "repeat_count"):
        if column in question.logic:
            yield from _text(form, "survey", question.row, question.name, question.logic[column], column, None)


def _text(
    form: Form, sheet: str, row: int, question: str, text: str, part: str, kind: Kind | None
) -> Iterator[Finding]:
    verdict = assess_text(text, kind)
    if verdict.rule is None:
        return
    refused = verdict.verdict == "refuse"
    yield Finding(
        verdict.rule.code if refused else DOUBT,
        form.source,
        sheet,
        row,
        question,
        f"{part}: {text[:60]!r} asks{'' if refused else ', or may ask,'} about {verdict.rule.title}.",
        "Take it out. If it asks about something else, say so in other words.",
    )
