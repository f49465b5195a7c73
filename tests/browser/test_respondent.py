"""A person's whole way in Chromium: with and without JavaScript, on a phone and a desk, in both languages."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.browser.people import BASE, LOOKS, Person, answer_all, join, person
from tests.service.offices import TOWN
from tests.web.test_journey import decide

STATES = ("en", "ru")
MEASURED = ["result", "why", "answers", "questions/1", "consent", "contact", "pause", "download", "leave", "erase"]
TYPED = (("sign-in", "code"), ("lost/phrase", "phrase"), ("lost/slip", "slip"), ("lost/collect", "slip"))


def decide_for(town: Served, how: str) -> None:
    decide(town, how, probability=0.4)


def walk(town: Served, who: Person, *, look: bool) -> None:
    """Everything a person can do, each page in its states."""
    see = who.see if look else (lambda *_: None)
    for path in ("/", "/about", f"{BASE}/notice", f"{BASE}/paper", f"{BASE}/complaint", "/nothing"):
        who.go(path)
        see()
    access = join(who, town.invitation(), look=look)
    assert answer_all(who, look=look) == 17
    see()
    who.press("finish")
    assert who.page.url.endswith("/my/result")
    for name in MEASURED:
        who.go(f"{BASE}/my/{name}")
        assert who.page.url.endswith(name), name
        see()
    decide_for(town, "no")
    for name in ("", "/decision", "/why", "/appeal"):
        who.go(f"{BASE}/my{name}")
        see("not this round")
    who.submit()
    see("contested")
    decide_for(town, "offer")
    who.go(f"{BASE}/my/collect")
    see()
    who.submit()
    see("code")
    who.submit("header")
    for path, field in TYPED:
        who.go(f"{BASE}/{path}")
        see()
        who.page.fill(f"#{field}", "wrong")
        who.submit()
        see("error")
    who.go(f"{BASE}/lost")
    see()
    who.go(f"{BASE}/sign-in")
    who.page.fill("#code", access)
    who.submit()
    assert who.page.url.endswith("/my")
    who.go(f"{BASE}/my/erase")
    who.submit()
    assert who.page.url.endswith("/erased")
    see()


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_axe_finds_nothing_on_any_page_in_any_state(
    browser: Browser, town: Served, size: str, language: str
) -> None:
    who = person(browser, town.address, size=size, language=language)
    walk(town, who, look=True)
    assert who.faults == []
    assert len(who.looked) > 45
    assert [each for each in who.said if "status of 4" not in each] == []


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_the_whole_way_without_javascript(browser: Browser, town: Served, size: str, language: str) -> None:
    who = person(browser, town.address, size=size, language=language, script=False)
    walk(town, who, look=False)
    with town.office.store.reading() as reading:
        assert not reading.counts(TOWN)


def test_the_error_summary_has_the_focus_and_leads_to_the_field(browser: Browser, town: Served) -> None:
    who = person(browser, town.address, size="phone", language="en")
    who.go(f"{BASE}/sign-in")
    who.submit()
    assert "govuk-error-summary" in str(who.page.evaluate("document.activeElement.className"))
    who.page.locator(".govuk-error-summary a").click()
    assert who.page.evaluate("document.activeElement.id") == "code"
    assert who.page.title().startswith("Error:")


def test_everything_can_be_done_from_the_keyboard(browser: Browser, town: Served) -> None:
    who = person(browser, town.address, size="desktop", language="en")
    who.go(f"{BASE}/sign-in")
    who.page.keyboard.press("Tab")
    assert who.page.evaluate("document.activeElement.className") == "govuk-skip-link"
    who.page.keyboard.press("Enter")
    who.page.keyboard.press("Tab")
    assert who.page.evaluate("document.activeElement.id") == "code"
    who.page.keyboard.type("wrong")
    with who.page.expect_navigation():
        who.page.keyboard.press("Enter")
    assert who.page.locator(".govuk-error-summary").count() == 1


def test_an_answer_survives_leaving_and_coming_back(browser: Browser, town: Served) -> None:
    first = person(browser, town.address, size="phone", language="ru")
    access = join(first, town.invitation())
    first.go(f"{BASE}/my/questions")
    first.page.check("#answer-2")
    first.press("next")
    town.days.pass_by(3)
    second = person(browser, town.address, size="desktop", language="ru")
    second.go(f"{BASE}/sign-in")
    second.page.fill("#code", access)
    second.submit()
    assert second.page.url.endswith("/my/questions/2")
    second.go(f"{BASE}/my/questions/1")
    assert second.page.is_checked("#answer-2")
