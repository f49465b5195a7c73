"""Hostile inputs to every form: no fault of ours, nothing unescaped, nothing in the log."""

import random
import re
from pathlib import Path

import pytest

from evenhand.casework.codes import new_code
from evenhand.web.routes import read_table
from tests.service.offices import TOWN
from tests.web.browsing import BASE, SAME, Town, Visitor, finish, join, new_town
from tests.web.test_journey import decide

SEEDS = (
    "<script>alert({m})</script>",
    "\"><img src=x onerror=alert('{m}')>",
    "'\"--></style></textarea><svg/onload={m}>",
    "{{{{7*7}}}}{m}{{% raw %}}",
    "${{jndi:ldap://{m}}}",
    "'; DROP TABLE event; -- {m}",
    "../../../../etc/passwd%00{m}",
    "{m}\r\nSet-Cookie: a=b\r\n\r\n<b>",
    "\x00\x01\x1b[31m{m}\x7f",
    "\u202e{m}\u2066\ufeff\u0301\u0301",
    "😀{m}🏳️‍🌈\U0010ffff",
    "{m}" * 400,
    "<a href=javascript:{m}>",
    "&lt;{m}&gt;&amp;&#x3c;",
    "=cmd|' /C {m}'!A0",
    "{m}" + "A" * 20_000,
    "<!--{m}",
    "]]>{m}<![CDATA[",
    "１{m}²٣",
    "-1{m}e309",
)
FIELDS = (
    "code", "read", "purpose", "district", "kept", "answer", "skip", "from", "leave", "words", "behalf", "contact",
    "remove", "on", "phrase", "slip", "first", "form",
)  # fmt: skip
ENDING = {f"{BASE}/my/erase", f"{BASE}/my/leave", f"{BASE}/my/sign-out"}
PATHS = sorted(
    path.replace("{programme}", TOWN).replace("{number:int}", "1")
    for (method, path), roles in read_table().rows.items()
    if method == "POST" and path.startswith("/p/") and roles & {"public", "respondent"}
)


def hostile(rng: random.Random, number: int) -> tuple[str, str]:
    """An input, and the mark that is nowhere else."""
    mark = f"zq{number:05d}x{rng.randrange(10**6):06d}"
    text = rng.choice(SEEDS).format(m=mark)
    if rng.random() < 0.2:
        text = text + rng.choice(SEEDS).format(m=mark)
    if rng.random() < 0.15:
        text = "".join(rng.sample(text, len(text))) + mark
    if rng.random() < 0.1:
        text = new_code(rng.choice(("access", "invitation")), rng.randbytes)
    return text, mark


def body_of(rng: random.Random, text: str, token: str) -> dict[str, str]:
    """A form with the text in one field or in many, and with its token or without."""
    names = FIELDS if rng.random() < 0.3 else rng.sample(FIELDS, 3)
    body = dict.fromkeys(names, text)
    if rng.random() < 0.3:
        body[text[:50]] = "1"
    return {**body, "form": token} if rng.random() < 0.7 else body


def prepared(town: Town, path: str, number: int) -> Visitor:
    """Somebody who can send the form."""
    visitor = town.visitor(address=f"10.{number % 250}.0.1")
    if "/my/" not in path and "/join/" not in path:
        return visitor
    if path in ENDING:
        join(visitor, town.invitation())
    elif "/join/" in path:
        visitor.open(f"{BASE}/join/code")
        visitor.send({"code": town.invitation()})
        visitor.send()
        visitor.send({"purpose": ["decide"]})
    return visitor


def token_of(visitor: Visitor) -> str:
    """The token of the form that is open, if one is."""
    page = getattr(visitor, "page", None)
    forms = [] if page is None else page.read.forms
    return forms[0].hidden.get("form", "") if forms else ""


def loose(html: str, mark: str) -> list[str]:
    """Markup of an input that reached the page as markup."""
    around = re.findall(rf"[^\n]{{0,40}}{mark}", html)
    return [each for each in around if re.search(r"<(script|img|svg|a href=javascript|!--|b>)", each)]


def attack(town: Town, path: str, count: int, seed: int) -> list[str]:
    """Send so many inputs to a form; what went wrong."""
    rng, wrong = random.Random(f"{path} {seed}"), []
    visitor = prepared(town, path, seed)
    if "/my/" in path and path not in ENDING:
        join(visitor, town.invitation())
        finish(visitor)
        decide(town, "offer" if path.endswith("collect") else "no")
    for number in range(count):
        if path in ENDING and number:
            visitor = prepared(town, path, number)
        text, mark = hostile(rng, number)
        token = token_of(visitor)
        page = visitor.post(path, body_of(rng, text, token))
        if page.status >= 500:
            wrong.append(f"{page.status}: {text[:60]!r}")
        if mark in town.lines.getvalue():
            wrong.append(f"in the log: {text[:60]!r}")
        wrong += [f"unescaped: {found!r}" for found in loose(page.html, mark)]
        if "set-cookie" in page.response.headers and "a=b" in page.response.headers["set-cookie"]:
            wrong.append("a header was set")
        town.lines.seek(0)
        town.lines.truncate()
    return wrong


@pytest.mark.parametrize("path", PATHS)
def test_hostile_inputs_break_nothing(tmp_path: Path, path: str) -> None:
    count = max(300 // len(PATHS), 4 if path in ENDING else 14)
    assert attack(new_town(tmp_path), path, count, 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_three_thousand_hostile_inputs_break_nothing(tmp_path: Path, path: str) -> None:
    assert attack(new_town(tmp_path), path, 300 if path in ENDING else 3000, 2) == []


@pytest.mark.parametrize(
    "content",
    [
        b"code=%ff%fe",
        b"code=%ed%a0%80",
        b"\xff\xfe",
        b"&" * 5000,
        b"a=1&" * 200,
        b"code=%00%00",
        b"=%25%32",
        b"%",
        b"",
    ],
    ids=range(9),
)
def test_a_body_that_is_no_form_breaks_nothing(town: Town, content: bytes) -> None:
    headers = {**SAME, "content-type": "application/x-www-form-urlencoded"}
    response = town.visitor().client.post(f"{BASE}/sign-in", content=content, headers=headers)
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    "path",
    ["/p/%00", "/p/..%2f..%2fetc", "/p/<script>", "/p/demo-town/my/questions/-1", "/p/demo-town/my/questions/1e5",
     "/p/demo-town/my/questions/99999999999999999999999", "/static/..%2f..%2froutes.txt", "/static/routes.txt",
     "/p/demo-town?lang=<script>", "/p/demo-town/?lang=ru", "//evil.example/p", "/p/" + "a" * 3000],
)  # fmt: skip
def test_a_hostile_address_opens_nothing(person: Visitor, path: str) -> None:
    page = person.open(path)
    assert page.status < 500
    assert "<script>" not in page.html
    assert page.response.url.host == "town.example"
