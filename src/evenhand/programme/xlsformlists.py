"""The choice lists of a form's items: which choices are answers, in which categories, and which mean no answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evenhand.errors import InstrumentError
from evenhand.programme.coding import MISSING_REASONS, normal_text
from evenhand.programme.xlsform import Form, Option, Question
from evenhand.programme.xlsformmissing import is_unclear, meaning_order, reason_of
from evenhand.programme.xlsformsheet import Own

ANSWER = "answer"
"""In place of a reason: the code is an answer after all."""

_WHOLE = re.compile(r"-?\d{1,9}")


class ListReader:
    """Reads one list after another, and gathers the codes for no answer of all of them.

    Args:
        form: the form.
        languages: languages of the instrument.
        missing: for a code, its reason or `answer`, as the user said.
        categories: for a list, the category of each code, as the user said.
        own: the form's sheet `evenhand`.

    Attributes:
        missing: entries of the instrument's field `missing`, in order.
        notes: what was taken from the words of the form.
    """

    def __init__(
        self,
        form: Form,
        languages: Sequence[str],
        missing: Mapping[str, str],
        categories: Mapping[str, Mapping[str, int]],
        own: Own,
    ) -> None:
        self.form, self.languages, self.own = form, languages, own
        self.said = {normal_text(code): reason for code, reason in missing.items()}
        self.categories = categories
        self.missing: list[dict[str, Any]] = [_in_languages(entry, languages) for entry in own.missing]
        self.notes: list[str] = []
        self._read: dict[str, list[dict[str, Any]]] = {}
        self._met: set[str] = set()

    def read(self, question: Question) -> list[dict[str, Any]]:
        """The answers of a question's list, as the instrument's field `choices` has them.

        Raises:
            InstrumentError: the list is not there, or something about it is left open.
        """
        name = question.kind.list_name
        if name not in self._read:
            options = self.form.lists.get(name)
            if not options:
                raise _fault(
                    "xlsform.choices-missing",
                    f"The choice list {name!r} is not on the sheet choices.",
                    self.form.place(question.row),
                    f"The sheet has: {', '.join(self.form.lists) or 'none'}.",
                    "Add the list, or correct its name.",
                )
            self._read[name] = self._list(name, options)
        return self._read[name]

    def check_used(self) -> None:
        """Refuse codes and lists that the user named and no item has.

        Raises:
            InstrumentError: naming the first of them.
        """
        unknown = [code for code in self.said if code not in self._met]
        unknown += [name for name in self.categories if name not in self._read]
        if unknown:
            raise _fault(
                "xlsform.unknown-choice",
                f"No item has a code or a list {unknown[0]!r}.",
                self.form.source,
                f"The lists of the items are: {', '.join(self._read)}.",
                "Correct --missing or --categories.",
            )

    def _list(self, name: str, options: Sequence[Option]) -> list[dict[str, Any]]:
        seen: dict[str, Option] = {}
        for option in options:
            self._check(option, seen)
        reasons = {option.code: self._reason(option, options) for option in options}
        answers = [option for option in options if reasons[option.code] is None]
        for option in options:
            reason = reasons[option.code]
            if reason is not None:
                self._keep_missing(option, reason)
        counts = self._counts(name, answers)
        self._note(name, options, reasons, counts)
        return [
            {"code": option.code, "category": counts[option.code], "labels": self._labels(option)}
            for option in answers
        ]

    def _check(self, option: Option, seen: dict[str, Option]) -> None:
        where = self.form.place(option.row, "choices")
        if not option.code:
            raise _fault("xlsform.code", "The choice has no code.", where, "", "Give it one in the column name.")
        other = seen.setdefault(normal_text(option.code), option)
        if other is not option:
            raise _fault(
                "xlsform.code",
                f"The code {option.code!r} stands twice in the list {option.list_name!r}.",
                where,
                f"Row {other.row} has it too.",
                "Give each choice its own code.",
            )
        self._labels(option)

    def _labels(self, option: Option) -> dict[str, str]:
        for language in self.languages:
            if language not in option.labels:
                raise _fault(
                    "xlsform.translation-missing",
                    f"The choice {option.code!r} of the list {option.list_name!r} has no text in {language}.",
                    self.form.place(option.row, "choices"),
                    "Every text of an instrument is there in each of its languages.",
                    "Translate it, or take the other languages only, as with --language en.",
                )
        return {language: option.labels[language] for language in self.languages}

    def _reason(self, option: Option, options: Sequence[Option]) -> str | None:
        """Why there is no answer, as the user, the sheet or the label says; None for an answer."""
        code = normal_text(option.code)
        if code in self.said:
            self._met.add(code)
            return None if self.said[code] == ANSWER else self.said[code]
        if option.code in self.own.categories.get(option.list_name, {}):
            return None
        for entry in self.own.missing:
            if normal_text(entry["code"]) == code:
                return str(entry.get("reason", ""))
        reason = reason_of(option.labels.values())
        if reason is None and is_unclear(option, options):
            label = _label(option)
            raise _fault(
                "xlsform.missing-unclear",
                f"The code {option.code!r} ({label[:60]!r}) of the list {option.list_name!r} may mean no answer.",
                self.form.place(option.row, "choices"),
                "Its code is one that surveys give to no answer, or its label names two reasons.",
                f"Say --missing {option.code}=answer, or a reason: {', '.join(MISSING_REASONS)}.",
            )
        return reason

    def _keep_missing(self, option: Option, reason: str) -> None:
        labels = self._labels(option)
        for entry in self.missing:
            if normal_text(entry["code"]) != normal_text(option.code):
                continue
            if entry.get("reason") != reason:
                raise _fault(
                    "xlsform.missing-conflict",
                    f"The code {option.code!r} is {entry.get('reason')} in one list and {reason} in another.",
                    self.form.place(option.row, "choices"),
                    "An instrument's codes for no answer are the same for all items.",
                    "Give one of the two another code, or take the items in two instruments with --items.",
                )
            if entry.get("labels") == labels:
                return
        # The same code in other words: files that hold labels are read by either.
        self.missing.append({"code": option.code, "reason": reason, "labels": labels})

    def _counts(self, name: str, answers: Sequence[Option]) -> dict[str, int]:
        """The category of each answer's code."""
        codes = [option.code for option in answers]
        said = self.categories.get(name)
        if said is None and set(codes) <= set(self.own.categories.get(name, {})):
            said = self.own.categories[name]
        if said is not None:
            by_code = {normal_text(code): category for code, category in said.items()}
            lacking = [code for code in codes if normal_text(code) not in by_code]
            if lacking:
                raise _fault(
                    "xlsform.categories",
                    f"Nothing says which category the code {lacking[0]!r} of the list {name!r} counts as.",
                    self.form.place(answers[0].row, "choices"),
                    f"Its answers are: {', '.join(codes)}.",
                    f"Name them all: --categories {name}:{','.join(f'{c}={k}' for k, c in enumerate(codes))}.",
                )
            return {code: by_code[normal_text(code)] for code in codes}
        plain = meaning_order(answers)
        if plain is not None:
            return plain
        if all(_WHOLE.fullmatch(code) for code in codes):
            codes.sort(key=int)
        return {code: place for place, code in enumerate(codes)}

    def _note(
        self, name: str, options: Sequence[Option], reasons: dict[str, str | None], counts: dict[str, int]
    ) -> None:
        meanings = [
            f"{option.code} ({_label(option)[:40]}) is "
            + (
                f"category {counts[option.code]}"
                if reasons[option.code] is None
                else f"no answer, {reasons[option.code]}"
            )
            for option in options
        ]
        self.notes.append(f"List {name}: {'; '.join(meanings)}.")


def _label(option: Option) -> str:
    return next(iter(option.labels.values()), "")


def _in_languages(entry: dict[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    labels = entry.get("labels")
    if not labels:
        return dict(entry)
    return {**entry, "labels": {language: labels[language] for language in languages if language in labels}}


def _fault(code: str, what: str, where: str, why: str, mend: str) -> InstrumentError:
    return InstrumentError(code, what, where=where, why=why, mend=mend)
