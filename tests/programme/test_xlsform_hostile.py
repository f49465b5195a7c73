"""Files that are damaged, huge, or made to do harm: one explained error, whatever they hold."""

import contextlib
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evenhand.errors import EvenhandError, InstrumentError
from evenhand.programme import xlsformbook
from evenhand.programme.xlsform import read_form
from evenhand.programme.xlsformimport import ImportOptions, import_form
from evenhand.programme.xlsformlint import lint
from tests.programme.forms import CHOICES_HEADER, HAVE, SURVEY, SURVEY_HEADER, YES_NO, write_book, write_form

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "form.xlsx"


def code_of(path: Path) -> str:
    with pytest.raises(EvenhandError) as caught:
        read_form(path)
    assert caught.value.mend
    return caught.value.code


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None], **added: bytes) -> None:
    """The archive with its parts changed; None drops one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in added.items():
            new.writestr(name, content)
    path.write_bytes(stream.getvalue())


def test_files_that_are_no_workbook(path: Path, tmp_path: Path) -> None:
    assert code_of(tmp_path / "nowhere.xlsx") == "xlsform.unreadable"
    assert code_of(tmp_path) == "xlsform.unreadable"
    for content in (b"", b"PK", b"type,name\n", b"\x00" * 1000):
        path.write_bytes(content)
        assert code_of(path) == "xlsform.unreadable"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_that_is_cut_off(share: float, path: Path) -> None:
    content = write_form(path).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert code_of(path) == "xlsform.unreadable"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_in_any_encoding(encoding: str, path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    write_form(path)
    rewrite(path, lambda name, content: bomb.encode(encoding) if name == SHEET else content)
    assert code_of(path) == "xlsform.unsafe"


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(path: Path) -> None:
    write_form(path)
    rewrite(path, lambda _, content: content, **{"xl/media/zeros.bin": bytes(120_000_000)})
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    assert code_of(path) == "xlsform.too-large"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_file_of_too_many_bytes_or_parts_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_form(path)
    monkeypatch.setattr(xlsformbook, "MAX_BYTES", 1000)
    assert code_of(path) == "xlsform.too-large"
    monkeypatch.undo()
    monkeypatch.setattr(xlsformbook, "MAX_PARTS", 3)
    assert code_of(path) == "xlsform.too-large"


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_and_one_more_is_refused(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    survey, choices = book.create_sheet("survey"), book.create_sheet("choices")
    for row in [SURVEY_HEADER, *SURVEY]:
        survey.append(row)
    for offered in (CHOICES_HEADER, *HAVE, *YES_NO):
        choices.append(offered)
    for number in range(100_000 - len(HAVE) - len(YES_NO)):
        choices.append(["village", f"v{number}", "Village"])
    book.save(path)
    assert sum(map(len, read_form(path).lists.values())) == 100_000
    content = path.read_bytes()
    far = b'<row r="200000"><c r="A200000" t="inlineStr"><is><t>l</t></is></c></row></sheetData>'
    last = "xl/worksheets/sheet2.xml"
    rewrite(path, lambda name, part: part.replace(b"</sheetData>", far) if name == last else part)
    assert path.read_bytes() != content
    assert code_of(path) == "xlsform.too-large"


@pytest.mark.parametrize("reference", ["XFD2", "A1048576", "A99999999999", "ZZZZ9"])
def test_cells_far_out_cost_neither_time_nor_memory(reference: str, path: Path) -> None:
    write_form(path)
    number = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = f'<row r="{number}"><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'.encode()
    size = f'<dimension ref="A1:{reference}"/>'.encode()
    rewrite(path, lambda name, part: part.replace(b"</sheetData>", far).replace(b'<dimension ref="A1:G6"/>', size)
            if name == SHEET else part)  # fmt: skip
    tracemalloc.start()
    with contextlib.suppress(EvenhandError):
        read_form(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_more_rows_than_are_read_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsformbook, "MAX_ROWS", len(HAVE) + len(YES_NO))
    assert read_form(write_form(path)).lists
    write_form(path, choices=[*HAVE, *YES_NO, ("more", 1, "Yes", "Да")])
    assert code_of(path) == "xlsform.too-large"


def test_more_than_two_hundred_columns_are_refused(path: Path) -> None:
    write_form(path, header=(*SURVEY_HEADER, *(f"extra{k}" for k in range(300))))
    assert code_of(path) == "xlsform.too-large"


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ({"Sheet1": [("a", "b")]}, "xlsform.no-survey"),
        ({"survey": []}, "xlsform.missing-column"),
        ({"survey": [("type", "label")]}, "xlsform.missing-column"),
        ({"survey": [SURVEY_HEADER, *SURVEY], "choices": [("name", "label")]}, "xlsform.missing-column"),
        ({"survey": [("type", "name", "name")]}, "xlsform.duplicate-column"),
        ({"survey": [("type", "name", "label::en", "label::English (en)")]}, "xlsform.duplicate-column"),
        ({"survey": [SURVEY_HEADER, *SURVEY], "Survey ": [SURVEY_HEADER]}, "xlsform.sheet-twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sheets_and_columns_that_are_missing_or_stand_twice(sheets: dict[str, Any], code: str, path: Path) -> None:
    assert code_of(write_book(path, **sheets)) == code


def test_a_formula_without_its_result_is_named_by_its_row(path: Path) -> None:
    write_form(path, [*SURVEY, ("select_one have", "COAT", "=C4", "Пальто?")])
    with pytest.raises(InstrumentError) as caught:
        read_form(path)
    assert caught.value.code == "xlsform.formula"
    assert "sheet survey, row 7" in caught.value.where


def test_a_formula_with_its_result_is_read(path: Path) -> None:
    write_form(path, [*SURVEY, ("select_one have", "COAT", "=C4", "Пальто?")])
    rewrite(path, lambda _, part: part.replace(b"<f>C4</f><v></v>", b"<f>C4</f><v>7</v>").replace(
        b"<f>C4</f><v/>", b"<f>C4</f><v>7</v>").replace(b"<f>C4</f><v />", b"<f>C4</f><v>7</v>"))  # fmt: skip
    assert read_form(path).questions[-1].labels["en"] == "7"


def test_an_error_in_a_cell_is_named_by_its_row(path: Path) -> None:
    write_form(path, [*SURVEY, ("select_one have", "COAT", "#REF!", "Пальто?")])
    assert code_of(path) == "xlsform.cell-error"


def test_a_sheet_that_is_not_where_the_book_says(path: Path) -> None:
    write_form(path)
    rewrite(path, lambda name, part: None if name == SHEET else part)
    assert code_of(path) == "xlsform.no-survey"


@pytest.mark.parametrize("text", ["x" * 400, "word " * 3000])
def test_texts_that_no_person_is_asked_to_read(text: str, path: Path) -> None:
    write_form(path, [*SURVEY, ("note", "n", text, "Текст")])
    with pytest.raises(InstrumentError) as caught:
        read_form(path)
    assert caught.value.code == "xlsform.too-large"
    assert "row 7" in caught.value.where


def outcome(path: Path) -> str:
    """What becomes of a file: an Evenhand error's code, or nothing."""
    try:
        form = read_form(path)
        lint(form)
        import_form(form, ImportOptions(direction="more"))
    except EvenhandError as error:
        return error.code
    return "read"


def test_changed_bytes_raise_only_our_errors(path: Path) -> None:
    content = write_form(path).read_bytes()
    rng = random.Random(11)
    outcomes = set()
    for _ in range(150):
        spoilt = bytearray(content)
        for _ in range(rng.choice((1, 2, 8, 64))):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        path.write_bytes(bytes(spoilt))
        outcomes.add(outcome(path))
    assert "xlsform.unreadable" in outcomes


def test_changed_xml_raises_only_our_errors(path: Path) -> None:
    write_form(path)
    content = path.read_bytes()
    rng = random.Random(12)
    outcomes = set()

    def spoil(_: str, part: bytes) -> bytes:
        if rng.random() < 0.7:
            return part
        place = rng.randrange(len(part))
        return part[:place] + rng.choice((b"<", b">", b'"', b"9", b"", b"\xff", b"&", b" r=")) + part[place + 1 :]

    for _ in range(120):
        path.write_bytes(content)
        rewrite(path, spoil)
        outcomes.add(outcome(path))
    assert len(outcomes) > 1


ODD: tuple[Any, ...] = (
    *(
        None,
        "",
        " ",
        "\u00a0",
        0,
        -1,
        1.5,
        1e300,
        True,
        "x" * 40_000,
        "${",
        "${a}",
        "${a} = '",
        "(",
        "=A1",
        "#N/A",
    ),
    *("select_one", "select_one ", "select_one have yes_no", "begin_group", "end_repeat", "label::", "label::xx"),
    *("::", "type", "name", "<a>&amp;", "\u202eabc", "\U0001f600", "'; drop", "__proto__", "9" * 400, "-99"),
    *("Don't know", "Refused", "имя", "start"),
)


def test_changed_cells_raise_only_our_errors(path: Path) -> None:
    rng = random.Random(13)
    outcomes = set()
    for _ in range(150):
        sheets: dict[str, list[list[Any]]] = {
            "survey": [list(SURVEY_HEADER), *(list(row) for row in SURVEY)],
            "choices": [list(CHOICES_HEADER), *(list(row) for row in (*HAVE, *YES_NO))],
            "settings": [["form_title", "form_id", "version", "default_language"], ["A", "a", "1", "en"]],
            "evenhand": [["part", "name", "code", "field", "value"], ["item", "WARM", "", "direction", "more"]],
        }
        if rng.random() < 0.7:
            del sheets["evenhand"]
        for _ in range(rng.choice((1, 1, 2, 4))):
            rows = sheets[rng.choice(list(sheets))]
            row = rng.choice(rows)
            row[rng.randrange(len(row))] = rng.choice(ODD)
        write_book(path, **sheets)
        outcomes.add(outcome(path))
    assert "read" in outcomes
    assert len(outcomes) > 5
