"""Consent is granular, and everyone has a part."""

import pytest

from evenhand.casework.consent import check_choices
from evenhand.casework.roles import ACTIONS, ROLES, STAFF_ROLES, SYSTEM, TABLE, Actor, allowed, require, respondent
from evenhand.errors import CaseError
from evenhand.programme.definitionparts import Notice, Purpose

TEXT = {"en": "x"}
NOTICE = Notice(
    version="1",
    text=TEXT,
    purposes=(
        Purpose(name="decide", needed=True, text=TEXT),
        Purpose(name="statistics", needed=False, text=TEXT),
        Purpose(name="messages", needed=False, text=TEXT),
    ),
)


def test_what_was_not_chosen_is_refused() -> None:
    assert check_choices(NOTICE, {"decide": True}) == {"decide": True, "statistics": False, "messages": False}


def test_an_optional_purpose_may_be_refused() -> None:
    assert not check_choices(NOTICE, {"decide": True, "statistics": False})["statistics"]


def test_without_the_needed_purpose_there_is_no_case() -> None:
    with pytest.raises(CaseError) as error:
        check_choices(NOTICE, {"statistics": True})
    assert error.value.code == "consent.needed"


def test_a_purpose_that_nobody_declared_cannot_be_agreed_to() -> None:
    with pytest.raises(CaseError) as error:
        check_choices(NOTICE, {"decide": True, "marketing": True})
    assert error.value.code == "consent.unknown-purpose"


def test_every_role_and_action_is_in_the_table() -> None:
    assert set(TABLE) == set(ROLES)
    assert set().union(*TABLE.values()) == set(ACTIONS)


def test_only_caseworkers_see_and_decide_cases() -> None:
    for action in ("see cases", "decide", "answer appeal", "assist"):
        assert [role for role in ROLES if action in TABLE[role]] == ["caseworker"]


def test_nobody_who_keeps_keys_or_staff_sees_cases() -> None:
    assert not TABLE["administrator"] & {"see cases", "decide", "answer appeal", "see own case"}


def test_the_system_decides_nothing() -> None:
    assert not any(allowed(SYSTEM, action) for action in ACTIONS)


def test_a_respondent_acts_on_one_case_only() -> None:
    require(respondent("a" * 32), "see own case", case="a" * 32)
    with pytest.raises(CaseError) as error:
        require(respondent("a" * 32), "see own case", case="b" * 32)
    assert error.value.code == "case.not-allowed"


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_staff_do_what_the_table_holds_and_nothing_else(role: str) -> None:
    actor = Actor("anna", frozenset({role}))  # type: ignore[arg-type]
    for action in ACTIONS:
        if action in TABLE[role]:  # type: ignore[index]
            require(actor, action)
        else:
            with pytest.raises(CaseError):
                require(actor, action)
