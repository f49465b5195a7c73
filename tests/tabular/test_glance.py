"""A look at a file before its answers are read."""

import struct
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from evenhand.errors import AnswerFileError
from evenhand.programme.instrument import load_instrument
from evenhand.tabular import glance
from evenhand.tabular.glance import columns_to_group_by, require_modest

FIES = load_instrument("fies")
ROW = dict.fromkeys(FIES.item_names, 1)


def table(folder: Path, **more: object) -> Path:
    path = folder / "answers.csv"
    pl.DataFrame([{**ROW, **more}]).write_csv(path)
    return path


def test_columns_that_are_no_items_are_offered_and_the_boundary_s_are_counted(tmp_path: Path) -> None:
    path = table(tmp_path, region="a", religion="b", passport_no="c", _submission_time="d", **{"x" * 300: "e"})
    found = columns_to_group_by(path, FIES.coding())
    assert found.offered == ("region",)
    assert found.refused == 3  # two that the boundary names, one that is too long; paradata is not even counted


def test_a_name_that_stands_twice_is_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(",".join([*FIES.item_names, "region", "region"]) + "\n" + ",".join(["1"] * 10) + "\n", "utf-8")
    assert columns_to_group_by(path, FIES.coding()).offered == ()


def test_a_file_without_an_item_is_told_as_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("WORRIED,region\n1,a\n", "utf-8")
    with pytest.raises(AnswerFileError) as error:
        columns_to_group_by(path, FIES.coding())
    assert error.value.code == "answers.missing-items"


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance, "MOST_UNPACKED", 3 * 2**20)
    path = tmp_path / "answers.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(glance.MOST_UNPACKED // 2**20 + 1):
            part.write(b" " * 2**20)
    assert path.stat().st_size < 2**20
    with pytest.raises(AnswerFileError) as error:
        require_modest(path)
    assert error.value.code == "answers.too-large"


def packed(path: Path, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as book:
        book.writestr("xl/worksheets/sheet1.xml", content)
    return path


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b" " * 3 * 2**20
    path = packed(tmp_path / "answers.xlsx", content)
    stated = struct.pack("<L", len(content))
    lying = path.read_bytes().replace(stated, struct.pack("<L", 100))
    assert lying.count(struct.pack("<L", 100)) >= 2  # before the part and in the list of parts
    path.write_bytes(lying)
    with zipfile.ZipFile(path) as book:
        assert sum(each.file_size for each in book.infolist()) == 100
    require_modest(path)
    monkeypatch.setattr(glance, "MOST_UNPACKED", 2 * 2**20)
    with pytest.raises(AnswerFileError) as error:
        require_modest(path)
    assert error.value.code == "answers.too-large"


def test_an_honest_workbook_s_bytes_are_counted_as_it_says(tmp_path: Path) -> None:
    path, book = tmp_path / "answers.xlsx", openpyxl.Workbook()
    for _ in range(300):
        book.active.append(list(ROW.values()))
    book.save(path)
    with zipfile.ZipFile(path) as parts:
        assert glance._unpacked(path) == sum(each.file_size for each in parts.infolist())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_in_another_way_is_refused(tmp_path: Path, method: int) -> None:
    with pytest.raises(AnswerFileError) as error:
        require_modest(packed(tmp_path / "answers.xlsx", b"<x/>" * 100, method))
    assert error.value.code == "answers.unreadable"


def test_a_workbook_whose_packed_bytes_are_broken_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "answers.xlsx", bytes(range(256)) * 400)
    data = bytearray(path.read_bytes())
    data[60:80] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(AnswerFileError) as error:
        require_modest(path)
    assert error.value.code == "answers.unreadable"


def test_a_parquet_file_of_too_many_rows_is_refused_and_one_fewer_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.parquet"
    pl.DataFrame({"a": [1, 2, 3]}).write_parquet(path)
    monkeypatch.setattr(glance, "MOST_ROWS", 3)
    require_modest(path)
    monkeypatch.setattr(glance, "MOST_ROWS", 2)
    with pytest.raises(AnswerFileError) as error:
        require_modest(path)
    assert error.value.code == "answers.too-large"


def test_a_file_of_too_many_columns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(tmp_path, region="a")
    monkeypatch.setattr(glance, "MOST_WIDTH", 9)
    assert columns_to_group_by(path, FIES.coding()).offered == ("region",)
    monkeypatch.setattr(glance, "MOST_WIDTH", 8)
    with pytest.raises(AnswerFileError) as error:
        columns_to_group_by(path, FIES.coding())
    assert error.value.code == "answers.too-large"


@pytest.mark.parametrize("name", ["answers.xlsx", "answers.parquet", "answers.csv"])
def test_a_file_that_is_none_is_left_to_the_reading(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04nonsense")
    require_modest(tmp_path / name)
