"""A published round replays from its files alone, and every way to bend it is found."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from evenhand.casework.allocate import CERTAIN, Entry, Result, commitment, list_root
from evenhand.casework.protocol import Plan, Protocol, draw, may_be_public, protocol_from, replay
from evenhand.errors import RoundError

SECRET = bytes(range(32))
PLAN = Plan(
    round="2026-11",
    programme="town",
    definition_hash="d" * 64,
    rule_hash="r" * 64,
    rule_version="1",
    threshold=0.3,
    certain_yes=0.9,
    certain_no=0.1,
    money=200_000,
    currency="RUB",
    cost=1_500,
    places=130,
    reserved=7,
    approved_by="olga",
    second_value_from="the auditor",
    commitment=commitment("2026-11", SECRET),
)
ENTRIES = [
    Entry(hashlib.sha256(str(k).encode()).hexdigest()[:32], CERTAIN if k < 40 else k % 9 + 1) for k in range(400)
]
CLOSED = Protocol(PLAN, list_root=list_root(ENTRIES), entries=len(ENTRIES))
DRAWN, FOUND = draw(replace(CLOSED, second_value="417"), ENTRIES, SECRET)
RESULTS: list[Result] = list(FOUND.results)


def test_a_round_replays_to_the_same_results() -> None:
    assert replay(DRAWN, ENTRIES, RESULTS) is None
    assert DRAWN.offered == 123
    assert DRAWN.remainder == 200_000 - 123 * 1_500


def test_the_order_of_the_file_s_lines_does_not_matter() -> None:
    assert replay(DRAWN, ENTRIES[::-1], RESULTS[::-1]) is None


def test_a_published_protocol_is_read_back() -> None:
    assert protocol_from(json.loads(json.dumps(DRAWN.to_json()))) == DRAWN


def step_of(protocol: Protocol, entries: list[Entry] = ENTRIES, results: list[Result] = RESULTS) -> str:
    found = replay(protocol, entries, results)
    return "identical" if found is None else found.step


def test_a_list_fitted_to_the_secret_after_the_close_is_found() -> None:
    """The operator knows the secret and swaps an entry once the second value is out."""
    friend = Entry("f" * 32, 9)
    assert step_of(DRAWN, [friend, *ENTRIES[1:]]) == "list"
    assert step_of(DRAWN, [*ENTRIES[:50], replace(ENTRIES[50], p_class=9), *ENTRIES[51:]]) == "list"
    assert step_of(DRAWN, ENTRIES[1:], RESULTS[1:]) == "list"


def test_a_secret_fitted_to_the_list_is_found() -> None:
    assert step_of(replace(DRAWN, secret="00" * 32)) == "commitment"


def test_a_withheld_secret_voids_the_round() -> None:
    assert step_of(replace(DRAWN, secret=None)) == "commitment"


def test_another_second_value_is_found() -> None:
    assert step_of(replace(DRAWN, second_value="418")) in {"results", "sum"}


def test_a_changed_result_is_found_and_named() -> None:
    k = RESULTS.index("waiting")
    changed: list[Result] = [*RESULTS[:k], "offer", *RESULTS[k + 1 :]]
    found = replay(DRAWN, ENTRIES, changed)
    assert found is not None
    assert (found.step, found.where) == ("results", f"ticket {ENTRIES[k].ticket}")


def test_results_swapped_between_two_tickets_are_found() -> None:
    one, other = RESULTS.index("offer"), RESULTS.index("waiting")
    changed = list(RESULTS)
    changed[one], changed[other] = changed[other], changed[one]
    assert step_of(DRAWN, results=changed) == "results"


@pytest.mark.parametrize(
    ("field", "value"), [("offered", 5), ("remainder", 0), ("entries", 3), ("results_hash", "0")]
)
def test_a_wrong_sum_is_found(field: str, value: Any) -> None:
    assert step_of(replace(DRAWN, **{field: value})) == "sum"


def test_places_that_cost_more_than_there_is_are_found() -> None:
    assert step_of(replace(DRAWN, plan=replace(PLAN, money=1_000))) == "draw"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"second_value": None}, "round.order"),
        ({"list_root": None}, "round.order"),
        ({"list_root": "0" * 64}, "round.list"),
    ],
)
def test_a_round_is_drawn_in_its_order(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(RoundError) as error:
        draw(replace(CLOSED, **{"second_value": "417", **changes}), ENTRIES, SECRET)
    assert error.value.code == code


def test_another_secret_is_refused_when_drawing() -> None:
    with pytest.raises(RoundError) as error:
        draw(replace(CLOSED, second_value="417"), ENTRIES, b"x" * 32)
    assert error.value.code == "round.secret"


def test_a_small_class_keeps_the_file_back() -> None:
    assert may_be_public(ENTRIES)
    assert not may_be_public([*ENTRIES, Entry("f" * 32, 0)])
    assert may_be_public([])


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"format": "evenhand.round/2"},
        {**DRAWN.to_json(), "more": 1},
        {**DRAWN.to_json(), "plan": {}},
        {**DRAWN.to_json(), "secret": "no"},
        {**DRAWN.to_json(), "offered": "5"},
        {**DRAWN.to_json(), "plan": {**DRAWN.to_json()["plan"], "places": -5}},
        {**DRAWN.to_json(), "plan": {**DRAWN.to_json()["plan"], "places": 1.5}},
        {**DRAWN.to_json(), "plan": {**DRAWN.to_json()["plan"], "round": None}},
    ],
)
def test_what_is_no_protocol_is_refused(body: Any) -> None:
    with pytest.raises(RoundError) as error:
        protocol_from(body)
    assert error.value.code == "round.protocol"
