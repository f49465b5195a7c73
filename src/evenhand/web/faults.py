"""What went wrong, as a page: what, why and the mend, in the visitor's language. Nothing sent is repeated."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse, Response

from evenhand.casework.explaintexts import Language, Words
from evenhand.errors import CaseError, CodeError, EvenhandError, InputError, StoreError, WebError
from evenhand.web.pages import render
from evenhand.web.texts import words as words_of

if TYPE_CHECKING:
    from evenhand.web.visit import Visit

WAIT = 30
"""Seconds that are told with 429 and 503."""

STATUS = {
    "case.not-allowed": 403,
    "web.not-yours": 403,
    "web.origin": 403,
    "programme.not-open": 404,
    "web.not-found": 404,
    "store.no-case": 410,
    "web.tries": 429,
    "web.form": 400,
    "web.logins": 429,
    "web.line-full": 429,
    "web.uploads-kept": 429,
    "web.upload-size": 413,
    "web.upload-broken": 400,
    "web.no-calibration": 404,
    "api.token": 401,
    "api.scope": 403,
    "api.media": 422,
    "api.body": 422,
    "api.district": 409,
    "api.closed": 409,
    "api.code": 404,
    "api.code-nothing": 404,
}
"""Statuses of errors that differ from those of their class."""


def status_of(error: EvenhandError) -> int:
    """The HTTP status of an error."""
    if error.code in STATUS:
        return STATUS[error.code]
    for kind, status in (
        (StoreError, 503),
        (CodeError, 422),
        (InputError, 422),
        (CaseError, 409),
        (WebError, 400),
    ):
        if isinstance(error, kind):
            return status
    return 500


def told(words: Words, error: EvenhandError) -> tuple[str, str, str]:
    """What, why and mend in the visitor's language.

    The catalogue has the errors that people meet. Another one is told in general in Russian, and as it is in
    English; faults of the store are always told in general.
    """
    key = f"fault.{error.code}"
    if f"{key}.what" in words.entries:
        why = words.say(f"{key}.why") if f"{key}.why" in words.entries else ""
        return words.say(f"{key}.what"), why, words.say(f"{key}.mend")
    if words.language == "en" and status_of(error) < 500:
        return error.what, error.why, error.mend
    return words.say("fault.other.what"), "", words.say("fault.other.mend")


def fault_page(visit: "Visit", error: EvenhandError) -> Response:
    """The page of an error; JSON for the API."""
    status = status_of(error)
    if error.code == "store.no-case":
        visit.sign_out()
    if visit.request.url.path.startswith("/api/"):
        hidden = status >= 500
        body = {"code": error.code, "what": "" if hidden else error.what, "mend": "" if hidden else error.mend}
        return _waiting(Response(json.dumps({"error": body}), status, media_type="application/json"), status)
    what, why, mend = told(visit.words, error)
    response = visit.page("fault.html", status, what=what, why=why, mend=mend)
    response.headers["x-evenhand-code"] = error.code
    return _waiting(response, status)


def plain_page(visit: "Visit", status: int) -> Response:
    """The page of a status without an error of ours."""
    if visit.request.url.path.startswith("/api/"):
        return _waiting(Response(fault_body(status), status, media_type="application/json"), status)
    return _waiting(HTMLResponse(bare_page(visit.words, status), status), status)


def fault_body(status: int) -> str:
    """The same for the API, as JSON."""
    return json.dumps({"error": {"code": f"web.{status}", "what": "", "mend": ""}})


def bare_page(words: Words, status: int) -> str:
    """The same without a visit: where the request was turned away before anybody looked who it is.

    It is made once: turning away has to cost little when there is much to turn away.
    """
    return _bare(words.language, status)


@lru_cache(maxsize=64)
def _bare(language: Language, status: int) -> str:
    words = words_of(language)
    kind = status if f"fault.{status}.what" in words.entries else 500
    what, mend = words.say(f"fault.{kind}.what"), words.say(f"fault.{kind}.mend")
    return render("fault.html", words, {"what": what, "why": "", "mend": mend, "other_languages": []})


def _waiting(response: Response, status: int) -> Response:
    if status in {429, 503}:
        response.headers["retry-after"] = str(WAIT)
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
