"""From an invitation to a case. Until the last step nothing is stored: what was given lies in the session."""

from fastapi.responses import Response

from evenhand.errors import CaseError, CodeError, EvenhandError
from evenhand.service.check_invitation import check_invitation
from evenhand.service.take_part import take_part
from evenhand.web.forms import Form
from evenhand.web.respondent.start import takes_in
from evenhand.web.respondent.steps import base, field_error, mine, one_error
from evenhand.web.sessions import Session
from evenhand.web.visit import ElsewhereError, Visit, Visitor

Errors = list[tuple[str, str]] | None


def _step(visit: Visit, *needed: str) -> dict[str, str]:
    """What was given in the steps before; leads to the first one that is missing."""
    if visit.in_case:
        raise ElsewhereError(mine(visit))
    session = visit.begin()
    if session.draft.get("programme") != visit.name:
        session.draft = {"programme": visit.name}
    if not takes_in(visit):
        raise ElsewhereError(base(visit))
    for name, path in (("invitation", "code"), ("read", "about"), ("choices", "consent")):
        if name in needed and name not in session.draft:
            raise ElsewhereError(f"{base(visit)}/join/{path}")
    return session.draft


def code(visit: Visitor) -> Response:
    """Type the invitation code."""
    _step(visit)
    return _code(visit)


def check_code(visit: Visitor, form: Form) -> Response:
    """Look whether the code opens something; it is not used up yet."""
    draft = _step(visit)
    typed = form.text("code", 100)
    if not typed:
        return _code(visit, one_error(visit, "code", "code.empty"))
    try:
        draft["invitation"] = _checked(visit, typed)
    except (CodeError, CaseError) as error:
        return _code(visit, field_error(visit, error, "code"))
    return visit.go(f"{base(visit)}/join/about")


def _checked(visit: Visit, typed: str) -> str:
    """A typing mistake costs no try; a wrong code does."""
    from evenhand.casework.codes import read_code

    read_code("invitation", typed)
    taken = visit.try_code()
    found = check_invitation(visit.office, visit.programme.name, typed)
    visit.right_code(taken)
    return found


def _code(visit: Visit, errors: Errors = None) -> Response:
    return visit.page(
        "respondent/join_code.html",
        422 if errors else 200,
        programme=visit.programme,
        errors=errors,
        back=base(visit),
    )


def about(visit: Visitor) -> Response:
    """What this is, and what it is not."""
    _step(visit, "invitation")
    return visit.page("respondent/join_about.html", programme=visit.programme, back=f"{base(visit)}/join/code")


def was_read(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - it is a form without fields
    """Go on to consent."""
    _step(visit, "invitation")["read"] = "yes"
    return visit.go(f"{base(visit)}/join/consent")


def consent(visit: Visitor) -> Response:
    """The notice, and a choice for each purpose."""
    draft = _step(visit, "invitation", "read")
    return _consent(visit, chosen=draft.get("choices", "").split())


def choose(visit: Visitor, form: Form) -> Response:
    """Keep the choices."""
    draft = _step(visit, "invitation", "read")
    chosen: list[str] = [
        each.name for each in visit.programme.notice.purposes if form.ticked("purpose", each.name)
    ]
    missing = [each for each in visit.programme.notice.purposes if each.needed and each.name not in chosen]
    if missing:
        return _consent(visit, chosen=chosen, errors=one_error(visit, "purpose", "consent.needed"))
    draft["choices"], draft["language"] = " ".join(chosen), visit.language
    return visit.go(f"{base(visit)}/join/place")


def _consent(visit: Visit, *, chosen: list[str], errors: Errors = None) -> Response:
    return visit.page(
        "respondent/join_consent.html",
        422 if errors else 200,
        programme=visit.programme,
        chosen=chosen,
        errors=errors,
        back=f"{base(visit)}/join/about",
    )


def place(visit: Visitor) -> Response:
    """The district, from the public list; and the language of the questions."""
    _step(visit, "invitation", "read", "choices")
    return _place(visit)


def join(visit: Visitor, form: Form) -> Response:
    """Open the case: consent, district and codes in one change."""
    once = form.once("join")
    if _sent_before(visit, visit.renewed(), once):  # a click that came after the case was opened
        return visit.go(f"{mine(visit)}/code")
    session = visit.begin()
    with session.alone:  # the same form twice at once opens one case
        if _sent_before(visit, session, once):
            return visit.go(f"{mine(visit)}/code")
        draft = _step(visit, "invitation", "read", "choices")
        district = form.text("district", 100)
        if district not in visit.programme.district_keys():
            return _place(visit, one_error(visit, "district", "place.choose"))
        agreed = draft["choices"].split()
        try:
            joined = take_part(
                visit.office,
                visit.programme.name,
                invitation=draft["invitation"],
                choices={each.name: each.name in agreed for each in visit.programme.notice.purposes},
                language=draft["language"],
                district=district,
            )
        except EvenhandError as error:
            if error.code != "code.opens-nothing":
                raise
            draft.pop("invitation")
            return _code(visit, field_error(visit, error, "code"))
        session = visit.sign_in()
        session.programme, session.case_id, session.draft = visit.name, joined.actor.case, {}
        session.shown = {"access": joined.access_code, "phrase": joined.recovery_phrase}
        session.shown |= {"join": once or "", "token": visit.token or ""}  # until the codes are kept
    return visit.go(f"{mine(visit)}/code")


def _sent_before(visit: Visit, session: Session | None, once: str | None) -> bool:
    """Whether this very form opened the case of a session; then its cookie is handed out once more.

    A browser drops the answer to the first of two clicks, and with it the cookie of the sign-in. Only the browser
    that was shown the form knows its token, so an old cookie alone opens nothing.
    """
    if session is None or once is None:
        return False
    with session.alone:  # the first click may still be at it
        if session.programme != visit.name or session.shown.get("join") != once:
            return False
        visit.hand_out(session.shown["token"])
        return True


def _place(visit: Visit, errors: Errors = None) -> Response:
    return visit.page(
        "respondent/join_place.html",
        422 if errors else 200,
        programme=visit.programme,
        errors=errors,
        back=f"{base(visit)}/join/consent",
    )


def shown_code(visit: Visitor) -> Response:
    """The access code and the phrase, until the person says that they have them."""
    return _shown(visit, "respondent/code.html")


def sheet(visit: Visitor) -> Response:
    """The same to print."""
    return _shown(visit, "respondent/sheet.html", back=f"{mine(visit)}/code")


def kept_code(visit: Visitor, form: Form) -> Response:
    """The person has the code: it is shown no more."""
    session = visit.begin()
    if not form.ticked("kept", "yes"):
        return _shown(visit, "respondent/code.html", 422, errors=one_error(visit, "kept", "code.kept.tick"))
    for name in ("access", "phrase", "join", "token"):
        session.shown.pop(name, None)
    return visit.go(mine(visit))


def _shown(visit: Visit, template: str, status: int = 200, **context: object) -> Response:
    shown = visit.begin().shown
    if "access" not in shown:
        return visit.go(mine(visit))
    return visit.page(
        template,
        status,
        programme=visit.programme,
        access=shown["access"],
        phrase=shown.get("phrase"),
        address=f"{visit.request.url.netloc}{base(visit)}",
        **context,
    )


ROUTES = (
    ("GET", "/p/{programme}/join/code", code),
    ("POST", "/p/{programme}/join/code", check_code),
    ("GET", "/p/{programme}/join/about", about),
    ("POST", "/p/{programme}/join/about", was_read),
    ("GET", "/p/{programme}/join/consent", consent),
    ("POST", "/p/{programme}/join/consent", choose),
    ("GET", "/p/{programme}/join/place", place),
    ("POST", "/p/{programme}/join/place", join),
    ("GET", "/p/{programme}/my/code", shown_code),
    ("POST", "/p/{programme}/my/code", kept_code),
    ("GET", "/p/{programme}/my/code/sheet", sheet),
)
