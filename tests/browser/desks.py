"""What staff and partners do in a browser, each their whole journey, and the town that they do it in."""

from evenhand.casework.roles import Actor
from evenhand.service.appeal import open_appeal
from evenhand.service.decide import not_this_round, offer
from evenhand.service.publish import publish
from evenhand.service.rounds import close, plan, record_second_value, reveal
from tests.browser.conftest import Served
from tests.browser.people import BASE, Person
from tests.browser.uploading import calibrate
from tests.service.offices import ANALYST, CASEWORKER, TOWN, finished
from tests.web.desk import DESK, PASSWORD, code, hire, token

REASON = "No answer says that food was short in the last year."
NEED = ("11110000", "11111111", "11111100", "11100000")


def settle(town: Served) -> None:
    """Staff, people in every state of the queue, a month of statistics, a round, checkpoints."""
    hire(town.office)
    first = [finished(town.office, need)[0].actor for need in ("00000000", *NEED)]
    town.days.pass_by(15)
    publish(town.office, ANALYST, TOWN, "2026-11")
    town.office.store.checkpoint(town.days())
    town.days.pass_by(30)
    plan(town.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=5)
    town.office.store.checkpoint(town.days())
    _decide(town, first[0])


def contested(town: Served) -> None:
    """A case that was not helped this round and whose person does not agree; one that nobody decided yet."""
    person = finished(town.office, "00000000")[0].actor
    finished(town.office, "00000000")
    assert person.case is not None
    not_this_round(town.office, CASEWORKER, person.case, reason=REASON)
    open_appeal(town.office, person, person.case, words="It was a bad week. I ate at my mother's.")


def _drawn(town: Served) -> None:
    """A round that was drawn."""
    plan(town.office, ANALYST, TOWN, "winter-0", approved_by="olga", second_value_from="the auditor", places=1)
    close(town.office, ANALYST, TOWN, "winter-0")
    record_second_value(town.office, ANALYST, TOWN, "winter-0", value="417", source="the auditor")
    reveal(town.office, ANALYST, TOWN, "winter-0")


def _decide(town: Served, person: Actor) -> None:
    assert person.case is not None
    offer(town.office, CASEWORKER, person.case, support="food-parcel", reason=REASON)


def sign_in(town: Served, who: Person, name: str) -> None:
    who.go("/staff/sign-in")
    who.see()
    who.fail()
    who.page.fill("#name", name)
    who.page.fill("#password", PASSWORD)
    who.submit()
    who.see()
    who.fail()
    who.page.fill("#code", code(town.office, name))
    who.submit()
    assert who.path == "/staff"
    who.see(name)


def caseworker(town: Served, who: Person) -> None:
    """The queue, an appeal, a decision that needs a person, an offer, an intake in the person's presence."""
    contested(town)
    sign_in(town, who, "dora")
    who.open(f"{DESK}/queue")
    answer_appeal(who)
    who.go(f"{DESK}/queue?why=not_this_round")
    who.page.locator("tbody a").first.click()
    who.see("to decide")
    who.submit("main .eh-danger")
    who.see("error, to decide")
    who.page.fill("#refuse-reason", REASON)
    who.submit("main .eh-danger")
    who.see("decided")
    assist(town, who)
    who.follow()


def answer_appeal(who: Person) -> None:
    who.go(f"{DESK}/queue?why=appeal")
    who.see("appeals")
    who.page.locator("tbody a").first.click()
    who.see("appeal")
    who.submit("main .eh-danger")
    who.see("error, appeal")
    who.page.locator("input[name=outcome]").nth(1).check()
    who.page.fill("#appeal-reason", "The week that was left out changes the measure.")
    who.submit("main .eh-danger")
    assert who.path.endswith("/queue")


def assist(town: Served, who: Person) -> None:
    who.open(f"{DESK}/assist")
    who.fail()
    who.page.check("#purposes")
    who.page.check("#district")
    who.page.check("#present")
    who.page.fill("#invitation", town.invitation())
    who.submit()
    who.see()
    who.page.check("#written")
    who.submit()
    who.see()
    who.fail()
    while who.page.locator("input[name=asked]").count() and not who.walked.once:
        if who.page.locator("#answer[type=text]").count():
            who.page.fill("#answer", "1")
        else:
            who.page.check("#answer")
        who.submit()
    who.see("last")
    who.submit("main form[action$=finish]")
    assert "/cases/" in who.page.url
    who.see("measured")


def analyst(town: Served, who: Person) -> None:
    """The programme, what to expect of it, its instrument; a round from its plan to its draw; statistics."""
    sign_in(town, who, "ana")
    who.open(*(f"{DESK}/{each}" for each in ("programme", "expected", "instrument", "statistics", "rounds")))
    who.page.fill("#places", "x")
    who.fail()
    draw(who)
    who.go(f"{DESK}/statistics")
    who.fail()
    who.page.check("#month")
    who.submit()
    who.see("released")
    who.open(f"{BASE}/statistics")
    calibrate(town, who)
    who.follow()


def draw(who: Person) -> None:
    """Plan a round, close it, record the second value, reveal it."""
    who.page.fill("#name", "winter-2")
    who.page.fill("#places", "3")
    who.page.fill("#approved", "olga")
    who.page.fill("#source", "the auditor")
    who.submit()
    who.see("planned")
    who.submit("main form[action$=close]")
    who.see("closed")
    who.submit("main form[action$=draw]")
    who.see("error")
    who.page.fill("#value", "42")
    who.submit("main form[action$=draw]")
    who.see("drawn")
    who.submit("main form[action$=reveal]")
    who.see("revealed")
    who.open(f"{BASE}/rounds/winter-2")


def auditor(town: Served, who: Person) -> None:
    """The log, its proofs, who may do what, the registers, a replay, and the evidence, which is made meanwhile."""
    _drawn(town)
    sign_in(town, who, "olga")
    who.go(f"{DESK}/evidence")
    who.page.wait_for_selector("#by-district", timeout=60_000)
    who.see()
    who.open(f"{DESK}/replays", f"{DESK}/rounds/winter-0/replay")
    who.open(*(f"/staff/{each}" for each in ("log", "log/2", "checkpoints", "access")), f"{DESK}/registers")
    who.go("/staff/checkpoints")
    who.submit()
    who.see("checked")
    who.follow()


def administrator(town: Served, who: Person) -> None:
    """Staff, tokens, the office."""
    sign_in(town, who, "adam")
    token(town, "invite")
    who.open("/staff/people", "/staff/tokens", "/staff/office")
    who.go("/staff/people")
    who.submit("main .eh-card")
    who.see("error")
    who.page.fill("#name", "vera")
    who.page.check("#roles")
    who.submit("main .eh-card")
    who.see("added")
    for path, state in (("/staff/tokens", "revoked"), ("/staff/office", "signed")):
        who.go(path)
        who.submit()
        who.see(state)
    who.follow()


def partner(town: Served, who: Person) -> None:
    """Sheets with codes, and help handed out."""
    who.open("/partner/sign-in")
    who.fail()
    who.page.fill("#token", token(town, "invite", "collect"))
    who.submit()
    who.see()
    who.submit("main .eh-card")
    who.see("error")
    who.page.fill("#count", "3")
    who.submit("section[aria-labelledby=invite-heading]")
    who.see()
    who.follow()
    who.go("/partner/sheets")
    who.submit()
    assert who.path == "/partner"
