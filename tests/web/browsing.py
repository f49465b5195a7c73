"""A browser without JavaScript, as far as tests need one: it follows redirects, keeps cookies and sends forms."""

import io
import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from evenhand.service.invite import invite
from evenhand.service.office import Office
from evenhand.web.app import make_app
from evenhand.web.logs import make_log
from evenhand.web.settings import Limits, WebSettings
from tests.service.offices import CASEWORKER, TOWN, Days, new_office

ORIGIN = "https://town.example"
SAME = {"sec-fetch-site": "same-origin"}


@dataclass
class FoundForm:
    """A form on a page: where it goes, its hidden values, and the names and values that can be chosen."""

    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[FoundForm] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.language = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._within: FoundForm | None = None
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "html":
            self.language = str(found.get("lang"))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if tag == "form":
            self._within = FoundForm(found.get("action") or self.path, str(found.get("method", "get")).upper())
            self.forms.append(self._within)
        if self._within and tag in {"input", "textarea", "select", "button"} and found.get("name"):
            name, value = str(found["name"]), str(found.get("value") or "")
            if found.get("type") == "hidden":
                self._within.hidden[name] = value
            else:
                self._within.names.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._within = None

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.text.append(data.strip())


@dataclass(frozen=True)
class Page:
    """A page that was opened."""

    response: Response
    read: _Reader

    @property
    def path(self) -> str:
        return self.response.url.path

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.text

    @property
    def words(self) -> str:
        return " ".join(self.read.text)

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, re.DOTALL)
        return found[1].strip() if found else ""

    def form(self, ending: str = "") -> FoundForm:
        """The main form: the first that is not for leaving."""
        wanted = [each for each in self.read.forms if not each.action.endswith("sign-out")]
        return next(each for each in wanted if each.action.endswith(ending))


_OPEN = ExitStack()


@cache
def portal() -> BlockingPortal:
    """One event loop for all tests, in a thread of its own."""
    return _OPEN.enter_context(start_blocking_portal())


class Client:
    """httpx against the app itself, from ordinary functions."""

    def __init__(self, app: FastAPI, address: str, headers: dict[str, str]) -> None:
        transport = ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))
        self._client = AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, follow_redirects=True)

    @property
    def cookies(self) -> Any:
        return self._client.cookies

    def request(self, method: str, path: str, **options: Any) -> Response:
        return portal().call(partial(self._client.request, method, path, **options))

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        return self.request("POST", path, **options)


class Visitor:
    """Somebody with a browser."""

    def __init__(self, app: FastAPI, language: str = "en", address: str = "10.0.0.1") -> None:
        self.client = Client(app, address, {"accept-language": language})
        self.page: Page

    def open(self, path: str, **options: Any) -> Page:
        return self._read(self.client.get(path, **options))

    def send(self, values: dict[str, Any] | None = None, *, ending: str = "", path: str | None = None) -> Page:
        """Send the form of the page that is open, with its hidden values."""
        form = self.page.form(ending)
        body = {**form.hidden, **(values or {})}
        return self.post(path or form.action, body)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Page:
        return self._read(self.client.post(path, data=body, headers={**SAME, **headers}))

    def _read(self, response: Response) -> Page:
        reader = _Reader(response.url.path)
        if "html" in response.headers.get("content-type", ""):
            reader.feed(response.text)
        self.page = Page(response, reader)
        return self.page


@dataclass
class Town:
    """An office that is served."""

    office: Office
    days: Days
    app: FastAPI
    lines: io.StringIO

    def visitor(self, language: str = "en", address: str = "10.0.0.1") -> Visitor:
        return Visitor(self.app, language, address)

    def invitation(self) -> str:
        return invite(self.office, CASEWORKER, TOWN, partner="library", count=1).codes[0]

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]


ROOMY = Limits(
    address_per_minute=10**9, session_per_minute=10**9, overall_per_second=10**9, tries_per_address=10**6
)
"""Limits that no test meets by accident."""


def new_town(folder: Path, *programmes: Any, **settings: Any) -> Town:
    office, days = new_office(folder, *programmes)
    lines = io.StringIO()
    chosen = WebSettings(**{"limits": ROOMY, **settings})
    return Town(office, days, make_app(office, chosen, log=make_log(lines)), lines)


def in_place_of(town: Town, **office: Any) -> Town:
    """The same town with another part of its office."""
    lines = io.StringIO()
    changed = replace(town.office, **office)
    return Town(changed, town.days, make_app(changed, WebSettings(limits=ROOMY), log=make_log(lines)), lines)


BASE = f"/p/{TOWN}"


def join(visitor: Visitor, code: str, *, purposes: tuple[str, ...] = ("decide", "statistics", "messages")) -> str:
    """From the start page to the page after the codes; returns the access code and leaves the phrase on it."""
    visitor.open(f"{BASE}/join/code")
    visitor.send({"code": code})
    visitor.send()
    visitor.send({"purpose": list(purposes)})
    visitor.send({"district": "mill"})
    assert visitor.page.path == f"{BASE}/my/code", visitor.page.words
    access = re.search(r'id="access">([^<]+)<', visitor.page.html)
    assert access
    visitor.send({"kept": "yes"})
    return access[1]


def answer_all(visitor: Visitor, need: str = "11110000", rest: int = 0, skip: bool = False) -> int:
    """Answer every question that comes; returns how many came."""
    codes, asked = iter(need), 0
    visitor.open(f"{BASE}/my/questions")
    while "/questions/" in visitor.page.path:
        form = visitor.page.form()
        offered = form.names["answer"]
        if "skip" in form.names and skip:
            visitor.send({"skip": "yes"})
        elif offered == [""]:
            visitor.send({"answer": "1"})
        else:
            visitor.send({"answer": next(codes, None) or offered[rest]})
        assert visitor.page.status == 200, visitor.page.words
        asked += 1
    return asked


def finish(visitor: Visitor, need: str = "11110000") -> None:
    """Answer, check and finish."""
    answer_all(visitor, need)
    assert visitor.page.path == f"{BASE}/my/check", visitor.page.path
    visitor.send()
    assert visitor.page.path == f"{BASE}/my/result", visitor.page.words
