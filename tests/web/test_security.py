"""What every request meets: headers, origin, size, limits, sessions and a log that tells nothing."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evenhand.errors import EvenhandError
from evenhand.service.access import sign_in
from evenhand.service.office import Office
from evenhand.web.app import make_app
from evenhand.web.forms import is_token_of, new_token
from evenhand.web.limits import Counter, Tries, address_key
from evenhand.web.logs import make_log
from evenhand.web.security import CSP
from evenhand.web.sessions import MemorySessions
from evenhand.web.settings import Limits, WebSettings
from tests.web.browsing import BASE, ROOMY, SAME, Client, Town, Visitor, join, new_town

WRONG = "0000-0000-0000-0000"


def test_every_page_has_every_header(person: Visitor) -> None:
    for path in ("/", BASE, f"{BASE}/my", f"{BASE}/my/why", "/nothing", f"{BASE}/join/code"):
        headers = person.client.get(path).headers
        assert headers["content-security-policy"] == CSP
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"].startswith("max-age=63072000")
        assert "geolocation=()" in headers["permissions-policy"]
        assert "server" not in headers


def test_the_policy_allows_no_script_no_font_and_no_other_place() -> None:
    assert CSP.startswith("default-src 'none'; style-src 'self';")
    assert "script-src" not in CSP
    assert "unsafe" not in CSP


def test_no_page_holds_a_script_a_style_attribute_or_a_foreign_address(person: Visitor) -> None:
    for name in ("", "/result", "/why", "/answers", "/erase", "/download", "/pause"):
        page = person.open(f"{BASE}/my{name}")
        for tag, attributes in page.read.tags:
            assert tag not in {"script", "style", "iframe", "object"}
            assert not {"style", "onclick", "onload", "onsubmit"} & set(attributes)
            for where in (attributes.get("src"), attributes.get("href"), attributes.get("action")):
                assert not where or where.startswith(("/", "#", "?")), where


def test_the_session_s_cookie_is_bound_to_this_host(town: Town) -> None:
    response = town.visitor().client.get(f"{BASE}/join/code")
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("__host-session=")
    for flag in ("secure", "httponly", "samesite=strict", "path=/"):
        assert flag in cookie
    assert "domain" not in cookie


def test_only_a_demo_on_this_machine_has_a_cookie_without_https(tmp_path: Path) -> None:
    town = new_town(tmp_path, secure=False)
    response = town.visitor().client.get(f"{BASE}/join/code")
    assert response.headers["set-cookie"].startswith("session=")
    assert "strict-transport-security" not in response.headers


def test_signing_in_changes_the_token_and_the_old_one_opens_nothing(town: Town) -> None:
    visitor = town.visitor()
    visitor.open(f"{BASE}/sign-in")
    before = visitor.client.cookies["__Host-session"]
    join(visitor, town.invitation())
    after = visitor.client.cookies["__Host-session"]
    assert before != after
    thief = town.visitor()
    thief.client.cookies.set("__Host-session", before)
    assert thief.open(f"{BASE}/my").path == f"{BASE}/sign-in"


def test_only_a_hash_of_the_token_is_kept(town: Town) -> None:
    visitor = town.visitor()
    visitor.open(f"{BASE}/join/code")
    token = visitor.client.cookies["__Host-session"]
    kept = town.app.state.web.sessions._kept
    assert token not in repr(kept)
    assert len(kept) == 1


def test_after_signing_out_the_token_opens_nothing(person: Visitor) -> None:
    token = person.client.cookies["__Host-session"]
    person.open(f"{BASE}/my")
    form = next(each for each in person.page.read.forms if each.action.endswith("sign-out"))
    person.post(form.action, form.hidden)
    person.client.cookies.set("__Host-session", token)
    assert person.open(f"{BASE}/my").path == f"{BASE}/sign-in"


class Ticks:
    """A clock of seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("steps", "open_still"), [([29 * 60], True), ([31 * 60], False), ([20 * 60] * 25, False)])
def test_a_session_ends_when_idle_and_in_any_case(steps: list[int], open_still: bool) -> None:
    clock = Ticks()
    sessions = MemorySessions(WebSettings(), clock)
    token, _ = sessions.start()
    found = None
    for step in steps:
        clock.now += step
        found = sessions.find(token)
    assert (found is not None) is open_still


def test_when_sessions_are_full_nobody_who_is_signed_in_is_dropped() -> None:
    sessions = MemorySessions(WebSettings(limits=Limits(sessions=3)), Ticks())
    token, session = sessions.start()
    session.case_id = "case"
    for _ in range(10):
        sessions.start()
    assert sessions.find(token) is session
    assert sessions.count() == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 422),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://town.example"}, 422),
        ({"origin": "http://town.example"}, 403),
        ({"origin": "https://town.example.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://town.example"}, 403),
    ],
)
def test_a_form_comes_from_our_own_page(town: Town, headers: dict[str, str], status: int) -> None:
    client = town.visitor().client
    client.get(f"{BASE}/sign-in")
    assert client.post(f"{BASE}/sign-in", data={"code": "x"}, headers=headers).status_code == status


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}])
def test_an_old_browser_that_does_not_say_where_it_comes_from_needs_the_form_s_token(
    town: Town, headers: dict[str, str]
) -> None:
    visitor = town.visitor()
    page = visitor.open(f"{BASE}/sign-in")
    token = page.form().hidden["form"]
    send = visitor.client.post
    assert send(f"{BASE}/sign-in", data={"code": "x"}, headers=headers).status_code == 403
    other = town.visitor()
    foreign = other.open(f"{BASE}/sign-in").form().hidden["form"]
    assert send(f"{BASE}/sign-in", data={"code": "x", "form": foreign}, headers=headers).status_code == 403
    assert send(f"{BASE}/sign-in", data={"code": "x", "form": token}, headers=headers).status_code == 422


def test_a_form_s_token_is_of_one_session() -> None:
    token = new_token("a" * 64)
    assert is_token_of("a" * 64, token)
    assert not is_token_of("b" * 64, token)
    assert not is_token_of("a" * 64, "")


@pytest.mark.parametrize("length", [40_000, 400_000])
def test_a_body_that_is_too_large_is_turned_away(town: Town, length: int) -> None:
    response = town.visitor().client.post(f"{BASE}/sign-in", data={"code": "1" * length}, headers=SAME)
    assert response.status_code == 413
    assert "111111" not in response.text


def test_a_body_that_lies_about_its_size_is_turned_away(town: Town) -> None:
    async def parts() -> Any:
        for _ in range(60):
            yield b"a" * 1000

    headers = {**SAME, "content-type": "application/x-www-form-urlencoded"}
    response = town.visitor().client.post(f"{BASE}/sign-in", content=parts(), headers=headers)
    assert response.status_code == 413


@pytest.mark.parametrize(
    "media",
    ["application/json", "multipart/form-data; boundary=x", "text/plain", ""],
    ids=lambda each: each or "none",
)
def test_what_is_no_form_is_turned_away(town: Town, media: str) -> None:
    headers = {**SAME, "content-type": media}
    response = town.visitor().client.post(f"{BASE}/sign-in", content=b"{}", headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "ODD"])
def test_other_methods_open_nothing(town: Town, method: str) -> None:
    answer = town.visitor().client.request(method, f"{BASE}/sign-in", headers=SAME)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_an_address_over_its_limit_waits_and_others_do_not(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, address_per_minute=5))
    loud, quiet = town.visitor(address="10.0.0.1"), town.visitor(address="10.0.0.2")
    statuses = [loud.client.get("/about").status_code for _ in range(8)]
    assert statuses == [200] * 5 + [429] * 3
    assert loud.client.get("/about").headers["retry-after"] == "30"
    assert quiet.client.get("/about").status_code == 200


def test_too_much_at_once_is_shed(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, overall_per_second=0))
    response = town.visitor("ru").client.get("/")
    assert response.status_code == 503
    assert 'lang="ru"' in response.text


def test_a_session_over_its_limit_waits(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, session_per_minute=3))
    visitor = town.visitor()
    visitor.open(f"{BASE}/sign-in")
    assert [visitor.client.get("/about").status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_addresses_are_counted_by_household_and_kept_as_hashes() -> None:
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff")
    assert address_key("2001:db8::1") != address_key("2001:db8:1::1")
    assert address_key("::ffff:10.0.0.1") == address_key("10.0.0.1") != address_key("10.0.0.2")
    assert "10.0.0.1" not in address_key("10.0.0.1")
    assert address_key(None) == address_key("unix") == "unknown"


def test_a_counter_forgets_when_its_window_ends() -> None:
    clock = Ticks()
    counter = Counter(60, clock)
    assert [counter.take("a", 2) for _ in range(3)] == [True, True, False]
    clock.now += 60
    assert counter.take("a", 2)


# guessing codes


def test_tries_slide_and_a_right_code_is_none() -> None:
    clock = Ticks()
    tries = Tries(2, 100, 300, clock)
    first = tries.take("a")
    assert first is not None
    assert tries.take("a") is not None
    assert tries.take("a") is None
    tries.give_back("a", first)
    assert tries.take("a") is not None
    clock.now += 299
    assert tries.take("a") is None
    clock.now += 1
    assert tries.take("a") is not None


def test_ten_codes_are_checked_in_five_minutes_and_the_owner_is_not_locked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, tries_per_address=10))
    access = join(town.visitor(address="10.0.0.9"), town.invitation())
    checked = count_checks(monkeypatch)
    guesser = town.visitor(address="10.0.0.1")
    page = guesser.open(f"{BASE}/sign-in")
    body = {**page.form().hidden, "code": WRONG}
    statuses = [guesser.client.post(f"{BASE}/sign-in", data=body, headers=SAME).status_code for _ in range(300)]
    assert (len(checked), statuses.count(422), statuses.count(429)) == (10, 10, 290)
    owner = town.visitor(address="10.0.0.2")
    owner.open(f"{BASE}/sign-in")
    assert owner.send({"code": access}).path == f"{BASE}/my/questions/1"


def test_guessing_from_everywhere_locks_no_owner_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, tries_per_address=10, tries_overall=30))
    access = join(town.visitor(address="10.0.0.9"), town.invitation())
    checked = count_checks(monkeypatch)
    for number in range(40):
        client = Client(town.app, f"10.1.0.{number}", {})
        form = re.search(r'name="form" value="([^"]+)"', client.get(f"{BASE}/sign-in").text)
        assert form
        for _ in range(4):
            client.post(f"{BASE}/sign-in", data={"code": WRONG, "form": form[1]}, headers=SAME)
    assert len(checked) <= 30 + 40
    owner = town.visitor(address="10.9.9.9")
    owner.open(f"{BASE}/sign-in")
    assert owner.send({"code": access}).path == f"{BASE}/my/questions/1"


@pytest.mark.parametrize(("path", "field"), [("sign-in", "code"), ("join/code", "code"), ("lost/collect", "slip")])
def test_every_way_to_try_a_code_is_counted_together(tmp_path: Path, path: str, field: str) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, tries_per_address=1))
    visitor = town.visitor()
    visitor.open(f"{BASE}/sign-in")
    visitor.send({"code": WRONG})
    visitor.open(f"{BASE}/{path}")
    code = WRONG if path == "sign-in" else "0000-0000-0000"
    assert visitor.send({field: code}).status == 429


def test_a_typing_mistake_is_no_try(tmp_path: Path) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, tries_per_address=1))
    visitor = town.visitor()
    visitor.open(f"{BASE}/sign-in")
    for _ in range(5):
        assert visitor.send({"code": "0000-0000-0000-0001"}).status == 422


def test_an_unknown_code_and_one_of_another_time_look_the_same(town: Town) -> None:
    used = town.invitation()
    join(town.visitor(address="10.0.0.9"), used)
    pages = []
    for code in (used, "0000-0000-0000"):
        visitor = town.visitor()
        visitor.open(f"{BASE}/join/code")
        page = visitor.send({"code": code})
        pages.append(re.sub(r'name="form" value="[^"]*"', "", page.html))
    assert pages[0] == pages[1]


def count_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a code is looked up."""
    from evenhand.web.respondent import access

    checked: list[str] = []
    real = sign_in

    def counted(office: Office, programme: str, typed: str) -> Any:
        checked.append("one")
        return real(office, programme, typed)

    monkeypatch.setattr(access, "sign_in", counted)
    return checked


# the operator


def test_health_and_metrics_are_closed_without_the_token(tmp_path: Path) -> None:
    town = new_town(tmp_path, ops_token="secret-token")  # noqa: S106 - a test's
    client = town.visitor().client
    for path in ("/healthz", "/metrics"):
        assert client.get(path).status_code == 403
        assert client.get(path, headers={"authorization": "Bearer other"}).status_code == 403
        assert client.get(path, headers={"authorization": "Bearer secret-token"}).status_code == 200
    text = client.get("/metrics", headers={"authorization": "Bearer secret-token"}).text
    assert 'evenhand_requests_total{method="GET",route="/healthz",status="403"} 2' in text


def test_without_a_token_set_nobody_opens_them(town: Town) -> None:
    for sent in ("", "Bearer ", "Bearer None"):
        assert town.visitor().client.get("/healthz", headers={"authorization": sent}).status_code == 403


# faults and the log


def test_a_fault_of_ours_is_a_page_and_its_values_stay_out_of_the_log(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evenhand.web.respondent import access

    def broken(*_: object) -> None:
        raise RuntimeError("the answer was 4711")

    monkeypatch.setattr(access, "sign_in", broken)
    visitor = town.visitor()
    visitor.open(f"{BASE}/sign-in")
    page = visitor.send({"code": WRONG})
    assert page.status == 500
    assert "4711" not in page.html + town.lines.getvalue()
    assert page.response.headers["content-security-policy"] == CSP
    fault = next(line for line in town.log if line["event"] == "fault")
    assert fault["kind"] == "RuntimeError"
    assert any("access.py" in place for place in fault["at"])


def test_a_line_of_the_log_tells_the_route_and_no_value(town: Town) -> None:
    visitor = town.visitor()
    code = town.invitation()
    access = join(visitor, code)
    visitor.open(f"{BASE}/my/questions/1?from=check")
    visitor.send({"answer": "1"})
    text = town.lines.getvalue()
    for secret in (code, access, access.replace("-", ""), "10.0.0.1", "from=check", "demo-town", "mill"):
        assert secret not in text
    assert {line["route"] for line in town.log} >= {"/p/{programme}/my/questions/{number:int}"}


def test_a_log_keeps_only_known_fields(capsys: pytest.CaptureFixture[str]) -> None:
    make_log().info("request", answer="secret", status=200)
    line = capsys.readouterr().err
    assert "secret" not in line
    assert '"status": 200' in line


def test_the_app_does_not_start_without_its_files(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from evenhand.web import pages

    pages.asset.cache_clear()
    monkeypatch.setitem(pages.STATIC, "missing.css", "text/css")
    with pytest.raises(EvenhandError) as error:
        make_app(town.office)
    assert error.value.code == "web.no-assets"
