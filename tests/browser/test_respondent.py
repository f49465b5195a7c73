"""What a person meets in Chromium, beside the whole journeys: errors, the keyboard, leaving and coming back."""

from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.browser.journeys import join
from tests.browser.people import BASE, person


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
    first = person(browser, town.address, size="phone", language="ru", script=False)
    access, _ = join(first, town.invitation())
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
