"""One person in two programmes of one office: nothing that is kept or given out joins the two cases."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from evenhand.casework.roles import Actor
from evenhand.programme.definition import load_programme
from evenhand.service.finish import finish
from evenhand.service.my_case import export_csv, export_json, see
from evenhand.service.office import Office
from evenhand.service.rights import set_contact
from evenhand.service.take_part import Joined
from evenhand.store import schema
from tests.service.offices import TOWN, answered, joined, new_office, town_like

OTHER = "spring-food"
LONG = 8
"""Values shorter than this (a code of an answer, a year) are too common to join anybody by."""

CASE_TABLES = tuple(table for table in schema.metadata.sorted_tables if "case_id" in table.c)

CLASSIFIED = {
    "the case, random within its programme": {"case_id"},
    "its programme": {"programme"},
    "made anew for each case from secrets": {
        "pseudonym", "tag", "salt", "body", "wrapped", "code_hash", "recovery_hash", "slip_hash", "token_hash",
    },
    "random, single use, of one programme": {"invitation", "ticket"},
    "a place in the one ledger, of one event": {"index", "last_index", "event_index"},
    "a time": {
        "at", "since", "updated_at", "issued_at", "reissue_after", "presented_at", "opened_month", "month",
        "answer_by",
    },
    "one of a few values that many share": {
        "kind", "state", "district", "language", "proposal", "restricted", "appeal_open", "key_version", "support",
        "presented_by", "need_class", "field_value", "round", "p_class", "result",
    },
    "the programme's definition": {"definition_hash"},
}  # fmt: skip
"""Every column of a table with rows of cases. A new one must be put where it belongs, and joins nobody."""

SAME_FOR_EVERYBODY = {
    "at": "time of an event",
    "since": "time",
    "updated_at": "time",
    "issued_at": "time",
    "expires_at": "time",
    "expires": "day on which a fact expires",
    "used_at": "day",
    "kind": "kind of event",
    "actor": "the word respondent",
    "item": "name of an item",
    "field": "name of an extra fact",
    "component": "need or capacity",
    "notice_hash": "hash of a document",
    "instrument_hash": "hash of a document",
    "scale_hash": "hash of a document",
    "rule_hash": "hash of a document",
    "software": "name and version",
    "reasons": "names of the rule's steps",
    "state": "a state",
    "priority": "names of extra facts",
    "proposal": "a proposal",
    "support": "a kind of support",
    "basis": "the lawful basis",
    "theta": "follows from the answers alone: the same for all who answer so",
    "se": "follows from the answers alone",
    "p": "follows from the answers alone",
    "p_range": "follows from the answers alone",
    "threshold": "the scale's",
}

TYPED = "me@home.example"
"""A contact is the person's own words. It is sealed with each case's own key, and they may give it twice."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made, _ = new_office(tmp_path, load_programme(TOWN), town_like(name=OTHER))
    return made


def take_part_alike(office: Office) -> tuple[Joined, Joined]:
    """The same person in both programmes: the same answers, day, district, language and contact."""
    both = []
    for programme in (TOWN, OTHER):
        person = joined(office, programme)
        assert person.actor.case
        answered(office, person.actor)
        finish(office, person.actor, person.actor.case)
        set_contact(office, person.actor, person.actor.case, TYPED)
        both.append(person)
    return both[0], both[1]


def leaves(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every value in a body of JSON with the name of its field, one of the answers by the name `answers`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, str(name))
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, field)
    else:
        yield str(value), field


def long_values(pairs: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for value, field in pairs:
        if len(value) >= LONG:
            found.setdefault(value, set()).add(field)
    return found


def case_of(actor: Actor) -> str:
    assert actor.case
    return actor.case


# the tables


@pytest.mark.parametrize("table", CASE_TABLES, ids=lambda table: table.name)
def test_every_column_of_a_case_is_of_a_kind_that_joins_nobody(table: Table) -> None:
    known = set().union(*CLASSIFIED.values())
    assert {column.name for column in table.c} <= known


@pytest.mark.parametrize("table", CASE_TABLES, ids=lambda table: table.name)
def test_every_row_of_a_case_is_of_one_programme(table: Table) -> None:
    if table.name == "submission":  # a random token of one form of one case; the case names its programme
        assert {column.name for column in table.c} == {"token_hash", "case_id", "event_index"}
        return
    assert not table.c.programme.nullable


def test_no_table_stands_for_people() -> None:
    keys = {table.name: {column.name for column in table.primary_key} for table in schema.metadata.sorted_tables}
    about_people = {table.name for table in CASE_TABLES} | {"invitation", "staff"}
    others = set(keys) - about_people
    ledger = {"leaf", "node", "frontier", "checkpoint", "tombstone"}
    assert others - ledger >= {"meta", "document", "programme"}
    for name in others:
        columns = {column.name for column in schema.metadata.tables[name].c}
        assert not columns & {
            "person",
            "person_id",
            "pseudonym",
            "contact",
            "phone",
            "email",
            "passport",
            "identity",
        }
        assert not any(key.column.table.name == "case_file" for key in schema.metadata.tables[name].foreign_keys)


def test_an_invitation_belongs_to_one_programme() -> None:
    assert not schema.invitation.c.programme.nullable
    assert not schema.invitation.foreign_keys


# what is kept


def stored(office: Office, case_id: str) -> dict[bytes | str, set[str]]:
    """Every value of every row about a case, as it lies in the database, with the columns that hold it."""
    found: dict[bytes | str, set[str]] = {}
    with office.store.snapshot() as connection:
        invited = connection.execute(
            select(schema.case_file.c.invitation).where(schema.case_file.c.case_id == case_id)
        ).scalar_one()
        queries = [select(table).where(table.c.case_id == case_id) for table in CASE_TABLES]
        queries.append(select(schema.invitation).where(schema.invitation.c.id == invited))
        for query in queries:
            for row in connection.execute(query).mappings():
                for column, value in row.items():
                    if isinstance(value, bytes | str) and len(value) >= LONG:
                        found.setdefault(value, set()).add(column)
    return found


def test_no_stored_value_is_common_to_both_cases(office: Office) -> None:
    one, two = (stored(office, case_of(person.actor)) for person in take_part_alike(office))
    assert len(one) > 50
    for value in one.keys() & two.keys():
        assert one[value] | two[value] <= set(SAME_FOR_EVERYBODY), (value, one[value] | two[value])


def test_the_contact_that_was_given_twice_lies_nowhere_in_the_store(office: Office, tmp_path: Path) -> None:
    take_part_alike(office)
    office.store.scrub()
    assert TYPED.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))


def test_the_same_id_and_code_have_other_names_in_another_programme(office: Office) -> None:
    keys = office.store.keys
    case_id = "0" * 32
    assert keys.pseudonym(TOWN, case_id) != keys.pseudonym(OTHER, case_id)
    code = "0" * 16
    assert keys.code_hash("access", TOWN, code) != keys.code_hash("access", OTHER, code)


# what is given out


def test_no_value_of_the_exports_is_common_to_both_cases(office: Office) -> None:
    people = take_part_alike(office)
    one, two = (
        long_values(leaves(json.loads(export_json(see(office, person.actor, case_of(person.actor))))))
        for person in people
    )
    common = one.keys() & two.keys()
    assert common - {TYPED}
    for value in common - {TYPED, "evenhand.my-case/1"}:
        assert one[value] | two[value] <= set(SAME_FOR_EVERYBODY), (value, one[value] | two[value])


def test_no_line_of_the_exports_as_csv_joins_the_cases(office: Office) -> None:
    people = take_part_alike(office)
    one, two = (export_csv(see(office, person.actor, case_of(person.actor))) for person in people)
    names = {line.split(",")[1] for line in one.splitlines()[1:]} & {
        line.split(",")[1] for line in two.splitlines()[1:]
    }
    assert names == set()
    for own, person in zip((one, two), people, strict=True):
        assert not any(case_of(each.actor) in own for each in people)
        assert person.access_code not in own
        assert person.recovery_phrase not in own


def test_a_join_by_any_secret_would_be_found(office: Office) -> None:
    """The comparison sees a value in common: the same case compared with itself."""
    person, _ = take_part_alike(office)
    own = stored(office, case_of(person.actor))
    columns = set().union(*own.values())
    assert columns - set(SAME_FOR_EVERYBODY)
