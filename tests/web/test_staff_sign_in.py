"""Signing in: two factors, no guessing, no lock-out, and whoever is shut out is out at once."""

from pathlib import Path

import pytest

from evenhand.errors import CaseError, KeysError
from evenhand.service.office import Office
from evenhand.service.sign_in import set_password, use_code
from evenhand.service.staff import actor_of, disable_staff, set_roles
from evenhand.store import passwords
from evenhand.store.keys import MemoryKeys
from evenhand.store.passwords import (
    STEP,
    SecondFactor,
    code_at,
    hash_password,
    is_password,
    new_second_factor,
    open_factor,
    otpauth,
    seal_factor,
    secret_text,
    step_of,
)
from evenhand.web.settings import Limits
from tests.service.offices import ADMINISTRATOR, CASEWORKER
from tests.web.browsing import Town, new_town
from tests.web.desk import DESK, PASSWORD, code, hire, sign_in

FEW = Limits(address_per_minute=10**9, session_per_minute=10**9, overall_per_second=10**9)


@pytest.fixture
def desk(town: Town) -> Town:
    hire(town.office)
    return town


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, shown: str) -> None:
    assert code_at(b"12345678901234567890", seconds, digits=8) == shown


def test_a_code_opens_one_step_before_and_after_and_no_other() -> None:
    factor = SecondFactor(b"12345678901234567890")
    at = 1_000_000 * STEP
    near = [step_of(factor, code_at(factor.secret, at + shift * STEP), at) for shift in (-2, -1, 0, 1, 2)]
    assert near == [None, 999_999, 1_000_000, 1_000_001, None]


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code_opens_nothing(typed: str) -> None:
    assert step_of(SecondFactor(b"12345678901234567890"), typed, 59) is None


def test_a_code_opens_once_also_after_a_restart(desk: Town) -> None:
    shown = code(desk.office, "carl")
    assert use_code(desk.office, "carl", shown)
    assert not use_code(desk.office, "carl", shown)
    assert not use_code(Office(desk.office.store, desk.office.clock), "carl", shown)


def test_the_office_s_clock_says_which_code_is_right(desk: Town) -> None:
    shown = code(desk.office, "carl")
    desk.days.pass_by(1)
    assert not use_code(desk.office, "carl", shown)
    assert use_code(desk.office, "carl", code(desk.office, "carl"))


def test_a_sealed_factor_opens_for_its_owner_only() -> None:
    keys = MemoryKeys()
    factor = new_second_factor()
    sealed = seal_factor(keys, "carl", factor)
    assert open_factor(keys, "carl", sealed) == factor
    assert factor.secret not in sealed
    for other, holder in (("dora", keys), ("carl", MemoryKeys())):
        with pytest.raises(KeysError):
            open_factor(holder, other, sealed)


def test_neither_secret_nor_password_shows_itself() -> None:
    factor = SecondFactor(b"12345678901234567890")
    assert "1234" not in repr(factor)
    assert secret_text(factor) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert otpauth(factor, "carl", "town.example/x").startswith(
        "otpauth://totp/town.example%2Fx:carl?secret=GEZDGNBV"
    )


def test_a_password_is_known_by_its_hash_alone() -> None:
    hashed = hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert PASSWORD not in hashed
    assert hash_password(PASSWORD) != hashed
    assert is_password(PASSWORD, hashed)
    assert not is_password(PASSWORD + " ", hashed)
    assert not is_password(PASSWORD, "no hash")
    assert not is_password(PASSWORD, None)


def test_an_unknown_name_costs_the_same_hash_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, str]] = []

    def noted(password: str) -> str:
        made.append((password, hash_password(password)))
        return made[-1][1]

    monkeypatch.setattr(passwords, "hash_password", noted)
    assert not is_password("wrong", None)
    ((typed, hashed),) = made
    assert typed == "wrong"
    assert hashed.split("$")[:4] == hash_password(PASSWORD).split("$")[:4]  # memory, passes, lanes


@pytest.mark.parametrize("password", ["short", "carl carl carl", "aaaaaaaaaaaaaaaa", "x" * 129, "ababababababab"])
def test_what_is_no_password_is_refused_unrepeated(desk: Town, password: str) -> None:
    with pytest.raises(CaseError) as error:
        set_password(desk.office, ADMINISTRATOR, "carl", password)
    assert error.value.code == "staff.password"
    assert password not in str(error.value)


def test_only_an_administrator_gives_passwords_and_only_to_staff(desk: Town) -> None:
    for actor, name, expected in (
        (CASEWORKER, "carl", "case.not-allowed"),
        (ADMINISTRATOR, "nobody", "staff.unknown"),
    ):
        with pytest.raises(CaseError) as error:
            set_password(desk.office, actor, name, PASSWORD)
        assert error.value.code == expected


def test_both_factors_open_the_desk_and_the_token_changes_at_each(desk: Town) -> None:
    visitor = desk.visitor()
    seen = set()
    visitor.open("/staff/sign-in")
    visitor.send({"name": "Carl", "password": PASSWORD})
    assert visitor.page.path == "/staff/code"
    seen.add(visitor.client.cookies["__Host-session"])
    assert visitor.open("/staff").path == "/staff/sign-in"  # one factor opens nothing
    visitor.open("/staff/code")
    visitor.send({"code": code(desk.office, "carl")})
    assert visitor.page.path == "/staff"
    seen.add(visitor.client.cookies["__Host-session"])
    assert len(seen) == 2
    assert visitor.open(f"{DESK}/queue").status == 200


@pytest.mark.parametrize(
    ("name", "password"), [("carl", "wrong password here"), ("nobody", PASSWORD), ("", PASSWORD), ("carl", "")]
)
def test_a_wrong_name_or_password_says_neither_which(desk: Town, name: str, password: str) -> None:
    visitor = desk.visitor()
    visitor.open("/staff/sign-in")
    page = visitor.send({"name": name, "password": password})
    assert page.status == 422
    assert password not in page.html or not password
    if name and password:
        assert "The name or the password is not right" in page.words


def test_the_code_page_alone_is_no_way_in(desk: Town) -> None:
    visitor = desk.visitor()
    assert visitor.open("/staff/code").path == "/staff/sign-in"
    assert visitor.post("/staff/code", {"code": code(desk.office, "carl")}).path == "/staff/sign-in"


def test_a_sign_in_ends_a_respondent_s_session_in_the_same_browser(desk: Town) -> None:
    visitor = sign_in(desk, "carl")
    session = next(iter(desk.app.state.web.sessions._kept.values()))
    assert (session.case_id, session.staff, session.strong) == (None, "carl", True)
    assert visitor.open("/p/demo-town/my").path.endswith("/sign-in")


def test_ten_wrong_passwords_and_the_owner_s_own_browser_is_not_locked_out(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=FEW)
    hire(town.office)
    owner = sign_in(town, "carl", address="10.0.0.9")
    owner.post("/staff/sign-out", {"form": ""})
    guesses = []
    for number in range(30):
        thief = town.visitor(address=f"10.1.{number}.1")
        guesses.append(thief.post("/staff/sign-in", {"name": "carl", "password": f"guess number {number}"}).status)
    assert guesses == [422] * 10 + [429] * 20
    assert owner.post("/staff/sign-in", {"name": "carl", "password": PASSWORD}).path == "/staff/code"


def test_one_address_guesses_ten_times_over_all_names(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=FEW)
    hire(town.office)
    thief = town.visitor()
    names = ["carl", "dora", "olga"] * 5
    found = [thief.post("/staff/sign-in", {"name": name, "password": "a wrong guess"}).status for name in names]
    assert found == [422] * 10 + [429] * 5


def test_codes_are_guessed_ten_times(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=FEW)
    hire(town.office)
    thief = town.visitor()
    thief.post("/staff/sign-in", {"name": "carl", "password": PASSWORD})
    wrong = "000000" if code(town.office, "carl") != "000000" else "111111"
    found = [thief.post("/staff/code", {"code": wrong}).status for _ in range(12)]
    assert found == [422] * 10 + [429] * 2


def test_a_made_up_device_mark_is_none(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=FEW)
    hire(town.office)
    statuses = []
    for number in range(11):
        thief = town.visitor(address=f"10.1.{number}.1")
        thief.client.cookies.set("__Host-device", f"{number:024x}.{'0' * 40}", domain="town.example", path="/")
        statuses.append(thief.post("/staff/sign-in", {"name": "carl", "password": "a wrong guess"}).status)
    assert statuses == [422] * 10 + [429]


def test_who_is_shut_out_is_out_with_the_next_page(desk: Town) -> None:
    visitor = sign_in(desk, "carl")
    disable_staff(desk.office, actor_of(desk.office, "adam"), "carl")
    assert visitor.open(f"{DESK}/queue").path == "/staff/sign-in"
    again = desk.visitor()
    again.open("/staff/sign-in")
    assert again.send({"name": "carl", "password": PASSWORD}).status == 422


def test_who_loses_a_role_loses_it_with_the_next_page(desk: Town) -> None:
    visitor = sign_in(desk, "carl")
    set_roles(desk.office, ADMINISTRATOR, "carl", ["analyst"])
    assert visitor.open(f"{DESK}/queue").status == 403
    assert visitor.open(f"{DESK}/rounds").status == 200


def test_signing_out_takes_a_form(desk: Town) -> None:
    visitor = sign_in(desk, "carl")
    assert visitor.open("/staff/sign-out").status in {404, 405}
    assert visitor.client.post("/staff/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert visitor.post("/staff/sign-out", {"form": ""}).path == "/staff/sign-in"
    assert visitor.open("/staff").path == "/staff/sign-in"


def test_no_password_or_code_is_in_the_log(desk: Town) -> None:
    sign_in(desk, "carl")
    text = desk.lines.getvalue()
    assert PASSWORD not in text
    assert "carl" not in text
