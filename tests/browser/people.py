"""People with a real browser: what they press, what they see, and what is wrong with it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from evenhand.web.routes import read_table
from tests.browser.conftest import SIZES
from tests.service.offices import TOWN

BASE = f"/p/{TOWN}"
WORDS = {
    "en": {
        "begin": "Start now", "next": "Continue", "agree": "Agree and continue", "open": "Open my case",
        "finish": "Finish and see the result",
    },
    "ru": {
        "begin": "Начать", "next": "Дальше", "agree": "Согласиться и продолжить", "open": "Открыть дело",
        "finish": "Закончить и узнать результат",
    },
}  # fmt: skip

AXE = Axe().axe_script
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"], preload: false}).then(
    found => found.violations.map(
        each => each.id + " " + JSON.stringify(each.nodes.slice(0, 3).map(node => node.target))))
"""
LOOK = """() => ({
    wide: document.documentElement.scrollWidth - window.innerWidth,
    language: document.documentElement.lang,
    heads: document.querySelectorAll("h1").length,
    links: Array.from(document.links, each => each.getAttribute("href")),
})"""

ROUTES = read_table().rows
GETS = [(path, roles) for (method, path), roles in ROUTES.items() if method == "GET"]
PATTERNS = [
    (path, re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path.replace(".", r"\.")) + "$"))
    for path in sorted({path for _, path in ROUTES}, key=lambda each: (each.endswith("}"), each.count("{"), each))
]
"""Templates of the list of routes; those that end in a name of their own come first."""

LEAD = {"/p/{programme}/my/next", "/p/{programme}/my/questions"}
"""Routes that only lead to a page."""


def pattern(path: str) -> str | None:
    """The route that a path is of, or None."""
    return next((name for name, found in PATTERNS if found.match(path)), None)


@dataclass
class Walked:
    """What walks found.

    Attributes:
        faults: what axe found, with the page and its state.
        wide: pages that are wider than the screen.
        odd: pages in another language, or without one first heading.
        said: what the browser complained about.
        visited: routes that answered with a page or a file.
        looked: pages and states that axe looked at.
        once: whether axe looks at each page once, in whatever state it is met first; else in every state.
    """

    faults: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    looked: set[tuple[str, str]] = field(default_factory=set)
    once: bool = False


@dataclass
class Person:
    """Somebody with a browser of a size and a language.

    Attributes:
        page: the browser's page.
        script: whether JavaScript is on.
        walked: what was found so far, maybe by others as well: axe looks at a page in a state once.
        shots: where pictures of the pages go, if anywhere.
        links: where the pages that were seen lead to, by route.
    """

    page: Page
    address: str
    language: str
    script: bool
    walked: Walked
    shots: Path | None = None
    links: dict[str, str] = field(default_factory=dict)

    def go(self, path: str) -> Response | None:
        return self.page.goto(self.address + path)

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=WORDS[self.language].get(name, name), exact=True).click()

    def submit(self, where: str = "main") -> None:
        """Press the first button of a part of the page."""
        with self.page.expect_navigation():
            self.page.locator(f"{where} button[type=submit]").first.click()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def see(self, state: str = "default") -> None:
        """Look at the page: its width, its language, its first heading, and what axe finds."""
        where = f"{pattern(self.path) or self.path} ({state}, {self.language})"
        found = self.page.evaluate(LOOK)
        for href in found["links"]:
            self._link(href)
        if found["wide"] > 0:
            self.walked.wide.append(f"{where}: {found['wide']} pixels")
        wanted = "en" if pattern(self.path) in REPORTS else self.language
        if found["language"] != wanted or found["heads"] != 1:
            self.walked.odd.append(f"{where}: {found['language']}, {found['heads']} first headings")
        if self.shots is not None:
            self._picture(state)
        key = (pattern(self.path) or self.path, "" if self.walked.once else state)
        if self.script and key not in self.walked.looked:
            self.walked.looked.add(key)
            self.page.evaluate(AXE)
            self.walked.faults += [f"{where}: {each}" for each in self.page.evaluate(FIND, AXE_TAGS)]

    def fail(self) -> None:
        """Send what is open without filling it in, and look at the error."""
        self.submit()
        assert self.page.locator(".govuk-error-summary, .govuk-error-message").count(), self.path
        self.see("error")

    def open(self, *paths: str) -> None:
        """Open pages and look at them."""
        for path in paths:
            answer = self.go(path)
            assert answer is not None
            assert answer.status == 200, path
            self.see()

    def follow(self) -> None:
        """Go wherever the pages led to and nobody has been: a new page is found by its link."""
        gone: set[str] = set()
        while left := sorted(set(self.links) - self.walked.visited - gone):
            gone.add(left[0])
            path = self.links[left[0]]
            answer = self.page.context.request.get(self.address + path)
            assert answer.status == 200, path
            if "html" in answer.headers["content-type"] and "attachment" not in str(answer.headers):
                self.open(path)
            else:
                self.walked.visited.add(left[0])

    def _link(self, href: str | None) -> None:
        path = urlsplit(href or "").path
        if (name := pattern(path)) and ("GET", name) in ROUTES and not (href or "").startswith("?"):
            self.links.setdefault(name, path)

    def _picture(self, state: str) -> None:
        assert self.shots is not None
        width = (self.page.viewport_size or {"width": 0})["width"]
        name = (pattern(self.path) or self.path).strip("/").replace("/", "_") or "home"
        path = self.shots / f"{width}-{self.language}-{name}-{state.replace(' ', '_')}.png"
        self.page.screenshot(path=path, full_page=True)

    def heard(self, response: Response) -> None:
        """Note which route answered a page's request."""
        if response.request.resource_type != "document" or response.request.method != "GET":
            return
        name = pattern(urlsplit(response.url).path)
        if name and (response.status == 200 or (response.status == 303 and name in LEAD)):
            self.walked.visited.add(name)


def person(
    browser: Browser,
    address: str,
    *,
    size: str,
    language: str,
    script: bool = True,
    walked: Walked | None = None,
    shots: Path | None = None,
) -> Person:
    """A new browser with nothing in it. With JavaScript our pages still run none: the policy forbids it."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"en": "en-GB", "ru": "ru-RU"}[language],
        java_script_enabled=script,
        bypass_csp=False,
    )
    page = context.new_page()
    found = Person(page, address, language, script, walked or Walked(), shots)
    page.on("response", found.heard)
    said = found.walked.said
    page.on("console", lambda message: said.append(message.text) if _matters(message) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return found


def _matters(message: Any) -> bool:
    """A page that says no is an answer, not a complaint."""
    return message.type == "error" and "status of 4" not in message.text


REPORTS = {"/staff/p/{programme}/evidence/{name}", "/staff/p/{programme}/registers/{register}"}
"""Reports that open as pages of their own; they are written in English."""

UNSEEN = {"/robots.txt", "/static/{name}", "/p/{programme}/rounds/{name}/tickets.csv"}
"""Files of the site itself, and the tickets of a round that was large enough to show them."""


def pages_of(*roles: str) -> set[str]:
    """Routes that somebody with these roles can open and a journey comes to."""
    return {path for path, allowed in GETS if allowed & set(roles)} - UNSEEN


KINDS = {True: "script", False: "plain"}


def looks(*roles: str) -> list[Any]:
    """Every role with each size, each language, and with and without JavaScript."""
    return [
        pytest.param(
            role, size, language, script, id=f"{role}-{size}-{language}-{'script' if script else 'plain'}"
        )
        for role in roles
        for size in SIZES
        for language in WORDS
        for script in (True, False)
    ]
