"""Signing in: a password, then a one-time code. Guessing is slowed; who owns the account is not locked out.

Guesses from browsers that nobody signed in with share a few tries for each account, and a few for each address.
A browser that its owner signed in with before has tries of its own: who guesses elsewhere uses none of them up.
"""

import hmac
import secrets
import time
from collections.abc import Callable

from fastapi.responses import Response

from evenhand.errors import WebError
from evenhand.service.sign_in import LONGEST, device_mark, knows_password, use_code
from evenhand.web.forms import Form
from evenhand.web.staff.who import page
from evenhand.web.visit import Visit, Visitor

PATH = "/staff/sign-in"
CODE = "/staff/code"
START = "/staff"

BETWEEN = 300.0
"""Seconds from the password to the code."""

A_YEAR = 31_536_000
NONCE_BYTES = 12


def show(visit: Visitor) -> Response:
    """The form for name and password."""
    return page(visit, "staff/sign-in.html")


def sent(visit: Visitor, form: Form) -> Response:
    """Check name and password."""
    name, password = form.text("name", 32).casefold(), form.text("password", LONGEST)
    if not name or not password:
        return _again(visit, "staff/sign-in.html", "name" if not name else "password", "staff.sign-in.empty")
    if not _tried(visit, name, lambda: knows_password(visit.office, name, password)):
        return _again(visit, "staff/sign-in.html", "name", "staff.sign-in.wrong")
    visit.sign_out()
    session = visit.sign_in()
    session.draft |= {"passed": name, "at": str(time.monotonic())}
    return visit.go(CODE)


def show_code(visit: Visitor) -> Response:
    """The form for the code."""
    return page(visit, "staff/code.html") if _passed(visit) else visit.go(PATH)


def code_sent(visit: Visitor, form: Form) -> Response:
    """Check the code, and sign in under a new session."""
    name = _passed(visit)
    if not name:
        return visit.go(PATH)
    key = f"code:{name}"
    taken = _take(visit, key)
    if not use_code(visit.office, name, form.text("code", 20)):
        return _again(visit, "staff/code.html", "code", "staff.code.wrong")
    visit.request.app.state.logins.give_back(key, taken)
    visit.sign_out()
    session = visit.sign_in()
    session.staff, session.strong = name, True
    response = visit.go(START)
    _remember(visit, response, name)
    return response


def sign_out(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - a form, so that no link signs out
    """Sign out."""
    visit.sign_out()
    return visit.go(PATH)


def _passed(visit: Visit) -> str:
    """Whose password was right a moment ago, or empty."""
    draft = visit.session.draft if visit.session is not None else {}
    recent = time.monotonic() - float(draft.get("at", "-inf")) < BETWEEN
    return draft.get("passed", "") if recent else ""


def _tried(visit: Visit, name: str, check: Callable[[], bool]) -> bool:
    """Check a password, if there are tries left; a right one is no try."""
    nonce = _device(visit, name)
    address = visit.try_code() if nonce is None else None
    key = f"name:{name}" if nonce is None else f"device:{nonce}"
    taken = _take(visit, key)
    right = check()
    if right:
        visit.request.app.state.logins.give_back(key, taken)
        if address is not None:
            visit.right_code(address)
    return right


def _take(visit: Visit, key: str) -> float:
    taken = visit.request.app.state.logins.take(key)
    if taken is None:
        raise WebError(
            "web.logins",
            "Too many wrong passwords or codes.",
            why="Only a few are checked in five minutes.",
            mend="Wait five minutes, then try again.",
        )
    return float(taken)


def _device(visit: Visit, name: str) -> str | None:
    """The mark of a browser that this member of staff signed in with before, or None."""
    nonce, _, mark = visit.request.cookies.get(visit.web.cookie("device"), "").partition(".")
    if len(nonce) != 2 * NONCE_BYTES or len(name) > 32:
        return None
    own = device_mark(visit.office, name, nonce)
    return nonce if hmac.compare_digest(own.encode(), mark.encode("utf-8", "replace")) else None


def _remember(visit: Visit, response: Response, name: str) -> None:
    nonce = secrets.token_hex(NONCE_BYTES)
    response.set_cookie(
        visit.web.cookie("device"), f"{nonce}.{device_mark(visit.office, name, nonce)}", max_age=A_YEAR, path="/",
        secure=visit.web.settings.secure, httponly=True, samesite="strict",
    )  # fmt: skip


def _again(visit: Visit, template: str, field: str, key: str) -> Response:
    return page(visit, template, 422, errors=[(field, visit.words.say(key))])


ROUTES = (
    ("GET", PATH, show),
    ("POST", PATH, sent),
    ("GET", CODE, show_code),
    ("POST", CODE, code_sent),
    ("POST", "/staff/sign-out", sign_out),
)
