"""Exports of Kobo and ODK as they are met: names, summary columns, labels, repeats, and what is left out."""

from pathlib import Path

import openpyxl
import pytest

from evenhand.errors import AnswerFileError, BoundaryError
from evenhand.programme.answers import Answers
from evenhand.programme.coding import ItemCoding
from evenhand.programme.instrument import load_instrument
from evenhand.tabular import read_answers
from evenhand.tabular.batches import open_batches

SELL = ItemCoding("sell", 2, {"0": 0, "1": 1}, {"98": "dont_know"})
BORROW = ItemCoding("borrow", 2, {"0": 0, "1": 1}, {"98": "dont_know"})
MATERIAL = load_instrument("material-deprivation")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode())
    return path


def codes(answers: Answers) -> list[list[int]]:
    rows: list[list[int]] = answers.responses.codes.tolist()
    return rows


# Blank select_multiple questions are exported as 0 in every split column.
@pytest.mark.parametrize("question", ["coping", "grp/coping", "grp-coping"])
@pytest.mark.parametrize(("zero", "one"), [("0", "1"), ("0.0", "1.0"), ("False", "True")])
def test_zeros_under_a_blank_summary_are_no_answers(question: str, zero: str, one: str, tmp_path: Path) -> None:
    coding = [
        ItemCoding(each, 2, {"0": 0, "1": 1, "false": 0, "true": 1, "0.0": 0, "1.0": 1})
        for each in ("sell", "borrow")
    ]
    path = write(
        tmp_path,
        f"{question},{question}/sell,{question}/borrow\n"
        f"sell borrow,{one},{one}\nborrow,{zero},{one}\n,{zero},{zero}\n  ,{zero},\nsell,{one},{zero}\n",
    )
    answers = read_answers(path, coding=coding)
    assert codes(answers) == [[1, 1], [0, 1], [-1, -1], [-1, -1], [1, 0]]
    assert answers.missing_counts["blank"].tolist() == [2, 2]


def test_the_same_in_batches(tmp_path: Path) -> None:
    path = write(tmp_path, "q,q/sell,q/borrow\nsell,1,0\n,0,0\nborrow,0,1\n,0,0\n")
    batches = open_batches(path, coding=[SELL, BORROW], batch_bytes=20)
    rows = [row for batch in batches for row in batch.codes.tolist()]
    assert rows == codes(read_answers(path, coding=[SELL, BORROW])) == [[1, 0], [-1, -1], [0, 1], [-1, -1]]


def test_split_columns_that_are_blank_are_filled_from_the_summary(tmp_path: Path) -> None:
    path = write(tmp_path, "q,q/sell,q/borrow\nsell,,\nborrow,,\n,,\n")
    assert codes(read_answers(path, coding=[SELL, BORROW])) == [[1, 0], [0, 1], [-1, -1]]


def test_a_code_for_no_answer_in_the_summary_keeps_its_reason(tmp_path: Path) -> None:
    path = write(tmp_path, "q,q/sell,q/borrow,q/98\nsell,1,0,0\n98,0,0,1\n,0,0,0\n")
    answers = read_answers(path, coding=[SELL, BORROW])
    assert codes(answers) == [[1, 0], [-1, -1], [-1, -1]]
    assert answers.missing_counts["dont_know"].tolist() == [1, 1]
    assert answers.missing_counts["blank"].tolist() == [1, 1]


def test_names_of_choices_without_an_instrument(tmp_path: Path) -> None:
    path = write(tmp_path, "q,q/sell,q/borrow\nsell,1,0\nborrow,0,1\n,0,0\n")
    assert codes(read_answers(path, items=["q/sell", "q_borrow"])) == [[1, 0], [0, 1], [-1, -1]]


def test_names_that_a_program_for_statistics_has_changed(tmp_path: Path) -> None:
    path = write(tmp_path, "q,q.sell,q.borrow\nsell,1,0\nborrow,0,1\n,0,0\n")
    assert codes(read_answers(path, coding=[SELL, BORROW])) == [[1, 0], [0, 1], [-1, -1]]
    other = write(tmp_path, "q,q.sell,q.borrow\nyes,1,0\nno,0,1\n,0,0\n")  # no summary: a question of its own
    assert codes(read_answers(other, coding=[SELL, BORROW])) == [[1, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("row", [",1,0", "sell,0,0", "borrow,1,1"])
def test_columns_that_contradict_their_summary_are_one_error(row: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"q,q/sell,q/borrow\nsell,1,0\n{row}\n")
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, coding=[SELL, BORROW])
    assert caught.value.code == "answers.select-multiple"
    assert "row 2 (line 3), column 'q/sell'" in caught.value.where


def test_a_group_of_zeros_without_a_summary_stays_zeros(tmp_path: Path) -> None:
    names = load_instrument("fies").item_names
    path = write(
        tmp_path, f"{','.join(f'fies/{name}' for name in names)}\n{','.join('0' * 8)}\n{','.join('1' * 8)}\n"
    )
    assert codes(read_answers(path, coding=load_instrument("fies").coding())) == [[0] * 8, [1] * 8]


@pytest.mark.parametrize("header", ["home-WARM", "a-home-WARM", "home.WARM", "home/WARM", "data-home-warm"])
def test_names_of_groups_and_questions(header: str, tmp_path: Path) -> None:
    coding = MATERIAL.coding()[:1]
    path = write(tmp_path, f"other;{header}\n9;1\n9;2\n")
    assert codes(read_answers(path, coding=coding)) == [[0], [1]]


def test_two_columns_that_end_alike_are_one_error(tmp_path: Path) -> None:
    with pytest.raises(AnswerFileError) as caught:
        read_answers(write(tmp_path, "a-WARM,b-WARM\n1,1\n"), coding=MATERIAL.coding()[:1])
    assert caught.value.code == "answers.duplicate-column"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("before", ["", "Your home/"])
def test_labels_in_the_header_and_in_the_cells(language: str, before: str, tmp_path: Path) -> None:
    items = MATERIAL.items[:2]
    header = ";".join(f'"{before}{item.wording[language]}"' for item in items)
    labels = [choice.labels[language] for choice in MATERIAL.choices["have"]]
    refused = MATERIAL.missing[3].labels[language]
    body = "\n".join(f'"{label}";"{refused}"' for label in labels)
    path = write(tmp_path, f'\ufeff{header}\n{body}\n"{labels[1]}";"{labels[1]}"\n')
    answers = read_answers(path, coding=MATERIAL.coding()[:2])
    assert codes(answers) == [[0, -1], [1, -1], [0, -1], [1, 1]]  # another reason is not deprivation
    assert answers.missing_counts["refused"].tolist() == [0, 3]


def test_a_missing_frequency_is_never_zero(tmp_path: Path) -> None:
    days = ItemCoding("days", 8, {str(day): day for day in range(8)})
    assert codes(read_answers(write(tmp_path, "food/days,x\n3,1\n,1\n0,1\n"), coding=[days])) == [[3], [-1], [0]]


CENTRAL = (
    "SubmissionDate,home-WARM,meta-instanceID,meta-audit,KEY,SubmitterID,SubmitterName,AttachmentsPresent,"
    "AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion,region"
)


def test_columns_that_odk_central_adds_are_left_out_and_named(tmp_path: Path) -> None:
    path = write(tmp_path, f"{CENTRAL}\n{','.join('1' * 15)}\n{','.join('2' * 15)}\n")
    answers = read_answers(path, coding=MATERIAL.coding()[:1], groups=["region"])
    assert answers.left_out == tuple(name for name in CENTRAL.split(",") if name not in {"home-WARM", "region"})


def test_a_column_that_the_server_added_is_no_group(tmp_path: Path) -> None:
    path = write(tmp_path, f"{CENTRAL}\n{','.join('1' * 15)}\n")
    with pytest.raises(BoundaryError) as caught:
        read_answers(path, coding=MATERIAL.coding()[:1], groups=["ReviewState"])
    assert caught.value.code == "boundary.paradata"


def test_the_same_names_outside_an_export_of_odk_are_people_s_own(tmp_path: Path) -> None:
    path = write(tmp_path, "WARM,Status,_id\n1,a,1\n2,b,2\n")
    answers = read_answers(path, coding=MATERIAL.coding()[:1], groups=["Status"])
    assert answers.left_out == ("_id",)


def kobo_book(path: Path) -> Path:
    book = openpyxl.Workbook()
    main = book.active
    assert main is not None
    for row in (("start", "home/WARM", "_id", "_index"), ("x", 1, 7, 1), ("y", 2, 8, 2)):
        main.append(row)
    members = book.create_sheet("members")
    for member in (("members/SHOES", "_parent_index"), (1, 1), (2, 1), (1, 2)):
        members.append(member)
    book.save(path)
    return path


def test_the_first_sheet_is_read_and_repeats_are_named(tmp_path: Path) -> None:
    path = kobo_book(tmp_path / "export.xlsx")
    answers = read_answers(path, coding=MATERIAL.coding()[:1])
    assert codes(answers) == [[0], [1]]
    assert answers.left_out == ("start", "_id", "_index")
    assert "2 sheets" in answers.warnings[0]
    shoes = [coding for coding in MATERIAL.coding() if coding.name == "SHOES"]
    with pytest.raises(AnswerFileError) as caught:
        read_answers(path, coding=shoes)
    assert caught.value.code == "answers.repeat-sheet"
    assert "'members'" in caught.value.what
