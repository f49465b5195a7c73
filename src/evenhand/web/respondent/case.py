"""The case: where it stands, what the result says and does not, why, the decision, and collecting help."""

from datetime import date

from fastapi.responses import Response

from evenhand.casework.case import Case
from evenhand.casework.events import Offered
from evenhand.casework.explaintell import Section, picture_words, tell
from evenhand.service.collect import collection_code
from evenhand.service.explain import why
from evenhand.web.forms import Form
from evenhand.web.respondent.steps import (
    ANSWERING,
    DECIDED,
    MEASURED,
    case_of,
    mine,
    opens_old,
    require,
    require_old,
    right_page,
)
from evenhand.web.visit import ElsewhereError, Visit, Visitor

FREEZABLE = ANSWERING | {"complete", "assessed", "proposed", "offer", "waiting", "not_this_round"}


def hub(visit: Visitor) -> Response:
    """Where the case stands, what comes next, and everything the person can do."""
    case = case_of(visit)
    if visit.begin().shown.get("access"):
        raise ElsewhereError(f"{mine(visit)}/code")
    whole = opens_old(case)
    return visit.page(
        "respondent/my.html",
        programme=visit.programme,
        case=case,
        whole=whole,
        links=_links(case, whole),
        note=visit.begin().shown.pop("notice", None),
        contact=case.contact if whole else None,
        mine=mine(visit),
    )


def _links(case: Case, whole: bool) -> list[str]:
    """What can be done now, in the order in which it is shown; each is a page under `my/` and a text."""
    active = case.state in FREEZABLE
    measured = case.state in MEASURED and whole
    can = {
        "result": measured,
        "why": measured,
        "decision": case.state in DECIDED,
        "answers": whole and bool(case.versions),
        "appeal": case.decision is not None and case.appeal is None and case.state in DECIDED - {"collected"},
        "consent": active and whole,
        "contact": active and whole and case.agreed("messages"),
        "pause": active,
        "download": True,
        "leave": case.state != "withdrawn",
        "erase": True,
    }
    return [name for name, possible in can.items() if possible]


def result(visit: Visitor) -> Response:
    """What the result says, and what it does not."""
    case = case_of(visit)
    require_old(visit, case)
    require(visit, case, MEASURED)
    found = why(visit.office, visit.person, visit.case_id)
    page = tell(found, visit.language, visit.office.clock().date())
    return visit.page(
        "respondent/result.html",
        programme=visit.programme,
        case=case,
        why=found,
        measure=_section(page.sections, "measure"),
        unknown=_section(page.sections, "unknown"),
        back=mine(visit),
        mine=mine(visit),
    )


def _section(sections: tuple[Section, ...], key: str) -> Section | None:
    return next((each for each in sections if each.key == key), None)


def why_page(visit: Visitor) -> Response:
    """Why: the explanation, with its picture and its table."""
    from evenhand.report.explain import posterior_picture

    case = case_of(visit)
    require_old(visit, case)
    require(visit, case, MEASURED)
    found = why(visit.office, visit.person, visit.case_id)
    return visit.page(
        "respondent/why.html",
        programme=visit.programme,
        case=case,
        page=tell(found, visit.language, visit.office.clock().date()),
        drawing=posterior_picture(found.measured, picture_words(found, visit.language)),
        back=mine(visit),
        mine=mine(visit),
    )


def decision(visit: Visitor) -> Response:
    """What was decided, by whom, why, with what chance; and what can be done about it."""
    case = case_of(visit)
    require(visit, case, DECIDED)
    return _decision(visit, case)


def _decision(visit: Visit, case: Case) -> Response:
    made = case.decision
    support = ""
    if isinstance(made, Offered):
        support = visit.words.pick(visit.programme.support_kind(made.support).title)
    until = made.appeal_until if made is not None else ""
    return visit.page(
        "respondent/decision.html",
        programme=visit.programme,
        case=case,
        made=made,
        support=support,
        chance=_chance(visit, case),
        may_contest=bool(until)
        and case.appeal is None
        and visit.office.clock().date() <= date.fromisoformat(until),
        whole=opens_old(case),
        back=mine(visit),
        mine=mine(visit),
    )


def _chance(visit: Visit, case: Case) -> str:
    """The selection probability of a round in words; empty where there was none."""
    if case.decision is None or case.decision.probability is None:
        return ""
    return visit.words.percent(case.decision.probability)


def collecting(visit: Visitor) -> Response:
    """The collection code, where one was just made; else the button that makes one."""
    case = case_of(visit)
    require(visit, case, frozenset({"offer"}))
    shown = visit.begin().shown
    return visit.page(
        "respondent/collect.html",
        programme=visit.programme,
        support=_support(visit, case),
        code=shown.get("collect"),
        back=f"{mine(visit)}/decision",
        mine=mine(visit),
    )


def _support(visit: Visit, case: Case) -> str:
    made = case.decision
    return visit.words.pick(visit.programme.support_kind(made.support).title) if isinstance(made, Offered) else ""


def make_collecting(visit: Visitor, form: Form) -> Response:
    """Make a code; the one before opens nothing. The same form again shows the same code."""
    session = visit.begin()
    with session.alone:
        require(visit, case_of(visit), frozenset({"offer"}))
        token = form.once("collect")
        if token is None or session.shown.get("collect-form") != token:
            session.shown["collect"] = collection_code(visit.office, visit.person, visit.case_id).code
            session.shown["collect-form"] = token or ""
    return visit.go(f"{mine(visit)}/collect")


def onward(visit: Visitor) -> Response:
    """The page that comes next."""
    return visit.go(right_page(visit, case_of(visit)))


ROUTES = (
    ("GET", "/p/{programme}/my", hub),
    ("GET", "/p/{programme}/my/next", onward),
    ("GET", "/p/{programme}/my/result", result),
    ("GET", "/p/{programme}/my/why", why_page),
    ("GET", "/p/{programme}/my/decision", decision),
    ("GET", "/p/{programme}/my/collect", collecting),
    ("POST", "/p/{programme}/my/collect", make_collecting),
)
