"""An auditor's replay of a round from the stored list: also where the public file is withheld."""

from pathlib import Path

import pytest

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError, RoundError
from evenhand.service.office import Office
from evenhand.service.rights import erase
from evenhand.service.round_files import replay_stored, round_files
from evenhand.service.rounds import plan
from evenhand.store.tickets import TicketRow, add_tickets, set_results, tickets
from tests.service.offices import ANALYST, TOWN, new_office, town_like
from tests.service.test_rounds import APPROVED, case_of, draw_round, people


@pytest.fixture
def small(tmp_path: Path) -> tuple[Office, list[Actor]]:
    """A town with six places and sixteen people: some class has fewer than eleven."""
    office, _ = new_office(tmp_path, town_like(budget={"places": 6}))
    return office, people(office, 16)


AUDITOR = Actor("elena", frozenset({"auditor"}))


def test_an_auditor_replays_a_withheld_round_and_sees_counts_only(small: tuple[Office, list[Actor]]) -> None:
    office, _ = small
    draw_round(office)
    assert round_files(office, TOWN, "one").tickets is None
    found = replay_stored(office, AUDITOR, TOWN, "one")
    assert (found.identical, found.differing, found.field) == (True, None, "")
    assert found.small_classes >= 1
    assert found.entries == found.protocol.entries
    assert found.offered == found.protocol.offered
    with office.store.reading() as reading:
        rows = tickets(reading, TOWN, "one")
    told = repr(found)
    assert not [row.ticket for row in rows if row.ticket in told or (row.case_id or "-") in told]


def test_a_replay_from_the_store_outlives_an_erasure(small: tuple[Office, list[Actor]]) -> None:
    office, actors = small
    draw_round(office)
    erase(office, actors[0], case_of(actors[0]))
    assert replay_stored(office, AUDITOR, TOWN, "one").identical


def test_results_that_were_changed_in_the_store_are_counted_and_no_ticket_is_named(
    small: tuple[Office, list[Actor]],
) -> None:
    office, _ = small
    draw_round(office)
    with office.store.unit() as unit:
        rows = tickets(unit.reading, TOWN, "one")
        won = next(row.ticket for row in rows if row.result == "offer")
        lost = next(row.ticket for row in rows if row.result == "waiting")
        set_results(unit, [(won, "waiting"), (lost, "offer")])
    found = replay_stored(office, AUDITOR, TOWN, "one")
    assert (found.step, found.differing, found.field) == ("results", 2, "")


def test_a_list_that_was_changed_in_the_store_is_named(small: tuple[Office, list[Actor]]) -> None:
    office, _ = small
    draw_round(office)
    with office.store.unit() as unit:
        add_tickets(unit, TOWN, "one", [TicketRow("f" * 32, None, 5, "offer")])
    assert replay_stored(office, AUDITOR, TOWN, "one").step == "list"


def test_only_an_auditor_replays_and_only_a_round_that_was_drawn(small: tuple[Office, list[Actor]]) -> None:
    office, _ = small
    with pytest.raises(CaseError) as refused:
        replay_stored(office, ANALYST, TOWN, "one")
    assert refused.value.code == "case.not-allowed"
    plan(office, ANALYST, TOWN, "one", **APPROVED, places=2)
    for name in ("one", "other"):
        with pytest.raises(RoundError) as early:
            replay_stored(office, AUDITOR, TOWN, name)
        assert early.value.code == "round.order"
