"""What people without a post do in a browser: everybody's pages, and a person's whole way."""

from tests.browser.conftest import Served
from tests.browser.people import BASE, Person
from tests.service.offices import CASEWORKER, SECOND, TOWN

TYPED = (("sign-in", "code"), ("lost/phrase", "phrase"), ("lost/slip", "slip"), ("lost/collect", "slip"))
REASON = "We read your answers together with you. Food was short on most days."
QUESTIONS = 17


def public(_town: Served, who: Person) -> None:
    """Pages for everybody: programmes and their rules, rounds, statistics, the ledger, complaints."""
    who.open("/", "/about", BASE, f"{BASE}/notice", f"{BASE}/paper", f"{BASE}/rules", f"{BASE}/rounds")
    who.open(f"{BASE}/rounds/winter-1", f"{BASE}/statistics", "/ledger")
    who.go("/nothing")
    who.see("no such page")
    who.go(f"{BASE}/complaint")
    who.see()
    who.fail()
    who.page.fill("#words", "Nobody was there.")
    who.submit()
    assert who.path.endswith("/sent")
    who.see()
    for path, field in TYPED:
        who.go(f"{BASE}/{path}")
        who.see()
        who.page.fill(f"#{field}", "wrong")
        who.submit()
        who.see("error")
    who.open(f"{BASE}/lost", "/staff/sign-in", "/partner/sign-in")
    who.follow()


def join(who: Person, code: str) -> tuple[str, str]:
    """From the start page to the case; returns the access code and the recovery phrase."""
    who.go(BASE)
    who.see()
    who.press("begin")
    who.see()
    who.fail()
    who.page.fill("#code", code)
    who.press("next")
    who.see()
    who.press("next")
    who.see()
    who.fail()
    who.page.check("#purpose")
    who.page.check("#purpose-2")
    who.page.check("#purpose-3")
    who.press("agree")
    who.see()
    who.fail()
    who.page.check("#district")
    who.press("open")
    who.see()
    codes = who.page.inner_text("#access"), who.page.inner_text("#phrase")
    who.fail()
    who.open(f"{BASE}/my/code/sheet")
    who.go(f"{BASE}/my/code")
    who.page.check("#kept")
    who.press("next")
    who.see()
    return codes


def answer_all(who: Person) -> int:
    """Answer the questions; look at the first of each kind in both states, and at the check before the end.

    Where axe looks at each page once, the questions from the fourth on are left out.
    """
    who.go(f"{BASE}/my/questions")
    asked, seen = 0, set()
    while "/my/questions/" in who.page.url:
        kind = "number" if who.page.locator("input[type=text]").count() else "choice"
        if kind not in seen:
            seen.add(kind)
            who.see(kind)
            who.press("next")
            who.see(f"{kind}, error")
        if kind == "number":
            who.page.fill("#answer", "1")
        else:
            who.page.check("#answer" if asked < 5 else "#answer-2")
        who.press("next")
        asked += 1
        if asked == 3:
            early(who)
            if who.walked.once:
                who.go(f"{BASE}/my/check")
    return asked


def early(who: Person) -> None:
    """Look at the answers before all are given, and go on."""
    here = who.path
    who.go(f"{BASE}/my/check")
    who.see("open questions")
    who.fail()
    who.go(f"{BASE}/my")
    who.see("answering")
    who.go(here)


def respondent(town: Served, who: Person) -> None:
    """A person's whole way, to the erasure."""
    access, phrase = join(who, town.invitation())
    assert answer_all(who) == (3 if who.walked.once else QUESTIONS)
    who.see()
    if who.walked.once:
        who.page.check("#leave")
    who.press("finish")
    assert who.path.endswith("/my/result")
    who.see()
    who.open(
        f"{BASE}/my/next",
        f"{BASE}/my",
        *(f"{BASE}/my/{name}" for name in ("why", "answers", "download", "leave", "erase")),
    )
    change(who)
    decided(town, who, case_of(town, access))
    away(town, who, access, phrase)
    who.follow()
    end(who)


def case_of(town: Served, access: str) -> str:
    from evenhand.service.access import sign_in

    found = sign_in(town.office, TOWN, access).case
    assert found is not None
    return found


def change(who: Person) -> None:
    """Correct an answer, choose anew, give a contact, pause and resume."""
    who.go(f"{BASE}/my/questions/1")
    who.page.check("#answer-2")
    who.submit()
    who.see("corrected")
    who.go(f"{BASE}/my/contact")
    who.see()
    who.page.fill("#contact", "x")
    who.submit()
    who.see("error")
    who.page.fill("#contact", "vera@town.example")
    who.submit()
    who.see("changed")
    who.open(f"{BASE}/my/consent")
    who.submit()
    for state in ("paused", "resumed"):
        who.go(f"{BASE}/my/pause")
        who.see("paused" if state == "resumed" else "default")
        who.submit()
        who.see(state)


def decided(town: Served, who: Person, case: str) -> None:
    """Not this round; contest it; an offer comes of that, and the help is collected."""
    from evenhand.service.appeal import answer_appeal
    from evenhand.service.decide import not_this_round

    not_this_round(town.office, CASEWORKER, case, reason=REASON)
    for name in ("", "/decision", "/why", "/appeal"):
        who.go(f"{BASE}/my{name}")
        who.see("not this round" if name != "/appeal" else "default")
    who.submit()
    who.see("contested")
    answer_appeal(town.office, SECOND, case, reason=REASON, support="food-parcel")
    who.go(f"{BASE}/my/decision")
    who.see("offer")
    who.go(f"{BASE}/my")
    who.see("offer")
    who.open(f"{BASE}/my/collect")
    who.submit()
    who.see("code")


def away(town: Served, who: Person, access: str, phrase: str) -> None:
    """Sign out; come back with the six words, and after a slip; somebody stops a new code."""
    who.submit("header")
    who.go(f"{BASE}/lost/phrase")
    who.page.fill("#phrase", phrase)
    who.submit()
    assert who.path.endswith("/my/code")
    who.see("new code")
    newer = who.page.inner_text("#access")
    assert newer != access
    who.page.check("#kept")
    who.press("next")
    who.submit("header")
    ask_with_a_slip(town, who)
    who.go(f"{BASE}/sign-in")
    who.page.fill("#code", newer)
    who.submit()
    assert who.path.endswith("/my")
    who.page.locator("details summary").last.click()
    who.submit("main details")
    who.see("stopped")


def ask_with_a_slip(town: Served, who: Person) -> None:
    """Ask for a new code with a slip; which case it is for, nobody learns."""
    who.go(f"{BASE}/lost/slip")
    who.page.fill("#slip", town.invitation())
    who.page.fill("#first", town.invitation())
    who.submit()
    assert who.path.endswith("/lost/asked")
    who.see()


def end(who: Person) -> None:
    """Leave, and erase everything."""
    who.go(f"{BASE}/my/leave")
    who.submit()
    who.see("left")
    who.go(f"{BASE}/my/erase")
    who.submit()
    assert who.path.endswith("/erased")
    who.see()
    who.follow()
