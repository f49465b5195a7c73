"""The scale record as a file: round trip, bytes, refusals. Numbers are written with 12 significant digits."""

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from evenhand.errors import ScaleFileError
from evenhand.programme.scale import ScaleRecord, scale_from_json
from evenhand.service.calibrate import calibrate
from evenhand.service.link import fies_global, link
from evenhand.service.options import Options
from tests.service.invented import B, answers_of, codes_of, scale_of

ONE = np.ones(8)


def records() -> dict[str, ScaleRecord]:
    answers = answers_of(codes_of(1, 400, ONE, B))
    rasch = calibrate(answers).record
    return {
        "mml": rasch,
        "cml": calibrate(answers, Options(method="cml", errors="fao")).record,
        "2pl": calibrate(answers, Options(model="2pl")).record,
        "linked": link(rasch, fies_global()).record,
        "no latent": scale_of(ONE, B, sd=None),
    }


def assert_equal_to_12_digits(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        for key, value in one.items():
            assert_equal_to_12_digits(value, other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for first, second in zip(one, other, strict=True):
            assert_equal_to_12_digits(first, second)
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=5e-12)
    else:
        assert one == other


@pytest.mark.parametrize("kind", ["mml", "cml", "2pl", "linked", "no latent"])
def test_a_scale_survives_being_written_and_read(kind: str) -> None:
    record = records()[kind]
    text = record.to_json()
    back = scale_from_json(text, source="scale.json")
    assert_equal_to_12_digits(asdict(back), asdict(record))
    assert back.to_json() == text
    assert back.hash() == record.hash()
    assert scale_from_json(back.to_json(), source="x") == back


def test_the_file_is_plain_json_of_the_known_format() -> None:
    text = records()["mml"].to_json()
    body = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert body["format"] == "evenhand.scale/1"
    assert text.endswith("}\n")
    assert {"instrument", "model", "method", "components", "items", "latent", "thresholds", "loglik"} <= set(body)


def test_the_bytes_depend_on_the_content_alone() -> None:
    one, other = records()["2pl"], records()["2pl"]
    assert one is not other
    assert one.to_json() == other.to_json()
    assert one.hash() != records()["mml"].hash()


@pytest.mark.parametrize(("text", "line", "column"), [('{\n "a": }', 2, 7), ("", 1, 1), ("{}}", 1, 3)])
def test_broken_json_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ScaleFileError) as caught:
        scale_from_json(text, source="mine.json")
    assert caught.value.code == "scale.not-json"
    assert caught.value.where == f"mine.json, line {line}, column {column}"


@pytest.mark.parametrize("body", [[], 3, {}, {"format": "evenhand.scale/2"}, None])
def test_another_format_is_refused(body: Any) -> None:
    with pytest.raises(ScaleFileError) as caught:
        scale_from_json(json.dumps(body), source="mine.json")
    assert (caught.value.code, caught.value.where) == ("scale.format", "mine.json")


def changed(path: tuple[str | int, ...], value: Any) -> str:
    """The text of a good scale file with one thing changed, or removed (`...`)."""
    body = json.loads(scale_of(ONE, B).to_json())
    at = body
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("extra",), 1),
        (("items", 0, "extra"), 1),
        (("latent", "extra"), 1),
        (("reliability", "extra"), 1),
        (("instrument", "extra"), 1),
        (("items",), ...),
        (("model",), ...),
        (("instrument",), ...),
        (("items", 3, "a"), ...),
        (("items", 3, "codes"), ...),
        (("latent", "sd"), ...),
        (("items",), []),
        (("items",), 5),
        (("items", 3, "a"), "steep"),
        (("items", 3, "a"), None),
        (("items", 3, "b"), [0.1, 0.2]),
        (("items", 3, "b"), 0.1),
        (("items", 3, "a"), float("nan")),
        (("items", 3, "b"), [float("inf")]),
        (("items", 3, "name"), "WORRIED"),
        (("latent", "sd"), 0),
        (("latent", "sd"), -1.0),
        (("latent", "sd"), "wide"),
        (("link",), {"to": "x"}),
    ],
)
def test_a_field_that_is_missing_unknown_or_wrong_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(ScaleFileError) as caught:
        scale_from_json(changed(path, value), source="mine.json")
    assert (caught.value.code, caught.value.where) == ("scale.field", "mine.json")


def test_thresholds_are_found_by_name_or_number() -> None:
    record = scale_of(ONE, B)
    assert record.threshold("severe") == 1.9
    assert record.threshold("-0.25") == -0.25
    for name in ("extreme", "nan", "inf"):
        with pytest.raises(ScaleFileError) as caught:
            record.threshold(name)
        assert caught.value.code == "scale.unknown-threshold"
        assert "moderate, severe" in caught.value.why


def test_a_scale_without_latent_distribution_says_who_needs_it() -> None:
    with pytest.raises(ScaleFileError) as caught:
        scale_of(ONE, B, sd=None).require_latent("--method eap")
    assert caught.value.code == "scale.no-latent"
    assert "--method eap" in caught.value.what
