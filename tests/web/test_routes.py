"""Who may open what: every route of the committed list by every identity, and nothing that is not in the list."""

import re
import runpy
from pathlib import Path

import pytest

from evenhand.casework.roles import Actor
from evenhand.errors import EvenhandError
from evenhand.service.my_case import see
from evenhand.web.app import ROUTES, make_app
from evenhand.web.routes import ROLES, parse_table, read_table, require_listed, served
from evenhand.web.sessions import Session
from evenhand.web.settings import WebSettings
from evenhand.web.visit import Visitor as Visit
from tests.service.offices import TOWN, finished, joined
from tests.web.browsing import ROOMY, SAME, Client, Town, new_town

TABLE = read_table()
PARTS = ("/staff", "/partner", "/api")
OWN = {key: roles for key, roles in TABLE.rows.items() if not key[1].startswith(PARTS)}
"""Routes of people who take part, of everybody and of the operator. Those of staff, partners and API are tested
with real accounts, where these are."""

FILLED = {"programme": TOWN, "number:int": "1", "number": "1", "name": "evenhand.css"}
TOKEN = "ops-token"  # noqa: S105 - a test's


def filled(path: str) -> str:
    return re.sub(r"\{([^}]+)\}", lambda found: FILLED.get(found[1], "x"), path)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return new_town(tmp_path_factory.mktemp("matrix"), ops_token=TOKEN)


def client_of(town: Town, role: str) -> tuple[Client, dict[str, str]]:
    """A browser in which somebody of that role is signed in."""
    client = Client(town.app, "10.0.0.1", {})
    if role == "ops":
        return client, {"authorization": f"Bearer {TOKEN}"}
    if role != "public":
        token, session = town.app.state.web.sessions.start()
        _sign_in(town, session, role)
        client.cookies.set("__Host-session", token)
    return client, {}


def _sign_in(town: Town, session: Session, role: str) -> None:
    if role == "respondent":
        session.programme, session.case_id = TOWN, finished(town.office)[0].actor.case
    else:
        session.staff, session.roles, session.strong = f"some-{role}", frozenset({role}), True


def refused(response: object) -> bool:
    """Turned away: not for this visitor, or first to sign in."""
    status, where = response.status_code, response.headers.get("location", "")  # type: ignore[attr-defined]
    return status in {401, 403} or (status == 303 and "sign-in" in where)


@pytest.mark.parametrize("role", ROLES)
def test_each_route_opens_to_its_roles_and_to_no_other(town: Town, role: str) -> None:
    client, headers = client_of(town, role)
    wrong = []
    for (method, path), allowed in sorted(OWN.items()):
        may = role in allowed or "public" in allowed
        if may and method != "GET":
            continue  # what it does is tested where it is done
        response = client.request(method, filled(path), headers={**SAME, **headers}, follow_redirects=False)
        if refused(response) == may:
            wrong.append(f"{method} {path}: {response.status_code}")
    assert wrong == []


def test_somebody_s_code_opens_no_case_of_another_programme(town: Town) -> None:
    client, _ = client_of(town, "respondent")
    response = client.get("/p/other/my", follow_redirects=False)
    assert response.status_code in {303, 404}
    assert response.headers.get("location", "").endswith("sign-in") or response.status_code == 404


def test_a_session_of_a_person_never_acts_in_another_case(town: Town) -> None:
    first, second = finished(town.office)[0].actor, joined(town.office).actor
    stranger = Actor("respondent", frozenset({"respondent"}), second.case)
    with pytest.raises(EvenhandError):
        see(town.office, stranger, str(first.case))


def test_what_is_served_is_what_is_listed(town: Town) -> None:
    assert served(town.app) == set(TABLE.rows)


def test_a_route_that_is_not_listed_does_not_start(town: Town) -> None:
    def extra(visit: Visit) -> None: ...

    with pytest.raises(EvenhandError) as error:
        make_app(town.office, WebSettings(limits=ROOMY), routes=(*ROUTES, ("GET", "/extra", extra)))
    assert error.value.code == "web.route-unlisted"
    assert "GET /extra" in error.value.where


def test_a_listed_route_that_is_gone_is_told(town: Town) -> None:
    with pytest.raises(EvenhandError) as error:
        make_app(town.office, WebSettings(limits=ROOMY), routes=ROUTES[1:])
    assert "listed and not served" in error.value.where


def test_a_route_without_the_guard_is_told(town: Town) -> None:
    app = make_app(town.office, WebSettings(limits=ROOMY))
    app.mount("/open", app)
    with pytest.raises(EvenhandError) as error:
        require_listed(app, TABLE)
    assert "without a guard: /open" in error.value.where


def test_documentation_of_the_api_is_closed_by_default(town: Town) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert Client(town.app, "10.0.0.1", {}).get(path).status_code == 404


@pytest.mark.parametrize("line", ["GET /x", "GET /x nobody", "GET /x public\nGET /x public", "nonsense"])
def test_a_line_of_the_list_that_is_none_is_told(line: str) -> None:
    with pytest.raises(EvenhandError) as error:
        parse_table(line)
    assert error.value.code == "web.route-list"


def test_nobody_may_use_what_is_not_in_the_list() -> None:
    assert parse_table("").roles("GET", "/") == frozenset()


def test_the_documented_table_is_the_list() -> None:
    root = Path(__file__).parents[2]
    found = runpy.run_path(str(root / "pages" / "routes_doc.py"))["page"]()
    assert found == (root / "docs" / "reference" / "routes.md").read_text("utf-8")
