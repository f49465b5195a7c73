"""Reading answers: what is accepted, what is left out, and how items are mapped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import openpyxl
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import BoundaryError, OptionError
from evenhand.programme.answers import Answers
from evenhand.programme.coding import ItemCoding
from evenhand.programme.instrument import load_instrument
from evenhand.tabular import read_answers

YES_NO = ItemCoding("Q1", 2, {"0": 0, "1": 1, "No": 0, "Yes": 1}, {"98": "dont_know", "Refused": "refused"})
SECOND = ItemCoding("Q2", 2, {"1": 0, "2": 1, "3": 0}, {"99": "refused"})

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "survey.csv"
        path.write_bytes(text.encode())
        return path

    return to_file


def codes(answers: Answers) -> list[list[int]]:
    rows: list[list[int]] = answers.responses.codes.tolist()
    return rows


def test_integers_become_categories_from_the_lowest(write: Write) -> None:
    answers = read_answers(write("Q1,Q2,x\n1,0,a\n3,1.0,b\n2,,c\n"), items=["Q1", "Q2"])
    assert codes(answers) == [[0, 0], [2, 1], [1, -1]]
    assert answers.coding[0] == ItemCoding("Q1", 3, {"1": 0, "2": 1, "3": 2})
    assert answers.responses.codes.dtype == np.int8
    assert answers.missing_counts["blank"].tolist() == [0, 1]
    assert answers.row_numbers.tolist() == [1, 2, 3]
    assert answers.source.endswith("survey.csv")
    assert answers.warnings == ()


def test_an_unused_code_between_is_an_empty_category_with_a_warning(write: Write) -> None:
    answers = read_answers(write("Q1\n1\n4\n2\n"), items=["Q1"])
    assert answers.responses.categories.tolist() == [4]
    assert "code 3 of item 'Q1'" in answers.warnings[0]


def test_a_hundred_categories_are_read_and_more_refused(write: Write) -> None:
    answers = read_answers(write("Q1\n" + "\n".join(map(str, range(100)))), items=["Q1"])
    assert answers.responses.codes.max() == 99


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_byte_order_marks(separator: str, line_end: str, mark: str, write: Write) -> None:
    text = mark + line_end.join(separator.join(row) for row in [("Q1", "Q2"), ("0", "1"), ("", "0"), ("1", "1")])
    assert codes(read_answers(write(text), items=["Q1", "Q2"])) == [[0, 1], [-1, 0], [1, 1]]


def test_question_texts_with_commas_do_not_hide_semicolons(write: Write) -> None:
    text = "Have you, or others, or anyone, eaten;Q2\n0;1\n1;0\n"
    assert codes(read_answers(write(text), items=["Q2"])) == [[1], [0]]


def test_quoted_fields_may_hold_separators_and_line_ends(write: Write) -> None:
    text = 'note,"Q1",Q2\n"a, ""b""\nc",0,"1"\n"",1,0\n'
    assert codes(read_answers(write(text), items=["Q1", "Q2"])) == [[0, 1], [1, 0]]


def test_empty_lines_are_no_respondents_in_a_file_of_several_columns(write: Write) -> None:
    answers = read_answers(write("Q1,Q2\n\n\n0,1\n\n1,0\n\r\n\n"), items=["Q1", "Q2"])
    assert codes(answers) == [[0, 1], [1, 0]]
    assert answers.row_numbers.tolist() == [1, 2]


def test_an_empty_line_is_a_missing_answer_in_a_file_of_one_column(write: Write) -> None:
    assert codes(read_answers(write("Q1\n0\n\n1\n"), items=["Q1"])) == [[0], [-1], [1]]


def test_codes_labels_and_missing_codes_of_an_instrument(write: Write) -> None:
    text = "Q1,Q2\nyes,1\n NO ,2\n1.0,3\n98,99\nrefused,\n,2.0\n"
    answers = read_answers(write(text), coding=[YES_NO, SECOND], instrument=("mine", "abc"))
    assert codes(answers) == [[1, 0], [0, 1], [1, 0], [-1, -1], [-1, -1], [-1, 1]]
    counts = {reason: count.tolist() for reason, count in answers.missing_counts.items()}
    assert counts == {"dont_know": [1, 0], "refused": [1, 1], "blank": [1, 1]}
    assert answers.instrument == ("mine", "abc")


def test_other_reason_is_not_deprivation(write: Write) -> None:
    scale = load_instrument("material-deprivation")
    header = ",".join(scale.item_names)
    row = ",".join("3" if each.codes.get("3") is not None else "1" for each in scale.coding())
    answers = read_answers(write(f"{header}\n{row}\n"), coding=scale.coding())
    assert answers.responses.codes[0, :-1].tolist() == [0] * 10


def test_items_choose_and_order_the_coding(write: Write) -> None:
    answers = read_answers(write("Q1,Q2\n0,1\n1,2\n"), coding=[YES_NO, SECOND], items=["Q2"])
    assert answers.item_names == ("Q2",)


def test_a_category_that_nobody_chose_stays_with_an_instrument(write: Write) -> None:
    assert read_answers(write("Q1\n0\n0\n"), coding=[YES_NO]).responses.categories.tolist() == [2]


@pytest.mark.parametrize("header", ["Q1", "household/Q1", "q1", "a/b/Q1", "grp/q1", "Old_Q1", " Q1 "])
def test_a_column_is_found_by_name_alias_path_or_without_capitals(header: str, write: Write) -> None:
    coding = ItemCoding("Q1", 2, {"0": 0, "1": 1}, aliases=("Old_Q1",))
    assert codes(read_answers(write(f"other,{header}\n5,0\n6,1\n"), coding=[coding])) == [[0], [1]]


def test_an_exact_name_wins_over_a_path(write: Write) -> None:
    assert codes(read_answers(write("g/Q1,Q1\n7,0\n8,1\n"), items=["Q1"])) == [[0], [1]]


def test_system_columns_and_paradata_are_left_out_and_named(write: Write) -> None:
    header = "start,end,deviceid,g/Q1,_id,_uuid,phonenumber,g/geopoint,photo_url,meta/instanceID,age"
    answers = read_answers(write(f"{header}\n{','.join('0' * 11)}\n{','.join('1' * 11)}\n"), items=["Q1"])
    assert answers.left_out == tuple(name for name in header.split(",") if name not in {"g/Q1", "age"})


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"items": ["snils"]}, "identity"),
        ({"items": ["Q1"], "groups": ["religion"]}, "religion"),
        ({"items": ["Q1"], "groups": ["hhid"]}, "record-id"),
        ({"items": ["Q1"], "weights": "passport", "weights_kind": "sampling"}, "identity"),
        ({"items": ["Q1"], "cluster": "respondent_id"}, "record-id"),
        ({"items": ["Q1"], "groups": ["start"]}, "paradata"),
    ],
)
def test_the_boundary_comes_before_the_file(options: dict[str, Any], code: str) -> None:
    with pytest.raises(BoundaryError) as caught:
        read_answers("does-not-exist.csv", **options)
    assert caught.value.code == f"boundary.{code}"


def test_weights_clusters_and_groups(write: Write) -> None:
    text = "Q1,w,psu,sex,region\n0,1.5,7,m,2\n1,0,3,f,10\n1,2e1,7,,2\n"
    answers = read_answers(
        write(text), items=["Q1"], weights="w", weights_kind="sampling", cluster="psu", groups=["sex", "region"]
    )
    assert answers.responses.weights is not None
    assert answers.responses.weights.tolist() == [1.5, 0.0, 20.0]
    assert answers.responses.clusters is not None
    assert answers.responses.clusters.tolist() == [1, 0, 1]
    assert answers.group("sex").labels == ("f", "m")
    assert answers.group("sex").index.tolist() == [1, 0, -1]
    assert answers.group("region").labels == ("10", "2")


def test_a_decimal_comma_is_read_where_commas_do_not_separate(write: Write) -> None:
    answers = read_answers(write("Q1;w\n0;1,5\n1;2\n"), items=["Q1"], weights="w", weights_kind="sampling")
    assert answers.responses.weights is not None
    assert answers.responses.weights.tolist() == [1.5, 2.0]


FRAME = {
    "Q1": [0, 1, None, 1],
    "Q2": [2.0, 1.0, 3.0, None],
    "w": [1.0, 2.5, 1.0, 0.5],
    "sex": ["f", "m", "f", None],
}


def same(first: Answers, second: Answers) -> None:
    assert codes(first) == codes(second)
    assert first.coding == second.coding
    assert np.array_equal(first.responses.weights, second.responses.weights)  # type: ignore[arg-type]
    assert first.group("sex").labels == second.group("sex").labels
    assert first.group("sex").index.tolist() == second.group("sex").index.tolist()
    for reason, count in first.missing_counts.items():
        assert count.tolist() == second.missing_counts[reason].tolist()


def read_frame(source: Any) -> Answers:
    return read_answers(source, items=["Q1", "Q2"], weights="w", weights_kind="sampling", groups=["sex"])


@pytest.mark.parametrize(
    ("make", "backend"),
    [
        (pl.DataFrame, "polars"),
        (pl.LazyFrame, "polars"),
        (pd.DataFrame, "pandas"),
        (lambda data: pd.DataFrame(data).convert_dtypes(), "pandas"),
        (lambda data: pd.DataFrame(data).astype({"sex": "category", "Q1": "category"}), "pandas"),
        (lambda data: pd.DataFrame(data, dtype=object), "pandas"),
        (pa.table, "pyarrow"),
        (lambda data: nw.from_native(pl.DataFrame(data)), "polars"),
    ],
)
def test_frames_of_every_library_read_alike(make: Callable[[Any], Any], backend: str) -> None:
    answers = read_frame(make(FRAME))
    assert answers.frame_backend == backend
    assert answers.source == "data frame"
    same(answers, read_frame(pl.DataFrame(FRAME)))


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "sav", "dta"])
def test_files_of_every_kind_read_alike(kind: str, tmp_path: Path) -> None:
    frame, path = pl.DataFrame(FRAME), tmp_path / f"survey.{kind}"
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind == "xlsx":
        write_xlsx(frame, path)
    else:
        write_stat(frame, path)
    same(read_frame(path), read_frame(frame))


def write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [frame.columns, *frame.rows()]:
        sheet.append(list(row))
    book.save(path)


def write_stat(frame: pl.DataFrame, path: Path, **options: Any) -> None:
    frame = frame.with_columns(pl.selectors.integer().cast(pl.Float64))
    (pyreadstat.write_dta if path.suffix == ".dta" else pyreadstat.write_sav)(frame, str(path), **options)


def test_boolean_answers_are_zero_and_one() -> None:
    frame = pl.DataFrame({"Q1": [True, False, None]})
    assert codes(read_answers(frame, items=["Q1"])) == [[1], [0], [-1]]
    assert codes(read_answers(frame.to_pandas(), items=["Q1"])) == [[1], [0], [-1]]


def test_spss_user_missing_codes_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "survey.sav"
    frame = pl.DataFrame({"Q1": [1.0, 2.0, 9.0, None, 2.0], "Q2": [1.0, 98.0, 99.0, 2.0, 1.0]})
    write_stat(frame, path, missing_ranges={"Q1": [9], "Q2": [{"lo": 97, "hi": 99}]})
    answers = read_answers(path, items=["Q1", "Q2"])
    assert codes(answers) == [[0, 0], [1, -1], [-1, -1], [-1, 1], [1, 0]]
    coded = read_answers(path, coding=[SECOND])
    assert {reason: count.tolist() for reason, count in coded.missing_counts.items()} == {
        "blank": [1],
        "refused": [1],
    }


def test_spss_labels_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "survey.sav"
    frame = pl.DataFrame({"Q1": [1.0, 2.0, 3.0], "sex": [1.0, 2.0, 1.0]})
    labels = {"Q1": {1: "No", 2: "Yes", 3: "Refused"}, "sex": {1: "male", 2: "female"}}
    write_stat(frame, path, variable_value_labels=labels)
    answers = read_answers(path, coding=[YES_NO], groups=["sex"])
    assert codes(answers) == [[0], [1], [-1]]
    assert answers.missing_counts["refused"].tolist() == [1]
    assert "labels the code 1 'No'" in answers.warnings[0]
    assert answers.group("sex").labels == ("female", "male")


def test_stata_extended_missing_codes_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "survey.dta"
    frame = pd.DataFrame({"Q1": pd.Series([1, 2, "a", None], dtype=object)})
    pyreadstat.write_dta(frame, str(path), missing_user_values={"Q1": ["a"]})
    answers = read_answers(path, items=["Q1"])
    assert codes(answers) == [[0], [1], [-1], [-1]]
    reason = ItemCoding("Q1", 2, {"1": 0, "2": 1}, {"a": "refused"})
    assert read_answers(path, coding=[reason]).missing_counts["refused"].tolist() == [1]


def test_formatted_empty_rows_below_a_sheet_are_no_respondents(tmp_path: Path) -> None:
    path = tmp_path / "survey.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Q1", "Q2"], [0, "1"], [1, 0], [None, ""], ["", None]):
        sheet.append(row)
    book.create_sheet("other")
    book.save(path)
    answers = read_answers(path, items=["Q1", "Q2"])
    assert codes(answers) == [[0, 1], [1, 0]]
    assert any("2 sheets" in warning for warning in answers.warnings)


@pytest.mark.parametrize("first_row", [1, 4])
def test_a_sheet_that_begins_further_in_keeps_its_rows(first_row: int, tmp_path: Path) -> None:
    path = tmp_path / "survey.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    columns: tuple[list[Any], ...] = (["Q1", 0, 1, 1], ["Q2", 1, None, 0])
    for column, values in enumerate(columns, start=2):
        for row, value in enumerate(values, start=first_row):
            sheet.cell(row=row, column=column, value=value)
    book.save(path)
    assert codes(read_answers(path, items=["Q1", "Q2"])) == [[0, 1], [1, -1], [1, 0]]


def test_columns_that_were_not_asked_for_are_not_kept(write: Write) -> None:
    answers = read_answers(write("Q1,secret\n0,hidden\n1,hidden\n"), items=["Q1"])
    assert "hidden" not in repr(answers)
    with pytest.raises(OptionError, match=r"groups\.not-read"):
        answers.group("secret")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, None]), st.sampled_from([1, 2, 3, None]), st.sampled_from(["a", "b;", None])
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_a_frame_and_its_files_hold_the_same_answers(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int | None, int | None, str | None]], separator: str
) -> None:
    full = [(0, 1, "a"), (1, 3, "b;"), *rows]
    frame = pl.DataFrame(full, schema={"Q1": pl.Int64, "Q2": pl.Int64, "sex": pl.String}, orient="row")
    frame = frame.with_columns(w=pl.Series(range(1, len(full) + 1)) / 7)
    folder = tmp_path_factory.mktemp("round")
    frame.write_csv(folder / "a.csv", separator=separator)
    frame.write_parquet(folder / "a.parquet")
    expected = [[-1 if q1 is None else q1, -1 if q2 is None else q2 - 1] for q1, q2, _ in full]
    first = read_frame(frame)
    assert codes(first) == expected
    for other in (folder / "a.csv", folder / "a.parquet", frame.to_pandas(), frame.to_arrow()):
        same(read_frame(other), first)
