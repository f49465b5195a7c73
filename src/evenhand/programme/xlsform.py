"""XLSForms: the spreadsheets that Kobo, ODK and others make forms from, read as they are.

`read_form` says what stands in the file; `xlsformlint.py` what is wrong with it, and `xlsformimport.py` turns it
into an instrument.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evenhand.errors import InstrumentError
from evenhand.programme.xlsformbook import Sheet, read_book
from evenhand.programme.xlsformcolumns import Columns, Naming, Texts, columns_of
from evenhand.programme.xlsformfinding import Finding
from evenhand.programme.xlsformtypes import (
    CHOICE_COLUMNS,
    PARADATA_TYPES,
    SELECTS,
    SURVEY_COLUMNS,
    Kind,
    kind_of,
)

SHEETS = frozenset({"survey", "choices", "settings", "entities", "evenhand"})
PARADATA = frozenset(PARADATA_TYPES.values())

ANSWERED = frozenset({"integer", "decimal", "range", "text", "date", "time", "datetime"})
"""Types beside the selects that a person answers."""

_TRUE = {"yes", "true", "true()", "1"}


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet that has a type.

    Attributes:
        row: its row in the sheet.
        kind: what its type means; `kind.name` is empty for a type nobody knows.
        written: its type as written.
        name: its name.
        labels: its text by language; a language without text is left out.
        hints: hints and messages by language, joined.
        logic: the cells that hold expressions or settings, by the column's name; empty ones left out.
        groups: the groups that it stands in.
        in_repeat: whether one of them is a repeat.
    """

    row: int
    kind: Kind
    written: str
    name: str
    labels: Texts
    hints: Texts
    logic: dict[str, str]
    groups: tuple[str, ...]
    in_repeat: bool

    @property
    def is_select(self) -> bool:
        """Whether it is answered by choosing from a list."""
        return self.kind.name in SELECTS

    @property
    def is_asked(self) -> bool:
        """Whether a person answers it."""
        return self.is_select or self.kind.name in {
            "integer",
            "decimal",
            "range",
            "text",
            "date",
            "time",
            "datetime",
        }

    @property
    def is_required(self) -> bool:
        """Whether the form lets nobody pass without an answer."""
        return self.logic.get("required", "").casefold() in _TRUE

    def text(self) -> str:
        """The label in the first language that has one."""
        return next(iter(self.labels.values()), "")


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the choices sheet."""

    row: int
    list_name: str
    code: str
    labels: Texts


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes:
        source: its file.
        languages: codes of its languages (or their names, where no code is known), in order of their columns.
        language_guess: a sentence about a language that was guessed; empty if none was.
        questions: rows of the survey sheet, in order, begins and ends of groups included.
        lists: rows of the choices sheet, by list.
        settings: the first row of the settings sheet, by lower-case name of the column.
        has_entities: whether the form keeps records of people across forms.
        own: the sheet that Evenhand adds to the forms it writes, or None.
        findings: what was wrong with the layout.
    """

    source: str
    languages: tuple[str, ...]
    language_guess: str
    questions: tuple[Question, ...]
    lists: dict[str, tuple[Option, ...]]
    settings: dict[str, str]
    has_entities: bool = False
    own: Sheet | None = None
    findings: tuple[Finding, ...] = ()

    def question(self, name: str) -> Question | None:
        """The first question of that name."""
        return next((each for each in self.questions if each.name == name), None)

    def place(self, row: int, sheet: str = "survey") -> str:
        """`form.xlsx, sheet survey, row 12`."""
        return f"{self.source}, sheet {sheet}, row {row}"


def read_form(path: str | Path, *, languages: Mapping[str, str] | None = None) -> Form:
    """Read an XLSForm.

    Args:
        path: an `.xlsx` or `.xlsm` file.
        languages: codes of languages by the name that the form writes; `default` for columns without a language.

    Raises:
        InstrumentError: not a workbook, or not a form: no sheet `survey`, or no column `type` or `name` in it.
    """
    source = str(path)
    book = read_book(path, SHEETS)
    if "survey" not in book:
        raise InstrumentError(
            "xlsform.no-survey",
            "The workbook has no sheet `survey`.",
            where=source,
            why="A form keeps its questions there.",
            mend="Name the sheet of the questions survey. A file of answers is no form.",
        )
    settings = _settings(book.get("settings"))
    naming = Naming(settings.get("default_language", ""), dict(languages or {}))
    survey = columns_of(book["survey"], SURVEY_COLUMNS, ("type", "name"), naming, source)
    listed = book.get("choices")
    options: list[Option] = []
    offered = None
    if listed is not None and listed.header:
        offered = columns_of(listed, CHOICE_COLUMNS, ("list_name", "name"), naming, source)
        options = _options(listed, offered)
    guess = naming.settle(book["survey"], survey)
    questions, findings = _questions(book["survey"], survey, source)
    found = (*findings, *_merged(book, source))
    form_languages = survey.languages + (offered.languages if offered else ())
    return Form(
        source,
        tuple(dict.fromkeys(naming.final(each) for each in form_languages)),
        guess,
        tuple(_renamed(each, naming) for each in questions),
        _by_list(options, naming),
        settings,
        has_entities="entities" in book and bool(book["entities"].rows),
        own=book.get("evenhand"),
        findings=found,
    )


def _settings(sheet: Sheet | None) -> dict[str, str]:
    if sheet is None or not sheet.rows:
        return {}
    names = (name.casefold().replace(" ", "_") for name in sheet.header)
    return {name: value for name, value in zip(names, sheet.rows[0][1], strict=True) if name and value}


def _questions(sheet: Sheet, columns: Columns, source: str) -> tuple[list[Question], list[Finding]]:
    questions: list[Question] = []
    sections = _Sections(source, sheet.name)
    for number, row in sheet.rows:
        written, name = columns.cell(row, "type"), columns.cell(row, "name")
        if columns.cell(row, "disabled").casefold() in _TRUE or not written:
            if name and not written:
                sections.find("type-missing", number, name, "The row has a name and no type.", "Give it a type.")
            continue
        question = _question(number, row, columns, sections)
        sections.follow(question)
        questions.append(question)
    sections.finish()
    return questions, sections.findings


def _question(number: int, row: tuple[str, ...], columns: Columns, sections: "_Sections") -> Question:
    hints: Texts = {}
    for column in ("hint", "guidance_hint", "constraint_message", "required_message"):
        for language, text in columns.texts(row, column).items():
            hints[language] = f"{hints[language]}\n{text}" if language in hints else text
    return Question(
        row=number,
        kind=kind_of(columns.cell(row, "type")),
        written=columns.cell(row, "type"),
        name=columns.cell(row, "name"),
        labels=columns.texts(row, "label"),
        hints=hints,
        logic={
            name: row[place]
            for name, place in columns.plain.items()
            if row[place] and name not in {"type", "name"}
        },
        groups=tuple(name for name, _, _ in sections.open),
        in_repeat=any(kind == "repeat" for _, kind, _ in sections.open),
    )


@dataclass(slots=True)
class _Sections:
    """The groups and repeats that are open while the rows pass by."""

    source: str
    sheet: str
    open: list[tuple[str, str, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def follow(self, question: Question) -> None:
        """Open or close a group."""
        edge, _, kind = question.kind.name.partition(" ")
        if edge == "begin" and kind:
            self.open.append((question.name, kind, question.row))
        elif edge == "end" and kind and self.open and self.open[-1][1] == kind:
            self.open.pop()
        elif edge == "end" and kind:
            message = f"A {kind} ends here, and the one that is open " + (
                f"is the {self.open[-1][1]} of row {self.open[-1][2]}." if self.open else "is none."
            )
            self.find("group-open", question.row, question.name, message, "Begin and end each group once.")

    def finish(self) -> None:
        """Name the groups that never end."""
        for name, kind, row in self.open:
            self.find(
                "group-open", row, name, f"The {kind} that begins here never ends.", f"Add a row end_{kind}."
            )

    def find(self, rule: str, row: int, question: str, message: str, mend: str) -> None:
        """Keep a finding."""
        self.findings.append(Finding(rule, self.source, self.sheet, row, question, message, mend))


def _options(sheet: Sheet, columns: Columns) -> list[Option]:
    return [
        Option(number, list_name, columns.cell(row, "name"), columns.texts(row, "label"))
        for number, row in sheet.rows
        if (list_name := columns.cell(row, "list_name")) and columns.cell(row, "disabled").casefold() not in _TRUE
    ]


def _by_list(options: list[Option], naming: Naming) -> dict[str, tuple[Option, ...]]:
    lists: dict[str, list[Option]] = {}
    for each in options:
        named = Option(each.row, each.list_name, each.code, naming.named(each.labels))
        lists.setdefault(each.list_name, []).append(named)
    return {name: tuple(listed) for name, listed in lists.items()}


def _renamed(question: Question, naming: Naming) -> Question:
    return Question(
        question.row,
        question.kind,
        question.written,
        question.name,
        naming.named(question.labels),
        naming.named(question.hints),
        question.logic,
        question.groups,
        question.in_repeat,
    )


def _merged(book: dict[str, Sheet], source: str) -> list[Finding]:
    return [
        Finding(
            "merged-cells",
            source,
            sheet.name,
            0,
            "",
            f"Cells are merged ({', '.join(sheet.merged[:5])}): only the first of each holds its text.",
            "Split them, and write the text into each.",
        )
        for key, sheet in book.items()
        if sheet.merged and key in {"survey", "choices"}
    ]
