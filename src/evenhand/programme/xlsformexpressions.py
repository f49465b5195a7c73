"""What is wrong with a form's expressions.

Questions that are not there, conditions on the wrong question, and zeros that stand for no answer.
"""

import re
from collections.abc import Iterator

from evenhand.programme.xlsform import Form, Question
from evenhand.programme.xlsformfinding import Finding

EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "default", "repeat_count", "required")

_REFERENCE = re.compile(r"\$\{\s*(?P<last>last-saved#)?(?P<name>[^}\s]{1,200})\s*\}")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_FOLLOW_UP = frozenset(
    (
        *("why", "reason", "reasons", "other", "others", "oth", "specify", "spec", "freq", "frequency", "often"),
        *("how_often", "howoften", "how_many", "howmany", "times", "days", "detail", "details", "explain", "text"),
        *("почему", "причина", "другое", "pochemu", "prichina"),
    )
)
"""Ends of names of questions that ask more about the question whose name they begin with."""

_ZERO = r"\s*[\"']?0(?:\.0+)?[\"']?\s*"
_NOTHING = r"(?:=\s*''|=\s*\"\"|not\s*\(\s*\$\{[^}]{1,200}\}\s*\)|string-length\s*\([^)]{1,200}\)\s*=\s*0)"
_SOMETHING = r"(?:!=\s*''|!=\s*\"\"|string-length\s*\([^)]{1,200}\)\s*(?:>|!=)\s*0)"
_MISSING_AS_ZERO = re.compile(
    rf"coalesce\s*\(.+,{_ZERO}\)"
    rf"|if\s*\([^,]{{0,300}}?{_NOTHING}[^,]*,{_ZERO},"
    rf"|if\s*\([^,]{{0,300}}?{_SOMETHING}[^,]*,.*,{_ZERO}\)",
    re.IGNORECASE | re.DOTALL,
)
_LOOKED_UP = re.compile(r"\b(?:pulldata|search|instance)\s*\(", re.IGNORECASE)


def check_expressions(form: Form) -> Iterator[Finding]:
    """Findings about the expressions of each question, in the order of the rows."""
    rows: dict[str, int] = {}
    for question in form.questions:
        if question.name and not question.kind.name.startswith("end "):
            rows.setdefault(question.name, question.row)
    for question in form.questions:
        yield from _references(form, question, rows)
        yield from _follow_up(form, question, rows)
        yield from _syntax(form, question)
        yield from _zeros(form, question)


def references(expression: str) -> tuple[str, ...]:
    """The names of the questions that an expression reads."""
    return tuple(found["name"] for found in _REFERENCE.finditer(expression))


def _references(form: Form, question: Question, rows: dict[str, int]) -> Iterator[Finding]:
    for column in EXPRESSIONS:
        expression = question.logic.get(column, "")
        for name in dict.fromkeys(references(expression)):
            if name not in rows:
                yield _found(
                    "reference-unknown",
                    form,
                    question,
                    f"{column} reads {name!r}, which is no question of the form.",
                    "Correct the name.",
                )
            elif column == "relevant" and rows[name] > question.row:
                yield _found(
                    "relevant-later",
                    form,
                    question,
                    f"relevant reads {name!r}, which is asked later (row {rows[name]}): it has no answer yet.",
                    "Move the question below it, or read another question.",
                )
        if _LOOKED_UP.search(expression) or "last-saved#" in expression:
            yield _found(
                "looked-up",
                form,
                question,
                f"{column} takes a value from outside the interview ({expression[:60]!r}).",
                "Ask the person. Answers come from the person, not from another record.",
            )


def _follow_up(form: Form, question: Question, rows: dict[str, int]) -> Iterator[Finding]:
    """A question that asks more about one question and is shown because of another."""
    stem = _stem(question.name, rows)
    read = set(references(question.logic.get("relevant", "")))
    if stem is None or not read or question.kind.name.startswith(("begin", "end")):
        return
    behind = read | {
        name
        for each in form.questions
        if each.name in read
        for name in references(each.logic.get("calculation", "") + each.logic.get("relevant", ""))
    }
    if not any(name == stem or name.startswith(f"{stem}_") for name in behind):
        yield _found(
            "relevant-other-item",
            form,
            question,
            f"By its name it asks more about {stem!r}, and it is shown because of "
            f"{', '.join(repr(name) for name in sorted(read))}.",
            f"Check relevant: probably it should read ${{{stem}}}.",
        )


def _stem(name: str, rows: dict[str, int]) -> str | None:
    for place, mark in enumerate(name):
        if mark in "_.-" and name[:place] in rows and name[place + 1 :].casefold() in _FOLLOW_UP:
            return name[:place]
    return None


def _syntax(form: Form, question: Question) -> Iterator[Finding]:
    for column in EXPRESSIONS:
        expression = question.logic.get(column, "")
        if column in {"default", "required"} and "${" not in expression and "(" not in expression:
            continue
        plain = _STRING.sub("", expression)
        unclosed = plain.count("(") != plain.count(")") or "'" in plain or '"' in plain
        curly = any(mark in expression for mark in "“”‘’„«»")
        if expression and (unclosed or curly or _REFERENCE.sub("", expression).count("${")):
            yield _found(
                "expression-syntax",
                form,
                question,
                f"{column} is not closed or holds curly quotation marks: {expression[:60]!r}.",
                "Close every bracket and quotation mark, and use straight ones.",
            )
    constraint = question.logic.get("constraint", "")
    bare = re.sub(r"\d*\.\d+|\d+\.", " ", _STRING.sub(" ", constraint))
    if constraint and "." not in bare and "${" not in bare:
        yield _found(
            "constraint-nothing",
            form,
            question,
            f"The constraint {constraint[:60]!r} refers to nothing: it is the same for every answer.",
            "Write a point for the answer, as in: . >= 0 and . <= 7",
        )


def _zeros(form: Form, question: Question) -> Iterator[Finding]:
    for column in ("calculation", "relevant", "constraint"):
        expression = question.logic.get(column, "")
        if _MISSING_AS_ZERO.search(expression):
            yield _found(
                "missing-as-zero",
                form,
                question,
                f"{column} turns no answer into 0: {expression[:80]!r}.",
                "Keep an empty answer empty. Unknown is never zero.",
            )
    default = question.logic.get("default", "")
    if default and question.is_asked and question.kind.name not in {"text", "date", "time", "datetime"}:
        yield _found(
            "default-answer",
            form,
            question,
            f"The answer {default[:40]!r} is filled in beforehand: who passes over it has given it.",
            "Leave default empty.",
        )


def _found(rule: str, form: Form, question: Question, message: str, mend: str) -> Finding:
    return Finding(rule, form.source, "survey", question.row, question.name, message, mend)
