"""Hostile inputs to every form, of people, staff and partners: no fault, nothing unescaped, nothing in the log."""

import random
import re
from pathlib import Path

import pytest

from evenhand.casework.codes import new_code
from evenhand.service.access import sign_in as find_case
from evenhand.service.appeal import open_appeal
from evenhand.service.decide import not_this_round, offer
from evenhand.service.rounds import plan
from evenhand.web.routes import read_table
from tests.service.offices import ANALYST, CASEWORKER, TOWN, finished
from tests.web.browsing import BASE, SAME, FoundForm, Page, Town, Visitor, finish, join, new_town
from tests.web.desk import DESK, PASSWORD, cases, hire, partner, sign_in
from tests.web.test_matrix import STAFF

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
    "remove", "on", "phrase", "slip", "first", "form", "name", "password", "token", "count", "pseudonym",
    "support", "offer-reason", "refuse-reason", "appeal-reason", "outcome", "purposes", "language", "invitation",
    "present",
    "written", "asked", "month", "places", "approved", "source", "value", "reason", "roles", "member", "new-roles",
    "step", "id", "column", "method",
)  # fmt: skip
PLAIN = {"count": "1", "places": "1", "name": "winter-9", "approved": "olga", "answer": "1", "code": "123456"}
"""What a field must hold for its form to be taken; another has a sentence."""

TABLE = read_table()
FORMS = sorted(
    path
    for (method, path), roles in TABLE.rows.items()
    if method == "POST" and not path.startswith("/api/") and not path.startswith("/staff/calibrations")
)
"""Every form; files to upload have tests of their own (test_calibrations.py)."""

MARKUP = re.compile(r"<script>alert|<img src=x|<svg/onload|<a href=javascript|<b>|<!--zq|</textarea><svg")
"""Markup of the inputs that would stand on a page if it were not escaped; no page of ours has any."""

REASON = "No answer says that food was short in the last year."


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


def body_of(rng: random.Random, text: str, form: FoundForm | None) -> dict[str, str]:
    """A form that is right but for one field; or the text in some fields or in all, with the token or without."""
    token = {} if form is None else form.hidden
    if form is not None and form.names and rng.random() < 0.6:
        right = {name: next(filter(None, values), PLAIN.get(name, REASON)) for name, values in form.names.items()}
        return {**right, **token, rng.choice(sorted(form.names)): text}
    names = FIELDS if rng.random() < 0.3 else rng.sample(FIELDS, 3)
    body = dict.fromkeys(names, text)
    if rng.random() < 0.3:
        body[text[:50]] = "1"
    return {**body, **token} if rng.random() < 0.7 else body


class Attacker:
    """Somebody who may send a form, and does."""

    def __init__(self, town: Town, form: str, seed: int) -> None:
        self.town, self.form, self.rng = town, form, random.Random(f"{form} {seed}")
        self.visitor, self.path, self.shown = self._prepared()

    def _prepared(self) -> tuple[Visitor, str, str]:
        """A visitor, the address of the form, and the page that it stands on."""
        visitor, mark = somebody(self.town, self.form)
        path = self.form.replace("{programme}", TOWN).replace("{number:int}", "1").replace("{name}", "winter-1")
        shown = self.form
        while ("GET", shown) not in TABLE.rows:
            shown = shown.rpartition("/")[0]
        return visitor, path.replace("{mark}", mark), path.replace("{mark}", mark)[: _length(path, shown, mark)]

    def found(self) -> FoundForm | None:
        """The form as it stands on its page, where it does."""
        page = self.visitor.open(self.shown)
        return next((each for each in page.read.forms if each.action == self.path), None)

    def send(self, number: int) -> list[str]:
        """One input; what went wrong."""
        text, mark = hostile(self.rng, number)
        form = self.found() if number % 2 == 0 else None
        page = self.visitor.post(self.path, body_of(self.rng, text, form))
        wrong = faults(page, text)
        if mark in self.town.lines.getvalue():
            wrong.append(f"in the log: {text[:60]!r}")
        self.town.lines.seek(0)
        self.town.lines.truncate()
        if page.path.endswith(("sign-in", "/erased", f"/p/{TOWN}")) and not self.path.endswith("sign-in"):
            self.visitor, self.path, self.shown = self._prepared()
        return wrong

    def look(self, *others: str) -> list[str]:
        """Pages that show what was stored."""
        return [each for path in (self.shown, *others) for each in faults(self.visitor.open(path), path)]


SHOWN_AT = (f"{BASE}/rounds", f"{BASE}/rounds/winter-1", f"{BASE}/my", f"{BASE}/my/decision", f"{BASE}/my/why",
            f"{DESK}/queue", f"{DESK}/rounds", "/staff/log", "/staff/people", "/partner")  # fmt: skip
"""Where stored words come out again, for whoever may see it."""


def _length(path: str, shown: str, mark: str) -> int:
    """How much of an address is that of its page: as many steps as the page's template has."""
    steps = path.replace("{mark}", mark).split("/")
    return len("/".join(steps[: len(shown.split("/"))]))


def faults(page: Page, text: str) -> list[str]:
    """What is wrong with an answer."""
    wrong = [f"unescaped: {found[0]!r} of {text[:60]!r}" for found in [MARKUP.search(page.html)] if found]
    if page.status >= 500:
        wrong.append(f"{page.status}: {text[:60]!r}")
    if "a=b" in page.response.headers.get("set-cookie", ""):
        wrong.append("a header was set")
    return wrong


def somebody(town: Town, form: str) -> tuple[Visitor, str]:
    """Who may send a form; and the mark of what it is about, for staff."""
    roles = TABLE.rows["POST", form]
    if "partner" in roles:
        return partner(town), ""
    for role in STAFF:
        if role in roles:
            visitor = at_work(town, role) if not form.endswith("sign-out") else sign_in(town, STAFF[role])
            return visitor, mark_for(town, visitor, form) if "{mark}" in form else ""
    if form == "/staff/code":
        visitor = town.visitor()
        visitor.open("/staff/sign-in")
        visitor.send({"name": "dora", "password": PASSWORD})
        return visitor, ""
    return a_person(town, form) if "respondent" in roles else joining(town, form), ""


DESKS: dict[tuple[int, str], Visitor] = {}


def at_work(town: Town, role: str) -> Visitor:
    """A member of staff who stays signed in: a password takes its time."""
    visitor = DESKS.get((id(town), role))
    if visitor is None or visitor.open("/staff").path != "/staff":
        visitor = DESKS[id(town), role] = sign_in(town, STAFF[role])
    return visitor


def mark_for(town: Town, visitor: Visitor, form: str) -> str:
    """A case to decide, one whose person does not agree, or one that is being answered with a caseworker."""
    if "/assist/" in form:
        visitor.open(f"{DESK}/assist")
        told = {"purposes": "decide", "language": "en", "district": "mill", "present": "yes"}
        page = visitor.send({**told, "invitation": town.invitation()})
        return page.path.split("/")[-2]
    person = finished(town.office, "00000000")[0].actor
    assert person.case is not None
    if form.endswith("appeal"):
        not_this_round(town.office, CASEWORKER, person.case, reason=REASON)
        open_appeal(town.office, person, person.case, words="It was a bad week.")
        visitor = visitor or sign_in(town, "dora")
    return cases(visitor, "appeal" if form.endswith("appeal") else "not_this_round")[-1].rpartition("/")[2]


def a_person(town: Town, form: str) -> Visitor:
    """Somebody who finished, and was decided about."""
    visitor = town.visitor()
    access = join(visitor, town.invitation())
    if not form.endswith(("erase", "leave", "sign-out", "/my/code")):
        finish(visitor)
        case = find_case(town.office, TOWN, access).case
        assert case is not None
        if form.endswith("collect"):
            offer(town.office, CASEWORKER, case, support="food-parcel", reason=REASON)
        elif form.endswith("appeal"):
            not_this_round(town.office, CASEWORKER, case, reason=REASON)
    return visitor


def joining(town: Town, form: str) -> Visitor:
    """Somebody on the way to a case, or anybody."""
    visitor = town.visitor()
    if "/join/" in form:
        visitor.open(f"{BASE}/join/code")
        visitor.send({"code": town.invitation()})
        visitor.send()
        visitor.send({"purpose": ["decide"]})
    return visitor


def settled(folder: Path) -> Town:
    town = new_town(folder)
    hire(town.office)
    plan(town.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=5)
    return town


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return settled(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def somebody_in(shared: Town) -> Visitor:
    """Somebody who finished."""
    return a_person(shared, "")


def attack(town: Town, form: str, count: int, seed: int, shown: tuple[str, ...] = ()) -> list[str]:
    """Send so many inputs to a form, and look at pages where stored words come out; what went wrong."""
    attacker = Attacker(town, form, seed)
    return [each for number in range(count) for each in attacker.send(number)] + attacker.look(*shown)


@pytest.mark.parametrize("form", FORMS)
def test_hostile_inputs_break_nothing(shared: Town, form: str) -> None:
    assert attack(shared, form, 6, 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_three_thousand_hostile_inputs_break_nothing(tmp_path: Path, form: str) -> None:
    assert attack(settled(tmp_path), form, 3000, 2, SHOWN_AT) == []


def test_markup_that_is_not_escaped_would_be_found() -> None:
    for text in ("<script>alert(zq00001x000001)</script>", "<b>", "'--></textarea><svg/onload=zq1>"):
        assert MARKUP.search(text)


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
def test_a_body_that_is_no_form_breaks_nothing(shared: Town, content: bytes) -> None:
    headers = {**SAME, "content-type": "application/x-www-form-urlencoded"}
    response = shared.visitor().client.post(f"{BASE}/sign-in", content=content, headers=headers)
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    "path",
    ["/p/%00", "/p/..%2f..%2fetc", "/p/<script>", "/p/demo-town/my/questions/-1", "/p/demo-town/my/questions/1e5",
     "/p/demo-town/my/questions/99999999999999999999999", "/static/..%2f..%2froutes.txt", "/static/routes.txt",
     "/p/demo-town?lang=<script>", "/p/demo-town/?lang=ru", "//evil.example/p", "/p/" + "a" * 3000],
)  # fmt: skip
def test_a_hostile_address_opens_nothing(somebody_in: Visitor, path: str) -> None:
    page = somebody_in.open(path)
    assert page.status < 500
    assert "<script>" not in page.html
    assert page.response.url.host == "town.example"
