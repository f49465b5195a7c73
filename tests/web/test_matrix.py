"""Every route of the committed list and every identity: who may open it, and who is turned away."""

from pathlib import Path

import pytest

from evenhand.errors import WebError
from evenhand.service.rounds import plan
from evenhand.web.app import ROUTES, make_app
from evenhand.web.routes import ROLES, parse_table, read_table
from tests.service.offices import ANALYST, TOWN
from tests.web.browsing import SAME, Town, Visitor, finish, join, new_town
from tests.web.desk import hire, partner, sign_in, token

TABLE = read_table()
STAFF = {"caseworker": "carl", "analyst": "ana", "auditor": "olga", "administrator": "adam"}
IDENTITIES = ("public", "respondent", "partner", "caseworker", "analyst", "auditor", "administrator", "api", "ops")
SIGN_IN = {"/staff/sign-in", "/partner/sign-in", f"/p/{TOWN}/sign-in"}
OPS = "an operator's token"

FILLED = {
    "{programme}": TOWN,
    "{number:int}": "1",
    "{mark}": "0" * 16,
    "{index}": "0",
    "{size}": "1",
    "{register}": "dpia",
    "/static/{name}": "/static/icon.svg",
    "/rounds/{name}": "/rounds/winter-1",
    "/statistics/{name}": "/statistics/statistics.csv",
    "/evidence/{name}": "/evidence/evidence.json",
}
ENDS_IT = ("erase", "leave", "sign-out")
"""Forms after which the identity is gone: they come last."""


def filled(path: str) -> str:
    for name, value in sorted(FILLED.items(), key=lambda each: -len(each[0])):
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


def settled(folder: Path) -> Town:
    town = new_town(folder, ops_token=OPS)
    hire(town.office)
    plan(town.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=5)
    town.office.store.checkpoint(town.days())
    return town


def somebody(town: Town, identity: str) -> Visitor:
    if identity == "respondent":
        visitor = town.visitor()
        join(visitor, town.invitation())
        finish(visitor)
        return visitor
    if identity == "partner":
        return partner(town, "invite", "collect", "statistics")
    return sign_in(town, STAFF[identity]) if identity in STAFF else town.visitor()


def headers(town: Town, identity: str) -> dict[str, str]:
    if identity == "api":
        return {"authorization": f"Bearer {token(town, 'invite', 'collect', 'statistics')}"}
    return {"authorization": f"Bearer {OPS}"} if identity == "ops" else {}


def turned_away(visitor: Visitor, method: str, path: str, more: dict[str, str], *, steps: bool) -> bool:
    """Whether a request is refused, or led to a sign-in; the steps of a sign-in lead to its first."""
    body = {"data": {"form": ""}} if method == "POST" else {}
    answer = visitor.client.request(method, path, headers={**SAME, **more}, **body)
    assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.text[:300])
    led = answer.url.path in SIGN_IN and path not in SIGN_IN and not steps
    return answer.status_code in {401, 403} or led


@pytest.mark.parametrize("identity", IDENTITIES)
def test_every_route_opens_to_whom_the_list_names_and_to_nobody_else(tmp_path: Path, identity: str) -> None:
    town = settled(tmp_path)
    visitor, more = somebody(town, identity), headers(town, identity)
    wrong = []
    ordered = sorted(TABLE.rows.items(), key=lambda row: (row[0][1].endswith(ENDS_IT), row[0]))
    for (method, path), roles in ordered:
        allowed = bool(roles & {"public", identity})
        away = turned_away(visitor, method, filled(path), more, steps="public" in roles)
        if path.endswith(ENDS_IT) and allowed:
            visitor = somebody(town, identity)
            away = False if path.endswith("sign-out") else away
        if away == allowed:
            wrong.append(f"{method} {path} for {identity}: {'turned away' if away else 'let in'}")
    assert wrong == []


def test_the_list_names_every_role_and_has_no_route_for_nobody() -> None:
    assert set().union(*TABLE.rows.values()) == set(ROLES)
    assert all(TABLE.rows.values())


def test_no_page_of_staff_is_for_two_roles_but_the_start_and_the_instrument() -> None:
    shared = {path for (_, path), roles in TABLE.rows.items() if len(roles) > 1}
    assert shared == {"/staff", "/staff/p/{programme}/instrument"}


def test_an_unlisted_route_does_not_serve(town: Town) -> None:
    one = ROUTES[0]
    with pytest.raises(WebError) as error:
        make_app(town.office, routes=[*ROUTES, ("GET", "/forgotten", one[2])])
    assert error.value.code == "web.route-unlisted"
    assert "GET /forgotten" in error.value.where


def test_a_listed_route_that_is_not_served_is_found_too(town: Town) -> None:
    with pytest.raises(WebError) as error:
        make_app(town.office, routes=ROUTES[1:])
    assert "listed and not served" in error.value.where


@pytest.mark.parametrize("line", ["GET /x", "GET /x king", "GET / public\nGET / public", "nonsense"])
def test_a_list_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(WebError) as error:
        parse_table(line)
    assert error.value.code == "web.route-list"
