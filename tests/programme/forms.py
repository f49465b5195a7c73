"""Small invented forms, written as workbooks by the tests that read them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

Rows = Iterable[Sequence[Any]]

SURVEY_HEADER = ("type", "name", "label::English (en)", "label::ru", "required", "relevant", "calculation")
CHOICES_HEADER = ("list_name", "name", "label::English (en)", "label::ru")

HAVE = (
    ("have", 1, "Yes", "Да"),
    ("have", 2, "No, we cannot afford it", "Нет, не можем себе позволить"),
    ("have", 3, "No, for another reason", "Нет, по другой причине"),
    ("have", 98, "Don't know", "Не знаю"),
    ("have", 99, "Prefer not to say", "Предпочитаю не отвечать"),
)
YES_NO = (
    ("yes_no", 1, "Yes", "Да"),
    ("yes_no", 0, "No", "Нет"),
    ("yes_no", -98, "Don’t know", "Затрудняюсь ответить"),
    ("yes_no", -99, "Refused to answer", "Отказ от ответа"),
)
SURVEY = (
    ("begin_group", "home", "Your home", "Ваш дом"),
    ("select_one have", "WARM", "Is your home warm enough?", "Тепло ли у Вас дома?", "yes"),
    ("select_one have", "SHOES", "Does everyone have shoes?", "У всех ли есть обувь?", "yes"),
    ("end_group", "", "", ""),
    ("select_one yes_no", "SKIPPED", "Did you skip a meal?", "Пропускали ли Вы еду?", "yes"),
)
SETTINGS = (
    ("form_title", "form_id", "version", "default_language"),
    ("Winter needs", "winter", "3", "English (en)"),
)


def write_book(path: Path, **sheets: Rows) -> Path:
    """A workbook with these sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append([None if value == "" else value for value in row])
    book.save(path)
    return path


def write_form(
    path: Path,
    survey: Rows = SURVEY,
    choices: Rows = (*HAVE, *YES_NO),
    *,
    header: Sequence[str] = SURVEY_HEADER,
    choices_header: Sequence[str] = CHOICES_HEADER,
    settings: Rows = SETTINGS,
) -> Path:
    """A form: its header rows are added to the rows given."""
    return write_book(path, survey=[header, *survey], choices=[choices_header, *choices], settings=settings)
