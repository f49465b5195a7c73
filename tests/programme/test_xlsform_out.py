"""Forms out: accepted by pyxform and by ODK Validate, and the same instrument when they come back."""

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from evenhand.errors import BoundaryError, InstrumentError
from evenhand.programme.instrument import Instrument, MissingCode, instrument_from, library_names, load_instrument
from evenhand.programme.instrumentwrite import instrument_yaml
from evenhand.programme.xlsform import read_form
from evenhand.programme.xlsformexport import xlsform_bytes
from evenhand.programme.xlsformimport import ImportOptions, import_form
from evenhand.programme.yamltext import parse_document
from tests.programme.forms import write_form

NAMES = library_names()


def to_file(instrument: Instrument, path: Path) -> Path:
    path.write_bytes(xlsform_bytes(instrument))
    return path


def back(path: Path) -> Instrument:
    return import_form(read_form(path), ImportOptions()).instrument


def cells(path: Path, sheet: str) -> list[list[str]]:
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [["" if value is None else str(value) for value in row] for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_the_way_out_and_back_gives_the_same_instrument(name: str, tmp_path: Path) -> None:
    instrument = load_instrument(name)
    assert back(to_file(instrument, tmp_path / "form.xlsx")).hash() == instrument.hash()


def test_the_way_in_and_out_and_in_gives_the_same_instrument(tmp_path: Path) -> None:
    first = import_form(read_form(write_form(tmp_path / "a.xlsx")), ImportOptions(direction="more")).instrument
    assert back(to_file(first, tmp_path / "b.xlsx")).hash() == first.hash()


@pytest.mark.parametrize("name", NAMES)
def test_pyxform_takes_the_form_without_a_warning(name: str, tmp_path: Path) -> None:
    warnings: list[str] = []
    path = to_file(load_instrument(name), tmp_path / "form.xlsx")
    result = convert(path, warnings=warnings)
    assert warnings == []
    for item in load_instrument(name).items:
        assert f'ref="/{load_instrument(name).name}/{item.name}"' in result.xform.replace("/data/", f"/{name}/")
    assert 'lang="Русский (ru)"' in result.xform


@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate, which pyxform ships, needs Java")
def test_odk_validate_takes_the_form(tmp_path: Path) -> None:
    warnings: list[str] = []
    convert(
        to_file(load_instrument("material-deprivation"), tmp_path / "form.xlsx"), warnings=warnings, validate=True
    )
    assert warnings == []


def test_codes_for_no_answer_are_choices_and_answers_are_required_where_one_may_refuse(tmp_path: Path) -> None:
    instrument = load_instrument("material-deprivation")
    path = to_file(instrument, tmp_path / "form.xlsx")
    have = [row[1] for row in cells(path, "choices") if row[0] == "have"]
    assert have == ["1", "2", "3", "97", "98", "99"]
    survey = cells(path, "survey")
    assert survey[0] == ["type", "name", "label::English (en)", "label::Русский (ru)", "required"]
    assert {row[-1] for row in survey if row[0].startswith("select_one")} == {"yes"}
    assert survey[1][0] == "note"
    assert cells(path, "settings")[1][-1] == "English (en)"


def test_nobody_is_forced_to_answer_where_no_choice_refuses(tmp_path: Path) -> None:
    instrument = load_instrument("fies").model_copy(update={"missing": ()})
    survey = cells(to_file(instrument, tmp_path / "form.xlsx"), "survey")
    assert {row[-1] for row in survey if row[0].startswith("select_one")} == {""}


def test_a_code_that_only_the_survey_gives_is_no_choice_and_comes_back(tmp_path: Path) -> None:
    missing = (MissingCode(code="96", reason="not_asked_by_design"), *load_instrument("fies").missing)
    instrument = load_instrument("fies").model_copy(update={"missing": missing})
    path = to_file(instrument, tmp_path / "form.xlsx")
    assert "96" not in {row[1] for row in cells(path, "choices")}
    assert back(path).hash() == instrument.hash()


def test_the_same_instrument_gives_the_same_bytes() -> None:
    assert xlsform_bytes(load_instrument("fies")) == xlsform_bytes(load_instrument("fies"))


def test_a_form_that_was_changed_since_says_so(tmp_path: Path) -> None:
    path = to_file(load_instrument("fies"), tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    book["survey"]["C3"] = "Did you worry about food?"
    book["choices"]["C4"] = "Hard to say"
    book.save(path)
    made = import_form(read_form(path), ImportOptions())
    assert made.notes[-1] == "The instrument differs from the one that this form was written from."
    assert made.instrument.items[0].wording["en"] == "Did you worry about food?"
    codes = [entry.code for entry in load_instrument("fies").missing]
    assert [entry.code for entry in made.instrument.missing] == [*codes, "98"]


def test_options_come_before_what_the_sheet_says(tmp_path: Path) -> None:
    path = to_file(load_instrument("material-deprivation"), tmp_path / "form.xlsx")
    options = ImportOptions(
        items=("WARM", "RESERVE"), direction="more", name="short", categories={"could": {"1": 0, "2": 1}}
    )
    made = import_form(read_form(path), options).instrument
    assert made.item_names == ("WARM", "RESERVE")
    assert (made.name, made.items[1].direction, made.coding()[1].codes["2"]) == ("short", "more", 1)


@pytest.mark.parametrize(
    "row",
    [
        ("nonsense", "", "", "", ""),
        ("choice", "have", "1", "category", "many"),
        ("missing", "9", "98", "reason", "refused"),
        ("missing", "0", "98", "reason", "refused"),
        ("published", "", "", "json", "[1"),
        ("published", "", "", "json", "3"),
        ("instrument", "", "", "version.en", "1"),
    ],
)
def test_a_sheet_that_evenhand_did_not_write_is_one_error(row: tuple[str, ...], tmp_path: Path) -> None:
    path = to_file(load_instrument("fies"), tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    book["evenhand"].append(row)
    book.save(path)
    with pytest.raises(InstrumentError) as caught:
        back(path)
    assert caught.value.code in {"xlsform.own-sheet", "instrument.field"}


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=30
)


@given(
    texts=st.lists(TEXT.filter(str.strip), min_size=4, max_size=4, unique_by=lambda text: text.strip().casefold())
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_the_file_and_the_form(texts: list[str], tmp_path: Path) -> None:
    first, second, third, fourth = texts
    instrument = load_instrument("fies")
    items = tuple(
        item.model_copy(update={"wording": {"en": first, "ru": second}}) for item in instrument.items[:1]
    )
    have = tuple(
        choice.model_copy(update={"labels": {"en": text, "ru": text}})
        for choice, text in zip(instrument.choices["yes_no"], (third, fourth), strict=True)
    )
    spoilt = instrument.model_copy(
        update={"items": items, "choices": {"yes_no": have}, "missing": (), "published": None}
    )
    try:
        read = instrument_from(parse_document(instrument_yaml(spoilt).encode(), source="x"))
    except (InstrumentError, BoundaryError) as error:
        # Labels that are codes, and texts that the guard knows, are no instrument to begin with.
        assume(error.code != "instrument.code-ambiguous" and not error.code.startswith("boundary."))
        raise
    assert read.hash() == spoilt.hash()
    form = read_form(to_file(spoilt, tmp_path / "form.xlsx"))
    again = import_form(form, ImportOptions()).instrument
    assert dict(again.items[0].wording) == {"en": first, "ru": second}
    assert again.hash() == spoilt.hash()


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    instrument = load_instrument("fies")
    item = instrument.items[0].model_copy(update={"wording": {"en": "=1+1", "ru": "=HYPERLINK(1)"}})
    changed = instrument.model_copy(update={"items": (item,), "published": None})
    path = to_file(changed, tmp_path / "form.xlsx")
    assert back(path).items[0].wording == {"en": "=1+1", "ru": "=HYPERLINK(1)"}
    with zipfile.ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_a_control_character_is_one_error() -> None:
    instrument = load_instrument("fies")
    item = instrument.items[0].model_copy(update={"wording": {"en": "A\x07", "ru": "Б"}})
    with pytest.raises(InstrumentError) as caught:
        xlsform_bytes(instrument.model_copy(update={"items": (item,), "published": None}))
    assert caught.value.code == "xlsform.control-character"


def test_lists_of_odd_names_get_names_without_spaces(tmp_path: Path) -> None:
    instrument = load_instrument("fies")
    items = [item.model_copy(update={"choices": "my list"}) for item in instrument.items]
    items[1] = items[1].model_copy(update={"choices": "my_list"})
    lists = {"my list": instrument.choices["yes_no"], "my_list": instrument.choices["yes_no"]}
    changed = instrument.model_copy(update={"items": tuple(items), "choices": lists})
    path = to_file(changed, tmp_path / "form.xlsx")
    assert {row[0] for row in cells(path, "choices")[1:]} == {"my_list", "my_list_2"}
    assert back(path).hash() == changed.hash()
    convert(path)
