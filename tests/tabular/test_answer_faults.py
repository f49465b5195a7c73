"""Every fault of an answer file is one error that names the place and the mend; no library's traceback escapes."""

import os
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import AnswerFileError, EvenhandError, OptionError
from evenhand.programme.answers import Answers
from evenhand.programme.coding import ItemCoding
from evenhand.tabular import read_answers
from evenhand.tabular.csvlayout import BLOCK, read_layout

CODED = [ItemCoding("Q1", 2, {"0": 0, "1": 1}, {"98": "dont_know"})]
WEIGHTS: dict[str, Any] = {"items": ["Q1"], "weights": "w", "weights_kind": "sampling"}

CSV_FAULTS: dict[str, tuple[bytes, dict[str, Any], str, str]] = {
    "empty file": (b"", {}, "empty-file", ""),
    "only spaces": (b"\xef\xbb\xbf \n\n", {}, "empty-file", ""),
    "header only": (b"Q1,Q2\n", {}, "no-rows", ""),
    "header and empty lines": (b"Q1,Q2\n\n\n", {}, "no-rows", ""),
    "no header": (b",,\n0,1,0\n", {}, "header", "line 1"),
    "not UTF-8": (b"Q1,Q2\n0,1\n\xcf\xf0,1\n", {}, "not-utf8", "line 3 (byte 10)"),
    "UTF-16": ("Q1,Q2\n0,1\n".encode("utf-16"), {}, "not-utf8", "byte 0"),
    "NUL": (b"Q1,Q2\n0,1\n\x00,1\n", {}, "nul-byte", "line 3 (byte 10)"),
    "old line ends": (b"Q1,Q2\r0,1\r1,0\r", {}, "line-ends", ""),
    "cut off": (b"Q1,Q2,Q3\n0,1,1\n1,0", {}, "cut-off", "line 3"),
    "cut off in quotes": (b'Q1,Q2\n0,1\n1,"0\n', {}, "cut-off", "line 3"),
    "ragged": (b"Q1,Q2\n0,1\n1\n1,0\n", {}, "ragged-row", "line 3"),
    "too many fields": (b"Q1,Q2\n0,1\n1,0,1\n1,0\n", {}, "ragged-row", "line 3"),
    "ragged after a quoted line end": (b'Q1,n\n0,"a\nb"\n1\n1,0\n', {}, "ragged-row", "line 4"),
    "stray quote": (b'Q1,Q2\n0,1"x\n1,0\n', {}, "stray-quote", "line 2"),
    "stray quote before another separator": (b'Q1,Q2\n0,"1";\n1,0\n', {}, "stray-quote", "line 2"),
    "unknown column": (b"Q1,Q22\n0,1\n", {"items": ["Q1", "Q2"]}, "unknown-column", ""),
    "unknown group": (b"Q1,sex\n0,m\n1,f\n", {"items": ["Q1"], "groups": ["gender"]}, "unknown-column", ""),
    "missing items": (b"Q2\n0\n", {"coding": CODED}, "missing-items", ""),
    "duplicate header": (b"Q1,Q1\n0,1\n1,0\n", {"items": ["Q1"]}, "duplicate-column", "header"),
    "two groups with the item": (b"a/Q1,b/Q1\n0,1\n1,0\n", {"items": ["Q1"]}, "duplicate-column", "header"),
    "all missing": (b"Q1,Q2\n,\n,\n", {"items": ["Q1", "Q2"]}, "all-missing", "'Q1'"),
    "all missing, coded": (b"Q1\n98\n\n", {"coding": CODED}, "all-missing", ""),
    "constant": (b"Q1\n1\n1\n\n", {}, "constant-item", "'Q1'"),
    "too many categories": (b"Q1\n0\n100\n", {}, "too-many-categories", "'Q1'"),
    "not an integer": (b"Q1\n0\n1.5\n", {}, "not-integer", "row 2 (line 3), column 'Q1'"),
    "text": (b"Q1\nyes\n1\n", {}, "not-integer", "row 1 (line 2), column 'Q1'"),
    "unknown code": (b"Q1\n0\n1\n7\n", {"coding": CODED}, "unknown-code", "row 3 (line 4), column 'Q1'"),
    "after an empty line": (
        b"x,Q1\n0,0\n\n1,7\n",
        {"coding": CODED},
        "unknown-code",
        "row 2 (line 4), column 'Q1'",
    ),
    "blank weight": (b"Q1,w\n0,1\n1, \n", WEIGHTS, "weights-blank", "row 2 (line 3), column 'w'"),
    "weight in words": (b"Q1,w\n0,1\n1,one\n", WEIGHTS, "weights-value", "row 2 (line 3), column 'w'"),
    "negative weight": (b"Q1,w\n0,-1\n1,1\n", WEIGHTS, "weights-value", "row 1 (line 2), column 'w'"),
    "infinite weight": (b"Q1,w\n0,1\n1,inf\n", WEIGHTS, "weights-value", "row 2 (line 3), column 'w'"),
    "weight NaN": (b"Q1,w\n0,1\n1,NaN\n", WEIGHTS, "weights-value", "row 2 (line 3), column 'w'"),
    "blank cluster": (
        b"Q1,psu\n0,1\n1,\n",
        {"items": ["Q1"], "cluster": "psu"},
        "cluster-blank",
        "row 2 (line 3)",
    ),
    "group is an item": (b"Q1\n0\n1\n", {"items": ["Q1"], "groups": ["Q1"]}, "group-is-item", "'Q1'"),
    "empty group": (b"Q1,sex\n0,\n1,\n", {"items": ["Q1"], "groups": ["sex"]}, "group-blank", "'sex'"),
}


@pytest.mark.parametrize("name", CSV_FAULTS)
def test_a_fault_in_a_csv_file_names_its_place(name: str, tmp_path: Path) -> None:
    content, options, code, where = CSV_FAULTS[name]
    path = tmp_path / "survey.csv"
    path.write_bytes(content)
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, **(options or {"items": ["Q1"]}))
    assert caught.value.code == f"answers.{code}"
    assert where in caught.value.where
    assert str(path) in caught.value.where
    assert caught.value.mend


OPTION_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "kind missing": ({"items": ["Q1"], "weights": "w"}, "weights.kind-missing"),
    "column missing": ({"items": ["Q1"], "weights_kind": "sampling"}, "weights.column-missing"),
    "no items": ({}, "answers.no-items"),
    "item twice": ({"items": ["Q1", "Q1"]}, "answers.duplicate-item"),
    "item of another scale": ({"coding": CODED, "items": ["Q2"]}, "answers.unknown-item"),
    "not counts": ({**WEIGHTS, "weights_kind": "frequency"}, "weights.not-counts"),
    "too many groups": ({"items": ["Q1"], "groups": ["many"]}, "groups.too-many"),
}


@pytest.mark.parametrize("name", OPTION_FAULTS)
def test_a_fault_in_the_options_is_named(name: str, tmp_path: Path) -> None:
    options, code = OPTION_FAULTS[name]
    path = tmp_path / "survey.csv"
    path.write_text("Q1,w,many\n" + "".join(f"{k % 2},{k}.5,g{k}\n" for k in range(51)), encoding="utf-8")
    with pytest.raises(OptionError) as caught:
        read_answers(path, **options)
    assert caught.value.code == code


def test_every_bad_cell_is_counted_and_the_first_ten_are_named(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("Q1,Q2\n" + "".join(f"{k},x{k}\n" for k in range(20)), encoding="utf-8")
    coding = [ItemCoding("Q1", 2, {"0": 0, "1": 1}), ItemCoding("Q2", 2, {"0": 0, "1": 1}, {"98": "dont_know"})]
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, coding=coding)
    error = caught.value
    assert "38 cells" in error.what
    assert "'x0' in column 'Q2'" in error.what
    assert "Allowed are: 0, 1; no answer: 98" in error.why
    assert error.why.count("row ") == 9
    assert "row 6 (line 7), 'Q1': '5'" in error.why


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(f"Q1\n0\n{'x' * 500}\n", encoding="utf-8")
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, items=["Q1"])
    assert len(caught.value.what) < 150


def test_na_gets_its_own_mend(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("Q1\n0\nNA\n", encoding="utf-8")
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, items=["Q1"])
    assert "Leave the cell empty" in caught.value.mend


def test_a_misspelt_column_gets_the_closest_name(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("group/WORRIED,age\n0,1\n", encoding="utf-8")
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, items=["WORIED"])
    assert "Did you mean 'group/WORRIED'?" in caught.value.mend


def test_two_items_cannot_share_a_column(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("Q1\n0\n1\n", encoding="utf-8")
    coding = [ItemCoding("Q1", 2, {"0": 0, "1": 1}), ItemCoding("B", 2, {"0": 0, "1": 1}, aliases=("Q1",))]
    with pytest.raises(AnswerFileError, match=r"answers\.same-column"):
        read_answers(path, coding=coding)


@pytest.mark.parametrize("name", ["gone.csv", "a\0b.csv", "x" * 5000 + ".csv", ""])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(AnswerFileError, match=r"answers\.(not-found|directory)"):
        read_answers(f"{tmp_path}/{name}", items=["Q1"])


def test_a_file_of_a_similar_name_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("Q1\n0\n", encoding="utf-8")
    with pytest.raises(AnswerFileError, match=r"Did you mean 'survey.csv'"):
        read_answers(tmp_path / "surwey.csv", items=["Q1"])


def test_a_folder_and_an_unknown_ending(tmp_path: Path) -> None:
    with pytest.raises(AnswerFileError, match=r"answers\.directory"):
        read_answers(tmp_path, items=["Q1"])
    (tmp_path / "a.docx").write_text("x", encoding="utf-8")
    with pytest.raises(AnswerFileError, match=r"answers\.extension"):
        read_answers(tmp_path / "a.docx", items=["Q1"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Q1\n0\n1\n", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(AnswerFileError, match=r"answers\.unreadable"):
        read_answers(path, items=["Q1"])


def make_file(kind: str, folder: Path) -> Path:
    path = folder / f"survey.{kind}"
    frame = pl.DataFrame({"Q1": [float(k % 2) for k in range(500)], "Q2": [k / 7 for k in range(500)]})
    if kind == "parquet":
        frame.write_parquet(path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in [frame.columns, *frame.rows()]:
            book.active.append(list(row))
        book.save(path)
    else:
        (pyreadstat.write_dta if kind == "dta" else pyreadstat.write_sav)(frame, str(path))
    return path


KINDS = ("parquet", "xlsx", "sav", "dta")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_says_so(kind: str, tmp_path: Path) -> None:
    path = make_file(kind, tmp_path)
    content = path.read_bytes()
    for length in (len(content) // 2, len(content) - 3):
        path.write_bytes(content[:length])
        if kind == "xlsx" and length == len(content) - 3:
            continue  # the lost bytes are the length of a comment that is not there
        with pytest.raises(AnswerFileError, match=r"answers\.cut-off"):
            read_answers(path, items=["Q1"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"hello", b"PK", b"PAR1", b"Q1,Q2\n0,1\n", bytes(1000)])
def test_another_kind_of_file_is_named(kind: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"survey.{kind}"
    path.write_bytes(content)
    with pytest.raises(AnswerFileError, match=r"answers\.(unreadable|empty-file|cut-off)") as caught:
        read_answers(path, items=["Q1"])
    assert str(path) in caught.value.where


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_a_header_only(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"survey.{kind}"
    frame = pl.DataFrame({"Q1": []}, schema={"Q1": pl.Float64})
    if kind == "parquet":
        frame.write_parquet(path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["Q1"])
        book.save(path)
    else:
        (pyreadstat.write_dta if kind == "dta" else pyreadstat.write_sav)(frame, str(path))
    with pytest.raises(AnswerFileError, match=r"answers\.no-rows"):
        read_answers(path, items=["Q1"])


def test_a_sheet_without_anything(tmp_path: Path) -> None:
    path = tmp_path / "survey.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(AnswerFileError, match=r"answers\.empty-file"):
        read_answers(path, items=["Q1"])


def test_a_duplicate_header_in_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "survey.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["Q1", "Q1"], [0, 1]):
        book.active.append(row)
    book.save(path)
    with pytest.raises(AnswerFileError, match=r"answers\.duplicate-column"):
        read_answers(path, items=["Q1"])


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pl.DataFrame({"Q1": [[1], [2]]}), "cell-type"),
        (pl.DataFrame({"Q1": [b"\xff", b"\xfe"]}), "cell-type"),
        (pl.DataFrame({"Q1": [{"a": 1}, {"a": 2}]}), "cell-type"),
        (pl.DataFrame({"Q1": [None, None]}), "all-missing"),
        (pl.DataFrame({"Q1": []}), "no-rows"),
        (pl.DataFrame({"x": [1]}), "unknown-column"),
        (pd.DataFrame([[0, 1]], columns=["Q1", "Q1"]), "duplicate-column"),
        (pa.table([[0], [1]], names=["Q1", "Q1"]), "duplicate-column"),
        (pd.DataFrame({"Q1": [{}, 1]}), "not-integer"),
        (pd.DataFrame({1: [0, 1]}), "unknown-column"),
    ],
)
def test_a_fault_in_a_frame(frame: Any, code: str) -> None:
    with pytest.raises(AnswerFileError, match=rf"answers\.{code}"):
        read_answers(frame, items=["Q1"])


@pytest.mark.parametrize("thing", [3, None, [1, 2], {"Q1": [0, 1]}, b"bytes"])
def test_a_thing_that_is_no_frame(thing: Any) -> None:
    with pytest.raises(OptionError, match=r"answers\.not-a-frame"):
        read_answers(thing, items=["Q1"])


@pytest.mark.parametrize("weights", [["a", "b"], [[1], [2]], [None, 1], [float("nan"), 1.0], [-1, 1]])
def test_weights_of_a_frame_that_cannot_be_used(weights: list[Any]) -> None:
    with pytest.raises(AnswerFileError, match=r"answers\.weights-"):
        read_answers(pl.DataFrame({"Q1": [0, 1], "w": weights}, strict=False), **WEIGHTS)


def test_records_are_counted_across_blocks() -> None:
    row = b'0,"a\nb",' + b"x" * 1000 + b"\n"
    content = b"Q1,Q2,Q3\n" + row * (BLOCK // len(row) * 2 + 3)
    layout = read_layout(content, "x")
    assert len(layout.lines) == content.count(row)
    assert layout.lines[:3].tolist() == [2, 4, 6]
    assert layout.lines[-1] == content.count(b"\n") - 1


def read_or_error(path: Path, **options: Any) -> Answers | EvenhandError:
    try:
        return read_answers(path, **options)
    except EvenhandError as error:
        return error


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["csv", *KINDS]))
def test_random_bytes_are_an_evenhand_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, kind: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"random.{kind}"
    path.write_bytes(content)
    with pytest.raises(EvenhandError):
        read_answers(path, items=["Q1"])


TEMPLATE = b'Q1,"Q2",w,note\n0,1,1.5,"a, b"\n1,2,2,\n0,3,1,"x\ny"\n1,1,1,z\n'


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TEMPLATE)), st.integers(0, 4), st.sampled_from(list(b'",;\t\n\r\x00\xff01a. '))
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_damaged_csv_file_is_read_or_is_an_evenhand_error(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, int]]
) -> None:
    content = bytearray(TEMPLATE)
    for place, removed, inserted in edits:
        content[place : place + removed] = bytes([inserted])
    path = tmp_path_factory.getbasetemp() / "damaged.csv"
    path.write_bytes(content)
    outcome = read_or_error(path, items=["Q1", "Q2"], weights="w", weights_kind="sampling")
    # Our count of the records and polars' own must agree on whatever passed the check of the layout.
    assert "records" not in str(outcome)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(KINDS))
def test_a_damaged_binary_file_is_read_or_is_an_evenhand_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    whole = folder / f"survey.{kind}"
    content = bytearray((whole if whole.exists() else make_file(kind, folder)).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = folder / f"damaged.{kind}"
    path.write_bytes(content)
    read_or_error(path, items=["Q1"])
