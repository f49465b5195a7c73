"""A caseworker who has no mouse: Tab, Enter, Space and the letters, from the sign-in to a decision."""

from tests.browser.conftest import Served
from tests.browser.desks import REASON
from tests.browser.people import Person
from tests.service.offices import finished
from tests.web.desk import DESK, PASSWORD, code

FAR = 120
"""Presses of Tab after which what is looked for is not there."""

FOCUS = """() => {
    const on = document.activeElement;
    const looks = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderColor"];
    const told = () => [on, ...(on.labels || [])].flatMap(each => [null, "::before", "::after"].map(part => {
        const style = getComputedStyle(each, part);
        return looks.map(name => style[name]).join();
    })).join(";");
    const name = on.id || on.getAttribute("href") || on.name || on.className || on.tagName;
    const focused = told();
    on.blur();
    const plain = told();
    on.focus({preventScroll: true});
    const box = on.getBoundingClientRect();
    return {
        name,
        tag: on.tagName,
        seen: focused !== plain,
        within: box.top < innerHeight && box.bottom > 0,
    };
}"""


def decide(town: Served, who: Person) -> None:
    """Sign in, open the first case of the queue that needs a person, and decide it, all from the keyboard."""
    finished(town.office, "00000000")
    press = who.page.keyboard.press
    who.go("/staff/sign-in")
    tab_to(who, "name")
    who.page.keyboard.type("carl")
    tab_to(who, "password")
    who.page.keyboard.type(PASSWORD)
    enter(who)
    tab_to(who, "code")
    who.page.keyboard.type(code(town.office, "carl"))
    enter(who)
    tab_to(who, f"{DESK}/queue")
    enter(who)
    tab_to(who, f"{DESK}/queue?why=not_this_round")
    enter(who)
    tab_to(who, f"{DESK}/cases/")
    enter(who)
    assert "/cases/" in who.path
    tab_to(who, "refuse-reason")
    press("Tab")
    assert look(who)["tag"] == "BUTTON"
    enter(who)
    assert who.page.locator(".govuk-error-summary").count() == 1
    tab_to(who, "#refuse-reason")
    press("Enter")
    assert look(who)["name"] == "refuse-reason"
    who.page.keyboard.type(REASON)
    press("Tab")
    enter(who)
    assert who.path == f"{DESK}/queue"
    assert who.page.locator("[role=status]").count() == 1


def look(who: Person) -> dict[str, object]:
    """Where the focus is; it can be seen, and is on the screen."""
    found: dict[str, object] = who.page.evaluate(FOCUS)
    assert found["seen"], f"{who.path}: the focus on {found['name']} cannot be seen"
    assert found["within"], f"{who.path}: the focus on {found['name']} is off the screen"
    return found


def tab_to(who: Person, name: str) -> None:
    """Press Tab until the focus is on what has this id, name or address."""
    for _ in range(FAR):
        who.page.keyboard.press("Tab")
        if str(look(who)["name"]).startswith(name):
            return
    raise AssertionError(f"{who.path}: Tab never comes to {name}")


def enter(who: Person) -> None:
    with who.page.expect_navigation():
        who.page.keyboard.press("Enter")
