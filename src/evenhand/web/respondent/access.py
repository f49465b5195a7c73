"""Coming back: signing in by access code, and the ways when it is lost. Every wrong code has the same answer."""

from collections.abc import Callable

from fastapi.responses import Response

from evenhand.casework.codes import read_code, read_phrase
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError, CodeError
from evenhand.service.access import NewCode, ask_again, collect_again, recover, sign_in, stop_reissue
from evenhand.web.forms import Form
from evenhand.web.respondent.steps import base, case_of, field_error, mine, one_error, right_page
from evenhand.web.visit import Visit, Visitor

Errors = list[tuple[str, str]] | None


def sign_in_page(visit: Visitor) -> Response:
    """Type the access code."""
    if visit.in_case:
        return visit.go(mine(visit))
    return _page(visit, "sign_in")


def sign_in_sent(visit: Visitor, form: Form) -> Response:
    """Open the case of the code."""
    typed = form.text("code", 100)
    if not typed:
        return _page(visit, "sign_in", one_error(visit, "code", "code.empty"))
    try:
        read_code("access", typed)
        taken = visit.try_code()
        person = sign_in(visit.office, visit.programme.name, typed)
    except (CodeError, CaseError) as error:
        return _page(visit, "sign_in", field_error(visit, error, "code"))
    visit.right_code(taken)
    _open(visit, person)
    return visit.go(right_page(visit, case_of(visit)))


def _open(visit: Visit, person: Actor) -> None:
    session = visit.sign_in()
    session.programme, session.case_id, session.draft, session.shown = visit.name, person.case, {}, {}
    session.staff, session.roles, session.strong = None, frozenset(), False


def sign_out(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - it is a form without fields
    """Leave; answers stay where they are."""
    visit.sign_out()
    return visit.go(f"/p/{visit.programme.name}")


def lost(visit: Visitor) -> Response:
    """The ways when the code is lost."""
    return _page(visit, "lost", back=f"{base(visit)}/sign-in")


def phrase_page(visit: Visitor) -> Response:
    """With the recovery phrase."""
    return _page(visit, "lost_phrase")


def phrase_sent(visit: Visitor, form: Form) -> Response:
    """A new code at once."""
    return _new_code(visit, form.text("phrase", 500), "lost_phrase", "phrase", read_phrase, recover)


def slip_page(visit: Visitor) -> Response:
    """With a slip from a partner and the first invitation code."""
    return _page(visit, "lost_slip")


def slip_sent(visit: Visitor, form: Form) -> Response:
    """Ask; the answer is the same whether there is a case or not."""
    slip, first = form.text("slip", 100), form.text("first", 100)
    errors: list[tuple[str, str]] = []
    for field, typed in (("slip", slip), ("first", first)):
        try:
            if not typed:
                errors += one_error(visit, field, "code.empty")
            else:
                read_code("invitation", typed)
        except CodeError as error:
            errors += field_error(visit, error, field)
    if errors:
        return _page(visit, "lost_slip", errors)
    taken = visit.try_code()
    try:
        day = ask_again(visit.office, visit.programme.name, slip=slip, invitation=first)
    except CaseError as error:
        return _page(visit, "lost_slip", field_error(visit, error, "slip"))
    visit.right_code(taken)
    visit.begin().draft = {"programme": visit.name, "slip_day": day.isoformat()}
    return visit.go(f"{base(visit)}/lost/asked")


def slip_asked(visit: Visitor) -> Response:
    """From which day the new code can be had."""
    day = visit.begin().draft.get("slip_day")
    if day is None:
        return visit.go(f"{base(visit)}/lost")
    return visit.page("respondent/lost_asked.html", programme=visit.programme, on=day)


def collect_page(visit: Visitor) -> Response:
    """After the waiting time: the slip gives the new code."""
    return _page(visit, "lost_collect")


def collect_sent(visit: Visitor, form: Form) -> Response:
    """The new code, or the answer that is always the same."""

    def read(typed: str) -> str:
        return read_code("invitation", typed)

    return _new_code(visit, form.text("slip", 100), "lost_collect", "slip", read, collect_again)


def stop(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - it is a form without fields
    """Whoever has the code stops a new one that somebody asked for."""
    stop_reissue(visit.office, visit.person, visit.case_id)
    visit.begin().shown["notice"] = "notice.stopped"
    return visit.go(mine(visit))


def _new_code(
    visit: Visit,
    typed: str,
    template: str,
    field: str,
    read: Callable[[str], str],
    issue: Callable[..., NewCode],
) -> Response:
    """A new access code for what was typed; every other session of the case ends."""
    if not typed:
        return _page(visit, template, one_error(visit, field, "code.empty"))
    try:
        read(typed)
        taken = visit.try_code()
        found = issue(visit.office, visit.programme.name, typed)
    except (CodeError, CaseError) as error:
        return _page(visit, template, field_error(visit, error, field))
    visit.right_code(taken)
    _open(visit, found.actor)
    visit.web.sessions.end_case(visit.case_id, but=visit.session)
    visit.begin().shown = {"access": found.access_code}
    return visit.go(f"{mine(visit)}/code")


def _page(visit: Visit, name: str, errors: Errors = None, **context: object) -> Response:
    back = f"{base(visit)}/lost" if name.startswith("lost_") else base(visit)
    context = {"programme": visit.programme, "errors": errors, "back": back, **context}
    return visit.page(f"respondent/{name}.html", 422 if errors else 200, **context)


ROUTES = (
    ("GET", "/p/{programme}/sign-in", sign_in_page),
    ("POST", "/p/{programme}/sign-in", sign_in_sent),
    ("POST", "/p/{programme}/my/sign-out", sign_out),
    ("GET", "/p/{programme}/lost", lost),
    ("GET", "/p/{programme}/lost/phrase", phrase_page),
    ("POST", "/p/{programme}/lost/phrase", phrase_sent),
    ("GET", "/p/{programme}/lost/slip", slip_page),
    ("POST", "/p/{programme}/lost/slip", slip_sent),
    ("GET", "/p/{programme}/lost/asked", slip_asked),
    ("GET", "/p/{programme}/lost/collect", collect_page),
    ("POST", "/p/{programme}/lost/collect", collect_sent),
    ("POST", "/p/{programme}/my/stop-new-code", stop),
)
