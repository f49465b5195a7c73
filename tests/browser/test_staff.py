"""Staff, partners and the public in Chromium: axe on every page, on a phone and a desk, in both languages."""

import pytest
from playwright.sync_api import Browser

from evenhand.service.appeal import open_appeal
from evenhand.service.decide import not_this_round
from evenhand.service.rounds import close, plan, record_second_value
from tests.browser.conftest import Served
from tests.browser.people import LOOKS, Person, person
from tests.service.offices import ANALYST, CASEWORKER, TOWN, finished
from tests.web.desk import DESK, PASSWORD, code, hire, token

BASE = f"/p/{TOWN}"
NEED = ("00000000", "11000000", "11110000", "11111111", "11111100", "11100000")


def settle(town: Served) -> None:
    """Staff, people, an appeal, a round on its way, a checkpoint, a month that ended."""
    hire(town.office)
    people = [finished(town.office, NEED[number % len(NEED)])[0].actor for number in range(12)]
    contested = people[0].case
    assert contested is not None
    not_this_round(town.office, CASEWORKER, contested, reason="No answer says that food is short.")
    open_appeal(town.office, people[0], contested, words="It was a bad week. I ate at my mother's.")
    plan(town.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=5)
    town.office.store.checkpoint(town.days())
    town.days.pass_by(15)
    close(town.office, ANALYST, TOWN, "winter-1")


def sign_in(town: Served, who: Person, name: str) -> None:
    who.page.context.clear_cookies()
    who.go("/staff/sign-in")
    who.page.fill("#name", name)
    who.page.fill("#password", PASSWORD)
    who.submit()
    who.page.fill("#code", code(town.office, name))
    who.submit()
    assert who.page.url.endswith("/staff")


def look(who: Person, *paths: str) -> None:
    for path in paths:
        answer = who.go(path)
        assert answer is not None
        assert answer.status == 200, path
        who.see()


def public(who: Person) -> None:
    look(who, f"{BASE}/rules", f"{BASE}/rounds", f"{BASE}/rounds/winter-1", f"{BASE}/statistics", "/ledger")


def signing_in(_town: Served, who: Person) -> None:
    who.go("/staff/sign-in")
    who.see()
    who.submit()
    who.see("error")
    who.page.fill("#name", "carl")
    who.page.fill("#password", PASSWORD)
    who.submit()
    who.see()
    who.submit()
    who.see("error")


def caseworker(town: Served, who: Person) -> None:
    sign_in(town, who, "dora")
    who.see()
    look(who, f"{DESK}/queue", f"{DESK}/queue?why=appeal")
    who.page.locator("tbody a").first.click()
    who.see("appeal")
    who.submit("main .eh-danger")
    who.see("error")
    who.go(f"{DESK}/queue?why=not_this_round")
    who.page.locator("tbody a").first.click()
    who.see("to decide")
    who.submit("main .eh-danger")
    who.see("error, to decide")
    who.page.fill("#refuse-reason", "No answer says that food was short in the last year.")
    who.submit("main .eh-danger")
    who.see("decided")
    assist(town, who)


def assist(town: Served, who: Person) -> None:
    look(who, f"{DESK}/assist")
    who.submit()
    who.see("error")
    who.page.check("#purposes")
    who.page.check("#district")
    who.page.check("#present")
    who.page.fill("#invitation", town.invitation())
    who.submit()
    who.see("assist code")
    who.page.check("#written")
    who.submit()
    who.see("assist")
    who.submit()
    who.see("assist error")
    while who.page.locator("input[name=asked]").count():
        if who.page.locator("#answer[type=text]").count():
            who.page.fill("#answer", "1")
        else:
            who.page.check("#answer")
        who.submit()
    who.see("assist end")
    who.submit()
    assert "/cases/" in who.page.url
    who.see("assisted")


def analyst(town: Served, who: Person) -> None:
    sign_in(town, who, "ana")
    who.see("analyst")
    look(who, *(f"{DESK}/{each}" for each in ("programme", "expected", "instrument", "statistics", "rounds")))
    who.submit()
    who.see("error")
    look(who, f"{DESK}/rounds/winter-1")
    record_second_value(town.office, ANALYST, TOWN, "winter-1", value="42", source="the auditor")
    look(who, f"{DESK}/rounds/winter-1")
    who.submit()
    who.see("drawn")
    look(who, f"{BASE}/rounds/winter-1")
    who.go(f"{DESK}/statistics")
    who.page.check("#month")
    who.submit()
    who.see("released")
    look(who, f"{BASE}/statistics")


def auditor(town: Served, who: Person) -> None:
    sign_in(town, who, "olga")
    who.see("auditor")
    look(who, *(f"/staff/{each}" for each in ("log", "log/2", "checkpoints", "access")), f"{DESK}/registers")
    who.go("/staff/checkpoints")
    who.submit()
    who.see("checked")


def administrator(town: Served, who: Person) -> None:
    sign_in(town, who, "adam")
    who.see("administrator")
    token(town, "invite")
    look(who, "/staff/people", "/staff/tokens", "/staff/office")
    who.go("/staff/people")
    who.submit("main .eh-card")
    who.see("error")


def partner(town: Served, who: Person) -> None:
    who.page.context.clear_cookies()
    who.go("/partner/sign-in")
    who.see()
    who.submit()
    who.see("error")
    who.page.fill("#token", token(town, "invite", "collect"))
    who.submit()
    who.see()
    who.submit("main .eh-card")
    who.see("error")
    who.page.fill("#count", "3")
    who.submit("section[aria-labelledby=invite-heading]")
    who.see("sheets")


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_axe_finds_nothing_on_any_page_of_staff_partners_and_the_public(
    browser: Browser, town: Served, size: str, language: str
) -> None:
    settle(town)
    who = person(browser, town.address, size=size, language=language)
    public(who)
    for part in (signing_in, caseworker, analyst, auditor, administrator, partner):
        part(town, who)
    assert who.faults == []
    assert len(who.looked) > 50
    assert [each for each in who.said if "status of 4" not in each] == []
