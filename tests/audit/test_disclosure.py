"""Tests of disclosure risk against a twin that compares each pair of rows, and the ugly cases."""

import numpy as np
import pytest

from evenhand.audit.disclosure import disclosure
from evenhand.errors import EstimationError


def twin(rows: list[tuple[object, ...]], secret: list[object]) -> tuple[int, int, float, int, float, float]:
    """k, uniques, share under 5, l, share disclosed, expected: by comparing rows in pairs."""
    alike = [[j for j, other in enumerate(rows) if other == own] for own in rows]
    sizes = [len(each) for each in alike]
    values = [len({secret[j] for j in each}) for each in alike]
    n = len(rows)
    return (
        min(sizes),
        sum(size == 1 for size in sizes),
        sum(size < 5 for size in sizes) / n,
        min(values),
        sum(value == 1 for value in values) / n,
        sum(1 / size for size in sizes),
    )


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_the_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area, age = rng.integers(0, 4, 60).tolist(), rng.choice(["20-39", "40-59", "60+"], 60).tolist()
    need = rng.integers(0, 3, 60).tolist()
    found = disclosure({"area": area, "age": age}, {"need": need})
    expected = twin(list(zip(area, age, strict=True)), need)
    assert (found.k, found.uniques, found.l["need"]) == (expected[0], expected[1], expected[3])
    assert found.under_small == pytest.approx(expected[2])
    assert found.disclosed["need"] == pytest.approx(expected[4])
    assert found.expected == pytest.approx(expected[5])


def test_a_textbook_table_has_its_k_and_l() -> None:
    """Machanavajjhala et al. (2007), figure 2: 4-anonymous, and one class of four tells its disease."""
    where = ["130**"] * 4 + ["1485*"] * 4 + ["130** 3*"] * 4
    disease = ["heart", "heart", "viral", "viral", "cancer", "heart", "viral", "viral", *["cancer"] * 4]
    found = disclosure({"zip and age": where}, {"disease": disease})
    assert found.k == 4
    assert found.l["disease"] == 1
    assert found.disclosed["disease"] == pytest.approx(4 / 12)
    assert found.under_small == 1.0


def test_without_quasi_identifiers_everybody_is_one_class() -> None:
    found = disclosure({}, {"need": [1, 2, 2]})
    assert (found.k, found.classes, found.expected) == (3, 1, 1.0)


def test_an_empty_file_discloses_nothing() -> None:
    found = disclosure({"area": []}, {"need": []})
    assert (found.rows, found.k, found.uniques, found.expected, found.l["need"]) == (0, 0, 0, 0.0, 0)


def test_one_row_is_found_with_certainty() -> None:
    found = disclosure({"area": ["x"]}, {"need": [1]})
    assert (found.k, found.uniques, found.expected, found.disclosed["need"]) == (1, 1, 1.0, 1.0)


def test_an_empty_cell_is_a_value_and_types_stay_apart() -> None:
    assert disclosure({"area": [None, None, "None"]}).classes == 2
    assert disclosure({"area": [1, True, "1", 1.0]}).classes == 4


def test_a_sample_hides_its_rows_among_those_they_stand_for() -> None:
    """Two classes of 2 and 1 rows that stand for 20 and 5 people: 2 / 20 + 1 / 5."""
    found = disclosure({"area": ["a", "a", "b"]}, weights=np.array([10.0, 10.0, 5.0]))
    assert found.expected_in_population == pytest.approx(0.3)
    assert disclosure({"area": ["a", "a", "b"]}, weights=np.ones(3)).expected_in_population == pytest.approx(2)


def test_columns_of_different_lengths_and_no_columns_are_refused() -> None:
    for columns in ({"a": [1], "b": [1, 2]}, {}):
        with pytest.raises(EstimationError) as error:
            disclosure(columns)
        assert error.value.code == "audit.columns"
