"""The API: strict bodies, tokens with scopes, no echo, and Schemathesis."""

import json
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from evenhand.errors import CaseError, StoreError
from evenhand.service.collect import collection_code
from evenhand.service.decide import offer
from evenhand.service.tokenbook import FileTokens
from evenhand.service.tokens import find_token, list_tokens, new_token, revoke_token
from evenhand.web.serve import listen
from tests.service.offices import ADMINISTRATOR, AUDITOR, CASEWORKER, TOWN, finished
from tests.web.browsing import Town, new_town
from tests.web.desk import hire, token

BASE = "/api/v1"


@pytest.fixture
def api(town: Town) -> Town:
    hire(town.office)
    return town


def call(town: Town, method: str, path: str, secret: str | None, body: Any = None, **options: Any) -> Any:
    sent = {} if secret is None else {"authorization": f"Bearer {secret}"}
    more = {} if body is None else {"json": body}
    return town.visitor().client.request(method, f"{BASE}/{path}", headers=sent, **more, **options)


def collection(town: Town) -> str:
    person, _ = finished(town.office, "11111111")
    assert person.actor.case
    offer(town.office, CASEWORKER, person.actor.case, support="food-parcel", reason="The answers are clear.")
    return collection_code(town.office, person.actor, person.actor.case).code


def test_a_partner_issues_redeems_and_reads_its_own_figures(api: Town) -> None:
    secret = token(api, "invite", "collect", "statistics", partner="school")
    made = call(api, "POST", "invitations", secret, {"count": 3, "district": "mill"})
    assert made.status_code == 201
    assert len(set(made.json()["codes"])) == 3
    assert made.json()["expires"] == "2027-02-28"
    code = collection(api)
    assert call(api, "POST", "collections", secret, {"code": code}).json() == {"support": "food-parcel"}
    again = call(api, "POST", "collections", secret, {"code": code})
    assert (again.status_code, again.json()["error"]["code"]) == (404, "api.code-nothing")
    figures = call(api, "GET", "figures", secret).json()
    assert figures == {
        "partner": "school", "programme": TOWN, "issued": 3, "presented": {"food-parcel": 1}, "erased": 0,
    }  # fmt: skip
    assert call(api, "GET", "statistics", secret).json()["format"] == "evenhand.statistics/1"


@pytest.mark.parametrize(
    ("path", "method", "scopes"),
    [
        ("invitations", "POST", ("collect", "statistics")),
        ("collections", "POST", ("invite", "statistics")),
        ("figures", "GET", ("statistics",)),
        ("statistics", "GET", ("invite", "collect")),
    ],
)
def test_a_token_opens_its_scopes_and_nothing_else(
    api: Town, path: str, method: str, scopes: tuple[str, ...]
) -> None:
    found = call(api, method, path, token(api, *scopes), {} if method == "POST" else None)
    assert (found.status_code, found.json()["error"]["code"]) == (403, "api.scope")


@pytest.mark.parametrize("secret", [None, "", "evh_" + "0" * 64, "nonsense"])
def test_without_a_token_that_opens_something_there_is_only_401(api: Town, secret: str | None) -> None:
    for path in ("figures", "statistics", "openapi.json"):
        found = call(api, "GET", path, secret)
        assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_that_is_revoked_or_over_opens_nothing(api: Town) -> None:
    made = new_token(api.office, ADMINISTRATOR, "library", TOWN, ["invite"], days=10)
    assert call(api, "GET", "figures", made.token).status_code == 200
    revoke_token(api.office, ADMINISTRATOR, made.row.id)
    assert call(api, "GET", "figures", made.token).status_code == 401
    other = new_token(api.office, ADMINISTRATOR, "library", TOWN, ["invite"], days=10)
    api.days.at += timedelta(days=11)
    assert call(api, "GET", "figures", other.token).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"count": 0},
        {"count": 10_001},
        {"count": "3"},
        {"count": 1.5},
        {"count": True},
        {"count": 1, "name": "Vera Pavlova"},
        {"count": 1, "district": ""},
        [],
        None,
        "Vera Pavlova",
    ],
)
def test_a_body_that_is_not_as_described_is_refused_unrepeated(api: Town, body: Any) -> None:
    secret = token(api, "invite")
    found = call(api, "POST", "invitations", secret, content=json.dumps(body), body=None)
    if found.json()["error"]["code"] == "api.media":
        sent = {"authorization": f"Bearer {secret}", "content-type": "application/json"}
        found = api.visitor().client.request("POST", f"{BASE}/invitations", headers=sent, content=json.dumps(body))
    assert found.status_code == 422
    assert "Vera" not in found.text


def test_what_the_programme_does_not_allow_is_told_unrepeated(api: Town) -> None:
    secret = token(api, "invite", "collect")
    refused = [
        call(api, "POST", "invitations", secret, {"count": 1, "district": "Vera Pavlova"}),
        call(api, "POST", "collections", secret, {"code": "Vera Pavlova"}),
    ]
    api.days.pass_by(200)
    api.office.tokens.put(replace(api.office.tokens.rows()[0], expires="2028-01-01"))
    refused.append(call(api, "POST", "invitations", secret, {"count": 1}))
    assert [(each.status_code, each.json()["error"]["code"]) for each in refused] == [
        (409, "api.district"),
        (404, "api.code"),
        (409, "api.closed"),
    ]
    assert "Vera" not in "".join(each.text for each in refused)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"count": NaN}', b'{"count": 1e400}'])
def test_what_is_no_json_is_refused(api: Town, body: bytes) -> None:
    sent = {"authorization": f"Bearer {token(api, 'invite')}", "content-type": "application/json"}
    found = api.visitor().client.request("POST", f"{BASE}/invitations", headers=sent, content=body)
    assert (found.status_code, found.json()["error"]["code"]) == (422, "api.body")


def test_the_description_is_for_holders_of_a_token(api: Town) -> None:
    body = call(api, "GET", "openapi.json", token(api, "statistics")).json()
    assert body["openapi"] == "3.1.0"
    described = {(m.upper(), f"{BASE}{path}") for path, found in body["paths"].items() for m in found}
    assert described == {key for key in api.app.state.web.table.rows if key[1].startswith(BASE)}
    assert api.visitor().open("/openapi.json").status == 404
    assert api.visitor().open("/docs").status == 404


def test_no_code_of_a_request_is_in_the_log(api: Town) -> None:
    secret = token(api, "collect")
    call(api, "POST", "collections", secret, {"code": "K7QX-2MNP"})
    assert "K7QX" not in api.lines.getvalue()
    assert secret not in api.lines.getvalue()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Town, str]]:
    town = new_town(tmp_path, secure=False)
    hire(town.office)
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(town.app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield town, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_schemathesis_finds_no_server_error_no_ignored_token_and_no_answer_that_is_not_described(
    served: tuple[Town, str], mode: GenerationMode
) -> None:
    town, address = served
    secret = token(town, "invite", "collect", "statistics")
    schema = schemathesis.openapi.from_dict(call(town, "GET", "openapi.json", secret).json())
    seen: list[int] = []
    operations: list[Any] = list(schema.get_all_operations())
    for found in operations:
        _fuzz(found.ok(), mode, address + BASE, secret, seen)
    assert len(seen) >= 50
    assert not [status for status in seen if status >= 500]
    assert (201 if mode is GenerationMode.POSITIVE else 422) in seen


def _fuzz(operation: Any, mode: GenerationMode, address: str, secret: str, seen: list[int]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def check(case: Any) -> None:
        response = case.call(base_url=address, headers={"Authorization": f"Bearer {secret}"})
        seen.append(response.status_code)
        case.validate_response(response)

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # a request without a body has nothing to be wrong


def test_every_check_of_schemathesis_is_on(api: Town) -> None:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(call(api, "GET", "openapi.json", token(api, "invite")).json())
    operations: list[Any] = list(schema.get_all_operations())
    for operation in (found.ok() for found in operations):
        chosen = schema.config.checks_config_for(operation=operation, phase=None)
        off = [name for name in CHECKS.get_all_names() if not chosen.get_by_name(name=name).enabled]
        assert off == []
    assert {"not_a_server_error", "ignored_auth", "unsupported_method"} <= set(CHECKS.get_all_names())


@pytest.mark.slow
def test_schemathesis_with_all_its_checks_and_phases_finds_nothing(
    served: tuple[Town, str], tmp_path: Path
) -> None:
    town, address = served
    secret = token(town, "invite", "collect", "statistics")
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}{BASE}/openapi.json"]
    command += ["--url", address + BASE, "--header", f"Authorization: Bearer {secret}", "--checks", "all"]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "500", "--seed", "1"]
    command += ["--generation-database", "none", "--request-timeout", "60", "--no-color"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "Fuzzing" in done.stdout


# where tokens are kept


def test_the_file_of_tokens_is_private_and_holds_no_token(tmp_path: Path, api: Town) -> None:
    path = tmp_path / "api-tokens.json"
    kept = FileTokens(path)
    assert kept.rows() == ()
    made = new_token(api.office, ADMINISTRATOR, "library", TOWN, ["invite", "collect"])
    kept.put(made.row)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.token not in path.read_text("utf-8")
    assert FileTokens(path).rows() == (made.row,)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_change_by_another_process_is_seen(tmp_path: Path, api: Town) -> None:
    one, other = FileTokens(tmp_path / "tokens.json"), FileTokens(tmp_path / "tokens.json")
    rows = [new_token(api.office, ADMINISTRATOR, "library", TOWN, ["invite"]).row for _ in range(2)]
    one.put(rows[0])
    assert other.rows() == (rows[0],)
    other.put(rows[1])
    assert one.rows() == tuple(rows)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other/1", "tokens": []}', '{"tokens": [{}]}'])
def test_a_file_of_tokens_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(StoreError) as error:
        FileTokens(path).rows()
    assert error.value.code == "token.file"


def test_a_file_of_tokens_that_others_can_read_is_refused(tmp_path: Path, api: Town) -> None:
    path = tmp_path / "tokens.json"
    FileTokens(path).put(new_token(api.office, ADMINISTRATOR, "library", TOWN, ["invite"]).row)
    path.chmod(0o644)
    with pytest.raises(StoreError):
        FileTokens(path).rows()


@pytest.mark.parametrize(
    "terms",
    [
        {"scopes": []},
        {"scopes": ["invite", "rule"]},
        {"partner": "Vera Pavlova"},
        {"partner": ""},
        {"days": 0},
        {"days": 731},
    ],
)
def test_a_token_has_a_partner_scopes_and_an_end(api: Town, terms: dict[str, Any]) -> None:
    given: dict[str, Any] = {"partner": "library", "scopes": ["invite"], "days": 10, **terms}
    with pytest.raises(CaseError) as error:
        new_token(api.office, ADMINISTRATOR, given["partner"], TOWN, given["scopes"], days=given["days"])
    assert error.value.code == "token.terms"


def test_only_an_administrator_makes_tokens_and_an_auditor_sees_them(api: Town) -> None:
    with pytest.raises(CaseError):
        new_token(api.office, AUDITOR, "library", TOWN, ["invite"])
    made = new_token(api.office, ADMINISTRATOR, "library", TOWN, ["invite"])
    assert list_tokens(api.office, AUDITOR) == (made.row,)
    with pytest.raises(CaseError):
        list_tokens(api.office, CASEWORKER)
    with pytest.raises(CaseError):
        revoke_token(api.office, ADMINISTRATOR, "nothing")
    assert find_token(api.office, made.token) == made.row
