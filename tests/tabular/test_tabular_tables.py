"""Tables out: whole files or none, the same bytes for the same columns."""

import os
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from evenhand.errors import OptionError, OutputError
from evenhand.tabular import frame, tables, write_table, write_text

COLUMNS: dict[str, Any] = {
    "row": np.array([1, 2, 3]),
    "theta": np.array([0.1 + 0.2, np.nan, -1e-20]),
    "label": ["a, b", None, "я"],
    "ok": np.array([True, False, True]),
}


def test_csv_is_exact_and_the_same_twice(tmp_path: Path) -> None:
    write_table(COLUMNS, tmp_path / "a.csv")
    write_table(COLUMNS, str(tmp_path / "b.csv"))
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert text == 'row,theta,label,ok\n1,0.30000000000000004,"a, b",true\n2,,,false\n3,-1e-20,я,true\n'
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_parquet_holds_the_columns(tmp_path: Path) -> None:
    write_table(COLUMNS, tmp_path / "a.parquet")
    read = pl.read_parquet(tmp_path / "a.parquet")
    assert read["theta"].to_list() == [0.1 + 0.2, None, -1e-20]
    assert read.columns == list(COLUMNS)


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text("old and long", path)
    write_text("новый", path)
    assert path.read_text(encoding="utf-8") == "новый"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.xls", "output.extension"),
        ("no/such/a.csv", "output.unwritable"),
        ("x" * 400 + ".csv", "output.unwritable"),
        ("a\0.csv", "output.unwritable"),
        ("folder.csv", "output.directory"),
    ],
)
def test_a_place_that_cannot_be_written_to(name: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError) as caught:
        write_table(COLUMNS, f"{tmp_path}/{name}")
    assert caught.value.code == code
    assert caught.value.mend


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_old_file_and_no_rest(
    failure: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    write_table(COLUMNS, path)
    before = path.read_bytes()

    def fail(_: Path) -> None:
        raise failure

    monkeypatch.setattr(tables, "_sync", fail)
    with pytest.raises(OutputError if isinstance(failure, OSError) else failure):
        write_table({"x": [1]}, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.csv"]  # noqa: PTH208 - hidden files count too


@pytest.mark.parametrize(
    ("backend", "kind"), [("polars", pl.DataFrame), ("pandas", pd.DataFrame), ("pyarrow", pa.Table)]
)
def test_a_frame_of_the_library_that_the_answers_came_in(backend: str, kind: Any) -> None:
    made = frame(COLUMNS, backend)
    assert isinstance(made, kind)
    assert nw.from_native(made)["row"].to_list() == [1, 2, 3]


@pytest.mark.parametrize("backend", ["excel", "", "pyspark"])
def test_a_library_that_is_not_there(backend: str) -> None:
    with pytest.raises(OptionError, match=r"frame\.backend"):
        frame(COLUMNS, backend)
