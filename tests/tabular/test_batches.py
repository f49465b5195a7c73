"""Files read in batches: the same answers, scales, scores and errors as the whole file at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evenhand.errors import BoundaryError, EvenhandError, OutputError
from evenhand.measure.responses import MissingRule, WeightsKind
from evenhand.measure.score import ScoreMethod
from evenhand.programme.coding import ItemCoding
from evenhand.service.big import calibrate_batches, collapse_batches, score_batches
from evenhand.service.calibrate import calibrate
from evenhand.service.options import Options
from evenhand.service.score import AnswerScores, score
from evenhand.tabular import batches as module
from evenhand.tabular import read_answers
from evenhand.tabular.batches import is_big, open_batches
from evenhand.tabular.batchtables import write_batches

NAMES = [f"Q{k}" for k in range(5)]
YES_NO = [ItemCoding(name, 2, {"0": 0, "1": 1, "no": 0}, {"98": "dont_know", "99": "refused"}) for name in NAMES]


def people(n: int, *, missing: float = 0.0, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    theta = rng.normal(0, 1.5, n)
    columns: dict[str, Any] = {}
    for k, name in enumerate(NAMES):
        answer = (rng.random(n) < 1 / (1 + np.exp(-(theta - (k - 2) / 2)))).astype(int)
        columns[name] = [None if gone else int(a) for a, gone in zip(answer, rng.random(n) < missing, strict=True)]
    weight = rng.lognormal(size=n).round(4)
    table = pl.DataFrame(columns, schema=dict.fromkeys(NAMES, pl.Int8))
    return table.with_columns(wt=weight, count=rng.integers(0, 5, n), other=pl.lit("x"))


def to_file(table: pl.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path, row_group_size=101)
    return path


SMALL: dict[str, Any] = {"batch_rows": 37, "batch_bytes": 300}


@pytest.mark.parametrize("kind", [".parquet", ".csv"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("rule", ["keep", "drop"])
@pytest.mark.parametrize("weights", [None, "sampling", "frequency"])
def test_the_same_scale_to_the_last_bit(
    kind: str, missing: float, rule: MissingRule, weights: WeightsKind | None, tmp_path: Path
) -> None:
    path = to_file(people(600, missing=missing), tmp_path / f"big{kind}")
    column = {None: None, "sampling": "wt", "frequency": "count"}[weights]
    options = Options(model="2pl", missing=rule)
    whole = calibrate(read_answers(path, items=NAMES, weights=column, weights_kind=weights), options)
    batches = open_batches(path, items=NAMES, weights=column, weights_kind=weights, **SMALL)
    found = calibrate_batches(batches, options)
    assert found.record == whole.record
    assert found.record.to_json() == whole.record.to_json()
    for name in ("codes", "n", "w", "w2", "masks", "mask_start", "n_empty", "n_incomplete"):
        np.testing.assert_array_equal(getattr(found.patterns, name), getattr(whole.patterns, name), err_msg=name)
    np.testing.assert_array_equal(found.fit.infit, whole.fit.infit)


def joined(parts: Iterator[AnswerScores]) -> AnswerScores:
    each = list(parts)
    above = [part.p_at_least for part in each if part.p_at_least is not None]
    row, answered, theta, se = (
        np.concatenate([getattr(part, name) for part in each]) for name in ("row", "answered", "theta", "se")
    )
    return AnswerScores(row, answered, theta, se, np.concatenate(above) if above else None)


@pytest.mark.parametrize("method", ["eap", "map", "wle", "ml"])
@pytest.mark.parametrize("table", [1, 1 << 16])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_same_scores(
    method: ScoreMethod, table: int, missing: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evenhand.service.big.TABLE", table)
    path = to_file(people(500, missing=missing), tmp_path / "big.parquet")
    answers = read_answers(path, items=NAMES)
    record = calibrate(answers, Options(model="2pl")).record
    threshold = 0.3 if method in {"eap", "map"} else None
    whole = score(record, answers, method=method, threshold=threshold)
    batches = open_batches(path, coding=record.coding(), batch_rows=7)
    found = joined(score_batches(record, batches, method=method, threshold=threshold))
    np.testing.assert_array_equal(found.row, whole.row)
    np.testing.assert_array_equal(found.answered, whole.answered)
    # EAP of a large table is interpolated between exact values, to about 1e-8
    np.testing.assert_allclose(found.theta, whole.theta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found.se, whole.se, rtol=0, atol=1e-7)
    if threshold is not None:
        assert found.p_at_least is not None
        assert whole.p_at_least is not None
        np.testing.assert_allclose(found.p_at_least, whole.p_at_least, rtol=0, atol=1e-7)


def test_a_score_does_not_depend_on_its_batch(tmp_path: Path) -> None:
    path = to_file(people(300, missing=0.1), tmp_path / "big.parquet")
    record = calibrate(read_answers(path, items=NAMES)).record
    one, other = (
        joined(score_batches(record, open_batches(path, coding=record.coding(), batch_rows=size)))
        for size in (3, 1000)
    )
    np.testing.assert_array_equal(one.theta, other.theta)
    np.testing.assert_array_equal(one.se, other.se)


CELLS = st.sampled_from(["0", "1", "", "no", " NO ", "98", "99", "1.0"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=40), size=st.sampled_from([1, 7])
)
def test_any_cells_in_tiny_batches(rows: list[list[str]], size: int, tmp_path: Path) -> None:
    table = pl.DataFrame(rows, schema=["Q0", "Q1"], orient="row")
    for path in (to_file(table, tmp_path / "any.parquet"), to_file(table, tmp_path / "any.csv")):
        first, second = ended(path, YES_NO[:2], size), whole_ended(path, YES_NO[:2])
        assert first == second


def whole_ended(path: Path, coding: list[ItemCoding]) -> Any:
    try:
        answers = read_answers(path, coding=coding)
    except EvenhandError as error:
        return error.as_dict()
    counts = {reason: count.tolist() for reason, count in answers.missing_counts.items()}
    return answers.responses.codes.tolist(), answers.responses.n_rows, counts, answers.left_out


def ended(path: Path, coding: list[ItemCoding], size: int) -> Any:
    try:
        found = open_batches(path, coding=coding, batch_rows=size, batch_bytes=10 * size)
        codes = [row for batch in found for row in batch.codes.tolist()]
    except EvenhandError as error:
        return error.as_dict()
    counts = {reason: count.tolist() for reason, count in found.missing_counts.items()}
    return codes, found.n_rows, counts, found.left_out


@pytest.mark.parametrize(
    "kind", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt64, pl.Float32, pl.Float64, pl.String]
)
def test_columns_of_every_type(kind: Any, tmp_path: Path) -> None:
    values = [0, 1, None, 98, 1, 0, 1, 99, 1, 0]
    series = pl.Series("Q0", values, dtype=pl.Int64).cast(kind)
    path = to_file(pl.DataFrame([series, pl.Series("Q1", [True, False] * 5)]), tmp_path / "any.parquet")
    assert ended(path, YES_NO[:2], 3) == whole_ended(path, YES_NO[:2])


def test_integers_of_any_size_are_learnt_as_in_one_table(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {"Q0": [-3, -1, 0, None, -2, -3], "Q1": [10**12, 10**12 + 2, 10**12, None, 10**12, 10**12]}
    )
    path = to_file(table, tmp_path / "any.parquet")
    whole, found = read_answers(path, items=["Q0", "Q1"]), open_batches(path, items=["Q0", "Q1"], batch_rows=2)
    assert found.coding == whole.coding
    assert found.warnings == whole.warnings
    assert [row for batch in found for row in batch.codes.tolist()] == whole.responses.codes.tolist()


def raised(call: Any) -> dict[str, str]:
    with pytest.raises(EvenhandError) as caught:
        call()
    return caught.value.as_dict()


BAD = pl.DataFrame({"Q0": [0, 1] * 50, "Q1": [1, 0] * 50, "wt": [1.0] * 100})


def spoilt(column: str, row: int, value: Any) -> pl.DataFrame:
    values = BAD[column].to_list()
    values[row] = value
    return BAD.with_columns(pl.Series(column, values, strict=False))


@pytest.mark.parametrize("kind", [".parquet", ".csv"])
@pytest.mark.parametrize(
    ("table", "options"),
    [
        (spoilt("Q1", 93, 7), {"coding": YES_NO[:2]}),
        (spoilt("Q1", 93, 7).with_columns(Q0=pl.lit(55)), {"coding": YES_NO[:2]}),
        (BAD.with_columns(Q1=pl.Series(["0", "1"] * 49 + ["0", "maybe"])), {"items": ["Q0", "Q1"]}),
        (BAD.with_columns(Q1=pl.lit(3)), {"items": ["Q0", "Q1"]}),
        (spoilt("Q1", 93, 500), {"items": ["Q0", "Q1"]}),
        (BAD.with_columns(Q1=pl.Series(range(0, 5000, 50))), {"items": ["Q0", "Q1"]}),
        (BAD.with_columns(Q1=pl.lit(None, dtype=pl.Int64)), {"items": ["Q0", "Q1"]}),
        (BAD.with_columns(Q0=None, Q1=None), {"coding": YES_NO[:2]}),
        (BAD, {"items": ["Q0", "Q9"]}),
        (BAD, {"coding": YES_NO}),
        (BAD, {"items": ["Q0", "Q1"], "weights": "wt"}),
        (BAD, {"items": ["Q0", "Q1"], "weights_kind": "sampling"}),
        (spoilt("wt", 80, -1.0), {"items": ["Q0", "Q1"], "weights": "wt", "weights_kind": "sampling"}),
        (spoilt("wt", 80, None), {"items": ["Q0", "Q1"], "weights": "wt", "weights_kind": "sampling"}),
        (spoilt("wt", 80, 1.5), {"items": ["Q0", "Q1"], "weights": "wt", "weights_kind": "frequency"}),
        (BAD.with_columns(wt=0.0), {"items": ["Q0", "Q1"], "weights": "wt", "weights_kind": "sampling"}),
    ],
)
def test_the_same_error_as_in_one_table(
    kind: str, table: pl.DataFrame, options: dict[str, Any], tmp_path: Path
) -> None:
    path = to_file(table, tmp_path / f"bad{kind}")
    whole = raised(lambda: read_answers(path, **options))
    assert raised(lambda: list(open_batches(path, batch_rows=9, batch_bytes=60, **options))) == whole


def test_a_bad_cell_in_a_late_batch_is_named_by_its_row_in_the_file(tmp_path: Path) -> None:
    path = to_file(spoilt("Q1", 93, 7), tmp_path / "bad.parquet")
    error = raised(lambda: list(open_batches(path, coding=YES_NO[:2], batch_rows=10)))
    assert error["code"] == "answers.unknown-code"
    assert error["where"].endswith("row 94, column 'Q1'")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Q0,Q1\n",
        "Q0,Q1\n\n\n\n",
        "Q0,Q1\n" + "0,1\n" * 30 + "1\n" + "0,1\n" * 30,
        "Q0,Q1\n" + "0,1\n" * 30 + "1",
        "Q0,Q1\n" + "0,1\n" * 30 + "1,1,1\n" + "0,1\n" * 30,
        "Q0,Q1,note\n" + '0,1,"a\nb"\n' * 30 + '1,1,"open\n',
        "Q0;Q1\n" + "0;1\n1;0\n\n" * 20,
        "Q0,Q1,note\n" + '0,1,"a ""line"", \n b"\n1,0,\n' * 30,
        "\ufeffQ0\tQ1\r\n" + "0\t1\r\n1\t0\r\n" * 30 + "1\t1",
    ],
)
def test_text_files_of_any_layout(text: str, tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(text.encode())
    for size in (5, 31, 1000):
        found = open_or_error(path, 10 * size)
        assert found == whole_ended(path, YES_NO[:2])


def open_or_error(path: Path, size: int) -> Any:
    try:
        found = open_batches(path, coding=YES_NO[:2], batch_bytes=size)
        codes = [row for batch in found for row in batch.codes.tolist()]
    except EvenhandError as error:
        return error.as_dict()
    counts = {reason: count.tolist() for reason, count in found.missing_counts.items()}
    return codes, found.n_rows, counts, found.left_out


def test_the_reading_ends_when_too_much_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evenhand.tabular.batchfaults.MOST_ROWS", 5)
    path = to_file(BAD.with_columns(Q1=pl.lit(7)), tmp_path / "bad.parquet")
    error = raised(lambda: list(open_batches(path, coding=YES_NO[:2], batch_rows=10)))
    assert error["what"].startswith("At least 5 cells hold no code")


def test_other_kinds_of_file_and_columns_beyond_the_boundary(tmp_path: Path) -> None:
    path = tmp_path / "any.xlsx"
    path.write_bytes(b"PK")
    assert raised(lambda: open_batches(path, items=["Q0"]))["code"].startswith("answers.")
    assert raised(lambda: open_batches(tmp_path / "none.parquet", items=["Q0"]))["code"] == "answers.not-found"
    with pytest.raises(BoundaryError):
        open_batches(path, items=["religion"])
    empty = to_file(BAD.head(0), tmp_path / "empty.parquet")
    assert raised(lambda: open_batches(empty, items=["Q0"]))["code"] == "answers.no-rows"


def test_progress_is_told_in_rows(tmp_path: Path) -> None:
    seen: list[int] = []
    path = to_file(people(100), tmp_path / "big.parquet")
    batches = open_batches(path, coding=YES_NO, batch_rows=40, on_rows=seen.append)
    collapse_batches(batches)
    assert seen[-1] == 100
    assert seen == sorted(seen)
    assert (batches.n_rows, batches.n_expected) == (100, 100)


def test_big_files_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet, text = to_file(BAD, tmp_path / "a.parquet"), to_file(BAD, tmp_path / "a.csv")
    broken = tmp_path / "b.parquet"
    broken.write_bytes(b"no")
    assert not any(is_big(path) for path in (parquet, text, broken, tmp_path, tmp_path / "c.sav"))
    monkeypatch.setattr(module, "BIG_ROWS", 100)
    monkeypatch.setattr(module, "BIG_BYTES", 100)
    assert is_big(parquet)
    assert is_big(text)


@pytest.mark.parametrize("kind", [".parquet", ".csv"])
def test_tables_are_written_as_they_come(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"out{kind}"
    write_batches(({"row": np.arange(k, k + 3), "x": np.array([0.1, np.nan, k / 7])} for k in (0, 3, 6)), path)
    read = pl.read_csv(path) if kind == ".csv" else pl.read_parquet(path)
    assert read["row"].to_list() == list(range(9))
    assert read["x"].null_count() == 3
    assert read["x"][5] == 3 / 7
    write_batches([], path)
    assert raised(lambda: write_batches([], tmp_path / "x.txt"))["code"] == "output.extension"


@pytest.mark.parametrize("ending", [KeyboardInterrupt, RuntimeError, OutputError])
@pytest.mark.parametrize("kind", [".parquet", ".csv"])
def test_an_interrupt_or_error_leaves_nothing(ending: type[BaseException], kind: str, tmp_path: Path) -> None:
    def columns() -> Iterator[dict[str, Any]]:
        for k in range(5):
            if k == 3:
                raise OutputError("a.b", "what", mend="mend") if ending is OutputError else ending
            yield {"row": np.arange(1000)}

    with pytest.raises(ending):
        write_batches(columns(), tmp_path / f"out{kind}")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_cell_found_while_scoring_leaves_nothing(tmp_path: Path) -> None:
    record = calibrate(read_answers(to_file(people(300), tmp_path / "a.parquet"), items=NAMES)).record
    table = people(300).with_columns(Q3=pl.Series([0] * 299 + [5]))
    path = to_file(table, tmp_path / "bad.parquet")
    batches = open_batches(path, coding=record.coding(), batch_rows=50)
    found = score_batches(record, batches)
    error = raised(lambda: write_batches(({"theta": part.theta} for part in found), tmp_path / "out.csv"))
    assert "row 300" in error["where"]
    assert not (tmp_path / "out.csv").exists()


def test_scores_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = to_file(people(300), tmp_path / "a.parquet")
    record = calibrate(read_answers(path, items=NAMES)).record
    other = open_batches(path, items=NAMES[:3])
    assert raised(lambda: score_batches(record, other))["code"] == "scale.other-items"
    batches = open_batches(path, coding=record.coding())
    assert raised(lambda: score_batches(record, batches, threshold="far"))["code"] == "scale.unknown-threshold"
    without = replace(record, latent=None)
    assert raised(lambda: score_batches(without, batches))["code"] == "scale.no-latent"
