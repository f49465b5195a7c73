"""What the engine refuses to take, each refusal with its code."""

from typing import Any

import numpy as np
import pytest

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.responses import MAX_CATEGORIES, Responses

CODES = np.array([[0, 1], [1, -1], [0, 0]], dtype=np.int8)
TWO = np.array([2, 2])


def made(**changes: Any) -> Responses:
    return Responses(**{"codes": CODES, "categories": TWO, **changes})


def test_good_answers_are_taken_and_counted() -> None:
    taken = made(weights=np.array([0.0, 1.5, 2.0]), weights_kind="sampling", clusters=np.array([0, 1, 1]))
    assert (taken.n_rows, taken.n_items) == (3, 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"codes": np.empty((0, 2), dtype=np.int8)}, "responses.empty"),
        ({"codes": np.empty((3, 0), dtype=np.int8), "categories": np.empty(0, dtype=np.int64)}, "responses.empty"),
        ({"codes": np.zeros(3, dtype=np.int8)}, "responses.empty"),
        ({"codes": CODES.astype(np.int64)}, "responses.shape"),
        ({"codes": CODES.astype(np.float64)}, "responses.shape"),
        ({"categories": np.array([2, 2, 2])}, "responses.shape"),
        ({"categories": np.array([2, 1])}, "responses.categories"),
        ({"categories": np.array([MAX_CATEGORIES + 1, 2])}, "responses.categories"),
        ({"codes": np.array([[0, 2], [0, 0]], dtype=np.int8)}, "responses.range"),
        ({"codes": np.array([[0, -2], [0, 0]], dtype=np.int8)}, "responses.range"),
    ],
)
def test_codes_that_cannot_be_answers_are_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(EstimationError) as caught:
        made(**changes)
    assert caught.value.code == code


def test_a_code_out_of_range_names_its_item() -> None:
    with pytest.raises(EstimationError) as caught:
        made(codes=np.array([[0, 0], [1, 2]], dtype=np.int8))
    assert caught.value.where == "item 1"


def test_the_largest_number_of_categories_is_taken() -> None:
    codes = np.array([[0], [MAX_CATEGORIES - 1]], dtype=np.int8)
    assert made(codes=codes, categories=np.array([MAX_CATEGORIES])).n_rows == 2


@pytest.mark.parametrize(
    ("weights", "kind", "code"),
    [
        ([1.0, 1.0, 1.0], None, "weights.kind-missing"),
        ([1.0, 1.0, 1.0], "probability", "weights.kind-missing"),
        ([1.0, 1.0], "sampling", "weights.shape"),
        ([[1.0], [1.0], [1.0]], "sampling", "weights.shape"),
        ([1.0, np.nan, 1.0], "sampling", "weights.value"),
        ([1.0, np.inf, 1.0], "sampling", "weights.value"),
        ([1.0, -0.1, 1.0], "frequency", "weights.value"),
        ([0.0, 0.0, 0.0], "sampling", "weights.zero"),
        ([1.0, 2.5, 1.0], "frequency", "weights.not-counts"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(weights: list[float], kind: str | None, code: str) -> None:
    with pytest.raises(OptionError) as caught:
        made(weights=np.array(weights), weights_kind=kind)
    assert caught.value.code == code


@pytest.mark.parametrize(("weights", "where"), [([1.0, np.nan, 1.0], "row 2"), ([1.0, 1.0, 2.5], "row 3")])
def test_a_bad_weight_names_its_row(weights: list[float], where: str) -> None:
    with pytest.raises(OptionError) as caught:
        made(weights=np.array(weights), weights_kind="frequency")
    assert caught.value.where == where


@pytest.mark.parametrize("clusters", [[0, 1], [[0], [1], [1]]])
def test_clusters_of_another_shape_are_refused(clusters: list[int]) -> None:
    with pytest.raises(OptionError) as caught:
        made(clusters=np.array(clusters))
    assert caught.value.code == "responses.cluster-shape"
