"""Staff and partners of a town, and how they sign in."""

import re
from dataclasses import replace
from functools import cache

from evenhand.casework.roles import Actor
from evenhand.service.office import Office
from evenhand.service.staff import actor_of, set_roles
from evenhand.service.tokens import new_token
from evenhand.store.passwords import STEP, code_at, hash_password, new_second_factor, open_factor, seal_factor
from tests.service.offices import TOWN
from tests.web.browsing import Town, Visitor

PASSWORD = "quiet lantern over river"  # noqa: S105 - of invented staff
STAFF = {"adam": "administrator", "ana": "analyst", "carl": "caseworker", "dora": "caseworker", "olga": "auditor"}
DESK = f"/staff/p/{TOWN}"


hashed = cache(hash_password)
"""Made once: a hash takes a quarter of a second on purpose."""


def hire(office: Office) -> None:
    """Give an office staff who have a password and a second factor."""
    set_roles(office, Actor("adam", frozenset()), "adam", ["administrator"])
    for name, role in STAFF.items():
        if name != "adam":
            set_roles(office, actor_of(office, "adam"), name, [role])
        secret = seal_factor(office.store.keys, name, new_second_factor())
        with office.store.unit() as unit:
            unit.set_staff(name, password_hash=hashed(PASSWORD), totp_secret_enc=secret)


def code(office: Office, name: str) -> str:
    """The code that an authenticator shows; that it was used in an earlier test's step is forgotten."""
    keys = office.store.keys
    with office.store.unit() as unit:
        row = unit.staff(name)
        assert row is not None
        assert row.totp_secret_enc is not None
        factor = replace(open_factor(keys, name, row.totp_secret_enc), used=-1)
        unit.set_staff(name, totp_secret_enc=seal_factor(keys, name, factor))
    return code_at(factor.secret, int(office.clock().timestamp()) // STEP * STEP)


def sign_in(town: Town, name: str, language: str = "en", address: str = "10.0.0.1") -> Visitor:
    """A browser in which a member of staff showed both factors."""
    visitor = town.visitor(language, address)
    visitor.open("/staff/sign-in")
    visitor.send({"name": name, "password": PASSWORD})
    visitor.send({"code": code(town.office, name)})
    assert visitor.page.path == "/staff", visitor.page.words
    return visitor


def token(town: Town, *scopes: str, partner: str = "library") -> str:
    return new_token(town.office, actor_of(town.office, "adam"), partner, TOWN, scopes).token


def partner(town: Town, *scopes: str, language: str = "en") -> Visitor:
    """A browser in which a partner signed in."""
    visitor = town.visitor(language)
    visitor.open("/partner/sign-in")
    visitor.send({"token": token(town, *(scopes or ("invite", "collect")))})
    assert visitor.page.path == "/partner", visitor.page.words
    return visitor


def cases(visitor: Visitor, why: str = "") -> list[str]:
    """The paths of the cases in the queue."""
    visitor.open(f"{DESK}/queue{'?why=' + why if why else ''}")
    return re.findall(rf'"({DESK}/cases/[0-9a-f]{{16}})"', visitor.page.html)
