"""What is wrong with a form, before anybody is asked: findings, one sentence each, with sheet and row.

`docs/how-to/use-your-xlsform.md` lists the rules. Most come from forms in use, where nobody saw the fault until
the answers had been collected.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from evenhand.programme.coding import normal_text
from evenhand.programme.xlsform import Form, Option, Question
from evenhand.programme.xlsformboundary import check_boundary
from evenhand.programme.xlsformexpressions import check_expressions
from evenhand.programme.xlsformfinding import Finding
from evenhand.programme.xlsformmissing import is_unclear, is_yes_no, reason_of, words_of
from evenhand.programme.xlsformtypes import language_code

MAX_FINDINGS = 500
"""Findings kept of one form: more would hide the first ones."""

_NAME = re.compile(r"[^\W\d][\w.\-]*")
_CONSENT = re.compile(r"\b(?:consent\w*|agree\w*|willing|соглас\w*)\b")
_FROM_FILE = {"select_one_from_file", "select_multiple_from_file", "select_one_external"}


def lint(form: Form) -> tuple[Finding, ...]:
    """Everything that a check of a form finds, in the order of the sheets and rows; at most `MAX_FINDINGS`."""
    rules = (check_boundary, _layout, _names, _wording, _selects, _lists, _translations, check_expressions)
    found = [*form.findings, *(finding for rule in rules for finding in rule(form))]
    order = {"survey": 0, "choices": 1}
    found.sort(key=lambda each: (order.get(each.sheet, 2), each.row))
    return tuple(found[:MAX_FINDINGS])


def _layout(form: Form) -> Iterator[Finding]:
    for language in form.languages:
        if language_code(language) != language:
            yield Finding(
                "language-unclear",
                form.source,
                "survey",
                1,
                "",
                f"The code of the language {language!r} is not known.",
                f"Write its code in brackets, as in label::English (en), or say --language '{language}=CODE'.",
            )
    for question in form.questions:
        if not question.kind.name:
            message = f"The type {question.written[:60]!r} is not known."
            yield _asked("type-unknown", form, question, message, "Use a type of the XLSForm standard.")
        elif question.is_asked and not question.labels:
            yield _asked("label-missing", form, question, "The question has no text.", "Write its label.")


def _names(form: Form) -> Iterator[Finding]:
    first: dict[str, Question] = {}
    for question in form.questions:
        if question.kind.name.startswith("end "):
            continue
        if not _NAME.fullmatch(question.name):
            what = f"The name {question.name!r} is no name." if question.name else "The row has no name."
            mend = "Begin it with a letter, and use letters, digits, _ - and . only."
            yield _asked("name-invalid", form, question, what, mend)
            continue
        other = first.setdefault(question.name.casefold(), question)
        if other is not question:
            message = (
                f"Row {other.row} has the name {other.name!r} too: in the answers nobody can tell them apart."
            )
            yield _asked("name-twice", form, question, message, "Give each row its own name.")


def _wording(form: Form) -> Iterator[Finding]:
    """The same text asked twice: probably one was copied and never changed."""
    first: dict[tuple[str, str], Question] = {}
    for question in form.questions:
        if not question.is_select and question.kind.name not in {"integer", "decimal", "range"}:
            continue
        for language, text in question.labels.items():
            other = first.setdefault((language, words_of(text)), question)
            # The same follow-up ("For how many days?") may be asked after several questions.
            follow_ups = "relevant" in question.logic and "relevant" in other.logic
            if other is not question and other.name != question.name and not follow_ups:
                message = f"It has the text of {other.name!r} (row {other.row}, {language}): {text[:60]!r}."
                yield _asked("wording-twice", form, question, message, "Check both against the source.")


def _selects(form: Form) -> Iterator[Finding]:
    for question in form.questions:
        kind = question.kind
        if not question.is_select or kind.name in _FROM_FILE:
            continue
        options = form.lists.get(kind.list_name)
        if options is None:
            message = f"The choice list {kind.list_name!r} is not on the sheet choices."
            yield _asked("choices-missing", form, question, message, "Add it, or correct its name.")
            continue
        yield from _one_answer(form, question, options)
        if question.is_required and not _can_refuse(options) and not _CONSENT.search(_all_words(question)):
            message = f"It must be answered, and the list {kind.list_name!r} has no choice to refuse."
            mend = "Add a choice such as 'I would rather not say', or do not require an answer."
            yield _asked("required-without-refusal", form, question, message, mend)
        if kind.name == "select_one" and "choice_filter" in question.logic:
            message = "Its choices differ from person to person (choice_filter): answers may not mean the same."
            yield _asked(
                "choices-filtered", form, question, message, "Offer everybody the same choices to an item."
            )


def _one_answer(form: Form, question: Question, options: Sequence[Option]) -> Iterator[Finding]:
    """Several answers allowed where one excludes the others."""
    if question.kind.name != "select_multiple":
        return
    listed = [option for option in options if reason_of(option.labels.values()) is None]
    if is_yes_no(listed):
        message = "Several answers may be ticked, and the list has both yes and no."
        yield _asked("select-multiple-item", form, question, message, "Use select_one.")


def _can_refuse(options: Iterable[Option]) -> bool:
    return any(reason_of(option.labels.values()) in {"refused", "dont_know"} for option in options)


def _all_words(question: Question) -> str:
    return words_of(" ".join((question.name, *question.labels.values())))


def _lists(form: Form) -> Iterator[Finding]:
    used = {question.kind.list_name: question for question in form.questions if question.is_select}
    for name, options in form.lists.items():
        if name not in used:
            message = f"No question uses the choice list {name!r}."
            yield _listed(
                "choices-unused", form, options[0], message, "Remove it, or correct the question's type."
            )
            continue
        yield from _codes(form, options)
        if used[name].kind.name == "select_one" and not used[name].logic.get("choice_filter"):
            yield from _missing_codes(form, options)


def _codes(form: Form, options: Sequence[Option]) -> Iterator[Finding]:
    codes: dict[str, Option] = {}
    labels: dict[tuple[str, str], Option] = {}
    for option in options:
        if not option.code:
            yield _listed(
                "code-missing", form, option, "The choice has no code.", "Give it one in the column name."
            )
            continue
        if " " in option.code:
            message = f"The code {option.code!r} has a space: two ticked choices could not be told from one."
            yield _listed("code-space", form, option, message, "Write it without spaces.")
        other = codes.setdefault(normal_text(option.code), option)
        if other is not option:
            message = f"The code {option.code!r} stands twice in the list (row {other.row})."
            yield _listed("code-twice", form, option, message, "Give each choice its own code.")
        for language, text in option.labels.items():
            same = labels.setdefault((language, normal_text(text)), option)
            if same is not option and same.code != option.code:
                message = f"The label {text[:60]!r} stands twice in the list (row {same.row}, {language})."
                yield _listed("choice-label-twice", form, option, message, "Give each choice its own label.")


def _missing_codes(form: Form, options: Sequence[Option]) -> Iterator[Finding]:
    for option in options:
        reason = reason_of(option.labels.values())
        if reason is not None and normal_text(option.code) in {"0", "1"}:
            message = f"The code {option.code!r} means no answer ({reason}): a sum would count it as an answer."
            yield _listed("missing-as-zero", form, option, message, "Give it a code far from the answers, as -99.")
        elif is_unclear(option, options):
            label = next(iter(option.labels.values()), "")
            message = (
                f"The code {option.code!r} ({label[:60]!r}) may mean no answer: its label does not settle it."
            )
            mend = f"Say it in the label, or import with --missing {option.code}=REASON (or =answer)."
            yield _listed("missing-unclear", form, option, message, mend)


def _translations(form: Form) -> Iterator[Finding]:
    used = {question.kind.list_name for question in form.questions if question.is_select}
    for question in form.questions:
        for language in _lacking(form, question.labels):
            yield _asked(
                "translation-missing",
                form,
                question,
                f"The text has no translation into {language}.",
                "Translate it.",
            )
    for name in sorted(used & set(form.lists)):
        lacking = Counter(language for option in form.lists[name] for language in _lacking(form, option.labels))
        for language, count in lacking.items():
            message = f"{count} of the {len(form.lists[name])} choices of the list have no label in {language}."
            yield _listed("translation-missing", form, form.lists[name][0], message, "Translate them.")


def _lacking(form: Form, labels: dict[str, str]) -> list[str]:
    return [language for language in form.languages if labels and language not in labels]


def _asked(rule: str, form: Form, question: Question, message: str, mend: str) -> Finding:
    return Finding(rule, form.source, "survey", question.row, question.name, message, mend)


def _listed(rule: str, form: Form, option: Option, message: str, mend: str) -> Finding:
    return Finding(rule, form.source, "choices", option.row, option.list_name, message, mend)
