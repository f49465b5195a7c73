"""A visit: one request by somebody, with their session, language and roles; and the guard before every handler."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.convertors import IntegerConvertor
from starlette.types import Receive, Scope, Send

from evenhand.casework.explaintexts import LANGUAGES, Language, Words
from evenhand.casework.roles import Actor, respondent
from evenhand.errors import EvenhandError, WebError
from evenhand.programme.definition import Programme
from evenhand.service.office import Office
from evenhand.web import faults
from evenhand.web.forms import Form, new_token, read_form
from evenhand.web.limits import Counter, Tries, address_key
from evenhand.web.pages import render
from evenhand.web.routes import Table
from evenhand.web.sessions import Session, Sessions
from evenhand.web.settings import WebSettings
from evenhand.web.straight import Handle, straight
from evenhand.web.texts import NAMES, chosen_language, words

SEE_OTHER = 303
A_YEAR = 31_536_000

Identify = Callable[["Visit"], frozenset[str]]
"""Tells further roles of a visit, as from a bearer token. Pages of staff and the API add theirs to `Web`."""


@dataclass(slots=True)
class Web:
    """What every visit works with; it lies at `app.state.web`.

    Attributes:
        office: the store and the verbs' clock.
        settings: see `WebSettings`.
        sessions: see `Sessions`.
        table: who may use which route.
        tries: checked codes, see `Tries`.
        by_session: requests of a session.
        identify: further ways to know who asks.
        sign_in_paths: where somebody without a role that a route needs is sent, by role.
    """

    office: Office
    settings: WebSettings
    sessions: Sessions
    table: Table
    tries: Tries
    by_session: Counter
    identify: list[Identify] = field(default_factory=list)
    sign_in_paths: dict[str, str] = field(default_factory=dict)

    def cookie(self, name: str) -> str:
        """The name of a cookie: `__Host-` binds it to this host and to HTTPS."""
        return f"__Host-{name}" if self.settings.secure else name


class Visit:
    """One request. Handlers take it as `visit: Visitor`.

    Attributes:
        request: the request.
        web: see `Web`.
        session: the session, or None where the browser has none yet.
    """

    def __init__(self, request: Request, web: Web) -> None:
        self.request, self.web = request, web
        token = request.cookies.get(web.cookie("session"), "")
        self.session: Session | None = web.sessions.find(token) if token else None
        self._token: str | None = None
        self._ended = False
        self._programme: Programme | None = None
        self._language: Language | None = None

    @property
    def office(self) -> Office:
        """The office."""
        return self.web.office

    @property
    def name(self) -> str:
        """The programme's name in the path, or empty."""
        return str(self.request.path_params.get("programme", ""))

    @property
    def programme(self) -> Programme:
        """The programme in the path: as the case was opened under, else as it is in force.

        Raises:
            CaseError: none of that name is open here.
        """
        if self._programme is None:
            with self.office.store.reading() as reading:
                if self.in_case and self.session and self.session.case_id:
                    self._programme = self.office.of_case(reading, self.session.case_id)
                else:
                    self._programme = self.office.programme(reading, self.name)
        return self._programme

    def opened_under(self, programme: Programme) -> None:
        """Take the programme of the case in the path, where somebody read it anyway."""
        if self._programme is None and programme.name == self.name:
            self._programme = programme

    @property
    def in_case(self) -> bool:
        """Whether the session has a case of the programme in the path."""
        found = self.session
        return found is not None and found.case_id is not None and found.programme == self.name

    @property
    def case_id(self) -> str:
        """The case of the session."""
        assert self.session is not None and self.session.case_id is not None  # noqa: S101, PT018 - the guard saw to it
        return self.session.case_id

    @property
    def person(self) -> Actor:
        """The person whose case it is."""
        return respondent(self.case_id)

    @property
    def roles(self) -> frozenset[str]:
        """Every role that the visitor has here."""
        return self._own_roles().union(*(identify(self) for identify in self.web.identify))

    def _own_roles(self) -> frozenset[str]:
        """Those that the session tells by itself."""
        found = {"public"}
        if self.in_case:
            found.add("respondent")
        if self.session is not None and self.session.staff is not None and self.session.strong:
            found |= self.session.roles
        return frozenset(found)

    @property
    def offered(self) -> tuple[str, ...]:
        """Languages of this page: the programme's, among those that there are catalogues of."""
        if not self.name:
            return LANGUAGES
        try:
            return tuple(each for each in LANGUAGES if each in self.programme.languages) or LANGUAGES
        except EvenhandError:
            return LANGUAGES

    @property
    def language(self) -> Language:
        """The language of the page."""
        if self._language is None:
            cookie = self.request.cookies.get(self.web.cookie("language"), "")
            accepted = self.request.headers.get("accept-language", "")
            self._language = chosen_language(cookie, accepted, self.offered)
        return self._language

    @property
    def words(self) -> Words:
        """The catalogue of that language."""
        return words(self.language)

    @property
    def address(self) -> str:
        """A name for the visitor's address, of this process only."""
        return address_key(self.request.client.host if self.request.client else None)

    def begin(self) -> Session:
        """The session; a new one where there is none."""
        if self.session is None:
            self._token, self.session = self.web.sessions.start()
        return self.session

    def sign_in(self) -> Session:
        """A session with a new token, to put who it is into. The old token opens nothing."""
        session = self.begin()
        self._token = self.web.sessions.renew(session)
        return session

    @property
    def token(self) -> str | None:
        """The token that the response hands out, if it does."""
        return self._token

    def hand_out(self, token: str) -> None:
        """Set the cookie to a token of this session once more."""
        self._token = token

    def renewed(self) -> Session | None:
        """Where the cookie is a token from before a sign-in: the session of that sign-in. It proves nothing."""
        token = self.request.cookies.get(self.web.cookie("session"), "")
        return self.web.sessions.renewed(token) if token and self.session is None else None

    def sign_out(self) -> None:
        """End the session."""
        if self.session is not None:
            self.web.sessions.end(self.session)
        self.session, self._token, self._ended = None, None, True

    def try_code(self) -> float:
        """Take a try before a code is checked; give it back with `right_code`.

        Raises:
            WebError: too many wrong codes in the last minutes.
        """
        taken = self.web.tries.take(self.address)
        if taken is None:
            raise WebError(
                "web.tries",
                "Too many codes that open nothing were typed.",
                why="Only a few are checked in five minutes.",
                mend="Wait five minutes, then type the code again.",
            )
        return taken

    def right_code(self, taken: float) -> None:
        """The code was right."""
        self.web.tries.give_back(self.address, taken)

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page: `visit.page("respondent/start.html", …)`; every value is escaped."""
        context = {"visit": self, "form_token": self.form_token, "other_languages": self._others(), **context}
        context |= {"settings": self.web.settings, "shown_programme": context.get("programme")}
        return HTMLResponse(render(template, self.words, context), status)

    def form_token(self) -> str:
        """A token for the form on the page; begins a session where there is none."""
        return new_token(self.begin().hashed)

    def go(self, path: str) -> RedirectResponse:
        """Redirect after a form; the path is ours, never from the request."""
        return RedirectResponse(path, SEE_OTHER)

    def seal(self, response: Response) -> Response:
        """Set the cookies that follow from the visit."""
        secure = self.web.settings.secure
        if self._token is not None:
            response.set_cookie(
                self.web.cookie("session"), self._token, path="/", secure=secure, httponly=True, samesite="strict"
            )
        elif self._ended:
            response.delete_cookie(
                self.web.cookie("session"), path="/", secure=secure, httponly=True, samesite="strict"
            )
        return response

    def refused(self, allowed: frozenset[str]) -> Response | None:
        """What is answered where the visitor has none of the roles that a route needs; None where they may."""
        if allowed & self._own_roles() or allowed & self.roles:
            return None
        if "respondent" in allowed and self.name:
            return self.go(f"/p/{self.programme.name}/sign-in")
        signed_in = self.session is not None and self.session.staff is not None
        ways = [path for role, path in self.web.sign_in_paths.items() if role in allowed]
        if ways and not signed_in:
            return self.go(ways[0])
        raise WebError(
            "web.not-yours", "This page is not yours to open.", mend="Go back, or sign in as who may open it."
        )

    def _others(self) -> list[tuple[str, str]]:
        return [(each, NAMES[each]) for each in LANGUAGES if each in self.offered and each != self.language]

    def switch(self) -> Response | None:
        """Where `?lang=` asks for a language: keep it in a cookie, and go to the page itself."""
        wanted = self.request.query_params.get("lang")
        if self.request.method != "GET" or wanted not in LANGUAGES:
            return None
        response = RedirectResponse(self.request.url.path, SEE_OTHER)
        response.set_cookie(
            self.web.cookie("language"), wanted, max_age=A_YEAR, path="/",
            secure=self.web.settings.secure, httponly=True, samesite="strict",
        )  # fmt: skip
        return response


async def _visitor(request: Request) -> Visit:  # async, so that no thread is taken for it
    found = request.state.visit
    assert isinstance(found, Visit)  # noqa: S101 - the guard put it there
    return found


Visitor = Annotated[Visit, Depends(_visitor)]
"""Write `visit: Visitor` in a handler."""


class ElsewhereError(Exception):
    """The step is not this one: go to that page.

    Args:
        path: ours, never from the request.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class GuardedRoute(APIRoute):
    """A route that serves only whom the committed list names, and turns errors into pages."""

    _short: Handle | None = None

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what takes the short way needs nothing that FastAPI holds ready around a handler."""
        if self._short is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        response = await self._short(Request(scope, receive, send))
        await response(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the guard."""
        short = way_to(self)
        inner = short or super().get_route_handler()
        path = self.path

        async def guarded(request: Request) -> Response:
            web: Web = request.app.state.web
            request.scope["evenhand.route"] = path
            visit = request.state.visit = Visit(request, web)
            try:
                response = visit.switch() or _over_limit(visit)
                response = response or visit.refused(web.table.roles(request.method, path))
                response = response or await inner(request)
            except EvenhandError as error:
                response = faults.fault_page(visit, error)
            except ElsewhereError as elsewhere:
                response = visit.go(elsewhere.path)
            except RequestValidationError:
                response = faults.plain_page(visit, 404)
            return visit.seal(response)

        self._short = guarded if short else None
        return guarded


def way_to(route: APIRoute) -> Handle | None:
    """The short way to a route's handler; None where it asks for more than visit, form and path."""
    whole = {name for name, each in route.param_convertors.items() if isinstance(each, IntegerConvertor)}
    path = {name: int if name in whole else str for name in route.param_convertors}
    return straight(route.endpoint, path, {Visitor: _visitor, Form: read_form})


def _over_limit(visit: Visit) -> Response | None:
    limit = visit.web.settings.limits.session_per_minute
    if visit.session is None or visit.web.by_session.take(visit.session.hashed, limit):
        return None
    return faults.plain_page(visit, 429)
