"""Deciding cases and drawing rounds, as their users would."""

import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evenhand.casework.allocate import CERTAIN
from evenhand.casework.events import NotThisRound, Offered, PutWaiting
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError, EvenhandError, RoundError
from evenhand.programme.definition import load_programme
from evenhand.service import decide, rounds
from evenhand.service.appeal import answer_appeal, open_appeal
from evenhand.service.collect import collection_code, present
from evenhand.service.decide import not_this_round, offer
from evenhand.service.office import Office
from evenhand.service.partners import partner_view
from evenhand.service.rights import erase, restrict, withdraw
from evenhand.service.round_files import replay_files, round_files, write_round_files
from evenhand.service.rounds import close, plan, record_second_value, reveal, smallest_unit, steps_of, void
from evenhand.store.fsck import fsck
from tests.service.offices import ANALYST, CASEWORKER, PARTNER, SECOND, TOWN, Days, finished, new_office, town_like

PATTERNS = ("00000000", "11000000", "11100000", "11110000", "11111100", "11111111", "01100000", "11101000")
APPROVED: dict[str, Any] = {"approved_by": "olga", "second_value_from": "the auditor"}


@pytest.fixture
def town(tmp_path: Path) -> tuple[Office, Days]:
    return new_office(tmp_path)


@pytest.fixture
def office(town: tuple[Office, Days]) -> Office:
    return town[0]


def case_of(actor: Actor) -> str:
    assert actor.case
    return actor.case


def decision(office: Office, actor: Actor) -> Any:
    with office.store.reading() as reading:
        return reading.case(case_of(actor)).decision


def people(office: Office, count: int, patterns: tuple[str, ...] = PATTERNS) -> list[Actor]:
    return [finished(office, patterns[k % len(patterns)])[0].actor for k in range(count)]


# decisions


def test_an_offer_is_collected_once_and_the_partner_learns_the_support_only(office: Office) -> None:
    person, _ = finished(office, "11111111")
    case = case_of(person.actor)
    made = offer(office, CASEWORKER, case, support="food-parcel", reason="The answers are clear.")
    assert made.decision.overrides is False
    first = collection_code(office, person.actor, case)
    code = collection_code(office, person.actor, case)
    with pytest.raises(CaseError):  # a lost code collects nothing once there is a new one
        present(office, PARTNER, TOWN, first.code)
    assert present(office, PARTNER, TOWN, code.code) == "food-parcel"
    with pytest.raises(CaseError):
        present(office, PARTNER, TOWN, code.code)
    assert partner_view(office, PARTNER, TOWN).presented == {"food-parcel": 1}
    gone = erase(office, person.actor, case)
    assert gone.told == ("library",)
    assert partner_view(office, PARTNER, TOWN).erased == 1
    assert fsck(office.store) == ()


def test_not_this_round_names_the_caseworker_the_reason_and_the_appeal(office: Office) -> None:
    person, _ = finished(office, "00000000")
    made = not_this_round(office, CASEWORKER, case_of(person.actor), reason="No answer says that food is short.")
    assert isinstance(made.decision, NotThisRound)
    assert (made.decision.caseworker, made.decision.overrides) == ("carl", False)
    days = load_programme(TOWN).appeals.open_days
    assert (
        made.decision.appeal_until
        == (made.decision.at.date().fromordinal(made.decision.at.toordinal() + days)).isoformat()
    )


def test_departing_from_the_proposal_is_an_override(office: Office) -> None:
    person, _ = finished(office, "00000000")
    made = offer(office, CASEWORKER, case_of(person.actor), support="food-parcel", reason="I saw the kitchen.")
    assert made.decision.overrides is True


@pytest.mark.parametrize("reason", ["", "  ", "no", "no\n\n\n\n\n\n\n\n"])
def test_a_refusal_without_a_reason_does_not_exist(office: Office, reason: str) -> None:
    person, _ = finished(office, "00000000")
    with pytest.raises(CaseError) as error:
        not_this_round(office, CASEWORKER, case_of(person.actor), reason=reason)
    assert error.value.code == "case.no-automatic-refusal"
    assert decision(office, person.actor) is None


@pytest.mark.parametrize(
    "actor", [ANALYST, PARTNER, Actor("system", frozenset()), Actor("x", frozenset({"auditor"}))]
)
def test_only_a_caseworker_decides(office: Office, actor: Actor) -> None:
    person, _ = finished(office, "00000000")
    with pytest.raises(CaseError) as error:
        not_this_round(office, actor, case_of(person.actor), reason="A reason in words.")
    assert error.value.code == "case.not-allowed"


def test_no_verb_takes_several_cases_and_the_store_refuses_two_in_one_change(office: Office) -> None:
    for _, verb in inspect.getmembers(decide, inspect.isfunction):
        kinds = [str(each.annotation) for each in inspect.signature(verb).parameters.values()]
        assert not any("list" in kind or "Sequence" in kind or "Iterable" in kind for kind in kinds)
    one, other = people(office, 2, ("00000000",))
    first = not_this_round(office, CASEWORKER, case_of(one), reason="A reason in words.").decision
    with office.store.unit() as unit:
        unit.append(replace(first, version=2))
        with pytest.raises(CaseError) as error:
            unit.append(replace(first, case=case_of(other)))
    assert error.value.code == "case.no-bulk"
    assert decision(office, other) is None


def test_places_are_never_exceeded(tmp_path: Path) -> None:
    office, _ = new_office(tmp_path, town_like(budget={"places": 1}))
    one, other = people(office, 2, ("11111111",))
    offer(office, CASEWORKER, case_of(one), support="food-parcel", reason="The answers are clear.")
    with pytest.raises(CaseError) as error:
        offer(office, CASEWORKER, case_of(other), support="food-parcel", reason="The answers are clear.")
    assert error.value.code == "decide.no-place"


# rounds


@pytest.fixture
def small(tmp_path: Path) -> tuple[Office, list[Actor]]:
    """A town with six places and sixteen people."""
    office, _ = new_office(tmp_path, town_like(budget={"places": 6}))
    return office, people(office, 16)


def draw_round(office: Office, name: str = "one", value: str = "417", **changes: Any) -> rounds.RoundDone:
    plan(office, ANALYST, TOWN, name, **{**APPROVED, **changes})
    close(office, ANALYST, TOWN, name)
    record_second_value(office, ANALYST, TOWN, name, value=value, source="the auditor, by letter")
    return reveal(office, ANALYST, TOWN, name)


def test_a_round_gives_its_places_and_everyone_else_waits(small: tuple[Office, list[Actor]]) -> None:
    office, who = small
    done = draw_round(office)
    decided = [decision(office, person) for person in who]
    assert sum(isinstance(each, Offered) for each in decided) == done.offered == 5  # six, one of them reserved
    assert sum(isinstance(each, PutWaiting) for each in decided) == done.waiting
    assert not any(isinstance(each, NotThisRound) for each in decided)
    assert done.protocol.remainder == smallest_unit(150_000) - 5 * smallest_unit(1_900)
    assert fsck(office.store) == ()


def test_only_certain_cases_and_those_in_the_band_enter(small: tuple[Office, list[Actor]]) -> None:
    office, who = small
    draw_round(office)
    with office.store.reading() as reading:
        for person in who:
            case = reading.case(case_of(person))
            assert case.proposal is not None
            assert (case.ticket is not None) == (case.proposal.proposal in {"offer", "lottery"})
            if case.ticket is not None and case.proposal.proposal == "offer":
                assert case.ticket.p_class == CERTAIN


def test_the_selection_probability_is_stored_with_each_result(small: tuple[Office, list[Actor]]) -> None:
    office, who = small
    draw_round(office)
    chances = [each.probability for each in (decision(office, person) for person in who) if each is not None]
    assert sum(chances) == pytest.approx(5)
    assert all(0 <= chance <= 1 for chance in chances)


def test_those_who_wait_enter_the_next_round(small: tuple[Office, list[Actor]]) -> None:
    office, who = small
    draw_round(office, places=2)
    draw_round(office, "two", "99")
    versions = {each.version for each in (decision(office, person) for person in who) if each is not None}
    assert versions == {1, 2}


def test_a_place_whose_person_left_goes_to_the_next_round(small: tuple[Office, list[Actor]]) -> None:
    office, who = small
    plan(office, ANALYST, TOWN, "one", **APPROVED)
    close(office, ANALYST, TOWN, "one")
    for k, person in enumerate(who):
        if k % 3 == 0:
            withdraw(office, person, case_of(person))
        elif k % 3 == 1:
            erase(office, person, case_of(person))
        else:
            restrict(office, person, case_of(person), on=True)
    record_second_value(office, ANALYST, TOWN, "one", value="1", source="a public draw")
    done = reveal(office, ANALYST, TOWN, "one")
    assert (done.offered, done.waiting) == (0, 0)
    with office.store.reading() as reading:
        revealed = steps_of(reading, TOWN, "one").revealed
    assert revealed is not None
    assert revealed[1].unused == 6
    assert fsck(office.store) == ()


Step = Callable[[Office], object]
CLOSE: Step = lambda office: close(office, ANALYST, TOWN, "one")  # noqa: E731 - a table of steps
VALUE: Step = lambda office: record_second_value(office, ANALYST, TOWN, "one", value="4", source="a draw")  # noqa: E731
REVEAL: Step = lambda office: reveal(office, ANALYST, TOWN, "one")  # noqa: E731
VOID: Step = lambda office: void(office, ANALYST, TOWN, "one", reason="the secret was lost")  # noqa: E731
PLAN: Step = lambda office: plan(office, ANALYST, TOWN, "one", **APPROVED)  # noqa: E731


@pytest.mark.parametrize(
    "steps",
    [
        (CLOSE,),
        (PLAN, VALUE),
        (PLAN, REVEAL),
        (PLAN, CLOSE, REVEAL),
        (PLAN, PLAN),
        (PLAN, CLOSE, CLOSE),
        (PLAN, CLOSE, VALUE, VALUE),
        (PLAN, CLOSE, VALUE, REVEAL, REVEAL),
        (PLAN, CLOSE, VALUE, REVEAL, VOID),
        (PLAN, VOID, CLOSE),
    ],
)
def test_no_step_is_taken_out_of_its_order(office: Office, steps: tuple[Step, ...]) -> None:
    for step in steps[:-1]:
        step(office)
    with pytest.raises(RoundError) as error:
        steps[-1](office)
    assert error.value.code == "round.order"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"approved_by": "ana"}, "round.approval"),
        ({"approved_by": " "}, "round.approval"),
        ({"second_value_from": ""}, "round.approval"),
        ({"places": 0}, "round.places"),
        ({"places": 101}, "round.places"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(office: Office, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(EvenhandError) as error:
        plan(office, ANALYST, TOWN, "one", **{**APPROVED, **changes})
    assert error.value.code == code


@pytest.mark.parametrize("name", ["", "One", "a b", "-a", "a" * 41, "../x"])
def test_a_round_s_name_is_plain(office: Office, name: str) -> None:
    with pytest.raises(RoundError) as error:
        plan(office, ANALYST, TOWN, name, **APPROVED)
    assert error.value.code == "round.name"


# public files


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, list[Actor], Path]:
    """A town whose round is published: 11 people of each of four patterns."""
    folder = tmp_path_factory.mktemp("town")
    office, _ = new_office(folder, town_like(budget={"places": 20}))
    who = people(office, 44, ("11000000", "11100000", "11110000", "11111111"))
    draw_round(office)
    write_round_files(round_files(office, TOWN, "one"), folder / "public")
    return office, who, folder / "public"


def copy_of(published: tuple[Office, list[Actor], Path], to: Path) -> Path:
    for name in ("protocol.json", "tickets.csv"):
        (to / name).write_text((published[2] / name).read_text("utf-8"), "utf-8")
    return to


def test_a_published_round_replays(published: tuple[Office, list[Actor], Path]) -> None:
    assert replay_files(published[2])[1] is None
    assert replay_files(published[2] / "protocol.json")[1] is None


def test_the_public_files_hold_no_area_group_date_of_birth_or_pseudonym(
    published: tuple[Office, list[Actor], Path],
) -> None:
    office, who, folder = published
    text = (folder / "tickets.csv").read_text("utf-8") + (folder / "protocol.json").read_text("utf-8")
    with office.store.reading() as reading:
        for person in who:
            assert reading.case_file(case_of(person)).pseudonym not in text
            assert case_of(person) not in text
    assert "mill" not in text.replace("million", "")
    assert (folder / "tickets.csv").read_text("utf-8").splitlines()[0] == "ticket,class,result"


def test_replay_outlives_an_erasure(tmp_path: Path) -> None:
    office, _ = new_office(tmp_path, town_like(budget={"places": 10}))
    who = people(office, 22, ("11000000", "11110000"))
    draw_round(office)
    erase(office, who[0], case_of(who[0]))
    write_round_files(round_files(office, TOWN, "one"), tmp_path / "public")
    assert replay_files(tmp_path / "public")[1] is None


def test_the_tickets_are_withheld_while_a_class_is_small(small: tuple[Office, list[Actor]]) -> None:
    office, _ = small
    draw_round(office)
    assert round_files(office, TOWN, "one").tickets is None


def test_tickets_are_not_published_before_the_secret_is(small: tuple[Office, list[Actor]]) -> None:
    office, _ = small
    PLAN(office)
    CLOSE(office)
    files = round_files(office, TOWN, "one")
    assert files.tickets is None
    assert json.loads(files.protocol)["secret"] is None


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_changed_result_is_named(published: tuple[Office, list[Actor], Path], tmp_path: Path) -> None:
    folder = copy_of(published, tmp_path)
    change(folder / "tickets.csv", ",waiting", ",offer")
    found = replay_files(folder)[1]
    assert found is not None
    assert found.step == "results"
    assert found.where.startswith("ticket ")


def test_a_list_and_protocol_changed_together_do_not_agree_with_the_ledger(
    published: tuple[Office, list[Actor], Path], tmp_path: Path
) -> None:
    """The operator swaps an entry, and makes list root, results and sums anew: the receipts still tell."""
    from evenhand.casework.allocate import Entry, list_root
    from evenhand.casework.protocol import Protocol, draw, protocol_from, results_hash

    folder = copy_of(published, tmp_path)
    body = json.loads((folder / "protocol.json").read_text("utf-8"))
    protocol = protocol_from(body)
    rows = [line.split(",") for line in (folder / "tickets.csv").read_text("utf-8").splitlines()[1:]]
    entries = [Entry("f" * 32, 9), *(Entry(row[0], int(row[1])) for row in rows[1:])]
    cheated = Protocol(
        protocol.plan, list_root=list_root(entries), entries=len(entries), second_value=protocol.second_value
    )
    drawn, found = draw(cheated, entries, bytes.fromhex(str(protocol.secret)))
    assert drawn.results_hash == results_hash(entries, list(found.results))
    (folder / "protocol.json").write_text(json.dumps({**drawn.to_json(), "ledger": body["ledger"]}), "utf-8")
    lines = [f"{e.ticket},{e.p_class},{r}" for e, r in zip(entries, found.results, strict=True)]
    (folder / "tickets.csv").write_text("\n".join(["ticket,class,result", *lines, ""]), "utf-8")
    difference = replay_files(folder)[1]
    assert difference is not None
    assert (difference.step, difference.where) == ("ledger", "receipt closed, field list_root")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tickets.csv", "ticket,class,result", "ticket,class,outcome"),
        ("tickets.csv", ",offer", ",refused"),
        ("tickets.csv", ",offer", ",offer,north"),
        ("protocol.json", "{", "["),
        ("protocol.json", '"format"', '"form"'),
    ],
)
def test_what_is_no_published_round_is_an_error(
    published: tuple[Office, list[Actor], Path], tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = copy_of(published, tmp_path)
    change(folder / file, old, new)
    with pytest.raises(RoundError) as error:
        replay_files(folder)
    assert error.value.code in {"round.file", "round.protocol"}


def test_without_receipts_a_round_is_not_identical(
    published: tuple[Office, list[Actor], Path], tmp_path: Path
) -> None:
    folder = copy_of(published, tmp_path)
    body = json.loads((folder / "protocol.json").read_text("utf-8"))
    del body["ledger"]["closed"]
    (folder / "protocol.json").write_text(json.dumps(body), "utf-8")
    found = replay_files(folder)[1]
    assert found is not None
    assert found.where == "receipt closed"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RoundError) as error:
        replay_files(tmp_path)
    assert error.value.code == "round.file"


@pytest.mark.parametrize(("amount", "expected"), [(1500, 150000), (0.1, 10), (19.99, 1999), (1e6, 100_000_000)])
def test_money_is_counted_in_its_smallest_unit(amount: float, expected: int) -> None:
    assert smallest_unit(amount) == expected


def test_a_place_is_held_for_each_open_appeal(tmp_path: Path) -> None:
    office, _ = new_office(tmp_path, town_like(budget={"places": 2}))
    one, other, third = people(office, 3, ("11111111",))
    not_this_round(office, CASEWORKER, case_of(one), reason="The parcel would not reach them.")
    open_appeal(office, one, case_of(one), words="It would.")
    offer(office, CASEWORKER, case_of(other), support="food-parcel", reason="The answers are clear.")
    with pytest.raises(CaseError) as error:
        offer(office, CASEWORKER, case_of(third), support="food-parcel", reason="The answers are clear.")
    assert error.value.code == "decide.no-place"
    answer_appeal(office, SECOND, case_of(one), reason="It does reach them now.", support="food-parcel")
    assert isinstance(decision(office, one), Offered)
