"""People with a real browser: what they press and what they see."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

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

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LOOKS = [
    ("en", "desktop"),
    ("ru", "phone"),
    pytest.param("en", "phone", marks=pytest.mark.slow),
    pytest.param("ru", "desktop", marks=pytest.mark.slow),
]
"""Each language and each size at every run; the other two pairs in `make reliability`: a walk takes minutes."""


@dataclass
class Person:
    """Somebody with a browser of a size and a language.

    Attributes:
        page: the browser's page.
        script: whether JavaScript is on.
        faults: what axe found, with the page it was on.
        looked: pages that axe looked at.
        said: what the browser complained about.
    """

    page: Page
    address: str
    language: str
    script: bool
    faults: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    shots: Path | None = Path(os.environ["EVENHAND_SHOTS"]) if "EVENHAND_SHOTS" in os.environ else None

    def go(self, path: str) -> Response | None:
        return self.page.goto(self.address + path)

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=WORDS[self.language].get(name, name), exact=True).click()

    def submit(self, where: str = "main") -> None:
        """Press the first button of a part of the page."""
        with self.page.expect_navigation():
            self.page.locator(f"{where} button[type=submit]").first.click()

    def see(self, state: str = "default") -> None:
        """Look at the page: nothing wider than the screen, and axe finds nothing."""
        where = f"{self.page.url.removeprefix(self.address)} ({state}, {self.language})"
        self.looked.append(where)
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") if self.script else 0
        if wide > 0:
            self.faults.append(f"{where}: {wide} pixels wider than the screen")
        if self.shots is not None:
            name = where.replace("/", "_").replace(" ", "_").strip("_")
            width = (self.page.viewport_size or {"width": 0})["width"]
            self.page.screenshot(path=self.shots / f"{width}{name}.png", full_page=True)
        if self.script:
            found = Axe().run(self.page, options={"runOnly": AXE_TAGS})
            self.faults += [f"{where}: {each['id']} {targets(each)}" for each in found.response["violations"]]


def targets(violation: dict[str, Any]) -> str:
    return json.dumps([node["target"] for node in violation["nodes"]][:3])


def person(browser: Browser, address: str, *, size: str, language: str, script: bool = True) -> Person:
    """A new browser with nothing in it. With JavaScript our pages still run none: the policy forbids it."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"en": "en-GB", "ru": "ru-RU"}[language],
        java_script_enabled=script,
        bypass_csp=False,
    )
    page = context.new_page()
    found = Person(page, address, language, script)
    page.on("console", lambda message: found.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.said.append(str(error)))
    return found


def join(who: Person, code: str, *, look: bool = False) -> str:
    """From the start page to the case; returns the access code."""
    see = who.see if look else (lambda *_: None)
    who.go(BASE)
    see()
    who.press("begin")
    see()
    who.press("next")
    see("error")
    who.page.fill("#code", code)
    who.press("next")
    see()
    who.press("next")
    see()
    who.press("agree")
    see("error")
    who.page.check("#purpose")
    who.page.check("#purpose-3")
    who.press("agree")
    see()
    who.press("open")
    see("error")
    who.page.check("#district")
    who.press("open")
    see()
    access = who.page.inner_text("#access")
    who.press("next")
    see("error")
    who.go(f"{BASE}/my/code/sheet")
    see()
    who.go(f"{BASE}/my/code")
    who.page.check("#kept")
    who.press("next")
    see()
    return access


def answer_all(who: Person, *, look: bool = False) -> int:
    """Answer every question; with look, the first of each kind in both states."""
    who.go(f"{BASE}/my/questions")
    asked, seen = 0, set()
    while "/my/questions/" in who.page.url:
        kind = "number" if who.page.locator("input[type=text]").count() else "choice"
        if look and kind not in seen:
            seen.add(kind)
            who.see()
            who.press("next")
            who.see("error")
        if kind == "number":
            who.page.fill("#answer", "1")
        else:
            who.page.check("#answer" if asked < 5 else "#answer-2")
        who.press("next")
        asked += 1
    return asked
